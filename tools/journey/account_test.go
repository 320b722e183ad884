//go:build browser

package journey

import (
	"regexp"
	"strings"
	"testing"

	"strongroom/tools/journey/chrome"
	"strongroom/tools/journey/tour"
)

// signUp begins an account and opens the mailed link in the same browser.
func signUp(t *testing.T, g *tour.Guide, email string) {
	t.Helper()
	g.Goto(g.To("/account/sign-up"))
	g.Fill("#f-email", email)
	g.Press("account.sign_up_go")
	g.Must("/account/wait")
	g.Goto(linkTo(t, g, email, "letters.identity.account.subject"))
	g.Press("account.link_account_go")
	g.Must("/account/begin")
}

// linkTo is the link of a mail.
func linkTo(t *testing.T, g *tour.Guide, email, subject string) string {
	t.Helper()
	links := g.Mail(email, subject).Links("/account/link/")
	if len(links) != 1 {
		t.Fatalf("%d links in the mail", len(links))
	}
	return links[0]
}

const passphrase = "seven lamps over a quiet harbour"

// withPassword gives the new account a password.
func withPassword(g *tour.Guide) {
	g.Fail.Helper()
	g.Fill("#f-password", passphrase)
	g.Press("account.password_set")
	g.Must("/account")
	g.Say(g.T("account.begun"))
}

func signOut(g *tour.Guide) {
	g.Fail.Helper()
	g.Press("account.sign_out")
	g.Must("/account/sign-in")
}

func signIn(g *tour.Guide, email, password string) {
	g.Fail.Helper()
	g.Goto(g.To("/account/sign-in"))
	g.Fill("#f-email", email)
	g.Fill("#f-password", password)
	g.Follow(`form[action$="/account/sign-in"] button[type=submit]:not([name])`)
}

// An account with a password, from the first page to signing in again; the way is the same without script.
func TestAccountWithPassword(t *testing.T) {
	everyWay(t, func(t *testing.T, g *tour.Guide) {
		who := tour.Somebody()
		signUp(t, g, who.Email)
		withPassword(g)
		signOut(g)
		signIn(g, who.Email, "not the one that was set")
		g.Must("/account/sign-in")
		g.Say(g.T("identity.refused"))
		if got := g.Value("#f-email"); got != who.Email {
			t.Errorf("what was typed is lost: %q", got)
		}
		if got := g.Value("#f-password"); got != "" {
			t.Error("the password came back in the page")
		}
		signIn(g, who.Email, passphrase)
		g.Must("/account")
	})
}

// A browser that nobody knows needs the mailed confirmation; the code lets it in from another browser. V6.3.5.
func TestPasswordInAnUnknownBrowser(t *testing.T) {
	t.Parallel()
	turn(t)
	g := guide(t, "en", ways[2].o)
	who := tour.Somebody()
	signUp(t, g, who.Email)
	withPassword(g)
	other := guide(t, "en", ways[2].o)
	signIn(other, who.Email, passphrase)
	other.Must("/account/wait")
	code := other.Text("output.code")
	if !regexp.MustCompile(`^[0-9A-Z]{4}-[0-9A-Z]{4}$`).MatchString(code) {
		t.Fatalf("no code on the waiting page: %q", code)
	}
	third := guide(t, "en", ways[3].o)
	third.Goto(linkTo(t, third, who.Email, "letters.identity.browser.subject"))
	third.Fill("#f-code", "AAAA-AAAA")
	third.Press("account.link_browser_go")
	third.Say(third.T("identity.code_wrong"))
	third.Fill("#f-code", strings.ToLower(code))
	third.Press("account.link_browser_go")
	third.Say(third.T("account.done_browser"))
	third.Goto(third.To("/account"))
	third.Must("/account/sign-in") // nothing was given to the browser that opened the link
	other.Press("account.wait_look")
	other.Must("/account")
}

// No page says whether an address is known. V6.3.8.
func TestUnknownAddressLooksTheSame(t *testing.T) {
	t.Parallel()
	turn(t)
	g := guide(t, "en", ways[2].o)
	who := tour.Somebody()
	signUp(t, g, who.Email)
	withPassword(g)
	signOut(g)
	g.Goto(g.To("/account/sign-up"))
	seen := map[string]string{}
	for _, page := range []string{"sign_up", "recover"} {
		for _, email := range []string{who.Email, tour.Somebody().Email} {
			g.Goto(g.To("/account/" + strings.ReplaceAll(page, "_", "-")))
			g.Fill("#f-email", email)
			g.Press("account." + page + "_go")
			g.Must("/account/wait")
			text := strings.ReplaceAll(g.Text("main"), g.Text("output.code"), "CODE")
			if was, ok := seen[page]; ok && was != text {
				t.Errorf("%s tells known from unknown:\n%s\n%s", page, was, text)
			}
			seen[page] = text
		}
	}
}

