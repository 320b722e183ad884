package order_test

import (
	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/shop/order"
)

// claim is what the ledger says of one order: what it owes, and what of it counts as sold, both in minor units.
type claim struct {
	Order       id.ID
	State       order.State
	Total       money.Amount
	Owed, Sales money.Amount // Sales: goods, shipping, tax and returns; below zero what the shop has earned
}

// claims holds every order against the ledger: an open one, and one whose sum is only held, owes its whole sum, any other owes nothing; what was closed or
// wholly given back is not sold, and what was paid is.
func (s *store) claims() {
	s.t.Helper()
	var list []claim
	s.must(s.Data.Read(s.ctx, func(tx *db.Tx) (err error) {
		list, err = db.All(tx, func(r db.Scanner) (c claim, err error) {
			var state int64
			err = r.Scan(&c.Order, &state, &c.Total, &c.Owed, &c.Sales)
			c.State = order.State(state)
			return c, err
		}, `SELECT o.id, o.state, o.total - o.let_go,
			CAST(COALESCE((SELECT SUM(amount) FROM payment_entry e WHERE e.order_id = o.id AND e.account = 'receivable'), 0) AS BIGINT),
			CAST(COALESCE((SELECT SUM(amount) FROM payment_entry e WHERE e.order_id = o.id
				AND e.account IN ('sales', 'shipping', 'tax', 'returns')), 0) AS BIGINT)
			FROM order_head o ORDER BY o.id LIMIT 1000`)
		return err
	}))
	for _, c := range list {
		owed, sold := money.Amount(0), money.Amount(0)
		switch {
		case c.State.Open() || c.State == order.Authorised:
			owed, sold = c.Total, -c.Total
		case c.State == order.Paid:
			sold = -c.Total
		case c.State == order.PartlyRefunded:
			if c.Sales <= -c.Total || c.Sales >= 0 {
				s.t.Errorf("order %s, partly given back: %d of %d stands as sold", c.Order, -c.Sales, c.Total)
			}
			sold = c.Sales
		}
		if c.Owed != owed || c.Sales != sold {
			s.t.Errorf("order %s is %s: the ledger says %d owed and %d sold, want %d and %d", c.Order, c.State, c.Owed, -c.Sales, owed, -sold)
		}
	}
}
