package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"strongroom/base/trace"
)

// ErrClosed is returned for a write after Close.
var ErrClosed = errors.New("db: closed")

// request is one write that waits for the writer.
type request struct {
	ctx   context.Context
	fn    func(*Tx) error
	raw   func(*sql.Conn) error // outside any transaction
	reply chan error
	done  func(error) // of a ride; nobody waits for its reply
	after []func()
	err   error
	panic any
	count int64 // statements that fn ran
	group int   // how many writes shared the commit
}

// writer owns the one writing connection of a SQLite database.
type writer struct {
	db    *DB
	sqldb *sql.DB
	conn  *sql.Conn
	group int
	queue chan *request
	stmts map[string]*sql.Stmt
	mu    sync.RWMutex // held for reading while a request is handed over
	ended bool
	done  chan struct{}
	began atomic.Int64 // when the group that runs now began, in microseconds; 0 for none
}

func startWriter(d *DB, sqldb *sql.DB, conn *sql.Conn, group int) *writer {
	w := &writer{db: d, sqldb: sqldb, conn: conn, group: group, queue: make(chan *request, 256),
		stmts: map[string]*sql.Stmt{}, done: make(chan struct{})}
	go w.loop()
	return w
}

func (w *writer) do(ctx context.Context, fn func(*Tx) error, span *trace.Span) ([]func(), error) {
	r := &request{ctx: ctx, fn: fn, reply: make(chan error, 1)}
	if err := w.hand(r); err != nil {
		return nil, err
	}
	err := <-r.reply
	span.Number("statements", r.count)
	span.Number("group", int64(r.group))
	if r.panic != nil {
		panic(r.panic)
	}
	return r.after, err
}

// raw runs fn on the writing connection between transactions.
func (w *writer) raw(ctx context.Context, fn func(*sql.Conn) error) error {
	r := &request{ctx: ctx, raw: fn, reply: make(chan error, 1)}
	if err := w.hand(r); err != nil {
		return err
	}
	return <-r.reply
}

func (w *writer) hand(r *request) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.ended {
		return ErrClosed
	}
	select {
	case w.queue <- r:
		return nil
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
}

func (w *writer) close() {
	w.mu.Lock()
	if w.ended {
		w.mu.Unlock()
		return
	}
	w.ended = true
	close(w.queue)
	w.mu.Unlock()
	<-w.done
}

func (w *writer) loop() {
	defer close(w.done)
	for r := range w.queue {
		w.began.Store(w.db.clock.Now().UnixMicro())
		if r.raw != nil {
			r.reply <- r.raw(w.conn)
		} else if next := w.commit(r); next != nil {
			next.reply <- next.raw(w.conn)
		}
		w.began.Store(0)
	}
	for _, s := range w.stmts {
		_ = s.Close()
	}
	_ = w.conn.Close()
	_ = w.sqldb.Close()
}

// commit runs first and whatever waits behind it under one commit and answers them all; then those that ride along
// come aboard. A raw request that it meets on the way ends the group and is returned.
func (w *writer) commit(first *request) (next *request) {
	ctx := context.Background()
	if err := w.begin(ctx); err != nil {
		first.reply <- err
		return nil
	}
	if w.run(first); first.err != nil || first.panic != nil { // nothing else is in the transaction yet
		_, _ = w.exec(ctx, "ROLLBACK", nil)
		first.reply <- first.err
		return nil
	}
	group, next, err := w.gather(ctx, first)
	riders := w.db.rides.board(w.group)
	for i := 0; i < len(riders) && err == nil; i++ {
		err = w.runOne(ctx, riders[i])
	}
	if err == nil {
		_, err = w.exec(ctx, "COMMIT", nil)
	}
	if err != nil {
		_, _ = w.exec(ctx, "ROLLBACK", nil)
	} else {
		w.db.commits.Add(1)
	}
	answer(group, err)
	if answer(riders, err); len(riders) > 0 {
		go func() {
			for _, r := range riders {
				w.db.arrived(r)
			}
		}()
	}
	return next
}

// gather runs what waits behind the first request.
func (w *writer) gather(ctx context.Context, first *request) (group []*request, next *request, err error) {
	group = append(make([]*request, 0, w.group), first)
	for len(group) < w.group && err == nil {
		var r *request
		if r, next = w.waiting(); r == nil {
			break
		}
		group = append(group, r)
		err = w.runOne(ctx, r)
	}
	return group, next, err
}

// answer tells a group how its commit ended.
func answer(group []*request, err error) {
	for _, r := range group {
		if err != nil && r.err == nil {
			r.err = fmt.Errorf("commit: %w", err)
		}
		r.group = len(group)
		r.reply <- r.err
	}
}

// Rest is how long a work of many transactions pauses between two of them, so that another process finds its turn.
const Rest = 3 * time.Millisecond

// patience is about how long another process may hold the database before a write fails.
const patience = 10 * time.Second

// begin opens the transaction. While another process writes (a long import beside the running shop, for one), it asks
// again every millisecond: SQLite's own waiting grows to a tenth of a second, and a process that asks so rarely never
// finds the short moments between two batches.
func (w *writer) begin(ctx context.Context) error {
	for tries := patience / time.Millisecond; ; tries-- {
		_, err := w.exec(ctx, "BEGIN IMMEDIATE", nil)
		if err == nil || !errors.Is(classify(err), ErrBusy) || tries <= 0 {
			return err
		}
		time.Sleep(time.Millisecond)
	}
}

// waiting takes the next request without waiting for one.
func (w *writer) waiting() (write, raw *request) {
	select {
	case r, ok := <-w.queue:
		if !ok {
			return nil, nil
		}
		if r.raw != nil {
			return nil, r
		}
		return r, nil
	default:
		return nil, nil
	}
}

// runOne runs one request under a savepoint of its own, so that its failure leaves the others of the group alone. It
// returns an error only when the savepoint could not be undone: a full disk, for one, makes SQLite roll the whole
// transaction back, and then the whole group has failed.
func (w *writer) runOne(ctx context.Context, r *request) error {
	if r.ctx.Err() != nil {
		r.err = r.ctx.Err()
		return nil
	}
	if _, r.err = w.exec(ctx, "SAVEPOINT one", nil); r.err != nil {
		return r.err
	}
	if w.run(r); r.err != nil || r.panic != nil {
		if _, err := w.exec(ctx, "ROLLBACK TO one", nil); err != nil {
			return errors.Join(r.err, err)
		}
	}
	_, err := w.exec(ctx, "RELEASE one", nil)
	return err
}

// run runs a request's function and keeps what it returned.
func (w *writer) run(r *request) {
	if r.err = r.ctx.Err(); r.err != nil {
		return
	}
	tx := &Tx{db: w.db, ctx: context.WithoutCancel(r.ctx), now: w.db.clock.Now(), run: w, write: true}
	r.err = w.guard(r, tx)
	r.after, r.count = tx.after, tx.count
}

func (w *writer) guard(r *request, tx *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			r.panic = p
		}
	}()
	return r.fn(tx)
}

func (w *writer) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := w.stmts[query]; ok {
		return s, nil
	}
	s, err := w.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("%w in %s", err, brief(query))
	}
	if len(w.stmts) >= maxStmts {
		for q, old := range w.stmts { // forget any one: the texts are few and this bound is for the unforeseen
			_ = old.Close()
			delete(w.stmts, q)
			break
		}
	}
	w.stmts[query] = s
	return s, nil
}

func (w *writer) exec(ctx context.Context, query string, args []any) (sql.Result, error) {
	s, err := w.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

func (w *writer) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	s, err := w.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}
