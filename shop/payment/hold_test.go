package payment_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/shop/payment"
)

// held is a payment whose sum is held until somebody says what is to be done with it.
func (s *shop) held() payment.Payment {
	s.t.Helper()
	s.decide = func(_ *db.Tx, p payment.Payment) error {
		if p.State == payment.Authorised {
			return payment.ErrKeep
		}
		return nil
	}
	p := s.opened(func(w *payment.Want) { w.Manual = true })
	s.gateway.set(p.Ref, payment.StatusAuthorised)
	p, err := s.svc.Refresh(bg, p.ID)
	s.must(err)
	return s.is(p, payment.Authorised)
}

// act asks for a capture of an amount, or for a void of nothing, and waits for its end.
func (s *shop) act(p payment.Payment, key string, amount money.Amount) (payment.HoldAct, payment.Payment, error) {
	var h payment.HoldAct
	err := s.p.Data.Write(bg, func(tx *db.Tx) (err error) {
		a := payment.HoldAsk{Payment: p.ID, Key: key, Amount: amount, Actor: access.System("order")}
		if amount == 0 {
			h, err = s.svc.VoidTx(tx, a)
		} else {
			h, err = s.svc.CaptureTx(tx, a)
		}
		return err
	})
	if err != nil {
		return h, p, err
	}
	return s.svc.Finish(bg, h)
}

// letGo is what an order books when less was taken than was held.
func (s *shop) letGo(p payment.Payment) {
	s.t.Helper()
	s.must(s.p.Data.Write(bg, func(tx *db.Tx) error { return payment.BookLetGo(tx, p, p.Amount-p.Captured, 0) }))
}

// A held sum waits as long as its provider answers for it. Then all of it is taken, or a part, or nothing; what is taken
// stands in the ledger and nothing else does.
func TestAHeldSumIsTakenOnce(t *testing.T) {
	each(t, func(s *shop) {
		for _, amount := range []money.Amount{total, 1200, 0} {
			p := s.held()
			if until := s.p.Clock.Now().Add(7 * 24 * time.Hour); !p.HeldUntil.Equal(until) {
				t.Fatalf("held until %s, want %s", p.HeldUntil, until)
			}
			s.later(30 * time.Hour) // well past the page's end
			s.is(p, payment.Authorised)
			if s.gateway.count("expire") != 0 {
				t.Fatal("a held sum was asked to expire")
			}
			before := s.gateway.count("capture")
			h, q, err := s.act(p, "first", amount)
			s.must(err)
			want := payment.Paid
			if amount == 0 {
				want = payment.Voided
			}
			if h.State != payment.HoldDone || q.State != want || q.Captured != amount {
				t.Fatalf("%d: %s, %s, captured %d", amount, h.State, q.State, q.Captured)
			}
			again, _, err := s.act(p, "first", amount) // the same ask is the same act
			s.must(err)
			if again.ID != h.ID || amount > 0 && s.gateway.count("capture") != before+1 {
				t.Fatalf("asked again: %v, %d calls", again.ID == h.ID, s.gateway.count("capture")-before)
			}
			for key, other := range map[string]money.Amount{"more": 100, "nothing": 0} {
				if _, _, err := s.act(p, key, other); !fault.Is(err, fault.Conflict) {
					t.Errorf("%d after %d: %v", other, amount, err)
				}
			}
			if amount > 0 && amount < total {
				s.letGo(q)
			}
			s.legal(p)
			s.ledger()
		}
		if s.emitted("payment.paid") != 2 || s.emitted("payment.voided") != 1 {
			t.Errorf("told %v", s.told)
		}
	})
}

// Attack: more than is held is never asked for, however it is written; and a right is asked for.
func TestNoMoreIsTakenThanIsHeld(t *testing.T) {
	each(t, func(s *shop) {
		p := s.held()
		for _, amount := range []money.Amount{total + 1, -1, money.Max, -money.Max - 1} {
			if _, _, err := s.act(p, "much", amount); !fault.Is(err, fault.Invalid) {
				t.Errorf("%d was asked for: %v", amount, err)
			}
		}
		err := s.p.Data.Write(bg, func(tx *db.Tx) error {
			_, err := s.svc.CaptureTx(tx, payment.HoldAsk{Payment: p.ID, Key: "k", Amount: 1, Actor: access.System("catalog")})
			return err
		})
		if !fault.Is(err, fault.Forbidden) {
			t.Errorf("taken without the right: %v", err)
		}
		if s.gateway.count("capture")+s.gateway.count("void") != 0 {
			t.Error("the provider was asked")
		}
		s.is(p, payment.Authorised)
	})
}

