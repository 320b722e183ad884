package order

import (
	"context"
	"slices"
	"strings"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
	"strongroom/shop/payment"
)

// Progress is how many pieces of a line left, and how many were given back for money.
type Progress struct{ Sent, Refunded int64 }

// Desk is an order as the desk shows it: everything that happened, personal fields as masks.
type Desk struct {
	Masked
	Progress  map[int]Progress // by position of the line
	Parcels   []ParcelMove
	Shipments []Shipment // tracking numbers as masks
	Payments  []Paying   // only for who may see payments
	Version   int64      // of what happened; an act gives it back as Seen
	Packer    id.ID      // who is packing it; zero for nobody

	// What can be done now, by the order's state and by who asks.
	CanShip, CanDeliver, CanHandOver, CanCancel, CanCallOff, CanRefund, CanReveal, CanTake bool

	// Taking and LettingGo say that something is being done with a held sum, and Declined that it could not be taken.
	Taking, LettingGo, Declined bool
}

// Paying is one payment of an order with what went back of it.
type Paying struct {
	payment.Payment
	Refunds []payment.Refund
}

// ForDesk shows an order to staff.
func (s *Service) ForDesk(ctx context.Context, who access.Actor, number string) (d Desk, err error) {
	defer fault.Wrap(&err, "order: desk")
	if d.Masked, err = s.Show(ctx, who, number); err != nil {
		return d, err
	}
	var rows []shipmentRow
	err = s.read(ctx, func(tx *db.Tx) error {
		if d.Progress, err = progress(tx, d.ID); err != nil {
			return err
		}
		if d.Parcels, err = parcelMovesOf(tx, d.ID); err != nil {
			return err
		}
		if d.Version, err = happenings(tx, d.ID); err != nil {
			return err
		}
		if d.Packer, err = assigneeOf(tx, d.ID); err != nil {
			return err
		}
		if rows, err = shipmentsOf(tx, d.ID); err != nil {
			return err
		}
		return s.holdOf(tx, &d)
	})
	if err != nil {
		return d, err
	}
	for _, r := range rows {
		d.Shipments = append(d.Shipments, s.unsealedShipment(d.Order, r))
	}
	if who.May(access.PaymentView) || who.May(access.OrderRefund) {
		if d.Payments, err = s.paying(ctx, d.ID); err != nil {
			return d, err
		}
	}
	d.allow(who)
	return d, nil
}

func (s *Service) unsealedShipment(o Order, r shipmentRow) Shipment {
	r.Shipment.Tracking = s.d.Vault.Sealed(privacy.OrderTracking.Field, o.Subject, r.ID, r.tracking)
	return r.Shipment
}

func (s *Service) shipmentByAttempt(tx *db.Tx, o Order, attempt string) (Shipment, error) {
	r, ok, err := shipmentBy(tx, o.ID, s.proof("ship", []byte(attempt)))
	if err == nil && !ok {
		err = errNotFound
	}
	return s.unsealedShipment(o, r), err
}

func (s *Service) paying(ctx context.Context, order id.ID) (out []Paying, err error) {
	list, err := s.d.Payment.OfOrder(ctx, order)
	for _, p := range list {
		if err != nil {
			return nil, err
		}
		x := Paying{Payment: p}
		x.Refunds, err = s.d.Payment.RefundsOf(ctx, p.ID)
		out = append(out, x)
	}
	return out, err
}

// allow says what can be done; the services say it again when it is done.
func (d *Desk) allow(who access.Actor) {
	settled := d.State.Settled()
	d.CanShip = who.May(access.OrderShip) && (d.State.Sendable() || d.AtCounter()) && (d.Parcel == ToSend || d.Parcel == PartlySent)
	d.CanDeliver = who.May(access.OrderShip) && d.Parcel == Sent && !d.AtCounter()
	d.CanHandOver = who.May(access.OrderShip) && d.AtCounter()
	d.CanCancel = who.May(access.OrderCancel) && (d.State.Open() || d.State == Authorised)
	d.CanTake = who.May(access.OrderCapture) && d.State == Authorised
	d.CanCallOff = who.May(access.OrderCancel) && who.May(access.OrderRefund) && settled && d.Parcel == ToSend
	d.CanRefund = who.May(access.OrderRefund) && settled && !d.Payment.IsZero()
	d.CanReveal = who.May(access.OrderReveal) && !who.Masked
}

