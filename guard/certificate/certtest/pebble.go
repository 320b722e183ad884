package certtest

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/base/localca"
)

// Pebble is a running test authority on loopback.
type Pebble struct {
	Directory string         // of its ACME service
	CAFile    string         // whose HTTPS it speaks with
	Roots     *x509.CertPool // the same
	TLSPort   int            // where it knocks
	HTTPPort  int

	manage string
	mu     sync.Mutex
	said   strings.Builder
}

// ProgramPath is where tools/ci/deps.sh puts the program, from the root of the tree.
const ProgramPath = "tools/bin/pebble"

// StartPebble runs an authority that asks the name server at dns and knocks at the ports. Variables are Pebble's own:
// "PEBBLE_WFE_NONCEREJECT=50".
func StartPebble(t testing.TB, dns string, tlsPort, httpPort int, variables ...string) *Pebble {
	t.Helper()
	dir := t.TempDir()
	if _, err := localca.Open(dir, []string{"localhost"}, time.Now()); err != nil {
		t.Fatal(err)
	}
	p := &Pebble{CAFile: filepath.Join(dir, "authority.pem"), Roots: x509.NewCertPool(), TLSPort: tlsPort, HTTPPort: httpPort}
	pem, err := os.ReadFile(p.CAFile)
	if err != nil || !p.Roots.AppendCertsFromPEM(pem) {
		t.Fatal("no authority for Pebble's own certificate", err)
	}
	listen, manage := FreePort(t), FreePort(t)
	p.Directory, p.manage = fmt.Sprintf("https://localhost:%d/dir", listen), fmt.Sprintf("https://localhost:%d", manage)
	config := map[string]any{"pebble": map[string]any{
		"listenAddress": fmt.Sprintf("127.0.0.1:%d", listen), "managementListenAddress": fmt.Sprintf("127.0.0.1:%d", manage),
		"certificate": filepath.Join(dir, "localhost.pem"), "privateKey": filepath.Join(dir, "localhost-key.pem"),
		"httpPort": httpPort, "tlsPort": tlsPort, "domainBlocklist": []string{"blocked.example"}, "keyAlgorithm": "ecdsa",
		"retryAfter": map[string]int{"authz": 1, "order": 1},
		"profiles": map[string]any{"default": map[string]any{"description": "usual", "validityPeriod": 90 * 24 * 3600},
			"shortlived": map[string]any{"description": "six days", "validityPeriod": 6 * 24 * 3600}}}}
	raw, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "pebble.json")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	p.run(t, file, dns, variables)
	return p
}

// FreePort is a port that nobody has; Pebble takes it right after.
func FreePort(t testing.TB) int {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	return ln.Addr().(*net.TCPAddr).Port
}

func (p *Pebble) run(t testing.TB, config, dns string, variables []string) {
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, program(t), "-config", config, "-dnsserver", dns, "-strict")
	cmd.Env = append([]string{"PEBBLE_VA_NOSLEEP=1", "PEBBLE_AUTHZREUSE=0"}, variables...)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	ready := make(chan struct{})
	go p.listen(out, ready, ended)
	t.Cleanup(func() { cancel(); <-ended; _ = cmd.Wait() })
	select {
	case <-ready:
	case <-ended:
		t.Fatalf("Pebble ended:\n%s", p.Said())
	}
	p.wait(t)
}

// listen keeps what Pebble says, which also keeps it from waiting.
func (p *Pebble) listen(out io.Reader, ready, ended chan struct{}) {
	defer close(ended)
	once := sync.OnceFunc(func() { close(ready) })
	for s := bufio.NewScanner(out); s.Scan(); {
		p.mu.Lock()
		p.said.WriteString(s.Text() + "\n")
		p.mu.Unlock()
		if strings.Contains(s.Text(), "ACME directory available") {
			once()
		}
	}
}

// Said is Pebble's log.
func (p *Pebble) Said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.String()
}

// Client speaks HTTPS with Pebble.
func (p *Pebble) Client() *http.Client {
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: p.Roots, MinVersion: tls.VersionTLS12}}}
}

// wait asks until Pebble answers: it says that it listens before it does.
func (p *Pebble) wait(t testing.TB) {
	t.Helper()
	for range 200 {
		resp, err := p.Client().Get(p.Directory)
		if err == nil {
			_ = resp.Body.Close()
			return
		}
		<-time.After(20 * time.Millisecond)
	}
	t.Fatalf("Pebble does not answer:\n%s", p.Said())
}

// Root is the authority that signs what Pebble issues.
func (p *Pebble) Root(t testing.TB) *x509.CertPool {
	t.Helper()
	resp, err := p.Client().Get(p.manage + "/roots/0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	pool := x509.NewCertPool()
	if err != nil || !pool.AppendCertsFromPEM(b) {
		t.Fatalf("no root: %v", err)
	}
	return pool
}

func program(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	for err == nil {
		path := filepath.Join(dir, ProgramPath)
		if _, serr := os.Stat(path); serr == nil {
			return path
		}
		if filepath.Dir(dir) == dir {
			break
		}
		dir = filepath.Dir(dir)
	}
	t.Fatalf("%s is missing: run tools/ci/deps.sh", ProgramPath)
	return ""
}
