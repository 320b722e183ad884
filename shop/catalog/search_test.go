package catalog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/guard/access"
	"strongroom/shop/catalog"
	"strongroom/shop/catalog/catalogtest"
)

// crockery is a small shop in German with words that are alike.
func crockery(t testing.TB, p dbtest.Pair) shop {
	s := open(t, p)
	s.category(t, "bowls", "")
	_, err := s.PutCategory(ctx, access.Console(), catalog.CategoryInput{Slug: "geschirr", Title: catalog.Text{"en": "Crockery", "de": "Geschirr"}})
	must(t, err)
	for i, title := range []string{"Teller", "Suppenteller", "Alltagsteller groß", "Gießkanne", "Butterdose", "Lavendelkissen", "Café-Tasse", "Brett"} {
		in := bowl()
		in.Handle, in.Categories, in.Popularity = fmt.Sprintf("p-%d", i), []string{"geschirr"}, int64(100-i)
		in.Texts = map[string]catalog.Texts{"de": {Title: title, Description: "Aus einer kleinen Werkstatt."}}
		if title == "Brett" {
			in.Texts["de"] = catalog.Texts{Title: title, Description: "Passt unter jeden Teller."}
		}
		in.Variants = []catalog.VariantInput{{SKU: fmt.Sprintf("ART-%d", i), Values: []catalog.Text{{"de": "Moosgrün"}}}}
		_, err := s.Put(ctx, in, catalog.PutOptions{Actor: access.Console()})
		must(t, err)
	}
	return s
}

func handles(pg catalog.Page) string {
	var out []string
	for _, c := range pg.Cards {
		out = append(out, c.Handle)
	}
	return strings.Join(out, " ")
}

func TestSearchForgives(t *testing.T) {
	cases := []struct{ typed, want string }{
		{"Teller", "p-0 p-1 p-2 p-7"}, // the word, compounds that end with it, and last where it stands in a text
		{"TELLER", "p-0 p-1 p-2 p-7"},
		{"tell", "p-0 p-7"},         // beginning
		{"Tellern", "p-0 p-7"},      // inflected
		{"Tleler", "p-0 p-7"},       // swapped
		{"Telller", "p-0 p-7"},      // doubled
		{"Suppentellre", "p-1"},     // swapped in a long word
		{"Supenteler", "p-1"},       // two left out
		{"Suppe", "p-1"},            // beginning of a compound
		{"giesskanne", "p-3"},       // ß as ss
		{"Gießkane", "p-3"},         // left out
		{"Giesskannne", "p-3"},      // added
		{"kanne", "p-3"},            // end of a compound
		{"cafe", "p-6"},             // no accent
		{"CAFÉ tasse", "p-6"},       // two words
		{"Lavendelkisen", "p-5"},    // left out
		{"Lavenedlkisen", "p-5"},    // two errors in a long word
		{"groß Teller", "p-2"},      // both words must be there
		{"teller grosser", "p-2"},   // inflected
		{"butterdsoe", "p-4"},       // swapped
		{"Burtidosi", ""},           // four errors: no
		{"dsoe", ""},                // a short word must be near
		{"xyzzy Butterdose", "p-4"}, // what is found nowhere is left out
		{"ART-3", "p-3"},            // article number
		{"art-3", "p-3"},
		{"Moosgrün Brett", "p-7"},                        // option and title
		{"moosgruen", "p-0 p-1 p-2 p-3 p-4 p-5 p-6 p-7"}, // as people without an umlaut key write it
		{"", ""},
		{"   ", ""},
		{"- / .", ""},
	}
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := crockery(t, p)
		for _, c := range cases {
			pg, err := s.Search(ctx, catalog.Query{Lang: "de", Text: c.typed})
			must(t, err)
			if got := handles(pg); got != c.want {
				t.Errorf("%q finds %q, want %q", c.typed, got, c.want)
			}
		}
		pg, err := s.Search(ctx, catalog.Query{Lang: "de", Text: "Supenteler"})
		must(t, err)
		if pg.Corrected != "suppenteller" || pg.Total != 1 {
			t.Errorf("%+v", pg)
		}
		pg, err = s.Search(ctx, catalog.Query{Lang: "de", Text: "geschirr", Sort: catalog.ByName, Limit: 3})
		must(t, err)
		next, err := s.Search(ctx, catalog.Query{Lang: "de", Text: "geschirr", Sort: catalog.ByName, Limit: 10, Cursor: pg.Next})
		must(t, err)
		if got := handles(pg) + " " + handles(next); got != "p-2 p-7 p-4 p-6 p-3 p-5 p-1 p-0" {
			t.Errorf("by name: %s", got)
		}
		sug, err := s.Suggest(ctx, "de", "tel")
		must(t, err)
		if len(sug) < 2 || sug[0].Text != "teller" || sug[1].Text != "Teller" || sug[1].Handle != "p-0" {
			t.Errorf("%+v", sug)
		}
	})
}

