package payment

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/base/money"
)

// runRow is how far the comparison with a provider is.
type runRow struct {
	holder                     id.ID
	until                      time.Time // the holder's, unless it says again that it is at work
	span                       Span
	step                       string
	day                        Day
	cursor                     string
	movements, asked, compared int64
	started, ended             time.Time
}

const selectRun = `SELECT holder, until_at, from_day, to_day, step, day, cursor, movements, asked, compared, started_at, ended_at
	FROM payment_reconcile `

func scanRun(r db.Scanner) (row runRow, err error) {
	var until, started, ended int64
	err = r.Scan(&row.holder, &until, &row.span.From, &row.span.To, &row.step, &row.day, &row.cursor, &row.movements, &row.asked,
		&row.compared, &started, &ended)
	row.until, row.started, row.ended = clock.FromMicros(until), clock.FromMicros(started), clock.FromMicros(ended)
	return row, err
}

func readRun(tx *db.Tx, at till) (row runRow, ok bool, err error) {
	return db.One(tx, scanRun, selectRun+`WHERE provider = $1 AND account = $2 AND mode = $3`, at.Provider, at.Account, string(at.Mode))
}

// runsAt are those of all accounts at a provider.
func runsAt(tx *db.Tx, provider string) ([]runRow, error) {
	return db.All(tx, scanRun, selectRun+`WHERE provider = $1 LIMIT 200`, provider)
}

// takeRun makes the run the holder's, if nobody else is at it.
func takeRun(tx *db.Tx, at till, holder id.ID, until time.Time) (bool, error) {
	if _, err := tx.Exec(`INSERT INTO payment_reconcile (provider, account, mode, holder, until_at, from_day, to_day, step, day, cursor,
		movements, asked, compared, started_at, ended_at) VALUES ($1, $2, $3, NULL, 0, 0, 0, 'done', 0, '', 0, 0, 0, 0, 0)
		ON CONFLICT DO NOTHING`, at.Provider, at.Account, string(at.Mode)); err != nil {
		return false, err
	}
	n, err := tx.Exec(`UPDATE payment_reconcile SET holder = $1, until_at = $2 WHERE provider = $3 AND account = $4 AND mode = $5
		AND (holder IS NULL OR until_at < $6)`, holder, clock.Micros(until), at.Provider, at.Account, string(at.Mode), clock.Micros(tx.Now()))
	return n == 1, err
}

// saveRun writes how far the holder's run is and gives it more time.
func saveRun(tx *db.Tx, at till, row runRow, until time.Time) error {
	return tx.Guard(errLost, `UPDATE payment_reconcile SET until_at = $1, from_day = $2, to_day = $3, step = $4, day = $5, cursor = $6,
		movements = $7, asked = $8, compared = $9, started_at = $10, ended_at = 0 WHERE provider = $11 AND account = $12 AND mode = $13 AND holder = $14`,
		clock.Micros(until), row.span.From, row.span.To, row.step, row.day, row.cursor, row.movements, row.asked, row.compared,
		clock.Micros(row.started), at.Provider, at.Account, string(at.Mode), row.holder)
}

// keepRun gives the holder more time.
func keepRun(tx *db.Tx, at till, holder id.ID, until time.Time) error {
	return tx.Guard(errLost, `UPDATE payment_reconcile SET until_at = $1 WHERE provider = $2 AND account = $3 AND mode = $4 AND holder = $5`,
		clock.Micros(until), at.Provider, at.Account, string(at.Mode), holder)
}

func endRun(tx *db.Tx, at till, row runRow) error {
	return tx.Guard(errLost, `UPDATE payment_reconcile SET holder = NULL, until_at = 0, ended_at = $1 WHERE provider = $2 AND account = $3
		AND mode = $4 AND holder = $5`, clock.Micros(row.ended), at.Provider, at.Account, string(at.Mode), row.holder)
}

func dropRun(tx *db.Tx, at till, holder id.ID) error {
	_, err := tx.Exec(`UPDATE payment_reconcile SET holder = NULL, until_at = 0 WHERE provider = $1 AND account = $2 AND mode = $3
		AND holder = $4`, at.Provider, at.Account, string(at.Mode), holder)
	return err
}

// firstPayment is when the first payment of an order was made at an account.
func firstPayment(tx *db.Tx, at till) (time.Time, bool, error) {
	n, ok, err := db.One(tx, func(r db.Scanner) (n int64, err error) { err = r.Scan(&n); return n, err },
		`SELECT made_at FROM payment_payment WHERE provider = $1 AND account = $2 AND mode = $3 AND order_id <> id ORDER BY id LIMIT 1`,
		at.Provider, at.Account, string(at.Mode))
	return clock.FromMicros(n), ok, err
}

func foundSince(tx *db.Tx, provider string, since time.Time) (n int64, err error) {
	err = tx.QueryRow(`SELECT COUNT(*) FROM payment_difference WHERE state = 'open' AND provider = $1 AND found_at >= $2`,
		provider, clock.Micros(since)).Scan(&n)
	return n, err
}

// insertMovements keeps lines; those that are there already stay as they are.
func insertMovements(tx *db.Tx, rows [][]any) (int64, error) {
	return db.InsertCount(tx, `INSERT INTO payment_movement (provider, ref, kind, day, session, charge, refund, dispute, payout, reference,
		amount, fee, currency, linked, moved_at, seen_at, account, mode) VALUES `, ` ON CONFLICT (provider, ref) DO NOTHING`, rows)
}

