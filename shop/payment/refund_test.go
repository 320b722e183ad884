package payment_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strongroom/base/fault"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/shop/payment"
)

func ask(p payment.Payment, key string, amount money.Amount) payment.Ask {
	return payment.Ask{Payment: p.ID, Key: key, Amount: amount, Reason: payment.ForReturn, Actor: access.Console()}
}

func TestRefund(t *testing.T) {
	each(t, func(s *shop) {
		p := s.paid()
		a := ask(p, "return-1", 1190)
		a.Tax = 190
		f, err := s.svc.Refund(bg, a)
		s.must(err)
		if f.State != "done" || f.Ref == "" || f.Key == "" {
			t.Fatalf("the refund: %+v", f)
		}
		again, err := s.svc.Refund(bg, a)
		s.must(err)
		if again.ID != f.ID || s.gateway.count("refund") != 1 {
			t.Error("asking twice refunded twice")
		}
		a.Amount = 1191
		if _, err := s.svc.Refund(bg, a); !fault.Is(err, fault.Conflict) {
			t.Errorf("another amount under the same key: %v", err)
		}
		p = s.get(p)
		if p.Refunded != 1190 || p.Asked != 1190 || p.Refundable() != total-1190 {
			t.Errorf("the payment: %+v", p)
		}
		r := s.ledger()
		if s.balance(r, "returns") != 1000 || s.balance(r, "receivable") != 0 || s.balance(r, "provider.fake") != total-1190 {
			t.Errorf("balances: %+v", r.Balances)
		}
	})
}

func TestRefundRefuses(t *testing.T) {
	each(t, func(s *shop) {
		p, open := s.paid(), s.opened()
		for name, a := range map[string]payment.Ask{
			"nothing":     ask(p, "k", 0),
			"negative":    ask(p, "k", -1),
			"too large":   ask(p, "k", total+1),
			"overflow":    ask(p, "k", 1<<62),
			"not paid":    ask(open, "k", 1),
			"no key":      ask(p, "", 1),
			"tax too big": {Payment: p.ID, Key: "k", Amount: 1, Tax: 2, Reason: payment.ForReturn},
			"odd reason":  {Payment: p.ID, Key: "k", Amount: 1, Reason: "because"},
			"outside":     {Payment: p.ID, Key: "k", Amount: 1, Reason: "outside"},
		} {
			if _, err := s.svc.Refund(bg, a); fault.As(err) == nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if s.gateway.count("refund") != 0 {
			t.Error("the provider was asked for something refused")
		}
	})
}

// Row 45, V2.3.4: 100 parallel refunds never give back more than was captured.
func TestHundredParallelRefunds(t *testing.T) {
	each(t, func(s *shop) {
		p := s.paid()
		var done atomic.Int64
		slots := make(chan struct{}, 12)
		var all sync.WaitGroup
		for i := range 100 {
			slots <- struct{}{}
			all.Go(func() {
				defer func() { <-slots }()
				_, err := s.svc.Refund(bg, ask(p, fmt.Sprint("r", i), 500))
				switch {
				case err == nil:
					done.Add(1)
				case !fault.Is(err, fault.Conflict):
					t.Errorf("a refund ended in %v", err)
				}
			})
		}
		all.Wait()
		s.later(time.Minute)
		p = s.get(p)
		if want := int64(total / 500); done.Load() != want || p.Refunded != money.Amount(want)*500 || p.Asked != p.Refunded {
			t.Fatalf("%d refunds, payment %+v", done.Load(), p)
		}
		s.ledger()
	})
}

// A hundred asks with one key are one refund.
func TestHundredAsksOneRefund(t *testing.T) {
	each(t, func(s *shop) {
		p := s.paid()
		slots := make(chan struct{}, 12)
		var all sync.WaitGroup
		for range 100 {
			slots <- struct{}{}
			all.Go(func() {
				defer func() { <-slots }()
				if _, err := s.svc.Refund(bg, ask(p, "one", 500)); err != nil {
					t.Errorf("an ask ended in %v", err)
				}
			})
		}
		all.Wait()
		s.later(time.Minute)
		if p = s.get(p); p.Refunded != 500 || p.Asked != 500 {
			t.Fatalf("payment %+v", p)
		}
		s.ledger()
	})
}

// Refunds that take their time, that fail later, and that somebody makes at the provider's own desk.
func TestRefundsThatEndLater(t *testing.T) {
	each(t, func(s *shop) {
		p := s.paid()
		s.gateway.slow = payment.RefundPending
		f, err := s.svc.Refund(bg, ask(p, "a", 1000))
		s.must(err)
		if f.State != "pending" || s.get(p).Refunded != 0 {
			t.Fatalf("%+v", f)
		}
		s.gateway.endRefunds(p.Ref, payment.RefundDone)
		s.later(10 * time.Minute)
		if q := s.get(p); q.Refunded != 1000 {
			t.Fatalf("the end of a pending refund was not found: %+v", q)
		}
		_, err = s.svc.Refund(bg, ask(p, "b", 2000))
		s.must(err)
		s.gateway.endRefunds(p.Ref, payment.RefundFailed)
		s.must(s.notice("evt_refund", p))
		q := s.get(p)
		if q.Refunded != 1000 || q.Asked != 1000 || s.emitted("payment.refund_refused") != 1 {
			t.Fatalf("a failed refund still counts: %+v", q)
		}
		s.gateway.deskRefund(p.Ref, 700)
		for i := range 3 {
			s.must(s.notice(fmt.Sprint("evt_desk", i), p))
		}
		if q = s.get(p); q.Refunded != 1700 || q.Asked != 1700 || q.Refundable() != total-1700 {
			t.Fatalf("a refund at the provider's desk: %+v", q)
		}
		s.ledger()
	})
}

// A refund that the provider declines for good is told and leaves the money countable.
func TestRefundDeclined(t *testing.T) {
	each(t, func(s *shop) {
		p := s.paid()
		s.gateway.hook = func(at string) error {
			if at == "before refund" {
				return payment.ErrDeclined
			}
			return nil
		}
		f, err := s.svc.Refund(bg, ask(p, "a", 1000))
		s.must(err)
		if f.State != "failed" || f.Error != "declined" || s.get(p).Asked != 0 || s.emitted("payment.refund_refused") != 1 {
			t.Fatalf("%+v", f)
		}
		s.ledger()
	})
}
