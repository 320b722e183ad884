package sandbox_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"strongroom/front/demo/sandbox"
	"strongroom/shop/payment"
)

func (g *rig) started(key string, edit ...func(*payment.StartRequest)) payment.Session {
	g.t.Helper()
	r := payment.StartRequest{Key: key, Reference: "ref" + key, Order: "K7Q2-M9XD", Amount: 123456, Currency: "EUR",
		ReturnURL: "https://shop.test/en/back", CancelURL: "https://www.shop.test/cart", Language: "en", Expires: g.clock.Now().Add(35 * time.Minute)}
	for _, e := range edit {
		e(&r)
	}
	s, err := g.gateway(testKey, payment.Test).Start(context.Background(), r)
	if err != nil {
		g.t.Fatal(err)
	}
	return s
}

func (g *rig) state(s payment.Session) string {
	for _, l := range g.server.Witness() {
		if l.ID == s.Ref {
			return l.Status
		}
	}
	return "gone"
}

func has(t *testing.T, w *httptest.ResponseRecorder, status int, words ...string) {
	t.Helper()
	if w.Code != status {
		t.Errorf("answered %d; want %d", w.Code, status)
	}
	for _, word := range words {
		if !strings.Contains(w.Body.String(), word) {
			t.Errorf("the page does not say %q", word)
		}
	}
}

// The page says who is paid, what, that it is a sandbox, and has no field in which a card could be typed.
func TestHostedPage(t *testing.T) {
	g := newRig(t)
	s := g.started("a")
	en := g.browse("GET", "/pay/"+s.Ref, "")
	has(t, en, 200, "Kiln &amp; Orchard", "EUR\u00a01,234.56", "K7Q2-M9XD", "Sandbox. No money moves", `lang="en"`)
	de := g.browse("GET", "/pay/"+s.Ref+"?lang=de", "")
	has(t, de, 200, "1.234,56\u00a0EUR", "Sandkasten", `lang="de"`)
	for _, w := range []*httptest.ResponseRecorder{en, de} {
		for _, bad := range []string{`type="text"`, `type="number"`, `type="tel"`, "cc-number", "<script", "style=", "http://"} {
			if strings.Contains(w.Body.String(), bad) {
				t.Errorf("the page contains %s", bad)
			}
		}
		csp := w.Header().Get("Content-Security-Policy")
		if !strings.Contains(csp, "form-action 'self' https://shop.test https://www.shop.test;") || !strings.Contains(csp, "default-src 'none'") {
			t.Errorf("the policy is %s", csp)
		}
		if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Referrer-Policy") != "no-referrer" {
			t.Error("the page may be kept or tells where the visitor came from")
		}
	}
}

// Every outcome leads where it must, and leaves the session as it must.
func TestOutcomes(t *testing.T) {
	back, cart := "https://shop.test/en/back", "https://www.shop.test/cart"
	for _, c := range []struct{ outcome, to, state, after string }{
		{"paid", back, "paid", "paid"}, {"declined", back, "declined", "declined"}, {"pending", back, "pending", "paid"},
		{"fails", back, "pending", "declined"}, {"cancel", cart, "open", "open"}, {"late", back, "open", "open"},
		{"step", "/pay/%s/step", "open", "open"}, {"slow", "/pay/%s/wait", "open", "paid"},
	} {
		g := newRig(t)
		s := g.started("a")
		w := g.visit(s, c.outcome)
		want := c.to
		if strings.Contains(want, "%s") {
			want = fmt.Sprintf(want, s.Ref)
		}
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != want || g.state(s) != c.state {
			t.Errorf("%s: %d to %s, %s", c.outcome, w.Code, w.Header().Get("Location"), g.state(s))
		}
		g.clock.Advance(31 * time.Second)
		g.server.Step(context.Background())
		if g.state(s) != c.after {
			t.Errorf("%s: afterwards %s; want %s", c.outcome, g.state(s), c.after)
		}
	}
}

