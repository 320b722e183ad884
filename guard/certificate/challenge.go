package certificate

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/mholt/acmez/v3"
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
