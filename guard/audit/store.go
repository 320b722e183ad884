package audit

import (
	"context"
	"fmt"
	"strings"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
)

func insert(tx *db.Tx, r Row) error {
	body := r.Encode()
	leaf := Leaf(body)
	_, err := tx.Exec(`INSERT INTO audit_entry (id, at, actor_kind, actor, action, object, object_id, person, outcome, body, leaf, sequence)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NULL)`,
		r.ID, clock.Micros(r.At), int64(r.Actor.Kind), actorText(r.Actor), r.Action, r.Object, r.ObjectID, r.Person,
		int64(r.Outcome), body, leaf[:])
	return err
}

// actorText is what the actor is found by.
func actorText(a access.Actor) string {
	if !a.ID.IsZero() {
		return a.ID.String()
	}
	return a.Name
}

// Filter says which entries a list shows. Zero fields do not narrow it.
type Filter struct {
	Actor      access.Actor // Kind and, if set, ID or Name
	Action     string
	Object     string
	ObjectID   id.ID
	Person     id.ID
	Outcome    Outcome
	From, To   time.Time // from inclusive, to exclusive
	After      Cursor    // the last entry of the page before
	Limit      int       // at most 200; 0 means 50
	OldestLast bool      // newest first; false is oldest first
}

// Cursor is a place in a list.
type Cursor struct {
	At time.Time
	ID id.ID
}

// Page is a part of a list. Next is the Filter's After for the following page; More is false on the last.
type Page struct {
	Rows []Row
	Next Cursor
	More bool
}

// List pages through the log. Every row is read from its canonical bytes; one that does not match them is an error.
func (l *Log) List(ctx context.Context, f Filter) (p Page, err error) {
	defer fault.Wrap(&err, "audit: list")
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	query, args := f.sql()
	err = l.db.Read(ctx, func(tx *db.Tx) error {
		p.Rows, err = db.All(tx, scanRow, query, args...)
		return err
	})
	if err != nil {
		return Page{}, err
	}
	if p.More = len(p.Rows) > f.Limit; p.More {
		p.Rows = p.Rows[:f.Limit]
	}
	for i := range p.Rows {
		l.open(&p.Rows[i])
	}
	if n := len(p.Rows); n > 0 {
		p.Next = Cursor{p.Rows[n-1].At, p.Rows[n-1].ID}
	}
	return p, nil
}

// sql builds the query from fixed parts only; values are always parameters.
func (f Filter) sql() (string, []any) {
	var where []string
	var args []any
	add := func(condition string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			condition = strings.Replace(condition, "?", fmt.Sprintf("$%d", len(args)), 1)
		}
		where = append(where, condition)
	}
	if f.Actor.Kind != 0 {
		add("actor_kind = ?", int64(f.Actor.Kind))
		if s := actorText(f.Actor); s != "" {
			add("actor = ?", s)
		}
	}
	if f.Action != "" {
		add("action = ?", f.Action)
	}
	if f.Object != "" {
		add("object = ?", f.Object)
	}
	if !f.ObjectID.IsZero() {
		add("object_id = ?", f.ObjectID)
	}
	if !f.Person.IsZero() {
		add("person = ?", f.Person)
	}
	if f.Outcome != 0 {
		add("outcome = ?", int64(f.Outcome))
	}
	if !f.From.IsZero() {
		add("at >= ?", clock.Micros(f.From))
	}
	if !f.To.IsZero() {
		add("at < ?", clock.Micros(f.To))
	}
	order, beyond := "at, id", "(at, id) > (?, ?)"
	if f.OldestLast {
		order, beyond = "at DESC, id DESC", "(at, id) < (?, ?)"
	}
	if !f.After.ID.IsZero() {
		add(beyond, clock.Micros(f.After.At), f.After.ID)
	}
	q := "SELECT id, at, body, leaf, sequence FROM audit_entry"
	if len(where) > 0 {
		q += " WHERE " + strings.Join(where, " AND ")
	}
	args = append(args, f.Limit+1)
	return q + " ORDER BY " + order + fmt.Sprintf(" LIMIT $%d", len(args)), args
}

var errAltered = fault.New(fault.Internal, "audit.altered").
	WithHint("An entry of the audit log does not match its own hash: somebody or something changed the table.")

func scanRow(s db.Scanner) (r Row, err error) {
	var v id.ID
	var at int64
	var body, leaf []byte
	var sequence *int64
	if err := s.Scan(&v, &at, &body, &leaf, &sequence); err != nil {
		return r, err
	}
	if r, err = Decode(body); err != nil {
		return r, errAltered
	}
	if l := Leaf(body); string(l[:]) != string(leaf) || r.ID != v || clock.Micros(r.At) != at {
		return r, errAltered
	}
	if sequence != nil {
		r.Sequence, r.Placed = *sequence, true
	}
	return r, nil
}
