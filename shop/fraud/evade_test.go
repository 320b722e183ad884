package fraud_test

import (
	"net/netip"
	"slices"
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

func (s *store) disputed(order id.ID) {
	s.t.Helper()
	s.must(s.Data.Write(s.ctx, func(tx *db.Tx) error { return s.f.Disputed(tx, order) }))
}

func (s *store) verdict(a fraud.Attempt) fraud.Verdict {
	s.t.Helper()
	v, err := s.f.Assess(s.ctx, a)
	s.must(err)
	return v
}

func because(v fraud.Verdict, word string) bool {
	return slices.ContainsFunc(v.Reasons, func(r fraud.Reason) bool { return r.Word == word && r.Points > 0 })
}

// A dispute lowers what is thought of the browser, the address and the network that paid, and of nobody else; the next
// order says why. A late one does so, too, but for the network, and after 190 days nobody knows any more.
func TestADisputeLowersTheStanding(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		a, other := s.attempt(), s.attempt()
		s.buy(a, pays)
		s.buy(other, pays)
		if v := s.verdict(s.again(a)); v.Newcomer || v.Score >= 0 {
			t.Fatalf("who has paid is %+v", v)
		}
		s.disputed(a.Order)
		device, contact, network := s.attempt(), s.attempt(), s.attempt()
		device.Device, contact.Email, network.From = a.Device, a.Email, a.From
		if v := s.verdict(device); !because(v, "disputed") || !v.Newcomer || v.Outcome != fraud.Step || !v.Secure() {
			t.Errorf("the browser: %+v", v)
		}
		if v := s.verdict(contact); !because(v, "disputed") || v.Outcome != fraud.Step {
			t.Errorf("the address: %+v", v)
		}
		if v := s.verdict(network); !because(v, "network_disputed") || v.Outcome != fraud.Allow {
			t.Errorf("the network: %+v", v)
		}
		known := s.again(a)
		known.Known = true
		if v := s.verdict(known); !v.Newcomer || v.Outcome != fraud.Step {
			t.Errorf("the account: %+v", v)
		}
		if v := s.verdict(s.again(other)); v.Score >= 0 {
			t.Errorf("somebody else: %+v", v)
		}
		if s.entries("fraud.disputed") != 1 {
			t.Error("the dispute is not in the log")
		}

		week := s.attempt()
		s.buy(week, pays)
		s.Clock.Advance(7 * 24 * time.Hour)
		s.disputed(week.Order)
		if network.From = week.From; because(s.verdict(network), "network_disputed") {
			t.Error("after a week the network pays for a dispute")
		}
		late := s.attempt()
		s.buy(late, pays)
		s.sweepAfter(110 * 24 * time.Hour)
		s.disputed(late.Order)
		device.Device, network.From = late.Device, late.From
		if v, n := s.verdict(device), s.verdict(network); !because(v, "disputed") || because(n, "network_disputed") {
			t.Errorf("after 110 days the browser is %+v, the network %+v", v, n)
		}
		gone := s.attempt()
		s.buy(gone, pays)
		s.sweepAfter(191 * 24 * time.Hour)
		s.disputed(gone.Order)
		if device.Device = gone.Device; because(s.verdict(device), "disputed") {
			t.Error("a case was kept for 191 days")
		}
	})
}

// sweepAfter lets days pass without the store, which then tidies up at its next start.
func (s *store) sweepAfter(d time.Duration) {
	s.t.Helper()
	s.Clock.Advance(d)
	s.start()
	for range 3 {
		if _, err := s.jobs.RunDue(s.ctx); err != nil {
			s.t.Fatal(err)
		}
		s.Clock.Advance(time.Hour)
	}
}

