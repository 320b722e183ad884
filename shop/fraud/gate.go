package fraud

import (
	"errors"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
)

// Ask is what is known of somebody who wants a payment session.
type Ask struct {
	Mailed   bool // she came through the link in her mail: that is an extra step, and proves the address
	Cardless bool // she pays by transfer or at the counter: that tries no card
}

// Pass is what the gate says. Err is what the shopper is told when no session is given; what was written stands all the
// same, so the caller commits and returns it afterwards.
type Pass struct {
	Err    error
	Secure bool      // the provider's own extra step is to be asked for
	Until  time.Time // the order keeps its goods so long; zero: as it is
}

// Gate stands before every payment session but the one that an allowed order begins with, inside the transaction that
// prepares it.
func (s *Service) Gate(tx *db.Tx, order id.ID, a Ask) (p Pass, err error) {
	defer fault.Wrap(&err, "fraud: gate")
	c, ok, err := caseOf(tx, order)
	if err != nil || !ok {
		return p, err // an order from before the defence was there
	}
	if a.Cardless && c.State != Held && c.State != Refused {
		return p, nil
	}
	m, err := modeOf(tx)
	if err != nil {
		return p, err
	}
	to, from, err := s.weigh(tx, c, m, a.Mailed, &p)
	if err != nil {
		return p, err
	}
	if to != c.State {
		if err := s.turn(tx, c, to); err != nil {
			return p, err
		}
	}
	if p.Err != nil {
		return p, s.keepGoods(tx, c, to, &p)
	}
	p.Secure = to == Passed || to == Released || c.Outcome != Allow
	return p, addSession(tx, order, from)
}

// weigh says where a case goes now that another session is wanted, and from which budget it is taken, and sets p.Err if
// none is given.
func (s *Service) weigh(tx *db.Tx, c Case, m Mode, mailed bool, p *Pass) (State, lane, error) {
	stop := func(at State, why error) (State, lane, error) {
		p.Err = why
		return at, free, nil
	}
	switch {
	case c.State == Held:
		return stop(Held, ErrHeld)
	case c.State == Refused || c.Declines >= m.Rules.most():
		return stop(Refused, refusal(c.Order))
	case c.State == Asked && !mailed, c.State == Clear && c.Declines >= m.Rules.Tries && !mailed:
		return stop(Asked, ErrStep)
	case c.State == Asked:
		c.State = Passed
	}
	if !m.about(c) || c.State == Released {
		if c.State == Waiting {
			return Passed, free, nil
		}
		return c.State, free, nil
	}
	if c.State == Clear && !mailed {
		return stop(Asked, ErrStep)
	}
	from, given, err := s.share(tx, c, m, mailed)
	if err == nil && !given {
		return stop(Waiting, ErrWaiting)
	}
	return Passed, from, err
}

// about says whether strict times are about a case.
func (m Mode) about(c Case) bool { return m.Strict && c.Newcomer && m.covers(c.keys, int64(c.Total)) }

// share takes a session for a newcomer from what is left in strict times. Whoever proves by the link in her mail that the
// address is hers with which somebody has paid here needs none. For whom something speaks there is a budget of their own;
// who is odd waits until there is plenty.
func (s *Service) share(tx *db.Tx, c Case, m Mode, mailed bool) (from lane, given bool, err error) {
	rows, err := rowsOf(tx, c.keys, slotOf(tx.Now()))
	if err != nil {
		return free, false, err
	}
	var contact, network tally
	for _, r := range rows {
		switch r.kind {
		case Address:
			contact.add(r, slotOf(tx.Now()))
		case Network:
			network.add(r, slotOf(tx.Now()))
		}
	}
	if mailed && contact.good() > 0 {
		return free, true, nil
	}
	odd := c.odd()
	if c.Declines == 0 && (mailed || !odd && network.proven()) {
		if given, err = spendTrust(tx); given || err != nil {
			return trusted, given, err
		}
		from = trusted // pays back where she belongs, if she is given one of everybody's
	} else {
		from = anybody
	}
	kept := int64(0)
	if odd {
		kept = m.Rules.Budget + spare
	}
	given, err = spend(tx, kept)
	return from, given, err
}

