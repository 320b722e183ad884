package payment

import (
	"context"
	"errors"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

var (
	// ErrLetGo is what a Payee returns for an authorised payment that it does not want captured.
	ErrLetGo = errors.New("payment: let the held sum go")
	// ErrKeep is what a Payee returns for an authorised payment whose sum stays held until it says otherwise.
	ErrKeep = errors.New("payment: keep the sum held")
)

// The kinds of what is done with a held sum.
const (
	kindCapture = "capture"
	kindVoid    = "void"
)

// The states of an act on a held sum.
const (
	HoldAsked  = "asked"
	HoldDone   = "done"
	HoldFailed = "failed"
)

// HoldAct is what the store asked to be done with a held sum: to capture it, or a part of it with the rest let go, or to
// let it go. While one is asked or done there is no second one, so that nothing is captured twice or captured and let go.
type HoldAct struct {
	ID      id.ID
	Payment id.ID
	Ask     string       // the caller's key
	Capture bool         // false: the sum is let go
	Amount  money.Amount // of a capture
	Key     string       // the provider key
	State   string       // asked, done, failed
	Error   string       // one word
	Made    time.Time
	Ended   time.Time

	run id.ID // its job
}

// HoldAsk asks for an act on a held sum. The same Key of the same payment is one act, however often it is asked for.
type HoldAsk struct {
	Payment id.ID
	Key     string
	Amount  money.Amount // to capture; not looked at by a void
	Actor   access.Actor
}

// CaptureTx has a held sum, or a part of it, taken; the rest is let go. It is durable with the caller's transaction and
// carried out by a job; Finish waits for it.
func (s *Service) CaptureTx(tx *db.Tx, a HoldAsk) (h HoldAct, err error) {
	defer fault.Wrap(&err, "payment: capture")
	if err := access.Require(a.Actor, access.OrderCapture); err != nil {
		return h, err
	}
	if a.Amount <= 0 || money.Check(a.Amount) != nil {
		return h, fault.New(fault.Invalid, "payment.capture_invalid").WithField("amount", "payment.capture_invalid", nil)
	}
	return s.act(tx, kindCapture, a)
}

// VoidTx has a held sum let go, as CaptureTx has it taken.
func (s *Service) VoidTx(tx *db.Tx, a HoldAsk) (h HoldAct, err error) {
	defer fault.Wrap(&err, "payment: let a held sum go")
	if err := access.Require(a.Actor, access.OrderCapture); err != nil {
		return h, err
	}
	a.Amount = 0
	return s.act(tx, kindVoid, a)
}

// act writes what is to be done, if the sum is held and nothing else is being done with it.
func (s *Service) act(tx *db.Tx, kind string, a HoldAsk) (h HoldAct, err error) {
	if kind == kindVoid {
		a.Amount = 0
	}
	if !askForm.MatchString(a.Key) {
		return h, fault.New(fault.Malformed, "payment.capture_invalid")
	}
	if err := lockPayment(tx, a.Payment); err != nil {
		return h, err
	}
	old, ok, err := holdByAsk(tx, a.Payment, a.Key)
	switch {
	case err != nil:
		return h, err
	case ok && (old.Capture != (kind == kindCapture) || old.Amount != a.Amount):
		return old, fault.New(fault.Conflict, "payment.hold_busy")
	case ok && old.State != HoldAsked:
		return old, nil
	case !ok:
		if old, err = s.newAct(tx, kind, a); err != nil {
			return h, err
		}
	}
	old.run, err = s.jobs.Enqueue(tx, job.Job{Kind: holdJob, Key: old.ID.String(), Args: holdArgs{old.ID}})
	return old, err
}

// newAct counts the act in with a guarded update and writes it. The unique index over acts that are asked or done is what
// decides between two who come at once.
func (s *Service) newAct(tx *db.Tx, kind string, a HoldAsk) (h HoldAct, err error) {
	p, err := s.GetTx(tx, a.Payment)
	if err != nil {
		return h, err
	}
	if p.State == Authorised && a.Amount > p.Amount {
		return h, fault.New(fault.Invalid, "payment.capture_too_large").WithField("amount", "payment.capture_too_large", nil)
	}
	ok, err := countAct(tx, p.ID, a.Amount)
	if err == nil && !ok {
		err = fault.New(fault.Conflict, "payment.not_held")
	}
	if err != nil {
		return h, err
	}
	h = HoldAct{ID: tx.NewID(), Payment: p.ID, Ask: a.Key, Capture: kind == kindCapture, Amount: a.Amount, Key: p.key(kind, p.Keys),
		State: HoldAsked, Made: tx.Now()}
	fresh, err := insertHold(tx, h)
	if err == nil && !fresh {
		err = fault.New(fault.Conflict, "payment.hold_busy")
	}
	if err != nil {
		return h, err
	}
	e := s.entry(p, "payment."+kind+"_ask", audit.Done, "")
	e.Actor = a.Actor
	e.Facts = append(e.Facts, audit.Fact{Key: "take", Int: int64(h.Amount)})
	return h, s.audit.Record(tx, e)
}

// Finish has an act carried out now, within two seconds, and says how it and its payment stand. One that is still asked
// goes on by itself.
func (s *Service) Finish(ctx context.Context, h HoldAct) (_ HoldAct, p Payment, err error) {
	defer fault.Wrap(&err, "payment: finish with a held sum")
	if !h.run.IsZero() {
		if err := s.jobs.RunNow(ctx, h.run); err != nil {
			s.log.Info("an act on a held sum goes on in the background", "payment", h.Payment, "error", err)
		}
	}
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if h, _, err = holdByID(tx, h.ID); err == nil {
			p, err = s.GetTx(tx, h.Payment)
		}
		return err
	})
	return h, p, err
}

// HoldTx is the newest act on a payment's held sum.
func (s *Service) HoldTx(tx *db.Tx, payment id.ID) (h HoldAct, ok bool, err error) {
	h, ok, err = newestHold(tx, payment)
	fault.Wrap(&err, "payment: act on a held sum")
	return h, ok, err
}

// heldUntil is until when the provider answers for a sum: as it says, or as it usually does.
func (s *Service) heldUntil(p Payment, ses Session, now time.Time) time.Time {
	if !ses.HeldUntil.IsZero() {
		return ses.HeldUntil
	}
	for _, o := range s.offers() {
		if d := o.Describe(); d.Name == p.Provider && d.Account == p.Account && d.Holds > 0 {
			return now.Add(d.Holds)
		}
	}
	return time.Time{}
}