// V2.3.4: a hundred captures at once are one, and captures beside voids come to one end, which the provider agrees with.
func TestManyHandsOnAHeldSum(t *testing.T) {
	each(t, func(s *shop) {
		for name, amountOf := range map[string]func(i int) money.Amount{
			"captures":           func(i int) money.Amount { return money.Amount(1000 + i) },
			"captures and voids": func(i int) money.Amount { return money.Amount(i%2) * total },
		} {
			p := s.held()
			var won atomic.Int64
			var all sync.WaitGroup
			for i := range 100 {
				all.Go(func() {
					_, _, err := s.act(p, fmt.Sprint("hand", i), amountOf(i))
					switch {
					case err == nil:
						won.Add(1)
					case !fault.Is(err, fault.Conflict):
						t.Errorf("%s: %v", name, err)
					}
				})
			}
			all.Wait()
			s.later(time.Minute)
			q := s.get(p)
			captured := s.gateway.of(p.Ref).Captured
			if won.Load() != 1 || q.Captured != captured || q.State != payment.Paid && q.State != payment.Voided {
				t.Fatalf("%s: %d hands won, the payment is %s with %d, the provider says %d", name, won.Load(), q.State, q.Captured, captured)
			}
			if q.Captured > 0 && q.Captured < total {
				s.letGo(q)
			}
			s.legal(p)
			s.ledger()
		}
		if n := s.gateway.count("capture"); n > 2 {
			t.Errorf("the provider was asked to capture %d times", n)
		}
	})
}

// The process dies once at every step of a capture and of a void: before the call, after it, in asking again, and in the
// commit. A new process brings it to its end with one effect.
func TestEveryGapOfAHeldSumIsResumed(t *testing.T) {
	for _, amount := range []money.Amount{1200, 0} {
		for _, at := range []string{"before capture", "after capture", "before void", "after void", "in the commit"} {
			if at != "in the commit" && (at[len(at)-4:] == "void") != (amount == 0) {
				continue
			}
			t.Run(fmt.Sprint(at, " ", amount), func(t *testing.T) {
				each(t, func(s *shop) {
					p := s.held()
					died := false
					s.gateway.hook = func(place string) error {
						if place == at && !died {
							died = true
							return errLost
						}
						return nil
					}
					s.decide = func(_ *db.Tx, _ payment.Payment) error {
						if at == "in the commit" && !died {
							died = true
							return errPayee
						}
						return nil
					}
					h, q, err := s.act(p, "once", amount)
					s.must(err)
					if h.State != payment.HoldAsked || q.State != payment.Authorised {
						t.Fatalf("%s, %s though the answer was lost", h.State, q.State)
					}
					if _, _, err := s.act(p, "twice", 700); !fault.Is(err, fault.Conflict) {
						t.Fatalf("a second act beside one whose end is not known: %v", err)
					}
					s.restart()
					s.later(31 * time.Minute)
					s.restart()
					s.later(31 * time.Minute)
					q = s.get(p)
					if q.Captured != amount || !died || s.gateway.of(p.Ref).Captured != amount || s.heard("paid")+s.heard("voided") != 1 {
						t.Fatalf("died %v, %s with %d, told %v", died, q.State, q.Captured, s.told)
					}
					if h, _, err = s.act(p, "once", amount); err != nil || h.State != payment.HoldDone {
						t.Fatalf("the act is %s, %v", h.State, err)
					}
					if amount > 0 {
						s.letGo(q)
					}
					s.legal(p)
					s.ledger()
				})
			})
		}
	}
}