// proven says whether enough people pay in a network, and few cards are declined, that somebody new from it is likely one
// of them.
func (t tally) proven() bool { return t.good() >= 3 && t.good() > 4*t.bad() }

// odd says whether anything about a case speaks against it beside that it is new. In strict times such a one gets a session
// only when there are plenty.
func (c Case) odd() bool {
	for _, r := range c.Reasons {
		if r.Points > 0 && r.Word != "strict_times" {
			return true
		}
	}
	return c.Declines > 0
}

// turn moves a case on and leaves an entry, which names what stands in the way.
func (s *Service) turn(tx *db.Tx, c Case, to State) error {
	moved, err := setState(tx, c, to)
	if err != nil || !moved {
		return err
	}
	c.State = to
	return s.d.Audit.Record(tx, s.entry(actor(), "fraud."+to.String(), c))
}

// keepGoods sets aside the goods of an order that waits for others than its buyer, but not of more than a few: who
// tries out cards must not empty the shelves.
func (s *Service) keepGoods(tx *db.Tx, c Case, to State, p *Pass) error {
	if to != Waiting || c.State == Waiting {
		return nil
	}
	n, err := countWaiting(tx)
	if err == nil && n <= mostWaiting {
		p.Until = tx.Now().Add(HeldFor)
	}
	return err
}

// MayHold says whether a further order may be held with its goods set aside.
func (s *Service) MayHold(tx *db.Tx) (bool, error) {
	n, err := countWaiting(tx)
	return n < mostWaiting, err
}

// News says whether so many declines in the session that is open are more than is known, and whether they are enough to
// close it.
func (s *Service) News(tx *db.Tx, order id.ID, declines int64) (news, enough bool, err error) {
	c, ok, err := caseOf(tx, order)
	if err != nil || !ok || c.Ended == Paid {
		return false, false, err
	}
	m, err := modeOf(tx)
	most := m.Rules.Tries
	if err == nil && m.about(c) && c.spent == free && c.State != Released { // opened before it began, without anything having been asked
		most = 1
	}
	return declines > c.running, declines >= most, err
}

// Signals is what a provider said of how a session was paid.
type Signals struct {
	Declines int64  // in this session
	Country  string // of the card
	Postcode string // "pass", "fail"
	Secured  bool
	Delivery string // where the order goes
	Billing  string
}

// Points of what a provider says after a payment.
func (g Signals) reasons() (out []Reason) {
	if g.Country != "" && g.Country != g.Delivery && g.Country != g.Billing {
		out = append(out, Reason{"card_country", 15})
	}
	if g.Postcode == "fail" {
		out = append(out, Reason{"card_postcode", 15})
	}
	if g.Secured {
		out = append(out, Reason{"card_secured", -30})
	}
	if g.Declines >= 3 {
		out = append(out, Reason{"many_cards", 20})
	}
	return out
}

// Tell says what became of a session, within the transaction that moves its payment. held says that the order was paid
// and that a person should look before the goods leave.
func (s *Service) Tell(tx *db.Tx, order id.ID, end End, declined bool, g Signals) (held bool, err error) {
	defer fault.Wrap(&err, "fraud: tell")
	for range toldAgain {
		held, done, err := s.tell(tx, order, end, declined, g)
		if done || err != nil {
			return held, err
		}
	}
	return false, errMoving
}

// toldAgain is how often an end is written anew because another one was written between reading the case and writing it:
// the return page and a notice may tell of two at once.
const toldAgain = 5

var errMoving = errors.New("fraud: the case is being moved by somebody else again and again")

