//go:build browser

package journey

import (
	"context"
	"strings"
	"testing"
	"time"

	"strongroom/base/id"
	"strongroom/tools/journey/chrome"
	"strongroom/tools/journey/tour"
)

// another is the password of who got an account back.
const another = "nine herons under a slate sky"

// A recovery to its end. Who has lost every way in proves the mailbox and a recovery code, and waits a day; the owner is told
// by mail and on the phone, on every page of the account, and could stop it. Then a last link gives the account back: whatever
// signed in before is gone, every other session too, and a new way is chosen. V6.4.3, V7.4.3.
func TestRecoveryToItsEnd(t *testing.T) {
	twoWays(t, func(t *testing.T, g *tour.Guide) {
		who, number := tour.Somebody(), tour.Mobile()
		signUp(t, g, who.Email)
		withPassword(g)
		room(g, "/account/codes")
		g.Press("account.codes_make")
		codes := g.Texts(".codes li")
		withPhone(g, number)

		lost := guide(t, "en", chrome.Options{Width: 390, Height: 844, NoScript: !g.Scripts()})
		askBack(t, lost, who.Email)
		lost.Must("/account/factor") // mail alone gives nothing back
		proveCode(lost, "AAAA-AAAA-AAAA")
		lost.Say(lost.T("identity.code_wrong"))
		proveCode(lost, codes[0])
		lost.Say(lost.T("account.done_recovery"))

		if stop := linkTo(t, g, who.Email, "letters.identity.recovery_started.subject"); !strings.Contains(stop, "/account/link/") {
			t.Errorf("the notice leads to %s", stop)
		}
		if m := short(t, g, number, g.T("identity.sms_recovery_started")); !strings.Contains(m, "/account/link/") {
			t.Errorf("the notice on the phone cannot stop it: %s", m)
		}
		g.Goto(g.To("/account"))
		g.Say(g.T("account.recovery_banner"))
		none(t, g, who.Email, "letters.identity.recovery_ready.subject")

		if err := g.Demo.Ripen(t.Context(), browserOf(lost)); err != nil {
			t.Fatal(err)
		}
		last := linkTo(t, lost, who.Email, "letters.identity.recovery_ready.subject")
		lost.Goto(last)
		lost.Press("account.link_recovery_end_go")
		lost.Must("/account/begin")
		g.Goto(g.To("/account"))
		g.Must("/account/sign-in") // the session from before
		if lost.Scripts() {
			lost.Authenticator(true)
			lost.Press("account.passkey_make")
		} else {
			lost.Fill("#f-password", another)
			lost.Press("account.password_set")
		}
		lost.Must("/account")
		same(t, "status of the last link once it was used", lost.Goto(last), 410)

		signIn(g, who.Email, passphrase)
		g.Say(g.T("identity.refused"))
		if !lost.Scripts() {
			lost.Goto(lost.To("/account/methods"))
			lost.Say(lost.T("account.codes_none")) // the nine that were left are gone, too
			signOut(lost)
			signIn(lost, who.Email, another)
			lost.Must("/account")
		}
	})
}

// askBack asks for an account to be given back, and follows the mailed link.
func askBack(t *testing.T, g *tour.Guide, email string) {
	t.Helper()
	g.Goto(g.To("/account/recover"))
	g.Fill("#f-email", email)
	g.Press("account.recover_go")
	g.Must("/account/wait")
	g.Goto(linkTo(t, g, email, "letters.identity.recovery.subject"))
	g.Press("account.link_recovery_go")
}

// proveCode types a recovery code where a second proof is asked for.
func proveCode(g *tour.Guide, code string) {
	g.Fail.Helper()
	g.Fill("#f-proof-code", code)
	g.Follow(`form:has(#f-proof-code) button[type=submit]`)
}

// withPhone adds a mobile phone; a proof that it asks for is given.
func withPhone(g *tour.Guide, number string) {
	g.Fail.Helper()
	room(g, "/account/phone")
	g.Fill("#f-phone", number)
	g.Press("account.phone_begin")
	g.Fill("#f-code", g.SMSCode(number, ""))
	g.Press("account.phone_confirm")
	g.Say(g.T("account.said_phone_added"))
}

// short waits for a short message that says something.
func short(t *testing.T, g *tour.Guide, number, words string) string {
	t.Helper()
	m, err := g.Demo.Mail(t.Context(), number, words, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return m.Subject
}

// none stops if there is a mail with the subject.
func none(t *testing.T, g *tour.Guide, email, subject string) {
	t.Helper()
	words := g.T(subject, "shop", g.ShopName())
	if list, err := g.Demo.Mails(context.Background(), email, words); err != nil || len(list) > 0 {
		t.Errorf("%d mails %q, %v", len(list), words, err)
	}
}

// browserOf is the secret that names a browser to the shop.
func browserOf(g *tour.Guide) (token id.Token) {
	g.Fail.Helper()
	for _, c := range g.Cookies() {
		if c.Name == "__Host-browser" && strings.HasPrefix(g.Demo.Shop, "https://"+c.Domain+":") {
			token = id.Token(c.Value)
		}
	}
	if token == "" {
		g.Fail.Fatalf("the browser has no name")
	}
	return token
}

// "This was not me": the button in the mail about a new browser ends every session, trusts no browser any more and begins to
// give the account back; where something stronger than the mailbox is enrolled, that is asked for first.
func TestThisWasNotMe(t *testing.T) {
	t.Parallel()
	for _, w := range []way{{"with a password only", ways[3].o}, {"with recovery codes", ways[0].o}} {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			turn(t)
			g, who, coded := guide(t, "en", w.o), tour.Somebody(), w.o == ways[0].o
			signUp(t, g, who.Email)
			withPassword(g)
			var codes []string
			if coded {
				room(g, "/account/codes")
				g.Press("account.codes_make")
				codes = g.Texts(".codes li")
			}
			thief := guide(t, "en", ways[2].o)
			signIn(thief, who.Email, passphrase)
			thief.Goto(linkTo(t, thief, who.Email, "letters.identity.browser.subject")) // and reads her mail, too
			thief.Press("account.link_browser_go")
			thief.Must("/account")

			g.Goto(linkTo(t, g, who.Email, "letters.identity.new_device.subject"))
			g.Press("account.link_not_me_go")
			g.Say(g.T("account.all_closed"))
			thief.Goto(thief.To("/account"))
			thief.Must("/account/sign-in")
			if coded {
				g.Must("/account/factor")
				none(t, g, who.Email, "letters.identity.recovery_started.subject")
				proveCode(g, codes[3])
				g.Say(g.T("account.done_recovery"))
			} else {
				g.Say(g.T("account.done_not_me"))
			}
			g.Mail(who.Email, "letters.identity.recovery_started.subject")
			g.Goto(g.To("/account"))
			g.Must("/account/sign-in") // her own session ended as well
			signIn(thief, who.Email, passphrase)
			thief.Must("/account/wait") // the thief's browser is a stranger again
		})
	}
}
