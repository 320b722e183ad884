package attack

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"strongroom/base/web"
	"strongroom/guard/identity"
	"strongroom/guard/identity/identitytest"
	"strongroom/tools/shopper"
)

// member is somebody with an account, in a browser of her own that speaks HTTPS with the real program.
type member struct {
	*shopper.Shopper
	t     *testing.T
	s     *site
	email string
	key   *identitytest.Authenticator // nil: she has none
}

// newcomer is somebody who has no account yet.
func (s *site) newcomer(t *testing.T, email, from string) *member {
	return &member{Shopper: s.Network.New(from), t: t, s: s, email: email}
}

// at is the address of an account page.
func (s *site) at(path string) string { return s.Shop + "/en/account" + path }

// get fetches an account page.
func (m *member) get(path string) *shopper.Page {
	m.t.Helper()
	p, err := m.Get(m.t.Context(), m.s.at(path))
	fatal(m.t, err)
	return p
}

// submit sends a form of a page.
func (m *member) submit(p *shopper.Page, action string, change url.Values) *shopper.Page {
	m.t.Helper()
	f, err := p.Form(action)
	if err != nil {
		m.t.Fatalf("%v on %s (%d): %q", err, p.URL, p.Status, p.Problems())
	}
	p, err = m.Submit(m.t.Context(), f, change)
	fatal(m.t, err)
	return p
}

// send posts a form's fields to an account page, with the token that the page's form has, and follows nothing.
func (m *member) send(p *shopper.Page, path string, v url.Values) *shopper.Page {
	m.t.Helper()
	for _, f := range p.Forms() {
		if token := f.Values.Get(web.TokenField); token != "" {
			v.Set(web.TokenField, token)
			break
		}
	}
	got, err := m.Once(m.t.Context(), http.MethodPost, m.s.at(path), v.Encode())
	fatal(m.t, err)
	return got
}

var mailedLink = regexp.MustCompile(`https://[^\s"<>]+/account/link/[A-Za-z0-9_-]+`)

// mailed is the newest link mailed to an address; n is how many mails with a link came before it.
func (s *site) mailed(t *testing.T, email string, n int) string {
	t.Helper()
	var found []string
	wait(t, func() bool { found = s.links(email); return len(found) > n })
	return found[len(found)-1]
}

// links are the links mailed to an address, the newest last.
func (s *site) links(email string) (found []string) {
	for _, m := range s.Mail.All() {
		if m.To == email {
			if link := mailedLink.FindString(strings.ReplaceAll(m.Data, "=\r\n", "")); link != "" {
				found = append(found, link)
			}
		}
	}
	return found
}

// open spends a mailed link by its page's button.
func (m *member) open(link string) *shopper.Page {
	m.t.Helper()
	p, err := m.Get(m.t.Context(), link)
	fatal(m.t, err)
	return m.submit(p, "/account/link", nil)
}

// signUp makes the account, up to the page on which the first way of signing in is chosen.
func (m *member) signUp() *shopper.Page {
	m.t.Helper()
	n := len(m.s.links(m.email))
	if p := m.submit(m.get("/sign-up"), "/account/sign-up", url.Values{"email": {m.email}}); p.URL.Path != "/en/account/wait" {
		m.t.Fatalf("sign-up leads to %s (%d): %q", p.URL, p.Status, p.Problems())
	}
	p := m.open(m.s.mailed(m.t, m.email, n))
	if p.URL.Path != "/en/account/begin" {
		m.t.Fatalf("the mailed link leads to %s: %q", p.URL, p.Problems())
	}
	return p
}

// withPassword makes an account with a password.
func (m *member) withPassword(password string) *member {
	m.t.Helper()
	if p := m.submit(m.signUp(), "/account/password", url.Values{"password": {password}}); p.URL.Path != "/en/account" {
		m.t.Fatalf("the password leads to %s (%d): %q", p.URL, p.Status, p.Problems())
	}
	return m
}

// withPasskey makes an account with a passkey.
func (m *member) withPasskey() *member {
	m.t.Helper()
	m.key = identitytest.NewAuthenticator(m.s.Shop)
	p := m.signUp()
	begun := m.ceremony(p, "add")
	answer, err := m.key.Create(begun.Options)
	fatal(m.t, err)
	got := m.send(p, "/passkey", url.Values{"aim": {"add"}, "name": {"key"}, "ceremony": {begun.Ceremony}, "response": {string(answer)}})
	if got.Status != http.StatusSeeOther {
		m.t.Fatalf("the passkey was answered with %d: %q", got.Status, got.Problems())
	}
	return m
}

type begun struct {
	Ceremony string          `json:"ceremony"`
	Options  json.RawMessage `json:"options"`
}

// ceremony asks what a passkey shall sign.
func (m *member) ceremony(p *shopper.Page, aim string) (b begun) {
	m.t.Helper()
	got := m.send(p, "/passkey/options", url.Values{"aim": {aim}})
	if got.Status != http.StatusOK || json.Unmarshal(got.Body, &b) != nil {
		m.t.Fatalf("%s: %d %.200s", aim, got.Status, got.Body)
	}
	return b
}

// passkeyIn signs in with the passkey from a fresh browser. It fails no test: under attack that is what is asked.
func (m *member) passkeyIn(from string) (*member, error) {
	in := m.s.newcomer(m.t, m.email, from)
	in.key = m.key
	p, err := in.Get(m.t.Context(), m.s.at("/sign-in"))
	if err != nil {
		return nil, err
	}
	c := in.ceremony(p, "sign-in")
	answer, err := m.key.Get(c.Options)
	if err != nil {
		return nil, err
	}
	got := in.send(p, "/passkey", url.Values{"aim": {"sign-in"}, "ceremony": {c.Ceremony}, "response": {string(answer)}})
	if got.Status != http.StatusSeeOther || in.session() == "" {
		return nil, fmt.Errorf("a passkey was answered with %d: %q", got.Status, got.Problems())
	}
	return in, nil
}

// session is the value of the session's cookie.
func (m *member) session() string { return m.Cookie(m.s.Shop, identity.CookieAccount) }

// isIn says whether the account's page opens.
func (m *member) isIn() bool { return m.get("").URL.Path == "/en/account" }
