package order

import (
	"context"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
)

// mostAttached bounds the orders that are tied to an account in one go.
const mostAttached = 200

// Attach ties the orders of an address to the account that has confirmed it. It reads no address: the vault compares
// keyed hashes. An order that is tied already stays where it is. It may be called again at any time.
func (s *Service) Attach(ctx context.Context, account id.ID, email vault.Personal) (err error) {
	defer fault.Wrap(&err, "order: attach")
	if err := s.MakeFindable(ctx); err != nil {
		return err
	}
	subjects, err := s.d.Vault.Find(ctx, privacy.OrderEmail.Field, email, mostAttached)
	if err != nil || len(subjects) == 0 {
		return err
	}
	var fresh []id.ID
	err = s.read(ctx, func(tx *db.Tx) (err error) { fresh, err = unattached(tx, subjects); return err })
	if err != nil || len(fresh) == 0 {
		return err
	}
	return s.write(ctx, func(tx *db.Tx) error {
		for _, v := range fresh {
			if err := attach(tx, v, account); err != nil {
				return err
			}
		}
		return nil
	})
}

// AttachPlaced ties the order that this browser has just placed to the account that is signed in there, whatever address
// it goes to. Only the browser that placed it can say so.
func (s *Service) AttachPlaced(ctx context.Context, who access.Actor, browser id.Token) (err error) {
	defer fault.Wrap(&err, "order: attach what was placed")
	if who.Kind != access.KindShopper {
		return errNotFound
	}
	return s.write(ctx, func(tx *db.Tx) error {
		o, p, err := s.throughTx(tx, browser)
		if err == nil && p.kind != browserAccess {
			err = errNotFound
		}
		if err != nil {
			return err
		}
		return attach(tx, o.ID, who.ID)
	})
}

// Detach unties the orders of an account that was closed. The orders stay what they were: guest orders.
func (s *Service) Detach(ctx context.Context, account id.ID) (err error) {
	defer fault.Wrap(&err, "order: detach")
	return s.write(ctx, func(tx *db.Tx) error {
		if err := dropOwnPasses(tx, account); err != nil {
			return err
		}
		return detach(tx, account)
	})
}

// CarryDraft gives what was typed for a cart to the cart that has taken it over. What was typed for that one stays.
func (s *Service) CarryDraft(ctx context.Context, from, into id.ID) (err error) {
	defer fault.Wrap(&err, "order: carry a draft")
	return s.write(ctx, func(tx *db.Tx) error { return moveDraft(tx, from, into) })
}

// ownPage is how many orders one page of an account shows.
const ownPage = 20

// Place is where a page of an account's orders begins: after the order of that number, which the page before ended with.
type Place struct{ After string }

// OwnPage is a page of an account's orders, the newest first. Next is where the following page begins; zero at the end.
type OwnPage struct {
	Orders []Order
	Next   Place
}

// Own lists orders of a shopper's account, the newest first.
func (s *Service) Own(ctx context.Context, who access.Actor, at Place) (page OwnPage, err error) {
	defer fault.Wrap(&err, "order: own")
	if who.Kind != access.KindShopper {
		return page, errNotFound
	}
	var list []Order
	err = s.read(ctx, func(tx *db.Tx) (err error) { list, err = ownOrders(tx, who.ID, at.After, ownPage+1); return err })
	if len(list) > ownPage {
		list = list[:ownPage]
		page.Next = Place{list[ownPage-1].Number}
	}
	page.Orders = list
	return page, err
}

// ownLife is how long an order that was opened from an account stays open in that browser. It ends with the account's
// sessions too.
const ownLife = 2 * time.Hour

// EnterOwn opens one order of a shopper's account in her browser, as its mailed link would. There is one answer for
// orders of others and for numbers that are none.
func (s *Service) EnterOwn(ctx context.Context, who access.Actor, number string) (visit id.Token, err error) {
	defer fault.Wrap(&err, "order: enter own")
	if who.Kind != access.KindShopper {
		return "", errNotFound
	}
	visit = id.NewToken()
	err = s.write(ctx, func(tx *db.Tx) error {
		o, ok, err := ownOrder(tx, who.ID, number)
		if err != nil || !ok || tx.Now().After(s.linkUntil(o)) {
			return orNotFound(err)
		}
		return insertPass(tx, visit.Hash(), pass{order: o.ID, kind: ownAccess, generation: o.generation, ends: tx.Now().Add(ownLife)})
	})
	if fault.Is(err, fault.NotFound) {
		s.d.Audit.Refuse(ctx, audit.Entry{Actor: who, Action: "order.enter_own", Object: "order", Outcome: audit.Refused})
	}
	if err != nil {
		return "", err
	}
	return visit, nil
}

// OwnMasked is an order of an account for a session that may only look: nothing personal in clear, and no parcel's
// number, which leads to an address at the carrier.
type OwnMasked struct {
	Order
	Lines   []Line
	Parcels []OwnParcel
	Masks   []string // of the recipient
}

// OwnMasked shows one order of an account without opening anything. There is one answer for orders of others and for
// numbers that are none.
func (s *Service) OwnMasked(ctx context.Context, who access.Actor, number string) (m OwnMasked, err error) {
	defer fault.Wrap(&err, "order: own, masked")
	if who.Kind != access.KindShopper {
		return m, errNotFound
	}
	err = s.read(ctx, func(tx *db.Tx) error {
		o, ok, err := ownOrder(tx, who.ID, number)
		if err != nil || !ok {
			return orNotFound(err)
		}
		m.Order = o
		if m.Lines, err = linesOf(tx, o.ID); err != nil {
			return err
		}
		rows, err := shipmentsOf(tx, o.ID)
		for _, r := range rows {
			m.Parcels = append(m.Parcels, OwnParcel{Carrier: r.Carrier, Lines: r.Lines, SentAt: r.SentAt, Delivered: r.Delivered})
		}
		return err
	})
	if err != nil {
		return m, err
	}
	list, err := s.masks(ctx, m.Order)
	for _, f := range list {
		if f.Name == "delivery.name" || f.Name == "delivery.street" || f.Name == "delivery.city" {
			m.Masks = append(m.Masks, f.Text)
		}
	}
	return m, err
}

// LeaveOwn closes the orders of an account that are open in browsers, because its sessions ended; without an account
// those of all, because everybody's did.
func (s *Service) LeaveOwn(ctx context.Context, account id.ID) (err error) {
	defer fault.Wrap(&err, "order: leave own")
	return s.write(ctx, func(tx *db.Tx) error { return dropOwnPasses(tx, account) })
}

// Leave closes the one order that a token opens, for a browser that is signed out. An unknown token is none.
func (s *Service) Leave(ctx context.Context, visit id.Token) (err error) {
	defer fault.Wrap(&err, "order: leave")
	return s.write(ctx, func(tx *db.Tx) error { return dropPass(tx, visit.Hash()) })
}
