package order

import (
	"context"
	"encoding/json"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/shop/payment"
	"strongroom/shop/stock"
)

// CallOff cancels a paid order of which nothing left yet: all that was paid and not refunded goes back, the goods are on
// the shelf again, and the buyer is told. What exceeds the limit of one person waits for a second one. An order that
// nobody has paid is closed by Cancel.
func (s *Service) CallOff(ctx context.Context, who access.Actor, number, note string) (r GivenBack, err error) {
	defer fault.Wrap(&err, "order: call off")
	o, err := s.forStaff(ctx, who, access.OrderCancel, "order.call_off", number)
	if err != nil {
		return r, err
	}
	if err := s.d.Audit.Allow(ctx, who, access.OrderRefund, audit.Act{Action: "order.call_off", Object: "order", ObjectID: o.ID}); err != nil {
		return r, err
	}
	if len(note) > maxStaffNote {
		return r, fault.New(fault.Invalid, "order.refund_invalid").WithField("note", "order.note_long", fault.Params{"max": maxStaffNote})
	}
	ask := false
	err = s.write(ctx, func(tx *db.Tx) error {
		if r.Amount, err = s.leftToRefund(tx, o.ID); err != nil {
			return err
		}
		alone, err := s.alone(tx, o.ID, who, r.Amount)
		if ask = !alone; err != nil || ask {
			return err
		}
		return s.callOff(tx, o.ID, r.Amount, who, note, access.Approved{})
	})
	if err == nil && ask {
		r.Waiting, err = s.askSecond(ctx, who, o, access.BigCallOff, frozen{GiveBack{Number: o.Number}, r.Amount}, r.Amount, note)
	}
	return r, err
}

// CallOffApproved carries out a cancellation that two people stand behind.
func (s *Service) CallOffApproved(ctx context.Context, params []byte, by access.Approved) (err error) {
	defer fault.Wrap(&err, "order: approved call off")
	if err := by.For(access.BigCallOff); err != nil {
		return err
	}
	var f frozen
	if err := json.Unmarshal(params, &f); err != nil {
		return err
	}
	return s.write(ctx, func(tx *db.Tx) error {
		o, ok, err := byNumber(tx, id.ParseNumber(f.GiveBack.Number))
		if err != nil || !ok {
			return orNotFound(err)
		}
		return s.callOff(tx, o.ID, f.Amount, access.System("staff"), "", by)
	})
}

// leftToRefund is what was paid for the order and neither went back nor is on its way back.
func (s *Service) leftToRefund(tx *db.Tx, order id.ID) (money.Amount, error) {
	o, err := byID(tx, order)
	if err != nil {
		return 0, err
	}
	if !o.State.Settled() || o.Parcel != ToSend {
		return 0, fault.New(fault.Conflict, "order.not_callable_off")
	}
	if o.Payment.IsZero() {
		return 0, nil // it cost nothing
	}
	p, err := s.d.Payment.GetTx(tx, o.Payment)
	return p.Refundable(), err
}

func (s *Service) callOff(tx *db.Tx, order id.ID, amount money.Amount, who access.Actor, note string, by access.Approved) error {
	left, err := s.leftToRefund(tx, order)
	if err == nil && left != amount {
		err = fault.New(fault.Conflict, "order.refund_changed")
	}
	if err != nil {
		return err
	}
	o, err := byID(tx, order)
	if err != nil {
		return err
	}
	row := refundRow{id: tx.NewID(), order: o.ID, payment: o.Payment, amount: amount, reason: BecauseStaffPaid, restock: true, at: tx.Now()}
	if who.Kind == access.KindStaff {
		row.member = who.ID
	}
	letter := Letter{Kind: LetterCalledOff, Order: o.ID}
	if amount > 0 {
		letter.Refund = row.id
		if err := s.payBack(tx, o, row, who); err != nil {
			return err
		}
	}
	if err := payment.ReverseSale(tx, o.ID); err != nil {
		return err
	}
	if err := s.shelveAgain(tx, o); err != nil {
		return err
	}
	if err := endAssignment(tx, o.ID, "taken_away"); err != nil {
		return err
	}
	if err := s.move(tx, &o, Cancelled, BecauseStaffPaid, who); err != nil {
		return err
	}
	if err := s.moveParcel(tx, &o, NothingToSend, BecauseStaffPaid, who, id.ID{}); err != nil {
		return err
	}
	facts := append(bothFacts(by), audit.Fact{Key: "amount", Int: int64(amount)})
	if err := s.entry(tx, who, "order.call_off", o, oneLine(note), facts...); err != nil {
		return err
	}
	return s.letter(tx, letter)
}

// payBack writes the refund of a cancelled order and hands it to the payment.
func (s *Service) payBack(tx *db.Tx, o Order, row refundRow, who access.Actor) error {
	if _, err := insertRefund(tx, row, s.proof("refund", []byte("call off"))); err != nil {
		return err
	}
	_, err := s.d.Payment.RefundTx(tx, payment.Ask{Payment: o.Payment, Key: "desk." + row.id.String(), Amount: row.amount,
		Reason: payment.ForCancelled, Actor: who})
	return err
}

// shelveAgain puts back on the shelf what has not gone back with an earlier refund.
func (s *Service) shelveAgain(tx *db.Tx, o Order) error {
	held, err := s.d.Stock.Reserved(tx, o.ID)
	if err != nil {
		return err
	}
	var back []stock.Want
	for _, h := range held {
		if h.Quantity > h.Returned {
			back = append(back, stock.Want{Variant: h.Variant, Quantity: h.Quantity - h.Returned})
		}
	}
	if len(back) == 0 {
		return nil
	}
	return s.d.Stock.Restock(tx, o.ID, back)
}
