package pagewatch

import (
	"context"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
)

// Open is a difference that stands.
type Open struct {
	Difference
	First, Last time.Time
}

func putLook(tx *db.Tx, l Looked) error {
	_, err := tx.Exec(`INSERT INTO pagewatch_look (id, at, ended_at, outcome, pages, things, short, trouble) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		l.ID, clock.Micros(l.At), clock.Micros(l.End), string(l.Outcome), int64(l.Pages), int64(l.Things), db.Bool(l.Short), l.Trouble)
	return err
}

func scanLook(r db.Scanner) (l Looked, err error) {
	var at, end, pages, things, short int64
	var outcome string
	err = r.Scan(&l.ID, &at, &end, &outcome, &pages, &things, &short, &l.Trouble)
	l.At, l.End, l.Outcome, l.Pages, l.Things, l.Short = clock.FromMicros(at), clock.FromMicros(end), Outcome(outcome), int(pages), int(things), short == 1
	return l, err
}

const lookColumns = `id, at, ended_at, outcome, pages, things, short, trouble`

// unseenInARow counts the newest looks that reached nobody, up to a bound.
func unseenInARow(tx *db.Tx, most int) (n int, err error) {
	list, err := db.All(tx, scanLook, `SELECT `+lookColumns+` FROM pagewatch_look ORDER BY at DESC, id DESC LIMIT $1`, int64(most))
	for _, l := range list {
		if l.Outcome != Unseen {
			break
		}
		n++
	}
	return n, err
}

// putDifference notes that a difference stands. told is when somebody was last told of it, first whether it is new or
// back again.
func putDifference(tx *db.Tx, d Difference) (told time.Time, first bool, err error) {
	now := clock.Micros(tx.Now())
	var at, ended int64
	_, known, err := db.One(tx, func(r db.Scanner) (bool, error) { return true, r.Scan(&at, &ended) },
		`SELECT told_at, ended_at FROM pagewatch_difference WHERE mark = $1`, d.Mark)
	if err != nil {
		return told, false, err
	}
	if first = !known || ended != 0; first {
		at = 0
	}
	_, err = tx.Exec(`INSERT INTO pagewatch_difference (mark, page, kind, name, what, expected, found, first_at, last_at, ended_at, told_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, 0, 0)
		ON CONFLICT (mark) DO UPDATE SET expected = $6, found = $7, last_at = $8, told_at = $9, ended_at = 0,
			first_at = CASE WHEN pagewatch_difference.ended_at = 0 THEN pagewatch_difference.first_at ELSE $8 END`,
		d.Mark, d.Page, string(d.Kind), d.Name, d.What, d.Expected, d.Found, now, at)
	if at != 0 {
		told = clock.FromMicros(at)
	}
	return told, first, err
}

func markTold(tx *db.Tx, mark string) error {
	_, err := tx.Exec(`UPDATE pagewatch_difference SET told_at = $1 WHERE mark = $2`, clock.Micros(tx.Now()), mark)
	return err
}

func endDifference(tx *db.Tx, mark string) error {
	_, err := tx.Exec(`UPDATE pagewatch_difference SET ended_at = $1 WHERE mark = $2`, clock.Micros(tx.Now()), mark)
	return err
}

const openColumns = `mark, page, kind, name, what, expected, found, first_at, last_at`

func scanOpen(r db.Scanner) (o Open, err error) {
	var kind string
	var first, last int64
	err = r.Scan(&o.Mark, &o.Page, &kind, &o.Name, &o.What, &o.Expected, &o.Found, &first, &last)
	o.Kind, o.First, o.Last = Kind(kind), clock.FromMicros(first), clock.FromMicros(last)
	return o, err
}

func openDifferences(tx *db.Tx) ([]Open, error) {
	return db.All(tx, scanOpen, `SELECT `+openColumns+` FROM pagewatch_difference WHERE ended_at = 0 ORDER BY page, kind, name, mark LIMIT 500`)
}

// forget takes away looks, and differences that ended, from before a moment.
func forget(tx *db.Tx, before time.Time) error {
	if _, err := tx.Exec(`DELETE FROM pagewatch_look WHERE at < $1`, clock.Micros(before)); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM pagewatch_difference WHERE ended_at > 0 AND ended_at < $1`, clock.Micros(before))
	return err
}

// Standing is how the watch stands.
type Standing struct {
	Last   Looked // zero before the first look
	Seen   Looked // the last one that reached the shop
	Blind  int    // looks in a row since then that reached nobody
	Looks  int64  // kept
	Since  time.Time
	Open   []Open
	Begins time.Time // of the newest difference; zero for none
}

// Standing reads how the watch stands, for the program itself; Show asks for the right.
func (s *Service) Standing(ctx context.Context) (st Standing, err error) {
	err = s.d.DB.Read(ctx, func(tx *db.Tx) error {
		if st.Last, _, err = db.One(tx, scanLook, `SELECT `+lookColumns+` FROM pagewatch_look ORDER BY at DESC, id DESC LIMIT 1`); err != nil {
			return err
		}
		if st.Seen, _, err = db.One(tx, scanLook, `SELECT `+lookColumns+` FROM pagewatch_look WHERE outcome <> 'unseen' ORDER BY at DESC, id DESC LIMIT 1`); err != nil {
			return err
		}
		if st.Blind, err = unseenInARow(tx, 100); err != nil {
			return err
		}
		var since int64
		if err := tx.QueryRow(`SELECT COUNT(*), COALESCE(MIN(at), 0) FROM pagewatch_look`).Scan(&st.Looks, &since); err != nil {
			return err
		}
		if since > 0 {
			st.Since = clock.FromMicros(since)
		}
		st.Open, err = openDifferences(tx)
		return err
	})
	for _, o := range st.Open {
		if o.First.After(st.Begins) {
			st.Begins = o.First
		}
	}
	return st, err
}
