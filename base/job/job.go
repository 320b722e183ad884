// Package job runs what must happen after a commit: the store's outbox and its clockwork.
//
// A job is a row that the act's own transaction writes (Enqueue), so that an act that is undone leaves no job and an
// act that stands is never forgotten. A worker leases due jobs, runs their handlers and marks them done. A handler that
// fails is tried again after a growing pause; one that fails for good, or too often, stands among the dead letters until
// a person retries it. Every handler can meet the same job twice (a process may die between the effect and the mark) and
// must therefore be idempotent: what goes outside carries the job's id as its idempotency key.
//
// Arguments are JSON of ids, numbers and short words, never personal data.
package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"strongroom/base/db"
	"strongroom/base/id"
)

// Job is work to be done once.
type Job struct {
	Kind string    // names the handler, such as "letter.confirmation"
	Key  string    // unique within the kind: the same work enqueued twice is done once; empty for a key of its own
	Args any       // JSON of ids and numbers
	At   time.Time // not before; the zero time is at once
}

// Run is one attempt at a job, as its handler sees it.
type Run struct {
	ID      id.ID
	Kind    string
	Attempt int // 1 for the first
	args    string
}

// Options say how a kind of job is run. The zero value means the defaults.
type Options struct {
	Attempts int           // tries before a job is dead (default 12)
	Timeout  time.Duration // for one try (default 30 s)
	First    time.Duration // pause after the first failure (default 2 s); each further one doubles it
	Longest  time.Duration // the longest pause (default 1 h)
	Outside  bool          // reaches beyond the store: held back while the store is an unreleased copy
}

func (o Options) filled() Options {
	set := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	if o.Attempts <= 0 {
		o.Attempts = 12
	}
	set(&o.Timeout, 30*time.Second)
	set(&o.First, 2*time.Second)
	set(&o.Longest, time.Hour)
	return o
}

type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// Permanent marks an error that trying again cannot mend: the job goes to the dead letters at once.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanent{err}
}

type later struct {
	error
	pause time.Duration
}

// Later asks for another try after the pause, without counting this one as a failure: for polling.
func Later(pause time.Duration) error { return later{errors.New("job: asked for later"), pause} }

type handler struct {
	options Options
	run     func(ctx context.Context, r Run) error
}

// Handle registers the handler of a kind. It is called before Start, once for each kind.
func Handle[A any](q *Queue, kind string, o Options, fn func(ctx context.Context, args A) error) error {
	return HandleRun(q, kind, o, func(ctx context.Context, _ Run, args A) error { return fn(ctx, args) })
}

// HandleRun is Handle for a handler that wants to know the job's id and attempt.
func HandleRun[A any](q *Queue, kind string, o Options, fn func(ctx context.Context, r Run, args A) error) error {
	return q.register(kind, o, func(ctx context.Context, r Run) error {
		var args A
		if err := json.Unmarshal([]byte(r.args), &args); err != nil {
			return Permanent(fmt.Errorf("arguments: %w", err))
		}
		return fn(ctx, r, args)
	})
}

// Every has fn run about once in each period, by one process of all that share the database.
func Every(q *Queue, kind string, period time.Duration, fn func(ctx context.Context) error) error {
	err := Handle(q, kind, Options{Attempts: 3, Timeout: 10 * time.Minute}, func(ctx context.Context, _ struct{}) error {
		return fn(ctx)
	})
	q.periods[kind] = period
	return err
}

// Enqueue writes the job in the caller's transaction. If a job with the same kind and key stands already, its id is
// returned and nothing is written.
func (q *Queue) Enqueue(tx *db.Tx, j Job) (id.ID, error) {
	v := tx.NewID()
	args, err := json.Marshal(j.Args)
	if err != nil {
		return id.ID{}, fmt.Errorf("job: arguments of %s: %w", j.Kind, err)
	}
	if j.Args == nil {
		args = []byte("{}")
	}
	if j.Key == "" {
		j.Key = v.String()
	}
	if j.At.IsZero() {
		j.At = tx.Now()
	}
	due := !j.At.After(tx.Now())
	var holder id.ID
	if _, known := q.handlers[j.Kind]; known && due && q.hands.free() {
		holder = q.worker
	}
	wrote, err := insert(tx, v, j, string(args), holder)
	if err != nil {
		return id.ID{}, fmt.Errorf("job: enqueue %s: %w", j.Kind, err)
	}
	switch {
	case !wrote:
		return byKey(tx, j.Kind, j.Key)
	case !holder.IsZero():
		tx.AfterCommit(func() { q.hand(Run{ID: v, Kind: j.Kind, Attempt: 1, args: string(args)}) })
	case due:
		tx.AfterCommit(q.wake)
	}
	return v, nil
}