// Double click and back button: what has happened stays, and leads to the same place.
func TestSecondClickChangesNothing(t *testing.T) {
	g := newRig(t)
	s := g.started("a")
	g.visit(s, "paid")
	if w := g.visit(s, "declined"); w.Header().Get("Location") != "https://shop.test/en/back" || g.state(s) != "paid" {
		t.Fatalf("%s, %s", w.Header().Get("Location"), g.state(s))
	}
	has(t, g.browse("GET", "/pay/"+s.Ref, ""), 200, "It is paid.", `href="https://shop.test/en/back"`)
	slow := g.started("b")
	g.visit(slow, "slow")
	g.visit(slow, "declined")
	if w := g.browse("GET", "/pay/"+slow.Ref, ""); w.Header().Get("Location") != "/pay/"+slow.Ref+"/wait" {
		t.Error("the page can be used while the payment is being made")
	}
	has(t, g.browse("GET", "/pay/"+slow.Ref+"/wait", ""), 200, `http-equiv="refresh"`)
	g.clock.Advance(7 * time.Second)
	if w := g.browse("GET", "/pay/"+slow.Ref+"/wait", ""); w.Header().Get("Location") != "https://shop.test/en/back" || g.state(slow) != "paid" {
		t.Errorf("after waiting: %s, %s", w.Header().Get("Location"), g.state(slow))
	}
}

func TestExtraStep(t *testing.T) {
	g := newRig(t)
	yes, no := g.started("a"), g.started("b")
	for s, answer := range map[string]string{yes.Ref: "yes", no.Ref: "no"} {
		has(t, g.browse("GET", "/pay/"+s+"/step", ""), 200, "One more step")
		if w := g.browse("POST", "/pay/"+s+"/step", "answer="+answer); w.Header().Get("Location") != "https://shop.test/en/back" {
			t.Errorf("%s leads to %s", answer, w.Header().Get("Location"))
		}
	}
	if g.state(yes) != "paid" || g.state(no) != "declined" {
		t.Errorf("%s, %s", g.state(yes), g.state(no))
	}
}

// Hostile input to the pages is a plain 4xx, and nothing of it comes back unescaped.
func TestHostilePages(t *testing.T) {
	g := newRig(t, func(c *sandbox.Config) { c.Accounts[0].Name = `<script>alert(1)</script>"'` })
	s := g.started("a")
	w := g.browse("GET", "/pay/"+s.Ref, "")
	if strings.Contains(w.Body.String(), "<script>alert") {
		t.Error("the merchant's name is markup")
	}
	for _, form := range []string{"", "outcome=", "outcome=free", "outcome=paid&notices=<b>", "outcome=%zz", "answer=yes",
		"outcome=" + strings.Repeat("x", 10_000)} {
		if w := g.browse("POST", "/pay/"+s.Ref, form); w.Code != http.StatusBadRequest {
			t.Errorf("%.30q: %d", form, w.Code)
		}
	}
	if w := g.browse("POST", "/pay/"+s.Ref, "outcome=paid&x="+strings.Repeat("x", 20_000)); w.Code != http.StatusBadRequest {
		t.Errorf("a huge form: %d", w.Code)
	}
	for _, path := range []string{"/pay/", "/pay/ses_x", "/pay/%00", "/pay/..%2f..", "/pay/" + strings.Repeat("a", 5000), "/pay/" + s.Ref + "/x",
		"/pay/<script>", "/nothing"} {
		r := httptest.NewRequest("GET", origin+"/", nil)
		r.URL.Path = path
		w := httptest.NewRecorder()
		g.server.ServeHTTP(w, r)
		if w.Code != http.StatusNotFound && w.Code != http.StatusMovedPermanently && w.Code != http.StatusTemporaryRedirect {
			t.Errorf("%.20q: %d", path, w.Code)
		}
	}
	if g.state(s) != "open" {
		t.Errorf("the session is %s", g.state(s))
	}
	if w := g.browse("GET", "/pay/"+s.Ref+`?lang="><script>`, ""); strings.Contains(w.Body.String(), "<script") {
		t.Error("the language of the address is markup")
	}
}
