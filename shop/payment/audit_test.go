package payment_test

import (
	"net/http"
	"testing"
	"time"

	"strongroom/guard/audit"
	"strongroom/shop/payment"
)

// acts counts what the audit log says was done, by action and outcome.
func (s *shop) acts() map[string]int {
	s.t.Helper()
	page, err := s.audit.List(bg, audit.Filter{})
	s.must(err)
	out := map[string]int{}
	for _, r := range page.Rows {
		out[r.Action+" "+r.Outcome.String()+" by "+r.Actor.Kind.String()]++
	}
	return out
}

// Every act with money, every refusal and every failure is in the audit log, with who did it (V16.2, V16.3).
func TestEverythingIsAudited(t *testing.T) {
	each(t, func(s *shop) {
		p := s.opened()
		s.gateway.pay(p.Ref)
		s.must(s.notice("evt_1", p))
		_, err := s.svc.Refund(bg, ask(p, "r", 100))
		s.must(err)
		q := s.opened()
		_, err = s.svc.Expire(bg, q.ID)
		s.must(err)
		odd := s.opened()
		s.gateway.edit = func(x *payment.Session) { x.Currency = "JPY" }
		s.must(s.notice("evt_2", odd))
		s.gateway.edit = nil
		_ = s.svc.Notice(bg, "fake", http.Header{}, []byte("{}"))
		s.gateway.reject = true
		_, _ = s.svc.Begin(bg, s.prepare().ID)
		acts := s.acts()
		for _, want := range []string{"payment.open done by system", "payment.paid done by provider", "payment.refund_ask done by console",
			"payment.refunded done by system", "payment.expired done by system", "payment.mismatch refused by provider",
			"payment.notice refused by provider", "payment.start failed by system"} {
			if acts[want] == 0 {
				t.Errorf("the log does not say: %s; it says %v", want, acts)
			}
		}
	})
}

// A flood of forged notices writes a handful of entries, asks the provider nothing and moves nothing.
func TestFloodOfForgedNotices(t *testing.T) {
	each(t, func(s *shop) {
		p := s.opened()
		asked := s.gateway.count("fetch")
		_, before := s.p.Data.Counts()
		for range 500 {
			if err := s.svc.Notice(bg, "fake", http.Header{"Signature": {"forged"}}, []byte(`{"ID":"x"}`)); err == nil {
				t.Fatal("a forged notice was taken")
			}
		}
		if _, after := s.p.Data.Counts(); after-before > 10 {
			t.Errorf("500 forged notices cost %d commits", after-before)
		}
		if s.gateway.count("fetch") != asked {
			t.Error("a forged notice made the store ask")
		}
		s.p.Clock.Advance(2 * time.Minute)
		s.must(s.audit.Flush(bg))
		if n := s.acts()["payment.notice refused by provider"]; n < 2 || n > 10 {
			t.Errorf("%d entries about the flood", n)
		}
		s.is(p, payment.Open)
	})
}
