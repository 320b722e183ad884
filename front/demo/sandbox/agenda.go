package sandbox

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// senders bounds the notices under way at once.
const senders = 16

// task is a moment at which something happens to a session: event names a notice to send, empty is the passing of time.
type task struct {
	at    int64
	e     *entry
	event string
}

type tasks []task

func (t tasks) Len() int           { return len(t) }
func (t tasks) Less(i, j int) bool { return t[i].at < t[j].at }
func (t tasks) Swap(i, j int)      { t[i], t[j] = t[j], t[i] }
func (t *tasks) Push(x any)        { *t = append(*t, x.(task)) }
func (t *tasks) Pop() any {
	old := *t
	last := old[len(old)-1]
	old[len(old)-1] = task{}
	*t = old[:len(old)-1]
	return last
}

// agenda is what is to happen, the next thing first.
type agenda struct {
	mu   sync.Mutex
	heap tasks
	wake chan struct{}
}

func (a *agenda) add(ts ...task) {
	if len(ts) == 0 {
		return
	}
	a.mu.Lock()
	first := len(a.heap) == 0
	for _, t := range ts {
		first = first || t.at < a.heap[0].at
		heap.Push(&a.heap, t)
	}
	a.mu.Unlock()
	if first {
		select {
		case a.wake <- struct{}{}:
		default:
		}
	}
}

// take returns what is due, and when the next thing is (0: nothing waits).
func (a *agenda) take(now int64) (due []task, next int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for len(a.heap) > 0 && a.heap[0].at <= now {
		due = append(due, heap.Pop(&a.heap).(task))
	}
	if len(a.heap) > 0 {
		next = a.heap[0].at
	}
	return due, next
}

// plan puts what a session waits for on the agenda, and the notices that were just made.
func (s *Server) plan(e *entry, fresh []event) {
	ts := make([]task, 0, 1+len(fresh))
	if at := e.v.nextAt(); at > 0 {
		ts = append(ts, task{at: at, e: e})
	}
	for _, n := range fresh {
		ts = append(ts, task{at: n.Next, e: e, event: n.ID})
	}
	s.due.add(ts...)
}

// Step does everything that is due now and returns when it is done.
func (s *Server) Step(ctx context.Context) {
	slots := make(chan struct{}, senders)
	for ctx.Err() == nil {
		due, _ := s.due.take(s.clock.Now().UnixMicro())
		if len(due) == 0 {
			return
		}
		var all sync.WaitGroup
		for _, t := range due {
			slots <- struct{}{}
			all.Go(func() { defer func() { <-slots }(); s.do(ctx, t) })
		}
		all.Wait()
	}
}

// Run does what is due when it is due, until ctx ends.
func (s *Server) Run(ctx context.Context) {
	slots := make(chan struct{}, senders)
	var all sync.WaitGroup
	defer all.Wait()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		now := s.clock.Now().UnixMicro()
		due, next := s.due.take(now)
		for _, t := range due {
			slots <- struct{}{}
			all.Go(func() { defer func() { <-slots }(); s.do(ctx, t) })
		}
		pause := time.Second
		if next > 0 {
			pause = min(pause, time.Duration(next-now)*time.Microsecond)
		}
		timer.Reset(max(pause, 0))
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-s.due.wake:
		}
	}
}

func (s *Server) do(ctx context.Context, t task) {
	if t.event != "" {
		s.send(ctx, t.e, t.event)
		return
	}
	if _, err := s.peek(ctx, t.e); err != nil && ctx.Err() == nil {
		s.log.Warn("sandbox: a session was not brought up to date and is tried again", "error", err)
		t.at = s.clock.Now().Add(time.Second).UnixMicro()
		s.due.add(t)
	}
}
