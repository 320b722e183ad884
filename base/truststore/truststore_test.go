package truststore

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"strongroom/base/localca"
)

// demo is the authority of a demo, and a certificate that it signed.
func demo(t *testing.T) (file string, leaf *x509.Certificate) {
	t.Helper()
	set, err := localca.Open(t.TempDir(), []string{"shop.localhost"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	c, err := set.Certificate(&tls.ClientHelloInfo{ServerName: "shop.localhost"})
	if err != nil {
		t.Fatal(err)
	}
	return set.CAFile(), c.Leaf
}

// Only an authority that can do no harm is read (V12.3.4): anything that could vouch for a real site is refused.
func TestOnlyHarmlessAuthorities(t *testing.T) {
	file, _ := demo(t)
	if a, err := Read(file); err != nil || len(a.Fingerprint) != 95 || !strings.HasPrefix(a.Name, ours) {
		t.Fatalf("the demo's own: %+v %v", a, err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	loop := []*net.IPNet{{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)}}
	for name, change := range map[string]func(c *x509.Certificate){
		"no constraint":    func(c *x509.Certificate) { c.PermittedDNSDomains = nil },
		"advisory only":    func(c *x509.Certificate) { c.PermittedDNSDomainsCritical = false },
		"a real site too":  func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"localhost", "example.org"} },
		"looks like ours":  func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"evil-localhost"} },
		"every address":    func(c *x509.Certificate) { c.PermittedIPRanges[0].Mask = net.CIDRMask(0, 32) },
		"a real address":   func(c *x509.Certificate) { c.PermittedIPRanges[0].IP = net.IPv4(10, 0, 0, 0).To4() },
		"no address bound": func(c *x509.Certificate) { c.PermittedIPRanges = nil },
		"further ones":     func(c *x509.Certificate) { c.MaxPathLenZero = false; c.MaxPathLen = 1 },
		"signs mail":       func(c *x509.Certificate) { c.ExtKeyUsage = append(c.ExtKeyUsage, x509.ExtKeyUsageEmailProtection) },
		"no authority":     func(c *x509.Certificate) { c.IsCA, c.MaxPathLenZero = false, false },
		"another name":     func(c *x509.Certificate) { c.Subject.CommonName = "Corporate root" },
	} {
		c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now(), NotAfter: time.Now().Add(time.Hour), IsCA: true,
			BasicConstraintsValid: true, MaxPathLenZero: true, Subject: pkix.Name{CommonName: ours + " x"}, PermittedDNSDomainsCritical: true,
			PermittedDNSDomains: []string{"localhost"}, PermittedIPRanges: []*net.IPNet{{IP: loop[0].IP, Mask: loop[0].Mask}},
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, KeyUsage: x509.KeyUsageCertSign}
		change(c)
		der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		path := filepath.Join(t.TempDir(), "ca.pem")
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(path); !errors.Is(err, ErrPowerful) {
			t.Errorf("%s: %v", name, err)
		}
	}
	two := filepath.Join(t.TempDir(), "two.pem")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(two, append(b, b...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(two); err == nil {
		t.Error("a second certificate was carried in the file")
	}
}

// plant makes an empty file that can be run, or a folder.
func plant(t *testing.T, root string, paths ...string) {
	t.Helper()
	for _, p := range paths {
		full := filepath.Join(root, p)
		dir, isDir := strings.CutSuffix(full, "/")
		if !isDir && !strings.HasSuffix(p, "/") {
			dir = filepath.Dir(full)
		}
		if strings.HasSuffix(p, "/") {
			dir = filepath.Join(root, p)
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(p, "/") {
			continue
		}
		if err := os.WriteFile(full, nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// Each family of systems has its folder and its program, and what is put is taken out again.
func TestDistributions(t *testing.T) {
	file, _ := demo(t)
	a, err := Read(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		dir, program string
		put, remove  []string
	}{
		"Debian":  {"usr/local/share/ca-certificates/", "usr/sbin/update-ca-certificates", nil, []string{"--fresh"}},
		"Red Hat": {"etc/pki/ca-trust/source/anchors/", "usr/bin/update-ca-trust", []string{"extract"}, []string{"extract"}},
		"SUSE":    {"etc/pki/trust/anchors/", "usr/sbin/update-ca-certificates", nil, nil},
		"Arch":    {"etc/ca-certificates/trust-source/anchors/", "usr/bin/trust", []string{"extract-compat"}, []string{"extract-compat"}},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			plant(t, root, c.dir, c.program)
			var ran [][]string
			var fails error
			m := Machine{Root: root, Run: func(_ context.Context, _ []byte, path string, args ...string) (string, error) {
				ran = append(ran, append([]string{strings.TrimPrefix(path, root+"/")}, args...))
				return "", fails
			}}
			places := m.Places()
			if len(places) != 1 || places[0].Missing != "" || !strings.Contains(places[0].Will, c.dir[:len(c.dir)-1]) {
				t.Fatalf("places: %+v", places)
			}
			p := places[0]
			if err := p.Put(t.Context(), a); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(root, c.dir, filePrefix+a.id+".crt")
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o644 {
				t.Errorf("%v %v", info, err)
			}
			plant(t, root, c.dir+filePrefix+"of-a-former-demo.crt", c.dir+"somebody-elses.crt")
			if err := p.Remove(t.Context()); err != nil {
				t.Fatal(err)
			}
			left, err := os.ReadDir(filepath.Join(root, c.dir))
			if err != nil || len(left) != 1 || left[0].Name() != "somebody-elses.crt" {
				t.Errorf("left: %v %v", left, err)
			}
			want := [][]string{append([]string{c.program}, c.put...), append([]string{c.program}, c.remove...)}
			if len(ran) != 2 || !slices.Equal(ran[0], want[0]) || !slices.Equal(ran[1], want[1]) {
				t.Errorf("ran %q, want %q", ran, want)
			}
			fails = errors.New("broken")
			if err := p.Put(t.Context(), a); err == nil {
				t.Error("a program that failed was not noticed")
			}
			if has, _ := p.Has(t.Context()); has {
				t.Error("a put that failed left something behind")
			}
		})
	}
}

// Browsers whose stores are there are found, and one program that is missing is named with the way to it.
func TestBrowsersAreFound(t *testing.T) {
	root, home := t.TempDir(), t.TempDir()
	plant(t, home, ".pki/nssdb/cert9.db", ".mozilla/firefox/abc.default/cert9.db", ".mozilla/firefox/Crash Reports/")
	m := Machine{Root: root, Home: home}
	places := m.Places()
	if len(places) != 2 || !strings.Contains(places[0].Missing, "libnss3-tools") || !strings.HasPrefix(places[1].Name, "Firefox") {
		t.Errorf("without certutil: %+v", places)
	}
	plant(t, root, "usr/bin/certutil")
	if places = m.Places(); places[0].Missing != "" {
		t.Errorf("with certutil: %+v", places)
	}
	t.Setenv("PATH", home)
	plant(t, home, "update-ca-certificates")
	plant(t, root, "usr/local/share/ca-certificates/")
	if len(m.Places()) != 2 {
		t.Error("a program of somebody's PATH was taken")
	}
}
