package catalog

import (
	"context"
	"slices"
	"time"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/shop/stock"
)

// PutOptions say what Put does beyond the product itself.
type PutOptions struct {
	// Recount sets the pieces of variants that are there already to VariantInput.Stock. Without it only new variants
	// get theirs.
	Recount bool
	// Actor is who does it. Changing a product, its prices and its stock are three rights.
	Actor access.Actor
	// Seen is when the product was changed last, as the editor's page said: if somebody else changed it since, the
	// fault catalog.changed_meanwhile keeps both from losing work. Zero does not ask.
	Seen time.Time
	// Fresh is for a product that must not be there yet: a handle that is taken is a finding of its field.
	Fresh bool
}

// source is the form of catalog_product.source: what has no column of its own.
type source struct {
	Texts   map[string]Texts `json:"texts"`
	Options []Text           `json:"options,omitempty"`
	Images  []Picture        `json:"images,omitempty"`
}

// productRow is a product as it is kept.
type productRow struct {
	id          id.ID
	handle      string
	state       string
	taxClass    string
	producer    string
	euContact   string
	popularity  int64
	source      source
	publishedAt time.Time
	createdAt   time.Time
	updatedAt   time.Time
	categories  []id.ID
	variants    []variantRow
}

// variantRow is a variant as it is kept.
type variantRow struct {
	id          id.ID
	sku         string
	position    int64
	active      bool
	price       money.Amount
	was         money.Amount
	reducedAt   time.Time
	lowest      money.Amount
	unitAmount  int64
	unitBase    string
	weight      int64
	maxPerOrder int64
	keys        []valueKey
	names       []Text
	available   bool
	createdAt   time.Time
}

// active are the variants that are on sale.
func (p *productRow) active() []variantRow {
	return slices.DeleteFunc(slices.Clone(p.variants), func(v variantRow) bool { return !v.active })
}

// listed says whether shoppers find the product.
func (p *productRow) listed() bool { return p.state == Published && len(p.active()) > 0 }

// Put keeps a product: a new one, or the one that has the handle. It returns the product's id.
func (s *Service) Put(ctx context.Context, in Input, o PutOptions) (v id.ID, err error) {
	ids, err := s.PutAll(ctx, []Input{in}, o)
	if err != nil {
		return id.ID{}, err
	}
	return ids[0], nil
}

// PutAll keeps several products in one transaction: all of them or none.
func (s *Service) PutAll(ctx context.Context, ins []Input, o PutOptions) (ids []id.ID, err error) {
	defer fault.Wrap(&err, "catalog: put")
	if err := s.mayPut(ctx, o); err != nil {
		return nil, err
	}
	for _, in := range ins {
		if f := in.Check(); f != nil {
			return nil, f.With("handle", in.Handle)
		}
	}
	err = s.write(ctx, func(w *writing) error {
		ids = make([]id.ID, 0, len(ins))
		for _, in := range ins {
			v, err := w.put(in, o)
			if err != nil {
				return err
			}
			ids = append(ids, v)
		}
		if len(ids) == 0 {
			return nil
		}
		return w.record(o.Actor, "catalog.put", ids[0], audit.Fact{Key: "products", Int: int64(len(ids))})
	})
	return ids, s.refused(ctx, o.Actor, "catalog.put", err)
}

func (w *writing) put(in Input, o PutOptions) (id.ID, error) {
	if w.pending.handles[in.Handle] { // twice in one transaction: the second finds the first
		if err := w.flush(); err != nil {
			return id.ID{}, err
		}
	}
	w.pending.handles[in.Handle] = true
	old, known, err := productByHandle(w.Tx, in.Handle)
	if err == nil && !o.Seen.IsZero() && (!known || !old.updatedAt.Equal(o.Seen)) {
		err = errChangedMeanwhile
	}
	if err == nil && o.Fresh && known {
		err = fault.New(fault.Invalid, "catalog.invalid").WithField("handle", "catalog.handle_taken", nil)
	}
	if err != nil {
		return id.ID{}, err
	}
	p := productRow{id: old.id, handle: in.Handle, state: in.State, taxClass: in.TaxClass, producer: in.Producer,
		euContact: in.EUContact, popularity: in.Popularity, source: source{in.Texts, in.Options, in.Images},
		publishedAt: old.publishedAt, createdAt: old.createdAt, updatedAt: w.Now(), variants: old.variants}
	if !known {
		p.id, p.createdAt = w.NewID(), w.Now()
	}
	if p.state == Published && p.publishedAt.IsZero() {
		p.publishedAt = w.Now()
	}
	if p.categories, err = w.categoriesOf(in.Categories); err != nil {
		return id.ID{}, err
	}
	if err := w.putProduct(&p, known); err != nil {
		return id.ID{}, err
	}
	if err := w.putLinks(&p, &old, known); err != nil {
		return id.ID{}, err
	}
	if err := w.putVariants(&p, in, o); err != nil {
		return id.ID{}, err
	}
	return p.id, w.derive(&p, known)
}

func (w *writing) categoriesOf(slugs []string) ([]id.ID, error) {
	var out []id.ID
	for _, slug := range slugs {
		c := w.sh.bySlug[slug]
		if c == nil {
			return nil, fault.New(fault.Invalid, "catalog.invalid").
				WithField("category", "catalog.category_unknown", fault.Params{"slug": slugOf(slug)})
		}
		if !slices.Contains(out, c.id) {
			out = append(out, c.id)
		}
	}
	return out, nil
}

