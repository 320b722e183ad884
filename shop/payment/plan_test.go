package payment_test

import (
	"context"
	"strings"
	"testing"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
)

// Questions that are asked for every payment are answered from an index, however many payments there are. SQLite
// shows its plan before there is any data; PostgreSQL plans by size and would scan an empty table.
func TestLookUpsUseIndexes(t *testing.T) {
	p := dbtest.Open(t, db.SQLite)
	for _, where := range []string{
		`payment_payment WHERE provider = $1 AND ref = $2 AND ref <> ''`,
		`payment_payment WHERE provider = $1 AND reference = $2`,
		`payment_payment WHERE provider = $1 AND charge = $2 AND charge <> '' ORDER BY id LIMIT 1`,
		`payment_payment WHERE order_id = $1 AND state IN ('prepared', 'open', 'pending', 'authorised')`,
		`payment_payment WHERE order_id = $1 ORDER BY id LIMIT 50`,
		`payment_payment WHERE next_at > 0 AND next_at <= $1 ORDER BY next_at LIMIT 1`,
		`payment_refund WHERE state IN ('asked', 'pending') AND made_at < $1 ORDER BY made_at, id LIMIT 50`,
		`payment_refund WHERE payment_id = $1 AND ask = $2`,
		`payment_notice WHERE provider = $1 AND event = $2`,
		`payment_notice WHERE made_at < $1 AND handled = 1 ORDER BY made_at LIMIT 1000`,
		`payment_entry WHERE account = $1 AND order_id = $2`,
	} {
		args := make([]any, strings.Count(where, "$"))
		for i := range args {
			args[i] = "x"
		}
		err := p.Data.Read(context.Background(), func(tx *db.Tx) error {
			plan, err := db.All(tx, func(r db.Scanner) (s string, err error) {
				var a, b, c int
				err = r.Scan(&a, &b, &c, &s)
				return s, err
			}, "EXPLAIN QUERY PLAN SELECT * FROM "+where, args...)
			if len(plan) != 1 || !strings.HasPrefix(plan[0], "SEARCH") {
				t.Errorf("%s is answered by %q", where, plan)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
