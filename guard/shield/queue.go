package shield

import (
	"context"
	"sync/atomic"
	"time"
)

// queue lets a bounded number of requests run, a bounded number wait for a bounded time, and sends the others away.
type queue struct {
	places   chan struct{}
	waiting  atomic.Int64
	most     int64
	patience time.Duration
}

func newQueue(r rule, cpus int) *queue {
	return &queue{places: make(chan struct{}, r.running*cpus), most: int64(r.waiting * cpus), patience: r.patience}
}

// enter takes a place. leave gives it back; ok is false if there was none in time.
func (q *queue) enter(ctx context.Context) (leave func(), ok bool) {
	select {
	case q.places <- struct{}{}:
		return q.leave, true
	default:
	}
	if q.waiting.Add(1) > q.most {
		q.waiting.Add(-1)
		return nil, false
	}
	defer q.waiting.Add(-1)
	patience := time.NewTimer(q.patience)
	defer patience.Stop()
	select {
	case q.places <- struct{}{}:
		return q.leave, true
	case <-patience.C:
	case <-ctx.Done():
	}
	return nil, false
}

func (q *queue) leave() { <-q.places }

func (q *queue) state() (running, waiting int) { return len(q.places), int(q.waiting.Load()) }
