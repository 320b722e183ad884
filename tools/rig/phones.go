package rig

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	phoneHost    = "api.twilio.com"
	phoneAccount = "AC0123456789abcdef0123456789abcdef"
	phoneKey     = "SK0123456789abcdef0123456789abcdef"
	phoneSecret  = "rig-0123456789abcdef"
)

// Phones is the provider of short messages as the program sees it: its own host name over TLS, behind the proxy of the
// program's environment. It takes what the real one takes and answers in its form, and keeps every message.
type Phones struct {
	Env []string // settings of a store that sends through it

	mu      sync.Mutex
	got     []Text
	strange []string // what else the program asked for
}

// Text is a short message that the provider took.
type Text struct{ To, Body string }

// StartPhones runs the provider until the test ends.
func StartPhones(t testing.TB) *Phones {
	t.Helper()
	p := &Phones{}
	provider := httptest.NewUnstartedServer(http.HandlerFunc(p.take))
	leaf, authority := phoneCertificate(t)
	provider.TLS = &tls.Config{Certificates: []tls.Certificate{leaf}, MinVersion: tls.VersionTLS12}
	provider.StartTLS()
	t.Cleanup(provider.Close)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Host != phoneHost+":443" {
			p.note(r.Method + " " + r.Host)
			http.Error(w, "there is nobody else", http.StatusForbidden)
			return
		}
		tunnel(w, provider.Listener.Addr().String())
	}))
	t.Cleanup(proxy.Close)
	p.Env = []string{"HTTPS_PROXY=" + proxy.URL, "NO_PROXY=localhost,.localhost,127.0.0.1", "SSL_CERT_FILE=" + authority,
		"STRONGROOM_SMS_PROVIDER=twilio", "STRONGROOM_SMS_ACCOUNT=" + phoneAccount, "STRONGROOM_SMS_API_KEY=" + phoneKey,
		"STRONGROOM_SMS_API_SECRET=" + phoneSecret, "STRONGROOM_SMS_FROM=+491510000000", "STRONGROOM_SMS_COUNTRIES=DE"}
	return p
}

// tunnel joins the program's connection with the provider's.
func tunnel(w http.ResponseWriter, to string) {
	there, err := net.Dial("tcp", to)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	here, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		_ = there.Close()
		return
	}
	_, _ = io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n")
	go func() { _, _ = io.Copy(there, here); _ = there.Close() }()
	_, _ = io.Copy(here, there)
	_ = here.Close()
}

// take is the provider's resource of messages.
func (p *Phones) take(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	key, secret, _ := r.BasicAuth()
	switch path := "/2010-04-01/Accounts/" + phoneAccount + "/Messages.json"; {
	case key != phoneKey || secret != phoneSecret:
		w.WriteHeader(http.StatusUnauthorized)
	case r.URL.Path != path:
		p.note(r.Method + " " + r.URL.Path)
		w.WriteHeader(http.StatusNotFound)
	case r.Method == http.MethodGet:
		_, _ = io.WriteString(w, `{"messages":[]}`)
	default:
		p.mu.Lock()
		p.got = append(p.got, Text{r.PostFormValue("To"), r.PostFormValue("Body")})
		n := len(p.got)
		p.mu.Unlock()
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(map[string]any{"sid": fmt.Sprintf("SM%032x", n), "status": "queued", "error_code": nil})
	}
}

func (p *Phones) note(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.strange = append(p.strange, what)
}

// Texts are the messages to numbers that begin so, oldest first.
func (p *Phones) Texts(begin string) (out []Text) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.got {
		if strings.HasPrefix(m.To, begin) {
			out = append(out, m)
		}
	}
	return out
}

// Strange is whatever else the program asked for through its proxy.
func (p *Phones) Strange() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.strange...)
}

// phoneCertificate makes an authority for this test alone, and the provider's certificate.
func phoneCertificate(t testing.TB) (leaf tls.Certificate, authority string) {
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
	own := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: phoneHost}, DNSNames: []string{phoneHost},
		NotBefore: root.NotBefore, NotAfter: root.NotAfter, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, own, root, key.Public(), key)
	must(err)
	authority = filepath.Join(t.TempDir(), "authority.pem")
	must(os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: rootDER}), 0o600))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, authority
}
