package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// outward is the transport for calls to providers. Names below "localhost" are this machine (RFC 6761, 6.3), which
// few resolvers know: they are dialled on loopback and never asked of a name server.
func outward() *http.Transport {
	d := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 32
	// A call is one small question and one small answer, for which HTTP/1.1 over kept connections costs both sides less.
	t.ForceAttemptHTTP2, t.Protocols = false, new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if host, port, err := net.SplitHostPort(address); err == nil && (host == "localhost" || strings.HasSuffix(host, ".localhost")) {
			address = net.JoinHostPort("127.0.0.1", port)
		}
		return d.DialContext(ctx, network, address)
	}
	return t
}

// trusting is a way to a provider that believes the authority in a file, and the system's authorities if there is no
// file. The file is read when it is needed and again when it changes: a sandbox makes and renews its authority itself.
func trusting(file string) http.RoundTripper {
	if file == "" {
		return outward()
	}
	return &believer{file: file}
}

type believer struct {
	file  string
	mu    sync.Mutex
	stamp time.Time
	way   *http.Transport
}

// RoundTrip sends the request on.
func (b *believer) RoundTrip(r *http.Request) (*http.Response, error) {
	way, err := b.transport()
	if err != nil {
		return nil, err
	}
	return way.RoundTrip(r)
}

func (b *believer) transport() (*http.Transport, error) {
	info, err := os.Stat(b.file)
	if err != nil {
		return nil, fmt.Errorf("the authority %s cannot be read: %w", b.file, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.way != nil && info.ModTime().Equal(b.stamp) {
		return b.way, nil
	}
	pem, err := os.ReadFile(b.file)
	roots := x509.NewCertPool()
	if err != nil || !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("the authority %s cannot be read", b.file)
	}
	if b.way != nil {
		b.way.CloseIdleConnections()
	}
	b.way, b.stamp = outward(), info.ModTime()
	b.way.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	return b.way, nil
}
