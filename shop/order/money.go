package order

import (
	"context"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/shop/payment"
)

// MoneyOf says what some orders say about their money. Payments ask it when they are compared with the provider's own
// account; orders that are not known are left out.
func (s *Service) MoneyOf(ctx context.Context, orders []id.ID) (out map[id.ID]payment.OrderMoney, err error) {
	defer fault.Wrap(&err, "order: money")
	out = make(map[id.ID]payment.OrderMoney, len(orders))
	err = s.read(ctx, func(tx *db.Tx) error {
		for rest := orders; len(rest) > 0; rest = rest[min(len(rest), hundred):] {
			list, err := moneyOf(tx, rest[:min(len(rest), hundred)])
			if err != nil {
				return err
			}
			for _, o := range list {
				out[o.Order] = o
			}
		}
		return nil
	})
	return out, err
}

// PaidOrders lists orders that were placed from (inclusive) to (exclusive) and say that they were paid.
func (s *Service) PaidOrders(ctx context.Context, from, to time.Time, after payment.OrderMoney, limit int) (out []payment.OrderMoney, err error) {
	defer fault.Wrap(&err, "order: paid orders")
	err = s.read(ctx, func(tx *db.Tx) (err error) { out, err = paidOrders(tx, from, to, after, limit); return err })
	return out, err
}
