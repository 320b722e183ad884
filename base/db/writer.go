package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// ErrClosed is returned for a write after Close.
var ErrClosed = errors.New("db: closed")

// request is one write that waits for the writer.
type request struct {
	ctx   context.Context
	fn    func(*Tx) error
	raw   func(*sql.Conn) error // outside any transaction
	reply chan error
	after []func()
	err   error
	panic any
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
}

func startWriter(d *DB, sqldb *sql.DB, conn *sql.Conn, group int) *writer {
	w := &writer{db: d, sqldb: sqldb, conn: conn, group: group, queue: make(chan *request, 256),
		stmts: map[string]*sql.Stmt{}, done: make(chan struct{})}
	go w.loop()
	return w
}

func (w *writer) do(ctx context.Context, fn func(*Tx) error) ([]func(), error) {
	r := &request{ctx: ctx, fn: fn, reply: make(chan error, 1)}
	if err := w.hand(r); err != nil {
		return nil, err
	}
	err := <-r.reply
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
		if r.raw != nil {
			r.reply <- r.raw(w.conn)
			continue
		}
		if next := w.commit(r); next != nil {
			next.reply <- next.raw(w.conn)
		}
	}
	for _, s := range w.stmts {
		_ = s.Close()
	}
	_ = w.conn.Close()
	_ = w.sqldb.Close()
}

// commit runs first and whatever waits behind it under one commit and answers them all. A raw request that it meets
// on the way ends the group and is returned.
func (w *writer) commit(first *request) (next *request) {
	group := make([]*request, 0, w.group)
	ctx := context.Background()
	_, err := w.conn.ExecContext(ctx, "BEGIN IMMEDIATE")
	if err != nil {
		first.reply <- err
		return nil
	}
	for r := first; r != nil; {
		err = w.runOne(ctx, r)
		group = append(group, r)
		r = nil
		if err == nil && len(group) < w.group {
			r, next = w.waiting()
		}
	}
	if err == nil {
		_, err = w.conn.ExecContext(ctx, "COMMIT")
	}
	if err != nil {
		_, _ = w.conn.ExecContext(ctx, "ROLLBACK")
	} else {
		w.db.commits.Add(1)
	}
	for _, r := range group {
		if err != nil && r.err == nil {
			r.err = fmt.Errorf("commit: %w", err)
		}
		r.reply <- r.err
	}
	return next
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
	if r.err = r.ctx.Err(); r.err != nil {
		return nil
	}
	if _, r.err = w.exec(ctx, "SAVEPOINT one", nil); r.err != nil {
		return r.err
	}
	tx := &Tx{db: w.db, ctx: context.WithoutCancel(r.ctx), now: w.db.clock.Now(), run: w, write: true}
	r.err = w.guard(r, tx)
	r.after = tx.after
	if r.err != nil || r.panic != nil {
		if _, err := w.exec(ctx, "ROLLBACK TO one", nil); err != nil {
			return errors.Join(r.err, err)
		}
	}
	_, err := w.exec(ctx, "RELEASE one", nil)
	return err
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
