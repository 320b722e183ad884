package storefront

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/andybalholm/brotli"
)

// browsePaths are pages that are the same for everybody.
var browsePaths = [...]string{"/en/", "/de/", "/en/c/tableware", "/de/c/tableware?o.glaze=sage&sort=price", "/en/p/bowl-1", "/de/p/bowl-1?v=BOWL-1-clay",
	"/en/search?q=bowl", "/en/search?q=bwol", "/en/search", "/en/search?q=xyzzy", "/en/imprint", "/de/privacy", "/en/contact"}

func TestPagesForEverybodyAreWhole(t *testing.T) {
	s := newStore(t, 60)
	for _, path := range browsePaths {
		t.Run(path, func(t *testing.T) {
			w := s.get(path)
			if w.Code != http.StatusOK {
				t.Fatalf("status %d: %s", w.Code, w.Body)
			}
			if c := w.Result().Cookies(); len(c) > 0 {
				t.Errorf("a page that is the same for everybody sets cookies: %v", c)
			}
			checkPageHTML(t, path[1:3], path, w.Body.Bytes())
			if !bytes.Contains(w.Body.Bytes(), []byte("/"+path[1:3]+"/withdraw")) {
				t.Error("the withdrawal is not linked")
			}
			if !bytes.Contains(w.Body.Bytes(), []byte(s.Texts.For(path[1:3]).T("shop.test_mode"))) {
				t.Error("the page does not say that the shop runs in test mode")
			}
		})
	}
}

func TestCacheServesOneAnswerInAllForms(t *testing.T) {
	s := newStore(t, 10)
	plain := s.get("/en/p/bowl-1")
	before := s.stand.reads.Load()
	for range hot + 2 {
		for coding, open := range map[string]func(io.Reader) (io.Reader, error){
			"gzip": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
			"br":   func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
		} {
			w := s.get("/en/p/bowl-1", "Accept-Encoding", coding)
			body := io.Reader(w.Body)
			if got := w.Header().Get("Content-Encoding"); got == coding {
				r, err := open(w.Body)
				must(t, err)
				body = r
			} else if got != "" {
				t.Fatalf("asked for %s, got %s", coding, got)
			}
			b, err := io.ReadAll(body)
			must(t, err)
			if !bytes.Equal(b, plain.Body.Bytes()) {
				t.Fatalf("the %s form differs", coding)
			}
		}
	}
	if s.stand.reads.Load() != before {
		t.Error("a cached page asked the catalogue")
	}
	if w := s.get("/en/p/bowl-1", "Accept-Encoding", "br;q=0, gzip;q=0.000"); w.Header().Get("Content-Encoding") != "" {
		t.Error("a refused coding was sent")
	}
	w := s.get("/en/p/bowl-1", "If-None-Match", plain.Header().Get("Etag"))
	if w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Errorf("status %d with %d bytes for what the reader has", w.Code, w.Body.Len())
	}
	if w := s.do("HEAD", "/en/p/bowl-1", ""); w.Code != http.StatusOK || w.Body.Len() != 0 || w.Header().Get("Content-Length") == "" {
		t.Errorf("HEAD: status %d, %d bytes", w.Code, w.Body.Len())
	}
}

func TestWriteOfTheCatalogueIsSeenAtOnce(t *testing.T) {
	s := newStore(t, 10)
	for range hot + 1 {
		if !strings.Contains(s.get("/en/p/bowl-1").Body.String(), "Morning bowl") {
			t.Fatal("the product is not shown")
		}
	}
	s.stand.Name("Evening bowl")
	for _, path := range [...]string{"/en/p/bowl-1", "/en/", "/en/c/tableware"} {
		if b := s.get(path).Body.String(); strings.Contains(b, "Morning bowl") || !strings.Contains(b, "Evening bowl") {
			t.Errorf("%s still shows what was before the write", path)
		}
	}
	before := s.stand.reads.Load()
	s.pair.Clock.Advance(2 * maxAge)
	s.get("/en/p/bowl-1")
	if s.stand.reads.Load() == before {
		t.Error("a page outlived its age")
	}
}

// A page whose time is over is made anew; where nothing changed, the careful packing of a popular one is kept.
func TestAPageThatStayedTheSameStaysPacked(t *testing.T) {
	s := newStore(t, 10)
	for range hot + 1 {
		s.get("/en/p/bowl-1")
	}
	form := func() string {
		t.Helper()
		w := s.get("/en/p/bowl-1", "Accept-Encoding", "br, gzip")
		return w.Header().Get("Content-Encoding")
	}
	if form() != "br" {
		t.Fatal("a popular page is not packed well")
	}
	before := s.stand.reads.Load()
	s.pair.Clock.Advance(2 * maxAge)
	form() // made for this reader
	if got := form(); got != "br" || s.stand.reads.Load() == before {
		t.Errorf("after its time the page comes as %q", got)
	}
	s.stand.Name("Evening bowl")
	s.get("/en/p/bowl-1")
	if got := form(); got != "gzip" || !strings.Contains(s.get("/en/p/bowl-1").Body.String(), "Evening bowl") {
		t.Errorf("another page comes as %q", got)
	}
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	sum := 0
	for _, el := range s.cache.entries {
		sum += el.Value.(*entry).size()
	}
	if sum != s.cache.onceB+s.cache.oftenB || len(s.cache.entries) != s.cache.once.Len()+s.cache.often.Len() {
		t.Errorf("%d bytes are kept and %d counted", sum, s.cache.onceB+s.cache.oftenB)
	}
}

