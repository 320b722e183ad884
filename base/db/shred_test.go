package db_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
)

// A writer that began before a deletion, and between two of its statements holds no snapshot, still keeps the deleted
// bytes alive on PostgreSQL. Shred waits for it and never says that they are gone while they are not.
func TestShredWaitsForWriters_V14_2_7(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		if p.Engine == db.SQLite {
			if err := p.Keys.Shred(context.Background()); err != nil { // one writer: nobody else can be in the middle
				t.Error(err)
			}
			return
		}
		t.Run("of its own database", func(t *testing.T) { shredWaits(t, p, p.Keys) })
		t.Run("of another database", func(t *testing.T) { shredWaits(t, p, p.Data) })
	})
}

func shredWaits(t *testing.T, p dbtest.Pair, in *db.DB) {
	wrote, end, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- in.Write(context.Background(), func(tx *db.Tx) error {
			_, err := tx.Exec("UPDATE epoch_mark SET epoch = $1 WHERE id = 1", []byte("x"))
			if err == nil {
				err = tx.QueryRow("SELECT txid_current()").Scan(new(int64))
			}
			close(wrote)
			<-end
			return err
		})
	}()
	<-wrote
	var number int64 // of a transaction that ends later, as the deletion's would
	if err := p.Keys.Write(context.Background(), func(tx *db.Tx) error { return tx.QueryRow("SELECT txid_current()").Scan(&number) }); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	if err := p.Keys.Shred(short, "vault_key"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while a writer was in the middle: %v", err)
	}
	close(end)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := p.Keys.Shred(context.Background(), "vault_key"); err != nil {
		t.Errorf("with nobody else: %v", err)
	}
}