// linkMovements finds out to which payments the lines of a page belong: by our reference, by the session, by the charge.
func linkMovements(tx *db.Tx, provider string) error {
	_, err := tx.Exec(`UPDATE payment_movement SET linked = 1, payment_id = COALESCE(
		(SELECT p.id FROM payment_payment p WHERE payment_movement.reference <> '' AND p.reference = payment_movement.reference
			AND p.provider = payment_movement.provider),
		(SELECT p.id FROM payment_payment p WHERE payment_movement.session <> '' AND p.ref <> '' AND p.provider = payment_movement.provider
			AND p.ref = payment_movement.session),
		(SELECT p.id FROM payment_payment p WHERE payment_movement.charge <> '' AND p.charge <> '' AND p.provider = payment_movement.provider
			AND p.charge = payment_movement.charge ORDER BY p.id LIMIT 1))
		WHERE provider = $1 AND linked = 0`, provider)
	return err
}

// lone is a line that is booked by itself.
type lone struct {
	ref      string
	kind     MovementKind
	amount   money.Amount
	fee      money.Amount
	currency money.Currency
}

func scanLone(r db.Scanner) (l lone, err error) {
	err = r.Scan(&l.ref, &l.kind, &l.amount, &l.fee, &l.currency)
	return l, err
}

// loneLines are payouts, and what belongs to nothing that the store knows.
func loneLines(tx *db.Tx, at till, day Day, limit int) ([]lone, error) {
	return db.All(tx, scanLone, `SELECT ref, kind, amount, fee, currency FROM payment_movement WHERE provider = $1 AND day = $2 AND booked IS NULL
		AND account = $4 AND mode = $5
		AND (kind NOT IN ('payment', 'refund', 'fee', 'dispute', 'dispute_won', 'dispute_fee')
			OR payment_id IS NULL AND kind IN ('payment', 'refund', 'dispute', 'dispute_won'))
		ORDER BY ref LIMIT $3`, at.Provider, day, limit, at.Account, string(at.Mode))
}

func markBooked(tx *db.Tx, provider, ref string, act id.ID) error {
	_, err := tx.Exec(`UPDATE payment_movement SET booked = $1 WHERE provider = $2 AND ref = $3 AND booked IS NULL`, act, provider, ref)
	return err
}

func unbookedLines(tx *db.Tx, at till, day Day, limit int) ([]lone, error) {
	return db.All(tx, scanLone, `SELECT ref, kind, amount, fee, currency FROM payment_movement WHERE provider = $1 AND day = $2 AND booked IS NULL
		AND account = $4 AND mode = $5 ORDER BY ref LIMIT $3`, at.Provider, day, limit, at.Account, string(at.Mode))
}

func isUnbooked(tx *db.Tx, provider, ref string) (bool, error) {
	_, ok, err := db.One(tx, scanLone, `SELECT ref, kind, amount, fee, currency FROM payment_movement WHERE provider = $1 AND ref = $2
		AND booked IS NULL`, provider, ref)
	return ok, err
}

func unbookedCurrencies(tx *db.Tx, at till, day Day) ([]money.Currency, error) {
	return db.All(tx, func(r db.Scanner) (c money.Currency, err error) { err = r.Scan(&c); return c, err },
		`SELECT DISTINCT currency FROM payment_movement WHERE provider = $1 AND day = $2 AND booked IS NULL
		AND account = $3 AND mode = $4 ORDER BY currency LIMIT 50`, at.Provider, day, at.Account, string(at.Mode))
}

// lastRef is above every name that a provider gives.
const lastRef = "\U0010FFFF"

// markFees marks lines whose fee is to be booked with the act that books them: those up to the limit-th name.
func markFees(tx *db.Tx, at till, day Day, c money.Currency, act id.ID, limit int) (int64, error) {
	last, ok, err := db.One(tx, func(r db.Scanner) (v string, err error) { err = r.Scan(&v); return v, err },
		`SELECT ref FROM payment_movement WHERE provider = $1 AND day = $2 AND booked IS NULL AND currency = $3 AND account = $5 AND mode = $6
			AND (kind IN ('fee', 'dispute_fee') OR payment_id IS NOT NULL AND kind IN ('payment', 'refund', 'dispute', 'dispute_won'))
			ORDER BY ref LIMIT 1 OFFSET $4`, at.Provider, day, string(c), limit-1, at.Account, string(at.Mode))
	if err != nil {
		return 0, err
	}
	if !ok {
		last = lastRef
	}
	return tx.Exec(`UPDATE payment_movement SET booked = $1 WHERE provider = $2 AND day = $3 AND booked IS NULL AND currency = $4
		AND account = $6 AND mode = $7 AND (kind IN ('fee', 'dispute_fee') OR payment_id IS NOT NULL AND kind IN ('payment', 'refund', 'dispute', 'dispute_won')) AND ref <= $5`,
		act, at.Provider, day, string(c), last, at.Account, string(at.Mode))
}

// sumFees is what the marked lines cost.
func sumFees(tx *db.Tx, act id.ID) (sum money.Amount, err error) {
	err = tx.QueryRow(`SELECT CAST(COALESCE(SUM(CASE WHEN kind IN ('fee', 'dispute_fee') THEN fee - amount ELSE fee END), 0) AS BIGINT)
		FROM payment_movement WHERE booked = $1`, act).Scan(&sum)
	return sum, err
}
