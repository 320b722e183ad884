package db

import (
	"fmt"
	"strings"
)

// groups are how many rows one statement takes, so that few texts are prepared. SQLite keeps a copy of each page that a
// statement for several rows changes, and PostgreSQL wants few round trips.
func groups(e Engine) []int {
	if e == Postgres {
		return []int{256, 32, 8, 1}
	}
	return []int{32, 8, 1}
}

// Insert runs "head VALUES-list tail" for many rows of values, in as few statements as is good for the engine.
func Insert(tx *Tx, head, tail string, rows [][]any) error {
	_, err := InsertCount(tx, head, tail, rows)
	return err
}

// InsertCount is Insert, and says how many rows were written.
func InsertCount(tx *Tx, head, tail string, rows [][]any) (written int64, err error) {
	for len(rows) > 0 {
		n := 1
		for _, size := range groups(tx.db.engine) {
			if len(rows) >= size {
				n = size
				break
			}
		}
		args := make([]any, 0, n*len(rows[0]))
		for _, r := range rows[:n] {
			args = append(args, r...)
		}
		changed, err := tx.Exec(tx.db.insertText(head, tail, n, len(rows[0])), args...)
		if err != nil {
			return written, err
		}
		written, rows = written+changed, rows[n:]
	}
	return written, nil
}

type insertKey struct {
	head string
	n    int
}

// insertText is the statement for n rows of m columns, made once.
func (d *DB) insertText(head, tail string, n, m int) string {
	k := insertKey{head, n}
	if s, ok := d.inserts.Load(k); ok {
		return s.(string)
	}
	s := head + d.values(n, m) + tail
	d.inserts.Store(k, s)
	return s
}

// values writes "($1, $2), ($3, $4)" for n rows of m columns. SQLite looks a parameter's name up in a list from its
// beginning, so that many are better nameless there.
func (d *DB) values(n, m int) string {
	var b strings.Builder
	for i := range n * m {
		switch {
		case i == 0:
			b.WriteString("(")
		case i%m == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		if d.engine == SQLite {
			b.WriteByte('?')
		} else {
			fmt.Fprintf(&b, "$%d", i+1)
		}
	}
	return b.String() + ")"
}
