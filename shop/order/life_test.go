package order_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/shop/order"
	"strongroom/shop/payment"
	"strongroom/shop/price"
)

// An order that nobody pays is closed after the session's life and five minutes, its goods are free, its cart is back.
func TestAnUnpaidOrderExpires(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		v := s.goods("Bowl", 2400, 10)
		cart := s.fill(v, 2)
		placed := s.place(cart, details())
		_, err := s.orders.Pay(s.ctx, placed.Browser)
		s.must(err)
		s.Clock.Advance(34 * time.Minute)
		s.must(s.orders.ExpireDue(s.ctx))
		s.state(placed, order.AwaitingPayment)
		s.level(v, 10, 2)
		s.Clock.Advance(2 * time.Minute)
		s.must(s.orders.ExpireDue(s.ctx))
		s.state(placed, order.Expired)
		s.level(v, 10, 0)
		if st := s.last(placed.Order).State; st != payment.Expired {
			t.Fatalf("the session is %s at the provider", st)
		}
		c, err := s.cart.Get(s.ctx, cart)
		s.must(err)
		if len(c.Lines) != 1 || c.Lines[0].Quantity != 2 {
			t.Fatalf("the cart holds %+v", c.Lines)
		}
		d, ok, err := s.orders.Typed(s.ctx, cart)
		s.must(err)
		if !ok || d.Delivery.Street != "Plantedstreet 7" {
			t.Fatal("what was typed is lost")
		}
		if _, err := s.orders.Pay(s.ctx, placed.Browser); !fault.Is(err, fault.Gone) {
			t.Fatalf("paying an expired order: %v", err)
		}
		next := s.place(cart, details())
		if next.Order == placed.Order || next.Number == placed.Number {
			t.Fatal("the reopened cart gave the old order")
		}
	})
}

// While the provider does not answer, nothing is released (attack row 44 must not oversell).
func TestNothingIsReleasedWhileTheProviderIsAway(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		v := s.goods("Bowl", 2400, 1)
		placed := s.began(v, 1)
		s.firm.away(true)
		s.Clock.Advance(5 * time.Hour)
		s.must(s.orders.ExpireDue(s.ctx))
		s.state(placed, order.AwaitingPayment)
		s.level(v, 1, 1)
		s.firm.away(false)
		s.Clock.Advance(3 * time.Minute)
		s.firm.set(s.last(placed.Order).Reference, payment.StatusPaid) // she paid meanwhile
		s.must(s.orders.ExpireDue(s.ctx))
		s.state(placed, order.Paid)
		s.level(v, 0, 0)
	})
}

// Money that comes after an order was closed takes the goods again, if they are there.
func TestLateMoneyTakesTheOrderUpAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		v := s.goods("Bowl", 2400, 1)
		placed := s.began(v, 1)
		s.Clock.Advance(time.Hour)
		s.must(s.orders.ExpireDue(s.ctx))
		s.state(placed, order.Expired)
		s.says(placed.Order, payment.StatusPaid)
		s.state(placed, order.Paid)
		s.level(v, 0, 0)
		s.work()
		if s.events.count("order.late_money") != 1 || len(s.box.of(order.LetterConfirmation)) != 1 {
			t.Fatalf("%d alarms, %d confirmations", s.events.count("order.late_money"), len(s.box.of(order.LetterConfirmation)))
		}
		s.ledger()
	})
}

// Money that comes when the goods are sold goes back by itself, with a mail and an alarm. Nothing is sold twice.
func TestLateMoneyForSoldGoodsGoesBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		v, w := s.goods("Bowl", 2400, 5), s.goods("Jug", 3000, 1)
		cart := s.fill(v, 1)
		_, _, err := s.cart.Add(s.ctx, cart, w, 1)
		s.must(err)
		late := s.place(cart, details())
		_, err = s.orders.Pay(s.ctx, late.Browser)
		s.must(err)
		ref := s.last(late.Order).Reference
		s.Clock.Advance(time.Hour)
		s.must(s.orders.ExpireDue(s.ctx))
		other := s.began(w, 1) // the jug goes to somebody else, the bowl would still be there
		s.says(other.Order, payment.StatusPaid)
		s.says(late.Order, payment.StatusPaid)
		s.state(late, order.Refunded)
		s.level(v, 5, 0)
		s.level(w, 0, 0)
		s.work()
		if got := s.firm.refunded(ref); got != s.view(late).Total {
			t.Fatalf("%d of %d went back", got, s.view(late).Total)
		}
		m := s.box.of(order.LetterLateRefund)
		if len(m) != 1 || !strings.Contains(m[0].Text, late.Number) {
			t.Fatalf("%d mails about the refund", len(m))
		}
		if s.events.count("order.late_money") != 1 {
			t.Fatal("no alarm")
		}
		s.says(late.Order, payment.StatusPaid) // told again: nothing more goes back
		s.work()
		if got := s.firm.refunded(ref); got != s.view(late).Total {
			t.Fatalf("told twice, refunded %d", got)
		}
		s.ledger()
	})
}

