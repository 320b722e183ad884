package fraud

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
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
	keepPaid  = keepTally           // a buyer has 120 days to dispute what she paid by card; and her erasure finds her counts by it
	// lateSweep is how long the store may have stood still and still find what it had to remove meanwhile; at its start
	// it looks at everything.
	lateSweep = 3 * 24 * time.Hour
	// HeldFor is how long an order that a person looks at keeps its goods.
	HeldFor = 24 * time.Hour
	// mostWaiting is how many orders may wait with goods set aside for them; beyond it an attack could empty the shelves.
	mostWaiting = 50
)

// Service is the defence.
type Service struct {
	d     Deps
	mac   func(label string, data []byte) []byte
	swept atomic.Bool // once since the start, over everything
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
	err = s.d.DB.Write(ctx, func(tx *db.Tx) error {
		cases, slot := tx.Now().Add(-keepCases), slotOf(tx.Now())-lastSlots
		from, first := cases.Add(-lateSweep), slot-slotOf(time.Unix(0, 0).Add(lateSweep))
		if !s.swept.Load() {
			from, first = time.Unix(0, 0), 0
		}
		for _, step := range []func() error{
			func() error { return dropCases(tx, from, cases) },
			func() error { return dropPaid(tx, tx.Now().Add(-keepPaid)) },
			func() error { return dropOldUnpaid(tx, tx.Now().Add(-unpaidLast)) },
			func() error { return dropEndedEntries(tx) },
			func() error { return dropTallies(tx, first, slot) },
			func() error { return dropHistory(tx, slotOf(tx.Now().Add(-keepTally))) },
		} {
			if err := step(); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.swept.Store(true)
	}
	return err
}

// Readdressed says that an order's mail address was corrected: what is known of the first one is not its buyer's.
func (s *Service) Readdressed(tx *db.Tx, order id.ID, email string) (err error) {
	defer fault.Wrap(&err, "fraud: readdress")
	mail := foldMail(email)
	return setContact(tx, order, s.hash(Address, mail), s.hash(Domain, domainOf(mail)))
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
