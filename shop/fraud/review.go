package fraud

import (
	"context"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// Queue is what waits for a person.
type Queue struct {
	Mode  Mode
	Cases []Case // held and then waiting, the oldest first
	More  int64  // that wait as well
	Past  []Case // stopped lately, the newest first
}

// mostShown is how many cases a page shows at once. An attack must not make it so long that nobody can use it.
const mostShown = 50

// Queue lists what waits for a person.
func (s *Service) Queue(ctx context.Context, who access.Actor) (q Queue, err error) {
	defer fault.Wrap(&err, "fraud: queue")
	if err := s.d.Audit.Allow(ctx, who, access.FraudDecide, audit.Act{Action: "fraud.queue", Object: "store"}); err != nil {
		return q, err
	}
	err = s.d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if q.Mode, err = modeOf(tx); err != nil {
			return err
		}
		if q.Cases, err = waiting(tx, mostShown); err != nil {
			return err
		}
		if q.More, err = countHeld(tx); err != nil {
			return err
		}
		q.More -= int64(len(q.Cases))
		q.Past, err = stopped(tx, tx.Now().Add(-7*24*time.Hour), mostShown)
		return err
	})
	return q, err
}

// Waiting counts what waits for a person, for the rail of the desk and the safety page.
func (s *Service) Waiting(ctx context.Context) (n int64, err error) {
	err = s.d.DB.Read(ctx, func(tx *db.Tx) (err error) { n, err = countHeld(tx); return err })
	return n, err
}

// Release lets an order that was held be paid or, if it was paid, be sent. The caller does what follows for the order in
// the same transaction.
func (s *Service) Release(tx *db.Tx, who access.Actor, order id.ID) (c Case, err error) {
	return s.decide(tx, who, order, Released)
}

// Deny has an order that was held come to nothing.
func (s *Service) Deny(tx *db.Tx, who access.Actor, order id.ID) (c Case, err error) {
	return s.decide(tx, who, order, Refused)
}

// Undecided fails unless an order waits for a person, so that nothing is done for it that somebody has decided already.
func (s *Service) Undecided(tx *db.Tx, order id.ID) error {
	c, ok, err := caseOf(tx, order)
	if err == nil && (!ok || !c.waits() || c.Ended == Nothing) {
		err = fault.New(fault.Conflict, "fraud.decided_already")
	}
	return err
}

func (c Case) waits() bool { return c.State == Held || c.State == Waiting }

func (s *Service) decide(tx *db.Tx, who access.Actor, order id.ID, to State) (c Case, err error) {
	defer fault.Wrap(&err, "fraud: decide")
	c, ok, err := caseOf(tx, order)
	if err != nil {
		return c, err
	}
	if !ok || !c.waits() || to == Released && c.Ended == Nothing {
		return c, fault.New(fault.Conflict, "fraud.decided_already")
	}
	moved, err := setDecided(tx, c, to, who.ID)
	if err == nil && !moved {
		err = fault.New(fault.Conflict, "fraud.decided_already")
	}
	if err != nil {
		return c, err
	}
	c.State = to
	return c, s.d.Audit.Record(tx, s.entry(who, "fraud."+to.String(), c))
}

// Calm ends strict times by hand.
func (s *Service) Calm(ctx context.Context, who access.Actor) (err error) {
	defer fault.Wrap(&err, "fraud: end strict times")
	if err := s.d.Audit.Allow(ctx, who, access.FraudRules, audit.Act{Action: "fraud.calm", Object: "store"}); err != nil {
		return err
	}
	return s.d.DB.Write(ctx, func(tx *db.Tx) error {
		m, err := modeOf(tx)
		if err != nil || !m.Strict {
			return err
		}
		return s.end(tx, m, who, "by_hand")
	})
}
