package order_test

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/shop/order"
	"strongroom/shop/payment"
	"strongroom/shop/payment/offline"
)

// kept is for how long goods are kept that are paid at pick-up, in these tests.
const kept = 5 * 24 * time.Hour

// atCounter switches payment at pick-up on.
func (s *store) atCounter() {
	s.t.Helper()
	s.counter = offline.New(offline.Deps{DB: s.Data, Audit: audit.New(audit.Deps{DB: s.Data, Vault: s.vault}), Kept: payment.BookKept})
	s.counter.SetPaid(func(ctx context.Context, reference string) error {
		p, err := s.pay.ByReference(ctx, reference)
		if err == nil {
			_, err = s.pay.Refresh(ctx, p.ID)
		}
		return err
	}, s.orders.AskForTransfer)
	g, err := s.counter.Gateway(offline.Settings{Method: offline.PickUp, Mode: payment.Test, Origin: s.shop.PublicURL, Hold: kept, Most: 20000})
	s.must(err)
	s.more = []payment.Offer{{Gateway: g, On: true}}
}

// picksUp are the details of somebody who picks her order up.
func picksUp(d *order.Details) {
	d.Offer, d.Delivery = "pickup", order.Recipient{Name: d.Delivery.Name}
}

// tries places an order of some pieces with that method, picked up or not.
func (s *store) tries(v id.ID, n int64, method string, b order.Buyer, change func(*order.Details)) (order.Placed, error) {
	s.t.Helper()
	d := details()
	if change != nil {
		change(&d)
	}
	cart := s.fill(v, n)
	s.must(s.orders.Draft(s.ctx, cart, "en", d))
	r, err := s.orders.Review(s.ctx, cart, "en")
	s.must(err)
	s.Clock.Advance(10 * time.Second) // as long as people take
	b.Method = method
	p, err := s.orders.PlaceBy(s.ctx, cart, r.Attempt, b)
	if err == nil {
		_, err = s.orders.PayBy(s.ctx, p.Browser, method)
		if method == "pickup" && isFault(err, "order.payment_pending") {
			err = nil
		}
	}
	return p, err
}

// toCounter places an order that is paid when it is picked up.
func (s *store) toCounter(v id.ID) order.Placed {
	s.t.Helper()
	p, err := s.tries(v, 1, "pickup", order.Buyer{From: origin}, picksUp)
	s.must(err)
	s.state(p, order.PaymentPending)
	return p
}

func (s *store) ready(p order.Placed) {
	s.t.Helper()
	_, err := s.orders.Ship(s.ctx, access.Console(), order.Dispatch{Number: p.Number, Attempt: "ready"})
	s.must(err)
}

func (s *store) hands(p order.Placed, sum money.Amount, attempt string) error {
	return s.counter.HandOver(s.ctx, access.Console(), offline.Handed{Number: p.Number, Amount: sum, How: offline.Cash, Attempt: "attempt-" + attempt})
}

