package vault_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"strings"
	"testing"
	texttemplate "text/template"

	"pgregory.net/rapid"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/guard/vault"
	"strongroom/guard/vault/vaulttest"
)

const planted = "planted.value@example.com"

type named struct{ X vault.Personal }

type outer struct {
	Shown  vault.Personal
	hidden vault.Personal
	list   []vault.Personal
	by     map[string]vault.Personal
	ptr    *vault.Personal
}

// V16.2.5, V14.2.4: whatever prints a personal value shows a mask, also where fmt goes by reflection into fields that
// nobody exported.
func TestPersonalPrintsMasked_V16_2_5(t *testing.T) {
	p := dbtest.Open(t, db.SQLite)
	v := vaulttest.New(t, p)
	s, r := subject(t, v), row(t, p)
	for kind, x := range map[string]vault.Personal{
		"typed": vault.Typed(planted), "sealed": v.Sealed(email, s, r, sealed(t, v, email, s, r, planted))} {
		o := outer{x, x, []vault.Personal{x}, map[string]vault.Personal{"k": x}, &x}
		for _, verb := range strings.Split("v +v #v s +s q +q #q x X #x d o b c U e f g t p T w 20s -20v", " ") {
			for _, value := range []any{x, &x, o, &o, []any{x}, errors.Join(fmt.Errorf("wrapped %v", x))} {
				mustHide(t, kind+" %"+verb, fmt.Sprintf("%"+verb, value))
			}
		}
		mustHide(t, kind+" print", fmt.Sprint(x, &x, o)+fmt.Sprintln(x))
		for name, out := range encodings(t, x, o) {
			mustHide(t, kind+" "+name, out)
		}
		if x.String() != vault.Hidden || fmt.Sprintf("%d|%s", x, x) != "•••|•••" {
			t.Errorf("%s prints as %q", kind, x.String())
		}
		if x.Mask() != "p•••@example.com" {
			t.Errorf("%s has the mask %q", kind, x.Mask())
		}
	}
	if (vault.Personal{}).String() != "" || (vault.Personal{}).Mask() != "" || !(vault.Personal{}).IsZero() {
		t.Error("no value shows something")
	}
}

func mustHide(t *testing.T, how, out string) {
	t.Helper()
	hex := fmt.Sprintf("%x", planted)
	if strings.Contains(out, "planted") || strings.Contains(strings.ToLower(out), hex[:16]) || strings.Contains(out, "112 108 97") {
		t.Errorf("%s shows the value: %.200s", how, out)
	}
}

func encodings(t *testing.T, x vault.Personal, o outer) map[string]string {
	t.Helper()
	out := map[string]string{}
	for name, f := range map[string]func(*bytes.Buffer) error{
		"json": func(b *bytes.Buffer) error { return json.NewEncoder(b).Encode([]any{x, &x, o.by, o.Shown}) },
		"xml":  func(b *bytes.Buffer) error { return xml.NewEncoder(b).Encode(named{x}) },
		"gob":  func(b *bytes.Buffer) error { return gob.NewEncoder(b).Encode(x) },
		"slog text": func(b *bytes.Buffer) error {
			slog.New(slog.NewTextHandler(b, nil)).Info("m", "x", x, "o", o)
			return nil
		},
		"slog json": func(b *bytes.Buffer) error {
			slog.New(slog.NewJSONHandler(b, nil)).Info("m", "x", x, "o", o)
			return nil
		},
		"text template": func(b *bytes.Buffer) error {
			return texttemplate.Must(texttemplate.New("").Parse("{{.}} {{printf \"%v\" .}}")).Execute(b, x)
		},
		"html template": func(b *bytes.Buffer) error {
			return template.Must(template.New("").Parse("<a title=\"{{.}}\">{{.}}</a><script>x={{.}}</script>")).Execute(b, x)
		},
	} {
		var b bytes.Buffer
		must(t, f(&b))
		if out[name] = b.String(); b.Len() == 0 {
			t.Errorf("%s wrote nothing", name)
		}
	}
	return out
}

func TestMasks(t *testing.T) {
	p := dbtest.Open(t, db.SQLite)
	v := vaulttest.New(t, p)
	s, r := subject(t, v), row(t, p)
	for _, c := range []struct {
		mask        vault.Mask
		clear, want string
	}{
		{vault.MaskEmail, "ada@example.com", "a•••@example.com"}, {vault.MaskEmail, "Ä@x.de", "Ä•••@x.de"},
		{vault.MaskEmail, "no address", "•••"}, {vault.MaskEmail, "@x.de", "•••"}, {vault.MaskEmail, "a@", "•••"},
		{vault.MaskName, "Ada Lovelace", "A•••"}, {vault.MaskName, "東京", "東•••"},
		{vault.MaskPhone, "+49 30 1234-56", "•••56"}, {vault.MaskPhone, "112", "•••"}, {vault.MaskAll, "Hauptstr. 1", "•••"},
	} {
		f := vault.Field{Number: 1, Purpose: vault.Fulfilment, Mask: c.mask}
		if got := v.Sealed(f, s, r, sealed(t, v, f, s, r, c.clear)).Mask(); got != c.want {
			t.Errorf("%q is masked as %q, want %q", c.clear, got, c.want)
		}
	}
}

// Whatever is sealed comes back, and a mask shows at most one letter and the domain of it.
func TestSealingIsTrue(t *testing.T) {
	p := dbtest.Open(t, db.SQLite)
	v := vaulttest.New(t, p)
	s := subject(t, v)
	rapid.Check(t, func(rt *rapid.T) {
		clear := rapid.String().Draw(rt, "clear")
		f := vault.Field{Number: rapid.Uint16Range(1, 65535).Draw(rt, "field"), Purpose: vault.Fulfilment,
			Mask: vault.Mask(rapid.IntRange(0, 3).Draw(rt, "mask"))}
		r := row(t, p)
		b, err := v.Seal(ctx, f, s, r, vault.Typed(clear))
		if err != nil {
			rt.Fatal(err)
		}
		x := v.Sealed(f, s, r, b)
		got, err := reveal(v, shipping, x)
		if err != nil || got != clear {
			rt.Fatalf("revealed %q, %v; want %q", got, err, clear)
		}
		if f.Mask != vault.MaskEmail && len([]rune(clear)) > 3 && strings.Contains(x.Mask(), clear) {
			rt.Fatalf("the mask %q shows %q", x.Mask(), clear)
		}
	})
}
