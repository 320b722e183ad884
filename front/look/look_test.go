package look

import (
	"bytes"
	"compress/gzip"
	"io"
	"math"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const (
	maxCSS    = 20 << 10 // of a page, gzipped
	maxScript = 15 << 10 // of a page, gzipped
)

func assets(t *testing.T) *Assets {
	t.Helper()
	a, err := New(Colours{})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func zipped(t *testing.T, b []byte) int {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Len()
}

// TestBudgets: a shopper on a slow line gets the looks within a blink. All scripts together stand for the worst page.
func TestBudgets(t *testing.T) {
	a, scripts := assets(t), 0
	for path, f := range a.All() {
		if strings.HasSuffix(path, ".js") {
			scripts += zipped(t, f.Bytes())
		}
	}
	css := zipped(t, a.File("shop.css").Bytes())
	t.Logf("css %d, script %d bytes gzipped", css, scripts)
	if css > maxCSS || css == 0 {
		t.Errorf("%d bytes of css, the budget is %d", css, maxCSS)
	}
	if scripts > maxScript || scripts == 0 {
		t.Errorf("%d bytes of script, the budget is %d", scripts, maxScript)
	}
}

// TestNothingFromElsewhere: no style sheet and no script names another host, and no script makes code of text
// (V1.3.2, V3.2.2, V3.6.1).
func TestNothingFromElsewhere(t *testing.T) {
	for path, f := range assets(t).All() {
		s := string(f.Bytes())
		if !strings.HasSuffix(path, ".js") && !strings.HasSuffix(path, ".css") {
			continue
		}
		for _, bad := range [...]string{"://", "@import", "eval(", "innerHTML", "outerHTML", "document.write", "insertAdjacentHTML", "new Function", "postMessage", "addEventListener(\"message\"", "localStorage", "document.cookie", "{{"} {
			if strings.Contains(s, bad) {
				t.Errorf("%s holds %s", path, bad) // V3.5.5, V14.3.3, V15.3.6
			}
		}
	}
}

func TestServedForAYearUnderTheHash(t *testing.T) {
	a := assets(t)
	for _, coding := range [...]string{"", "gzip", "br"} {
		r := httptest.NewRequest("GET", a.Path("shop.css"), nil)
		r.Header.Set("Accept-Encoding", coding)
		w := httptest.NewRecorder()
		a.ServeHTTP(w, r)
		if w.Code != 200 || w.Header().Get("Content-Encoding") != coding || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%q: status %d, %v", coding, w.Code, w.Header())
		}
		if coding == "gzip" {
			z, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			if b, _ := io.ReadAll(z); !bytes.Equal(b, a.File("shop.css").Bytes()) {
				t.Error("the packed form differs")
			}
		}
	}
	other, err := New(Colours{Accent: "#7a1f3d"})
	if err != nil || other.Path("shop.css") == a.Path("shop.css") {
		t.Errorf("other colours have the same address: %v", err)
	}
	for _, bad := range [...]string{"red", "#12", "#1f5c4a;}body{display:none", "url(x)"} {
		if _, err := New(Colours{NightAccent: bad}); err == nil {
			t.Errorf("%q was taken for a colour", bad)
		}
	}
}

var token = regexp.MustCompile(`--([a-z-]+):\s*#([0-9a-f]{6})`)

// TestContrast holds day and night to WCAG 2.2: text 4.5 to 1 on every ground it stands on, edges of fields 3 to 1.
func TestContrast(t *testing.T) {
	css, err := files.ReadFile("css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	day, night, _ := strings.Cut(string(css), "prefers-color-scheme: dark")
	colours := map[string]string{}
	for name, part := range map[string]string{"day": day, "night": night} {
		for _, m := range token.FindAllStringSubmatch(part, -1) {
			colours[m[1]] = m[2]
		}
		for _, c := range [...]struct {
			text, ground string
			least        float64
		}{{"ink", "paper", 7}, {"ink", "shade", 7}, {"soft", "paper", 4.5}, {"soft", "shade", 4.5}, {"soft", "sheet", 4.5}, {"soft", "wash", 4.5},
			{"accent", "paper", 4.5}, {"accent", "wash", 4.5}, {"accent", "shade", 4.5}, {"on-accent", "accent", 4.5}, {"on-accent", "accent-deep", 4.5},
			{"clay", "paper", 4.5}, {"clay", "clay-wash", 4.5}, {"clay", "sheet", 4.5}, {"clay", "shade", 4.5}, {"edge", "sheet", 3}, {"edge", "paper", 3}, {"edge", "shade", 3}} {
			if got := contrast(t, colours[c.text], colours[c.ground]); got < c.least {
				t.Errorf("%s: %s on %s is %.2f, must be %.1f", name, c.text, c.ground, got, c.least)
			}
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a)+.05, luminance(t, b)+.05
	return max(x, y) / min(x, y)
}

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	var sum float64
	for i, weight := range [...]float64{.2126, .7152, .0722} {
		n, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= .04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
