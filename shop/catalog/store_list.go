package catalog

import (
	"database/sql"

	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/base/money"
)

// order is how a list is sorted: by one column and the product's id, both in the same direction.
type order struct {
	column string
	down   bool
}

var orders = map[string]order{
	ByPopularity: {"l.popularity", true},
	ByNewest:     {"l.published_at", true},
	ByPriceUp:    {"l.price", false},
	ByPriceDown:  {"l.price", true},
	ByName:       {"n.name_key", false},
}

type listedRow struct {
	card Card
	at   cursor
}

// listed reads one card more than the page has, so that it is known whether another page follows.
func listed(tx *db.Tx, l listQuery, lead int) ([]listedRow, error) {
	q := l.statement(lead)
	rows, err := tx.Query(q.String(), q.args...)
	if err != nil {
		return nil, err
	}
	return scanListed(rows, sorts[l.sort], l.limit+1)
}

// statement is the query of a page. Its joins are CROSS JOINs in the order in which SQLite is to walk them: the index of
// the list first, then its cards.
func (l listQuery) statement(lead int) *query {
	o, ok := orders[l.sort]
	if !ok {
		o = orders[ByPopularity]
	}
	product, down, beyond := "l.product", "", ">"
	if l.sort == ByName {
		product = "n.product"
	}
	if o.down {
		down, beyond = " DESC", "<"
	}
	q := new(query)
	q.add(`SELECT c.product, c.available, c.doc, ` + o.column + ` FROM `)
	l.tables(q, lead)
	l.where(q, lead)
	if l.from != nil {
		q.add(` AND (` + o.column + `, ` + product + `) ` + beyond + ` (`)
		if l.sort == ByName {
			q.arg(l.from.name)
		} else {
			q.arg(l.from.number)
		}
		q.add(`, `)
		q.arg(l.from.product)
		q.add(`)`)
	}
	q.add(` ORDER BY ` + o.column + down + `, ` + product + down + ` LIMIT `)
	q.arg(l.limit + 1)
	return q
}

// tables writes the tables in the order in which they are walked.
func (l listQuery) tables(q *query, lead int) {
	if lead >= 0 {
		q.add(`(SELECT DISTINCT product FROM catalog_product_value WHERE option = `)
		q.arg(l.options[lead].option)
		q.add(` AND value IN (`)
		q.list(l.options[lead].values)
		q.add(`)) v CROSS JOIN `)
	}
	if l.sort == ByName && lead < 0 {
		q.add(`catalog_listing_name n CROSS JOIN catalog_listing l CROSS JOIN catalog_card c`)
		return
	}
	q.add(`catalog_listing l CROSS JOIN `)
	if l.sort == ByName {
		q.add(`catalog_card n CROSS JOIN `)
	}
	q.add(`catalog_card c`)
}

func (l listQuery) where(q *query, lead int) {
	q.add(` WHERE l.category = `)
	q.arg(l.category)
	q.add(` AND c.product = l.product AND c.lang = `)
	q.arg(l.lang)
	if lead >= 0 {
		q.add(` AND l.product = v.product`)
	}
	if l.sort == ByName {
		q.add(` AND n.product = l.product AND n.lang = `)
		q.arg(l.lang)
		if lead < 0 {
			q.add(` AND n.category = `)
			q.arg(l.category)
		}
	}
	l.narrow(q, lead)
}

// narrow writes the filters but the leading one.
func (l listQuery) narrow(q *query, lead int) {
	// The plus keeps SQLite from taking the index of prices for a list in another order, which would end in a sort.
	price := `+l.price`
	if orders[l.sort].column == "l.price" {
		price = `l.price`
	}
	if l.min > 0 {
		q.add(` AND ` + price + ` >= `)
		q.arg(int64(l.min))
	}
	if l.max > 0 {
		q.add(` AND ` + price + ` <= `)
		q.arg(int64(l.max))
	}
	if l.inStock {
		q.add(` AND l.available = 1`)
	}
	for i, f := range l.options {
		if i == lead {
			continue
		}
		q.add(` AND EXISTS (SELECT 1 FROM catalog_product_value o WHERE o.product = l.product AND o.option = `)
		q.arg(f.option)
		q.add(` AND o.value IN (`)
		q.list(f.values)
		q.add(`))`)
	}
}

// list writes the arguments of IN.
func (q *query) list(values []string) {
	for i, v := range padded(values) {
		if i > 0 {
			q.add(", ")
		}
		q.arg(v)
	}
}

