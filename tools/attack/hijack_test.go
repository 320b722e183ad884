package attack

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"strongroom/guard/identity/identitytest"
	"strongroom/tools/shopper"
)

// hijack is a row of its own: a thief makes accounts for somebody else's address before she comes: by the passkey that is
// offered after a guest order in her name, by a sign-up, and by changing his own account's address to hers. What he left
// there opens nothing, before she has her account and afterwards.
func hijack(t *testing.T, s *site) string {
	const victim = "victim49@buyer.example"
	refused := s.refusals(t, "identity.sign_in")
	var keys []*identitytest.Authenticator
	for i := range 2 {
		keys = append(keys, s.guestPasskey(t, victim, fmt.Sprintf("203.0.113.%d", 50+i)))
	}
	early := s.newcomer(t, victim, "203.0.113.60")
	early.submit(early.get("/sign-up"), "/account/sign-up", url.Values{"email": {victim}})
	his := s.newcomer(t, "thief49@attackers.example", "203.0.113.61").withPasskey()
	if p := his.submit(his.get("/email"), "/account/email", url.Values{"email": {victim}}); p.Status >= 500 {
		t.Errorf("the change of his address is answered with %d", p.Status)
	}
	his.open(s.mailed(t, his.email, 1)) // he agrees with his own, old address
	wait(t, func() bool { return len(s.links(victim)) >= 4 })
	for _, link := range s.links(victim) { // she opens what came, in her own browser, and has no code to type
		she := s.newcomer(t, victim, "198.34.0.1")
		p, err := she.Get(t.Context(), link)
		fatal(t, err)
		if f, err := p.Form("/account/link"); err == nil {
			p, err = she.Submit(t.Context(), f, nil)
			fatal(t, err)
		}
		if she.session() != "" {
			t.Errorf("a link that she did not ask for opens %s for her", p.URL)
		}
	}
	for i, key := range keys {
		if m, err := (&member{t: t, s: s, email: victim, key: key}).passkeyIn(fmt.Sprintf("203.0.113.%d", 70+i)); err == nil || m != nil {
			t.Error("a pending passkey opens something")
		}
	}

	she := s.newcomer(t, victim, "198.34.0.2").withPasskey()
	if p := she.get("/passkeys"); strings.Count(string(p.Body), "/account/passkeys/rename") != 1 {
		t.Errorf("her account shows %d passkeys", strings.Count(string(p.Body), "/account/passkeys/rename"))
	}
	for i, key := range keys {
		if _, err := (&member{t: t, s: s, email: victim, key: key}).passkeyIn(fmt.Sprintf("203.0.113.%d", 80+i)); err == nil {
			t.Error("the thief's passkey opens an account")
		}
	}
	if early.isIn() {
		t.Error("the browser that signed up for her address is in")
	}
	if _, err := she.passkeyIn("198.34.0.3"); err != nil {
		t.Errorf("her own passkey: %v", err)
	}
	if n := s.refusals(t, "identity.sign_in") - refused; n < int64(len(keys)) {
		t.Errorf("%d entries of refused sign-ins", n)
	}
	return fmt.Sprintf("%d guest orders with a passkey, a sign-up and a change of address to hers, before she came: none opens anything, her account has her passkey alone", len(keys))
}

// guestPasskey buys with somebody's address and takes up the offer of an account: the passkey waits for the mailed link.
func (s *site) guestPasskey(t *testing.T, email, from string) *identitytest.Authenticator {
	t.Helper()
	thief := s.newcomer(t, email, from)
	_, err := thief.Buy(t.Context(), s.Shop, "/en/p/card", shopper.Somebody(email), shopper.Paid)
	fatal(t, err)
	key := identitytest.NewAuthenticator(s.Shop)
	p := thief.get("/start")
	c := thief.ceremony(p, "guest")
	answer, err := key.Create(c.Options)
	fatal(t, err)
	got := thief.send(p, "/passkey", url.Values{"aim": {"guest"}, "ceremony": {c.Ceremony}, "response": {string(answer)}})
	if got.Status != http.StatusSeeOther || got.Header.Get("Location") != "/en/account/wait" || thief.session() != "" {
		t.Errorf("after a guest order a passkey is answered with %d to %q", got.Status, got.Header.Get("Location"))
	}
	return key
}
