package fraud_test

import (
	"net/netip"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/access/accesstest"
	"strongroom/shop/fraud"
)

// attack makes the store strict, as testers do.
func (s *store) attack() {
	s.t.Helper()
	for range 30 {
		if s.mode().Strict {
			return
		}
		a := s.attempt()
		s.buy(a, declined)
	}
	s.t.Fatal("thirty newcomers with declined cards made nobody strict")
}

// A store becomes strict by itself, tells its owner, lets people with history through, opens a few sessions, and goes
// back by itself; who waited can pay then.
func TestStrictTimesBeginAndEndByThemselves(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		s.solves = true
		known := s.attempt()
		s.buy(known, pays)
		s.attack()
		if m := s.buy(s.again(known), pays); m.stepped || m.stop != nil {
			t.Errorf("somebody who has paid before met %+v", m)
		}
		var waits []id.ID
		for range 8 {
			if m := s.buy(s.attempt(), leaves); isKey(m.stop, fraud.ErrWaiting.Key) {
				waits = append(waits, m.order)
			} else if !m.stepped || m.stop != nil {
				t.Errorf("a newcomer met %+v", m)
			}
		}
		if want := 8 - int(fraud.Defaults().Budget); len(waits) != want {
			t.Errorf("%d newcomers wait; want %d", len(waits), want)
		}
		s.wait(19 * time.Minute)
		if !s.mode().Strict {
			t.Error("strict times ended too early")
		}
		s.wait(30 * time.Minute)
		if s.mode().Strict || s.entries("fraud.calm") != 1 {
			t.Errorf("strict times do not end")
		}
		if _, err := s.jobs.RunDue(s.ctx); err != nil || len(s.freed) != len(waits) || len(s.alarms) != 2 || s.alarms[1].Strict {
			t.Errorf("freed %d of %d, alarms %+v, %v", len(s.freed), len(waits), s.alarms, err)
		}
		for _, o := range waits {
			var m met
			if stop := s.enter(o, &m); stop != nil || m.stepped {
				t.Errorf("who waited met %v, %+v", stop, m)
			}
		}
		if m := s.buy(s.attempt(), pays); m.stepped {
			t.Error("a newcomer is still asked for a step")
		}
	})
}

// A paid session in strict times opens others, a declined one makes the pause longer.
func TestPaidSessionsLoosenStrictTimes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		s.solves = true
		s.attack()
		left := s.mode().Sessions()
		for range 4 {
			s.buy(s.attempt(), pays)
		}
		if got := s.mode().Sessions(); got != left+1 {
			t.Errorf("after four paid sessions %d are left; there were %d", got, left)
		}
		s.buy(s.attempt(), declined)
		if got := s.mode().Sessions(); got != left {
			t.Errorf("after a declined session %d are left; want %d", got, left)
		}
		odd := s.attempt()
		odd.Drafted, odd.Carted = s.Clock.Now(), s.Clock.Now()
		if m := s.buy(odd, pays); !isKey(m.stop, fraud.ErrWaiting.Key) {
			t.Errorf("somebody new who types faster than people met %+v", m)
		}
	})
}

// Limits follow what went before: declines in one browser, under many addresses and networks.
func TestDeclinesOfABrowserAddUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		device := id.NewToken()
		var last met
		for range 12 {
			a := s.attempt()
			a.Device = device
			last = s.buy(a, declined)
		}
		if last.stop == nil || last.sessions > 0 {
			t.Errorf("the twelfth order of a browser whose cards are all declined met %+v", last)
		}
		other := s.attempt()
		if m := s.buy(other, pays); m.stepped {
			t.Errorf("somebody else met %+v", m)
		}
		s.wait(5 * 24 * time.Hour)
		a := s.attempt()
		a.Device = device
		if m := s.buy(a, pays); m.stepped || m.stop != nil {
			t.Errorf("five days later the browser met %+v", m)
		}
	})
}

// Within one order a few declined cards ask for a step, and some more end it.
func TestOneOrderSeesFewCards(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		m := s.buy(s.attempt(), declined, declined, declined, declined, declined, declined, declined, declined)
		if !m.stepped || int64(m.sessions) > fraud.Defaults().Tries+3 || !isKey(m.stop, fraud.ErrRefused.Key) {
			t.Errorf("%+v", m)
		}
	})
}

// A riddle is the order's own, its answer is checked, and a wrong one opens nothing (V2.3.1).
func TestARiddleIsTheOrdersOwn_V2_3_1(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		s.attack()
		a, b := s.attempt(), s.attempt()
		for _, x := range []fraud.Attempt{a, b} {
			v, err := s.f.Assess(s.ctx, x)
			s.must(err)
			s.must(s.Data.Write(s.ctx, func(tx *db.Tx) error { return s.f.Placed(tx, x.Order, v, guest) }))
		}
		answer := fraud.Solve(s.f.Riddle(a.Order))
		for _, wrong := range []string{"", "0,0,0,0,0,0,0,0", answer + ",1", "+" + answer, fraud.Solve(s.f.Riddle(b.Order))} {
			err := s.Data.Write(s.ctx, func(tx *db.Tx) error { return s.f.Take(tx, a.Order, wrong, guest) })
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%.20q was taken: %v", wrong, err)
			}
		}
		s.must(s.Data.Write(s.ctx, func(tx *db.Tx) error { return s.f.Take(tx, a.Order, answer, guest) }))
		err := s.Data.Write(s.ctx, func(tx *db.Tx) error {
			pass, err := s.f.Gate(tx, a.Order, fraud.Ask{})
			if pass.Err != nil || !pass.Secure {
				t.Errorf("%+v", pass)
			}
			return err
		})
		s.must(err)
	})
}

