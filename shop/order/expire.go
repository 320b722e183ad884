package order

import (
	"context"
	"errors"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/shop/payment"
)

// ExpireDue closes the orders whose time to pay is over. An order is closed, and its goods are free again, only after
// the provider has confirmed for each of its sessions that nobody can pay it any more.
func (s *Service) ExpireDue(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "order: expire")
	for {
		var list []Order
		if err := s.read(ctx, func(tx *db.Tx) (err error) { list, err = due(tx, sweepBatch); return err }); err != nil {
			return err
		}
		for _, o := range list {
			if err := s.expireOne(ctx, o); err != nil {
				s.log.Warn("an order stays open past its time: its payment could not be closed", "order", o.ID, "error", err)
				if err := s.postpone(ctx, o); err != nil {
					return err
				}
			}
		}
		if len(list) < sweepBatch {
			return ctx.Err()
		}
	}
}

// postpone puts an order behind the others whose time is over, so that one provider that is away holds up nobody else's
// orders. Its goods stay reserved.
func (s *Service) postpone(ctx context.Context, o Order) error {
	err := s.write(ctx, func(tx *db.Tx) error { return s.hold(tx, o, o.Payment, tx.Now().Add(postponed)) })
	if errors.Is(err, errMoved) {
		return nil // paid meanwhile
	}
	return err
}

func (s *Service) expireOne(ctx context.Context, o Order) error {
	open, err := s.closeSessions(ctx, o.ID)
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *db.Tx) error {
		o, err := byID(tx, o.ID)
		if err != nil || !o.State.Open() || tx.Now().Before(o.PayUntil) {
			return err // closed, paid or given more time meanwhile
		}
		if open { // the provider still waits for the money: so does the store, and asks again tomorrow
			return s.hold(tx, o, o.Payment, tx.Now().Add(askAgain))
		}
		return s.expire(tx, o)
	})
}

// closeSessions asks the provider to close every session of the order that can still be paid, and says whether one
// stays open because money is on its way.
func (s *Service) closeSessions(ctx context.Context, order id.ID) (open bool, err error) {
	list, err := s.d.Payment.OfOrder(ctx, order)
	if err != nil {
		return false, err
	}
	for _, p := range list {
		if !p.State.Active() {
			continue
		}
		q, err := s.d.Payment.Expire(ctx, p.ID)
		if err != nil {
			return false, err
		}
		open = open || q.State.Active()
	}
	return open, nil
}

// closePayments closes what is left to pay of an order that is paid already.
func (s *Service) closePayments(ctx context.Context, a closeArgs) error {
	list, err := s.d.Payment.OfOrder(ctx, a.Order)
	if err != nil {
		return err
	}
	for _, p := range list {
		if p.State != payment.Paid && p.State.Active() {
			if _, err := s.d.Payment.Expire(ctx, p.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// expire closes an order that was not paid in time, if no session of it can be paid any more.
func (s *Service) expire(tx *db.Tx, o Order) error {
	list, err := s.d.Payment.OfOrderTx(tx, o.ID)
	if err != nil {
		return err
	}
	for _, p := range list {
		if p.State.Active() {
			return nil // another session of the order is still open: ExpireDue comes back
		}
	}
	if err := s.giveUp(tx, &o, Expired, BecauseExpired, access.System("order")); err != nil {
		return err
	}
	if !o.told {
		return nil // nothing was written so far, and there is nothing to say now
	}
	return s.letter(tx, Letter{Kind: LetterExpired, Order: o.ID})
}

// TellUntold sends the confirmation, with a button to pay, to buyers who have not paid within a few minutes: they may
// have closed the window, and the mail is how they find their order again.
func (s *Service) TellUntold(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "order: tell")
	for {
		var list []Order
		err := s.read(ctx, func(tx *db.Tx) (err error) {
			list, err = untold(tx, tx.Now().Add(-tellAfter), sweepBatch)
			return err
		})
		if err != nil {
			return err
		}
		for _, o := range list {
			if err := s.write(ctx, func(tx *db.Tx) error { return s.tell(tx, o, id.ID{}) }); err != nil {
				return err
			}
		}
		if len(list) < sweepBatch {
			return nil
		}
	}
}

// Sweep removes what has had its time: abandoned drafts with their keys, ended visits, old counters, old requests.
func (s *Service) Sweep(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "order: sweep")
	err = s.write(ctx, func(tx *db.Tx) error {
		now := tx.Now()
		if err := dropEnded(tx); err != nil {
			return err
		}
		if err := dropRenewals(tx, now.Add(-renewalLife)); err != nil {
			return err
		}
		return dropCounts(tx, now.Add(-2*draftLife))
	})
	if err != nil {
		return err
	}
	return s.dropDrafts(ctx)
}
