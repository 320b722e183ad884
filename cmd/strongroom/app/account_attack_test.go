package app

import (
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"strongroom/base/db"
	"strongroom/guard/identity"
	"strongroom/guard/identity/identitytest"
)

// A session or a browser cookie that somebody planted before the sign-in is worth nothing after it (V7.2.4).
func TestPlantedCookies(t *testing.T) {
	onBoth(t, func(t *testing.T, h *counter) {
		owner := h.browser(1).signUp("ada@buyer.example")
		mallory := h.browser(2).signUp("mallory@buyer.example")
		planted := mallory.jar[identity.CookieAccount]
		owner.send("/account/sign-out")
		owner.jar[identity.CookieAccount] = planted // fixed on the victim before she signs in
		owner.signIn("ada@buyer.example", passphrase).at("/account")
		if got := owner.jar[identity.CookieAccount]; got == planted || got == "" {
			t.Fatal("the session was not made anew")
		}
		if mallory.get("/en/account"); strings.Contains(mallory.body, owner.one("num")) {
			t.Error("the planted session opens the victim's account")
		}
		thief := h.browser(3) // who got the session's cookie, but not the browser's
		thief.jar[identity.CookieAccount] = owner.jar[identity.CookieAccount]
		if thief.get("/en/account"); thief.path == "/en/account" {
			t.Error("a session moved to another browser")
		}
	})
}

// A link, a passkey's answer, an app's code and a recovery code work once (V6.5.1).
func TestNothingWorksTwice(t *testing.T) {
	onBoth(t, func(t *testing.T, h *counter) {
		b := h.browser(1)
		b.get("/en/account/sign-up").send("/account/sign-up", "email", "ada@buyer.example")
		link := h.link("ada@buyer.example", "Confirm")
		spent := b.get(link).form("/account/link")
		b.send("/account/link").at("/account/begin")
		b.send("/account/password", "password", passphrase).at("/account")
		if again := h.browser(1); again.get(link).status != http.StatusGone {
			t.Errorf("the link again: %d", again.status)
		}
		if b.ask("POST", "/en/account/link", spent); b.status != http.StatusGone {
			t.Errorf("the link's form again: %d", b.status)
		}
		device := identitytest.NewAuthenticator(origin)
		b.room("/account/passkeys")
		b.passkey("add", device, true)
		codes := b.codes()
		b.room("/account").send("/account/sign-out")
		answer, _ := b.get("/en/account/sign-in").passkey("sign-in", device, false)
		b.at("/account").send("/account/sign-out")
		b.ask("POST", "/en/account/passkey", answer)
		b.says("identity.attempt_over") // its challenge is spent

		other := h.browser(2)
		other.signIn("ada@buyer.example", passphrase).at("/account/wait") // a mail first; a code is no second factor of a password that stands alone
		b.get("/en/account/recover").send("/account/recover", "email", "ada@buyer.example")
		b.get(h.link("ada@buyer.example", "Getting back")).send("/account/link").at("/account/factor")
		b.send("/account/factor", "method", "code", "proof-code", codes[0]).says("account.done_recovery")
		b.get("/en/account/recover").send("/account/recover", "email", "ada@buyer.example")
		b.get(h.link("ada@buyer.example", "Getting back")).send("/account/link").at("/account/factor")
		b.send("/account/factor", "method", "code", "proof-code", codes[0]).at("/account/factor")
		if b.status < 400 {
			t.Error("a recovery code worked twice")
		}
	})
}

// One code in two browsers at the same moment: exactly one of them wins (V6.5.1, V15.4.2).
func TestOneCodeManyHands(t *testing.T) {
	onBoth(t, func(t *testing.T, h *counter) {
		owner := h.browser(1).signUp("ada@buyer.example")
		codes := owner.codes()
		owner.room("/account/phone").send("/account/phone", "phone", "0170 1234567")
		h.run()
		owner.send("/account/phone/confirm", "code", sixDigits(h.texts[len(h.texts)-1].Text)).says("account.said_phone_added")
		const hands = 4 // as many tries as are free
		var in sync.WaitGroup
		var many [hands]*visitor
		for i := range many {
			many[i] = h.browser(byte(10 + i))
			many[i].signIn("ada@buyer.example", passphrase).at("/account/factor")
		}
		for _, b := range many {
			form := b.form("/account/factor")
			form.Set("method", "code")
			form.Set("proof-code", codes[5])
			in.Go(func() { b.ask("POST", "/en/account/factor", form) })
		}
		in.Wait()
		won := 0
		for _, b := range many {
			if b.path == "/en/account" {
				won++
			}
		}
		if won != 1 {
			t.Errorf("one code opened %d doors", won)
		}
	})
}

