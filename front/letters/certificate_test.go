package letters

import (
	"strings"
	"testing"
	"time"

	"strongroom/base/config"
	"strongroom/base/lang"
	"strongroom/guard/certificate"
)

// The mail about an end says when, what the authority said and when the store tries again, in the shop's language.
func TestCertificateLetter(t *testing.T) {
	texts, err := lang.Load(lang.Messages())
	if err != nil {
		t.Fatal(err)
	}
	ends := time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)
	a := certificate.Letter{Face: "shop", Days: 7, Ends: ends.UnixMicro()}
	failed := certificate.Standing{Host: "shop.example.org", Authority: "https://ca.example/dir", Next: ends.Add(-time.Hour), Failures: 3,
		Failure: &certificate.Failure{At: ends.Add(-48 * time.Hour), Words: `The authority said: "<b>CAA</b> forbids".`}}
	for _, c := range []struct {
		lang  string
		st    certificate.Standing
		words []string
	}{
		{"en", failed, []string{"shop.example.org", "1 December 2026", `"<b>CAA</b> forbids"`, "tries again", "strongroom doctor"}},
		{"de", failed, []string{"shop.example.org", "1. Dezember 2026", `"<b>CAA</b> forbids"`, "Versuch"}},
		{"en", certificate.Standing{Host: "shop.example.org"}, []string{"comes from files"}},
		{"en", certificate.Standing{Host: "shop.example.org", Authority: "x"}, []string{"keeps trying"}},
	} {
		l := &Writer{Deps{Texts: texts, Shop: config.Shop{Name: "Kiln", DefaultLanguage: c.lang, OwnerEmail: "owner@example.org", Email: "shop@example.org",
			TimeZone: time.UTC, PublicURL: "https://shop.example.org"}}, newWriter()}
		m, err := l.Certificate(a, c.st)
		if err != nil || m.To != "owner@example.org" || !strings.Contains(m.Subject, "shop.example.org") {
			t.Errorf("%+v %v", m, err)
		}
		flat := strings.Join(strings.Fields(m.Text), " ")
		for _, w := range c.words {
			if !strings.Contains(flat, w) {
				t.Errorf("%s: %q is not in:\n%s", c.lang, w, m.Text)
			}
		}
		if strings.Contains(m.HTML, "<b>CAA") {
			t.Error("the authority's words are markup")
		}
	}
}
