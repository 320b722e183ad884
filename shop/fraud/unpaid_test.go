package fraud_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/shop/fraud"
)

// stands writes the case of an attempt, as placing its order does.
func (s *store) stands(a fraud.Attempt) id.ID {
	s.t.Helper()
	v, err := s.f.Assess(s.ctx, a)
	s.must(err)
	s.must(s.Data.Write(s.ctx, func(tx *db.Tx) error { return s.f.Placed(tx, a.Order, v, access.System("test")) }))
	return a.Order
}

// keeps asks whether an order may keep its goods unpaid.
func (s *store) keeps(order id.ID) error {
	return s.Data.Write(s.ctx, func(tx *db.Tx) error { _, err := s.f.Unpaid(tx, order); return err })
}

// V2.3.4, V2.4.1: many who ask in one name at once keep no more than one after the other would; nothing else makes them wait
// for each other here. A place that is given back can be taken again, what has paid before may have more, and asking again
// for the same order counts once.
func TestUnpaidOrdersAreCountedOneAfterTheOther_V2_3_4(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		a := s.attempt()
		var orders []id.ID
		for range 12 {
			b := s.attempt()
			b.Email, b.Device = a.Email, id.NewToken()
			orders = append(orders, s.stands(b))
		}
		var all sync.WaitGroup
		var kept atomic.Int64
		mine := make([]bool, len(orders))
		for i, o := range orders {
			all.Go(func() {
				err := s.keeps(o)
				if mine[i] = err == nil; mine[i] {
					kept.Add(1)
				} else if !errors.Is(err, fraud.ErrUnpaid) && (fault.As(err) == nil || fault.As(err).Key != fraud.ErrUnpaid.Key) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if kept.Load() != 2 {
			t.Fatalf("%d orders keep goods unpaid, want 2", kept.Load())
		}
		in, out := id.ID{}, id.ID{}
		for i, o := range orders {
			if mine[i] {
				in = o
			} else {
				out = o
			}
		}
		s.must(s.keeps(in))
		if s.keeps(out) == nil {
			t.Error("there is a place that nobody gave back")
		}
		s.must(s.Data.Write(s.ctx, func(tx *db.Tx) error {
			if _, err := s.f.Tell(tx, in, fraud.Paid, false, fraud.Signals{}); err != nil {
				return err
			}
			return s.f.Settled(tx, in)
		}))
		for _, o := range orders { // one place was given back, and one more is earned
			if s.keeps(o) == nil {
				kept.Add(1)
			}
		}
		var n int64
		s.must(s.Data.Read(s.ctx, func(tx *db.Tx) error { return tx.QueryRow(`SELECT COUNT(*) FROM fraud_unpaid`).Scan(&n) }))
		if n != 3 {
			t.Errorf("%d keep goods unpaid after one has paid, want 3", n)
		}
	})
}

// Who asks while another one has asked and not ended waits: both would find the same last place otherwise. How long the first
// one stays says only how soon a store that does not wait is found out.
func TestTheLastPlaceIsTakenOnce_V2_3_4(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		a := s.attempt()
		var orders []id.ID
		for range 3 {
			b := s.attempt()
			b.Email = a.Email
			orders = append(orders, s.stands(b))
		}
		s.must(s.keeps(orders[0]))
		second := make(chan error, 1)
		asked := false
		s.must(s.Data.Write(s.ctx, func(tx *db.Tx) error {
			_, err := s.f.Unpaid(tx, orders[1])
			if !asked {
				asked = true
				go func() { second <- s.keeps(orders[2]) }()
			}
			select {
			case got := <-second:
				second <- got
			case <-time.After(150 * time.Millisecond):
			}
			return err
		}))
		if err := <-second; err == nil {
			t.Error("two took the last place")
		}
	})
}
