package blob

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func store(t *testing.T) (*Store, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "pictures")
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, dir
}

func TestPutGetDelete(t *testing.T) {
	s, _ := store(t)
	k, n, err := s.Put(strings.NewReader("abc"), 10)
	if err != nil || n != 3 || k != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Fatalf("%q %d %v", k, n, err)
	}
	f, err := s.Get(k)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(f)
	_ = f.Close()
	if string(b) != "abc" || !s.Has(k) {
		t.Fatalf("got %q", b)
	}
	if err := s.Delete(k); err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(k); err != nil {
		t.Fatal("deleting twice:", err)
	}
	if _, err := s.Get(k); !errors.Is(err, ErrNotFound) {
		t.Fatalf("got %v", err)
	}
}

// V5.3.2: no name from outside leads out of the folder, not even through a link that stands in it.
func TestNamesCannotEscape(t *testing.T) {
	s, dir := store(t)
	outside := filepath.Join(filepath.Dir(dir), "secret")
	if err := os.WriteFile(outside, []byte("key"), 0o600); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("a", 64)
	if err := os.MkdirAll(filepath.Join(dir, "aa"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "aa", long)); err != nil {
		t.Fatal(err)
	}
	for _, k := range []Key{"", "../secret", "/etc/passwd", Key("../" + long[:61]), Key(strings.ToUpper(long)), "aa\x00" + Key(long[3:]), Key(long)} {
		f, err := s.Get(k)
		if err == nil {
			_ = f.Close()
			t.Errorf("%q was opened", k)
		}
		_ = s.Delete(k)
	}
	if _, err := os.Stat(outside); err != nil {
		t.Fatal("the file outside was touched:", err)
	}
}

func TestTooLargeLeavesNothing(t *testing.T) {
	s, dir := store(t)
	if _, _, err := s.Put(bytes.NewReader(make([]byte, 11)), 10); !errors.Is(err, ErrTooLarge) {
		t.Fatalf("got %v", err)
	}
	broken := io.MultiReader(strings.NewReader("x"), errReader{})
	if _, _, err := s.Put(broken, 10); err == nil {
		t.Fatal("a broken stream was kept")
	}
	left, _ := os.ReadDir(filepath.Join(dir, incoming))
	n := 0
	if err := s.Each(func(Key, int64) error { n++; return nil }); err != nil || n != 0 || len(left) != 0 {
		t.Fatalf("%d files, %d temporary, %v", n, len(left), err)
	}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, errors.New("the line went dead") }

func TestSameContentFromManySides(t *testing.T) {
	s, _ := store(t)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, _, err := s.Put(strings.NewReader("same"), 10); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	n := 0
	if err := s.Each(func(_ Key, size int64) error { n++; return nil }); err != nil || n != 1 {
		t.Fatalf("%d files, %v", n, err)
	}
}

func TestSweepRemovesOnlyWhatIsOld(t *testing.T) {
	s, dir := store(t)
	path := filepath.Join(dir, incoming, "left-behind")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Sweep(time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatal("a fresh file was removed")
	}
	if err := s.Sweep(time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Fatal("the old file stands")
	}
}
