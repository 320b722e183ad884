package storefront

import (
	"testing"
	"time"

	"github.com/a-h/templ"

	"strongroom/base/config"
	"strongroom/base/lang"
	"strongroom/front/look"
	"strongroom/front/parts"
)

// testShop is a shop with everything filled in.
func testShop() *config.Shop {
	return &config.Shop{Name: "Kiln & Orchard", LegalName: "Kiln & Orchard GmbH", Address: []string{"Lindenweg 4", "79098 Freiburg"},
		Country: "DE", Currency: "EUR", PriceMode: config.Inclusive, Languages: []string{"en", "de"}, DefaultLanguage: "en",
		TimeZone: time.UTC, Email: "hello@kiln.example", Phone: "+49 761 555 0100", VATID: "DE123456789",
		Register: "Amtsgericht Freiburg, HRB 123456", RepresentedBy: "Ada Example", PublicURL: "https://shop.localhost:8443",
		TestMode: true, WithdrawalDays: 14, ReturnDays: 30}
}

// frame is all that pages need to be rendered without services.
type frame struct {
	sites *sites
	site  *parts.Site
	lang  string
	docs  *Pages
}

func newFrame(t testing.TB, code string) *frame {
	t.Helper()
	texts, err := lang.Load(lang.Messages())
	if err != nil {
		t.Fatal(err)
	}
	assets, err := look.New(look.Colours{})
	if err != nil {
		t.Fatal(err)
	}
	shop := testShop()
	d, err := LoadPages(nil, shop, texts)
	if err != nil {
		t.Fatal(err)
	}
	s := &sites{shop: shop, texts: texts, assets: assets}
	f := &frame{sites: s, lang: code, docs: d}
	f.site = s.site(code, f.nav())
	return f
}

func (f *frame) nav() []parts.Link {
	var out []parts.Link
	for _, h := range [...]string{"Tableware", "Linen", "Pantry", "Garden", "Light", "Paper"} {
		out = append(out, parts.Link{Text: h, Href: "/" + f.lang + "/c/" + lang.Fold(h)})
	}
	return out
}

func (f *frame) page(title, path string) *parts.Page {
	return &parts.Page{Site: f.site, Title: title, Path: path, Canonical: path, Description: title + " at Kiln & Orchard"}
}

func (f *frame) private(title, path string) *parts.Page {
	p := f.page(title, path)
	p.Canonical = ""
	return p
}

func pic(name, alt string, w, h int, widths ...string) parts.Picture {
	p := parts.Picture{Alt: alt, Width: w, Height: h}
	n := map[string]int{"320": 320, "640": 640, "1200": 1200, "1920": 1920}
	for _, x := range widths {
		p.Sources = append(p.Sources, parts.Source{URL: "/media/" + name + "-" + x + ".jpg", Width: n[x]})
	}
	return p
}

func productPic(name, alt string) parts.Picture {
	return pic(name+"-1", alt, 1200, 1500, "320", "640", "1200")
}

func sampleCards(code string) []parts.Card {
	list := []struct{ handle, name, price, was, tag string }{
		{"morning-bowl", "Morning bowl", "€24.00", "", ""}, {"round-teapot", "Round teapot", "€68.00", "", "New"},
		{"striped-tea-towel", "Striped tea towel", "€12.80", "€16.00", "Reduced"}, {"olive-oil", "Olive oil, first pressing", "€19.50", "", ""},
		{"garden-lantern", "Garden lantern", "€42.00", "", ""}, {"table-candles", "Table candles", "€9.80", "", "Sold out"},
		{"linen-notebook", "Linen notebook", "€14.00", "", ""}, {"secateurs", "Secateurs", "€39.00", "", ""},
	}
	var out []parts.Card
	for i, x := range list {
		c := parts.Card{Name: x.name, Href: "/" + code + "/p/" + x.handle, Picture: productPic(x.handle, x.name), Tag: x.tag,
			Price: parts.Price{Now: x.price, Was: x.was, From: i == 0}, Eager: i < 2}
		if x.was != "" {
			c.Price.Lowest = "€12.80"
		}
		if i == 3 {
			c.Price.Unit = "€39.00 per l"
		}
		out = append(out, c)
	}
	return out
}

