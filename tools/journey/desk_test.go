//go:build browser

package journey

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"

	"strongroom/tools/journey/chrome"
	"strongroom/tools/journey/tour"
)

// Two people, each at her own browser: what the manager asks for above her limit waits, she cannot agree to it herself, not
// even with a form that no page gave her; the owner sees order and sum, agrees, and only then the money goes back and the
// buyer gets the mail. V2.3.5.
func TestTwoPeopleAgree(t *testing.T) {
	t.Parallel()
	turn(t)
	h := openHouse(t)
	buyer, who := h.guide(t, wide), tour.Somebody()
	buyer.Add(tour.WithOptions)
	buyer.Fill(`input[name=quantity]`, "12")
	buyer.Follow(".line-act button.plain")
	buyer.Checkout()
	buyer.Details(who)
	buyer.Oblige()
	buyer.Choose("paid")
	buyer.State("order.state_paid")
	number := buyer.Number()

	ida, moor := h.guide(t, wide), h.guide(t, narrow)
	tour.SetUp(ida, 0, nothing)
	moor.Goto(ida.Invite("Max Moor", "max@kiln-orchard.example", "manager", ""))
	moor.Press("admin.go_on")
	moor.Authenticator(true)
	moor.AddPasskey("Phone", nothing)
	moor.Seated("/orders")
	if err := h.demo.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}

	moor.Goto(moor.Desk("/orders/" + number))
	moor.ClickText(moor.T("admin.refund"))
	moor.Fill("#f-sum", "210,00")
	moor.Fill("#f-note", "The whole box arrived in pieces.")
	moor.Press("admin.refund_go")
	moor.Say(moor.T("admin.done_waiting"))
	moor.Goto(moor.Desk("/approvals"))
	moor.Say(moor.T("admin.take_back"))
	if moor.Has(`button[name=decision][value=yes]`) {
		t.Error("who asked is offered to agree")
	}
	moor.Eval(`document.querySelector("button[name=decision]").value = "yes"`, nil)
	moor.Press("admin.take_back")
	same(t, "status of agreeing to one's own wish", moor.Status(), 409)
	moor.Say(moor.T("staff.own_request"))
	none(t, buyer, who.Email, "letters.back.subject")

	ida.Mail(tour.OwnerEmail, "letters.staff.asked.subject")
	ida.Goto(ida.Desk("/approvals"))
	ida.Say(number)
	ida.Say(ida.P.Money(21000, "EUR"))
	ida.Press("admin.show_reason")
	ida.Say("The whole box arrived in pieces.")
	ida.Press("admin.approve")
	ida.Say(ida.T("admin.done_decided"))
	ida.Say(ida.T("staff.approval_done"))
	moor.Mail("max@kiln-orchard.example", "letters.staff.decided.subject")
	moor.Goto(moor.Desk("/approvals"))
	moor.Say(tour.OwnerName)
	buyer.Mail(who.Email, "letters.back.subject")
	ida.Goto(ida.Desk("/orders/" + number))
	ida.Say(ida.T("admin.refund_asked", "amount", ida.P.Money(21000, "EUR")))
}

