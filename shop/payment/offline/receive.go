package offline

import (
	"context"
	"fmt"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/shop/payment"
)

// Arrival is money that came, as somebody at the desk says.
type Arrival struct {
	Number  string // of the order
	Amount  money.Amount
	Day     time.Time
	Attempt string // random, of the form: a second click is the same arrival
}

// Receive writes down what came by transfer for an order. All of it makes its payment paid; less leaves the rest owed; more goes on the
// list of what is to be sent back.
func (s *Service) Receive(ctx context.Context, who access.Actor, a Arrival) (err error) {
	defer fault.Wrap(&err, "payment: receive")
	r, err := s.awaited(ctx, a.Number)
	if err != nil {
		return s.unknown(ctx, who, err)
	}
	if r.Method != Transfer {
		return s.unknown(ctx, who, fault.New(fault.Conflict, "payment.pickup_at_order").With("number", r.Number))
	}
	act := audit.Act{Action: "payment.receive", Object: "payment"}
	if err := s.d.Audit.Allow(ctx, who, access.PaymentRecord, act); err != nil {
		return err
	}
	if err := a.sound(s.d.DB.Clock().Now()); err != nil {
		return err
	}
	err = s.d.DB.Write(ctx, func(tx *db.Tx) error { return s.receive(tx, who, r.Ref, a) })
	if err != nil {
		return err
	}
	return s.d.Paid(ctx, r.Reference)
}

// unknown refuses who may write nothing down before it says that there is nothing to write down.
func (s *Service) unknown(ctx context.Context, who access.Actor, cause error) error {
	if err := s.d.Audit.Allow(ctx, who, access.PaymentRecord, audit.Act{Action: "payment.receive", Object: "payment"}); err != nil {
		return err
	}
	return cause
}

func (a Arrival) sound(now time.Time) error {
	wrong := func(field, key string) error { return fault.New(fault.Invalid, key).WithField(field, key, nil) }
	switch {
	case a.Amount <= 0 || money.Check(a.Amount) != nil:
		return wrong("amount", "payment.received_wrong")
	case a.Day.After(now.Add(24*time.Hour)) || now.Sub(a.Day) > 400*24*time.Hour:
		return wrong("day", "payment.received_day_wrong")
	case len(a.Attempt) < 8 || len(a.Attempt) > 64:
		return fault.New(fault.Malformed, "payment.received_wrong")
	}
	return nil
}

// awaited is the row of an order for which money may come: the newest one.
func (s *Service) awaited(ctx context.Context, number string) (r row, err error) {
	err = s.d.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := ofNumber(tx, number)
		if err == nil && len(list) == 0 {
			err = fault.New(fault.NotFound, "payment.offline_unknown")
		}
		if len(list) > 0 {
			r = list[0]
		}
		return err
	})
	return r, err
}

func (s *Service) receive(tx *db.Tx, who access.Actor, ref string, a Arrival) error {
	if err := lockRow(tx, ref); err != nil {
		return err
	}
	fresh, err := insertReceipt(tx, ref, a.Attempt, Receipt{ID: tx.NewID(), Amount: a.Amount, Day: a.Day, Member: who.ID, Made: tx.Now()})
	if err != nil || !fresh {
		return err
	}
	if err := addReceived(tx, ref, a.Amount); err != nil {
		return err
	}
	r, _, err := byRef(tx, ref)
	if err != nil {
		return err
	}
	if err := s.keep(tx, r, fmt.Sprintf("came/%s/%d", ref, int64(r.Received)), a.Amount); err != nil {
		return err
	}
	back, err := returned(tx, ref, kindSurplus)
	if err != nil {
		return err
	}
	from, short := r.Status, false
	switch {
	case r.Status == payment.StatusPaid:
	case r.Received-back >= r.Amount:
		r.Status = payment.StatusPaid
		if err = moveRow(tx, r, from); err == nil {
			err = s.keep(tx, r, "paid/"+ref, -r.Amount)
		}
	case r.Status == payment.StatusPending:
		short = true
	}
	if err != nil {
		return err
	}
	if !short {
		if err := sendBackRest(tx, r); err != nil {
			return err
		}
	} else if s.d.Short != nil {
		if err := s.d.Short(tx, r.Number); err != nil {
			return err
		}
	}
	return s.d.Audit.Record(tx, audit.Entry{Actor: who, Action: "payment.receive", Object: "payment", Outcome: audit.Done,
		Facts: []audit.Fact{{Key: "number", Text: r.Number}, {Key: "amount", Int: int64(a.Amount)}, {Key: "day", Text: a.Day.Format(time.DateOnly)},
			{Key: "status", Text: string(r.Status)}}})
}

// keep books what is held beside what orders have paid. What came before there was such a book is not in it, and nothing
// more is taken out than is.
func (s *Service) keep(tx *db.Tx, r row, key string, amount money.Amount) error {
	if s.d.Kept == nil {
		return nil
	}
	if amount < 0 {
		kept, err := keptOf(tx, r.Ref)
		if err != nil {
			return err
		}
		amount = -min(-amount, kept)
	}
	if amount == 0 {
		return nil
	}
	if err := addKept(tx, r.Ref, amount); err != nil {
		return err
	}
	return s.d.Kept(tx, r.Reference, key, amount)
}

