package cart

import (
	"context"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/shop/catalog"
	"strongroom/shop/delivery"
	"strongroom/shop/price"
)

// Catalogue is what the cart asks the catalogue: *catalog.Service, and a shelf of their own in tests.
type Catalogue interface {
	Items(ctx context.Context, lang string, variants []id.ID) (map[id.ID]catalog.Item, error)
}

// Stock is what the cart asks the stock: *stock.Service, and a shelf of their own in tests.
type Stock interface {
	Available(ctx context.Context, variants []id.ID) (map[id.ID]int64, error)
}

// Deps is what a Service stands on.
type Deps struct {
	DB       *db.DB
	Catalog  Catalogue
	Stock    Stock
	Price    *price.Service
	Taxes    *price.Taxes
	Delivery *delivery.Service
	Mode     price.Mode
	Home     string // the shop's country, for the estimate while no other is known
	Language string // the shop's default language
	Zone     *time.Location
	// MAC is a keyed hash whose key never changes, such as vault.MAC, from which the tokens of own carts follow.
	MAC func(label string, data []byte) []byte
}

// Service keeps carts.
type Service struct{ d Deps }

// New makes a Service.
func New(d Deps) *Service { return &Service{d: d} }

// Get reads the cart of a token. An unknown token, "" and the token of a spent cart have an empty one.
func (s *Service) Get(ctx context.Context, token id.Token) (c Cart, err error) {
	if token == "" {
		return Cart{}, nil
	}
	defer fault.Wrap(&err, "cart: read")
	err = s.d.DB.Read(ctx, func(tx *db.Tx) error {
		c, err = byToken(tx, token)
		if err != nil || c.State == Spent || c.ID.IsZero() {
			c = Cart{}
			return err
		}
		return fill(tx, &c)
	})
	return c, err
}

// ByID reads a cart, spent ones as well. It is for the order that the cart belongs to.
func (s *Service) ByID(ctx context.Context, cart id.ID) (c Cart, err error) {
	defer fault.Wrap(&err, "cart: read")
	err = s.d.DB.Read(ctx, func(tx *db.Tx) error {
		c, err = byID(tx, cart)
		if err != nil || c.ID.IsZero() {
			return err
		}
		return fill(tx, &c)
	})
	return c, err
}

// Count is the number of pieces in the cart of a token, for the header of a page.
func (s *Service) Count(ctx context.Context, token id.Token) (n int64, err error) {
	if token == "" {
		return 0, nil
	}
	defer fault.Wrap(&err, "cart: count")
	err = s.d.DB.Read(ctx, func(tx *db.Tx) error { n, err = countPieces(tx, token); return err })
	return n, err
}
