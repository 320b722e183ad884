//go:build servers

package truststore

import (
	"context"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// On Debian the real program takes the authority into the bundle that programs read, and out again. It works on a copy
// of the folders, so that the machine's own stay as they are.
func TestRealDebianStore(t *testing.T) {
	root := t.TempDir()
	plant(t, root, "usr/local/share/ca-certificates/", "etc/ssl/certs/", "usr/share/ca-certificates/", "etc/ca-certificates/update.d/",
		"usr/sbin/update-ca-certificates", "etc/ca-certificates.conf")
	in := func(p string) string { return filepath.Join(root, p) }
	machine := Machine{Root: "/"}
	m := Machine{Root: root, Run: func(ctx context.Context, stdin []byte, _ string, args ...string) (string, error) {
		return machine.run(ctx, stdin, machine.program("update-ca-certificates"), append(args, "--localcertsdir", in("usr/local/share/ca-certificates"),
			"--etccertsdir", in("etc/ssl/certs"), "--certsdir", in("usr/share/ca-certificates"), "--certsconf", in("etc/ca-certificates.conf"),
			"--hooksdir", in("etc/ca-certificates/update.d"))...)
	}}
	file, leaf := demo(t)
	a, err := Read(file)
	if err != nil {
		t.Fatal(err)
	}
	other, _ := demo(t) // somebody else's; the machine is never without any
	b, err := os.ReadFile(other)
	if err == nil {
		err = os.WriteFile(in("usr/local/share/ca-certificates/somebody-elses.crt"), b, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	believed := func() bool {
		b, err := os.ReadFile(in("etc/ssl/certs/ca-certificates.crt"))
		if err != nil {
			return false
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(b)
		_, err = leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: "shop.localhost"})
		return err == nil
	}
	p := m.Places()[0]
	if err := p.Put(t.Context(), a); err != nil || !believed() {
		t.Fatalf("put: %v, believed %v", err, believed())
	}
	if err := p.Remove(t.Context()); err != nil || believed() {
		t.Errorf("removed: %v, believed %v", err, believed())
	}
	links, err := os.ReadDir(in("etc/ssl/certs"))
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range links {
		if strings.Contains(l.Name(), "strongroom") {
			t.Errorf("left behind: %s", l.Name())
		}
	}
}

// The real certutil takes the authority into the store of a browser, and takes out all that ever were ours.
func TestRealBrowserStore(t *testing.T) {
	home := t.TempDir()
	m := Machine{Root: "/", Home: home}
	db := filepath.Join(home, ".pki", "nssdb")
	if err := os.MkdirAll(db, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := m.run(t.Context(), nil, m.program("certutil"), "-N", "--empty-password", "-d", "sql:"+db); err != nil {
		t.Fatal(err)
	}
	p := m.browsers()[0]
	for range 2 { // two demos, one after the other
		file, _ := demo(t)
		a, err := Read(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Put(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	list, err := m.run(t.Context(), nil, m.program("certutil"), "-L", "-d", "sql:"+db)
	if has, herr := p.Has(t.Context()); !has || herr != nil || err != nil || strings.Count(list, ours) != 2 || !strings.Contains(list, "C,,") {
		t.Errorf("has %v %v %v\n%s", has, herr, err, list)
	}
	if err := p.Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
	if has, err := p.Has(t.Context()); has || err != nil {
		t.Errorf("after removing: %v %v", has, err)
	}
}
