package export

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

func insertFile(tx *db.Tx, f File) (bool, error) {
	n, err := tx.Exec(`INSERT INTO export_file (id, asker, role, subject, format, from_at, until_at, state, mark_at, mark_id, pieces,
		orders, size, tries, made_at, ready_at, ends_at, until_try)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 1, 0, NULL, 0, 0, 0, 0, $8, 0, $9, 0) ON CONFLICT (id) DO NOTHING`,
		f.ID, f.asker, f.role, f.subject, string(f.Format), clock.Micros(f.From), clock.Micros(f.Until), clock.Micros(tx.Now()),
		clock.Micros(tx.Now().Add(makeLife)))
	return n == 1, err
}

const selectFile = `SELECT id, asker, role, subject, format, from_at, until_at, state, mark_at, mark_id, pieces, orders, size, tries,
	made_at, ready_at, ends_at FROM export_file `

func scanFile(r db.Scanner) (f File, err error) {
	var from, until, mark, made, ready, ends int64
	err = r.Scan(&f.ID, &f.asker, &f.role, &f.subject, &f.Format, &from, &until, &f.State, &mark, &f.mark.ID, &f.pieces, &f.Orders,
		&f.Size, &f.tries, &made, &ready, &ends)
	for t, us := range map[*time.Time]int64{&f.From: from, &f.Until: until, &f.mark.At: mark, &f.Made: made, &f.Ready: ready, &f.Ends: ends} {
		*t = clock.FromMicros(us)
	}
	return f, err
}

func fileByID(tx *db.Tx, v id.ID) (File, error) {
	f, ok, err := db.One(tx, scanFile, selectFile+`WHERE id = $1`, v)
	if err == nil && !ok {
		err = errUnknown
	}
	return f, err
}

func filesOf(tx *db.Tx, asker id.ID, since time.Time) ([]File, error) {
	return db.All(tx, scanFile, selectFile+`WHERE asker = $1 AND made_at >= $2 ORDER BY made_at DESC LIMIT 50`, asker, clock.Micros(since))
}

// overdue are the files whose day is over.
func overdue(tx *db.Tx) ([]File, error) {
	return db.All(tx, scanFile, selectFile+`WHERE state < 4 AND ends_at <= $1 ORDER BY ends_at LIMIT 50`, clock.Micros(tx.Now()))
}

func hasSubject(tx *db.Tx, subject id.ID) (bool, error) {
	var n int64
	err := tx.QueryRow(`SELECT COUNT(*) FROM export_file WHERE subject = $1`, subject).Scan(&n)
	return n > 0, err
}

// advance notes how far a file has come, if nobody else has taken it further.
func advance(tx *db.Tx, f File, to File) error {
	return tx.Guard(errMoved, `UPDATE export_file SET mark_at = $1, mark_id = $2, pieces = $3, orders = $4, size = $5
		WHERE id = $6 AND state = 1 AND pieces = $7`,
		clock.Micros(to.mark.At), to.mark.ID, to.pieces, to.Orders, to.Size, f.ID, f.pieces)
}

func insertPiece(tx *db.Tx, file id.ID, seq int64, row id.ID, sealed []byte) error {
	_, err := tx.Exec(`INSERT INTO export_piece (file, seq, id, bytes) VALUES ($1, $2, $3, $4)`, file, seq, row, sealed)
	return err
}

type piece struct {
	row    id.ID
	sealed []byte
}

func pieceAt(tx *db.Tx, file id.ID, seq int64) (p piece, ok bool, err error) {
	return db.One(tx, func(r db.Scanner) (p piece, err error) { return p, r.Scan(&p.row, &p.sealed) },
		`SELECT id, bytes FROM export_piece WHERE file = $1 AND seq = $2`, file, seq)
}

func setReady(tx *db.Tx, v id.ID) error {
	now := tx.Now()
	return tx.Guard(errMoved, `UPDATE export_file SET state = 2, ready_at = $1, ends_at = $2 WHERE id = $3 AND state = 1`,
		clock.Micros(now), clock.Micros(now.Add(fileLife)), v)
}

// begin takes a file for fetching. Of two who come at once, one is refused.
func begin(tx *db.Tx, v id.ID) error {
	now := tx.Now()
	return tx.Guard(errMoved, `UPDATE export_file SET state = 3, tries = tries + 1, until_try = $1
		WHERE id = $2 AND (state = 2 OR state = 3 AND until_try <= $3) AND ends_at > $3 AND tries < $4`,
		clock.Micros(now.Add(tryLife)), v, clock.Micros(now), maxTries)
}

// giveBack lets a file be fetched once more whose fetching broke off.
func giveBack(tx *db.Tx, v id.ID) error {
	_, err := tx.Exec(`UPDATE export_file SET state = 2 WHERE id = $1 AND state = 3`, v)
	return err
}

// end ends a file in one of the states that it may have.
func end(tx *db.Tx, f File, to State) (bool, error) {
	n, err := tx.Exec(`UPDATE export_file SET state = $1 WHERE id = $2 AND state < 4`, int64(to), f.ID)
	if err != nil || n == 0 {
		return false, err
	}
	_, err = tx.Exec(`DELETE FROM export_piece WHERE file = $1`, f.ID)
	return true, err
}
