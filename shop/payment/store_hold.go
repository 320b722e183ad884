package payment

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/base/money"
)

// maxActs bounds how often something is asked to be done with one held sum.
const maxActs = 30

const selectHold = `SELECT id, payment_id, ask, kind, amount, provider_key, state, error, made_at, ended_at FROM payment_hold `

func scanHold(r db.Scanner) (h HoldAct, err error) {
	var kind string
	var made, ended int64
	err = r.Scan(&h.ID, &h.Payment, &h.Ask, &kind, &h.Amount, &h.Key, &h.State, &h.Error, &made, &ended)
	h.Capture, h.Made, h.Ended = kind == kindCapture, clock.FromMicros(made), clock.FromMicros(ended)
	return h, err
}

// countAct counts an act in, if the sum is held and covers it.
func countAct(tx *db.Tx, payment id.ID, amount money.Amount) (bool, error) {
	n, err := tx.Exec(`UPDATE payment_payment SET keys = keys + 1 WHERE id = $1 AND state = 'authorised' AND amount >= $2 AND keys <= $3`,
		payment, int64(amount), maxActs)
	return n == 1, err
}

// insertHold writes an act; false if another one is under way or done.
func insertHold(tx *db.Tx, h HoldAct) (bool, error) {
	n, err := tx.Exec(`INSERT INTO payment_hold (id, payment_id, ask, kind, amount, provider_key, state, error, made_at, ended_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8, 0) ON CONFLICT DO NOTHING`,
		h.ID, h.Payment, h.Ask, h.kind(), int64(h.Amount), h.Key, h.State, clock.Micros(h.Made))
	return n == 1, err
}

// moveHold writes how an open act ended; false if it has ended already.
func moveHold(tx *db.Tx, h HoldAct) (bool, error) {
	n, err := tx.Exec(`UPDATE payment_hold SET state = $1, error = $2, ended_at = $3 WHERE id = $4 AND state = 'asked'`,
		h.State, h.Error, clock.Micros(h.Ended), h.ID)
	return n == 1, err
}

func holdByAsk(tx *db.Tx, payment id.ID, ask string) (HoldAct, bool, error) {
	return db.One(tx, scanHold, selectHold+`WHERE payment_id = $1 AND ask = $2`, payment, ask)
}

func holdByID(tx *db.Tx, v id.ID) (HoldAct, bool, error) {
	return db.One(tx, scanHold, selectHold+`WHERE id = $1`, v)
}

// newestHold is the act that counts: the one that is under way or done, or the last that failed.
func newestHold(tx *db.Tx, payment id.ID) (HoldAct, bool, error) {
	return db.One(tx, scanHold, selectHold+`WHERE payment_id = $1 ORDER BY CASE WHEN state = 'failed' THEN 1 ELSE 0 END, id DESC LIMIT 1`, payment)
}

// oldHolds are open acts whose job must have been buried.
func oldHolds(tx *db.Tx, before time.Time, limit int) ([]id.ID, error) {
	return db.All(tx, scanID, `SELECT id FROM payment_hold WHERE state = 'asked' AND made_at < $1 ORDER BY made_at, id LIMIT $2`,
		clock.Micros(before), limit)
}
