package payment_test

import (
	"testing"
	"time"

	"strongroom/base/db/dbtest"
	"strongroom/shop/payment"
)

// That a session stands waits for a commit to share; until then this process knows it, and asks nobody twice.
func TestAnOpenSessionWaitsForACommit(t *testing.T) {
	s := open(t, dbtest.Patient(t, time.Hour))
	p := s.prepare()
	_, before := s.p.Data.Counts()
	p, err := s.svc.Begin(bg, p.ID)
	s.must(err)
	again, err := s.svc.Begin(bg, p.ID)
	s.must(err)
	_, err = s.svc.Refresh(bg, p.ID)
	s.must(err)
	if again.URL != p.URL || p.URL == "" || again.State != payment.Open || s.gateway.count("start") != 1 {
		t.Errorf("the second time: %+v after %d starts", again, s.gateway.count("start"))
	}
	s.is(p, payment.Prepared) // as the database has it
	s.gateway.pay(p.Ref)
	s.must(s.notice("evt_1", p))
	s.is(p, payment.Paid)
	if _, after := s.p.Data.Counts(); after-before != 1 {
		t.Errorf("%d commits from prepared to paid", after-before)
	}
	s.legal(s.get(p))
}

// When the process dies before that commit, the next one finds the session by its key, even when it is paid already.
func TestALostOpenSessionIsFoundAgain(t *testing.T) {
	for _, way := range []string{"notice", "return"} {
		s := open(t, dbtest.Patient(t, time.Hour))
		p, err := s.svc.Begin(bg, s.prepare().ID)
		s.must(err)
		s.restart() // knows nothing of the session
		s.gateway.pay(p.Ref)
		if way == "notice" {
			s.must(s.notice("evt_1", p, func(n *payment.Notice) { n.Reference = p.Reference }))
		} else {
			_, err := s.svc.Refresh(bg, p.ID)
			s.must(err)
		}
		if q := s.is(p, payment.Paid); q.Ref != p.Ref {
			t.Errorf("%s: paid by %s instead of %s", way, q.Ref, p.Ref)
		}
	}
}