// tell is Tell, once. done is false when the case was moved by somebody else meanwhile.
func (s *Service) tell(tx *db.Tx, order id.ID, end End, declined bool, g Signals) (held, done bool, err error) {
	c, ok, err := caseOf(tx, order)
	if err != nil || !ok || c.Ended == Paid {
		return false, true, err
	}
	more := g.Declines
	if declined {
		more = max(more, 1)
	}
	more = max(more-c.running, 0)
	over := end == Paid || declined
	if more == 0 && !over && end == c.Ended {
		return false, true, nil
	}
	if end == Open {
		end = c.Ended
	}
	seen := c.Seen
	if end == Paid {
		seen = g.reasons()
	}
	wrote, err := setEnd(tx, c, more, end, over, seen)
	if err != nil || !wrote {
		return false, false, err
	}
	if err = s.count(tx, c, end, more); err != nil {
		return false, true, err
	}
	switch {
	case end == Paid:
		held, err = s.paid(tx, c, seen)
	case more > 0 && c.Newcomer:
		err = s.alert(tx, c)
	}
	return held, true, err
}

// Closed says that somebody cancelled an order: it waits for nobody any more, and nothing is counted against its buyer.
func (s *Service) Closed(tx *db.Tx, order id.ID) (err error) {
	defer fault.Wrap(&err, "fraud: closed")
	return setClosed(tx, order)
}

// count adds to the counts of a case's browser, address and network.
func (s *Service) count(tx *db.Tx, c Case, end End, declined int64) error {
	x := change{declined: declined}
	switch end {
	case Paid:
		x.paid, x.declined = 1, 0 // whoever pays in the end mistyped
	case Nothing:
		if c.Declines == 0 && declined == 0 && c.Sessions > 0 {
			x.abandoned = 1
		}
	}
	if x.declined == 0 && x.paid == 0 && x.abandoned == 0 {
		return nil
	}
	device, contact, network := x, x, x
	device.kind, device.key = Device, c.keys.device
	contact.kind, contact.key = Address, c.keys.contact
	network.kind, network.key = Network, c.keys.network
	return addRows(tx, slotOf(tx.Now()), []change{device, contact, network})
}

// paid is the better end. In strict times it earns sessions for others; what the provider says of the card may have a
// person look before the goods leave.
func (s *Service) paid(tx *db.Tx, c Case, seen []Reason) (held bool, err error) {
	if err := s.payBack(tx, c); err != nil {
		return false, err
	}
	if c.State == Released || !c.Newcomer || c.Score+sum(seen) < leastHold {
		return false, nil
	}
	m, err := modeOf(tx)
	if err != nil || c.Score+sum(seen) < m.Rules.Hold {
		return false, err
	}
	c.Ended = Paid
	return true, s.turn(tx, c, Held)
}

// payBack fills the budget that a paid session was taken from, and shortens the pause until the next one: newcomers pay
// again.
func (s *Service) payBack(tx *db.Tx, c Case) (err error) {
	switch c.spent {
	case free:
		return nil
	case trusted:
		err = earnTrust(tx, earnedTrust, mostBudget*quarters)
	default:
		err = earn(tx, earned, mostBudget*quarters)
	}
	if err != nil {
		return err
	}
	return calmer(tx, firstPause, tx.Now().Add(firstPause))
}

// Disputed counts a dispute against whoever paid: the card was another's, or says so. The network counts only if she
// paid lately; who is in it by now is nobody's business of hers. It is called once for each dispute.
func (s *Service) Disputed(tx *db.Tx, order id.ID) (err error) {
	defer fault.Wrap(&err, "fraud: disputed")
	c, ok, err := caseOf(tx, order)
	if err != nil || !ok {
		return err
	}
	list := []change{{kind: Device, key: c.keys.device, disputed: 1}, {kind: Address, key: c.keys.contact, disputed: 1}}
	if slotOf(tx.Now())-slotOf(c.At) <= lastSlots {
		list = append(list, change{kind: Network, key: c.keys.network, disputed: 1})
	}
	if err := addRows(tx, slotOf(tx.Now()), list); err != nil {
		return err
	}
	if err := setSeen(tx, c, append(c.Seen, Reason{"disputed", 45})); err != nil {
		return err
	}
	return s.d.Audit.Record(tx, s.entry(actor(), "fraud.disputed", c))
}
