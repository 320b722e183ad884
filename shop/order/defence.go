package order

import (
	"context"
	"encoding/binary"
	"net/netip"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/shop/fraud"
	"strongroom/shop/payment"
)

// Buyer is what is known of whoever places an order, beside what she typed.
type Buyer struct {
	From    netip.Addr
	Device  id.Token // of the browser's own cookie; empty if it brought none
	Account id.ID    // of who is signed in
	Method  string   // the provider that she chose to pay with; empty for the first one
}

// assess asks the defence what to make of an order. Orders that cost nothing try no card.
func (s *Service) assess(ctx context.Context, c content, by Buyer) (v fraud.Verdict, err error) {
	if s.d.Fraud == nil || c.totals.Total == 0 {
		return v, nil
	}
	a := fraud.Attempt{Order: c.draft.id, Device: by.Device, Email: c.details.Email, From: by.From, Total: c.totals.Total,
		Delivery: c.details.Delivery.Country, Drafted: madeAt(c.draft.id), Carted: madeAt(c.basket.cart.ID)}
	if c.details.BillingDiffers {
		a.Billing = c.details.Billing.Country
	}
	for _, l := range c.basket.cart.Lines {
		a.Goods = append(a.Goods, l.Variant)
	}
	if !by.Account.IsZero() {
		err = s.read(ctx, func(tx *db.Tx) (err error) { a.Known, err = paidBefore(tx, by.Account); return err })
		if err != nil {
			return v, err
		}
	}
	if v, err = s.d.Fraud.Assess(ctx, a); err != nil || v.Outcome != fraud.Refuse {
		return v, err
	}
	return v, s.d.Fraud.RefuseNow(ctx, c.draft.id, v, access.Guest(c.basket.cart.ID, by.From))
}

// madeAt is when an id was made: its first 48 bits are milliseconds.
func madeAt(v id.ID) time.Time {
	return time.UnixMilli(int64(binary.BigEndian.Uint64(v[:8]) >> 16)).UTC()
}

// guarded writes the case of a new order. One that a person looks at first keeps its goods for longer.
func (s *Service) guarded(tx *db.Tx, o Order, v fraud.Verdict, who access.Actor) error {
	if !v.Guarded() {
		return nil
	}
	if err := s.d.Fraud.Placed(tx, o.ID, v, who); err != nil || v.Outcome != fraud.Hold {
		return err
	}
	may, err := s.d.Fraud.MayHold(tx)
	if err != nil {
		return err
	}
	if may {
		if err := s.hold(tx, o, o.Payment, tx.Now().Add(fraud.HeldFor)); err != nil {
			return err
		}
	}
	return s.tell(tx, o, id.ID{})
}

// gate asks the defence before a payment is prepared for an order that stands already.
func (s *Service) gate(tx *db.Tx, o Order, mailed bool) (p fraud.Pass, err error) {
	if s.d.Fraud == nil {
		return p, nil
	}
	if p, err = s.d.Fraud.Gate(tx, o.ID, fraud.Ask{Mailed: mailed, Cardless: s.cardless(o)}); err != nil || p.Until.IsZero() {
		return p, err
	}
	if err := swapPayment(tx, o, o.Payment, p.Until); err != nil { // never over a payment that a second click began
		return p, err
	}
	return p, s.d.Stock.Extend(tx, o.ID, p.Until)
}

// cardless says whether a way to pay is the shop's own, such as a transfer. Nobody tries out cards by it.
func (s *Service) cardless(o Order) bool {
	for _, d := range s.d.Payment.Providers() {
		if d.Name == o.method || o.method == "" && d.Takes(o.Total, o.PickUp) { // without a choice it is the first
			return d.Offline
		}
	}
	return false
}

// readdressed tells the defence whose address an order has now.
func (s *Service) readdressed(tx *db.Tx, order id.ID, email string) error {
	if s.d.Fraud == nil {
		return nil
	}
	return s.d.Fraud.Readdressed(tx, order, email)
}

// PaymentDisputed tells the defence that a payment was disputed, in the transaction that heard of it, once for each
// dispute.
func (s *Service) PaymentDisputed(tx *db.Tx, order id.ID) (err error) {
	defer fault.Wrap(&err, "order: payment disputed")
	if s.d.Fraud == nil {
		return nil
	}
	return s.d.Fraud.Disputed(tx, order)
}

