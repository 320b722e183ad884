package sandbox

import (
	"context"
	"sync"
	"time"
)

// entry is a session with its lock.
type entry struct {
	mu sync.Mutex
	v  session
}

// find returns a session's entry, nil if there is none.
func (s *Server) find(v string) *entry {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.byID[v]
}

// change runs fn on a copy of the session as it is now, keeps the copy and only then lets anybody see it. If fn or
// the file fails, nothing has happened. What fn made is on the agenda afterwards.
func (s *Server) change(ctx context.Context, e *entry, fn func(v *session, now time.Time) error) (session, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := s.clock.Now()
	c := e.v.clone()
	before := stamp(&c)
	c.tick(now, s.late)
	if err := fn(&c, now); err != nil {
		return e.v, err
	}
	if stamp(&c) == before {
		return e.v, nil
	}
	fresh := s.route(&c, now)
	if err := s.keepSession(ctx, &c); err != nil {
		return e.v, err
	}
	s.journal.add(&c, len(e.v.Lines))
	e.v = c
	s.plan(e, fresh)
	return c, nil
}

// stamp is what makes two versions of a session differ.
func stamp(v *session) (out struct {
	state, notices                           string
	settle, refunded, captured               int64
	refunds, keys, events, sent, left, tries int
	late, fails, secured                     bool
	lines                                    int
	declines                                 int64
	dispute                                  string
}) {
	out.state, out.notices, out.settle, out.refunded, out.captured = v.State, v.Notices, v.SettleAt, v.Refunded, v.Captured
	out.refunds, out.keys, out.events, out.sent, out.late, out.fails = len(v.Refunds), len(v.Keys), len(v.Events), v.Sent, v.Late, v.Fails
	out.lines, out.declines, out.secured = len(v.Lines), v.Declines, v.Secured
	if v.Dispute != nil {
		out.dispute = v.Dispute.State
	}
	for _, e := range v.Events {
		out.left += e.Left
		out.tries += e.Tries
	}
	return out
}

// peek brings a session up to now and returns it.
func (s *Server) peek(ctx context.Context, e *entry) (session, error) {
	return s.change(ctx, e, func(*session, time.Time) error { return nil })
}

// add keeps a new session. If the key started one before, that one is returned instead.
func (s *Server) add(ctx context.Context, v session) (*entry, error) {
	key := v.Account + "\x00" + v.StartKey
	e := &entry{v: v}
	e.mu.Lock() // nobody sees it before it is kept
	defer e.mu.Unlock()
	s.mu.Lock()
	if old := s.starts[key]; old != nil {
		s.mu.Unlock()
		old.mu.Lock() // waits until the other request has kept it
		defer old.mu.Unlock()
		if old.v.ID == "" {
			return nil, errGone
		}
		return old, nil
	}
	s.byID[v.ID], s.starts[key] = e, e
	s.list = append(s.list, e)
	s.forget()
	s.mu.Unlock()
	if err := s.keepSession(ctx, &e.v); err != nil {
		s.remove(e, v.ID, key)
		return nil, err
	}
	s.plan(e, nil)
	return e, nil
}

func (s *Server) remove(e *entry, v, key string) {
	e.v = session{}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byID, v)
	delete(s.starts, key)
	for i := len(s.list) - 1; i >= 0; i-- {
		if s.list[i] == e {
			s.list = append(s.list[:i], s.list[i+1:]...)
			return
		}
	}
}

// forget drops the oldest session if there are too many and it is over. The caller holds the lock.
func (s *Server) forget() {
	for len(s.list) > s.keep {
		e := s.list[0]
		if !e.mu.TryLock() {
			return
		}
		over, v := e.v.over(), e.v
		e.mu.Unlock()
		if !over {
			return
		}
		delete(s.byID, v.ID)
		delete(s.starts, v.Account+"\x00"+v.StartKey)
		s.list[0] = nil
		s.list = s.list[1:]
	}
}

// started finds the session that a key started.
func (s *Server) started(account, key string) *entry {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.starts[account+"\x00"+key]
}
