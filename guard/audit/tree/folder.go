package tree

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"

	"golang.org/x/mod/sumdb/note"
)

// Folder reads a log that was exported into files, in the layout of the package comment.
type Folder struct {
	files fs.FS
	head  Checkpoint
	at    int64
}

// maxBundle is the longest bundle that can be: 256 entries of 64 KiB and their lengths.
const maxBundle = Width * (math.MaxUint16 + 2)

// OpenFolder reads the folder's own checkpoint; the keys come from outside.
func OpenFolder(files fs.FS, keys ...note.Verifier) (*Folder, error) {
	b, err := readFile(files, "checkpoint", maxCheckpoint)
	if err != nil {
		return nil, err
	}
	head, err := ParseCheckpoint(b, keys...)
	if err != nil {
		return nil, err
	}
	return &Folder{files: files, head: head}, nil
}

// Head is the folder's own checkpoint.
func (f *Folder) Head() Checkpoint { return f.head }

// Next reads the next bundle and the tile with its hashes.
func (f *Folder) Next() (Batch, error) {
	if f.at >= f.head.Size {
		return Batch{}, io.EOF
	}
	number, width := f.at/Width, int(min(Width, f.head.Size-f.at))
	b := Batch{First: f.at}
	f.at += int64(width)
	raw, err := readFile(f.files, EntriesPath(number, width), maxBundle)
	if errors.Is(err, fs.ErrNotExist) {
		b.Entries = make([][]byte, width) // a missing file is that many missing entries
	} else if err != nil {
		return b, err
	} else if b.Entries, err = ParseBundle(raw); err != nil {
		return b, fmt.Errorf("%s: %w", EntriesPath(number, width), err)
	}
	tile, err := readFile(f.files, TilePath(0, number, width), Width*32)
	if errors.Is(err, fs.ErrNotExist) {
		return b, nil
	}
	if err == nil {
		b.Kept, err = ParseHashes(tile)
	}
	return b, err
}

// readFile reads a file that is not longer than it may be.
func readFile(files fs.FS, name string, most int64) ([]byte, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(b)) > most {
		err = fmt.Errorf("tree: %s is longer than it can be", name)
	}
	return b, err
}
