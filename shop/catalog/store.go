package catalog

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
)

const productColumns = `id, handle, state, tax_class, producer, eu_contact, popularity, source, published_at, created_at, updated_at`

func scanProduct(r db.Scanner) (p productRow, err error) {
	var src string
	var published, created, updated int64
	err = r.Scan(&p.id, &p.handle, &p.state, &p.taxClass, &p.producer, &p.euContact, &p.popularity, &src,
		&published, &created, &updated)
	if err != nil {
		return p, err
	}
	p.publishedAt, p.createdAt, p.updatedAt = clock.FromMicros(published), clock.FromMicros(created), clock.FromMicros(updated)
	if err := json.Unmarshal([]byte(src), &p.source); err != nil {
		return p, fmt.Errorf("source of product %s: %w", p.handle, err)
	}
	return p, nil
}

func productByHandle(tx *db.Tx, handle string) (productRow, bool, error) {
	p, ok, err := db.One(tx, scanProduct, `SELECT `+productColumns+` FROM catalog_product WHERE handle = $1`, handle)
	if err != nil || !ok {
		return p, ok, err
	}
	return p, true, fillProduct(tx, &p)
}

func productByID(tx *db.Tx, v id.ID) (productRow, bool, error) {
	p, ok, err := db.One(tx, scanProduct, `SELECT `+productColumns+` FROM catalog_product WHERE id = $1`, v)
	if err != nil || !ok {
		return p, ok, err
	}
	return p, true, fillProduct(tx, &p)
}

// fillProduct reads the rows beside the product's own.
func fillProduct(tx *db.Tx, p *productRow) (err error) {
	p.categories, err = db.All(tx, scanID, `SELECT category FROM catalog_product_category WHERE product = $1
		ORDER BY position LIMIT 20`, p.id)
	if err != nil {
		return err
	}
	p.variants, err = db.All(tx, scanVariant, `SELECT id, sku, position, active, price, was_price, reduced_at, lowest_price,
		unit_amount, unit_base, weight_g, max_per_order, value_keys, value_names, available, created_at
		FROM catalog_variant WHERE product = $1 ORDER BY position, id LIMIT 1000`, p.id)
	return err
}

func scanID(r db.Scanner) (v id.ID, err error) { return v, r.Scan(&v) }

func scanVariant(r db.Scanner) (v variantRow, err error) {
	var active, reduced, available, created int64
	var keys, names string
	err = r.Scan(&v.id, &v.sku, &v.position, &active, &v.price, &v.was, &reduced, &v.lowest, &v.unitAmount, &v.unitBase,
		&v.weight, &v.maxPerOrder, &keys, &names, &available, &created)
	if err != nil {
		return v, err
	}
	v.active, v.available = active == 1, available == 1
	v.reducedAt, v.createdAt = clock.FromMicros(reduced), clock.FromMicros(created)
	var pairs [][2]string
	if err := json.Unmarshal([]byte(keys), &pairs); err != nil {
		return v, fmt.Errorf("values of %s: %w", v.sku, err)
	}
	for _, p := range pairs {
		v.keys = append(v.keys, valueKey{p[0], p[1]})
	}
	if err := json.Unmarshal([]byte(names), &v.names); err != nil {
		return v, fmt.Errorf("values of %s: %w", v.sku, err)
	}
	return v, nil
}

func (w *writing) putProduct(p *productRow, known bool) error {
	row := []any{p.id, p.handle, p.state, p.taxClass, p.producer, p.euContact, p.popularity, asJSON(p.source),
		clock.Micros(p.publishedAt), clock.Micros(p.createdAt), clock.Micros(p.updatedAt), 0}
	if !known {
		w.pending.add(toProduct, row...)
		return nil
	}
	_, err := w.Exec(`UPDATE catalog_product SET state = $1, tax_class = $2, producer = $3, eu_contact = $4, popularity = $5,
		source = $6, published_at = $7, updated_at = $8, stale = 0 WHERE id = $9`, append(append(row[2:9:9], row[10]), p.id)...)
	return err
}

func (w *writing) putVariant(product id.ID, v variantRow, known bool) error {
	if !known {
		w.pending.add(toVariant, append(append([]any{v.id, product}, v.columns()...), clock.Micros(v.createdAt))...)
		return nil
	}
	_, err := w.Exec(`UPDATE catalog_variant SET sku = $1, position = $2, active = $3, price = $4, was_price = $5,
			reduced_at = $6, lowest_price = $7, unit_amount = $8, unit_base = $9, weight_g = $10, max_per_order = $11,
			value_keys = $12, value_names = $13, available = $14 WHERE id = $15`, append(v.columns(), v.id)...)
	return err
}

