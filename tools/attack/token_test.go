package attack

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/identity"
	"strongroom/guard/identity/identitytest"
	"strongroom/guard/vault"
	"strongroom/tools/shopper"
)

var named = regexp.MustCompile(`(?:src|href|action|srcset)="(https?:)?//([^/"]+)`)

// tokenTheft is row 22: whoever got hold of a mailed link that leads into an account. It works once, of many at the same
// moment for one; it is nowhere kept in clear; its page tells nobody else; and with a factor enrolled it opens nothing
// (V6.4.1, V6.4.3). The times of fifteen minutes and of the delay are those of the service, with its clock moved on.
func tokenTheft(t *testing.T, s *site) string {
	victim := s.newcomer(t, "victim22@buyer.example", "198.23.0.1").withPassword(leaked(22))
	ask := func(email string) (*member, string) {
		thief := s.newcomer(t, email, "198.23.0.2")
		n := len(s.links(email))
		thief.submit(thief.get("/recover"), "/account/recover", url.Values{"email": {email}})
		return thief, s.mailed(t, email, n)
	}
	_, old := ask(victim.email)
	thief, link := ask(victim.email)
	if p, err := thief.Get(t.Context(), old); err != nil || p.Status != http.StatusGone {
		t.Errorf("a replaced link shows %d %v", p.Status, err)
	}
	quietPage(t, s, thief, link)
	tries := size(20, 200)
	if n := thief.race(link, tries); n != 1 {
		t.Errorf("%d of %d parallel uses of one link worked", n, tries)
	}
	if p, err := thief.Get(t.Context(), link); err != nil || p.Status != http.StatusGone || thief.isIn() {
		t.Errorf("a spent link shows %d %v", p.Status, err)
	}
	token := link[strings.LastIndexByte(link, '/')+1:]
	for name, data := range s.loot(t) {
		if bytes.Contains(data, []byte(token)) {
			t.Errorf("the link stands in %s", name)
		}
	}
	keyed := s.newcomer(t, "keyed22@buyer.example", "198.23.0.3").withPasskey()
	thief, link = ask(keyed.email)
	if p := thief.open(link); p.URL.Path != "/en/account/factor" || thief.isIn() {
		t.Errorf("with a passkey enrolled, the link leads to %s", p.URL.Path)
	}
	return fmt.Sprintf("replaced, %d at once, again: one worked, and opened nothing before its delay; not kept in clear; with a passkey it asks for that; %s",
		tries, lateTokens(t, s))
}

// quietPage holds the page of a link to what may stand on it: nothing from elsewhere, and no word to anybody.
func quietPage(t *testing.T, s *site, m *member, link string) {
	t.Helper()
	p, err := m.Get(t.Context(), link)
	fatal(t, err)
	u, _ := url.Parse(s.Shop)
	for _, found := range named.FindAllStringSubmatch(string(p.Body), -1) {
		if found[2] != u.Host {
			t.Errorf("the link's page names %s", found[2])
		}
	}
	if h := p.Header; h.Get("Referrer-Policy") != "no-referrer" || !strings.Contains(h.Get("Cache-Control"), "no-store") ||
		!strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") && !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'self'") {
		t.Errorf("headers of the link's page: %v", h)
	}
}

// race presses the button of a link's page many times at once and says how often that worked.
func (m *member) race(link string, n int) int64 {
	m.t.Helper()
	p, err := m.Get(m.t.Context(), link)
	fatal(m.t, err)
	f, err := p.Form("/account/link")
	fatal(m.t, err)
	cookie := &http.Cookie{Name: identity.CookieBrowser, Value: m.Cookie(m.s.Shop, identity.CookieBrowser), Path: "/", Secure: true}
	var worked atomic.Int64
	var hands sync.WaitGroup
	for range n {
		hands.Go(func() {
			b := m.s.Network.New(m.From)
			b.SetCookie(m.s.Shop, cookie)
			got, err := b.Once(m.t.Context(), http.MethodPost, m.s.at("/link"), f.Values.Encode())
			if err != nil {
				m.t.Error(err)
				return
			}
			if done(got) {
				worked.Add(1)
			}
		})
	}
	hands.Wait()
	return worked.Load()
}

// done says whether a mailed link did what it is for: a page that says so, or the way on.
func done(p *shopper.Page) bool {
	return p.Status == http.StatusOK || p.Status == http.StatusSeeOther
}

// lateTokens uses links too late, after a new password, and the one that ends a recovery twice and many at once.
func lateTokens(t *testing.T, s *site) string {
	const victim = "victim@buyer.example"
	k := people(t, s)
	home, thief := k.Browser(), k.Browser()
	k.SignUpWithPassword(home, victim, identitytest.Password)
	begin := func() id.Token {
		_, err := k.StartRecovery(k.Ctx, vault.Typed(victim), thief)
		fatal(t, err)
		return k.Mail(identity.LetterRecovery).Link
	}
	refused := func(what string, token id.Token) {
		if step, err := k.SpendLink(k.Ctx, token, "", thief); !fault.Is(err, fault.Gone) || step.Session != "" {
			t.Errorf("%s: %v", what, err)
		}
	}
	late := begin()
	k.Clock.Advance(15*time.Minute + time.Second)
	refused("after fifteen minutes", late)
	step, err := k.Pass(home, victim, identitytest.Password)
	fatal(t, err)
	sess := k.Session(identity.Shopper, step, home)
	before := begin()
	_, err = k.Service.SetPassword(k.Ctx, sess, identity.NewPassword{Current: identitytest.Password, Next: identitytest.Other}, home)
	fatal(t, err)
	refused("after a new password", before)
	token := begin()
	_, err = k.SpendLink(k.Ctx, token, "", thief)
	fatal(t, err)
	k.Clock.Advance(73 * time.Hour)
	fatal(t, k.TellReady(k.Ctx))
	end := k.Mail(identity.LetterRecoveryReady).Link
	var worked atomic.Int64
	var hands sync.WaitGroup
	for range 20 {
		hands.Go(func() {
			if step, err := k.SpendLink(k.Ctx, end, "", thief); err == nil && step.Session != "" {
				worked.Add(1)
			}
		})
	}
	hands.Wait()
	if worked.Load() != 1 {
		t.Errorf("%d of 20 ended the recovery", worked.Load())
	}
	refused("again", end)
	return "late, after a new password, at its end again: refused"
}