// TakeStep takes the answer of the riddle that stands before the payment.
func (s *Service) TakeStep(ctx context.Context, visit id.Token, answer string) (err error) {
	defer fault.Wrap(&err, "order: take a step")
	if s.d.Fraud == nil {
		return nil
	}
	o, _, err := s.through(ctx, visit)
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *db.Tx) error {
		return s.d.Fraud.Take(tx, o.ID, answer, access.Guest(o.ID, noOrigin))
	})
}

// Riddle is the riddle of an order that asks for a step; empty if it asks for none.
func (s *Service) Riddle(ctx context.Context, visit id.Token) (riddle string, err error) {
	defer fault.Wrap(&err, "order: riddle")
	v, err := s.Open(ctx, visit)
	if err != nil || v.Stop != fraud.Asked {
		return "", err
	}
	return s.d.Fraud.Riddle(v.ID), nil
}

// MailLink mails the link of an order that asks for a step: who comes through it has taken one, without any script.
func (s *Service) MailLink(ctx context.Context, visit id.Token) (err error) {
	defer fault.Wrap(&err, "order: mail the link")
	o, _, err := s.through(ctx, visit)
	if err != nil || o.State != AwaitingPayment {
		return err
	}
	return s.write(ctx, func(tx *db.Tx) error { return s.tell(tx, o, id.ID{}) })
}

// stopOf says what stands in the way of paying an order.
func (s *Service) stopOf(tx *db.Tx, o Order) (fraud.State, error) {
	if s.d.Fraud == nil || o.State != AwaitingPayment && o.State != Paid && o.State != Authorised {
		return fraud.Clear, nil
	}
	c, ok, err := s.d.Fraud.OfTx(tx, o.ID)
	if err != nil || !ok || c.Ended == fraud.Paid && c.State != fraud.Held {
		return fraud.Clear, err
	}
	return c.State, nil
}

// forgetCase removes what the defence keeps about an order's person.
func (s *Service) forgetCase(tx *db.Tx, order id.ID) error {
	if s.d.Fraud == nil {
		return nil
	}
	return s.d.Fraud.Forget(tx, order)
}

// looked refuses to let goods leave of an order that a person is to look at first.
func (s *Service) looked(tx *db.Tx, o Order) error {
	stop, err := s.stopOf(tx, o)
	if err == nil && stop == fraud.Held {
		err = fault.New(fault.Conflict, "fraud.look_first")
	}
	return err
}

// settledFor tells the defence what became of a session, in the transaction that moves its payment.
func (s *Service) settledFor(tx *db.Tx, o Order, p payment.Payment) (err error) {
	if s.d.Fraud == nil {
		return nil
	}
	end := fraud.Open
	switch p.State {
	case payment.Paid:
		end = fraud.Paid
	case payment.Authorised:
		if !p.Manual || p.Late || !o.State.Open() {
			return nil
		}
		end = fraud.Paid // a bank has agreed to all of it: that tells honest buyers from card testers
	case payment.Declined, payment.Expired, payment.Voided:
	default:
		return nil
	}
	if err := s.d.Fraud.Settled(tx, o.ID); err != nil {
		return err
	}
	_, err = s.d.Fraud.Tell(tx, o.ID, end, p.State == payment.Declined, signals(o, p.Signals))
	return err
}

func signals(o Order, g payment.Signals) fraud.Signals {
	return fraud.Signals{Declines: g.Declines, Country: g.Country, Postcode: g.Postcode, Secured: g.Secured, Delivery: o.Country}
}

// cameToNothing tells the defence that nothing was paid for an order. What somebody cancelled speaks against nobody.
func (s *Service) cameToNothing(tx *db.Tx, order id.ID, to State) (err error) {
	switch {
	case s.d.Fraud == nil:
	case to == Expired:
		_, err = s.d.Fraud.Tell(tx, order, fraud.Nothing, false, fraud.Signals{})
	default:
		err = s.d.Fraud.Closed(tx, order)
	}
	return err
}

// PaymentSeen hears of cards that were declined in a session that is still open. A session in which one card after the
// other is tried is closed; the order can be paid again after an extra step.
func (s *Service) PaymentSeen(ctx context.Context, p payment.Payment, g payment.Signals) (err error) {
	defer fault.Wrap(&err, "order: payment seen")
	if s.d.Fraud == nil {
		return nil
	}
	var o Order
	var news, enough bool
	err = s.read(ctx, func(tx *db.Tx) (err error) {
		if o, err = byID(tx, p.Order); err != nil {
			return err
		}
		news, enough, err = s.d.Fraud.News(tx, o.ID, g.Declines)
		return err
	})
	if err != nil || !news && !enough {
		return err
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		_, err := s.d.Fraud.Tell(tx, o.ID, fraud.Open, false, signals(o, g))
		return err
	})
	if err == nil && enough {
		_, err = s.d.Payment.Expire(ctx, p.ID)
	}
	return err
}

