// Package cart keeps what a shopper means to buy until it is ordered.
//
// A cart is known by a random token in a cookie; the store keeps the token's hash. Its row is made at the first add.
// It holds variants and quantities and never a price: View asks the catalogue, the stock, delivery and price anew each
// time, so that nothing that a browser sends can change what something costs.
//
// A cart that is ordered is closed and belongs to that one order. It opens again when the order comes to nothing
// (Reopen), and is spent when the order is paid (Spend); the next add then begins a new one. Each change raises the
// cart's version, and Close takes only the version that was shown. Carts that nobody touched for 30 days are removed.
package cart

import (
	"strconv"
	"strings"
	"time"

	"strongroom/base/fault"
	"strongroom/base/id"
)

// Limits of a cart.
const (
	MaxLines    = 100
	MaxQuantity = 999 // of one line, where the item sets no lower limit of its own
	MaxCodes    = 3
	Keep        = 30 * 24 * time.Hour // untouched
	touchEvery  = time.Minute
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
	Version int64
	Order   id.ID   // while Closed or Spent
	Country string  // of delivery, as far as it was chosen
	Lines   []Line  // oldest first
	Codes   []id.ID // discount codes, by id
	Touched time.Time

	coded bool // it has codes, which are read by fill
}

// Count is the number of pieces, for the header.
func (c Cart) Count() int64 {
	var n int64
	for _, l := range c.Lines {
		n += l.Quantity
	}
	return n
}

// Empty says whether there is nothing in the cart.
func (c Cart) Empty() bool { return len(c.Lines) == 0 }

// Quantity is how much of a variant is in the cart.
func (c Cart) Quantity(variant id.ID) int64 {
	for _, l := range c.Lines {
		if l.Variant == variant {
			return l.Quantity
		}
	}
	return 0
}

func (c Cart) variants() []id.ID {
	out := make([]id.ID, len(c.Lines))
	for i, l := range c.Lines {
		out[i] = l.Variant
	}
	return out
}

// ParseQuantity reads a quantity as people type it: a whole number from 0 to MaxQuantity, with spaces around.
func ParseQuantity(s string) (int64, error) {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 6 || strings.Trim(s, "0123456789") != "" {
		return 0, errQuantity("cart.quantity_invalid", MaxQuantity)
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n > MaxQuantity {
		return 0, errQuantity("cart.quantity_max", MaxQuantity)
	}
	return n, nil
}

func errQuantity(key string, n int64) error {
	return fault.New(fault.Invalid, key).With("max", n).WithField("quantity", key, fault.Params{"max": n})
}

func errClosed() error { return fault.New(fault.Conflict, "cart.closed") }

func errChanged() error { return fault.New(fault.Conflict, "cart.changed") }
