package stock

import (
	"context"
	"slices"
	"strings"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// The reasons of a change by hand. Each has a text under "stock.because_" and the word.
const (
	Counted  = "counted"  // somebody counted
	Received = "received" // goods came in
	Damaged  = "damaged"
	Lost     = "lost"
	Found    = "found"
	Returned = "returned" // came back without an order behind it
	Mistake  = "mistake"  // an earlier change was wrong
	Imported = "imported" // by a file or with the product
)

// Reasons lists the reasons that people can choose.
func Reasons() []string { return []string{Counted, Received, Damaged, Lost, Found, Returned, Mistake} }

// Change is a change of stock by somebody: a count (Set) or pieces that came or went (Receive).
type Change struct {
	Variant id.ID
	Pieces  int64 // counted, or come in; below zero for pieces that went
	Reason  string
	Note    string // in the person's words; sealed in the audit log and kept nowhere else
	Actor   access.Actor
	// Seen is what ByHand was when the page was shown. If somebody has changed the stock by hand since, or the same form
	// comes a second time, nothing is done: stock.changed_meanwhile. Sales do not count. nil does not ask.
	Seen *int64
}

// maxNote bounds a note, in bytes.
const maxNote = 500

func (c Change) check() error {
	f := fault.New(fault.Invalid, "stock.change_invalid")
	if !slices.Contains(Reasons(), c.Reason) {
		f.WithField("reason", "stock.reason_missing", nil)
	}
	if len(c.Note) > maxNote {
		f.WithField("note", "stock.note_long", fault.Params{"max": maxNote})
	}
	if len(f.Fields) > 0 {
		return f
	}
	return nil
}

// actorName is what a move keeps of who made it: the kind and the role, never a person. Who it was stands in the audit
// log, where it can be looked up by who may.
func actorName(a access.Actor) string {
	a.ID = id.ID{}
	return a.String()
}

// Set says that so many pieces were counted. Fewer than are promised to open orders is the fault stock.below_reserved.
func (s *Service) Set(ctx context.Context, c Change) (err error) {
	defer fault.Wrap(&err, "stock: set")
	if err := s.allowed(ctx, c, "stock.count"); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := s.SetTx(tx, c); err != nil {
			return err
		}
		if err := sameSince(tx, c); err != nil {
			return err
		}
		return s.record(tx, c, "stock.count")
	})
}

// Receive adds pieces that came in, or takes away lost ones (Pieces below zero), never below what is promised.
func (s *Service) Receive(ctx context.Context, c Change) (err error) {
	defer fault.Wrap(&err, "stock: receive")
	if err := s.allowed(ctx, c, "stock.receive"); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := s.ReceiveTx(tx, c); err != nil {
			return err
		}
		if err := sameSince(tx, c); err != nil {
			return err
		}
		return s.record(tx, c, "stock.receive")
	})
}

// ReceiveTx is Receive inside the transaction of somebody who has asked for the right and writes the entry.
func (s *Service) ReceiveTx(tx *db.Tx, c Change) (err error) {
	defer fault.Wrap(&err, "stock: receive")
	if c.Pieces == 0 || c.Pieces > Max || c.Pieces < -Max {
		return fault.New(fault.Invalid, "stock.quantity").WithField("pieces", "stock.quantity", nil)
	}
	if _, err := insertLevel(tx, c.Variant, 0); err != nil {
		return err
	}
	return s.add(tx, Move{Variant: c.Variant, Kind: Receive, OnHand: c.Pieces, Reason: c.Reason, Actor: actorName(c.Actor)})
}

// ByHand is how often the stock of a variant was changed by hand.
func (s *Service) ByHand(ctx context.Context, variant id.ID) (n int64, err error) {
	defer fault.Wrap(&err, "stock: changes by hand")
	err = s.db.Read(ctx, func(tx *db.Tx) error { n, err = byHand(tx, variant); return err })
	return n, err
}

// sameSince says whether the change that was just made is the first one since its page was shown. The level's row is
// locked by the change itself, so that two that come at once see each other.
func sameSince(tx *db.Tx, c Change) error {
	if c.Seen == nil {
		return nil
	}
	n, err := byHand(tx, c.Variant)
	if err == nil && n > *c.Seen+1 {
		err = fault.New(fault.Conflict, "stock.changed_meanwhile")
	}
	return err
}

func (s *Service) allowed(ctx context.Context, c Change, action string) error {
	act := audit.Act{Action: action, Object: "variant", ObjectID: c.Variant}
	if err := s.audit.Allow(ctx, c.Actor, access.StockEdit, act); err != nil {
		return err
	}
	return c.check()
}

// record writes the entry of a change. A note is what a person wrote, and the log seals it.
func (s *Service) record(tx *db.Tx, c Change, action string) error {
	if s.audit == nil {
		return nil
	}
	reason := strings.TrimSpace(c.Note)
	if reason == "" {
		reason = c.Reason
	}
	return s.audit.Record(tx, audit.Entry{Actor: c.Actor, Action: action, Object: "variant", ObjectID: c.Variant, Reason: reason,
		Outcome: audit.Done, Facts: []audit.Fact{{Key: "pieces", Int: c.Pieces}, {Key: "why", Text: c.Reason}}})
}
