package order

import (
	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

// placedBetween pages through the orders of a span by the index of when they were placed.
func placedBetween(tx *db.Tx, span Span, after Mark, limit int) ([]Order, error) {
	at, last := clock.Micros(span.From), id.ID{}
	if !after.ID.IsZero() {
		at, last = clock.Micros(after.At), after.ID
	}
	return db.All(tx, scanOrder, selectHead+`WHERE (placed_at, id) > ($1, $2) AND placed_at < $3 ORDER BY placed_at, id LIMIT $4`,
		at, last[:], clock.Micros(span.Until), limit)
}

func countBetween(tx *db.Tx, span Span) (n int64, err error) {
	err = tx.QueryRow(`SELECT COUNT(*) FROM order_head WHERE placed_at >= $1 AND placed_at < $2`,
		clock.Micros(span.From), clock.Micros(span.Until)).Scan(&n)
	return n, err
}

// ofOrder is a row with the order that it belongs to.
type ofOrder[T any] struct {
	order id.ID
	row   T
}

func grouped[T any](list []ofOrder[T]) map[id.ID][]T {
	out := map[id.ID][]T{}
	for _, x := range list {
		out[x.order] = append(out[x.order], x.row)
	}
	return out
}

// linesBetween are the lines of a page's orders, in one query.
func linesBetween(tx *db.Tx, first, last Order) (map[id.ID][]Line, error) {
	list, err := db.All(tx, func(r db.Scanner) (x ofOrder[Line], err error) {
		l := &x.row
		err = r.Scan(&x.order, &l.Position, &l.SKU, &l.Name, &l.Options, &l.TaxClass, &l.Quantity, &l.Unit, &l.Gross, &l.Discount, &l.Rate,
			&l.Net, &l.Tax, &l.Total)
		return x, err
	}, `SELECT l.order_id, l.position, l.sku, l.name, l.options, l.tax_class, l.quantity, l.unit, l.gross, l.discount, l.rate, l.net, l.tax, l.total
		FROM order_head h JOIN order_line l ON l.order_id = h.id
		WHERE (h.placed_at, h.id) >= ($1, $2) AND (h.placed_at, h.id) <= ($3, $4) ORDER BY h.placed_at, h.id, l.position LIMIT 200000`,
		clock.Micros(first.PlacedAt), first.ID[:], clock.Micros(last.PlacedAt), last.ID[:])
	return grouped(list), err
}

func taxesBetween(tx *db.Tx, first, last Order) (map[id.ID][]Tax, error) {
	list, err := db.All(tx, func(r db.Scanner) (x ofOrder[Tax], err error) {
		return x, r.Scan(&x.order, &x.row.Rate, &x.row.Net, &x.row.Tax)
	}, `SELECT t.order_id, t.rate, t.net, t.tax FROM order_head h JOIN order_tax t ON t.order_id = h.id
		WHERE (h.placed_at, h.id) >= ($1, $2) AND (h.placed_at, h.id) <= ($3, $4) ORDER BY h.placed_at, h.id, t.rate DESC LIMIT 20000`,
		clock.Micros(first.PlacedAt), first.ID[:], clock.Micros(last.PlacedAt), last.ID[:])
	return grouped(list), err
}

// sealedPerson is the personal row of an order.
type sealedPerson struct {
	row sealedRow
	meta
}

func peopleBetween(tx *db.Tx, first, last Order) (map[id.ID]sealedPerson, error) {
	list, err := db.All(tx, func(r db.Scanner) (x ofOrder[sealedPerson], err error) {
		var differs int64
		into := []any{&x.order, &x.row.subject, &x.row.delivery, &x.row.meta.billing, &differs}
		for i := range x.row.row {
			into = append(into, &x.row.row[i])
		}
		err = r.Scan(into...)
		x.row.differs = differs != 0
		return x, err
	}, `SELECT p.order_id, p.subject, p.delivery_country, p.billing_country, p.billing_differs, `+personalColumns+`
		FROM order_head h JOIN order_personal p ON p.order_id = h.id
		WHERE (h.placed_at, h.id) >= ($1, $2) AND (h.placed_at, h.id) <= ($3, $4) ORDER BY h.placed_at, h.id LIMIT 1000`,
		clock.Micros(first.PlacedAt), first.ID[:], clock.Micros(last.PlacedAt), last.ID[:])
	out := make(map[id.ID]sealedPerson, len(list))
	for _, x := range list {
		out[x.order] = x.row
	}
	return out, err
}
