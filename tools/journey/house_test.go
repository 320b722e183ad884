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

// house is a demo of its own, which nobody has set up yet, with a browser that knows its certificates.
type house struct {
	demo *stage.Demo
	tab  *chrome.Browser
}

func openHouse(t *testing.T) *house {
	t.Helper()
	d, err := begin(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Stop)
	keys, err := d.Keys()
	if err != nil {
		t.Fatal(err)
	}
	b, err := chrome.Open(t.Context(), keys)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return &house{d, b}
}

// guide is guide in this demo.
func (h *house) guide(t *testing.T, o chrome.Options) *tour.Guide {
	t.Helper()
	o.Language = "en"
	g := &tour.Guide{Page: h.tab.Page(t, o), Demo: h.demo, P: texts.For("en"), Lang: "en"}
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
	mia.Press("admin.sign_out")
	mia.Wait("the passkey that the field of the address offers", `location.pathname === "/orders"`)
	mia.Loaded()

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

// idle makes all sessions of the house as old as if nobody had touched them for twenty minutes.
func (h *house) idle(t *testing.T) {
	t.Helper()
	if err := h.demo.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Every page of the house is well made: nothing for axe-core to find, light and dark; no wider than the window, down to
// 320 pixels.
func TestHouseIsWellMade(t *testing.T) {
	t.Parallel()
	turn(t)
	h := openHouse(t)
	g := h.guide(t, wide)
	tour.House(g, func(name string) {
		for _, dark := range []bool{false, true} {
			g.Theme(dark)
			for _, finding := range g.Axe(axe) {
				t.Errorf("%s, dark %v: %s", name, dark, finding)
			}
		}
		g.Theme(false)
		for _, width := range []int64{320, 768} {
			g.Size(width, 800)
			if over, who := g.Overflow(); over > 0 {
				t.Errorf("%s at %d: %d pixels too wide by %s", name, width, over, who)
			}
		}
		g.Size(1280, 900)
	})
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
