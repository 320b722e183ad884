package catalog

import (
	"context"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
)

// priorPeriod is how far back the lowest price is looked for (directive 98/6/EC, article 6a).
const priorPeriod = 30 * 24 * time.Hour

// PriceChange is one price of a variant and when it began to hold.
type PriceChange struct {
	At       time.Time
	Price    money.Amount
	WasPrice money.Amount // 0 unless the variant was reduced then
}

// lowest is the lowest price that held at any moment of the 30 days before began, and false if none held. The history
// is in the order in which the prices came; each holds until the next.
func lowest(history []PriceChange, began time.Time) (low money.Amount, ok bool) {
	from := began.Add(-priorPeriod)
	for i, c := range history {
		end := began
		if i+1 < len(history) && history[i+1].At.Before(began) {
			end = history[i+1].At
		}
		start := c.At
		if start.Before(from) {
			start = from
		}
		if start.Before(end) && (!ok || c.Price < low) {
			low, ok = c.Price, true
		}
	}
	return low, ok
}

// reduction decides what a variant's new price means: when its reduction began and what was lowest before.
//
// A reduction that is already on goes on while the price does not rise, and keeps what was said at its beginning.
// Otherwise it begins now. A variant without a history (its first import) has only the word of who put it in: the
// lowest price is then the price that the reduction is held against.
func reduction(old variantRow, known bool, price, was money.Amount, history []PriceChange, now time.Time) (since time.Time, low money.Amount) {
	if was == 0 {
		return time.Time{}, 0
	}
	if known && old.was > 0 && price <= old.price {
		return old.reducedAt, old.lowest
	}
	if low, ok := lowest(history, now); ok {
		return now, low
	}
	return now, was
}

// LowestPrice is the lowest price of the variant in the 30 days before began, and false if it had none then.
func (s *Service) LowestPrice(ctx context.Context, variant id.ID, began time.Time) (low money.Amount, ok bool, err error) {
	defer fault.Wrap(&err, "catalog: lowest price")
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		history, err := prices(tx, variant, began)
		low, ok = lowest(history, began)
		return err
	})
	return low, ok, err
}

// Prices are the changes of the variant's price that matter at a moment: those of the 30 days before it and the one
// that held when they began, oldest first.
func (s *Service) Prices(ctx context.Context, variant id.ID, at time.Time) (out []PriceChange, err error) {
	defer fault.Wrap(&err, "catalog: prices")
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = prices(tx, variant, at)
		return err
	})
	return out, err
}

// maxPrices bounds the history that is looked at: a price that changes every 5 minutes for 30 days.
const maxPrices = 10_000

func prices(tx *db.Tx, variant id.ID, before time.Time) ([]PriceChange, error) {
	return db.All(tx, func(r db.Scanner) (c PriceChange, err error) {
		var at int64
		err = r.Scan(&at, &c.Price, &c.WasPrice)
		c.At = clock.FromMicros(at)
		return c, err
	}, `SELECT at, price, was_price FROM catalog_price WHERE variant = $1 AND at < $2 AND at >= COALESCE(
			(SELECT MAX(at) FROM catalog_price WHERE variant = $1 AND at <= $3), 0)
		ORDER BY at, id LIMIT $4`, variant, clock.Micros(before), clock.Micros(before.Add(-priorPeriod)), maxPrices)
}
