package strength

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"strongroom/base/fault"
)

func checker(t testing.TB, o Options) *Checker {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// reasonOf is why a password was refused; "" if it was not.
func reasonOf(t testing.TB, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	f := fault.As(err)
	if f == nil || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Name != "password" {
		t.Fatalf("no refusal of a form: %v", err)
	}
	return f.Fields[0].Key
}

// V6.2.1 and NIST 800-63B-4 3.1.1.2: the lengths, by code point. V6.2.4, V6.2.11: known ones and those of the context.
func TestReasons(t *testing.T) {
	c := checker(t, Options{Words: []string{"Kiln & Orchard", "shop.kiln-orchard.example"}})
	about := []string{"Ada Lovelace", "ada.lovelace@post.example", "Ofenweg 12, 10115 Berlin"}
	for _, x := range []struct {
		password string
		least    int
		want     string
	}{
		{"correct horse of staple", Alone, ""},
		{"xkvjqwpznrtmbg", Alone, TooShort}, // 14
		{"xkvjqwpznrtmbgh", Alone, ""},      // 15
		{"xkvjqwp", WithFactor, TooShort},
		{"xkvjqwpz", WithFactor, ""},
		{"ωξψηβλσω", WithFactor, ""}, // 8 code points of 16 bytes
		{"ωξψηβλσ", WithFactor, TooShort},
		{"e\u0301a\u0301o\u0301i\u0301", WithFactor, TooShort}, // four letters of two code points each
		{strings.Repeat("ab cd efg ", 25) + "123456", Alone, ""},
		{strings.Repeat("ab cd efg ", 25) + "1234567", Alone, TooLong},
		{"valid but\x00 not typed", Alone, NoText},
		{"valid but\xff not text", Alone, NoText},
		{"password", WithFactor, Common},
		{"PassWord123", WithFactor, Common},
		{"passwordpassword", Alone, Common},
		{"sunshinesunshine", Alone, Common},
		{"aaaaaaaaaaaaaaaa", Alone, Pattern},
		{"abcabcabcabcabcab", Alone, Pattern},
		{"1234567890123456", Alone, Pattern},
		{"qwertyuiopasdfghjkl", Alone, Pattern},
		{"0987654321zyxwvut", Alone, Pattern},
		{"kilnandorchard2026", Alone, Context},
		{"K1ln-0rch4rd-2026", Alone, Context},
		{"ada.lovelace.1815", Alone, Context},
		{"lovelacelovelace1", Alone, Context},
		{"ofenweg10115berlin", Alone, Context},
		{"lovelacepassword", Alone, Context}, // what is left is a common one
		{"a kiln is warm on tuesdays", Alone, ""},
		{"lovelace rides vermilion elks", Alone, ""},
	} {
		if got := reasonOf(t, c.Check(context.Background(), x.password, x.least, about...)); got != x.want {
			t.Errorf("%q for %d: %q, want %q", x.password, x.least, got, x.want)
		}
	}
}

// V6.2.5, V6.2.9: any composition, and at least 128 code points, of any script.
func TestAnyCompositionIsAllowed(t *testing.T) {
	c := checker(t, Options{})
	rapid.Check(t, func(t *rapid.T) {
		runes := rapid.SliceOfN(rapid.Rune(), 128, Longest).Draw(t, "password")
		p := Normal(string(runes))
		if n := Length(p); n > Longest || n < Alone || strings.ContainsRune(p, 0) || isPattern(p) {
			return // another rule's
		}
		if err := c.Check(context.Background(), p, Alone); err != nil {
			t.Fatalf("%d code points refused: %v", utf8.RuneCountInString(p), err)
		}
	})
	for _, p := range []string{"onlysmallletters and spaces", "8352098471 5529034 8857", "    quiet    spaces    "} {
		if err := c.Check(context.Background(), p, Alone); err != nil {
			t.Errorf("%q: %v", p, err)
		}
	}
}

// NIST 800-63B-4: the same letters typed on another keyboard are the same password; nothing else is changed (V6.2.8).
func TestNormalChangesTheFormOnly(t *testing.T) {
	if Normal("Cafe\u0301 ") != "Caf\u00e9 " {
		t.Error("not NFC, or a space was taken")
	}
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.String().Draw(t, "password")
		if Normal(Normal(p)) != Normal(p) {
			t.Fatal("not stable")
		}
	})
}

// asked is a service that counts.
type asked struct {
	n    int
	leak bool
	err  error
}

func (a *asked) Leaked(context.Context, string) (bool, error) { a.n++; return a.leak, a.err }

// V6.2.12: leaked ones are refused; what the shipped list knows is refused without asking, and a service that does not
// answer refuses nothing by itself.
func TestTheServiceIsAskedLast(t *testing.T) {
	ctx := context.Background()
	a := &asked{leak: true}
	c := checker(t, Options{Service: a})
	if got := reasonOf(t, c.Check(ctx, "passwordpassword", Alone)); got != Common || a.n != 0 {
		t.Errorf("%s after %d questions", got, a.n)
	}
	if got := reasonOf(t, c.Check(ctx, "vermilion elks ride", Alone)); got != Leaked || a.n != 1 {
		t.Errorf("%s after %d questions", got, a.n)
	}
	a.leak, a.err = false, errors.New("away")
	var out strings.Builder
	c = checker(t, Options{Service: a, Log: slog.New(slog.NewTextHandler(&out, nil))})
	if err := c.Check(ctx, "vermilion elks ride", Alone); err != nil {
		t.Error(err)
	}
	if got := reasonOf(t, c.Check(ctx, "passwordpassword", Alone)); got != Common {
		t.Errorf("without the service: %q", got)
	}
	if !strings.Contains(out.String(), "does not answer") || strings.Contains(out.String(), "elks") {
		t.Errorf("the log says %q", out.String())
	}
}

func TestAdvice(t *testing.T) {
	c := checker(t, Options{Words: []string{"Kiln & Orchard"}, Service: &asked{leak: true}})
	for _, x := range []struct {
		password string
		fits     bool
		reason   string
		from, to int
	}{
		{"", false, TooShort, 0, 0},
		{"password", false, TooShort, 0, 0},
		{"passwordpassword", false, Common, 0, 1},
		{"kilnandorchard2026", false, Context, 0, 1},
		{"xkvjqwpznrtm", false, TooShort, 1, 2},
		{"vermilion elks ride quietly", true, "", 4, 4}, // the service is not asked
	} {
		a := c.Advise(x.password, Alone)
		if a.Fits != x.fits || a.Reason != x.reason || a.Score < x.from || a.Score > x.to {
			t.Errorf("%q: %+v", x.password, a)
		}
		if b, _ := json.Marshal(a); x.password != "" && strings.Contains(string(b), x.password) {
			t.Errorf("the advice repeats the password: %s", b)
		}
	}
}

// What somebody types must not keep a processor busy: advice is asked for with every key.
func TestAdviceIsQuick(t *testing.T) {
	c := checker(t, Options{})
	for _, p := range []string{strings.Repeat("a1@", 85), strings.Repeat("4bcd3f0", 36), strings.Repeat("01.01.2001", 25),
		strings.Repeat("$@l!1|", 42), strings.Repeat("é", 256)} {
		start := time.Now()
		c.Advise(p, Alone)
		if d := time.Since(start); d > 500*time.Millisecond {
			t.Errorf("%.12q... of %d took %s", p, Length(p), d)
		}
	}
}
