// Package outside keeps checkpoints of the audit log where the store's own machine cannot take them back: in a folder
// (another disk, a mount of another machine) or in an object store that speaks S3. Names sort by size, so that the last
// one is the newest.
package outside

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// suffix ends the name of every checkpoint.
const suffix = ".checkpoint"

// maxCheckpoint is far more than a checkpoint has.
const maxCheckpoint = 16 << 10

// Name is what a checkpoint is called outside: its size first, and the time for people.
func Name(size int64, at time.Time) string {
	return fmt.Sprintf("%015d-%s%s", size, at.UTC().Format("20060102T150405Z"), suffix)
}

// entriesFolder has the entries: with many of them, checkpoints are still found quickly.
const entriesFolder = "entries"

// EntriesName is what a file of entries is called outside: the first, and the one after the last.
func EntriesName(from, to int64) string { return fmt.Sprintf("%015d-%015d.jsonl", from, to) }

// Folder keeps checkpoints in a folder.
type Folder struct{ dir string }

// NewFolder uses dir, which is made at the first checkpoint. It should lie on another machine or disk.
func NewFolder(dir string) *Folder { return &Folder{dir: dir} }

// Name is "folder".
func (f *Folder) Name() string { return "folder" }

// Put writes the checkpoint beside the older ones, whole or not at all.
func (f *Folder) Put(_ context.Context, size int64, at time.Time, checkpoint []byte) error {
	return write(f.dir, Name(size, at), checkpoint)
}

// PutEntries writes a file of entries into a folder of their own.
func (f *Folder) PutEntries(_ context.Context, from, to int64, lines []byte) error {
	return write(filepath.Join(f.dir, entriesFolder), EntriesName(from, to), lines)
}

// write makes a file, whole or not at all.
func write(dir, name string, content []byte) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	t, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(t.Name()) }()
	if _, err = t.Write(content); err == nil {
		err = t.Sync()
	}
	if err = errors.Join(err, t.Close()); err != nil {
		return err
	}
	return os.Rename(t.Name(), filepath.Join(dir, name))
}

// Newest reads the checkpoint with the largest size.
func (f *Folder) Newest(context.Context) ([]byte, error) {
	entries, err := os.ReadDir(f.dir) // sorted by name
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, e := range slices.Backward(entries) {
		if strings.HasSuffix(e.Name(), suffix) && e.Type().IsRegular() {
			return read(filepath.Join(f.dir, e.Name()))
		}
	}
	return nil, nil
}

func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, maxCheckpoint))
}
