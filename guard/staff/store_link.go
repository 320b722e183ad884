package staff

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

// link is a link that is used once.
type link struct {
	id       id.ID
	kind     string
	token    []byte // nil until it was mailed or printed
	member   id.ID
	approval id.ID
	start    id.ID
	ends     time.Time
	spent    time.Time
}

func insertLink(tx *db.Tx, l link) error {
	_, err := tx.Exec(`INSERT INTO staff_link (id, kind, token, member, approval, start, made_at, ends_at, spent_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)`,
		l.id, l.kind, l.token, l.member, l.approval, l.start, clock.Micros(tx.Now()), clock.Micros(l.ends))
	return err
}

func scanLink(r db.Scanner) (l link, err error) {
	var ends, spent int64
	err = r.Scan(&l.id, &l.kind, &l.token, &l.member, &l.approval, &l.start, &ends, &spent)
	l.ends, l.spent = clock.FromMicros(ends), clock.FromMicros(spent)
	return l, err
}

const selectLink = `SELECT id, kind, token, member, approval, start, ends_at, spent_at FROM staff_link `

func linkByToken(tx *db.Tx, hash []byte) (link, bool, error) {
	return db.One(tx, scanLink, selectLink+`WHERE token = $1`, hash)
}

func linkByID(tx *db.Tx, v id.ID) (link, bool, error) {
	return db.One(tx, scanLink, selectLink+`WHERE id = $1`, v)
}

// spendLink uses a link up. Of two who come at once, one is refused.
func spendLink(tx *db.Tx, v id.ID) error {
	return tx.Guard(errLink, `UPDATE staff_link SET spent_at = $1 WHERE id = $2 AND spent_at = 0 AND ends_at > $1`, clock.Micros(tx.Now()), v)
}

// mintLink gives a link its token when it is mailed; a repeated mail has a new one.
func mintLink(tx *db.Tx, v id.ID, hash []byte) error {
	return tx.Guard(errLink, `UPDATE staff_link SET token = $1 WHERE id = $2 AND spent_at = 0 AND ends_at > $3`, hash, v, clock.Micros(tx.Now()))
}

func spendLinksOf(tx *db.Tx, member id.ID) error {
	_, err := tx.Exec(`UPDATE staff_link SET spent_at = $1 WHERE member = $2 AND spent_at = 0`, clock.Micros(tx.Now()), member)
	return err
}

func spendSetUpLinks(tx *db.Tx) error {
	_, err := tx.Exec(`UPDATE staff_link SET spent_at = $1 WHERE kind = 'set_up' AND spent_at = 0`, clock.Micros(tx.Now()))
	return err
}

func dropOldLinks(tx *db.Tx, before time.Time) error {
	_, err := tx.Exec(`DELETE FROM staff_link WHERE ends_at < $1`, clock.Micros(before))
	return err
}
