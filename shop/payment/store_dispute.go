package payment

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
)

const selectDispute = `SELECT id, provider, ref, payment_id, order_id, number, state, reason, amount, currency, taken, bookings, answered,
	moves, opened_at, due_at, changed_at, next_at, account, mode FROM payment_dispute `

func scanDispute(r db.Scanner) (d Dispute, err error) {
	var answered, opened, due, changed, next int64
	err = r.Scan(&d.ID, &d.Provider, &d.Ref, &d.Payment, &d.Order, &d.Number, &d.State, &d.Reason, &d.Amount, &d.Currency, &d.Taken,
		&d.Bookings, &answered, &d.Moves, &opened, &due, &changed, &next, &d.Account, &d.Mode)
	d.Answered, d.Opened, d.Due = answered == 1, clock.FromMicros(opened), clock.FromMicros(due)
	d.Changed, d.Next = clock.FromMicros(changed), clock.FromMicros(next)
	return d, err
}

// insertDispute writes a dispute that is not known yet, without a state.
func insertDispute(tx *db.Tx, d Dispute) error {
	_, err := tx.Exec(`INSERT INTO payment_dispute (id, provider, ref, payment_id, order_id, number, state, reason, amount, currency, taken,
		bookings, answered, moves, opened_at, due_at, changed_at, next_at, account, mode)
		VALUES ($1, $2, $3, $4, $5, $6, '', $7, $8, $9, 0, 0, 0, 0, $10, 0, $11, 0, $12, $13) ON CONFLICT DO NOTHING`,
		d.ID, d.Provider, d.Ref, d.Payment, d.Order, d.Number, d.Reason, int64(d.Amount), string(d.Currency), clock.Micros(d.Opened),
		clock.Micros(tx.Now()), d.Account, string(d.Mode))
	return err
}

// lockDispute keeps other answers about the dispute waiting until the transaction ends.
func lockDispute(tx *db.Tx, provider, ref string) (Dispute, error) {
	if _, err := tx.Exec(`UPDATE payment_dispute SET moves = moves WHERE provider = $1 AND ref = $2`, provider, ref); err != nil {
		return Dispute{}, err
	}
	d, ok, err := db.One(tx, scanDispute, selectDispute+`WHERE provider = $1 AND ref = $2`, provider, ref)
	if err == nil && !ok {
		err = errMoved
	}
	return d, err
}

func updateDispute(tx *db.Tx, d Dispute) error {
	_, err := tx.Exec(`UPDATE payment_dispute SET state = $1, taken = $2, bookings = $3, answered = $4, moves = $5, due_at = $6, changed_at = $7,
		next_at = $8 WHERE id = $9`, string(d.State), int64(d.Taken), d.Bookings, db.Bool(d.Answered), d.Moves, clock.Micros(d.Due),
		clock.Micros(d.Changed), clock.Micros(d.Next), d.ID)
	return err
}

func insertDisputeMove(tx *db.Tx, d Dispute, old DisputeStatus, cause string) error {
	_, err := tx.Exec(`INSERT INTO payment_dispute_move (dispute_id, n, old_state, new_state, cause, taken, made_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, d.ID, d.Moves, string(old), string(d.State), cause, int64(d.Taken), clock.Micros(tx.Now()))
	return err
}

// claimedBefore says whether a dispute has been more than a question already.
func claimedBefore(tx *db.Tx, v id.ID) (bool, error) {
	var n int64
	err := tx.QueryRow(`SELECT COUNT(*) FROM payment_dispute_move WHERE dispute_id = $1 AND new_state IN ('open', 'review', 'lost')`, v).Scan(&n)
	return n > 0, err
}

// holdDisputed counts in what disputes have taken of a payment.
func holdDisputed(tx *db.Tx, payment id.ID, delta money.Amount) error {
	_, err := tx.Exec(`UPDATE payment_payment SET disputed = disputed + $1, changed_at = $2 WHERE id = $3`,
		int64(delta), clock.Micros(tx.Now()), payment)
	return err
}

func disputeByID(tx *db.Tx, v id.ID) (Dispute, error) {
	d, ok, err := db.One(tx, scanDispute, selectDispute+`WHERE id = $1`, v)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "payment.dispute_unknown")
	}
	return d, err
}

func disputeMoves(tx *db.Tx, v id.ID) ([]DisputeMove, error) {
	return db.All(tx, func(r db.Scanner) (m DisputeMove, err error) {
		var at int64
		err = r.Scan(&m.Old, &m.New, &m.Cause, &m.Taken, &at)
		m.At = clock.FromMicros(at)
		return m, err
	}, `SELECT old_state, new_state, cause, taken, made_at FROM payment_dispute_move WHERE dispute_id = $1 ORDER BY n LIMIT 100`, v)
}

// openDisputes are those under way, the one with the next deadline first.
func openDisputes(tx *db.Tx) ([]Dispute, error) {
	return db.All(tx, scanDispute, selectDispute+`WHERE state IN ('inquiry', 'open', 'review') ORDER BY due_at, id LIMIT 200`)
}

func pastDisputes(tx *db.Tx, limit int) ([]Dispute, error) {
	return db.All(tx, scanDispute, selectDispute+`WHERE state IN ('won', 'lost', 'accepted') ORDER BY id DESC LIMIT $1`, limit)
}

func disputesOf(tx *db.Tx, order id.ID) ([]Dispute, error) {
	return db.All(tx, scanDispute, selectDispute+`WHERE order_id = $1 AND state <> '' ORDER BY id LIMIT 50`, order)
}

// disputeRefs are the provider's names of the disputes about a payment: those that are known, and those in its account.
func disputeRefs(tx *db.Tx, payment id.ID) ([]string, error) {
	return db.All(tx, func(r db.Scanner) (v string, err error) { err = r.Scan(&v); return v, err },
		`SELECT ref FROM payment_dispute WHERE payment_id = $1
		UNION SELECT dispute FROM payment_movement WHERE payment_id = $1 AND kind IN ('dispute', 'dispute_won') AND dispute <> ''
		ORDER BY 1 LIMIT 20`, payment)
}

func dueDisputes(tx *db.Tx, limit int) ([]Dispute, error) {
	return db.All(tx, scanDispute, selectDispute+`WHERE next_at > 0 AND next_at <= $1 ORDER BY next_at, id LIMIT $2`,
		clock.Micros(tx.Now()), limit)
}

// postponeDispute sets when a dispute is asked about again, unless it has moved since it was read.
func postponeDispute(tx *db.Tx, d Dispute, next time.Time) error {
	_, err := tx.Exec(`UPDATE payment_dispute SET next_at = $1 WHERE id = $2 AND moves = $3 AND next_at > 0`, clock.Micros(next), d.ID, d.Moves)
	return err
}
