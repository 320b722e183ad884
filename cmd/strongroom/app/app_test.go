package app

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"strongroom/base/clock"
	"strongroom/base/localca"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// Certificates are read again when the files change, and a renewal that is half way leaves the old one in use.
func TestCertificatesAreReadAgain(t *testing.T) {
	dir, c := t.TempDir(), clock.NewManual(noon)
	renew := func() { // a fresh pair under the same names
		t.Helper()
		other := t.TempDir()
		if _, err := localca.Open(other, []string{"shop.localhost"}, noon); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"shop.localhost.pem", "shop.localhost-key.pem"} {
			b, err := os.ReadFile(filepath.Join(other, name))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
			c.Advance(time.Minute)
			if err := os.Chtimes(filepath.Join(dir, name), c.Now(), c.Now()); err != nil {
				t.Fatal(err)
			}
		}
	}
	renew()
	f, err := OpenCertificates(filepath.Join(dir, "shop.localhost.pem"), filepath.Join(dir, "shop.localhost-key.pem"), c, discard())
	if err != nil {
		t.Fatal(err)
	}
	serial := func() string {
		t.Helper()
		got, err := f.Certificate(&tls.ClientHelloInfo{})
		if err != nil {
			t.Fatal(err)
		}
		return got.Leaf.SerialNumber.String()
	}
	first := serial()
	renew()
	c.Advance(time.Minute)
	second := serial()
	if second == first {
		t.Error("a renewed certificate is not used")
	}
	key := filepath.Join(dir, "shop.localhost-key.pem")
	if err := os.WriteFile(key, []byte("half a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(key, noon.Add(time.Hour), noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	c.Advance(time.Minute)
	if serial() != second {
		t.Error("a broken pair took the certificate away")
	}
	var e *Error
	if _, err := OpenCertificates(filepath.Join(dir, "gone.pem"), key, c, discard()); !errors.As(err, &e) || e.Kind != BadConfig || e.Do == "" {
		t.Errorf("missing files: %v", err)
	}
}

// A demo whose usual port is in use takes the next one; a store never does.
func TestPortInUse(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	next, moved, err := listenNext(ln.Addr().String())
	if err != nil || !moved {
		t.Fatalf("moved %v: %v", moved, err)
	}
	_ = next.Close()
	var e *Error
	if _, err := listen(ln.Addr().String()); !errors.As(err, &e) || e.Kind != InUse {
		t.Errorf("a store on a busy port: %v", err)
	}
}

// A unix socket that a dead process left behind is replaced; one that answers is left alone; connections through it
// count as this machine's.
func TestUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	ln, err := listen("unix:" + path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := listen("unix:" + path); err == nil {
		t.Error("a socket in use was taken")
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o660 {
		t.Errorf("socket: %v %v", info.Mode(), err)
	}
	go func() { c, err := net.Dial("unix", path); _ = c; _ = err }()
	c, err := ln.Accept()
	if err != nil || c.RemoteAddr().String() != "127.0.0.1:0" {
		t.Errorf("remote address %v, %v", c.RemoteAddr(), err)
	}
	_ = ln.Close()
}

// What tells about the inside answers only under this machine's names (V13.4.5).
func TestPrivateListener(t *testing.T) {
	h := onlyLoopback(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "inside") }))
	srv := &http.Server{Handler: h, ReadHeaderTimeout: time.Second}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = srv.Serve(ln) }()
	defer func() { _ = srv.Close() }()
	for host, want := range map[string]int{"localhost": 200, "127.0.0.1:9": 200, "[::1]:9": 200, "evil.example": 421, "localhost.evil.example": 421} {
		req, err := http.NewRequest("GET", "http://"+ln.Addr().String(), nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != want || want != 200 && strings.Contains(string(b), "inside") {
			t.Errorf("%s: %d", host, resp.StatusCode)
		}
	}
}

// TLS is 1.2 at least, with forward secrecy and an approved key exchange (V12.1.1, V12.1.2, V11.6.2).
func TestTLS(t *testing.T) {
	set, err := localca.Open(t.TempDir(), []string{"shop.localhost"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	ln, err := tls.Listen("tcp", "127.0.0.1:0", TLSConfig(set.Certificate))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() { _ = c.(*tls.Conn).Handshake(); _ = c.Close() }()
		}
	}()
	for name, c := range map[string]struct {
		client *tls.Config
		good   bool
	}{
		"1.1":        {&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, false},
		"1.2":        {&tls.Config{MaxVersion: tls.VersionTLS12}, true},
		"1.3":        {&tls.Config{MinVersion: tls.VersionTLS13}, true},
		"1.2 no PFS": {&tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256}}, false},
		"1.2 CBC":    {&tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}}, false},
	} {
		c.client.ServerName, c.client.InsecureSkipVerify = "shop.localhost", true //nolint:gosec // the handshake is under test, not the authority
		conn, err := tls.Dial("tcp", ln.Addr().String(), c.client)
		if (err == nil) != c.good {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			if id := conn.ConnectionState().CurveID; id != tls.X25519MLKEM768 && id != tls.X25519 {
				t.Errorf("%s: key exchange %v", name, id)
			}
			_ = conn.Close()
		}
	}
}
