package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/base/trace"
)

const (
	leaseTime  = 45 * time.Second // a dead process's jobs are taken up again after this
	heartbeat  = 10 * time.Second
	pollTime   = time.Second
	batch      = 32                 // jobs leased at once
	keepDone   = 7 * 24 * time.Hour // how long a done job's key is remembered
	nowLimit   = 2 * time.Second    // for RunNow
	errorBytes = 400
)

// Queue runs jobs. Make one with New, register handlers, then Start it.
type Queue struct {
	db       *db.DB
	log      *slog.Logger
	worker   id.ID
	workers  int
	handlers map[string]handler
	periods  map[string]time.Duration
	held     func(ctx context.Context) bool
	tracer   *trace.Tracer
	kinds    trace.Names   // every kind that has a handler
	signal   chan struct{} // something in the table is due
	handed   chan struct{} // something waits in hands
	hands    hands
	running  sync.WaitGroup
	stop     context.CancelFunc
	ended    chan struct{}
	turned   atomic.Int64 // when the loop last came round, in microseconds
}

// Idle is how long the queue's loop has not come round; 0 before Start. It turns at least every few seconds.
func (q *Queue) Idle() time.Duration {
	at := q.turned.Load()
	if at == 0 {
		return 0
	}
	return q.db.Clock().Now().Sub(time.UnixMicro(at))
}

func (q *Queue) turn() { q.turned.Store(q.db.Clock().Now().UnixMicro()) }

// New makes a queue that runs up to workers jobs at once (default 8).
func New(d *db.DB, log *slog.Logger, workers int) *Queue {
	if workers <= 0 {
		workers = 8
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Queue{db: d, log: log, worker: id.New(d.Clock().Now(), nil), workers: workers,
		handlers: map[string]handler{}, kinds: trace.Names{}, periods: map[string]time.Duration{}, signal: make(chan struct{}, 1),
		handed: make(chan struct{}, 1)}
}

// HoldOutside sets the question that is asked before a job with Options.Outside: while it says yes, the job waits.
func (q *Queue) HoldOutside(held func(ctx context.Context) bool) { q.held = held }

// Trace has every job from now on make a span. It is called before Start.
func (q *Queue) Trace(t *trace.Tracer) { q.tracer = t }

func (q *Queue) register(kind string, o Options, run func(context.Context, Run) error) error {
	if _, ok := q.handlers[kind]; ok {
		return fmt.Errorf("job: %s has two handlers", kind)
	}
	q.handlers[kind], q.kinds[kind] = handler{o.filled(), run}, true
	return nil
}

func (q *Queue) wake() { ring(q.signal) }

func ring(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Start begins to run jobs in the background, until Drain.
func (q *Queue) Start(ctx context.Context) {
	ctx, q.stop = context.WithCancel(context.WithoutCancel(ctx))
	q.ended = make(chan struct{})
	q.hands.open()
	go q.loop(ctx)
}

// Drain takes up no further job and waits for those that run, or until ctx ends.
func (q *Queue) Drain(ctx context.Context) error {
	if q.stop == nil {
		return nil
	}
	q.stop()
	left := q.hands.shut()
	done := make(chan error, 1)
	go func() {
		<-q.ended
		err := q.giveBack(context.WithoutCancel(ctx), left)
		q.running.Wait()
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("job: some jobs are still running: %w", ctx.Err())
	}
}

func (q *Queue) loop(ctx context.Context) {
	defer close(q.ended)
	poll, beat := time.NewTicker(pollTime), time.NewTicker(heartbeat)
	defer poll.Stop()
	defer beat.Stop()
	slots := make(chan struct{}, q.workers)
	q.beat(ctx)
	for look := true; ; {
		q.turn()
		if err := q.round(ctx, slots, look); err != nil && ctx.Err() == nil {
			q.log.Warn("jobs wait: the database did not answer", "error", err)
		}
		look = true
		select {
		case <-ctx.Done():
			return
		case <-q.handed:
			look = false
		case <-beat.C:
			q.beat(ctx)
		case <-poll.C:
			if err := q.tick(ctx); err != nil && ctx.Err() == nil {
				q.log.Warn("periodic jobs wait: the database did not answer", "error", err)
			}
		case <-q.signal:
		}
	}
}

// round starts what was handed over, and then leases and starts jobs until none is due.
func (q *Queue) round(ctx context.Context, slots chan struct{}, look bool) error {
	for ctx.Err() == nil {
		slots <- struct{}{}
		r, ok := q.hands.take()
		if !ok {
			<-slots
			break
		}
		q.start(ctx, r, slots)
	}
	for ctx.Err() == nil && look {
		runs, err := q.lease(ctx, batch)
		if err != nil || len(runs) == 0 {
			return err
		}
		for _, r := range runs {
			q.take(slots)
			q.start(ctx, r, slots)
		}
	}
	return nil
}

// start runs a leased job in a goroutine of its own and frees the slot at its end.
func (q *Queue) start(ctx context.Context, r Run, slots chan struct{}) {
	q.running.Go(func() {
		defer func() { <-slots }()
		_ = q.execute(context.WithoutCancel(ctx), r)
	})
}

// take waits for a free slot. Waiting for long jobs is no standstill.
func (q *Queue) take(slots chan struct{}) {
	tick := time.NewTicker(pollTime)
	defer tick.Stop()
	for {
		select {
		case slots <- struct{}{}:
			return
		case <-tick.C:
			q.turn()
		}
	}
}

func (q *Queue) lease(ctx context.Context, limit int) (runs []Run, err error) {
	var any bool
	if err := q.db.Read(ctx, func(tx *db.Tx) (err error) { any, err = due(tx); return err }); err != nil || !any {
		return nil, err
	}
	err = q.db.Write(ctx, func(tx *db.Tx) (err error) {
		runs, err = lease(tx, q.worker, tx.Now().Add(leaseTime), limit)
		return err
	})
	return runs, err
}

// beat keeps the leases of this process alive and takes back those of dead ones. When there is neither, it writes nothing.
func (q *Queue) beat(ctx context.Context) {
	mine, others := q.hands.all(), false
	err := q.db.Read(ctx, func(tx *db.Tx) (err error) { others, err = lapsed(tx); return err })
	if err == nil && (len(mine) > 0 || others) {
		err = q.db.Write(ctx, func(tx *db.Tx) error {
			for _, job := range mine {
				if err := extend(tx, q.worker, job, tx.Now().Add(leaseTime)); err != nil {
					return err
				}
			}
			_, err := reclaim(tx)
			return err
		})
	}
	if err != nil && ctx.Err() == nil {
		q.log.Warn("job leases were not renewed", "error", err)
	}
}

// RunNow runs one job at once, within two seconds, if no other process has it; if it runs here already, it waits for its
// end. It is for the request that enqueued the job and wants to show its result; whatever happens here, the worker does
// the rest.
func (q *Queue) RunNow(ctx context.Context, job id.ID) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), nowLimit)
	defer cancel()
	r, ok, wait := q.hands.takeOne(job)
	switch {
	case wait != nil:
		select {
		case <-wait:
		case <-ctx.Done():
		}
		return nil
	case !ok:
		err := q.db.Write(ctx, func(tx *db.Tx) (err error) {
			r, ok, err = leaseOne(tx, q.worker, job, tx.Now().Add(leaseTime))
			return err
		})
		if err != nil || !ok {
			return err
		}
	}
	return q.execute(ctx, r)
}

