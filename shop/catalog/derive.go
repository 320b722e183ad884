package catalog

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
)

// derive makes everything anew that pages read of the product. A product that is not known has no rows to take away.
func (w *writing) derive(p *productRow, known bool) error {
	images, err := w.imagesOf(p)
	if err != nil {
		return err
	}
	var cards []cardRow
	var pages []pageRow
	var items []itemRow
	for _, tag := range w.s.languages {
		d := w.pageOf(p, tag, images)
		c := cardOf(p, d)
		cards = append(cards, cardRow{tag, w.s.sortKey(tag, d.Title), c})
		pages = append(pages, pageRow{tag, d})
		for _, v := range d.Variants {
			items = append(items, itemRow{tag, itemOf(p, d, v)})
		}
	}
	if err := w.putItems(p, items, known); err != nil {
		return err
	}
	if err := w.putPages(p, cards, pages, known); err != nil {
		return err
	}
	if err := w.list(p, cards, known); err != nil {
		return err
	}
	return w.index(p, pages, known)
}

type cardRow struct {
	lang    string
	nameKey []byte
	card    Card
}

type pageRow struct {
	lang    string
	product Product
}

type itemRow struct {
	lang string
	item Item
}

func (w *writing) imagesOf(p *productRow) (map[string]Image, error) {
	names := make([]string, 0, len(p.source.Images))
	for _, i := range p.source.Images {
		names = append(names, i.Name)
	}
	return imagesNamed(w.Tx, names)
}

// pageOf puts the product into the words of a language.
func (w *writing) pageOf(p *productRow, tag string, images map[string]Image) Product {
	all := w.s.languages
	say := func(pick func(Texts) string) string {
		t := make(Text, len(p.source.Texts))
		for l, x := range p.source.Texts {
			t[l] = pick(x)
		}
		return t.in(tag, all)
	}
	d := Product{ID: p.id, Handle: p.handle, TaxClass: p.taxClass, Producer: p.producer, EUContact: p.euContact,
		Popularity: p.popularity, PublishedAt: p.publishedAt, UpdatedAt: p.updatedAt,
		Title:       say(func(t Texts) string { return t.Title }),
		Summary:     say(func(t Texts) string { return t.Summary }),
		Description: say(func(t Texts) string { return t.Description }),
		Facts:       factsOf(say(func(t Texts) string { return t.Facts })),
	}
	for _, i := range p.source.Images {
		if img := images[i.Name]; !img.IsZero() {
			img.Alt = i.Alt.in(tag, all)
			d.Images = append(d.Images, img)
		}
	}
	for _, v := range p.active() {
		d.Variants = append(d.Variants, variantOf(v, tag, all))
	}
	d.Options = optionsOf(p, d.Variants, tag, all)
	return d
}

func variantOf(v variantRow, tag string, all []string) Variant {
	out := Variant{ID: v.id, SKU: v.sku, Price: v.price, WasPrice: v.was, LowestPrice: v.lowest, UnitAmount: v.unitAmount,
		UnitBase: v.unitBase, WeightGrams: v.weight, MaxPerOrder: v.maxPerOrder}
	names := make([]string, 0, len(v.keys))
	for i, k := range v.keys {
		name := v.names[i].in(tag, all)
		out.Values = append(out.Values, Value{k.value, name})
		names = append(names, name)
	}
	out.Options = strings.Join(names, ", ")
	return out
}

// optionsOf lists the options with the values that variants have, in the order of the variants.
func optionsOf(p *productRow, vs []Variant, tag string, all []string) []Option {
	var out []Option
	rows := p.active()
	for i, name := range p.source.Options {
		o := Option{Name: name.in(tag, all)}
		for n, v := range vs {
			o.Key = rows[n].keys[i].option
			if !slices.ContainsFunc(o.Values, func(x Value) bool { return x.Key == v.Values[i].Key }) {
				o.Values = append(o.Values, v.Values[i])
			}
		}
		out = append(out, o)
	}
	return out
}

// factsOf reads "Label: value" lines. A line without a colon is a value alone.
func factsOf(s string) []Fact {
	var out []Fact
	for l := range strings.Lines(s) {
		l = strings.TrimSpace(l)
		if l == "" {
			continue
		}
		label, value, ok := strings.Cut(l, ":")
		if !ok {
			label, value = "", l
		}
		out = append(out, Fact{strings.TrimSpace(label), strings.TrimSpace(value)})
	}
	return out
}

// cardOf shows the cheapest variant, and of equals the first.
func cardOf(p *productRow, d Product) Card {
	c := Card{Product: d.ID, Handle: d.Handle, Title: d.Title, Summary: d.Summary, Choices: len(d.Variants)}
	if len(d.Images) > 0 {
		c.Image = d.Images[0]
	}
	for i, v := range d.Variants {
		if i > 0 && v.Price != d.Variants[0].Price {
			c.From = true
		}
		if i == 0 || v.Price < c.Price {
			c.Price, c.WasPrice, c.LowestPrice = v.Price, v.WasPrice, v.LowestPrice
			c.UnitAmount, c.UnitBase = v.UnitAmount, v.UnitBase
		}
	}
	c.Available = slices.ContainsFunc(p.active(), func(v variantRow) bool { return v.available })
	return c
}

func itemOf(p *productRow, d Product, v Variant) Item {
	i := Item{Variant: v.ID, Product: d.ID, Handle: d.Handle, SKU: v.SKU, Name: d.Title, Options: v.Options,
		Price: v.Price, WasPrice: v.WasPrice, LowestPrice: v.LowestPrice, TaxClass: d.TaxClass, WeightGrams: v.WeightGrams, UnitAmount: v.UnitAmount, UnitBase: v.UnitBase,
		Producer: d.Producer, EUContact: d.EUContact, Sellable: p.listed(), MaxPerOrder: v.MaxPerOrder}
	if len(d.Images) > 0 {
		i.Image = d.Images[0]
	}
	return i
}