// The desk with the keyboard alone: from the list over the order to the parcel, the palette, and on a telephone the menu.
// Wherever the focus is, it can be seen.
func TestDeskByKeyboard(t *testing.T) {
	t.Parallel()
	turn(t)
	h := openHouse(t)
	buyer, who := h.guide(t, wide), tour.Somebody()
	buyer.Buy(tour.Plain, who, "paid")
	buyer.State("order.state_paid")
	number := buyer.Number()
	g := h.guide(t, wide)
	tour.SetUp(g, 0, nothing)

	k := keys{g, t}
	k.Goto(k.Desk("/orders"))
	k.skip()
	k.reach(`tbody a[href="/orders/` + number + `"]`)
	k.press(kb.Enter)
	k.Seated("/orders/" + number)
	k.skip()
	k.reach("#f-tracking")
	k.Type("JD01 4600 9876")
	k.reach(`form[action$="/ship"] button`)
	k.press(" ")
	k.Say(k.T("admin.done_shipped"))

	k.Key("k", input.ModifierCtrl)
	k.Wait("the palette", `document.querySelector("dialog[open] input") === document.activeElement`)
	k.Key(kb.Escape)
	k.Wait("the end of the palette", `!document.querySelector("dialog[open]")`)
	k.Key("k", input.ModifierMeta)
	k.Wait("the palette again", `document.querySelector("dialog[open] input") === document.activeElement`)
	k.Type(strings.ToLower(number))
	k.Wait("the order", `[...document.querySelectorAll("dialog li a")].some(a => a.getAttribute("href") === "/orders/`+number+`")`)
	k.press(kb.Enter) // takes the first answer
	k.Seated("/orders/" + number)

	k.Size(390, 844)
	k.Goto(k.Desk("/orders"))
	k.reach(".rail-menu")
	k.Key(kb.Enter)
	k.Wait("the menu", `document.querySelector("#rail").matches(":popover-open")`)
	k.reach(`#rail a[href="/products"]`)
	k.press(kb.Enter)
	k.Seated("/products")
	k.reach(".rail-menu")
	k.Key(" ")
	k.Wait("the menu", `document.querySelector("#rail").matches(":popover-open")`)
	k.Key(kb.Escape)
	k.Wait("the end of the menu", `!document.querySelector("#rail").matches(":popover-open") && document.activeElement.matches(".rail-menu")`)
}

// The desk without script: a password and the app open it, orders are found, sent and filtered, and goods
// are changed; an idle session asks for its proof and loses nothing. The menu of a telephone needs none either.
func TestDeskWithoutScript(t *testing.T) {
	t.Parallel()
	turn(t)
	h := openHouse(t)
	buyer, who := h.guide(t, wide), tour.Somebody()
	buyer.Buy(tour.Plain, who, "paid")
	buyer.State("order.state_paid")
	number := buyer.Number()
	ida := h.guide(t, wide)
	tour.SetUp(ida, 0, nothing)
	secret, codes := ida.PasswordAndApp()

	g := h.guide(t, chrome.Options{Width: 390, Height: 844, NoScript: true})
	g.Goto(g.Desk("/orders"))
	g.Say(g.T("admin.passkey_script"))
	g.Fill("#f-email", tour.OwnerEmail)
	g.Fill("#f-password", tour.Passphrase)
	g.Press("admin.sign_in")
	g.Fill("#f-app", tour.AppCode(secret, 1)) // the present one was used to set the app up
	g.Follow(`form:has(#f-app) button`)
	g.Seated("/orders")
	g.FollowText(number)
	g.Fill("#f-tracking", "JD01 4600 5555")
	g.Press("admin.ship_go")
	g.Say(g.T("admin.done_shipped"))
	g.Goto(g.Desk("/orders"))
	g.Select("#f-parcel", "sent")
	g.Follow(`form[action="/orders"] button`)
	g.Say(number)

	g.Menu()
	g.Press("admin.products")
	g.Seated("/products")
	g.Goto(g.Desk("/products/olive-oil"))
	g.Fill("#f-summary-en", "Pressed the same day.")
	h.idle(t)
	g.Press("admin.save")
	same(t, "what an idle session sees", g.Text("h1"), g.T("admin.unlock"))
	same(t, "status of a form of an idle session", g.Status(), 403)
	g.Fill("#f-password", tour.Passphrase)
	g.Follow(`form:has(#f-password) button`)
	g.ClickText(g.T("admin.code_instead"))
	g.Fill("#f-code", codes[0])
	g.Follow(`form:has(#f-code) button`)
	g.Press("admin.resume_go")
	g.Say(g.T("admin.done_saved"))
	buyer.Goto(buyer.To(tour.Plain))
	buyer.Say("Pressed the same day.")

	g.Menu()
	g.Follow(`#rail a[href="/find"]`)
	g.Seated("/find")
	g.Fill("#f-q", number)
	g.Press("admin.find_go")
	g.FollowText(number)
	g.Seated("/orders/" + number)

	g.Menu()
	g.Press("admin.sign_out")
	g.Goto(g.Desk("/orders"))
	g.Say(g.T("admin.passkey_use"))
}