func TestSearchFollowsTheCatalogue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := furnished(t, p)
		find := func(text string, q catalog.Query) string {
			t.Helper()
			q.Lang, q.Text = "en", text
			pg, err := s.Search(ctx, q)
			must(t, err)
			return handles(pg)
		}
		if find("morning", catalog.Query{}) != "bowl" || find("linen", catalog.Query{}) != "" {
			t.Error("at first")
		}
		in := bowl()
		in.Texts["en"] = catalog.Texts{Title: "Evening bowl"}
		_, err := s.Put(ctx, in, catalog.PutOptions{Actor: access.Console()})
		must(t, err)
		if find("morning", catalog.Query{}) != "" || find("evening", catalog.Query{}) != "bowl" {
			t.Error("after another title")
		}
		_, err = s.PutCategory(ctx, access.Console(), catalog.CategoryInput{Slug: "bowls", Parent: "table", Title: catalog.Text{"en": "Vessels"}})
		must(t, err)
		must(t, s.Refresh(ctx))
		if find("vessels", catalog.Query{}) != "bowl" {
			t.Error("after another name of its category")
		}
		for q, want := range map[*catalog.Query]string{{Category: "table"}: "bowl", {Category: "linen"}: "", {PriceMin: 2300}: "",
			{PriceMax: 2300}: "bowl", {InStock: true}: "bowl", {Values: map[string][]string{"glaze": {"moss"}}}: "bowl",
			{Values: map[string][]string{"glaze": {"ink"}}}: ""} {
			if got := find("evening", *q); got != want {
				t.Errorf("%+v finds %q", *q, got)
			}
		}
		in.State = catalog.Draft
		_, err = s.Put(ctx, in, catalog.PutOptions{Actor: access.Console()})
		must(t, err)
		if find("evening", catalog.Query{}) != "" || find("B-1", catalog.Query{}) != "" {
			t.Error("a draft is found")
		}
	})
}

// V1.2.4: what is typed is data, whatever it looks like.
func TestHostileSearchesAreHarmless(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := crockery(t, p)
		for _, text := range []string{`"`, `'`, `teller" OR 1=1`, `'; DROP TABLE catalog_card; --`, "tel\x00ler", "\x00", "NEAR(a b)", "title:teller",
			"teller*", "-teller", "^teller", "(((((", "%_%", `\`, "a & b | !c", "\xff\xfe", strings.Repeat("teller ", 1500), strings.Repeat("ä", 5000),
			strings.Repeat("x", 10_000), "\u202eteller", "👩‍👩‍👧", strings.Repeat("\u0301", 400)} {
			if _, err := s.Search(ctx, catalog.Query{Lang: "de", Text: text}); err != nil {
				t.Errorf("%.40q: %v", text, err)
			}
			if _, err := s.Suggest(ctx, "de", text); err != nil {
				t.Errorf("%.40q: %v", text, err)
			}
		}
		for _, q := range []catalog.Query{{Text: "teller", Cursor: "cgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}, {Text: "teller", Cursor: "zz"}, {Text: "teller", Sort: "x"}} {
			if _, err := s.Search(ctx, q); !fault.Is(err, fault.Malformed) {
				t.Errorf("%+v: %v", q, err)
			}
		}
		pg, err := s.Search(ctx, catalog.Query{Lang: "de", Text: `teller" OR 1=1`})
		must(t, err)
		if len(pg.Cards) == 0 {
			t.Error("quotes hide the word")
		}
	})
}

// Both engines find the same in the same order, page by page.
func TestBothEnginesFindTheSame(t *testing.T) {
	found := map[db.Engine][]string{}
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		must(t, catalogtest.Fill(ctx, s.Service, 200, 3))
		for _, text := range []string{"bowl", "plate", "plates", "teller", "soup plate", "quiet", "qiuet", "lin", "li", "garden oak", "lavendr", "watering can", "s", "stoneware glass"} {
			for _, sort := range []string{"", catalog.ByPriceUp, catalog.ByName} {
				q := catalog.Query{Lang: "en", Text: text, Sort: sort, Limit: 9}
				for range 30 {
					pg, err := s.Search(ctx, q)
					must(t, err)
					found[p.Engine] = append(found[p.Engine], text+" "+sort+": "+handles(pg)+" "+pg.Corrected)
					if q.Cursor = pg.Next; q.Cursor == "" {
						break
					}
				}
			}
		}
	})
	if len(found) < 2 {
		t.Log("only one engine ran")
		return
	}
	a, b := found[db.SQLite], found[db.Postgres]
	if !slices.Equal(a, b) {
		for i := range min(len(a), len(b)) {
			if a[i] != b[i] {
				t.Fatalf("\n%s\n%s", a[i], b[i])
			}
		}
	}
	if len(a) < 60 {
		t.Errorf("only %d pages", len(a))
	}
}
