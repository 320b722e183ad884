package storefront

import (
	"context"
	"net/url"
	"slices"
	"sort"
	"strings"

	"strongroom/front/parts"
	"strongroom/shop/catalog"
)

// listing fills in the list and everything that narrows and sorts it.
func (s *Storefront) listing(ctx context.Context, q *request, l *listQuery, found catalog.Page, path string, sorts []string) (*listing, error) {
	out := &listing{Action: q.site.To(path), Min: l.min, Max: l.max, InStock: l.InStock, Cards: cards(q.site, found.Cards, 2)}
	filters, err := s.filters(ctx, q, l)
	if err != nil {
		return nil, err
	}
	out.Said = said(q.site, l, found, filters.Total)
	if l.Text != "" {
		filters.Facets = nil // they count the whole shop, not what was found
	}
	s.fillFilters(q.site, l, out, filters)
	out.fillWays(q.site, l, found.Next)
	for i, o := range sorts {
		out.Sorts = append(out.Sorts, parts.Option{Value: o, Text: q.site.T("shop.sort_" + strings.ReplaceAll(o, "-", "_")), Selected: l.Sort == o || l.Sort == "" && i == 0})
	}
	return out, nil
}

// filters are what the form of a list offers. They hold for a version of the catalogue and are read once for it.
func (s *Storefront) filters(ctx context.Context, q *request, l *listQuery) (catalog.Filters, error) {
	key := q.code + "/" + l.Category
	if f, ok := q.kept.Load(key); ok {
		return f.(catalog.Filters), nil
	}
	f, err := s.Catalog.Filters(ctx, q.code, l.Category)
	if err == nil {
		q.kept.Store(key, f)
	}
	return f, err
}

// said is how many products there are, as far as that is known.
func said(s *parts.Site, l *listQuery, found catalog.Page, all int64) string {
	n := found.Total
	narrowed := l.Text != "" || len(l.Values) > 0 || l.PriceMin > 0 || l.PriceMax > 0 || l.InStock
	switch {
	case n < 0 && !narrowed:
		n = all
	case n < 0 && l.Cursor == "" && found.Next == "":
		n = int64(len(found.Cards))
	case n < 0:
		return s.T("shop.some_products")
	}
	return s.T("shop.n_products", "n", n)
}

func (s *Storefront) fillFilters(site *parts.Site, l *listQuery, out *listing, filters catalog.Filters) {
	off := func(name, value string) string {
		rest := url.Values{}
		for k, vs := range l.normal {
			for _, v := range vs {
				if k != "after" && (k != name || value != "" && v != value) {
					rest.Add(k, v)
				}
			}
		}
		return address(out.Action, rest)
	}
	for _, f := range filters.Facets {
		g := facet{Name: f.Name, Param: filterMark + f.Key}
		for _, v := range f.Values {
			on := slices.Contains(l.Values[f.Key], v.Key)
			g.Values = append(g.Values, facetValue{Value: v.Key, Text: v.Name, N: v.Products, On: on})
			if on {
				out.On = append(out.On, parts.Link{Text: f.Name + ": " + v.Name, Href: off(g.Param, v.Key)})
			}
		}
		out.Facets = append(out.Facets, g)
	}
	if l.PriceMin > 0 {
		out.On = append(out.On, parts.Link{Text: site.T("shop.price_range_min", "price", site.Money(l.PriceMin)), Href: off("min", "")})
	}
	if l.PriceMax > 0 {
		out.On = append(out.On, parts.Link{Text: site.T("shop.price_range_max", "price", site.Money(l.PriceMax)), Href: off("max", "")})
	}
	if l.InStock {
		out.On = append(out.On, parts.Link{Text: site.T("shop.filter_in_stock"), Href: off("stock", "")})
	}
}

// fillWays fills in what the forms keep and where the pager leads.
func (out *listing) fillWays(_ *parts.Site, l *listQuery, next string) {
	plain := url.Values{}
	for _, k := range [...]string{"q", "sort"} {
		if v := l.normal.Get(k); v != "" {
			plain.Set(k, v)
			out.Always = append(out.Always, pair{k, v})
		}
	}
	out.Clear = address(out.Action, plain)
	names := make([]string, 0, len(l.normal))
	for k := range l.normal {
		names = append(names, k)
	}
	sort.Strings(names)
	all := url.Values{}
	for _, k := range names {
		for _, v := range l.normal[k] {
			if k != "after" {
				all.Add(k, v)
			}
			if k != "after" && k != "sort" {
				out.Kept = append(out.Kept, pair{k, v})
			}
		}
	}
	if l.Cursor != "" {
		out.First = address(out.Action, all)
	}
	if next != "" {
		all.Set("after", next)
		out.Next = address(out.Action, all)
	}
}
