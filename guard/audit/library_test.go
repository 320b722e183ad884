package audit_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"strongroom/base/db/dbtest"
	"strongroom/guard/audit"
	"strongroom/guard/audit/outside"
	"strongroom/guard/audit/tree"
)

// The entries leave the machine by themselves (V16.4.3): what lies outside is a whole log that is verified without the
// store's database, each entry once, and a push that failed is made good by the next one.
func TestEntriesGoOutside_V16_4_3(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		l, _ := newLog(t, p)
		dir := filepath.Join(t.TempDir(), "kept")
		place := outside.NewFolder(dir)
		l.Keep(audit.Regular{Place: place})
		checkpointOf(t, l)
		push := func(n int) error {
			write(t, p, l, n)
			p.Clock.Advance(2 * time.Minute)
			if _, err := l.Sequence(ctx); err != nil {
				return err
			}
			return l.Push(ctx)
		}
		files := func() (names []string, all []byte) {
			names, err := filepath.Glob(filepath.Join(dir, "entries", "*.jsonl")) // sorted
			must(t, err)
			for _, name := range names {
				b, err := os.ReadFile(name)
				must(t, err)
				all = append(all, b...)
			}
			return names, all
		}
		must(t, push(2100)) // more than one file takes
		must(t, os.Rename(filepath.Join(dir, "entries"), filepath.Join(dir, "away")))
		must(t, os.WriteFile(filepath.Join(dir, "entries"), nil, 0o600)) // a file where the folder should be
		if err := push(10); err == nil {
			t.Error("entries that could not be kept were taken for kept")
		}
		must(t, os.Remove(filepath.Join(dir, "entries")))
		must(t, os.Rename(filepath.Join(dir, "away"), filepath.Join(dir, "entries")))
		must(t, push(10))
		must(t, push(0))
		names, all := files()
		if len(names) < 2 {
			t.Errorf("files %v", names)
		}
		kept, err := place.Newest(ctx)
		must(t, err)
		c, err := tree.ParseCheckpoint(kept, keyOf(t, l))
		must(t, err)
		if n := bytes.Count(all, []byte("\n")); int64(n) != c.Size || n != 2120 {
			t.Errorf("%d entries outside, %d under the head there", n, c.Size)
		}
		head := []tree.Outside{{Name: "kept", Checkpoint: c}}
		if r, err := tree.Verify(tree.NewLines(bytes.NewReader(all)), head); err != nil || !r.OK() {
			t.Errorf("what lies outside is no whole log: %+v %v", r, err)
		}
		altered := bytes.Replace(all, []byte(`"body":"`), []byte(`"body":"AA`), 1)
		if r, err := tree.Verify(tree.NewLines(bytes.NewReader(altered)), head); err == nil && r.OK() {
			t.Error("an altered copy passes")
		}
		l.Keep(audit.Regular{Place: outside.NewFolder(filepath.Join(dir, "another"))})
		must(t, push(1))
		if all, err := filepath.Glob(filepath.Join(dir, "another", "entries", "*.jsonl")); err != nil || len(all) != 2 || !strings.Contains(all[0], "000000000000000-") {
			t.Errorf("a new folder got %v %v", all, err)
		}
		s, err := l.State(ctx)
		must(t, err)
		if len(s.Places) != 1 || s.Places[0].Entries != 2121 || s.Places[0].Failure != "" && s.Places[0].FailedAt.After(s.Places[0].At) {
			t.Errorf("state %+v", s.Places)
		}
	})
}
