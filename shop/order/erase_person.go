package order

import (
	"context"
	"slices"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
)

// Erasing is what an erasure would do to one order.
type Erasing struct {
	Erasure
	ID       id.ID
	State    State
	PlacedAt time.Time
	Gone     bool      // it was erased already
	Open     bool      // it waits for its money: nothing is erased before that has ended
	Waits    time.Time // the time of withdrawal and returns runs until then; zero when it is over
}

// Hindered says whether the order keeps a person from being erased.
func (e Erasing) Hindered(evenSo bool) bool {
	return !e.Gone && (e.Open || !e.Waits.IsZero() && !evenSo)
}

// Whom says who is to be erased: the person of an order, or of an exact e-mail address.
type Whom struct {
	Number string
	Email  vault.Personal
}

// mostErased bounds the orders of one person.
const mostErased = 200

// PlanErase says what an erasure of a person would do to all orders of her address. It changes nothing and shows nothing
// personal; that somebody was looked up by address stands in the log. address is hers, for who looks further; zero if it
// was erased already.
func (s *Service) PlanErase(ctx context.Context, who access.Actor, w Whom) (list []Erasing, address vault.Personal, err error) {
	defer fault.Wrap(&err, "order: plan an erasure")
	if err := s.d.Audit.Allow(ctx, who, access.OrderErase, audit.Act{Action: "order.plan_erase", Object: "order"}); err != nil {
		return nil, address, err
	}
	var orders []Order
	if w.Number != "" {
		if orders, address, err = s.sameAddress(ctx, who, w.Number); err != nil {
			return nil, address, err
		}
	} else {
		address = w.Email
		if orders, err = s.Find(ctx, who, address); err != nil {
			return nil, address, err
		}
	}
	err = s.read(ctx, func(tx *db.Tx) error {
		list = nil
		for _, o := range orders {
			e, err := s.erasing(tx, o)
			if err != nil {
				return err
			}
			list = append(list, e)
		}
		return nil
	})
	return list, address, err
}

// sameAddress finds the order and all others with the same e-mail address, without anybody seeing it.
func (s *Service) sameAddress(ctx context.Context, who access.Actor, number string) (orders []Order, address vault.Personal, err error) {
	o, err := s.forStaff(ctx, who, access.OrderErase, "order.plan_erase", number)
	if err != nil {
		return nil, address, err
	}
	sealed, _, err := s.personal(ctx, o.ID)
	if err != nil {
		return nil, address, err
	}
	address = s.d.Vault.Sealed(privacy.OrderEmail.Field, o.Subject, o.ID, sealed[0])
	if address.IsZero() {
		return []Order{o}, address, nil
	}
	subjects, err := s.d.Vault.Find(ctx, privacy.OrderEmail.Field, address, mostErased)
	if vault.Erased(err) {
		return []Order{o}, vault.Personal{}, nil
	}
	if err != nil {
		return nil, address, err
	}
	err = s.read(ctx, func(tx *db.Tx) error {
		orders = []Order{o}
		for _, v := range subjects {
			more, err := bySubject(tx, v)
			if err != nil {
				return err
			}
			for _, x := range more {
				if x.ID != o.ID {
					orders = append(orders, x)
				}
			}
		}
		return nil
	})
	return orders, address, err
}

func (s *Service) erasing(tx *db.Tx, o Order) (e Erasing, err error) {
	sealed, _, err := personalOf(tx, o.ID)
	if err != nil {
		return e, err
	}
	e = Erasing{Erasure: s.erasureOf(o), ID: o.ID, State: o.State, PlacedAt: o.PlacedAt, Gone: len(sealed[0]) == 0, Open: o.State.Open() || o.State == Authorised}
	if until := s.linkUntil(o); o.State.Settled() && tx.Now().Before(until) {
		e.Waits = until
	}
	return e, nil
}

// EraseApproved destroys the keys of the orders' persons, in the transaction of an act that two people stand behind. All
// of them, or none: an order that cannot be erased any more ends it.
func (s *Service) EraseApproved(tx *db.Tx, by access.Approved, who access.Actor, orders []id.ID, evenSo bool) (err error) {
	defer fault.Wrap(&err, "order: approved erasure")
	if err := by.For(access.ErasePerson); err != nil {
		return err
	}
	for _, v := range orders {
		o, err := byID(tx, v)
		if err != nil {
			return err
		}
		e, err := s.erasing(tx, o)
		if err != nil {
			return err
		}
		if err := untie(tx, o.ID); err != nil {
			return err
		}
		if e.Gone {
			continue
		}
		if err := s.erasable(o, evenSo); err != nil {
			return err
		}
		if err := s.eraseTx(tx, o, who, "", e.Purposes, bothFacts(by)...); err != nil {
			return err
		}
	}
	return nil
}

// AccountOf is the shopper's account that one of the orders is tied to; zero if none is.
func (s *Service) AccountOf(ctx context.Context, orders []Erasing) (account id.ID, err error) {
	defer fault.Wrap(&err, "order: account of orders")
	err = s.read(ctx, func(tx *db.Tx) error {
		for _, o := range orders {
			v, ok, err := db.One(tx, scanOrderID, `SELECT account FROM order_account WHERE order_id = $1`, o.ID)
			if err != nil {
				return err
			}
			if ok {
				account = v
				return nil
			}
		}
		return nil
	})
	return account, err
}

// PlanEraseAccount says what an erasure would do to the orders that are tied to an account and are not in the list yet:
// they may have been placed with an address that the account had before.
func (s *Service) PlanEraseAccount(ctx context.Context, who access.Actor, account id.ID, known []Erasing) (more []Erasing, err error) {
	defer fault.Wrap(&err, "order: plan an erasure")
	if err := s.d.Audit.Allow(ctx, who, access.OrderErase, audit.Act{Action: "order.plan_erase", Object: "account", ObjectID: account}); err != nil {
		return nil, err
	}
	err = s.read(ctx, func(tx *db.Tx) error {
		more = nil
		list, err := ownOrders(tx, account, "", mostErased)
		for _, o := range list {
			if err == nil && !slices.ContainsFunc(known, func(e Erasing) bool { return e.ID == o.ID }) {
				var e Erasing
				e, err = s.erasing(tx, o)
				more = append(more, e)
			}
		}
		return err
	})
	return more, err
}
