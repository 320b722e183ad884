package certificate

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"

	"github.com/caddyserver/certmagic"
)

// Folder keeps everything in files of one folder that only their owner can read. It is for one process: the store's
// lock on its data folder keeps others out, so that locks live in memory and die with their holder.
//
// A value is written beside its place, brought to the disk and renamed, so that a full disk or a crash leaves the old
// value whole.
type Folder struct {
	root  *os.Root
	write func(f *os.File, b []byte) error // tests make it fail

	mu    sync.Mutex
	locks map[string]chan struct{} // closed when the lock is free again
}

// OpenFolder opens the folder, and makes it if it is missing.
func OpenFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	write := func(f *os.File, b []byte) error { _, err := f.Write(b); return err }
	return &Folder{root: root, write: write, locks: map[string]chan struct{}{}}, nil
}

// Close lets go of the folder.
func (d *Folder) Close() error { return d.root.Close() }

// checkKey refuses what is no path of names.
func checkKey(key string) error {
	if key == "" || key == "." || !fs.ValidPath(key) || strings.Contains(key, "\\") {
		return fmt.Errorf("certificate: %q is no key", key)
	}
	return nil
}

// Store replaces a value in one step.
func (d *Folder) Store(_ context.Context, key string, value []byte) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if err := d.root.MkdirAll(path.Dir(key), 0o700); err != nil {
		return err
	}
	tmp := key + ".new-" + rand.Text()[:8]
	f, err := d.root.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = d.write(f, value)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = d.root.Rename(tmp, key)
	}
	if err != nil {
		_ = d.root.Remove(tmp)
		return err
	}
	return d.syncDir(path.Dir(key))
}

// syncDir brings a rename to the disk.
func (d *Folder) syncDir(dir string) error {
	f, err := d.root.Open(dir)
	if err != nil {
		return err
	}
	_ = f.Sync() // not every file system can; the value itself is safe
	return f.Close()
}

// Load reads a value; fs.ErrNotExist if there is none.
func (d *Folder) Load(_ context.Context, key string) ([]byte, error) {
	if err := checkKey(key); err != nil {
		return nil, fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	return d.root.ReadFile(key)
}

// Delete removes a value, or all values below a key.
func (d *Folder) Delete(_ context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	return d.root.RemoveAll(key)
}

// Exists says whether there is a value at the key or below it.
func (d *Folder) Exists(ctx context.Context, key string) bool {
	_, err := d.Stat(ctx, key)
	return err == nil
}

// List names what lies below the prefix: everything, or the next level only.
func (d *Folder) List(_ context.Context, prefix string, recursive bool) ([]string, error) {
	start := prefix
	if prefix == "" {
		start = "."
	} else if err := checkKey(prefix); err != nil {
		return nil, err
	}
	var keys []string
	err := fs.WalkDir(d.root.FS(), start, func(p string, e fs.DirEntry, err error) error {
		if err != nil || p == start {
			return err
		}
		if !strings.Contains(e.Name(), ".new-") {
			keys = append(keys, p)
		}
		if e.IsDir() && !recursive {
			return fs.SkipDir
		}
		return nil
	})
	return keys, err
}

// Stat tells about a key.
func (d *Folder) Stat(_ context.Context, key string) (certmagic.KeyInfo, error) {
	if err := checkKey(key); err != nil {
		return certmagic.KeyInfo{}, fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	info, err := d.root.Stat(key)
	if err != nil {
		return certmagic.KeyInfo{}, err
	}
	return certmagic.KeyInfo{Key: key, Modified: info.ModTime(), Size: info.Size(), IsTerminal: !info.IsDir()}, nil
}

// Lock waits for the lock of a name.
func (d *Folder) Lock(ctx context.Context, name string) error {
	for {
		free := d.take(name)
		if free == nil {
			return nil
		}
		select {
		case <-free:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// TryLock takes the lock of a name if it is free.
func (d *Folder) TryLock(ctx context.Context, name string) (bool, error) {
	return d.take(name) == nil, ctx.Err()
}

// take takes a lock, or says what to wait for.
func (d *Folder) take(name string) (busy chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if c, held := d.locks[name]; held {
		return c
	}
	d.locks[name] = make(chan struct{})
	return nil
}

// Unlock gives a lock back.
func (d *Folder) Unlock(_ context.Context, name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	c, held := d.locks[name]
	if !held {
		return fmt.Errorf("certificate: the lock %s is not held", name)
	}
	delete(d.locks, name)
	close(c)
	return nil
}
