package payment_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/shop/payment"
)

// reconcile compares what is due and returns what is open, by kind.
func (s *shop) reconcile() (payment.Reconciled, map[payment.Kind][]payment.Difference) {
	s.t.Helper()
	list, err := s.svc.Reconcile(bg, access.Console(), "", payment.Span{})
	s.must(err)
	if len(list) != 1 {
		s.t.Fatalf("%d providers were compared", len(list))
	}
	out := map[payment.Kind][]payment.Difference{}
	for _, d := range list[0].Open {
		out[d.Kind] = append(out[d.Kind], d)
	}
	return list[0], out
}

// agrees checks that nothing differs and that the ledger is whole.
func (s *shop) agrees() payment.Reconciled {
	s.t.Helper()
	r, open := s.reconcile()
	if len(open) != 0 {
		s.t.Fatalf("these differ: %+v", open)
	}
	s.whole()
	return r
}

// whole checks the ledger.
func (s *shop) whole() payment.LedgerReport {
	s.t.Helper()
	r, err := s.svc.CheckLedger(bg)
	s.must(err)
	if !r.OK() {
		s.t.Fatalf("the ledger does not agree: %+v", r)
	}
	return r
}

func (s *shop) only(open map[payment.Kind][]payment.Difference, kind payment.Kind) payment.Difference {
	s.t.Helper()
	if len(open) != 1 || len(open[kind]) != 1 {
		s.t.Fatalf("wanted one difference %s: %+v", kind, open)
	}
	return open[kind][0]
}

// A day with payments, refunds, fees and a payout agrees, and the ledger has all of it.
func TestReconcileAgrees(t *testing.T) {
	each(t, func(s *shop) {
		b := newBanker(s)
		for range 5 {
			p := s.opened()
			b.take(p)
			_, err := s.svc.Refresh(bg, p.ID)
			s.must(err)
		}
		p := s.opened()
		b.take(p)
		_, err := s.svc.Refresh(bg, p.ID)
		s.must(err)
		f, err := s.svc.Refund(bg, ask(s.get(p), "r", 990))
		s.must(err)
		b.line(payment.Movement{Kind: payment.MovedRefund, Session: p.Ref, Refund: f.Ref, Amount: -990})
		b.line(payment.Movement{Kind: payment.MovedPayout, Payout: "po_1", Amount: -20_000})
		b.line(payment.Movement{Kind: payment.MovedFee, Amount: -500})
		s.p.Clock.Advance(24 * time.Hour)
		r := s.agrees()
		if r.Movements != 9 || r.Compared == 0 || len(r.Days) != 1 {
			t.Errorf("%+v", r)
		}
		d := r.Days[0]
		if d.Paid != 6*total || d.LedgerPaid != 6*total || d.Refunded != 990 || d.LedgerRefunded != 990 || d.Fees != 6*testFee+500 || d.PaidOut != 20_000 {
			t.Errorf("the day: %+v", d)
		}
		l := s.whole()
		if s.balance(l, payment.Fees) != 6*testFee+500 || s.balance(l, payment.Bank) != 20_000 ||
			s.balance(l, "provider.fake") != 6*total-990-6*testFee-500-20_000 {
			t.Errorf("balances: %+v", l.Balances)
		}
		before := l.Movements
		s.agrees()
		if l := s.whole(); l.Movements != before {
			t.Errorf("a second comparison booked again: %d and %d", before, l.Movements)
		}
	})
}

// A payment whose notices were all lost, and that nobody asks about any more, is found and becomes paid.
func TestReconcileFindsLostNotice(t *testing.T) {
	each(t, func(s *shop) {
		b := newBanker(s)
		p := s.opened()
		s.p.Clock.Advance(31 * time.Minute)
		s.must(s.svc.Sweep(bg))
		s.is(p, payment.Expired)
		s.p.Clock.Advance(40 * 24 * time.Hour)
		for range 6 {
			s.must(s.svc.Sweep(bg))
			s.p.Clock.Advance(30 * 24 * time.Hour)
		}
		b.take(p)
		s.p.Clock.Advance(time.Hour)
		r := s.agrees()
		if q := s.is(p, payment.Paid); !q.Late || r.Asked != 1 {
			t.Errorf("late %v, asked %d", q.Late, r.Asked)
		}
	})
}

