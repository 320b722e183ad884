package price

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

const codeColumns = `id, hint, label, kind, ppm, amount, min_goods, stacks, starts_at, ends_at, max_uses, max_person,
	uses, active, made_at`

func scanCode(r db.Scanner) (Code, error) {
	var c Code
	var starts, ends, made int64
	err := r.Scan(&c.Code, &c.Hint, &c.Label, &c.Kind, &c.PPM, &c.Amount, &c.MinGoods, &c.Stacks, &starts, &ends,
		&c.MaxUses, &c.MaxPerson, &c.Uses, &c.Active, &made)
	c.Starts, c.Ends, c.Made = clock.FromMicros(starts), clock.FromMicros(ends), clock.FromMicros(made)
	return c, err
}

func insertCode(tx *db.Tx, c Code, hash []byte) (bool, error) {
	n, err := tx.Exec(`INSERT INTO price_code (id, hash, hint, label, kind, ppm, amount, min_goods, stacks, starts_at,
			ends_at, max_uses, max_person, uses, active, made_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, 1, $14) ON CONFLICT (hash) DO NOTHING`,
		c.Code, hash, c.Hint, c.Label, string(c.Kind), c.PPM, int64(c.Amount), int64(c.MinGoods), db.Bool(c.Stacks),
		clock.Micros(c.Starts), clock.Micros(c.Ends), c.MaxUses, c.MaxPerson, clock.Micros(c.Made))
	return n == 1, err
}

func codeByHash(tx *db.Tx, hash []byte) (Code, bool, error) {
	return db.One(tx, scanCode, `SELECT `+codeColumns+` FROM price_code WHERE hash = $1`, hash)
}

func codeByID(tx *db.Tx, code id.ID) (Code, bool, error) {
	return db.One(tx, scanCode, `SELECT `+codeColumns+` FROM price_code WHERE id = $1`, code)
}

func listCodes(tx *db.Tx, before id.ID, limit int) ([]Code, error) {
	if before.IsZero() {
		return db.All(tx, scanCode, `SELECT `+codeColumns+` FROM price_code ORDER BY id DESC LIMIT $1`, limit)
	}
	return db.All(tx, scanCode, `SELECT `+codeColumns+` FROM price_code WHERE id < $1 ORDER BY id DESC LIMIT $2`, before, limit)
}

func setActive(tx *db.Tx, code id.ID, active bool) (bool, error) {
	n, err := tx.Exec(`UPDATE price_code SET active = $1 WHERE id = $2`, db.Bool(active), code)
	return n == 1, err
}

// insertUse writes down that the order uses the code, and says whether it did not yet.
func insertUse(tx *db.Tx, code, order, contact id.ID) (bool, error) {
	n, err := tx.Exec(`INSERT INTO price_use (code_id, order_id, contact, made_at, back_at) VALUES ($1, $2, $3, $4, 0)
		ON CONFLICT (code_id, order_id) DO NOTHING`, code, order, contact, clock.Micros(tx.Now()))
	return n == 1, err
}

// takeUse is the guarded update: it counts one more use if the code may be used now. From here on the code's row is
// locked, so that what is counted next for one person cannot change before the commit.
func takeUse(tx *db.Tx, code id.ID, now time.Time) (bool, error) {
	n, err := tx.Exec(`UPDATE price_code SET uses = uses + 1
		WHERE id = $1 AND active = 1 AND starts_at <= $2 AND (ends_at = 0 OR ends_at > $2)
			AND (max_uses = 0 OR uses < max_uses)`, code, clock.Micros(now))
	return n == 1, err
}

// forceUse counts a use whatever the limits say, for an order whose money has come.
func forceUse(tx *db.Tx, code id.ID) error {
	_, err := tx.Exec(`UPDATE price_code SET uses = uses + 1 WHERE id = $1`, code)
	return err
}

func giveUse(tx *db.Tx, code id.ID) error {
	_, err := tx.Exec(`UPDATE price_code SET uses = uses - 1 WHERE id = $1 AND uses > 0`, code)
	return err
}

func usesBy(tx *db.Tx, code, contact id.ID) (n int64, err error) {
	err = tx.QueryRow(`SELECT COUNT(*) FROM price_use WHERE code_id = $1 AND contact = $2 AND back_at = 0`, code, contact).Scan(&n)
	return n, err
}

// usesOf lists the codes of an order by their ids, the order in which their rows are always taken.
func usesOf(tx *db.Tx, order id.ID) ([]id.ID, error) {
	return db.All(tx, func(r db.Scanner) (code id.ID, err error) { err = r.Scan(&code); return code, err },
		`SELECT code_id FROM price_use WHERE order_id = $1 ORDER BY code_id LIMIT 100`, order)
}

// giveBack marks a use as given back, if it counted.
func giveBack(tx *db.Tx, code, order id.ID) (bool, error) {
	n, err := tx.Exec(`UPDATE price_use SET back_at = $1 WHERE code_id = $2 AND order_id = $3 AND back_at = 0`,
		clock.Micros(tx.Now()), code, order)
	return n == 1, err
}

// takeAgain marks a use as counting, if it had been given back.
func takeAgain(tx *db.Tx, code, order id.ID) (bool, error) {
	n, err := tx.Exec(`UPDATE price_use SET back_at = 0 WHERE code_id = $1 AND order_id = $2 AND back_at <> 0`, code, order)
	return n == 1, err
}

// addAttempt adds to a counter and returns what it stands at.
func addAttempt(tx *db.Tx, key []byte, window, by int64) (n int64, err error) {
	err = tx.QueryRow(`INSERT INTO price_attempt (bucket, window_at, count) VALUES ($1, $2, $3)
		ON CONFLICT (bucket, window_at) DO UPDATE SET count = price_attempt.count + $3 RETURNING count`,
		key, window, by).Scan(&n)
	return n, err
}

func dropAttempts(tx *db.Tx, before time.Time) error {
	_, err := tx.Exec(`DELETE FROM price_attempt WHERE window_at < $1`, clock.Micros(before))
	return err
}
