package catalog

import (
	"strconv"
	"strings"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

func (w *writing) putItems(p *productRow, items []itemRow, known bool) error {
	if known {
		if _, err := w.Exec(`DELETE FROM catalog_item WHERE product = $1`, p.id); err != nil {
			return err
		}
	}
	for _, i := range items {
		w.pending.add(toItem, i.item.Variant, i.lang, p.id, packItem(i.item))
	}
	return nil
}

func (w *writing) putPages(p *productRow, cards []cardRow, pages []pageRow, known bool) error {
	for _, c := range cards {
		w.pending.add(toCard, c.lang, p.id, c.nameKey, int64(c.card.Price), db.Bool(c.card.Available), p.popularity,
			clock.Micros(p.publishedAt), packCard(c.card))
	}
	if p.state != Published {
		if !known {
			return nil
		}
		_, err := w.Exec(`DELETE FROM catalog_page WHERE product = $1`, p.id)
		return err
	}
	for _, d := range pages {
		w.pending.add(toPage, p.handle, d.lang, p.id, packPage(d.product))
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

func (w *writing) putValuesOf(product id.ID, values []valueKey, had bool) error {
	if had {
		if _, err := w.Exec(`DELETE FROM catalog_product_value WHERE product = $1`, product); err != nil {
			return err
		}
	}
	for _, v := range values {
		w.pending.add(toValue, v.option, v.value, product)
	}
	return nil
}

func (w *writing) putListing(product id.ID, categories []id.ID, l listingRow, cards []cardRow, had bool) error {
	if had {
		for _, table := range []string{"catalog_listing", "catalog_listing_name"} {
			if _, err := w.Exec(`DELETE FROM `+table+` WHERE product = $1`, product); err != nil {
				return err
			}
		}
	}
	for _, c := range categories {
		w.pending.add(toListing, c, product, l.popularity, clock.Micros(l.publishedAt), l.price, db.Bool(l.available))
		for _, card := range cards {
			w.pending.add(toName, c, card.lang, card.nameKey, product)
		}
	}
	return nil
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
