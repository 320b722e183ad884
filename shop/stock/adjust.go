package stock

import (
	"context"
	"slices"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
)

// Available says how many pieces of each variant may be sold. Variants that were never counted are 0.
func (s *Service) Available(ctx context.Context, variants []id.ID) (out map[id.ID]int64, err error) {
	defer fault.Wrap(&err, "stock: available")
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = s.AvailableTx(tx, variants)
		return err
	})
	return out, err
}

// AvailableTx is Available inside a transaction.
func (s *Service) AvailableTx(tx *db.Tx, variants []id.ID) (map[id.ID]int64, error) {
	out := make(map[id.ID]int64, len(variants))
	for part := range slices.Chunk(variants, chunk) {
		if err := available(tx, part, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Level is the state of one variant; never counted means zero.
func (s *Service) Level(ctx context.Context, variant id.ID) (l Level, err error) {
	defer fault.Wrap(&err, "stock: level")
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		l, err = level(tx, variant)
		return err
	})
	return l, err
}

// LevelTx is Level inside a transaction.
func (s *Service) LevelTx(tx *db.Tx, variant id.ID) (Level, error) { return level(tx, variant) }

// Moves are the last changes of a variant, newest first, at most limit (and never more than 1,000).
func (s *Service) Moves(ctx context.Context, variant id.ID, limit int) (out []Move, err error) {
	defer fault.Wrap(&err, "stock: moves")
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = moves(tx, variant, min(max(limit, 1), 1000))
		return err
	})
	return out, err
}

// Expired lists orders with reservations whose time is over, the oldest first. Nothing is released by this: ask the
// payment provider, then Release or Extend.
func (s *Service) Expired(ctx context.Context, now time.Time, limit int) (orders []id.ID, err error) {
	defer fault.Wrap(&err, "stock: expired")
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		orders, err = expired(tx, now, min(max(limit, 1), 1000))
		return err
	})
	return orders, err
}

// SetTx says that onHand pieces were counted, inside the transaction of the catalogue, which has asked for the right and
// writes the act's entry. Fewer than are promised to open orders is the fault stock.below_reserved.
func (s *Service) SetTx(tx *db.Tx, c Change) (err error) {
	defer fault.Wrap(&err, "stock: set")
	variant, onHand := c.Variant, c.Pieces
	if onHand < 0 || onHand > Max {
		return fault.New(fault.Invalid, "stock.quantity")
	}
	fresh, err := insertLevel(tx, variant, onHand)
	if err != nil {
		return err
	}
	if fresh {
		return s.counted(tx, c, Level{})
	}
	before, err := level(tx, variant)
	if err != nil || before.OnHand == onHand {
		return err
	}
	// The number read before guards the update: whoever changed it meanwhile makes this count out of date.
	_, ok, err := changed(tx, `UPDATE stock_level SET on_hand = $1, updated_at = $2
		WHERE variant = $3 AND on_hand = $4 AND reserved <= $1 RETURNING on_hand, reserved`,
		onHand, clock.Micros(tx.Now()), variant, before.OnHand)
	if err != nil {
		return err
	}
	if !ok && before.Reserved > onHand {
		return fault.New(fault.Conflict, "stock.below_reserved").With("reserved", before.Reserved)
	}
	if !ok {
		return lost(nil)
	}
	return s.counted(tx, c, before)
}

// First is the first count of a variant that the store did not have before.
type First struct {
	Variant id.ID
	OnHand  int64
}

// FirstTx notes the first counts of new variants, many at once. Nobody is told that they are there: their page is made
// in the same transaction.
func (s *Service) FirstTx(tx *db.Tx, counts []First) (err error) {
	defer fault.Wrap(&err, "stock: first")
	for _, c := range counts {
		if c.OnHand < 0 || c.OnHand > Max {
			return fault.New(fault.Invalid, "stock.quantity")
		}
	}
	return insertFirst(tx, counts)
}

func (s *Service) counted(tx *db.Tx, c Change, before Level) error {
	if c.Pieces == before.OnHand {
		return nil
	}
	m := Move{Variant: c.Variant, Kind: Count, OnHand: c.Pieces - before.OnHand, Reason: c.Reason, Actor: actorName(c.Actor)}
	if err := insertMove(tx, m); err != nil {
		return err
	}
	return s.turned(tx, c.Variant, before.Available(), c.Pieces-before.Reserved)
}

// add changes what is on hand and leaves the move.
func (s *Service) add(tx *db.Tx, m Move) error {
	l, ok, err := changed(tx, `UPDATE stock_level SET on_hand = on_hand + $1, updated_at = $2
		WHERE variant = $3 AND on_hand + $1 >= reserved AND on_hand + $1 <= $4 RETURNING on_hand, reserved`,
		m.OnHand, clock.Micros(tx.Now()), m.Variant, int64(Max))
	if err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.Conflict, "stock.below_reserved")
	}
	if err := insertMove(tx, m); err != nil {
		return err
	}
	return s.turned(tx, m.Variant, l.Available()-m.OnHand, l.Available())
}

// Restock puts returned pieces of a paid order back on the shelf. More than the order took is the fault
// stock.too_many_returned.
func (s *Service) Restock(tx *db.Tx, order id.ID, wants []Want) (err error) {
	defer fault.Wrap(&err, "stock: restock")
	sorted, err := gathered(wants)
	if err != nil {
		return err
	}
	for _, w := range sorted {
		n, err := tx.Exec(`UPDATE stock_reservation SET returned = returned + $1
			WHERE order_id = $2 AND variant = $3 AND state = 'committed' AND returned + $1 <= quantity`,
			w.Quantity, order, w.Variant)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "stock.too_many_returned")
		}
		if err := s.add(tx, Move{Variant: w.Variant, Kind: Restock, Order: order, OnHand: w.Quantity}); err != nil {
			return err
		}
	}
	return nil
}

// Reserved are the reservations of an order, by variant.
func (s *Service) Reserved(tx *db.Tx, order id.ID) (rs []Reservation, err error) {
	defer fault.Wrap(&err, "stock: reserved")
	return reservations(tx, order)
}

// turned tells the shelf when the last piece goes or the first one comes back.
func (s *Service) turned(tx *db.Tx, variant id.ID, before, after int64) error {
	if (before > 0) == (after > 0) {
		return nil
	}
	var e any = SoldOut{variant}
	if after > 0 {
		e = BackInStock{variant}
	}
	if err := tx.Emit(e); err != nil {
		return err
	}
	if s.shelf == nil {
		return nil
	}
	return s.shelf.StockTurned(tx, variant, after > 0)
}
