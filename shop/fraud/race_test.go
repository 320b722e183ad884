package fraud_test

import (
	"net/netip"
	"sync"
	"testing"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/guard/access"
	"strongroom/guard/access/accesstest"
	"strongroom/shop/fraud"
)

// Attack: tried with a browser that is refused, and once more without its cookie. The second attempt has the same
// order and gets a session; its declines must be seen as anybody's, and a refusal of yesterday's draft is today's.
func TestARefusalHidesNoSession(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		s.must(s.f.Put(s.ctx, accesstest.With(access.FraudDecide), fraud.Wish{Kind: fraud.Domain, Value: "refused.example", Why: "test"}))
		for range 40 {
			a := s.attempt()
			good := a.Email
			a.Email = "somebody@refused.example"
			if m := s.buy(a); m.stop == nil {
				t.Fatal("the first attempt was not refused")
			}
			a.Email = good
			if s.buy(a, declined).stop != nil {
				break
			}
		}
		if !s.mode().Strict {
			t.Error("forty declines of orders that were refused before made nobody wary")
		}

		a := s.attempt()
		v := s.place(a)
		v.Outcome = fraud.Refuse
		if err := s.f.RefuseNow(s.ctx, a.Order, v, guest); !isKey(err, fraud.ErrRefused.Key) {
			t.Fatal(err)
		}
		if c := s.caseOf(a); c.State == fraud.Refused {
			t.Error("a second attempt that was refused took the place of an order that stands")
		}
	})
}

func (s *store) caseOf(a fraud.Attempt) (c fraud.Case) {
	s.must(s.Data.Read(s.ctx, func(tx *db.Tx) (err error) { c, _, err = s.f.OfTx(tx, a.Order); return err }))
	return c
}

// The return page and a notice tell of a session's declines and of its payment at once. That it was paid is never lost.
func TestAPaymentIsNeverLostBetweenTwoTellers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		for range 15 {
			a := s.attempt()
			s.place(a)
			var all sync.WaitGroup
			for n := int64(1); n <= 4; n++ {
				all.Go(func() { s.tell(a, fraud.Open, n) })
			}
			all.Go(func() { s.tell(a, fraud.Paid, 0) })
			all.Wait()
			if c := s.caseOf(a); c.Ended != fraud.Paid {
				t.Fatalf("a payment was forgotten: %+v", c)
			}
		}
	})
}

func (s *store) tell(a fraud.Attempt, end fraud.End, declines int64) {
	err := s.Data.Write(s.ctx, func(tx *db.Tx) error {
		_, err := s.f.Tell(tx, a.Order, end, false, fraud.Signals{Declines: declines})
		return err
	})
	if err != nil {
		s.t.Error(err)
	}
}

// A network is listed as the defence counts it, or not at all: of a wider one only its first part would be.
func TestNoPartOfANetworkIsListed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		who := accesstest.With(access.FraudDecide)
		for typed, good := range map[string]bool{"203.0.113.0/24": true, "203.0.113.9/32": true, "203.0.0.0/16": false, "2001:db8::/48": true,
			"2001:db8::1": true, "2001:db8::/32": false, "10.0.0.7": true, "10.0.0.0/8": false, "0.0.0.0/0": false} {
			err := s.f.Put(s.ctx, who, fraud.Wish{Kind: fraud.Network, Value: typed, Why: "test"})
			if good != (err == nil) || !good && !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", typed, err)
			}
		}
		a := s.attempt()
		a.From = netip.MustParseAddr("203.0.113.200")
		if v := s.verdict(a); v.Outcome != fraud.Refuse {
			t.Errorf("a listed network is %s", v.Outcome)
		}
	})
}

// What somebody cancelled waits for nobody, and speaks against nobody.
func TestWhatIsCancelledWaitsForNobody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		who := accesstest.With(access.FraudDecide)
		a := s.attempt()
		v := s.verdict(a)
		v.Outcome = fraud.Hold
		s.must(s.Data.Write(s.ctx, func(tx *db.Tx) error { return s.f.Placed(tx, a.Order, v, guest) }))
		if n, err := s.f.Waiting(s.ctx); n != 1 || err != nil {
			t.Fatalf("%d wait, %v", n, err)
		}
		s.must(s.Data.Read(s.ctx, func(tx *db.Tx) error { return s.f.Undecided(tx, a.Order) }))
		s.must(s.Data.Write(s.ctx, func(tx *db.Tx) error { return s.f.Closed(tx, a.Order) }))
		q, err := s.f.Queue(s.ctx, who)
		if n, werr := s.f.Waiting(s.ctx); err != nil || werr != nil || n != 0 || len(q.Cases) != 0 {
			t.Errorf("%d wait and %d are shown, %v, %v", n, len(q.Cases), err, werr)
		}
		err = s.Data.Read(s.ctx, func(tx *db.Tx) error { return s.f.Undecided(tx, a.Order) })
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("an order that came to nothing can be decided about: %v", err)
		}
	})
}
