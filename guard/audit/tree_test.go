package audit_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/guard/audit"
	"strongroom/guard/audit/outside"
	"strongroom/guard/audit/tree"
	"strongroom/guard/vault/vaulttest"
)

// write records n entries, each in a transaction of its own act.
func write(t testing.TB, p dbtest.Pair, l *audit.Log, n int) {
	t.Helper()
	for done := 0; done < n; done += 100 {
		must(t, p.Data.Write(ctx, func(tx *db.Tx) error {
			for range min(100, n-done) {
				if err := l.Record(tx, entry("order.place")); err != nil {
					return err
				}
			}
			return nil
		}))
	}
}

func exec(t testing.TB, p dbtest.Pair, query string, args ...any) {
	t.Helper()
	must(t, p.Data.Write(ctx, func(tx *db.Tx) error { _, err := tx.Exec(query, args...); return err }))
}

func sequence(t testing.TB, l *audit.Log, want int64) {
	t.Helper()
	n, err := l.Sequence(ctx)
	must(t, err)
	if n != want {
		t.Fatalf("%d entries got their place, want %d", n, want)
	}
}

// checkpointOf signs the head and reads it back as somebody outside keeps it.
func checkpointOf(t testing.TB, l *audit.Log) tree.Outside {
	t.Helper()
	text, _, err := l.Checkpoint(ctx)
	must(t, err)
	c, err := tree.ParseCheckpoint(text, keyOf(t, l))
	must(t, err)
	return tree.Outside{Name: fmt.Sprint("at ", c.Size), Checkpoint: c}
}

func keyOf(t testing.TB, l *audit.Log) note.Verifier {
	t.Helper()
	lines, err := l.KeyLines(ctx)
	must(t, err)
	k, err := tree.ParseKey([]byte(lines[0]))
	must(t, err)
	return k
}

// V16.4.2: entries get their places once, in batches, and the tree goes on after a restart and beside other processes.
func TestEntriesGetTheirPlaces_V16_4_2(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		l, v := newLog(t, p)
		write(t, p, l, 2500)
		sequence(t, l, 2500)
		sequence(t, l, 0)
		again := audit.New(audit.Deps{DB: p.Data, Vault: v}) // another process, or this one after a restart
		t.Cleanup(func() { _ = again.Close() })
		write(t, p, again, 300)
		var both sync.WaitGroup
		var total int64
		var mu sync.Mutex
		for _, x := range []*audit.Log{l, again} {
			both.Go(func() {
				n, err := x.Sequence(ctx)
				mu.Lock()
				defer mu.Unlock()
				if total += n; err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		if total != 300 {
			t.Errorf("two sequencers placed %d of 300", total)
		}
		r, err := l.Verify(ctx, []tree.Outside{checkpointOf(t, again)})
		must(t, err)
		if !r.OK() || r.Entries != 2800 {
			t.Errorf("found %+v", r)
		}
	})
}

// In the background entries get their place without being asked, and what is written last gets it at the end.
func TestTheSequencerWorksByItself(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		v := vaulttest.New(t, p)
		l := audit.New(audit.Deps{DB: p.Data, Vault: v})
		must(t, l.Start(ctx))
		write(t, p, l, 3)
		limit := time.Now().Add(20 * time.Second)
		for {
			s, err := l.State(ctx)
			must(t, err)
			if s.Size == 3 && s.Signed == 3 && s.Waiting == 0 {
				break
			}
			if time.Now().After(limit) {
				t.Fatalf("after 20 seconds %+v", s)
			}
		}
		write(t, p, l, 2)
		must(t, l.Close())
		end := audit.New(audit.Deps{DB: p.Data, Vault: v})
		t.Cleanup(func() { _ = end.Close() })
		if s, err := end.State(ctx); err != nil || s.Size != 5 {
			t.Errorf("at the end %+v, %v", s, err)
		}
	})
}

