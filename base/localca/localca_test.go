package localca

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func open(t *testing.T, dir string, now time.Time, names ...string) *Set {
	t.Helper()
	s, err := Open(dir, names, now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func serialOf(t *testing.T, s *Set, name string) string {
	t.Helper()
	c, err := s.Certificate(&tls.ClientHelloInfo{ServerName: name})
	if err != nil {
		t.Fatal(err)
	}
	return c.Leaf.SerialNumber.String()
}

func TestSetIsKeptAndRenewed(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir, noon, "shop.localhost")
	was := serialOf(t, first, "shop.localhost")
	if again := open(t, dir, noon.AddDate(0, 0, 20), "shop.localhost"); serialOf(t, again, "shop.localhost") != was || again.Fresh() {
		t.Error("a valid set was not kept")
	}
	if late := open(t, dir, noon.AddDate(0, 0, 24), "shop.localhost"); serialOf(t, late, "shop.localhost") == was || !late.Fresh() {
		t.Error("a set that ends within a week was kept")
	}
	more := open(t, dir, noon, "shop.localhost", "pay.localhost")
	if serialOf(t, more, "pay.localhost") == serialOf(t, more, "shop.localhost") {
		t.Error("hosts share a certificate")
	}
	if _, err := more.Certificate(&tls.ClientHelloInfo{ServerName: "evil.example"}); err == nil {
		t.Error("a foreign name got a certificate")
	}
}

func TestDamagedSetIsMadeAnew(t *testing.T) {
	dir := t.TempDir()
	open(t, dir, noon, "shop.localhost")
	if err := os.WriteFile(filepath.Join(dir, "shop.localhost.pem"), []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	if !open(t, dir, noon, "shop.localhost").Fresh() {
		t.Error("kept")
	}
}

func TestForeignNamesAreRefused(t *testing.T) {
	for _, n := range []string{"example.org", "localhost.example.org", "xlocalhost", "../x.localhost", "*.localhost"} {
		if _, err := Open(t.TempDir(), []string{n}, noon); err == nil {
			t.Errorf("%s was signed", n)
		}
	}
}

// The authority could sign for localhost only, even if its key had been kept.
func TestAuthorityIsConstrained(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := authority(noon)
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	ca, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	if !ca.PermittedDNSDomainsCritical {
		t.Error("the constraint is not critical")
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca)
	for name, good := range map[string]bool{"shop.localhost": true, "bank.example": false, "localhost.example": false} {
		leaf := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: noon, NotAfter: noon.Add(time.Hour), DNSNames: []string{name},
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
		der, err := x509.CreateCertificate(rand.Reader, leaf, ca, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Verify(x509.VerifyOptions{DNSName: name, Roots: roots, CurrentTime: noon})
		if (err == nil) != good {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// No file of the folder holds the authority's key, and leaf keys are the owner's alone.
func TestAuthorityKeyIsGone(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, noon, "shop.localhost", "pay.localhost")
	caPEM, err := os.ReadFile(s.CAFile())
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(caPEM)
	ca, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	keys := 0
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(b), "PRIVATE KEY") {
			continue
		}
		keys++
		block, _ := pem.Decode(b)
		k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if k.(*ecdsa.PrivateKey).PublicKey.Equal(ca.PublicKey) {
			t.Errorf("%s holds the authority's key", f.Name())
		}
		if info, _ := f.Info(); info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", f.Name(), info.Mode())
		}
	}
	if keys != 2 {
		t.Errorf("%d private keys, want 2", keys)
	}
}
