package db

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// Condition is what Inspect finds.
type Condition struct {
	Version int64 // of the database; 0 if it is empty
	Newest  int64 // that this program knows
}

// Inspect looks at a database without changing it: whether it opens, which version it has, and, on SQLite, whether the
// file is sound. The file of a SQLite database must exist.
func Inspect(ctx context.Context, o Options) (c Condition, err error) {
	history := o.Migrations
	o.Migrations, o.Readers = nil, 1
	d, err := Open(ctx, o)
	if err != nil {
		return c, err
	}
	defer func() { _ = d.Close() }()
	if c.Newest, err = newest(history); err != nil {
		return c, err
	}
	if err := d.sound(ctx); err != nil {
		return c, err
	}
	err = d.Read(ctx, func(tx *Tx) error {
		return tx.QueryRow(`SELECT COALESCE(MAX(version_id), 0) FROM db_version`).Scan(&c.Version)
	})
	if err != nil && c.Version == 0 {
		return c, nil // an empty database has no such table yet
	}
	return c, err
}

// sound runs SQLite's quick check. PostgreSQL checks its pages itself.
func (d *DB) sound(ctx context.Context) error {
	if d.engine != SQLite {
		return nil
	}
	return d.Read(ctx, func(tx *Tx) error {
		var said string
		if err := tx.QueryRow(`PRAGMA quick_check(1)`).Scan(&said); err != nil {
			return err
		}
		if said != "ok" {
			return fmt.Errorf("%w: %s", ErrCorrupt, brief(said))
		}
		return nil
	})
}

// newest is the highest version of a history.
func newest(history fs.FS) (n int64, err error) {
	names, err := fs.Glob(history, "*.sql")
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		v, err := goose.NumericComponent(name)
		if err != nil {
			return 0, err
		}
		n = max(n, v)
	}
	return n, nil
}
