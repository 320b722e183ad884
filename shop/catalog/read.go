package catalog

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
)

// Product is a published product in a language, or the fault catalog.product_gone.
func (s *Service) Product(ctx context.Context, lang, handle string) (p Product, err error) {
	defer fault.Wrap(&err, "catalog: product")
	gone := fault.New(fault.NotFound, "catalog.product_gone")
	if !Slug(handle) {
		return p, gone
	}
	sh, err := s.current(ctx)
	if err != nil {
		return p, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		var ok bool
		if p, ok, err = page(tx, handle, s.lang(lang)); err != nil || !ok {
			return cmp.Or(err, error(gone))
		}
		home, err := homeOf(tx, p.ID)
		if err != nil {
			return err
		}
		p.Path = s.crumbs(sh, home, lang)
		return s.fillStock(tx, &p)
	})
	return p, err
}

func (s *Service) fillStock(tx *db.Tx, p *Product) error {
	ids := make([]id.ID, len(p.Variants))
	for i, v := range p.Variants {
		ids[i] = v.ID
	}
	left, err := s.stock.AvailableTx(tx, ids)
	if err != nil {
		return err
	}
	for i := range p.Variants {
		p.Variants[i].Available = left[p.Variants[i].ID]
	}
	return nil
}

// MaxItems is the most variants that Items looks up at once.
const MaxItems = 1000

// Items are what carts and orders need to know of the variants, in a language. Variants of drafts are there with Sellable
// false; those that were withdrawn, and ids that the store does not know, are missing. What another process wrote in the
// last 200 milliseconds may not be seen yet; a write of this one is.
func (s *Service) Items(ctx context.Context, lang string, variants []id.ID) (out map[id.ID]Item, err error) {
	defer fault.Wrap(&err, "catalog: items")
	if len(variants) > MaxItems {
		return nil, fault.New(fault.Malformed, "catalog.too_many").With("max", MaxItems)
	}
	out = make(map[id.ID]Item, len(variants))
	if len(variants) == 0 {
		return out, nil
	}
	lang = s.lang(lang)
	version, _ := s.versions(ctx) // before the look, so that what is kept is never older than it says
	missing := s.kept.find(version, lang, variants, out)
	if len(missing) == 0 {
		return out, nil
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		for part := range slices.Chunk(missing, 128) {
			if err := items(tx, lang, part, out); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.kept.keep(version, lang, missing, out)
	}
	return out, err
}

// Category is a category in a language, or the fault catalog.category_gone.
func (s *Service) Category(ctx context.Context, lang, slug string) (c Category, err error) {
	defer fault.Wrap(&err, "catalog: category")
	sh, err := s.current(ctx)
	if err != nil {
		return c, err
	}
	row := sh.bySlug[slug]
	if row == nil {
		return c, fault.New(fault.NotFound, "catalog.category_gone")
	}
	c = s.category(sh, row, lang)
	c.Path = s.crumbs(sh, row.id, lang)
	for _, child := range sh.children[row.id] {
		c.Children = append(c.Children, s.category(sh, child, lang))
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		c.Products, err = listedCount(tx, row.id)
		return err
	})
	return c, err
}

// Categories is the whole tree, from the top.
func (s *Service) Categories(ctx context.Context, lang string) (out []Category, err error) {
	defer fault.Wrap(&err, "catalog: categories")
	sh, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	return s.tree(sh, id.ID{}, nil, lang, MaxDepth), nil
}

func (s *Service) tree(sh *shelves, parent id.ID, path []Crumb, lang string, depth int) (out []Category) {
	if depth == 0 {
		return nil
	}
	for _, row := range sh.children[parent] {
		c := s.category(sh, row, lang)
		c.Path = append(slices.Clone(path), Crumb{c.Slug, c.Title})
		c.Children = s.tree(sh, row.id, c.Path, lang, depth-1)
		out = append(out, c)
	}
	return out
}

func (s *Service) category(sh *shelves, row *shelf, lang string) Category {
	c := Category{ID: row.id, Slug: row.slug, Title: row.title.in(s.lang(lang), s.languages),
		Intro: row.intro.in(s.lang(lang), s.languages), Image: sh.images[row.image]}
	c.Image.Alt = "" // the title stands beside it
	return c
}

func (s *Service) crumbs(sh *shelves, category id.ID, lang string) (out []Crumb) {
	for _, c := range sh.path(category) {
		out = append(out, Crumb{c.slug, c.title.in(s.lang(lang), s.languages)})
	}
	return out
}

// Filters is what the filter form of a category offers (all products for an empty slug). Counts are those of the whole
// category, whatever filters are set, so that a choice never makes the other choices vanish.
func (s *Service) Filters(ctx context.Context, lang, category string) (f Filters, err error) {
	defer fault.Wrap(&err, "catalog: filters")
	l, err := s.listQuery(ctx, Query{Lang: lang, Category: category})
	if err != nil {
		return f, err
	}
	sh, err := s.current(ctx)
	if err != nil {
		return f, err
	}
	var rows []facetRow
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if f.PriceMin, f.PriceMax, err = priceRange(tx, l.category); err != nil {
			return err
		}
		rows, err = facets(tx, l.category)
		return err
	})
	if err == nil {
		s.fillFacets(&f, sh, rows, l.lang)
	}
	return f, err
}

func (s *Service) fillFacets(f *Filters, sh *shelves, rows []facetRow, lang string) {
	slices.SortFunc(rows, func(a, b facetRow) int {
		return cmp.Or(cmp.Compare(sh.options[a.option].position, sh.options[b.option].position), strings.Compare(a.option, b.option),
			cmp.Compare(sh.values[a.valueKey].position, sh.values[b.valueKey].position), strings.Compare(a.value, b.value))
	})
	for _, r := range rows {
		if r.option == "" {
			f.Total = r.products
			continue
		}
		if n := len(f.Facets); n == 0 || f.Facets[n-1].Key != r.option {
			f.Facets = append(f.Facets, Facet{Key: r.option, Name: sh.options[r.option].names.in(lang, s.languages)})
		}
		last := &f.Facets[len(f.Facets)-1]
		last.Values = append(last.Values, FacetValue{r.value, sh.values[r.valueKey].names.in(lang, s.languages), r.products})
	}
}

// Handle is a published product, for sitemaps.
type Handle struct {
	Handle    string
	UpdatedAt time.Time
}

func scanHandle(r db.Scanner) (h Handle, err error) {
	var at int64
	err = r.Scan(&h.Handle, &at)
	h.UpdatedAt = clock.FromMicros(at)
	return h, err
}

// Handles lists published products in order of their handles, the first limit (at most 10,000) behind the given one.
func (s *Service) Handles(ctx context.Context, after string, limit int) (out []Handle, err error) {
	defer fault.Wrap(&err, "catalog: handles")
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = handles(tx, s.languages[0], after, min(max(limit, 1), 10_000))
		return err
	})
	return out, err
}

// Marks are the handles of every n-th published product that others follow, in their order: where a list of all of them
// is divided. n is at least 10.
func (s *Service) Marks(ctx context.Context, n int) (out []string, err error) {
	defer fault.Wrap(&err, "catalog: marks")
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		for after := ""; ; {
			h, ok, err := handleBehind(tx, s.languages[0], after, max(n, 10))
			if err != nil || !ok {
				return err
			}
			out, after = append(out, h), h
		}
	})
	return out, err
}
