package rig

import (
	"context"
	"errors"
	"sync"
	"time"

	"strongroom/base/db"
)

// errThawed undoes the transaction that froze.
var errThawed = errors.New("thawed")

// moneyTables are what calls to providers end in.
const moneyTables = `payment_payment, payment_refund, payment_dispute, payment_movement, payment_reconcile, payment_provider, payment_notice,
	order_head, audit_entry, job_queue`

// Freeze keeps the program from committing anything about money until thaw is called. If that cannot be had within five
// seconds, a transaction stands open.
func (r *Rig) Freeze() (thaw func(), err error) {
	ctx, cancel := context.WithTimeout(db.Patient(context.Background()), 30*time.Second)
	d, err := db.Open(ctx, db.Options{DSN: r.Data, Readers: 1})
	if err != nil {
		cancel()
		return nil, err
	}
	held, over, end := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	var once sync.Once
	go func() {
		end <- d.Write(ctx, func(tx *db.Tx) error {
			if r.Engine == db.Postgres {
				if _, err := tx.Exec(`LOCK TABLE ` + moneyTables + ` IN SHARE ROW EXCLUSIVE MODE`); err != nil {
					return err
				}
			}
			once.Do(func() { close(held) })
			select {
			case <-over:
			case <-ctx.Done():
			}
			return errThawed
		})
	}()
	limit := time.NewTimer(5 * time.Second)
	defer limit.Stop()
	select {
	case <-held:
		return func() { close(over); <-end; cancel(); _ = d.Close() }, nil
	case err = <-end:
	case <-limit.C:
		err = errors.New("no lock within five seconds")
	}
	cancel()
	_ = d.Close()
	return nil, err
}
