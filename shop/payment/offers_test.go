package payment_test

import (
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/job"
	"strongroom/shop/payment"
)

// A gateway that is switched off while the store runs gets no new payment; those that it has are settled to their end.
func TestSwitchedOffWhileOpen(t *testing.T) {
	each(t, func(s *shop) {
		on := true
		s.jobs = job.New(s.p.Data, nil, 2)
		svc, err := payment.New(payment.Deps{DB: s.p.Data, Audit: s.audit, Jobs: s.jobs,
			More: func() []payment.Offer { return []payment.Offer{{Gateway: s.gateway, On: on}} }})
		s.must(err)
		svc.SetPayee(s)
		s.svc = svc
		p := s.opened()
		on = false
		if len(svc.Providers()) != 0 {
			t.Error("it is offered and off")
		}
		err = s.p.Data.Write(bg, func(tx *db.Tx) error { _, err := svc.Prepare(tx, s.want()); return err })
		if fault.As(err) == nil || fault.As(err).Key != "payment.none_on" {
			t.Errorf("a new payment without a provider: %v", err)
		}
		s.gateway.pay(p.Ref)
		s.must(s.notice("evt_1", p))
		s.is(p, payment.Paid)
		if _, err := svc.Refund(bg, ask(p, "r", 100)); err != nil {
			t.Errorf("given back: %v", err)
		}
		s.later(time.Minute)
		if got := s.get(p); got.Refunded != 100 {
			t.Errorf("refunded %d", got.Refunded)
		}
	})
}

// A test payment goes the whole way without an order: nobody is told, the money goes back by itself, and the books agree.
func TestATestPaymentGoesBack(t *testing.T) {
	each(t, func(s *shop) {
		for _, manual := range []bool{false, true} {
			w := s.want()
			w.Manual = manual
			var p payment.Payment
			s.must(s.p.Data.Write(bg, func(tx *db.Tx) (err error) { p, err = s.svc.PrepareTrial(tx, s.gateway, w); return err }))
			if !p.Trial() || p.Order == w.Order {
				t.Fatalf("the test payment belongs to %s", p.Order)
			}
			p, err := s.svc.Begin(bg, p.ID)
			s.must(err)
			if manual {
				s.gateway.set(p.Ref, payment.StatusAuthorised)
			} else {
				s.gateway.pay(p.Ref)
			}
			_, err = s.svc.Refresh(bg, p.ID)
			s.must(err)
			s.later(time.Minute)
			s.later(time.Minute)
			if got := s.is(p, payment.Paid); got.Refunded != total {
				t.Errorf("manual %v: %d of %d went back", manual, got.Refunded, total)
			}
		}
		if len(s.told) != 0 {
			t.Errorf("an order was told %v", s.told)
		}
		s.ledger()
	})
}
