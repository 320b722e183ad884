package order_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/mail"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/shop/fraud"
	"strongroom/shop/order"
	"strongroom/shop/payment"
)

// atShipment makes a store that takes money when goods leave.
func atShipment(t testing.TB, p dbtest.Pair) *store {
	return openWith(t, p, func(d *order.Deps) { d.AtShipment = true })
}

// reserved places an order of n pieces whose sum is held.
func (s *store) reserved(v id.ID, n int64) order.Placed {
	s.t.Helper()
	p := s.began(v, n)
	s.says(p.Order, payment.StatusAuthorised)
	s.work()
	s.stands(p, order.Authorised)
	return p
}

// shipping is a form of the desk that sends all of an order, or some pieces of its first line.
func (s *store) shipping(number, attempt string, pieces int64) order.Dispatch {
	d := order.Dispatch{Number: number, Carrier: "dhl", Attempt: attempt}
	if pieces > 0 {
		d.Lines = []order.Pieces{{Position: s.desk(number).Lines[0].Position, Quantity: pieces}}
	}
	return d
}

// said is a mail's text without its line breaks.
func said(m mail.Message) string { return strings.Join(strings.Fields(m.Text), " ") }

func key(err error) string {
	if f := fault.As(err); f != nil {
		return f.Key
	}
	return ""
}

// A sum is held when the order is placed and taken when its goods leave. Until then the order is not paid, and says so.
func TestMoneyIsTakenWhenTheGoodsLeave(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := atShipment(t, p)
		v := s.goods("Bowl", 2400, 5)
		o := s.reserved(v, 2)
		d := s.desk(o.Number)
		if d.Parcel != order.ToSend || !d.CanShip || !d.CanCancel || !d.CanTake || d.CanRefund || d.CanCallOff || !d.PaidAt.IsZero() {
			t.Fatalf("%s, ship %v, cancel %v, refund %v, paid %v", d.Parcel, d.CanShip, d.CanCancel, d.CanRefund, d.PaidAt)
		}
		if until := s.Clock.Now().Add(7 * 24 * time.Hour); !d.PayUntil.Equal(until) {
			t.Errorf("held until %s, want %s", d.PayUntil, until)
		}
		s.level(v, 5, 2)
		s.ledger()
		c := s.box.of(order.LetterConfirmation)
		if len(c) != 1 || !strings.Contains(said(c[0]), "reserved") || !strings.Contains(said(c[0]), "not yet taken") || strings.Contains(said(c[0]), "your payment.") {
			t.Fatalf("%d confirmations", len(c))
		}
		if w := s.box.of(order.LetterOwnerOrder); len(w) != 1 || !strings.Contains(said(w[0]), "reserved until") {
			t.Errorf("the owner was told %d times", len(w))
		}
		if _, err := s.orders.Pay(s.ctx, o.Browser); key(err) != "order.held_already" {
			t.Errorf("paying what is held: %v", err)
		}
		packer := member(access.Fulfilment)
		if _, err := s.orders.Take(s.ctx, packer); err != nil {
			t.Errorf("a held order is not given to pack: %v", err)
		}
		s.Clock.Advance(2 * 24 * time.Hour)
		form := s.shipping(o.Number, "a1", 0)
		first, err := s.orders.Ship(s.ctx, packer, form)
		s.must(err)
		again, err := s.orders.Ship(s.ctx, packer, form)
		s.must(err)
		if again.ID != first.ID || s.firm.captures != 1 {
			t.Errorf("a second click: another parcel %v, %d captures", again.ID != first.ID, s.firm.captures)
		}
		s.work()
		s.stands(o, order.Paid)
		s.level(v, 3, 0)
		if d = s.desk(o.Number); d.Parcel != order.Sent || d.LetGo != 0 || d.PaidAt.IsZero() || s.last(o.Order).Captured != d.Total {
			t.Errorf("%s, let go %d, captured %d", d.Parcel, d.LetGo, s.last(o.Order).Captured)
		}
		if m := s.box.of(order.LetterTaken); len(m) != 1 || len(s.box.of(order.LetterSent)) != 1 || strings.Contains(said(m[0]), "not taken") {
			t.Errorf("letters: %d", len(m))
		}
		s.ledger()
	})
}

