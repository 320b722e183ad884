package order

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/shop/payment"
)

func scanMoney(r db.Scanner) (o payment.OrderMoney, err error) {
	var paid, placed int64
	err = r.Scan(&o.Order, &o.Number, &o.Payment, &paid, &o.Total, &o.Currency, &placed)
	o.Paid, o.Placed = paid > 0, clock.FromMicros(placed)
	return o, err
}

const hundred = 100

// moneyOf is what up to a hundred orders say about their money. The list of names is filled up with its last one.
func moneyOf(tx *db.Tx, orders []id.ID) ([]payment.OrderMoney, error) {
	args := make([]any, hundred)
	for i := range args {
		args[i] = orders[min(i, len(orders)-1)]
	}
	return db.All(tx, scanMoney, `SELECT id, number, payment, paid_at, total - let_go, currency, placed_at FROM order_head WHERE id IN (
		$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
		$21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40,
		$41, $42, $43, $44, $45, $46, $47, $48, $49, $50, $51, $52, $53, $54, $55, $56, $57, $58, $59, $60,
		$61, $62, $63, $64, $65, $66, $67, $68, $69, $70, $71, $72, $73, $74, $75, $76, $77, $78, $79, $80,
		$81, $82, $83, $84, $85, $86, $87, $88, $89, $90, $91, $92, $93, $94, $95, $96, $97, $98, $99, $100)`, args...)
}

// paidOrders lists orders that were placed between two moments and were paid, after the last one of the page before.
func paidOrders(tx *db.Tx, from, to time.Time, after payment.OrderMoney, limit int) ([]payment.OrderMoney, error) {
	placed, last := clock.Micros(from)-1, make([]byte, 16)
	if !after.Order.IsZero() {
		placed, last = clock.Micros(after.Placed), after.Order.Bytes()
	}
	return db.All(tx, scanMoney, `SELECT id, number, payment, paid_at, total - let_go, currency, placed_at FROM order_head
		WHERE (placed_at, id) > ($1, $2) AND placed_at < $3 AND paid_at > 0 ORDER BY placed_at, id LIMIT $4`,
		placed, last, clock.Micros(to), limit)
}
