package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"

	"strongroom/base/trace"
)

// attempts is how often a transaction is tried before its conflict is reported.
const attempts = 8

func openPostgres(ctx context.Context, o Options) (*DB, error) {
	pool, err := sql.Open("pgx", o.DSN)
	if err != nil {
		return nil, errors.New("db: the PostgreSQL address cannot be read") // its text may hold a password
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

func (d *DB) writePostgres(ctx context.Context, fn func(*Tx) error, span *trace.Span) (after []func(), err error) {
	for try := 1; ; try++ {
		after, err = d.oncePostgres(ctx, fn, span)
		span.Number("tries", int64(try))
		if err == nil || try == attempts || !repeatable(err) {
			return after, err
		}
		pause := time.Duration(1+rand.IntN(1<<min(try, 6))) * time.Millisecond
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (d *DB) oncePostgres(ctx context.Context, fn func(*Tx) error, span *trace.Span) ([]func(), error) {
	stx, err := d.pool.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return nil, err
	}
	defer func() { _ = stx.Rollback() }() // a no-op after Commit
	tx := &Tx{db: d, ctx: ctx, now: d.clock.Now(), run: plainRunner{stx}, write: true}
	err = fn(tx)
	span.Number("statements", tx.count)
	if err != nil {
		return nil, err
	}
	if err := stx.Commit(); err != nil {
		return nil, fmt.Errorf("commit: %w", err)
	}
	d.commits.Add(1)
	return tx.after, nil
}

// repeatable says whether the transaction was undone by a conflict and may be tried again as it is.
func repeatable(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}
