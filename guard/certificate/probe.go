package certificate

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"sync"

	"github.com/mholt/acmez/v3"
	"github.com/mholt/acmez/v3/acme"
)

// A probe is a random word that is stored, so that whichever process is reached can answer with it.
func probeKey(host string) string { return "hosts/" + host + "/probe" }

// Shelf is where probes lie: any Storage, or Memory.
type Shelf interface {
	Store(ctx context.Context, key string, value []byte) error
	Load(ctx context.Context, key string) ([]byte, error)
	Delete(ctx context.Context, key string) error
}

// Memory is a shelf for one process.
type Memory struct{ values sync.Map }

// Store puts a value on the shelf.
func (m *Memory) Store(_ context.Context, key string, value []byte) error {
	m.values.Store(key, value)
	return nil
}

// Load takes a look at a value; fs.ErrNotExist if there is none.
func (m *Memory) Load(_ context.Context, key string) ([]byte, error) {
	v, ok := m.values.Load(key)
	if !ok {
		return nil, fs.ErrNotExist
	}
	return v.([]byte), nil
}

// Delete takes a value away.
func (m *Memory) Delete(_ context.Context, key string) error {
	m.values.Delete(key)
	return nil
}

// Probe lays down a probe for a host. What reaches us under the host's name answers with the word until done is called.
type Probe func(ctx context.Context, host string) (word string, done func(), err error)

// StoredProbe makes probes on a shelf that the answering processes share.
func StoredProbe(s Shelf) Probe {
	return func(ctx context.Context, host string) (string, func(), error) {
		word := rand.Text()
		done := func() { _ = s.Delete(context.WithoutCancel(ctx), probeKey(host)) } // a left one answers nobody who does not know it
		return word, done, s.Store(ctx, probeKey(host), []byte(word))
	}
}

func answerProbe(w http.ResponseWriter, r *http.Request, s Shelf, host, token string) {
	word, err := s.Load(r.Context(), probeKey(host))
	if err != nil || string(word) != token {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, answerTo(token))
}

// answerTo is what shows that a probe reached us and not somebody who sends back what is asked.
func answerTo(word string) string { return "strongroom answers " + word }

func probeChallenge(host, word string) acme.Challenge {
	return acme.Challenge{Type: acme.ChallengeTypeTLSALPN01, Identifier: acme.Identifier{Type: "dns", Value: host},
		Token: word, KeyAuthorization: answerTo(word)}
}

func probeCertificate(ctx context.Context, s Shelf, host string) (*tls.Certificate, error) {
	word, err := s.Load(ctx, probeKey(host))
	if err != nil {
		return nil, err
	}
	return acmez.TLSALPN01ChallengeCert(probeChallenge(host, string(word)))
}

// carries says whether a certificate answers the probe.
func carries(c *x509.Certificate, host, word string) bool {
	want, err := acmez.TLSALPN01ChallengeCert(probeChallenge(host, word))
	if err != nil {
		return false
	}
	value := func(c *x509.Certificate) string {
		for _, e := range c.Extensions {
			if e.Id.String() == acmeIdentifier {
				return string(e.Value)
			}
		}
		return ""
	}
	return value(c) != "" && value(c) == value(want.Leaf)
}

// acmeIdentifier is the extension that answers TLS-ALPN-01 (RFC 8737, 6.1).
const acmeIdentifier = "1.3.6.1.5.5.7.1.31"

// Answering answers probes alone, for a look around while the store does not run: over plain HTTP, and in handshakes.
func Answering(s Shelf) (http.Handler, func(*tls.ClientHelloInfo) (*tls.Certificate, error)) {
	plain := func(w http.ResponseWriter, r *http.Request) {
		answerProbe(w, r, s, hostOf(r), strings.TrimPrefix(r.URL.Path, probePath))
	}
	return http.HandlerFunc(plain), func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		return probeCertificate(hello.Context(), s, strings.ToLower(hello.ServerName))
	}
}
