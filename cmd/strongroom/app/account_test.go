package app

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/identity"
	"strongroom/guard/identity/identitytest"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
)

// A form that comes too late for its fresh proof loses nothing: what was typed stands in it again after the proof, and
// passwords are not kept (V7.5.1, V14.2.6).
func TestFormsSurviveAProof(t *testing.T) {
	onOne(t, func(t *testing.T, h *counter) {
		b := h.browser(1).signUp("ada@buyer.example")
		for _, x := range [...]struct{ room, field, typed, after string }{
			{"/account/email", "email", "new@buyer.example", "account.email_waits"},
			{"/account/words", "words", `the "blue" <bicycle>`, "account.said_words_set"},
		} {
			b.room(x.room)
			h.wait(11 * time.Minute)
			b.send(x.room, x.field, x.typed)
			b.says("account.factor_prove")
			b.send("/account/factor", "method", "password", "proof-password", "not my password at all")
			b.says("identity.refused")
			b.send("/account/factor", "method", "password", "proof-password", passphrase)
			b.says("account.resumed")
			if got := b.one(x.field); got != x.typed {
				t.Errorf("%s: %q is lost: %q", x.room, x.typed, got)
			}
			b.send(x.room, x.field, x.typed).says(x.after)
		}
		b.room("/account/password")
		h.wait(11 * time.Minute)
		b.send("/account/password", "current", passphrase, "password", "another long and quiet evening")
		b.says("account.factor_prove")
		if strings.Contains(b.body, passphrase) || strings.Contains(b.body, "quiet evening") {
			t.Error("a password waits in the page")
		}
		b.send("/account/factor", "method", "password", "proof-password", passphrase).at("/account/password")
		forged := b.get("/en/account/prove?to=words").form("/account/factor")
		forged.Set("method", "password")
		forged.Set("proof-password", passphrase)
		forged.Set("kept", `{"password":"planted","words":"mine"}`)
		if b.ask("POST", "/en/account/factor", forged); strings.Contains(b.body, "planted") {
			t.Error("a planted password stands in the page")
		}
	})
}

// Nor does one that was sent when its session had ended: after signing in it stands there again.
func TestFormsSurviveASignIn(t *testing.T) {
	onOne(t, func(t *testing.T, h *counter) {
		b := h.browser(1).signUp("ada@buyer.example")
		b.room("/account/email")
		h.wait(15 * 24 * time.Hour)
		b.send("/account/email", "email", "new@buyer.example").says("identity.no_session")
		if got := b.one("email"); got != "" {
			t.Errorf("the sign-in asks for %q", got)
		}
		b.send("/account/sign-in", "email", "ada@buyer.example", "password", passphrase).says("account.resumed")
		if got := b.one("email"); got != "new@buyer.example" {
			t.Errorf("lost: %q", got)
		}
		b.send("/account/email").says("account.email_waits")
		b.get("/en/account/address")
		h.wait(15 * 24 * time.Hour)
		b.send("/account/address", "name", "Ada Löwenherz", "street", "Hafenstraße 12", "postcode", "20359", "city", "Hamburg", "country", "AT").says("identity.no_session")
		b.send("/account/sign-in", "email", "ada@buyer.example", "password", passphrase).says("account.resumed")
		if b.one("street") != "Hafenstraße 12" || b.one("city") != "Hamburg" || !strings.Contains(b.body, `value="AT" selected`) {
			t.Errorf("the address is lost: %s", b.text())
		}
	})
}

// A passkey that was about to be added is not lost either, nor its name.
func TestAPasskeysNameSurvivesAProof(t *testing.T) {
	onOne(t, func(t *testing.T, h *counter) {
		b := h.browser(1).signUp("ada@buyer.example")
		device := identitytest.NewAuthenticator(origin)
		b.room("/account/passkeys")
		h.wait(11 * time.Minute)
		form := b.form("/account/passkey")
		form.Set("name", "Key on the ring")
		b.ask("POST", "/en/account/passkey/options", form)
		if b.status != 403 {
			t.Errorf("options without a fresh proof: %d", b.status)
		}
		b.ask("POST", "/en/account/passkey", form).says("account.factor_prove")
		b.send("/account/factor", "method", "password", "proof-password", passphrase).says("account.resumed")
		if got := b.one("name"); got != "Key on the ring" {
			t.Errorf("the name is lost: %q", got)
		}
		b.passkey("add", device, true)
		b.at("/account/passkeys")
		b.says("account.said_passkeys_added")
	})
}