// A failed payment is tried again from the order, without another order; a second payment of a paid order goes back.
func TestPayingAgainAndPayingTwice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		v := s.goods("Bowl", 2400, 5)
		placed := s.began(v, 1)
		first := s.says(placed.Order, payment.StatusDeclined)
		s.state(placed, order.AwaitingPayment)
		s.level(v, 5, 1)
		if !s.view(placed).CanPay {
			t.Fatal("a declined payment cannot be tried again")
		}
		s.Clock.Advance(time.Second)
		url, err := s.orders.Pay(s.ctx, placed.Browser)
		s.must(err)
		again, err := s.orders.Pay(s.ctx, placed.Browser)
		s.must(err)
		if url != again {
			t.Fatal("a second click opened a second session")
		}
		second := s.says(placed.Order, payment.StatusPaid)
		if second.ID == first.ID {
			t.Fatal("the declined session was used again")
		}
		s.state(placed, order.Paid)
		s.firm.set(first.Reference, payment.StatusPaid)
		_, err = s.pay.Refresh(s.ctx, first.ID)
		s.must(err)
		s.work()
		s.state(placed, order.Paid)
		s.level(v, 4, 0)
		if got := s.firm.refunded(first.Reference); got != second.Amount {
			t.Fatalf("of the second payment %d went back", got)
		}
		if len(s.box.of(order.LetterDoubleRefund)) != 1 || len(s.box.of(order.LetterFailed)) != 1 {
			t.Fatal("the buyer was not told")
		}
		if n := s.number(`SELECT COUNT(*) FROM order_head`); n != 1 {
			t.Fatalf("%d orders", n)
		}
		s.ledger()
	})
}

// A payment on its way keeps the goods for days; when it fails there is a day to pay otherwise.
func TestMoneyOnItsWay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		v := s.goods("Bowl", 2400, 5)
		good, bad := s.began(v, 1), s.began(v, 1)
		s.says(good.Order, payment.StatusPending)
		s.says(bad.Order, payment.StatusPending)
		s.state(good, order.PaymentPending)
		s.work()
		if len(s.box.of(order.LetterConfirmation)) != 2 {
			t.Fatal("pending orders were not confirmed")
		}
		s.Clock.Advance(5 * 24 * time.Hour)
		s.must(s.orders.ExpireDue(s.ctx))
		s.level(v, 5, 2)
		s.says(good.Order, payment.StatusPaid)
		s.says(bad.Order, payment.StatusDeclined)
		s.work()
		if len(s.box.of(order.LetterReceived)) != 1 || len(s.box.of(order.LetterFailed)) != 1 {
			t.Fatalf("received %d, failed %d", len(s.box.of(order.LetterReceived)), len(s.box.of(order.LetterFailed)))
		}
		// The browser's own day is over: the link in the mail opens the order.
		if _, err := s.orders.Open(s.ctx, bad.Browser); !fault.Is(err, fault.NotFound) {
			t.Fatalf("after five days the browser's token says %v", err)
		}
		visit, err := s.orders.Enter(s.ctx, linkIn(t, s.box.of(order.LetterFailed)[0]))
		s.must(err)
		got, err := s.orders.Open(s.ctx, visit)
		s.must(err)
		if got.State != order.AwaitingPayment || !got.CanPay {
			t.Fatalf("the failed one is %s, can pay: %v", got.State, got.CanPay)
		}
		s.Clock.Advance(25 * time.Hour)
		s.must(s.orders.ExpireDue(s.ctx))
		s.level(v, 4, 0)
		s.work()
		if len(s.box.of(order.LetterExpired)) != 1 {
			t.Fatal("the buyer of the closed order was not told")
		}
		s.ledger()
	})
}

