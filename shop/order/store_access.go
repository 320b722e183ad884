package order

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

// accessKind says what a token is. The numbers are stored.
type accessKind uint8

const (
	browserAccess accessKind = 1 // of the browser that placed the order
	linkAccess    accessKind = 2 // in a mail
	visitAccess   accessKind = 3 // of a browser that came through the link
	ownAccess     accessKind = 4 // of a browser that is signed in to the order's account
)

// pass is one token for one order, without the token.
type pass struct {
	order      id.ID
	kind       accessKind
	generation int64
	made, ends time.Time
	uses       int64
}

func insertPass(tx *db.Tx, token []byte, p pass) error {
	_, err := tx.Exec(`INSERT INTO order_access (token, order_id, kind, generation, made_at, ends_at, uses)
		VALUES ($1, $2, $3, $4, $5, $6, 0) ON CONFLICT DO NOTHING`,
		token, p.order, int64(p.kind), p.generation, clock.Micros(tx.Now()), clock.Micros(p.ends))
	return err
}

func passOf(tx *db.Tx, token []byte) (pass, bool, error) {
	return db.One(tx, func(r db.Scanner) (p pass, err error) {
		var made, ends int64
		err = r.Scan(&p.order, &p.kind, &p.generation, &made, &ends, &p.uses)
		p.made, p.ends = clock.FromMicros(made), clock.FromMicros(ends)
		return p, err
	}, `SELECT order_id, kind, generation, made_at, ends_at, uses FROM order_access WHERE token = $1`, token)
}

// usePass counts a use of a link and refuses when there were too many.
func usePass(tx *db.Tx, token []byte, most int64) error {
	return tx.Guard(errNotFound, `UPDATE order_access SET uses = uses + 1 WHERE token = $1 AND uses < $2`, token, most)
}

// nextGeneration makes every link and visit of the order invalid.
func nextGeneration(tx *db.Tx, order id.ID) error {
	if _, err := tx.Exec(`UPDATE order_head SET generation = generation + 1 WHERE id = $1`, order); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM order_access WHERE order_id = $1 AND kind IN (2, 3, 4)`, order)
	return err
}

// countCorrection takes one of the corrections that an order has.
func countCorrection(tx *db.Tx, order id.ID, most int64) error {
	return tx.Guard(errCorrectOver, `UPDATE order_head SET corrections = corrections + 1 WHERE id = $1 AND corrections < $2`,
		order, most)
}

// dropEnded removes passes that nobody can use any more.
func dropEnded(tx *db.Tx) error {
	_, err := tx.Exec(`DELETE FROM order_access WHERE ends_at > 0 AND ends_at <= $1`, clock.Micros(tx.Now()))
	return err
}

// count adds one to what is counted under the key in this window of time and says how many there are now.
func count(tx *db.Tx, key []byte, window time.Duration) (n int64, err error) {
	slot := clock.Micros(tx.Now().Truncate(window))
	err = tx.QueryRow(`INSERT INTO order_limit (key, slot, count) VALUES ($1, $2, 1)
		ON CONFLICT (key, slot) DO UPDATE SET count = order_limit.count + 1 RETURNING count`, key, slot).Scan(&n)
	return n, err
}

// dropCounts forgets what was counted a while ago.
func dropCounts(tx *db.Tx, before time.Time) error {
	_, err := tx.Exec(`DELETE FROM order_limit WHERE slot < $1`, clock.Micros(before))
	return err
}

// renewal is a request for a new link.
type renewal struct {
	number string
	proof  []byte
}

func insertRenewal(tx *db.Tx, v id.ID, r renewal) error {
	_, err := tx.Exec(`INSERT INTO order_renewal (id, number, proof, made_at) VALUES ($1, $2, $3, $4)`,
		v, r.number, r.proof, clock.Micros(tx.Now()))
	return err
}

func renewalOf(tx *db.Tx, v id.ID) (renewal, bool, error) {
	return db.One(tx, func(s db.Scanner) (r renewal, err error) {
		err = s.Scan(&r.number, &r.proof)
		return r, err
	}, `SELECT number, proof FROM order_renewal WHERE id = $1`, v)
}

func dropRenewal(tx *db.Tx, v id.ID) error {
	_, err := tx.Exec(`DELETE FROM order_renewal WHERE id = $1`, v)
	return err
}

// draft is what a guest typed, without the sealed fields.
type draft struct {
	id, cart, subject        id.ID
	attempt                  []byte
	language, country, offer string
	version                  int64
}

const selectDraft = `SELECT id, cart, subject, attempt, language, country, offer, version FROM order_draft `

func scanDraft(r db.Scanner) (d draft, err error) {
	err = r.Scan(&d.id, &d.cart, &d.subject, &d.attempt, &d.language, &d.country, &d.offer, &d.version)
	return d, err
}

func draftOf(tx *db.Tx, cart id.ID) (draft, bool, error) {
	return db.One(tx, scanDraft, selectDraft+`WHERE cart = $1`, cart)
}

// insertDraft writes a new draft; false if the cart has one already.
func insertDraft(tx *db.Tx, d draft) (bool, error) {
	n, err := tx.Exec(`INSERT INTO order_draft (id, cart, subject, attempt, language, country, offer, version, made_at, saved_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9) ON CONFLICT DO NOTHING`,
		d.id, d.cart, d.subject, d.attempt, d.language, d.country, d.offer, clock.Micros(tx.Now()), clock.Micros(tx.Now()))
	return n == 1, err
}

// updateDraft saves over an older version. It is lost when the draft became an order or was saved meanwhile.
func updateDraft(tx *db.Tx, d draft) error {
	return tx.Guard(errMoved, `UPDATE order_draft SET language = $1, country = $2, offer = $3, version = version + 1,
		saved_at = $4 WHERE id = $5 AND version = $6`,
		d.language, d.country, d.offer, clock.Micros(tx.Now()), d.id, d.version)
}

// takeDraft removes the draft that becomes an order, if it is still the version that was looked at.
func takeDraft(tx *db.Tx, d draft) error {
	return tx.Guard(errMoved, `DELETE FROM order_draft WHERE id = $1 AND version = $2`, d.id, d.version)
}

func oldDrafts(tx *db.Tx, before time.Time, limit int) ([]draft, error) {
	return db.All(tx, scanDraft, selectDraft+`WHERE saved_at <= $1 ORDER BY saved_at LIMIT $2`, clock.Micros(before), limit)
}

func draftLanguage(tx *db.Tx, v id.ID) (string, bool, error) {
	return db.One(tx, func(r db.Scanner) (l string, err error) { err = r.Scan(&l); return l, err },
		`SELECT language FROM order_draft WHERE id = $1`, v)
}

// dropRenewals forgets requests that no job has looked at.
func dropRenewals(tx *db.Tx, before time.Time) error {
	_, err := tx.Exec(`DELETE FROM order_renewal WHERE made_at < $1`, clock.Micros(before))
	return err
}

// dropPasses ends every way into an order.
func dropPasses(tx *db.Tx, order id.ID) error {
	_, err := tx.Exec(`DELETE FROM order_access WHERE order_id = $1`, order)
	return err
}
