package order_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/shop/order"
	"strongroom/shop/payment"
	"strongroom/shop/payment/offline"
)

const account = "DE89370400440532013000"

// transfers switches bank transfers on, with goods held for a week.
func (s *store) transfers() {
	s.t.Helper()
	s.counter = offline.New(offline.Deps{DB: s.Data, Audit: audit.New(audit.Deps{DB: s.Data, Vault: s.vault}), Kept: payment.BookKept})
	s.counter.SetPaid(func(ctx context.Context, reference string) error {
		p, err := s.pay.ByReference(ctx, reference)
		if err == nil {
			_, err = s.pay.Refresh(ctx, p.ID)
		}
		return err
	}, s.orders.AskForTransfer)
	g, err := s.counter.Gateway(offline.Settings{Method: offline.Transfer, Mode: payment.Test, Origin: s.shop.PublicURL, Hold: 7 * 24 * time.Hour,
		Bank: offline.Bank{Holder: "Kiln & Orchard GmbH", IBAN: account}})
	s.must(err)
	s.more = []payment.Offer{{Gateway: g, On: true}}
}

// byTransfer places an order that is to be paid by transfer.
func (s *store) byTransfer(cents money.Amount) order.Placed {
	s.t.Helper()
	cart := s.fill(s.goods("Bowl", cents, 5), 1)
	s.must(s.orders.Draft(s.ctx, cart, "en", details()))
	r, err := s.orders.Review(s.ctx, cart, "en")
	s.must(err)
	p, err := s.orders.PlaceBy(s.ctx, cart, r.Attempt, order.Buyer{From: origin, Method: "transfer"})
	s.must(err)
	if _, err := s.orders.PayBy(s.ctx, p.Browser, "transfer"); !fault.Is(err, fault.Conflict) {
		s.t.Fatalf("a transfer leads to a page: %v", err)
	}
	s.state(p, order.PaymentPending)
	return p
}

// stands is how the order stands for the shop: the browser that placed it may look for a day only.
func (s *store) stands(p order.Placed, want order.State) {
	s.t.Helper()
	m, err := s.orders.Show(s.ctx, access.Console(), p.Number)
	s.must(err)
	if m.State != want {
		s.t.Fatalf("the order is %s, want %s", m.State, want)
	}
}

func (s *store) came(number string, cents money.Amount, attempt string) {
	s.t.Helper()
	s.must(s.counter.Receive(s.ctx, access.Console(), offline.Arrival{Number: number, Amount: cents, Day: s.Clock.Now(), Attempt: "attempt-" + attempt}))
}

// holds says what the ledger has beside what orders have paid, and that the ledger and the rows of transfers agree.
func (s *store) holds(want money.Amount) {
	s.t.Helper()
	s.balanced()
	r, err := s.pay.CheckLedger(s.ctx)
	s.must(err)
	got := money.Amount(0)
	for _, b := range r.Balances {
		if b.Account == payment.Kept {
			got = -b.Amount
		}
	}
	held, err := s.pay.Held(s.ctx, access.Console())
	if err != nil || got != want || held != want {
		s.t.Errorf("the ledger keeps %d, the rows %d, want %d (%v)", got, held, want, err)
	}
}

// An order by transfer waits with its goods, tells where the money goes, asks for the rest of what came short, is paid when
// all of it is here, and its refund is sent by hand. The ledger sums to zero on the whole way.
func TestAnOrderIsPaidByTransfer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		s.transfers()
		placed := s.byTransfer(2400)
		total := s.view(placed).Total
		s.work()
		list := s.box.of(order.LetterConfirmation)
		if len(list) != 1 || !strings.Contains(list[0].Text, "DE89 3704 0044 0532 0130 00") || !strings.Contains(list[0].Text, placed.Number) {
			t.Fatalf("the confirmation does not say where the money goes: %v", list)
		}
		s.Clock.Advance(time.Minute)
		s.came(placed.Number, total-500, "a")
		s.holds(total - 500)
		s.state(placed, order.PaymentPending)
		s.work()
		if due := s.box.of(order.LetterTransferDue); len(due) != 1 || !strings.Contains(due[0].Text, "€5.00") {
			t.Errorf("the rest was not asked for: %v", due)
		}
		s.came(placed.Number, 700, "b")
		s.holds(200)
		s.state(placed, order.Paid)
		s.work()
		if len(s.box.of(order.LetterReceived)) != 1 {
			t.Error("the buyer was not told that it came")
		}
		s.ledger()
		last := s.last(placed.Order)
		if last.Captured != total || last.Provider != "transfer" {
			t.Errorf("%+v", last)
		}
		f, err := s.pay.Refund(s.ctx, payment.Ask{Payment: last.ID, Key: "test.back", Amount: 1000, Reason: payment.ForGoodwill, Actor: access.Console()})
		s.must(err)
		d, err := s.counter.Desk(s.ctx, access.Console())
		s.must(err)
		if f.State != "pending" || len(d.Returns) != 2 { // the refund, and the surplus of 200
			t.Fatalf("the refund is %s, %d are to be sent back", f.State, len(d.Returns))
		}
		kept := money.Amount(200)
		for _, r := range d.Returns {
			s.must(s.counter.Sent(s.ctx, access.Console(), r.ID, s.Clock.Now()))
			s.must(s.counter.Sent(s.ctx, access.Console(), r.ID, s.Clock.Now()))
			if r.Kind == "surplus" {
				kept = 0
			}
			s.holds(kept)
		}
		s.holds(0)
		if got := s.last(placed.Order); got.Refunded != 1000 {
			t.Errorf("%d were refunded", got.Refunded)
		}
		s.balanced()
	})
}

// Goods are held as long as the setting says; a reminder goes out after half of it; then the order ends and the goods are
// free. What comes after that is late money: the order is taken up again.
func TestATransferThatDoesNotCome(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		s.transfers()
		placed := s.byTransfer(2400)
		total := s.view(placed).Total
		s.work()
		s.Clock.Advance(4 * 24 * time.Hour)
		remind := func() {
			s.must(s.counter.Remind(s.ctx, func(tx *db.Tx, number string) error { return s.orders.AskForTransfer(tx, number) }))
		}
		remind()
		remind()
		s.work()
		if n := len(s.box.of(order.LetterTransferDue)); n != 1 {
			t.Errorf("%d reminders", n)
		}
		s.must(s.pay.Sweep(s.ctx))
		s.must(s.orders.ExpireDue(s.ctx))
		s.stands(placed, order.PaymentPending)
		s.Clock.Advance(3*24*time.Hour + time.Hour)
		s.must(s.orders.ExpireDue(s.ctx))
		s.Clock.Advance(25 * time.Hour) // she could have paid otherwise for a day
		s.must(s.orders.ExpireDue(s.ctx))
		s.stands(placed, order.Expired)
		s.came(placed.Number, total, "late")
		s.holds(0)
		s.stands(placed, order.Paid)
		s.work()
		s.ledger()
	})
}
