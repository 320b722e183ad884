package identity

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

// sessionRow is a session as it is stored.
type sessionRow struct {
	id, account, device          id.ID
	token                        []byte
	level                        Level
	methods                      Methods
	generation                   int64
	browser, network             []byte
	agent                        string
	made, stepUp, touched, until time.Time
}

const sessionColumns = `s.id, s.account, s.device, s.level, s.methods, s.generation, s.browser, s.network, s.agent,
	s.made_at, s.step_up_at, s.touched_at, s.ends_at`

// sessionScan is where the columns of a session are read into.
type sessionScan struct {
	row                        sessionRow
	made, stepUp, touched, end int64
}

func (c *sessionScan) into() []any {
	r := &c.row
	return []any{&r.id, &r.account, &r.device, &r.level, &r.methods, &r.generation, &r.browser, &r.network, &r.agent,
		&c.made, &c.stepUp, &c.touched, &c.end}
}

func (c *sessionScan) session() sessionRow {
	r := c.row
	r.made, r.stepUp, r.touched, r.until = clock.FromMicros(c.made), clock.FromMicros(c.stepUp), clock.FromMicros(c.touched), clock.FromMicros(c.end)
	return r
}

// sessionBy finds a session and its account by the hash of its token, in one read.
func (s *Service) sessionBy(tx *db.Tx, token []byte) (sessionRow, Account, bool, error) {
	var c sessionScan
	var a accountRow
	_, found, err := db.One(tx, func(r db.Scanner) (struct{}, error) {
		return struct{}{}, r.Scan(append(c.into(), a.into()...)...)
	}, `SELECT `+sessionColumns+`, `+accountColumns+` FROM identity_session s
		JOIN identity_account a ON a.id = s.account WHERE s.token = $1`, token)
	if err != nil || !found {
		return sessionRow{}, Account{}, false, err
	}
	return c.session(), a.account(s), true, nil
}

func insertSession(tx *db.Tx, r sessionRow) error {
	_, err := tx.Exec(`INSERT INTO identity_session (id, token, account, device, level, methods, generation, browser, network, agent,
		made_at, step_up_at, touched_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		r.id, r.token, r.account, r.device, int64(r.level), int64(r.methods), r.generation, r.browser, r.network, r.agent,
		clock.Micros(r.made), clock.Micros(r.stepUp), clock.Micros(r.touched), clock.Micros(r.until))
	return err
}

// rotateSession gives a session a new token, and with it what was proven now.
func rotateSession(tx *db.Tx, r sessionRow) error {
	return tx.Guard(ErrNoSession, `UPDATE identity_session SET token = $1, level = $2, methods = $3, network = $4, agent = $5,
		step_up_at = $6, touched_at = $7, ends_at = $8, generation = $9 WHERE id = $10`,
		r.token, int64(r.level), int64(r.methods), r.network, r.agent, clock.Micros(r.stepUp), clock.Micros(r.touched),
		clock.Micros(r.until), r.generation, r.id)
}

// touchSession notes that a session is in use.
func touchSession(tx *db.Tx, session, device id.ID) error {
	now := clock.Micros(tx.Now())
	if _, err := tx.Exec(`UPDATE identity_session SET touched_at = $1 WHERE id = $2 AND touched_at < $1`, now, session); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE identity_device SET last_at = $1 WHERE id = $2`, now, device)
	return err
}

// dropSession ends one session of an account; false if it was over.
func dropSession(tx *db.Tx, account, session id.ID) (bool, error) {
	n, err := tx.Exec(`DELETE FROM identity_session WHERE id = $1 AND account = $2`, session, account)
	return n == 1, err
}

func dropSessionByToken(tx *db.Tx, token []byte) error {
	_, err := tx.Exec(`DELETE FROM identity_session WHERE token = $1`, token)
	return err
}

// dropSessions ends all sessions of an account but one.
func dropSessions(tx *db.Tx, account, keep id.ID) error {
	_, err := tx.Exec(`DELETE FROM identity_session WHERE account = $1 AND id <> $2`, account, keep[:])
	return err
}