// pages are all pages with invented content, by the name of their file. The journeys use the same names.
func (f *frame) pages(t testing.TB) map[string]templ.Component {
	t.Helper()
	all := map[string]templ.Component{}
	f.browsePages(all)
	f.buyPages(all)
	f.orderPages(all)
	for _, n := range docNames {
		d := f.docs.byLang[f.lang][n.name]
		p := &docPage{Page: f.page(d.Title, "/"+n.name), Body: d.Body}
		for _, m := range docNames {
			p.Others = append(p.Others, parts.Link{Text: f.site.T(m.title), Href: f.site.To("/" + m.name), Current: m == n})
		}
		all[n.name] = docView(p)
	}
	fail := &failurePage{Page: f.private(f.site.T("web.not_found.title"), "/lost"), Over: f.site.T("shop.fail_over"),
		Text: f.site.T("web.not_found"), Request: "0123456789abcdef",
		Ways: []parts.Link{{Text: f.site.T("shop.fail_home"), Href: f.site.To("/")}, {Text: f.site.T("shop.fail_search"), Href: f.site.To("/search")}}}
	all["failure"] = failureView(fail)
	return all
}

func (f *frame) browsePages(all map[string]templ.Component) {
	cs := sampleCards(f.lang)
	home := &homePage{Page: f.page(f.site.T("shop.home_title"), "/"),
		Hero: hero{Sentence: "Things for the table and the garden.", Text: "Stoneware, linen and what the orchard gives. Made in small numbers, meant to stay.",
			Picture: pic("home-wide", "Still life with teapot, jug and apples", 1920, 1280, "640", "1200", "1920"), Go: parts.Link{Text: "See the tableware", Href: f.site.To("/c/tableware")}},
		Newest: cs[:4], Picks: cs[4:], PicksTitle: f.site.T("shop.home_from", "category", "Garden"), PicksLink: parts.Link{Text: f.site.T("shop.see_all_of", "category", "Garden"), Href: f.site.To("/c/garden")}}
	for _, l := range f.nav() {
		h := lang.Fold(l.Text)
		home.Doors = append(home.Doors, door{Name: l.Text, Href: l.Href, Text: "Thrown, glazed and fired by two people in the Black Forest.", Picture: pic("category-"+h, "", 1200, 800, "320", "640", "1200")})
	}
	for _, k := range [...]string{"delivery", "returns", "people"} {
		home.Pledges = append(home.Pledges, pledge{Heading: f.site.T("shop.pledge_" + k), Text: f.site.T("shop.pledge_"+k+"_text", "days", 30), Go: parts.Link{Text: f.site.T("shop.pledge_" + k + "_go"), Href: f.site.To("/delivery")}})
	}
	all["home"] = homeView(home)
	l := f.listing(cs)
	cat := &categoryPage{Page: f.page("Tableware", "/c/tableware"), Name: "Tableware", Text: "Bowls, plates and jugs in stoneware, thrown by hand and made for every day.", List: l,
		Way: []parts.Link{{Text: f.site.T("shop.home"), Href: f.site.To("/")}, {Text: "Tableware", Current: true}}, Kin: []parts.Link{{Text: "Bowls", Href: f.site.To("/c/bowls")}, {Text: "Plates", Href: f.site.To("/c/plates")}}}
	cat.Section = "tableware"
	all["category"] = categoryView(cat)
	all["search"] = searchView(&searchPage{Page: f.private(f.site.T("shop.search_title"), "/search"), Heading: f.site.T("shop.search_for", "asked", "teapto"), Asked: "teapto", Instead: "teapot", List: f.listing(cs[:2])})
	all["search-none"] = searchView(&searchPage{Page: f.private(f.site.T("shop.search_title"), "/search"), Heading: f.site.T("shop.search_for", "asked", "xyzzy"), Asked: "xyzzy", List: &listing{}})
	all["product"] = productView(f.product(cs))
}

