package audit

import (
	"context"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
)

// Act names what a service is about to do, for Allow.
type Act struct {
	Action   string // as its entry will be called, such as "order.ship"
	Object   string
	ObjectID id.ID
}

// Allow lets the actor pass if it has the permission, and writes its refusal down otherwise (V16.3.2). What a watched
// actor, such as an outside helper, merely reads becomes an entry too; if that cannot be written, nothing is read.
// Services call it first in every method that staff may use; what changes something writes its own entry beside. Without
// a log (a service tested by itself) it only checks.
func (l *Log) Allow(ctx context.Context, who access.Actor, p access.Permission, act Act) error {
	if err := access.Require(who, p); err != nil {
		l.refuse(ctx, Entry{Actor: who, Action: act.Action, Object: act.Object, ObjectID: act.ObjectID, Reason: "denied",
			Facts: []Fact{{Key: "may", Text: string(p)}}})
		return err
	}
	if l != nil && who.Watched && p.Reads() {
		return l.read(ctx, who, act)
	}
	return nil
}

// AllowFresh is Allow for acts that also want a step-up.
func (l *Log) AllowFresh(ctx context.Context, who access.Actor, p access.Permission, act Act) error {
	if err := l.Allow(ctx, who, p, act); err != nil {
		return err
	}
	err := access.RequireFresh(who)
	if err != nil {
		l.refuse(ctx, Entry{Actor: who, Action: act.Action, Object: act.Object, ObjectID: act.ObjectID, Reason: "step_up"})
	}
	return err
}

// refuse writes a refusal of somebody. An actor of no kind is a mistake of the program, which no entry can name.
func (l *Log) refuse(ctx context.Context, e Entry) {
	if l != nil && e.Actor.Kind != 0 {
		l.Refuse(ctx, e)
	}
}

// read writes what a watched actor reads.
func (l *Log) read(ctx context.Context, who access.Actor, act Act) (err error) {
	defer fault.Wrap(&err, "audit: read by a watched actor")
	return l.db.Write(ctx, func(tx *db.Tx) error {
		return l.Record(tx, Entry{Actor: who, Action: act.Action, Object: act.Object, ObjectID: act.ObjectID, Outcome: Done,
			Reason: "watched"})
	})
}
