package audit

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/guard/audit/tree"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
)

// Deps is what a Log stands on.
type Deps struct {
	DB    *db.DB // the data database
	Vault *vault.Vault
	Slog  *slog.Logger // told when a refusal could not be written; nil for silence
	// Origin names the log in its checkpoints, such as "shop.example/log"; "strongroom/log" if empty.
	Origin string
}

// Log is the audit log.
type Log struct {
	db    *db.DB
	vault *vault.Vault
	slog  *slog.Logger
	flood flood
	stop  context.CancelFunc
	ended sync.WaitGroup

	origin     string
	signing    atomic.Pointer[signing]
	places     []Regular
	wake       chan struct{}
	sequencing bool       // Start was called
	sequencer  sync.Mutex // one append at a time in this process
	edge       *tree.Edge // of the tree as this process last left it; guarded by sequencer
}

// New makes the log and has it record the vault's looks. Close ends it.
func New(d Deps) *Log {
	if d.Slog == nil {
		d.Slog = slog.New(slog.DiscardHandler)
	}
	l := &Log{db: d.DB, vault: d.Vault, slog: d.Slog, flood: flood{counts: map[floodKey]tally{}},
		origin: cmp.Or(d.Origin, "strongroom/log"), wake: make(chan struct{}, 1)}
	d.Vault.SetRecorder(l)
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	l.ended.Go(func() { l.tend(ctx) })
	return l
}

// Close ends what Start began and writes the counts that are still open.
func (l *Log) Close() error {
	l.stop()
	l.ended.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err := l.flush(ctx, true)
	if l.sequencing { // what was written last gets its place, too
		_, unplaced := l.Sequence(ctx)
		err = errors.Join(err, unplaced)
	}
	return err
}

func (l *Log) tend(ctx context.Context) {
	tick := time.NewTicker(15 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := l.Flush(ctx); err != nil {
				l.slog.ErrorContext(ctx, "counts of refusals could not be written", "error", err)
			}
		}
	}
}

// Record writes an entry in the act's own transaction. Its error must end the act.
func (l *Log) Record(tx *db.Tx, e Entry) (err error) {
	defer fault.Wrap(&err, "audit: record %s", e.Action)
	if err := e.check(); err != nil {
		return err
	}
	r := Row{ID: tx.NewID(), At: tx.Now(), Actor: e.Actor, Action: e.Action, Object: e.Object, ObjectID: e.ObjectID,
		Person: e.Person, Outcome: e.Outcome, Facts: e.Facts}
	if err := l.sealInto(&r, e); err != nil {
		return err
	}
	if err := insert(tx, r); err != nil {
		return err
	}
	tx.AfterCommit(l.woken)
	return nil
}

// sealInto seals the origin, and the reason unless it is a word.
func (l *Log) sealInto(r *Row, e Entry) (err error) {
	if e.Actor.Origin.IsValid() {
		if r.sealedOrigin, err = l.vault.SealLog(privacy.AuditOrigin.Field, r.ID, e.Actor.Origin.Unmap().String()); err != nil {
			return err
		}
	}
	if word(e.Reason) {
		r.Word = e.Reason
		return nil
	}
	r.sealedReason, err = l.vault.SealLog(privacy.AuditReason.Field, r.ID, e.Reason)
	return err
}

// RecordLook writes a look at personal data, by staff or from the command line, before it happens.
func (l *Log) RecordLook(ctx context.Context, s vault.Seen) error {
	e := Entry{Actor: s.Look.Actor, Action: "vault.look", Object: s.Look.Object, ObjectID: s.Look.ObjectID,
		Person: s.Handle, Reason: s.Look.Reason, Outcome: Done,
		Facts: []Fact{{Key: "purpose", Text: s.Look.Purpose.String()}, {Key: "fields", Int: int64(len(s.Fields)), Text: names(s.Fields)}}}
	return l.db.Write(ctx, func(tx *db.Tx) error { return l.Record(tx, e) })
}

// names lists what was looked at, once each, within the bounds of a fact.
func names(fields []uint16) string {
	var b strings.Builder
	seen := map[uint16]bool{}
	for _, n := range fields {
		d := privacy.ByNumber(n)
		if d == nil || seen[n] || b.Len()+len(d.Name) > maxText-4 {
			continue
		}
		seen[n] = true
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(d.Name)
	}
	return b.String()
}

// Refuse writes what was refused or failed, in a write of its own. It never fails the caller, who is refusing already;
// what cannot be written is told to the operator's log.
func (l *Log) Refuse(ctx context.Context, e Entry) { l.RefuseWith(ctx, e, nil) }

// RefuseWith is Refuse with something that belongs to the entry, such as the event that tells of it, in the same write.
// Of a flood it is done as often as entries of their own are written, which is bounded; nobody can have the store write
// by being refused.
func (l *Log) RefuseWith(ctx context.Context, e Entry, also func(tx *db.Tx) error) {
	if e.Outcome == 0 {
		e.Outcome = Refused
	}
	if !l.flood.let(e, l.db.Clock().Now()) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second) // the asker may be gone already
	defer cancel()
	err := l.db.Write(ctx, func(tx *db.Tx) error {
		if err := l.Record(tx, e); err != nil || also == nil {
			return err
		}
		return also(tx)
	})
	if err != nil {
		l.slog.ErrorContext(ctx, "a refusal could not be written", "entry", e, "error", err)
	}
}

// open wraps the sealed parts of a row, so that vault.Reveal can show them.
func (l *Log) open(r *Row) {
	r.Origin = l.vault.SealedLog(privacy.AuditOrigin.Field, r.ID, r.sealedOrigin)
	r.Reason = l.vault.SealedLog(privacy.AuditReason.Field, r.ID, r.sealedReason)
}

var _ vault.Recorder = (*Log)(nil)
