package catalog_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/lang"
	"strongroom/guard/access"
	"strongroom/shop/catalog"
)

// The sample shop is what a newcomer sees first: it must come in whole, and a second time change nothing.
func TestTheSampleShopComesIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		files := os.DirFS("../../front/demo/sample")
		read := func(name string) *bytes.Reader {
			b, err := fs.ReadFile(files, name)
			must(t, err)
			return bytes.NewReader(b)
		}
		o := catalog.Options{Actor: access.Console(), Images: files, Rendered: true}
		cr, err := s.ImportCategories(ctx, read("categories.csv"), o)
		must(t, err)
		rep, err := s.Import(ctx, read("products.csv"), o)
		if err != nil {
			t.Fatalf("%v %+v", err, rep.Findings)
		}
		records, err := csv.NewReader(read("products.csv")).ReadAll()
		must(t, err)
		if rep.Variants != len(records)-1 || rep.Products < 60 || cr.Categories != 6 {
			t.Errorf("%+v %+v", rep, cr)
		}
		d, err := s.Product(ctx, "de", "morning-bowl")
		must(t, err)
		if d.Title != "Morgenschale" || len(d.Variants) != 4 || d.Variants[3].WasPrice != 2800 || d.Variants[1].Available != 34 || d.Path[0].Title != "Geschirr" {
			t.Errorf("%+v", d)
		}
		if len(d.Images) != 3 || d.Images[1].Alt != "Vier Schalen in Kreide, Moos, Ton und Tinte" || !slices.Equal(d.Images[0].Widths, []int{320, 640, 1200}) {
			t.Errorf("%+v", d.Images)
		}
		c, err := s.Category(ctx, "de", "linen")
		must(t, err)
		if c.Image.IsZero() || c.Title != "Leinen" {
			t.Errorf("%+v", c)
		}
		before := export(t, s)
		rep, err = s.Import(ctx, strings.NewReader(before), o)
		if err != nil {
			t.Fatalf("%v %+v", err, rep.Findings)
		}
		if after := export(t, s); after != before {
			t.Error("the exported file, imported again, changed the catalogue")
		}
		pg, err := s.Search(ctx, catalog.Query{Lang: "de", Text: "schale"})
		must(t, err)
		if len(pg.Cards) == 0 {
			t.Error("nothing is found")
		}
	})
}

func export(t *testing.T, s shop) string {
	t.Helper()
	var b strings.Builder
	must(t, s.Export(ctx, &b))
	return b.String()
}

const head = "handle,category,title:en,option1:en,value1:en,sku,price,was_price,unit_amount,unit_base,stock\n"

