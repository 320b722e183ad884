package stock

import "strongroom/base/id"

// SoldOut says that the last available piece of a variant went.
type SoldOut struct{ Variant id.ID }

// EventName is the event's name.
func (SoldOut) EventName() string { return "stock.sold_out" }

// BackInStock says that a variant has pieces again.
type BackInStock struct{ Variant id.ID }

// EventName is the event's name.
func (BackInStock) EventName() string { return "stock.back" }
