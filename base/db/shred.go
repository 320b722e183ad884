package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

var tableName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// Shred makes sure that what was deleted from the tables stands in their files no more. On SQLite a database opened
// with Erase has overwritten it already, and the log is emptied. On PostgreSQL a plain VACUUM leaves the bytes in the
// gaps of the pages, so that the tables are written anew (VACUUM FULL): nobody can use them while that runs, some
// seconds for a million rows. If somebody else uses a table for more than five seconds, or
// writes anything on the server in a transaction of more than half a minute, it gives up with an error.
func (d *DB) Shred(ctx context.Context, tables ...string) (err error) {
	if d.engine == SQLite {
		return d.Checkpoint(ctx)
	}
	conn, err := d.pool.Conn(ctx)
	if err != nil {
		return classify(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.ExecContext(ctx, "SET lock_timeout = '5s'"); err != nil {
		return classify(err)
	}
	defer func() {
		_, rerr := conn.ExecContext(context.WithoutCancel(ctx), "RESET lock_timeout")
		err = errors.Join(err, rerr)
	}()
	if err := oldSnapshotsEnd(ctx, conn); err != nil {
		return classify(err)
	}
	return classify(rewrite(ctx, conn, tables))
}

// oldSnapshotsEnd waits, for at most half a minute, until no transaction can see what was deleted before now: PostgreSQL
// copies what somebody may still see. A writer counts too while it holds no snapshot: between two statements only its
// own number keeps what is newer from being thrown away. So does a writer of any other database on the server, since
// the rewriting transaction's own snapshot reaches back to the oldest of them all.
func oldSnapshotsEnd(ctx context.Context, conn *sql.Conn) error {
	var now int64
	if err := conn.QueryRowContext(ctx, "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint").Scan(&now); err != nil {
		return err
	}
	for range 600 {
		var oldest, n int64
		err := conn.QueryRowContext(ctx, `SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, (SELECT COUNT(*) FROM pg_stat_activity
			WHERE (datname = current_database() OR datname IS NULL) AND pid <> pg_backend_pid() AND age(backend_xmin) > age($1::text::xid))`,
			strconv.FormatInt(now%(1<<32), 10)).Scan(&oldest, &n)
		if err != nil || oldest >= now && n == 0 {
			return err
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return fmt.Errorf("%w: a transaction has been open for long", ErrBusy)
}

func rewrite(ctx context.Context, conn *sql.Conn, tables []string) error {
	for _, t := range tables {
		if !tableName.MatchString(t) {
			return errors.New("db: no name of a table")
		}
		if _, err := conn.ExecContext(ctx, "VACUUM (FULL) "+t); err != nil {
			return err
		}
	}
	return nil
}
