package payment

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/base/money"
)

const selectPayment = `SELECT id, order_id, reference, number, provider, account, mode, amount, currency, manual, state, late,
	keys, ref, charge, url, return_url, cancel_url, language, captured, asked, refunded, disputed, expires_at, made_at, changed_at,
	moves, polls, next_at, secure, held_until FROM payment_payment `

func scanPayment(r db.Scanner) (p Payment, err error) {
	var manual, late, expires, made, changed, next, secure, held int64
	err = r.Scan(&p.ID, &p.Order, &p.Reference, &p.Number, &p.Provider, &p.Account, &p.Mode, &p.Amount, &p.Currency, &manual,
		&p.State, &late, &p.Keys, &p.Ref, &p.Charge, &p.URL, &p.ReturnURL, &p.CancelURL, &p.Language, &p.Captured, &p.Asked,
		&p.Refunded, &p.Disputed, &expires, &made, &changed, &p.Moves, &p.Polls, &next, &secure, &held)
	p.Manual, p.Late, p.Secure = manual == 1, late == 1, secure == 1
	p.Expires, p.Made, p.Changed, p.Next = clock.FromMicros(expires), clock.FromMicros(made), clock.FromMicros(changed), clock.FromMicros(next)
	p.HeldUntil = clock.FromMicros(held)
	return p, err
}

func insertPayment(tx *db.Tx, p Payment) (bool, error) {
	n, err := tx.Exec(`INSERT INTO payment_payment (id, order_id, reference, number, provider, account, mode, amount, currency,
		manual, state, late, keys, ref, charge, url, return_url, cancel_url, language, captured, asked, refunded, expires_at,
		made_at, changed_at, moves, polls, next_at, secure)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 1, '', '', '', $12, $13, $14, 0, 0, 0, $15, $16, $16, 0, 0, $17, $18)
		ON CONFLICT DO NOTHING`,
		p.ID, p.Order, p.Reference, p.Number, p.Provider, p.Account, p.Mode, int64(p.Amount), string(p.Currency),
		db.Bool(p.Manual), p.State, p.ReturnURL, p.CancelURL, p.Language, clock.Micros(p.Expires), clock.Micros(p.Made),
		clock.Micros(p.Next), db.Bool(p.Secure))
	return n == 1, err
}

// activePayment is the one payment of an order that can still be paid in time.
func activePayment(tx *db.Tx, order id.ID) (Payment, bool, error) {
	return db.One(tx, scanPayment, selectPayment+`WHERE order_id = $1 AND state IN ('prepared', 'open', 'pending', 'authorised')`, order)
}

// updatePayment writes a move, if the payment still stands where it was read.
func updatePayment(tx *db.Tx, p Payment, old State) (bool, error) {
	n, err := tx.Exec(`UPDATE payment_payment SET state = $1, late = $2, ref = $3, charge = $4, url = $5, captured = $6,
		changed_at = $7, moves = $8, polls = 0, next_at = $9, held_until = $10 WHERE id = $11 AND state = $12 AND moves = $8 - 1`,
		p.State, db.Bool(p.Late), p.Ref, p.Charge, p.URL, int64(p.Captured), clock.Micros(p.Changed), p.Moves, clock.Micros(p.Next),
		clock.Micros(p.HeldUntil), p.ID, old)
	return n == 1, err
}