// freed opens an order again that waited for the end of strict times.
func (s *Service) freed(ctx context.Context, e fraud.OrderFreed) (err error) {
	defer fault.Wrap(&err, "order: freed")
	return s.write(ctx, func(tx *db.Tx) error {
		o, err := byID(tx, e.Order)
		if err != nil || o.State != AwaitingPayment {
			return err
		}
		return s.letPay(tx, o)
	})
}

// letPay gives the buyer of an order that was held a day to pay, and tells her.
func (s *Service) letPay(tx *db.Tx, o Order) error {
	if err := s.hold(tx, o, o.Payment, tx.Now().Add(fraud.HeldFor)); err != nil {
		return err
	}
	if err := setToldTrue(tx, o.ID); err != nil {
		return err
	}
	if err := toList(tx, o.ID); err != nil {
		return err
	}
	return s.letter(tx, Letter{Kind: LetterFreed, Order: o.ID})
}

// Release lets an order that the defence holds be paid or, if it was paid, be sent.
func (s *Service) Release(ctx context.Context, who access.Actor, number string) (err error) {
	defer fault.Wrap(&err, "order: release")
	o, err := s.forStaff(ctx, who, access.FraudDecide, "fraud.released", number)
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *db.Tx) error {
		if _, err := s.d.Fraud.Release(tx, who, o.ID); err != nil {
			return err
		}
		o, err := byID(tx, o.ID)
		if err != nil || o.State != AwaitingPayment {
			return err
		}
		return s.letPay(tx, o)
	})
}

// Deny has an order that the defence holds come to nothing: it is cancelled, and what was paid goes back. Money above
// what one person may give back alone waits for a second one, and the order is held until then.
func (s *Service) Deny(ctx context.Context, who access.Actor, number, note string) (r GivenBack, err error) {
	defer fault.Wrap(&err, "order: deny")
	o, err := s.forStaff(ctx, who, access.FraudDecide, "fraud.refused", number)
	if err != nil {
		return r, err
	}
	if err := s.read(ctx, func(tx *db.Tx) error { return s.d.Fraud.Undecided(tx, o.ID) }); err != nil {
		return r, err // from a page that is out of date: nothing is paid back for it
	}
	switch {
	case o.State.Settled():
		if r, err = s.CallOff(ctx, who, number, note); err != nil || !r.Waiting.IsZero() {
			return r, err
		}
	case o.State.Open() || o.State == Authorised:
		if err = s.Cancel(ctx, number, who); err != nil {
			return r, err
		}
	}
	return r, s.write(ctx, func(tx *db.Tx) error {
		_, err := s.d.Fraud.Deny(tx, who, o.ID)
		return err
	})
}

// numbersOf are the numbers and states of orders, for who sees them in a queue.
func (s *Service) numbersOf(tx *db.Tx, list []fraud.Case) ([]HeldOrder, error) {
	out := make([]HeldOrder, 0, len(list))
	for _, c := range list {
		h := HeldOrder{Case: c}
		o, ok, err := perhaps(tx, c.Order)
		if err != nil {
			return nil, err
		}
		if ok {
			h.Number, h.State, h.Total, h.Until = o.Number, o.State, o.Total, o.PayUntil
		}
		out = append(out, h)
	}
	return out, nil
}

// HeldOrder is a case with its order; the number is empty when nothing was ordered.
type HeldOrder struct {
	fraud.Case
	Number string
	State  State
	Total  money.Amount
	Until  time.Time
}

// Held lists what waits for a person and what was stopped lately.
func (s *Service) Held(ctx context.Context, who access.Actor) (q fraud.Queue, open, past []HeldOrder, err error) {
	defer fault.Wrap(&err, "order: held")
	if q, err = s.d.Fraud.Queue(ctx, who); err != nil {
		return q, nil, nil, err
	}
	err = s.read(ctx, func(tx *db.Tx) (err error) {
		if open, err = s.numbersOf(tx, q.Cases); err != nil {
			return err
		}
		past, err = s.numbersOf(tx, q.Past)
		return err
	})
	return q, open, past, err
}
