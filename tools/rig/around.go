package rig

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"strongroom/base/localca"
)

// FreePort finds a port that nobody listens on.
func FreePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

func tlsListener(ln net.Listener, set *localca.Set) net.Listener {
	return tls.NewListener(ln, &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: set.Certificate, NextProtos: []string{"http/1.1"}})
}

// transport reaches names below localhost on loopback.
func transport(roots *x509.CertPool) *http.Transport {
	return &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, MaxIdleConnsPerHost: 16, IdleConnTimeout: 10 * time.Second,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if host, port, err := net.SplitHostPort(addr); err == nil && strings.HasSuffix(host, "localhost") {
				addr = net.JoinHostPort("127.0.0.1", port)
			}
			return (&net.Dialer{Timeout: 2 * time.Second}).DialContext(ctx, network, addr)
		},
	}
}

// Log keeps what the program printed.
type Log struct {
	mu sync.Mutex
	b  []byte
}

// Write appends.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b = append(l.b, p...)
	return len(p), nil
}

// String is everything.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.b)
}

// Tail is the last few kilobytes, for error messages.
func (l *Log) Tail() string {
	s := l.String()
	return s[max(0, len(s)-3000):]
}

// MailServer is a real SMTP server that keeps what it takes.
type MailServer struct {
	Port int
	mu   sync.Mutex
	got  []Mail
	more *sync.Cond
}

// Mail is a message that the server took.
type Mail struct{ To, Data string }

// StartMail runs one on a free port of the loopback address until the test ends.
func StartMail(t testing.TB) *MailServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &MailServer{Port: l.Addr().(*net.TCPAddr).Port}
	m.more = sync.NewCond(&m.mu)
	srv := gosmtp.NewServer(m)
	srv.Domain = "localhost"
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	return m
}

// NewSession begins one mail.
func (m *MailServer) NewSession(*gosmtp.Conn) (gosmtp.Session, error) { return &letter{box: m}, nil }

type letter struct {
	box *MailServer
	to  string
}

// Mail takes any sender.
func (l *letter) Mail(string, *gosmtp.MailOptions) error { return nil }

// Rcpt takes any recipient.
func (l *letter) Rcpt(to string, _ *gosmtp.RcptOptions) error { l.to = to; return nil }

// Reset forgets nothing that matters.
func (l *letter) Reset() {}

// Logout ends the session.
func (l *letter) Logout() error { return nil }

// Data keeps the message.
func (l *letter) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	l.box.mu.Lock()
	defer l.box.mu.Unlock()
	l.box.got = append(l.box.got, Mail{l.to, string(b)})
	l.box.more.Broadcast()
	return err
}

// All is every mail so far.
func (m *MailServer) All() []Mail {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]Mail(nil), m.got...)
}

// Wait blocks until a mail to the address satisfies the test, or the time is over.
func (m *MailServer) Wait(to string, limit time.Duration, fits func(data string) bool) (Mail, bool) {
	timer := time.AfterFunc(limit, m.more.Broadcast)
	defer timer.Stop()
	end := time.Now().Add(limit)
	m.mu.Lock()
	defer m.mu.Unlock()
	for {
		for _, g := range m.got {
			if g.To == to && fits(g.Data) {
				return g, true
			}
		}
		if !time.Now().Before(end) {
			return Mail{}, false
		}
		m.more.Wait()
	}
}

// Transport reaches the store and its provider, trusting the rig's authority.
func (r *Rig) Transport() *http.Transport {
	r.once.Do(func() { r.shared = transport(r.Roots) })
	return r.shared
}
