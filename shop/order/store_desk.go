package order

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/base/money"
)

// setParcel is the guarded update below every move of the goods.
func setParcel(tx *db.Tx, o Order, to Parcel) error {
	return tx.Guard(errMoved, `UPDATE order_head SET parcel = $1 WHERE id = $2 AND parcel = $3`, int64(to), o.ID, int64(o.Parcel))
}

func setDelivered(tx *db.Tx, order id.ID, at time.Time) error {
	if _, err := tx.Exec(`UPDATE order_shipment SET delivered_at = $1 WHERE order_id = $2 AND delivered_at = 0`,
		clock.Micros(at), order); err != nil {
		return err
	}
	return tx.Guard(errMoved, `UPDATE order_head SET delivered_at = $1 WHERE id = $2 AND delivered_at = 0`, clock.Micros(at), order)
}

func insertParcelMove(tx *db.Tx, order id.ID, m ParcelMove) error {
	// The order's head was written just before and is locked, so that nobody else counts at the same time.
	var seq int64
	err := tx.QueryRow(`SELECT COALESCE(MAX(seq), 0) + 1 FROM order_parcel_move WHERE order_id = $1`, order).Scan(&seq)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO order_parcel_move (order_id, seq, from_step, to_step, reason, actor, shipment, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		order, seq, int64(m.From), int64(m.To), string(m.Reason), m.Actor, m.Shipment, clock.Micros(m.At))
	return err
}

func parcelMovesOf(tx *db.Tx, order id.ID) ([]ParcelMove, error) {
	return db.All(tx, func(r db.Scanner) (m ParcelMove, err error) {
		var at int64
		err = r.Scan(&m.From, &m.To, &m.Reason, &m.Actor, &m.Shipment, &at)
		m.At = clock.FromMicros(at)
		return m, err
	}, `SELECT from_step, to_step, reason, actor, shipment, at FROM order_parcel_move WHERE order_id = $1 ORDER BY seq LIMIT 200`, order)
}

// insertShipment writes a shipment; false means that the attempt has written one.
func insertShipment(tx *db.Tx, order id.ID, sh Shipment, tracking, attempt []byte) (bool, error) {
	n, err := tx.Exec(`INSERT INTO order_shipment (id, order_id, carrier, tracking, attempt, sent_at, delivered_at)
		VALUES ($1, $2, $3, $4, $5, $6, 0) ON CONFLICT (order_id, attempt) DO NOTHING`,
		sh.ID, order, sh.Carrier, tracking, attempt, clock.Micros(sh.SentAt))
	return n == 1, err
}

func insertShipmentLine(tx *db.Tx, shipment id.ID, p Pieces) error {
	_, err := tx.Exec(`INSERT INTO order_shipment_line (shipment, position, quantity) VALUES ($1, $2, $3)`,
		shipment, p.Position, p.Quantity)
	return err
}

// shipmentRow is a shipment with its sealed number.
type shipmentRow struct {
	Shipment
	tracking []byte
}

const shipmentColumns = `id, carrier, tracking, sent_at, delivered_at`

func scanShipment(r db.Scanner) (s shipmentRow, err error) {
	var sent, delivered int64
	err = r.Scan(&s.ID, &s.Carrier, &s.tracking, &sent, &delivered)
	s.SentAt, s.Delivered = clock.FromMicros(sent), clock.FromMicros(delivered)
	return s, err
}

func shipmentsOf(tx *db.Tx, order id.ID) ([]shipmentRow, error) {
	list, err := db.All(tx, scanShipment, `SELECT `+shipmentColumns+` FROM order_shipment WHERE order_id = $1 ORDER BY id LIMIT 200`, order)
	for i := range list {
		if err == nil {
			list[i].Lines, err = shipmentLines(tx, list[i].ID)
		}
	}
	return list, err
}

func shipmentLines(tx *db.Tx, shipment id.ID) ([]Pieces, error) {
	return db.All(tx, scanPieces, `SELECT position, quantity FROM order_shipment_line WHERE shipment = $1 ORDER BY position LIMIT 1000`, shipment)
}

func shipmentBy(tx *db.Tx, order id.ID, attempt []byte) (s shipmentRow, ok bool, err error) {
	s, ok, err = db.One(tx, scanShipment, `SELECT `+shipmentColumns+` FROM order_shipment WHERE order_id = $1 AND attempt = $2`, order, attempt)
	if err == nil && ok {
		s.Lines, err = shipmentLines(tx, s.ID)
	}
	return s, ok, err
}

