package order

import (
	"context"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/shop/payment"
)

// Cancel closes an order that nobody has paid, for the shop: because a piece broke, or the order is a joke. The provider
// closes its sessions first; if money came meanwhile, the order is paid and Cancel refuses. A held sum is let go first.
func (s *Service) Cancel(ctx context.Context, number string, who access.Actor) (err error) {
	defer fault.Wrap(&err, "order: cancel")
	o, err := s.forStaff(ctx, who, access.OrderCancel, "order.cancel", number)
	if err != nil {
		return err
	}
	if o.State == Authorised {
		return s.settleHold(ctx, o.ID, who, false, func(tx *db.Tx, o Order) (plan, error) { return s.cancelHeld(tx, o, who) })
	}
	if !o.State.Open() {
		return errNotOpen
	}
	open, err := s.closeSessions(ctx, o.ID)
	if err != nil {
		return err
	}
	if open {
		return errPending
	}
	return s.write(ctx, func(tx *db.Tx) error { return s.cancel(tx, o.ID, who) })
}

var errNotOpen = fault.New(fault.Conflict, "order.not_open")

func (s *Service) cancel(tx *db.Tx, order id.ID, who access.Actor) error {
	o, err := byID(tx, order)
	if err != nil {
		return err
	}
	if !o.State.Open() {
		return errNotOpen
	}
	if err := s.giveUp(tx, &o, Cancelled, BecauseStaff, who); err != nil {
		return err
	}
	return s.letter(tx, Letter{Kind: LetterCancelled, Order: o.ID})
}

// giveUp closes an order that was not paid: goods and discount codes are free again, the cart is open again. The caller
// knows that no session of it can be paid.
func (s *Service) giveUp(tx *db.Tx, o *Order, to State, why Reason, who access.Actor) error {
	if err := s.move(tx, o, to, why, who); err != nil {
		return err
	}
	if err := s.cameToNothing(tx, o.ID, to); err != nil {
		return err
	}
	if err := payment.ReverseSale(tx, o.ID); err != nil {
		return err
	}
	if err := s.d.Stock.Release(tx, o.ID); err != nil {
		return err
	}
	if err := s.d.Price.Unredeem(tx, o.ID); err != nil {
		return err
	}
	return s.d.Cart.Reopen(tx, o.ID)
}
