package catalog_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/id"
	"strongroom/shop/catalog"
	"strongroom/shop/catalog/catalogtest"
	"strongroom/shop/stock"
)

// The statements of each main list, as the SQLite planner takes them: down an index, never through a table, and never
// through a sort that is not bounded by the page.
func TestListsNeverScan(t *testing.T) {
	p := dbtest.Open(t, db.SQLite)
	s := open(t, p)
	must(t, catalogtest.Fill(ctx, s.Service, 300, 4))
	cases := map[string]catalog.Query{}
	for _, sort := range []string{catalog.ByPopularity, catalog.ByNewest, catalog.ByPriceUp, catalog.ByPriceDown, catalog.ByName} {
		cases[sort] = catalog.Query{Sort: sort, Limit: 10}
		cases[sort+" in a category"] = catalog.Query{Sort: sort, Category: "garden", Limit: 5}
		cases[sort+" narrowed"] = catalog.Query{Sort: sort, PriceMin: 1, PriceMax: 1e6, InStock: true, Limit: 5}
	}
	for name, q := range cases {
		for _, page := range []string{"first", "second"} {
			statement, args, err := catalog.ListStatement(ctx, s.Service, q)
			must(t, err)
			for _, step := range plan(t, p.Data, statement, args) {
				if strings.Contains(step, "SCAN") || strings.Contains(step, "TEMP B-TREE") {
					t.Errorf("%s, %s page: %s", name, page, step)
				}
			}
			pg, err := s.List(ctx, q)
			must(t, err)
			if q.Cursor = pg.Next; q.Cursor == "" {
				t.Errorf("%s has one page only", name)
			}
		}
	}
}

func plan(t *testing.T, d *db.DB, statement string, args []any) (steps []string) {
	t.Helper()
	must(t, d.Read(ctx, func(tx *db.Tx) (err error) {
		steps, err = db.All(tx, func(r db.Scanner) (step string, err error) {
			var a, b, c int
			return step, r.Scan(&a, &b, &c, &step)
		}, `EXPLAIN QUERY PLAN `+statement, args...)
		return err
	}))
	if len(steps) == 0 {
		t.Fatal("no plan")
	}
	return steps
}

// large is the file of a catalogue of 10,000 products, made once for all benchmarks of a run.
var large = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "strongroom-catalogue")
	return filepath.Join(dir, "data.db"), err
})

func bench(b *testing.B) shop {
	b.Helper()
	path, err := large()
	must(b, err)
	if _, err := os.Stat(path); err != nil {
		from := strings.TrimPrefix(dbtest.DSN(b, db.SQLite, "data"), "sqlite:")
		data, err := os.ReadFile(from)
		must(b, err)
		must(b, os.WriteFile(path, data, 0o600))
		d, err := db.Open(ctx, db.Options{DSN: "sqlite:" + path})
		must(b, err)
		must(b, catalogtest.Fill(ctx, newService(d).Service, 10_000, 1))
		must(b, d.Close())
	}
	d, err := db.Open(ctx, db.Options{DSN: "sqlite:" + path})
	must(b, err)
	b.Cleanup(func() { _ = d.Close() })
	s := newService(d)
	b.ReportAllocs()
	return s
}

func newService(d *db.DB) shop {
	st := stock.New(stock.Deps{DB: d})
	return shop{Service: catalog.New(catalog.Deps{DB: d, Stock: st, Currency: "EUR", Languages: []string{"en", "de"}}), stock: st}
}

func BenchmarkFill(b *testing.B) {
	s := newService(dbtest.Open(b, db.SQLite).Data)
	must(b, catalogtest.Fill(ctx, s.Service, max(b.N, 50), 9))
}

// measured runs fn and reports what it cost the processor, which other processes on the machine cannot change.
func measured(b *testing.B, fn func() error) {
	b.Helper()
	must(b, fn())
	before := cpu()
	for b.Loop() {
		if err := fn(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((cpu()-before).Microseconds())/float64(b.N), "cpu-µs/op")
}

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func benchList(b *testing.B, q catalog.Query) {
	s := bench(b)
	measured(b, func() error { _, err := s.List(ctx, q); return err })
}

func BenchmarkListPopular(b *testing.B) { benchList(b, catalog.Query{Lang: "de", Category: "garden"}) }
func BenchmarkListName(b *testing.B) {
	benchList(b, catalog.Query{Lang: "de", Category: "garden", Sort: catalog.ByName})
}
func BenchmarkListFiltered(b *testing.B) {
	benchList(b, catalog.Query{Lang: "de", Category: "garden", Values: map[string][]string{"colour": {"moss"}, "size": {"large"}}, InStock: true})
}

func BenchmarkProduct(b *testing.B) {
	s := bench(b)
	measured(b, func() error { _, err := s.Product(ctx, "de", "product-000123"); return err })
}

func BenchmarkItems(b *testing.B) {
	s := bench(b)
	var ids []id.ID
	for _, h := range []string{"product-000123", "product-000007", "product-004711"} {
		d, err := s.Product(ctx, "en", h)
		must(b, err)
		ids = append(ids, d.Variants[0].ID)
	}
	measured(b, func() error { _, err := s.Items(ctx, "de", ids); return err })
}

func BenchmarkFilters(b *testing.B) {
	s := bench(b)
	measured(b, func() error { _, err := s.Filters(ctx, "de", "garden"); return err })
}

func BenchmarkSearch(b *testing.B) {
	for name, text := range map[string]string{"word": "teller", "two": "stille teller", "prefix": "sup", "letter": "s", "typo": "supenteller", "rare": "product quiet", "text": "holz glas stoneware oak"} {
		b.Run(name, func(b *testing.B) {
			s := bench(b)
			q := catalog.Query{Lang: "de", Text: text}
			measured(b, func() error { _, err := s.Search(ctx, q); return err })
		})
	}
}
