package certificate

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/caddyserver/certmagic"
	"github.com/mholt/acmez/v3/acme"

	"strongroom/base/clock"
)

// Whichever process the authority reaches answers for the one that asked: what is asked lies in the shared storage. A
// stranger's questions, other names and other words get nothing.
func TestAnotherProcessAnswers(t *testing.T) {
	eachStorage(t, func(t *testing.T, s Storage) {
		const directory = "https://ca.example/dir"
		k, err := New(t.Context(), Options{Hosts: []Host{{"shop", "shop.example"}}, Storage: s, Clock: clock.System(),
			Log: slog.New(slog.DiscardHandler), Authority: Authority{Directory: directory}})
		if err != nil {
			t.Fatal(err)
		}
		defer k.Close()
		k.Listening("127.0.0.1", 1, 1)
		c := acme.Challenge{Type: acme.ChallengeTypeHTTP01, Token: "token", KeyAuthorization: "token.thumbprint",
			Identifier: acme.Identifier{Type: "dns", Value: "shop.example"}}
		raw, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		// As certmagic of another process lays it down.
		place := "acme/" + certmagic.StorageKeys.Safe(k.issuer.IssuerKey()) + "/challenge_tokens/shop.example.json"
		if err := s.Store(t.Context(), place, raw); err != nil {
			t.Fatal(err)
		}
		door := k.Challenge(http.NotFoundHandler())
		ask := func(host, path string) string {
			w := httptest.NewRecorder()
			door.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://"+host+path, nil))
			if w.Code != http.StatusOK {
				return ""
			}
			return w.Body.String()
		}
		if got := ask("shop.example", "/.well-known/acme-challenge/token"); got != "token.thumbprint" {
			t.Errorf("HTTP-01: %q", got)
		}
		for host, path := range map[string]string{"other.example": "/.well-known/acme-challenge/token", "shop.example": "/.well-known/acme-challenge/else",
			"shop.example:80": "/.well-known/acme-challenge/../token"} {
			if got := ask(host, path); got != "" {
				t.Errorf("%s%s: %q", host, path, got)
			}
		}
		shake := func(name string) error {
			near, far := net.Pipe()
			go func() {
				_ = tls.Server(far, &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: k.Certificate, NextProtos: []string{Protocol}}).Handshake()
			}()
			conn := tls.Client(near, &tls.Config{ServerName: name, NextProtos: []string{Protocol}, InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}) //nolint:gosec // only whether one is shown
			defer func() { _ = near.Close() }()
			return conn.Handshake()
		}
		if err := shake("shop.example"); err != nil {
			t.Errorf("TLS-ALPN-01: %v", err)
		}
		if err := shake("other.example"); err == nil {
			t.Error("a challenge was answered for a foreign name")
		}
	})
}

// A store that is a copy of another asks nobody for certificates.
func TestCopyAsksNobody(t *testing.T) {
	asked := 0
	directory := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer directory.Close()
	roots := x509.NewCertPool()
	roots.AddCert(directory.Certificate())
	held := true
	k, err := New(t.Context(), Options{Hosts: []Host{{"shop", "shop.example"}}, Storage: folder(t), Clock: clock.System(), Log: slog.New(slog.DiscardHandler),
		Authority: Authority{Directory: directory.URL, Roots: roots}, Held: func(context.Context) bool { return held }})
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	k.Listening("127.0.0.1", 1, 1)
	k.Tend(t.Context())
	if st := k.Standings()[0]; asked != 0 || !st.Asked.IsZero() {
		t.Errorf("asked %d times: %+v", asked, st)
	}
	held = false
	k.Tend(t.Context())
	if st := k.Standings()[0]; asked == 0 || st.Failure == nil {
		t.Errorf("released, but asked %d times: %+v", asked, st)
	}
}

// Whoever mended something starts the store anew and need not wait for the ladder; a limit of the authority holds, and
// another authority begins anew.
func TestRestartTriesSoon(t *testing.T) {
	now := clock.NewManual(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))
	asked := now.Now().Add(-time.Hour)
	for name, c := range map[string]struct {
		kind, authority string
		due             bool
	}{
		"refused":           {"refused", "https://ca.example/dir", true},
		"limited":           {"rate-limited", "https://ca.example/dir", false},
		"another authority": {"rate-limited", "https://other.example/dir", true},
	} {
		s := folder(t)
		raw, err := json.Marshal(Standing{Face: "shop", Host: "shop.example", Authority: c.authority, Asked: asked, Next: asked.Add(6 * time.Hour),
			Failures: 6, Failure: &Failure{Kind: c.kind}})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Store(t.Context(), standingKey("shop.example"), raw); err != nil {
			t.Fatal(err)
		}
		k, err := New(t.Context(), Options{Hosts: []Host{{"shop", "shop.example"}}, Storage: s, Clock: now, Log: slog.New(slog.DiscardHandler),
			Authority: Authority{Directory: "https://ca.example/dir"}})
		if err != nil {
			t.Fatal(err)
		}
		if got := k.due(k.hosts["shop.example"]); got != c.due {
			t.Errorf("%s: due %v", name, got)
		}
		k.Close()
	}
}