// What does not leave with the first parcel is not taken and does not come: the sum can be taken once only. Whoever sends
// must say so, and needs the right to.
func TestAPartLeavesAndTheRestIsLetGo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := atShipment(t, p)
		v := s.goods("Bowl", 2401, 5)
		o := s.reserved(v, 3)
		total := s.desk(o.Number).Total
		boss, packer := member(access.Manager), member(access.Fulfilment)
		form := s.shipping(o.Number, "a1", 1)
		if _, err := s.orders.Ship(s.ctx, boss, form); key(err) != "order.ship_part_held" {
			t.Fatalf("a part left without a word about the rest: %v", err)
		}
		form.LetGo = true
		if _, err := s.orders.Ship(s.ctx, packer, form); !fault.Is(err, fault.Forbidden) {
			t.Fatalf("a packer let money go: %v", err)
		}
		much := form
		much.Lines = []order.Pieces{{Position: form.Lines[0].Position, Quantity: 4}}
		if _, err := s.orders.Ship(s.ctx, boss, much); key(err) != "order.too_many_pieces" {
			t.Fatalf("more left than was bought: %v", err)
		}
		s.stands(o, order.Authorised)
		_, err := s.orders.Ship(s.ctx, boss, form)
		s.must(err)
		s.work()
		s.stands(o, order.Paid)
		d := s.desk(o.Number)
		taken := s.last(o.Order).Captured
		if d.Parcel != order.Sent || d.LetGo != 2*2401 || taken != total-2*2401 || s.firm.captures != 1 {
			t.Fatalf("%s, let go %d, taken %d of %d", d.Parcel, d.LetGo, taken, total)
		}
		s.level(v, 4, 0)
		if m := s.box.of(order.LetterTaken); len(m) != 1 || !strings.Contains(said(m[0]), "does not come") || !strings.Contains(said(m[0]), "48.02") {
			t.Errorf("letters: %d", len(m))
		}
		s.ledger()
		if _, err := s.orders.Ship(s.ctx, boss, s.shipping(o.Number, "a2", 1)); err == nil {
			t.Error("what was let go was sent")
		}
		// All that was taken can be given back, and nothing of what was not.
		g := order.GiveBack{Number: o.Number, Lines: []order.Pieces{{Position: form.Lines[0].Position, Quantity: 2}}, Reason: order.BecauseReturned, Attempt: "b1"}
		if _, err := s.orders.Refund(s.ctx, access.Console(), g); err == nil {
			t.Error("pieces were refunded that were never paid")
		}
		g.Lines[0].Quantity, g.Shipping = 1, true
		_, err = s.orders.Refund(s.ctx, access.Console(), g)
		s.must(err)
		s.work()
		s.stands(o, order.Refunded)
		s.ledger()
	})
}

// The desk takes the sum before anything leaves: all of it, or less.
func TestTheDeskTakesAHeldSum(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := atShipment(t, p)
		v := s.goods("Bowl", 2400, 9)
		for _, less := range []money.Amount{0, 500} {
			o := s.reserved(v, 1)
			total := s.desk(o.Number).Total
			if err := s.orders.Capture(s.ctx, member(access.Fulfilment), o.Number, 0, nil); !fault.Is(err, fault.Forbidden) {
				t.Fatalf("taken without the right: %v", err)
			}
			for _, wrong := range []money.Amount{total + 1, -5} {
				if err := s.orders.Capture(s.ctx, member(access.Support), o.Number, wrong, nil); !fault.Is(err, fault.Invalid) {
					t.Errorf("%d of %d were taken: %v", wrong, total, err)
				}
			}
			amount := money.Amount(0)
			if less > 0 {
				amount = total - less
			}
			s.must(s.orders.Capture(s.ctx, member(access.Support), o.Number, amount, nil))
			s.must(s.orders.Capture(s.ctx, member(access.Support), o.Number, amount, nil)) // a second click
			s.work()
			s.stands(o, order.Paid)
			if d := s.desk(o.Number); d.LetGo != less || s.last(o.Order).Captured != total-less || d.Parcel != order.ToSend {
				t.Errorf("let go %d, captured %d, %s", d.LetGo, s.last(o.Order).Captured, d.Parcel)
			}
			s.ledger()
			back, err := s.orders.CallOff(s.ctx, access.Console(), o.Number, "")
			s.must(err)
			s.work()
			if back.Amount != total-less {
				t.Errorf("%d went back of %d", back.Amount, total-less)
			}
			s.ledger()
		}
		s.level(v, 9, 0)
	})
}

