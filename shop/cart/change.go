package cart

import (
	"context"
	"strings"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/shop/catalog"
)

// Add puts n more pieces of a variant into the cart of the token and returns the token of the cart that holds them
// now: a new one if the token was "", unknown, or that of a spent cart. A token that the store has not made never
// names a cart.
func (s *Service) Add(ctx context.Context, token id.Token, variant id.ID, n int64) (_ id.Token, c Cart, err error) {
	defer fault.Wrap(&err, "cart: add")
	fresh := id.NewToken()
	used := token
	c, err = s.add(ctx, variant, n, func(tx *db.Tx) (c Cart, err error) { c, used, err = open(tx, token, fresh); return c, err })
	if err != nil {
		return token, Cart{}, err
	}
	return used, c, nil
}

// add puts n pieces into the cart that take gives it for a change.
func (s *Service) add(ctx context.Context, variant id.ID, n int64, take func(tx *db.Tx) (Cart, error)) (c Cart, err error) {
	if n < 1 || n > MaxQuantity {
		return c, errQuantity("cart.quantity_invalid", MaxQuantity)
	}
	room, err := s.room(ctx, variant)
	if err != nil {
		return c, err
	}
	err = s.d.DB.Write(ctx, func(tx *db.Tx) error {
		if c, err = take(tx); err != nil {
			return err
		}
		if n > room.limit {
			return room.refuse(0)
		}
		ok, err := addLine(tx, c.ID, variant, n, room.limit)
		if err != nil {
			return err
		}
		c.coded = true // by now it may be
		if err := fill(tx, &c); err != nil {
			return err
		}
		switch {
		case !ok:
			return room.refuse(c.Quantity(variant))
		case len(c.Lines) > MaxLines:
			return fault.New(fault.Invalid, "cart.full").With("max", MaxLines)
		}
		return nil
	})
	if err != nil {
		return Cart{}, err
	}
	return c, nil
}

// open finds the cart of a token and takes it for a change, or makes one.
func open(tx *db.Tx, token, fresh id.Token) (c Cart, used id.Token, err error) {
	if token != "" {
		if c, err = byToken(tx, token); err != nil {
			return c, "", err
		}
	}
	if c.ID.IsZero() || c.State == Spent {
		c, err = insertCart(tx, fresh, "")
		return c, fresh, err
	}
	if err := hold(tx, c.ID); err != nil {
		return c, "", err
	}
	c.Version++
	return c, token, nil
}

// room is how much of a variant fits into a cart, and why no more.
type room struct {
	limit     int64 // pieces
	available int64
	byStock   bool
}

// room asks the catalogue and the stock. What is not sold (any more) is not found.
func (s *Service) room(ctx context.Context, variant id.ID) (room, error) {
	items, err := s.d.Catalog.Items(ctx, s.d.Language, []id.ID{variant})
	if err != nil {
		return room{}, err
	}
	item, ok := items[variant]
	if !ok || !item.Sellable {
		return room{}, fault.New(fault.NotFound, "cart.not_sold")
	}
	stock, err := s.d.Stock.Available(ctx, []id.ID{variant})
	if err != nil {
		return room{}, err
	}
	r := room{limit: mostOf(item), available: max(0, stock[variant])}
	if r.available < r.limit {
		r.limit, r.byStock = r.available, true
	}
	return r, nil
}

// mostOf is the most pieces of an item in one order.
func mostOf(item catalog.Item) int64 {
	if item.MaxPerOrder > 0 {
		return min(item.MaxPerOrder, MaxQuantity)
	}
	return MaxQuantity
}

// refuse says why no more fits when have pieces are in the cart already.
func (r room) refuse(have int64) error {
	key := "cart.limit"
	switch {
	case r.byStock && r.available == 0:
		key = "cart.sold_out"
	case r.byStock && have > 0:
		key = "cart.short_have"
	case r.byStock:
		key = "cart.short"
	}
	p := fault.Params{"n": r.limit, "have": have}
	return fault.New(fault.Invalid, key).With("n", r.limit).With("have", have).WithField("quantity", key, p)
}

// Set makes the quantity of a line n; 0 takes the line out. More than there is is refused and changes nothing.
func (s *Service) Set(ctx context.Context, token id.Token, variant id.ID, n int64) (c Cart, err error) {
	defer fault.Wrap(&err, "cart: set")
	if n < 0 || n > MaxQuantity {
		return c, errQuantity("cart.quantity_invalid", MaxQuantity)
	}
	if n == 0 {
		return s.Remove(ctx, token, variant)
	}
	room, err := s.room(ctx, variant)
	if err != nil {
		return c, err
	}
	return s.change(ctx, token, func(tx *db.Tx, c Cart) error {
		have := c.Quantity(variant)
		switch {
		case have == 0:
			return fault.New(fault.NotFound, "cart.no_line")
		case n > have && n > room.limit:
			return room.refuse(have)
		}
		return setLine(tx, c.ID, variant, n)
	})
}

// Remove takes a line out of the cart. A line that is not there is no error.
func (s *Service) Remove(ctx context.Context, token id.Token, variant id.ID) (c Cart, err error) {
	defer fault.Wrap(&err, "cart: remove")
	return s.change(ctx, token, func(tx *db.Tx, c Cart) error { return dropLine(tx, c.ID, variant) })
}

// SetCountry keeps the country of delivery for the estimate. It must be one that the store delivers to.
func (s *Service) SetCountry(ctx context.Context, token id.Token, country string) (c Cart, err error) {
	defer fault.Wrap(&err, "cart: country")
	ok, err := s.d.Delivery.Delivers(ctx, strings.ToUpper(country))
	if err != nil {
		return c, err
	}
	if !ok {
		return c, fault.New(fault.Invalid, "cart.country").WithField("country", "cart.country", nil)
	}
	return s.change(ctx, token, func(tx *db.Tx, c Cart) error { return setCountry(tx, c.ID, strings.ToUpper(country)) })
}

// change takes the open cart of a token, runs fn on it and returns the cart as it stands then.
func (s *Service) change(ctx context.Context, token id.Token, fn func(tx *db.Tx, c Cart) error) (c Cart, err error) {
	err = s.d.DB.Write(ctx, func(tx *db.Tx) error {
		if c, err = byToken(tx, token); err != nil {
			return err
		}
		if c.ID.IsZero() || c.State == Spent {
			return fault.New(fault.NotFound, "cart.none")
		}
		if err := hold(tx, c.ID); err != nil {
			return err
		}
		c.coded = true // by now it may be
		if err := fill(tx, &c); err != nil {
			return err
		}
		if err := fn(tx, c); err != nil {
			return err
		}
		if c, err = byID(tx, c.ID); err != nil {
			return err
		}
		return fill(tx, &c)
	})
	if err != nil {
		return Cart{}, err
	}
	return c, nil
}