// putLinks ties the product to its categories and pictures.
func (w *writing) putLinks(p, old *productRow, known bool) error {
	if !known || !slices.Equal(p.categories, old.categories) {
		if err := w.linkCategories(p.id, p.categories, known); err != nil {
			return err
		}
	}
	same := func(a, b Picture) bool { return a.Name == b.Name }
	if slices.EqualFunc(p.source.Images, old.source.Images, same) {
		return nil
	}
	var names []string
	for _, i := range p.source.Images {
		names = append(names, i.Name)
	}
	found, err := knownImages(w.Tx, names)
	if err != nil {
		return err
	}
	if !found {
		return fault.New(fault.Invalid, "catalog.invalid").WithField("images", "catalog.image_unknown", nil)
	}
	return w.linkImages(p.id, names, known)
}

func (w *writing) putVariants(p *productRow, in Input, o PutOptions) error {
	options, err := w.optionKeys(in.Options)
	if err != nil {
		return err
	}
	bySKU := map[string]variantRow{}
	for _, v := range p.variants {
		bySKU[v.sku] = v
	}
	kept := make([]variantRow, 0, len(in.Variants))
	for i, vi := range in.Variants {
		old, known := bySKU[vi.SKU]
		delete(bySKU, vi.SKU)
		v, err := w.putVariantOf(p, int64(i), vi, options, old, known, o)
		if err != nil {
			return err
		}
		kept = append(kept, v)
	}
	for _, v := range p.variants { // in their old order, behind what is on sale
		if _, gone := bySKU[v.sku]; !gone {
			continue
		}
		v.active, v.position = false, int64(len(kept))
		if err := w.putVariant(p.id, v, true); err != nil {
			return err
		}
		kept = append(kept, v)
	}
	p.variants = kept
	return nil
}

func (w *writing) putVariantOf(p *productRow, at int64, in VariantInput, options []string, old variantRow, known bool, o PutOptions) (variantRow, error) {
	v := variantRow{id: old.id, sku: in.SKU, position: at, active: true, price: in.Price, was: in.WasPrice,
		unitAmount: in.UnitAmount, unitBase: in.UnitBase, weight: in.WeightGrams, maxPerOrder: in.MaxPerOrder,
		available: old.available, createdAt: old.createdAt}
	if !known {
		v.id, v.createdAt = w.NewID(), w.Now()
	}
	var err error
	if v.keys, v.names, err = w.valueKeys(options, in.Values); err != nil {
		return v, err
	}
	if !known {
		w.pending.counts = append(w.pending.counts, stock.First{Variant: v.id, OnHand: in.Stock})
		v.available = in.Stock > 0
	} else if o.Recount {
		if err := w.setStock(v.id, in.Stock, o); err != nil {
			return v, err
		}
		left, err := w.s.stock.AvailableTx(w.Tx, []id.ID{v.id})
		if err != nil {
			return v, err
		}
		v.available = left[v.id] > 0
	}
	return v, w.priced(p, &v, old, known, o.Actor)
}

// priced settles what the price means, and writes the variant and its price history.
func (w *writing) priced(p *productRow, v *variantRow, old variantRow, known bool, by access.Actor) error {
	if !known || v.price != old.price || v.was != old.was {
		if err := access.Require(by, access.PriceEdit); err != nil {
			return err
		}
	}
	var history []PriceChange
	if v.was > 0 && known {
		var err error
		if history, err = prices(w.Tx, v.id, w.Now()); err != nil {
			return err
		}
	}
	v.reducedAt, v.lowest = reduction(old, known, v.price, v.was, history, w.Now())
	if known && sameVariant(*v, old) {
		return nil
	}
	if err := w.putVariant(p.id, *v, known); err != nil {
		return err
	}
	if known && v.price == old.price && v.was == old.was {
		return nil
	}
	w.insertPrice(*v)
	if !known {
		return nil
	}
	return w.Emit(PriceChanged{Product: p.id, Variant: v.id, Price: int64(v.price)})
}

func sameVariant(a, b variantRow) bool { return slices.Equal(a.columns(), b.columns()) }

func (v variantRow) keysJSON() string {
	pairs := make([][2]string, len(v.keys))
	for i, k := range v.keys {
		pairs[i] = [2]string{k.option, k.value}
	}
	return asJSON(pairs)
}

// optionKeys finds or makes the options by their names in the store's first language.
func (w *writing) optionKeys(names []Text) ([]string, error) {
	keys := make([]string, 0, len(names))
	for _, t := range names {
		key := keyOf(t.in(w.s.languages[0], w.s.languages))
		if old, known := w.sh.options[key]; !known || !covers(old.names, t) {
			l := label{merged(old.names, t), old.position}
			if !known {
				l.position = int64(len(w.sh.options))
			}
			if err := putOption(w.Tx, key, l); err != nil {
				return nil, err
			}
			w.sh.options[key], w.reshelve = l, true
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func (w *writing) valueKeys(options []string, values []Text) (keys []valueKey, names []Text, err error) {
	for i, option := range options {
		t := values[i]
		k := valueKey{option, keyOf(t.in(w.s.languages[0], w.s.languages))}
		if old, known := w.sh.values[k]; !known || !covers(old.names, t) {
			l := label{merged(old.names, t), old.position}
			if !known {
				l.position = int64(len(w.sh.values))
			}
			if err := putValue(w.Tx, k, l); err != nil {
				return nil, nil, err
			}
			w.sh.values[k], w.reshelve = l, true
		}
		keys, names = append(keys, k), append(names, t)
	}
	return keys, names, nil
}

// covers says whether all names of t stand in old already. What a filter calls a value is what was put in first: a
// product may spell it otherwise on its own page without renaming it for all.
func covers(old, t Text) bool {
	for tag, s := range t {
		if s != "" && old[tag] == "" {
			return false
		}
	}
	return true
}

func merged(old, t Text) Text {
	out := Text{}
	for tag, s := range t {
		if s != "" {
			out[tag] = s
		}
	}
	for tag, s := range old {
		out[tag] = s
	}
	return out
}
