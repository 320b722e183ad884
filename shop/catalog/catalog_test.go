package catalog_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"strongroom/base/blob"
	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/vault/vaulttest"
	"strongroom/shop/catalog"
	"strongroom/shop/catalog/catalogtest"
	"strongroom/shop/stock"
)

var ctx = context.Background()

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

type shop struct {
	dbtest.Pair
	*catalog.Service
	stock *stock.Service
}

func open(t testing.TB, p dbtest.Pair) shop {
	t.Helper()
	blobs, err := blob.Open(t.TempDir())
	must(t, err)
	t.Cleanup(func() { _ = blobs.Close() })
	st := stock.New(stock.Deps{DB: p.Data})
	log := audit.New(audit.Deps{DB: p.Data, Vault: vaulttest.New(t, p)})
	t.Cleanup(func() { _ = log.Close() })
	return shop{p, catalog.New(catalog.Deps{DB: p.Data, Stock: st, Blobs: blobs, Currency: "EUR", Languages: []string{"en", "de"}, Audit: log}), st}
}

func (s shop) category(t testing.TB, slug, parent string) {
	t.Helper()
	_, err := s.PutCategory(ctx, access.Console(), catalog.CategoryInput{Slug: slug, Parent: parent, Title: catalog.Text{"en": slug}})
	must(t, err)
}

func bowl() catalog.Input {
	return catalog.Input{Handle: "bowl", State: catalog.Published, Categories: []string{"bowls"}, TaxClass: "standard",
		Producer: "Works GmbH, Street 1, Berlin", Popularity: 5,
		Texts: map[string]catalog.Texts{
			"en": {Title: "Morning bowl", Summary: "Deep", Description: "**Deep** bowl", Facts: "Care: dishwasher\nHandmade"},
			"de": {Title: "Morgenschale", Summary: "Tief", Facts: "Pflege: Spülmaschine"},
		},
		Options: []catalog.Text{{"en": "Glaze", "de": "Glasur"}},
		Variants: []catalog.VariantInput{
			{SKU: "B-1", Values: []catalog.Text{{"en": "Moss", "de": "Moos"}}, Price: 2400, WeightGrams: 480, Stock: 3, UnitAmount: 750, UnitBase: "l"},
			{SKU: "B-2", Values: []catalog.Text{{"en": "Chalk", "de": "Kreide"}}, Price: 2200, WasPrice: 2800, WeightGrams: 480, MaxPerOrder: 4},
		}}
}

func furnished(t testing.TB, p dbtest.Pair) shop {
	s := open(t, p)
	s.category(t, "table", "")
	s.category(t, "bowls", "table")
	s.category(t, "linen", "")
	_, err := s.Put(ctx, bowl(), catalog.PutOptions{Actor: access.Console()})
	must(t, err)
	return s
}

func TestAProductAsItsPageReadsIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := furnished(t, p)
		d, err := s.Product(ctx, "de", "bowl")
		must(t, err)
		if d.Title != "Morgenschale" || d.Description != "**Deep** bowl" || len(d.Facts) != 1 || d.Facts[0].Value != "Spülmaschine" {
			t.Errorf("texts: %+v", d)
		}
		if len(d.Path) != 2 || d.Path[0].Slug != "table" || d.Path[1].Slug != "bowls" {
			t.Errorf("path: %+v", d.Path)
		}
		if len(d.Options) != 1 || d.Options[0].Key != "glaze" || d.Options[0].Name != "Glasur" || len(d.Options[0].Values) != 2 {
			t.Errorf("options: %+v", d.Options)
		}
		if d.Variants[0].Available != 3 || d.Variants[1].Available != 0 || d.Variants[0].Options != "Moos" || !d.Available() {
			t.Errorf("variants: %+v", d.Variants)
		}
		if d.Variants[1].WasPrice != 2800 || d.Variants[1].LowestPrice != 2800 {
			t.Errorf("reduction: %+v", d.Variants[1])
		}
		items, err := s.Items(ctx, "en", []id.ID{d.Variants[0].ID, d.Variants[1].ID})
		must(t, err)
		i := items[d.Variants[1].ID]
		if i.Name != "Morning bowl" || i.Options != "Chalk" || i.Price != 2200 || i.WasPrice != 2800 || i.LowestPrice != 2800 || !i.Sellable || i.MaxPerOrder != 4 || i.Producer == "" || i.Handle != "bowl" {
			t.Errorf("item: %+v", i)
		}
		if i := items[d.Variants[0].ID]; i.UnitAmount != 750 || i.UnitBase != "l" || i.WeightGrams != 480 {
			t.Errorf("item: %+v", i)
		}
	})
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := furnished(t, p)
		in := bowl()
		in.Handle, in.State, in.Variants = "hidden", catalog.Draft, in.Variants[:1]
		in.Variants[0].SKU = "H-1"
		_, err := s.Put(ctx, in, catalog.PutOptions{Actor: access.Console()})
		must(t, err)
		for _, handle := range []string{"hidden", "none", "", "../bowl", "BOWL", "bowl\x00", "' OR 1=1 --"} {
			if _, err := s.Product(ctx, "en", handle); !fault.Is(err, fault.NotFound) {
				t.Errorf("%q: %v", handle, err)
			}
		}
		if _, err := s.Category(ctx, "en", "none"); !fault.Is(err, fault.NotFound) {
			t.Errorf("category: %v", err)
		}
		pg, err := s.List(ctx, catalog.Query{Lang: "en"})
		must(t, err)
		if len(pg.Cards) != 1 || pg.Total != 1 {
			t.Errorf("a draft is listed: %+v", pg)
		}
	})
}

func TestVariantsThatGoStayKnown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := furnished(t, p)
		before, err := s.Product(ctx, "en", "bowl")
		must(t, err)
		in := bowl()
		in.Variants = in.Variants[1:]
		_, err = s.Put(ctx, in, catalog.PutOptions{Actor: access.Console()})
		must(t, err)
		d, err := s.Product(ctx, "en", "bowl")
		must(t, err)
		if len(d.Variants) != 1 || d.Variants[0].ID != before.Variants[1].ID || d.ID != before.ID {
			t.Errorf("%+v", d.Variants)
		}
		if d.PublishedAt != before.PublishedAt {
			t.Error("publishing again made it new")
		}
		other := bowl()
		other.Handle = "other"
		if _, err := s.Put(ctx, other, catalog.PutOptions{Actor: access.Console()}); fault.As(err) == nil || fault.As(err).Fields[0].Key != "catalog.sku_taken" {
			t.Errorf("a taken article number: %v", err)
		}
	})
}

func TestStockTurnsListsAndVersion(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := furnished(t, p)
		d, err := s.Product(ctx, "en", "bowl")
		must(t, err)
		v := s.Version()
		must(t, s.stock.Receive(ctx, stock.Change{Variant: d.Variants[0].ID, Pieces: -1, Reason: stock.Counted, Actor: access.Console()}))
		if s.Version() != v {
			t.Error("one piece fewer made a new version")
		}
		must(t, s.stock.Receive(ctx, stock.Change{Variant: d.Variants[0].ID, Pieces: -2, Reason: stock.Counted, Actor: access.Console()}))
		if s.Version() == v {
			t.Error("sold out made no new version")
		}
		pg, err := s.List(ctx, catalog.Query{Category: "table"})
		must(t, err)
		if pg.Cards[0].Available {
			t.Error("the card says that it is there")
		}
		pg, err = s.List(ctx, catalog.Query{Category: "table", InStock: true})
		must(t, err)
		if len(pg.Cards) != 0 {
			t.Error("listed as in stock")
		}
		must(t, s.stock.Receive(ctx, stock.Change{Variant: d.Variants[1].ID, Pieces: 1, Reason: stock.Counted, Actor: access.Console()}))
		pg, err = s.List(ctx, catalog.Query{InStock: true})
		must(t, err)
		if len(pg.Cards) != 1 || !pg.Cards[0].Available || !pg.Cards[0].From || pg.Cards[0].Price != 2200 {
			t.Errorf("%+v", pg.Cards)
		}
	})
}