// Lists: who is blocked cannot order, who is allowed is let through, and lines end by themselves.
func TestLists(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		who := accesstest.With(access.FraudDecide)
		put := func(w fraud.Wish) { s.must(s.f.Put(s.ctx, who, w)) }
		outcome := func(a fraud.Attempt) fraud.Outcome {
			v, err := s.f.Assess(s.ctx, a)
			s.must(err)
			return v.Outcome
		}
		a := s.attempt()
		a.Email = "Mallory+shop@Attackers.example"
		put(fraud.Wish{Kind: fraud.Address, Value: "mallory@attackers.example", Why: "chargebacks", Days: 2})
		if outcome(a) != fraud.Refuse {
			t.Error("a blocked address was taken")
		}
		s.Clock.Advance(49 * time.Hour)
		if outcome(a) != fraud.Allow {
			t.Error("a line that has ended still blocks")
		}
		put(fraud.Wish{Kind: fraud.Domain, Value: "attackers.example", Why: "all of them"})
		put(fraud.Wish{Kind: fraud.Network, Value: "198.51.100.77", Why: "a colleague's office", Allow: true})
		if outcome(a) != fraud.Refuse {
			t.Error("a blocked domain was taken")
		}
		a.From = netip.MustParseAddr("198.51.100.3")
		if outcome(a) != fraud.Allow {
			t.Error("the allow list does not go first")
		}
		list, err := s.f.Entries(s.ctx, who)
		if err != nil || len(list) != 2 {
			t.Fatalf("%d lines, %v", len(list), err)
		}
		for _, e := range list {
			s.must(s.f.Drop(s.ctx, who, e.ID))
		}
		a.From = netip.MustParseAddr("192.0.2.1")
		if outcome(a) != fraud.Allow {
			t.Error("a line that was taken off still blocks")
		}
		err = s.f.Put(s.ctx, who, fraud.Wish{Kind: fraud.Address, Value: "x"})
		if f := fault.As(err); f == nil || len(f.Fields) != 2 {
			t.Errorf("two things are wrong, and what is said is %v", err)
		}
		put(fraud.Wish{Kind: fraud.Address, Value: "öde@höfe.example", Why: "letters of two bytes"})
		if s.entries("fraud.list") != 4 || s.entries("fraud.unlist") != 2 {
			t.Error("changes of the lists are not in the log")
		}
		for _, bad := range []fraud.Wish{{Kind: fraud.Address, Value: "nobody", Why: "x"}, {Kind: fraud.Network, Value: "here", Why: "x"},
			{Kind: fraud.Domain, Value: "x", Why: "x"}, {Kind: fraud.Address, Value: "a@b.example"}, {Kind: fraud.Device, Why: "x"}} {
			if err := s.f.Put(s.ctx, who, bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
	})
}

// V8.2.1: every method for staff wants its right.
func TestEveryMethodWantsItsRight_V8_2_1(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		acts := map[string]struct {
			may access.Permission
			act func(access.Actor) error
		}{
			"Put": {access.FraudDecide, func(w access.Actor) error {
				return s.f.Put(s.ctx, w, fraud.Wish{Kind: fraud.Domain, Value: "x.example", Why: "test"})
			}},
			"Drop":    {access.FraudDecide, func(w access.Actor) error { return s.f.Drop(s.ctx, w, id.ID{9}) }},
			"Entries": {access.FraudDecide, func(w access.Actor) error { _, err := s.f.Entries(s.ctx, w); return err }},
			"Queue":   {access.FraudDecide, func(w access.Actor) error { _, err := s.f.Queue(s.ctx, w); return err }},
			"Calm":    {access.FraudRules, func(w access.Actor) error { return s.f.Calm(s.ctx, w) }},
			"Compare": {access.FraudRules, func(w access.Actor) error { _, _, err := s.f.Compare(s.ctx, w, fraud.Defaults()); return err }},
			"SetRules": {access.FraudRules, func(w access.Actor) error {
				w.Fresh = true
				return s.f.SetRules(s.ctx, w, fraud.Defaults())
			}},
		}
		for name, x := range acts {
			for who, actor := range accesstest.Actors() {
				err := x.act(actor)
				if denied := isKey(err, "access.denied"); denied == actor.May(x.may) {
					t.Errorf("%s by %s: %v", name, who, err)
				}
			}
		}
	})
}

// The effect of other rules is computed from what was kept, and rules that make no sense are refused.
func TestTheEffectOfRulesIsShown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		for range 6 {
			s.buy(s.attempt(), pays)
		}
		for range 4 {
			a := s.attempt()
			a.Email, a.Billing = "x"+itoa(s.n)+"@mailinator.com", "AT"
			s.buy(a, pays)
		}
		who := accesstest.With(access.FraudRules)
		who.Fresh = true
		r := fraud.Defaults()
		r.Step = 20
		now, then, err := s.f.Compare(s.ctx, who, r)
		s.must(err)
		if now.Orders != 10 || now.Bothered() != 0 || then.Bothered() != 4 || then.Met[fraud.Step] != 4 {
			t.Errorf("now %+v, then %+v", now, then)
		}
		s.must(s.f.SetRules(s.ctx, who, r))
		if s.mode().Rules != r || s.entries("fraud.rules") != 1 {
			t.Errorf("%+v", s.mode().Rules)
		}
		r.Hold = 10
		if err := s.f.SetRules(s.ctx, who, r); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v", err)
		}
	})
}
