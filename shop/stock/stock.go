// Package stock knows what is there and what is promised, and never sells a piece twice.
//
// A variant has pieces on hand; some of them are reserved by open orders; the rest is available:
//
//	available = on hand - reserved
//
// An order reserves when it is placed (Reserve), and then either takes its pieces (Commit, when it is paid) or gives
// them back (Release, when its payment session is known to be closed). Time alone releases nothing: Expired lists what
// is due, and the order service decides after it has asked the payment provider. Money that arrives after a release
// reserves again (ReserveAgain), if pieces are left.
//
// Every change is one guarded update ("... SET reserved = reserved + n WHERE on_hand - reserved >= n") whose row count
// decides, at READ COMMITTED, and leaves a row in stock_move; the moves of a variant add up to its state. Variants are
// always taken in the order of their ids, so that two orders never wait for each other.
package stock

import (
	"bytes"
	"slices"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/audit"
)

// Max is the most pieces of one variant that the store counts.
const Max = 1_000_000_000

// MaxLines is the most variants of one order.
const MaxLines = 200

// Want is a number of pieces of one variant.
type Want struct {
	Variant  id.ID
	Quantity int64
}

// Level is the state of one variant.
type Level struct {
	OnHand   int64
	Reserved int64
}

// Available is how many pieces may be sold.
func (l Level) Available() int64 { return l.OnHand - l.Reserved }

// The kinds of moves.
const (
	Count   = "count"   // somebody counted, or an import set the number
	Receive = "receive" // goods came in, or a correction
	Reserve = "reserve"
	Release = "release"
	Commit  = "commit"
	Restock = "restock" // a return or a withdrawal
)

// Move is one change of one variant.
type Move struct {
	ID       id.ID
	Variant  id.ID
	Kind     string
	Order    id.ID  // zero if no order is behind it
	OnHand   int64  // change
	Reserved int64  // change
	Reason   string // of a change by hand: one of Reasons, or Imported
	Actor    string // of a change by hand: kind and role of who made it
	At       time.Time
}

// Reservation is what one order holds of one variant.
type Reservation struct {
	Order    id.ID
	Variant  id.ID
	Quantity int64
	State    string // open, committed, released
	Until    time.Time
	Returned int64
}

// The states of a reservation: open moves to committed or released, released may be opened again.
const (
	open      = "open"
	committed = "committed"
	released  = "released"
)

// Shelf wants to know when the last piece of a variant goes, or the first one comes back.
type Shelf interface {
	// StockTurned is called in the transaction of the move.
	StockTurned(tx *db.Tx, variant id.ID, available bool) error
}

// Service is the stock of the store.
type Service struct {
	db    *db.DB
	audit *audit.Log
	shelf Shelf
}

// Deps are what the stock stands on.
type Deps struct {
	DB    *db.DB
	Audit *audit.Log // nil: acts leave no entry (tests)
}

// New makes the service.
func New(d Deps) *Service { return &Service{db: d.DB, audit: d.Audit} }

// Tell sets who hears of sold-out variants. It is called once, when the program is wired (catalog.New does).
func (s *Service) Tell(shelf Shelf) { s.shelf = shelf }

// errShort says which lines the stock cannot serve. Field names are "stock.N": N counts the lines as they were wanted.
func errShort(wants []Want, left map[id.ID]int64) error {
	f := fault.New(fault.Conflict, "stock.short")
	for i, w := range wants {
		if n, short := left[w.Variant]; short {
			key := "stock.short_line"
			if n == 0 {
				key = "stock.none_line"
			}
			f.WithField(lineName(i), key, fault.Params{"n": n, "variant": w.Variant.String()})
		}
	}
	return f
}

// Short reads a fault of Reserve: how many pieces are left of each variant that was short. nil for other errors.
func Short(err error) map[id.ID]int64 {
	f := fault.As(err)
	if f == nil || f.Key != "stock.short" {
		return nil
	}
	left := map[id.ID]int64{}
	for _, field := range f.Fields {
		text, _ := field.Params["variant"].(string)
		n, _ := field.Params["n"].(int64)
		if v, err := id.Parse(text); err == nil {
			left[v] = n
		}
	}
	return left
}

// gathered adds up wants for the same variant and sorts them by id.
func gathered(wants []Want) ([]Want, error) {
	if len(wants) == 0 || len(wants) > MaxLines {
		return nil, fault.New(fault.Malformed, "stock.lines")
	}
	sum := map[id.ID]int64{}
	for _, w := range wants {
		if w.Variant.IsZero() || w.Quantity <= 0 || w.Quantity > Max {
			return nil, fault.New(fault.Malformed, "stock.quantity")
		}
		sum[w.Variant] += w.Quantity
	}
	out := make([]Want, 0, len(sum))
	for v, n := range sum {
		out = append(out, Want{v, n})
	}
	slices.SortFunc(out, func(a, b Want) int { return bytes.Compare(a.Variant[:], b.Variant[:]) })
	return out, nil
}
