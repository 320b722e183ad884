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

// The desk finds by words what shoppers do not see, too; shoppers never do, in whatever language they ask.
func TestHiddenProductsAreFoundByWords(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := crockery(t, p)
		who := access.Console()
		must(t, s.SetState(ctx, who, "p-1", catalog.Draft))
		fresh := bowl()
		fresh.Handle, fresh.State, fresh.Categories = "unborn", catalog.Draft, []string{"geschirr"}
		fresh.Texts = map[string]catalog.Texts{"de": {Title: "Suppenterrine"}}
		for i := range fresh.Variants {
			fresh.Variants[i].SKU = "U-" + strconv.Itoa(i)
		}
		_, err := s.Put(ctx, fresh, catalog.PutOptions{Actor: who})
		must(t, err)
		shelf := func(find, state string) string {
			rows, next, err := s.Shelf(ctx, who, catalog.ShelfQuery{Lang: "de", Find: find, State: state})
			must(t, err)
			if next != "" {
				t.Errorf("%q goes on behind %q", find, next)
			}
			var out []string
			for _, r := range rows {
				out = append(out, r.Handle)
			}
			return strings.Join(out, " ")
		}
		for _, c := range []struct{ find, state, want string }{
			{"Suppenteller", "", "p-1"}, {"Suppenteller", catalog.Draft, "p-1"}, {"Suppenteller", catalog.Published, ""}, {"suppentelle", "", "p-1"},
			{"Suppe", "", "p-1 unborn"}, {"suppenterrine", "", "unborn"}, {"Teller", "", "p-0 p-2 p-7 p-1"}, {"Teller", catalog.Published, "p-0 p-2 p-7"}, {"Gießkanne", catalog.Draft, ""},
		} {
			if got := shelf(c.find, c.state); got != c.want {
				t.Errorf("%q, %q: %q instead of %q", c.find, c.state, got, c.want)
			}
		}
		for _, tag := range []string{"de", "hidden.de", "en"} {
			pg, err := s.Search(ctx, catalog.Query{Lang: tag, Text: "Suppenterrine"})
			must(t, err)
			if got := handles(pg); strings.Contains(got, "unborn") || strings.Contains(got, "p-1") {
				t.Errorf("a shopper finds %q in %q", got, tag)
			}
		}
		must(t, s.SetState(ctx, who, "p-1", catalog.Published))
		must(t, s.SetState(ctx, who, "unborn", catalog.Published))
		if got := shelf("Suppenteller", ""); got != "p-1" {
			t.Errorf("shown again: %q", got)
		}
		var left int64
		must(t, p.Data.Read(ctx, func(tx *db.Tx) error {
			return tx.QueryRow(`SELECT (SELECT COUNT(*) FROM catalog_posting WHERE lang = 'hidden.de') + (SELECT COUNT(*) FROM catalog_words WHERE lang = 'hidden.de')
				+ (SELECT COALESCE(SUM(products), 0) FROM catalog_word WHERE lang = 'hidden.de')`).Scan(&left)
		}))
		if left != 0 {
			t.Errorf("%d lines of the index stayed with nothing hidden", left)
		}
	})
}
