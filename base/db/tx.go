package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"strongroom/base/id"
	"strongroom/base/trace"
)

// runner is what a Tx sends its statements to: a pool, a connection or a transaction.
type runner interface {
	exec(ctx context.Context, query string, args []any) (sql.Result, error)
	query(ctx context.Context, query string, args []any) (*sql.Rows, error)
}

// Tx is what SQL is sent through, inside Read, Snapshot or Write. It must not outlive the function it was given to.
type Tx struct {
	db    *DB
	ctx   context.Context
	run   runner
	now   time.Time
	write bool
	after []func()
	count int64 // statements so far, for traces
}

// note ends a span with the number of statements.
func (t *Tx) note(s *trace.Span, err error) {
	s.Number("statements", t.count)
	s.End(err)
}

// ErrReadOnly is returned by Exec, Emit and AfterCommit outside Write.
var ErrReadOnly = errors.New("db: a write outside Write")

// Now is the transaction's time: the same for every statement in it. Rules take their time from here.
func (t *Tx) Now() time.Time { return t.now }

// NewID makes an id that carries the transaction's time.
func (t *Tx) NewID() id.ID { return id.New(t.now, nil) }

// Context is the context of the call, for what must run inside the transaction and wants one.
func (t *Tx) Context() context.Context { return t.ctx }

// DB is the database that the transaction belongs to.
func (t *Tx) DB() *DB { return t.db }

// Exec runs a statement and returns how many rows it changed.
func (t *Tx) Exec(query string, args ...any) (int64, error) {
	if !t.write {
		return 0, ErrReadOnly
	}
	t.count++
	r, err := t.run.exec(t.ctx, query, args)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// Guard runs a statement that must change exactly one row, and returns lost if it changed none.
func (t *Tx) Guard(lost error, query string, args ...any) error {
	n, err := t.Exec(query, args...)
	if err == nil && n == 0 {
		return lost
	}
	return err
}

// Query runs a statement that returns rows; the caller closes them. All does so by itself.
func (t *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	t.count++
	return t.run.query(t.ctx, query, args)
}

// Row is the first row of a query.
type Row struct {
	rows *sql.Rows
	err  error
}

// QueryRow runs a statement for its first row. Scan returns sql.ErrNoRows if there is none.
func (t *Tx) QueryRow(query string, args ...any) *Row {
	rows, err := t.Query(query, args...)
	return &Row{rows, err}
}

// Scan copies the row's columns into dest and ends the query.
func (r *Row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer func() { _ = r.rows.Close() }()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return sql.ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	return r.rows.Close()
}

// Emit hands an event to the event bus, which writes its outbox rows in this transaction.
func (t *Tx) Emit(event any) error {
	if !t.write {
		return ErrReadOnly
	}
	if t.db.emit == nil {
		return nil
	}
	return t.db.emit(t, event)
}

// AfterCommit has f run once, after the commit, in the goroutine that called Write. It must be quick; what may fail
// or take time is a job.
func (t *Tx) AfterCommit(f func()) { t.after = append(t.after, f) }

// Scanner is a row that can be scanned: *Row or *sql.Rows.
type Scanner interface{ Scan(dest ...any) error }

// All collects the rows of a query. The query bounds them with its LIMIT.
func All[T any](t *Tx, scan func(Scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := t.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// One returns the first row of a query, and false if there is none.
func One[T any](t *Tx, scan func(Scanner) (T, error), query string, args ...any) (T, bool, error) {
	v, err := scan(t.QueryRow(query, args...))
	if errors.Is(err, sql.ErrNoRows) {
		var none T
		return none, false, nil
	}
	return v, err == nil, err
}

// Bool is how a truth value is stored.
func Bool(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// poolRunner runs statements on whichever connection is free, with prepared statements kept ready.
type poolRunner DB

func (p *poolRunner) exec(context.Context, string, []any) (sql.Result, error) {
	return nil, ErrReadOnly
}

func (p *poolRunner) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	s, kept, err := (*DB)(p).stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(ctx, args...)
	if !kept {
		_ = s.Close() // database/sql closes it once the rows are closed
	}
	return rows, err
}

// plainRunner runs statements on one transaction, unprepared (pgx keeps its own statement cache).
type plainRunner struct{ tx *sql.Tx }

func (p plainRunner) exec(ctx context.Context, query string, args []any) (sql.Result, error) {
	return p.tx.ExecContext(ctx, query, args...)
}

func (p plainRunner) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	return p.tx.QueryContext(ctx, query, args...)
}
