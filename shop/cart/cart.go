// Package cart keeps what a shopper means to buy until it is ordered.
//
// A cart is known by a random token in a cookie; the store keeps the token's hash. Its row is made at the first add.
// It holds variants and quantities and never a price: View asks the catalogue, the stock, delivery and price anew each
// time. A cart that is ordered is closed and belongs to that one order; it opens again when the order comes to nothing,
// and is spent when the order is paid. Carts that nobody touched for 30 days are removed.
package cart

import (
	"context"
	"time"

	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/shop/delivery"
	"strongroom/shop/price"
)

// Limits of a cart.
const (
	MaxLines    = 100
	MaxQuantity = 999 // of one line, where the item sets no limit of its own
)

// State is where a cart stands. The numbers are stored.
type State uint8

// The states.
const (
	Open   State = 1
	Closed State = 2 // belongs to an open order
	Spent  State = 3 // its order is paid
)

// Line is one variant in a cart.
type Line struct {
	Variant  id.ID
	Quantity int64
}

// Cart is what is stored. The zero Cart is an empty cart that has no row.
type Cart struct {
	ID      id.ID
	State   State
	Order   id.ID   // while Closed or Spent
	Country string  // of delivery, as far as it was chosen
	Lines   []Line  // oldest first
	Codes   []id.ID // discount codes
	Touched time.Time
}

// Count is the number of pieces, for the header.
func (c Cart) Count() int64 {
	var n int64
	for _, l := range c.Lines {
		n += l.Quantity
	}
	return n
}

// Deps is what a Service stands on.
type Deps struct {
	DB       *db.DB
	Price    *price.Service
	Delivery *delivery.Service
}

// Service keeps carts.
type Service struct{ d Deps }

// New makes a Service.
func New(d Deps) *Service { return &Service{d: d} }

var _ = context.Background