func insertMove(tx *db.Tx, p Payment, old State, cause string) error {
	_, err := tx.Exec(`INSERT INTO payment_move (payment_id, n, old_state, new_state, cause, captured, refunded, made_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		p.ID, p.Moves, old, p.State, cause, int64(p.Captured), int64(p.Refunded), clock.Micros(tx.Now()))
	return err
}

// Move is one row of a payment's history.
type Move struct {
	Old, New State
	Cause    string
	Captured money.Amount
	At       time.Time
}

func scanMove(r db.Scanner) (m Move, err error) {
	var at int64
	err = r.Scan(&m.Old, &m.New, &m.Cause, &m.Captured, &at)
	m.At = clock.FromMicros(at)
	return m, err
}

func selectMoves(tx *db.Tx, payment id.ID) ([]Move, error) {
	return db.All(tx, scanMove, `SELECT old_state, new_state, cause, captured, made_at FROM payment_move WHERE payment_id = $1
		ORDER BY n LIMIT 100`, payment)
}

// byNotice finds the payment that a notice is about.
func byNotice(tx *db.Tx, provider string, n Notice) (Payment, bool, error) {
	// "<> ''" is what lets SQLite see that the partial indexes hold the answer.
	tries := []struct{ where, value string }{
		{`WHERE provider = $1 AND ref = $2 AND ref <> ''`, n.Ref},
		{`WHERE provider = $1 AND reference = $2`, n.Reference},
		{`WHERE provider = $1 AND charge = $2 AND charge <> '' ORDER BY id LIMIT 1`, n.Charge},
	}
	for _, t := range tries {
		if t.value == "" {
			continue
		}
		p, ok, err := db.One(tx, scanPayment, selectPayment+t.where, provider, t.value)
		if err != nil || ok {
			return p, ok, err
		}
	}
	return Payment{}, false, nil
}

// noticeState says whether an event is known, and whether it has been dealt with.
func noticeState(tx *db.Tx, provider, event string) (known, handled bool, err error) {
	n, known, err := db.One(tx, func(r db.Scanner) (n int64, err error) { err = r.Scan(&n); return n, err },
		`SELECT handled FROM payment_notice WHERE provider = $1 AND event = $2`, provider, event)
	return known, n == 1, err
}

func insertNotice(tx *db.Tx, provider string, n Notice, payment id.ID, handled bool) (bool, error) {
	c, err := tx.Exec(`INSERT INTO payment_notice (provider, event, kind, payment_id, handled, made_at)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (provider, event) DO NOTHING`,
		provider, n.ID, n.Kind, payment, db.Bool(handled), clock.Micros(tx.Now()))
	return c == 1, err
}

func finishNotice(tx *db.Tx, provider, event string) error {
	_, err := tx.Exec(`UPDATE payment_notice SET handled = 1 WHERE provider = $1 AND event = $2`, provider, event)
	return err
}

func purgeNotices(tx *db.Tx, before time.Time, limit int) (int64, error) {
	return tx.Exec(`DELETE FROM payment_notice WHERE handled = 1 AND (provider, event) IN (SELECT provider, event FROM payment_notice
		WHERE made_at < $1 AND handled = 1 ORDER BY made_at LIMIT $2)`, clock.Micros(before), limit)
}

// claimDue takes payments whose time to ask has come and puts them off, so that no other process asks too.
func claimDue(tx *db.Tx, off time.Duration, limit int) ([]id.ID, error) {
	return db.All(tx, scanID, `UPDATE payment_payment SET next_at = $1 WHERE next_at > 0 AND next_at <= $2 AND id IN (
		SELECT id FROM payment_payment WHERE next_at > 0 AND next_at <= $2 ORDER BY next_at, id LIMIT $3) RETURNING id`,
		clock.Micros(tx.Now().Add(off)), clock.Micros(tx.Now()), limit)
}

func anyDue(tx *db.Tx) (bool, error) {
	_, ok, err := db.One(tx, scanID, `SELECT id FROM payment_payment WHERE next_at > 0 AND next_at <= $1 ORDER BY next_at LIMIT 1`,
		clock.Micros(tx.Now()))
	return ok, err
}

func scanID(r db.Scanner) (v id.ID, err error) { err = r.Scan(&v); return v, err }

// reschedule sets when a payment is asked about next, unless it has moved since it was read.
func reschedule(tx *db.Tx, p Payment, next time.Time) error {
	_, err := tx.Exec(`UPDATE payment_payment SET next_at = $1, polls = polls + 1 WHERE id = $2 AND state = $3 AND polls = $4`,
		clock.Micros(next), p.ID, p.State, p.Polls)
	return err
}

func countState(tx *db.Tx, state State) (n int64, err error) {
	err = tx.QueryRow(`SELECT COUNT(*) FROM payment_payment WHERE state = $1`, string(state)).Scan(&n)
	return n, err
}
