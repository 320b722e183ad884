package stock

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

// chunk is how many ids one statement asks for. Lists are filled up to it, so that there is one text to prepare.
const chunk = 16

const inChunk = "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16"

func available(tx *db.Tx, variants []id.ID, out map[id.ID]int64) error {
	args := make([]any, chunk)
	for i := range args {
		args[i] = variants[min(i, len(variants)-1)]
	}
	rows, err := tx.Query(`SELECT variant, on_hand - reserved FROM stock_level WHERE variant IN (`+inChunk+`)`, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var v id.ID
		var n int64
		if err := rows.Scan(&v, &n); err != nil {
			return err
		}
		out[v] = n
	}
	return rows.Err()
}

func scanLevel(r db.Scanner) (l Level, err error) { return l, r.Scan(&l.OnHand, &l.Reserved) }

func level(tx *db.Tx, variant id.ID) (Level, error) {
	l, _, err := db.One(tx, scanLevel, `SELECT on_hand, reserved FROM stock_level WHERE variant = $1`, variant)
	return l, err
}

// changed runs a guarded update that returns the new level, and says whether the guard held.
func changed(tx *db.Tx, update string, args ...any) (Level, bool, error) {
	return db.One(tx, scanLevel, update, args...)
}

func insertLevel(tx *db.Tx, variant id.ID, onHand int64) (fresh bool, err error) {
	n, err := tx.Exec(`INSERT INTO stock_level (variant, on_hand, reserved, updated_at) VALUES ($1, $2, 0, $3)
		ON CONFLICT (variant) DO NOTHING`, variant, onHand, clock.Micros(tx.Now()))
	return n == 1, err
}

func insertFirst(tx *db.Tx, counts []First) error {
	now := clock.Micros(tx.Now())
	levels, moves := make([][]any, 0, len(counts)), make([][]any, 0, len(counts))
	for _, c := range counts {
		levels = append(levels, []any{c.Variant, c.OnHand, 0, now})
		if c.OnHand != 0 {
			moves = append(moves, []any{tx.NewID(), c.Variant, Count, id.ID{}, c.OnHand, 0, now})
		}
	}
	if err := db.Insert(tx, `INSERT INTO stock_level (variant, on_hand, reserved, updated_at) VALUES `, ``, levels); err != nil {
		return err
	}
	return db.Insert(tx, `INSERT INTO stock_move (id, variant, kind, order_id, on_hand, reserved, at) VALUES `, ``, moves)
}

func insertMove(tx *db.Tx, m Move) error {
	_, err := tx.Exec(`INSERT INTO stock_move (id, variant, kind, order_id, on_hand, reserved, reason, actor, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		tx.NewID(), m.Variant, m.Kind, m.Order, m.OnHand, m.Reserved, m.Reason, m.Actor, clock.Micros(tx.Now()))
	return err
}

func insertReservation(tx *db.Tx, order id.ID, w Want, until time.Time) (fresh bool, err error) {
	n, err := tx.Exec(`INSERT INTO stock_reservation (order_id, variant, quantity, state, until, returned, made_at)
		VALUES ($1, $2, $3, $4, $5, 0, $6) ON CONFLICT (order_id, variant) DO NOTHING`,
		order, w.Variant, w.Quantity, open, clock.Micros(until), clock.Micros(tx.Now()))
	return n == 1, err
}

func moveState(tx *db.Tx, r Reservation, from, to string) (bool, error) {
	n, err := tx.Exec(`UPDATE stock_reservation SET state = $1, until = $2
		WHERE order_id = $3 AND variant = $4 AND state = $5`, to, clock.Micros(r.Until), r.Order, r.Variant, from)
	return n == 1, err
}

func reservations(tx *db.Tx, order id.ID) ([]Reservation, error) {
	return db.All(tx, func(r db.Scanner) (v Reservation, err error) {
		var until int64
		err = r.Scan(&v.Order, &v.Variant, &v.Quantity, &v.State, &until, &v.Returned)
		v.Until = clock.FromMicros(until)
		return v, err
	}, `SELECT order_id, variant, quantity, state, until, returned FROM stock_reservation
		WHERE order_id = $1 ORDER BY variant LIMIT 200`, order)
}

func expired(tx *db.Tx, now time.Time, limit int) ([]id.ID, error) {
	return db.All(tx, func(r db.Scanner) (v id.ID, err error) { return v, r.Scan(&v) },
		`SELECT order_id FROM stock_reservation WHERE state = 'open' AND until <= $1
		GROUP BY order_id ORDER BY MIN(until), order_id LIMIT $2`, clock.Micros(now), limit)
}

func moves(tx *db.Tx, variant id.ID, limit int) ([]Move, error) {
	return db.All(tx, func(r db.Scanner) (m Move, err error) {
		var at int64
		err = r.Scan(&m.ID, &m.Variant, &m.Kind, &m.Order, &m.OnHand, &m.Reserved, &m.Reason, &m.Actor, &at)
		m.At = clock.FromMicros(at)
		return m, err
	}, `SELECT id, variant, kind, order_id, on_hand, reserved, reason, actor, at FROM stock_move
		WHERE variant = $1 ORDER BY at DESC, id DESC LIMIT $2`, variant, limit)
}

func byHand(tx *db.Tx, variant id.ID) (n int64, err error) {
	err = tx.QueryRow(`SELECT COUNT(*) FROM stock_move WHERE variant = $1 AND reason <> ''`, variant).Scan(&n)
	return n, err
}
