package order

import (
	"context"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/shop/payment"
)

// What is to become of a held sum. The words are stored.
const (
	planShip    = "ship"    // taken, because goods leave
	planTake    = "take"    // taken by hand
	planRelease = "release" // let go; the order can be paid again
	planCancel  = "cancel"  // let go, and the order with it
)

// plan is what follows for an order when the provider has confirmed what was asked to be done with its held sum.
type plan struct {
	id, order, payment id.ID
	kind               string
	amount             money.Amount // that is taken
	tax                money.Amount // within what is not taken
	actor              string
	rest               []quoteLine // pieces that will not be sent, with what is let go for them
}

var (
	errTaking    = fault.New(fault.Conflict, "order.capture_open")
	errNotTaken  = fault.New(fault.Conflict, "order.capture_declined")
	errHoldGone  = fault.New(fault.Conflict, "order.hold_gone")
	errLettingGo = fault.New(fault.Conflict, "order.release_open")
	errPartHeld  = fault.New(fault.Conflict, "order.ship_part_held")
)

// key is the payment's key for the plan.
func (p plan) key() string { return "order." + p.id.String() }

// Capture takes the held sum of an order before its goods leave: all of it for the zero amount, or a part, and then the
// rest is let go for good. The goods are sent as those of any paid order.
func (s *Service) Capture(ctx context.Context, who access.Actor, number string, amount money.Amount, seen *int64) (err error) {
	defer fault.Wrap(&err, "order: take a held sum")
	o, err := s.forStaff(ctx, who, access.OrderCapture, "order.capture", number)
	if err != nil {
		return err
	}
	return s.settleHold(ctx, o.ID, who, true, func(tx *db.Tx, o Order) (p plan, err error) {
		if err := sameSince(tx, o.ID, seen, 0); err != nil {
			return p, err
		}
		p = plan{kind: planTake, amount: amount}
		switch {
		case amount == 0:
			p.amount = o.Total
		case amount < 0 || amount > o.Total:
			return p, fault.New(fault.Invalid, "order.capture_invalid").WithField("take", "order.capture_invalid", nil)
		default:
			p.tax = shareOfTax(o.Total-amount, o)
		}
		return p, s.entry(tx, who, "order.capture", o, "", audit.Fact{Key: "amount", Int: int64(p.amount)})
	})
}

// LetGo lets the held sum of an order go. The order waits for a payment again, and its buyer is told.
func (s *Service) LetGo(ctx context.Context, who access.Actor, number string) (err error) {
	defer fault.Wrap(&err, "order: let a held sum go")
	o, err := s.forStaff(ctx, who, access.OrderCapture, "order.let_go", number)
	if err != nil {
		return err
	}
	return s.settleHold(ctx, o.ID, who, false, func(tx *db.Tx, o Order) (plan, error) {
		return plan{kind: planRelease}, s.entry(tx, who, "order.let_go", o, "")
	})
}

// takeFor takes the held sum of an order whose goods are about to leave. Nil means that the order is paid now, or was not
// held any more; otherwise nothing may leave, and the fault says why.
func (s *Service) takeFor(ctx context.Context, who access.Actor, o Order, d *Dispatch) error {
	err := s.settleHold(ctx, o.ID, who, true, func(tx *db.Tx, o Order) (p plan, err error) {
		if err := sameSince(tx, o.ID, d.Seen, 0); err != nil {
			return p, err
		}
		if err := s.looked(tx, o); err != nil {
			return p, err
		}
		if p, err = s.planShip(tx, o, d.Lines); err != nil {
			return p, err
		}
		if len(p.rest) > 0 && !d.LetGo {
			return p, errPartHeld
		}
		if len(p.rest) > 0 && !who.May(access.OrderCapture) {
			return p, fault.New(fault.Forbidden, "order.part_needs_right")
		}
		return p, s.entry(tx, who, "order.capture", o, "", audit.Fact{Key: "amount", Int: int64(p.amount)})
	})
	d.Seen = nil // what the page saw was compared just now; the order has moved by this very act
	return err
}