// holdOf says what is being done with the held sum of an order.
func (s *Service) holdOf(tx *db.Tx, d *Desk) error {
	if d.State != Authorised {
		return nil
	}
	h, ok, err := s.d.Payment.HoldTx(tx, d.Payment)
	d.Taking = ok && h.Capture && h.State == payment.HoldAsked
	d.LettingGo = ok && !h.Capture && h.State == payment.HoldAsked
	d.Declined = ok && h.Capture && h.State == payment.HoldFailed
	return err
}

// sameSince refuses an act whose page is out of date: somebody else has done something to the order since. own is what
// the act itself has written by now.
func sameSince(tx *db.Tx, order id.ID, seen *int64, own int64) error {
	if seen == nil {
		return nil
	}
	n, err := deskVersion(tx, order)
	if err == nil && n != *seen+own {
		err = fault.New(fault.Conflict, "order.changed_meanwhile")
	}
	return err
}

// Find looks orders up by the exact e-mail address on them, newest first, at most 50. It reads no address: the vault
// compares keyed hashes. Asking is an entry in the log, with the person's handle when there is one.
func (s *Service) Find(ctx context.Context, who access.Actor, email vault.Personal) (out []Order, err error) {
	defer fault.Wrap(&err, "order: find by e-mail")
	if err := s.d.Audit.Allow(ctx, who, access.OrderFind, audit.Act{Action: "order.find", Object: "order"}); err != nil {
		return nil, err
	}
	if email.IsZero() {
		return nil, fault.New(fault.Invalid, "order.email_missing").WithField("email", "order.email_missing", nil)
	}
	if err := s.MakeFindable(ctx); err != nil {
		return nil, err
	}
	subjects, err := s.d.Vault.Find(ctx, privacy.OrderEmail.Field, email, 50)
	if err != nil {
		return nil, err
	}
	for _, v := range subjects {
		if err := s.found(ctx, who, v, &out); err != nil {
			return nil, err
		}
	}
	if len(subjects) == 0 {
		err = s.write(ctx, func(tx *db.Tx) error {
			return s.d.Audit.Record(tx, audit.Entry{Actor: who, Action: "order.find", Object: "order", Outcome: audit.Done,
				Facts: []audit.Fact{{Key: "found", Int: 0}}})
		})
	}
	slices.SortFunc(out, func(a, b Order) int { return b.PlacedAt.Compare(a.PlacedAt) })
	return out[:min(len(out), 50)], err
}

// found writes that the person was looked up, and adds her orders.
func (s *Service) found(ctx context.Context, who access.Actor, subject id.ID, out *[]Order) error {
	handle, err := s.d.Vault.AuditHandle(ctx, subject)
	if err != nil && !vault.Erased(err) {
		return err
	}
	return s.write(ctx, func(tx *db.Tx) error {
		list, err := bySubject(tx, subject)
		if err != nil || len(list) == 0 {
			return err // a draft that was never placed
		}
		*out = append(*out, list...)
		return s.d.Audit.Record(tx, audit.Entry{Actor: who, Action: "order.find", Object: "order", ObjectID: list[0].ID, Person: handle,
			Outcome: audit.Done, Facts: []audit.Fact{{Key: "found", Int: int64(len(list))}}})
	})
}

// Leaving is a shipment as its mail tells of it.
type Leaving struct {
	Carrier, Tracking string // in clear
	Lines             []Pieces
	Rest              int64 // pieces that follow later
}

// deskLetter reads what mails about shipments and refunds by staff say.
func (s *Service) deskLetter(ctx context.Context, l Letter, c *Content) error {
	if l.Kind == LetterCalledOff {
		c.Amount = 0
	}
	if l.Shipment.IsZero() && l.Refund.IsZero() {
		return nil
	}
	var row shipmentRow
	err := s.read(ctx, func(tx *db.Tx) (err error) {
		if !l.Refund.IsZero() {
			c.Amount, err = refundByID(tx, l.Refund)
			return err
		}
		if row, err = shipmentByID(tx, l.Shipment); err != nil {
			return err
		}
		c.Sent.Rest, err = piecesLeft(tx, l.Order)
		return err
	})
	if err != nil || l.Shipment.IsZero() {
		return err
	}
	c.Sent.Carrier, c.Sent.Lines = row.Carrier, row.Lines
	clear, err := s.d.Vault.Reveal(ctx, vault.Look{Actor: access.System("letters"), Purpose: vault.Fulfilment, Reason: "sent",
		Object: "order", ObjectID: l.Order}, s.unsealedShipment(c.Order, row).Tracking)
	if err == nil {
		c.Sent.Tracking = strings.TrimSpace(clear[0])
	}
	return err
}