// execute runs one leased job and has written down how it ended.
func (q *Queue) execute(ctx context.Context, r Run) error {
	q.running.Add(1)
	q.hands.begin(r.ID)
	h, ok := q.handlers[r.Kind]
	var err error
	switch {
	case !ok:
		err = Permanent(errors.New("no handler for this kind"))
	case h.options.Outside && q.held != nil && q.held(ctx):
		err = Later(time.Minute)
	default:
		err = q.call(ctx, h, r)
	}
	q.hands.end(r.ID)
	q.db.Ride(ctx, func(tx *db.Tx) error { return q.settle(tx, h, r, err) }, func(werr error) {
		if werr != nil {
			q.log.Warn("a job's end was not written; its lease will run out", "job", r.ID, "kind", r.Kind, "error", werr)
		}
		q.hands.forget(r.ID)
		q.running.Done()
	})
	return err
}

func (q *Queue) call(ctx context.Context, h handler, r Run) (err error) {
	ctx, cancel := context.WithTimeout(ctx, h.options.Timeout)
	defer cancel()
	ctx, span := q.span(ctx, r)
	defer func() { span.End(err) }()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return h.run(ctx, r)
}

// span begins the span of a job: below the request that runs it at once, else as a trace of its own.
func (q *Queue) span(ctx context.Context, r Run) (_ context.Context, s *trace.Span) {
	if trace.From(ctx) != nil {
		ctx, s = trace.Child(ctx, "job")
	} else {
		ctx, s = q.tracer.Start(ctx, "job")
	}
	s.Name("kind", q.kinds, r.Kind)
	s.ID("job", r.ID)
	s.Number("attempt", int64(r.Attempt))
	return ctx, s
}

func (q *Queue) settle(tx *db.Tx, h handler, r Run, err error) error {
	var wait later
	var never permanent
	switch {
	case err == nil:
		return finish(tx, q.worker, r)
	case errors.As(err, &wait):
		return again(tx, q.worker, r, tx.Now().Add(wait.pause), r.Attempt-1, "")
	case errors.As(err, &never), r.Attempt >= h.options.Attempts:
		q.log.Error("a job failed for good", "job", r.ID, "kind", r.Kind, "attempt", r.Attempt, "error", err)
		return bury(tx, q.worker, r, clip(err))
	}
	q.log.Warn("a job failed and will be tried again", "job", r.ID, "kind", r.Kind, "attempt", r.Attempt, "error", err)
	return again(tx, q.worker, r, tx.Now().Add(pause(h.options, r.Attempt)), r.Attempt, clip(err))
}

// pause doubles with each attempt and varies by a fifth, so that jobs that failed together do not return together.
func pause(o Options, attempt int) time.Duration {
	d := o.Longest
	if attempt <= 20 {
		d = min(o.First<<(attempt-1), o.Longest)
	}
	return d + time.Duration(rand.Int64N(int64(d)/5+1))
}

func clip(err error) string {
	s := err.Error()
	if len(s) > errorBytes {
		s = s[:errorBytes]
	}
	return s
}
