package fraud_test

import (
	"math/rand/v2"
	"net/netip"
	"os"
	"testing"
	"time"

	"strongroom/base/db/dbtest"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/shop/fraud"
)

// size is how large a crowd is: small in every run, whole when the attacks run in full.
func size(small, full int) int {
	if os.Getenv("STRONGROOM_TEST_ATTACK") == "full" {
		return full
	}
	return small
}

// tester is one who tries out cards: a browser, an address and a network of his own each time, something cheap, and
// several cards within a session.
func (s *store) tester(r *rand.Rand) fraud.Attempt {
	a := s.attempt()
	if a.Total = 900; r.IntN(2) == 0 { // the others take their time
		a.Drafted, a.Carted = s.Clock.Now().Add(-time.Second), s.Clock.Now().Add(-3*time.Second)
	}
	a.Goods = []id.ID{{1, byte(r.IntN(3))}}
	return a
}

// cards is what a tester does on the pages that he is given.
func cards(r *rand.Rand) []result {
	return [][]result{{declined}, {declined, declined}, {declined3}, {{declines: 5}}, {declined, declined3, declined}}[r.IntN(5)]
}

// Row 10 at the service: card testers from rotating addresses get at most 10 further payment sessions after their first
// 50 declines, whether or not they solve what is asked of them (V2.4.1, V2.4.2).
func TestCardTestersGetFewSessions_V2_4_1(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		r := rand.New(rand.NewPCG(1, 10))
		var declines, further int64
		for i := range size(150, 1000) {
			if i%10 == 0 {
				s.wait(time.Minute)
			}
			a, plan := s.tester(r), cards(r)
			for _, x := range plan {
				before := declines
				m := s.buyOne(&a, x)
				if m.sessions == 0 {
					break
				}
				declines += x.declines
				if before >= 50 {
					further++
				}
			}
		}
		if declines < 15 || further > 10 {
			t.Errorf("%d sessions after the first 50 of %d declines", further, declines)
		}
		m := s.mode()
		if !m.Strict || s.entries("fraud.strict") != 1 {
			t.Errorf("strict %v, %d entries", m.Strict, s.entries("fraud.strict"))
		}
		if _, err := s.jobs.RunDue(s.ctx); err != nil || len(s.alarms) != 1 || !s.alarms[0].Strict {
			t.Errorf("the owner was told %+v, %v", s.alarms, err)
		}
		t.Logf("%d declines in all, %d sessions after the first 50", declines, further)
	})
}

// patient is a tester who looks like any honest newcomer: a browser, an address, a network and a cart of his own, no haste,
// one country. Nothing speaks against him but that his cards are declined. Some try a second one, or another day of theirs.
func (s *store) patient(r *rand.Rand) (fraud.Attempt, []result) {
	a := s.attempt()
	a.Total = money.Amount(1500 + r.IntN(9000))
	a.Goods = []id.ID{{1, byte(r.IntN(60))}}
	return a, [][]result{{declined}, {declined}, {declined, declined}, {{declines: 2}}}[r.IntN(4)]
}

// Patient testers are caught by nothing but how their payments end, and the bound holds for them, too: at their own pace over
// hours, with riddles solved, with mailboxes that they read and without, and after a sale of honest buyers that makes the
// store expect declines (V2.4.1).
func TestPatientTestersGetFewSessions_V2_4_1(t *testing.T) {
	for _, mailboxes := range []bool{false, true} {
		dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
			s := open(t, p)
			r := rand.New(rand.NewPCG(4, 10))
			for i := range size(100, 1000) {
				if i%60 == 0 {
					s.wait(time.Minute)
				}
				a, plan := s.honest(r)
				s.buy(a, plan...)
			}
			s.solves, s.reads = true, mailboxes
			var declines, further, all int64
			for i := range size(150, 1000) {
				if i%20 == 0 {
					s.wait(time.Minute)
				}
				a, plan := s.patient(r)
				s.last = id.ID{}
				for _, x := range plan {
					before := declines
					m := s.buyOne(&a, x)
					if m.sessions == 0 {
						break
					}
					declines += x.declines
					all++
					if before >= 50 {
						further++
					}
				}
			}
			if declines < 15 || further > 10 || all > 60 {
				t.Errorf("%d sessions, %d of them after the first 50 of %d declines", all, further, declines)
			}
			t.Logf("mailboxes %v: %d sessions in all, %d declines, %d sessions after the first 50", mailboxes, all, declines, further)
		})
	}
}

// buyOne is a session of an order that may have had others: the first places it.
func (s *store) buyOne(a *fraud.Attempt, x result) (m met) {
	s.t.Helper()
	if a.Order == s.last {
		if m.stop = s.enter(a.Order, &m); m.stop == nil {
			m.sessions = 1
			s.end(a.Order, x)
		}
		return m
	}
	s.last = a.Order
	return s.buy(*a, x)
}

