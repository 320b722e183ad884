package db

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"
)

// rides are writes that wait for another one to share its commit.
type rides struct {
	mu      sync.Mutex
	waiting []*request
	timer   *time.Timer
}

// Ride is Write for what nobody waits for: on SQLite it joins the next commit of the data that comes along, and has one
// of its own only when none does within Options.Patience; without patience, and on PostgreSQL, it is written at once.
// What rides is lost when the process dies before: use it only for what is found out again then. done is told once, in
// a goroutine of its own or in this one, and may be nil.
func (d *DB) Ride(ctx context.Context, fn func(*Tx) error, done func(error)) {
	if done == nil {
		done = func(error) {}
	}
	ctx = context.WithoutCancel(ctx)
	if d.writer == nil || d.patience <= 0 {
		done(d.Write(ctx, fn))
		return
	}
	d.rides.mu.Lock()
	defer d.rides.mu.Unlock()
	d.rides.waiting = append(d.rides.waiting, &request{ctx: ctx, fn: fn, reply: make(chan error, 1), done: done})
	if d.rides.timer == nil {
		d.rides.timer = time.AfterFunc(d.patience, d.depart)
	}
}

// depart makes commits for those that have waited long enough.
func (d *DB) depart() {
	d.rides.mu.Lock()
	d.rides.timer = nil
	d.rides.mu.Unlock()
	for d.rides.any() {
		err := d.Write(context.Background(), func(*Tx) error { return nil })
		if err == nil {
			continue
		}
		for _, r := range d.rides.board(math.MaxInt) { // nothing can be written now: they are told so
			r.reply <- err
			d.arrived(r)
		}
	}
}

func (r *rides) any() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.waiting) > 0
}

// board takes up to n of those that wait.
func (r *rides) board(n int) []*request {
	r.mu.Lock()
	defer r.mu.Unlock()
	n = min(n, len(r.waiting))
	out := r.waiting[:n:n]
	if r.waiting = r.waiting[n:]; len(r.waiting) == 0 && r.timer != nil {
		r.timer.Stop()
		r.timer = nil
	}
	return out
}

// arrived does for a ride what Write does after the commit.
func (d *DB) arrived(r *request) {
	err := <-r.reply
	if r.panic != nil {
		err = fmt.Errorf("db: panic in a write: %v", r.panic)
	}
	if err == nil {
		d.writes.Add(1)
		for _, f := range r.after {
			f()
		}
	}
	r.done(classify(err))
}
