package db

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrVersion is in the chain of Current's error when another version of the program has changed the database.
var ErrVersion = errors.New("db: the database has another version than this program made it")

// Version is the version of the database's history that stands in it now.
func (d *DB) Version(ctx context.Context) (v int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	err = d.Read(ctx, func(tx *Tx) error {
		return tx.QueryRow(`SELECT COALESCE(MAX(version_id), 0) FROM db_version`).Scan(&v)
	})
	return v, err
}

// Current says whether the database answers within two seconds and still has the version that this program opened it
// with. On a server that many processes share, a newer one may have moved on; then this one should be sent nobody.
func (d *DB) Current(ctx context.Context) error {
	v, err := d.Version(ctx)
	if err == nil && v != d.newest && d.newest != 0 {
		err = fmt.Errorf("%w (%d, now %d)", ErrVersion, d.newest, v)
	}
	return err
}

// Busy is how long SQLite's writer has been at the same group of writes; 0 while it waits for some, and on PostgreSQL.
func (d *DB) Busy() time.Duration {
	if d.writer == nil {
		return 0
	}
	began := d.writer.began.Load()
	if began == 0 {
		return 0
	}
	return d.clock.Now().Sub(time.UnixMicro(began))
}
