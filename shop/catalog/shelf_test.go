package catalog_test

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/guard/access"
	"strongroom/shop/catalog"
	"strongroom/shop/catalog/catalogtest"
)

const productColumnsOfCopies = `tax_class, producer, eu_contact, popularity, source, published_at, created_at, updated_at, stale`

// copies fills the table with copies of one product: rows that have no variants, which the desk lists like any other.
func copies(t *testing.T, p dbtest.Pair, n int) {
	t.Helper()
	count := strconv.Itoa(n)
	insert := `WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < ` + count + `) INSERT INTO catalog_product
		(id, handle, state, ` + productColumnsOfCopies + `) SELECT randomblob(16), 'zz-' || (10000000 + n),
		CASE n % 3 WHEN 0 THEN 'draft' ELSE 'published' END, ` + productColumnsOfCopies + ` FROM (SELECT * FROM catalog_product LIMIT 1) one, s`
	if p.Engine == db.Postgres {
		insert = `INSERT INTO catalog_product (id, handle, state, ` + productColumnsOfCopies + `) SELECT decode(md5(n::text), 'hex'), 'zz-' || (10000000 + n),
			CASE n % 3 WHEN 0 THEN 'draft' ELSE 'published' END, ` + productColumnsOfCopies + `
			FROM (SELECT * FROM catalog_product LIMIT 1) one, generate_series(1, ` + count + `) n`
	}
	must(t, p.Data.Write(db.Patient(ctx), func(tx *db.Tx) error {
		if _, err := tx.Exec(insert); err != nil {
			return err
		}
		_, err := tx.Exec(`ANALYZE catalog_product`)
		return err
	}))
}

// The list of the desk goes down an index on both engines, whatever it is filtered by and however far back.
func TestShelfIsDownAnIndex(t *testing.T) {
	rows := 20_000
	if n, err := strconv.Atoi(os.Getenv("STRONGROOM_TEST_ROWS")); err == nil {
		rows = n
	}
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		must(t, catalogtest.Fill(ctx, s.Service, 3, 1))
		copies(t, p, rows)
		for _, where := range []string{`handle > $1 AND handle >= $2 AND handle < $3`, `state = 'draft' AND handle > $1 AND handle >= $2 AND handle < $3`} {
			for _, step := range shelfPlan(t, p, `SELECT * FROM catalog_product WHERE `+where+` ORDER BY handle LIMIT 51`) {
				for _, bad := range []string{"SCAN", "TEMP B-TREE", "Seq Scan", "Sort"} {
					if strings.Contains(step, bad) {
						t.Errorf("%s: %s", where, step)
					}
				}
			}
		}
		for _, q := range []catalog.ShelfQuery{{}, {State: catalog.Draft}, {State: catalog.Published}, {Find: "zz-1001"},
			{After: "zz-" + strconv.Itoa(10_000_000+rows/2)}, {State: catalog.Draft, After: "zz-" + strconv.Itoa(10_000_000+rows/2)}} {
			begin := time.Now()
			q.Lang = "en"
			list, next, err := s.Shelf(ctx, access.Console(), q)
			must(t, err)
			if rows > 100_000 {
				t.Logf("%s%s%s: %d rows in %v", q.State, q.Find, q.After, len(list), time.Since(begin))
			}
			if len(list) != 50 || next != list[49].Handle {
				t.Errorf("%+v: %d rows, then %q", q, len(list), next)
			}
			for i, r := range list {
				if q.State != "" && r.State != q.State || i > 0 && r.Handle <= list[i-1].Handle || !strings.HasPrefix(r.Handle, q.Find) {
					t.Fatalf("%+v: row %d is %s, %s", q, i, r.Handle, r.State)
				}
			}
		}
	})
}

func shelfPlan(t *testing.T, p dbtest.Pair, query string) (steps []string) {
	t.Helper()
	args := []any{"zz-10000100", "", "~"}
	if p.Engine == db.SQLite {
		return plan(t, p.Data, query, args)
	}
	must(t, p.Data.Read(ctx, func(tx *db.Tx) (err error) {
		steps, err = db.All(tx, func(r db.Scanner) (line string, err error) { return line, r.Scan(&line) }, `EXPLAIN `+query, args...)
		return err
	}))
	return steps
}
