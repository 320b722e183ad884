//go:build browser

package journey

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"

	"strongroom/tools/journey/chrome"
	"strongroom/tools/journey/tour"
)

// everyLook has the walks over all pages look at each in every width, theme and language, and the journeys use every way;
// every day they share that out.
var everyLook = os.Getenv("STRONGROOM_TEST_JOURNEYS") == "full"

// looks are the walks over all pages. One theme is looked at with all rules of axe-core, the other with those that
// depend on colours; a German reader meets no English word of ours.
func looks() (list []look) {
	list = []look{{"en", 1280, true, everyLook}, {"de", 390, false, true}}
	if everyLook {
		list = append(list, look{"de", 1280, false, true}, look{"en", 390, true, true})
	}
	return list
}

type look struct {
	code  string
	width int64
	dark  bool // the theme that is looked at with all rules
	both  bool // the other one is looked at, too
}

func (l look) String() string { return fmt.Sprintf("%s/%d", l.code, l.width) }

// at looks at one page: axe-core finds nothing. It leaves the page in some theme.
func (l look) at(t *testing.T, g *tour.Guide, name string) {
	t.Helper()
	g.Theme(l.dark)
	for _, finding := range g.Axe(axe) {
		t.Errorf("%s, dark %v: %s", name, l.dark, finding)
	}
	if !l.both {
		return
	}
	g.Theme(!l.dark)
	for _, finding := range g.AxeColours(axe) {
		t.Errorf("%s, dark %v: %s", name, !l.dark, finding)
	}
}

// On every page of the shop axe-core finds nothing, on a narrow window and on a wide one, light and dark, and in German
// everything is German, from the front door to the receipt.
func TestEveryPageIsWellMade(t *testing.T) {
	t.Parallel()
	for _, l := range looks() {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			turn(t)
			g := guide(t, l.code, chrome.Options{Width: l.width})
			tongue := speaks(t, l.code)
			stops := 0
			tour.Walk(g, func(name string) {
				stops++
				l.at(t, g, name)
				if !strings.HasPrefix(name, "outbox") && !strings.HasPrefix(name, "hosted") {
					tongue.check(t, g, name)
				}
			})
			if stops < 45 {
				t.Errorf("the walk has only %d stops", stops)
			}
		})
	}
}

// No page is wider than the window, down to 320 pixels (WCAG 1.4.10): every day in German, whose words are longer.
func TestNoSidewaysScrolling(t *testing.T) {
	t.Parallel()
	codes := []string{"de"}
	if everyLook {
		codes = append(codes, "en")
	}
	for _, code := range codes {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			turn(t)
			g := guide(t, code, chrome.Options{Width: 320, Height: 640, NoScript: true})
			tour.Walk(g, func(name string) { fits(t, g, name, 320, 390, 768, 1280) })
		})
	}
}

// fits looks at a page in several widths: it is as wide as the window.
func fits(t *testing.T, g *tour.Guide, name string, widths ...int64) {
	t.Helper()
	was := g.Now()
	for _, width := range widths {
		g.Size(width, 800)
		if wide, who := g.Overflow(); wide > 0 {
			t.Errorf("%s at %d: %d pixels too wide by %s", name, width, wide, who)
		}
	}
	g.Size(was.Width, was.Height)
}

// The whole purchase with the keyboard alone; wherever the focus is, it can be seen.
func TestKeyboardAlone(t *testing.T) {
	t.Parallel()
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			turn(t)
			g := keys{guide(t, "en", w.o), t}
			who := tour.Somebody()
			g.Goto(g.To(tour.WithOptions))
			g.skip()
			g.reach(`.opt-link:not([aria-current]):not(.out)`)
			g.press(kb.Enter)
			g.reach("form[data-add] button")
			g.Key(" ")
			g.Wait("the word that it was added", `document.querySelector("[data-added]:not([hidden])") || location.pathname.endsWith("/cart")`)
			if !g.At("/cart") {
				g.reach("[data-added] a")
				g.press(kb.Enter)
			} else {
				g.Loaded()
			}
			g.reach(`a[href$="/checkout"]`)
			g.press(kb.Enter)
			for field, text := range map[string]string{"#f-email": who.Email} {
				g.reach(field)
				g.Type(text)
			}
			for _, f := range [...][2]string{{"#f-delivery-name", who.Name}, {"#f-delivery-street", who.Street},
				{"#f-delivery-postcode", who.Postcode}, {"#f-delivery-city", who.City}} {
				g.reach(f[0])
				g.Type(f[1])
			}
			g.press(kb.Enter) // Enter in a field sends the form on, and not back to "fit the country"
			g.Must("/checkout/pay")
			g.reach(".oblige button")
			g.press(" ")
			g.Hosted()
			g.reach(`button[value=paid]`)
			g.press(kb.Enter)
			g.State("order.state_paid")
			g.Number()
		})
	}
}

// keys is somebody without a mouse.
type keys struct {
	*tour.Guide
	t *testing.T
}

// press presses a key and waits for the page that it leads to.
func (k keys) press(key string) { k.t.Helper(); k.Key(key); k.Loaded() }

// skip uses the link to the content, which the first Tab of every page reaches.
func (k keys) skip() {
	k.t.Helper()
	k.Key(kb.Tab)
	k.visible()
	same(k.t, "first stop", k.String(`document.activeElement.getAttribute("href")`), "#main")
	k.Key(kb.Enter)
	k.Wait("the focus in the content", `document.activeElement.id === "main"`)
}

// reach presses Tab until the focus is on the selector, and backwards if the way forward is over.
func (k keys) reach(sel string) {
	k.t.Helper()
	on := `document.activeElement.matches("` + strings.ReplaceAll(sel, `"`, `\"`) + `")`
	for n := range 160 {
		if n < 80 {
			k.Key(kb.Tab)
		} else {
			k.Key(kb.Tab, input.ModifierShift)
		}
		k.visible()
		if k.Bool(on) {
			return
		}
	}
	k.t.Fatalf("the keyboard does not reach %s at %s", sel, k.Path())
}

// visible stops when whoever has the focus does not show it: WCAG 2.4.7 and 2.4.11.
func (k keys) visible() {
	k.t.Helper()
	why := k.String(`(() => {
	  const e = document.activeElement;
	  if (!e || e === document.body || e.id === "main") return "";
	  const ring = x => { const s = getComputedStyle(x); return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1 || s.boxShadow !== "none"; };
	  if (![e, e.closest("label"), e.closest("li"), e.parentElement].some(x => x && ring(x))) return "no ring: " + e.outerHTML.slice(0, 120);
	  const r = e.getClientRects()[0];
	  if (!r || r.width * r.height === 0) return "nothing to see: " + e.outerHTML.slice(0, 120);
	  if (r.bottom <= 0 || r.top >= innerHeight) return "outside of the window: " + e.outerHTML.slice(0, 120);
	  return "";
	})()`)
	if why != "" {
		k.t.Errorf("%s: the focus is not seen: %s", k.Path(), why)
	}
}
