//go:build browser

package journey

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"strongroom/tools/journey/chrome"
	"strongroom/tools/journey/tour"
)

// room goes to a page of the account, with the password as a fresh proof if one is asked for.
func room(g *tour.Guide, path string) {
	g.Fail.Helper()
	g.Goto(g.To(path))
	if g.At("/account/factor") {
		g.Fill("#f-proof-password", passphrase)
		g.Press("account.proof_go")
	}
	g.Must(path)
}

// A password and the app beside it: the second proof is asked for in a browser that is known, too; a wrong code is
// refused beside its field, and one that was used works no more.
func TestPasswordAndApp(t *testing.T) {
	twoWays(t, func(t *testing.T, g *tour.Guide) {
		who := tour.Somebody()
		signUp(t, g, who.Email)
		withPassword(g)
		room(g, "/account/app")
		g.Press("account.app_begin")
		secret := g.Text(".secret")
		if !g.Has(".qr svg") || len(strings.ReplaceAll(secret, " ", "")) < 26 {
			t.Errorf("neither picture nor letters: %q", secret)
		}
		used := tour.AppCode(secret, 0)
		g.Fill("#f-code", used)
		g.Press("account.app_confirm")
		g.Say(g.T("account.said_app_added"))
		signOut(g)
		signIn(g, who.Email, passphrase)
		g.Must("/account/factor")
		proof := func(code string) {
			g.Fill("#f-proof-app", code)
			g.Follow(`form:has(#f-proof-app) button[type=submit]`)
		}
		proof(used)
		g.Must("/account/factor")
		g.Say(g.T("identity.code_wrong"))
		proof(tour.AppCode(secret, 1))
		g.Must("/account")
	})
}

// The phone: its risk is told first, a country that is not reached is refused, a code by SMS proves the number and then
// stands beside the password; another number takes its place, and cools.
func TestPhone(t *testing.T) {
	twoWays(t, func(t *testing.T, g *tour.Guide) {
		who, number, next := tour.Somebody(), tour.Mobile(), tour.Mobile()
		signUp(t, g, who.Email)
		withPassword(g)
		room(g, "/account/phone")
		g.Say(g.T("identity.phone_alone")) // what must be there first is said before anything is typed
		room(g, "/account/codes")
		g.Press("account.codes_make")
		room(g, "/account/phone")
		g.Say(g.T("identity.phone_risk"))
		g.Fill("#f-phone", "+86 138 0013 8000")
		g.Press("account.phone_begin")
		g.Say(g.T("identity.phone_country"))
		same(t, "what was typed", g.Value("#f-phone"), "+86 138 0013 8000")
		g.Fill("#f-phone", number)
		g.Press("account.phone_begin")
		g.Fill("#f-code", "000000")
		g.Press("account.phone_confirm")
		g.Say(g.T("identity.code_wrong"))
		first := g.SMSCode(number, "")
		g.Press("account.phone_again")
		second := g.SMSCode(number, first)
		g.Fill("#f-code", first)
		g.Press("account.phone_confirm")
		g.Say(g.T("identity.code_wrong")) // a new code ends the older one
		g.Fill("#f-code", second)
		g.Press("account.phone_confirm")
		g.Say(g.T("account.said_phone_added"))
		g.Fill("#f-phone", next)
		g.Press("account.phone_begin")
		enrolled := g.SMSCode(next, "")
		g.Fill("#f-code", enrolled)
		g.Press("account.phone_confirm")
		if shown := g.Text(".things"); strings.Contains(shown, next[5:9]) || !strings.Contains(shown, next[len(next)-2:]) {
			t.Errorf("the number is not masked: %q", shown)
		}
		signOut(g)
		signIn(g, who.Email, passphrase)
		g.Must("/account/factor")
		g.Press("account.phone_send")
		g.Fill("#f-proof-phone", g.SMSCode(next, enrolled))
		g.Follow(`form:has(#f-proof-phone) button[type=submit]`)
		g.Must("/account")
	})
}

// Ten recovery codes are shown once. One of them stands beside the password in the place of the app, once, and its use is
// mailed (V6.5.1).
func TestRecoveryCodes(t *testing.T) {
	twoWays(t, func(t *testing.T, g *tour.Guide) {
		who := tour.Somebody()
		signUp(t, g, who.Email)
		withPassword(g)
		room(g, "/account/codes")
		g.Press("account.codes_make")
		codes := g.Texts(".codes li")
		same(t, "codes", len(codes), 10)
		room(g, "/account/codes")
		same(t, "codes shown again", len(g.Texts(".codes li")), 0)
		g.Say(g.T("account.codes_left", "n", 10))
		room(g, "/account/app")
		g.Press("account.app_begin")
		g.Fill("#f-code", tour.AppCode(g.Text(".secret"), 0))
		g.Press("account.app_confirm")
		for _, code := range []string{codes[0], strings.ToLower(codes[1])} { // as people type them
			signOut(g)
			signIn(g, who.Email, passphrase)
			g.Must("/account/factor")
			if code != codes[0] {
				proveCode(g, codes[0])
				g.Say(g.T("identity.code_wrong")) // used
			}
			proveCode(g, code)
			g.Must("/account")
		}
		g.MailSaying(who.Email, "letters.identity.changed.code_used")
		g.Goto(g.To("/account/methods"))
		g.Say(g.T("account.codes_left", "n", 8))
	})
}