func scanPieces(r db.Scanner) (p Pieces, err error) { return p, r.Scan(&p.Position, &p.Quantity) }

// dropTracking forgets the parcels' numbers of an order whose person is erased.
func dropTracking(tx *db.Tx, order id.ID) error {
	_, err := tx.Exec(`UPDATE order_shipment SET tracking = NULL WHERE order_id = $1`, order)
	return err
}

// endWorkOf takes all work from somebody who left.
func endWorkOf(tx *db.Tx, member id.ID) error {
	_, err := tx.Exec(`UPDATE order_assignment SET ended_at = $1, outcome = 'taken_away' WHERE member = $2 AND ended_at = 0`,
		clock.Micros(tx.Now()), member)
	return err
}

// linesLeft are the pieces that have neither left nor been refunded before they left.
func linesLeft(tx *db.Tx, order id.ID) ([]Pieces, error) {
	return db.All(tx, scanPieces, `SELECT position, quantity - sent - refunded FROM order_line
		WHERE order_id = $1 AND quantity > sent + refunded ORDER BY position LIMIT 1000`, order)
}

func piecesLeft(tx *db.Tx, order id.ID) (n int64, err error) {
	err = tx.QueryRow(`SELECT COALESCE(SUM(quantity - sent - refunded), 0) FROM order_line
		WHERE order_id = $1 AND quantity > sent + refunded`, order).Scan(&n)
	return n, err
}

// sendPieces counts pieces of a line as sent, if so many are left.
func sendPieces(tx *db.Tx, order id.ID, p Pieces) (bool, error) {
	n, err := tx.Exec(`UPDATE order_line SET sent = sent + $1
		WHERE order_id = $2 AND position = $3 AND $1 > 0 AND sent + refunded + $1 <= quantity`, p.Quantity, order, p.Position)
	return n == 1, err
}

// refundPieces counts pieces of a line as refunded, if so many were not.
func refundPieces(tx *db.Tx, order id.ID, p Pieces) (bool, error) {
	n, err := tx.Exec(`UPDATE order_line SET refunded = refunded + $1
		WHERE order_id = $2 AND position = $3 AND $1 > 0 AND refunded + $1 <= quantity`, p.Quantity, order, p.Position)
	return n == 1, err
}

// progress is how many pieces of each line left and were refunded, by position.
func progress(tx *db.Tx, order id.ID) (map[int]Progress, error) {
	type row struct {
		position int
		Progress
	}
	list, err := db.All(tx, func(r db.Scanner) (x row, err error) {
		return x, r.Scan(&x.position, &x.Sent, &x.Refunded)
	}, `SELECT position, sent, refunded FROM order_line WHERE order_id = $1 ORDER BY position LIMIT 1000`, order)
	out := make(map[int]Progress, len(list))
	for _, x := range list {
		out[x.position] = x.Progress
	}
	return out, err
}

// refundRow is a refund by staff.
type refundRow struct {
	id, order, payment    id.ID
	amount, tax, shipping money.Amount
	reason                Reason
	restock               bool
	member                id.ID
	at                    time.Time
}

func insertRefund(tx *db.Tx, r refundRow, attempt []byte) (bool, error) {
	n, err := tx.Exec(`INSERT INTO order_refund (id, order_id, attempt, payment, amount, tax, shipping, reason, restock, member, made_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (order_id, attempt) DO NOTHING`,
		r.id, r.order, attempt, r.payment, r.amount, r.tax, r.shipping, string(r.reason), db.Bool(r.restock), r.member, clock.Micros(r.at))
	return n == 1, err
}

// refundKnown says whether the attempt has made a refund already.
func refundKnown(tx *db.Tx, order id.ID, attempt []byte) (bool, error) {
	_, ok, err := db.One(tx, scanOrderID, `SELECT id FROM order_refund WHERE order_id = $1 AND attempt = $2`, order, attempt)
	return ok, err
}

// refundByID is a refund for its mail.
func refundByID(tx *db.Tx, v id.ID) (amount money.Amount, err error) {
	err = tx.QueryRow(`SELECT amount FROM order_refund WHERE id = $1`, v).Scan(&amount)
	return amount, err
}

