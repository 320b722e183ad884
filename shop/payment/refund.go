package payment

import (
	"context"
	"errors"
	"fmt"
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
	outsideDesk  Reason = "outside" // made at the provider's own desk
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
	case ForCancelled, ForLate, ForDuplicate:
		if a.Tax == 0 {
			return nil
		}
	}
	return fault.New(fault.Malformed, "payment.refund_invalid")
}

// Refund gives money back: the ask is durable when it returns, and within two seconds its end is usually known too.
func (s *Service) Refund(ctx context.Context, a Ask) (f Refund, err error) {
	defer fault.Wrap(&err, "payment: refund")
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

// errOpen says that a refund's end is not known yet.
var errOpen = job.Later(5 * time.Minute)

// runRefund takes one refund to the provider. It is repeated with the same key until the end is known.
func (s *Service) runRefund(ctx context.Context, a refundArgs) error {
	var f Refund
	var p Payment
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		var ok bool
		if f, ok, err = refundByID(tx, a.Refund); err != nil || !ok {
			return err
		}
		p, err = s.GetTx(tx, f.Payment)
		return err
	})
	switch {
	case err != nil:
		return err
	case f.State == refundPending:
		return s.lookRefund(ctx, p, f)
	case f.State != RefundAsked:
		return nil
	}
	answer, err := s.callRefund(ctx, p, f)
	switch {
	case errors.Is(err, ErrDeclined):
		answer, f.Error = RefundAnswer{Ref: f.Ref, Status: RefundFailed, Amount: f.Amount}, word(err)
	case err != nil:
		s.failed(ctx, p, "payment.refund", err)
		return err
	case answer.Amount != f.Amount:
		s.failed(ctx, p, "payment.refund", ErrMismatch)
		return job.Permanent(fmt.Errorf("%w: the refund's amount", ErrMismatch))
	}
	err = s.db.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error { return s.settleRefund(tx, p, f, answer) })
	if err == nil && answer.Status == RefundPending {
		err = errOpen
	}
	return err
}

func (s *Service) callRefund(ctx context.Context, p Payment, f Refund) (RefundAnswer, error) {
	g, err := s.gateway(ctx, p)
	if err != nil {
		return RefundAnswer{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, jobLimit)
	defer cancel()
	return g.Refund(ctx, f.Key, p.Ref, f.Amount)
}

// lookRefund asks how a pending refund ended.
func (s *Service) lookRefund(ctx context.Context, p Payment, f Refund) error {
	if _, err := s.ask(ctx, p, "poll", jobLimit); err != nil {
		return err
	}
	var now Refund
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) { now, _, err = refundByID(tx, f.ID); return err })
	if err == nil && now.State == refundPending {
		err = errOpen
	}
	return err
}

// settleRefund writes how a refund goes on, once.
func (s *Service) settleRefund(tx *db.Tx, p Payment, f Refund, answer RefundAnswer) error {
	f.State, f.Ref = string(answer.Status), answer.Ref
	if answer.Status != RefundPending {
		f.Ended = tx.Now()
	}
	moved, err := moveRefund(tx, f)
	if err != nil || !moved {
		return err
	}
	switch answer.Status {
	case RefundDone:
		return s.refundDone(tx, p, f, false)
	case RefundFailed:
		if f.Error == "" {
			f.Error = "failed"
		}
		return s.refundFailed(tx, p, f)
	}
	return nil
}

func (s *Service) refundDone(tx *db.Tx, p Payment, f Refund, outside bool) error {
	ok, err := countRefund(tx, p.ID, f.Amount, outside)
	if err == nil && !ok {
		err = fmt.Errorf("%w: more was refunded than captured", ErrMismatch)
	}
	if err == nil {
		err = bookRefund(tx, p, f)
	}
	if err == nil {
		e := s.entry(p, "payment.refunded", audit.Done, string(f.Reason))
		e.Facts = append(e.Facts, audit.Fact{Key: "refund", Int: int64(f.Amount)})
		err = s.audit.Record(tx, e)
	}
	if err == nil {
		err = tx.Emit(Refunded{about(p), f.ID, int64(f.Amount), string(f.Reason)})
	}
	return err
}

func (s *Service) refundFailed(tx *db.Tx, p Payment, f Refund) error {
	err := freeRefund(tx, p.ID, f.Amount)
	if err == nil {
		e := s.entry(p, "payment.refund_refused", audit.Failed, f.Error)
		e.Facts = append(e.Facts, audit.Fact{Key: "refund", Int: int64(f.Amount)})
		err = s.audit.Record(tx, e)
	}
	if err == nil {
		err = tx.Emit(RefundRefused{about(p), f.ID, int64(f.Amount), f.Error})
	}
	return err
}

// syncRefunds brings the provider's list of refunds in: ours that have ended, and those that somebody made at the
// provider's own desk.
func (s *Service) syncRefunds(tx *db.Tx, p Payment, ses Session) error {
	if len(ses.Refunds) == 0 {
		return nil
	}
	if err := lockPayment(tx, p.ID); err != nil {
		return err
	}
	mine, err := refundsOf(tx, p.ID)
	if err != nil {
		return err
	}
	for _, a := range ses.Refunds[:min(len(ses.Refunds), MaxRefunds)] {
		if err := s.syncRefund(tx, p, mine, a); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) syncRefund(tx *db.Tx, p Payment, mine []Refund, a RefundAnswer) error {
	for _, f := range mine {
		if (a.Key != "" && a.Key == f.Key) || (a.Ref != "" && a.Ref == f.Ref) {
			if f.State == refundDone || f.State == refundFailed || a.Amount != f.Amount {
				return nil
			}
			return s.settleRefund(tx, p, f, a)
		}
	}
	if a.Status != RefundDone || a.Ref == "" || a.Amount <= 0 {
		return nil
	}
	f := Refund{ID: tx.NewID(), Payment: p.ID, Ask: "outside/" + a.Ref, Amount: a.Amount, Reason: outsideDesk, Ref: a.Ref,
		State: refundDone, Made: tx.Now(), Ended: tx.Now()}
	fresh, err := insertRefund(tx, f)
	if err != nil || !fresh {
		return err
	}
	return s.refundDone(tx, p, f, true)
}
