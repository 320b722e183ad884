package audit

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/guard/audit/tree"
)

// Line is an entry as JSON Lines show it. Body holds the canonical bytes, which alone count for verification; sealed
// parts stay sealed in them.
type Line struct {
	tree.Line
	ID       string     `json:"id"`
	At       time.Time  `json:"at"`
	Actor    string     `json:"actor"`
	Action   string     `json:"action"`
	Object   string     `json:"object,omitempty"`
	ObjectID string     `json:"object_id,omitempty"`
	Person   string     `json:"person,omitempty"`
	Outcome  string     `json:"outcome"`
	Reason   string     `json:"reason,omitempty"`
	Facts    []LineFact `json:"facts,omitempty"`
	Waiting  bool       `json:"waiting,omitempty"` // has no place in the tree yet
}

// LineFact is a detail of an entry.
type LineFact struct {
	Key  string `json:"key"`
	Int  int64  `json:"int,omitempty"`
	Text string `json:"text,omitempty"`
}

// LineOf shows a row.
func LineOf(r Row) Line {
	body := r.Encode()
	leaf := Leaf(body)
	l := Line{Line: tree.Line{Sequence: r.Sequence, Leaf: hex.EncodeToString(leaf[:]), Body: body}, ID: r.ID.String(), At: r.At.UTC(),
		Actor: r.Actor.String(), Action: r.Action, Object: r.Object, Outcome: r.Outcome.String(), Reason: r.Word, Waiting: !r.Placed}
	if !r.ObjectID.IsZero() {
		l.ObjectID = r.ObjectID.String()
	}
	if !r.Person.IsZero() {
		l.Person = r.Person.String()
	}
	for _, f := range r.Facts {
		l.Facts = append(l.Facts, LineFact(f))
	}
	return l
}

// WriteLines writes the entries that the filter lets through as JSON Lines, oldest first, page by page. With an empty
// filter these are all entries in the order of the tree, and the result can be verified.
func (l *Log) WriteLines(ctx context.Context, w io.Writer, f Filter) (n int64, err error) {
	defer fault.Wrap(&err, "audit: write lines")
	out := bufio.NewWriterSize(w, 64<<10)
	enc := json.NewEncoder(out)
	each := func(l Line) error { n++; return enc.Encode(l) }
	if f.none() {
		err = l.inOrder(ctx, each)
	} else {
		err = l.inPages(ctx, f, each)
	}
	if err == nil {
		err = out.Flush()
	}
	return n, err
}

// none says whether the filter lets everything through.
func (f Filter) none() bool {
	return f.Actor.Kind == 0 && f.Action == "" && f.Object == "" && f.ObjectID.IsZero() && f.Person.IsZero() && f.Outcome == 0 &&
		f.From.IsZero() && f.To.IsZero()
}

func (l *Log) inPages(ctx context.Context, f Filter, each func(Line) error) error {
	f.Limit, f.OldestLast = 200, false
	for {
		p, err := l.List(ctx, f)
		if err != nil {
			return err
		}
		for _, r := range p.Rows {
			if err := each(LineOf(r)); err != nil {
				return err
			}
		}
		if !p.More {
			return nil
		}
		f.After = p.Next
	}
}

// inOrder hands out the entries by their places in the tree, each with the hash that the tree has of it. An entry that
// was altered is handed out as it is: it is evidence.
func (l *Log) inOrder(ctx context.Context, each func(Line) error) error {
	var h head
	if err := l.db.Read(ctx, func(tx *db.Tx) (err error) { h, err = readHead(tx); return err }); err != nil {
		return err
	}
	for src := (&live{log: l, ctx: ctx, size: h.size}); ; {
		b, err := src.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for i, body := range b.Entries {
			if body == nil {
				continue
			}
			if err := each(lineAt(b.First+int64(i), body, b.Kept[i])); err != nil {
				return err
			}
		}
	}
}

func lineAt(sequence int64, body []byte, kept tree.Hash) (line Line) {
	if r, err := Decode(body); err == nil {
		r.Placed = true
		line = LineOf(r)
	}
	line.Line = tree.Line{Sequence: sequence, Leaf: hex.EncodeToString(kept[:]), Body: body}
	return line
}

// Exported says what an export holds.
type Exported struct {
	Size    int64 // entries
	Missing int64 // places whose entry the database does not have
}

// WriteFolder writes the whole log into a new folder, in the layout of package tree, so that it can be verified
// elsewhere and without network, by this program or by another that reads such logs. progress may be nil.
func (l *Log) WriteFolder(ctx context.Context, folder string, progress func(done, size int64)) (x Exported, err error) {
	defer fault.Wrap(&err, "audit: export")
	if err := os.Mkdir(folder, 0o700); err != nil {
		return x, err
	}
	checkpoint, size, err := l.Checkpoint(ctx)
	if err != nil {
		return x, err
	}
	keys, err := l.KeyLines(ctx)
	if err != nil {
		return x, err
	}
	x.Size = size
	for number := int64(0); number*tree.Width < size; number++ {
		if err := ctx.Err(); err != nil {
			return x, err
		}
		missing, err := l.writeBundle(ctx, folder, number, int(min(tree.Width, size-number*tree.Width)))
		if err != nil {
			return x, err
		}
		x.Missing += missing
		if progress != nil {
			progress(min(size, (number+1)*tree.Width), size)
		}
	}
	if err := l.writeUpper(ctx, folder, size); err != nil {
		return x, err
	}
	if err := writeFile(folder, "key", []byte(keys[0]+"\n")); err != nil {
		return x, err
	}
	return x, writeFile(folder, "checkpoint", checkpoint) // last, so that half an export is none
}

// writeBundle writes one tile of leaves and its entries.
func (l *Log) writeBundle(ctx context.Context, folder string, number int64, width int) (missing int64, err error) {
	b := live{log: l, size: number*tree.Width + int64(width), at: number * tree.Width, ctx: ctx}
	batch, err := b.Next()
	if err != nil {
		return 0, err
	}
	var bundle []byte
	for _, e := range batch.Entries {
		if e == nil {
			missing++
		}
		if bundle, err = tree.AppendEntry(bundle, e); err != nil {
			return 0, err
		}
	}
	if err := writeFile(folder, tree.EntriesPath(number, width), bundle); err != nil {
		return 0, err
	}
	t := tree.Tile{Number: number, Hashes: batch.Kept}
	return missing, writeFile(folder, tree.TilePath(0, number, width), t.Bytes())
}

// writeUpper writes the tiles above the leaves, as they were at that size.
func (l *Log) writeUpper(ctx context.Context, folder string, size int64) error {
	for level, n := 1, size/tree.Width; n > 0; level, n = level+1, n/tree.Width {
		for number := int64(0); number*tree.Width < n; number++ {
			width := int(min(tree.Width, n-number*tree.Width))
			var hashes []tree.Hash
			err := l.db.Read(ctx, func(tx *db.Tx) (err error) { hashes, err = getTile(tx, level, number); return err })
			if err != nil {
				return err
			}
			if len(hashes) < width {
				return errTree
			}
			t := tree.Tile{Level: level, Number: number, Hashes: hashes[:width]}
			if err := writeFile(folder, tree.TilePath(level, number, width), t.Bytes()); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeFile(folder, name string, content []byte) error {
	path := filepath.Join(folder, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o600)
}
