package stage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/cmd/strongroom/app"
)

// The program has no switch for time. What a walk cannot wait for happened earlier instead: the moments in the database
// are turned back.

// Idle turns all sessions back by twenty minutes, as if nobody had sat at the desk since.
func (d *Demo) Idle(ctx context.Context) error {
	return d.turnBack(ctx, "idle", []statement{
		{"UPDATE identity_session SET touched_at = touched_at - $1", []any{(20 * time.Minute).Microseconds()}}})
}

// Ripen turns the recovery that was asked for in a browser back by four days, and has the store look for what is due.
func (d *Demo) Ripen(ctx context.Context, browser id.Token) error {
	return d.turnBack(ctx, "ripen", []statement{
		{"UPDATE identity_recovery SET made_at = made_at - $1, ready_at = ready_at - $1 WHERE browser = $2 AND state = 1",
			[]any{(4 * 24 * time.Hour).Microseconds(), browser.Hash()}},
		{"UPDATE job_period SET next_at = 0 WHERE kind = $1", []any{"identity.recover"}}})
}

// Settle turns everybody's first day at the desk back by eight days: who is new decides on nothing that somebody else asks for.
func (d *Demo) Settle(ctx context.Context) error {
	return d.turnBack(ctx, "settle", []statement{
		{"UPDATE staff_member SET made_at = made_at - $1, active_at = active_at - $1 WHERE state = 2", []any{(8 * 24 * time.Hour).Microseconds()}}})
}

// statement is one change with its parameters.
type statement struct {
	sql  string
	args []any
}

func (d *Demo) turnBack(ctx context.Context, what string, list []statement) error {
	dsn := d.dsn
	if dsn == "" {
		dsn = app.InFolder(d.Data).Data
	}
	data, err := db.Open(ctx, db.Options{DSN: dsn})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	defer func() { _ = data.Close() }()
	return data.Write(ctx, func(tx *db.Tx) error {
		for _, s := range list {
			n, err := tx.Exec(s.sql, s.args...)
			if err == nil && n == 0 {
				err = errors.New("there is nothing to turn back")
			}
			if err != nil {
				return fmt.Errorf("%s: %w", what, err)
			}
		}
		return nil
	})
}
