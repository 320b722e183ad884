package identity

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

// Aim is what an attempt is for. The numbers are stored.
type aim uint8

const (
	aimSignIn  aim = 1
	aimStepUp  aim = 2
	aimRecover aim = 3
)

// attempt is one try to become somebody: what was proven so far, bound to one browser.
type attempt struct {
	id, account, session id.ID
	realm                Realm
	aim                  aim
	browser              []byte
	proven               Methods
	tries, sent          int64
	code                 []byte
	codeFor              Method
	codeEnds, ends       time.Time
}

func scanAttempt(r db.Scanner) (a attempt, err error) {
	var codeEnds, ends int64
	err = r.Scan(&a.id, &a.account, &a.session, &a.realm, &a.aim, &a.browser, &a.proven, &a.tries, &a.sent, &a.code, &a.codeFor,
		&codeEnds, &ends)
	a.codeEnds, a.ends = clock.FromMicros(codeEnds), clock.FromMicros(ends)
	return a, err
}

const attemptColumns = `id, account, session, realm, aim, browser, proven, tries, sent, code, code_for, code_ends, ends_at`

// openAttemptBy finds an attempt that is still going on, by its token and the browser that it belongs to.
func openAttemptBy(tx *db.Tx, token, browser []byte) (attempt, bool, error) {
	return db.One(tx, scanAttempt, `SELECT `+attemptColumns+` FROM identity_attempt
		WHERE token = $1 AND browser = $2 AND state = 1 AND ends_at > $3`, token, browser, clock.Micros(tx.Now()))
}

func attemptByID(tx *db.Tx, v id.ID) (attempt, bool, error) {
	return db.One(tx, scanAttempt, `SELECT `+attemptColumns+` FROM identity_attempt
		WHERE id = $1 AND state = 1 AND ends_at > $2`, v, clock.Micros(tx.Now()))
}

func insertAttempt(tx *db.Tx, token []byte, a attempt) error {
	_, err := tx.Exec(`INSERT INTO identity_attempt (id, token, realm, aim, account, session, browser, proven, tries, sent, code,
		code_for, code_ends, state, made_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, NULL, 0, 0, 1, $9, $10)`,
		a.id, token, int64(a.realm), int64(a.aim), a.account, a.session, a.browser, int64(a.proven), clock.Micros(tx.Now()), clock.Micros(a.ends))
	return err
}

// countAttemptTry counts one try at an attempt and refuses more than most.
func countAttemptTry(tx *db.Tx, v id.ID, most int64) error {
	return tx.Guard(ErrAttempt, `UPDATE identity_attempt SET tries = tries + 1 WHERE id = $1 AND state = 1 AND tries < $2`, v, most)
}

// proveAttempt notes what was proven. It is lost when the attempt ended meanwhile.
func proveAttempt(tx *db.Tx, v id.ID, proven Methods) error {
	return tx.Guard(ErrAttempt, `UPDATE identity_attempt SET proven = $1 WHERE id = $2 AND state = 1`, int64(proven), v)
}

// endAttempt closes an attempt: exactly one caller succeeds.
func endAttempt(tx *db.Tx, v id.ID) error {
	return tx.Guard(ErrAttempt, `UPDATE identity_attempt SET state = 2, code = NULL WHERE id = $1 AND state = 1`, v)
}

func endAttempts(tx *db.Tx, account id.ID) error {
	_, err := tx.Exec(`UPDATE identity_attempt SET state = 2, code = NULL WHERE account = $1 AND state = 1`, account)
	return err
}

// setAttemptCode replaces the code of an attempt and counts it; the tries stay as they are.
func setAttemptCode(tx *db.Tx, v id.ID, m Method, hash []byte, ends time.Time, most int64) (bool, error) {
	n, err := tx.Exec(`UPDATE identity_attempt SET code = $1, code_for = $2, code_ends = $3, sent = sent + 1
		WHERE id = $4 AND state = 1 AND sent < $5`, hash, int64(m), clock.Micros(ends), v, most)
	return n == 1, err
}

// takeAttemptCode spends the code of an attempt if it is this one: exactly one caller succeeds.
func takeAttemptCode(tx *db.Tx, v id.ID, m Method, hash []byte) (bool, error) {
	n, err := tx.Exec(`UPDATE identity_attempt SET code = NULL, code_for = 0 WHERE id = $1 AND state = 1 AND code_for = $2
		AND code = $3 AND code_ends > $4`, v, int64(m), hash, clock.Micros(tx.Now()))
	return n == 1, err
}
