package catalog

import (
	"strconv"
	"strings"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

func putItems(tx *db.Tx, p *productRow, items []itemRow) error {
	if _, err := tx.Exec(`DELETE FROM catalog_item WHERE product = $1`, p.id); err != nil {
		return err
	}
	rows := make([][]any, 0, len(items))
	for _, i := range items {
		rows = append(rows, []any{i.item.Variant, i.lang, p.id, packItem(i.item)})
	}
	return bulk(tx, `INSERT INTO catalog_item (variant, lang, product, doc) VALUES `, ``, rows)
}

func putPages(tx *db.Tx, p *productRow, cards []cardRow, pages []pageRow) error {
	for _, c := range cards {
		_, err := tx.Exec(`INSERT INTO catalog_card (lang, product, name_key, price, available, popularity, published_at, doc)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (lang, product) DO UPDATE SET name_key = $3, price = $4,
			available = $5, popularity = $6, published_at = $7, doc = $8`, c.lang, p.id, c.nameKey, int64(c.card.Price),
			db.Bool(c.card.Available), p.popularity, clock.Micros(p.publishedAt), packCard(c.card))
		if err != nil {
			return err
		}
	}
	if p.state != Published {
		_, err := tx.Exec(`DELETE FROM catalog_page WHERE product = $1`, p.id)
		return err
	}
	for _, d := range pages {
		_, err := tx.Exec(`INSERT INTO catalog_page (handle, lang, product, doc) VALUES ($1, $2, $3, $4)
			ON CONFLICT (handle, lang) DO UPDATE SET product = $3, doc = $4`, p.handle, d.lang, p.id, packPage(d.product))
		if err != nil {
			return err
		}
	}
	return nil
}

// dropForeign removes derived rows of languages that the store no longer speaks.
func dropForeign(tx *db.Tx, languages []string) error {
	args := padded(languages)
	list := in(1, len(args))
	for _, table := range []string{"catalog_card", "catalog_page", "catalog_item", "catalog_listing_name", "catalog_posting",
		"catalog_words", "catalog_word"} {
		if _, err := tx.Exec(`DELETE FROM `+table+` WHERE lang NOT IN (`+list+`)`, args...); err != nil {
			return err
		}
	}
	return nil
}

func listedIn(tx *db.Tx, product id.ID) ([]id.ID, error) {
	return db.All(tx, scanID, `SELECT category FROM catalog_listing WHERE product = $1 ORDER BY category LIMIT 500`, product)
}

func valuesOf(tx *db.Tx, product id.ID) ([]valueKey, error) {
	return db.All(tx, func(r db.Scanner) (k valueKey, err error) { return k, r.Scan(&k.option, &k.value) },
		`SELECT option, value FROM catalog_product_value WHERE product = $1 ORDER BY option, value LIMIT 1000`, product)
}

func putValuesOf(tx *db.Tx, product id.ID, values []valueKey, had bool) error {
	if had {
		if _, err := tx.Exec(`DELETE FROM catalog_product_value WHERE product = $1`, product); err != nil {
			return err
		}
	}
	rows := make([][]any, 0, len(values))
	for _, v := range values {
		rows = append(rows, []any{v.option, v.value, product})
	}
	return bulk(tx, `INSERT INTO catalog_product_value (option, value, product) VALUES `, ``, rows)
}

func putListing(tx *db.Tx, product id.ID, categories []id.ID, l listingRow, cards []cardRow, had bool) error {
	if had {
		for _, table := range []string{"catalog_listing", "catalog_listing_name"} {
			if _, err := tx.Exec(`DELETE FROM `+table+` WHERE product = $1`, product); err != nil {
				return err
			}
		}
	}
	var rows, names [][]any
	for _, c := range categories {
		rows = append(rows, []any{c, product, l.popularity, clock.Micros(l.publishedAt), l.price, db.Bool(l.available)})
		for _, card := range cards {
			names = append(names, []any{c, card.lang, card.nameKey, product})
		}
	}
	err := bulk(tx, `INSERT INTO catalog_listing (category, product, popularity, published_at, price, available) VALUES `, ``, rows)
	if err != nil {
		return err
	}
	return bulk(tx, `INSERT INTO catalog_listing_name (category, lang, name_key, product) VALUES `, ``, names)
}

func addFacets(tx *db.Tx, rows [][]any) error {
	return bulk(tx, `INSERT INTO catalog_facet (category, option, value, products) VALUES `,
		` ON CONFLICT (category, option, value) DO UPDATE SET products = catalog_facet.products + excluded.products`, rows)
}

func setAvailable(tx *db.Tx, variant id.ID, available bool) (product id.ID, known bool, err error) {
	return db.One(tx, scanID, `UPDATE catalog_variant SET available = $1 WHERE id = $2 RETURNING product`,
		db.Bool(available), variant)
}

func anyAvailable(tx *db.Tx, product id.ID) (bool, error) {
	_, any, err := db.One(tx, func(r db.Scanner) (n int64, err error) { return n, r.Scan(&n) },
		`SELECT 1 FROM catalog_variant WHERE product = $1 AND active = 1 AND available = 1 LIMIT 1`, product)
	return any, err
}

func setListed(tx *db.Tx, product id.ID, available bool, languages []string) error {
	n, err := tx.Exec(`UPDATE catalog_listing SET available = $1 WHERE product = $2 AND available <> $1`,
		db.Bool(available), product)
	if err != nil || n == 0 {
		return err
	}
	for _, tag := range languages {
		if _, err := tx.Exec(`UPDATE catalog_card SET available = $1 WHERE lang = $2 AND product = $3`,
			db.Bool(available), tag, product); err != nil {
			return err
		}
	}
	return nil
}

// widths reads "320,640".
func widths(s string) []int {
	var out []int
	for f := range strings.SplitSeq(s, ",") {
		if n, err := strconv.Atoi(f); err == nil && n > 0 {
			out = append(out, n)
		}
	}
	return out
}

// imagesNamed are the pictures among names that can be served, without their words.
func imagesNamed(tx *db.Tx, names []string) (map[string]Image, error) {
	out := map[string]Image{}
	for len(names) > 0 {
		part := names[:min(len(names), 128)]
		names = names[len(part):]
		args := padded(part)
		list, err := db.All(tx, func(r db.Scanner) (i Image, err error) {
			var w string
			err = r.Scan(&i.Name, &i.Width, &i.Height, &w)
			i.Widths = widths(w)
			return i, err
		}, `SELECT name, width, height, widths FROM catalog_image WHERE state = 'ready' AND name IN (`+in(1, len(args))+`)`, args...)
		if err != nil {
			return nil, err
		}
		for _, i := range list {
			out[i.Name] = i
		}
	}
	return out, nil
}
