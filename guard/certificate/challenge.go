package certificate

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/mholt/acmez/v3"
	"github.com/mholt/acmez/v3/acme"
)

const (
	acmeTLS   = acmez.ACMETLS1Protocol
	wellKnown = "/.well-known/acme-challenge/"
	probePath = wellKnown + "strongroom-"
)

// Protocol is what TLS must offer beside HTTP for the challenge TLS-ALPN-01.
const Protocol = acmeTLS

// Challenge answers the authority's questions over plain HTTP, and our own probe; everything else goes on to next.
func (k *Keeper) Challenge(next http.Handler) http.Handler {
	issuer := k.issuer.HTTPChallengeHandler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := hostOf(r)
		if _, ours := k.hosts[host]; !ours || !strings.HasPrefix(r.URL.Path, wellKnown) {
			next.ServeHTTP(w, r)
			return
		}
		if token, ok := strings.CutPrefix(r.URL.Path, probePath); ok {
			answerProbe(w, r, k.o.Storage, host, token)
			return
		}
		issuer.ServeHTTP(w, r)
	})
}

func hostOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	return strings.ToLower(host)
}

// challengeCertificate answers a handshake of the challenge TLS-ALPN-01, or our own probe when nobody is challenged.
func (k *Keeper) challengeCertificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	host := strings.ToLower(hello.ServerName)
	if _, ours := k.hosts[host]; !ours {
		return nil, fmt.Errorf("certificate: no challenge for this name")
	}
	c, err := k.config.GetCertificate(hello)
	if err != nil {
		c, err = probeCertificate(hello.Context(), k.o.Storage, host)
	}
	return c, err
}

// A probe is a random word that is stored, so that whichever process is reached can answer with it.
func probeKey(host string) string { return "hosts/" + host + "/probe" }

// Probe lays down a probe for a host. What reaches us under the host's name answers with the word until done is called.
type Probe func(ctx context.Context, host string) (word string, done func(), err error)

// StoredProbe makes probes in a storage that the answering processes share.
func StoredProbe(s Storage) Probe {
	return func(ctx context.Context, host string) (string, func(), error) {
		word := rand.Text()
		done := func() { _ = s.Delete(context.WithoutCancel(ctx), probeKey(host)) } // a left one answers nobody who does not know it
		return word, done, s.Store(ctx, probeKey(host), []byte(word))
	}
}

func answerProbe(w http.ResponseWriter, r *http.Request, s Storage, host, token string) {
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

func probeCertificate(ctx context.Context, s Storage, host string) (*tls.Certificate, error) {
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
