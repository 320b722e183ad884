package tree_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"strongroom/guard/audit/tree"
)

const origin = "shop.example/log"

// log is a log as somebody with all rights on the server holds it: entries, kept hashes and the signing key.
type log struct {
	t       testing.TB
	signer  note.Signer
	key     note.Verifier
	line    string
	entries [][]byte
	kept    []tree.Hash
}

func newLog(t testing.TB, n int) *log {
	l := &log{t: t}
	l.signer, l.key, l.line = keyLine(t, origin)
	for i := range n {
		l.entries = append(l.entries, fmt.Appendf(nil, "entry %d %s", i, strings.Repeat("x", i%300)))
	}
	l.rehash()
	return l
}

func (l *log) rehash() {
	l.kept = nil
	for _, e := range l.entries {
		l.kept = append(l.kept, tlog.RecordHash(e))
	}
}

// checkpoint is the head over the first n kept hashes.
func (l *log) checkpoint(n int) tree.Checkpoint {
	var e tree.Edge
	for _, h := range l.kept[:n] {
		e.Append(h, nil)
	}
	return tree.Checkpoint{Origin: origin, Size: int64(n), Root: e.Root()}
}

func (l *log) outside(sizes ...int) (out []tree.Outside) {
	for _, n := range sizes {
		out = append(out, tree.Outside{Name: fmt.Sprint("at ", n), Checkpoint: l.checkpoint(n)})
	}
	return out
}

// export writes the log as files.
func (l *log) export() fstest.MapFS {
	files := fstest.MapFS{}
	put := func(t tree.Tile) {
		files[tree.TilePath(t.Level, t.Number, len(t.Hashes))] = &fstest.MapFile{Data: t.Bytes()}
		if t.Level > 0 {
			return
		}
		var b []byte
		for i := range t.Hashes {
			var err error
			b, err = tree.AppendEntry(b, l.entries[int(t.Number)*tree.Width+i])
			must(l.t, err)
		}
		files[tree.EntriesPath(t.Number, len(t.Hashes))] = &fstest.MapFile{Data: b}
	}
	var e tree.Edge
	for _, h := range l.kept {
		e.Append(h, put)
	}
	for _, p := range e.Partial() {
		put(p)
	}
	c, err := l.checkpoint(len(l.kept)).Sign(l.signer)
	must(l.t, err)
	files["checkpoint"] = &fstest.MapFile{Data: c}
	return files
}

func (l *log) lines() []byte {
	var b bytes.Buffer
	for i, e := range l.entries {
		if e == nil {
			continue
		}
		line, err := json.Marshal(tree.Line{Sequence: int64(i), Leaf: hex.EncodeToString(l.kept[i][:]), Body: e})
		must(l.t, err)
		b.Write(append(line, '\n'))
	}
	return b.Bytes()
}

// verify holds both forms of the export against checkpoints and demands the same findings of both.
func (l *log) verify(outside []tree.Outside) *tree.Report {
	l.t.Helper()
	folder, err := tree.OpenFolder(l.export(), l.key)
	must(l.t, err)
	r, err := tree.Verify(folder, outside)
	must(l.t, err)
	again, err := tree.Verify(tree.NewLines(bytes.NewReader(l.lines())), outside)
	must(l.t, err)
	// A line that is missing took its leaf hash with it, so that the lines alone cannot show that nothing else was touched.
	gap := slices.ContainsFunc(l.entries, func(e []byte) bool { return e == nil })
	if gap && !has(again, tree.Interval, 600, 1200) {
		l.t.Errorf("of lines without a hash nothing is said: %v", again.Findings)
	} else if a, b := fmt.Sprint(r.Findings), fmt.Sprint(again.Findings); !gap && a != b {
		l.t.Errorf("the two forms are told otherwise:\n%s\n%s", a, b)
	}
	return r
}