// columns are the values of the variant's columns from sku to available.
func (v variantRow) columns() []any {
	return []any{v.sku, v.position, db.Bool(v.active), int64(v.price), int64(v.was), clock.Micros(v.reducedAt),
		int64(v.lowest), v.unitAmount, v.unitBase, v.weight, v.maxPerOrder, v.keysJSON(), asJSON(v.names), db.Bool(v.available)}
}

func skuTaken(sku string) error {
	return fault.New(fault.Invalid, "catalog.invalid").WithField("sku", "catalog.sku_taken", fault.Params{"sku": sku})
}

func (w *writing) insertPrice(v variantRow) {
	w.pending.add(toPrice, v.id, clock.Micros(w.Now()), w.NewID(), int64(v.price), int64(v.was))
}

func (w *writing) linkCategories(product id.ID, categories []id.ID, known bool) error {
	if known {
		if _, err := w.Exec(`DELETE FROM catalog_product_category WHERE product = $1`, product); err != nil {
			return err
		}
	}
	for i, c := range categories {
		w.pending.add(toLink, product, c, i)
	}
	return nil
}

// in writes "$a, $a+1, ..." for n values from number first on.
func in(first, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", first+i)
	}
	return b.String()
}

// padded repeats the last element until the list has one of a few fixed lengths, for statements with IN (...).
func padded[T any](list []T) []any {
	n := len(list)
	for _, size := range []int{1, 4, 12, 32, 64, 128} {
		if n <= size {
			n = size
			break
		}
	}
	out := make([]any, n)
	for i := range out {
		out[i] = list[min(i, len(list)-1)]
	}
	return out
}

// staleProducts are the next products that are to be made anew.
func staleProducts(tx *db.Tx, limit int) ([]id.ID, error) {
	return db.All(tx, scanID, `SELECT id FROM catalog_product WHERE stale = 1 ORDER BY id LIMIT $1`, limit)
}

func markStale(tx *db.Tx, product id.ID, stale bool) error {
	_, err := tx.Exec(`UPDATE catalog_product SET stale = $1 WHERE id = $2`, db.Bool(stale), product)
	return err
}

func markAllStale(tx *db.Tx) error {
	_, err := tx.Exec(`UPDATE catalog_product SET stale = 1 WHERE stale = 0`)
	return err
}

func sortedIDs(ids []id.ID) []id.ID {
	slices.SortFunc(ids, func(a, b id.ID) int { return strings.Compare(string(a[:]), string(b[:])) })
	return ids
}

// productsAfter are the next products in the order of their ids; all of them begin behind the zero ID.
func productsAfter(tx *db.Tx, after id.ID, limit int) ([]id.ID, error) {
	return db.All(tx, scanID, `SELECT id FROM catalog_product WHERE id > $1 ORDER BY id LIMIT $2`, after[:], limit)
}

// handlesAmong are those of the handles that products have.
func handlesAmong(tx *db.Tx, handles []string) (map[string]bool, error) {
	out := map[string]bool{}
	for part := range slices.Chunk(handles, 64) {
		args := padded(part)
		list, err := db.All(tx, func(r db.Scanner) (s string, err error) { return s, r.Scan(&s) },
			`SELECT handle FROM catalog_product WHERE handle IN (`+in(1, len(args))+`)`, args...)
		if err != nil {
			return nil, err
		}
		for _, h := range list {
			out[h] = true
		}
	}
	return out, nil
}

// ownersOf are the handles of the products that have these article numbers.
func ownersOf(tx *db.Tx, skus []string) (map[string]string, error) {
	out := map[string]string{}
	for part := range slices.Chunk(skus, 64) {
		args := padded(part)
		rows, err := tx.Query(`SELECT v.sku, p.handle FROM catalog_variant v JOIN catalog_product p ON p.id = v.product
			WHERE v.sku IN (`+in(1, len(args))+`)`, args...)
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			var sku, handle string
			if err := rows.Scan(&sku, &handle); err != nil {
				_ = rows.Close()
				return nil, err
			}
			out[sku] = handle
		}
		if err := rows.Close(); err != nil {
			return nil, err
		}
	}
	return out, nil
}