func dropDeviceSessions(tx *db.Tx, account, device id.ID) error {
	_, err := tx.Exec(`DELETE FROM identity_session WHERE account = $1 AND device = $2`, account, device)
	return err
}

// trimSessions ends the oldest sessions of an account beyond so many.
func trimSessions(tx *db.Tx, account id.ID, most int) error {
	_, err := tx.Exec(`DELETE FROM identity_session WHERE account = $1 AND id NOT IN
		(SELECT s.id FROM identity_session s WHERE s.account = $1 ORDER BY s.id DESC LIMIT $2)`, account, most)
	return err
}

func countSessions(tx *db.Tx, account id.ID) (n int, err error) {
	err = tx.QueryRow(`SELECT COUNT(*) FROM identity_session WHERE account = $1 AND ends_at > $2`, account, clock.Micros(tx.Now())).Scan(&n)
	return n, err
}

// deviceRow is a browser of an account.
type deviceRow struct {
	id          id.ID
	label       string
	known       bool
	first, last time.Time
	sessions    int
}

func scanDevice(r db.Scanner) (d deviceRow, err error) {
	var known, first, last int64
	err = r.Scan(&d.id, &d.label, &known, &first, &last)
	d.known, d.first, d.last = known == 1, clock.FromMicros(first), clock.FromMicros(last)
	return d, err
}

func deviceByBrowser(tx *db.Tx, browser []byte) (deviceRow, bool, error) {
	return db.One(tx, scanDevice, `SELECT id, label, known, first_at, last_at FROM identity_device WHERE browser = $1`, browser)
}

func deviceOf(tx *db.Tx, account, device id.ID) (deviceRow, bool, error) {
	return db.One(tx, scanDevice, `SELECT id, label, known, first_at, last_at FROM identity_device WHERE id = $1 AND account = $2`, device, account)
}

func devicesOf(tx *db.Tx, account id.ID) ([]deviceRow, error) {
	list, err := db.All(tx, scanDevice, `SELECT id, label, known, first_at, last_at FROM identity_device WHERE account = $1
		ORDER BY last_at DESC, id LIMIT 100`, account)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if err := tx.QueryRow(`SELECT COUNT(*) FROM identity_session WHERE device = $1 AND ends_at > $2`,
			list[i].id, clock.Micros(tx.Now())).Scan(&list[i].sessions); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// upsertDevice notes a browser, and releases it if known is set. A release is taken back by forgetDevice only.
func upsertDevice(tx *db.Tx, v, account id.ID, browser []byte, label string, known bool) error {
	_, err := tx.Exec(`INSERT INTO identity_device (id, account, browser, label, known, first_at, last_at)
		VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (browser) DO UPDATE
		SET label = excluded.label, last_at = excluded.last_at,
			known = CASE WHEN excluded.known = 1 THEN 1 ELSE identity_device.known END`,
		v, account, browser, label, db.Bool(known), clock.Micros(tx.Now()))
	return err
}

func forgetDevice(tx *db.Tx, account, device id.ID) error {
	_, err := tx.Exec(`UPDATE identity_device SET known = 0 WHERE id = $1 AND account = $2`, device, account)
	return err
}

func forgetDevices(tx *db.Tx, account id.ID) error {
	_, err := tx.Exec(`UPDATE identity_device SET known = 0 WHERE account = $1`, account)
	return err
}

func turnSession(tx *db.Tx, session id.ID, token []byte) error {
	return tx.Guard(ErrNoSession, `UPDATE identity_session SET token = $1 WHERE id = $2`, token, session)
}

func sessionByID(tx *db.Tx, session, account id.ID) (sessionRow, bool, error) {
	return db.One(tx, func(r db.Scanner) (sessionRow, error) {
		var c sessionScan
		err := r.Scan(c.into()...)
		return c.session(), err
	}, `SELECT `+sessionColumns+` FROM identity_session s WHERE s.id = $1 AND s.account = $2`, session, account)
}
