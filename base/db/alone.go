package db

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// Locks that processes on one PostgreSQL database hold against each other.
const (
	lockMigrate int64 = 0x5374726f6e67_01
	lockAlone   int64 = 0x5374726f6e67_02
)

// Alone runs fn while no other process does so on the same PostgreSQL database; the server lets go when the process ends.
// On SQLite it just runs fn: a second process is kept out by the lock of the folder.
func Alone(ctx context.Context, dsn string, fn func()) error {
	if strings.HasPrefix(dsn, "sqlite:") {
		fn()
		return nil
	}
	pool, err := connect(dsn)
	if err != nil {
		return err
	}
	defer func() { _ = pool.Close() }()
	unlock, err := advisory(ctx, pool, Postgres, lockAlone)
	if err != nil {
		return err
	}
	defer unlock()
	fn()
	return nil
}

// advisory takes an advisory lock on a connection of its own and holds it until unlock.
func advisory(ctx context.Context, pool *sql.DB, e Engine, key int64) (unlock func(), err error) {
	if e != Postgres {
		return func() {}, nil
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, classify(fmt.Errorf("open PostgreSQL: %w", err))
	}
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", key); err != nil {
		_ = conn.Close()
		return nil, classify(fmt.Errorf("wait for the other processes: %w", err))
	}
	return func() {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", key)
		_ = conn.Close()
	}, nil
}
