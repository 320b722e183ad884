package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/guard/access"
	"strongroom/guard/audit/tree"
)

// Place is somewhere outside the store that keeps checkpoints: a folder on another disk or machine, a mailbox, an object
// store. Whoever rules the store's own machine should not be able to take back what was put there.
type Place interface {
	// Name is a word for reports, the same at every start.
	Name() string
	// Put keeps a checkpoint. The same one may come twice.
	Put(ctx context.Context, size int64, at time.Time, checkpoint []byte) error
	// Newest reads the newest checkpoint back; nil if there is none, or if the place cannot be read (a mailbox).
	Newest(ctx context.Context) ([]byte, error)
}

// Regular is a place and how often it gets a checkpoint.
type Regular struct {
	Place Place
	Every time.Duration
}

// Pushed is what a place has.
type Pushed struct {
	Place    string
	Size     int64 // of the newest checkpoint there
	Entries  int64 // that it has; 0 where only checkpoints are kept
	At       time.Time
	FailedAt time.Time // zero if the last push went through
	Failure  string    // FailedBehind, FailedRefused
}

// How a push fails.
const (
	FailedPut    = "put"    // the place did not take it
	FailedRead   = "read"   // the place could not be asked what it has
	FailedBehind = "behind" // the place knows a later or another past than this store
)

// ErrBehind says that a checkpoint which was kept outside knows more than the log, or something else: the log was cut,
// rolled back or rewritten, or this is an old copy of the store.
var ErrBehind = errors.New("audit: the log does not agree with a checkpoint that was kept outside")

// Keep sets the places that Push serves. It is called once, when the program is wired.
func (l *Log) Keep(places ...Regular) { l.places = places }

// Push gives every place that is due the newest checkpoint. Before, it asks the place what it has: if that does not
// agree with the log, nothing is put over it, and the log says so loudly.
func (l *Log) Push(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "audit: push")
	var newest signed
	var known bool
	state := map[string]Pushed{}
	err = l.db.Read(ctx, func(tx *db.Tx) error {
		if newest, known, err = newestCheckpoint(tx); err != nil {
			return err
		}
		list, err := readPushed(tx)
		for _, p := range list {
			state[p.Place] = p
		}
		return err
	})
	if err != nil || !known {
		return err
	}
	var failed error
	for _, r := range l.places {
		was := state[r.Place.Name()]
		_, library := r.Place.(Library)
		has := was.Size == newest.size && (!library || was.Entries == newest.size)
		if has || l.db.Clock().Now().Sub(was.At) < r.Every {
			continue
		}
		failed = errors.Join(failed, l.pushTo(ctx, r.Place, was, newest))
	}
	return failed
}

func (l *Log) pushTo(ctx context.Context, p Place, was Pushed, c signed) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	now := Pushed{Place: p.Name(), Size: was.Size, Entries: was.Entries, At: was.At}
	empty, why, err := l.tryPush(ctx, p, c)
	if empty { // another folder or bucket than before: it gets everything
		was.Entries, now.Entries = 0, 0
	}
	if err == nil {
		now.Size, now.At, why = c.size, l.db.Clock().Now(), FailedPut
		now.Entries, err = l.pushEntries(ctx, p, was.Entries, c.size)
	}
	if err != nil {
		now.FailedAt, now.Failure = l.db.Clock().Now(), why
		err = fmt.Errorf("%s: %w", p.Name(), err)
	}
	return errors.Join(err, l.db.Write(ctx, func(tx *db.Tx) error {
		if why == FailedBehind && was.Failure != FailedBehind {
			if err := l.Record(tx, Entry{Actor: access.System("audit"), Action: "log.behind", Object: "log", Outcome: Failed,
				Facts: []Fact{{Key: "size", Int: c.size}}}); err != nil {
				return err
			}
		}
		return putPushed(tx, now)
	}))
}

// tryPush puts a checkpoint there; empty says that the place had none.
func (l *Log) tryPush(ctx context.Context, p Place, c signed) (empty bool, why string, err error) {
	there, err := p.Newest(ctx)
	if err != nil {
		return false, FailedRead, err
	}
	if there != nil {
		if err := l.agrees(ctx, there); err != nil {
			l.slog.ErrorContext(ctx, "the audit log does not agree with a checkpoint that was kept outside", "place", p.Name(), "error", err)
			return false, FailedBehind, err
		}
	}
	if err := p.Put(ctx, c.size, c.at, c.note); err != nil {
		return false, FailedPut, err
	}
	return there == nil, "", nil
}

// agrees says whether the log had the checkpoint's root at the checkpoint's size.
func (l *Log) agrees(ctx context.Context, text []byte) error {
	if err := l.prepareSigner(ctx); err != nil {
		return err
	}
	c, err := tree.ParseCheckpoint(text, l.signing.Load().keys...)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBehind, err)
	}
	root, err := l.rootAt(ctx, c.Size)
	if err == nil && root != c.Root {
		err = fmt.Errorf("%w: at %d entries it has another root", ErrBehind, c.Size)
	}
	return err
}