// Whoever guesses waits longer and longer; the page says how long, and that passkeys work on, and they do (V6.3.1, V6.1.1).
func TestDelaysAreSaid(t *testing.T) {
	onBoth(t, func(t *testing.T, h *counter) {
		b := h.browser(1).signUp("ada@buyer.example")
		device := identitytest.NewAuthenticator(origin)
		b.room("/account/passkeys")
		b.passkey("add", device, true)
		b.at("/account/passkeys")
		thief := h.browser(2)
		last := 0
		for n := range 9 {
			thief.signIn("ada@buyer.example", "wrong number "+strconv.Itoa(n))
			if thief.status != 429 {
				continue
			}
			after, err := strconv.Atoi(thief.header.Get("Retry-After"))
			if err != nil || after <= 0 || after < last {
				t.Errorf("Retry-After %q after %d", thief.header.Get("Retry-After"), last)
			}
			last = after
			text := thief.text()
			if strings.Contains(text, "{") || !strings.Contains(text, "second") && !strings.Contains(text, "minute") || thief.one("email") != "ada@buyer.example" {
				t.Errorf("the page does not say it well: %s", text)
			}
			thief.passkey("sign-in", device, false)
			thief.at("/account")
			thief = h.browser(2)
			h.wait(time.Duration(after) * time.Second)
		}
		if last == 0 {
			t.Error("nine wrong passwords and no delay")
		}
	})
}

// With nothing but a password enrolled the mailbox recovers, after three days; the notice says when, and stops it (V6.4.3).
func TestRecoveryWaitsAndIsTold(t *testing.T) {
	onBoth(t, func(t *testing.T, h *counter) {
		owner, other := h.browser(1).signUp("ada@buyer.example"), h.browser(2)
		ask := func() {
			other.get("/en/account/recover").send("/account/recover", "email", "ada@buyer.example").at("/account/wait")
			other.get(h.link("ada@buyer.example", "Getting back")).send("/account/link")
			other.says("account.done_recovery")
		}
		ask()
		owner.get("/en/account").says("account.recovery_banner")
		owner.get("/en/account/recovery").says("account.recovery_runs")
		owner.room("/account/words") // a fresh proof
		owner.get("/en/account/recovery").send("/account/recovery/cancel").at("/account/recovery")
		owner.says("account.said_recovery_cancelled").says("account.recovery_none")
		h.mail("ada@buyer.example", "stopped")

		ask()
		stop := h.link("ada@buyer.example", "opened anew")
		h.browser(3).get(stop).send("/account/link").says("account.done_recovery_cancel")

		ask()
		h.wait(71 * time.Hour)
		if n := len(h.mails); strings.Contains(h.mails[n-1].Subject, "can get back in") {
			t.Error("too early")
		}
		h.wait(2 * time.Hour)
		other.get(h.link("ada@buyer.example", "can get back")).send("/account/link").at("/account/begin")
		if owner.get("/en/account"); owner.path == "/en/account" {
			t.Error("a session outlived the recovery")
		}
		other.send("/account/password", "password", "nine geese above the northern shore").at("/account")
		owner.signIn("ada@buyer.example", passphrase).says("identity.refused")
	})
}

// With a factor enrolled mail alone never recovers; the phone is told as well (V6.4.3, V6.4.4).
func TestMailAloneGivesNothingBack(t *testing.T) {
	onBoth(t, func(t *testing.T, h *counter) {
		owner := h.browser(1).signUp("ada@buyer.example")
		codes := owner.codes()
		owner.room("/account/phone").send("/account/phone", "phone", "0170 1234567").at("/account/phone")
		h.run()
		owner.send("/account/phone/confirm", "code", "000000").says("identity.code_wrong")
		owner.send("/account/phone/confirm", "code", sixDigits(h.texts[len(h.texts)-1].Text)).at("/account/phone")
		owner.says("account.said_phone_added")
		owner.get("/en/account/phone")
		if !strings.Contains(owner.text(), "a new number never does at once") {
			t.Errorf("the cooling time is not told: %s", owner.text())
		}
		told := len(h.texts)
		thief := h.browser(2)
		thief.get("/en/account/recover").send("/account/recover", "email", "ada@buyer.example")
		thief.get(h.link("ada@buyer.example", "Getting back")).send("/account/link").at("/account/factor")
		thief.says("account.factor_recovery_lead")
		if strings.Contains(thief.body, "proof-phone") || strings.Contains(thief.text(), thief.t("account.phone_send")) {
			t.Error("a number of today helps to recover")
		}
		h.wait(80 * time.Hour)
		for _, m := range h.mails {
			if strings.Contains(m.Subject, "can get back") {
				t.Error("mail alone recovered")
			}
		}
		if len(h.texts) != told {
			t.Errorf("told of a recovery that was none: %+v", h.texts[told:])
		}
		thief.get("/en/account/recover").send("/account/recover", "email", "ada@buyer.example")
		thief.get(h.link("ada@buyer.example", "Getting back")).send("/account/link")
		thief.send("/account/factor", "method", "code", "proof-code", codes[3]).says("account.done_recovery")
		h.run()
		if len(h.texts) <= told {
			t.Fatal("the phone was not told")
		}
		stop := linkIn.FindString(h.texts[len(h.texts)-1].Text)
		h.browser(3).get(strings.TrimPrefix(stop, origin)).send("/account/link").says("account.done_recovery_cancel")
		if h.wait(80 * time.Hour); strings.Contains(h.mails[len(h.mails)-1].Subject, "can get back") {
			t.Error("a recovery that was stopped went on")
		}
	})
}

