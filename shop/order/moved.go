package order

import (
	"fmt"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/shop/payment"
	"strongroom/shop/stock"
)

// move takes an order from one state to another, if the table allows it for that reason, and leaves a row, an audit
// entry and an event. It is the only way to another state.
func (s *Service) move(tx *db.Tx, o *Order, to State, why Reason, who access.Actor) error {
	if !allowed(o.State, to, why) {
		return fmt.Errorf("order: %s may not become %s because of %s", o.State, to, why)
	}
	if err := setState(tx, *o, to); err != nil {
		return err
	}
	m := Move{From: o.State, To: to, Reason: why, Actor: actorName(who), At: tx.Now()}
	if err := insertMove(tx, o.ID, m); err != nil {
		return err
	}
	err := s.d.Audit.Record(tx, audit.Entry{Actor: who, Action: "order.move", Object: "order", ObjectID: o.ID,
		Outcome: audit.Done, Facts: []audit.Fact{{Key: "from", Text: o.State.String()}, {Key: "to", Text: to.String()},
			{Key: "reason", Text: string(why)}}})
	if err != nil {
		return err
	}
	from := o.State
	o.State = to
	return tx.Emit(OrderMoved{Order: o.ID, From: from.String(), To: to.String(), Reason: string(why)})
}

// PaymentMoved is told of every move of a payment, in the transaction that makes it. The payment service has compared
// amount, currency, reference and account with what the provider says; here it is decided what follows for the order.
func (s *Service) PaymentMoved(tx *db.Tx, p payment.Payment) (err error) {
	defer fault.Wrap(&err, "order: payment moved to %s", p.State)
	o, err := byID(tx, p.Order)
	if err != nil {
		return err
	}
	if err := s.settledFor(tx, o, p); err != nil {
		return err
	}
	who := access.Provider(p.Provider)
	switch p.State {
	case payment.Authorised:
		return s.held(tx, o, p, who)
	case payment.Pending:
		return s.pending(tx, o, p, who)
	case payment.Paid:
		return s.money(tx, o, p, who)
	case payment.Declined, payment.Expired, payment.Voided:
		return s.noMoney(tx, o, p, who)
	}
	return nil // opened: nothing changes for the order
}

// pending waits for money that is on its way. The goods stay reserved for that time.
func (s *Service) pending(tx *db.Tx, o Order, p payment.Payment, who access.Actor) error {
	if o.State != AwaitingPayment {
		return nil
	}
	life := s.d.Payment.Hold(p.Provider)
	if life == 0 {
		life = pendingLife
	}
	until := tx.Now().Add(life)
	if err := s.hold(tx, o, p.ID, until); err != nil {
		return err
	}
	why := BecausePending
	d, _ := s.d.Payment.Described(p.Provider)
	if d.Counter {
		why = BecauseCounter
	}
	if err := s.move(tx, &o, PaymentPending, why, who); err != nil {
		return err
	}
	if d.Counter {
		if err := s.prepare(tx, &o, who); err != nil {
			return err
		}
	}
	return s.tell(tx, o, p.ID)
}

// hold keeps the goods reserved and the payment in place until then.
func (s *Service) hold(tx *db.Tx, o Order, payment id.ID, until time.Time) error {
	if err := setPayment(tx, o, payment, until); err != nil {
		return err
	}
	return s.d.Stock.Extend(tx, o.ID, until)
}

// money decides what becomes of money that came.
func (s *Service) money(tx *db.Tx, o Order, p payment.Payment, who access.Actor) error {
	switch {
	case o.State == Authorised && o.Payment == p.ID:
		return s.taken(tx, o, p, who)
	case o.State != Paid && (p.Captured != o.Total || p.Currency != o.Currency):
		return s.sendBack(tx, o, p, who, "other_sum") // a part, captured by hand at the provider's own desk
	case o.State.Open():
		if err := s.closeOthers(tx, o, p.ID); err != nil {
			return err
		}
		o.Payment = p.ID
		if o.AtCounter() {
			return s.settle(tx, o, BecauseHandedOver, who)
		}
		return s.settle(tx, o, BecausePaid, who)
	case o.State == Expired:
		return s.late(tx, o, p, who)
	case o.State.Settled() && o.Payment == p.ID:
		return nil // told before
	}
	return s.sendBack(tx, o, p, who, "not_owed") // paid twice, or cancelled
}

