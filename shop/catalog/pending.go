package catalog

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"strings"

	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/shop/stock"
)

// pending are rows that a transaction is going to write. They are gathered over all its products, because one statement
// for many rows, in the order of the table, costs a fraction of a statement for each; and the rows that many products
// share (counts of filters, words of the dictionary) are then written once.
type pending struct {
	handles  map[string]bool
	rows     map[*target][][]any
	postings []postingRow
	facets   map[facetKey]int64
	words    map[wordKey]int64
	counts   []stock.First
}

type wordKey struct{ lang, word string }

type postingRow struct {
	wordKey
	rank    int64
	product id.ID
}

// target is a table with the beginning and the end of the statement that fills it.
type target struct{ head, tail string }

// The tables that are filled in this way, in the order of their references.
var (
	toProduct = &target{`INSERT INTO catalog_product (id, handle, state, tax_class, producer, eu_contact, popularity, source,
		published_at, created_at, updated_at, stale) VALUES `, ``}
	toLink  = &target{`INSERT INTO catalog_product_category (product, category, position) VALUES `, ``}
	toImage = &target{`INSERT INTO catalog_product_image (image, product) VALUES `, ` ON CONFLICT (image, product) DO NOTHING`}
	toPrice = &target{`INSERT INTO catalog_price (variant, at, id, price, was_price) VALUES `, ``}
	toItem  = &target{`INSERT INTO catalog_item (variant, lang, product, doc) VALUES `, ``}
	toCard  = &target{`INSERT INTO catalog_card (lang, product, name_key, price, available, popularity, published_at, doc) VALUES `,
		` ON CONFLICT (lang, product) DO UPDATE SET name_key = excluded.name_key, price = excluded.price, available = excluded.available,
		popularity = excluded.popularity, published_at = excluded.published_at, doc = excluded.doc`}
	toPage = &target{`INSERT INTO catalog_page (handle, lang, product, doc) VALUES `,
		` ON CONFLICT (handle, lang) DO UPDATE SET product = excluded.product, doc = excluded.doc`}
	toListing = &target{`INSERT INTO catalog_listing (category, product, popularity, published_at, price, available) VALUES `, ``}
	toName    = &target{`INSERT INTO catalog_listing_name (category, lang, name_key, product) VALUES `, ``}
	toValue   = &target{`INSERT INTO catalog_product_value (option, value, product) VALUES `, ``}
	toWords   = &target{`INSERT INTO catalog_words (lang, product, popularity, words) VALUES `,
		` ON CONFLICT (lang, product) DO UPDATE SET popularity = excluded.popularity, words = excluded.words`}
	toPosting = &target{`INSERT INTO catalog_posting (lang, word, rank, product) VALUES `, ``}
	toFacet   = &target{`INSERT INTO catalog_facet (category, option, value, products) VALUES `,
		` ON CONFLICT (category, option, value) DO UPDATE SET products = catalog_facet.products + excluded.products`}
	toWord = &target{`INSERT INTO catalog_word (lang, word, products, since) VALUES `,
		` ON CONFLICT (lang, word) DO UPDATE SET products = catalog_word.products + excluded.products, since = excluded.since`}
	toVariant = &target{`INSERT INTO catalog_variant (id, product, sku, position, active, price, was_price, reduced_at, lowest_price,
		unit_amount, unit_base, weight_g, max_per_order, value_keys, value_names, available, created_at) VALUES `, ` ON CONFLICT (sku) DO NOTHING`}
	gathered = []*target{toImage, toPrice, toItem, toCard, toPage, toListing, toName, toValue, toWords}
)

func newPending() *pending {
	return &pending{handles: map[string]bool{}, rows: map[*target][][]any{}, facets: map[facetKey]int64{}, words: map[wordKey]int64{}}
}

func (p *pending) add(t *target, row ...any) { p.rows[t] = append(p.rows[t], row) }

// flush writes what was gathered.
func (w *writing) flush() error {
	p := w.pending
	w.pending = newPending()
	for _, t := range []*target{toProduct, toLink} {
		if err := w.bulk(t, p.rows[t]); err != nil {
			return err
		}
	}
	if err := w.flushVariants(p.rows[toVariant]); err != nil {
		return err
	}
	if err := w.s.stock.FirstTx(w.Tx, p.counts); err != nil {
		return err
	}
	for _, t := range gathered {
		if err := w.bulk(t, p.rows[t]); err != nil {
			return err
		}
	}
	if err := w.bulk(toFacet, p.facetRows()); err != nil {
		return err
	}
	if err := w.bulk(toPosting, p.postingRows()); err != nil {
		return err
	}
	return w.bulk(toWord, p.wordRows(w.n))
}

func (w *writing) bulk(t *target, rows [][]any) error { return db.Insert(w.Tx, t.head, t.tail, rows) }

// flushVariants writes new variants. One whose article number belongs to another product is told by name.
func (w *writing) flushVariants(rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	n, err := db.InsertCount(w.Tx, toVariant.head, toVariant.tail, rows)
	if err != nil || n == int64(len(rows)) {
		return err
	}
	for _, r := range rows {
		v, sku := r[0].(id.ID), r[2].(string)
		kept, _, err := db.One(w.Tx, scanID, `SELECT id FROM catalog_variant WHERE sku = $1`, sku)
		if err != nil {
			return err
		}
		if kept != v {
			return skuTaken(sku)
		}
	}
	return nil
}

func (p *pending) facetRows() (rows [][]any) {
	keys := slices.SortedFunc(maps.Keys(p.facets), func(a, b facetKey) int {
		return cmp.Or(bytes.Compare(a.category[:], b.category[:]), compareValues(a.valueKey, b.valueKey))
	})
	for _, k := range keys {
		if n := p.facets[k]; n != 0 {
			rows = append(rows, []any{k.category, k.option, k.value, n})
		}
	}
	return rows
}

func (p *pending) postingRows() [][]any {
	slices.SortFunc(p.postings, func(a, b postingRow) int {
		return cmp.Or(a.compare(b.wordKey), cmp.Compare(a.rank, b.rank), bytes.Compare(a.product[:], b.product[:]))
	})
	rows := make([][]any, len(p.postings))
	for i, r := range p.postings {
		rows[i] = []any{r.lang, r.word, r.rank, r.product}
	}
	return rows
}

// wordRows keep the dictionary: how many products have each word, and in which version that changed last.
func (p *pending) wordRows(version int64) (rows [][]any) {
	for _, k := range slices.SortedFunc(maps.Keys(p.words), wordKey.compare) {
		if n := p.words[k]; n != 0 {
			rows = append(rows, []any{k.lang, k.word, n, version})
		}
	}
	return rows
}

func (k wordKey) compare(o wordKey) int {
	return cmp.Or(strings.Compare(k.lang, o.lang), strings.Compare(k.word, o.word))
}
