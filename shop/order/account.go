package order

import (
	"context"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
)

// mostAttached bounds the orders that are tied to an account in one go.
const mostAttached = 200

// Attach ties the orders of an address to the account that has confirmed it. It reads no address: the vault compares
// keyed hashes. An order that is tied already stays where it is. It may be called again at any time.
func (s *Service) Attach(ctx context.Context, account id.ID, email vault.Personal) (err error) {
	defer fault.Wrap(&err, "order: attach")
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

// Detach unties the orders of an account that was closed. The orders stay what they were: guest orders.
func (s *Service) Detach(ctx context.Context, account id.ID) (err error) {
	defer fault.Wrap(&err, "order: detach")
	return s.write(ctx, func(tx *db.Tx) error { return detach(tx, account) })
}

// Own lists the orders of a shopper's account, the newest first.
func (s *Service) Own(ctx context.Context, who access.Actor) (list []Order, err error) {
	defer fault.Wrap(&err, "order: own")
	if who.Kind != access.KindShopper {
		return nil, errNotFound
	}
	err = s.read(ctx, func(tx *db.Tx) (err error) { list, err = ownOrders(tx, who.ID); return err })
	return list, err
}

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
		return insertPass(tx, visit.Hash(), pass{order: o.ID, kind: visitAccess, generation: o.generation, ends: tx.Now().Add(visitLife)})
	})
	if err != nil {
		return "", err
	}
	return visit, nil
}
