package strength

import (
	"bytes"
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// list writes the public list's lines for the numbers from a to b; the n-th was seen n times.
func list(a, b int) string {
	var s strings.Builder
	for i := a; i < b; i++ {
		fmt.Fprintf(&s, "%X:%d\r\n", sha1.Sum([]byte(fmt.Sprintf("leaked %d", i))), i)
	}
	return s.String()
}

func build(t *testing.T, text string, l List) (*Filter, Summary, error) {
	t.Helper()
	l.Out = filepath.Join(t.TempDir(), "leaked.filter")
	if l.Step == nil {
		l.Step = func(string, float64) {}
	}
	s, err := BuildList(context.Background(), strings.NewReader(text), l)
	if err != nil {
		return nil, s, err
	}
	if _, err := os.Stat(l.Out + ".building"); !errors.Is(err, os.ErrNotExist) {
		t.Error("something was left beside the filter")
	}
	f, err := OpenFilter(l.Out)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f, s, nil
}

// V6.2.12: the filter of the public list knows every line of it, in one shard or in many, and hardly anything else.
func TestAListBecomesAFilter(t *testing.T) {
	const n = 20_000
	for _, size := range []int64{1, 0, 4000 << 20} { // one shard; nobody knows; hundreds
		f, s, err := build(t, list(1, n+1), List{Size: size})
		if err != nil {
			t.Fatal(err)
		}
		if s.Lines != n || s.Kept != n || s.Entries != n || f.Entries() != n || f.Kind() != KindLeaked {
			t.Errorf("%+v, %d entries", s, f.Entries())
		}
		for i := 1; i <= n; i += 97 {
			if has, err := f.Has(fmt.Sprintf("leaked %d", i)); err != nil || !has {
				t.Fatalf("size %d: number %d is missing: %v", size, i, err)
			}
		}
		wrong := 0
		for i := range 5000 {
			if has, _ := f.Has(fmt.Sprintf("never leaked %d", i)); has {
				wrong++
			}
		}
		if wrong > 4 {
			t.Errorf("size %d: %d of 5,000 taken for leaked", size, wrong)
		}
		c := checker(t, Options{List: f})
		if got := reasonOf(t, c.Check(context.Background(), "leaked 1", WithFactor)); got != Leaked {
			t.Errorf("the reason is %q", got)
		}
	}
}

func TestRareOnesCanBeLeftOutAndRepeatedOnesCountOnce(t *testing.T) {
	f, s, err := build(t, list(1, 101)+list(90, 101), List{Size: 1, Least: 51})
	if err != nil || s.Lines != 111 || s.Kept != 61 || s.Entries != 50 {
		t.Fatalf("%+v %v", s, err)
	}
	if has, _ := f.Has("leaked 50"); has {
		t.Error("seen fifty times and kept")
	}
	if has, _ := f.Has("leaked 51"); !has {
		t.Error("seen fifty-one times and left out")
	}
}

// A wrong list is refused with its line and leaves the filter before as it was; so does an interruption.
func TestABadListChangesNothing(t *testing.T) {
	out := filepath.Join(t.TempDir(), "leaked.filter")
	if err := os.WriteFile(out, []byte("the one before"), 0o600); err != nil {
		t.Fatal(err)
	}
	l := List{Out: out, Step: func(string, float64) {}}
	for _, text := range []string{"", "\n", list(1, 3) + "password:4\n", list(1, 3) + "\n" + list(3, 5), strings.Replace(list(1, 2), ":", ";", 1),
		"8846F7EAEE8FB117AD06BDD830B7586C:3\n", list(1, 2) + strings.Repeat("A", 1<<17)} {
		_, err := BuildList(context.Background(), strings.NewReader(text), l)
		var le *LineError
		if err == nil || text != "" && !errors.As(err, &le) {
			t.Errorf("%.20q: %v", text, err)
		}
		if err != nil && (strings.Contains(err.Error(), "password:") || strings.Contains(err.Error(), "8846")) {
			t.Errorf("the error repeats the line: %v", err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := BuildList(ctx, strings.NewReader(list(1, 10)), l); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
	if b, err := os.ReadFile(out); err != nil || string(b) != "the one before" {
		t.Errorf("the filter before is %q, %v", b, err)
	}
	if _, err := os.Stat(out + ".building"); !errors.Is(err, os.ErrNotExist) {
		t.Error("something was left beside the filter")
	}
}

// What a killed run left does not disturb the next one, and the same list gives the same bytes.
func TestARunCanBeRepeated(t *testing.T) {
	dir := t.TempDir()
	var files [2][]byte
	for i := range files {
		l := List{Out: filepath.Join(dir, "f"), Size: 4000 << 20, Step: func(string, float64) {}}
		if err := os.MkdirAll(l.Out+".building/keys-000", 0o700); err != nil {
			t.Fatal(err)
		}
		if _, err := BuildList(context.Background(), strings.NewReader(list(1, 5000)), l); err != nil {
			t.Fatal(err)
		}
		files[i], _ = os.ReadFile(l.Out)
	}
	if len(files[0]) == 0 || !bytes.Equal(files[0], files[1]) {
		t.Error("two runs differ")
	}
}

// Every damage is found: no answer is better than a wrong one, because the shipped list still stands.
func TestADamagedFilterIsRefused(t *testing.T) {
	out := filepath.Join(t.TempDir(), "f")
	if _, err := BuildList(context.Background(), strings.NewReader(list(1, 500)), List{Out: out, Size: 1, Step: func(string, float64) {}}); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 0x40
		f, err := readFilter(bytes.NewReader(bad), int64(len(bad)))
		if err == nil {
			_, err = f.Has("leaked 1")
		}
		if err != nil {
			found++
		}
	}
	if found != len(good) {
		t.Errorf("%d of %d changed bytes were found", found, len(good))
	}
	for _, n := range []int{0, 7, 19, 30, len(good) / 2, len(good) - 1} {
		f, err := readFilter(bytes.NewReader(good[:n]), int64(n))
		if err == nil {
			t.Errorf("cut to %d: opened", n)
			_ = f
		}
	}
}

// endless gives lines of a list without end, so that memory can be watched.
type endless struct {
	left int
	n    int
	rest []byte
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		if e.left == 0 {
			return 0, io.EOF
		}
		step := min(e.left, 1000)
		e.left -= step
		e.rest = []byte(list(e.n+1, e.n+1+step))
		e.n += step
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

func BenchmarkBuild(b *testing.B) {
	out := filepath.Join(b.TempDir(), "f")
	for b.Loop() {
		in := &endless{left: 1_000_000}
		if _, err := BuildList(context.Background(), in, List{Out: out, Size: 45_000_000, Step: func(string, float64) {}}); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzReadFilter(f *testing.F) {
	out := filepath.Join(f.TempDir(), "f")
	if _, err := BuildList(context.Background(), strings.NewReader(list(1, 20)), List{Out: out, Size: 1, Step: func(string, float64) {}}); err != nil {
		f.Fatal(err)
	}
	good, _ := os.ReadFile(out)
	f.Add(good)
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, b []byte) {
		if fl, err := readFilter(bytes.NewReader(b), int64(len(b))); err == nil {
			_, _ = fl.Has("x")
		}
	})
}
