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

// ownOrders are the orders of an account, beginning after the one of a number; an unknown number begins at the newest.
func ownOrders(tx *db.Tx, account id.ID, after string, limit int) ([]Order, error) {
	return db.All(tx, scanOrder, selectHead+`WHERE id IN (SELECT order_id FROM order_account WHERE account = $1)
		AND NOT EXISTS (SELECT 1 FROM order_head h JOIN order_account a ON a.order_id = h.id
			WHERE h.number = $2 AND a.account = $1 AND h.id <= order_head.id)
		ORDER BY id DESC LIMIT $3`, account, after, limit)
}

func ownOrder(tx *db.Tx, account id.ID, number string) (Order, bool, error) {
	return db.One(tx, scanOrder, selectHead+`WHERE number = $1 AND id IN (SELECT order_id FROM order_account WHERE account = $2)`, number, account)
}

// dropOwnPasses ends what was opened from an account, or without one from all of them.
func dropOwnPasses(tx *db.Tx, account id.ID) error {
	if account.IsZero() {
		_, err := tx.Exec(`DELETE FROM order_access WHERE kind = 4`)
		return err
	}
	_, err := tx.Exec(`DELETE FROM order_access WHERE kind = 4 AND order_id IN (SELECT order_id FROM order_account WHERE account = $1)`, account)
	return err
}

func dropPass(tx *db.Tx, token []byte) error {
	_, err := tx.Exec(`DELETE FROM order_access WHERE token = $1 AND kind <> 2`, token)
	return err
}

// untie takes an order out of the account that has it.
func untie(tx *db.Tx, order id.ID) error {
	_, err := tx.Exec(`DELETE FROM order_account WHERE order_id = $1`, order)
	return err
}

func moveDraft(tx *db.Tx, from, into id.ID) error {
	_, err := tx.Exec(`UPDATE order_draft SET cart = $1 WHERE cart = $2 AND NOT EXISTS (SELECT 1 FROM order_draft WHERE cart = $1)`, into, from)
	return err
}
