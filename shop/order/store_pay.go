package order

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

// swapPayment replaces the payment of an order that still waits, if nobody else has replaced it.
func swapPayment(tx *db.Tx, o Order, next id.ID, until time.Time) error {
	if o.Payment.IsZero() {
		return tx.Guard(errMoved, `UPDATE order_head SET payment = $1, pay_until = $2 WHERE id = $3 AND state = $4 AND payment IS NULL`,
			next, clock.Micros(until), o.ID, int64(AwaitingPayment))
	}
	return tx.Guard(errMoved, `UPDATE order_head SET payment = $1, pay_until = $2 WHERE id = $3 AND state = $4 AND payment = $5`,
		next, clock.Micros(until), o.ID, int64(AwaitingPayment), o.Payment)
}

// setMethod keeps the way to pay that was chosen last.
func setMethod(tx *db.Tx, order id.ID, method string) error {
	_, err := tx.Exec(`UPDATE order_head SET method = $1 WHERE id = $2`, method, order)
	return err
}

// lastOfCart finds the newest order of a cart, whatever became of it.
func lastOfCart(tx *db.Tx, cart id.ID) (Order, bool, error) {
	return db.One(tx, scanOrder, selectHead+`WHERE cart = $1 ORDER BY id DESC LIMIT 1`, cart)
}
