package shopper

import (
	"context"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
	"strongroom/shop/delivery"
)

// parts are the sealed fields of an address in the order of their columns.
var parts = [...]struct {
	name     string
	declared *privacy.Declaration
}{{"name", privacy.ShopperAddressName}, {"company", privacy.ShopperAddressCompany}, {"street", privacy.ShopperAddressStreet},
	{"line2", privacy.ShopperAddressLine2}, {"postcode", privacy.ShopperAddressPostcode}, {"city", privacy.ShopperAddressCity},
	{"region", privacy.ShopperAddressRegion}}

// Add keeps an address. The first one is the chosen one; a later one is if chosen says so.
func (s *Service) Add(ctx context.Context, o Owner, to delivery.Address, chosen bool) (address id.ID, err error) {
	defer fault.Wrap(&err, "shopper: add address")
	address = id.New(s.d.DB.Clock().Now(), nil)
	r, err := s.seal(ctx, o, address, to)
	if err != nil {
		return address, err
	}
	return address, s.act(ctx, o, "address_added", func(tx *db.Tx) error {
		has, err := countAddresses(tx, o.Account)
		if err != nil {
			return err
		}
		if has >= MaxAddresses {
			return errFull
		}
		if err := insertAddress(tx, o, r); err != nil || has > 0 && !chosen {
			return err
		}
		return choose(tx, o.Account, address)
	})
}

// seal checks and seals an address for its row, before the transaction.
func (s *Service) seal(ctx context.Context, o Owner, address id.ID, to delivery.Address) (r row, err error) {
	if to, err = clean(to); err != nil {
		return r, err
	}
	r = row{id: address, country: to.Country}
	for i, p := range parts {
		text := to.Get(p.name)
		if text == "" {
			continue
		}
		if r.sealed[i], err = s.d.Vault.Seal(ctx, p.declared.Field, o.Subject, address, vault.Typed(text)); err != nil {
			return r, err
		}
	}
	return r, nil
}

// Change replaces an address.
func (s *Service) Change(ctx context.Context, o Owner, address id.ID, to delivery.Address) (err error) {
	defer fault.Wrap(&err, "shopper: change address")
	r, err := s.seal(ctx, o, address, to)
	if err != nil {
		return err
	}
	return s.mine(ctx, o, address, "address_changed", func(tx *db.Tx) (bool, error) { return updateAddress(tx, o.Account, r) })
}

// Choose makes an address the one that goods go to unless another is picked.
func (s *Service) Choose(ctx context.Context, o Owner, address id.ID) (err error) {
	defer fault.Wrap(&err, "shopper: choose address")
	return s.mine(ctx, o, address, "address_chosen", func(tx *db.Tx) (bool, error) {
		_, ok, err := addressBy(tx, o.Account, address)
		if err != nil || !ok {
			return false, err
		}
		return true, choose(tx, o.Account, address)
	})
}

// Remove forgets an address. If it was the chosen one, the oldest of the others is chosen.
func (s *Service) Remove(ctx context.Context, o Owner, address id.ID) (err error) {
	defer fault.Wrap(&err, "shopper: remove address")
	return s.mine(ctx, o, address, "address_removed", func(tx *db.Tx) (bool, error) {
		ok, err := deleteAddress(tx, o.Account, address)
		if err != nil || !ok {
			return false, err
		}
		return true, chooseSome(tx, o.Account)
	})
}

// mine is act for what needs an address of the owner's. One that is not hers is noted and unknown.
func (s *Service) mine(ctx context.Context, o Owner, address id.ID, act string, fn func(tx *db.Tx) (bool, error)) error {
	err := s.act(ctx, o, act, func(tx *db.Tx) error {
		ok, err := fn(tx)
		if err == nil && !ok {
			err = errUnknown
		}
		return err
	})
	if fault.Is(err, fault.NotFound) {
		return s.foreign(ctx, o, address)
	}
	return err
}

// Forget takes away everything of an account that was closed. Its keys are destroyed besides.
func (s *Service) Forget(ctx context.Context, account id.ID) (err error) {
	defer fault.Wrap(&err, "shopper: forget")
	return s.d.DB.Write(ctx, func(tx *db.Tx) error { return forget(tx, account) })
}
