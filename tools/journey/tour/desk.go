package tour

import (
	"strings"

	"github.com/chromedp/cdproto/webauthn"

	"strongroom/tools/journey/chrome"
)

// Owner is who sets the demo's shop up.
const (
	OwnerName  = "Ida Brandt"
	OwnerEmail = "ida@kiln-orchard.example"
)

// Desk is the address of a path on the admin host.
func (g *Guide) Desk(path string) string { return g.Demo.Admin + path }

// Seated stops when the page is not at a path of the desk.
func (g *Guide) Seated(path string) {
	g.Fail.Helper()
	at, _, _ := strings.Cut(g.Path(), "?")
	if !strings.HasPrefix(g.URL(), g.Demo.Admin) || at != path {
		g.Fail.Fatalf("at %s (%s) instead of %s: %s", g.URL(), g.Title(), path, g.Text("main"))
	}
}

// SetUp uses the printed link: the owner gives her name, makes a passkey in this browser and as many for other ones as
// are asked for, and keeps her recovery codes. The passkeys for other browsers are returned; each works in one of them.
func SetUp(g *Guide, others int, stop Stop) (keys []*webauthn.Credential) {
	g.Fail.Helper()
	g.Goto(g.Demo.SetUp)
	stop("set-up")
	g.Fill("#f-name", OwnerName)
	g.Fill("#f-email", OwnerEmail)
	g.Press("admin.go_on")
	g.Seated("/ways")
	stop("ways-first")
	for range max(others, 1) { // one way alone does not open the desk for an owner
		a := g.Authenticator(false)
		g.AddPasskey("Key ring", stop)
		keys = append(keys, a.Credentials()...)
		a.Unplug()
	}
	g.Authenticator(true)
	g.AddPasskey("Laptop", stop)
	g.Seated("/orders")
	g.Goto(g.Desk("/ways"))
	g.Press("admin.codes_make")
	stop("codes")
	g.Press("admin.codes_kept")
	g.Seated("/ways")
	stop("ways")
	return keys
}

// AddPasskey makes a passkey with the authenticator that is plugged in.
func (g *Guide) AddPasskey(name string, stop Stop) {
	g.Fail.Helper()
	g.Press("admin.passkey_add")
	g.Seated("/ways/passkey")
	stop("passkey")
	g.Fill("#f-name", name)
	g.Press("admin.passkey_make")
}

// PasswordAndApp adds what opens the desk without script, and returns the secret of the app and fresh recovery codes.
func (g *Guide) PasswordAndApp() (secret string, codes []string) {
	g.Fail.Helper()
	g.Goto(g.Desk("/ways/password"))
	g.Fill("#f-password", Passphrase)
	g.Press("admin.save")
	g.Seated("/ways")
	g.Goto(g.Desk("/ways/app"))
	secret = g.Text(".secret")
	g.Fill("#f-code", AppCode(secret, 0))
	g.Press("admin.go_on")
	g.Seated("/ways")
	g.Press("admin.codes_make")
	return secret, g.Texts(".codes li")
}

// Menu opens the desk's menu, where the window is too narrow for the rail.
func (g *Guide) Menu() {
	g.Fail.Helper()
	if g.Bool(`document.querySelector(".rail-menu").getClientRects().length`) {
		g.Click(".rail-menu")
		g.Wait("the menu", `document.querySelector("#rail").matches(":popover-open")`)
	}
}

// SignInToDesk signs in with a passkey that was made for this browser.
func (g *Guide) SignInToDesk(key *webauthn.Credential) *chrome.Authenticator {
	g.Fail.Helper()
	g.Goto(g.Desk("/sign-in"))
	a := g.Authenticator(true)
	a.Put(key)
	g.Press("admin.passkey_use")
	return a
}

// Prove gives the proof that a dangerous act asks for, and goes on with the form that was kept.
func (g *Guide) Prove() {
	g.Fail.Helper()
	g.Press("admin.passkey_use")
	g.Press("admin.resume_go")
}