// planShip computes what is taken when pieces leave: their price and the delivery. Nil wants are all of it.
func (s *Service) planShip(tx *db.Tx, o Order, wants []Pieces) (p plan, err error) {
	p = plan{kind: planShip, amount: o.Total}
	if wants == nil {
		return p, nil
	}
	leaving := map[int]int64{}
	for _, w := range wants {
		leaving[w.Position] += w.Quantity
	}
	lines, err := linesOf(tx, o.ID)
	if err != nil {
		return p, err
	}
	var q quote
	var n int64
	for _, l := range lines {
		leaves := leaving[l.Position]
		if delete(leaving, l.Position); leaves > l.Quantity {
			return p, fault.New(fault.Conflict, "order.too_many_pieces").WithField("lines", "order.too_many_pieces", nil)
		}
		if n += leaves; leaves == l.Quantity {
			continue
		}
		if err := q.add(l, Pieces{l.Position, l.Quantity - leaves}, 0); err != nil {
			return p, err
		}
	}
	if len(leaving) > 0 || n == 0 {
		return p, fault.New(fault.Malformed, "order.pieces_invalid")
	}
	p.rest, p.tax, p.amount = q.Lines, q.Tax, o.Total-q.Amount
	return p, nil
}

// settleHold asks for an act on the held sum of an order, or finds the one that is under way, and waits two seconds for
// its end. Nil means that it came as it was wanted.
func (s *Service) settleHold(ctx context.Context, order id.ID, who access.Actor, take bool, decide func(tx *db.Tx, o Order) (plan, error)) error {
	var act payment.HoldAct
	var gone, paid bool
	err := s.write(ctx, func(tx *db.Tx) (err error) {
		o, err := byID(tx, order)
		if err != nil {
			return err
		}
		if gone, paid = o.State != Authorised, o.State.Settled(); gone {
			return nil
		}
		act, err = s.askHold(tx, o, who, take, decide)
		return err
	})
	switch {
	case err != nil:
		return err
	case gone && take && paid:
		return nil // somebody else was quicker
	case gone:
		return errHoldGone
	}
	act, p, err := s.d.Payment.Finish(ctx, act)
	switch {
	case err != nil:
		return err
	case act.State == payment.HoldDone:
		return nil
	case p.State != payment.Authorised:
		return errHoldGone
	case act.State == payment.HoldFailed:
		return errNotTaken
	case take:
		return errTaking
	}
	return errLettingGo
}

// askHold writes the plan and asks for its act in one transaction. What is under way already goes on instead of it, if it
// is of the same kind.
func (s *Service) askHold(tx *db.Tx, o Order, who access.Actor, take bool, decide func(tx *db.Tx, o Order) (plan, error)) (act payment.HoldAct, err error) {
	old, ok, err := s.d.Payment.HoldTx(tx, o.Payment)
	if err != nil {
		return act, err
	}
	if ok && old.State == payment.HoldAsked {
		switch {
		case old.Capture != take && take:
			return act, errLettingGo
		case old.Capture != take:
			return act, errTaking
		}
		return s.askAct(tx, payment.HoldAsk{Payment: o.Payment, Key: old.Ask, Amount: old.Amount, Actor: access.System("order")}, take)
	}
	p, err := decide(tx, o)
	if err != nil {
		return act, err
	}
	p.id, p.order, p.payment, p.actor = tx.NewID(), o.ID, o.Payment, actorName(who)
	if err := insertPlan(tx, p); err != nil {
		return act, err
	}
	return s.askAct(tx, payment.HoldAsk{Payment: o.Payment, Key: p.key(), Amount: p.amount, Actor: access.System("order")}, take)
}

func (s *Service) askAct(tx *db.Tx, a payment.HoldAsk, take bool) (payment.HoldAct, error) {
	if take {
		return s.d.Payment.CaptureTx(tx, a)
	}
	return s.d.Payment.VoidTx(tx, a)
}