// Another process learns of a write within 200 milliseconds, and asks no more often than that.
func TestVersionAcrossProcesses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := furnished(t, p)
		other := catalog.New(catalog.Deps{DB: p.Data, Languages: []string{"en", "de"}})
		before := other.Version()
		_, err := s.Put(ctx, bowl(), catalog.PutOptions{Actor: access.Console()})
		must(t, err)
		if other.Version() != before {
			t.Error("asked at once")
		}
		p.Clock.Advance(200 * time.Millisecond)
		if other.Version() != s.Version() || s.Version() <= before {
			t.Errorf("%d, %d, %d", before, s.Version(), other.Version())
		}
	})
}

func TestMovingACategoryMovesItsProducts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := furnished(t, p)
		s.category(t, "bowls", "linen")
		must(t, s.Refresh(ctx))
		for category, want := range map[string]int{"table": 0, "linen": 1, "bowls": 1} {
			pg, err := s.List(ctx, catalog.Query{Category: category})
			must(t, err)
			c, err := s.Category(ctx, "en", category)
			must(t, err)
			if len(pg.Cards) != want || c.Products != int64(want) || pg.Total != int64(want) {
				t.Errorf("%s: %d cards, %d counted", category, len(pg.Cards), c.Products)
			}
		}
		_, err := s.PutCategory(ctx, access.Console(), catalog.CategoryInput{Slug: "linen", Parent: "bowls", Title: catalog.Text{"en": "x"}})
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("a circle: %v", err)
		}
		if err := s.DeleteCategory(ctx, access.Console(), "bowls"); !fault.Is(err, fault.Conflict) {
			t.Errorf("deleting a full category: %v", err)
		}
		must(t, s.DeleteCategory(ctx, access.Console(), "table"))
	})
}

func TestPagingMeetsEveryProductOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		must(t, catalogtest.Fill(ctx, s.Service, 120, 1))
		queries := map[string]catalog.Query{"all": {}, "category": {Category: "garden"}, "stock": {InStock: true},
			"price": {PriceMin: 2000, PriceMax: 9000}, "value": {Values: map[string][]string{"colour": {"moss", "ink"}}},
			"values": {Category: "light", Values: map[string][]string{"colour": {"moss", "clay"}, "size": {"large", "small"}}}}
		for name, q := range queries {
			counts := map[int]bool{}
			for _, sort := range []string{catalog.ByPopularity, catalog.ByNewest, catalog.ByPriceUp, catalog.ByPriceDown, catalog.ByName} {
				q.Sort, q.Limit, q.Lang, q.Cursor = sort, 7, "de", ""
				seen := map[string]bool{}
				var last *catalog.Card
				for range 40 {
					pg, err := s.List(ctx, q)
					must(t, err)
					for _, c := range pg.Cards {
						if seen[c.Handle] {
							t.Fatalf("%s by %s: %s twice", name, sort, c.Handle)
						}
						seen[c.Handle] = true
						if last != nil && (sort == catalog.ByPriceUp && c.Price < last.Price || sort == catalog.ByPriceDown && c.Price > last.Price) {
							t.Fatalf("%s by %s: out of order", name, sort)
						}
						last = &c
					}
					if q.Cursor = pg.Next; q.Cursor == "" {
						break
					}
				}
				if q.Cursor != "" {
					t.Fatalf("%s by %s has no end", name, sort)
				}
				counts[len(seen)] = true
			}
			if len(counts) != 1 || counts[0] || name == "all" && !counts[120] {
				t.Errorf("%s: the orders disagree: %v", name, counts)
			}
		}
	})
}

func TestFiltersCount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		must(t, catalogtest.Fill(ctx, s.Service, 60, 2))
		must(t, s.Rebuild(ctx, nil)) // counts are kept by adding and taking away: doing all again must not move them
		for _, category := range []string{"", "paper", "paper-2"} {
			f, err := s.Filters(ctx, "de", category)
			must(t, err)
			for _, facet := range f.Facets {
				for _, v := range facet.Values {
					q := catalog.Query{Category: category, Values: map[string][]string{facet.Key: {v.Key}}, Limit: 100}
					pg, err := s.List(ctx, q)
					must(t, err)
					if int64(len(pg.Cards)) != v.Products {
						t.Errorf("%s %s %s: %d said, %d found", category, facet.Key, v.Key, v.Products, len(pg.Cards))
					}
				}
			}
			pg, err := s.List(ctx, catalog.Query{Category: category, Sort: catalog.ByPriceUp, Limit: 100})
			must(t, err)
			if n := len(pg.Cards); f.Total != int64(n) || n > 0 && (f.PriceMin != pg.Cards[0].Price || f.PriceMax != pg.Cards[n-1].Price) {
				t.Errorf("%s: %+v", category, f)
			}
		}
		f, err := s.Filters(ctx, "de", "")
		must(t, err)
		if len(f.Facets) != 2 || f.Facets[0].Name != "Farbe" || f.Facets[1].Key != "size" {
			t.Errorf("%+v", f.Facets)
		}
	})
}

