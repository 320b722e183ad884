//go:build browser

package journey

import (
	"strings"
	"testing"

	"strongroom/tools/journey/chrome"
	"strongroom/tools/journey/tour"
)

// The bank says no, the second try works: one order.
func TestDeclinedThenPaid(t *testing.T) {
	otherWays(t, func(t *testing.T, g *tour.Guide) {
		who := tour.Somebody()
		g.Buy(tour.Plain, who, "declined")
		g.Say(g.T("shop.order_declined"))
		number := g.Number()
		g.Press("shop.pay_again")
		g.Hosted()
		g.Choose("paid")
		g.State("order.state_paid")
		same(t, "number", g.Number(), number)
		g.Mail(who.Email, "letters.confirmation.subject")
	})
}

// Somebody leaves the hosted page, comes back to the order, and pays after an extra step of the bank.
func TestAbandonedAndBack(t *testing.T) {
	twoWays(t, func(t *testing.T, g *tour.Guide) {
		g.Buy(tour.Plain, tour.Somebody(), "cancel")
		g.State("order.state_awaiting_payment")
		number := g.Number()
		g.Follow(`form[action$="/order/pay"] button`)
		g.Hosted()
		g.Choose("step")
		g.Follow(`button[name=answer][value=yes]`)
		g.State("order.state_paid")
		same(t, "number", g.Number(), number)
	})
}

// The money comes later: the page says so, and the same page says paid when it is there.
func TestPendingThenPaid(t *testing.T) {
	t.Parallel()
	for _, w := range []way{ways[0], ways[3]} {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			end := turn(t)
			g := guide(t, "en", w.o)
			who := tour.Somebody()
			g.Buy(tour.Plain, who, "pending")
			g.State("order.state_payment_pending")
			g.Say(g.T("shop.order_pending"))
			number := g.Number()
			end() // the sandbox takes half a minute
			g.Mail(who.Email, "letters.received.subject")
			g.Goto(g.To("/order"))
			g.State("order.state_paid")
			same(t, "number", g.Number(), number)
		})
	}
}

// The provider's page works for seconds and goes on by itself.
func TestSlowProvider(t *testing.T) {
	twoWays(t, func(t *testing.T, g *tour.Guide) {
		g.Buy(tour.Plain, tour.Somebody(), "slow")
		if path, _, _ := strings.Cut(g.Path(), "?"); !strings.HasSuffix(path, "/wait") {
			t.Errorf("not at the waiting page but at %s", g.Path())
		}
		g.State("order.state_paid")
	})
}

// Two presses on the button that obliges, the back button and a reload of the return page make one order.
func TestOneOrderWhateverIsPressed(t *testing.T) {
	otherWays(t, func(t *testing.T, g *tour.Guide) {
		who := tour.Somebody()
		g.Add(tour.Plain)
		g.Checkout()
		g.Details(who)
		g.DoubleFollow(".oblige button")
		g.Hosted()
		g.Back()
		if g.Has(".oblige") { // the browser kept the page
			g.Press("shop.oblige")
		} else {
			g.Goto(g.To("/order"))
			g.Follow(`form[action$="/order/pay"] button`)
		}
		g.Hosted()
		g.Choose("paid")
		g.State("order.state_paid")
		number := g.Number()
		g.Reload()
		g.State("order.state_paid")
		same(t, "number after reload", g.Number(), number)
		g.Goto(g.To("/order/return"))
		g.State("order.state_paid")
		same(t, "number at the return page", g.Number(), number)
		g.Mail(who.Email, "letters.confirmation.subject")
		mails, err := g.Demo.Mails(t.Context(), who.Email, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range mails {
			if !strings.Contains(m.Subject, number) {
				t.Errorf("a mail about another order: %q", m.Subject)
			}
		}
		g.Goto(g.To("/cart"))
		g.Say(g.T("shop.cart_empty"))
	})
}

// A mistyped address is corrected on the confirmation page: the mail goes to the right one, the link in the first is dead.
func TestWrongAddressIsCorrected(t *testing.T) {
	twoWays(t, func(t *testing.T, g *tour.Guide) {
		wrong, right := tour.Somebody(), tour.Somebody()
		g.Buy(tour.Plain, wrong, "paid")
		g.State("order.state_paid")
		number := g.Number()
		old := g.Mail(wrong.Email, "letters.confirmation.subject").Links("/order/open/")
		g.Fill("#f-email", "still wrong")
		g.Press("shop.mail_correct")
		if g.Value("#f-email") != "still wrong" || !strings.HasPrefix(g.Title(), g.T("shop.error_title")) {
			t.Errorf("a wrong address is not refused as such: %q %q", g.Title(), g.Value("#f-email"))
		}
		g.Fill("#f-email", right.Email)
		g.Press("shop.mail_correct")
		g.Say(g.T("shop.mail_corrected"))
		m := g.Mail(right.Email, "letters.corrected.subject")
		fresh := guide(t, "en", chrome.Options{Width: 1280})
		if status := fresh.Goto(old[0]); status == 200 {
			fresh.Press("shop.link_go")
		}
		if fresh.Sees(number) {
			t.Error("the old link still opens the order")
		}
		opened(t, guide(t, "en", chrome.Options{Width: 390}), m.Links("/order/open/")[0], number)
	})
}