func TestABrokenFileIsToldAndNothingIsKept(t *testing.T) {
	cases := []struct {
		name, file string
		line, col  int
		key        string
	}{
		{"empty", "", 0, 0, "catalog.csv.empty"},
		{"only a mark", "\ufeff", 0, 0, "catalog.csv.empty"},
		{"unknown column", "handle,sku,price,colour\n", 1, 4, "catalog.csv.column_unknown"},
		{"twice", "handle,sku,price,sku\n", 1, 4, "catalog.csv.column_twice"},
		{"missing", "handle,price\n", 1, 0, "catalog.csv.column_missing"},
		{"fields", head + "a,bowls,A,,,S,1\n", 2, 0, "catalog.csv.fields"},
		{"number", head + "a,bowls,A,,,S,1.00,,,,many\n", 2, 11, "catalog.number"},
		{"comma price", head + "a,bowls,A,,,S,\"1,50\",,,,\n", 2, 7, "catalog.csv.amount"},
		{"negative", head + "a,bowls,A,,,S,-1,,,,\n", 2, 7, "catalog.csv.amount"},
		{"exponent", head + "a,bowls,A,,,S,1e9,,,,\n", 2, 7, "catalog.csv.amount"},
		{"huge", head + "a,bowls,A,,,S,99999999999999999999,,,,\n", 2, 7, "catalog.csv.amount"},
		{"reduction", head + "a,bowls,A,,,S,2.00,1.00,,,\n", 2, 8, "catalog.was_price"},
		{"unit", head + "a,bowls,A,,,S,2.00,,750 ml,kg,\n", 2, 9, "catalog.unit"},
		{"sku twice", head + "a,bowls,A,,,S,1,,,,\nb,bowls,B,,,S,1,,,,\n", 3, 6, "catalog.csv.sku_line"},
		{"sku taken", head + "a,bowls,A,,,B-1,1,,,,\n", 2, 6, "catalog.sku_taken"},
		{"apart", head + "a,bowls,A,,,S,1,,,,\nb,bowls,B,,,T,1,,,,\na,bowls,A,,,U,1,,,,\n", 4, 1, "catalog.csv.handle_apart"},
		{"further row", head + "a,bowls,A,Size,L,S,1,,,,\na,,Other,,M,T,1,,,,\n", 3, 3, "catalog.csv.first_row"},
		{"values twice", head + "a,bowls,A,Size,L,S,1,,,,\na,,,,L,T,1,,,,\n", 3, 5, "catalog.values_twice"},
		{"value missing", head + "a,bowls,A,Size,L,S,1,,,,\na,,,,,T,1,,,,\n", 3, 5, "catalog.value_missing"},
		{"category", head + "a,nowhere,A,,,S,1,,,,\n", 2, 2, "catalog.category_unknown"},
		{"handle", head + "A b,bowls,A,,,S,1,,,,\n", 2, 1, "catalog.handle"},
		{"control", head + "a,bowls,A\x01,,,S,1,,,,\n", 2, 3, "catalog.characters"},
		{"utf8", head + "a,bowls,\xe4,,,S,1,,,,\n", 2, 3, "catalog.csv.utf8"},
		{"quote", head + "a,bowls,A\"b,,,S,1,,,,\n", 2, 0, "catalog.csv.quotes"},
		{"open quote", head + "a,bowls,\"A,,,S,1,,,,\n", 2, 0, "catalog.csv.quotes"},
		{"swallowed", head + "a,bowls,\"" + strings.Repeat("x,\n", 600_000), 2, 0, "catalog.csv.record_long"},
		{"long", head + "a,bowls," + strings.Repeat("x", 301) + ",,,S,1,,,,\n", 2, 3, "catalog.too_long"},
		{"picture", strings.Replace(head, "stock", "images", 1) + "a,bowls,A,,,S,1,,,,none\n", 2, 11, "catalog.csv.image_missing"},
	}
	texts, err := lang.Load(lang.Messages())
	must(t, err)
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := furnished(t, p)
		before, version := export(t, s), s.Version()
		for _, c := range cases {
			good := head + "good,bowls,Good,,,GOOD,1,,,,\n"
			file := c.file
			if strings.HasPrefix(file, head) {
				file = strings.Replace(file, head, good, 1)
				c.line++
			}
			rep, err := s.Import(ctx, strings.NewReader(file), catalog.Options{Actor: access.Console()})
			if f := fault.As(err); f == nil || f.Key != "catalog.import_refused" {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			i := slices.IndexFunc(rep.Findings, func(f catalog.Finding) bool {
				return f.Key == c.key && f.Line == c.line && f.Column == c.col
			})
			if i < 0 {
				t.Errorf("%s: %+v", c.name, rep.Findings)
				continue
			}
			for _, tag := range []string{"en", "de"} {
				if s := texts.For(tag).T(c.key, params(rep.Findings[i])...); s == c.key || strings.Contains(s, "{") {
					t.Errorf("%s has no text: %q", c.key, s)
				}
			}
		}
		if export(t, s) != before || s.Version() != version {
			t.Error("a refused file changed something")
		}
	})
}

func params(f catalog.Finding) (out []any) {
	for k, v := range f.Params {
		out = append(out, k, v)
	}
	return out
}

