package db

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	_ "modernc.org/sqlite" // registers the driver "sqlite"
)

// The writer waits for other processes by itself (see begin), but for a checkpoint.
const (
	impatient = "PRAGMA busy_timeout = 1"
	patient   = "PRAGMA busy_timeout = 10000"
)

func openSQLite(ctx context.Context, o Options) (*DB, error) {
	path := strings.TrimPrefix(o.DSN, "sqlite:")
	readers, group := o.Readers, o.Group
	if readers <= 0 {
		readers = 4
	}
	if group <= 0 {
		group = 64
	}
	if err := migrateSQLite(ctx, path, o); err != nil {
		return nil, err
	}
	wdb, err := sql.Open("sqlite", sqliteDSN(path, o.Erase, false))
	if err != nil {
		return nil, err
	}
	wdb.SetMaxOpenConns(1)
	conn, err := wdb.Conn(ctx)
	if err != nil {
		_ = wdb.Close()
		return nil, classify(fmt.Errorf("open %s: %w", path, err))
	}
	if _, err := conn.ExecContext(ctx, impatient); err != nil {
		_ = wdb.Close()
		return nil, classify(fmt.Errorf("open %s: %w", path, err))
	}
	pool, err := sql.Open("sqlite", sqliteDSN(path, o.Erase, true))
	if err != nil {
		_ = wdb.Close()
		return nil, err
	}
	pool.SetMaxOpenConns(readers)
	pool.SetMaxIdleConns(readers)
	d := &DB{engine: SQLite, path: path, pool: pool, clock: o.Clock, patience: o.Patience}
	d.writer = startWriter(d, wdb, conn, group)
	if err := pool.PingContext(ctx); err != nil {
		_ = d.Close()
		return nil, classify(fmt.Errorf("open %s: %w", path, err))
	}
	return d, nil
}

// migrateSQLite has a connection of its own, closed before the others open, so that no one sees an older schema.
func migrateSQLite(ctx context.Context, path string, o Options) error {
	if o.Migrations == nil {
		return nil
	}
	own, err := sql.Open("sqlite", sqliteDSN(path, o.Erase, false))
	if err != nil {
		return err
	}
	defer func() { _ = own.Close() }()
	own.SetMaxOpenConns(1)
	return migrate(ctx, own, SQLite, o.Migrations)
}

// sqliteDSN sets what the architecture decides: WAL, synchronous FULL, foreign keys, query-only readers.
func sqliteDSN(path string, erase, reader bool) string {
	q := url.Values{}
	add := func(name, value string) { q.Add("_pragma", name+"("+value+")") }
	add("busy_timeout", "10000")
	add("journal_mode", "WAL")
	add("synchronous", "FULL")
	add("foreign_keys", "1")
	add("trusted_schema", "0")
	add("temp_store", "MEMORY")
	add("cache_size", "-8000") // KiB
	if erase {
		add("secure_delete", "1")
	} else {
		add("wal_autocheckpoint", strconv.Itoa(logUsual)) // what changes often is copied into the file less often
	}
	if reader {
		add("query_only", "1")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// Checkpoint moves the write-ahead log into the database file and empties it, so that deleted content stands in
// neither. On PostgreSQL it does a VACUUM, which frees what was deleted for overwriting.
func (d *DB) Checkpoint(ctx context.Context) error {
	if d.engine == Postgres {
		_, err := d.pool.ExecContext(ctx, "VACUUM")
		return classify(err)
	}
	return classify(d.writer.raw(ctx, func(c *sql.Conn) error {
		if _, err := c.ExecContext(ctx, patient); err != nil {
			return err
		}
		defer func() { _, _ = c.ExecContext(ctx, impatient) }()
		var busy, log, done int
		err := c.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &log, &done)
		if err == nil && busy != 0 {
			return ErrBusy
		}
		return err
	}))
}
