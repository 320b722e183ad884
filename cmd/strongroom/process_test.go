package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// asProgram, when set, makes the test binary behave as the program itself: the tests run it as a process of its own.
const asProgram = "STRONGROOM_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// command prepares a run of the program.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = []string{asProgram + "=1", "HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH"), "TZ=UTC"}
	return cmd
}

// result is how a run ended.
type result struct {
	code     int
	out, err string
}

// output runs the program to its end.
func output(t *testing.T, env []string, args ...string) result {
	t.Helper()
	cmd := command(t, args...)
	cmd.Env = append(cmd.Env, env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// expect fails unless a run ended with the code and said all the words.
func (r result) expect(t *testing.T, code int, words ...string) {
	t.Helper()
	if r.code != code {
		t.Errorf("exit code %d, want %d\n%s%s", r.code, code, r.out, r.err)
	}
	for _, w := range words {
		if !strings.Contains(r.out+r.err, w) {
			t.Errorf("%q is not in:\n%s%s", w, r.out, r.err)
		}
	}
	if found := internals.FindString(r.out + r.err); found != "" {
		t.Errorf("shows the inside (%q):\n%s%s", found, r.out, r.err)
	}
}

// internals is what only programmers understand. An address in memory is one by its length: a key in base64 may hold "0x".
var internals = regexp.MustCompile(`goroutine |panic:|SQLITE_|\b0x[0-9a-f]{8,16}\b`)

// demo is a demo that runs.
type demo struct {
	demoReport
	cmd   *exec.Cmd
	log   *lines
	took  time.Duration // from the start of the process to its first word
	ended chan error
	http  *http.Client
}

// startDemo starts a demo on a free port and waits until it says its addresses.
func startDemo(t *testing.T, folder string, args ...string) *demo {
	t.Helper()
	d, err := tryDemo(t, command(t, append([]string{"demo", "--listen", "127.0.0.1:0", "--data", folder, "--json", "--log", "json"}, args...)...))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func tryDemo(t *testing.T, cmd *exec.Cmd) (*demo, error) {
	t.Helper()
	d := &demo{cmd: cmd, log: &lines{}, ended: make(chan error, 1)}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = d.log
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	d.took = time.Since(begin)
	go func() { d.ended <- cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	if err != nil {
		return nil, fmt.Errorf("the demo ended: %w\n%s", <-d.ended, d.log)
	}
	if err := json.Unmarshal(line, &d.demoReport); err != nil {
		return nil, err
	}
	d.http = clientFor(t, d.CA)
	return d, nil
}

// clientFor believes one authority and finds names below localhost on loopback.
func clientFor(t *testing.T, ca string) *http.Client {
	t.Helper()
	pem, err := os.ReadFile(ca)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			_, port, err := net.SplitHostPort(addr)
			if err != nil {
				return nil, err
			}
			return (&net.Dialer{}).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
		}}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: 20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (d *demo) get(t *testing.T, url string) (int, http.Header, string) {
	t.Helper()
	resp, err := d.http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(b)
}

// stop ends the demo as Ctrl-C does.
func (d *demo) stop(t *testing.T) {
	t.Helper()
	if err := d.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-d.ended:
		if err != nil {
			t.Errorf("the demo did not end cleanly: %v\n%s", err, d.log)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the demo does not end")
	}
}

// initStore makes a store with "init" and returns its configuration. Its certificate is a demo's.
func initStore(t *testing.T, env ...string) string {
	t.Helper()
	return initStoreIn(t, filepath.Join(t.TempDir(), "shop"), env...)
}

func initStoreIn(t *testing.T, dir string, env ...string) string {
	t.Helper()
	config := filepath.Join(dir, "strongroom.toml")
	r := output(t, env, "init", "--dir", dir, "--name", "Test Shop", "--legal-name", "Test GmbH", "--address", "Weg 1",
		"--address", "10115 Berlin", "--country", "DE", "--email", "shop@example.org", "--url", "https://shop.localhost:1",
		"--listen", "127.0.0.1:0", "--trusted-proxy", "127.0.0.1", "--kit", kitOf(config))
	r.expect(t, exitDone, "strongroom serve --config")
	return config
}

// kitOf is where initStore writes the recovery kit of a store.
func kitOf(config string) string { return filepath.Dir(config) + ".kit.txt" }

// lines is what a process says, readable while it speaks.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write appends.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String is everything so far.
func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
