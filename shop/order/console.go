package order

import (
	"context"
	"time"
)

// Filter chooses orders for List: newest first, keyset paged.
type Filter struct {
	State State  // 0 for every state
	After string // Page.Next of the page before; empty for the first
	Limit int    // at most 200; 50 when 0
	Since time.Time
	Until time.Time
}

// Page is a part of the list.
type Page struct {
	Orders []Order
	Next   string // empty on the last page
}

// Masked is an order for staff and scripts: personal fields are masks unless a reason was given.
type Masked struct {
	Order
	Lines  []Line
	Taxes  []Tax
	Moves  []Move
	Fields []MaskedField
}

// MaskedField is one personal field by name ("email", "delivery.name", ...): its mask, or its text after a reveal.
type MaskedField struct{ Name, Text string }

// List returns a page of orders.
func (s *Service) List(ctx context.Context, f Filter) (Page, error) { return Page{}, errLater }