// What has faded goes: networks after four days, declines of everybody too, cases after 35 days; that somebody paid stays
// for 180 days, without whose address came last (V14.2.4, V14.2.7).
func TestNothingIsKeptLongerThanSaid_V14_2_7(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		a := s.attempt()
		s.buy(a, pays)
		s.buy(s.again(a), declined)
		s.buy(s.attempt(), declined)
		count := func(query string) (n int64) {
			s.must(s.Data.Read(s.ctx, func(tx *db.Tx) error { return tx.QueryRow(query).Scan(&n) }))
			return n
		}
		if n := count(`SELECT COUNT(*) FROM fraud_tally WHERE kind = 3`); n != 2 {
			t.Fatalf("%d networks", n)
		}
		s.sweepAfter(4*24*time.Hour + 7*time.Hour)
		if n := count(`SELECT COUNT(*) FROM fraud_tally`); n != 2 {
			t.Errorf("%d counts are left; two say that somebody paid", n)
		}
		if n := count(`SELECT COUNT(*) FROM fraud_tally WHERE declined + opened + names + abandoned + LENGTH(last) > 0`); n != 0 {
			t.Errorf("%d counts say more than that", n)
		}
		if v := s.verdict(s.again(a)); v.Newcomer {
			t.Error("who has paid is not known any more")
		}
		s.sweepAfter(36 * 24 * time.Hour)
		if n := count(`SELECT COUNT(*) FROM fraud_case`); n != 1 {
			t.Errorf("%d cases after 40 days; one was paid", n)
		}
		if n := count(`SELECT COUNT(*) FROM fraud_case WHERE LENGTH(network) + LENGTH(domain) + LENGTH(goods) > 0`); n != 0 {
			t.Error("a paid case keeps more than a dispute asks for")
		}
		s.sweepAfter(180 * 24 * time.Hour)
		if n := count(`SELECT COUNT(*) FROM fraud_tally`) + count(`SELECT COUNT(*) FROM fraud_case`); n != 0 {
			t.Errorf("%d rows after 220 days", n)
		}
	})
}

// In strict times an address that somebody types proves nothing, and tells nobody who buys here: it is a newcomer's until
// she comes through the link in its mail. Then she is known, whether payments are left or not.
func TestATypedAddressProvesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		s.solves = true
		known := s.attempt()
		s.buy(known, pays)
		s.attack()
		for s.mode().Left >= 4 {
			s.buy(s.attempt(), leaves)
		}
		thief, stranger := s.attempt(), s.attempt()
		thief.Email = known.Email
		if v := s.verdict(thief); !v.Newcomer || v.Outcome != s.verdict(stranger).Outcome {
			t.Errorf("with a customer's address: %+v", v)
		}
		for _, a := range []fraud.Attempt{thief, stranger} {
			if m := s.buy(a, pays); !isKey(m.stop, fraud.ErrWaiting.Key) {
				t.Errorf("%+v", m)
			}
		}
		if stop := s.gate(thief.Order, fraud.Ask{Mailed: true}); stop != nil {
			t.Errorf("through the link in her own mail: %v", stop)
		}
		moved := s.attempt()
		moved.Email = known.Email
		s.buy(moved, pays)
		s.must(s.Data.Write(s.ctx, func(tx *db.Tx) error { return s.f.Readdressed(tx, moved.Order, "thief@house.example") }))
		for s.mode().Trust >= 4 {
			a := s.attempt()
			s.buy(a, leaves)
			_ = s.gate(a.Order, fraud.Ask{Mailed: true})
		}
		if stop := s.gate(moved.Order, fraud.Ask{Mailed: true}); !isKey(stop, fraud.ErrWaiting.Key) {
			t.Errorf("through a link that was sent elsewhere: %v", stop)
		}
	})
}

// Whoever types somebody's address, or shares her network, can have her take a step, and neither hold nor refuse her.
func TestNobodyIsShutOutByOthers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		victim := s.attempt()
		for i := range 45 {
			a := s.attempt()
			a.Email = victim.Email
			a.From = netip.AddrFrom4([4]byte{victim.From.As4()[0], victim.From.As4()[1], victim.From.As4()[2], byte(i)})
			s.buy(a, declined, declined)
		}
		s.wait(40 * time.Minute)
		v := s.verdict(victim)
		if !because(v, "contact_declines") || !because(v, "network_declines") || v.Outcome != fraud.Step {
			t.Errorf("%s: %+v", v.Outcome, v.Reasons)
		}
		s.solves, s.reads = true, true
		if m := s.buy(victim, pays); m.stop != nil || m.sessions != 1 {
			t.Errorf("the victim met %+v", m)
		}
	})
}