// Attack 42 on the database itself: whoever may write every table is found out.
func TestAttackersOnTheTablesAreFound_V16_4_2(t *testing.T) {
	attacks := map[string]struct {
		do   func(t *testing.T, p dbtest.Pair, l *audit.Log)
		want audit42
	}{
		"nothing": {func(*testing.T, dbtest.Pair, *audit.Log) {}, audit42{}},
		"deleted": {func(t *testing.T, p dbtest.Pair, _ *audit.Log) {
			exec(t, p, "DELETE FROM audit_entry WHERE sequence = 70")
		}, audit42{tree.Missing, 70}},
		"altered": {func(t *testing.T, p dbtest.Pair, _ *audit.Log) { forge(t, p, 70, 70) }, audit42{tree.Altered, 70}},
		"forged leaf, too": {func(t *testing.T, p dbtest.Pair, _ *audit.Log) {
			body := forge(t, p, 70, 70)
			h := audit.Leaf(body)
			exec(t, p, "UPDATE audit_entry SET leaf = $1 WHERE sequence = 70", h[:])
		}, audit42{tree.Altered, 70}},
		"exchanged": {func(t *testing.T, p dbtest.Pair, _ *audit.Log) {
			for _, m := range [][2]int64{{70, -1}, {71, 70}, {-1, 71}} {
				exec(t, p, "UPDATE audit_entry SET sequence = $1 WHERE sequence = $2", m[1], m[0])
			}
		}, audit42{tree.Misplaced, 70}},
		"cut off": {func(t *testing.T, p dbtest.Pair, l *audit.Log) { rewrite(t, p, l, 250) }, audit42{tree.Truncated, 250}},
		"taken out, tree made anew": {func(t *testing.T, p dbtest.Pair, l *audit.Log) {
			exec(t, p, "DELETE FROM audit_entry WHERE sequence = 70")
			rewrite(t, p, l, 399)
			write(t, p, l, 1)
			sequence(t, l, 1)
		}, audit42{tree.Interval, 0}},
	}
	for name, a := range attacks {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
				l, v := newLog(t, p)
				write(t, p, l, 300)
				outside := []tree.Outside{checkpointOf(t, l)}
				write(t, p, l, 100)
				outside = append(outside, checkpointOf(t, l))
				a.do(t, p, l)
				after := audit.New(audit.Deps{DB: p.Data, Vault: v}) // with nothing in memory
				t.Cleanup(func() { _ = after.Close() })
				r, err := after.Verify(ctx, outside)
				must(t, err)
				a.want.check(t, r)
			})
		})
	}
}

// audit42 is what must be found: nothing, or a kind that begins at an entry.
type audit42 struct {
	kind tree.Kind
	from int64
}

func (w audit42) check(t *testing.T, r *tree.Report) {
	t.Helper()
	if w.kind == "" {
		if !r.OK() || r.Good.Size != 400 {
			t.Errorf("found %+v", r)
		}
		return
	}
	for _, f := range r.Findings {
		if f.Kind == w.kind && f.From == w.from {
			return
		}
	}
	t.Errorf("found %+v, good %v, bad %v", r.Findings, r.Good, r.Bad)
}

// forge puts other canonical bytes at a place: those of an entry that says another action.
func forge(t *testing.T, p dbtest.Pair, from, to int64) []byte {
	t.Helper()
	var body []byte
	must(t, p.Data.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow("SELECT body FROM audit_entry WHERE sequence = $1", from).Scan(&body)
	}))
	body = bytes.Replace(body, []byte("order.place"), []byte("order.peace"), 1)
	exec(t, p, "UPDATE audit_entry SET body = $1 WHERE sequence = $2", body, to)
	return body
}

// rewrite has the first n entries sequenced anew, as somebody does who has the program and the database.
func rewrite(t *testing.T, p dbtest.Pair, l *audit.Log, n int64) {
	t.Helper()
	exec(t, p, "DELETE FROM audit_tile")
	exec(t, p, "DELETE FROM audit_tree")
	exec(t, p, "UPDATE audit_entry SET sequence = NULL")
	exec(t, p, "DELETE FROM audit_entry WHERE id NOT IN (SELECT id FROM audit_entry ORDER BY id LIMIT $1)", n)
	sequence(t, l, n)
}

// A damaged tree is not built upon.
func TestADamagedTreeIsNotContinued(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		l, v := newLog(t, p)
		write(t, p, l, 20)
		sequence(t, l, 20)
		junk := sha256.Sum256([]byte("junk"))
		exec(t, p, "UPDATE audit_tree SET root = $1", junk[:])
		fresh := audit.New(audit.Deps{DB: p.Data, Vault: v})
		t.Cleanup(func() { _ = fresh.Close() })
		write(t, p, fresh, 1)
		for _, x := range []*audit.Log{l, fresh} {
			if _, err := x.Sequence(ctx); err == nil {
				t.Error("an entry was appended to a tree that does not lead to its root")
			}
		}
	})
}

