package catalog_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/guard/access"
	"strongroom/shop/catalog"
)

// goods is a file of n products with two variants each.
func goods(n int) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write([]string{"handle", "category", "title:en", "description:en", "option1:en", "value1:en", "sku", "price", "stock", "popularity"})
	for i := range n {
		h := fmt.Sprintf("thing-%04d", i)
		_ = w.Write([]string{h, "bowls", fmt.Sprintf("Thing %d", i), "Made for every day.", "Colour", "Moss", h + "-1", "12.50", "5", fmt.Sprint(i)})
		_ = w.Write([]string{h, "", "", "", "", "Salt", h + "-2", "13.50", "0", ""})
	}
	w.Flush()
	return b.String()
}

// lines sorts the rows of a file.
func lines(file string) string {
	list := strings.Split(file, "\n")
	slices.Sort(list)
	return strings.Join(list, "\n")
}

// An import that is cut off leaves whole products; run again, it passes over them and ends where one that was not cut off
// ends: the same goods, counts and words. V2.3.3
func TestAnImportThatWasCutOffGoesOn(t *testing.T) {
	const n = 300
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s, whole := furnished(t, p), furnished(t, dbtest.Open(t, p.Engine))
		_, err := whole.Import(ctx, strings.NewReader(goods(n)), catalog.Options{Actor: access.Console()})
		must(t, err)
		cut, stop := context.WithCancel(ctx)
		rep, err := s.Import(cut, strings.NewReader(goods(n)), catalog.Options{Actor: access.Console(), Progress: func(p catalog.Progress) {
			if p.Done > 50 && !p.Checking {
				stop()
			}
		}})
		if err == nil || rep.Kept == 0 || rep.Kept == n {
			t.Fatalf("%+v %v", rep, err)
		}
		kept := rep.Kept
		rep, err = s.Import(ctx, strings.NewReader(goods(n)), catalog.Options{Actor: access.Console()})
		must(t, err)
		if rep.Unchanged != kept || rep.Kept != n-kept {
			t.Errorf("after %d it kept %d and passed over %d", kept, rep.Kept, rep.Unchanged)
		}
		if lines(export(t, s)) != lines(export(t, whole)) {
			t.Error("the goods differ from those of an import that was not cut off")
		}
		for _, text := range []string{"thing", "moss", "thing 123"} {
			a, err := s.Search(ctx, catalog.Query{Lang: "en", Text: text})
			must(t, err)
			b, err := whole.Search(ctx, catalog.Query{Lang: "en", Text: text})
			must(t, err)
			if a.Total != b.Total || len(a.Cards) != len(b.Cards) || a.Cards[0].Handle != b.Cards[0].Handle {
				t.Errorf("%s: %d and %d are found", text, a.Total, b.Total)
			}
		}
		a, err := s.Filters(ctx, "en", "bowls")
		must(t, err)
		b, err := whole.Filters(ctx, "en", "bowls")
		must(t, err)
		if fmt.Sprint(a) != fmt.Sprint(b) {
			t.Errorf("the filters differ: %v %v", a, b)
		}
		version := s.Version()
		rep, err = s.Import(ctx, strings.NewReader(goods(n)), catalog.Options{Actor: access.Console()})
		must(t, err)
		if rep.Unchanged != n || rep.Kept != 0 || s.Version() != version {
			t.Errorf("a third time: %+v, version %d after %d", rep, s.Version(), version)
		}
		changed := strings.Replace(goods(n), "thing-0007-2,13.50", "thing-0007-2,14.50", 1)
		rep, err = s.Import(ctx, strings.NewReader(changed), catalog.Options{Actor: access.Console()})
		must(t, err)
		d, err := s.Product(ctx, "en", "thing-0007")
		must(t, err)
		if rep.Kept != 1 || d.Variants[1].Price != 1450 {
			t.Errorf("one price changed: %+v %+v", rep, d.Variants)
		}
	})
}

// An article number that another product took between the two readings is told by name, whether it comes in among many or
// alone, and nothing of that transaction stays.
func TestATakenNumberIsToldByName(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := furnished(t, p)
		one := func(handle, sku string) catalog.Input {
			return catalog.Input{Handle: handle, State: catalog.Published, TaxClass: "standard", Categories: []string{"bowls"},
				Texts: map[string]catalog.Texts{"en": {Title: handle}}, Variants: []catalog.VariantInput{{SKU: sku, Price: 100}}}
		}
		_, err := s.PutAll(ctx, []catalog.Input{one("first", "S-1"), one("second", "S-2"), one("third", "S-1")}, catalog.PutOptions{Actor: access.Console()})
		if err == nil || !strings.Contains(fmt.Sprintf("%+v", err), "sku") {
			t.Errorf("%v", err)
		}
		if _, err := s.Product(ctx, "en", "second"); err == nil {
			t.Error("a product of a refused transaction is there")
		}
		_, err = s.PutAll(ctx, []catalog.Input{one("first", "S-1"), one("first", "S-3")}, catalog.PutOptions{Actor: access.Console()})
		must(t, err)
		d, err := s.Product(ctx, "en", "first")
		must(t, err)
		if len(d.Variants) != 1 || d.Variants[0].SKU != "S-3" {
			t.Errorf("put twice in one transaction: %+v", d.Variants)
		}
	})
}

// A list of all products is divided into parts of which each but the last has n.
func TestMarksDivideTheProducts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := furnished(t, p) // with one product of its own
		for _, c := range [][2]int{{19, 1}, {20, 2}, {39, 3}} {
			n, want := c[0], c[1]
			_, err := s.Import(ctx, strings.NewReader(goods(n)), catalog.Options{Actor: access.Console()})
			must(t, err)
			marks, err := s.Marks(ctx, 10)
			must(t, err)
			if len(marks) != want {
				t.Errorf("%d products, marks %v", n+1, marks)
			}
			for i, after := range append([]string{""}, marks...) {
				list, err := s.Handles(ctx, after, 10)
				must(t, err)
				if i < len(marks) && (len(list) != 10 || list[9].Handle != marks[i]) || len(list) == 0 {
					t.Errorf("part %d: %v", i, list)
				}
			}
		}
	})
}

// Numbers are found as they are typed although the dictionary does not hold them, alone and beside other words.
func TestNumbersAreFoundAsTheyAre(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := furnished(t, p)
		_, err := s.Import(ctx, strings.NewReader(strings.ReplaceAll(goods(40), "Thing ", "Thing 90")), catalog.Options{Actor: access.Console()})
		must(t, err)
		for text, want := range map[string]string{"9017": "thing-0017", "thing 9017": "thing-0017", "9017 moss": "thing-0017", "thing 9999": "thing-0039", "9999": ""} {
			got, err := s.Search(ctx, catalog.Query{Lang: "en", Text: text})
			must(t, err)
			if first := append(got.Cards, catalog.Card{})[0].Handle; first != want {
				t.Errorf("%s finds %q", text, first)
			}
		}
		must(t, p.Data.Read(ctx, func(tx *db.Tx) error {
			var n int
			err := tx.QueryRow(`SELECT COUNT(*) FROM catalog_word WHERE LENGTH(word) >= 4 AND word >= '9' AND word < 'a'`).Scan(&n)
			if n != 0 {
				t.Errorf("%d numbers stand in the dictionary", n)
			}
			return err
		}))
	})
}
