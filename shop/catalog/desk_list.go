package catalog

import (
	"context"
	"slices"
	"strings"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/guard/access"
)

// ShelfQuery chooses products for the list of the desk.
type ShelfQuery struct {
	Lang  string
	State string // Draft, Published, or empty for both
	Find  string // an exact article number, the beginning of a handle, or words, as the shop's search takes them
	After string // handle of the last row of the page before
	Limit int    // at most 200; 0 means 50
}

// ShelfRow is one product of that list.
type ShelfRow struct {
	ID       id.ID
	Handle   string
	State    string
	Title    string
	Image    Image
	Variants int
	Price    money.Amount // the lowest of its variants
	From     bool         // its variants have different prices
	Pieces   int64        // that can be sold, of all variants
	Updated  time.Time
}

// Shelf lists products by their handles, drafts included.
func (s *Service) Shelf(ctx context.Context, by access.Actor, q ShelfQuery) (rows []ShelfRow, next string, err error) {
	defer fault.Wrap(&err, "catalog: shelf")
	if err := s.allow(ctx, by, access.ProductView, "catalog.shelf", id.ID{}); err != nil {
		return nil, "", err
	}
	if q.Limit <= 0 || q.Limit > 200 {
		q.Limit = 50
	}
	found, err := s.worded(ctx, q)
	if err != nil {
		return nil, "", err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		list, err := shelfOf(tx, q)
		if err == nil && len(list) == 0 {
			list, err = byIDs(tx, found, q.State, q.Limit)
		}
		if err != nil {
			return err
		}
		if len(list) > q.Limit {
			list = list[:q.Limit]
			next = list[q.Limit-1].handle
		}
		rows = make([]ShelfRow, 0, len(list))
		for i := range list {
			r, err := s.shelfRow(tx, &list[i], q.Lang)
			if err != nil {
				return err
			}
			rows = append(rows, r)
		}
		return nil
	})
	return rows, next, err
}

// worded are the products that the shop's own search finds, and after them what it would find of those that are hidden,
// for the first page of a list that is looked for by words.
func (s *Service) worded(ctx context.Context, q ShelfQuery) (out []id.ID, err error) {
	if strings.TrimSpace(q.Find) == "" || q.After != "" {
		return nil, nil
	}
	for _, tag := range []string{s.lang(q.Lang), hidden(s.lang(q.Lang))} {
		found, err := s.find(ctx, listQuery{lang: tag, category: everything, sort: ByRelevance}, q.Find)
		if err != nil {
			return nil, err
		}
		for _, c := range found.list {
			if !slices.Contains(out, c.product) {
				out = append(out, c.product)
			}
		}
	}
	return out, nil
}

// byIDs reads the first of these products that have the state, in this order.
func byIDs(tx *db.Tx, ids []id.ID, state string, most int) (out []productRow, err error) {
	for _, v := range ids {
		p, ok, err := db.One(tx, scanProduct, `SELECT `+productColumns+` FROM catalog_product WHERE id = $1`, v)
		if err != nil {
			return nil, err
		}
		if ok && (state == "" || p.state == state) {
			out = append(out, p)
		}
		if len(out) == most {
			break
		}
	}
	return out, nil
}

func (s *Service) shelfRow(tx *db.Tx, p *productRow, lang string) (r ShelfRow, err error) {
	if err := fillProduct(tx, p); err != nil {
		return r, err
	}
	r = ShelfRow{ID: p.id, Handle: p.handle, State: p.state, Title: s.title(p, lang), Updated: p.updatedAt}
	var ids []id.ID
	for i, v := range p.active() {
		ids = append(ids, v.id)
		if i == 0 || v.price < r.Price {
			r.From = r.From || i > 0
			r.Price = v.price
		} else if v.price > r.Price {
			r.From = true
		}
	}
	r.Variants = len(ids)
	if len(ids) > 0 {
		left, err := s.stock.AvailableTx(tx, ids)
		if err != nil {
			return r, err
		}
		for _, n := range left {
			r.Pieces += n
		}
	}
	if len(p.source.Images) > 0 {
		found, err := imagesNamed(tx, []string{p.source.Images[0].Name})
		if err != nil {
			return r, err
		}
		r.Image = found[p.source.Images[0].Name]
	}
	return r, nil
}

// title is the product's name in the language, or in the first one that has any.
func (s *Service) title(p *productRow, lang string) string {
	if t := p.source.Texts[lang].Title; t != "" {
		return t
	}
	for _, tag := range s.languages {
		if t := p.source.Texts[tag].Title; t != "" {
			return t
		}
	}
	return p.handle
}

// shelfOf reads a page of products by handle. Both texts have an index of their own.
func shelfOf(tx *db.Tx, q ShelfQuery) ([]productRow, error) {
	find := strings.TrimSpace(q.Find)
	if find != "" {
		owner, err := ownersOf(tx, []string{find})
		if err != nil {
			return nil, err
		}
		if h, ok := owner[find]; ok {
			return db.All(tx, scanProduct, `SELECT `+productColumns+` FROM catalog_product WHERE handle = $1`, h)
		}
	}
	prefix := strings.ToLower(find)
	end := prefix + "\U0010ffff"
	if q.State == "" {
		return db.All(tx, scanProduct, `SELECT `+productColumns+` FROM catalog_product
			WHERE handle > $1 AND handle >= $2 AND handle < $3 ORDER BY handle LIMIT $4`, q.After, prefix, end, q.Limit+1)
	}
	return db.All(tx, scanProduct, `SELECT `+productColumns+` FROM catalog_product
		WHERE state = $1 AND handle > $2 AND handle >= $3 AND handle < $4 ORDER BY handle LIMIT $5`,
		q.State, q.After, prefix, end, q.Limit+1)
}

// editingImages are the pictures of a product with how far each is.
func editingImages(tx *db.Tx, list []Picture) (out []EditingImage, err error) {
	names := make([]string, 0, len(list))
	for _, p := range list {
		names = append(names, p.Name)
	}
	ready := map[string]Image{}
	if len(names) > 0 {
		if ready, err = imagesNamed(tx, names); err != nil {
			return nil, err
		}
	}
	for _, name := range names {
		row, _, err := imageByName(tx, name)
		if err != nil {
			return nil, err
		}
		e := EditingImage{Image: ready[name], State: row.state, Reason: row.reason}
		e.Name = name
		out = append(out, e)
	}
	return out, nil
}

// History is how a variant's price went, the newest last: what the last 30 days are told from.
func (s *Service) History(ctx context.Context, by access.Actor, variant id.ID) (out []PriceChange, err error) {
	defer fault.Wrap(&err, "catalog: price history")
	if err := s.allow(ctx, by, access.ProductView, "catalog.history", variant); err != nil {
		return nil, err
	}
	return s.Prices(ctx, variant, s.db.Clock().Now().Add(time.Microsecond))
}
