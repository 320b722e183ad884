package epoch_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/epoch"
	"strongroom/guard/vault/vaulttest"
)

var ctx = context.Background()

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func deps(t *testing.T, p dbtest.Pair) epoch.Deps {
	t.Helper()
	l := audit.New(audit.Deps{DB: p.Data, Vault: vaulttest.New(t, p)})
	t.Cleanup(func() { _ = l.Close() })
	return epoch.Deps{Data: p.Data, Keys: p.Keys, Audit: l, Folder: t.TempDir()}
}

func open(t *testing.T, d epoch.Deps) *epoch.Epoch {
	t.Helper()
	e, err := epoch.Open(ctx, d)
	must(t, err)
	return e
}

func setMark(t *testing.T, d *db.DB, b byte) {
	t.Helper()
	mark := make([]byte, 16)
	mark[0] = b
	must(t, d.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec("UPDATE epoch_mark SET epoch = $1", mark)
		return err
	}))
}

func TestTheOriginalIsReleased(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		d := deps(t, p)
		for range 3 {
			if e := open(t, d); !e.Released(ctx) || e.Why() != "" {
				t.Fatalf("an original counts as a copy: %s", e.Why())
			}
		}
		if err := open(t, d).Release(ctx, access.Console()); !fault.Is(err, fault.Conflict) {
			t.Errorf("released twice: %v", err)
		}
	})
}

// A copy of any part is held back, says why, and is an installation of its own once a person released it.
func TestCopiesAreHeldBackUntilReleased(t *testing.T) {
	copies := map[string]func(t *testing.T, d *epoch.Deps){
		"data restored": func(t *testing.T, d *epoch.Deps) { setMark(t, d.Data, 1) },
		"keys restored": func(t *testing.T, d *epoch.Deps) { setMark(t, d.Keys, 1) },
		"both restored": func(t *testing.T, d *epoch.Deps) { setMark(t, d.Data, 1); setMark(t, d.Keys, 1) },
		"no folder":     func(t *testing.T, d *epoch.Deps) { d.Folder = t.TempDir() },
		"folder copied": func(t *testing.T, d *epoch.Deps) {
			b, err := os.ReadFile(filepath.Join(d.Folder, epoch.FileName))
			must(t, err)
			d.Folder = t.TempDir()
			must(t, os.WriteFile(filepath.Join(d.Folder, epoch.FileName), b, 0o600))
		},
		"mark damaged": func(t *testing.T, d *epoch.Deps) {
			must(t, os.WriteFile(filepath.Join(d.Folder, epoch.FileName), []byte("x"), 0o600))
		},
	}
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		d := deps(t, p)
		for name, copied := range copies {
			open(t, d)
			copied(t, &d)
			e := open(t, d)
			if e.Released(ctx) || e.Why() == "" {
				t.Fatalf("%s: not noticed", name)
			}
			if open(t, d).Released(ctx) {
				t.Fatalf("%s: a second start released it", name)
			}
			must(t, e.Release(ctx, access.Console()))
			if !e.Released(ctx) || !open(t, d).Released(ctx) {
				t.Fatalf("%s: a person's release did not hold", name)
			}
		}
		rows, err := d.Audit.List(ctx, audit.Filter{Action: "epoch.release"})
		must(t, err)
		if len(rows.Rows) != len(copies) {
			t.Errorf("%d releases are in the log, want %d", len(rows.Rows), len(copies))
		}
	})
}

// A release whose entry cannot be written does not happen, and one that dies halfway leaves a copy.
func TestAReleaseThatFailsLeavesACopy(t *testing.T) {
	p := dbtest.Open(t, db.SQLite)
	d := deps(t, p)
	open(t, d)
	setMark(t, p.Data, 1)
	e := open(t, d)
	if err := e.Release(ctx, access.Actor{}); err == nil || e.Released(ctx) || open(t, d).Released(ctx) {
		t.Fatalf("released by nobody: %v", err)
	}
	must(t, os.RemoveAll(d.Folder))
	if err := e.Release(ctx, access.Console()); !errors.Is(err, os.ErrNotExist) || e.Released(ctx) {
		t.Fatalf("released without the file: %v", err)
	}
	must(t, os.MkdirAll(d.Folder, 0o700))
	if open(t, d).Released(ctx) {
		t.Error("a release that died halfway counts")
	}
}

// A second machine joins the installation with a folder of its own, and the first goes on; databases that do not belong
// together cannot be joined.
func TestASecondMachineJoins(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		first := deps(t, p)
		open(t, first)
		second := first
		second.Folder = t.TempDir()
		e := open(t, second)
		if e.Released(ctx) {
			t.Fatal("a strange folder counts as the original")
		}
		must(t, e.Join(ctx, access.Console()))
		if !e.Released(ctx) || !open(t, second).Released(ctx) || !open(t, first).Released(ctx) {
			t.Error("after joining, one of the two counts as a copy")
		}
		setMark(t, p.Data, 1)
		third := first
		third.Folder = t.TempDir()
		if err := open(t, third).Join(ctx, access.Console()); !fault.Is(err, fault.Conflict) {
			t.Errorf("databases of two installations were joined: %v", err)
		}
		rows, err := first.Audit.List(ctx, audit.Filter{Action: "epoch.join"})
		must(t, err)
		if len(rows.Rows) != 1 {
			t.Errorf("%d entries", len(rows.Rows))
		}
	})
}
