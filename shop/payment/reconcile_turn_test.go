package payment_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/shop/payment"
)

// lease is how long a comparison may say nothing.
const lease = 20 * time.Second

// hold is a process that began a comparison and was killed: it keeps its lease and says nothing.
func (s *shop) hold(step string) {
	s.t.Helper()
	s.must(s.p.Data.Write(bg, func(tx *db.Tx) error {
		return tx.Guard(errPayee, `UPDATE payment_reconcile SET holder = $1, until_at = $2, step = $3, cursor = '', ended_at = 0`,
			id.New(tx.Now(), nil), tx.Now().Add(lease).UnixMicro(), step)
	}))
}

func (s *shop) running() bool {
	s.t.Helper()
	list, err := s.svc.Comparisons(bg, access.Console())
	s.must(err)
	return len(list) == 1 && list[0].Running
}

// withAccount is a shop with a payment in its provider's account that has been compared once.
func withAccount(s *shop) *banker {
	s.t.Helper()
	b := newBanker(s)
	p := s.opened()
	b.take(p)
	s.p.Clock.Advance(time.Minute)
	s.reconcile()
	return b
}

// One comparison at a time: whoever comes meanwhile is told so, and goes on with it soon after its process was killed.
func TestOneReconcileAtATime(t *testing.T) {
	each(t, func(s *shop) {
		b := withAccount(s)
		var inner error
		s.gateway.hook = func(at string) error {
			if at == "before movements" && inner == nil {
				_, inner = s.svc.Reconcile(bg, access.Console(), "fake", payment.Span{})
			}
			return nil
		}
		s.reconcile()
		if !fault.Is(inner, fault.Conflict) {
			t.Errorf("two at once: %v", inner)
		}
		s.gateway.hook = nil
		s.hold("compare")
		if _, err := s.svc.Reconcile(bg, access.Console(), "", payment.Span{}); !fault.Is(err, fault.Conflict) || !s.running() {
			t.Errorf("a lease was not heeded: %v", err)
		}
		s.p.Clock.Advance(lease + time.Second)
		if s.running() {
			t.Error("a dead comparison is said to run")
		}
		if r := s.agrees(); !r.Resumed {
			t.Error("it was not gone on with")
		}
		if b.fetched < 2 {
			t.Errorf("%d pages were fetched", b.fetched)
		}
	})
}

// A comparison that is at work keeps its lease, however long a page takes.
func TestReconcileSaysThatItIsAtWork(t *testing.T) {
	each(t, func(s *shop) {
		s.beat = time.Millisecond
		withAccount(s)
		s.gateway.hook = func(at string) error {
			if at != "before movements" {
				return nil
			}
			s.p.Clock.Advance(10 * lease)
			for !s.running() { // the next beat says so, as of the new time
				runtime.Gosched()
			}
			if _, err := s.svc.Reconcile(bg, access.Console(), "", payment.Span{}); !fault.Is(err, fault.Conflict) {
				t.Errorf("a comparison that is at work was taken over: %v", err)
			}
			return nil
		}
		s.reconcile()
		s.gateway.hook = nil
		if s.running() {
			t.Error("it is over and said to run")
		}
	})
}

// A comparison whose lease went to another process stops, and leaves that lease alone.
func TestReconcileThatWasTakenOver(t *testing.T) {
	each(t, func(s *shop) {
		withAccount(s)
		s.gateway.hook = func(at string) error {
			if at == "before movements" {
				s.hold("fetch")
			}
			return nil
		}
		if _, err := s.svc.Reconcile(bg, access.Console(), "", payment.Span{}); !fault.Is(err, fault.Conflict) {
			t.Errorf("it went on: %v", err)
		}
		if !s.running() {
			t.Error("it let go of another's lease")
		}
		s.gateway.hook = nil
		s.p.Clock.Advance(lease + time.Second)
		s.agrees()
	})
}

// Who waits for a comparison goes on when that has ended or is dead, and no sooner.
func TestAwaitReconcile(t *testing.T) {
	each(t, func(s *shop) {
		s.beat = time.Millisecond
		withAccount(s)
		s.must(s.svc.AwaitReconcile(bg, "fake"))
		s.must(s.svc.AwaitReconcile(bg, "never heard of"))
		s.hold("ledger")
		over, cancel := context.WithCancel(bg)
		cancel()
		if err := s.svc.AwaitReconcile(over, "fake"); err == nil {
			t.Error("it did not wait")
		}
		waited := make(chan error)
		go func() { waited <- s.svc.AwaitReconcile(bg, "fake") }()
		s.p.Clock.Advance(lease + time.Second)
		s.must(<-waited)
		s.agrees()
	})
}

// What somebody asks for at the desk, and what is due at night, happens after the comparison that was killed.
func TestCompareSoonAfterAKill(t *testing.T) {
	each(t, func(s *shop) {
		b := withAccount(s)
		s.hold("order")
		before := b.fetched
		s.must(s.svc.CompareSoon(bg, access.Console()))
		_, err := s.jobs.RunDue(bg)
		s.must(err)
		if b.fetched != before {
			t.Error("two compared at once")
		}
		s.p.Clock.Advance(2 * lease)
		_, err = s.jobs.RunDue(bg)
		s.must(err)
		list, err := s.svc.Comparisons(bg, access.Console())
		s.must(err)
		if len(list) != 1 || list[0].Running || list[0].Ended.IsZero() {
			t.Errorf("%+v", list)
		}
	})
}