// Every kind of difference is found, says what differs, and ends when it is not there any more.
func TestReconcileFindsEveryKind(t *testing.T) {
	paid := func(s *shop, b *banker) payment.Payment {
		p := s.opened()
		b.take(p)
		p, err := s.svc.Refresh(bg, p.ID)
		s.must(err)
		return p
	}
	odd := func(s *shop, ref string) {
		s.gateway.edit = func(x *payment.Session) {
			if x.Ref == ref {
				x.Amount++ // the provider describes another sum: never believed
			}
		}
	}
	cases := map[payment.Kind]func(s *shop, b *banker, o *book) (mend func()){
		payment.PaidThere: func(s *shop, b *banker, _ *book) func() {
			p := s.opened()
			odd(s, p.Ref)
			b.take(p)
			return nil
		},
		payment.PaidHere: func(s *shop, b *banker, _ *book) func() {
			p := s.opened()
			s.gateway.pay(p.Ref)
			_, err := s.svc.Refresh(bg, p.ID)
			s.must(err)
			return func() {
				b.line(payment.Movement{Kind: payment.MovedPayment, Session: p.Ref, Amount: p.Amount})
			}
		},
		payment.SumDiffers: func(s *shop, b *banker, _ *book) func() {
			p := paid(s, b)
			b.line(payment.Movement{Kind: payment.MovedPayment, Session: p.Ref, Amount: 7})
			return func() { b.line(payment.Movement{Kind: payment.MovedPayment, Session: p.Ref, Amount: -7}) }
		},
		payment.RefundThere: func(s *shop, b *banker, _ *book) func() {
			p := paid(s, b)
			b.line(payment.Movement{Kind: payment.MovedRefund, Session: p.Ref, Amount: -100})
			return func() { b.line(payment.Movement{Kind: payment.MovedRefund, Session: p.Ref, Amount: 100}) }
		},
		payment.RefundHere: func(s *shop, b *banker, _ *book) func() {
			p := paid(s, b)
			_, err := s.svc.Refund(bg, ask(p, "r", 100))
			s.must(err)
			return func() { b.line(payment.Movement{Kind: payment.MovedRefund, Session: p.Ref, Amount: -100}) }
		},
		payment.RefundOutside: func(s *shop, b *banker, _ *book) func() {
			p := paid(s, b)
			s.gateway.deskRefund(p.Ref, 100)
			b.line(payment.Movement{Kind: payment.MovedRefund, Session: p.Ref, Amount: -100})
			return nil
		},
		payment.PaymentUnknown: func(_ *shop, b *banker, _ *book) func() {
			b.line(payment.Movement{Kind: payment.MovedPayment, Session: "ses_of_another_shop", Amount: 1234, Fee: 30})
			return nil
		},
		payment.Adjustment: func(_ *shop, b *banker, _ *book) func() {
			b.line(payment.Movement{Kind: payment.MovedAdjustment, Amount: -777})
			return nil
		},
		payment.FeeUnbooked: func(_ *shop, b *banker, _ *book) func() {
			b.line(payment.Movement{Kind: payment.MovedFee, Amount: -5, Currency: "XTS"})
			return nil
		},
		payment.PayoutUnbooked: func(_ *shop, b *banker, _ *book) func() {
			b.line(payment.Movement{Kind: payment.MovedPayout, Amount: -5, Currency: "XTS"})
			return nil
		},
		payment.DisputeUnbooked: func(s *shop, b *banker, _ *book) func() {
			p := paid(s, b)
			b.line(payment.Movement{Kind: payment.MovedDispute, Session: p.Ref, Dispute: "dsp_hidden", Amount: -50})
			return func() {
				b.line(payment.Movement{Kind: payment.MovedWon, Session: p.Ref, Dispute: "dsp_hidden", Amount: 50})
			}
		},
		payment.OrderUnpaid: func(s *shop, _ *banker, o *book) func() {
			p := s.opened()
			o.orders = []payment.OrderMoney{orderOf(p, total, true)}
			return func() { o.orders = nil }
		},
		payment.OrderBehind: func(s *shop, b *banker, o *book) func() {
			p := paid(s, b)
			o.orders = []payment.OrderMoney{orderOf(p, total, false)}
			return func() { o.orders[0].Paid = true }
		},
		payment.OrderDiffers: func(s *shop, b *banker, o *book) func() {
			p := paid(s, b)
			o.orders = []payment.OrderMoney{orderOf(p, total+1, true)}
			return func() { o.orders[0].Total = total }
		},
		payment.HoldOver: func(s *shop, _ *banker, _ *book) func() {
			p := s.held()
			s.p.Clock.Advance(7 * 24 * time.Hour)
			return func() { s.gateway.set(p.Ref, payment.StatusVoided) } // and no notice tells
		},
		payment.LedgerDiffers: func(s *shop, b *banker, _ *book) func() {
			p := paid(s, b)
			s.must(s.p.Data.Write(bg, func(tx *db.Tx) error { // somebody at the database
				_, err := tx.Exec(`UPDATE payment_payment SET captured = captured - 1 WHERE id = $1`, p.ID)
				return err
			}))
			return func() {
				s.must(s.p.Data.Write(bg, func(tx *db.Tx) error {
					_, err := tx.Exec(`UPDATE payment_payment SET captured = captured + 1 WHERE id = $1`, p.ID)
					return err
				}))
			}
		},
	}
	each(t, func(s *shop) {
		b := newBanker(s)
		o := &book{shop: s}
		s.payee = o
		s.restart()
		for _, kind := range payment.Kinds() {
			make, known := cases[kind]
			if !known {
				t.Fatalf("no case for %s", kind)
			}
			mend := make(s, b, o)
			s.p.Clock.Advance(8 * time.Hour)
			_, open := s.reconcile()
			if len(open[kind]) != 1 {
				t.Fatalf("%s: found %+v", kind, open)
			}
			if kind != payment.LedgerDiffers {
				s.only(open, kind)
				s.whole()
			}
			_, again := s.reconcile()
			if len(again[kind]) != 1 || again[kind][0].ID != open[kind][0].ID {
				t.Fatalf("%s: a second comparison says %+v", kind, again)
			}
			if mend == nil {
				s.must(s.svc.AcceptDifference(bg, access.Console(), open[kind][0].ID, "trial", ""))
				if err := s.svc.AcceptDifference(bg, access.Console(), open[kind][0].ID, "trial", ""); !fault.Is(err, fault.Conflict) {
					t.Errorf("%s: accepted twice: %v", kind, err)
				}
			} else {
				mend()
				s.p.Clock.Advance(time.Hour)
			}
			if _, left := s.reconcile(); len(left) != 0 {
				t.Fatalf("%s: still there: %+v", kind, left)
			}
			s.whole()
		}
	})
}

