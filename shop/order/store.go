package order

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
)

var (
	errNotFound = fault.New(fault.NotFound, "order.not_found")
	errMoved    = fault.New(fault.Conflict, "order.unavailable") // somebody else moved the order meanwhile
)

const headColumns = `id, number, state, cart, cart_proof, attempt, shown, subject, language, country, currency, mode,
	goods, discount, shipping, net, tax, total, code, offer, offer_name, pick_up, place, days_min, days_max, payment,
	generation, corrections, told, placed_at, pay_until, paid_at, delivered_at, closed_at, withdrawn_at, refunded`

const selectHead = `SELECT ` + headColumns + `, parcel, method, let_go FROM order_head `

func scanOrder(r db.Scanner) (o Order, err error) {
	var pickUp, told, placed, until, paid, delivered, closed, withdrawn int64
	err = r.Scan(&o.ID, &o.Number, &o.State, &o.cart, &o.cartProof, &o.attempt, &o.shown, &o.Subject, &o.Language,
		&o.Country, &o.Currency, &o.Mode, &o.Goods, &o.Discount, &o.Shipping, &o.Net, &o.Tax, &o.Total, &o.Code,
		&o.Offer, &o.OfferName, &pickUp, &o.Place, &o.DaysMin, &o.DaysMax, &o.Payment, &o.generation, &o.corrections,
		&told, &placed, &until, &paid, &delivered, &closed, &withdrawn, &o.Refunded, &o.Parcel, &o.method, &o.LetGo)
	o.PickUp, o.told = pickUp != 0, told != 0
	for t, us := range map[*time.Time]int64{&o.PlacedAt: placed, &o.PayUntil: until, &o.PaidAt: paid,
		&o.Delivered: delivered, &o.ClosedAt: closed, &o.Withdrawn: withdrawn} {
		*t = clock.FromMicros(us)
	}
	return o, err
}

// insertHead writes the head of a new order. False means that one of its unique keys is taken: the id or the attempt
// (it was placed already), the cart (it has another open order) or the number (to be drawn again).
func insertHead(tx *db.Tx, o Order) (bool, error) {
	n, err := tx.Exec(`INSERT INTO order_head (`+headColumns+`, method) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
		$13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35,
		$36, $37) ON CONFLICT DO NOTHING`,
		o.ID, o.Number, int64(o.State), o.cart, o.cartProof, o.attempt, o.shown, o.Subject, o.Language, o.Country,
		string(o.Currency), o.Mode, o.Goods, o.Discount, o.Shipping, o.Net, o.Tax, o.Total, o.Code, o.Offer, o.OfferName,
		db.Bool(o.PickUp), o.Place, o.DaysMin, o.DaysMax, o.Payment, o.generation, o.corrections, db.Bool(o.told),
		clock.Micros(o.PlacedAt), clock.Micros(o.PayUntil), 0, 0, 0, 0, 0, o.method)
	return n == 1, err
}

func byID(tx *db.Tx, order id.ID) (Order, error) {
	return must(db.One(tx, scanOrder, selectHead+`WHERE id = $1`, order))
}

func byNumber(tx *db.Tx, number string) (Order, bool, error) {
	return db.One(tx, scanOrder, selectHead+`WHERE number = $1`, number)
}

func byAttempt(tx *db.Tx, attempt []byte) (Order, bool, error) {
	return db.One(tx, scanOrder, selectHead+`WHERE attempt = $1`, attempt)
}

func must(o Order, ok bool, err error) (Order, error) {
	if err == nil && !ok {
		err = errNotFound
	}
	return o, err
}

