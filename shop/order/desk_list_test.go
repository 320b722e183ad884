package order_test

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/guard/access"
	"strongroom/shop/order"
)

// headColumns are those of order_head that a copy of a row takes over.
const headColumns = `cart, cart_proof, shown, subject, language, country, currency, mode, goods, discount, shipping, net, tax, total, code, offer,
	offer_name, pick_up, place, days_min, days_max, payment, generation, corrections, told, pay_until, paid_at, delivered_at, closed_at, withdrawn_at, refunded`

// many fills the table with copies of the one order that is there, of every state and step, newest last.
func (s *store) many(n int) {
	s.t.Helper()
	series := `WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < ` + strconv.Itoa(n) + `) INSERT INTO order_head
		(id, number, attempt, state, parcel, placed_at, ` + headColumns + `)
		SELECT randomblob(16), 'T' || n, randomblob(16), 1 + n % 7, (n / 7) % 5, placed_at - n * 1000000, ` + headColumns + ` FROM order_head, s`
	if s.Engine == db.Postgres {
		series = `INSERT INTO order_head (id, number, attempt, state, parcel, placed_at, ` + headColumns + `)
			SELECT decode(md5(n::text), 'hex'), 'T' || n, decode(md5('a' || n::text), 'hex'), 1 + n % 7, (n / 7) % 5, placed_at - n * 1000000::bigint, ` + headColumns + `
			FROM order_head, generate_series(1, ` + strconv.Itoa(n) + `) n`
	}
	s.must(s.Data.Write(db.Patient(s.ctx), func(tx *db.Tx) error {
		if _, err := tx.Exec(`DROP INDEX order_head_cart`); err != nil { // the copies share a cart, which no two open orders do
			return err
		}
		if _, err := tx.Exec(series); err != nil {
			return err
		}
		_, err := tx.Exec(`ANALYZE order_head`)
		return err
	}))
}

// The list of the desk is answered down an index, whatever it is filtered by and however far back, on both engines; every
// state that it shows can be asked for, and no order is shown twice or left out.
func TestDeskListIsDownAnIndex(t *testing.T) {
	rows := 20_000
	if n, err := strconv.Atoi(os.Getenv("STRONGROOM_TEST_ROWS")); err == nil {
		rows = n
	}
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		s.paid(s.goods("Bowl", 1000, 9), 1)
		s.many(rows)
		for _, where := range []string{
			`(placed_at, id) < ($1, $2) AND placed_at >= $3`,
			`state = 3 AND (placed_at, id) < ($1, $2) AND placed_at >= $3`,
			`parcel = 1 AND parcel > 0 AND (placed_at, id) < ($1, $2) AND placed_at >= $3`,
			`state = 3 AND parcel = 2 AND (placed_at, id) < ($1, $2) AND placed_at >= $3`,
		} {
			for _, step := range s.plan(`SELECT number FROM order_head WHERE ` + where + ` ORDER BY placed_at DESC, id DESC LIMIT 51`) {
				for _, bad := range []string{"SCAN", "TEMP B-TREE", "Seq Scan", "Sort"} {
					if strings.Contains(step, bad) {
						t.Errorf("%s: %s", where, step)
					}
				}
			}
		}
		// "Nothing to send" asks for every state, and reads no order that it does not show.
		for _, step := range s.plan(`SELECT placed_at, id FROM order_head WHERE state = 3 AND parcel = 0 AND (placed_at, id) < ($1, $2)
			AND placed_at >= $3 ORDER BY placed_at DESC, id DESC LIMIT 51`) {
			if s.Engine == db.SQLite && !strings.Contains(step, "COVERING INDEX order_head_state_parcel") || strings.Contains(step, "Seq Scan") || strings.Contains(step, "Sort") {
				t.Errorf("nothing to send: %s", step)
			}
		}
		for state := order.State(0); state <= order.Refunded; state++ {
			for step := range 6 {
				f := order.Filter{State: state, Limit: 200}
				if step < 5 {
					g := order.Parcel(step)
					f.Parcel = &g
				}
				s.pages(f, rows)
			}
		}
	})
}

