// Package localca makes certificates for names below "localhost", so that a demo runs over HTTPS on a machine that
// has nothing but this program.
//
// A fresh authority signs one certificate for each name and is then thrown away: its key is never written down, so
// that nobody who finds the folder can sign anything more. What remains, the authority's certificate, may be trusted
// without fear: it is constrained, critically, to localhost names and loopback addresses, and everything expires after
// 30 days. Open makes the whole set anew when a name is missing or the end is near.
package localca

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	lifetime = 30 * 24 * time.Hour
	renew    = 7 * 24 * time.Hour // before the end
)

// Set is the certificates of a folder, by name.
type Set struct {
	dir     string
	byName  map[string]*tls.Certificate
	expires time.Time
	fresh   bool
}

// ErrName is returned for names that the authority must not sign.
var ErrName = errors.New("localca: only names below localhost")

// Open reads the certificates of the folder, or makes them.
func Open(dir string, names []string, now time.Time) (*Set, error) {
	for _, n := range names {
		if n != "localhost" && !strings.HasSuffix(n, ".localhost") || strings.ContainsAny(n, `/\*`) {
			return nil, fmt.Errorf("%w: %q", ErrName, n)
		}
	}
	if s, err := read(dir, names, now); err == nil {
		return s, nil
	}
	if err := makeAll(dir, names, now); err != nil {
		return nil, fmt.Errorf("localca: make certificates in %s: %w", dir, err)
	}
	s, err := read(dir, names, now)
	if err != nil {
		return nil, fmt.Errorf("localca: what was just written cannot be read: %w", err)
	}
	s.fresh = true
	return s, nil
}

// CAFile is the authority's certificate, for programs and people that want to trust it.
func (s *Set) CAFile() string { return filepath.Join(s.dir, "authority.pem") }

// Expires is when the certificates end.
func (s *Set) Expires() time.Time { return s.expires }

// Fresh says whether the set was made by this Open, so that trust in an older authority is over.
func (s *Set) Fresh() bool { return s.fresh }

// Certificate answers a TLS handshake. A name that is not in the set gets no certificate at all.
func (s *Set) Certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if c := s.byName[strings.ToLower(hello.ServerName)]; c != nil {
		return c, nil
	}
	return nil, errors.New("localca: no certificate for this name")
}

func read(dir string, names []string, now time.Time) (*Set, error) {
	caPEM, err := os.ReadFile(filepath.Join(dir, "authority.pem"))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(caPEM) {
		return nil, errors.New("the authority's certificate is damaged")
	}
	s := &Set{dir: dir, byName: map[string]*tls.Certificate{}}
	for _, n := range names {
		c, err := tls.LoadX509KeyPair(filepath.Join(dir, n+".pem"), filepath.Join(dir, n+"-key.pem"))
		if err != nil {
			return nil, err
		}
		if _, err := c.Leaf.Verify(x509.VerifyOptions{DNSName: n, Roots: roots, CurrentTime: now}); err != nil {
			return nil, err
		}
		if now.After(c.Leaf.NotAfter.Add(-renew)) {
			return nil, errors.New("the certificates end soon")
		}
		s.byName[n], s.expires = &c, c.Leaf.NotAfter
	}
	return s, nil
}

// makeAll writes a new authority and its certificates. The authority's key lives in this function only.
func makeAll(dir string, names []string, now time.Time) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	tmpl := authority(now)
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		return err
	}
	ca, err := x509.ParseCertificate(der)
	if err != nil {
		return err
	}
	for _, n := range slices.Sorted(slices.Values(names)) {
		if err := issue(dir, n, now, ca, key); err != nil {
			return err
		}
	}
	//lint:ignore SA1019 the key is overwritten on purpose: nobody signs with it again
	key.D.SetInt64(0)
	return writePEM(filepath.Join(dir, "authority.pem"), 0o644, "CERTIFICATE", der)
}

func authority(now time.Time) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: serial(), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(lifetime),
		Subject: pkix.Name{Organization: []string{"Strongroom demo"},
			CommonName: "Strongroom demo on this machine " + now.UTC().Format("2006-01-02 15:04")},
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         []string{"localhost"},
		PermittedIPRanges: []*net.IPNet{
			{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)},
			{IP: net.IPv6loopback, Mask: net.CIDRMask(128, 128)},
		},
	}
}

func issue(dir, name string, now time.Time, ca *x509.Certificate, caKey *ecdsa.PrivateKey) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	tmpl := &x509.Certificate{
		SerialNumber: serial(), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(lifetime),
		Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, ca, key.Public(), caKey)
	if err != nil {
		return err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := writePEM(filepath.Join(dir, name+"-key.pem"), 0o600, "PRIVATE KEY", keyDER); err != nil {
		return err
	}
	return writePEM(filepath.Join(dir, name+".pem"), 0o644, "CERTIFICATE", der)
}

func serial() *big.Int {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		panic("localca: the system's random source failed: " + err.Error())
	}
	return n
}

// writePEM replaces a file in one step, so that a start that is killed leaves no half of one.
func writePEM(path string, mode os.FileMode, kind string, der []byte) error {
	tmp := path + ".new"
	if err := os.WriteFile(tmp, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), mode); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}
