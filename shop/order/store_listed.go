package order

import (
	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

// toList notes that an order is to be found by its address.
func toList(tx *db.Tx, order id.ID) error {
	_, err := tx.Exec("INSERT INTO order_unlisted (order_id) VALUES ($1) ON CONFLICT (order_id) DO UPDATE SET damaged_at = 0", order)
	return err
}

// unlistedOrders are the next that are to be listed. Those that could not be opened come again after a while.
func unlistedOrders(tx *db.Tx, limit int) ([]unlisted, error) {
	return db.All(tx, func(s db.Scanner) (u unlisted, err error) {
		var damaged int64
		err = s.Scan(&u.order, &u.subject, &u.corrections, &u.email, &damaged)
		u.damaged = clock.FromMicros(damaged)
		return u, err
	}, `SELECT u.order_id, h.subject, h.corrections, p.email, u.damaged_at FROM order_unlisted u
		JOIN order_head h ON h.id = u.order_id JOIN order_personal p ON p.order_id = u.order_id
		WHERE u.damaged_at < $1 ORDER BY u.order_id LIMIT $2`, clock.Micros(tx.Now().Add(-listLater)), limit)
}

func putOff(tx *db.Tx, order id.ID) error {
	_, err := tx.Exec("UPDATE order_unlisted SET damaged_at = $1 WHERE order_id = $2", clock.Micros(tx.Now()), order)
	return err
}

func damagedOrders(tx *db.Tx) (n int, err error) {
	err = tx.QueryRow("SELECT COUNT(*) FROM order_unlisted WHERE damaged_at > 0").Scan(&n)
	return n, err
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
