package payment_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"strongroom/base/fault"
	"strongroom/shop/payment"
)

// A provider that keeps sessions for hours only: while it should know one, not knowing it closes nothing; a day after
// its end, what is forgotten is closed. Of what was closed before it is asked as planned and then no more.
func TestForgottenSessions(t *testing.T) {
	each(t, func(s *shop) {
		open, closed := s.opened(), s.opened()
		_, err := s.svc.Expire(bg, closed.ID)
		s.must(err)
		s.gateway.forget(open.Ref)
		s.gateway.forget(closed.Ref)
		s.later(31 * time.Minute)
		s.later(6 * time.Hour)
		s.is(open, payment.Open)
		s.later(25 * time.Hour)
		s.is(open, payment.Expired)
		if s.heard("expired") != 2 {
			t.Errorf("told %v", s.told)
		}
		s.legal(open)
		for range 4 {
			s.later(8 * 24 * time.Hour)
		}
		asked := s.gateway.count("fetch")
		s.later(100 * 24 * time.Hour)
		if n := s.gateway.count("fetch"); n != asked {
			t.Errorf("closed payments are asked about for ever: %d questions more", n-asked)
		}
		s.ledger()
	})
}

// A notice that nobody could verify is neither believed nor called forged: it comes again.
func TestUnverifiableNoticeComesAgain(t *testing.T) {
	each(t, func(s *shop) {
		p := s.opened()
		s.gateway.pay(p.Ref)
		body, _ := json.Marshal(payment.Notice{ID: "evt_1", Ref: p.Ref, Account: "acct_1", Mode: payment.Test})
		err := s.svc.Notice(bg, "fake", http.Header{"Signature": {"nobody to ask"}}, body)
		if !fault.Is(err, fault.Unavailable) {
			t.Fatalf("%v; want Unavailable", err)
		}
		s.is(p, payment.Open)
		s.must(s.notice("evt_1", p))
		s.is(p, payment.Paid)
	})
}
