//go:build browser

package journey

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"

	"strongroom/tools/journey/tour"
)

// The newcomer's way through the desk: the printed link, two passkeys, the order that was just bought; it is sent with its
// number, and its buyer sees the parcel and gets the mail; money goes back, and the buyer gets that mail, too.
func TestFromTheLinkToTheParcel(t *testing.T) {
	t.Parallel()
	turn(t)
	h := openHouse(t)
	buyer, who := h.guide(t, wide), tour.Somebody()
	buyer.Buy(tour.Plain, who, "paid")
	buyer.State("order.state_paid")
	number := buyer.Number()

	g := h.guide(t, wide)
	keys := tour.SetUp(g, 1, nothing)
	g.Goto(g.Desk("/orders"))
	g.FollowText(number)
	g.Fill("#f-tracking", "JD01 4600 1234")
	g.DoubleFollow(`form[action$="/ship"] button`) // an impatient click sends one parcel
	g.Say(g.T("admin.done_shipped"))
	same(t, "parcels", len(g.Texts("#h-sent ~ .keys li")), 1)
	if g.Sees("1234") {
		t.Error("the number of the parcel stands in clear")
	}
	sent := g.Mail(who.Email, "letters.sent.subject")
	if !strings.Contains(sent.Text, "JD01 4600 1234") {
		t.Errorf("the mail does not name the parcel: %s", sent.Text)
	}
	buyer.Reload()
	buyer.Say("JD01 4600 1234")

	other := h.guide(t, narrow) // the same order in another browser, opened before and sent after
	other.SignInToDesk(keys[0])
	other.Goto(other.Desk("/orders/" + number))
	other.ClickText(other.T("admin.refund"))
	other.Fill("#f-sum", "1.50")
	other.Fill("#f-note", "a chipped lid")
	g.ClickText(g.T("admin.refund"))
	g.Fill("#f-sum", "2,00")
	g.Press("admin.refund_go")
	g.Say(g.T("admin.done_refunded"))
	other.Press("admin.refund_go")
	same(t, "status of a refund of an order that has changed", other.Status(), 409)
	other.Say(other.T("order.changed_meanwhile"))
	same(t, "what was typed", other.Value("#f-sum")+other.Value("#f-note"), "1.50a chipped lid")
	g.Mail(who.Email, "letters.back.subject")
	g.Back()
	g.Press("admin.deliver")
	g.Say(g.T("admin.done_delivered"))
}

// A product that is added at the desk, with words in both languages and a picture, is bought in the shop. What was typed
// survives the lock; nothing typed is lost to a mistake or to somebody else.
func TestProductFromTheDeskIsBought(t *testing.T) {
	t.Parallel()
	turn(t)
	h := openHouse(t)
	g := h.guide(t, wide)
	keys := tour.SetUp(g, 1, nothing)
	g.Goto(g.Desk("/new-product"))
	g.Fill("#f-title-en", "Rye jug")
	g.Fill("#f-title-de", "Roggenkrug")
	g.Fill("#f-handle", "Rye Jug")
	g.Fill("#f-sku", "RJ-1")
	g.Fill("#f-price", "18,50")
	g.Fill("#f-stock", "5")
	g.Fill("#f-weight-g", "700")
	g.Press("admin.save")
	g.Say(g.T("catalog.handle"))
	same(t, "what was typed", g.Value("#f-price")+g.Value("#f-title-de"), "18,50Roggenkrug")
	g.Fill("#f-handle", "rye-jug")
	g.Press("admin.save")
	g.Seated("/products/rye-jug")

	g.Follow(`a[href$="/pictures"]`)
	g.Upload("#f-picture", "not-a-picture.jpg", []byte("\xff\xd8\xff\xe0 this is no picture"))
	g.Press("admin.picture_add")
	same(t, "status of a broken picture", g.Status(), 422)
	g.Upload("#f-picture", "jug.png", drawing(t))
	g.Press("admin.picture_add")
	g.Wait("the picture", `document.querySelector(".pictures img")`)
	g.Fill(`.pictures input[lang], .pictures li input`, "A brown jug")
	g.Wait("the save bar", `document.querySelector("[data-save-bar]:not([hidden])")`)
	h.idle(t)
	g.Press("admin.save")
	g.Prove()
	g.Wait("the word that it is saved", `document.body.innerText.includes("`+g.T("admin.done_saved")+`")`)

	g.Goto(g.Desk("/products/rye-jug"))
	g.Press("admin.show")
	g.Say(g.T("admin.done_shown"))
	other := h.guide(t, wide)
	other.SignInToDesk(keys[0])
	other.Goto(other.Desk("/products/rye-jug"))
	other.Fill("#f-summary-en", "Thrown in one go.")
	g.Reload()
	g.Fill("#f-summary-en", "Holds a litre.")
	g.Press("admin.save")
	g.Say(g.T("admin.done_saved"))
	other.Press("admin.save")
	other.Say(other.T("catalog.changed_meanwhile"))
	other.Say(other.T("admin.stored_now", "text", "Holds a litre."))
	same(t, "what the other one typed", other.Value("#f-summary-en"), "Thrown in one go.")

	g.FollowText("RJ-1")
	g.Fill("#f-pieces", "10")
	g.Select("#f-why", "received")
	g.DoubleFollow(`form[action$="/stock"] button`) // an impatient click counts once
	g.Goto(g.Desk("/products/rye-jug/variants/RJ-1"))
	same(t, "pieces on the shelf", g.Texts(".figures dd")[1], "15")

	buyer := h.guide(t, narrow)
	buyer.Goto(buyer.To("/p/rye-jug"))
	buyer.Say("Holds a litre.")
	same(t, "what the picture shows", buyer.Attr("main img", "alt"), "A brown jug")
	buyer.Buy("/p/rye-jug", tour.Somebody(), "paid")
	buyer.State("order.state_paid")
}

// Every page of orders and goods is well made, and in German everything is German: nothing for axe-core to find, light and
// dark; no wider than the window, down to 320 pixels. The palette works by keyboard.
func TestOfficeIsWellMade(t *testing.T) {
	t.Parallel()
	turn(t)
	h := openHouse(t)
	g := h.reader(t, "de", wide)
	tour.Office(g, deskLook(t, g))
	g.Wait("the passkey that the field of the address offers", `location.pathname === "/orders" && document.readyState === "complete"`)
	g.Goto(g.Desk("/orders"))
	g.Key("k", input.ModifierCtrl)
	g.Wait("the palette", `document.querySelector("dialog[open] input") === document.activeElement`)
	g.Type("morgenschale")
	g.Wait("an answer", `[...document.querySelectorAll("dialog li a")].some(a => a.getAttribute("href") === "/products/morning-bowl")`)
	g.Key(kb.ArrowDown)
	g.Key(kb.Enter)
	g.Loaded()
	g.Seated("/products/morning-bowl")
}

// drawing is a small picture.
func drawing(t *testing.T) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 800, 1000))
	for x := range 800 {
		for y := range 1000 {
			m.Set(x, y, color.RGBA{R: uint8(120 + x/20), G: uint8(90 + y/20), B: 60, A: 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
