package audit

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/guard/access"
)

// The bounds of what refusals write in one minute.
const (
	floodSingly = 5     // entries of their own for an actor and act
	floodAll    = 600   // entries of their own for all together
	floodKeys   = 10000 // actors and acts that are counted apart; past it only the act is
)

// flood counts refusals by actor, act and minute. It lives in memory: each process counts what it refuses, and a crash
// loses at most the counts, never the first entries.
type flood struct {
	mu     sync.Mutex
	minute int64
	singly int64 // written singly in this minute
	counts map[floodKey]tally
}

// tally is how many refusals there were, and how many of them have an entry of their own.
type tally struct{ total, singly int64 }

type floodKey struct {
	minute  int64
	kind    access.Kind
	name    string
	actor   id.ID
	origin  netip.Prefix
	action  string
	outcome Outcome
}

// key names the actor: by id, or by network when it has none. An IPv6 network is a /64, which is one household.
func key(e Entry, minute int64) floodKey {
	k := floodKey{minute: minute, kind: e.Actor.Kind, name: e.Actor.Name, actor: e.Actor.ID, action: e.Action, outcome: e.Outcome}
	if o := e.Actor.Origin.Unmap(); k.actor.IsZero() && o.IsValid() {
		bits := 32
		if o.Is6() {
			bits = 64
		}
		k.origin, _ = o.Prefix(bits)
	}
	return k
}

// let says whether the refusal gets an entry of its own; otherwise it is counted.
func (f *flood) let(e Entry, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	minute := now.Unix() / 60
	if minute != f.minute {
		f.minute, f.singly = minute, 0
	}
	k := key(e, minute)
	if _, known := f.counts[k]; f.singly >= floodAll || !known && len(f.counts) >= floodKeys {
		k = floodKey{minute: minute, action: e.Action, outcome: e.Outcome}
	}
	t := f.counts[k]
	t.total++
	own := t.singly < floodSingly && f.singly < floodAll
	if own {
		t.singly++
		f.singly++
	}
	f.counts[k] = t
	return own
}

// take removes the counts of minutes that are over, or all.
func (f *flood) take(now time.Time, all bool) map[floodKey]tally {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := map[floodKey]tally{}
	for k, n := range f.counts {
		if all || k.minute < now.Unix()/60 {
			out[k] = n
			delete(f.counts, k)
		}
	}
	return out
}

// Flush writes one entry for each actor, act and minute of which more was refused than was written singly. It is
// called by the log itself four times a minute.
func (l *Log) Flush(ctx context.Context) error { return l.flush(ctx, false) }

func (l *Log) flush(ctx context.Context, all bool) error {
	counts := l.flood.take(l.db.Clock().Now(), all)
	over := make([]Entry, 0, len(counts))
	for k, t := range counts {
		if t.total > t.singly {
			over = append(over, k.entry(t.total))
		}
	}
	if len(over) == 0 {
		return nil
	}
	return l.db.Write(ctx, func(tx *db.Tx) error {
		for _, e := range over {
			if err := l.Record(tx, e); err != nil {
				return err
			}
		}
		return nil
	})
}

// entry tells of a flood. total counts all of them, those with an entry of their own included.
func (k floodKey) entry(n int64) Entry {
	a := access.Actor{Kind: k.kind, Name: k.name, ID: k.actor}
	if a.Kind == 0 {
		a = access.System("many")
	}
	if k.origin.IsValid() {
		a.Origin = k.origin.Addr()
	}
	return Entry{Actor: a, Action: k.action, Object: "flood", Outcome: k.outcome, Reason: "flood",
		Facts: []Fact{{Key: "total", Int: n}, {Key: "minute", Int: clock.Micros(time.Unix(k.minute*60, 0))}}}
}
