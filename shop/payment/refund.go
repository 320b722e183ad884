package payment

import (
	"context"
	"regexp"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// Reason says why money goes back. It decides the booking: a return or a goodwill lowers what was sold, the others
// give back what was never owed.
type Reason string

// The reasons.
const (
	ForReturn    Reason = "return"
	ForGoodwill  Reason = "goodwill"
	ForCancelled Reason = "cancelled" // the order was cancelled after it was paid
	ForLate      Reason = "late"      // the money came too late and the goods are gone
	ForDuplicate Reason = "duplicate"
	ForOutside   Reason = "outside" // made at the provider's own desk
)

// The states of a refund.
const (
	RefundAsked   = "asked"
	refundPending = string(RefundPending)
	refundDone    = string(RefundDone)
	refundFailed  = string(RefundFailed)
)

// Refund is money on its way back.
type Refund struct {
	ID      id.ID
	Payment id.ID
	Ask     string // the caller's key
	Amount  money.Amount
	Tax     money.Amount // the tax within Amount that is no longer owed (ForReturn, ForGoodwill)
	Reason  Reason
	Key     string // the provider key
	Ref     string
	State   string // asked, pending, done, failed
	Error   string // one word
	Made    time.Time
	Ended   time.Time
}

// Ask asks for a refund. The same Key of the same payment is one refund, however often it is asked for.
type Ask struct {
	Payment id.ID
	Key     string
	Amount  money.Amount
	Tax     money.Amount
	Reason  Reason
	Actor   access.Actor
}

// askForm keeps everything but ids and short words out of the keys that callers choose.
var askForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._/-]{0,79}$`)

func (a Ask) check() error {
	switch {
	case a.Amount <= 0 || money.Check(a.Amount) != nil || a.Tax < 0 || a.Tax > a.Amount:
		return fault.New(fault.Invalid, "payment.refund_invalid")
	case !askForm.MatchString(a.Key):
		return fault.New(fault.Malformed, "payment.refund_invalid")
	}
	switch a.Reason {
	case ForReturn, ForGoodwill:
		return nil
	case ForCancelled, ForLate, ForDuplicate, ForTrial:
		if a.Tax == 0 {
			return nil
		}
	}
	return fault.New(fault.Malformed, "payment.refund_invalid")
}

// Refund gives money back: the ask is durable when it returns, and within two seconds its end is usually known too.
func (s *Service) Refund(ctx context.Context, a Ask) (f Refund, err error) {
	defer fault.Wrap(&err, "payment: refund")
	act := audit.Act{Action: "payment.refund_ask", Object: "payment", ObjectID: a.Payment}
	if err := s.audit.Allow(ctx, a.Actor, access.OrderRefund, act); err != nil {
		return f, err
	}
	var run id.ID
	err = s.db.Write(ctx, func(tx *db.Tx) (err error) { f, run, err = s.refund(tx, a); return err })
	if err != nil {
		return f, err
	}
	if err := s.jobs.RunNow(ctx, run); err != nil {
		s.log.Info("a refund goes on in the background", "refund", f.ID, "error", err)
	}
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) { f, _, err = refundByID(tx, f.ID); return err })
	return f, err
}

// RefundTx is Refund inside a transaction, for a payee that gives late money back; a job does the rest.
func (s *Service) RefundTx(tx *db.Tx, a Ask) (f Refund, err error) {
	defer fault.Wrap(&err, "payment: refund")
	if err := access.Require(a.Actor, access.OrderRefund); err != nil {
		return f, err
	}
	f, _, err = s.refund(tx, a)
	return f, err
}

// refund counts the ask in with a guarded update, so that the sum of refunds never passes what was captured, however
// many ask at once.
func (s *Service) refund(tx *db.Tx, a Ask) (f Refund, run id.ID, err error) {
	if err := a.check(); err != nil {
		return f, run, err
	}
	if err := lockPayment(tx, a.Payment); err != nil {
		return f, run, err
	}
	old, ok, err := refundByAsk(tx, a.Payment, a.Key)
	switch {
	case err != nil:
		return f, run, err
	case !ok:
		return s.newRefund(tx, a)
	case old.Amount != a.Amount || old.Reason != a.Reason || old.Tax != a.Tax:
		return old, run, fault.New(fault.Conflict, "payment.refund_differs")
	}
	run, err = s.enqueueRefund(tx, old)
	return old, run, err
}

// newRefund reserves the sum, writes the ask and enqueues its job.
func (s *Service) newRefund(tx *db.Tx, a Ask) (f Refund, run id.ID, err error) {
	ok, err := reserveRefund(tx, a.Payment, a.Amount)
	if err != nil {
		return f, run, err
	}
	p, err := s.GetTx(tx, a.Payment)
	if err == nil && !ok {
		err = fault.New(fault.Conflict, "payment.refund_too_large").With("left", int64(p.Refundable()))
	}
	if err != nil {
		return f, run, err
	}
	f = Refund{ID: tx.NewID(), Payment: p.ID, Ask: a.Key, Amount: a.Amount, Tax: a.Tax, Reason: a.Reason,
		Key: p.key("refund", p.Keys-1), State: RefundAsked, Made: tx.Now()}
	if _, err = insertRefund(tx, f); err != nil {
		return f, run, err
	}
	e := s.entry(p, "payment.refund_ask", audit.Done, string(a.Reason))
	e.Actor = a.Actor
	e.Facts = append(e.Facts, audit.Fact{Key: "refund", Int: int64(a.Amount)})
	if err = s.audit.Record(tx, e); err != nil {
		return f, run, err
	}
	run, err = s.enqueueRefund(tx, f)
	return f, run, err
}

type refundArgs struct{ Refund id.ID }

func (s *Service) enqueueRefund(tx *db.Tx, f Refund) (id.ID, error) {
	return s.jobs.Enqueue(tx, job.Job{Kind: "payment.refund", Key: f.ID.String(), Args: refundArgs{f.ID}})
}

// RefundsOf lists the refunds of a payment, the oldest first.
func (s *Service) RefundsOf(ctx context.Context, payment id.ID) (list []Refund, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) { list, err = refundsOf(tx, payment); return err })
	fault.Wrap(&err, "payment: refunds")
	return list, err
}
