package payment

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/base/money"
)

const selectRefund = `SELECT id, payment_id, ask, amount, tax, reason, provider_key, ref, state, error, made_at, ended_at FROM payment_refund `

func scanRefund(r db.Scanner) (f Refund, err error) {
	var made, ended int64
	err = r.Scan(&f.ID, &f.Payment, &f.Ask, &f.Amount, &f.Tax, &f.Reason, &f.Key, &f.Ref, &f.State, &f.Error, &made, &ended)
	f.Made, f.Ended = clock.FromMicros(made), clock.FromMicros(ended)
	return f, err
}

// lockPayment keeps other refunds of the payment waiting until the transaction ends.
func lockPayment(tx *db.Tx, payment id.ID) error {
	_, err := tx.Exec(`UPDATE payment_payment SET keys = keys WHERE id = $1`, payment)
	return err
}

// reserveRefund counts a refund in, if it is covered by what was captured.
func reserveRefund(tx *db.Tx, payment id.ID, amount money.Amount) (bool, error) {
	n, err := tx.Exec(`UPDATE payment_payment SET asked = asked + $1, keys = keys + 1
		WHERE id = $2 AND state = 'paid' AND asked + $1 + disputed <= captured AND keys <= $3`, int64(amount), payment, MaxRefunds)
	return n == 1, err
}

// freeRefund counts a failed refund out.
func freeRefund(tx *db.Tx, payment id.ID, amount money.Amount) error {
	_, err := tx.Exec(`UPDATE payment_payment SET asked = CASE WHEN asked - $1 < refunded THEN refunded ELSE asked - $1 END
		WHERE id = $2`, int64(amount), payment)
	return err
}

// countRefund counts a refund as done. One made at the provider's own desk was not counted in before.
func countRefund(tx *db.Tx, payment id.ID, amount money.Amount, outside bool) (bool, error) {
	n, err := tx.Exec(`UPDATE payment_payment SET refunded = refunded + $1, changed_at = $2, asked = CASE
		WHEN asked + $3 > captured THEN captured
		WHEN asked + $3 < refunded + $1 THEN refunded + $1
		ELSE asked + $3 END
		WHERE id = $4 AND refunded + $1 <= captured`,
		int64(amount), clock.Micros(tx.Now()), int64(amount)*db.Bool(outside), payment)
	return n == 1, err
}

func insertRefund(tx *db.Tx, f Refund) (bool, error) {
	n, err := tx.Exec(`INSERT INTO payment_refund (id, payment_id, ask, amount, tax, reason, provider_key, ref, state, error, made_at, ended_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', $10, $11) ON CONFLICT DO NOTHING`,
		f.ID, f.Payment, f.Ask, int64(f.Amount), int64(f.Tax), f.Reason, f.Key, f.Ref, f.State, clock.Micros(f.Made), clock.Micros(f.Ended))
	return n == 1, err
}

// moveRefund writes how an open refund goes on; false if it has ended already or stands there.
func moveRefund(tx *db.Tx, f Refund) (bool, error) {
	n, err := tx.Exec(`UPDATE payment_refund SET state = $1, ref = $2, error = $3, ended_at = $4
		WHERE id = $5 AND state IN ('asked', 'pending') AND state <> $1`,
		f.State, f.Ref, f.Error, clock.Micros(f.Ended), f.ID)
	return n == 1, err
}

func refundByAsk(tx *db.Tx, payment id.ID, ask string) (Refund, bool, error) {
	return db.One(tx, scanRefund, selectRefund+`WHERE payment_id = $1 AND ask = $2`, payment, ask)
}

func refundByID(tx *db.Tx, v id.ID) (Refund, bool, error) {
	return db.One(tx, scanRefund, selectRefund+`WHERE id = $1`, v)
}

func refundsOf(tx *db.Tx, payment id.ID) ([]Refund, error) {
	return db.All(tx, scanRefund, selectRefund+`WHERE payment_id = $1 ORDER BY id LIMIT 300`, payment)
}

// oldRefunds are open refunds whose job must have been buried.
func oldRefunds(tx *db.Tx, before time.Time, limit int) ([]id.ID, error) {
	return db.All(tx, scanID, `SELECT id FROM payment_refund WHERE state IN ('asked', 'pending') AND made_at < $1
		ORDER BY made_at, id LIMIT $2`, clock.Micros(before), limit)
}
