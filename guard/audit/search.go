package audit

import (
	"context"
	"io"
	"strings"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/vault"
)

// What people do with the log. List, State and WriteLines are for parts of the program; these ask for the right first.

// Search is List for somebody who may read the log.
func (l *Log) Search(ctx context.Context, who access.Actor, f Filter) (Page, error) {
	if err := l.Allow(ctx, who, access.AuditView, Act{Action: "log.search", Object: "log"}); err != nil {
		return Page{}, err
	}
	return l.List(ctx, f)
}

// Entry is one entry, for somebody who may read the log.
func (l *Log) Entry(ctx context.Context, who access.Actor, v id.ID) (r Row, err error) {
	defer fault.Wrap(&err, "audit: entry")
	if err := l.Allow(ctx, who, access.AuditView, Act{Action: "log.search", Object: "log", ObjectID: v}); err != nil {
		return r, err
	}
	return l.entry(ctx, v)
}

func (l *Log) entry(ctx context.Context, v id.ID) (r Row, err error) {
	known := false
	err = l.db.Read(ctx, func(tx *db.Tx) error {
		r, known, err = db.One(tx, scanRow, "SELECT id, at, body, leaf, sequence FROM audit_entry WHERE id = $1", v)
		return err
	})
	if err == nil && !known {
		err = fault.New(fault.NotFound, "audit.entry_unknown")
	}
	l.open(&r)
	return r, err
}

// Disclosed is what is sealed in an entry.
type Disclosed struct{ Origin, Reason string }

// Disclose opens where an act came from and the reason that somebody typed. It is a look: it wants a reason of its own
// and becomes an entry.
func (l *Log) Disclose(ctx context.Context, who access.Actor, v id.ID, reason string) (d Disclosed, err error) {
	defer fault.Wrap(&err, "audit: disclose")
	if err := l.Allow(ctx, who, access.AuditReveal, Act{Action: "vault.look", Object: "log", ObjectID: v}); err != nil {
		return d, err
	}
	reason = strings.TrimSpace(reason)
	if reason == "" || len(reason) > maxReason {
		return d, fault.New(fault.Invalid, "audit.reason_missing").WithField("reason", "audit.reason_missing", nil)
	}
	r, err := l.entry(ctx, v)
	if err != nil {
		return d, err
	}
	look := vault.Look{Actor: who, Purpose: vault.Security, Reason: reason, Object: "log", ObjectID: v}
	for _, part := range []struct {
		sealed vault.Personal
		into   *string
	}{{r.Origin, &d.Origin}, {r.Reason, &d.Reason}} {
		if part.sealed.IsZero() {
			continue
		}
		clear, err := l.vault.Reveal(ctx, look, part.sealed)
		if err != nil {
			return Disclosed{}, err
		}
		*part.into = clear[0]
	}
	return d, nil
}

// MayExport asks whether somebody may have the log as a file, before the first byte of it is sent.
func (l *Log) MayExport(ctx context.Context, who access.Actor) error {
	return l.AllowFresh(ctx, who, access.AuditExport, Act{Action: "log.export", Object: "log"})
}

// Export is WriteLines for somebody who may have the log as a file and has just shown that it is her. That it was asked
// for is an entry, written before the first line; how many lines it became is another.
func (l *Log) Export(ctx context.Context, who access.Actor, w io.Writer, f Filter) (n int64, err error) {
	defer fault.Wrap(&err, "audit: export lines")
	if err := l.MayExport(ctx, who); err != nil {
		return 0, err
	}
	if err := l.exported(ctx, who, "asked", Done, 0); err != nil {
		return 0, err
	}
	n, err = l.WriteLines(ctx, w, f)
	outcome := Done
	if err != nil {
		outcome = Failed
	}
	if werr := l.exported(context.WithoutCancel(ctx), who, "sent", outcome, n); err == nil {
		err = werr
	}
	return n, err
}

func (l *Log) exported(ctx context.Context, who access.Actor, step string, o Outcome, n int64) error {
	return l.db.Write(ctx, func(tx *db.Tx) error {
		return l.Record(tx, Entry{Actor: who, Action: "log.export", Object: "log", Outcome: o, Reason: step, Facts: []Fact{{Key: "lines", Int: n}}})
	})
}

// Standing is State with the keys that heads are verified with, for somebody who may read the log.
func (l *Log) Standing(ctx context.Context, who access.Actor) (s State, keys []string, err error) {
	defer fault.Wrap(&err, "audit: standing")
	if err := l.Allow(ctx, who, access.AuditView, Act{Action: "log.state", Object: "log"}); err != nil {
		return s, nil, err
	}
	if s, err = l.State(ctx); err != nil {
		return s, nil, err
	}
	keys, err = l.KeyLines(ctx)
	return s, keys, err
}

// Words are the actions and objects that occur in the log, in order, for a list to choose from. Each costs one look at
// an index, however long the log is.
func (l *Log) Words(ctx context.Context, who access.Actor) (actions, objects []string, err error) {
	defer fault.Wrap(&err, "audit: words")
	if err := l.Allow(ctx, who, access.AuditView, Act{Action: "log.search", Object: "log"}); err != nil {
		return nil, nil, err
	}
	err = l.db.Read(ctx, func(tx *db.Tx) error {
		if actions, err = db.All(tx, scanWord, `WITH RECURSIVE words (w) AS (SELECT MIN(action) FROM audit_entry
			UNION ALL SELECT (SELECT MIN(action) FROM audit_entry WHERE action > words.w) FROM words WHERE words.w IS NOT NULL)
			SELECT w FROM words WHERE w IS NOT NULL LIMIT 400`); err != nil {
			return err
		}
		objects, err = db.All(tx, scanWord, `WITH RECURSIVE words (w) AS (SELECT MIN(object) FROM audit_entry
			UNION ALL SELECT (SELECT MIN(object) FROM audit_entry WHERE object > words.w) FROM words WHERE words.w IS NOT NULL)
			SELECT w FROM words WHERE w IS NOT NULL LIMIT 400`)
		return err
	})
	return actions, objects, err
}

func scanWord(s db.Scanner) (w string, err error) { err = s.Scan(&w); return w, err }