func (f *frame) listing(cs []parts.Card) *listing {
	t := f.site.T
	return &listing{Said: t("shop.n_products", "n", len(cs)), Action: f.site.To("/c/tableware"), Cards: cs, Next: f.site.To("/c/tableware?after=x"), Clear: f.site.To("/c/tableware"),
		On:     []parts.Link{{Text: "Colour: Sage", Href: f.site.To("/c/tableware")}},
		Facets: []facet{{Name: "Colour", Param: "o.colour", Values: []facetValue{{"sage", "Sage", 4, true}, {"clay", "Clay", 7, false}, {"night", "Night blue", 0, false}}}, {Name: "Size", Param: "o.size", Values: []facetValue{{"s", "Small", 3, false}, {"l", "Large", 5, false}}}},
		Sorts:  []parts.Option{{Value: "", Text: t("shop.sort_popular"), Selected: true}, {Value: "newest", Text: t("shop.sort_newest")}, {Value: "price", Text: t("shop.sort_price")}}}
}

func (f *frame) product(cs []parts.Card) *productPage {
	t := f.site.T
	p := &productPage{Page: f.page("Morning bowl", "/p/morning-bowl"), Name: "Morning bowl", Lead: "Stoneware, for porridge, soup or a handful of cherries",
		Way:      []parts.Link{{Text: t("shop.home"), Href: f.site.To("/")}, {Text: "Tableware", Href: f.site.To("/c/tableware")}, {Text: "Morning bowl", Current: true}},
		Pictures: []parts.Picture{productPic("morning-bowl", "Green stoneware bowl"), pic("morning-bowl-2", "The bowl from above", 1200, 1500, "320", "640", "1200")},
		Price:    parts.Price{Now: "€19.20", Was: "€24.00", Lowest: "€18.90"}, TaxNote: t("shop.price_inclusive_plain"),
		Options: []optionGroup{{Name: "Colour", Chosen: "Sage", Values: []optionValue{{Text: "Sage", Href: "?v=1", Swatch: "#87946b", Current: true}, {Text: "Clay", Href: "?v=2", Swatch: "#b5694b"}, {Text: "Night blue", Href: "?v=3", Swatch: "#32425e", Out: true}}},
			{Name: "Size", Chosen: "Small, 14 cm", Values: []optionValue{{Text: "Small, 14 cm", Href: "?v=1", Current: true}, {Text: "Large, 18 cm", Href: "?v=4"}}}},
		Variant: "0192f0c0000070008000000000000001", Most: 9, Stock: stockNote{Text: t("shop.few_left"), Class: "low"},
		Assure: []assurance{{Name: t("shop.assure_delivery"), Text: t("shop.assure_delivery_text", "price", "€4.90", "country", "Germany", "dates", "24–26 November"), Go: parts.Link{Text: t("shop.pledge_delivery_go"), Href: f.site.To("/delivery")}},
			{Name: t("shop.assure_returns"), Text: t("shop.assure_returns_text", "days", 30)}, {Name: t("shop.assure_pay"), Text: t("shop.assure_pay_text")}, {Name: t("shop.assure_seller"), Text: t("shop.assure_seller_text", "name", "Kiln & Orchard GmbH", "country", "Germany")}},
		Story: "<p>Thrown on the wheel from dark stoneware and glazed in two layers, so that the edge stays warm brown where the glaze runs thin. No two are quite the same.</p><p>It fits the hand, goes into the dishwasher, and has been on our own table every morning for six years.</p>",
		Facts: []fact{{"Material", "Stoneware, food-safe glaze"}, {"Size", "14 × 7 cm, 450 ml"}, {"Care", "Dishwasher and microwave"}, {t("shop.fact_sku"), "KO-BOWL-S-SAGE"}, {t("shop.fact_producer"), "Werkstatt Halder, Hauptstr. 3, 79199 Kirchzarten, Germany"}}, Related: cs[1:5]}
	p.Section = "tableware"
	return p
}
