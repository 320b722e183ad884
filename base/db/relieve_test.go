package db_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"strongroom/base/db"
)

// A long work of many transactions leaves a log that stays small, and what it wrote stands when it was relieved.
func TestRelieveKeepsTheLogSmallAndWhatWasWritten(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "long.db")
	d, err := db.Open(ctx, db.Options{DSN: "sqlite:" + path})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	exec := func(q string, args ...any) {
		t.Helper()
		if err := d.Write(ctx, func(tx *db.Tx) error { _, err := tx.Exec(q, args...); return err }); err != nil {
			t.Fatal(err)
		}
	}
	exec("CREATE TABLE long_row (id INTEGER NOT NULL PRIMARY KEY, text BLOB NOT NULL) STRICT")
	end, err := d.Relieve(ctx)
	if err != nil {
		t.Fatal(err)
	}
	text := make([]byte, 100_000)
	const rows = 300
	for i := range rows {
		exec("INSERT INTO long_row (id, text) VALUES ($1, $2)", i, text)
	}
	size := func(name string) int64 {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	most := time.Now().Add(20 * time.Second)
	for size(path) < rows*int64(len(text))/2 { // the log is copied in the background
		if time.Now().After(most) {
			t.Fatalf("of %d MB only %d are in the file: nobody copies the log", rows*len(text)>>20, size(path)>>20)
		}
		runtime.Gosched()
	}
	end()
	exec("INSERT INTO long_row (id, text) VALUES ($1, $2)", rows, text)
	var n int
	if err := d.Read(ctx, func(tx *db.Tx) error { return tx.QueryRow("SELECT COUNT(*) FROM long_row").Scan(&n) }); err != nil || n != rows+1 {
		t.Fatalf("%d rows instead of %d: %v", n, rows+1, err)
	}
	if log := size(path + "-wal"); log > 60<<20 {
		t.Errorf("the log has %d MB", log>>20)
	}
}
