// Package blob keeps files that the database is too small for, in one folder.
//
// A file is named by the SHA-256 of its content (Key), so that it can be written twice without harm, never changes, and
// its name proves it. Writing is atomic: a temporary file is filled, brought to the disk and renamed. All access goes
// through os.Root, so that no name leads out of the folder, and only names that are keys are ever looked up.
package blob

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"syscall"
	"time"
)

// Key is the SHA-256 of a file's content in 64 hexadecimal digits.
type Key string

var (
	// ErrNotFound says that no such file is kept.
	ErrNotFound = errors.New("blob: not found")
	// ErrTooLarge says that the content is longer than allowed. Nothing was kept.
	ErrTooLarge = errors.New("blob: too large")
	// ErrFull says that the disk is full. Nothing was kept.
	ErrFull = errors.New("blob: the disk is full")
)

// Valid says whether the key has the form of one.
func (k Key) Valid() bool {
	if len(k) != 2*sha256.Size {
		return false
	}
	for i := range len(k) {
		if c := k[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// path spreads the files over 256 folders.
func (k Key) path() string { return string(k[:2]) + "/" + string(k) }

// Store is a folder of files. It is safe for use by many goroutines and processes.
type Store struct {
	root *os.Root
}

// incoming holds files that are still being written.
const incoming = "incoming"

// Open opens the folder and makes it if it is missing. Only its owner may look into it.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	if err := root.Mkdir(incoming, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		_ = root.Close()
		return nil, fmt.Errorf("blob: %w", err)
	}
	return &Store{root: root}, nil
}

// Close gives the folder back.
func (s *Store) Close() error { return s.root.Close() }

// Put keeps what r holds, at most limit bytes, and returns its key and size. When it returns without an error the file
// is on the disk.
func (s *Store) Put(r io.Reader, limit int64) (k Key, size int64, err error) {
	var b [12]byte
	_, _ = rand.Read(b[:])
	tmp := path.Join(incoming, hex.EncodeToString(b[:]))
	f, err := s.root.OpenFile(tmp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", 0, classify(err)
	}
	h := sha256.New()
	size, err = fill(f, h, r, limit)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		_ = s.root.Remove(tmp)
		return "", 0, classify(err)
	}
	k = Key(hex.EncodeToString(h.Sum(nil)))
	if err := s.keep(tmp, k); err != nil {
		_ = s.root.Remove(tmp)
		return "", 0, classify(err)
	}
	return k, size, nil
}

func fill(f *os.File, h hash.Hash, r io.Reader, limit int64) (int64, error) {
	n, err := io.Copy(io.MultiWriter(f, h), io.LimitReader(r, limit+1))
	if err != nil {
		return n, err
	}
	if n > limit {
		return n, ErrTooLarge
	}
	return n, f.Sync()
}

// keep gives the finished file its name and brings the name to the disk.
func (s *Store) keep(tmp string, k Key) error {
	dir := string(k[:2])
	if err := s.root.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := s.root.Rename(tmp, k.path()); err != nil {
		return err
	}
	d, err := s.root.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	return d.Sync()
}

// Get opens a file for reading; the caller closes it. Its size is in its Stat.
func (s *Store) Get(k Key) (*os.File, error) {
	if !k.Valid() {
		return nil, ErrNotFound
	}
	f, err := s.root.Open(k.path())
	return f, classify(err)
}

// Has says whether the file is kept.
func (s *Store) Has(k Key) bool {
	if !k.Valid() {
		return false
	}
	_, err := s.root.Stat(k.path())
	return err == nil
}

// Delete removes the file. That it is gone already is no error.
func (s *Store) Delete(k Key) error {
	if !k.Valid() {
		return nil
	}
	if err := s.root.Remove(k.path()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return classify(err)
	}
	return nil
}

// Each calls fn with every file that is kept, in order of their keys, until fn returns an error.
func (s *Store) Each(fn func(k Key, size int64) error) error {
	return fs.WalkDir(s.root.FS(), ".", func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		k := Key(path.Base(p))
		if e.IsDir() || !k.Valid() {
			return nil
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // deleted meanwhile
		}
		if err != nil {
			return err
		}
		return fn(k, info.Size())
	})
}

// Sweep removes what was being written when a process died: temporary files that are older than the given time.
func (s *Store) Sweep(older time.Time) error {
	entries, err := fs.ReadDir(s.root.FS(), incoming)
	if err != nil {
		return classify(err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.ModTime().Before(older) {
			_ = s.root.Remove(path.Join(incoming, e.Name()))
		}
	}
	return nil
}

func classify(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}