// A store whose cache is switched off makes each page afresh, keeps none, and answers with the same bytes.
func TestCacheSwitchedOff(t *testing.T) {
	s := newStore(t, 10)
	want := s.get("/en/p/bowl-1").Body.String()
	s.cache = newPageCache(-1, s.pair.Clock, s.stand.Version)
	for range hot + 1 {
		before := s.stand.reads.Load()
		if got := s.get("/en/p/bowl-1").Body.String(); got != want {
			t.Fatal("the page differs without the cache")
		}
		if s.stand.reads.Load() == before {
			t.Fatal("the catalogue was not asked")
		}
	}
	if n := len(s.cache.entries); n > 0 {
		t.Errorf("%d pages were kept", n)
	}
}

// TestAddressesOfOnePageAreOne: attack 37, poisoning. What is hung onto an address neither makes a second entry nor
// finds its way into the page.
func TestAddressesOfOnePageAreOne(t *testing.T) {
	s := newStore(t, 10)
	want := s.get("/en/p/bowl-1").Body.String()
	before := s.stand.reads.Load()
	for _, q := range [...]string{"?utm_source=x", "?v=", "?x=%22%3E%3Cscript%3E", "?sort=price&q=<script>"} {
		if got := s.get("/en/p/bowl-1" + q).Body.String(); got != want {
			t.Errorf("%s changes the page", q)
		}
	}
	a := s.get("/en/c/tableware?o.glaze=clay&o.glaze=sage&min=5").Body.String()
	if b := s.get("/en/c/tableware?min=5.00&o.glaze=sage&x=1&o.glaze=clay").Body.String(); a == "" || strings.Count(a, "checked") != strings.Count(b, "checked") {
		t.Error("the order of parameters changes the page")
	}
	if n := s.stand.reads.Load() - before; n > 2 {
		t.Errorf("%d reads of the catalogue for two pages", n)
	}
	for _, h := range [...]string{"X-Forwarded-Host", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Proto"} {
		if got := s.get("/en/p/bowl-1", h, "evil.example").Body.String(); got != want {
			t.Errorf("%s changes the page", h)
		}
	}
}

func TestCacheIsBoundedAndKeepsWhatIsLiked(t *testing.T) {
	s := newStore(t, 600)
	for range 3 {
		s.get("/en/p/bowl-0")
	}
	for i := 1; i < 600; i++ {
		s.get(fmt.Sprintf("/en/p/bowl-%d", i))
	}
	s.cache.mu.Lock()
	size, n := s.cache.onceB+s.cache.oftenB, len(s.cache.entries)
	s.cache.mu.Unlock()
	if size > s.cache.max || n == 0 || n >= 600 {
		t.Errorf("%d entries of %d bytes in a cache of %d", n, size, s.cache.max)
	}
	before := s.stand.reads.Load()
	s.get("/en/p/bowl-0")
	if s.stand.reads.Load() != before {
		t.Error("a walk through the catalogue drove out the page that is asked for again")
	}
}

// Many read the cache while it changes (V15.4.1).
func TestCacheUnderManyReaders(t *testing.T) {
	s := newStore(t, 20)
	var g sync.WaitGroup
	for i := range 8 {
		g.Go(func() {
			for j := range 60 {
				if w := s.get(fmt.Sprintf("/en/p/bowl-%d", (i+j)%20), "Accept-Encoding", "gzip"); w.Code != http.StatusOK {
					t.Errorf("status %d", w.Code)
				}
				if i == 0 && j%20 == 0 {
					s.stand.Name(fmt.Sprintf("Bowl %d", j))
				}
			}
		})
	}
	g.Wait()
}

func TestOptionsLeadToVariants(t *testing.T) {
	s := newStore(t, 5)
	b := s.get("/en/p/bowl-1").Body.String()
	for _, want := range [...]string{`href="?v=BOWL-1-clay"`, `aria-current="true"`, "€19.20", "€24.00", "Lowest price of the last 30 days: €18.90", "€42.67 / 1 l", "Only a few left", "incl. VAT"} {
		if !strings.Contains(b, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(b, "alert(1)") || strings.Contains(b, "javascript:") {
		t.Error("the description brought script")
	}
	sold := s.get("/en/p/bowl-1?v=BOWL-1-night").Body.String()
	if strings.Contains(sold, `action="/en/cart/add"`) || !strings.Contains(sold, "Sold out") || !strings.Contains(sold, "opt-link out") {
		t.Error("a variant that is sold out can be put into the cart")
	}
}

func TestSearchSaysWhatItDid(t *testing.T) {
	s := newStore(t, 5)
	if b := s.get("/en/search?q=bwol").Body.String(); !strings.Contains(b, "Showing results for “bowl”") {
		t.Error("the correction is not said")
	}
	hostile := `"><script>alert(1)</script>`
	b := s.get("/en/search?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").Body.String()
	if strings.Contains(b, hostile) || !strings.Contains(b, "&#34;&gt;&lt;script&gt;") {
		t.Error("what was searched is not shown as text") // V1.2.1
	}
	if w := s.get("/en/search/suggest?q=bow"); w.Body.String() != `[{"name":"bowl","url":"/en/search?q=bowl"},{"name":"Morning bowl","url":"/en/p/bowl-0"}]` {
		t.Errorf("suggestions: %s", w.Body)
	}
	for _, q := range [...]string{"?q=" + strings.Repeat("x", 4000), "?q=a&q=b", "?q=%ff", "?q=%00"} {
		if w := s.get("/en/search" + q); w.Code != http.StatusOK && w.Code != http.StatusBadRequest {
			t.Errorf("%.20s: status %d", q, w.Code)
		}
	}
}
