package attack

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"strongroom/guard/identity"
	"strongroom/guard/identity/identitytest"
)

// stolen is a browser with copies of somebody's cookies.
func (m *member) stolen(from, agent string, cookies ...string) *member {
	thief := m.s.newcomer(m.t, m.email, from)
	for _, name := range cookies {
		thief.SetCookie(m.s.Shop, &http.Cookie{Name: name, Value: m.Cookie(m.s.Shop, name), Path: "/", Secure: true})
	}
	if agent != "" {
		thief.Headers = http.Header{"User-Agent": {agent}}
	}
	return thief
}

// in signs a member in by passkey, in a browser of a kind.
func (m *member) in(from, agent string) *member {
	m.t.Helper()
	again := m.stolen(from, agent)
	again.key = m.key
	c := again.ceremony(again.get("/sign-in"), "sign-in")
	answer, err := m.key.Get(c.Options)
	fatal(m.t, err)
	again.send(again.get("/sign-in"), "/passkey", url.Values{"aim": {"sign-in"}, "ceremony": {c.Ceremony}, "response": {string(answer)}})
	if !again.isIn() {
		m.t.Fatal("the passkey does not sign in")
	}
	return again
}

// sessionTheft is row 26: cookies are copied out of a browser and used from elsewhere. What was copied by itself is worth
// nothing and ends the session; everything together, from another network and another kind of browser, shows nothing but
// the page that asks for a fresh proof; and what the owner ends is over for the thief (V7.2.1, V7.4.1, V7.4.3, V7.5.1).
func sessionTheft(t *testing.T, s *site) string {
	const home, away = "198.24.0.1", "203.0.113.77"
	pages := []string{"", "/orders", "/check", "/passkeys", "/password", "/devices", "/email", "/words", "/codes"}
	owner := s.newcomer(t, "victim26@buyer.example", home).withPasskey()
	refusals := s.refusals(t, "identity.session")

	lone := owner.in(home, identitytest.Firefox)
	if thief := lone.stolen(away, identitytest.Safari, identity.CookieAccount); thief.isIn() || lone.isIn() {
		t.Error("a session's cookie alone opens the account, or its session goes on")
	}
	if n := s.refusals(t, "identity.session"); n <= refusals {
		t.Error("no entry of it in the log")
	}

	owner = owner.in(home, identitytest.Firefox)
	far := owner.stolen(away, identitytest.Safari, identity.CookieAccount, identity.CookieBrowser)
	for _, page := range pages {
		if p := far.get(page); p.URL.Path != "/en/account/factor" {
			t.Errorf("from elsewhere %s shows %s", page, p.URL.Path)
		}
	}
	if !owner.isIn() {
		t.Error("the owner is out")
	}
	near := owner.stolen(away, identitytest.Firefox, identity.CookieAccount, identity.CookieBrowser)
	for _, page := range pages[3:] {
		if p := near.get(page); p.URL.Path != "/en/account/factor" {
			t.Errorf("from another network %s shows %s", page, p.URL.Path)
		}
	}
	const acts = `SELECT COUNT(*) FROM audit_entry WHERE action LIKE 'identity.%' AND outcome = 1`
	changes, done := 0, s.count(t, acts)
	for path, v := range map[string]url.Values{"/password": {"password": {"quiet herons over the river"}}, "/email": {"email": {"thief@attackers.example"}},
		"/passkeys/remove": {}, "/words": {"words": {"mine"}}, "/codes": {}} {
		p := near.send(near.get("/check"), path, v)
		if to := p.Header.Get("Location"); p.Status >= 400 || strings.Contains(to, "done=") {
			t.Errorf("from another network a change of %s is answered with %d to %q", path, p.Status, to)
		}
		changes++
	}
	if n := s.count(t, acts) - done; n != 0 {
		t.Errorf("from another network %d changes were made", n)
	}
	owner.submit(owner.get("/devices"), "/account/devices/everywhere", nil)
	if far.isIn() || near.isIn() || !owner.isIn() {
		t.Error("after signing out everywhere the thief is in, or the owner out")
	}
	last := owner.stolen(home, identitytest.Firefox, identity.CookieAccount, identity.CookieBrowser)
	owner.submit(owner.get(""), "/account/sign-out", nil)
	if last.isIn() {
		t.Error("a copied cookie outlives the signing out")
	}
	return fmt.Sprintf("one cookie, both from elsewhere, both from another network: %d pages and %d changes ask for a fresh proof; over with its owner's signing out",
		len(pages), changes)
}
