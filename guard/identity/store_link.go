package identity

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

// link is one mailed link, without its token.
type link struct {
	id, account, attempt, device, change id.ID
	kind                                 LinkKind
	realm                                Realm
	browser, code                        []byte
	tries                                int64
	ends                                 time.Time
}

const linkColumns = `id, account, attempt, device, change, kind, realm, browser, code, tries, ends_at`

func scanLink(r db.Scanner) (l link, err error) {
	var ends int64
	err = r.Scan(&l.id, &l.account, &l.attempt, &l.device, &l.change, &l.kind, &l.realm, &l.browser, &l.code, &l.tries, &ends)
	l.ends = clock.FromMicros(ends)
	return l, err
}

// openLink finds a link that can still be spent.
func openLink(tx *db.Tx, token []byte) (link, bool, error) {
	return db.One(tx, scanLink, `SELECT `+linkColumns+` FROM identity_link WHERE token = $1 AND state = 1 AND ends_at > $2`,
		token, clock.Micros(tx.Now()))
}

func openLinkByID(tx *db.Tx, v id.ID) (link, bool, error) {
	return db.One(tx, scanLink, `SELECT `+linkColumns+` FROM identity_link WHERE id = $1 AND state = 1 AND ends_at > $2`,
		v, clock.Micros(tx.Now()))
}

func insertLink(tx *db.Tx, l link) error {
	_, err := tx.Exec(`INSERT INTO identity_link (id, token, kind, realm, account, attempt, device, change, browser, code, tries, state,
		made_at, ends_at) VALUES ($1, NULL, $2, $3, $4, $5, $6, $7, $8, $9, 0, 1, $10, $11)`,
		l.id, int64(l.kind), int64(l.realm), l.account, l.attempt, l.device, l.change, l.browser, l.code,
		clock.Micros(tx.Now()), clock.Micros(l.ends))
	return err
}

// replaceLinks ends the older links of a kind that an account has.
func replaceLinks(tx *db.Tx, account id.ID, k LinkKind) error {
	_, err := tx.Exec(`UPDATE identity_link SET state = 3 WHERE account = $1 AND kind = $2 AND state = 1`, account, int64(k))
	return err
}

func endLinks(tx *db.Tx, account id.ID) error {
	_, err := tx.Exec(`UPDATE identity_link SET state = 3 WHERE account = $1 AND state = 1`, account)
	return err
}

// mintLink gives a link the token that its mail carries; false if it is over.
func mintLink(tx *db.Tx, v id.ID, token []byte) (bool, error) {
	n, err := tx.Exec(`UPDATE identity_link SET token = $1 WHERE id = $2 AND state = 1 AND ends_at > $3`, token, v, clock.Micros(tx.Now()))
	return n == 1, err
}

// spendLink takes a link: exactly one caller succeeds.
func spendLink(tx *db.Tx, v id.ID) error {
	return tx.Guard(ErrLink, `UPDATE identity_link SET state = 2 WHERE id = $1 AND state = 1 AND ends_at > $2`, v, clock.Micros(tx.Now()))
}

// countLinkTry counts a code that was typed for a link, and refuses more than most.
func countLinkTry(tx *db.Tx, v id.ID, most int64) error {
	return tx.Guard(ErrLink, `UPDATE identity_link SET tries = tries + 1 WHERE id = $1 AND state = 1 AND tries < $2`, v, most)
}

// change is a new address that waits for its confirmations.
type change struct {
	id, account  id.ID
	email        []byte
	byOld, byNew bool
	state        int64
}

const changeColumns = `id, account, email, by_old, by_new, state`

func scanChange(r db.Scanner) (c change, err error) {
	var byOld, byNew int64
	err = r.Scan(&c.id, &c.account, &c.email, &byOld, &byNew, &c.state)
	c.byOld, c.byNew = byOld == 1, byNew == 1
	return c, err
}

func openChange(tx *db.Tx, account id.ID) (change, bool, error) {
	return db.One(tx, scanChange, `SELECT `+changeColumns+` FROM identity_change WHERE account = $1 AND state = 1 AND ends_at > $2`,
		account, clock.Micros(tx.Now()))
}

func changeByID(tx *db.Tx, v id.ID) (change, bool, error) {
	return db.One(tx, scanChange, `SELECT `+changeColumns+` FROM identity_change WHERE id = $1`, v)
}

