package rig

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"maps"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Outside is the world beyond the store as the program sees it: firms under their own host names over TLS, behind the
// proxy of the program's environment. Nobody else is there.
type Outside struct {
	Env []string // settings of a store that lives in this world

	mu      sync.Mutex
	strange []string // what else the program asked for
}

// StartOutside runs the firms, by host name, until the test ends. Each connection is the program's own to the very end,
// so that a firm's RemoteAddr is the program's socket.
func StartOutside(t testing.TB, firms map[string]http.Handler) *Outside {
	t.Helper()
	o := &Outside{}
	leaf, authority := firmCertificate(t, slices.Sorted(maps.Keys(firms)))
	lines := newHandedOver()
	srv := &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		firm, ok := firms[r.Host]
		if !ok {
			o.note(r.Method + " " + r.Host + r.URL.Path)
			http.NotFound(w, r)
			return
		}
		firm.ServeHTTP(w, r)
	})}
	go func() {
		_ = srv.Serve(tls.NewListener(lines, &tls.Config{Certificates: []tls.Certificate{leaf}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}))
	}()
	t.Cleanup(func() { _ = srv.Close() })
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, port, _ := strings.Cut(r.Host, ":")
		if _, known := firms[host]; !known || port != "443" || r.Method != http.MethodConnect {
			o.note(r.Method + " " + r.Host)
			http.Error(w, "there is nobody else", http.StatusForbidden)
			return
		}
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		if _, err := io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil || !lines.hand(conn) {
			_ = conn.Close()
		}
	}))
	t.Cleanup(proxy.Close)
	o.Env = []string{"HTTPS_PROXY=" + proxy.URL, "NO_PROXY=localhost,.localhost,127.0.0.1", "SSL_CERT_FILE=" + authority}
	return o
}

func (o *Outside) note(what string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.strange = append(o.strange, what)
}

// Strange is whatever else the program asked for through its proxy.
func (o *Outside) Strange() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]string(nil), o.strange...)
}

// handedOver is a listener whose connections come from elsewhere.
type handedOver struct {
	conns chan net.Conn
	over  chan struct{}
	once  sync.Once
}

func newHandedOver() *handedOver {
	return &handedOver{conns: make(chan net.Conn), over: make(chan struct{})}
}

func (h *handedOver) hand(c net.Conn) bool {
	select {
	case h.conns <- c:
		return true
	case <-h.over:
		return false
	}
}

// Accept waits for the next connection.
func (h *handedOver) Accept() (net.Conn, error) {
	select {
	case c := <-h.conns:
		return c, nil
	case <-h.over:
		return nil, net.ErrClosed
	}
}

// Close takes no more.
func (h *handedOver) Close() error {
	h.once.Do(func() { close(h.over) })
	return nil
}

// Addr is no address of the network.
func (h *handedOver) Addr() net.Addr { return &net.UnixAddr{Name: "outside", Net: "unix"} }

// firmCertificate makes an authority for this test alone, and a certificate of the names.
func firmCertificate(t testing.TB, names []string) (leaf tls.Certificate, authority string) {
	t.Helper()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	root := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Rig"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, key.Public(), key)
	must(err)
	own := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: names[0]}, DNSNames: names,
		NotBefore: root.NotBefore, NotAfter: root.NotAfter, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, own, root, key.Public(), key)
	must(err)
	authority = filepath.Join(t.TempDir(), "authority.pem")
	must(os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: rootDER}), 0o600))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, authority
}