// shipmentByID is a shipment for its mail.
func shipmentByID(tx *db.Tx, v id.ID) (s shipmentRow, err error) {
	s, ok, err := db.One(tx, scanShipment, `SELECT `+shipmentColumns+` FROM order_shipment WHERE id = $1`, v)
	if err == nil && !ok {
		err = errNotFound
	}
	if err == nil {
		s.Lines, err = shipmentLines(tx, s.ID)
	}
	return s, err
}

func insertRefundLine(tx *db.Tx, refund id.ID, p Pieces, amount money.Amount) error {
	_, err := tx.Exec(`INSERT INTO order_refund_line (refund, position, quantity, amount) VALUES ($1, $2, $3, $4)`,
		refund, p.Position, p.Quantity, amount)
	return err
}

// refundedSums is what staff gave back of each line and of the delivery so far.
func refundedSums(tx *db.Tx, order id.ID) (lines map[int]money.Amount, shipping money.Amount, err error) {
	type sum struct {
		position int
		amount   money.Amount
	}
	list, err := db.All(tx, func(r db.Scanner) (x sum, err error) { return x, r.Scan(&x.position, &x.amount) },
		`SELECT l.position, SUM(l.amount) FROM order_refund_line l JOIN order_refund f ON f.id = l.refund
		WHERE f.order_id = $1 GROUP BY l.position ORDER BY l.position LIMIT 1000`, order)
	if err != nil {
		return nil, 0, err
	}
	lines = make(map[int]money.Amount, len(list))
	for _, x := range list {
		lines[x.position] = x.amount
	}
	err = tx.QueryRow(`SELECT COALESCE(SUM(shipping), 0) FROM order_refund WHERE order_id = $1`, order).Scan(&shipping)
	return lines, shipping, err
}

// assignment is somebody's work on an order.
func assign(tx *db.Tx, order, member id.ID) (bool, error) {
	n, err := tx.Exec(`INSERT INTO order_assignment (order_id, member, made_at, ended_at, outcome) VALUES ($1, $2, $3, 0, '')
		ON CONFLICT DO NOTHING`, order, member, clock.Micros(tx.Now()))
	return n == 1, err
}

func endAssignment(tx *db.Tx, order id.ID, outcome string) error {
	_, err := tx.Exec(`UPDATE order_assignment SET ended_at = $1, outcome = $2 WHERE order_id = $3 AND ended_at = 0`,
		clock.Micros(tx.Now()), outcome, order)
	return err
}

func endAssignmentOf(tx *db.Tx, order, member id.ID, outcome string) (bool, error) {
	n, err := tx.Exec(`UPDATE order_assignment SET ended_at = $1, outcome = $2
		WHERE order_id = $3 AND member = $4 AND ended_at = 0`, clock.Micros(tx.Now()), outcome, order, member)
	return n == 1, err
}

func scanOrderID(r db.Scanner) (v id.ID, err error) { return v, r.Scan(&v) }

func assignedOrders(tx *db.Tx, member id.ID) ([]id.ID, error) {
	return db.All(tx, scanOrderID, `SELECT order_id FROM order_assignment WHERE member = $1 AND ended_at = 0
		ORDER BY made_at, order_id LIMIT 500`, member)
}

func assigneeOf(tx *db.Tx, order id.ID) (v id.ID, err error) {
	v, _, err = db.One(tx, scanOrderID, `SELECT member FROM order_assignment WHERE order_id = $1 AND ended_at = 0`, order)
	return v, err
}

func givenBack(tx *db.Tx, member id.ID, since time.Time) (n int64, err error) {
	err = tx.QueryRow(`SELECT COUNT(*) FROM order_assignment WHERE member = $1 AND ended_at >= $2 AND outcome = 'given_back'`,
		member, clock.Micros(since)).Scan(&n)
	return n, err
}

// nextToPack is the oldest order that waits to be sent and that nobody packs.
func nextToPack(tx *db.Tx) (Order, bool, error) {
	return db.One(tx, scanOrder, selectHead+`WHERE parcel = 1 AND parcel > 0 AND state IN (2, 3, 6, 8) AND NOT EXISTS
		(SELECT 1 FROM order_assignment a WHERE a.order_id = order_head.id AND a.ended_at = 0)
		ORDER BY placed_at, id LIMIT 1`)
}

