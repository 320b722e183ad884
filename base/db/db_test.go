package db_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
)

func table(t *testing.T, d *db.DB) {
	t.Helper()
	must(t, d.Write(context.Background(), func(tx *db.Tx) error {
		blob := "BLOB"
		if d.Engine() == db.Postgres {
			blob = "BYTEA"
		}
		_, err := tx.Exec("CREATE TABLE probe (k TEXT NOT NULL PRIMARY KEY, n BIGINT NOT NULL, b " + blob + ")")
		return err
	}))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, d *db.DB) (n int) {
	t.Helper()
	must(t, d.Read(context.Background(), func(tx *db.Tx) error {
		return tx.QueryRow("SELECT COUNT(*) FROM probe").Scan(&n)
	}))
	return n
}

// Both drivers must read $1, $2 as numbers, also when one is used twice.
func TestPlaceholdersAreNumbers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		table(t, p.Data)
		must(t, p.Data.Write(context.Background(), func(tx *db.Tx) error {
			_, err := tx.Exec("INSERT INTO probe (k, n, b) VALUES ($1, $2, $3) ON CONFLICT (k) DO UPDATE SET n = $2", "a", 7, []byte{1})
			return err
		}))
		must(t, p.Data.Read(context.Background(), func(tx *db.Tx) error {
			var k string
			var n int
			return tx.QueryRow("SELECT k, n FROM probe WHERE k = $1 AND n = $2 AND (n = $2 OR k = $1)", "a", 7).Scan(&k, &n)
		}))
	})
}

func TestWriteCommitsOrLeavesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		table(t, p.Data)
		boom := errors.New("boom")
		ctx := context.Background()
		insert := func(tx *db.Tx) { _, err := tx.Exec("INSERT INTO probe (k, n) VALUES ($1, $2)", "x", 1); must(t, err) }
		if err := p.Data.Write(ctx, func(tx *db.Tx) error { insert(tx); return boom }); !errors.Is(err, boom) {
			t.Fatalf("got %v", err)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic did not reach the caller")
				}
			}()
			_ = p.Data.Write(ctx, func(tx *db.Tx) error { insert(tx); panic("boom") })
		}()
		if n := count(t, p.Data); n != 0 {
			t.Fatalf("%d rows of failed writes stand", n)
		}
		ran := false
		must(t, p.Data.Write(ctx, func(tx *db.Tx) error { insert(tx); tx.AfterCommit(func() { ran = true }); return nil }))
		if n := count(t, p.Data); n != 1 || !ran {
			t.Fatalf("%d rows, hook ran: %v", n, ran)
		}
	})
}

// One failing write of a group must not harm its neighbours, and a unique violation must be told apart.
func TestGroupedWritesAreIndependent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		table(t, p.Data)
		var wg sync.WaitGroup
		errs := make([]error, 200)
		for i := range errs {
			wg.Go(func() {
				errs[i] = p.Data.Write(context.Background(), func(tx *db.Tx) error {
					_, err := tx.Exec("INSERT INTO probe (k, n) VALUES ($1, $2)", fmt.Sprint(i/2), i)
					return err
				})
			})
		}
		wg.Wait()
		failed := 0
		for _, err := range errs {
			if err != nil {
				failed++
				if !db.IsUnique(err) {
					t.Errorf("not a unique violation: %v", err)
				}
			}
		}
		if n := count(t, p.Data); n != 100 || failed != 100 {
			t.Fatalf("%d rows, %d failures; want 100 and 100", n, failed)
		}
		if w, c := p.Data.Counts(); p.Engine == db.SQLite && c >= w {
			t.Errorf("%d writes took %d commits: nothing was grouped", w, c)
		}
	})
}

func TestReadersCannotWrite(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		table(t, p.Data)
		err := p.Data.Read(context.Background(), func(tx *db.Tx) error {
			_, err := tx.Exec("DELETE FROM probe")
			return err
		})
		if !errors.Is(err, db.ErrReadOnly) {
			t.Fatalf("got %v", err)
		}
		if p.Engine == db.SQLite { // and the connection itself refuses, whatever the statement's form
			err = p.Data.Read(context.Background(), func(tx *db.Tx) error {
				rows, err := tx.Query("INSERT INTO probe (k, n) VALUES ('x', 1) RETURNING k")
				if err == nil {
					rows.Next()
					err = rows.Err()
					_ = rows.Close()
				}
				return err
			})
			if !errors.Is(err, db.ErrNotWritable) {
				t.Fatalf("got %v", err)
			}
		}
	})
}