// Who has not paid after ten minutes gets the confirmation with a way to pay, once.
func TestAnUnpaidOrderIsConfirmedByMail(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		s.began(s.goods("Bowl", 2400, 5), 1)
		s.Clock.Advance(9 * time.Minute)
		s.must(s.orders.TellUntold(s.ctx))
		s.work()
		if len(s.box.of(order.LetterConfirmation)) != 0 {
			t.Fatal("told too early")
		}
		s.Clock.Advance(2 * time.Minute)
		s.must(s.orders.TellUntold(s.ctx))
		s.must(s.orders.TellUntold(s.ctx))
		s.work()
		m := s.box.of(order.LetterConfirmation)
		if len(m) != 1 || !strings.Contains(m[0].Text, "not paid yet") || len(s.box.of(order.LetterOwnerOrder)) != 0 {
			t.Fatalf("%d confirmations, %d to the owner", len(m), len(s.box.of(order.LetterOwnerOrder)))
		}
		if _, err := s.orders.Enter(s.ctx, linkIn(t, m[0])); err != nil {
			t.Fatal(err)
		}
	})
}

// A provider that says another sum, currency or reference pays nothing (attack row 12, V2.3.2).
func TestAnotherSumPaysNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		placed := s.began(s.goods("Bowl", 2400, 5), 1)
		s.firm.edit(s.last(placed.Order).Reference, func(x *payment.Session) { x.Amount = 1 })
		s.says(placed.Order, payment.StatusPaid)
		s.state(placed, order.AwaitingPayment)
		if n := s.number(`SELECT COUNT(*) FROM order_move WHERE to_state = 3`); n != 0 {
			t.Fatal("an order was paid with another sum")
		}
	})
}

// An order that costs nothing is settled without a provider.
func TestAnOrderThatCostsNothing(t *testing.T) {
	s := open(t, dbtest.Open(t, dbtest.Engines()[0]))
	v := s.goods("Sample", 0, 5)
	d := details()
	d.Offer, d.Delivery.Street, d.Delivery.Postcode, d.Delivery.City = "pickup", "", "", ""
	placed := s.place(s.fill(v, 1), d)
	s.state(placed, order.Paid)
	s.level(v, 4, 0)
	s.work()
	m := s.box.of(order.LetterConfirmation)
	if len(m) != 1 || !strings.Contains(m[0].Text, "Werkhof 3") {
		t.Fatalf("%d confirmations", len(m))
	}
}

// Every row of the history is a move that the table allows, and a refused move changes nothing.
func TestEveryMoveLeavesARow(t *testing.T) {
	s := open(t, dbtest.Open(t, dbtest.Engines()[0]))
	placed := s.began(s.goods("Bowl", 2400, 5), 1)
	s.says(placed.Order, payment.StatusPaid)
	m := s.view(placed).Moves
	if len(m) != 2 || m[0].To != order.AwaitingPayment || m[0].Reason != order.BecausePlaced || m[0].Actor != "guest" ||
		m[1].From != order.AwaitingPayment || m[1].To != order.Paid || m[1].Actor != "provider:fake" {
		t.Fatalf("moves %+v", m)
	}
	if n := s.number(`SELECT COUNT(*) FROM audit_entry WHERE action IN ('order.place', 'order.move')`); n != 2 {
		t.Fatalf("%d audit entries", n)
	}
}

// The shop cancels an order that nobody has paid; one that was paid meanwhile stays paid.
func TestTheShopCancels(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		v := s.goods("Bowl", 2400, 5)
		a, b := s.began(v, 1), s.began(v, 1)
		s.must(s.orders.Cancel(s.ctx, a.Number, access.Console()))
		s.state(a, order.Cancelled)
		s.level(v, 5, 1)
		s.firm.set(s.last(b.Order).Reference, payment.StatusPaid)
		if err := s.orders.Cancel(s.ctx, b.Number, access.Console()); !fault.Is(err, fault.Conflict) {
			t.Fatalf("an order that is paid was cancelled: %v", err)
		}
		s.state(b, order.Paid)
		s.says(a.Order, payment.StatusPaid) // money for the cancelled one goes back
		s.work()
		s.state(a, order.Refunded)
		if len(s.box.of(order.LetterCancelled)) != 1 || len(s.box.of(order.LetterLateRefund)) != 1 {
			t.Fatal("the buyer was not told")
		}
		s.level(v, 4, 0)
		s.ledger()
	})
}

