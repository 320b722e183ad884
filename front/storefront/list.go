package storefront

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"

	"strongroom/base/money"
	"strongroom/front/parts"
	"strongroom/shop/catalog"
)

const (
	perPage    = 24
	maxAsked   = 100  // characters of a search
	filterMark = "o." // before the key of an option in an address
	maxFilters = 20   // values that one address may set
)

// isFilter says whether a parameter sets a filter, which may have several values.
func isFilter(name string) bool { return strings.HasPrefix(name, filterMark) }

// listQuery is what an address asks of a list, checked, with its normal form.
type listQuery struct {
	catalog.Query
	normal url.Values
	min    string // as typed
	max    string
}

// readList reads filters, order and cursor. What no form of ours sends is left out of the normal form, so that one
// page has one address in the cache whatever is hung onto it.
func (s *Storefront) readList(q *request, sorts []string) *listQuery {
	l := &listQuery{Query: catalog.Query{Lang: q.code, Limit: perPage, Values: map[string][]string{}}, normal: url.Values{}}
	l.readValues(q.raw)
	l.min, l.PriceMin = s.readPrice(q.query.Typed("min"))
	l.max, l.PriceMax = s.readPrice(q.query.Typed("max"))
	if l.PriceMin > 0 {
		l.normal.Set("min", money.Decimal(l.PriceMin, s.Shop.Currency))
	}
	if l.PriceMax > 0 {
		l.normal.Set("max", money.Decimal(l.PriceMax, s.Shop.Currency))
	}
	if q.query.Typed("stock") == "1" {
		l.InStock = true
		l.normal.Set("stock", "1")
	}
	if o := q.query.Typed("sort"); slices.Contains(sorts, o) && o != sorts[0] {
		l.Sort = o
		l.normal.Set("sort", o)
	}
	if c := q.query.Typed("after"); c != "" && len(c) <= 500 {
		l.Cursor = c
		l.normal.Set("after", c)
	}
	return l
}

// readValues reads the values of options, sorted and each once.
func (l *listQuery) readValues(raw url.Values) {
	n := 0
	names := slices.Sorted(maps.Keys(raw)) // in order, so that the bound cuts the same ones each time
	for _, name := range names {
		values := raw[name]
		if !isFilter(name) {
			continue
		}
		values = slices.Clone(values)
		sort.Strings(values)
		for _, v := range slices.Compact(values) {
			if n++; v != "" && len(v) <= 100 && n <= maxFilters {
				l.Values[name[len(filterMark):]] = append(l.Values[name[len(filterMark):]], v)
				l.normal.Add(name, v)
			}
		}
	}
}

// readPrice reads a bound of a price as people write it: 12, 12.50 or 12,50. What is none is no bound.
func (s *Storefront) readPrice(typed string) (string, money.Amount) {
	typed = strings.TrimSpace(typed)
	if typed == "" || len(typed) > 12 {
		return "", 0
	}
	a, err := money.Parse(strings.Replace(typed, ",", ".", 1), s.Shop.Currency)
	if err != nil {
		return typed, 0
	}
	return typed, a
}

var categorySorts = []string{catalog.ByPopularity, catalog.ByNewest, catalog.ByPriceUp, catalog.ByPriceDown, catalog.ByName}

// categoryPage is a category with the products in it.
func (s *Storefront) categoryPage(q *request) (url.Values, maker, error) {
	l := s.readList(q, categorySorts)
	l.Category = q.handle
	return l.normal, func(ctx context.Context) (templ.Component, error) {
		c, err := s.Catalog.Category(ctx, q.code, q.handle)
		if err != nil {
			return nil, err
		}
		found, err := s.Catalog.List(ctx, l.Query)
		if err != nil {
			return nil, err
		}
		p := &categoryPage{Page: s.categoryHead(q, l, c), Name: c.Title, Text: c.Intro}
		p.Way = wayTo(q.site, c.Path, "")
		for _, k := range c.Children {
			p.Kin = append(p.Kin, parts.Link{Text: k.Title, Href: q.site.To("/c/" + k.Slug)})
		}
		if p.List, err = s.listing(ctx, q, l, found, "/c/"+c.Slug, categorySorts); err != nil {
			return nil, err
		}
		p.Data = []string{breadcrumbs(q.site, p.Way)}
		return categoryView(p), nil
	}, nil
}

// categoryHead is the page around a category. Search engines know the category itself and none of its filtered views.
func (s *Storefront) categoryHead(q *request, l *listQuery, c catalog.Category) *parts.Page {
	p := &parts.Page{Site: q.site, Title: c.Title, Path: "/c/" + c.Slug, Canonical: "/c/" + c.Slug, Query: l.normal.Encode(),
		Description: shorten(c.Intro, 155), Picture: s.previewPicture(picture(c.Image, "")), Scripts: []string{s.Assets.Path("sift.js")}}
	if len(c.Path) > 0 {
		p.Section = c.Path[0].Slug
	}
	if len(l.normal) > 0 && l.Cursor == "" {
		p.Canonical = ""
	}
	return p
}

var searchSorts = []string{catalog.ByRelevance, catalog.ByPriceUp, catalog.ByPriceDown, catalog.ByNewest, catalog.ByName}

// searchPage is the answer to a search, and everything in the shop if nothing was asked.
func (s *Storefront) searchPage(q *request) (url.Values, maker, error) {
	asked := strings.Join(strings.Fields(q.query.Typed("q")), " ")
	if utf8.RuneCountInString(asked) > maxAsked {
		asked = string([]rune(asked)[:maxAsked])
	}
	sorts := searchSorts
	if asked == "" {
		sorts = categorySorts
	}
	l := s.readList(q, sorts)
	if asked != "" {
		l.Text = asked
		l.normal.Set("q", asked)
	}
	return l.normal, func(ctx context.Context) (templ.Component, error) {
		p := &searchPage{Page: &parts.Page{Site: q.site, Title: q.site.T("shop.search_title"), Path: "/search", Query: l.normal.Encode(),
			Scripts: []string{s.Assets.Path("sift.js")}}, Asked: asked, Heading: q.site.T("shop.search_all")}
		find := s.Catalog.List
		if asked != "" {
			p.Heading = q.site.T("shop.search_for", "asked", asked)
			p.Title = p.Heading
			find = s.Catalog.Search
		}
		found, err := find(ctx, l.Query)
		if err != nil {
			return nil, err
		}
		p.Instead = found.Corrected
		p.List, err = s.listing(ctx, q, l, found, "/search", sorts)
		return searchView(p), err
	}, nil
}

// address is a path with a query, if there is one.
func address(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// wayTo are the steps from the entrance; last, if there is one, is where the reader stands.
func wayTo(s *parts.Site, path []catalog.Crumb, last string) []parts.Link {
	way := []parts.Link{{Text: s.T("shop.home"), Href: s.To("/")}}
	for i, c := range path {
		way = append(way, parts.Link{Text: c.Title, Href: s.To("/c/" + c.Slug), Current: last == "" && i == len(path)-1})
	}
	if last != "" {
		way = append(way, parts.Link{Text: last, Current: true})
	}
	return way
}