// settle makes an order a paid one: its goods leave the stock, its cart is spent, its buyer is told.
func (s *Service) settle(tx *db.Tx, o Order, why Reason, who access.Actor) error {
	if err := setPayment(tx, o, o.Payment, o.PayUntil); err != nil {
		return err
	}
	if err := s.d.Stock.Commit(tx, o.ID); err != nil {
		return err
	}
	if err := s.d.Cart.Spend(tx, o.ID); err != nil {
		return err
	}
	if err := s.move(tx, &o, Paid, why, who); err != nil {
		return err
	}
	var err error
	if why == BecauseHandedOver {
		err = s.handedOver(tx, &o, who)
	} else {
		err = s.moveParcel(tx, &o, ToSend, why, who, id.ID{})
	}
	if err != nil {
		return err
	}
	return s.tell(tx, o, o.Payment)
}

// late takes an order up again whose money came after it was closed, if the goods are still there; otherwise the money
// goes back. Either way somebody is told: late money means that a provider and the store disagreed for a while.
func (s *Service) late(tx *db.Tx, o Order, p payment.Payment, who access.Actor) error {
	err := s.d.Stock.ReserveAgain(tx, o.ID, tx.Now().Add(s.d.Session))
	if stock.Short(err) != nil {
		// What could be reserved before the shortage showed is given back in the same breath.
		if err := s.d.Stock.Release(tx, o.ID); err != nil {
			return err
		}
		return s.sendBack(tx, o, p, who, "sold_meanwhile")
	}
	if err != nil {
		return err
	}
	if err := s.d.Price.Reinstate(tx, o.ID); err != nil {
		return err
	}
	if err := payment.RenewSale(tx, o.ID); err != nil {
		return err
	}
	o.Payment = p.ID
	if err := s.settle(tx, o, BecauseLate, who); err != nil {
		return err
	}
	return tx.Emit(LateMoney{Order: o.ID, Payment: p.ID, Outcome: "reserved_again"})
}

// sendBack refunds money that is not owed, in the same transaction, with a mail and an alarm.
func (s *Service) sendBack(tx *db.Tx, o Order, p payment.Payment, who access.Actor, why string) error {
	reason, kind := payment.ForLate, LetterLateRefund
	if o.State.Settled() {
		reason, kind = payment.ForDuplicate, LetterDoubleRefund
	}
	_, err := s.d.Payment.RefundTx(tx, payment.Ask{Payment: p.ID, Key: "order.sent_back", Amount: p.Captured, Reason: reason,
		Actor: access.System("order")})
	if err != nil {
		return err
	}
	err = s.d.Audit.Record(tx, audit.Entry{Actor: who, Action: "order.late_money", Object: "order", ObjectID: o.ID,
		Outcome: audit.Done, Facts: []audit.Fact{{Key: "reason", Text: why}, {Key: "amount", Int: int64(p.Captured)}}})
	if err != nil {
		return err
	}
	if allowed(o.State, Refunded, BecauseSentBack) {
		if err := s.move(tx, &o, Refunded, BecauseSentBack, who); err != nil {
			return err
		}
	}
	if err := s.letter(tx, Letter{Kind: kind, Order: o.ID, Payment: p.ID}); err != nil {
		return err
	}
	return tx.Emit(LateMoney{Order: o.ID, Payment: p.ID, Outcome: "sent_back"})
}

// noMoney ends a payment that came to nothing. While there is time, the buyer may try again.
func (s *Service) noMoney(tx *db.Tx, o Order, p payment.Payment, who access.Actor) error {
	if o.State == Authorised && o.Payment == p.ID {
		return s.heldNoMore(tx, o, p, who)
	}
	if !o.State.Open() || o.Payment != p.ID {
		return nil
	}
	if o.AtCounter() {
		return s.uncollected(tx, o, p, who)
	}
	if o.State == PaymentPending {
		if err := s.move(tx, &o, AwaitingPayment, BecauseFailed, who); err != nil {
			return err
		}
		o.PayUntil = tx.Now().Add(retryLife)
		if err := s.hold(tx, o, p.ID, o.PayUntil); err != nil {
			return err
		}
	}
	if !tx.Now().Before(o.PayUntil) {
		return s.expire(tx, o)
	}
	if p.State == payment.Declined {
		return s.letter(tx, Letter{Kind: LetterFailed, Order: o.ID, Payment: p.ID})
	}
	return nil
}

// closeOthers has the other sessions of the order closed once one of them was paid.
func (s *Service) closeOthers(tx *db.Tx, o Order, paid id.ID) error {
	list, err := s.d.Payment.OfOrderTx(tx, o.ID)
	if err != nil {
		return err
	}
	for _, p := range list {
		if p.ID != paid && p.State.Active() {
			_, err := s.d.Jobs.Enqueue(tx, job.Job{Kind: "order.close_payments", Key: o.ID.String(), Args: closeArgs{Order: o.ID}})
			return err
		}
	}
	return nil
}

type closeArgs struct{ Order id.ID }
