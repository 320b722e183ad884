package shield

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"strongroom/base/fault"
)

// Refusal is one request that was sent away.
type Refusal struct {
	Act     string // "shield.rate"
	Class   Class
	Kind    fault.Kind
	Client  netip.Addr // personal: the recorder seals it or leaves it out
	Request string
	At      time.Time
}

// Recorder takes refusals down; the audit log does. It is called by one goroutine, after the answer.
type Recorder interface {
	Refused(ctx context.Context, r Refusal)
}

// Count names a counter of refusals.
type Count struct {
	Act   string
	Class Class
}

// backlog is how many refusals may wait for the recorder. In a flood the others are only counted.
const backlog = 256

type refusals struct {
	mu       sync.Mutex
	byCount  map[Count]int64
	closed   bool
	waiting  chan Refusal
	finished chan struct{}
}

func newRefusals(rec Recorder) *refusals {
	s := &refusals{byCount: map[Count]int64{}, waiting: make(chan Refusal, backlog), finished: make(chan struct{})}
	go func() {
		defer close(s.finished)
		for r := range s.waiting {
			if rec != nil {
				ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
				rec.Refused(ctx, r)
				cancel()
			}
		}
	}()
	return s
}

func (s *refusals) note(r Refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byCount[Count{r.Act, r.Class}]++
	if s.closed {
		return
	}
	select {
	case s.waiting <- r:
	default:
		s.byCount[Count{"shield.unrecorded", r.Class}]++
	}
}

func (s *refusals) counts() map[Count]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[Count]int64, len(s.byCount))
	for k, v := range s.byCount {
		out[k] = v
	}
	return out
}

// stop ends the recorder after what waits; a second call does nothing.
func (s *refusals) stop() {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.waiting)
	}
	s.mu.Unlock()
	<-s.finished
}
