package identity

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/guard/privacy"
)

const accountColumns = `a.id, a.subject, a.realm, a.state, a.handle, a.generation, a.compromised, a.language, a.email,
	a.made_at, a.active_at, a.seen_at`

// accountRow is where the columns of an account are read into.
type accountRow struct {
	acc                Account
	email              []byte
	compromised        int64
	made, active, seen int64
}

func (r *accountRow) into() []any {
	return []any{&r.acc.ID, &r.acc.Subject, &r.acc.Realm, &r.acc.State, &r.acc.handle, &r.acc.generation, &r.compromised,
		&r.acc.Language, &r.email, &r.made, &r.active, &r.seen}
}

func (r *accountRow) account(s *Service) Account {
	a := r.acc
	a.Compromised = r.compromised == 1
	a.MadeAt, a.ActiveAt, a.SeenAt = clock.FromMicros(r.made), clock.FromMicros(r.active), clock.FromMicros(r.seen)
	a.Email = s.d.Vault.Sealed(privacy.IdentityEmail.Field, a.Subject, a.ID, r.email)
	return a
}

func (s *Service) scanAccount(r db.Scanner) (Account, error) {
	var row accountRow
	err := r.Scan(row.into()...)
	return row.account(s), err
}

func (s *Service) accountBy(tx *db.Tx, v id.ID) (Account, bool, error) {
	return db.One(tx, s.scanAccount, `SELECT `+accountColumns+` FROM identity_account a WHERE a.id = $1`, v)
}

func (s *Service) accountByHandle(tx *db.Tx, handle []byte) (Account, bool, error) {
	return db.One(tx, s.scanAccount, `SELECT `+accountColumns+` FROM identity_account a WHERE a.handle = $1`, handle)
}

// openBySubject finds an account that somebody can sign in to.
func (s *Service) openBySubject(tx *db.Tx, realm Realm, subject id.ID) (Account, bool, error) {
	return db.One(tx, s.scanAccount, `SELECT `+accountColumns+` FROM identity_account a
		WHERE a.subject = $1 AND a.realm = $2 AND a.state IN (2, 3)`, subject[:], int64(realm))
}

func hasSubject(tx *db.Tx, subject id.ID) (bool, error) {
	var n int64
	err := tx.QueryRow(`SELECT COUNT(*) FROM identity_account WHERE subject = $1`, subject).Scan(&n)
	return n > 0, err
}

func insertAccount(tx *db.Tx, p Prepared, state State) error {
	active := int64(0)
	if state == Active {
		active = clock.Micros(tx.Now())
	}
	_, err := tx.Exec(`INSERT INTO identity_account (id, realm, subject, state, handle, contact, generation, compromised, language,
		email, made_at, active_at, seen_at, closed_at) VALUES ($1, $2, $3, $4, $5, NULL, 1, 0, $6, $7, $8, $9, 0, 0)`,
		p.Account, int64(p.realm), p.Subject, int64(state), p.handle, p.language, p.email, clock.Micros(tx.Now()), active)
	return err
}

// activate makes a pending account count, unless the address has one already.
func activate(tx *db.Tx, account, contact id.ID) (bool, error) {
	n, err := tx.Exec(`UPDATE identity_account SET state = 2, contact = $1, active_at = $2 WHERE id = $3 AND state = 1
		AND NOT EXISTS (SELECT 1 FROM identity_account b WHERE b.realm = identity_account.realm AND b.contact = $1 AND b.state IN (2, 3))`,
		contact, clock.Micros(tx.Now()), account)
	return n == 1, err
}

// setContact ties an account to its address, unless another one of its realm has it.
func setContact(tx *db.Tx, account, contact id.ID) (bool, error) {
	n, err := tx.Exec(`UPDATE identity_account SET contact = $1 WHERE id = $2
		AND NOT EXISTS (SELECT 1 FROM identity_account b WHERE b.realm = identity_account.realm AND b.contact = $1
			AND b.state IN (2, 3) AND b.id <> identity_account.id)`, contact, account)
	return n == 1, err
}

func setEmail(tx *db.Tx, account id.ID, email []byte) error {
	_, err := tx.Exec(`UPDATE identity_account SET email = $1 WHERE id = $2`, email, account)
	return err
}

// moveState takes an account from one state to another; false if it is not in the first.
func moveState(tx *db.Tx, account id.ID, from, to State) (bool, error) {
	n, err := tx.Exec(`UPDATE identity_account SET state = $1 WHERE id = $2 AND state = $3`, int64(to), account, int64(from))
	return n == 1, err
}

// closeAccount ends an account in whatever state it is; false if it was closed before.
func closeAccount(tx *db.Tx, account id.ID) (bool, error) {
	n, err := tx.Exec(`UPDATE identity_account SET state = 4, generation = generation + 1, contact = NULL, closed_at = $1
		WHERE id = $2 AND state <> 4`, clock.Micros(tx.Now()), account)
	return n == 1, err
}

// nextGeneration ends every session of the account, whatever rows are left of them.
func nextGeneration(tx *db.Tx, account id.ID) error {
	_, err := tx.Exec(`UPDATE identity_account SET generation = generation + 1 WHERE id = $1`, account)
	return err
}

// endRealm ends every session of a realm.
func endRealm(tx *db.Tx, realm Realm) error {
	if _, err := tx.Exec(`UPDATE identity_account SET generation = generation + 1 WHERE realm = $1`, int64(realm)); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM identity_session WHERE account IN (SELECT id FROM identity_account WHERE realm = $1)`, int64(realm))
	return err
}

func setCompromised(tx *db.Tx, account id.ID, on bool) error {
	_, err := tx.Exec(`UPDATE identity_account SET compromised = $1 WHERE id = $2`, db.Bool(on), account)
	return err
}

func setSeen(tx *db.Tx, account id.ID) error {
	_, err := tx.Exec(`UPDATE identity_account SET seen_at = $1 WHERE id = $2`, clock.Micros(tx.Now()), account)
	return err
}

func setWords(tx *db.Tx, account id.ID, words []byte) error {
	_, err := tx.Exec(`UPDATE identity_account SET words = $1 WHERE id = $2`, words, account)
	return err
}

// pendingBefore lists accounts that nobody confirmed.
func (s *Service) pendingBefore(tx *db.Tx, before time.Time, limit int) ([]Account, error) {
	return db.All(tx, s.scanAccount, `SELECT `+accountColumns+` FROM identity_account a
		WHERE a.state = 1 AND a.made_at < $1 ORDER BY a.made_at, a.id LIMIT $2`, clock.Micros(before), limit)
}

// dropPending forgets an account that never counted; false if it was confirmed meanwhile.
func dropPending(tx *db.Tx, account id.ID) (bool, error) {
	n, err := tx.Exec(`DELETE FROM identity_account WHERE id = $1 AND state = 1`, account)
	if err != nil || n == 0 {
		return false, err
	}
	_, err = tx.Exec(`DELETE FROM identity_passkey WHERE account = $1`, account)
	return true, err
}
