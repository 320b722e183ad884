package audit

import (
	"context"
	"io"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/guard/audit/tree"
)

// live hands out the entries of the running store's own log for verification.
type live struct {
	log  *Log
	ctx  context.Context //nolint:containedctx // tree.Source knows no context
	size int64
	at   int64
}

// Next reads one tile of leaves and its entries.
func (s *live) Next() (b tree.Batch, err error) {
	if s.at >= s.size {
		return b, io.EOF
	}
	number, width := s.at/tree.Width, min(tree.Width, s.size-s.at)
	b = tree.Batch{First: s.at, Entries: make([][]byte, width)}
	s.at += width
	return b, s.log.db.Read(s.ctx, func(tx *db.Tx) error {
		list, err := placed(tx, b.First, b.First+width)
		if err != nil {
			return err
		}
		for _, p := range list {
			b.Entries[p.sequence-b.First] = p.body
		}
		hashes, err := getTile(tx, 0, number)
		if err == nil && int64(len(hashes)) < width {
			err = errTree
		}
		if err == nil {
			b.Kept = hashes[:width]
		}
		return err
	})
}

// Verify reads the whole log in the database, and holds it against its own tree and against checkpoints that were kept
// outside.
func (l *Log) Verify(ctx context.Context, outside []tree.Outside) (r *tree.Report, err error) {
	defer fault.Wrap(&err, "audit: verify")
	var h head
	if err := l.db.Read(ctx, func(tx *db.Tx) error { h, err = readHead(tx); return err }); err != nil {
		return nil, err
	}
	outside = append([]tree.Outside{{Name: "of the database itself", Checkpoint: tree.Checkpoint{Size: h.size, Root: h.root}}}, outside...)
	return tree.Verify(&live{log: l, ctx: ctx, size: h.size}, outside)
}
