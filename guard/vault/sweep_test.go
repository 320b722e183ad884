package vault_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/id"
	"strongroom/guard/vault"
	"strongroom/guard/vault/vaulttest"
)

type holder struct {
	held map[id.ID]bool
	err  error
	ask  func()
}

func (h holder) Holds(_ context.Context, subjects []id.ID) (out []id.ID, err error) {
	if h.ask != nil {
		h.ask()
	}
	for _, s := range subjects {
		if h.held[s] {
			out = append(out, s)
		}
	}
	return out, h.err
}

// Whatever a crash left between the two databases is mended: data without a confirmed key keeps its key, a key without
// data goes, and nothing goes while somebody may still be working with it.
func TestSweepMendsTheGapBetweenTheDatabases(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		v := vaulttest.New(t, p)
		held, lost, r := subject(t, v), subject(t, v), row(t, p)
		x := v.Sealed(email, held, r, sealed(t, v, email, held, r, "ada@example.com"))
		must(t, v.SetIndex(ctx, email, lost, vault.Typed("lost@example.com")))
		data := holder{held: map[id.ID]bool{held: true}}
		if _, err := v.Sweep(ctx); err == nil {
			t.Fatal("swept without asking anybody")
		}
		p.Clock.Advance(20 * time.Hour)
		if s := get[vault.Swept](t)(v.Sweep(ctx, data)); s != (vault.Swept{}) {
			t.Fatalf("swept %+v while the subjects were young", s)
		}
		young := subject(t, v) // its prepared subject is as young: the pool hands out nothing old
		p.Clock.Advance(2 * time.Hour)
		if _, err := v.Sweep(ctx, data, holder{err: errors.New("away")}); err == nil {
			t.Fatal("a holder's error was ignored")
		}
		if found := get[[]id.ID](t)(v.Find(ctx, email, vault.Typed("lost@example.com"), 1)); len(found) != 1 {
			t.Fatal("something was destroyed although a holder could not answer")
		}
		s := get[vault.Swept](t)(v.Sweep(ctx, holder{}, data))
		if s.Confirmed != 1 || s.Destroyed < 1 {
			t.Fatalf("swept %+v", s)
		}
		get[string](t)(reveal(v, shipping, x))
		if _, err := v.AuditHandle(ctx, lost); !vault.Erased(err) {
			t.Error("the key without data is still there")
		}
		if found := get[[]id.ID](t)(v.Find(ctx, email, vault.Typed("lost@example.com"), 1)); len(found) != 0 {
			t.Error("the index of a key without data is still there")
		}
		get[id.ID](t)(v.AuditHandle(ctx, young))
		if s := get[vault.Swept](t)(v.Sweep(ctx, holder{})); s.Confirmed != 0 {
			t.Errorf("swept again: %+v", s)
		}
		get[string](t)(reveal(v, shipping, x)) // confirmed, so no holder is asked about it any more
	})
}

// A confirmation that comes between the sweeper's question and its deed wins.
func TestSweepLosesAgainstAConfirmation(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		v := get[*vault.Vault](t)(vault.Open(ctx, vault.Options{Keys: p.Keys, Root: get[*vault.KeyFile](t)(vault.OpenKeyFile(newFile(t)))}))
		s := subject(t, v)
		p.Clock.Advance(48 * time.Hour)
		late := holder{ask: func() { must(t, v.Confirm(ctx, s)); must(t, v.Close()) }} // Close writes what waits
		get[vault.Swept](t)(v.Sweep(ctx, late))
		get[id.ID](t)(v.AuditHandle(ctx, s))
	})
}

func TestErasureIsIntendedFirstAndSurvivesDeath(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		v := vaulttest.New(t, p)
		s, r := subject(t, v), row(t, p)
		x := v.Sealed(email, s, r, sealed(t, v, email, s, r, "ada@example.com"))
		boom := errors.New("rolled back")
		if err := p.Data.Write(ctx, func(tx *db.Tx) error { must(t, v.Intend(tx, s, vault.Fulfilment)); return boom }); !errors.Is(err, boom) {
			t.Fatal(err)
		}
		if n := get[int](t)(v.EraseIntended(ctx, p.Data)); n != 0 {
			t.Fatal("an act that was rolled back erased somebody")
		}
		must(t, p.Data.Write(ctx, func(tx *db.Tx) error { return v.Intend(tx, s, vault.Fulfilment) }))
		get[string](t)(reveal(v, shipping, x))
		v.HaltAt(func(string) error { return errKilled })
		if _, err := v.EraseIntended(ctx, p.Data); !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		v.HaltAt(nil)
		if n := get[int](t)(v.EraseIntended(ctx, p.Data)); n != 1 {
			t.Fatalf("carried out %d after the death, want 1", n)
		}
		if _, err := reveal(v, shipping, x); !vault.Erased(err) {
			t.Fatal("the intended erasure did not happen")
		}
		if n := get[int](t)(v.EraseIntended(ctx, p.Data)); n != 0 {
			t.Errorf("carried out %d again", n)
		}
	})
}