// An attacker moves about in his /48 as he likes: it is one network. Behind a translator of IPv4 everybody is her own.
func TestNetworksOfIPv6(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		for i := range 9 {
			a := s.attempt()
			a.From = netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 0, 7, byte(i), byte(3 * i), 15: byte(i)})
			s.buy(a, declined)
		}
		next, beside := s.attempt(), s.attempt()
		next.From, beside.From = netip.MustParseAddr("2001:db8:7:ffff::1"), netip.MustParseAddr("2001:db8:8::1")
		if !because(s.verdict(next), "network_declines") || because(s.verdict(beside), "network_declines") {
			t.Error("a /48 is not one network")
		}
		mapped, translated := s.attempt(), s.attempt()
		for range 9 {
			a := s.attempt()
			a.From = netip.MustParseAddr("203.0.113.9")
			s.buy(a, declined)
		}
		mapped.From, translated.From = netip.MustParseAddr("::ffff:203.0.113.77"), netip.MustParseAddr("64:ff9b::203.0.113.5")
		elsewhere := s.attempt()
		elsewhere.From = netip.MustParseAddr("64:ff9b::198.51.100.5")
		if !because(s.verdict(mapped), "network_declines") || !because(s.verdict(translated), "network_declines") || because(s.verdict(elsewhere), "network_declines") {
			t.Error("an IPv4 address is another one in IPv6")
		}
	})
}

// Payments that nobody uses, however many, hide no declined ones, and neither does the age of an order.
func TestNothingHidesDeclines(t *testing.T) {
	for name, hide := range map[string]func(s *store){
		"behind a thousand unused sessions": func(s *store) {
			s.Clock.Advance(time.Minute)
			v := s.verdict(s.attempt())
			s.must(s.Data.Write(s.ctx, func(tx *db.Tx) error {
				for range 1001 {
					if err := s.f.Placed(tx, tx.NewID(), v, guest); err != nil {
						return err
					}
				}
				return nil
			}))
		},
		"in orders of two hours ago": func(s *store) { s.Clock.Advance(2 * time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
				s := open(t, p)
				var orders []id.ID
				for range 14 {
					a := s.attempt()
					s.place(a)
					orders = append(orders, a.Order)
				}
				hide(s)
				for _, o := range orders {
					s.end(o, declined)
				}
				if !s.mode().Strict {
					t.Error("fourteen newcomers with declined cards and nothing else, and the store is calm")
				}
			})
		})
	}
}

// Calm lets those pay who waited, but nobody has looked at them: the next strict times are about them as well.
func TestWaitingIsNoFreePass(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		s.solves = true
		s.attack()
		var waits []id.ID
		for range 9 {
			if m := s.buy(s.attempt(), leaves); m.stop != nil {
				waits = append(waits, m.order)
			}
		}
		s.wait(45 * time.Minute)
		if s.mode().Strict || len(waits) < 2 {
			t.Fatalf("strict %v, %d wait", s.mode().Strict, len(waits))
		}
		s.attack()
		through := 0
		for _, o := range waits {
			if s.gate(o, fraud.Ask{}) == nil {
				through++
			}
		}
		if got := s.mode().Left; through > 0 && got > (fraud.Defaults().Budget-int64(through))*4 {
			t.Errorf("%d passed, and %d quarters are left", through, got)
		}
	})
}

