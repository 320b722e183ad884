package order

import (
	"context"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/vault"
)

// The bounds of open work: what somebody may have on the table, and how often she may give something back unpacked.
// Without them, taking and giving back would be a way to look at everybody's address.
const (
	maxOpenWork  = 25
	maxGivenBack = 10 // in a day
)

// Packing is the reason by which the log knows looks at orders that are being packed.
const Packing = "packing"

// Assign gives an order that waits to be sent to a member of the staff for packing.
func (s *Service) Assign(ctx context.Context, who access.Actor, number string, member id.ID) (err error) {
	defer fault.Wrap(&err, "order: assign")
	o, err := s.forStaff(ctx, who, access.OrderAssign, "order.assign", number)
	if err != nil {
		return err
	}
	if member.IsZero() {
		return fault.New(fault.Malformed, "order.no_member")
	}
	return s.write(ctx, func(tx *db.Tx) error { return s.assign(tx, who, o.ID, member) })
}

// Take gives the oldest order that nobody packs to whoever asks. Which one it is cannot be chosen.
func (s *Service) Take(ctx context.Context, who access.Actor) (number string, err error) {
	defer fault.Wrap(&err, "order: take")
	if err := s.d.Audit.Allow(ctx, who, access.OrderPack, audit.Act{Action: "order.assign", Object: "order"}); err != nil {
		return "", err
	}
	if who.Kind != access.KindStaff {
		return "", fault.New(fault.Forbidden, "order.no_member")
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		n, err := givenBack(tx, who.ID, tx.Now().Add(-24*time.Hour))
		if err == nil && n >= maxGivenBack {
			err = fault.New(fault.TooMany, "order.given_back_often")
		}
		if err != nil {
			return err
		}
		o, ok, err := nextToPack(tx)
		if err == nil && !ok {
			err = fault.New(fault.NotFound, "order.nothing_to_pack")
		}
		if err != nil {
			return err
		}
		number = o.Number
		return s.assign(tx, who, o.ID, who.ID)
	})
	return number, err
}

func (s *Service) assign(tx *db.Tx, who access.Actor, order, member id.ID) error {
	o, err := byID(tx, order)
	if err != nil {
		return err
	}
	if !o.State.Sendable() && !o.AtCounter() || o.Parcel != ToSend && o.Parcel != PartlySent {
		return errNothingLeft
	}
	open, err := assignedOrders(tx, member)
	if err == nil && len(open) >= maxOpenWork {
		err = fault.New(fault.Conflict, "order.enough_work").With("max", maxOpenWork)
	}
	if err != nil {
		return err
	}
	ok, err := assign(tx, o.ID, member)
	if err == nil && !ok {
		err = fault.New(fault.Conflict, "order.assigned_already")
	}
	if err != nil {
		return err
	}
	return s.entry(tx, who, "order.assign", o, "", audit.Fact{Key: "member", Text: member.String()})
}

// GiveUp gives an order back that somebody was packing: one's own, or anybody's with the right to assign.
func (s *Service) GiveUp(ctx context.Context, who access.Actor, number string) (err error) {
	defer fault.Wrap(&err, "order: give up")
	p := access.OrderPack
	if who.May(access.OrderAssign) {
		p = access.OrderAssign
	}
	o, err := s.forStaff(ctx, who, p, "order.give_up", number)
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *db.Tx) error {
		member, err := assigneeOf(tx, o.ID)
		if err != nil {
			return err
		}
		outcome := "taken_away"
		if member == who.ID && who.Kind == access.KindStaff {
			outcome = "given_back"
		}
		if member.IsZero() || outcome == "taken_away" && p != access.OrderAssign {
			return fault.New(fault.Conflict, "order.not_assigned")
		}
		if _, err := endAssignmentOf(tx, o.ID, member, outcome); err != nil {
			return err
		}
		return s.entry(tx, who, "order.give_up", o, "", audit.Fact{Key: "member", Text: member.String()})
	})
}

// EndWork takes all work from a member who left, so that somebody else can pack it.
func (s *Service) EndWork(ctx context.Context, member id.ID) (err error) {
	defer fault.Wrap(&err, "order: end work")
	return s.write(ctx, func(tx *db.Tx) error { return endWorkOf(tx, member) })
}

// OpenWork is how many orders a member of the staff is packing. Quotas of looks follow it.
func (s *Service) OpenWork(ctx context.Context, member id.ID) (n int, err error) {
	defer fault.Wrap(&err, "order: open work")
	err = s.read(ctx, func(tx *db.Tx) error {
		list, err := assignedOrders(tx, member)
		n = len(list)
		return err
	})
	return n, err
}

// Working says whether the member is packing that order.
func (s *Service) Working(ctx context.Context, member, order id.ID) (yes bool, err error) {
	defer fault.Wrap(&err, "order: working")
	err = s.read(ctx, func(tx *db.Tx) error {
		v, err := assigneeOf(tx, order)
		yes = err == nil && v == member && !member.IsZero()
		return err
	})
	return yes, err
}

// Slip is what lies in a parcel: what to pack, and for whom.
type Slip struct {
	Order   Order
	Lines   []Line // with what is left to send as Quantity
	Details Details
}

// Slips are the packing slips of the orders that who is packing, or of one of them. It is one act, and the log has a look
// at each person in it; working on the order is the reason.
func (s *Service) Slips(ctx context.Context, who access.Actor, number string) (out []Slip, err error) {
	defer fault.Wrap(&err, "order: slips")
	if err := s.d.Audit.Allow(ctx, who, access.OrderPack, audit.Act{Action: "order.slips", Object: "order"}); err != nil {
		return nil, err
	}
	err = s.read(ctx, func(tx *db.Tx) error {
		out = nil
		list, err := assignedOrders(tx, who.ID)
		if err != nil {
			return err
		}
		for _, v := range list {
			sl, err := slip(tx, v)
			if err != nil {
				return err
			}
			if number == "" || sl.Order.Number == id.ParseNumber(number) {
				out = append(out, sl)
			}
		}
		return nil
	})
	if err != nil || len(out) == 0 {
		return nil, err
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		return s.d.Audit.Record(tx, audit.Entry{Actor: who, Action: "order.slips", Object: "order", Reason: Packing, Outcome: audit.Done,
			Facts: []audit.Fact{{Key: "orders", Int: int64(len(out))}}})
	})
	for i := range out {
		if err == nil {
			err = s.address(ctx, who, &out[i])
		}
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

func slip(tx *db.Tx, order id.ID) (sl Slip, err error) {
	if sl.Order, err = byID(tx, order); err != nil {
		return sl, err
	}
	all, err := linesOf(tx, order)
	if err != nil {
		return sl, err
	}
	left, err := linesLeft(tx, order)
	if err != nil {
		return sl, err
	}
	for _, l := range all {
		for _, p := range left {
			if p.Position == l.Position {
				l.Quantity = p.Quantity
				sl.Lines = append(sl.Lines, l)
			}
		}
	}
	return sl, nil
}

// address opens what a parcel needs: name and address of delivery, telephone and note, but neither e-mail nor billing.
func (s *Service) address(ctx context.Context, who access.Actor, sl *Slip) error {
	sealed, m, err := s.personal(ctx, sl.Order.ID)
	if err != nil {
		return err
	}
	sealed = sealed.withoutBilling()
	sealed[0] = nil // e-mail
	m.differs = false
	texts, err := s.open(ctx, sealed, sl.Order.Subject, sl.Order.ID, vault.Look{Actor: who, Reason: Packing, Object: "order", ObjectID: sl.Order.ID})
	sl.Details = detailsOf(texts, m)
	return err
}
