package cart

import (
	"context"
	"slices"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/shop/price"
)

// ApplyCode puts a discount code on the cart. Wrong codes are counted for the cart and the network of the actor; codes
// that may not stand together are refused.
func (s *Service) ApplyCode(ctx context.Context, token id.Token, by access.Actor, typed string) (c Cart, err error) {
	defer fault.Wrap(&err, "cart: apply a code")
	c, err = s.Get(ctx, token)
	if err != nil {
		return c, err
	}
	if c.ID.IsZero() {
		return c, fault.New(fault.NotFound, "cart.none")
	}
	d, err := s.d.Price.Check(ctx, price.Asker{Cart: c.ID, Origin: by.Origin}, typed)
	if err != nil {
		return c, err
	}
	had := c.Codes
	if slices.Contains(had, d.Code) {
		return c, nil
	}
	others, gone, err := s.d.Price.Current(ctx, had, id.ID{})
	if err != nil {
		return c, err
	}
	for _, o := range others {
		if !price.Together(d, o) {
			return c, fault.New(fault.Conflict, "price.not_together").WithField("code", "price.not_together", nil)
		}
	}
	if len(others) >= MaxCodes {
		return c, fault.New(fault.Conflict, "price.not_together").WithField("code", "price.not_together", nil)
	}
	return s.change(ctx, token, func(tx *db.Tx, c Cart) error {
		if !slices.Equal(c.Codes, had) {
			return errChanged() // the codes that were compared are no longer those of the cart
		}
		for _, g := range gone {
			if err := dropCode(tx, c.ID, g.Code); err != nil {
				return err
			}
		}
		return addCode(tx, c.ID, d.Code)
	})
}

// DropCode takes a discount code off the cart.
func (s *Service) DropCode(ctx context.Context, token id.Token, code id.ID) (c Cart, err error) {
	defer fault.Wrap(&err, "cart: drop a code")
	return s.change(ctx, token, func(tx *db.Tx, c Cart) error { return dropCode(tx, c.ID, code) })
}