func TestForgedCursorsAndFiltersAreCleanFaults(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := furnished(t, p)
		for _, c := range []string{"x", "cA", "AAAA", "cAAAAAAAAAAFAAAAAAAAAAAAAAAAAAAAAAA", "'; DROP TABLE catalog_card", "\x00", "%%%"} {
			for _, sort := range []string{catalog.ByPopularity, catalog.ByName} {
				if _, err := s.List(ctx, catalog.Query{Cursor: c, Sort: sort}); !fault.Is(err, fault.Malformed) {
					t.Errorf("%q: %v", c, err)
				}
			}
		}
		for i, q := range []catalog.Query{{Sort: "random()"}, {Values: map[string][]string{"\x00": {"a"}}}, {Values: map[string][]string{"a": {"\xff"}}}} {
			if _, err := s.List(ctx, q); !fault.Is(err, fault.Malformed) {
				t.Errorf("%d: %v", i, err)
			}
		}
		if _, err := s.List(ctx, catalog.Query{PriceMin: -1}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v", err)
		}
		many := map[string][]string{}
		for i := range 9 {
			many[fmt.Sprint(i)] = []string{"a"}
		}
		if _, err := s.List(ctx, catalog.Query{Values: many}); !fault.Is(err, fault.Malformed) {
			t.Errorf("%v", err)
		}
	})
}

func TestEveryWriteLeavesAnEntry(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := furnished(t, p) // three categories, one product
		_, err := s.Import(ctx, strings.NewReader(head+"a,bowls,A,,,S,1,,,,\nb,bowls,B,,,T,1,,,,\n"), catalog.Options{Actor: access.Console()})
		must(t, err)
		if _, err = s.Import(ctx, strings.NewReader(head+"a,bowls,A,,,S,x,,,,\n"), catalog.Options{Actor: access.Console()}); err == nil {
			t.Error("imported")
		}
		must(t, s.DeleteCategory(ctx, access.Console(), "linen"))
		for action, want := range map[string]int{"catalog.put": 1, "catalog.import_begun": 1, "catalog.imported": 1, "catalog.put_category": 3, "catalog.delete_category": 1} {
			var n int
			must(t, p.Data.Read(ctx, func(tx *db.Tx) error {
				return tx.QueryRow(`SELECT COUNT(*) FROM audit_entry WHERE action = $1`, action).Scan(&n)
			}))
			if n != want {
				t.Errorf("%s: %d entries, want %d", action, n, want)
			}
		}
	})
}

// Items are kept in memory: a change by this process counts at once, one by another process soon.
func TestItemsAcrossProcesses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := furnished(t, p)
		other := shop{Pair: p, Service: catalog.New(catalog.Deps{DB: p.Data, Currency: "EUR", Languages: []string{"en", "de"}})}
		d, err := s.Product(ctx, "en", "bowl")
		must(t, err)
		v := d.Variants[0].ID
		price := func(s shop) money.Amount {
			t.Helper()
			items, err := s.Items(ctx, "en", []id.ID{v})
			must(t, err)
			return items[v].Price
		}
		old := price(s)
		if price(other) != old || price(s) != old {
			t.Fatal("the price is not one")
		}
		in := bowl()
		for i := range in.Variants {
			in.Variants[i].Price += 100
		}
		_, err = s.Put(ctx, in, catalog.PutOptions{Actor: access.Console()})
		must(t, err)
		if got := price(s); got != old+100 {
			t.Errorf("the process that wrote sells for %d", got)
		}
		p.Clock.Advance(time.Second)
		if got := price(other); got != old+100 {
			t.Errorf("another process sells for %d", got)
		}
	})
}
