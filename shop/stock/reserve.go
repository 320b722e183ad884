package stock

import (
	"strconv"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
)

func lineName(i int) string { return "stock." + strconv.Itoa(i) }

// Reserve promises all the pieces to the order, or none: then the fault stock.short names each line that cannot be
// served (see Short). Reserving the same again for the same order changes nothing; reserving something else for it is
// a fault. The pieces stay reserved until Commit or Release, whatever until says.
func (s *Service) Reserve(tx *db.Tx, order id.ID, wants []Want, until time.Time) (err error) {
	defer fault.Wrap(&err, "stock: reserve")
	sorted, err := gathered(wants)
	if err != nil {
		return err
	}
	held, err := reservations(tx, order)
	if err != nil {
		return err
	}
	if len(held) > 0 {
		return sameAgain(held, sorted)
	}
	left := map[id.ID]int64{}
	for _, w := range sorted {
		if err := s.reserveOne(tx, order, w, until, left); err != nil {
			return err
		}
	}
	if len(left) > 0 {
		return errShort(wants, left)
	}
	return nil
}

// reserveOne notes in left what is there of a variant that falls short.
func (s *Service) reserveOne(tx *db.Tx, order id.ID, w Want, until time.Time, left map[id.ID]int64) error {
	l, ok, err := changed(tx, `UPDATE stock_level SET reserved = reserved + $1, updated_at = $2
		WHERE variant = $3 AND on_hand - reserved >= $1 RETURNING on_hand, reserved`,
		w.Quantity, clock.Micros(tx.Now()), w.Variant)
	if err != nil {
		return err
	}
	if !ok {
		l, err = level(tx, w.Variant)
		left[w.Variant] = l.Available()
		return err
	}
	fresh, err := insertReservation(tx, order, w, until)
	if err != nil {
		return err
	}
	if !fresh { // another call for the same order came first and holds the row
		return fault.New(fault.Conflict, "stock.reserved_otherwise")
	}
	if err := insertMove(tx, Move{Variant: w.Variant, Kind: Reserve, Order: order, Reserved: w.Quantity}); err != nil {
		return err
	}
	return s.turned(tx, w.Variant, l.Available()+w.Quantity, l.Available())
}

// sameAgain accepts a repeated call and refuses a different one.
func sameAgain(held []Reservation, sorted []Want) error {
	if len(held) != len(sorted) {
		return fault.New(fault.Conflict, "stock.reserved_otherwise")
	}
	for i, h := range held {
		if h.Variant != sorted[i].Variant || h.Quantity != sorted[i].Quantity || h.State != open {
			return fault.New(fault.Conflict, "stock.reserved_otherwise")
		}
	}
	return nil
}

// Commit takes the order's reserved pieces off the shelf. Committing twice changes nothing; committing what was
// released is the fault stock.released: ReserveAgain first.
func (s *Service) Commit(tx *db.Tx, order id.ID) (err error) {
	defer fault.Wrap(&err, "stock: commit")
	return s.settle(tx, order, committed)
}

// Release gives the order's reserved pieces back. Releasing twice, or an order that never reserved, changes nothing;
// releasing what was committed is the fault stock.committed: those pieces come back by Restock.
func (s *Service) Release(tx *db.Tx, order id.ID) (err error) {
	defer fault.Wrap(&err, "stock: release")
	return s.settle(tx, order, released)
}

func (s *Service) settle(tx *db.Tx, order id.ID, to string) error {
	held, err := reservations(tx, order)
	if err != nil {
		return err
	}
	if to == committed && len(held) == 0 {
		return fault.New(fault.NotFound, "stock.nothing_reserved")
	}
	for _, h := range held {
		if h.State == to {
			continue
		}
		if h.State != open {
			return fault.New(fault.Conflict, "stock."+h.State)
		}
		if err := s.settleOne(tx, h, to); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) settleOne(tx *db.Tx, h Reservation, to string) error {
	ok, err := moveState(tx, h, open, to)
	if err != nil || !ok {
		return lost(err)
	}
	taken, kind := int64(0), Release
	if to == committed {
		taken, kind = h.Quantity, Commit
	}
	l, ok, err := changed(tx, `UPDATE stock_level SET reserved = reserved - $1, on_hand = on_hand - $2, updated_at = $3
		WHERE variant = $4 AND reserved >= $1 AND on_hand >= $2 RETURNING on_hand, reserved`,
		h.Quantity, taken, clock.Micros(tx.Now()), h.Variant)
	if err != nil || !ok {
		return lost(err)
	}
	m := Move{Variant: h.Variant, Kind: kind, Order: h.Order, OnHand: -taken, Reserved: -h.Quantity}
	if err := insertMove(tx, m); err != nil {
		return err
	}
	return s.turned(tx, h.Variant, l.Available()-h.Quantity+taken, l.Available())
}

// lost makes an error of an update that found the row changed: the caller's transaction must not go on.
func lost(err error) error {
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "stock.moved_on")
}

// Extend moves the moment at which the order's open reservations come up in Expired.
func (s *Service) Extend(tx *db.Tx, order id.ID, until time.Time) (err error) {
	defer fault.Wrap(&err, "stock: extend")
	n, err := tx.Exec(`UPDATE stock_reservation SET until = $1 WHERE order_id = $2 AND state = 'open'`,
		clock.Micros(until), order)
	if err == nil && n == 0 {
		return fault.New(fault.NotFound, "stock.nothing_reserved")
	}
	return err
}

// ReserveAgain reserves a second time what the order had reserved and lost, because its money arrived late after all:
// everything or nothing, like Reserve. What is still open or committed stays as it is.
func (s *Service) ReserveAgain(tx *db.Tx, order id.ID, until time.Time) (err error) {
	defer fault.Wrap(&err, "stock: reserve again")
	held, err := reservations(tx, order)
	if err != nil {
		return err
	}
	if len(held) == 0 {
		return fault.New(fault.NotFound, "stock.nothing_reserved")
	}
	left := map[id.ID]int64{}
	wants := make([]Want, 0, len(held))
	for _, h := range held {
		wants = append(wants, Want{h.Variant, h.Quantity})
		if h.State != released {
			continue
		}
		if err := s.reopen(tx, h, until, left); err != nil {
			return err
		}
	}
	if len(left) > 0 {
		return errShort(wants, left)
	}
	return nil
}

func (s *Service) reopen(tx *db.Tx, h Reservation, until time.Time, left map[id.ID]int64) error {
	l, ok, err := changed(tx, `UPDATE stock_level SET reserved = reserved + $1, updated_at = $2
		WHERE variant = $3 AND on_hand - reserved >= $1 RETURNING on_hand, reserved`,
		h.Quantity, clock.Micros(tx.Now()), h.Variant)
	if err != nil {
		return err
	}
	if !ok {
		l, err = level(tx, h.Variant)
		left[h.Variant] = l.Available()
		return err
	}
	h.Until = until
	ok, err = moveState(tx, h, released, open)
	if err != nil || !ok {
		return lost(err)
	}
	m := Move{Variant: h.Variant, Kind: Reserve, Order: h.Order, Reserved: h.Quantity}
	if err := insertMove(tx, m); err != nil {
		return err
	}
	return s.turned(tx, h.Variant, l.Available()+h.Quantity, l.Available())
}