// A provider that refuses, or does not answer, keeps the goods in the house: nothing is called paid or sent, and the desk
// says what to do. Asking again takes the money once.
func TestNothingLeavesWithoutItsMoney(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := atShipment(t, p)
		v := s.goods("Bowl", 2400, 5)
		o := s.reserved(v, 1)
		boss := member(access.Manager)
		s.firm.refuse(true)
		if _, err := s.orders.Ship(s.ctx, boss, s.shipping(o.Number, "a1", 0)); key(err) != "order.capture_declined" {
			t.Fatalf("refused: %v", err)
		}
		if d := s.desk(o.Number); d.State != order.Authorised || !d.Declined || len(d.Shipments) != 0 || d.Parcel != order.ToSend {
			t.Fatalf("%s, declined %v, %d parcels", d.State, d.Declined, len(d.Shipments))
		}
		s.firm.refuse(false)
		s.firm.away(true)
		for range 2 {
			if _, err := s.orders.Ship(s.ctx, boss, s.shipping(o.Number, "a2", 0)); key(err) != "order.capture_open" {
				t.Fatalf("without an answer: %v", err)
			}
		}
		if err := s.orders.Cancel(s.ctx, o.Number, boss); key(err) != "order.capture_open" {
			t.Fatalf("cancelled while the money is being taken: %v", err)
		}
		if d := s.desk(o.Number); !d.Taking || len(d.Shipments) != 0 {
			t.Fatalf("taking %v, %d parcels", d.Taking, len(d.Shipments))
		}
		s.firm.away(false)
		s.Clock.Advance(time.Hour)
		_, err := s.orders.Ship(s.ctx, boss, s.shipping(o.Number, "a2", 0))
		s.must(err)
		s.work()
		s.stands(o, order.Paid)
		if d := s.desk(o.Number); s.firm.captures != 1 || len(d.Shipments) != 1 {
			t.Errorf("%d captures, %d parcels", s.firm.captures, len(d.Shipments))
		}
		s.ledger()
	})
}

// Letting a held sum go, at the desk or by time, has the order wait for its money again; cancelling lets it go for good.
func TestAHeldSumIsLetGo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := atShipment(t, p)
		v := s.goods("Bowl", 2400, 5)
		boss := member(access.Manager)
		for _, how := range []string{"desk", "time"} {
			o := s.reserved(v, 1)
			if how == "desk" {
				if err := s.orders.LetGo(s.ctx, member(access.Fulfilment), o.Number); !fault.Is(err, fault.Forbidden) {
					t.Fatalf("let go without the right: %v", err)
				}
				s.must(s.orders.LetGo(s.ctx, boss, o.Number))
			} else {
				s.says(o.Order, payment.StatusVoided)
			}
			s.work()
			view := s.view(o)
			if view.State != order.AwaitingPayment || !view.CanPay || !view.Released || view.Parcel != order.NothingToSend {
				t.Fatalf("%s: %s, can pay %v, released %v, %s", how, view.State, view.CanPay, view.Released, view.Parcel)
			}
			s.ledger()
			s.level(v, 5-s.sold(), 1)
			s.Clock.Advance(time.Minute)
			_, err := s.orders.Pay(s.ctx, o.Browser) // again, from the order
			s.must(err)
			s.says(o.Order, payment.StatusAuthorised)
			_, err = s.orders.Ship(s.ctx, boss, s.shipping(o.Number, "a1", 0))
			s.must(err)
			s.work()
			s.stands(o, order.Paid)
			s.ledger()
		}
		if n := len(s.box.of(order.LetterHoldEnded)); n != 2 {
			t.Errorf("%d letters about the end", n)
		}
		if n := len(s.box.of(order.LetterHeld)); n != 2 {
			t.Errorf("%d letters about the second hold", n)
		}
		gone := s.reserved(v, 1) // let go, and nobody pays: it closes, and the goods are free
		s.must(s.orders.LetGo(s.ctx, boss, gone.Number))
		s.Clock.Advance(73 * time.Hour)
		s.must(s.orders.ExpireDue(s.ctx))
		s.stands(gone, order.Expired)
		s.level(v, 3, 0)
		o := s.reserved(v, 1)
		s.must(s.orders.Cancel(s.ctx, o.Number, boss))
		s.work()
		s.stands(o, order.Cancelled)
		s.level(v, 3, 0)
		if st := s.last(o.Order).State; st != payment.Voided {
			t.Errorf("the payment is %s", st)
		}
		if m := s.box.of(order.LetterCancelled); len(m) != 1 || !strings.Contains(said(m[0]), "reserved for it was let go") {
			t.Errorf("letters: %d", len(m))
		}
		s.ledger()
	})
}

// sold is how many pieces have left the stock.
func (s *store) sold() int64 {
	return s.number(`SELECT COALESCE(SUM(l.quantity), 0) FROM order_line l JOIN order_head h ON h.id = l.order_id WHERE h.state = 3`)
}

