package order

import (
	"context"
	"strconv"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/guard/access"
	"strongroom/shop/fraud"
	"strongroom/shop/payment"
)

// Reasons of orders that are paid where they are picked up.
const (
	BecauseCounter      Reason = "pay_at_pickup" // goods are prepared though nothing is paid
	BecauseHandedOver   Reason = "handed_over"   // and paid in the same act
	BecauseNotCollected Reason = "not_collected"
)

// AtCounter says that an order is prepared before it is paid, because it is paid where it is picked up.
func (o Order) AtCounter() bool { return o.State == PaymentPending && o.Parcel != NothingToSend }

// StateKey is the message key of how an order stands.
func (o Order) StateKey() string {
	if o.AtCounter() {
		return "order.state_counter"
	}
	return "order.state_" + o.State.String()
}

// StepKey is the message key of a step of the order's goods: what is picked up is not sent, it lies ready.
func (o Order) StepKey(p Parcel) string {
	if o.PickUp && p == Sent {
		return "order.parcel_ready"
	}
	return "order.parcel_" + p.String()
}

// prepare has the goods of such an order prepared.
func (s *Service) prepare(tx *db.Tx, o *Order, who access.Actor) error {
	return s.moveParcel(tx, o, ToSend, BecauseCounter, who, id.ID{})
}

// handedOver ends an order whose goods were handed over and paid in one act: nothing is left to send, and the time for
// withdrawal begins.
func (s *Service) handedOver(tx *db.Tx, o *Order, who access.Actor) error {
	if err := sendRest(tx, o.ID); err != nil {
		return err
	}
	if err := endAssignment(tx, o.ID, "sent"); err != nil {
		return err
	}
	if err := s.moveParcel(tx, o, Delivered, BecauseHandedOver, who, id.ID{}); err != nil {
		return err
	}
	return setDelivered(tx, o.ID, tx.Now())
}

// uncollected has the goods of an order stay that nobody picked up. Whoever ended its wait closes the order; should that
// not happen, its time to pay is over now, and the next look does it.
func (s *Service) uncollected(tx *db.Tx, o Order, p payment.Payment, who access.Actor) error {
	if s.d.Fraud != nil && o.Parcel == Sent { // she was told that it lies ready
		if _, err := s.d.Fraud.Tell(tx, o.ID, fraud.Nothing, false, fraud.Signals{}); err != nil {
			return err
		}
	}
	if err := unsend(tx, o.ID); err != nil {
		return err
	}
	if err := endAssignment(tx, o.ID, "taken_away"); err != nil {
		return err
	}
	if err := s.moveParcel(tx, &o, NothingToSend, BecauseNotCollected, who, id.ID{}); err != nil {
		return err
	}
	if err := s.move(tx, &o, AwaitingPayment, BecauseNotCollected, who); err != nil {
		return err
	}
	return s.hold(tx, o, p.ID, tx.Now())
}

// keptReady gives the buyer the whole time from the moment on at which everything lies ready.
func (s *Service) keptReady(tx *db.Tx, o Order) error {
	p, err := s.d.Payment.GetTx(tx, o.Payment)
	if err != nil {
		return err
	}
	until := tx.Now().Add(s.d.Payment.Hold(p.Provider))
	if !until.After(o.PayUntil) {
		return nil
	}
	return s.hold(tx, o, o.Payment, until)
}

// unpaid asks the defence before goods are kept for days though nothing is paid. Of each good whoever is new here may keep
// no more than leaves half of it for those who pay at once: otherwise empty shelves would cost nothing.
func (s *Service) unpaid(tx *db.Tx, o Order, payment id.ID) error {
	if s.d.Fraud == nil || payment.IsZero() {
		return nil
	}
	p, err := s.d.Payment.GetTx(tx, payment)
	if err != nil {
		return err
	}
	if d, ok := s.d.Payment.Described(p.Provider); !ok || !d.Offline {
		return nil
	}
	newcomer, err := s.d.Fraud.Unpaid(tx, o.ID)
	if err != nil || !newcomer {
		return err
	}
	held, err := s.d.Stock.Reserved(tx, o.ID)
	for _, h := range held {
		if err != nil {
			return err
		}
		l, lerr := s.d.Stock.LevelTx(tx, h.Variant)
		if err = lerr; err == nil && l.Reserved > (l.OnHand+1)/2 {
			err = errUnpaidShare
		}
	}
	return err
}

var errUnpaidShare = fault.New(fault.Conflict, "order.unpaid_share")

// RemindToCollect writes to the buyers of orders that are to be picked up and end soon: a day before the end, or after half
// of the time if that is less than two days. It is a periodic job.
func (s *Service) RemindToCollect(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "order: remind to collect")
	return s.write(ctx, func(tx *db.Tx) error {
		list, err := toCollect(tx, tx.Now().Add(soonOver), sweepBatch)
		for _, o := range list {
			if err != nil {
				return err
			}
			err = s.remindToCollect(tx, o)
		}
		return err
	})
}

// soonOver is how long before its end a buyer is reminded.
const soonOver = 24 * time.Hour

func (s *Service) remindToCollect(tx *db.Tx, o Order) error {
	p, err := s.d.Payment.GetTx(tx, o.Payment)
	if err != nil {
		return err
	}
	if left := o.PayUntil.Sub(tx.Now()); left > min(soonOver, s.d.Payment.Hold(p.Provider)/2) {
		return nil
	}
	// The key is the end: an order that is given more time is told of the new one, and of each only once.
	_, err = s.d.Jobs.Enqueue(tx, job.Job{Kind: "letter." + string(LetterCollect), Key: o.ID.String() + "." + strconv.FormatInt(o.PayUntil.Unix(), 10),
		Args: Letter{Kind: LetterCollect, Order: o.ID}})
	return err
}

// toCollect are the orders at the counter whose time is over soon.
func toCollect(tx *db.Tx, before time.Time, limit int) ([]Order, error) {
	return db.All(tx, scanOrder, selectHead+`WHERE state = 2 AND parcel > 0 AND pay_until > $1 AND pay_until <= $2 ORDER BY pay_until, id LIMIT $3`,
		clock.Micros(tx.Now()), clock.Micros(before), limit)
}

// sendRest counts everything as sent that was not refunded.
func sendRest(tx *db.Tx, order id.ID) error {
	_, err := tx.Exec(`UPDATE order_line SET sent = quantity - refunded WHERE order_id = $1`, order)
	return err
}

// unsend counts nothing as sent.
func unsend(tx *db.Tx, order id.ID) error {
	_, err := tx.Exec(`UPDATE order_line SET sent = 0 WHERE order_id = $1`, order)
	return err
}
