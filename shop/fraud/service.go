package fraud

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// Deps are what the service stands on.
type Deps struct {
	DB    *db.DB
	Audit *audit.Log
	Jobs  *job.Queue
	MAC   func(label string, data []byte) []byte // keyed hashes that are stored
	Sign  func(label string, data []byte) []byte // of what goes out and comes back
	Crowd int64                                  // by how much more one network may do than usual; 0: nothing
	Log   *slog.Logger
}

// Times of the service.
const (
	keepCases = 35 * 24 * time.Hour // the effect of other rules is shown over 30 days
	// HeldFor is how long an order that a person looks at keeps its goods.
	HeldFor = 24 * time.Hour
	// mostWaiting is how many orders may wait with goods set aside for them; beyond it an attack could empty the shelves.
	mostWaiting = 50
)

// Service is the defence.
type Service struct {
	d   Deps
	mac func(label string, data []byte) []byte
}

// New makes the service and registers its jobs.
func New(d Deps) (*Service, error) {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	d.Crowd = max(d.Crowd, 1)
	s := &Service{d: d, mac: d.MAC}
	for _, err := range []error{
		job.Every(d.Jobs, "fraud.watch", time.Minute, s.Watch),
		job.Every(d.Jobs, "fraud.sweep", time.Hour, s.sweep),
	} {
		if err != nil {
			return nil, fmt.Errorf("fraud: %w", err)
		}
	}
	return s, nil
}

// actor is who acts when the store does by itself.
func actor() access.Actor { return access.System("fraud") }

// sweep removes what has had its time.
func (s *Service) sweep(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "fraud: sweep")
	return s.d.DB.Write(ctx, func(tx *db.Tx) error {
		if err := dropCases(tx, tx.Now().Add(-keepCases)); err != nil {
			return err
		}
		if err := dropOldUnpaid(tx, tx.Now().Add(-unpaidLast)); err != nil {
			return err
		}
		if err := dropEndedEntries(tx); err != nil {
			return err
		}
		return dropTallies(tx, slotOf(tx.Now().Add(-keepTally)))
	})
}

// Forget removes what is kept about an order's person, within the transaction of her erasure: the case, and the counts of
// her address. What her network did is not hers alone and stays for its four days.
func (s *Service) Forget(tx *db.Tx, order id.ID) error {
	if err := dropUnpaid(tx, order); err != nil {
		return err
	}
	c, ok, err := caseOf(tx, order)
	if err != nil || !ok {
		return err
	}
	for _, k := range []struct {
		kind Kind
		key  []byte
	}{{Address, c.keys.contact}, {Device, c.keys.device}} {
		if len(k.key) == 0 {
			continue
		}
		if err := dropTally(tx, k.kind, k.key); err != nil {
			return err
		}
	}
	return dropCase(tx, order)
}