// A code that one person may use once: of two orders at the same time one gets it; it is free again when that order
// comes to nothing, and counted again when its money comes late (attack row 15).
func TestACodeIsUsedOnceAndGivenBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		v := s.goods("Bowl", 2000, 50)
		code, clear, err := s.price.Create(s.ctx, access.Console(), price.Code{Discount: price.Discount{Kind: price.Percent, PPM: 250_000},
			Label: "autumn", MaxUses: 1, Active: true}, "")
		s.must(err)
		coded := func() (id.Token, string) {
			cart := s.fill(v, 2)
			_, err := s.cart.ApplyCode(s.ctx, cart, access.Guest(id.ID{}, origin), clear)
			s.must(err)
			s.must(s.orders.Draft(s.ctx, cart, "en", details()))
			r, err := s.orders.Review(s.ctx, cart, "en")
			s.must(err)
			if r.Discount != 1000 || r.Code == "" || strings.Contains(r.Code, clear) {
				t.Fatalf("discount %d, code shown as %q", r.Discount, r.Code)
			}
			return cart, r.Attempt
		}
		a, attemptA := coded()
		b, attemptB := coded()
		first, err := s.orders.Place(s.ctx, a, attemptA, origin)
		s.must(err)
		_, err = s.orders.Pay(s.ctx, first.Browser)
		s.must(err)
		if _, err := s.orders.Place(s.ctx, b, attemptB, origin); !fault.Is(err, fault.Conflict) {
			t.Fatalf("the code was used twice: %v", err)
		}
		uses := func(want int64) {
			t.Helper()
			if n := s.number(`SELECT uses FROM price_code WHERE id = $1`, code.Code); n != want {
				t.Fatalf("the code stands at %d uses, want %d", n, want)
			}
		}
		uses(1)
		s.Clock.Advance(time.Hour)
		s.must(s.orders.ExpireDue(s.ctx))
		uses(0)
		_, attemptB = again(s, b)
		_, err = s.orders.Place(s.ctx, b, attemptB, origin)
		s.must(err)
		uses(1)
		s.says(first.Order, payment.StatusPaid) // its money comes late: its price stands
		s.state(first, order.Paid)
		uses(2)
		s.ledger()
	})
}

func again(s *store, cart id.Token) (order.Review, string) {
	s.t.Helper()
	r, err := s.orders.Review(s.ctx, cart, "en")
	s.must(err)
	return r, r.Attempt
}

// Details saved twice at once leave one draft, and both saves are accepted.
func TestDetailsSavedAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		cart := s.fill(s.goods("Bowl", 2400, 5), 1)
		errs := make([]error, 4)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { errs[i] = s.orders.Draft(s.ctx, cart, "en", details()) })
		}
		wg.Wait()
		for _, err := range errs {
			s.must(err)
		}
		if n := s.number(`SELECT COUNT(*) FROM order_personal`); n != 1 {
			t.Fatalf("%d drafts", n)
		}
		again(s, cart)
	})
}

// While the provider says that money is on its way, an order waits longer than planned and is asked for daily.
func TestMoneyThatTakesLongerThanPlanned(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		v := s.goods("Bowl", 2400, 1)
		placed := s.began(v, 1)
		s.says(placed.Order, payment.StatusPending)
		s.Clock.Advance(15 * 24 * time.Hour)
		s.must(s.orders.ExpireDue(s.ctx))
		page, err := s.orders.List(s.ctx, access.Console(), order.Filter{State: order.PaymentPending})
		s.must(err)
		if len(page.Orders) != 1 || !page.Orders[0].PayUntil.After(s.Clock.Now().Add(23*time.Hour)) {
			t.Fatalf("%d pending orders, asked again at the wrong time", len(page.Orders))
		}
		s.level(v, 1, 1)
		s.says(placed.Order, payment.StatusPaid)
		s.level(v, 0, 0)
	})
}