// Attack row 41 at the level of the vault: whoever restores old copies of both databases gets nobody back, because the
// ledger of erasures is replayed.
func TestReplayAfterRestoringAnOldKeyDatabase(t *testing.T) {
	p := dbtest.Open(t, db.SQLite)
	file := newFile(t)
	v := get[*vault.Vault](t)(open(t, p.Keys, file))
	s, kept := fill(t, v, row(t, p), 5), fill(t, v, row(t, p), 5)
	must(t, p.Keys.Checkpoint(ctx))
	old := get[[]byte](t)(os.ReadFile(p.Keys.Path()))
	must(t, p.Data.Write(ctx, func(tx *db.Tx) error {
		for _, u := range s.subjects {
			if err := v.Intend(tx, u, everybody...); err != nil {
				return err
			}
		}
		return nil
	}))
	get[int](t)(v.EraseIntended(ctx, p.Data))
	path := filepath.Join(t.TempDir(), "restored.db")
	must(t, os.WriteFile(path, old, 0o600))
	keys := get[*db.DB](t)(db.Open(ctx, db.Options{DSN: "sqlite:" + path, Clock: p.Clock, Erase: true}))
	t.Cleanup(func() { _ = keys.Close() })
	restored := get[*vault.Vault](t)(open(t, keys, file))
	if n := get[int](t)(restored.Replay(ctx, p.Data)); n != 10 {
		t.Errorf("replayed %d erasures, want 10", n)
	}
	for i, u := range s.subjects {
		if clear, err := reveal(restored, shipping, restored.Sealed(email, u, s.row, s.sealed[i])); err == nil {
			t.Errorf("%q came back", clear)
		}
	}
	kept2 := kept
	kept2.contact = get[id.ID](t)(restored.Contact(ctx, vault.Typed("p0@example.com")))
	for i, u := range kept.subjects {
		get[string](t)(reveal(restored, shipping, restored.Sealed(email, u, kept.row, kept.sealed[i])))
	}
}

// Attack row 40 and the secure deletion: the files of the key database hold no wrapped key, hash or handle of somebody
// who was erased, and no file of either database ever held a clear value.
func TestErasedKeysAreGoneFromTheFiles(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		v := vaulttest.New(t, p)
		s := fill(t, v, row(t, p), 100)
		must(t, p.Keys.Checkpoint(ctx))
		needles := wrappedOf(t, p, s.subjects[:50])
		if n := found(t, p, needles); n == 0 {
			t.Fatal("the wrapped keys are not in the files before: the search proves nothing")
		}
		if found(t, p, [][]byte{[]byte("@example.com")}) != 0 {
			t.Fatal("a clear value stands in the files")
		}
		for _, u := range s.subjects[:50] {
			must(t, p.Data.Write(ctx, func(tx *db.Tx) error { return v.Intend(tx, u, everybody...) }))
		}
		get[int](t)(v.EraseIntended(ctx, p.Data))
		if n := found(t, p, needles); n != 0 {
			t.Errorf("%d of %d wrapped keys and hashes are still in the files", n, len(needles))
		}
		if n := found(t, p, wrappedOf(t, p, s.subjects[50:])); n == 0 {
			t.Error("the keys of those who stay are gone too")
		}
	})
}

// wrappedOf lists the wrapped keys, look-up hashes and handles of subjects.
func wrappedOf(t *testing.T, p dbtest.Pair, subjects []id.ID) (out [][]byte) {
	t.Helper()
	blob := func(s db.Scanner) (b []byte, err error) { return b, s.Scan(&b) }
	must(t, p.Keys.Read(ctx, func(tx *db.Tx) error {
		for _, s := range subjects {
			for _, q := range []string{"SELECT wrapped FROM vault_key WHERE subject = $1", "SELECT value FROM vault_index WHERE subject = $1",
				"SELECT handle FROM vault_subject WHERE id = $1"} {
				rows, err := db.All(tx, blob, q, s)
				if err != nil {
					return err
				}
				out = append(out, rows...)
			}
		}
		return nil
	}))
	return out
}

// found counts the needles that stand in the database's files: for SQLite the file and its log, for PostgreSQL the
// files of its tables as the server reads them (the server's own log is its operator's, see docs/vault.md).
func found(t *testing.T, p dbtest.Pair, needles [][]byte) (n int) {
	t.Helper()
	var hay [][]byte
	if p.Engine == db.SQLite {
		for _, suffix := range []string{"", "-wal"} {
			for _, path := range []string{p.Keys.Path(), p.Data.Path()} {
				if b, err := os.ReadFile(path + suffix); err == nil {
					hay = append(hay, b)
				}
			}
		}
	} else {
		hay = tables(t, p)
	}
	for _, x := range needles {
		for _, h := range hay {
			if bytes.Contains(h, x) {
				n++
				break
			}
		}
	}
	return n
}

// tables reads the raw files of tables and indexes through the server, which may run as another user. A checkpoint
// brings them to the disk first.
func tables(t *testing.T, p dbtest.Pair) (out [][]byte) {
	t.Helper()
	must(t, p.Keys.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query("CHECKPOINT")
		if err != nil {
			return err
		}
		_ = rows.Close()
		names, err := db.All(tx, func(s db.Scanner) (n string, err error) { return n, s.Scan(&n) },
			"SELECT pg_relation_filepath(oid) FROM pg_class WHERE relname LIKE 'vault%' AND relkind IN ('r', 'i')")
		if err != nil {
			return err
		}
		for _, name := range names {
			var b []byte
			if err := tx.QueryRow("SELECT pg_read_binary_file($1)", name).Scan(&b); err != nil {
				return err
			}
			out = append(out, b)
		}
		return nil
	}))
	if len(out) < 10 {
		t.Fatalf("only %d files of %s", len(out), strings.TrimSpace(string(p.Engine)))
	}
	return out
}
