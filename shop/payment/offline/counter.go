package offline

import (
	"context"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/shop/payment"
)

// How is the way in which a sum was paid where goods were handed over.
type How string

// The ways. A card is read by the shop's own terminal: its number never comes here.
const (
	Cash     How = "cash"
	Terminal How = "terminal"
)

// Handed is an order that was handed over and paid, as somebody at the counter says.
type Handed struct {
	Number  string // of the order
	Amount  money.Amount
	How     How
	Attempt string // random, of the form: a second click is the same act
}

// HandOver writes down that the goods of an order were handed over and paid: one act, the whole sum. From then on the
// payment is paid, and the order with it. Another sum is refused, because it would be a mistake at the till.
func (s *Service) HandOver(ctx context.Context, who access.Actor, h Handed) (err error) {
	defer fault.Wrap(&err, "payment: hand over")
	act := audit.Act{Action: "payment.hand_over", Object: "payment"}
	if err := s.d.Audit.Allow(ctx, who, access.OrderShip, act); err != nil {
		return err
	}
	r, err := s.awaited(ctx, h.Number)
	if err == nil && r.Method != PickUp {
		err = fault.New(fault.NotFound, "payment.offline_unknown")
	}
	if err != nil {
		return err
	}
	if err := h.sound(r.Amount, r.Currency); err != nil {
		return err
	}
	if err := s.d.DB.Write(ctx, func(tx *db.Tx) error { return s.handOver(tx, who, r.Ref, h) }); err != nil {
		return err
	}
	return s.d.Paid(ctx, r.Reference)
}

func (h Handed) sound(owed money.Amount, c money.Currency) error {
	bad := fault.New(fault.Invalid, "payment.counter_wrong")
	if h.Amount != owed {
		bad.WithField("amount", "payment.counter_sum", fault.Params{"sum": money.Decimal(owed, c) + " " + string(c)})
	}
	if h.How != Cash && h.How != Terminal {
		bad.WithField("how", "payment.counter_how", nil)
	}
	if len(h.Attempt) < 8 || len(h.Attempt) > 64 {
		return fault.New(fault.Malformed, "payment.counter_wrong")
	}
	if len(bad.Fields) > 0 {
		return bad
	}
	return nil
}

// handOver is the act. A second click finds its own receipt; who comes after the end finds that it is over.
func (s *Service) handOver(tx *db.Tx, who access.Actor, ref string, h Handed) error {
	if err := lockRow(tx, ref); err != nil {
		return err
	}
	fresh, err := insertReceipt(tx, ref, h.Attempt, Receipt{ID: tx.NewID(), Amount: h.Amount, Day: tx.Now(), How: h.How, Member: who.ID, Made: tx.Now()})
	if err != nil || !fresh {
		return err
	}
	r, _, err := byRef(tx, ref)
	switch {
	case err != nil:
		return err
	case r.Status == payment.StatusPaid:
		return fault.New(fault.Conflict, "payment.counter_paid")
	case r.Status != payment.StatusPending:
		return fault.New(fault.Conflict, "payment.counter_over")
	}
	if err := addReceived(tx, ref, h.Amount); err != nil {
		return err
	}
	r.Status = payment.StatusPaid
	if err := moveRow(tx, r, payment.StatusPending); err != nil {
		return err
	}
	return s.d.Audit.Record(tx, audit.Entry{Actor: who, Action: "payment.hand_over", Object: "payment", Outcome: audit.Done,
		Facts: []audit.Fact{{Key: "number", Text: r.Number}, {Key: "amount", Int: int64(h.Amount)}, {Key: "how", Text: string(h.How)}}})
}

// Waits are the instructions of the order of that number whose money is waited for; false if it is not.
func (s *Service) Waits(ctx context.Context, number string) (i Instructions, ok bool, err error) {
	err = s.d.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := ofNumber(tx, number)
		if len(list) > 0 {
			i, ok = list[0].instructions(), list[0].Status == payment.StatusPending
		}
		return err
	})
	fault.Wrap(&err, "payment: waits")
	return i, ok, err
}
