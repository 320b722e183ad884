//go:build browser

package journey

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"strongroom/tools/journey/chrome"
	"strongroom/tools/journey/stage"
	"strongroom/tools/journey/tour"
)

// house is a demo of its own, which nobody has set up yet. It has the certificates of the shared one, so that the shared
// browser trusts it, too.
type house struct{ demo *stage.Demo }

func openHouse(t *testing.T) *house {
	t.Helper()
	folder := t.TempDir()
	if err := sameCertificates(folder); err != nil {
		t.Fatal(err)
	}
	d, err := begin(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Stop)
	return &house{d}
}

// guide is guide in this demo.
func (h *house) guide(t *testing.T, o chrome.Options) *tour.Guide {
	t.Helper()
	return h.reader(t, "en", o)
}

// reader is guide for somebody who reads a language.
func (h *house) reader(t *testing.T, code string, o chrome.Options) *tour.Guide {
	t.Helper()
	o.Language = code
	g := &tour.Guide{Page: tab.Page(t, o), Demo: h.demo, P: texts.For(code), Lang: code}
	t.Cleanup(func() {
		for _, trouble := range g.Troubles() {
			t.Errorf("the browser reports: %s", trouble)
		}
		if t.Failed() {
			leave(t, g)
		}
		g.Close()
	})
	return g
}

var wide, narrow = chrome.Options{Width: 1280, Height: 900}, chrome.Options{Width: 390, Height: 844}

// The doors of the desk, from the printed link to a colleague who leaves, through real browsers with virtual
// authenticators: who has no link never gets in, and whoever is out is out with the next request.
func TestDoorsOfTheDesk(t *testing.T) {
	t.Parallel()
	turn(t)
	h := openHouse(t)
	g, stranger := h.guide(t, wide), h.guide(t, narrow)
	for _, path := range []string{"/", "/ways", "/sign-in", "/staff"} {
		stranger.Goto(stranger.Desk(path))
		stranger.Say(stranger.T("admin.unowned"))
	}
	same(t, "status of a guessed link", stranger.Goto(stranger.Desk("/enter/"+strings.Repeat("A", 43))), 410)
	tour.SetUp(g, 0, nothing)
	same(t, "status of the link once it was used", stranger.Goto(h.demo.SetUp), 410)
	stranger.Goto(stranger.Desk("/orders"))
	stranger.Say(stranger.T("admin.passkey_use"))

	mia := h.guide(t, narrow)
	mia.Goto(g.Invite("Mia Marsh", "mia@kiln-orchard.example", "support", ""))
	mia.Press("admin.go_on")
	mia.Seated("/ways")
	mia.Goto(mia.Desk("/orders"))
	mia.Seated("/ways") // nothing can be seen before something is enrolled
	phone := mia.Authenticator(true)
	mia.AddPasskey("Phone", nothing)
	mia.Seated("/orders")
	same(t, "status of a page without the right", mia.Goto(mia.Desk("/staff")), 403)
	mia.Say(mia.T("access.may_staff_view"))
	mia.Goto(mia.Desk("/ways"))
	mia.Menu()
	mia.Press("admin.sign_out")
	mia.Wait("the passkey that the field of the address offers", `location.pathname === "/orders" && document.readyState === "complete"`)
	if !mia.Seen() { // the press waited for the page before
		mia.Loaded()
	}

	h.idle(t)
	g.Goto(g.Desk("/roles/new"))
	same(t, "what an idle session sees", g.Text("h1"), g.T("admin.unlock"))
	g.Press("admin.passkey_use") // one tap
	g.Seated("/roles/new")
	g.Fill("#f-name", "Sunday shift")
	g.Click("#f-may-order-view")
	h.idle(t)
	g.Press("admin.save")
	same(t, "status of a form of an idle session", g.Status(), 403)
	g.Prove()
	g.Seated("/roles")
	g.Say("Sunday shift")

	g.Goto(g.Desk("/staff"))
	g.FollowText("Mia Marsh")
	g.ClickText(g.T("admin.leave_do", "name", "Mia Marsh"))
	g.Press("admin.leave_go")
	g.Say(g.T("admin.done_left"))
	phone.Unplug()
	mia.Reload()
	mia.Say(mia.T("admin.passkey_use"))
}

func nothing(string) {}

// deskLook looks at a page of the desk where a walk stops.
func deskLook(t *testing.T, g *tour.Guide) tour.Stop {
	l, tongue := look{g.Lang, 1280, false, true}, speaks(t, g.Lang)
	return func(name string) {
		t.Helper()
		l.at(t, g, name)
		fits(t, g, name, 320, 768)
		tongue.check(t, g, name)
	}
}

// idle makes all sessions of the house as old as if nobody had touched them for twenty minutes.
func (h *house) idle(t *testing.T) {
	t.Helper()
	if err := h.demo.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Every page of the house is well made, and in German everything is German: nothing for axe-core to find, light and dark;
// no wider than the window, down to 320 pixels.
func TestHouseIsWellMade(t *testing.T) {
	t.Parallel()
	turn(t)
	h := openHouse(t)
	g := h.reader(t, "de", wide)
	tour.House(g, deskLook(t, g))
	k := keys{g, t}
	g.Goto(g.Desk("/staff/new"))
	k.skip()
	k.reach("#f-name")
	k.Type("Kai Key")
	k.reach("#f-email")
	k.Type("kai@kiln-orchard.example")
	k.reach(`input[name=role][value="manager"]`)
	k.Key(" ")
	k.Key(kb.ArrowDown) // to the next role
	k.reach(`form[action="/staff"] button`)
	k.press(kb.Enter)
	g.Seated("/staff")
	g.Say("Kai Key")
}