// aloneSums is what was given back of an order without a second person, and by a member since then.
func aloneSums(tx *db.Tx, order, member id.ID, since time.Time) (ofOrder, ofMember money.Amount, err error) {
	err = tx.QueryRow(`SELECT COALESCE(SUM(amount), 0) FROM order_refund WHERE order_id = $1 AND member IS NOT NULL`, order).Scan(&ofOrder)
	if err != nil {
		return 0, 0, err
	}
	err = tx.QueryRow(`SELECT COALESCE(SUM(amount), 0) FROM order_refund WHERE member IS NOT NULL AND member = $1 AND made_at >= $2`,
		member, clock.Micros(since)).Scan(&ofMember)
	return ofOrder, ofMember, err
}

// deskList pages through orders by state and step of the goods, newest first.
func deskList(tx *db.Tx, f Filter, before time.Time, last id.ID) ([]Order, error) {
	const order = ` ORDER BY placed_at DESC, id DESC LIMIT `
	from, since := clock.Micros(before), clock.Micros(f.Since)
	if f.State == 0 && *f.Parcel == NothingToSend {
		return nothingToSend(tx, f, before, last)
	}
	if f.State == 0 {
		return db.All(tx, scanOrder, selectHead+`WHERE parcel = $1 AND parcel > 0 AND (placed_at, id) < ($2, $3) AND placed_at >= $4`+order+`$5`,
			int64(*f.Parcel), from, last, since, f.Limit+1)
	}
	return db.All(tx, scanOrder, selectHead+`WHERE state = $1 AND parcel = $2 AND (placed_at, id) < ($3, $4) AND placed_at >= $5`+order+`$6`,
		int64(f.State), int64(*f.Parcel), from, last, since, f.Limit+1)
}

// standing is where an order stands in a list.
type standing struct {
	at int64
	id id.ID
}

// nothingToSend asks for each state by its index and puts the answers together: an index over all orders for this one
// question would cost every order that is placed. What is read of the six sevenths that are not shown stands in the index
// itself; only the orders that are shown are looked at.
func nothingToSend(tx *db.Tx, f Filter, before time.Time, last id.ID) ([]Order, error) {
	var all []standing
	for state := State(1); state <= lastState; state++ {
		list, err := db.All(tx, func(r db.Scanner) (x standing, err error) { return x, r.Scan(&x.at, &x.id) },
			`SELECT placed_at, id FROM order_head WHERE state = $1 AND parcel = 0 AND (placed_at, id) < ($2, $3) AND placed_at >= $4
				ORDER BY placed_at DESC, id DESC LIMIT $5`, int64(state), clock.Micros(before), last, clock.Micros(f.Since), f.Limit+1)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	slices.SortFunc(all, func(a, b standing) int {
		if a.at != b.at {
			return cmp.Compare(b.at, a.at)
		}
		return bytes.Compare(b.id[:], a.id[:])
	})
	return ordersAt(tx, all[:min(len(all), f.Limit+1)])
}

// chunk is how many orders are read at once, and inChunk their places in a statement.
const (
	chunk   = 16
	inChunk = "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16"
)

// ordersAt are the orders of a list, newest first.
func ordersAt(tx *db.Tx, list []standing) (out []Order, err error) {
	for part := range slices.Chunk(list, chunk) {
		ids := make([]any, chunk)
		for i := range ids {
			ids[i] = part[min(i, len(part)-1)].id
		}
		some, err := db.All(tx, scanOrder, selectHead+`WHERE id IN (`+inChunk+`) ORDER BY placed_at DESC, id DESC`, ids...)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}

// deskVersion counts what happened to an order. It locks the order's head, so that two who ask at once ask one after the
// other.
func deskVersion(tx *db.Tx, order id.ID) (n int64, err error) {
	if _, err := tx.Exec(`UPDATE order_head SET refunded = refunded WHERE id = $1`, order); err != nil {
		return 0, err
	}
	return happenings(tx, order)
}

// happenings is how many moves, shipments and refunds there are of an order.
func happenings(tx *db.Tx, order id.ID) (n int64, err error) {
	err = tx.QueryRow(`SELECT (SELECT COUNT(*) FROM order_move WHERE order_id = $1) + (SELECT COUNT(*) FROM order_parcel_move WHERE order_id = $1)
		+ (SELECT COUNT(*) FROM order_shipment WHERE order_id = $1) + (SELECT COUNT(*) FROM order_refund WHERE order_id = $1)`, order).Scan(&n)
	return n, err
}

// bySubjects are the orders of these subjects, newest first.
func bySubject(tx *db.Tx, subject id.ID) ([]Order, error) {
	return db.All(tx, scanOrder, selectHead+`WHERE subject = $1 ORDER BY id DESC LIMIT 50`, subject)
}
