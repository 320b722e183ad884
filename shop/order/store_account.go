package order

import (
	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

// unattached are the orders of the subjects that no account has.
func unattached(tx *db.Tx, subjects []id.ID) (out []id.ID, err error) {
	for _, v := range subjects {
		list, err := db.All(tx, scanOrderID, `SELECT id FROM order_head WHERE subject = $1 AND NOT EXISTS (SELECT 1 FROM order_account WHERE order_id = order_head.id)`, v)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

func attach(tx *db.Tx, order, account id.ID) error {
	_, err := tx.Exec(`INSERT INTO order_account (order_id, account, attached_at) VALUES ($1, $2, $3) ON CONFLICT (order_id) DO NOTHING`,
		order, account, clock.Micros(tx.Now()))
	return err
}

func detach(tx *db.Tx, account id.ID) error {
	_, err := tx.Exec(`DELETE FROM order_account WHERE account = $1`, account)
	return err
}

func ownOrders(tx *db.Tx, account id.ID) ([]Order, error) {
	return db.All(tx, scanOrder, selectHead+`WHERE id IN (SELECT order_id FROM order_account WHERE account = $1) ORDER BY id DESC LIMIT 200`, account)
}

func ownOrder(tx *db.Tx, account id.ID, number string) (Order, bool, error) {
	return db.One(tx, scanOrder, selectHead+`WHERE number = $1 AND id IN (SELECT order_id FROM order_account WHERE account = $2)`, number, account)
}
