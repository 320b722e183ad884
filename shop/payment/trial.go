package payment

import (
	"context"
	"errors"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
)

// ForTrial is why a test payment goes back.
const ForTrial Reason = "trial"

// Trial says whether the payment is a test payment of who sets a provider up. Such a payment belongs to no order: it is
// its own.
func (p Payment) Trial() bool { return p.Order == p.ID }

// PrepareTrial writes a test payment at a gateway that need not be switched on. It goes the whole way that a shopper's
// goes, and once the money has come it is given back by itself. w.Order and w.Provider are not looked at.
func (s *Service) PrepareTrial(tx *db.Tx, g Gateway, w Want) (p Payment, err error) {
	defer fault.Wrap(&err, "payment: prepare a test payment")
	w.Order = tx.NewID()
	if p, err = draft(tx, w, g); err != nil {
		return Payment{}, err
	}
	p.ID = p.Order
	wrote, err := insertPayment(tx, p)
	if err == nil && !wrote {
		err = errors.New("payment: a random reference is taken")
	}
	return p, err
}

// trialMoved is who a test payment answers to.
func (s *Service) trialMoved(tx *db.Tx, p Payment) error {
	if p.State != Paid {
		return nil // a held sum is captured, and given back then
	}
	_, err := s.RefundTx(tx, Ask{Payment: p.ID, Key: "trial", Amount: p.Captured, Reason: ForTrial, Actor: access.System("payment")})
	return err
}

// answer tells whoever a payment is for that it moved.
func (s *Service) answer(tx *db.Tx, p Payment) error {
	switch {
	case p.Trial():
		return s.trialMoved(tx, p)
	case s.payee == nil:
		return errors.New("payment: nobody is there to be paid")
	}
	return s.payee.PaymentMoved(tx, p)
}

// Heard says whether a notice about a payment came within an hour after it was made.
func (s *Service) Heard(ctx context.Context, p Payment) (heard bool, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		heard, err = noticedBetween(tx, p.ID, p.Made, p.Made.Add(time.Hour))
		return err
	})
	fault.Wrap(&err, "payment: heard")
	return heard, err
}

// TookLive says whether real money ever came for an order, to whatever account. Test payments of who sets a provider up
// do not count.
func (s *Service) TookLive(ctx context.Context) (took bool, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) { took, err = tookLive(tx); return err })
	fault.Wrap(&err, "payment: real money")
	return took, err
}

// LastRef is the provider's name of the last session that was paid at an account; empty if there is none. Who finds it
// there has keys of that account.
func (s *Service) LastRef(ctx context.Context, provider, account string, mode Mode) (ref string, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) { ref, err = lastPaid(tx, till{provider, account, mode}); return err })
	fault.Wrap(&err, "payment: last session")
	return ref, err
}

// OpenWith counts the payments, refunds and disputes of an account whose end is not known yet: while there are some, its
// keys are needed.
func (s *Service) OpenWith(ctx context.Context, provider, account string, mode Mode) (n int64, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) { n, err = countOpen(tx, provider, account, mode); return err })
	fault.Wrap(&err, "payment: count open payments")
	return n, err
}

// orderOf is the order that an event tells of; none for a test payment.
func orderOf(p Payment) id.ID {
	if p.Trial() {
		return id.ID{}
	}
	return p.Order
}