func has(r *tree.Report, k tree.Kind, from, to int64) bool {
	for _, f := range r.Findings {
		if f.Kind == k && f.From == from && f.To == to {
			return true
		}
	}
	return false
}

// V16.4.2, attack 42: whatever is done to the past is found, by name where the leaf hashes survive.
func TestAlteredPastIsFound_V16_4_2(t *testing.T) {
	const n = 1500
	for name, c := range map[string]struct {
		do   func(l *log)
		want func(r *tree.Report) bool
	}{
		"nothing": {func(*log) {}, func(r *tree.Report) bool { return r.OK() && r.Good.Size == n && r.Bad == nil && r.Checked == 4 }},
		"one entry changed": {func(l *log) { l.entries[700] = []byte("a lie") },
			func(r *tree.Report) bool {
				return has(r, tree.Altered, 700, 701) && len(r.Findings) == 1 && r.Good.Size == 600 && r.Bad.Size == 1200
			}},
		"one entry emptied": {func(l *log) { l.entries[700] = nil },
			func(r *tree.Report) bool { return has(r, tree.Missing, 700, 701) && len(r.Findings) == 1 }},
		"two entries exchanged": {func(l *log) { l.entries[513], l.entries[514] = l.entries[514], l.entries[513] },
			func(r *tree.Report) bool {
				return has(r, tree.Misplaced, 513, 514) && has(r, tree.Misplaced, 514, 515) && len(r.Findings) == 2
			}},
		"changed with its hash, tree made anew": {func(l *log) { l.entries[700] = []byte("a lie"); l.rehash() },
			func(r *tree.Report) bool {
				return has(r, tree.Interval, 600, 1200) && len(r.Findings) == 1 && r.Good.Size == 600 && r.Bad.Size == 1200
			}},
		"taken out, tree made anew": {func(l *log) { l.entries = append(l.entries[:100], l.entries[101:]...); l.rehash() },
			func(r *tree.Report) bool {
				return has(r, tree.Interval, 0, 600) && has(r, tree.Truncated, n-1, n) && r.Good == nil
			}},
		"put in, tree made anew": {func(l *log) {
			l.entries[1300] = []byte("new")
			l.entries = append(l.entries, []byte("more"))
			l.rehash()
		},
			func(r *tree.Report) bool { return has(r, tree.Interval, 1200, n) && len(r.Findings) == 1 }},
		"cut off": {func(l *log) { l.entries = l.entries[:1000]; l.rehash() },
			func(r *tree.Report) bool {
				return has(r, tree.Truncated, 1000, n) && r.Good.Size == 600 && r.Bad.Size == 1200 && len(r.Findings) == 1
			}},
		"rolled back and gone on otherwise": {func(l *log) {
			l.entries = append([][]byte{}, l.entries[:800]...)
			for i := range 900 {
				l.entries = append(l.entries, fmt.Appendf(nil, "other %d", i))
			}
			l.rehash()
		}, func(r *tree.Report) bool { return has(r, tree.Interval, 600, 1200) && len(r.Findings) == 1 }},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLog(t, n)
			outside := l.outside(300, 600, 1200, n)
			if name == "taken out, tree made anew" {
				outside = outside[1:]
			}
			c.do(l)
			if r := l.verify(outside); !c.want(r) {
				t.Errorf("found %+v, good %v, bad %v", r.Findings, r.Good, r.Bad)
			}
		})
	}
}

// At random places, every kind of change is found.
func TestNoChangeGoesUnseen(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 2))
	for range 40 {
		l := newLog(t, 1+r.IntN(900))
		n := len(l.entries)
		outside := l.outside(1+r.IntN(n), n)
		i, j := r.IntN(n), r.IntN(n)
		switch what := r.IntN(4); {
		case what == 0:
			l.entries[i] = append([]byte("y"), l.entries[i]...)
		case what == 1 && i != j:
			l.entries[i], l.entries[j] = l.entries[j], l.entries[i]
		case what == 2:
			l.entries = append(l.entries[:i:i], l.entries[i+1:]...)
			l.rehash()
		default:
			l.entries[i] = []byte("z")
		}
		if l.verify(outside).OK() {
			t.Fatalf("a change of %d entries at %d and %d was not seen", n, i, j)
		}
	}
}