// A link in a mail leads to the configured host, whatever the request that asked for it named (V13.4.5).
func TestResetThroughAForeignHost(t *testing.T) {
	onOne(t, func(t *testing.T, h *counter) {
		h.browser(1).signUp("ada@buyer.example")
		b := h.browser(2).get("/en/account/recover")
		b.host = "evil.example" // past the shield, which refuses it already
		b.send("/account/recover", "email", "ada@buyer.example")
		m := h.mail("ada@buyer.example", "Getting back")
		if strings.Contains(m.Text+m.HTML, "evil.example") || !strings.HasPrefix(linkIn.FindString(m.Text), origin+"/en/account/link/") {
			t.Errorf("%s", m.Text)
		}
	})
}

var changing = regexp.MustCompile(`value="[A-Za-z0-9_.-]{20,}"|[0-9A-Z]{4}-[0-9A-Z]{4}|[a-z0-9.-]+@buyer\.example`)

// Pages and statuses are the same for known and unknown addresses, whatever is asked (V6.3.8).
func TestKnownAndUnknownLookTheSame(t *testing.T) {
	onOne(t, func(t *testing.T, h *counter) {
		h.browser(1).signUp("known@buyer.example")
		ask := func(email string, do func(b *visitor)) (string, int, string) {
			b := h.browser(2)
			do(b)
			return changing.ReplaceAllString(b.body, "…"), b.status, strings.Split(b.path, "?")[0] + strings.Join(b.header.Values("Retry-After"), "")
		}
		for name, do := range map[string]func(email string) func(b *visitor){
			"password": func(email string) func(b *visitor) {
				return func(b *visitor) { b.signIn(email, "wrong and long enough") }
			},
			"link": func(email string) func(b *visitor) {
				return func(b *visitor) { b.get("/en/account/sign-in").send("/account/sign-in", "email", email, "link", "1") }
			},
			"sign-up": func(email string) func(b *visitor) {
				return func(b *visitor) { b.get("/en/account/sign-up").send("/account/sign-up", "email", email) }
			},
			"recover": func(email string) func(b *visitor) {
				return func(b *visitor) { b.get("/en/account/recover").send("/account/recover", "email", email) }
			},
		} {
			kb, ks, kp := ask("known", do("known@buyer.example"))
			ub, us, up := ask("unknown", do("nobody@buyer.example"))
			if kb != ub || ks != us || kp != up {
				t.Errorf("%s tells known (%d %s) from unknown (%d %s)", name, ks, kp, us, up)
			}
		}
	})
}

// Where a sign-in leads to is one word of a list, never an address (V3.7.2).
func TestNobodyIsLedAway(t *testing.T) {
	onOne(t, func(t *testing.T, h *counter) {
		b := h.browser(1).signUp("ada@buyer.example")
		b.send("/account/sign-out")
		for _, to := range []string{"https://evil.example", "//evil.example", "/\\evil.example", "../../../evil", "words/../../evil"} {
			b.follows = true
			b.get("/en/account/sign-in").send("/account/sign-in", "email", "ada@buyer.example", "password", passphrase, "to", to).at("/account")
			b.send("/account/sign-out")
			if b.get("/en/account/sign-in?to=" + to); strings.Contains(b.body, "evil") {
				t.Errorf("%q stands in the page", to)
			}
		}
		b.get("/en/account/sign-in").send("/account/sign-in", "email", "ada@buyer.example", "password", passphrase, "to", "devices")
		if !strings.HasPrefix(b.path, "/en/account/devices") && !strings.HasPrefix(b.path, "/en/account/factor") {
			t.Errorf("not led back but to %s", b.path)
		}
	})
}

