package fraud

import (
	"context"
	"encoding/hex"
	"math/bits"
	"strings"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// Assess says what to make of an attempt. It reads a few rows by their keys and writes nothing.
func (s *Service) Assess(ctx context.Context, a Attempt) (v Verdict, err error) {
	defer fault.Wrap(&err, "fraud: assess")
	k := s.keysOf(a)
	err = s.d.DB.Read(ctx, func(tx *db.Tx) error {
		now := tx.Now()
		rows, err := rowsOf(tx, k, slotOf(now))
		if err != nil {
			return err
		}
		m, err := modeOf(tx)
		if err != nil {
			return err
		}
		on, err := listed(tx, k)
		v = s.judge(a, k, rows, m, on, now)
		return err
	})
	return v, err
}

// judge is the assessment itself, of facts that were read.
func (s *Service) judge(a Attempt, k keys, rows []row, m Mode, on int, now time.Time) Verdict {
	f := facts{noDevice: len(k.device) == 0, known: a.Known, listed: on, crowd: s.d.Crowd,
		disposable: isDisposable(domainOf(foldMail(a.Email))), mismatch: a.Billing != "" && a.Billing != a.Delivery,
		hasty: hasty(a, now), dear: a.Total >= dearFrom}
	for _, r := range rows {
		switch r.kind {
		case Device:
			f.device.add(r, slotOf(now))
		case Address:
			f.contact.add(r, slotOf(now))
		case Network:
			f.network.add(r, slotOf(now))
		}
	}
	f.watched = m.Strict && m.covers(k, int64(a.Total))
	v := Verdict{Reasons: score(f), Newcomer: f.newcomer(), Strict: f.watched, Proven: f.network.paid, total: a.Total, keys: k}
	v.Score = sum(v.Reasons)
	v.Outcome = m.Rules.outcome(v.Score)
	if f.watched && v.Newcomer {
		v.Outcome = max(v.Outcome, Step)
	}
	return v
}

func hasty(a Attempt, now time.Time) bool {
	return !a.Drafted.IsZero() && now.Sub(a.Drafted) < hasteDetails && !a.Carted.IsZero() && now.Sub(a.Carted) < hasteCart
}

// covers says whether strict times are about an attempt.
func (m Mode) covers(k keys, total int64) bool {
	switch what, value, _ := strings.Cut(m.Scope, ":"); what {
	case "goods":
		return value == hex.EncodeToString(k.goods)
	case "domain":
		return value == hex.EncodeToString(k.domain)
	case "sum":
		return value == itoa(band(total))
	}
	return true
}

// band is the order of magnitude of a sum: who tries out cards keeps to small ones.
func band(total int64) int64 { return int64(bits.Len64(uint64(max(total, 0)))) }

// Placed writes a case, within the transaction that places its order, and counts the session if one is given at once.
func (s *Service) Placed(tx *db.Tx, order id.ID, v Verdict, who access.Actor) error {
	c := Case{Order: order, Outcome: v.Outcome, State: v.state(), Score: v.Score, Reasons: v.Reasons, Newcomer: v.Newcomer,
		Strict: v.Strict, Total: v.total, keys: v.keys}
	if v.May() {
		c.Sessions = 1
	}
	if err := insertCase(tx, c); err != nil {
		return err
	}
	if c.State != Clear {
		if err := s.d.Audit.Record(tx, s.entry(who, "fraud."+c.State.String(), c)); err != nil {
			return err
		}
	}
	return addRows(tx, slotOf(tx.Now()), []change{{kind: Device, key: v.keys.device, last: v.keys.contact, opened: 1}})
}

// state is where a case begins.
func (v Verdict) state() State {
	switch {
	case v.May():
		return Clear
	case v.Outcome == Hold:
		return Held
	case v.Outcome == Refuse:
		return Refused
	}
	return Asked
}

// RefuseNow writes down that an attempt was refused before anything was ordered, and returns the fault with the reference
// that the shopper can give to a person.
func (s *Service) RefuseNow(ctx context.Context, order id.ID, v Verdict, who access.Actor) (err error) {
	defer fault.Wrap(&err, "fraud: refuse")
	c := Case{Order: order, Outcome: v.Outcome, State: Refused, Score: v.Score, Reasons: v.Reasons, Newcomer: v.Newcomer,
		Strict: v.Strict, Total: v.total, keys: v.keys}
	err = s.d.DB.Write(ctx, func(tx *db.Tx) error { return insertCase(tx, c) })
	if err != nil {
		return err
	}
	s.d.Audit.Refuse(ctx, s.entry(who, "fraud.refused", c))
	return refusal(order)
}

func refusal(order id.ID) error {
	return fault.New(ErrRefused.Kind, ErrRefused.Key).With("reference", Reference(order))
}

// Reference is what a shopper names when she asks about a refusal.
func Reference(order id.ID) string { return strings.ToUpper(order.String()[24:]) }

func (s *Service) entry(who access.Actor, action string, c Case) audit.Entry {
	e := audit.Entry{Actor: who, Action: action, Object: "order", ObjectID: c.Order, Outcome: audit.Done,
		Facts: []audit.Fact{{Key: "score", Int: c.Score}}}
	if c.State == Refused && who.Kind != access.KindStaff {
		e.Outcome = audit.Refused
	}
	for _, r := range c.Reasons {
		if r.Points > 0 && len(e.Facts) < 6 {
			e.Facts = append(e.Facts, audit.Fact{Key: "because_" + r.Word, Int: r.Points})
		}
	}
	return e
}
