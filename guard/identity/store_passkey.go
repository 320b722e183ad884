package identity

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

// The states of a passkey. The numbers are stored.
const (
	passkeyPending = 1
	passkeyActive  = 2
	passkeyStopped = 3
)

// passkeyRow is a passkey as it is stored.
type passkeyRow struct {
	id, account      id.ID
	state            uint8
	credential       []byte
	publicKey, model []byte
	transports       string
	eligible, backed bool
	counter          int64
	name             []byte
	proof            []byte
	made, used       time.Time
}

const passkeyColumns = `id, account, state, credential, public_key, model, transports, eligible, backed, counter, name, proof, made_at, used_at`

func scanPasskey(r db.Scanner) (k passkeyRow, err error) {
	var eligible, backed, made, used int64
	err = r.Scan(&k.id, &k.account, &k.state, &k.credential, &k.publicKey, &k.model, &k.transports, &eligible, &backed, &k.counter,
		&k.name, &k.proof, &made, &used)
	k.eligible, k.backed, k.made, k.used = eligible == 1, backed == 1, clock.FromMicros(made), clock.FromMicros(used)
	return k, err
}

func passkeysOf(tx *db.Tx, account id.ID) ([]passkeyRow, error) {
	return db.All(tx, scanPasskey, `SELECT `+passkeyColumns+` FROM identity_passkey WHERE account = $1 ORDER BY id LIMIT 50`, account)
}

// countPasskeys counts those that count, and of them those bound to one device.
func countPasskeys(tx *db.Tx, account id.ID) (all, hardware int, err error) {
	err = tx.QueryRow(`SELECT COUNT(*), COALESCE(SUM(CASE WHEN eligible = 0 THEN 1 ELSE 0 END), 0) FROM identity_passkey
		WHERE account = $1 AND state = 2`, account).Scan(&all, &hardware)
	return all, hardware, err
}

// insertPasskey writes a passkey; false if the credential exists already.
func insertPasskey(tx *db.Tx, k passkeyRow) (bool, error) {
	n, err := tx.Exec(`INSERT INTO identity_passkey (id, account, state, credential, public_key, model, transports, eligible, backed,
		counter, name, proof, made_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0)
		ON CONFLICT (credential) DO NOTHING`,
		k.id, k.account, int64(k.state), k.credential, k.publicKey, k.model, k.transports, db.Bool(k.eligible), db.Bool(k.backed),
		k.counter, k.name, k.proof, clock.Micros(tx.Now()))
	return n == 1, err
}

// usePasskey notes a use. It is lost if the counter did not grow: another use of a copy was quicker.
func usePasskey(tx *db.Tx, v id.ID, counter int64, backed bool) (bool, error) {
	n, err := tx.Exec(`UPDATE identity_passkey SET counter = $1, backed = $2, used_at = $3
		WHERE id = $4 AND state = 2 AND (counter < $1 OR (counter = 0 AND $1 = 0))`,
		counter, db.Bool(backed), clock.Micros(tx.Now()), v)
	return n == 1, err
}

func stopPasskey(tx *db.Tx, v id.ID) error {
	_, err := tx.Exec(`UPDATE identity_passkey SET state = 3 WHERE id = $1`, v)
	return err
}

// activatePasskeys makes the pending passkeys of an account count.
func activatePasskeys(tx *db.Tx, account id.ID) error {
	_, err := tx.Exec(`UPDATE identity_passkey SET state = 2 WHERE account = $1 AND state = 1`, account)
	return err
}

func namePasskey(tx *db.Tx, account, v id.ID, name []byte) (bool, error) {
	n, err := tx.Exec(`UPDATE identity_passkey SET name = $1 WHERE id = $2 AND account = $3`, name, v, account)
	return n == 1, err
}

func dropPasskey(tx *db.Tx, account, v id.ID) (bool, error) {
	n, err := tx.Exec(`DELETE FROM identity_passkey WHERE id = $1 AND account = $2`, v, account)
	return n == 1, err
}

func dropPasskeys(tx *db.Tx, account id.ID) error {
	_, err := tx.Exec(`DELETE FROM identity_passkey WHERE account = $1`, account)
	return err
}

// lockAccount makes changes of one account's ways of signing in come one after the other.
func lockAccount(tx *db.Tx, account id.ID) error {
	return tx.Guard(ErrMissing, `UPDATE identity_account SET made_at = made_at WHERE id = $1`, account)
}

func insertCeremony(tx *db.Tx, token []byte, c ceremony, browser []byte, data string, ends time.Time) error {
	_, err := tx.Exec(`INSERT INTO identity_ceremony (token, realm, kind, account, session, attempt, browser, data, ends_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		token, int64(c.realm), int64(c.kind), c.account, c.session, c.attempt, browser, data, clock.Micros(ends))
	return err
}

// spendCeremony takes a challenge away: exactly one caller gets it.
func spendCeremony(tx *db.Tx, token []byte) (c ceremony, data string, ok bool, err error) {
	_, ok, err = db.One(tx, func(r db.Scanner) (struct{}, error) {
		var ends int64
		err := r.Scan(&c.realm, &c.kind, &c.account, &c.session, &c.attempt, &c.browser, &data, &ends)
		c.until = clock.FromMicros(ends)
		return struct{}{}, err
	}, `DELETE FROM identity_ceremony WHERE token = $1 RETURNING realm, kind, account, session, attempt, browser, data, ends_at`, token)
	return c, data, ok, err
}
