package certificate

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
)

// mix stands in for the vault: it binds a value to its label and is not readable.
func mix(label string, b []byte) ([]byte, error) {
	out := []byte(label + "\x00")
	for _, c := range b {
		out = append(out, c^0x5a)
	}
	return out, nil
}

func unmix(label string, b []byte) ([]byte, error) {
	rest, ok := strings.CutPrefix(string(b), label+"\x00")
	if !ok {
		return nil, errors.New("sealed for another label")
	}
	out := []byte(rest)
	for i := range out {
		out[i] ^= 0x5a
	}
	return out, nil
}

// eachStorage runs a test on every place where certificates are kept.
func eachStorage(t *testing.T, test func(t *testing.T, s Storage)) {
	t.Run("folder", func(t *testing.T) { test(t, folder(t)) })
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) { test(t, NewDatabase(p.Data, mix, unmix)) })
}

func folder(t *testing.T) *Folder {
	t.Helper()
	d, err := OpenFolder(filepath.Join(t.TempDir(), "certificates"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// What certmagic expects of a storage.
func TestStorage(t *testing.T) {
	eachStorage(t, func(t *testing.T, s Storage) {
		ctx := t.Context()
		put := func(key, value string) {
			t.Helper()
			if err := s.Store(ctx, key, []byte(value)); err != nil {
				t.Fatal(err)
			}
		}
		for _, key := range []string{"a/b/one", "a/b/two", "a/bb/three", "a0", "z"} {
			put(key, "first "+key)
		}
		put("a/b/one", "second")
		if b, err := s.Load(ctx, "a/b/one"); err != nil || string(b) != "second" {
			t.Errorf("load: %q %v", b, err)
		}
		if _, err := s.Load(ctx, "a/b/none"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a value that is not there: %v", err)
		}
		for prefix, want := range map[string][2][]string{
			"a":   {{"a/b", "a/bb"}, {"a/b", "a/b/one", "a/b/two", "a/bb", "a/bb/three"}},
			"a/b": {{"a/b/one", "a/b/two"}, {"a/b/one", "a/b/two"}},
		} {
			for i, recursive := range []bool{false, true} {
				if got, err := s.List(ctx, prefix, recursive); err != nil || !reflect.DeepEqual(got, want[i]) {
					t.Errorf("list %s %v: %q %v", prefix, recursive, got, err)
				}
			}
		}
		if _, err := s.List(ctx, "none", true); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("list of nothing: %v", err)
		}
		if i, err := s.Stat(ctx, "a/b/one"); err != nil || !i.IsTerminal || i.Size != 6 || i.Modified.IsZero() {
			t.Errorf("stat: %+v %v", i, err)
		}
		if i, err := s.Stat(ctx, "a/b"); err != nil || i.IsTerminal {
			t.Errorf("stat of a folder: %+v %v", i, err)
		}
		if err := s.Delete(ctx, "a/b"); err != nil || s.Exists(ctx, "a/b/one") || s.Exists(ctx, "a/b") || !s.Exists(ctx, "a/bb/three") {
			t.Errorf("delete of a folder: %v", err)
		}
		if err := s.Delete(ctx, "never/was"); err != nil {
			t.Errorf("delete of nothing: %v", err)
		}
		for _, key := range []string{"", ".", "../out", "/etc/passwd", "a//b", "a/../../b", `a\..\b`} {
			if err := s.Store(ctx, key, []byte("x")); err == nil {
				t.Errorf("%q was taken as a key", key)
			}
		}
	})
}

// Whoever wants the same lock gets it one after the other, never together.
func TestLocksExclude(t *testing.T) {
	eachStorage(t, func(t *testing.T, s Storage) {
		var inside, most, done atomic.Int32
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if err := s.Lock(t.Context(), "work"); err != nil {
					t.Error(err)
					return
				}
				n := inside.Add(1)
				for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
				}
				if free, err := s.TryLock(t.Context(), "work"); free || err != nil {
					t.Errorf("a held lock was free: %v", err)
				}
				inside.Add(-1)
				done.Add(1)
				if err := s.Unlock(t.Context(), "work"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if most.Load() != 1 || done.Load() != 4 {
			t.Errorf("%d at once, %d at all", most.Load(), done.Load())
		}
		if err := s.Unlock(t.Context(), "work"); err == nil {
			t.Error("a lock that nobody holds was given back")
		}
		ctx, cancel := context.WithCancel(t.Context())
		if err := s.Lock(ctx, "other"); err != nil {
			t.Fatal(err)
		}
		cancel()
		if err := s.Lock(ctx, "other"); !errors.Is(err, context.Canceled) {
			t.Errorf("waiting did not end with its context: %v", err)
		}
		if err := s.Unlock(t.Context(), "other"); err != nil {
			t.Error(err)
		}
	})
}

// A lock whose holder died is free once its time is over, and not before; the dead one's own return takes nothing away.
func TestLockOfTheDead(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		dead, alive := NewDatabase(p.Data, mix, unmix), NewDatabase(p.Data, mix, unmix)
		try := func(want bool) {
			t.Helper()
			if got, err := alive.TryLock(t.Context(), "work"); err != nil || got != want {
				t.Fatalf("got %v %v, want %v", got, err, want)
			}
		}
		if ok, err := dead.TryLock(t.Context(), "work"); !ok || err != nil {
			t.Fatal(err)
		}
		dead.locks["work"].stop() // nobody renews any more
		<-dead.locks["work"].ended
		try(false)
		p.Clock.Advance(leaseTime - time.Second)
		if err := dead.RenewLockLease(t.Context(), "work", leaseTime); err != nil {
			t.Fatal(err)
		}
		p.Clock.Advance(leaseTime - time.Second)
		try(false)
		p.Clock.Advance(time.Second)
		try(true)
		if err := dead.RenewLockLease(t.Context(), "work", leaseTime); !errors.Is(err, errNotHeld) {
			t.Errorf("the dead one renewed what is not its own: %v", err)
		}
		if err := dead.Unlock(t.Context(), "work"); err != nil {
			t.Error(err)
		}
		third := NewDatabase(p.Data, mix, unmix)
		if ok, err := third.TryLock(t.Context(), "work"); ok || err != nil {
			t.Errorf("the dead one gave away another's lock: %v", err)
		}
		if err := alive.Unlock(t.Context(), "work"); err != nil {
			t.Error(err)
		}
	})
}

