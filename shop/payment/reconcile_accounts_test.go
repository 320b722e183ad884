package payment_test

import (
	"testing"
	"time"

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