func insertChange(tx *db.Tx, c change, ends time.Time) error {
	_, err := tx.Exec(`INSERT INTO identity_change (id, account, email, by_old, by_new, state, made_at, ends_at)
		VALUES ($1, $2, $3, 0, 0, 1, $4, $5)`, c.id, c.account, c.email, clock.Micros(tx.Now()), clock.Micros(ends))
	return err
}

// endChanges gives up what an account was about to change.
func endChanges(tx *db.Tx, account id.ID) (int64, error) {
	return tx.Exec(`UPDATE identity_change SET state = 3 WHERE account = $1 AND state = 1`, account)
}

// confirmChange notes one of the two confirmations and says whether both are there.
func confirmChange(tx *db.Tx, v id.ID, old bool) (c change, ok bool, err error) {
	return db.One(tx, scanChange, `UPDATE identity_change SET by_old = CASE WHEN $1 = 1 THEN 1 ELSE by_old END,
		by_new = CASE WHEN $1 = 1 THEN by_new ELSE 1 END WHERE id = $2 AND state = 1 AND ends_at > $3 RETURNING `+changeColumns,
		db.Bool(old), v, clock.Micros(tx.Now()))
}

// doneChange closes a change and keeps the old address for the mail that tells it: exactly one caller succeeds.
func doneChange(tx *db.Tx, v id.ID, old []byte) error {
	return tx.Guard(ErrLink, `UPDATE identity_change SET state = 2, email = $1 WHERE id = $2 AND state = 1`, old, v)
}

// recovery is one that waits for its delay.
type recovery struct {
	id, account   id.ID
	proven        Methods
	browser, code []byte
	ready, told   time.Time
	ends          time.Time
}

const recoveryColumns = `id, account, proven, browser, code, ready_at, told_at, ends_at`

func scanRecovery(r db.Scanner) (x recovery, err error) {
	var ready, told, ends int64
	err = r.Scan(&x.id, &x.account, &x.proven, &x.browser, &x.code, &ready, &told, &ends)
	x.ready, x.told, x.ends = clock.FromMicros(ready), clock.FromMicros(told), clock.FromMicros(ends)
	return x, err
}

func openRecovery(tx *db.Tx, account id.ID) (recovery, bool, error) {
	return db.One(tx, scanRecovery, `SELECT `+recoveryColumns+` FROM identity_recovery WHERE account = $1 AND state = 1`, account)
}

// insertRecovery begins one; false if one is under way, which then goes on.
func insertRecovery(tx *db.Tx, r recovery) (bool, error) {
	n, err := tx.Exec(`INSERT INTO identity_recovery (id, account, proven, browser, code, state, made_at, ready_at, told_at, ends_at)
		VALUES ($1, $2, $3, $4, $5, 1, $6, $7, 0, $8) ON CONFLICT (account) WHERE state = 1 DO NOTHING`,
		r.id, r.account, int64(r.proven), r.browser, r.code, clock.Micros(tx.Now()), clock.Micros(r.ready), clock.Micros(r.ends))
	return n == 1, err
}

// endRecovery closes a recovery as done (2) or cancelled (3): exactly one caller succeeds.
func endRecovery(tx *db.Tx, v id.ID, state int64) error {
	return tx.Guard(ErrLink, `UPDATE identity_recovery SET state = $1 WHERE id = $2 AND state = 1`, state, v)
}

// dueRecoveries are those whose owner is to be told that the delay is over: once a day, until they end.
func dueRecoveries(tx *db.Tx, limit int) ([]recovery, error) {
	now := tx.Now()
	return db.All(tx, scanRecovery, `SELECT `+recoveryColumns+` FROM identity_recovery WHERE state = 1 AND ready_at <= $1 AND told_at <= $2
		ORDER BY ready_at, id LIMIT $3`, clock.Micros(now), clock.Micros(now.Add(-24*time.Hour)), limit)
}

func setTold(tx *db.Tx, v id.ID) error {
	_, err := tx.Exec(`UPDATE identity_recovery SET told_at = $1 WHERE id = $2`, clock.Micros(tx.Now()), v)
	return err
}

func wordsOf(tx *db.Tx, subject id.ID) (account id.ID, words []byte, err error) {
	_, _, err = db.One(tx, func(r db.Scanner) (struct{}, error) { return struct{}{}, r.Scan(&account, &words) },
		`SELECT id, words FROM identity_account WHERE subject = $1`, subject)
	return account, words, err
}
