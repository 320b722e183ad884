package order

import (
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/shop/payment"
	"strongroom/shop/stock"
)

// heldRetry is how long an order can be paid again whose held sum is held no more.
const heldRetry = 72 * time.Hour

// held takes an order up whose sum is held: it can be packed, and it is not paid. Its goods stay reserved, so that they
// can wait for another payment if the hold ends.
func (s *Service) held(tx *db.Tx, o Order, p payment.Payment, who access.Actor) error {
	if !p.Manual { // approved, and captured at once
		return s.stillSetAside(tx, o)
	}
	if !o.State.Open() || p.Late {
		return payment.ErrLetGo
	}
	o.Payment, o.PayUntil = p.ID, p.HeldUntil
	if err := s.hold(tx, o, p.ID, p.HeldUntil); err != nil {
		return err
	}
	if err := s.d.Cart.Spend(tx, o.ID); err != nil {
		return err
	}
	if err := s.move(tx, &o, Authorised, BecauseHeld, who); err != nil {
		return err
	}
	if err := s.moveParcel(tx, &o, ToSend, BecauseHeld, who, id.ID{}); err != nil {
		return err
	}
	if err := s.tell(tx, o, p.ID); err != nil {
		return err
	}
	if err := s.warnOwner(tx, o, p); err != nil {
		return err
	}
	return payment.ErrKeep
}

// stillSetAside is the look at the stock before an approved sum is taken: an order that is over, or whose goods are not set
// aside for it any more, is not paid for. Nothing has been taken then, and nothing has to go back.
func (s *Service) stillSetAside(tx *db.Tx, o Order) error {
	if !o.State.Open() {
		return payment.ErrLetGo
	}
	err := s.d.Stock.Extend(tx, o.ID, o.PayUntil)
	if fault.Is(err, fault.NotFound) {
		return payment.ErrLetGo
	}
	return err
}

// warnOwner has the owner told before a hold ends: two days before, or after two thirds of a shorter one.
func (s *Service) warnOwner(tx *db.Tx, o Order, p payment.Payment) error {
	if p.HeldUntil.IsZero() {
		return nil
	}
	span := p.HeldUntil.Sub(tx.Now())
	_, err := s.d.Jobs.Enqueue(tx, job.Job{Kind: "letter." + string(LetterOwnerHold), Key: p.ID.String(),
		Args: Letter{Kind: LetterOwnerHold, Order: o.ID, Payment: p.ID}, At: p.HeldUntil.Add(-min(48*time.Hour, span/3))})
	return err
}

// taken makes a held order a paid one. What was not taken is let go: the order owes that much less, and the pieces that it
// was for are not sent.
func (s *Service) taken(tx *db.Tx, o Order, p payment.Payment, who access.Actor) error {
	if err := s.d.Stock.Commit(tx, o.ID); err != nil {
		return err
	}
	rest := o.Total - p.Captured
	if rest > 0 {
		if err := s.letRest(tx, &o, p, rest); err != nil {
			return err
		}
	}
	if err := s.move(tx, &o, Paid, BecauseTaken, who); err != nil {
		return err
	}
	return s.letter(tx, Letter{Kind: LetterTaken, Order: o.ID, Payment: p.ID})
}

// letRest books what is not taken, with the plan that was made for it; a sum that was captured at the provider's own desk
// has none, and only lowers the price.
func (s *Service) letRest(tx *db.Tx, o *Order, p payment.Payment, rest money.Amount) error {
	pl, ok, err := s.carried(tx, p)
	if err != nil {
		return err
	}
	if !ok {
		pl = plan{tax: shareOfTax(rest, *o)}
	}
	if err := payment.BookLetGo(tx, p, rest, pl.tax); err != nil {
		return err
	}
	if err := setLetGo(tx, o.ID, rest); err != nil {
		return err
	}
	o.LetGo = rest
	all, err := linesOf(tx, o.ID)
	if err != nil {
		return err
	}
	variant := map[int]id.ID{}
	for _, l := range all {
		variant[l.Position] = l.Variant
	}
	var back []stock.Want
	for _, l := range pl.rest {
		if ok, err := refundPieces(tx, o.ID, l.Pieces); err != nil || !ok {
			return lostTo(err, errMoved)
		}
		back = append(back, stock.Want{Variant: variant[l.Position], Quantity: l.Quantity})
	}
	if len(back) == 0 {
		return nil
	}
	return s.d.Stock.Restock(tx, o.ID, back)
}

func lostTo(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// carried is the plan whose act the provider has confirmed.
func (s *Service) carried(tx *db.Tx, p payment.Payment) (pl plan, ok bool, err error) {
	act, ok, err := s.d.Payment.HoldTx(tx, p.ID)
	if err != nil || !ok || act.State != payment.HoldDone {
		return pl, false, err
	}
	list, err := plansOf(tx, p.Order)
	for _, x := range list {
		if x.key() == act.Ask {
			x.rest, err = restOf(tx, x.id)
			return x, err == nil, err
		}
	}
	return pl, false, err
}

// heldNoMore ends the holding of an order's sum: it is cancelled if that was why, and waits for a payment again otherwise.
func (s *Service) heldNoMore(tx *db.Tx, o Order, p payment.Payment, who access.Actor) error {
	pl, _, err := s.carried(tx, p)
	if err != nil {
		return err
	}
	why := BecauseHoldEnded
	switch pl.kind {
	case planRelease:
		why = BecauseReleased
	case planCancel:
		why = BecauseStaff
	}
	if err := endAssignment(tx, o.ID, "taken_away"); err != nil {
		return err
	}
	if err := s.moveParcel(tx, &o, NothingToSend, why, who, id.ID{}); err != nil {
		return err
	}
	if pl.kind == planCancel {
		if err := s.giveUp(tx, &o, Cancelled, BecauseStaff, who); err != nil {
			return err
		}
		return s.letter(tx, Letter{Kind: LetterCancelled, Order: o.ID, Payment: p.ID})
	}
	if err := s.move(tx, &o, AwaitingPayment, why, who); err != nil {
		return err
	}
	o.PayUntil = tx.Now().Add(heldRetry)
	if err := s.hold(tx, o, p.ID, o.PayUntil); err != nil {
		return err
	}
	return s.letter(tx, Letter{Kind: LetterHoldEnded, Order: o.ID, Payment: p.ID})
}

// cancelHeld has the held sum of an order let go, and the order cancelled with it.
func (s *Service) cancelHeld(tx *db.Tx, o Order, who access.Actor) (plan, error) {
	return plan{kind: planCancel}, s.entry(tx, who, "order.cancel", o, "")
}
