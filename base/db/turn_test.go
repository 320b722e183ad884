package db_test

import (
	"context"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/schema"
)

// Two programs write to one SQLite file: a long import and the shop. The shop must find the moments between two of the
// import's transactions, however short they are.
func TestAnotherProcessFindsItsTurn(t *testing.T) {
	p := dbtest.Open(t, db.SQLite)
	table(t, p.Data)
	other, err := db.Open(context.Background(), db.Options{DSN: "sqlite:" + p.Data.Path(), Migrations: schema.Data()})
	must(t, err)
	defer func() { must(t, other.Close()) }()
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	long, busy := make(chan error, 1), make(chan struct{})
	go func() {
		begun := false
		for ctx.Err() == nil {
			err := other.Write(ctx, func(tx *db.Tx) error {
				for end := time.Now().Add(40 * time.Millisecond); time.Now().Before(end); {
					if _, err := tx.Exec("INSERT INTO probe (k, n) VALUES ('import', 1) ON CONFLICT (k) DO UPDATE SET n = probe.n + 1"); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil && ctx.Err() == nil {
				long <- err
				return
			}
			if !begun {
				begun = true
				close(busy)
			}
			<-time.After(db.Rest)
		}
		long <- nil
	}()
	<-busy
	const writes = 20
	begin := time.Now()
	for range writes {
		<-time.After(5 * time.Millisecond) // the pause is over: the import writes again
		must(t, p.Data.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec("INSERT INTO probe (k, n) VALUES ('shop', 1) ON CONFLICT (k) DO UPDATE SET n = probe.n + 1")
			return err
		}))
	}
	took := time.Since(begin)
	stop()
	must(t, <-long)
	// One batch each on a quiet machine; a starved writer waits ten times as long and fails in the end.
	if took > writes*200*time.Millisecond {
		t.Errorf("%d writes beside the import took %s", writes, took)
	}
}
