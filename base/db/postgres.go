package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"strongroom/base/trace"
)

// attempts is how often a transaction is tried before its conflict is reported.
const attempts = 8

// connectLimit is how long a server may take to answer before the next one of the address is tried.
const connectLimit = 3 * time.Second

// connect makes a pool for an address. It opens no connection yet. The address may name several servers: a new connection
// goes to the first that takes writes, so that the store follows the primary (docs/growing.md).
func connect(dsn string) (*sql.DB, error) {
	c, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, errors.New("db: the PostgreSQL address cannot be read") // its text may hold a password
	}
	if c.ConnectTimeout == 0 || c.ConnectTimeout == 2*time.Minute { // nobody said otherwise
		c.ConnectTimeout = connectLimit
	}
	if len(c.Fallbacks) > 0 && c.ValidateConnect == nil {
		c.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	return stdlib.OpenDB(*c), nil
}

func openPostgres(ctx context.Context, o Options) (*DB, error) {
	pool, err := connect(o.DSN)
	if err != nil {
		return nil, err
	}
	n := o.Readers
	if n <= 0 {
		n = 16
	}
	pool.SetMaxOpenConns(n)
	pool.SetMaxIdleConns(n)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	d := &DB{engine: Postgres, pool: pool, clock: o.Clock}
	pctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := pool.PingContext(pctx); err != nil {
		_ = pool.Close()
		return nil, classify(fmt.Errorf("open PostgreSQL: %w", err))
	}
	if o.Migrations != nil {
		if err := migrate(ctx, pool, Postgres, o.Migrations); err != nil {
			_ = pool.Close()
			return nil, err
		}
	}
	return d, nil
}

// Bounds of a transaction on PostgreSQL. A server that is frozen, or gone without a word, never answers: whoever waits
// for it would hold a connection for good. A transaction that was not committed for sure is tried again for a while, so
// that a short break costs shoppers a moment and no error.
const (
	answerLimit = 8 * time.Second
	tryFor      = 4 * time.Second
)

type unhurried struct{}

// Patient marks the context of maintenance, which may keep the database busy for longer than a shopper would wait.
func Patient(ctx context.Context) context.Context { return context.WithValue(ctx, unhurried{}, true) }

// limited bounds how long the database may take.
func (d *DB) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	if d.engine == SQLite || ctx.Value(unhurried{}) != nil {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, answerLimit)
}

// overdue is err, or ErrUnavailable if it was the bound that ended the work and not the caller.
func overdue(ctx context.Context, err error) error {
	if err != nil && ctx.Err() == nil && (errors.Is(err, context.DeadlineExceeded) || pgconn.Timeout(err)) {
		return fmt.Errorf("%w: no answer within %s: %w", ErrUnavailable, answerLimit, err)
	}
	return err
}

func (d *DB) writePostgres(ctx context.Context, fn func(*Tx) error, span *trace.Span) (after []func(), err error) {
	patience, cancel := context.WithTimeout(ctx, tryFor)
	defer cancel()
	for try := 1; ; try++ {
		var sure bool
		after, sure, err = d.oncePostgres(ctx, fn, span)
		span.Number("tries", int64(try))
		if err == nil {
			return after, nil
		}
		gone := errors.Is(classify(err), ErrUnavailable)
		again := repeatable(err) && try < attempts || gone && sure && patience.Err() == nil
		if !again {
			return nil, err
		}
		pause := time.Duration(1+rand.IntN(1<<min(try, 6))) * time.Millisecond
		if gone {
			pause += 200 * time.Millisecond
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// oncePostgres tries a transaction. sure says of a failed one that nothing of it was committed; a connection that broke
// while the commit was under way leaves that open.
func (d *DB) oncePostgres(ctx context.Context, fn func(*Tx) error, span *trace.Span) (after []func(), sure bool, err error) {
	own, cancel := d.limited(ctx)
	defer cancel()
	conn, err := d.pool.Conn(own)
	if err != nil {
		return nil, true, overdue(ctx, err)
	}
	defer func() {
		if errors.Is(classify(err), ErrUnavailable) { // never use it again: the server behind it is gone, or reads only
			_ = conn.Raw(func(any) error { return driver.ErrBadConn })
		}
		_ = conn.Close()
	}()
	stx, err := conn.BeginTx(own, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return nil, true, overdue(ctx, err)
	}
	defer func() { _ = stx.Rollback() }() // a no-op after Commit
	tx := &Tx{db: d, ctx: own, now: d.clock.Now(), run: plainRunner{stx}, write: true}
	err = fn(tx)
	span.Number("statements", tx.count)
	if err != nil {
		return nil, true, overdue(ctx, err)
	}
	if err := stx.Commit(); err != nil {
		return nil, false, overdue(ctx, fmt.Errorf("commit: %w", err))
	}
	d.commits.Add(1)
	return tx.after, true, nil
}

// repeatable says whether the transaction was undone by a conflict and may be tried again as it is.
func repeatable(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}
