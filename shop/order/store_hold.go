package order

import (
	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/base/money"
)

func insertPlan(tx *db.Tx, p plan) error {
	_, err := tx.Exec(`INSERT INTO order_hold_plan (id, order_id, payment, kind, amount, tax, actor, made_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		p.id, p.order, p.payment, p.kind, p.amount, p.tax, p.actor, clock.Micros(tx.Now()))
	for _, l := range p.rest {
		if err == nil {
			_, err = tx.Exec(`INSERT INTO order_hold_rest (plan, position, quantity, amount) VALUES ($1, $2, $3, $4)`,
				p.id, l.Position, l.Quantity, l.Amount)
		}
	}
	return err
}

// plansOf are what was planned for the held sums of an order, the newest first.
func plansOf(tx *db.Tx, order id.ID) ([]plan, error) {
	return db.All(tx, func(r db.Scanner) (p plan, err error) {
		return p, r.Scan(&p.id, &p.order, &p.payment, &p.kind, &p.amount, &p.tax, &p.actor)
	}, `SELECT id, order_id, payment, kind, amount, tax, actor FROM order_hold_plan WHERE order_id = $1 ORDER BY id DESC LIMIT 100`, order)
}

func restOf(tx *db.Tx, plan id.ID) ([]quoteLine, error) {
	return db.All(tx, func(r db.Scanner) (l quoteLine, err error) {
		return l, r.Scan(&l.Position, &l.Quantity, &l.Amount)
	}, `SELECT position, quantity, amount FROM order_hold_rest WHERE plan = $1 ORDER BY position LIMIT 1000`, plan)
}

func setLetGo(tx *db.Tx, order id.ID, sum money.Amount) error {
	return tx.Guard(errMoved, `UPDATE order_head SET let_go = $1 WHERE id = $2 AND let_go = 0`, sum, order)
}
