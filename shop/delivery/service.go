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
	d    Deps
	kept atomic.Pointer[settings]
}

// New makes a Service.
func New(d Deps) *Service { return &Service{d: d} }

// Offers lists what can be chosen for a place, a weight and a sum of goods (after discounts), cheapest first and
// pick-up last. A place that no zone names gets none. The postcode may be empty while it is not known.
func (s *Service) Offers(ctx context.Context, country, postcode string, weightGrams int64, goods money.Amount) (out []Offer, err error) {
	defer fault.Wrap(&err, "delivery: offers")
	err = s.d.DB.Read(ctx, func(tx *db.Tx) error {
		now, err := s.settings(tx)
		if err == nil {
			out = now.offers(country, placeCode(country, postcode), weightGrams, goods, tx.Now(), s.d.Zone)
		}
		return err
	})
	return out, err
}

// placeCode is what zones compare: the bare code in its country's form, so that "D-10115" is 10115.
func placeCode(country, postcode string) string {
	if code, ok := Postcode(country, postcode); ok {
		postcode = code
	}
	return bareCode(postcode)
}

// settings are those of the newest version, read anew only when it changed.
func (s *Service) settings(tx *db.Tx) (*settings, error) {
	version, err := version(tx)
	if err != nil {
		return nil, err
	}
	if kept := s.kept.Load(); kept != nil && kept.version == version {
		return kept, nil
	}
	now, err := load(tx, version)
	if err == nil {
		s.kept.Store(now)
	}
	return now, err
}

// validKey says whether a text can be a method's key.
func validKey(k string) bool {
	return k != "" && len(k) <= 40 && strings.Trim(k, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