// The field of a password hides it until its owner asks, takes what is pasted and what a password manager fills in, and
// a new one is weighed while it is typed; without script it is refused with a reason beside the field (V6.2.6, V6.2.7).
func TestPasswordField(t *testing.T) {
	twoWays(t, func(t *testing.T, g *tour.Guide) {
		signUp(t, g, tour.Somebody().Email)
		same(t, "kind of the field", g.Attr("#f-password", "type"), "password")
		same(t, "for password managers", g.Attr("#f-password", "autocomplete"), "new-password")
		g.Fill("#f-password", "passwordpassword")
		if g.Has("[data-advice] .weigh") {
			g.Wait("advice", `document.querySelector(".weigh").innerText.length > 10`)
			g.Say(g.T("strength.score_0"))
			g.ClickText(g.T("account.reveal"))
			same(t, "kind of the field, revealed", g.Attr("#f-password", "type"), "text")
			g.ClickText(g.T("account.hide"))
			if !g.Bool(`(() => { const f = document.querySelector("#f-password"), d = new DataTransfer(); d.setData("text/plain", "x");
			  return f.dispatchEvent(new ClipboardEvent("paste", {clipboardData: d, bubbles: true, cancelable: true})) })()`) {
				t.Error("the page refuses what is pasted")
			}
			g.Fill("#f-password", passphrase)
			g.Wait("praise", `document.querySelector(".weigh.fits") !== null`)
			g.Fill("#f-password", "passwordpassword")
		}
		g.Press("account.password_set")
		g.Say(g.T("strength.common"))
		if g.Sees("leak") {
			t.Error("a list of common passwords speaks of leaks")
		}
		same(t, "the password in the page", g.Value("#f-password"), "")
		withPassword(g)
	})
}

// Devices: another browser is seen, and signed out from here.
func TestDevices(t *testing.T) {
	t.Parallel()
	turn(t)
	g := guide(t, "en", ways[2].o)
	who := tour.Somebody()
	signUp(t, g, who.Email)
	withPassword(g)
	other := guide(t, "en", ways[2].o)
	signIn(other, who.Email, passphrase)
	code := other.Text("output.code")
	g.Goto(linkTo(t, g, who.Email, "letters.identity.browser.subject"))
	g.Fill("#f-code", code)
	g.Press("account.link_browser_go")
	other.Press("account.wait_look")
	other.Must("/account")
	room(g, "/account/devices")
	same(t, "browsers", len(g.Texts(".things > li")), 2)
	g.Follow(`.things form button`)
	g.Say(g.T("account.said_devices_out"))
	other.Goto(other.To("/account"))
	other.Must("/account/sign-in")
}

// Signing up, in and out, and a step further, with the keyboard alone.
func TestAccountByKeyboard(t *testing.T) {
	t.Parallel()
	for _, w := range []way{ways[0], ways[3]} {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			turn(t)
			k := keys{guide(t, "en", chrome.Options{Width: w.o.Width, Height: w.o.Height, NoScript: w.o.NoScript}), t}
			who := tour.Somebody()
			k.Goto(k.To("/account/sign-in"))
			k.skip()
			k.reach(`a[href$="/account/sign-up"]`)
			k.press(kb.Enter)
			k.reach("#f-email")
			k.Type(who.Email)
			k.press(kb.Enter)
			k.Must("/account/wait")
			k.Goto(linkTo(t, k.Guide, who.Email, "letters.identity.account.subject"))
			k.reach("main form button")
			k.press(kb.Enter)
			k.Must("/account/begin")
			k.reach("#f-password")
			k.Type(passphrase)
			k.press(kb.Enter)
			k.Must("/account")
			k.reach(`form[action$="/account/sign-out"] button`)
			k.press(kb.Enter)
			k.Must("/account/sign-in")
			k.reach("#f-email")
			k.Type(who.Email)
			k.reach("#f-password")
			k.Type(passphrase)
			k.press(kb.Enter) // Enter signs in, and does not mail a link
			k.Must("/account")
		})
	}
}
