// Package stage runs the real demo as a process of its own, for programs that walk through it: it builds the binary,
// starts it on a free port with a fresh folder, fills its shelves, knows its certificates, and reads the mails in its
// outbox.
package stage

import (
	"bufio"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// Demo is a running demo.
type Demo struct {
	Shop    string `json:"shop"` // origins
	Admin   string `json:"admin"`
	Sandbox string `json:"sandbox"`
	Outbox  string `json:"outbox"`
	CA      string `json:"ca"`
	Data    string `json:"data"`
	SetUp   string `json:"set_up"` // the link of the first owner, while there is none

	Client *http.Client // trusts the demo's authority
	bin    string
	cmd    *exec.Cmd
	end    chan error
	log    *tail
	dsn    string // of the data; empty for SQLite in the folder
	close  func() // ends a cluster
}

// Build makes the program in a folder and returns its path.
func Build(ctx context.Context, folder string) (string, error) {
	return build(ctx, folder, "strongroom/cmd/strongroom")
}

// BuildNode makes the program of a cluster's processes.
func BuildNode(ctx context.Context, folder string) (string, error) {
	return build(ctx, folder, "strongroom/tools/journey/node")
}

func build(ctx context.Context, folder, what string) (string, error) {
	bin := filepath.Join(folder, "strongroom")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", bin, what)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return bin, nil
}

// Start runs the demo in a folder until Stop, with more goods on its shelves than walks can buy. More are further flags.
func Start(bin, folder string, more ...string) (*Demo, error) {
	d := &Demo{bin: bin, log: &tail{}, end: make(chan error, 1)}
	d.cmd = exec.Command(bin, append([]string{"demo", "--listen", "127.0.0.1:0", "--data", folder, "--json", "--log", "text"}, more...)...)
	out, err := d.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	d.cmd.Stderr = d.log
	if err := d.cmd.Start(); err != nil {
		return nil, err
	}
	r := bufio.NewReader(out)
	timer := time.AfterFunc(2*time.Minute, func() { _ = d.cmd.Process.Kill() })
	line, err := r.ReadBytes('\n')
	timer.Stop()
	go func() { _, _ = io.Copy(io.Discard, r); d.end <- d.cmd.Wait() }()
	if err == nil {
		err = json.Unmarshal(line, d)
	}
	if err == nil {
		err = d.trust()
	}
	if err == nil {
		err = d.Restock(context.Background())
	}
	if err != nil {
		d.Stop()
		return nil, fmt.Errorf("the demo does not start: %w\n%s", err, d.log)
	}
	return d, nil
}

// Attach uses a demo that runs already: line is what its --json printed. Stop leaves it running.
func Attach(line []byte) (*Demo, error) {
	d := &Demo{log: &tail{}}
	if err := json.Unmarshal(line, d); err != nil {
		return nil, err
	}
	return d, d.trust()
}

// Log is the last part of what the demo logged.
func (d *Demo) Log() string { return d.log.String() }

// Stop ends the demo as Ctrl-C does, and waits.
func (d *Demo) Stop() {
	if d.close != nil {
		d.close()
	}
	if d.cmd == nil {
		return
	}
	_ = d.cmd.Process.Signal(syscall.SIGINT)
	timer := time.AfterFunc(20*time.Second, func() { _ = d.cmd.Process.Kill() })
	<-d.end
	timer.Stop()
}

func (d *Demo) trust() error {
	pem, err := os.ReadFile(d.CA)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return errors.New("the demo's authority is no certificate")
	}
	d.Client = &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{ForceAttemptHTTP2: true, DialContext: here,
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return nil
}

// here reaches names below localhost on this machine, whatever its resolver knows.
func here(ctx context.Context, network, addr string) (net.Conn, error) {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	return (&net.Dialer{}).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
}

// Keys are the hashes of the keys of the demo's hosts, once each certificate has been verified against the demo's
// authority: what the browser is told to trust.
func (d *Demo) Keys() ([]string, error) {
	var out []string
	for _, origin := range []string{d.Shop, d.Admin, d.Sandbox, d.Outbox} {
		if origin == "" {
			continue
		}
		u, err := url.Parse(origin)
		if err != nil {
			return nil, err
		}
		conn, err := tls.Dial("tcp", "127.0.0.1:"+u.Port(), &tls.Config{MinVersion: tls.VersionTLS12, ServerName: u.Hostname(),
			RootCAs: d.Client.Transport.(*http.Transport).TLSClientConfig.RootCAs})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", origin, err)
		}
		sum := sha256.Sum256(conn.ConnectionState().PeerCertificates[0].RawSubjectPublicKeyInfo)
		out = append(out, base64.StdEncoding.EncodeToString(sum[:]))
		_ = conn.Close()
	}
	return out, nil
}

// tail keeps the end of a log.
type tail struct {
	mu sync.Mutex
	b  []byte
}

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p...)
	if len(t.b) > 1<<20 {
		t.b = append([]byte(nil), t.b[1<<19:]...)
	}
	return len(p), nil
}

// String is what is kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.b)
}
