package storefront

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestEntranceSpeaksTheReadersLanguage(t *testing.T) {
	s := newStore(t, 1)
	for accept, want := range map[string]string{"": "/en/", "de-AT,en;q=0.5": "/de/", "fr": "/en/", "en;q=0.1,de;q=0.9": "/de/", strings.Repeat("x,", 5000): "/en/"} {
		w := s.get("/", "Accept-Language", accept)
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != want || len(w.Result().Cookies()) > 0 {
			t.Errorf("%.20q leads to %s with status %d", accept, w.Header().Get("Location"), w.Code)
		}
	}
}

// TestUnknownAddressesAreNotFound: attack 37. A suffix that looks like a file never shows a private page,
// and no folder is listed (V13.4.3).
func TestUnknownAddressesAreNotFound(t *testing.T) {
	s := newStore(t, 1)
	for _, path := range [...]string{"/en/order/x.css", "/en/cart/x.css", "/en/checkout/style.css", "/en/order/return/x.js", "/en/order.css", "/en/cart;x.css", "/en/cart%2fx.css",
		"/fr/", "/en/p/none", "/en/c/none", "/en/p/", "/assets/x.css", "/assets/", "/media/", "/assets/../go.mod", "/media/x", "/en/nothing", "/sitemap/en-9.xml", "/sitemap/xx-1.xml", "/sitemap/en-01.xml", "/en/order/open/short"} {
		w := s.get(path)
		if w.Code != http.StatusNotFound && w.Code != http.StatusMovedPermanently && w.Code != http.StatusTemporaryRedirect {
			t.Errorf("%s: status %d", path, w.Code)
		}
		if w.Code == http.StatusNotFound {
			if w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s may be stored", path)
			}
			code := "en"
			checkPageHTML(t, code, path, w.Body.Bytes())
		}
	}
	if w := s.get("/de/nichts"); !strings.Contains(w.Body.String(), "Hier ist nichts") {
		t.Error("the failure is not in the language of the address")
	}
}

// V14.3.2: what belongs to one reader is stored nowhere.
func TestPrivatePagesAreNeverStored(t *testing.T) {
	s := newStore(t, 1)
	for _, path := range [...]string{"/en/cart", "/en/checkout", "/en/checkout/pay", "/en/order", "/en/order/return", "/en/order/link", "/en/withdraw", "/cart/count",
		"/en/order/open/" + strings.Repeat("A", 43)} {
		w := s.get(path)
		if w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: Cache-Control %q", path, w.Header().Get("Cache-Control"))
		}
	}
}

func TestWrongMethodIsSaid(t *testing.T) {
	s := newStore(t, 1)
	w := s.do("POST", "/en/p/bowl-0", "x=1")
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("status %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
	if w := s.get("/en/cart/add"); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "POST" {
		t.Errorf("status %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}

func TestSecurityTxt(t *testing.T) {
	s := newStore(t, 1)
	lines := map[string]string{}
	for line := range strings.Lines(s.get("/.well-known/security.txt").Body.String()) {
		k, v, _ := strings.Cut(strings.TrimSpace(line), ": ")
		if _, twice := lines[k]; twice {
			t.Errorf("%s stands twice", k)
		}
		lines[k] = v
	}
	until, err := time.Parse(time.RFC3339, lines["Expires"])
	must(t, err)
	if d := until.Sub(s.pair.Clock.Now()); d < 90*24*time.Hour || d >= 365*24*time.Hour {
		t.Errorf("it expires in %s", d)
	}
	if !strings.HasPrefix(lines["Contact"], "mailto:") || lines["Canonical"] != "https://shop.localhost:8443/.well-known/security.txt" {
		t.Errorf("%v", lines)
	}
}

func TestMapsAndManifest(t *testing.T) {
	s := newStore(t, 250)
	var index struct {
		Parts []struct {
			Loc string `xml:"loc"`
		} `xml:"sitemap"`
	}
	must(t, xml.Unmarshal(s.get("/sitemap.xml").Body.Bytes(), &index))
	if len(index.Parts) != 6 {
		t.Fatalf("%d parts", len(index.Parts))
	}
	type address struct {
		Loc string `xml:"loc"`
	}
	var first []address
	products := map[string]int{}
	for i, p := range index.Parts {
		var part struct {
			URLs []address `xml:"url"`
		}
		must(t, xml.Unmarshal(s.get(strings.TrimPrefix(p.Loc, s.Shop.PublicURL)).Body.Bytes(), &part))
		for _, u := range part.URLs {
			if strings.Contains(u.Loc, "/p/") {
				products[u.Loc]++
			}
		}
		if i == 0 {
			first = part.URLs
		}
	}
	if len(products) != 500 || len(first) < 110 {
		t.Errorf("%d addresses of products, %d in the first part", len(products), len(first))
	}
	for a, n := range products {
		if n != 1 {
			t.Errorf("%s stands in %d parts", a, n)
		}
	}
	for _, u := range first[:20] {
		if w := s.get(strings.TrimPrefix(u.Loc, s.Shop.PublicURL)); w.Code != http.StatusOK {
			t.Errorf("%s: status %d", u.Loc, w.Code)
		}
	}
	if r := s.get("/robots.txt").Body.String(); !strings.Contains(r, "Disallow: /de/checkout") || !strings.Contains(r, "Sitemap: https://") {
		t.Error(r)
	}
	var m struct {
		Icons []struct{ Src string }
	}
	must(t, json.Unmarshal(s.get("/en/manifest.webmanifest").Body.Bytes(), &m))
	for _, i := range m.Icons {
		if w := s.get(i.Src); w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" {
			t.Errorf("%s: status %d, %s", i.Src, w.Code, w.Header().Get("Cache-Control"))
		}
	}
}

// TestDataForSearchEngines: every block is JSON and cannot end its element (V1.2.3).
func TestDataForSearchEngines(t *testing.T) {
	s := newStore(t, 3)
	b := s.get("/en/p/bowl-1").Body.String()
	kinds := map[string]bool{}
	for {
		_, rest, found := strings.Cut(b, `<script type="application/ld+json">`)
		if !found {
			break
		}
		block, after, _ := strings.Cut(rest, "</script>")
		var o map[string]any
		must(t, json.Unmarshal([]byte(block), &o))
		kinds[o["@type"].(string)] = true
		if strings.Contains(block, "<") {
			t.Error("a block holds a < that could end it")
		}
		b = after
	}
	if !kinds["Product"] || !kinds["BreadcrumbList"] {
		t.Errorf("blocks: %v", kinds)
	}
}