// pages looks at the first pages of a filter and at one far back.
func (s *store) pages(f order.Filter, rows int) {
	s.t.Helper()
	seen := map[string]bool{}
	for page := range 3 {
		begin := time.Now()
		list, err := s.orders.List(s.ctx, access.Console(), f)
		s.must(err)
		if rows > 100_000 {
			s.t.Logf("state %v, goods %v, page %d: %d orders in %v", f.State, f.Parcel, page, len(list.Orders), time.Since(begin))
		}
		for _, o := range list.Orders {
			if seen[o.Number] || f.State != 0 && o.State != f.State || f.Parcel != nil && o.Parcel != *f.Parcel {
				s.t.Fatalf("%v %v: order %s, state %v, goods %v", f.State, f.Parcel, o.Number, o.State, o.Parcel)
			}
			seen[o.Number] = true
		}
		if f.After = list.Next; f.After == "" {
			break
		}
		if page == 1 { // the next page is the one in the middle of all time
			f.After = ""
			f.Until = list.Orders[0].PlacedAt.Add(-time.Duration(rows/2) * time.Second)
		}
	}
	want := rows
	if f.State != 0 {
		want /= 7
	}
	if f.Parcel != nil {
		want /= 5
	}
	if len(seen) < min(want-2, 400) {
		s.t.Errorf("%v %v: %d orders of about %d", f.State, f.Parcel, len(seen), want)
	}
}

// plan is how the engine would answer.
func (s *store) plan(query string) (steps []string) {
	s.t.Helper()
	last := make([]byte, 16)
	s.must(s.Data.Read(s.ctx, func(tx *db.Tx) (err error) {
		if s.Engine == db.Postgres {
			steps, err = db.All(tx, func(r db.Scanner) (line string, err error) { return line, r.Scan(&line) }, `EXPLAIN `+query, int64(1<<60), last, int64(0))
			return err
		}
		steps, err = db.All(tx, func(r db.Scanner) (line string, err error) {
			var a, b, c int
			return line, r.Scan(&a, &b, &c, &line)
		}, `EXPLAIN QUERY PLAN `+query, int64(1<<60), last, int64(0))
		return err
	}))
	if len(steps) == 0 {
		s.t.Fatalf("no plan for %s", query)
	}
	return steps
}

// Two people open an order; the second act is told that the page is out of date and does nothing, while the same form sent
// twice is answered as it was.
func TestAPageOutOfDateDoesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		o := s.paid(s.goods("Bowl", 1000, 9), 2)
		d, err := s.orders.ForDesk(s.ctx, access.Console(), o.Number)
		s.must(err)
		first := order.Dispatch{Number: o.Number, Carrier: "dhl", Lines: []order.Pieces{{Position: 1, Quantity: 1}}, Attempt: "one", Seen: &d.Version}
		_, err = s.orders.Ship(s.ctx, access.Console(), first)
		s.must(err)
		_, err = s.orders.Ship(s.ctx, access.Console(), first)
		s.must(err)
		second := first
		second.Attempt = "two"
		if _, err := s.orders.Ship(s.ctx, access.Console(), second); fault.As(err) == nil || fault.As(err).Key != "order.changed_meanwhile" {
			t.Errorf("a shipment from an old page: %v", err)
		}
		give := order.GiveBack{Number: o.Number, Sum: 100, Reason: order.BecauseGoodwill, Attempt: "three", Seen: &d.Version}
		if _, err := s.orders.Refund(s.ctx, access.Console(), give); fault.As(err) == nil || fault.As(err).Key != "order.changed_meanwhile" {
			t.Errorf("a refund from an old page: %v", err)
		}
		now, err := s.orders.ForDesk(s.ctx, access.Console(), o.Number)
		s.must(err)
		if len(now.Shipments) != 1 || now.Progress[1].Sent != 1 || now.Refunded != 0 {
			t.Errorf("%d parcels, %+v, %d back", len(now.Shipments), now.Progress, now.Refunded)
		}
		give.Seen = &now.Version
		_, err = s.orders.Refund(s.ctx, access.Console(), give)
		s.must(err)
	})
}