// A cancellation whose confirmation was lost happens when the provider confirms it.
func TestACancellationWaitsForTheProvider(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := atShipment(t, p)
		v := s.goods("Bowl", 2400, 5)
		o := s.reserved(v, 1)
		boss := member(access.Manager)
		s.firm.away(true)
		if err := s.orders.Cancel(s.ctx, o.Number, boss); key(err) != "order.release_open" {
			t.Fatalf("cancelled without an answer: %v", err)
		}
		if _, err := s.orders.Ship(s.ctx, boss, s.shipping(o.Number, "a1", 0)); key(err) != "order.release_open" {
			t.Fatalf("sent while the sum is let go: %v", err)
		}
		s.stands(o, order.Authorised)
		s.firm.away(false)
		s.Clock.Advance(time.Hour)
		s.work()
		s.stands(o, order.Cancelled)
		s.level(v, 5, 0)
		if s.firm.captures != 0 {
			t.Error("captured")
		}
		s.ledger()
	})
}

// Attack: many hands send, take and let go at once. The money is taken once or not at all, and goods leave only with it.
func TestManyHandsOnAHeldOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := atShipment(t, p)
		for round := range 3 {
			o := s.reserved(s.goods(fmt.Sprint("Bowl", round), 2400, 5), 2)
			boss := member(access.Manager)
			forms := [8]order.Dispatch{}
			for i := range forms {
				forms[i] = s.shipping(o.Number, fmt.Sprint("p", i), int64(i%2))
				forms[i].LetGo = true
			}
			var sent atomic.Int64
			var all sync.WaitGroup
			for i, form := range forms {
				all.Go(func() {
					if _, err := s.orders.Ship(s.ctx, boss, form); err == nil {
						sent.Add(1)
					}
				})
				all.Go(func() {
					switch i {
					case 3:
						_ = s.orders.Capture(s.ctx, boss, o.Number, 1000, nil)
					case 5:
						_ = s.orders.LetGo(s.ctx, boss, o.Number)
					case 7:
						_ = s.orders.Cancel(s.ctx, o.Number, boss)
					}
				})
			}
			all.Wait()
			s.work()
			last, d := s.last(o.Order), s.desk(o.Number)
			switch d.State {
			case order.Paid:
				if last.State != payment.Paid || last.Captured != d.Total-d.LetGo {
					t.Errorf("paid, and the payment is %s with %d of %d", last.State, last.Captured, d.Total)
				}
			case order.AwaitingPayment, order.Cancelled:
				if last.State != payment.Voided || len(d.Shipments) != 0 || sent.Load() != 0 {
					t.Errorf("%s, the payment is %s, and %d parcels left", d.State, last.State, len(d.Shipments))
				}
			default:
				t.Errorf("the order is %s", d.State)
			}
			s.ledger()
		}
	})
}

// The owner is told before a hold ends, and not when it was taken in time.
func TestTheOwnerIsToldBeforeAHoldEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := atShipment(t, p)
		v := s.goods("Bowl", 2400, 5)
		o, other := s.reserved(v, 1), s.reserved(v, 1)
		s.must(s.orders.Capture(s.ctx, access.Console(), other.Number, 0, nil))
		s.Clock.Advance(4 * 24 * time.Hour)
		s.work()
		if n := len(s.box.of(order.LetterOwnerHold)); n != 0 {
			t.Fatalf("%d warnings after four days of seven", n)
		}
		s.Clock.Advance(25 * time.Hour)
		s.work()
		m := s.box.of(order.LetterOwnerHold)
		if len(m) != 1 || m[0].To != s.shop.OwnerEmail || !strings.Contains(said(m[0]), o.Number) || strings.Contains(said(m[0]), "Planted") {
			t.Fatalf("%d warnings", len(m))
		}
	})
}

// A sum that somebody captures in part at the provider's own desk makes the order a paid one of that sum.
func TestCapturedAtTheProvidersDesk(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := atShipment(t, p)
		o := s.reserved(s.goods("Bowl", 2400, 5), 1)
		last := s.last(o.Order)
		s.firm.set(last.Reference, payment.StatusPaid)
		s.firm.edit(last.Reference, func(ses *payment.Session) { ses.Captured = 1000 })
		_, err := s.pay.Refresh(s.ctx, last.ID)
		s.must(err)
		s.work()
		s.stands(o, order.Paid)
		if d := s.desk(o.Number); d.LetGo != d.Total-1000 {
			t.Errorf("let go %d of %d", d.LetGo, d.Total)
		}
		s.ledger()
	})
}