// sendBackRest puts on the list what is here and not owed: what came above the sum, or all of it when the wait is over.
func sendBackRest(tx *db.Tx, r row) error {
	back, err := returned(tx, r.Ref, kindSurplus)
	if err != nil {
		return err
	}
	over := r.Received - back
	if r.Status == payment.StatusPaid {
		over -= r.Amount
	}
	if over <= 0 {
		return nil
	}
	return insertReturn(tx, Return{ID: tx.NewID(), Ref: r.Ref, Key: fmt.Sprintf("surplus-%d", int64(r.Received)), Kind: kindSurplus, Amount: over, Made: tx.Now()})
}

// Sent notes that money was sent back by hand.
func (s *Service) Sent(ctx context.Context, who access.Actor, v id.ID, day time.Time) (err error) {
	defer fault.Wrap(&err, "payment: sent back")
	act := audit.Act{Action: "payment.sent_back", Object: "payment"}
	if err := s.d.Audit.Allow(ctx, who, access.PaymentRecord, act); err != nil {
		return err
	}
	if now := s.d.DB.Clock().Now(); day.After(now.Add(24*time.Hour)) || now.Sub(day) > 400*24*time.Hour {
		return fault.New(fault.Invalid, "payment.received_day_wrong").WithField("day", "payment.received_day_wrong", nil)
	}
	var r Return
	err = s.d.DB.Write(ctx, func(tx *db.Tx) error {
		var ok bool
		if r, ok, err = returnByID(tx, v); err != nil || !ok {
			return orUnknown(err)
		}
		first, err := markSent(tx, v, who.ID, day)
		if err != nil || !first {
			return err
		}
		if r.Kind == kindSurplus {
			p, _, err := byRef(tx, r.Ref)
			if err == nil {
				err = s.keep(tx, p, "sent/"+r.ID.String(), -r.Amount)
			}
			if err != nil {
				return err
			}
		}
		return s.d.Audit.Record(tx, audit.Entry{Actor: who, Action: act.Action, Object: act.Object, Outcome: audit.Done,
			Facts: []audit.Fact{{Key: "number", Text: r.Number}, {Key: "amount", Int: int64(r.Amount)}, {Key: "sort", Text: r.Kind}}})
	})
	if err != nil || r.Kind != kindRefund {
		return err
	}
	return s.d.Paid(ctx, r.Ref[len("off_"):])
}

func orUnknown(err error) error {
	if err == nil {
		err = fault.New(fault.NotFound, "payment.offline_unknown")
	}
	return err
}

// Instructions are what a shopper must know to pay.
type Instructions struct {
	Method   Method
	Bank     Bank // of a transfer
	Amount   money.Amount
	Received money.Amount
	Rest     money.Amount // still owed
	Currency money.Currency
	Purpose  string // the order's number
	Until    time.Time
	Status   payment.Status
}

func (r row) instructions() Instructions {
	return Instructions{Method: r.Method, Bank: r.Bank, Amount: r.Amount, Received: r.Received, Rest: max(r.Amount-r.Received, 0), Currency: r.Currency,
		Purpose: r.Number, Until: r.Until, Status: r.Status}
}

// Of are the instructions of a payment, by its reference; false if it does not come this way.
func (s *Service) Of(ctx context.Context, reference string) (i Instructions, ok bool, err error) {
	err = s.d.DB.Read(ctx, func(tx *db.Tx) error {
		r, found, err := byReference(tx, reference)
		i, ok = r.instructions(), found
		return err
	})
	return i, ok, err
}

// Awaited is an order whose money is waited for.
type Awaited struct {
	Instructions
	Made time.Time
}

// Desk is what stands on the page of who keeps the books.
type Desk struct {
	Open    []Awaited
	Returns []Return // to be sent
}

// Desk lists what is waited for and what is to be sent back.
func (s *Service) Desk(ctx context.Context, who access.Actor) (d Desk, err error) {
	defer fault.Wrap(&err, "payment: desk")
	if err := s.d.Audit.Allow(ctx, who, access.PaymentView, audit.Act{Action: "payment.desk", Object: "payment"}); err != nil {
		return d, err
	}
	err = s.d.DB.Read(ctx, func(tx *db.Tx) error {
		rows, err := openRows(tx)
		if err != nil {
			return err
		}
		for _, r := range rows {
			d.Open = append(d.Open, Awaited{r.instructions(), r.Made})
		}
		d.Returns, err = openReturns(tx)
		return err
	})
	return d, err
}

// Remind calls remind, inside the transaction, for every transfer of which more than half of the time is over, once.
func (s *Service) Remind(ctx context.Context, remind func(tx *db.Tx, number string) error) error {
	return s.d.DB.Write(ctx, func(tx *db.Tx) error {
		list, err := toRemind(tx, 100)
		if err != nil {
			return err
		}
		for _, r := range list {
			if err := remind(tx, r.Number); err != nil {
				return err
			}
			if err := markReminded(tx, r.Ref); err != nil {
				return err
			}
		}
		return nil
	})
}
