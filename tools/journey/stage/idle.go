package stage

import (
	"context"
	"fmt"
	"time"

	"strongroom/base/db"
	"strongroom/cmd/strongroom/app"
)

// Idle turns the clock of all sessions back by twenty minutes, as if nobody had sat at the desk since.
func (d *Demo) Idle(ctx context.Context) error {
	dsn := d.dsn
	if dsn == "" {
		dsn = app.InFolder(d.Data).Data
	}
	data, err := db.Open(ctx, db.Options{DSN: dsn})
	if err != nil {
		return fmt.Errorf("idle: %w", err)
	}
	defer func() { _ = data.Close() }()
	return data.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec("UPDATE identity_session SET touched_at = touched_at - $1", (20 * time.Minute).Microseconds())
		return err
	})
}
