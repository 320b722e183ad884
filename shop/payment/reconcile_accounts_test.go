package payment_test

import (
	"context"
	"testing"
	"time"

	"strongroom/base/job"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/shop/payment"
)

// everything compares what is due at all accounts; nothing may differ.
func (s *shop) everything() (accounts []string) {
	s.t.Helper()
	list, err := s.svc.Reconcile(bg, access.Console(), "", payment.Span{})
	s.must(err)
	for _, r := range list {
		accounts = append(accounts, r.Account)
		if len(r.Open) != 0 {
			s.t.Fatalf("these differ at %s: %+v", r.Account, r.Open)
		}
	}
	s.whole()
	return accounts
}

// received is a payment whose money is in the account.
func (b *banker) received(s *shop) payment.Payment {
	s.t.Helper()
	p := s.opened()
	b.take(p)
	p, err := s.svc.Refresh(bg, p.ID)
	s.must(err)
	return s.is(p, payment.Paid)
}

// What is switched off is compared on: a refund at the provider's own desk, the last payout and its fees come into the books.
func TestReconcileWhatIsOff(t *testing.T) {
	each(t, func(s *shop) {
		b := newBanker(s)
		p := b.received(s)
		s.p.Clock.Advance(time.Hour)
		s.agrees()
		s.offers = []payment.Offer{{Gateway: b}}
		s.restart()
		s.p.Clock.Advance(24 * time.Hour)
		s.gateway.deskRefund(p.Ref, 990)
		b.line(payment.Movement{Kind: payment.MovedRefund, Session: p.Ref, Amount: -990})
		b.line(payment.Movement{Kind: payment.MovedPayout, Amount: -(total - 990 - testFee - 7)})
		b.line(payment.Movement{Kind: payment.MovedFee, Amount: -7})
		for range 10 {
			s.later(time.Hour)
		}
		if q := s.get(p); q.Refunded != 990 {
			t.Errorf("the store knows of %d given back", q.Refunded)
		}
		if l := s.whole(); s.balance(l, "provider.fake") != 0 || s.balance(l, payment.Fees) != testFee+7 {
			t.Errorf("%+v", l.Balances)
		}
		list, err := s.svc.Comparisons(bg, access.Console())
		s.must(err)
		if len(list) != 1 || list[0].Account != "acct_1" || list[0].Ended.IsZero() {
			t.Errorf("the desk shows %+v", list)
		}
		for _, name := range []string{"", "fake"} {
			if list, err := s.svc.Reconcile(bg, access.Console(), name, payment.Span{}); err != nil || len(list) != 1 {
				t.Errorf("%q: %d compared, %v", name, len(list), err)
			}
		}
	})
}

// After a change of account each is compared with its own lines: the last day of the old one is not missed at the new one,
// and what neither offers nor has ever taken is left alone.
func TestReconcileBothAccounts(t *testing.T) {
	each(t, func(s *shop) {
		old := newBanker(s)
		old.received(s)
		s.p.Clock.Advance(time.Hour)
		s.agrees()
		last := old.received(s) // after the last comparison with it
		fresh := s.replace(old)
		tried := &banker{provider: newProvider(), clock: old.clock, page: 2}
		tried.account = "acct_3"
		s.offers = append(s.offers, payment.Offer{Gateway: tried})
		s.restart()
		s.p.Clock.Advance(24 * time.Hour)
		fresh.received(s)
		s.p.Clock.Advance(7 * time.Hour)
		if got := s.everything(); len(got) != 2 || got[0] != "acct_2" || got[1] != "acct_1" {
			t.Errorf("compared %v", got)
		}
		_, err := s.svc.Refund(bg, ask(last, "r", 100))
		s.must(err)
		old.line(payment.Movement{Kind: payment.MovedRefund, Session: last.Ref, Amount: -100})
		old.line(payment.Movement{Kind: payment.MovedPayout, Amount: -(2*total - 2*testFee - 100)})
		s.p.Clock.Advance(30 * time.Hour)
		s.everything()
		if l := s.whole(); s.balance(l, "provider.fake") != total-testFee || s.balance(l, payment.Fees) != 3*testFee {
			t.Errorf("%+v", l.Balances)
		}
		if tried.fetched != 0 {
			t.Error("an account that is only being tried was read")
		}
	})
}

