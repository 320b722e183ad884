package lang

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"strongroom/base/money"
)

func load2(t *testing.T) *Catalog {
	t.Helper()
	c, err := Load(Messages())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Every language says everything, with the same parameters (plural forms aside, which differ by language).
func TestEveryLanguageSaysEverything(t *testing.T) {
	c := load2(t)
	base := func(k string) string {
		for _, f := range forms {
			k = strings.TrimSuffix(k, "."+f)
		}
		return k
	}
	names := func(x text) []string {
		var out []string
		for _, s := range x {
			if s.name != "" && s.name != "n" && !slices.Contains(out, s.name) {
				out = append(out, s.name)
			}
		}
		slices.Sort(out)
		return out
	}
	for _, a := range c.tags {
		for _, b := range c.tags {
			other := map[string][]string{}
			for k, x := range c.printers[b].texts {
				other[base(k)] = append(other[base(k)], names(x)...)
			}
			for k, x := range c.printers[a].texts {
				there, ok := other[base(k)]
				if !ok {
					t.Errorf("%s has %q and %s has not", a, k, b)
					continue
				}
				for _, n := range names(x) {
					if !slices.Contains(there, n) {
						t.Errorf("%q uses {%s} in %s and not in %s", k, n, a, b)
					}
				}
			}
		}
	}
}

func TestPluralsAndParameters(t *testing.T) {
	c, err := Load(fstest.MapFS{
		"en/a.toml": {Data: []byte("\"a.n.one\" = \"{n} thing\"\n\"a.n.other\" = \"{n} things for {who}\"\n\"a.empty\" = \"\"")},
		"de/a.toml": {Data: []byte("\"a.n.one\" = \"{n} Ding\"\n\"a.n.other\" = \"{n} Dinge für {who}\"")},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ got, want string }{
		{c.For("en").T("a.n", "n", 1, "who", "you"), "1 thing"},
		{c.For("en").T("a.n", "n", 1200, "who", "{who}"), "1,200 things for {who}"},
		{c.For("de").T("a.n", "n", int64(0), "who", "dich"), "0 Dinge für dich"},
		{c.For("de").T("a.empty"), ""}, // falls back to English
		{c.For("xx").T("a.missing"), "a.missing"},
	} {
		if x.got != x.want {
			t.Errorf("got %q, want %q", x.got, x.want)
		}
	}
}

func TestBrokenTextsAreRefused(t *testing.T) {
	for name, data := range map[string]string{"open brace": `"a" = "{n"`, "no toml": `a = `, "not a text": `"a" = 3`} {
		if _, err := Load(fstest.MapFS{"en/a.toml": {Data: []byte(data)}}); err == nil {
			t.Errorf("%s was read", name)
		}
	}
	twice := fstest.MapFS{"en/a.toml": {Data: []byte(`"a" = "x"`)}, "en/b.toml": {Data: []byte(`"a" = "y"`)}}
	if _, err := Load(twice); err == nil {
		t.Error("a key that stands twice was read")
	}
}

func TestNumbersMoneyAndDates(t *testing.T) {
	c := load2(t)
	en, de := c.For("en"), c.For("de")
	berlin := time.FixedZone("CET", 3600)
	at := time.Date(2026, 3, 7, 14, 5, 0, 0, berlin)
	for _, x := range []struct{ got, want string }{
		{en.Money(123456, "EUR"), "€1,234.56"}, {de.Money(123456, "EUR"), "1.234,56\u00a0€"},
		{en.Money(-5, "EUR"), "−€0.05"}, {de.Money(-5, "EUR"), "−0,05\u00a0€"},
		{en.Money(1234, "JPY"), "¥1,234"}, {de.Money(1234567, "KWD"), "1.234,567\u00a0KWD"},
		{en.Money(money.Max, "CHF"), "CHF\u00a010,000,000,000.00"},
		{en.Percent(190000), "19%"}, {de.Percent(77500), "7,75\u00a0%"},
		{de.Weight(1250), "1,25\u00a0kg"}, {en.Weight(999), "999\u00a0g"}, {en.Weight(2000), "2\u00a0kg"},
		{en.Date(at), "7 March 2026"}, {de.Date(at), "7. März 2026"},
		{de.DateTime(at), "7. März 2026, 14:05 Uhr (MEZ)"}, {en.DateTime(at), "7 March 2026, 14:05 (CET)"},
		{de.Country("AT"), "Österreich"}, {en.Country("AT"), "Austria"}, {LanguageName("de"), "Deutsch"},
	} {
		if x.got != x.want {
			t.Errorf("got %q, want %q", x.got, x.want)
		}
	}
}

func TestNegotiate(t *testing.T) {
	for header, want := range map[string]string{"de-AT,de;q=0.9,en;q=0.8": "de", "fr": "en", "": "en", "en-GB": "en",
		"fr, de;q=0.5": "de", "\x00;;q=": "en", strings.Repeat("de,", 5000): "en"} {
		if got := Negotiate(header, []string{"en", "de"}); got != want && len(header) < 100 {
			t.Errorf("%q gave %s, want %s", header, got, want)
		}
	}
}

func TestFoldAndWords(t *testing.T) {
	for in, want := range map[string]string{
		"Größe": "grosse", "ŒUVRE": "oeuvre", "Smørrebrød": "smorrebrod", "Łódź": "lodz", "ﬁne": "fine", "Crème Brûlée": "creme brulee",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
	if got := Words("Linen-Napkin, 45×45 cm (x2)"); !slices.Equal(got, []string{"linen", "napkin", "45", "45", "cm", "x2"}) {
		t.Errorf("got %q", got)
	}
}

func TestCollationOrder(t *testing.T) {
	words := []string{"Zebra", "Äpfel", "apfel", "Öl", "Obst"}
	slices.SortFunc(words, func(a, b string) int { return bytes.Compare(CollationKey("de", a), CollationKey("de", b)) })
	if want := []string{"apfel", "Äpfel", "Obst", "Öl", "Zebra"}; !slices.Equal(words, want) {
		t.Errorf("got %q", words)
	}
}

func FuzzWords(f *testing.F) {
	f.Add("Linen-Napkin, 45×45 cm")
	f.Add("\xff\x00ﬁ" + strings.Repeat("ü", 100))
	f.Fuzz(func(t *testing.T, s string) {
		words := Words(s)
		if len(words) > MaxWords {
			t.Fatalf("%d words", len(words))
		}
		for _, w := range words {
			if w == "" && len(s) == 0 || len(w) > MaxWord || !utf8.ValidString(w) {
				t.Fatalf("word %q of %q", w, s)
			}
		}
	})
}
