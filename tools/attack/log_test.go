package attack

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"strongroom/base/db"
	"strongroom/tools/shopper"
)

// change runs statements on the data database, as somebody does who has the database's password or file.
func (s *site) change(t *testing.T, do func(tx *db.Tx) error) {
	t.Helper()
	d, err := db.Open(context.Background(), db.Options{DSN: s.Data, Readers: 1})
	fatal(t, err)
	defer func() { _ = d.Close() }()
	fatal(t, d.Write(context.Background(), do))
}

// keepHead stops the store, keeps its signed head outside and returns its file.
func (s *site) keepHead(t *testing.T, dir string, n int) string {
	t.Helper()
	fatal(t, s.Stop())
	path := filepath.Join(dir, fmt.Sprintf("%d.checkpoint", n))
	fatal(t, os.WriteFile(path, []byte(s.MustCommand("log", "checkpoint")), 0o600))
	fatal(t, os.WriteFile(filepath.Join(dir, "key"), []byte(s.MustCommand("log", "key")), 0o600))
	return path
}

// entry is a row of the log, to be put back after an attack.
type logRow struct {
	sequence int64
	body     []byte
}

func (s *site) logRow(t *testing.T, sequence int64) (r logRow) {
	t.Helper()
	s.change(t, func(tx *db.Tx) error {
		r.sequence = sequence
		return tx.QueryRow("SELECT body FROM audit_entry WHERE sequence = $1", sequence).Scan(&r.body)
	})
	return r
}

// logTampering rewrites the past of the log in the database of a stopped store, in every way of the list, and asks the
// program and its export whether that is seen (V16.4.2).
func logTampering(t *testing.T, s *site) string {
	dir := t.TempDir()
	buy := func() {
		for range 4 {
			_, err := s.stranger().Buy(t.Context(), s.Shop, "/en/p/card", shopper.Somebody("log@shopper.example"), shopper.Paid)
			fatal(t, err)
		}
	}
	buy()
	s.keepHead(t, dir, 1)
	old := s.copyData(t)
	s.Start()
	buy()
	s.keepHead(t, dir, 2)
	verify := func(want string, more ...string) {
		t.Helper()
		out, err := s.Command(append([]string{"log", "verify", "--checkpoint", dir}, more...)...)
		if (want == "") != (err == nil) || !strings.Contains(out+fmt.Sprint(err), want) {
			t.Errorf("looking for %q: %s %v", want, out, err)
		}
	}
	verify("")
	row, next := s.logRow(t, 5), s.logRow(t, 6)
	set := func(r logRow, sequence int64) {
		s.change(t, func(tx *db.Tx) error {
			_, err := tx.Exec("UPDATE audit_entry SET body = $1 WHERE sequence = $2", r.body, sequence)
			return err
		})
	}
	set(logRow{body: bytes.Replace(row.body, []byte("."), []byte("-"), 1)}, 5)
	verify("altered    entry 5")
	set(next, 5)
	set(row, 6)
	verify("misplaced  entry 5")
	export := filepath.Join(t.TempDir(), "export")
	s.MustCommand("log", "export", export, "--lines")
	verify("misplaced  entry 6", export, "--key", filepath.Join(dir, "key"))
	verify("misplaced  entry 6", filepath.Join(export, "entries.jsonl"), "--key", filepath.Join(dir, "key"))
	set(row, 5)
	set(next, 6)
	verify("")
	s.change(t, func(tx *db.Tx) error { _, err := tx.Exec("DELETE FROM audit_entry WHERE sequence = 7"); return err })
	verify("missing    entry 7")
	s.forgetTree(t, "DELETE FROM audit_entry WHERE id IN (SELECT id FROM audit_entry ORDER BY id LIMIT 1)")
	verify("interval")
	s.forgetTree(t, "DELETE FROM audit_entry WHERE id NOT IN (SELECT id FROM audit_entry ORDER BY id LIMIT 8)")
	verify("truncated")
	s.putBack(t, old) // an old copy of the whole database
	verify("truncated")
	s.Start()
	return "changed, exchanged, deleted, cut off, rolled back to an old copy, taken out with the tree made anew: each seen, in the database and in the export"
}

// forgetTree takes entries out and has the program itself make a new tree, as somebody does who rules the server.
func (s *site) forgetTree(t *testing.T, how string) {
	t.Helper()
	s.change(t, func(tx *db.Tx) error {
		for _, q := range []string{how, "DELETE FROM audit_tile", "DELETE FROM audit_tree", "DELETE FROM audit_checkpoint",
			"UPDATE audit_entry SET sequence = NULL"} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return nil
	})
	s.Start()
	_, err := s.stranger().Buy(t.Context(), s.Shop, "/en/p/card", shopper.Somebody("log@shopper.example"), shopper.Paid)
	fatal(t, err)
	fatal(t, s.Stop())
}