func sixDigits(text string) string {
	for _, w := range strings.Fields(text) {
		if _, err := strconv.Atoi(w); err == nil && len(w) == 6 {
			return w
		}
	}
	return ""
}

// Her own page says which kind of staff looked, at what and why, and never who.
func TestLooksAreTold(t *testing.T) {
	onBoth(t, func(t *testing.T, h *counter) {
		b := h.browser(1).signUp("ada@buyer.example")
		b.get("/en/account/activity").says("account.looks_none")
		b.says("account.act_confirm")
		token, err := id.ParseToken(b.jar[identity.CookieAccount])
		if err != nil {
			t.Fatal(err)
		}
		v := identity.Visitor{Origin: b.from, Agent: b.agent}
		if v.Browser, err = id.ParseToken(b.jar[identity.CookieBrowser]); err != nil {
			t.Fatal(err)
		}
		_, acc, err := h.s.Identity.Check(t.Context(), identity.Shopper, token, v)
		if err != nil {
			t.Fatal(err)
		}
		member := id.New(noon, nil)
		look := vault.Look{Actor: access.Staff(member, id.New(noon, nil), access.Support, access.SetOf(access.OrderReveal), b.from),
			Purpose: privacy.IdentityEmail.Field.Purpose, Reason: "delivery", Object: "account", ObjectID: acc.ID}
		for range 2 {
			if _, err := h.s.Vault.Reveal(t.Context(), look, acc.Email); err != nil {
				t.Fatal(err)
			}
		}
		b.get("/en/account/activity").says("access.why_delivery").says("account.look_times", "n", 2)
		b.says("account.look_who", "who", b.t("access.role_support"), "what", b.t("account.look_account"))
		if strings.Contains(b.body, member.String()) {
			t.Error("the page says who it was")
		}
		h.browser(2).signUp("eve@buyer.example").get("/en/account/activity").says("account.looks_none")
	})
}

var older = regexp.MustCompile(`/en/account/activity\?after=[0-9A-Z-]+`)

// However many orders somebody has: a look at any of them is told, on this page or on an older one.
func TestLooksAtOldOrdersAreTold(t *testing.T) {
	onOne(t, func(t *testing.T, h *counter) {
		b := h.browser(1).signUp("ada@buyer.example").address("Plantedstreet 1").add(h.product(), 1)
		b.get("/en/checkout").send("/checkout", "delivery.country", "DE", "billing_differs", "", "offer", "").send("/checkout/pay")
		b.get("/en/account/orders") // ties the order to the account
		var order, subject id.ID
		var email []byte
		if err := h.s.Data.Write(t.Context(), func(tx *db.Tx) error {
			const same = `subject, cart, cart_proof, shown, language, country, currency, mode, goods, discount, shipping, net, tax, total, code, offer, offer_name,
				pick_up, place, days_min, days_max, payment, generation, corrections, told, pay_until, paid_at, delivered_at, closed_at, withdrawn_at, refunded, placed_at`
			if _, err := tx.Exec(`WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 129) INSERT INTO order_head (id, number, attempt, state, ` +
				same + `) SELECT randomblob(16), '0000-' || SUBSTR('000' || n, -4), randomblob(16), 3, ` + same + ` FROM order_head, s`); err != nil {
				return err
			}
			if _, err := tx.Exec(`INSERT INTO order_account (order_id, account, attached_at) SELECT h.id, a.account, 1 FROM order_head h, order_account a
				WHERE h.id NOT IN (SELECT order_id FROM order_account)`); err != nil {
				return err
			}
			return tx.QueryRow(`SELECT h.id, h.subject, p.email FROM order_head h JOIN order_personal p ON p.order_id = h.id`).Scan(&order, &subject, &email)
		}); err != nil {
			t.Fatal(err)
		}
		f := privacy.OrderEmail.Field
		look := vault.Look{Actor: access.Staff(id.New(noon, nil), id.New(noon, nil), access.Support, access.SetOf(access.OrderReveal), b.from),
			Purpose: f.Purpose, Reason: "delivery", Object: "order", ObjectID: order}
		if _, err := h.s.Vault.Reveal(t.Context(), look, h.s.Vault.Sealed(f, subject, order, email)); err != nil {
			t.Fatal(err)
		}
		told, pages := map[string]bool{}, 0
		for next := "/en/account/activity"; next != ""; next = older.FindString(b.body) {
			b.get(next)
			for _, n := range regexp.MustCompile(`[0-9A-Z]{4}-[0-9A-Z]{4}`).FindAllString(b.text(), -1) {
				told[n] = true
			}
			if pages++; pages > 5 {
				t.Fatal("the pages do not end")
			}
		}
		if len(told) != 130 || pages != 2 {
			t.Errorf("looks at %d of 130 orders are told on %d pages", len(told), pages)
		}
	})
}

