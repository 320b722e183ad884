package order

import (
	"strongroom/base/db"
	"strongroom/base/id"
)

// toList notes that an order is to be found by its address.
func toList(tx *db.Tx, order id.ID) error {
	_, err := tx.Exec("INSERT INTO order_unlisted (order_id) VALUES ($1) ON CONFLICT (order_id) DO NOTHING", order)
	return err
}

func unlistedOrders(tx *db.Tx, limit int) ([]unlisted, error) {
	return db.All(tx, func(s db.Scanner) (u unlisted, err error) {
		err = s.Scan(&u.order, &u.subject, &u.corrections, &u.email)
		return u, err
	}, `SELECT u.order_id, h.subject, h.corrections, p.email FROM order_unlisted u
		JOIN order_head h ON h.id = u.order_id JOIN order_personal p ON p.order_id = u.order_id
		ORDER BY u.order_id LIMIT $1`, limit)
}

// listed ends the wait of an order, unless its address was corrected since it was read: then what was listed is stale.
// An order that somebody else has listed meanwhile is not.
func listed(tx *db.Tx, u unlisted) (stale bool, err error) {
	if _, err := tx.Exec(`DELETE FROM order_unlisted WHERE order_id = $1
		AND EXISTS (SELECT 1 FROM order_head h WHERE h.id = $1 AND h.corrections = $2)`, u.order, u.corrections); err != nil {
		return false, err
	}
	var now int64
	err = tx.QueryRow("SELECT corrections FROM order_head WHERE id = $1", u.order).Scan(&now)
	return now != u.corrections, err
}
