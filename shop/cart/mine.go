package cart

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/shop/price"
)

// Who is signed in has one cart, whatever the browser. Its token is made out of the account with a key of the store and
// stands in no cookie: a page computes it anew for each request, after it has checked the session. So the cart is open
// in every browser that is signed in and closed in every one that no longer is, and no row ties a cart to an account.

// Mine is the token of an account's own cart.
func (s *Service) Mine(account id.ID) id.Token {
	return id.Token(base64.RawURLEncoding.EncodeToString(s.d.MAC("cart.mine", account[:])))
}

// AddMine is Add for an account's own cart. A cart that was ordered makes room for a new one under the same token.
func (s *Service) AddMine(ctx context.Context, mine id.Token, variant id.ID, n int64) (c Cart, err error) {
	defer fault.Wrap(&err, "cart: add to one's own")
	return s.add(ctx, variant, n, func(tx *db.Tx) (Cart, error) { return openMine(tx, mine, true) })
}

// openMine takes the own cart for a change, or makes it. anew says that one whose order waits for its payment is left
// to that order; otherwise it is refused as closed.
func openMine(tx *db.Tx, mine id.Token, anew bool) (c Cart, err error) {
	if c, err = byToken(tx, mine); err != nil {
		return c, err
	}
	if c.State == Spent || anew && c.State == Closed {
		if err := rename(tx, c.ID, id.NewToken()); err != nil {
			return c, err
		}
		c = Cart{}
	}
	if c.ID.IsZero() {
		if err := insertMine(tx, mine); err != nil {
			return c, err
		}
		if c, err = byToken(tx, mine); err != nil {
			return c, err
		}
	}
	if err := hold(tx, c.ID); err != nil {
		return c, err
	}
	c.Version++
	return c, nil
}

// Merged says what became of a guest's cart: From is the cart that was taken over and Into the one that has it now,
// both zero if there was nothing to take. Left means that something stays in the guest's cart, whose token is still of use;
// Why is what its owner should be told.
type Merged struct {
	From, Into id.ID
	Left       bool
	Why        Why
}

// Why says why not everything of a guest's cart came along.
type Why uint8

// The reasons.
const (
	NoRoom  Why = 1 // the own cart holds as many different things as it can; the others stay with the guest
	Waiting Why = 2 // the order of the own cart waits for its payment; everything stays with the guest
	Fewer   Why = 3 // of something there are fewer pieces than both carts had together; nothing stays
)

// String is the reason's word; message keys are "shop.merged_" and this. It is empty if everything came along.
func (w Why) String() string {
	switch w {
	case NoRoom:
		return "room"
	case Waiting:
		return "waiting"
	case Fewer:
		return "fewer"
	}
	return ""
}

// Merge takes a guest's cart into the own cart of who has signed in. Quantities of the same variant add up, as far as
// the stock and the bounds of a cart go, but never below what either cart had already. A discount code of the guest's
// cart is kept; one of the own cart stays if the two may stand together. A cart whose order waits for its payment is
// left alone. Merging the same cart twice, or two carts at once, neither loses nor doubles anything.
func (s *Service) Merge(ctx context.Context, guest, mine id.Token) (m Merged, err error) {
	defer fault.Wrap(&err, "cart: merge")
	for range 3 {
		if m, err = s.merge(ctx, guest, mine); !errors.Is(err, errMoved) {
			break
		}
	}
	if f := fault.As(err); f != nil && f.Key == "cart.closed" {
		return Merged{Left: true}, nil // ordered this moment, or its order is being paid
	}
	return m, err
}

// errMoved means that a code came or went between looking at the codes and writing.
var errMoved = errors.New("cart: the codes are no longer those that were compared")

