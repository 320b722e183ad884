package identity

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

// phoneRow is a mobile phone.
type phoneRow struct {
	id, account               id.ID
	number, area, code        []byte
	sent                      int64
	codeEnds, made, coolUntil time.Time
}

func scanPhone(r db.Scanner) (p phoneRow, err error) {
	var ends, made, cool int64
	err = r.Scan(&p.id, &p.account, &p.number, &p.area, &p.code, &p.sent, &ends, &made, &cool)
	p.codeEnds, p.made, p.coolUntil = clock.FromMicros(ends), clock.FromMicros(made), clock.FromMicros(cool)
	return p, err
}

const phoneColumns = `id, account, number, range_key, code, sent, code_ends, made_at, cool_until`

func phoneIn(tx *db.Tx, account id.ID, state int64) (phoneRow, bool, error) {
	return db.One(tx, scanPhone, `SELECT `+phoneColumns+` FROM identity_phone WHERE account = $1 AND state = $2`, account, state)
}

func phoneBy(tx *db.Tx, v id.ID) (phoneRow, bool, error) {
	return db.One(tx, scanPhone, `SELECT `+phoneColumns+` FROM identity_phone WHERE id = $1`, v)
}

// putPendingPhone keeps one number that waits for its code.
func putPendingPhone(tx *db.Tx, r phoneRow, ends time.Time) error {
	if _, err := tx.Exec(`DELETE FROM identity_phone WHERE account = $1 AND state = 1`, r.account); err != nil {
		return err
	}
	_, err := tx.Exec(`INSERT INTO identity_phone (id, account, state, number, range_key, code, code_ends, sent, tries, made_at, cool_until)
		VALUES ($1, $2, 1, $3, $4, $5, $6, 1, 0, $7, 0)`, r.id, r.account, r.number, r.area, r.code, clock.Micros(ends), clock.Micros(tx.Now()))
	return err
}

func renewPhoneCode(tx *db.Tx, r phoneRow, hash []byte, ends time.Time) error {
	return tx.Guard(ErrAttempt, `UPDATE identity_phone SET code = $1, code_ends = $2, sent = sent + 1 WHERE id = $3 AND state = 1 AND sent = $4`,
		hash, clock.Micros(ends), r.id, r.sent)
}

func countPhoneTry(tx *db.Tx, v id.ID) error {
	return tx.Guard(ErrAttempt, `UPDATE identity_phone SET tries = tries + 1 WHERE id = $1 AND state = 1 AND tries < $2`, v, phoneTries)
}

// takePhoneCode spends the code of a pending number: exactly one caller succeeds.
func takePhoneCode(tx *db.Tx, v id.ID, hash []byte) (bool, error) {
	n, err := tx.Exec(`UPDATE identity_phone SET code = NULL WHERE id = $1 AND state = 1 AND code = $2 AND code_ends > $3`,
		v, hash, clock.Micros(tx.Now()))
	return n == 1, err
}

// activatePhone makes a number count in the place of the one before.
func activatePhone(tx *db.Tx, r phoneRow, cool time.Time) error {
	if _, err := retirePhone(tx, r.account); err != nil {
		return err
	}
	return tx.Guard(ErrAttempt, `UPDATE identity_phone SET state = 2, made_at = $1, cool_until = $2 WHERE id = $3 AND state = 1`,
		clock.Micros(tx.Now()), clock.Micros(cool), r.id)
}

// retirePhone ends the number that counted. It stays for a day, for the notice that goes to it.
func retirePhone(tx *db.Tx, account id.ID) (bool, error) {
	n, err := tx.Exec(`UPDATE identity_phone SET state = 3, made_at = $1 WHERE account = $2 AND state = 2`, clock.Micros(tx.Now()), account)
	return n > 0, err
}

func dropPhones(tx *db.Tx, account id.ID) (bool, error) {
	n, err := tx.Exec(`DELETE FROM identity_phone WHERE account = $1`, account)
	return n > 0, err
}

// dropOldFactors forgets numbers and secrets that nobody confirmed, and numbers that were replaced.
func dropOldFactors(tx *db.Tx, before time.Time) error {
	if _, err := tx.Exec(`DELETE FROM identity_phone WHERE state <> 2 AND made_at < $1`, clock.Micros(before)); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM identity_app WHERE state = 1 AND made_at < $1`, clock.Micros(before))
	return err
}