// Every page behind the door has the button that signs out, and it ends the session (V7.4.4, V7.4.1).
func TestEveryRoomHasAWayOut(t *testing.T) {
	onOne(t, func(t *testing.T, h *counter) {
		b := h.browser(1).signUp("ada@buyer.example")
		b.room("/account/words") // a fresh proof
		for _, room := range []string{"", "/orders", "/profile", "/addresses", "/check", "/methods", "/passkeys", "/password", "/app", "/phone", "/codes",
			"/recovery", "/devices", "/activity", "/email", "/words", "/close"} {
			b.get("/en/account" + room).at("/account" + room)
			if b.form("/account/sign-out"); b.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s may be stored: %q", room, b.header.Get("Cache-Control"))
			}
		}
		b.follows = false // answers that are no pages are nobody else's either: a redirect, a script's data, a refusal
		for path, typed := range map[string]url.Values{"/words": {"words": {"quiet herons"}}, "/passkey/options": {"aim": {"add"}},
			"/password/advice": {"password": {"x"}}, "/passkey": {"aim": {"nothing"}}} {
			b.get("/en/account/words")
			for name, v := range b.form("/account/words") {
				if typed[name] == nil {
					typed[name] = v
				}
			}
			if b.ask(http.MethodPost, "/en/account"+path, typed); b.header.Get("Cache-Control") != "no-store" {
				t.Errorf("the answer of %s (%d) may be stored: %q", path, b.status, b.header.Get("Cache-Control"))
			}
		}
		b.follows = true
		b.get("/en/account")
		token := b.jar[identity.CookieAccount]
		b.send("/account/sign-out").at("/account/sign-in")
		if b.jar[identity.CookieAccount] = token; b.get("/en/account").path == "/en/account" {
			t.Error("the session lives on after signing out")
		}
	})
}

// A mailed link opens, for who has nothing else, a session that sees orders and changes nothing; in another browser only
// with the code of the one that asked (V6.3.6). Who has a password or passkey gets none by mail.
func TestAMailedLinkLetsLook(t *testing.T) {
	onOne(t, func(t *testing.T, h *counter) {
		b := h.browser(1)
		b.get("/en/account/sign-up").send("/account/sign-up", "email", "ada@buyer.example")
		b.get(h.link("ada@buyer.example", "Confirm")).send("/account/link").at("/account/begin") // and leaves it at that
		asks := func(b *visitor) string {
			b.get("/en/account/sign-in").send("/account/sign-in", "email", "ada@buyer.example", "link", "1").at("/account/wait")
			return h.link("ada@buyer.example", "link")
		}
		c := h.browser(2)
		link := asks(c)
		if again := asks(c); c.get(link).status != 410 {
			t.Errorf("a link that was replaced answers %d", c.status)
		} else {
			link = again
		}
		other := h.browser(3).get(link)
		other.send("/account/link", "code", "AAAA-AAAA").says("identity.code_wrong")
		c.get(link).send("/account/link").at("/account")
		c.says("account.limited_why")
		c.get("/en/account/orders").at("/account/orders")
		for _, room := range []string{"email", "words", "passkeys", "password", "profile", "addresses", "activity", "devices", "methods"} {
			if c.get("/en/account/" + room); c.path != "/en/account?only=look" {
				t.Errorf("%s answers at %s", room, c.path)
			}
		}
		link = asks(h.browser(4))
		h.wait(16 * time.Minute)
		if c.get(link).status != 410 {
			t.Errorf("a link of sixteen minutes answers %d", c.status)
		}
		h.browser(5).signUp("eve@buyer.example")
		e := h.browser(6)
		e.get("/en/account/sign-in").send("/account/sign-in", "email", "eve@buyer.example", "link", "1").at("/account/wait")
		h.run()
		for _, m := range h.mails {
			if m.To == "eve@buyer.example" && strings.Contains(m.Text, "/account/link/") && !strings.Contains(m.Subject, "Confirm") {
				t.Errorf("a link for who has a password: %s", m.Subject)
			}
		}
	})
}
