//go:build browser

package journey

import (
	"testing"

	"strongroom/tools/journey/chrome"
	"strongroom/tools/journey/tour"
)

// The owner switches payment at pick-up on and puts it first; a shopper orders so, without script; the desk prepares it,
// hands it over and is paid in one act; another order nobody collects.
func TestPayAtPickUp(t *testing.T) {
	t.Parallel()
	turn(t)
	h := openHouse(t)
	g := h.guide(t, wide)
	tour.SetUp(g, 1, nothing)
	at := func(g *tour.Guide, name string) {
		t.Helper()
		if g.Scripts() { // axe-core is one
			for _, finding := range g.Axe(axe) {
				t.Errorf("%s: %s", name, finding)
			}
		}
		g.Size(1280, 900)
		keep(g, name, "wide")
		g.Size(390, 844)
		keep(g, name, "narrow")
		g.Size(320, 640)
		if wide, who := g.Overflow(); wide > 0 {
			t.Errorf("%s is %d pixels too wide: %s", name, wide, who)
		}
		g.Size(1280, 900)
	}
	night := func(g *tour.Guide, name string) {
		t.Helper()
		g.Theme(true)
		at(g, name+"-dark")
		g.Theme(false)
	}
	on := func(name string, fill func()) {
		t.Helper()
		g.Goto(g.Desk("/new-provider/" + name))
		if !g.Has(`form[action="/new-provider/` + name + `"]`) { // it has been a while since who asks proved who she is
			g.Press("admin.passkey_use")
		}
		fill()
		g.Press("provider.paste_go")
		g.Press("provider.on_go")
		g.Say(g.T("admin.done_provider_on"))
	}
	on("transfer", func() {
		g.Fill("#f-paste-holder", "Kiln & Orchard GmbH")
		g.Fill("#f-paste-iban", "DE89 3704 0044 0532 0130 00")
	})
	on("pickup", func() {
		g.Fill("#f-paste-most", "nothing")
		g.Press("provider.paste_go")
		g.Say(g.T("provider.pickup_most_wrong"))
		at(g, "pickup-wrong")
		g.Fill("#f-paste-most", "150")
	})
	g.Goto(g.Desk("/providers"))
	g.Follow(`form[action$="/up"] button`)
	g.Say(g.T("admin.done_provider_moved"))
	at(g, "providers-moved")
	night(g, "providers-moved")

	collect := func(b *tour.Guide, who tour.Person) {
		t.Helper()
		b.Add(tour.Plain)
		b.Checkout()
		b.Fill("#f-email", who.Email)
		b.Fill("#f-delivery-name", who.Name)
		b.Fill("#f-delivery-street", who.Street)
		b.Fill("#f-delivery-postcode", who.Postcode)
		b.Fill("#f-delivery-city", who.City)
		b.Click(`input[name=offer][value=pickup]`)
		b.Press("shop.to_check")
		b.Must("/checkout/pay")
		b.Click(`input[name=method][value=pickup]`)
	}
	buyer, who := h.guide(t, chrome.Options{Width: 390, Height: 844, NoScript: true}), tour.Somebody()
	collect(buyer, who)
	at(buyer, "pickup-check")
	buyer.Press("shop.oblige")
	buyer.Say(buyer.T("shop.counter_title"))
	buyer.State("order.state_counter")
	at(buyer, "pickup-order")
	night(buyer, "pickup-order")
	number := buyer.Number()
	buyer.MailSaying(who.Email, "letters.confirmation.counter")

	g.Goto(g.Desk("/orders/" + number))
	at(g, "pickup-desk")
	g.Press("admin.ready_go")
	g.Say(g.T("admin.not_collected"))
	at(g, "pickup-desk-ready")
	night(g, "pickup-desk-ready")
	buyer.Mail(who.Email, "letters.ready.subject")
	buyer.Goto(buyer.To("/order"))
	buyer.Say(buyer.T("shop.counter_ready"))
	at(buyer, "pickup-order-ready")

	sum := g.Value("#f-amount")
	g.Fill("#f-amount", "1.00")
	g.Press("admin.hand_over_cash")
	g.Say("Nothing was written down")
	at(g, "pickup-desk-wrong")
	g.Fill("#f-amount", sum)
	g.Press("admin.hand_over_terminal")
	g.Say(g.T("admin.done_handed_over"))
	at(g, "pickup-desk-paid")
	buyer.Goto(buyer.To("/order"))
	buyer.State("order.state_paid")
	at(buyer, "pickup-order-paid")
	buyer.Mail(who.Email, "letters.collected.subject")

	german, other := h.reader(t, "de", narrow), tour.Somebody()
	collect(german, other)
	at(german, "pickup-check-de")
	german.Press("shop.oblige")
	german.State("order.state_counter")
	at(german, "pickup-order-de")
	number = german.Number()
	g.Goto(g.Desk("/transfers"))
	g.Say(number)
	at(g, "pickup-transfers")
	g.Goto(g.Desk("/orders/" + number))
	g.ClickText(g.T("admin.not_collected"))
	g.Press("admin.cancel_go")
	g.Say(g.T("admin.done_cancelled"))
	german.Goto(german.To("/order"))
	german.State("order.state_cancelled")
	german.Mail(other.Email, "letters.cancelled.subject")
}