// A hold that runs out while it is being captured is let go and not paid; one that was captured first is paid.
func TestCaptureAgainstTheEndOfTheHold(t *testing.T) {
	each(t, func(s *shop) {
		p := s.held()
		s.gateway.hook = func(at string) error {
			if at == "before capture" {
				s.gateway.set(p.Ref, payment.StatusVoided)
			}
			return nil
		}
		h, q, err := s.act(p, "late", total)
		s.must(err)
		if h.State != payment.HoldFailed || h.Error != "voided" || q.State != payment.Voided || q.Captured != 0 {
			t.Fatalf("%s (%s), %s, %d", h.State, h.Error, q.State, q.Captured)
		}
		s.gateway.hook = nil

		p = s.held() // nobody captures it: the provider ends it, and no notice tells
		s.later(6 * 24 * time.Hour)
		s.is(p, payment.Authorised)
		s.gateway.set(p.Ref, payment.StatusVoided)
		s.later(25 * time.Hour)
		s.is(p, payment.Voided)
		if s.heard("voided") != 2 {
			t.Errorf("told %v", s.told)
		}
		s.ledger()
	})
}

// A provider that refuses for good leaves the sum held: nothing is paid, the refusal is told, and it can be tried again.
func TestARefusedCaptureCanBeTriedAgain(t *testing.T) {
	each(t, func(s *shop) {
		p := s.held()
		s.gateway.hook = func(at string) error {
			if at == "before capture" {
				return payment.ErrDeclined
			}
			return nil
		}
		h, q, err := s.act(p, "first", total)
		s.must(err)
		if h.State != payment.HoldFailed || q.State != payment.Authorised || s.emitted("payment.hold_refused") != 1 {
			t.Fatalf("%s, %s, told %v", h.State, q.State, s.events)
		}
		s.gateway.hook = nil
		if h, q, err = s.act(p, "second", total); err != nil || h.State != payment.HoldDone || q.Captured != total {
			t.Fatalf("%s, %d, %v", h.State, q.Captured, err)
		}
		s.ledger()
	})
}

// What the provider says it has taken must be what was asked for. If it is not, nothing is paid and a person looks.
func TestAnotherSumThanWasAskedFor(t *testing.T) {
	each(t, func(s *shop) {
		p := s.held()
		s.gateway.edit = func(ses *payment.Session) {
			if ses.Status == payment.StatusPaid {
				ses.Captured = 900
			}
		}
		h, q, err := s.act(p, "sum", 1200)
		s.must(err)
		if q.State != payment.Mismatch || q.Captured != 0 || s.heard("paid") != 0 {
			t.Fatalf("%s, %d, told %v", q.State, q.Captured, s.told)
		}
		s.later(10 * time.Minute)
		if h, _, err = s.svc.Finish(bg, h); err != nil || h.State != payment.HoldFailed {
			t.Fatalf("the act is %s, %v", h.State, err)
		}
		r, err := s.svc.CheckLedger(bg)
		s.must(err)
		if !r.OK() {
			t.Errorf("the ledger does not agree: %+v", r)
		}
	})
}

// An act whose job was buried among the dead letters is taken up again.
func TestABuriedCaptureIsTakenUp(t *testing.T) {
	each(t, func(s *shop) {
		p := s.held()
		s.gateway.hook = func(at string) error {
			if at == "before capture" || at == "before fetch" {
				return errLost
			}
			return nil
		}
		_, _, err := s.act(p, "buried", total)
		s.must(err)
		for range 14 {
			s.later(90 * time.Minute)
		}
		if dead, err := s.jobs.Counts(bg); err != nil || dead["dead"] == 0 {
			t.Fatalf("the job is not dead: %v, %v", dead, err)
		}
		s.gateway.hook = nil
		s.later(2 * time.Hour)
		s.is(p, payment.Paid)
		s.ledger()
	})
}

// A payee that wants nothing of a late hold has it let go, whatever it says.
func TestALateHoldIsLetGo(t *testing.T) {
	each(t, func(s *shop) {
		p := s.opened(func(w *payment.Want) { w.Manual = true })
		_, err := s.svc.Expire(bg, p.ID)
		s.must(err)
		s.decide = func(_ *db.Tx, p payment.Payment) error {
			if p.State == payment.Authorised {
				return payment.ErrKeep
			}
			return nil
		}
		s.gateway.set(p.Ref, payment.StatusAuthorised)
		s.must(s.notice("evt_1", p))
		s.later(time.Second)
		s.is(p, payment.Voided)
		if s.gateway.count("capture") != 0 {
			t.Error("captured")
		}
	})
}