// A passkey is made, signs in by its button, a second one joins it, and neither works without user verification.
func TestPasskeys(t *testing.T) {
	t.Parallel()
	for _, w := range ways[:2] {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			turn(t)
			g := guide(t, "en", w.o)
			phone := g.Authenticator(true)
			who := tour.Somebody()
			signUp(t, g, who.Email)
			g.Press("account.passkey_make")
			g.Must("/account")
			g.Say(g.T("account.begun"))
			same(t, "passkeys on the phone", len(phone.Credentials()), 1)
			phone.Present(false) // or the browser's own list would answer for the button
			signOut(g)
			phone.Verifies(false)
			phone.Present(true)
			g.Click("form[data-passkey] button")
			g.Wait("the refusal", `!document.querySelector("[data-said]").hidden`)
			phone.Verifies(true)
			g.Press("account.passkey_go")
			g.Must("/account")
			secondPasskey(t, g)
		})
	}
}

func secondPasskey(t *testing.T, g *tour.Guide) {
	g.Goto(g.To("/account/passkeys"))
	key := g.Authenticator(false)
	g.Fill("#f-name", "Key on the key ring")
	g.Press("account.passkey_make")
	g.Must("/account/passkeys")
	g.Say("Key on the key ring")
	same(t, "passkeys on the key", len(key.Credentials()), 1)
	same(t, "passkeys in the list", len(g.Texts(".things li")), 2)
}

// A copied passkey is found by its counter and refused. V6.7.
func TestCopiedPasskey(t *testing.T) {
	t.Parallel()
	turn(t)
	g := guide(t, "en", ways[0].o)
	key := g.Authenticator(true)
	signUp(t, g, tour.Somebody().Email)
	g.Press("account.passkey_make")
	g.Must("/account")
	copied := key.Credentials()[0]
	key.Present(false)
	signOut(g)
	key.Present(true)
	g.Press("account.passkey_go")
	g.Must("/account")
	key.Present(false)
	signOut(g)
	key.Unplug()
	thief := g.Authenticator(true)
	thief.Put(copied) // its counter stands where it stood before the last sign-in
	g.Goto(g.To("/account/sign-in"))
	g.Wait("an answer", `document.querySelector(".problem") !== null`)
	g.Must("/account/passkey")
	g.Say(g.T("identity.refused"))
}

// A password and the app beside it: the second proof is asked for, and a code that was used works no more.
func TestRecoveryCodes(t *testing.T) {
	twoWays(t, func(t *testing.T, g *tour.Guide) {
		signUp(t, g, tour.Somebody().Email)
		withPassword(g)
		g.Goto(g.To("/account/codes"))
		if g.At("/account/factor") {
			g.Fill("#f-proof-password", passphrase)
			g.Press("account.proof_go")
			g.Must("/account/codes")
		}
		g.Press("account.codes_make")
		same(t, "codes", len(g.Texts(".codes li")), 10)
		g.Goto(g.To("/account/codes"))
		same(t, "codes shown again", len(g.Texts(".codes li")), 0)
	})
}

// Words of one's own stand in the next mail, and every room can be walked through.
func TestRooms(t *testing.T) {
	t.Parallel()
	for _, w := range []way{{"390", chrome.Options{Width: 390}}, {"320", chrome.Options{Width: 320}}} {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			turn(t)
			g := guide(t, "en", w.o)
			who := tour.Somebody()
			look := func(name string) {
				t.Helper()
				for _, dark := range []bool{false, true} {
					g.Theme(dark)
					for _, finding := range g.Axe(axe) {
						t.Errorf("%s, dark %v: %s", name, dark, finding)
					}
				}
				if wide, by := g.Overflow(); wide > 0 {
					t.Errorf("%s: %d pixels too wide by %s", name, wide, by)
				}
			}
			tour.Account(g, who.Email, passphrase, look)
		})
	}
}

// After a guest purchase a passkey makes an account; it counts once the mail is confirmed, and then the order is there.
// The pending passkey alone opens nothing.
func TestAccountAfterGuestPurchase(t *testing.T) {
	t.Parallel()
	turn(t)
	g := guide(t, "en", ways[1].o)
	phone := g.Authenticator(true)
	who := tour.Somebody()
	g.Buy(tour.Plain, who, "paid")
	g.State("order.state_paid")
	number := g.Number()
	g.Press("shop.keep_go")
	g.Must("/account/start")
	g.Press("account.passkey_make")
	g.Must("/account/wait")
	same(t, "passkeys on the phone", len(phone.Credentials()), 1)
	g.Goto(g.To("/account/sign-in")) // the browser's own list offers the passkey and uses it at once
	g.Wait("an answer", `document.querySelector(".problem") !== null`)
	g.Say(g.T("identity.refused")) // pending: it opens nothing
	phone.Present(false)
	g.Goto(g.To("/account"))
	g.Must("/account/sign-in")
	g.Goto(linkTo(t, g, who.Email, "letters.identity.account.subject"))
	g.Press("account.link_account_go")
	g.Must("/account")
	g.Goto(g.To("/account/orders"))
	g.Say(number)
	g.Press("account.order_open", "number", number)
	g.Must("/order")
	same(t, "the order", g.Number(), number)
}
