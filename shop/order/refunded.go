package order

import (
	"context"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/shop/payment"
)

// refundConfirmed follows a refund that the provider has confirmed: the order shows what went back, and an order whose
// whole sum went back is closed. Money that was never owed (late, paid twice) changes nothing here.
func (s *Service) refundConfirmed(ctx context.Context, e payment.Refunded) (err error) {
	defer fault.Wrap(&err, "order: refund confirmed")
	if e.Order.IsZero() {
		return nil
	}
	var sum money.Amount
	list, err := s.d.Payment.OfOrder(ctx, e.Order)
	if err != nil {
		return err
	}
	for _, p := range list {
		rs, err := s.d.Payment.RefundsOf(ctx, p.ID)
		if err != nil {
			return err
		}
		for _, r := range rs {
			if r.State == string(payment.RefundDone) && r.Reason != payment.ForLate && r.Reason != payment.ForDuplicate {
				sum += r.Amount
			}
		}
	}
	if sum == 0 {
		return nil
	}
	return s.write(ctx, func(tx *db.Tx) error {
		if err := s.showRefunded(tx, e, sum); err != nil || payment.Reason(e.Reason) != payment.ForOutside {
			return err
		}
		// Everything else was told when it was asked for.
		return s.letter(tx, Letter{Kind: LetterReturned, Order: e.Order, Payment: e.Payment, Returned: e.Refund})
	})
}

// returned is the sum of the refund that a mail is about.
func (s *Service) returned(ctx context.Context, l Letter) (money.Amount, error) {
	rs, err := s.d.Payment.RefundsOf(ctx, l.Payment)
	if err != nil {
		return 0, err
	}
	for _, r := range rs {
		if r.ID == l.Returned {
			return r.Amount, nil
		}
	}
	return 0, fault.New(fault.Gone, "order.not_found")
}

func (s *Service) showRefunded(tx *db.Tx, e payment.Refunded, sum money.Amount) error {
	o, err := byID(tx, e.Order)
	if err != nil || sum <= o.Refunded {
		return err
	}
	if err := setRefunded(tx, o.ID, sum); err != nil {
		return err
	}
	to := PartlyRefunded
	if sum >= o.Total-o.LetGo {
		to = Refunded
	}
	if o.State == to || !allowed(o.State, to, BecauseRefunded) {
		return nil
	}
	who := access.Provider(e.Provider)
	if err := s.move(tx, &o, to, BecauseRefunded, who); err != nil || to != Refunded || o.Parcel != ToSend {
		return err
	}
	if err := endAssignment(tx, o.ID, "taken_away"); err != nil {
		return err
	}
	return s.moveParcel(tx, &o, NothingToSend, BecauseRefunded, who, id.ID{})
}
