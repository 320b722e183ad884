package payment_test

import (
	"context"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/job"
	"strongroom/guard/access"
	"strongroom/shop/payment"
)

type ctxT = context.Context

func jobsOf(s *shop) *job.Queue { return job.New(s.p.Data, nil, 1) }

// In every gap around a provider call the process dies once: before the call, after the call and before our commit
// (the answer is lost either way), and in the commit itself. A new process must bring everything to its end, with one
// effect at the provider.
func TestEveryGapIsResumed(t *testing.T) {
	type gap struct{ name, at string }
	gaps := []gap{{"before start", "before start"}, {"after start", "after start"}, {"before fetch", "before fetch"},
		{"after fetch", "after fetch"}, {"before refund", "before refund"}, {"after refund", "after refund"}, {"in the commit", ""}}
	for _, g := range gaps {
		t.Run(g.name, func(t *testing.T) {
			each(t, func(s *shop) {
				died := false
				s.gateway.hook = func(at string) error {
					if at == g.at && !died {
						died = true
						return errLost
					}
					return nil
				}
				s.decide = func(_ *db.Tx, _ payment.Payment) error {
					if g.at == "" && !died {
						died = true
						return errPayee
					}
					return nil
				}
				p := s.prepare()
				_, _ = s.svc.Begin(bg, p.ID)
				s.restart()
				s.later(30 * time.Second)
				p = s.is(p, payment.Open)
				s.gateway.pay(p.Ref)
				_ = s.notice("evt_1", p)
				s.restart()
				s.later(3 * time.Minute)
				p = s.is(p, payment.Paid)
				_, _ = s.svc.Refund(bg, ask(p, "r", 990))
				s.restart()
				s.later(10 * time.Minute)
				p = s.get(p)
				if p.Refunded != 990 || !died {
					t.Fatalf("died %v, refunded %d", died, p.Refunded)
				}
				if len(s.gateway.sessions) != 1 || s.heard("paid") != 1 || len(s.gateway.refunds) != 1 {
					t.Fatalf("%d sessions, %d refunds, told %v", len(s.gateway.sessions), len(s.gateway.refunds), s.told)
				}
				s.legal(p)
				s.ledger()
			})
		})
	}
}

// The same around capture, void and expire.
func TestEveryGapOfClosingIsResumed(t *testing.T) {
	for _, at := range []string{"before capture", "after capture", "before void", "after void", "before expire", "after expire"} {
		t.Run(at, func(t *testing.T) {
			each(t, func(s *shop) {
				died := false
				s.gateway.hook = func(place string) error {
					if place == at && !died {
						died = true
						return errLost
					}
					return nil
				}
				verb := at[len(at)-4:] // "ture", "void", "pire"
				s.decide = func(_ *db.Tx, p payment.Payment) error {
					if verb == "void" && p.State == payment.Authorised {
						return payment.ErrLetGo
					}
					return nil
				}
				p := s.opened(func(w *payment.Want) { w.Manual = verb != "pire" })
				if verb != "pire" {
					s.gateway.set(p.Ref, payment.StatusAuthorised)
					s.must(s.notice("evt_1", p))
				}
				s.later(time.Second)
				s.restart()
				s.later(31 * time.Minute)
				s.restart()
				s.later(31 * time.Minute)
				s.is(p, map[string]payment.State{"ture": payment.Paid, "void": payment.Voided, "pire": payment.Expired}[verb])
				if !died {
					t.Fatal("the gap was never reached")
				}
				s.legal(p)
				s.ledger()
			})
		})
	}
}

// A payment whose start was lost, and that nobody asks for again, is found at the provider and closed there before
// anything is released.
func TestLostStartIsClosedAtItsTime(t *testing.T) {
	each(t, func(s *shop) {
		p := s.prepare()
		s.gateway.hook = func(at string) error {
			if at == "after start" {
				return errLost
			}
			return nil
		}
		_, _ = s.svc.Begin(bg, p.ID)
		s.later(20 * time.Minute)
		s.later(20 * time.Minute)
		s.is(p, payment.Prepared)
		if s.heard("expired") != 0 {
			t.Fatal("released while the provider may still take money")
		}
		s.gateway.hook = nil
		s.later(10 * time.Minute)
		s.is(p, payment.Expired)
		if len(s.gateway.sessions) != 1 || s.gateway.count("expire") != 1 {
			t.Errorf("%d sessions, %d closed", len(s.gateway.sessions), s.gateway.count("expire"))
		}
	})
}

// A refund whose job was buried among the dead letters is taken up again.
func TestBuriedRefundIsTakenUp(t *testing.T) {
	each(t, func(s *shop) {
		p := s.paid()
		s.gateway.hook = func(at string) error {
			if at == "after refund" {
				return errLost
			}
			return nil
		}
		_, err := s.svc.Refund(bg, payment.Ask{Payment: p.ID, Key: "r", Amount: 100, Reason: payment.ForCancelled, Actor: access.Console()})
		s.must(err)
		for range 14 {
			s.later(90 * time.Minute)
		}
		dead, err := s.jobs.Counts(bg)
		s.must(err)
		if dead["dead"] == 0 || s.get(p).Refunded != 0 {
			t.Fatalf("the job is not dead: %v", dead)
		}
		s.gateway.hook = nil
		s.later(2 * time.Hour)
		if q := s.get(p); q.Refunded != 100 {
			t.Fatalf("refunded %d", q.Refunded)
		}
		s.ledger()
	})
}