// An order that is paid at pick-up is prepared unpaid, kept from the day on which it lies ready, and handed over and paid in
// one act; another sum is refused. Its refund is given back by hand. The ledger sums to zero on the whole way.
func TestAnOrderIsPaidWhereItIsPickedUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		s.atCounter()
		v := s.goods("Bowl", 2400, 5)
		placed := s.toCounter(v)
		s.work()
		mails := s.box.of(order.LetterConfirmation)
		if len(mails) != 1 || !strings.Contains(mails[0].Text, "You pay when you pick it up") || !strings.Contains(mails[0].Text, "€24.00") {
			t.Fatalf("the confirmation does not say how it is paid: %v", mails)
		}
		d := s.desk(placed.Number)
		if !d.AtCounter() || !d.CanShip || !d.CanHandOver || d.CanDeliver || d.CanRefund || !d.CanCancel || d.StateKey() != "order.state_counter" {
			t.Fatalf("the desk may: %+v", d)
		}
		s.Clock.Advance(2 * 24 * time.Hour)
		s.ready(placed)
		s.work()
		mails = s.box.of(order.LetterSent)
		if len(mails) != 1 || !strings.Contains(mails[0].Text, placed.Number) || !strings.Contains(mails[0].Text, "Werkhof 3") || !strings.Contains(mails[0].Text, "10 to 18") || !strings.Contains(mails[0].Text, "€24.00") {
			t.Errorf("the mail does not say where to go, when, and what to pay: %v", mails)
		}
		if d = s.desk(placed.Number); d.Parcel != order.Sent || !d.PayUntil.Equal(s.Clock.Now().Add(kept)) {
			t.Errorf("the goods are %s and kept until %s", d.Parcel, d.PayUntil)
		}
		if err := s.orders.Deliver(s.ctx, access.Console(), placed.Number, time.Time{}); !isFault(err, "order.counter_unpaid") {
			t.Errorf("picked up without paying: %v", err)
		}
		for _, wrong := range []money.Amount{0, 2399, 2401, -2400} {
			if err := s.hands(placed, wrong, "wrong"); !fault.Is(err, fault.Invalid) {
				t.Errorf("%d was taken for 2400: %v", wrong, err)
			}
		}
		s.level(v, 5, 1)
		s.must(s.hands(placed, 2400, "a"))
		s.must(s.hands(placed, 2400, "a"))
		if err := s.hands(placed, 2400, "b"); !isFault(err, "payment.counter_paid") {
			t.Errorf("paid twice: %v", err)
		}
		if d = s.desk(placed.Number); d.State != order.Paid || d.Parcel != order.Delivered || d.Delivered.IsZero() || d.CanHandOver {
			t.Errorf("the order is %s and %s", d.State, d.Parcel)
		}
		s.level(v, 4, 0)
		s.work()
		if mails := s.box.of(order.LetterReceived); len(mails) != 1 || !strings.Contains(mails[0].Text, "paid €24.00 in the shop") {
			t.Errorf("the buyer has no receipt: %v", mails)
		}
		s.ledger()
		_, err := s.orders.Refund(s.ctx, access.Console(), order.GiveBack{Number: placed.Number, Lines: []order.Pieces{{Position: 1, Quantity: 1}}, Reason: order.BecauseReturned, Restock: true, Attempt: "back"})
		s.must(err)
		for _, v := range dueJobs(s) {
			_ = s.jobs.RunNow(s.ctx, v) // the refund's own job comes back until somebody says that it is sent
		}
		desk, err := s.counter.Desk(s.ctx, access.Console())
		s.must(err)
		if len(desk.Returns) != 1 || desk.Returns[0].Amount != 2400 || desk.Returns[0].Method != offline.PickUp {
			t.Fatalf("to be given back: %+v", desk.Returns)
		}
		s.must(s.counter.Sent(s.ctx, access.Console(), desk.Returns[0].ID, s.Clock.Now()))
		s.work()
		s.stands(placed, order.Refunded)
		s.balanced()
	})
}

// Who comes before anybody said that it lies ready gets it all the same.
func TestHandedOverBeforeItWasReady(t *testing.T) {
	s := open(t, dbtest.Open(t, dbtest.Engines()[0]))
	s.atCounter()
	placed := s.toCounter(s.goods("Bowl", 2400, 5))
	s.must(s.hands(placed, 2400, "a"))
	if d := s.desk(placed.Number); d.State != order.Paid || d.Parcel != order.Delivered || d.Progress[1].Sent != 1 {
		t.Errorf("the order is %s and %s, %+v", d.State, d.Parcel, d.Progress)
	}
	s.work()
	if n := len(s.box.of(order.LetterSent)); n != 0 {
		t.Errorf("%d mails say that it lies ready", n)
	}
	s.ledger()
}

// What nobody picks up ends by itself: the buyer is reminded a day before, the goods are free, nothing is owed, and money
// that comes then is refused at the counter.
func TestWhatNobodyPicksUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		s.atCounter()
		v := s.goods("Bowl", 2400, 5)
		placed := s.toCounter(v)
		s.ready(placed)
		look := func(n int) {
			t.Helper()
			for range 2 {
				s.must(s.pay.Sweep(s.ctx))
				s.must(s.orders.RemindToCollect(s.ctx))
				s.must(s.orders.ExpireDue(s.ctx))
				s.work()
			}
			if mails := s.box.of(order.LetterCollect); len(mails) != n {
				t.Errorf("%d reminders, want %d", len(mails), n)
			}
		}
		s.Clock.Advance(kept - 25*time.Hour)
		look(0)
		s.Clock.Advance(2 * time.Hour)
		look(1)
		s.stands(placed, order.PaymentPending)
		s.level(v, 5, 1)
		s.Clock.Advance(23*time.Hour + time.Second)
		look(1)
		s.stands(placed, order.Expired)
		s.level(v, 5, 0)
		if mails := s.box.of(order.LetterExpired); len(mails) != 1 || !strings.Contains(mails[0].Text, "was not picked up in time") {
			t.Errorf("the buyer was told: %v", mails)
		}
		if d := s.desk(placed.Number); d.Parcel != order.NothingToSend || d.CanShip || d.CanHandOver {
			t.Errorf("the desk may still act: %+v", d)
		}
		if err := s.hands(placed, 2400, "late"); !isFault(err, "payment.counter_over") {
			t.Errorf("money after the end: %v", err)
		}
		s.level(v, 5, 0)
		s.ledger()
	})
}

