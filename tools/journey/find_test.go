//go:build browser

package journey

import (
	"encoding/csv"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"strongroom/tools/journey/chrome"
	"strongroom/tools/journey/stage"
	"strongroom/tools/journey/tour"
)

// Search forgives a typing error, finds beginnings, and says so when there is nothing; the language switch stays there.
func TestSearchForgives(t *testing.T) {
	otherWays(t, func(t *testing.T, g *tour.Guide) {
		find := func(words string) []string {
			g.Goto(g.To("/search"))
			g.Fill("#big-find", words)
			g.Follow(".big-find button")
			return g.Texts(".card-name")
		}
		holds := func(words, name string) {
			t.Helper()
			if got := find(words); !slices.Contains(got, name) {
				t.Errorf("%q finds %v", words, got)
			}
		}
		holds("Linen tablecloth", "Linen tablecloth")
		holds("tabelcloth", "Linen tablecloth")
		holds("tablecl", "Linen tablecloth")
		holds("LINEN  tablecloth", "Linen tablecloth")
		if got := find("xyzzyquux"); len(got) > 0 {
			t.Errorf("nonsense finds %v", got)
		}
		g.Say(g.T("shop.search_none"))
		same(t, "what was asked", g.Value("#big-find"), "xyzzyquux")
		g.Follow(`footer .tongue a[lang=de]`)
		same(t, "the page in German", g.Path(), "/de/search?q=xyzzyquux")
		g.Goto(g.To("/p/morning-bowl"))
		g.Follow(`footer .tongue a[lang=de]`)
		same(t, "the product in German", g.Path(), "/de/p/morning-bowl")
		same(t, "its name", g.Text("h1"), "Morgenschale")
	})
}

// With script the field suggests; arrow keys and Enter go to a suggestion, Escape closes.
func TestSuggestions(t *testing.T) {
	t.Parallel()
	turn(t)
	g := guide(t, "en", chrome.Options{Width: 1280})
	g.Goto(g.To("/"))
	g.Fill("#find", "morning")
	g.Wait("suggestions", `document.querySelectorAll("#hints a").length > 0 && !document.querySelector("#hints").hidden`)
	g.Key(kb.Escape)
	same(t, "expanded after Escape", g.Attr("#find", "aria-expanded"), "false")
	g.Fill("#find", "morning b")
	g.Wait("suggestions", `!document.querySelector("#hints").hidden`)
	g.Key(kb.ArrowDown)
	same(t, "chosen", g.Attr("#hint-0", "aria-selected"), "true")
	g.Key(kb.Enter)
	g.Loaded()
	g.Must("/p/morning-bowl")
}

// tongue is the language that pages are to speak, with what to know a foreign text by.
type tongue struct {
	code  string
	words *stage.Words
	goods map[string]bool
}

// speaks prepares to hold pages to a language. Everything is written in English first, so that only other languages can
// have something left.
func speaks(t *testing.T, code string) *tongue {
	t.Helper()
	if code == "en" {
		return nil
	}
	words, err := stage.Foreign("en", code)
	if err != nil {
		t.Fatal(err)
	}
	return &tongue{code, words, germanGoods(t)}
}

// check finds what a page says in English.
func (x *tongue) check(t *testing.T, g *tour.Guide, name string) {
	t.Helper()
	if x == nil {
		return
	}
	same(t, name+": language", g.Attr("html", "lang"), x.code)
	for _, piece := range pieces(g) {
		if key := x.words.Key(piece); key != "" && !x.goods[piece] {
			t.Errorf("%s: %q is not German (%s)", name, piece, key)
		}
	}
}

// germanGoods are the words of the sample goods, which may be the same in both languages: coffee is ground for a "Filter".
func germanGoods(t *testing.T) map[string]bool {
	t.Helper()
	f, err := os.Open("../../front/demo/sample/products.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, row := range rows[1:] {
		for i, cell := range row {
			out[cell] = out[cell] || strings.HasSuffix(rows[0][i], ":de")
		}
	}
	return out
}

// pieces are all texts of a page that somebody sees or hears, but those marked as another language, and words of the
// program that stand there as such.
func pieces(g *tour.Guide) (out []string) {
	g.Eval(`(() => {
	  const out = new Set([document.title.split(" – ")[0]]);
	  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
	  const own = e => { const l = e && e.closest("[lang]"); return !l || l.lang === document.documentElement.lang; };
	  for (let n; n = walk.nextNode();) {
	    if (n.nodeType === 3) { if (own(n.parentElement) && !n.parentElement.closest("script, style, .mono, pre")) out.add(n.textContent.trim()); continue; }
	    if (own(n)) for (const a of ["aria-label", "alt", "placeholder", "title"]) out.add((n.getAttribute(a) || "").trim());
	  }
	  out.delete("");
	  return [...out];
	})()`, &out)
	return out
}
