package identity

import (
	"database/sql"
	"errors"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

// The states of a factor.
const (
	factorPending int64 = 1
	factorActive  int64 = 2
	factorOld     int64 = 3
)

// factors is what an account has beside passkeys.
type factors struct {
	password, alone, app, phone bool
	coolUntil                   time.Time
	codes                       int
}

func factorsOf(tx *db.Tx, account id.ID) (f factors, err error) {
	var password, alone, app, phone, cool int64
	err = tx.QueryRow(`SELECT
		(SELECT COUNT(*) FROM identity_password WHERE account = $1),
		(SELECT COUNT(*) FROM identity_password WHERE account = $1 AND alone = 1),
		(SELECT COUNT(*) FROM identity_app WHERE account = $1 AND state = 2),
		(SELECT COUNT(*) FROM identity_phone WHERE account = $1 AND state = 2),
		(SELECT COALESCE(MAX(cool_until), 0) FROM identity_phone WHERE account = $1 AND state = 2),
		(SELECT COUNT(*) FROM identity_code WHERE account = $1 AND used_at = 0)`, account).
		Scan(&password, &alone, &app, &phone, &cool, &f.codes)
	f.password, f.alone, f.app, f.phone = password > 0, alone > 0, app > 0, phone > 0
	f.coolUntil = clock.FromMicros(cool)
	return f, err
}

// passwordOf is the record of an account's password; "" if it has none.
func passwordOf(tx *db.Tx, account id.ID) (rec string, err error) {
	err = tx.QueryRow(`SELECT record FROM identity_password WHERE account = $1`, account).Scan(&rec)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return rec, err
}

// putPassword sets a record where had was before; "" for none. Of two changes at once one loses.
func putPassword(tx *db.Tx, account id.ID, had, rec string, alone bool) error {
	if had == "" {
		return tx.Guard(ErrAttempt, `INSERT INTO identity_password (account, record, alone, made_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (account) DO NOTHING`, account, rec, db.Bool(alone), clock.Micros(tx.Now()))
	}
	return tx.Guard(ErrAttempt, `UPDATE identity_password SET record = $1, alone = $2, made_at = $3 WHERE account = $4 AND record = $5`,
		rec, db.Bool(alone), clock.Micros(tx.Now()), account, had)
}

// replacePassword puts a record of the same password in the place of an older one.
func replacePassword(tx *db.Tx, account id.ID, old, rec string) error {
	_, err := tx.Exec(`UPDATE identity_password SET record = $1 WHERE account = $2 AND record = $3`, rec, account, old)
	return err
}

func dropPassword(tx *db.Tx, account id.ID) (bool, error) {
	n, err := tx.Exec(`DELETE FROM identity_password WHERE account = $1`, account)
	return n > 0, err
}

// appRow is an authenticator app.
type appRow struct {
	id, account id.ID
	secret      []byte
	used        int64
	made        time.Time
}

func appOf(tx *db.Tx, account id.ID, state int64) (appRow, bool, error) {
	return db.One(tx, func(r db.Scanner) (a appRow, err error) {
		var made int64
		err = r.Scan(&a.id, &a.account, &a.secret, &a.used, &made)
		a.made = clock.FromMicros(made)
		return a, err
	}, `SELECT id, account, secret, used_step, made_at FROM identity_app WHERE account = $1 AND state = $2`, account, state)
}

// putPendingApp keeps one secret that waits for its code; an older one is worth nothing any more.
func putPendingApp(tx *db.Tx, r appRow) error {
	_, err := tx.Exec(`INSERT INTO identity_app (id, account, state, secret, used_step, made_at, used_at) VALUES ($1, $2, 1, $3, 0, $4, 0)
		ON CONFLICT (account, state) DO UPDATE SET id = excluded.id, secret = excluded.secret, used_step = 0, made_at = excluded.made_at`,
		r.id, r.account, r.secret, clock.Micros(tx.Now()))
	return err
}

// activateApp makes the pending app count: exactly one caller succeeds.
func activateApp(tx *db.Tx, r appRow, used int64) error {
	if _, err := tx.Exec(`DELETE FROM identity_app WHERE account = $1 AND state = 2`, r.account); err != nil {
		return err
	}
	return tx.Guard(ErrAttempt, `UPDATE identity_app SET state = 2, used_step = $1, used_at = $2 WHERE id = $3 AND state = 1`,
		used, clock.Micros(tx.Now()), r.id)
}

// useApp notes the time step of a code that was taken. Of two that bring the same code one is refused.
func useApp(tx *db.Tx, app id.ID, step int64) error {
	return tx.Guard(ErrCode, `UPDATE identity_app SET used_step = $1, used_at = $2 WHERE id = $3 AND state = 2 AND used_step < $4`,
		step, clock.Micros(tx.Now()), app, step)
}

// dropApp says whether there was one that counted.
func dropApp(tx *db.Tx, account id.ID) (bool, error) {
	if _, err := tx.Exec(`DELETE FROM identity_app WHERE account = $1 AND state = 1`, account); err != nil {
		return false, err
	}
	n, err := tx.Exec(`DELETE FROM identity_app WHERE account = $1 AND state = 2`, account)
	return n > 0, err
}

func insertCode(tx *db.Tx, account id.ID, hash []byte) error {
	_, err := tx.Exec(`INSERT INTO identity_code (account, hash, used_at) VALUES ($1, $2, 0)`, account, hash)
	return err
}

// spendRecoveryCode takes one code: exactly one caller succeeds.
func spendRecoveryCode(tx *db.Tx, account id.ID, hash []byte) (bool, error) {
	n, err := tx.Exec(`UPDATE identity_code SET used_at = $1 WHERE account = $2 AND hash = $3 AND used_at = 0`,
		clock.Micros(tx.Now()), account, hash)
	return n == 1, err
}

func dropCodes(tx *db.Tx, account id.ID) (bool, error) {
	n, err := tx.Exec(`DELETE FROM identity_code WHERE account = $1`, account)
	return n > 0, err
}