// The export can be verified without the store, and by lines; the sealed parts stay sealed in it.
func TestAnExportIsVerifiedElsewhere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		l, _ := newLog(t, p)
		write(t, p, l, 700)
		dir := filepath.Join(t.TempDir(), "export")
		x, err := l.WriteFolder(ctx, dir, nil)
		must(t, err)
		if x.Size != 700 || x.Missing != 0 {
			t.Errorf("exported %+v", x)
		}
		f, err := tree.OpenFolder(os.DirFS(dir), keyOf(t, l))
		must(t, err)
		own := []tree.Outside{{Name: "own", Checkpoint: f.Head()}}
		r, err := tree.Verify(f, own)
		must(t, err)
		var lines bytes.Buffer
		n, err := l.WriteLines(ctx, &lines, audit.Filter{})
		must(t, err)
		s, err := tree.Verify(tree.NewLines(bytes.NewReader(lines.Bytes())), own)
		must(t, err)
		if !r.OK() || !s.OK() || n != 700 || r.Root != s.Root {
			t.Errorf("found %+v and %+v in %d lines", r, s, n)
		}
		var first audit.Line
		must(t, json.Unmarshal(lines.Bytes()[:bytes.IndexByte(lines.Bytes(), '\n')], &first))
		if first.Action != "order.place" || first.Outcome != "done" || strings.Contains(lines.String(), "203.0.113") {
			t.Errorf("line %+v", first)
		}
		n, err = l.WriteLines(ctx, &lines, audit.Filter{Action: "order.cancel"})
		must(t, err)
		if n != 0 {
			t.Errorf("%d lines of an action that never was", n)
		}
	})
}

// Checkpoints go outside when they are due; a place that knows another past is not written over, and the log says so.
func TestCheckpointsArePushedAndAnOldCopyIsSeen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		l, v := newLog(t, p)
		place := outside.NewFolder(filepath.Join(t.TempDir(), "kept"))
		l.Keep(audit.Regular{Place: place, Every: time.Hour})
		checkpointOf(t, l)
		push := func(x *audit.Log, n int, wait time.Duration) error {
			write(t, p, x, n)
			p.Clock.Advance(wait)
			if _, err := x.Sequence(ctx); err != nil {
				return err
			}
			return x.Push(ctx)
		}
		must(t, push(l, 10, 0))
		newest := func() int64 {
			b, err := place.Newest(context.Background())
			must(t, err)
			c, err := tree.ParseCheckpoint(b, keyOf(t, l))
			must(t, err)
			return c.Size
		}
		if newest() != 10 {
			t.Fatal("the first checkpoint is not outside")
		}
		if must(t, push(l, 5, 2*time.Minute)); newest() != 10 {
			t.Error("a checkpoint was pushed before its time")
		}
		if must(t, push(l, 5, time.Hour)); newest() != 20 {
			t.Error("a checkpoint was not pushed in its time")
		}
		rewrite(t, p, l, 15) // the database of last night
		exec(t, p, "DELETE FROM audit_checkpoint")
		old := audit.New(audit.Deps{DB: p.Data, Vault: v})
		t.Cleanup(func() { _ = old.Close() })
		old.Keep(audit.Regular{Place: place, Every: time.Hour})
		checkpointOf(t, old)
		for range 2 {
			if err := push(old, 1, 2*time.Hour); !errors.Is(err, audit.ErrBehind) {
				t.Fatalf("an old copy pushed its checkpoint: %v", err)
			}
		}
		if newest() != 20 {
			t.Error("the place was written over")
		}
		s, err := old.State(ctx)
		must(t, err)
		if len(s.Places) != 1 || s.Places[0].Failure != audit.FailedBehind || s.Places[0].FailedAt.IsZero() {
			t.Errorf("state %+v", s)
		}
		if n := len(list(t, old, audit.Filter{Action: "log.behind"})); n != 1 {
			t.Errorf("%d entries tell of it", n)
		}
	})
}
