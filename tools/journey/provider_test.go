//go:build browser

package journey

import (
	"slices"
	"testing"
	"time"

	"strongroom/tools/journey/tour"
)

// keepsTheWay has two more cards declined, so that a step comes before the next payment: whoever takes it, by her browser or
// by the link in her mail, goes on with the way to pay that she chose.
func keepsTheWay(t *testing.T, buyer *tour.Guide, who tour.Person) {
	t.Helper()
	const pay = `form[action$="/order/pay"] button`
	for range 2 {
		buyer.Follow(pay)
		buyer.Hosted()
		buyer.Choose("declined")
	}
	buyer.Follow(pay)
	if !buyer.Scripts() {
		buyer.Must("/order/step")
		buyer.Press("shop.step_mail_go")
		buyer.Goto(buyer.Mail(who.Email, "letters.confirmation.subject").Links("/order/open/")[0])
		buyer.Press("shop.link_go")
		buyer.Follow(pay)
	}
	buyer.Arrive()
	buyer.Hosted()
	buyer.Choose("cancel")
	same(t, "the way to pay after the step", buyer.Attr("input[name=method]:checked", "value"), "dune_bank")
}

// The owner sets a second way to pay up at the desk, and shoppers see it at once: one chooses it, is declined, and pays the
// same order with the other.
func TestASecondWayToPay(t *testing.T) {
	t.Parallel()
	turn(t)
	h := openHouse(t)
	g := h.guide(t, wide)
	tour.SetUp(g, 1, nothing)
	tour.SecondWay(g, func(name string) {
		if name == "provider-live-key" || name == "provider-whole" { // the same pages in another state
			return
		}
		for _, finding := range g.Axe(axe) {
			t.Errorf("%s: %s", name, finding)
		}
		g.Size(320, 640)
		if wide, who := g.Overflow(); wide > 0 {
			t.Errorf("%s is %d pixels too wide: %s", name, wide, who)
		}
		g.Size(1280, 900)
	})
	if _, err := h.demo.Mail(t.Context(), "owner@kiln-orchard.example", g.T("letters.provider.on.subject", "name", "Dune Bank (sandbox)"), time.Minute); err != nil {
		t.Error(err)
	}

	for _, o := range []struct {
		name string
		way  way
	}{{"script", ways[0]}, {"no script, narrow", ways[3]}} {
		buyer, who := h.guide(t, o.way.o), tour.Somebody()
		buyer.Add(tour.Plain)
		marks := buyer.Texts(".paymark")
		// Other processes look every two seconds; each is asked in turn.
		for seen, end := 0, time.Now().Add(30*time.Second); seen < 2*processes() && time.Now().Before(end); {
			if seen++; len(marks) != 2 {
				seen = 0
			}
			buyer.Goto(buyer.URL())
			marks = buyer.Texts(".paymark")
		}
		if len(marks) != 2 || !slices.Contains(marks, "Dune Bank (sandbox)") {
			t.Errorf("%s: the cart shows the marks %q", o.name, marks)
		}
		buyer.Checkout()
		buyer.Details(who)
		buyer.Say(buyer.T("shop.pay_method"))
		buyer.Say("pay.localhost")
		wellMade := func(page string) {
			if !buyer.Scripts() {
				return // the page is the same, and axe-core is a script
			}
			for _, finding := range buyer.Axe(axe) {
				t.Errorf("%s: %s", page, finding)
			}
		}
		wellMade("check page")
		buyer.Click(`input[name=method][value=dune_bank]`)
		buyer.Oblige()
		buyer.Choose("declined")
		buyer.Say(buyer.T("shop.order_declined"))
		number := buyer.Number()
		wellMade("the order's page")
		keepsTheWay(t, buyer, who)
		buyer.Click(`input[name=method][value=sandbox]`)
		buyer.Follow(`form[action$="/order/pay"] button`)
		buyer.Hosted()
		buyer.Choose("paid")
		buyer.Follow(`button[name=answer][value=yes]`) // after so many declines the bank asks, too
		buyer.State("order.state_paid")
		same(t, "number", buyer.Number(), number)
		buyer.Mail(who.Email, "letters.confirmation.subject")
	}
}