// Wherever a comparison dies, the next one goes on with it, and the end is the same.
func TestReconcileIsResumed(t *testing.T) {
	each(t, func(s *shop) {
		b := newBanker(s)
		for range 7 {
			p := s.opened()
			b.take(p)
			_, err := s.svc.Refresh(bg, p.ID)
			s.must(err)
		}
		b.line(payment.Movement{Kind: payment.MovedPayout, Amount: -100})
		s.p.Clock.Advance(time.Hour)
		pages := 0
		s.gateway.hook = func(at string) error {
			if at != "before movements" {
				return nil
			}
			if pages++; pages%2 == 0 {
				return payment.ErrTemporary
			}
			return nil
		}
		resumed := 0
		for range 20 {
			s.restart()
			list, err := s.svc.Reconcile(bg, access.Console(), "fake", payment.Span{})
			if err == nil {
				if !list[0].Resumed || list[0].Movements != 8 {
					t.Errorf("%+v", list[0])
				}
				break
			}
			if !fault.Is(err, fault.Unavailable) {
				t.Fatal(err)
			}
			resumed++
		}
		if resumed < 2 || b.fetched > 12 {
			t.Errorf("interrupted %d times, %d pages were fetched", resumed, b.fetched)
		}
		s.gateway.hook = nil
		s.agrees()
	})
}

// What a provider's account says is not guessed: an impossible line, or a list without an end, stops the comparison.
func TestReconcileRefusesNonsense(t *testing.T) {
	each(t, func(s *shop) {
		b := newBanker(s)
		p := s.opened()
		b.take(p)
		for name, spoil := range map[string]func(m *payment.Movement){
			"kind":         func(m *payment.Movement) { m.Kind = "a movement of a kind that nobody knows" },
			"overflow":     func(m *payment.Movement) { m.Amount = 1 << 62 },
			"negative fee": func(m *payment.Movement) { m.Fee = -1 << 62 },
			"currency":     func(m *payment.Movement) { m.Currency = "EURO" },
			"long":         func(m *payment.Movement) { m.Charge = fmt.Sprintf("%300d", 1) },
		} {
			whole := b.lines[0]
			spoil(&b.lines[0])
			s.p.Clock.Advance(time.Minute)
			if _, err := s.svc.Reconcile(bg, access.Console(), "", payment.Span{}); !errors.Is(err, payment.ErrMismatch) {
				t.Errorf("%s: %v", name, err)
			}
			b.lines[0] = whole
		}
		s.agrees()
	})
}

// A span from far in the past compares those days alone; a wrong one is refused.
func TestReconcileSpan(t *testing.T) {
	each(t, func(s *shop) {
		b := newBanker(s)
		p := s.opened()
		b.take(p)
		day := payment.DayOf(s.p.Clock.Now(), time.UTC)
		s.p.Clock.Advance(30 * 24 * time.Hour)
		list, err := s.svc.Reconcile(bg, access.Console(), "fake", payment.Span{From: day - 1, To: day})
		s.must(err)
		if list[0].Movements != 1 || len(list[0].Days) != 1 || list[0].Days[0].Day != day || list[0].Days[0].Paid != money.Amount(total) {
			t.Errorf("%+v", list[0])
		}
		s.is(p, payment.Paid)
		for _, span := range []payment.Span{{From: day, To: day - 1}, {From: 0, To: day}} {
			if _, err := s.svc.Reconcile(bg, access.Console(), "", span); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", span, err)
			}
		}
		if _, err := s.svc.Reconcile(bg, access.System("order"), "", payment.Span{}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("without the right: %v", err)
		}
	})
}

// It happens every night by itself, once.
func TestReconcileNightly(t *testing.T) {
	each(t, func(s *shop) {
		b := newBanker(s)
		p := s.opened()
		b.take(p)
		s.must(s.notice("evt", p))
		for range 30 {
			s.later(time.Hour)
		}
		if b.fetched < 1 || b.fetched > 8 {
			t.Errorf("%d pages were fetched in 30 hours", b.fetched)
		}
		s.whole()
	})
}
