package order

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
)

func insertWithdrawal(tx *db.Tx, r withdrawalRow) (bool, error) {
	n, err := tx.Exec(`INSERT INTO order_withdrawal (id, attempt, subject, order_id, known, number, name, email, statement,
		language, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING`,
		r.id, r.attempt, r.subject, r.order, r.known, r.number, r.name, r.email, r.statement, r.language, r.received)
	return n == 1, err
}

const selectWithdrawal = `SELECT id, subject, order_id, known, number, name, email, statement, language, received_at
	FROM order_withdrawal `

func scanWithdrawal(s db.Scanner) (r withdrawalRow, err error) {
	err = s.Scan(&r.id, &r.subject, &r.order, &r.known, &r.number, &r.name, &r.email, &r.statement, &r.language, &r.received)
	return r, err
}

func withdrawalOf(tx *db.Tx, v id.ID) (withdrawalRow, error) {
	r, ok, err := db.One(tx, scanWithdrawal, selectWithdrawal+`WHERE id = $1`, v)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "order.withdrawal_unknown")
	}
	return r, err
}

func withdrawalsSince(tx *db.Tx, since time.Time, limit int) ([]withdrawalRow, error) {
	return db.All(tx, scanWithdrawal, selectWithdrawal+`WHERE received_at >= $1 ORDER BY received_at DESC, id DESC LIMIT $2`,
		clock.Micros(since), limit)
}

func setWithdrawalOrder(tx *db.Tx, v, order id.ID) error {
	_, err := tx.Exec(`UPDATE order_withdrawal SET order_id = $1, known = $2 WHERE id = $3 AND order_id IS NULL`,
		order, KnownByMatch, v)
	return err
}