// The shop ends the wait for an order that nobody collected: it is cancelled and its goods are free.
func TestNotCollectedIsCancelled(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		s.atCounter()
		v := s.goods("Bowl", 2400, 5)
		placed := s.toCounter(v)
		s.ready(placed)
		s.must(s.orders.Cancel(s.ctx, placed.Number, access.Console()))
		s.stands(placed, order.Cancelled)
		s.level(v, 5, 0)
		s.work()
		if len(s.box.of(order.LetterCancelled)) != 1 || len(s.box.of(order.LetterExpired)) != 0 {
			t.Error("the buyer was not told once")
		}
		if err := s.hands(placed, 2400, "late"); !isFault(err, "payment.counter_over") {
			t.Errorf("money after the end: %v", err)
		}
		s.ledger()
	})
}

// Handing over, cancelling and the end of the time at once: one of them happened, whole, and the others are told.
func TestHandingOverRacesTheEnd_V2_3_4(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		s.atCounter()
		v := s.goods("Bowl", 2400, 50)
		for i := range 6 {
			placed := s.toCounter(v)
			s.ready(placed)
			s.Clock.Advance(kept + time.Second)
			var all sync.WaitGroup
			var paid, gone error
			all.Go(func() { paid = s.hands(placed, 2400, fmt.Sprint("r", i)) })
			all.Go(func() { gone = s.orders.Cancel(s.ctx, placed.Number, access.Console()) })
			all.Go(func() { _ = s.orders.ExpireDue(s.ctx) })
			all.Wait()
			s.must(s.pay.Sweep(s.ctx))
			s.must(s.orders.ExpireDue(s.ctx))
			d := s.desk(placed.Number)
			if (paid == nil) != (d.State == order.Paid) || d.State == order.Paid && gone == nil || d.State.Open() {
				t.Errorf("the order is %s; handing over said %v, cancelling %v", d.State, paid, gone)
			}
		}
		l, err := s.stock.Level(s.ctx, v)
		s.must(err)
		if l.Reserved != 0 {
			t.Errorf("%d pieces are kept for nobody", l.Reserved)
		}
		s.ledger()
	})
}

// Payment at pick-up is for orders that are picked up, up to a sum; who chooses nothing never gets it by accident.
func TestPickUpIsForWhatIsPickedUp_V2_2_1(t *testing.T) {
	s := open(t, dbtest.Open(t, dbtest.Engines()[0]))
	s.atCounter()
	v := s.goods("Bowl", 2400, 50)
	if _, err := s.tries(v, 1, "pickup", order.Buyer{From: origin}, nil); !isFault(err, "payment.provider_unfit") {
		t.Errorf("a parcel that is paid at pick-up: %v", err)
	}
	if _, err := s.tries(v, 9, "pickup", order.Buyer{From: origin}, picksUp); !isFault(err, "payment.provider_unfit") {
		t.Errorf("above the greatest sum: %v", err)
	}
	p, err := s.tries(v, 1, "", order.Buyer{From: origin}, picksUp)
	s.must(err)
	if got := s.last(p.Order).Provider; got != "fake" {
		t.Errorf("nothing was chosen, and it is %s", got)
	}
	parcel, err := s.tries(v, 1, "", order.Buyer{From: origin}, nil)
	s.must(err)
	if _, err := s.orders.PayBy(s.ctx, parcel.Browser, "pickup"); !isFault(err, "payment.provider_unknown") || !s.last(parcel.Order).State.Active() {
		t.Errorf("a parcel changes over to it: %v", err)
	}
}

