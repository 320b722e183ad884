package payment_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/guard/access"
	"strongroom/shop/payment"
)

// disputed is a paid payment that its buyer disputes, and of which a notice tells.
func (s *shop) disputed(b *banker) (payment.Payment, *payment.DisputeAnswer, payment.Dispute) {
	s.t.Helper()
	p := s.opened()
	b.take(p)
	p, err := s.svc.Refresh(bg, p.ID)
	s.must(err)
	d := b.dispute(p, "dsp_"+random())
	s.must(s.notice("evt_"+d.Ref, p, func(n *payment.Notice) { n.Dispute = d.Ref }))
	return s.get(p), d, s.dispute(p)
}

func (s *shop) dispute(p payment.Payment) payment.Dispute {
	s.t.Helper()
	list, err := s.svc.DisputesOf(bg, p.Order)
	s.must(err)
	if len(list) != 1 {
		s.t.Fatalf("%d disputes", len(list))
	}
	return list[0]
}

// A dispute takes the money, is in the ledger, and nothing can be refunded meanwhile; won, all is as before.
func TestDisputeWon(t *testing.T) {
	each(t, func(s *shop) {
		b := newBanker(s)
		p, at, d := s.disputed(b)
		if d.State != payment.DisputeOpen || d.Taken != total || d.Due.IsZero() || d.Number != p.Number || p.Disputed != total || p.Refundable() != 0 {
			t.Fatalf("%+v %+v", d, p)
		}
		if _, err := s.svc.Refund(bg, ask(p, "r", 1)); !fault.Is(err, fault.Conflict) || s.gateway.count("refund") != 0 {
			t.Errorf("a refund after a chargeback: %v", err)
		}
		if l := s.whole(); s.balance(l, payment.Disputed) != total {
			t.Errorf("%+v", l.Balances)
		}
		e := payment.Evidence{Product: "1 x bowl", Tracking: "00340434", Text: "It arrived."}
		if _, err := s.svc.AnswerDispute(bg, access.System("order"), d.ID, e); !fault.Is(err, fault.Forbidden) {
			t.Errorf("without the right: %v", err)
		}
		if _, err := s.svc.AnswerDispute(bg, access.Console(), d.ID, payment.Evidence{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("an empty answer: %v", err)
		}
		_, err := s.svc.AnswerDispute(bg, access.Console(), d.ID, e) // a draft
		s.must(err)
		e.Submit = true
		d, err = s.svc.AnswerDispute(bg, access.Console(), d.ID, e)
		s.must(err)
		if d.State != payment.DisputeReview || !d.Answered || len(b.answers) != 2 {
			t.Errorf("%+v, %d answers", d, len(b.answers))
		}
		if _, err := s.svc.AnswerDispute(bg, access.Console(), d.ID, e); !fault.Is(err, fault.Conflict) {
			t.Errorf("answered twice: %v", err)
		}
		if n, err := s.svc.OpenWith(bg, p.Provider, p.Account, p.Mode); err != nil || n != 1 {
			t.Errorf("the keys are needed for %d things, %v", n, err)
		}
		b.end(at, payment.DisputeWon)
		s.must(s.notice("evt_won", p, func(n *payment.Notice) { n.Dispute = at.Ref }))
		p = s.get(p)
		if d = s.dispute(p); d.State != payment.DisputeWon || p.Disputed != 0 || p.Refundable() != total {
			t.Errorf("%+v %+v", d, p)
		}
		if n, err := s.svc.OpenWith(bg, p.Provider, p.Account, p.Mode); err != nil || n != 0 {
			t.Errorf("over, and the keys are needed for %d things, %v", n, err)
		}
		if l := s.whole(); s.balance(l, payment.Disputed) != 0 {
			t.Errorf("%+v", l.Balances)
		}
		s.p.Clock.Advance(7 * time.Hour)
		s.agrees()
		_, moves, err := s.svc.Dispute(bg, access.Console(), d.ID)
		s.must(err)
		if len(moves) != 3 || moves[0].New != payment.DisputeOpen || moves[2].New != payment.DisputeWon {
			t.Errorf("%+v", moves)
		}
	})
}

// A dispute whose notice was lost is found by the comparison, and one that is given up stays lost.
func TestDisputeFoundAndGivenUp(t *testing.T) {
	each(t, func(s *shop) {
		b := newBanker(s)
		p := s.opened()
		b.take(p)
		p, err := s.svc.Refresh(bg, p.ID)
		s.must(err)
		s.must(s.notice("evt_refund", p))
		_, err = s.svc.Refund(bg, ask(p, "r", 990))
		s.must(err)
		b.line(payment.Movement{Kind: payment.MovedRefund, Session: p.Ref, Amount: -990})
		at := b.dispute(p, "dsp_1")
		at.Taken, at.Amount = total-990, total-990
		b.lines[len(b.lines)-1].Amount = -(total - 990)
		s.p.Clock.Advance(time.Minute)
		s.agrees()
		d := s.dispute(p)
		if d.Taken != total-990 || s.get(p).Refundable() != 0 {
			t.Fatalf("%+v", d)
		}
		d, err = s.svc.AcceptDispute(bg, access.Console(), d.ID)
		s.must(err)
		if d.State != payment.DisputeAccepted || s.get(p).Disputed != total-990 {
			t.Errorf("%+v", d)
		}
		s.p.Clock.Advance(7 * time.Hour)
		s.agrees()
		if _, err := s.svc.Refund(bg, ask(p, "after", 1)); !fault.Is(err, fault.Conflict) {
			t.Errorf("a refund after a lost dispute: %v", err)
		}
	})
}

// A dispute that cannot be true is listed, and keeps nothing else from being compared, however often.
func TestAnOddDisputeStopsNothing(t *testing.T) {
	each(t, func(s *shop) {
		b := newBanker(s)
		pay := func() payment.Payment {
			p := s.opened()
			b.take(p)
			p, err := s.svc.Refresh(bg, p.ID)
			s.must(err)
			return p
		}
		odd, fine := pay(), pay()
		b.dispute(odd, "dsp_0").Amount = -1
		b.dispute(fine, "dsp_1")
		for range 2 {
			s.p.Clock.Advance(time.Minute)
			_, open := s.reconcile()
			list := open[payment.DisputeUnbooked]
			if !slices.ContainsFunc(list, func(d payment.Difference) bool { return d.Subject == "dispute/dsp_0" }) {
				t.Fatalf("the odd dispute is not listed: %+v", list)
			}
			if d := s.dispute(fine); d.Taken != total {
				t.Fatalf("the other one was not heard of: %+v", d)
			}
		}
	})
}

// In every gap around a call about a dispute the process dies once; one effect at the provider, and one in the ledger.
func TestDisputeGaps(t *testing.T) {
	for _, at := range []string{"before dispute", "after dispute", "before answer", "after answer", "before accept", "after accept"} {
		t.Run(at, func(t *testing.T) {
			each(t, func(s *shop) {
				b := newBanker(s)
				died := false
				s.gateway.hook = func(place string) error {
					if place == at && !died {
						died = true
						return errLost
					}
					return nil
				}
				p := s.opened()
				b.take(p)
				p, err := s.svc.Refresh(bg, p.ID)
				s.must(err)
				x := b.dispute(p, "dsp_1")
				s.must(s.notice("evt_1", p, func(n *payment.Notice) { n.Dispute = x.Ref }))
				s.restart()
				s.later(10 * time.Minute)
				d := s.dispute(p)
				e := payment.Evidence{Text: "It arrived.", Submit: true}
				call := func() error { _, err := s.svc.AnswerDispute(bg, access.Console(), d.ID, e); return err }
				if at[len(at)-6:] == "accept" {
					call = func() error { _, err := s.svc.AcceptDispute(bg, access.Console(), d.ID); return err }
				}
				if err := call(); err != nil {
					s.restart()
					s.must(call())
				}
				if !died || len(b.answers) > 1 {
					t.Errorf("died %v, %d answers", died, len(b.answers))
				}
				s.p.Clock.Advance(7 * time.Hour)
				s.agrees()
			})
		})
	}
}

// After another account has taken a provider's place, a dispute at the old one is still heard of, asked about, answered and
// followed to its end there, and the new one is asked about none of it.
func TestDisputeAtTheOldAccount(t *testing.T) {
	each(t, func(s *shop) {
		old := newBanker(s)
		p := s.opened()
		old.take(p)
		p, err := s.svc.Refresh(bg, p.ID)
		s.must(err)
		fresh := s.replace(old)
		asked := 0
		fresh.hook = func(at string) error {
			if at == "before dispute" {
				asked++
			}
			return nil
		}
		away := true
		s.gateway.hook = func(at string) error {
			if at == "before dispute" && away {
				away = false
				return payment.ErrTemporary
			}
			return nil
		}
		x := old.dispute(p, "dsp_old")
		s.must(s.notice("evt_old", p, func(n *payment.Notice) { n.Dispute = x.Ref }))
		s.later(time.Minute) // nobody answered, and a job asks
		d := s.dispute(p)
		if d.State != payment.DisputeOpen || d.Account != "acct_1" || d.Payment != p.ID || s.get(p).Refundable() != 0 {
			t.Fatalf("%+v %+v", d, s.get(p))
		}
		if n, err := s.svc.OpenWith(bg, p.Provider, p.Account, p.Mode); err != nil || n != 1 {
			t.Errorf("the old keys are needed for %d things, %v", n, err)
		}
		d, err = s.svc.AnswerDispute(bg, access.Console(), d.ID, payment.Evidence{Text: "It arrived.", Submit: true})
		s.must(err)
		old.end(x, payment.DisputeWon)
		s.later(7 * time.Hour) // its notice is lost
		if d = s.dispute(p); d.State != payment.DisputeWon || len(old.answers) != 1 || asked != 0 || s.get(p).Refundable() != total {
			t.Errorf("%+v, %d answers, the new account was asked %d times", d, len(old.answers), asked)
		}
		q := s.opened()
		fresh.take(q)
		q, err = s.svc.Refresh(bg, q.ID)
		s.must(err)
		y := fresh.dispute(q, "dsp_new")
		s.must(s.notice("evt_new", q, func(n *payment.Notice) { n.Dispute, n.Account = y.Ref, "acct_2" }))
		if d = s.dispute(q); d.State != payment.DisputeOpen || d.Account != "acct_2" {
			t.Errorf("%+v", d)
		}
	})
}

// A dispute that is taken up again after its end, or wants another answer, is under way again, and the owner is told so with
// its new deadline; an answer that was only slow takes nothing back.
func TestDisputeTakenUpAgain(t *testing.T) {
	each(t, func(s *shop) {
		b := newBanker(s)
		var letters []string
		s.must(job.Handle(s.jobs, payment.LetterJob, job.Options{}, func(_ context.Context, l payment.Letter) error {
			d, _, current, err := s.svc.ForLetter(bg, l)
			if current {
				letters = append(letters, l.Kind+" "+string(d.State))
			}
			return err
		}))
		p, at, _ := s.disputed(b)
		say := func(event string, to payment.DisputeStatus, due time.Duration) {
			s.t.Helper()
			at.Status, at.Due = to, time.Time{}
			if due > 0 {
				at.Due = s.p.Clock.Now().Add(due).Truncate(time.Second)
			}
			s.must(s.notice(event, p, func(n *payment.Notice) { n.Dispute = at.Ref }))
		}
		s.later(time.Minute)
		say("evt_1", payment.DisputeReview, 0)
		s.later(time.Hour)
		say("evt_2", payment.DisputeOpen, 5*24*time.Hour) // the bank asks again
		s.later(time.Hour)
		say("evt_3", payment.DisputeReview, 0)
		s.later(time.Hour)
		say("evt_4", payment.DisputeLost, 0)
		s.later(time.Second)
		say("evt_5", payment.DisputeOpen, 9*24*time.Hour)
		if d := s.dispute(p); d.State != payment.DisputeLost {
			t.Errorf("a second after its end it is %s", d.State)
		}
		for range 10 {
			s.later(time.Minute) // what was doubtful is asked for again
		}
		if d := s.dispute(p); d.State != payment.DisputeOpen || !d.Due.Equal(at.Due) || d.Next.IsZero() {
			t.Errorf("taken up again: %+v", d)
		}
		for range 8 {
			s.later(24 * time.Hour)
		}
		want := "dispute open, dispute open, dispute_over lost, dispute open, dispute_due open"
		if got := strings.Join(letters, ", "); got != want {
			t.Errorf("the owner was told %s; want %s", got, want)
		}
		s.whole()
	})
}

// The payee hears of a dispute once, however often its notice comes, it moves on or is taken up anew; of a bank's question
// only when a dispute comes of it.
func TestThePayeeHearsOfADisputeOnce(t *testing.T) {
	each(t, func(s *shop) {
		b := newBanker(s)
		p, at, _ := s.disputed(b)
		again := func(event string, to payment.DisputeStatus) {
			at.Status = to
			s.must(s.notice(event, p, func(n *payment.Notice) { n.Dispute = at.Ref }))
		}
		again("evt_1", payment.DisputeOpen)
		again("evt_2", payment.DisputeReview)
		again("evt_3", payment.DisputeOpen)
		b.end(at, payment.DisputeWon)
		again("evt_4", payment.DisputeWon)
		if len(s.accused) != 1 || s.accused[0] != p.Order {
			t.Errorf("told of %v; the order is %s", s.accused, p.Order)
		}
		q := s.opened()
		b.take(q)
		q, err := s.svc.Refresh(bg, q.ID)
		s.must(err)
		x := b.dispute(q, "dsp_asked")
		x.Status, x.Taken = payment.DisputeInquiry, 0
		s.must(s.notice("evt_5", q, func(n *payment.Notice) { n.Dispute = x.Ref }))
		if len(s.accused) != 1 {
			t.Error("told of a question")
		}
		x.Status = payment.DisputeOpen
		s.must(s.notice("evt_6", q, func(n *payment.Notice) { n.Dispute = x.Ref }))
		if len(s.accused) != 2 || s.accused[1] != q.Order {
			t.Errorf("told of %v", s.accused)
		}
	})
}

// The same notice of a dispute many times, and answers of another account or mode, change nothing.
func TestDisputeOnceAndOurs(t *testing.T) {
	each(t, func(s *shop) {
		b := newBanker(s)
		p, at, d := s.disputed(b)
		for i := range 20 {
			s.must(s.notice("evt_more"+string(rune('a'+i%5)), p, func(n *payment.Notice) { n.Dispute = at.Ref }))
		}
		if n := s.emitted("payment.dispute_moved"); n != 1 || s.dispute(p).Moves != d.Moves {
			t.Errorf("told %d times", n)
		}
		for name, spoil := range map[string]func(*payment.DisputeAnswer){
			"account": func(a *payment.DisputeAnswer) { a.Account = "acct_other" },
			"mode":    func(a *payment.DisputeAnswer) { a.Mode = payment.Live },
			"state":   func(a *payment.DisputeAnswer) { a.Status = "haunted" },
			"sum":     func(a *payment.DisputeAnswer) { a.Taken = -1 },
			"huge":    func(a *payment.DisputeAnswer) { a.Amount = 1 << 62 },
		} {
			whole := *at
			spoil(at)
			_ = s.notice("evt_"+name, p, func(n *payment.Notice) { n.Dispute = at.Ref })
			*at = whole
			if x := s.dispute(p); x.State != payment.DisputeOpen || x.Taken != total {
				t.Errorf("%s: %+v", name, x)
			}
		}
		s.whole()
		if _, err := s.svc.AnswerDispute(bg, access.Console(), id.ID{9}, payment.Evidence{Text: "x"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("an unknown dispute: %v", err)
		}
	})
}
