package post

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

// insertBounce writes a bounce. A second one of the same letter only renews the time: reports come twice. kept is the
// one that stands.
func insertBounce(tx *db.Tx, b Bounce, detail []byte) (kept id.ID, err error) {
	nobody := 0
	if b.Nobody {
		nobody = 1
	}
	n, err := tx.Exec(`INSERT INTO post_bounce (id, object, kind, order_id, subject, nobody, code, status, source, detail, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (object, kind, source) DO NOTHING`,
		b.ID, b.Letter.Object, b.Letter.Kind, orNull(b.Order), orNull(b.Subject), nobody, b.Code, b.Status, b.Source, detail, clock.Micros(b.At))
	if err != nil || n == 1 {
		return b.ID, err
	}
	err = tx.QueryRow("UPDATE post_bounce SET at = $1 WHERE object = $2 AND kind = $3 AND source = $4 RETURNING id",
		clock.Micros(b.At), b.Letter.Object, b.Letter.Kind, b.Source).Scan(&kept)
	return kept, err
}

func orNull(v id.ID) any {
	if v.IsZero() {
		return nil
	}
	return v
}

func scanBounce(s db.Scanner) (b Bounce, err error) {
	var order, subject []byte
	var nobody, at int64
	err = s.Scan(&b.ID, &b.Letter.Object, &b.Letter.Kind, &order, &subject, &nobody, &b.Code, &b.Status, &b.Source, &at)
	copy(b.Order[:], order)
	copy(b.Subject[:], subject)
	b.Nobody, b.At = nobody == 1, clock.FromMicros(at)
	return b, err
}

func bouncesOf(tx *db.Tx, order id.ID) ([]Bounce, error) {
	return db.All(tx, scanBounce, `SELECT id, object, kind, order_id, subject, nobody, code, status, source, at
		FROM post_bounce WHERE order_id = $1 ORDER BY at, id`, order)
}

func newest(tx *db.Tx, limit int) ([]Bounce, error) {
	return db.All(tx, scanBounce, `SELECT id, object, kind, order_id, subject, nobody, code, status, source, at
		FROM post_bounce ORDER BY at DESC, id DESC LIMIT $1`, limit)
}

func byID(tx *db.Tx, bounce id.ID) (Bounce, bool, error) {
	return db.One(tx, scanBounce, `SELECT id, object, kind, order_id, subject, nobody, code, status, source, at
		FROM post_bounce WHERE id = $1`, bounce)
}

type stopRow struct {
	id      id.ID
	address []byte
}

func stopsOf(tx *db.Tx, subject id.ID) ([]stopRow, error) {
	return db.All(tx, func(s db.Scanner) (r stopRow, err error) { return r, s.Scan(&r.id, &r.address) },
		"SELECT id, address FROM post_stop WHERE subject = $1 AND released_at = 0 LIMIT 50", subject)
}

func insertStop(tx *db.Tx, stop, bounce, subject id.ID, address []byte) error {
	_, err := tx.Exec(`INSERT INTO post_stop (id, subject, address, bounce, made_at, released_at) SELECT $1, $2, $3, $4, $5, 0
		WHERE NOT EXISTS (SELECT 1 FROM post_stop WHERE bounce = $4 AND released_at = 0)`,
		stop, subject, address, bounce, clock.Micros(tx.Now()))
	return err
}

func releaseStops(tx *db.Tx, subject id.ID) (int64, error) {
	return tx.Exec("UPDATE post_stop SET released_at = $1 WHERE subject = $2 AND released_at = 0", clock.Micros(tx.Now()), subject)
}

func counts(tx *db.Tx, c *Counts) error {
	if err := tx.QueryRow("SELECT COUNT(*), COALESCE(SUM(nobody), 0) FROM post_bounce").Scan(&c.Bounces, &c.Nobody); err != nil {
		return err
	}
	return tx.QueryRow("SELECT COUNT(*) FROM post_stop WHERE released_at = 0").Scan(&c.Stopped)
}

func dropOld(tx *db.Tx, before time.Time) error {
	if _, err := tx.Exec("DELETE FROM post_bounce WHERE at < $1", clock.Micros(before)); err != nil {
		return err
	}
	_, err := tx.Exec("DELETE FROM post_stop WHERE released_at > 0 AND released_at < $1", clock.Micros(before))
	return err
}
