package cart

import (
	"context"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
)

// Close makes the cart belong to an order, in the order's transaction. It takes only an open cart in the version that
// was shown: of two orders for one cart the second gets cart.closed, and a cart that was changed meanwhile is
// cart.changed.
func (s *Service) Close(tx *db.Tx, c Cart, order id.ID) (err error) {
	defer fault.Wrap(&err, "cart: close")
	ok, err := bind(tx, c.ID, order, c.Version)
	if err != nil || ok {
		return err
	}
	now, err := byID(tx, c.ID)
	switch {
	case err != nil:
		return err
	case now.State == Open:
		return errChanged()
	case now.Order == order:
		return nil // the same order again
	}
	return errClosed()
}

// Reopen gives the cart back to the shopper, in the transaction in which its order comes to nothing.
func (s *Service) Reopen(tx *db.Tx, order id.ID) error { return release(tx, order) }

// Spend ends the cart, in the transaction in which its order is paid. The next add begins a new one.
func (s *Service) Spend(tx *db.Tx, order id.ID) error { return spend(tx, order) }

// sweepBatch bounds how many carts one transaction removes.
const sweepBatch = 200

// Sweep removes the carts that nobody touched for 30 days, but for those of open orders. It is run by a periodic job.
func (s *Service) Sweep(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "cart: sweep")
	for more := true; more && err == nil; {
		err = s.d.DB.Write(ctx, func(tx *db.Tx) error {
			before := tx.Now().Add(-Keep)
			carts, err := stale(tx, before, sweepBatch)
			more = len(carts) == sweepBatch
			for _, c := range carts {
				if err := remove(tx, c, before); err != nil {
					return err
				}
			}
			return err
		})
	}
	return err
}