// "This was not me" ends every session, trusts no browser any more, and begins the recovery (V7.4.5).
func TestThisWasNotMe(t *testing.T) {
	onOne(t, func(t *testing.T, h *counter) {
		owner := h.browser(1).signUp("ada@buyer.example")
		thief := h.browser(2)
		thief.agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36"
		thief.signIn("ada@buyer.example", passphrase).at("/account/wait")
		code := thief.one("code")
		h.browser(3).get(h.link("ada@buyer.example", "signing in")).send("/account/link", "code", code).says("account.done_browser")
		thief.get("/en/account/wait").at("/account")
		mailbox := h.browser(4)
		mailbox.get(h.link("ada@buyer.example", "new browser")).says("identity.browser_chrome")
		mailbox.send("/account/link").says("account.done_not_me")
		if mailbox.one("code") == "" || !strings.Contains(mailbox.text(), "25 November") {
			t.Errorf("neither the end of the delay nor its code: %s", mailbox.text())
		}
		number := func(query string) (n int) {
			t.Helper()
			if err := h.s.Data.Read(t.Context(), func(tx *db.Tx) error { return tx.QueryRow(query).Scan(&n) }); err != nil {
				t.Fatal(err)
			}
			return n
		}
		for _, b := range []*visitor{owner, thief} {
			b.get("/en/account").at("/account/sign-in") // the session is over, and not merely to be proven anew
		}
		if sessions, known := number("SELECT COUNT(*) FROM identity_session"), number("SELECT COUNT(*) FROM identity_device WHERE known = 1"); sessions != 0 || known != 0 {
			t.Errorf("%d sessions live on, %d browsers are trusted", sessions, known)
		}
		if alarms, entries := number("SELECT COUNT(*) FROM identity_account WHERE compromised = 1"), number("SELECT COUNT(*) FROM audit_entry WHERE action = 'identity.not_me' AND outcome = 1"); alarms != 1 || entries != 1 {
			t.Errorf("%d accounts have the alarm, %d entries in the log", alarms, entries)
		}
		if n := number("SELECT COUNT(*) FROM audit_entry WHERE action = 'identity.recovery' AND outcome = 1"); n != 1 {
			t.Errorf("%d recoveries began", n)
		}
		owner.signIn("ada@buyer.example", passphrase).at("/account/wait") // no browser is trusted any more
		h.mail("ada@buyer.example", "opened anew")
	})
}

// A changed address counts when both mailboxes agreed; the old one is told (V6.3.7).
func TestBothMailboxesAgree(t *testing.T) {
	onOne(t, func(t *testing.T, h *counter) {
		owner := h.browser(1).signUp("ada@buyer.example")
		owner.room("/account/email").send("/account/email", "email", "ada@new.example").says("account.email_waits")
		owner.get(h.link("ada@buyer.example", "a new address")).send("/account/link").says("account.done_email_old")
		h.browser(2).signIn("ada@new.example", passphrase).says("identity.refused")
		owner.get(h.link("ada@new.example", "Confirm your new")).send("/account/link").says("account.done_email_new")
		h.mail("ada@buyer.example", "has a new address")
		h.browser(3).signIn("ada@new.example", passphrase).at("/account/wait")
		h.browser(4).signIn("ada@buyer.example", passphrase).says("identity.refused")
	})
}

// Without something strong nothing is removed: the page says what to add first (V6.5.6).
func TestTheLastWayStays(t *testing.T) {
	onOne(t, func(t *testing.T, h *counter) {
		b := h.browser(1).signUp("ada@buyer.example")
		b.room("/account/password").send("/account/password/remove").says("identity.last_factor")
		device := identitytest.NewAuthenticator(origin)
		b.room("/account/passkeys")
		b.passkey("add", device, true)
		b.at("/account/passkeys")
		b.room("/account/password").send("/account/password/remove").says("account.said_password_removed")
		b.get("/en/account/passkeys").send("/account/passkeys/remove").says("identity.last_factor")
		b.get("/en/account/phone").send("/account/phone", "phone", "0170 7654321").at("/account/phone")
	})
}
