// Package db is the one way to the two databases: the same SQL on embedded SQLite and on PostgreSQL.
//
// # Reading and writing
//
// Read hands its function a Tx for queries only. Write runs its function in a transaction that commits when the
// function returns nil; the function may be run again (PostgreSQL: serialization failure or deadlock) and must
// therefore have no effect but through its Tx. What is to happen once, after the commit, goes into Tx.AfterCommit.
// No network call happens inside Write, and Write is never called inside Write or Read.
//
// On SQLite one writer goroutine owns the writing connection. It runs all writes that wait, up to Options.Group of
// them, under one BEGIN IMMEDIATE, a savepoint each and one commit, and answers after the commit. Readers have
// query-only connections of their own (WAL).
//
// # SQL that both engines run
//
// Placeholders are $1, $2 and so on, each first used in ascending order. Columns are TEXT, INTEGER and BLOB; time is
// UTC microseconds (clock.Micros), a truth value 0 or 1 (Bool). ON CONFLICT, RETURNING, partial unique indexes and
// row values work on both. Never FOR UPDATE, LIKE, engine JSON, self-numbering keys or now(). A statement that fails
// ends the transaction on PostgreSQL: return its error, and avoid expected failures with ON CONFLICT DO NOTHING and
// a look at the row count.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"strongroom/base/clock"
	"strongroom/base/trace"
)

// Engine names the database below.
type Engine string

// The two engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Options say how to open a database.
type Options struct {
	// DSN is "sqlite:" and a file path, or a "postgres://" address.
	DSN string
	// Clock gives transactions their time; nil is the system's.
	Clock clock.Clock
	// Readers bounds the reading connections on SQLite (default 4) and all connections on PostgreSQL (default 16).
	Readers int
	// Group is the most writes under one commit on SQLite (default 64).
	Group int
	// Patience is how long SQLite lets a Ride wait for a commit to share; 0 for not at all.
	Patience time.Duration
	// Erase makes SQLite overwrite deleted content (secure_delete): for the key database.
	Erase bool
	// Migrations is the history that the database is brought up to before it is used (see schema.Data); nil for none.
	Migrations fs.FS
}

// DB is an open database. It is safe for use by many goroutines.
type DB struct {
	engine   Engine
	path     string
	pool     *sql.DB
	writer   *writer
	clock    clock.Clock
	emit     func(*Tx, any) error
	rides    rides
	patience time.Duration
	stmts    sync.Map // SQL text -> *sql.Stmt, for the pool
	nstmts   atomic.Int64
	newest   int64    // version that the history leads to; 0 without one
	inserts  sync.Map // insertKey -> text of a statement of Insert; the heads are constants of the program
	commits  atomic.Int64
	writes   atomic.Int64
}

// Open opens the database and checks that it answers. The file of a SQLite database is made if it is missing.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.Clock == nil {
		o.Clock = clock.System()
	}
	open := openSQLite
	switch {
	case strings.HasPrefix(o.DSN, "sqlite:"):
	case strings.HasPrefix(o.DSN, "postgres://"), strings.HasPrefix(o.DSN, "postgresql://"):
		open = openPostgres
	default:
		return nil, errors.New(`db: the address of the database must begin with "sqlite:" or "postgres://"`)
	}
	d, err := open(ctx, o)
	if err == nil && o.Migrations != nil {
		d.newest, err = newest(o.Migrations)
	}
	return d, err
}

// Engine says which engine runs below. Only what cannot be shared may ask (full-text index, live copies).
func (d *DB) Engine() Engine { return d.engine }

// Path is the file of a SQLite database, and empty on PostgreSQL.
func (d *DB) Path() string { return d.path }

// Clock is where transactions get their time from.
func (d *DB) Clock() clock.Clock { return d.clock }

// OnEmit sets what Tx.Emit does. It is called once, when the program is wired.
func (d *DB) OnEmit(f func(*Tx, any) error) { d.emit = f }

// Counts returns how many writes were committed since the start and how many commits that took.
func (d *DB) Counts() (writes, commits int64) { return d.writes.Load(), d.commits.Load() }

// Read runs fn with a Tx for queries. Each statement sees what is committed when it runs.
func (d *DB) Read(ctx context.Context, fn func(*Tx) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, span := trace.Child(ctx, "db.read")
	own, cancel := d.limited(ctx)
	defer cancel()
	tx := &Tx{db: d, ctx: d.queryContext(own), now: d.clock.Now(), run: (*poolRunner)(d)}
	if span != nil {
		defer func() { tx.note(span, err) }()
	}
	return classify(overdue(ctx, fn(tx)))
}

// Snapshot runs fn with a Tx for queries that all see the same moment.
func (d *DB) Snapshot(ctx context.Context, fn func(*Tx) error) (err error) {
	opts := &sql.TxOptions{ReadOnly: true}
	if d.engine == Postgres {
		opts.Isolation = sql.LevelRepeatableRead
	}
	stx, err := d.pool.BeginTx(ctx, opts)
	if err != nil {
		return classify(err)
	}
	defer func() { _ = stx.Rollback() }()
	ctx, span := trace.Child(ctx, "db.snapshot")
	tx := &Tx{db: d, ctx: ctx, now: d.clock.Now(), run: plainRunner{stx}}
	if span != nil {
		defer func() { tx.note(span, err) }()
	}
	return classify(fn(tx))
}

// Write runs fn in a transaction and commits it if fn returns nil. See the package comment for what fn may do.
func (d *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, span := trace.Child(ctx, "db.write")
	var after []func()
	var err error
	if d.engine == SQLite {
		after, err = d.writer.do(ctx, fn, span)
	} else {
		after, err = d.writePostgres(ctx, fn, span)
	}
	span.End(err)
	if err != nil {
		return classify(err)
	}
	d.writes.Add(1)
	for _, f := range after {
		f()
	}
	return nil
}

// Ping says whether the database answers within two seconds.
func (d *DB) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return classify(d.pool.PingContext(ctx))
}

// Close waits for the writer and closes all connections.
func (d *DB) Close() error {
	if d.writer != nil {
		d.depart()
		d.writer.close()
	}
	d.stmts.Range(func(_, s any) bool { _ = s.(*sql.Stmt).Close(); return true })
	return d.pool.Close()
}

// queryContext keeps cancellation on PostgreSQL. On SQLite a watcher goroutine for each statement would cost more than
// the statement, so that queries there run to their end; they are short and bounded.
func (d *DB) queryContext(ctx context.Context) context.Context {
	if d.engine == SQLite {
		return context.WithoutCancel(ctx)
	}
	return ctx
}

// maxStmts bounds the statements kept ready; past it they are prepared and closed each time.
const maxStmts = 1000

func (d *DB) stmt(ctx context.Context, query string) (*sql.Stmt, bool, error) {
	if s, ok := d.stmts.Load(query); ok {
		return s.(*sql.Stmt), true, nil
	}
	s, err := d.pool.PrepareContext(ctx, query)
	if err != nil {
		return nil, false, fmt.Errorf("%w in %s", err, brief(query))
	}
	if d.nstmts.Load() >= maxStmts {
		return s, false, nil
	}
	if old, loaded := d.stmts.LoadOrStore(query, s); loaded {
		_ = s.Close()
		return old.(*sql.Stmt), true, nil
	}
	d.nstmts.Add(1)
	return s, true, nil
}

func brief(query string) string {
	q := strings.Join(strings.Fields(query), " ")
	if len(q) > 120 {
		q = q[:120] + "..."
	}
	return q
}