// What spreadsheets write: a byte order mark, semicolons, CRLF, quoted line ends.
func TestWhatSpreadsheetsWrite(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := furnished(t, p)
		file := "\ufeffhandle;category;title:en;description:en;facts:en;sku;price;unit_amount;unit_base;stock\r\n" +
			"cup;bowls;\"A \"\"cup\"\"\";\"One\r\n\r\nTwo, three\";\"A: 1\r\nB: 2\";C-1;3.5;0.75 l;l;7\r\n"
		calls := 0
		_, err := s.Import(ctx, strings.NewReader(file), catalog.Options{Actor: access.Console(), Progress: func(p catalog.Progress) { calls += p.Done * p.Total }})
		must(t, err)
		d, err := s.Product(ctx, "en", "cup")
		must(t, err)
		if d.Title != `A "cup"` || d.Description != "One\n\nTwo, three" || len(d.Facts) != 2 || d.Variants[0].Price != 350 ||
			d.Variants[0].UnitAmount != 750 || d.Variants[0].Available != 7 || calls != 1 {
			t.Errorf("%+v, %d", d, calls)
		}
		// A second import keeps the stock unless it is asked for.
		file = strings.ReplaceAll(file, ";7\r", ";9\r")
		_, err = s.Import(ctx, strings.NewReader(file), catalog.Options{Actor: access.Console()})
		must(t, err)
		if d, _ = s.Product(ctx, "en", "cup"); d.Variants[0].Available != 7 {
			t.Errorf("stock moved to %d", d.Variants[0].Available)
		}
		_, err = s.Import(ctx, strings.NewReader(file), catalog.Options{Actor: access.Console(), Recount: true})
		must(t, err)
		if d, _ = s.Product(ctx, "en", "cup"); d.Variants[0].Available != 9 {
			t.Errorf("recounted to %d", d.Variants[0].Available)
		}
		rep, err := s.Import(ctx, strings.NewReader(strings.Replace(file, "cup;", "mug;", 1)), catalog.Options{Actor: access.Console(), DryRun: true})
		if fault.As(err) == nil && rep.Products != 1 {
			t.Errorf("dry run: %+v %v", rep, err)
		}
		if _, err := s.Product(ctx, "en", "mug"); !fault.Is(err, fault.NotFound) {
			t.Error("the dry run kept a product")
		}
	})
}

// V1.2.10: nothing that is exported starts a formula, and the import takes it back as it was.
func TestExportStartsNoFormula(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := furnished(t, p)
		for i, evil := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "'=1", "''+x", " =1", "\u00a0=1", "'tis fine", "a=b"} {
			in := bowl()
			in.Handle = fmt.Sprintf("evil-%d", i)
			in.Texts = map[string]catalog.Texts{"en": {Title: evil, Description: evil}}
			in.Producer, in.Options = evil, []catalog.Text{{"en": "Kind"}}
			in.Variants = []catalog.VariantInput{{SKU: fmt.Sprintf("%s%d", strings.TrimSpace(evil), i), Values: []catalog.Text{{"en": evil + " x"}}}}
			_, err := s.Put(ctx, in, catalog.PutOptions{Actor: access.Console()})
			must(t, err)
		}
		before := export(t, s)
		rows, err := csv.NewReader(strings.NewReader(before)).ReadAll()
		must(t, err)
		for _, row := range rows {
			for _, cell := range row {
				if t0 := strings.TrimLeft(cell, " \u00a0\t"); t0 != "" && strings.ContainsRune("=+-@\t\r", rune(t0[0])) {
					t.Errorf("%q starts a formula", cell)
				}
			}
		}
		rep, err := s.Import(ctx, strings.NewReader(before), catalog.Options{Actor: access.Console()})
		if err != nil {
			t.Fatalf("%v %+v", err, rep.Findings)
		}
		for i, want := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "'=1", "''+x"} {
			d, err := s.Product(ctx, "en", fmt.Sprintf("evil-%d", i))
			must(t, err)
			if d.Title != want || d.Description != want || d.Producer != want {
				t.Errorf("%q came back as %q", want, d.Title)
			}
		}
	})
}

func FuzzImport(f *testing.F) {
	f.Add([]byte(head + "a,bowls,A,Size,L,S,1.00,2.00,750 ml,l,3\n"))
	f.Add([]byte("\xef\xbb\xbfhandle;sku;price\r\n\"a\";\"b\";1\r\n"))
	s := furnished(f, dbtest.Open(f, "sqlite"))
	f.Fuzz(func(t *testing.T, file []byte) {
		rep, err := s.Import(ctx, bytes.NewReader(file), catalog.Options{Actor: access.Console(), DryRun: true})
		if err != nil && fault.As(err) == nil {
			t.Fatalf("not a fault: %v", err)
		}
		if err != nil && len(rep.Findings) == 0 {
			t.Fatal("refused without a finding")
		}
		if _, err := s.ImportCategories(ctx, bytes.NewReader(file), catalog.Options{Actor: access.Console(), DryRun: true}); err != nil && fault.As(err) == nil {
			t.Fatalf("not a fault: %v", err)
		}
	})
}