func TestHostileExportsAreErrors(t *testing.T) {
	l := newLog(t, 300)
	for name, change := range map[string]func(f fstest.MapFS){
		"no checkpoint":         func(f fstest.MapFS) { delete(f, "checkpoint") },
		"huge checkpoint":       func(f fstest.MapFS) { f["checkpoint"].Data = bytes.Repeat([]byte("x"), 1<<20) },
		"cut bundle":            func(f fstest.MapFS) { b := f["tile/entries/000"]; b.Data = b.Data[:len(b.Data)-1] },
		"bundle of many":        func(f fstest.MapFS) { f["tile/entries/000"].Data = make([]byte, 2000) },
		"tile of odd size":      func(f fstest.MapFS) { f["tile/0/000"].Data = make([]byte, 33) },
		"tile that is too long": func(f fstest.MapFS) { f["tile/0/000"].Data = make([]byte, 33*256) },
	} {
		f := l.export()
		change(f)
		folder, err := tree.OpenFolder(f, l.key)
		if err == nil {
			_, err = tree.Verify(folder, nil)
		}
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for _, lines := range []string{"{", "null\n", `{"sequence":-1,"body":"AA=="}`, `{"sequence":0,"leaf":"00","body":"AA=="}`,
		string(l.lines()) + string(l.lines())} {
		if _, err := tree.Verify(tree.NewLines(strings.NewReader(lines)), nil); err == nil {
			t.Errorf("%.30q: no error", lines)
		}
	}
}

// An independent verifier of the public ecosystem (Tessera's fsck, if tools/ci/deps.sh put it there) agrees with ours,
// both on a sound log and on an altered one.
func TestAnIndependentVerifierAgrees(t *testing.T) {
	fsck, err := filepath.Abs("../../../tools/bin/fsck")
	must(t, err)
	if _, err := os.Stat(fsck); err != nil {
		t.Log("Tessera's fsck is not here; tools/ci/deps.sh installs it, and make test runs this with it")
		return
	}
	l := newLog(t, 70_000)
	for _, lie := range []bool{false, true} {
		files := l.export()
		if lie {
			files["tile/entries/100"].Data[5] ^= 1
		}
		dir := t.TempDir()
		must(t, os.CopyFS(dir, files))
		must(t, os.WriteFile(filepath.Join(dir, "key"), []byte(l.line), 0o600))
		theirs := verdict(t, fsck, dir)
		folder, err := tree.OpenFolder(os.DirFS(dir), l.key)
		must(t, err)
		r, err := tree.Verify(folder, l.outside(70_000))
		must(t, err)
		if theirs == lie || r.OK() == lie {
			t.Errorf("altered %v: fsck says %v, we say %v", lie, theirs, r.OK())
		}
	}
}

// verdict runs fsck until it says whether the log is sound. It does not end by itself once a range is invalid.
func verdict(t *testing.T, fsck, dir string) bool {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	c := exec.CommandContext(ctx, fsck, "-storage_url", "file://"+dir+"/", "-public_key", filepath.Join(dir, "key"),
		"-ui=false", "-logtostderr", "-v", "1")
	words, err := c.StderrPipe()
	must(t, err)
	must(t, c.Start())
	defer func() { stop(); _ = c.Wait() }()
	var said strings.Builder
	for s := bufio.NewScanner(words); s.Scan(); {
		said.WriteString(s.Text() + "\n")
		if strings.Contains(s.Text(), "Successfully fsck'd") {
			return true
		}
		if strings.Contains(s.Text(), "Invalid") || strings.Contains(s.Text(), "fsck failed") {
			return false
		}
	}
	t.Fatalf("fsck said nothing:\n%s", said.String())
	return false
}