// Attack: whoever orders everything to be paid at pick-up empties no shelf. One person keeps two orders, one network five,
// all newcomers together thirty and never more than half of a good, however many ask at once; at the end somebody who pays
// at once finds goods, and each order that ends gives its place back (V2.4.1).
func TestNobodyKeepsTheWholeShopUnpaid_V2_4_1(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s, _ := guarded(t, p)
		s.atCounter()
		v := s.goods("Bowl", 2400, 40)
		plenty := s.goods("Cup", 100, 100_000)
		from := func(n int) netip.Addr { return netip.AddrFrom4([4]byte{17, byte(n >> 8), byte(n), 1}) }
		one := func(v id.ID, pieces int64, mail string, device id.Token, a netip.Addr) (order.Placed, error) {
			return s.tries(v, pieces, "pickup", order.Buyer{From: a, Device: device}, func(d *order.Details) { picksUp(d); d.Email = mail })
		}
		count := func(want int, what string, try func(i int) error) {
			t.Helper()
			got := 0
			for i := range 8 {
				err := try(i)
				if err == nil {
					got++
				} else if !isFault(err, "fraud.unpaid_many") {
					t.Fatalf("%s: %v", what, err)
				}
				s.Clock.Advance(10 * time.Minute)
			}
			if got != want {
				t.Errorf("%s keeps %d orders, want %d", what, got, want)
			}
		}
		var first order.Placed
		count(2, "one address", func(i int) error {
			p, err := one(plenty, 1, "same@mail.example", id.NewToken(), from(100+i))
			if err == nil {
				first = p
			}
			return err
		})
		device := id.NewToken()
		count(2, "one browser", func(i int) error {
			_, err := one(plenty, 1, fmt.Sprintf("b%d@mail.example", i), device, from(200+i))
			return err
		})
		count(5, "one network", func(i int) error {
			_, err := one(plenty, 1, fmt.Sprintf("n%d@mail.example", i), id.NewToken(), from(300))
			return err
		})
		if _, err := one(v, 8, "half0@mail.example", id.NewToken(), from(400)); err != nil {
			t.Fatal(err)
		}
		if _, err := one(v, 8, "half1@mail.example", id.NewToken(), from(401)); err != nil {
			t.Fatal(err)
		}
		if _, err := one(v, 8, "half2@mail.example", id.NewToken(), from(402)); !isFault(err, "order.unpaid_share") {
			t.Errorf("more than half of a good is kept unpaid: %v", err)
		}
		if _, err := s.tries(v, 8, "", order.Buyer{From: from(403), Device: id.NewToken()}, nil); err != nil {
			t.Errorf("who pays at once finds nothing: %v", err)
		}
		var all sync.WaitGroup
		for i := range 40 {
			own := s.goods(fmt.Sprint("Thing", i), 100, 10) // else they wait for each other at one good already
			all.Go(func() {
				_, _ = one(own, 1, fmt.Sprintf("all%d@mail.example", i), id.NewToken(), from(500+i))
			})
		}
		all.Wait()
		if n := s.number(`SELECT COUNT(*) FROM order_head WHERE state = 2`); n != 30 {
			t.Errorf("%d orders keep goods unpaid, want 30", n)
		}
		s.must(s.orders.Cancel(s.ctx, first.Number, access.Console()))
		if _, err := one(plenty, 1, "same@mail.example", id.NewToken(), from(600)); err != nil {
			t.Errorf("a place was given back, and it is refused: %v", err)
		}
	})
}

// The mails about an order that is paid at pick-up are whole in both languages, at each of its steps.
func TestLettersOfTheCounter(t *testing.T) {
	s := open(t, dbtest.Open(t, dbtest.Engines()[0]))
	s.atCounter()
	for _, lang := range []string{"en", "de"} {
		d := details()
		picksUp(&d)
		cart := s.fill(s.goods("Bowl", 2400, 5), 1)
		s.must(s.orders.Draft(s.ctx, cart, lang, d))
		r, err := s.orders.Review(s.ctx, cart, lang)
		s.must(err)
		s.Clock.Advance(10 * time.Second)
		placed, err := s.orders.PlaceBy(s.ctx, cart, r.Attempt, order.Buyer{From: origin, Method: "pickup"})
		s.must(err)
		_, _ = s.orders.PayBy(s.ctx, placed.Browser, "pickup")
		write := func(kinds ...order.LetterKind) {
			t.Helper()
			for _, kind := range kinds {
				m, err := s.letters.Write(s.ctx, order.Letter{Kind: kind, Order: placed.Order, Payment: s.last(placed.Order).ID})
				s.must(err)
				if all := m.Subject + m.Text; strings.Contains(all, "letters.") || strings.Contains(all, "order.") && !strings.Contains(all, "/order") || strings.ContainsAny(m.Subject, "{}") || !strings.Contains(all, placed.Number) {
					t.Errorf("%s %s: %s\n%s", lang, kind, m.Subject, m.Text)
				}
				if strings.Contains(m.Text, "IBAN") {
					t.Errorf("%s %s asks for a transfer", lang, kind)
				}
			}
		}
		write(order.LetterConfirmation, order.LetterCollect, order.LetterOwnerOrder)
		s.ready(placed)
		write(order.LetterConfirmation, order.LetterCollect)
		s.must(s.hands(placed, 2400, lang))
		write(order.LetterReceived, order.LetterExpired)
	}
}
