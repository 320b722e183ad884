package catalog

import (
	"context"
	"maps"
	"slices"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
)

// Bounds of a query.
const (
	pageDefault      = 24
	maxFilterOptions = 8
	maxFilterValues  = 32 // of one option
)

// List is a page of a category, or of everything.
func (s *Service) List(ctx context.Context, q Query) (p Page, err error) {
	defer fault.Wrap(&err, "catalog: list")
	l, err := s.listQuery(ctx, q)
	if err != nil {
		return p, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		p, err = l.page(tx)
		return err
	})
	return p, err
}

// listQuery is a Query that has been looked through.
type listQuery struct {
	lang     string
	category id.ID
	options  []optionFilter
	min, max money.Amount
	inStock  bool
	sort     string
	from     *cursor
	limit    int
}

type optionFilter struct {
	option string
	values []string
}

func (s *Service) listQuery(ctx context.Context, q Query) (l listQuery, err error) {
	l = listQuery{lang: s.lang(q.Lang), category: everything, inStock: q.InStock, sort: q.Sort, limit: q.Limit}
	if l.sort == "" {
		l.sort = ByPopularity
	}
	if sorts[l.sort] == 0 {
		return l, fault.New(fault.Malformed, "catalog.sort")
	}
	if l.limit <= 0 {
		l.limit = pageDefault
	}
	l.limit = min(l.limit, MaxPage)
	if q.PriceMin < 0 || q.PriceMax < 0 || q.PriceMin > money.Max || q.PriceMax > money.Max {
		return l, fault.New(fault.Invalid, "catalog.price_range").WithField("price", "catalog.price_range", nil)
	}
	l.min, l.max = q.PriceMin, q.PriceMax
	if q.Cursor != "" {
		c, err := parseCursor(q.Cursor, sorts[l.sort])
		if err != nil {
			return l, err
		}
		l.from = &c
	}
	if q.Category != "" {
		sh, err := s.current(ctx)
		if err != nil {
			return l, err
		}
		c := sh.bySlug[q.Category]
		if c == nil {
			return l, fault.New(fault.NotFound, "catalog.category_gone")
		}
		l.category = c.id
	}
	l.options, err = filters(q.Values)
	return l, err
}

// filters brings the option filters into a fixed order and bounds them.
func filters(values map[string][]string) (out []optionFilter, err error) {
	if len(values) > maxFilterOptions {
		return nil, fault.New(fault.Malformed, "catalog.filters")
	}
	for _, option := range slices.Sorted(maps.Keys(values)) {
		vs := slices.Compact(slices.Sorted(slices.Values(values[option])))
		if len(vs) > maxFilterValues || !filterKey(option) || !allOf(vs, filterKey) {
			return nil, fault.New(fault.Malformed, "catalog.filters")
		}
		if len(vs) > 0 {
			out = append(out, optionFilter{option, vs})
		}
	}
	return out, nil
}

func filterKey(s string) bool { return s != "" && len(s) <= 400 && printable(s, false) }

func allOf(list []string, ok func(string) bool) bool {
	return !slices.ContainsFunc(list, func(s string) bool { return !ok(s) })
}

// filtered says whether the query narrows the category at all.
func (l listQuery) filtered() bool { return len(l.options) > 0 || l.min > 0 || l.max > 0 || l.inStock }

func (l listQuery) page(tx *db.Tx) (p Page, err error) {
	p.Total = -1
	if !l.filtered() {
		if p.Total, err = listedCount(tx, l.category); err != nil {
			return p, err
		}
	}
	lead, err := l.lead(tx)
	if err != nil {
		return p, err
	}
	rows, err := listed(tx, l, lead)
	if err != nil {
		return p, err
	}
	if len(rows) > l.limit {
		rows = rows[:l.limit]
		p.Next = rows[l.limit-1].at.String()
	}
	for _, r := range rows {
		p.Cards = append(p.Cards, r.card)
	}
	return p, nil
}

// leadBelow is the most products that a filter may have to lead a list.
const leadBelow = 2000

// lead decides which way a filtered list goes: along the order of the category, testing each product, or, where a
// filter is narrow, over the products that pass it, sorting them. It returns the number of the leading filter, or -1.
func (l listQuery) lead(tx *db.Tx) (int, error) {
	best, fewest := -1, int64(leadBelow)
	for i, f := range l.options {
		n, err := facetSum(tx, f)
		if err != nil {
			return -1, err
		}
		if n < fewest {
			best, fewest = i, n
		}
	}
	return best, nil
}
