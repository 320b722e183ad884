package job

import (
	"context"
	"sync"

	"strongroom/base/db"
	"strongroom/base/id"
)

// maxDirect bounds the jobs that wait in memory; what is enqueued past it waits in the table alone.
const maxDirect = 256

// hands are the jobs that this process holds: leased in the transaction that enqueued them and waiting for a worker, or
// running.
type hands struct {
	mu      sync.Mutex
	live    bool // Start was called and Drain was not
	waiting []Run
	running map[id.ID]chan struct{}
}

// free says whether a job that is enqueued now may be leased by this process in the same breath.
func (h *hands) free() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.live && len(h.waiting) < maxDirect
}

func (h *hands) put(r Run) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waiting = append(h.waiting, r)
}

// take gives the job that has waited longest, as running.
func (h *hands) take() (r Run, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.waiting) == 0 {
		return r, false
	}
	r = h.waiting[0]
	h.waiting = h.waiting[1:]
	h.note(r.ID)
	return r, true
}

// takeOne gives a certain job if it waits, as running. If it runs here already, wait is closed at its end.
func (h *hands) takeOne(job id.ID) (r Run, ok bool, wait <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, w := range h.waiting {
		if w.ID == job {
			h.waiting = append(h.waiting[:i:i], h.waiting[i+1:]...)
			h.note(job)
			return w, true, nil
		}
	}
	if c, ok := h.running[job]; ok {
		wait = c
	}
	return r, false, wait
}

// begin notes that a job runs here; end lets go whoever waits for that; forget is for when its end is written.
func (h *hands) begin(job id.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.note(job)
}

func (h *hands) note(job id.ID) {
	if h.running == nil {
		h.running = map[id.ID]chan struct{}{}
	}
	if h.running[job] == nil {
		h.running[job] = make(chan struct{})
	}
}

func (h *hands) end(job id.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	close(h.running[job])
}

func (h *hands) forget(job id.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.running, job)
}

// all are the jobs whose leases this process must keep alive.
func (h *hands) all() (list []id.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range h.waiting {
		list = append(list, r.ID)
	}
	for v := range h.running {
		list = append(list, v)
	}
	return list
}

// open lets jobs be leased directly; shut ends that and returns what still waits.
func (h *hands) open() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.live = true
}

func (h *hands) shut() (left []Run) {
	h.mu.Lock()
	defer h.mu.Unlock()
	left, h.waiting, h.live = h.waiting, nil, false
	return left
}

// hand gives a job that its transaction has leased for this process to the workers.
func (q *Queue) hand(r Run) {
	q.hands.put(r)
	ring(q.handed)
}

// giveBack makes the jobs ready for whoever comes next.
func (q *Queue) giveBack(ctx context.Context, left []Run) error {
	if len(left) == 0 {
		return nil
	}
	return q.db.Write(ctx, func(tx *db.Tx) error {
		for _, r := range left {
			if err := again(tx, q.worker, r, tx.Now(), r.Attempt-1, ""); err != nil {
				return err
			}
		}
		return nil
	})
}
