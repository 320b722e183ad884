package catalog

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// versionEvery is how long a process may go without looking at the version that others write.
const versionEvery = 200 * time.Millisecond

// versionCheck remembers the version that was read last, and when.
type versionCheck struct {
	n       atomic.Int64
	shelves atomic.Int64
	checked atomic.Int64 // microseconds of the database's clock
	mu      sync.Mutex   // one goroutine looks, the others go by what is known
}

// Version is the number of the catalogue's last write. It is cheap: the database is asked at most every 200
// milliseconds, and a write of this process counts at once. If the database does not answer, the last known number
// stands.
func (s *Service) Version() int64 {
	n, _ := s.versions(context.Background())
	return n
}

func (s *Service) versions(ctx context.Context) (n, shelves int64) {
	v := &s.version
	now := s.db.Clock().Now().UnixMicro()
	known := v.n.Load()
	if past := now - v.checked.Load(); known > 0 && past >= 0 && past < versionEvery.Microseconds() {
		return known, v.shelves.Load()
	}
	if known == 0 {
		v.mu.Lock()
	} else if !v.mu.TryLock() {
		return known, v.shelves.Load()
	}
	defer v.mu.Unlock()
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		n, shelves, err := readVersion(tx)
		if err == nil {
			v.raise(n, shelves)
		}
		return err
	})
	if err == nil {
		v.checked.Store(now)
	}
	return v.n.Load(), v.shelves.Load()
}

// raise notes a newer version; an older one that comes in late is passed over.
func (v *versionCheck) raise(n, shelves int64) {
	raise(&v.shelves, shelves)
	raise(&v.n, n)
}

func raise(a *atomic.Int64, to int64) {
	for old := a.Load(); old < to; old = a.Load() {
		if a.CompareAndSwap(old, to) {
			return
		}
	}
}

// writing is one transaction of the catalogue.
type writing struct {
	*db.Tx
	s        *Service
	n        int64    // the version that it makes
	sh       *shelves // as they stand in it
	reshelve bool     // it changes them
	pending  *pending // what it is going to write
}

// write opens a transaction that makes a new version. The version row is taken first: on PostgreSQL, writers of the
// catalogue therefore come one after the other and never deadlock among themselves.
func (s *Service) write(ctx context.Context, fn func(w *writing) error) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		w, err := s.begin(tx)
		if err != nil {
			return err
		}
		if err := fn(w); err != nil {
			return err
		}
		return w.end()
	})
}

func (s *Service) begin(tx *db.Tx) (*writing, error) {
	n, shelved, err := bumpVersion(tx)
	if err != nil {
		return nil, err
	}
	w := &writing{Tx: tx, s: s, n: n, pending: newPending()}
	if sh := s.shelves.Load(); sh != nil && sh.version == shelved {
		w.sh = sh.clone()
		return w, nil
	}
	w.sh, err = loadShelves(tx, shelved)
	return w, err
}

// record leaves the act's entry in the audit log.
func (w *writing) record(by access.Actor, action string, object id.ID, facts ...audit.Fact) error {
	return w.enter(by, audit.Entry{Action: action, ObjectID: object, Facts: facts})
}

// enter is record for an entry that says more.
func (w *writing) enter(by access.Actor, e audit.Entry) error {
	if w.s.audit == nil {
		return nil
	}
	e.Actor, e.Object, e.Outcome = by, "catalog", audit.Done
	e.Facts = append(e.Facts, audit.Fact{Key: "version", Int: w.n})
	return w.s.audit.Record(w.Tx, e)
}

func (w *writing) end() error {
	if err := w.flush(); err != nil {
		return err
	}
	if w.reshelve {
		if err := markShelves(w.Tx, w.n); err != nil {
			return err
		}
	}
	shelved := int64(0)
	if w.reshelve {
		shelved = w.n
	}
	w.AfterCommit(func() { w.s.version.raise(w.n, shelved) })
	return w.Emit(Changed{Version: w.n})
}
