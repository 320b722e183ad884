//go:build browser

package journey

import (
	"slices"
	"testing"

	"strongroom/tools/journey/tour"
)

// The owner sets a second way to pay up at the desk, and shoppers see it at once: one chooses it, is declined, and pays the
// same order with the other.
func TestASecondWayToPay(t *testing.T) {
	t.Parallel()
	turn(t)
	h := openHouse(t)
	g := h.guide(t, wide)
	tour.SetUp(g, 1, nothing)
	tour.SecondWay(g, func(name string) {
		for _, finding := range g.Axe(axe) {
			t.Errorf("%s: %s", name, finding)
		}
		g.Size(320, 640)
		if wide, who := g.Overflow(); wide > 0 {
			t.Errorf("%s is %d pixels too wide: %s", name, wide, who)
		}
		g.Size(1280, 900)
	})
	mail := g.Mail("owner@kiln-orchard.example", "letters.provider.on.subject")
	if mail.Text == "" {
		t.Error("the owner's mail is empty")
	}

	for _, o := range []struct {
		name string
		way  way
	}{{"script", ways[0]}, {"no script, narrow", ways[3]}} {
		buyer, who := h.guide(t, o.way.o), tour.Somebody()
		buyer.Add(tour.Plain)
		marks := buyer.Texts(".paymark")
		if len(marks) != 2 || !slices.Contains(marks, "Dune Bank (sandbox)") {
			t.Errorf("%s: the cart shows the marks %q", o.name, marks)
		}
		buyer.Checkout()
		buyer.Details(who)
		buyer.Say(buyer.T("shop.pay_method"))
		buyer.Say("pay.localhost")
		for _, finding := range buyer.Axe(axe) {
			t.Errorf("%s, the check page: %s", o.name, finding)
		}
		buyer.Click(`input[name=method][value=dune_bank]`)
		buyer.Oblige()
		buyer.Choose("declined")
		buyer.Say(buyer.T("shop.order_declined"))
		number := buyer.Number()
		for _, finding := range buyer.Axe(axe) {
			t.Errorf("%s, the order's page: %s", o.name, finding)
		}
		buyer.Click(`input[name=method][value=sandbox]`)
		buyer.Press("shop.pay_again")
		buyer.Hosted()
		buyer.Choose("paid")
		buyer.State("order.state_paid")
		same(t, "number", buyer.Number(), number)
		buyer.Mail(who.Email, "letters.confirmation.subject")
	}
}
