package delivery

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/money"
	"strongroom/guard/audit"
)

// Deps is what a Service stands on.
type Deps struct {
	DB    *db.DB
	Audit *audit.Log
	Zone  *time.Location // the store's
}

// Service answers questions about delivery and keeps its settings.
type Service struct {
	d       Deps
	kept    atomic.Pointer[settings]
	changes atomic.Int64 // by this process
	checked atomic.Int64 // when kept was last known to be the newest, in microseconds of the database's clock
}

// New makes a Service.
func New(d Deps) *Service { return &Service{d: d} }

// checkEvery is how long a process may go without looking at the version that others write.
const checkEvery = 200 * time.Millisecond

// Offers lists what can be chosen for a place, a weight and a sum of goods (after discounts), cheapest first and
// pick-up last. A place that no zone names gets none. The postcode may be empty while it is not known.
func (s *Service) Offers(ctx context.Context, country, postcode string, weightGrams int64, goods money.Amount) (out []Offer, err error) {
	defer fault.Wrap(&err, "delivery: offers")
	now, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	return now.offers(country, placeCode(country, postcode), weightGrams, goods, s.d.DB.Clock().Now(), s.d.Zone), nil
}

// placeCode is what zones compare: the bare code in its country's form, so that "D-10115" is 10115.
func placeCode(country, postcode string) string {
	if code, ok := Postcode(country, postcode); ok {
		postcode = code
	}
	return bareCode(postcode)
}

// current are the settings of the newest version. A change by this process counts at once, one by another process within
// 200 milliseconds.
func (s *Service) current(ctx context.Context) (now *settings, err error) {
	at, changes := s.d.DB.Clock().Now().UnixMicro(), s.changes.Load()
	past := at - s.checked.Load()
	if kept := s.kept.Load(); kept != nil && past >= 0 && past < checkEvery.Microseconds() {
		return kept, nil
	}
	err = s.d.DB.Read(ctx, func(tx *db.Tx) error { now, err = s.settings(tx); return err })
	if err == nil && s.changes.Load() == changes {
		s.checked.Store(at)
	}
	return now, err
}

// settings reads them, if their version is not the one that is known.
func (s *Service) settings(tx *db.Tx) (*settings, error) {
	version, err := version(tx)
	if err != nil {
		return nil, err
	}
	if kept := s.kept.Load(); kept != nil && kept.version == version {
		return kept, nil
	}
	now, err := load(tx, version)
	for old := s.kept.Load(); err == nil && (old == nil || old.version < version); old = s.kept.Load() {
		if s.kept.CompareAndSwap(old, now) {
			break
		}
	}
	return now, err
}

// changed makes every process read the settings anew, this one at once.
func (s *Service) changed(tx *db.Tx) error {
	tx.AfterCommit(func() { s.changes.Add(1); s.checked.Store(0) })
	return bump(tx)
}

// validKey says whether a text can be a method's key.
func validKey(k string) bool {
	return k != "" && len(k) <= 40 && strings.Trim(k, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