// A busy shop does not stay strict because honest newcomers come as they always do; where so many are unusual it does.
func TestABusyShopBecomesCalm(t *testing.T) {
	for _, busy := range []bool{true, false} {
		dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
			s := open(t, p)
			s.solves = true
			for range 26 {
				if busy {
					v := s.verdict(s.attempt())
					s.must(s.Data.Write(s.ctx, func(tx *db.Tx) error {
						for range 60 {
							if err := s.f.Placed(tx, tx.NewID(), v, guest); err != nil {
								return err
							}
						}
						return nil
					}))
				}
				s.Clock.Advance(time.Hour)
			}
			s.attack()
			for range 50 { // the attack is over; newcomers come, and some want to pay
				s.buy(s.attempt(), leaves)
				s.wait(time.Minute)
			}
			if s.mode().Strict == busy {
				t.Errorf("busy %v: strict %v", busy, s.mode().Strict)
			}
		})
	}
}

// For whom something speaks, a network in which people pay or a mailbox, there are payments of their own: what testers
// without either use up is not theirs. Testers with mailboxes get no more than a few of them.
func TestThoseForWhomSomethingSpeaks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		s.solves = true
		network := netip.MustParseAddr("203.0.113.1")
		for range 4 {
			a := s.attempt()
			a.From = network
			s.buy(a, pays)
		}
		s.attack()
		for s.mode().Left >= 4 { // testers use up what is everybody's
			s.buy(s.attempt(), declined)
		}
		for i := range 12 {
			a := s.attempt()
			a.From = network
			if m := s.buy(a, pays); m.stop != nil {
				t.Fatalf("buyer %d of a network in which people pay met %+v", i, m)
			}
		}
		s.reads = true
		for i := range 12 {
			if m := s.buy(s.attempt(), pays); m.stop != nil {
				t.Fatalf("buyer %d with a mailbox met %+v", i, m)
			}
		}
		given := 0
		for range 40 {
			given += s.buy(s.attempt(), declined).sessions
		}
		if given > 10 {
			t.Errorf("testers with mailboxes got %d sessions", given)
		}
	})
}

// Strict times that begin while sessions are open end such a session at its first declined card.
func TestOpenSessionsEndAtTheFirstDeclineInStrictTimes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		a := s.attempt()
		s.place(a)
		enough := func() (enough bool) {
			s.must(s.Data.Read(s.ctx, func(tx *db.Tx) (err error) { _, enough, err = s.f.News(tx, a.Order, 1); return err }))
			return enough
		}
		if enough() {
			t.Error("one declined card ends a session in quiet times")
		}
		s.attack()
		if !enough() {
			t.Error("in strict times one card after the other is tried in a session from before")
		}
	})
}

// A transfer tries no card: whoever waits can pay by one at once, and takes nothing of what others wait for.
func TestATransferNeedsNoStep(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		s.attack()
		a := s.attempt()
		s.place(a)
		before := s.mode()
		if stop := s.gate(a.Order, fraud.Ask{Cardless: true}); stop != nil || s.mode().Left != before.Left {
			t.Errorf("%v", stop)
		}
		if stop := s.gate(a.Order, fraud.Ask{}); !isKey(stop, fraud.ErrStep.Key) {
			t.Errorf("a card after that: %v", stop)
		}
	})
}

// The lists have an end, and so has the page of what waits, whatever an attack makes of it; who is held comes first.
func TestListsHaveAnEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		s.solves = true
		who := accesstest.With(access.FraudDecide)
		var err error
		for i := range 1001 {
			if err = s.f.Put(s.ctx, who, fraud.Wish{Kind: fraud.Domain, Value: "d" + itoa(i) + ".example", Why: "x"}); err != nil {
				break
			}
		}
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("1,001 lines: %v", err)
		}
		s.attack()
		for range 65 {
			s.buy(s.attempt(), leaves)
		}
		held := s.attempt()
		for range 3 {
			a := s.attempt()
			a.Device = held.Device
			s.place(a)
			s.end(a.Order, declined)
		}
		if v := s.place(held); v.Outcome != fraud.Hold {
			t.Fatalf("%+v", v)
		}
		q, err := s.f.Queue(s.ctx, who)
		if err != nil || len(q.Cases) != 50 || q.More < 5 || q.Cases[0].Order != held.Order {
			t.Errorf("%d cases, %d more, the first is %s, %v", len(q.Cases), q.More, q.Cases[0].State, err)
		}
	})
}