// listingRow is a product's place in the lists.
type listingRow struct {
	popularity  int64
	publishedAt time.Time
	price       int64
	available   bool
}

// list puts the product where lists find it, and keeps the counts of the filters right by adding and taking away.
func (w *writing) list(p *productRow, cards []cardRow, known bool) (err error) {
	var oldCategories []id.ID
	var oldValues []valueKey
	if known {
		if oldCategories, err = listedIn(w.Tx, p.id); err != nil {
			return err
		}
		if oldValues, err = valuesOf(w.Tx, p.id); err != nil {
			return err
		}
	}
	var categories []id.ID
	var values []valueKey
	if p.listed() {
		categories, values = w.placesOf(p), activeValues(p)
	}
	w.count(oldCategories, oldValues, categories, values)
	if !slices.Equal(oldValues, values) {
		if err := w.putValuesOf(p.id, values, len(oldValues) > 0); err != nil {
			return err
		}
	}
	c := cards[0].card
	row := listingRow{p.popularity, p.publishedAt, int64(c.Price), c.Available}
	return w.putListing(p.id, categories, row, cards, len(oldCategories) > 0)
}

// placesOf are the product's categories with all their ancestors, and the root of everything, sorted.
func (w *writing) placesOf(p *productRow) []id.ID {
	set := map[id.ID]bool{everything: true}
	for _, c := range p.categories {
		for _, up := range w.sh.path(c) {
			set[up.id] = true
		}
	}
	return sortedIDs(slices.Collect(maps.Keys(set)))
}

func compareValues(a, b valueKey) int {
	if c := strings.Compare(a.option, b.option); c != 0 {
		return c
	}
	return strings.Compare(a.value, b.value)
}

func activeValues(p *productRow) []valueKey {
	var out []valueKey
	for _, v := range p.active() {
		out = append(out, v.keys...)
	}
	slices.SortFunc(out, compareValues)
	return slices.Compact(out)
}

type facetKey struct {
	category id.ID
	valueKey
}

// count moves the product's counts from its old places to its new ones.
func (w *writing) count(oldCategories []id.ID, oldValues []valueKey, categories []id.ID, values []valueKey) {
	tally := func(cs []id.ID, vs []valueKey, by int64) {
		for _, c := range cs {
			w.pending.facets[facetKey{c, valueKey{}}] += by
			for _, v := range vs {
				w.pending.facets[facetKey{c, v}] += by
			}
		}
	}
	tally(oldCategories, oldValues, -1)
	tally(categories, values, 1)
}

// StockTurned keeps lists right when the last piece of a variant goes or the first one comes back. The stock calls it
// in the transaction of the move.
func (s *Service) StockTurned(tx *db.Tx, variant id.ID, available bool) error {
	product, known, err := setAvailable(tx, variant, available)
	if err != nil || !known {
		return err
	}
	any, err := anyAvailable(tx, product)
	if err != nil {
		return err
	}
	if err := setListed(tx, product, any, s.languages); err != nil {
		return err
	}
	n, _, err := bumpVersion(tx)
	if err != nil {
		return err
	}
	tx.AfterCommit(func() { s.version.raise(n, 0) })
	return tx.Emit(Changed{Version: n})
}

// Prepare makes derived rows anew if this program derives otherwise than the one that wrote them, or for other
// languages. It is called at start; progress may be nil.
func (s *Service) Prepare(ctx context.Context, progress func(done int)) (err error) {
	defer fault.Wrap(&err, "catalog: prepare")
	var languages string
	var made int64
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		languages, made, err = readLayout(tx)
		return err
	})
	if err != nil {
		return err
	}
	if made == layout && languages == strings.Join(s.languages, " ") {
		return nil
	}
	return s.Rebuild(ctx, progress)
}

// Rebuild makes all derived rows anew from the documents, in batches. It can be interrupted and goes on at the next
// call of Refresh.
func (s *Service) Rebuild(ctx context.Context, progress func(done int)) (err error) {
	defer fault.Wrap(&err, "catalog: rebuild")
	err = s.write(db.Patient(ctx), func(w *writing) error {
		if err := markAllStale(w.Tx); err != nil {
			return err
		}
		if err := dropForeign(w.Tx, s.languages); err != nil {
			return err
		}
		return writeLayout(w.Tx, strings.Join(s.languages, " "), layout)
	})
	if err != nil {
		return err
	}
	return s.refresh(ctx, progress)
}

// Refresh makes the products anew that are marked stale.
func (s *Service) Refresh(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "catalog: refresh")
	return s.refresh(ctx, nil)
}

// refreshBatch is how many products one transaction makes anew; orders get their turn between two.
const refreshBatch = 25

func (s *Service) refresh(ctx context.Context, progress func(int)) error {
	for done := 0; ; {
		var batch []id.ID
		err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
			batch, err = staleProducts(tx, refreshBatch)
			return err
		})
		if err != nil || len(batch) == 0 {
			return err
		}
		err = s.write(ctx, func(w *writing) error {
			for _, v := range batch {
				if err := w.deriveAgain(v); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if done += len(batch); progress != nil {
			progress(done)
		}
	}
}

func (w *writing) deriveAgain(product id.ID) error {
	p, ok, err := productByID(w.Tx, product)
	if err != nil || !ok {
		return err
	}
	if err := markStale(w.Tx, product, false); err != nil {
		return err
	}
	return w.derive(&p, true)
}
