package payment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"strongroom/base/db"
	"strongroom/base/job"
	"strongroom/guard/audit"
)

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
	f := Refund{ID: tx.NewID(), Payment: p.ID, Ask: "outside/" + a.Ref, Amount: a.Amount, Reason: ForOutside, Ref: a.Ref,
		State: refundDone, Made: tx.Now(), Ended: tx.Now()}
	fresh, err := insertRefund(tx, f)
	if err != nil || !fresh {
		return err
	}
	return s.refundDone(tx, p, f, true)
}