func scanListed(rows *sql.Rows, sort byte, limit int) ([]listedRow, error) {
	defer func() { _ = rows.Close() }()
	out := make([]listedRow, 0, limit)
	for rows.Next() {
		r := listedRow{at: cursor{sort: sort}}
		var product id.ID
		var available int64
		var doc string
		at := any(&r.at.number)
		if sort == sorts[ByName] {
			at = &r.at.name
		}
		err := rows.Scan(&product, &available, &doc, at)
		if err == nil {
			r.card, err = unpackCard(doc)
		}
		if err != nil {
			return nil, err
		}
		r.card.Product, r.card.Available, r.at.product = product, available == 1, product
		out = append(out, r)
	}
	return out, rows.Err()
}

func listedCount(tx *db.Tx, category id.ID) (int64, error) {
	n, _, err := db.One(tx, func(r db.Scanner) (n int64, err error) { return n, r.Scan(&n) },
		`SELECT products FROM catalog_facet WHERE category = $1 AND option = '' AND value = ''`, category)
	return n, err
}

// facetSum is about how many products pass the filter in the whole store.
func facetSum(tx *db.Tx, f optionFilter) (int64, error) {
	var q query
	q.add(`SELECT COALESCE(SUM(products), 0) FROM catalog_facet WHERE category = `)
	q.arg(everything)
	q.add(` AND option = `)
	q.arg(f.option)
	q.add(` AND value IN (`)
	q.list(f.values)
	q.add(`)`)
	var n int64
	return n, tx.QueryRow(q.String(), q.args...).Scan(&n)
}

type facetRow struct {
	valueKey
	products int64
}

// maxFacets bounds the values that a filter form offers.
const maxFacets = 400

func facets(tx *db.Tx, category id.ID) ([]facetRow, error) {
	return db.All(tx, func(r db.Scanner) (f facetRow, err error) { return f, r.Scan(&f.option, &f.value, &f.products) },
		`SELECT option, value, products FROM catalog_facet WHERE category = $1 AND products > 0 LIMIT $2`, category, maxFacets)
}

// priceRange is the lowest and the highest price of the category.
func priceRange(tx *db.Tx, category id.ID) (low, high money.Amount, err error) {
	err = tx.QueryRow(`SELECT
		COALESCE((SELECT price FROM catalog_listing WHERE category = $1 ORDER BY price, product LIMIT 1), 0),
		COALESCE((SELECT price FROM catalog_listing WHERE category = $1 ORDER BY price DESC, product DESC LIMIT 1), 0)`,
		category).Scan(&low, &high)
	return low, high, err
}

func page(tx *db.Tx, handle, lang string) (Product, bool, error) {
	doc, ok, err := db.One(tx, func(r db.Scanner) (doc string, err error) { return doc, r.Scan(&doc) },
		`SELECT doc FROM catalog_page WHERE handle = $1 AND lang = $2`, handle, lang)
	if err != nil || !ok {
		return Product{}, false, err
	}
	p, err := unpackPage(doc)
	return p, err == nil, err
}

// homeOf is the first category of a product.
func homeOf(tx *db.Tx, product id.ID) (id.ID, error) {
	v, _, err := db.One(tx, scanID, `SELECT category FROM catalog_product_category WHERE product = $1 AND position = 0`, product)
	return v, err
}

func items(tx *db.Tx, lang string, variants []id.ID, out map[id.ID]Item) error {
	args := padded(variants)
	rows, err := tx.Query(`SELECT variant, product, doc FROM catalog_item WHERE lang = $1 AND variant IN (`+in(2, len(args))+`)`,
		append([]any{lang}, args...)...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var v, p id.ID
		var doc string
		if err := rows.Scan(&v, &p, &doc); err != nil {
			return err
		}
		i, err := unpackItem(doc)
		if err != nil {
			return err
		}
		i.Variant, i.Product = v, p
		out[v] = i
	}
	return rows.Err()
}

// handles lists published products for sitemaps, in order of their handles.
func handles(tx *db.Tx, lang, after string, limit int) ([]Handle, error) {
	return db.All(tx, scanHandle, `SELECT g.handle, p.updated_at FROM catalog_page g JOIN catalog_product p ON p.id = g.product
		WHERE g.handle > $1 AND g.lang = $2 ORDER BY g.handle LIMIT $3`, after, lang, limit)
}

// handleBehind is the n-th handle of a published product behind a given one, if others follow it.
func handleBehind(tx *db.Tx, lang, after string, n int) (string, bool, error) {
	list, err := db.All(tx, func(r db.Scanner) (s string, err error) { return s, r.Scan(&s) },
		`SELECT handle FROM catalog_page WHERE handle > $1 AND lang = $2 ORDER BY handle LIMIT 2 OFFSET $3`, after, lang, n-1)
	if err != nil || len(list) < 2 {
		return "", false, err
	}
	return list[0], true, nil
}