func (s *Service) merge(ctx context.Context, guest, mine id.Token) (m Merged, err error) {
	from, err := s.Get(ctx, guest)
	if err != nil || from.ID.IsZero() || from.State == Open && from.Empty() && len(from.Codes) == 0 {
		return m, err
	}
	own, err := s.Get(ctx, mine)
	switch {
	case err != nil || from.State == Closed: // what the guest ordered stays with that order
		return Merged{Left: true}, err
	case own.State == Closed:
		return Merged{Left: true, Why: Waiting}, nil
	}
	limits, err := s.limits(ctx, from.variants())
	if err != nil {
		return m, err
	}
	codes, err := s.codesTogether(ctx, from.Codes, own.Codes)
	if err != nil {
		return m, err
	}
	err = s.d.DB.Write(ctx, func(tx *db.Tx) error {
		m = Merged{}
		into, err := openMine(tx, mine, false)
		if err != nil {
			return err
		}
		g, err := byToken(tx, guest)
		if err != nil || g.ID.IsZero() {
			return err // merged by another request, which waits for nobody now
		}
		if err := hold(tx, g.ID); err != nil {
			return err
		}
		into.coded, g.coded = true, true // by now they may be
		if err := errors.Join(fill(tx, &into), fill(tx, &g)); err != nil {
			return err
		}
		if !slices.Equal(g.Codes, from.Codes) || !slices.Equal(into.Codes, own.Codes) {
			return errMoved
		}
		m.From, m.Into = g.ID, into.ID
		m.Why, err = take(tx, &into, g, limits)
		if err != nil {
			return err
		}
		m.Left = m.Why == NoRoom
		return s.settle(tx, into, g, codes, m.Left)
	})
	return m, err
}

// take moves lines, and says why something could not come along. What had no room is said before what is fewer.
func take(tx *db.Tx, into *Cart, from Cart, limits map[id.ID]int64) (why Why, err error) {
	lines := len(into.Lines)
	for _, l := range from.Lines {
		have := into.Quantity(l.Variant)
		if have == 0 {
			if lines >= MaxLines {
				why = NoRoom
				continue
			}
			lines++
		}
		n := max(have, l.Quantity, min(have+l.Quantity, limits[l.Variant]))
		if n < have+l.Quantity && why == 0 {
			why = Fewer
		}
		if err := putLine(tx, into.ID, l.Variant, n); err != nil {
			return why, err
		}
		if err := dropLine(tx, from.ID, l.Variant); err != nil {
			return why, err
		}
	}
	return why, nil
}

// settle makes codes the own cart's, takes over the country if it has none, and removes what is empty.
func (s *Service) settle(tx *db.Tx, into, from Cart, codes []id.ID, left bool) error {
	for _, c := range into.Codes {
		if !slices.Contains(codes, c) {
			if err := dropCode(tx, into.ID, c); err != nil {
				return err
			}
		}
	}
	for _, c := range codes {
		if err := addCode(tx, into.ID, c); err != nil {
			return err
		}
	}
	if into.Country == "" && from.Country != "" {
		if err := setCountry(tx, into.ID, from.Country); err != nil {
			return err
		}
	}
	for _, c := range from.Codes {
		if err := dropCode(tx, from.ID, c); err != nil {
			return err
		}
	}
	if left {
		return nil
	}
	return deleteCart(tx, from.ID)
}

// limits is how much of each variant fits into one cart; nothing of what is not sold.
func (s *Service) limits(ctx context.Context, variants []id.ID) (map[id.ID]int64, error) {
	items, err := s.d.Catalog.Items(ctx, s.d.Language, variants)
	if err != nil {
		return nil, err
	}
	stock, err := s.d.Stock.Available(ctx, variants)
	if err != nil {
		return nil, err
	}
	out := make(map[id.ID]int64, len(variants))
	for _, v := range variants {
		if item, ok := items[v]; ok && item.Sellable {
			out[v] = max(0, min(mostOf(item), stock[v]))
		}
	}
	return out, nil
}

// codesTogether are the codes of the first list that still count, and of the second what may stand with them.
func (s *Service) codesTogether(ctx context.Context, first, second []id.ID) (codes []id.ID, err error) {
	var kept []price.Discount
	for _, list := range [][]id.ID{first, second} {
		ds, _, err := s.d.Price.Current(ctx, list, id.ID{})
		if err != nil {
			return nil, err
		}
		for _, d := range ds {
			fits := len(kept) < MaxCodes && !slices.Contains(codes, d.Code)
			if !fits || slices.ContainsFunc(kept, func(k price.Discount) bool { return !price.Together(d, k) }) {
				continue
			}
			kept, codes = append(kept, d), append(codes, d.Code)
		}
	}
	return codes, nil
}
