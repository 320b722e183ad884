package db_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"strongroom/base/db"
)

func patient(t *testing.T, patience time.Duration) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), db.Options{DSN: "sqlite:" + filepath.Join(t.TempDir(), "ride.db"), Patience: patience})
	must(t, err)
	t.Cleanup(func() { must(t, d.Close()) })
	table(t, d)
	return d
}

func add(k string) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := tx.Exec("INSERT INTO probe (k, n, b) VALUES ($1, 1, $2)", k, []byte{1})
		return err
	}
}

func TestARideSharesTheNextCommit(t *testing.T) {
	d := patient(t, time.Hour)
	_, before := d.Counts()
	done := make(chan error, 3)
	ran := make(chan bool, 1)
	d.Ride(t.Context(), func(tx *db.Tx) error { tx.AfterCommit(func() { ran <- true }); return add("a")(tx) }, func(err error) { done <- err })
	boom := errors.New("boom")
	d.Ride(t.Context(), func(tx *db.Tx) error { _ = add("b")(tx); return boom }, func(err error) { done <- err })
	d.Ride(t.Context(), func(*db.Tx) error { panic("boom") }, func(err error) { done <- err })
	if count(t, d) != 0 {
		t.Fatal("a ride went alone")
	}
	must(t, d.Write(t.Context(), add("c")))
	must(t, <-done)
	<-ran
	if err := <-done; !errors.Is(err, boom) {
		t.Fatalf("the second ride ended with %v", err)
	}
	if err := <-done; err == nil {
		t.Fatal("a panic is no success")
	}
	if _, after := d.Counts(); after != before+1 || count(t, d) != 2 {
		t.Fatalf("%d commits, %d rows", after-before, count(t, d))
	}
}

func TestARideThatNobodyTakesGoesAlone(t *testing.T) {
	d := patient(t, time.Millisecond)
	done := make(chan error, 200)
	for i := range 200 { // more than one group takes
		d.Ride(t.Context(), add(string(rune('A'+i))), func(err error) { done <- err })
	}
	for range 200 {
		must(t, <-done)
	}
	if n := count(t, d); n != 200 {
		t.Fatalf("%d rows", n)
	}
}

func TestClosingTakesTheRidesAlong(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ride.db")
	d, err := db.Open(t.Context(), db.Options{DSN: "sqlite:" + file, Patience: time.Hour})
	must(t, err)
	table(t, d)
	done := make(chan error, 1)
	d.Ride(t.Context(), add("a"), func(err error) { done <- err })
	must(t, d.Close())
	must(t, <-done)
	d.Ride(t.Context(), add("b"), func(err error) { done <- err })
	must(t, d.Close())
	if err := <-done; !errors.Is(err, db.ErrClosed) {
		t.Fatalf("after the end: %v", err)
	}
	d, err = db.Open(t.Context(), db.Options{DSN: "sqlite:" + file})
	must(t, err)
	t.Cleanup(func() { must(t, d.Close()) })
	if n := count(t, d); n != 1 {
		t.Fatalf("%d rows", n)
	}
}

func TestWithoutPatienceARideIsAWrite(t *testing.T) {
	d := patient(t, 0)
	d.Ride(t.Context(), add("a"), func(err error) { must(t, err) })
	if n := count(t, d); n != 1 {
		t.Fatalf("%d rows", n)
	}
}
