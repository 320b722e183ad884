package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"strongroom/base/db"
	"strongroom/guard/audit/tree"
)

// Library is a place that keeps the entries, too: then the log survives whoever breaks into the store's own machine, and
// can be searched and watched elsewhere (ASVS V16.4.3). What is sealed in an entry stays sealed.
type Library interface {
	Place
	// PutEntries keeps the entries from one place in the tree to before another, as JSON Lines. The same may come twice.
	PutEntries(ctx context.Context, from, to int64, lines []byte) error
}

// The bounds of what one push carries.
const (
	libraryPart  = 2_000 // entries in a file
	libraryParts = 50    // files in a push
)

// pushEntries gives a library the entries that it does not have yet, up to the checkpoint that it just got. What does
// not fit goes with the next push.
func (l *Log) pushEntries(ctx context.Context, p Place, from, size int64) (to int64, err error) {
	lib, ok := p.(Library)
	if !ok {
		return from, nil
	}
	for range libraryParts {
		if from >= size {
			break
		}
		until := min(from+libraryPart, size)
		lines, err := l.lines(ctx, from, until)
		if err == nil {
			err = lib.PutEntries(ctx, from, until, lines)
		}
		if err != nil {
			return from, err
		}
		from = until
	}
	return from, nil
}

func (l *Log) lines(ctx context.Context, from, to int64) ([]byte, error) {
	var list []sequenced
	if err := l.db.Read(ctx, func(tx *db.Tx) (err error) { list, err = placed(tx, from, to); return err }); err != nil {
		return nil, err
	}
	if int64(len(list)) != to-from {
		return nil, fmt.Errorf("entries between %d and %d are missing: %w", from, to, errAltered)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for _, e := range list {
		if err := enc.Encode(lineAt(e.sequence, e.body, tree.Hash(Leaf(e.body)))); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}