func insertLines(tx *db.Tx, order id.ID, lines []Line) error {
	for _, l := range lines {
		_, err := tx.Exec(`INSERT INTO order_line (order_id, position, variant, product, handle, sku, name, options, image,
			producer, eu_contact, tax_class, quantity, unit, gross, discount, rate, net, tax, total)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
			order, l.Position, l.Variant, l.Product, l.Handle, l.SKU, l.Name, l.Options, l.Image, l.Producer, l.EUContact,
			l.TaxClass, l.Quantity, l.Unit, l.Gross, l.Discount, l.Rate, l.Net, l.Tax, l.Total)
		if err != nil {
			return err
		}
	}
	return nil
}

func insertTaxes(tx *db.Tx, order id.ID, taxes []Tax) error {
	for _, t := range taxes {
		if _, err := tx.Exec(`INSERT INTO order_tax (order_id, rate, net, tax) VALUES ($1, $2, $3, $4)`,
			order, t.Rate, t.Net, t.Tax); err != nil {
			return err
		}
	}
	return nil
}

func linesOf(tx *db.Tx, order id.ID) ([]Line, error) {
	return db.All(tx, func(r db.Scanner) (l Line, err error) {
		err = r.Scan(&l.Position, &l.Variant, &l.Product, &l.Handle, &l.SKU, &l.Name, &l.Options, &l.Image, &l.Producer,
			&l.EUContact, &l.TaxClass, &l.Quantity, &l.Unit, &l.Gross, &l.Discount, &l.Rate, &l.Net, &l.Tax, &l.Total)
		return l, err
	}, `SELECT position, variant, product, handle, sku, name, options, image, producer, eu_contact, tax_class, quantity,
		unit, gross, discount, rate, net, tax, total FROM order_line WHERE order_id = $1 ORDER BY position LIMIT 1000`, order)
}

func taxesOf(tx *db.Tx, order id.ID) ([]Tax, error) {
	return db.All(tx, func(r db.Scanner) (t Tax, err error) {
		err = r.Scan(&t.Rate, &t.Net, &t.Tax)
		return t, err
	}, `SELECT rate, net, tax FROM order_tax WHERE order_id = $1 ORDER BY rate DESC LIMIT 100`, order)
}

func insertMove(tx *db.Tx, order id.ID, m Move) error {
	// The order's head was written just before and is locked, so that nobody else counts at the same time.
	var seq int64
	err := tx.QueryRow(`SELECT COALESCE(MAX(seq), 0) + 1 FROM order_move WHERE order_id = $1`, order).Scan(&seq)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO order_move (order_id, seq, from_state, to_state, reason, actor, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		order, seq, int64(m.From), int64(m.To), string(m.Reason), m.Actor, clock.Micros(m.At))
	return err
}

func movesOf(tx *db.Tx, order id.ID) ([]Move, error) {
	return db.All(tx, func(r db.Scanner) (m Move, err error) {
		var at int64
		err = r.Scan(&m.From, &m.To, &m.Reason, &m.Actor, &at)
		m.At = clock.FromMicros(at)
		return m, err
	}, `SELECT from_state, to_state, reason, actor, at FROM order_move WHERE order_id = $1 ORDER BY seq LIMIT 200`, order)
}

// setState is the guarded update below every move.
func setState(tx *db.Tx, o Order, to State) error {
	now := clock.Micros(tx.Now())
	switch to {
	case Paid:
		return tx.Guard(errMoved, `UPDATE order_head SET state = $1, paid_at = $2, closed_at = 0 WHERE id = $3 AND state = $4`,
			int64(to), now, o.ID, int64(o.State))
	case Expired, Cancelled, Refunded:
		return tx.Guard(errMoved, `UPDATE order_head SET state = $1, closed_at = $2 WHERE id = $3 AND state = $4`,
			int64(to), now, o.ID, int64(o.State))
	}
	return tx.Guard(errMoved, `UPDATE order_head SET state = $1 WHERE id = $2 AND state = $3`,
		int64(to), o.ID, int64(o.State))
}

func setPayment(tx *db.Tx, o Order, payment id.ID, until time.Time) error {
	return tx.Guard(errMoved, `UPDATE order_head SET payment = $1, pay_until = $2 WHERE id = $3 AND state = $4`,
		payment, clock.Micros(until), o.ID, int64(o.State))
}

// setTold marks that the confirmation was handed to the mailer, and says whether this call did.
func setTold(tx *db.Tx, order id.ID) (bool, error) {
	n, err := tx.Exec(`UPDATE order_head SET told = 1 WHERE id = $1 AND told = 0`, order)
	return n == 1, err
}

// due lists open orders whose time to pay is over.
func due(tx *db.Tx, limit int) ([]Order, error) {
	return db.All(tx, scanOrder, selectHead+`WHERE state IN (1, 2) AND pay_until <= $1 ORDER BY pay_until, id LIMIT $2`,
		clock.Micros(tx.Now()), limit)
}

// untold lists open orders that were placed a while ago and whose buyer has no mail yet.
func untold(tx *db.Tx, before time.Time, limit int) ([]Order, error) {
	return db.All(tx, scanOrder, selectHead+`WHERE told = 0 AND state IN (1, 2) AND placed_at <= $1 ORDER BY placed_at, id LIMIT $2`,
		clock.Micros(before), limit)
}

// list pages through orders, newest first. Two texts and not one with a clause more, so that each has its index.
func list(tx *db.Tx, f Filter, before time.Time, last id.ID) ([]Order, error) {
	const order = ` ORDER BY placed_at DESC, id DESC LIMIT `
	from, since := clock.Micros(before), clock.Micros(f.Since)
	if f.State == 0 {
		return db.All(tx, scanOrder, selectHead+`WHERE (placed_at, id) < ($1, $2) AND placed_at >= $3`+order+`$4`,
			from, last, since, f.Limit+1)
	}
	return db.All(tx, scanOrder, selectHead+`WHERE state = $1 AND (placed_at, id) < ($2, $3) AND placed_at >= $4`+order+`$5`,
		int64(f.State), from, last, since, f.Limit+1)
}

// setRefunded writes the refunded sum.
func setRefunded(tx *db.Tx, order id.ID, sum money.Amount) error {
	_, err := tx.Exec(`UPDATE order_head SET refunded = $1 WHERE id = $2`, sum, order)
	return err
}

func setWithdrawn(tx *db.Tx, order id.ID, at time.Time) error {
	_, err := tx.Exec(`UPDATE order_head SET withdrawn_at = $1 WHERE id = $2 AND withdrawn_at = 0`, clock.Micros(at), order)
	return err
}
