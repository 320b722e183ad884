//go:build browser

package attack

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"strongroom/base/db"
	"strongroom/base/lang"
	"strongroom/tools/journey/chrome"
	"strongroom/tools/journey/stage"
	"strongroom/tools/journey/tour"
)

// inBrowser says whether a real browser is used: every day on one engine, since pages do not know which it is.
func (o *office) inBrowser() bool { return full || o.Engine == db.SQLite }

// sit has the owner set the store up in a real browser, with virtual authenticators, and returns her at her desk. The
// browser trusts the store's key and those of others that are named.
func (o *office) sit(t *testing.T, others ...[]byte) *tour.Guide {
	t.Helper()
	b, err := os.ReadFile(o.Certificate())
	fatal(t, err)
	block, _ := pem.Decode(b)
	leaf, err := x509.ParseCertificate(block.Bytes)
	fatal(t, err)
	var keys []string
	for _, spki := range append(others, leaf.RawSubjectPublicKeyInfo) {
		sum := sha256.Sum256(spki)
		keys = append(keys, base64.StdEncoding.EncodeToString(sum[:]))
	}
	browser, err := chrome.Open(t.Context(), keys)
	fatal(t, err)
	t.Cleanup(browser.Close)
	texts, err := lang.Load(lang.Messages())
	fatal(t, err)
	g := &tour.Guide{Page: browser.Page(t, chrome.Options{Width: 1280, Height: 900}), P: texts.For("en"), Lang: "en",
		Demo: &stage.Demo{Shop: o.Shop, Admin: o.Admin, SetUp: o.SetUpLink()}}
	t.Cleanup(g.Close)
	tour.SetUp(g, 0, func(string) {})
	if said := g.Troubles(); len(said) > 0 {
		t.Errorf("setting up: %q", said)
	}
	return g
}

// readEverything has the owner open every page in Chromium, with the personal data in clear: nothing runs, nothing is
// asked of anybody else, and the browser has nothing to report.
func (o *office) readEverything(t *testing.T, list, numbers []string, email string) string {
	if !o.inBrowser() {
		return o.readPages(t, list, numbers, email)
	}
	g := o.sit(t)
	read, clear := 0, 0
	look := func() {
		t.Helper()
		read++
		if said := g.Troubles(); len(said) > 0 {
			t.Errorf("%s: the browser reports %q", g.Path(), said)
		}
	}
	g.Goto(g.Desk("/log"))
	var entries []string
	g.Eval(`[...document.querySelectorAll("tbody a")].map(a => a.getAttribute("href").split("/").pop())`, &entries)
	for _, path := range o.pages(t, numbers, entries) {
		if path == "/find/list" { // no page: the browser would miss its icon
			continue
		}
		g.Goto(o.Admin + path)
		look()
	}
	for _, n := range numbers {
		g.Goto(g.Desk("/orders/" + n))
		g.Eval(`document.querySelector('form[action$="/reveal"]').requestSubmit()`, nil)
		g.Loaded()
		look()
		if strings.Contains(g.Text(".is-clear"), "<") {
			clear++
		}
	}
	if clear < len(numbers)-1 {
		t.Errorf("of %d orders only %d show what was planted", len(numbers), clear)
	}
	for _, host := range g.Hosts() {
		if host != o.Admin {
			t.Errorf("a page asked %s", host)
		}
	}
	// The control: what is put into a page from outside is seen by this test.
	g.Eval(`try { document.body.insertAdjacentHTML("beforeend", "<img src=x onerror=xss(0)>") } catch (e) {}`, nil)
	g.Goto(g.Desk("/orders"))
	if len(g.Troubles()) == 0 {
		t.Error("the browser says nothing of a script in the page: this test would see none")
	}
	return fmt.Sprintf("%d payloads in %d orders, searches, links, withdrawals and sign-ins; %d pages read in Chromium: no script, no report", len(list), len(numbers), read)
}

// foreignBrowser does from a page of another site whatever such a page can: it sends every form, asks by script, and
// shows every page in a frame, in the browser in which the owner is signed in.
func (o *office) foreignBrowser(t *testing.T, _, _ []unsafeRoute) string {
	if !o.inBrowser() {
		return ""
	}
	x := openOffice(t, o.site)
	evil := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		q := r.URL.Query()
		fmt.Fprint(w, `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>Kittens</title>`)
		if to := q.Get("form"); to != "" {
			fmt.Fprintf(w, `<form method="post" action="%s">`, html.EscapeString(to))
			for name := range lure {
				fmt.Fprintf(w, `<input type="hidden" name="%s" value="%s">`, name, html.EscapeString(lure.Get(name)))
			}
			fmt.Fprint(w, `</form>`)
		}
		if to := q.Get("frame"); to != "" {
			fmt.Fprintf(w, `<iframe src="%s"></iframe>`, html.EscapeString(to))
		}
	}))
	defer evil.Close()
	g := x.sit(t, evil.Certificate().RawSubjectPublicKeyInfo)
	lair := strings.Replace(evil.URL, "127.0.0.1", "evil.localhost", 1)
	unsafe, seen := x.routes()
	before := x.whole(t)
	for _, r := range unsafe {
		g.Goto(lair + "/?form=" + url.QueryEscape(r.origin+r.path))
		g.Eval("document.forms[0].submit()", nil)
		g.Loaded()
		if g.Status() != http.StatusForbidden {
			t.Errorf("a form of another site to %s: %d", r.path, g.Status())
		}
		g.Eval(fmt.Sprintf(`fetch(%q, {method: "POST", mode: "no-cors", credentials: "include", body: new URLSearchParams({name: "Eve"})}).catch(() => 0).then(() => 1)`, r.origin+r.path), nil)
	}
	g.Troubles()
	for _, r := range seen {
		g.Goto(lair + "/?frame=" + url.QueryEscape(r.origin+r.path))
		said := ""
		for range 40 { // the browser reports a moment after the page
			if said += strings.Join(g.Troubles(), " "); strings.Contains(said, "frame-ancestors") || strings.Contains(said, "X-Frame-Options") || strings.Contains(said, "refused to connect") {
				break
			}
			g.Wait("the page", "true")
		}
		if !strings.Contains(said, "frame-ancestors") && !strings.Contains(said, "X-Frame-Options") {
			t.Errorf("%s was shown in a frame: %q", r.path, said)
		}
	}
	if after := x.whole(t); after != before {
		t.Errorf("from a browser; before: %s\nafter: %s", before, after)
	}
	g.Goto(g.Desk("/staff"))
	g.Seated("/staff")
	return fmt.Sprintf("; and from Chromium %d forms and scripts, %d frames", len(unsafe), len(seen))
}
