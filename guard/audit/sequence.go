package audit

import (
	"context"
	"errors"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/guard/audit/tree"
)

const (
	sequenceBatch   = 1024                   // entries under one commit
	sequencePause   = 300 * time.Millisecond // lets more entries come together
	sequenceLook    = 900 * time.Millisecond // looks for what other processes wrote
	checkpointPause = time.Minute            // between two checkpoints
)

// Start has the log put new entries into its tree, within a second, and sign its head every minute in which it grew.
// Several processes may do that at once: whoever comes first appends. Close ends it.
func (l *Log) Start(context.Context) error {
	if err := l.prepareSigner(context.Background()); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	tend := l.stop
	l.stop = func() { tend(); stop() }
	l.sequencing = true
	l.ended.Go(func() { l.sequenceAlways(ctx) })
	return nil
}

func (l *Log) sequenceAlways(ctx context.Context) {
	look := time.NewTicker(sequenceLook)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		case <-l.wake:
			select {
			case <-ctx.Done():
				return
			case <-time.After(sequencePause):
			}
		}
		if _, err := l.Sequence(ctx); err != nil && ctx.Err() == nil {
			l.slog.ErrorContext(ctx, "entries could not be put into the tree of the audit log", "error", err)
		}
	}
}

// woken tells the sequencer of this process that there is something to do.
func (l *Log) woken() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Sequence puts every entry that has none into its place in the tree, and signs the head if that is due. It returns
// how many were placed.
func (l *Log) Sequence(ctx context.Context) (total int64, err error) {
	defer fault.Wrap(&err, "audit: sequence")
	l.sequencer.Lock()
	defer l.sequencer.Unlock()
	for {
		todo, err := l.due(ctx)
		if err != nil || !todo {
			return total, err
		}
		n, err := l.append(ctx)
		total += n
		if err != nil {
			return total, err
		}
	}
}

// due says whether entries wait for a place, or the head for its signature.
func (l *Log) due(ctx context.Context) (todo bool, err error) {
	err = l.db.Read(ctx, func(tx *db.Tx) error {
		first, err := unplaced(tx, 1)
		if err != nil || first > 0 {
			todo = true
			return err
		}
		todo, err = l.checkpointDue(tx)
		return err
	})
	return todo, err
}

func (l *Log) checkpointDue(tx *db.Tx) (bool, error) {
	h, err := readHead(tx)
	if err != nil || h.size == 0 || !l.canSign() {
		return false, err
	}
	last, known, err := newestCheckpoint(tx)
	if err != nil {
		return false, err
	}
	return !known || last.size < h.size && l.db.Clock().Now().Sub(last.at) >= checkpointPause, nil
}

// append places one batch under one commit: entries, tiles, head and, if due, checkpoint together.
func (l *Log) append(ctx context.Context) (n int64, err error) {
	var grown *tree.Edge
	var strange int
	err = l.db.Write(ctx, func(tx *db.Tx) error {
		n, strange = 0, 0
		from, err := lockHead(tx)
		if err != nil {
			return err
		}
		if grown, err = l.edgeAt(tx, from); err != nil {
			return err
		}
		rows, err := place(tx, from.size, sequenceBatch)
		if err != nil {
			return err
		}
		n = int64(len(rows))
		if strange, err = appendRows(tx, grown, rows); err != nil {
			return err
		}
		if n > 0 {
			if err := moveHead(tx, from.size, head{grown.Size(), grown.Root()}); err != nil {
				return err
			}
		}
		return l.signHead(tx, head{grown.Size(), grown.Root()})
	})
	if err != nil {
		return 0, err
	}
	l.edge = grown
	if strange > 0 {
		l.slog.ErrorContext(ctx, "entries of the audit log were changed before they got their place in the tree", "entries", strange)
	}
	return n, nil
}

// appendRows puts rows into the tree, in the order of their places. What goes into the tree is the hash of the bytes as they are; rows whose own hash
// says otherwise are counted.
func appendRows(tx *db.Tx, e *tree.Edge, rows []pending) (strange int, err error) {
	var tiles []tree.Tile
	for _, r := range rows {
		if r.sequence != e.Size() { // somebody gave out places beyond the head
			return strange, errAltered
		}
		leaf := Leaf(r.body)
		if string(leaf[:]) != string(r.leaf) {
			strange++
		}
		e.Append(leaf, func(t tree.Tile) { tiles = append(tiles, t) })
	}
	if len(rows) == 0 {
		return 0, nil
	}
	for _, t := range append(tiles, e.Partial()...) {
		if err := putTile(tx, t); err != nil {
			return strange, err
		}
	}
	return strange, nil
}

var errTree = fault.New(fault.Internal, "audit.tree").
	WithHint("The tree of the audit log does not lead to its own root: somebody or something changed its tables. Run \"strongroom log verify\".")

// edgeAt is the tree's edge at the head: the one in memory, unless another process has appended since.
func (l *Log) edgeAt(tx *db.Tx, h head) (*tree.Edge, error) {
	if l.edge != nil && l.edge.Size() == h.size && l.edge.Root() == h.root {
		return l.edge.Clone(), nil
	}
	e, err := tree.NewEdge(h.size, func(level int, number int64, _ int) ([]tree.Hash, error) { return getTile(tx, level, number) })
	if err != nil {
		return nil, errors.Join(errTree, err)
	}
	if e.Root() != h.root {
		return nil, errTree
	}
	return e, nil
}