// A difference that is open is not settled because its payment moved a moment ago, for whatever reason.
func TestReconcileSettlesNothingTooEarly(t *testing.T) {
	each(t, func(s *shop) {
		b := newBanker(s)
		p := s.opened()
		s.gateway.pay(p.Ref) // and its account never shows it
		p, err := s.svc.Refresh(bg, p.ID)
		s.must(err)
		s.p.Clock.Advance(8 * time.Hour)
		_, open := s.reconcile()
		d := s.only(open, payment.PaidHere)
		x := b.dispute(p, "dsp_1")
		s.must(s.notice("evt_1", p, func(n *payment.Notice) { n.Dispute = x.Ref }))
		s.p.Clock.Advance(time.Hour)
		if _, open = s.reconcile(); s.only(open, payment.PaidHere).ID != d.ID {
			t.Errorf("%+v", open)
		}
		if d, err = s.svc.AskAboutDifference(bg, access.Console(), d.ID); err != nil || d.State != payment.DifferenceOpen {
			t.Errorf("asked about: %+v, %v", d, err)
		}
	})
}

// A dispute that the store booked and the provider's account never shows is found, however old its payment is.
func TestReconcileFindsADisputeThatIsOnlyHere(t *testing.T) {
	each(t, func(s *shop) {
		b := newBanker(s)
		p := b.received(s)
		s.p.Clock.Advance(time.Hour)
		s.agrees()
		s.p.Clock.Advance(30 * 24 * time.Hour)
		s.agrees()
		x := b.dispute(p, "dsp_1")
		b.lines = b.lines[:len(b.lines)-1]
		s.must(s.notice("evt_1", p, func(n *payment.Notice) { n.Dispute = x.Ref }))
		s.p.Clock.Advance(8 * time.Hour)
		_, open := s.reconcile()
		if d := s.only(open, payment.DisputeUnbooked); d.Ours != total || d.Theirs != 0 || d.Payment != p.ID {
			t.Errorf("%+v", d)
		}
	})
}

// The owner is told when a difference that was settled or accepted is there again, and not of one that stays.
func TestReconcileTellsOfWhatCameBack(t *testing.T) {
	each(t, func(s *shop) {
		b := newBanker(s)
		told := 0
		s.must(job.Handle(s.jobs, payment.LetterJob, job.Options{}, func(_ context.Context, l payment.Letter) error {
			if l.Kind == payment.LetterDifferences {
				told++
			}
			return nil
		}))
		p := b.received(s)
		step := func(want int, amount money.Amount) payment.Difference {
			s.t.Helper()
			if amount != 0 {
				b.line(payment.Movement{Kind: payment.MovedRefund, Session: p.Ref, Amount: amount})
			}
			s.p.Clock.Advance(time.Minute)
			_, open := s.reconcile()
			_, err := s.jobs.RunDue(bg)
			s.must(err)
			if told != want {
				s.t.Fatalf("told %d times; want %d", told, want)
			}
			if len(open) == 0 {
				return payment.Difference{}
			}
			return s.only(open, payment.RefundThere)
		}
		first := step(1, -100)
		step(1, 0)
		step(1, 100) // settled
		d := step(2, -100)
		if d.ID != first.ID || !d.Found.After(first.Found) {
			t.Errorf("found %v, and again %v", first.Found, d.Found)
		}
		s.must(s.svc.AcceptDifference(bg, access.Console(), d.ID, "trial", ""))
		step(2, 0)
		step(3, -7)
	})
}