// In a store that takes money at once nothing changes, whatever its providers could do.
func TestMoneyIsTakenAtOnceUnlessTheShopSaysSo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		o := s.began(s.goods("Bowl", 2400, 5), 1)
		if s.last(o.Order).Manual {
			t.Fatal("a sum is held")
		}
		s.says(o.Order, payment.StatusAuthorised) // a provider whose approval wants a capture
		s.work()
		s.stands(o, order.Paid)
		s.ledger()
	})
}

// Ways to pay that can hold nothing stay as they are.
func TestATransferHoldsNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := atShipment(t, p)
		s.transfers()
		o := s.byTransfer(2400)
		if s.last(o.Order).Manual {
			t.Fatal("a transfer is held")
		}
		s.Clock.Advance(time.Minute)
		s.came(o.Number, s.view(o).Total, "a")
		s.state(o, order.Paid)
		s.ledger()
	})
}

// An order whose sum is held cannot have its person erased: it is to be sent, or cancelled first.
func TestAHeldOrderIsNotErased(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := atShipment(t, p)
		o := s.reserved(s.goods("Bowl", 2400, 5), 1)
		if _, err := s.orders.Erase(s.ctx, o.Number, access.Console(), "asked", true); key(err) != "order.erase_open" {
			t.Fatalf("erased: %v", err)
		}
	})
}

// A held sum counts as a card that a bank has agreed to; and the defence can stop an order whose sum is held: nothing leaves
// and nothing is taken before a person has looked, and refusing lets the sum go.
func TestTheDefenceStopsAHeldOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s, _ := guarded(t, p, func(d *order.Deps) { d.AtShipment = true })
		v := s.goods("Bowl", 1000, 100)
		who := member(access.Support)
		for _, release := range []bool{true, false} {
			o, err := s.comes(v, id.NewToken(), func(d *order.Details) {
				d.Email = fmt.Sprintf("x%v@mailinator.com", release)
				d.BillingDiffers, d.Billing = true, d.Delivery
				d.Billing.Country, d.Billing.Postcode = "AT", "1010"
			})
			s.must(err)
			_, err = s.orders.Pay(s.ctx, o.Browser)
			s.must(err)
			s.firm.edit(s.last(o.Order).Reference, func(ses *payment.Session) {
				ses.Signals = payment.Signals{Country: "US", Postcode: "fail", Declines: 3}
			})
			s.says(o.Order, payment.StatusAuthorised)
			s.stands(o, order.Authorised)
			if got := s.view(o).Stop; got != fraud.Held {
				t.Fatalf("the defence says %s", got)
			}
			if _, err := s.orders.Ship(s.ctx, member(access.Manager), s.shipping(o.Number, "a1", 0)); key(err) != "fraud.look_first" {
				t.Fatalf("it left before anybody looked: %v", err)
			}
			if s.last(o.Order).State != payment.Authorised {
				t.Fatal("the sum was taken before anybody looked")
			}
			if release {
				s.must(s.orders.Release(s.ctx, who, o.Number))
				_, err := s.orders.Ship(s.ctx, member(access.Manager), s.shipping(o.Number, "a1", 0))
				s.must(err)
				s.stands(o, order.Paid)
			} else {
				_, err := s.orders.Deny(s.ctx, who, o.Number, "no")
				s.must(err)
				s.stands(o, order.Cancelled)
				if s.last(o.Order).State != payment.Voided {
					t.Error("the sum is still held")
				}
			}
			s.work()
			s.ledger()
		}
	})
}

// What a buyer has approved is taken only while its goods are set aside for her: not for an order that is over, and not
// when somebody else has them.
func TestWhatIsApprovedIsTakenOnlyForGoodsThatAreThere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		v := s.goods("Bowl", 2400, 5)
		fine := s.began(v, 1)
		s.says(fine.Order, payment.StatusAuthorised)
		s.work()
		s.stands(fine, order.Paid)
		if s.firm.captures != 1 {
			t.Fatalf("%d captures of what was approved", s.firm.captures)
		}
		gone := s.began(v, 1)
		s.must(s.Data.Write(s.ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE stock_reservation SET state = 'released' WHERE order_id = $1`, gone.Order)
			return err
		}))
		s.says(gone.Order, payment.StatusAuthorised)
		s.work()
		if got := s.last(gone.Order); got.Captured != 0 || got.State != payment.Voided || s.firm.captures != 1 {
			t.Errorf("without goods the payment is %s, captured %d", got.State, got.Captured)
		}
	})
}
