package payment_test

import (
	"errors"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/guard/access"
	"strongroom/shop/payment"
)

// An unpaid payment is closed at its time, and the payee hears of it only when the provider has agreed.
func TestExpiry(t *testing.T) {
	each(t, func(s *shop) {
		p := s.opened()
		s.later(29 * time.Minute)
		s.is(p, payment.Open)
		s.gateway.hook = func(at string) error {
			if at == "before expire" {
				return errLost
			}
			return nil
		}
		s.later(2 * time.Minute)
		s.is(p, payment.Open)
		if s.heard("expired") != 0 {
			t.Fatal("stock would be released though the session is still open")
		}
		s.gateway.hook = nil
		s.later(20 * time.Minute)
		s.is(p, payment.Expired)
		if s.heard("expired") != 1 || s.emitted("payment.expired") != 1 {
			t.Errorf("told %v", s.told)
		}
		s.legal(p)
	})
}

// The shopper pays at the last moment: Expire's answer is the truth.
func TestPaidWhileExpiring(t *testing.T) {
	each(t, func(s *shop) {
		p := s.opened()
		s.gateway.pay(p.Ref)
		q, err := s.svc.Expire(bg, p.ID)
		s.must(err)
		if q.State != payment.Paid || q.Late {
			t.Fatalf("%s, late %v", q.State, q.Late)
		}
		s.ledger()
	})
}

// A lost notice is found by asking.
func TestLostNoticeIsFound(t *testing.T) {
	each(t, func(s *shop) {
		p := s.opened()
		s.gateway.pay(p.Ref)
		s.later(90 * time.Second)
		s.is(p, payment.Paid)
		q := s.opened()
		s.gateway.set(q.Ref, payment.StatusPending)
		s.later(2 * time.Minute)
		s.is(q, payment.Pending)
		s.later(3 * time.Hour) // well past the session's time: what is pending is not closed
		s.is(q, payment.Pending)
		s.gateway.pay(q.Ref)
		s.later(2 * time.Hour)
		s.is(q, payment.Paid)
		s.ledger()
	})
}

// Late money: the payee takes the order up again, or refunds in the same transaction; a lost notice changes nothing.
func TestLateMoney(t *testing.T) {
	each(t, func(s *shop) {
		for _, way := range []string{"notice", "sweep", "page"} {
			p := s.opened()
			_, err := s.svc.Expire(bg, p.ID)
			s.must(err)
			s.must(s.p.Data.Write(bg, func(tx *db.Tx) error { return payment.ReverseSale(tx, p.Order) }))
			s.decide = func(tx *db.Tx, q payment.Payment) error {
				if q.State != payment.Paid || !q.Late {
					return nil
				}
				_, err := s.svc.RefundTx(tx, payment.Ask{Payment: q.ID, Key: "late", Amount: q.Captured, Reason: payment.ForLate, Actor: access.System("order")})
				return err
			}
			s.gateway.pay(p.Ref)
			switch way {
			case "notice":
				s.must(s.notice("evt_"+way, p))
			case "page":
				_, err = s.svc.Refresh(bg, p.ID)
				s.must(err)
			}
			s.later(10 * time.Minute)
			p = s.is(p, payment.Paid)
			if !p.Late || p.Refunded != total || p.Asked != total {
				t.Fatalf("%s: %+v", way, p)
			}
			s.decide = nil
			r := s.ledger()
			if s.balance(r, "receivable") != 0 || s.balance(r, "sales") != 0 || s.balance(r, "provider.fake") != 0 {
				t.Fatalf("%s: balances %+v", way, r.Balances)
			}
		}
		if s.heard("late paid") != 3 || s.emitted("payment.refunded") != 3 {
			t.Errorf("told %v", s.told)
		}
	})
}

// An answer that was overtaken by a newer one moves nothing back.
func TestOvertakenAnswer(t *testing.T) {
	each(t, func(s *shop) {
		p := s.opened()
		s.gateway.set(p.Ref, payment.StatusPending)
		overtaken := false
		s.gateway.hook = func(at string) error {
			if at == "after fetch" && !overtaken {
				overtaken = true
				s.gateway.set(p.Ref, payment.StatusDeclined)
				s.must(s.notice("evt_newer", p))
			}
			return nil
		}
		q, err := s.svc.Refresh(bg, p.ID)
		s.must(err)
		if q.State != payment.Declined || s.heard("pending") != 0 || !overtaken {
			t.Fatalf("%s, told %v", q.State, s.told)
		}
		s.legal(p)
	})
}

// A payee that cannot write undoes the whole move; the next question brings it back.
func TestPayeeFails(t *testing.T) {
	each(t, func(s *shop) {
		p := s.opened()
		s.gateway.pay(p.Ref)
		s.decide = func(*db.Tx, payment.Payment) error { return errPayee }
		if err := s.notice("evt_1", p); !errors.Is(err, errPayee) {
			t.Fatalf("the notice was taken though nothing was written: %v", err)
		}
		s.is(p, payment.Open)
		s.decide = nil
		s.must(s.notice("evt_1", p)) // the provider repeats it
		s.is(p, payment.Paid)
		s.ledger()
	})
}

func TestHoldAndCapture(t *testing.T) {
	each(t, func(s *shop) {
		held := func(w *payment.Want) { w.Manual = true }
		p := s.opened(held)
		s.gateway.set(p.Ref, payment.StatusAuthorised)
		s.must(s.notice("evt_1", p))
		s.is(p, payment.Authorised)
		s.later(time.Second)
		s.is(p, payment.Paid)
		if s.gateway.count("capture") != 1 {
			t.Errorf("captured %d times", s.gateway.count("capture"))
		}

		q := s.opened(held)
		s.decide = func(_ *db.Tx, p payment.Payment) error {
			if p.State == payment.Authorised {
				return payment.ErrLetGo
			}
			return nil
		}
		s.gateway.set(q.Ref, payment.StatusAuthorised)
		s.must(s.notice("evt_2", q))
		s.later(time.Second)
		s.is(q, payment.Voided)
		s.decide = nil

		late := s.opened(held)
		_, err := s.svc.Expire(bg, late.ID)
		s.must(err)
		s.gateway.set(late.Ref, payment.StatusAuthorised)
		s.must(s.notice("evt_3", late))
		s.later(time.Second)
		s.is(late, payment.Voided)
		s.ledger()
	})
}
