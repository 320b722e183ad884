package payment

import (
	"context"
	"errors"
	"time"

	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/guard/audit"
)

// holdJob is the kind of the job that carries an act on a held sum to the provider.
const holdJob = "payment.hold"

type holdArgs struct{ Act id.ID }

// runHold carries one act to the provider. It is repeated with the same key until its end is known: whatever died after
// the call finds the same answer, and nothing happens twice.
func (s *Service) runHold(ctx context.Context, a holdArgs) error {
	var h HoldAct
	var p Payment
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		var ok bool
		if h, ok, err = holdByID(tx, a.Act); err != nil || !ok {
			return err
		}
		p, err = s.GetTx(tx, h.Payment)
		return err
	})
	switch {
	case err != nil || h.State != HoldAsked:
		return err
	case p.State != Authorised:
		return s.endHold(ctx, p, h, string(p.State))
	}
	ses, err := s.callHold(ctx, p, h)
	refused := errors.Is(err, ErrDeclined)
	if refused { // the sum may not be held any more, or be taken already: where is it?
		ses, err = s.fetch(ctx, p, jobLimit)
	}
	if err != nil {
		s.failed(ctx, p, "payment."+h.kind(), err)
		return err
	}
	if p, err = s.settle(ctx, p, ses, h.kind()); err != nil {
		return err
	}
	switch {
	case p.State != Authorised:
		return s.endHold(ctx, p, h, string(p.State))
	case refused:
		return s.endHold(ctx, p, h, "declined")
	}
	return errOpen
}

func (s *Service) callHold(ctx context.Context, p Payment, h HoldAct) (Session, error) {
	g, err := s.gateway(ctx, p)
	if err != nil {
		return Session{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, jobLimit)
	defer cancel()
	if h.Capture {
		return g.Capture(ctx, h.Key, p.Ref, h.Amount)
	}
	return g.Void(ctx, h.Key, p.Ref)
}

// conclude writes how the open act on a held sum ended, in the transaction that moves its payment. What is the name of
// what differs, if another sum was captured than was asked for.
func (s *Service) conclude(tx *db.Tx, p Payment, next State, ses Session) (what string, err error) {
	h, ok, err := newestHold(tx, p.ID)
	if err != nil || !ok || h.State != HoldAsked {
		return "", err
	}
	if h.Capture && next == Paid && ses.Captured != h.Amount {
		return "captured", nil
	}
	h.State, h.Ended = HoldFailed, tx.Now()
	if h.Capture == (next == Paid) && next != Mismatch {
		h.State = HoldDone
	} else {
		h.Error = string(next)
	}
	_, err = moveHold(tx, h)
	return "", err
}

// endHold gives up an act that has nothing left to be done with: the payment stands elsewhere, or the provider refuses.
// What was concluded with the payment's move stays as it is.
func (s *Service) endHold(ctx context.Context, p Payment, h HoldAct, why string) error {
	return s.db.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		h.State, h.Error, h.Ended = HoldFailed, why, tx.Now()
		moved, err := moveHold(tx, h)
		if err != nil || !moved {
			return err
		}
		e := s.entry(p, "payment."+h.kind()+"_refused", audit.Failed, why)
		e.Facts = append(e.Facts, audit.Fact{Key: "take", Int: int64(h.Amount)})
		if err := s.audit.Record(tx, e); err != nil {
			return err
		}
		return tx.Emit(HoldRefused{about(p), h.kind(), int64(h.Amount), why})
	})
}

func (h HoldAct) kind() string {
	if h.Capture {
		return kindCapture
	}
	return kindVoid
}

// tidyHolds takes up acts whose job was buried.
func (s *Service) tidyHolds(ctx context.Context) error {
	var old []id.ID
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) { old, err = oldHolds(tx, tx.Now().Add(-12*time.Hour), 50); return err })
	for _, v := range old {
		if herr := s.runHold(ctx, holdArgs{v}); herr != nil {
			s.log.Warn("an old act on a held sum is still open", "act", v, "error", herr)
		}
	}
	return err
}
