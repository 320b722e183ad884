package order

import (
	"strongroom/base/db"
	"strongroom/base/id"
)

// paidBefore says whether an account has an order that was paid and not given back.
func paidBefore(tx *db.Tx, account id.ID) (bool, error) {
	var n int64
	err := tx.QueryRow(`SELECT COUNT(*) FROM (SELECT 1 FROM order_account a JOIN order_head h ON h.id = a.order_id
		WHERE a.account = $1 AND h.state IN (3, 6) LIMIT 1) AS paid`, account).Scan(&n)
	return n > 0, err
}

func perhaps(tx *db.Tx, order id.ID) (Order, bool, error) {
	return db.One(tx, scanOrder, selectHead+`WHERE id = $1`, order)
}

func setToldTrue(tx *db.Tx, order id.ID) error {
	_, err := tx.Exec(`UPDATE order_head SET told = 1 WHERE id = $1`, order)
	return err
}