// Private keys do not stand in the database in clear, and a row cannot be put in another's place.
func TestDatabaseSealsValues(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		var labels []string
		seal := func(l string, b []byte) ([]byte, error) { labels = append(labels, l); return mix(l, b) }
		s := NewDatabase(p.Data, seal, unmix)
		for _, key := range []string{"hosts/a/certificate.json", "hosts/b/certificate.json"} {
			if err := s.Store(t.Context(), key, []byte("PRIVATE KEY of "+key)); err != nil {
				t.Fatal(err)
			}
		}
		if labels[0] == labels[1] {
			t.Errorf("two keys share the label %s", labels[0])
		}
		var raw []byte
		err := p.Data.Read(t.Context(), func(tx *db.Tx) (err error) { raw, _, err = item(tx, "hosts/a/certificate.json"); return err })
		if err != nil || len(raw) == 0 || strings.Contains(string(raw), "PRIVATE KEY") {
			t.Errorf("stored as %q %v", raw, err)
		}
		err = p.Data.Write(t.Context(), func(tx *db.Tx) error { return putItem(tx, "hosts/b/certificate.json", raw, 1) })
		if err != nil {
			t.Fatal(err)
		}
		if b, err := s.Load(t.Context(), "hosts/b/certificate.json"); err == nil {
			t.Errorf("a moved row was opened: %q", b)
		}
	})
}

// Files are their owner's alone, and a disk that takes no more leaves the old value whole and nothing beside it.
func TestFolderOnAFullDisk(t *testing.T) {
	d := folder(t)
	if err := d.Store(t.Context(), "hosts/a/key", []byte("old")); err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space left on device")
	good := d.write
	d.write = func(f *os.File, b []byte) error { _ = good(f, b[:len(b)/2]); return full }
	if err := d.Store(t.Context(), "hosts/a/key", []byte("brand new")); !errors.Is(err, full) {
		t.Errorf("full: %v", err)
	}
	if b, err := d.Load(t.Context(), "hosts/a/key"); err != nil || string(b) != "old" {
		t.Errorf("the old value is %q, %v", b, err)
	}
	if keys, err := d.List(t.Context(), "hosts/a", true); err != nil || len(keys) != 1 {
		t.Errorf("left behind: %q %v", keys, err)
	}
	entries, err := os.ReadDir(filepath.Join(d.root.Name(), "hosts", "a"))
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v %v", entries, err)
	}
	d.write = good
	if err := d.Store(t.Context(), "hosts/a/key", []byte("brand new")); err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(d.root.Name(), func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %o", path, info.Mode().Perm())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
