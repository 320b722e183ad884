//go:build browser

package journey

import (
	"regexp"
	"strings"
	"testing"

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

const passphrase = tour.Passphrase

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
	otherWays(t, func(t *testing.T, g *tour.Guide) {
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