// honest is somebody who buys in a sale: one of three from a network that many share, some in a hurry, a few with a card
// that is declined at first, now and then one who goes away.
func (s *store) honest(r *rand.Rand) (fraud.Attempt, []result) {
	a := s.attempt()
	if r.IntN(3) == 0 {
		a.From = netip.AddrFrom4([4]byte{203, 0, 113, byte(r.IntN(4))})
	}
	a.Email = []string{"", "x."}[r.IntN(2)] + a.Email
	if r.IntN(2) == 0 {
		a.Goods, a.Total = []id.ID{{1, 2}}, 900 // what the sale is about
	}
	if r.IntN(10) == 0 {
		a.Drafted, a.Carted = s.Clock.Now().Add(-time.Second), s.Clock.Now().Add(-5*time.Second)
	}
	if r.IntN(12) == 0 {
		a.Device = ""
	}
	switch n := r.IntN(100); {
	case n < 84:
		return a, []result{pays}
	case n < 91:
		return a, []result{declined, pays}
	case n < 94:
		return a, []result{{end: fraud.Paid, declines: 1}}
	case n < 96:
		return a, []result{declined}
	}
	return a, []result{leaves}
}

// Of 1,000 honest buyers in a sale at least 990 get through without an extra step, in the same build.
func TestHonestBuyersGetThrough(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		r := rand.New(rand.NewPCG(2, 10))
		n, bothered := size(200, 1000), 0
		for i := range n {
			if i%60 == 0 {
				s.Clock.Advance(time.Minute)
			}
			a, plan := s.honest(r)
			if m := s.buy(a, plan...); m.stepped || m.stop != nil {
				bothered++
			}
		}
		if bothered*100 > n || s.mode().Strict {
			t.Errorf("%d of %d honest buyers were held up; strict: %v", bothered, n, s.mode().Strict)
		}
		t.Logf("%d of %d honest buyers were held up", bothered, n)
	})
}

// Both crowds at once, from the tenth minute of a sale on, as many testers as honest newcomers. Whoever has paid before
// notices nothing. What the testers get stays little, whatever they are like; what the honest meet depends on what speaks for
// them. Most use the link in their mail when they are asked to wait (links), which testers can only if they have mailboxes.
func TestBothCrowdsAtOnce(t *testing.T) {
	for _, x := range []struct {
		name           string
		patient        bool // testers who look like honest newcomers
		links, mailbox bool // whether the honest, and the testers, use the link
		waiting        int  // of a hundred honest newcomers at most
	}{
		{"odd testers", false, true, false, 12},
		{"patient testers", true, true, false, 12},
		{"patient testers, nobody reads mails", true, false, false, 70},
		{"patient testers with mailboxes", true, true, true, 90},
	} {
		t.Run(x.name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
				s := open(t, p)
				s.solves = true
				r := rand.New(rand.NewPCG(3, 10))
				var regulars []fraud.Attempt
				for range size(20, 100) {
					a, _ := s.honest(r)
					a.Device = id.NewToken()
					s.buy(a, pays)
					regulars = append(regulars, a)
				}
				n := size(150, 1000)
				var declines, further, atOnce, stepped, barred, known int
				for i := range n {
					if i%20 == 0 {
						s.wait(time.Minute)
					}
					if i > n/10 {
						a := s.tester(r)
						if x.patient {
							a, _ = s.patient(r)
						}
						before := declines
						if s.reads = x.mailbox; s.buy(a, declined).sessions > 0 {
							if declines++; before >= 50 {
								further++
							}
						}
					}
					a, plan := s.honest(r)
					s.reads = x.links
					switch m := s.buy(a, plan...); {
					case m.stop != nil:
						barred++
					case m.stepped:
						stepped++
					default:
						atOnce++
					}
					if i < len(regulars) {
						if m := s.buy(s.again(regulars[i]), pays); m.stepped || m.stop != nil {
							known++
						}
					}
				}
				t.Logf("testers: %d sessions, %d after 50 declines; honest newcomers: %d at once, %d after a step, %d had to wait; %d regulars held up",
					declines, further, atOnce, stepped, barred, known)
				if known > 0 {
					t.Errorf("%d buyers who have paid before were held up", known)
				}
				if declines > max(n/4, 50) || further > 10 {
					t.Errorf("testers had %d sessions of %d tries, %d after the first 50", declines, n, further)
				}
				if barred*100 > x.waiting*n {
					t.Errorf("%d of %d honest newcomers had to wait", barred, n)
				}
			})
		})
	}
}
