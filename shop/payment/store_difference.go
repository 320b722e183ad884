package payment

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
)

const selectDifference = `SELECT id, provider, kind, subject, payment_id, order_id, number, day, ours, theirs, currency, state, why,
	found_at, seen_at, ended_at FROM payment_difference `

func scanDifference(r db.Scanner) (d Difference, err error) {
	var found, seen, ended int64
	err = r.Scan(&d.ID, &d.Provider, &d.Kind, &d.Subject, &d.Payment, &d.Order, &d.Number, &d.Day, &d.Ours, &d.Theirs, &d.Currency,
		&d.State, &d.Why, &found, &seen, &ended)
	d.Found, d.Seen, d.Ended = clock.FromMicros(found), clock.FromMicros(seen), clock.FromMicros(ended)
	return d, err
}

// noteDifference writes a difference down, or that it is still there. One that was settled is open again; one that was
// accepted stays so unless its sums have changed.
func noteDifference(tx *db.Tx, d Difference) error {
	_, err := tx.Exec(`INSERT INTO payment_difference (id, provider, kind, subject, payment_id, order_id, number, day, ours, theirs,
		currency, state, why, found_at, seen_at, ended_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'open', '', $12, $12, 0)
		ON CONFLICT (provider, kind, subject) DO UPDATE SET
			state = CASE WHEN payment_difference.state = 'settled' OR payment_difference.ours <> excluded.ours
				OR payment_difference.theirs <> excluded.theirs THEN 'open' ELSE payment_difference.state END,
			why = CASE WHEN payment_difference.state = 'settled' OR payment_difference.ours <> excluded.ours
				OR payment_difference.theirs <> excluded.theirs THEN '' ELSE payment_difference.why END,
			ended_at = CASE WHEN payment_difference.state = 'settled' OR payment_difference.ours <> excluded.ours
				OR payment_difference.theirs <> excluded.theirs THEN 0 ELSE payment_difference.ended_at END,
			found_at = CASE WHEN payment_difference.state = 'settled' OR payment_difference.ours <> excluded.ours
				OR payment_difference.theirs <> excluded.theirs THEN excluded.found_at ELSE payment_difference.found_at END,
			ours = excluded.ours, theirs = excluded.theirs, seen_at = excluded.seen_at`,
		tx.NewID(), d.Provider, d.Kind, d.Subject, d.Payment, d.Order, d.Number, d.Day, int64(d.Ours), int64(d.Theirs),
		string(d.Currency), clock.Micros(tx.Now()))
	return err
}

// settleDifference ends an open difference that is not there any more.
func settleDifference(tx *db.Tx, v id.ID) error {
	_, err := tx.Exec(`UPDATE payment_difference SET state = 'settled', ended_at = $1 WHERE id = $2 AND state = 'open'`,
		clock.Micros(tx.Now()), v)
	return err
}

func acceptDifference(tx *db.Tx, v id.ID, why string) (bool, error) {
	n, err := tx.Exec(`UPDATE payment_difference SET state = 'accepted', why = $1, ended_at = $2 WHERE id = $3 AND state = 'open'`,
		why, clock.Micros(tx.Now()), v)
	return n == 1, err
}

func differenceByID(tx *db.Tx, v id.ID) (Difference, error) {
	d, ok, err := db.One(tx, scanDifference, selectDifference+`WHERE id = $1`, v)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "payment.difference_unknown")
	}
	return d, err
}

// selectDifferences lists those in a state, the newest first.
func selectDifferences(tx *db.Tx, state string, after id.ID, limit int) ([]Difference, error) {
	if after.IsZero() {
		return db.All(tx, scanDifference, selectDifference+`WHERE state = $1 ORDER BY id DESC LIMIT $2`, state, limit)
	}
	return db.All(tx, scanDifference, selectDifference+`WHERE state = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, state, after, limit)
}

// openOf lists open differences of a provider after an id, the oldest first.
func openOf(tx *db.Tx, provider string, after id.ID, limit int) ([]Difference, error) {
	return db.All(tx, scanDifference, selectDifference+`WHERE state = 'open' AND provider = $1 AND id > $2 ORDER BY id LIMIT $3`,
		provider, floor(after), limit)
}

func countDifferences(tx *db.Tx) (n int64, err error) {
	err = tx.QueryRow(`SELECT COUNT(*) FROM payment_difference WHERE state = 'open'`).Scan(&n)
	return n, err
}

// floor is an id for comparing with where there is none yet: the zero id would be NULL, and nothing is above NULL.
func floor(v id.ID) []byte { return v[:] }

// idAt is the lowest id that can have been made at a moment.
func idAt(t time.Time) []byte {
	v := id.New(t, zeros{})
	v[6], v[8] = 0x70, 0
	return v[:]
}

// zeros is a source without chance.
type zeros struct{}

// Read gives zeros.
func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }
