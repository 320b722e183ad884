package truststore

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// databases are where Chromium and Firefox keep whom they believe, below a user's home.
var databases = []struct{ name, pattern string }{
	{"Chromium", ".pki/nssdb"},
	{"Chromium", "snap/chromium/current/.pki/nssdb"},
	{"Firefox", ".mozilla/firefox/*"},
	{"Firefox", "snap/firefox/common/.mozilla/firefox/*"},
	{"Firefox", ".var/app/org.mozilla.firefox/.mozilla/firefox/*"},
}

// browsers are the stores of the browsers that were started on this account at least once.
func (m Machine) browsers() (out []Place) {
	if m.Home == "" {
		return nil
	}
	certutil := m.program("certutil")
	for _, d := range databases {
		dirs, err := filepath.Glob(filepath.Join(m.Home, d.pattern))
		if err != nil {
			continue // the patterns are our own
		}
		for _, dir := range dirs {
			if _, err := os.Stat(filepath.Join(dir, "cert9.db")); err != nil {
				continue
			}
			n := nss{m, certutil, "sql:" + dir}
			p := Place{Name: d.name + " (" + dir + ")", put: n.put, remove: n.remove, has: n.has,
				Will: "runs certutil -A on it, so that it believes the authority for web sites",
				Gone: "runs certutil -D on it for every authority of a demo"}
			if certutil == "" {
				p.Missing = "certutil is not installed (Debian: apt install libnss3-tools); or import the file in the browser's settings"
			}
			out = append(out, p)
		}
	}
	return out
}

type nss struct {
	m        Machine
	certutil string
	db       string
}

// names lists our authorities in the store. Each stands at the beginning of a line, its trust at the end.
func (n nss) names(ctx context.Context) (names []string, err error) {
	out, err := n.m.run(ctx, nil, n.certutil, "-L", "-d", n.db)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(out) {
		if i := strings.LastIndexAny(strings.TrimRight(line, "\r\n "), " \t"); i > 0 && strings.HasPrefix(line, ours) {
			names = append(names, strings.TrimSpace(line[:i]))
		}
	}
	return names, nil
}

func (n nss) has(ctx context.Context) (bool, error) {
	names, err := n.names(ctx)
	return len(names) > 0, err
}

// nickname is what the store calls an authority. A colon would end the name of a token.
func nickname(a Authority) string { return strings.ReplaceAll(a.Name, ":", ".") + " " + a.id }

func (n nss) put(ctx context.Context, a Authority) error {
	_, err := n.m.run(ctx, a.pem, n.certutil, "-A", "-a", "-d", n.db, "-t", "C,,", "-n", nickname(a))
	return err
}

func (n nss) remove(ctx context.Context, _ Authority) error {
	names, err := n.names(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := n.m.run(ctx, nil, n.certutil, "-D", "-d", n.db, "-n", name); err != nil {
			return err
		}
	}
	left, err := n.has(ctx)
	if err == nil && left {
		err = fmt.Errorf("truststore: something was left in %s", n.db)
	}
	return err
}
