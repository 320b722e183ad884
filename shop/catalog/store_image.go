package catalog

import (
	"slices"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

// imageRow is a picture as it is kept.
type imageRow struct {
	name   string
	state  string // waiting, ready, refused
	upload string
	reason string
	Image
}

// rendition is one size of a picture.
type rendition struct {
	width, height int
	mime          string
	bytes         int64
	blob          string
}

func knownImages(tx *db.Tx, names []string) (bool, error) {
	if len(names) == 0 {
		return true, nil
	}
	distinct := slices.Compact(slices.Sorted(slices.Values(names)))
	args := padded(distinct)
	var n int
	err := tx.QueryRow(`SELECT COUNT(*) FROM catalog_image WHERE name IN (`+in(1, len(args))+`)`, args...).Scan(&n)
	return n == len(distinct), err
}

func (w *writing) linkImages(product id.ID, names []string, known bool) error {
	if known {
		if _, err := w.Exec(`DELETE FROM catalog_product_image WHERE product = $1`, product); err != nil {
			return err
		}
	}
	for _, name := range names {
		w.pending.add(toImage, name, product)
	}
	return nil
}

func imageByName(tx *db.Tx, name string) (imageRow, bool, error) {
	return db.One(tx, func(r db.Scanner) (i imageRow, err error) {
		return i, r.Scan(&i.name, &i.state, &i.upload, &i.reason)
	}, `SELECT name, state, upload, reason FROM catalog_image WHERE name = $1`, name)
}

func insertImage(tx *db.Tx, name, state, upload string) (fresh bool, err error) {
	n, err := tx.Exec(`INSERT INTO catalog_image (name, state, upload, reason, width, height, widths, created_at)
		VALUES ($1, $2, $3, '', 0, 0, '', $4) ON CONFLICT (name) DO NOTHING`, name, state, upload, clock.Micros(tx.Now()))
	return n == 1, err
}

func refuseImage(tx *db.Tx, name, reason string) error {
	_, err := tx.Exec(`UPDATE catalog_image SET state = 'refused', upload = '', reason = $1
		WHERE name = $2 AND state = 'waiting'`, reason, name)
	return err
}

// retryImage gives a refused name another try with a new upload.
func retryImage(tx *db.Tx, name, upload string) (bool, error) {
	n, err := tx.Exec(`UPDATE catalog_image SET state = 'waiting', upload = $1, reason = ''
		WHERE name = $2 AND state = 'refused'`, upload, name)
	return n == 1, err
}

func readyImage(tx *db.Tx, name string, rs []rendition, widths string) error {
	for _, r := range rs {
		_, err := tx.Exec(`INSERT INTO catalog_rendition (image, width, height, type, bytes, blob)
			VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (image, width) DO UPDATE SET height = $3, type = $4, bytes = $5, blob = $6`,
			name, r.width, r.height, r.mime, r.bytes, r.blob)
		if err != nil {
			return err
		}
	}
	last := rs[len(rs)-1]
	_, err := tx.Exec(`UPDATE catalog_image SET state = 'ready', upload = '', reason = '', width = $1, height = $2, widths = $3
		WHERE name = $4`, last.width, last.height, widths, name)
	return err
}

func renditionOf(tx *db.Tx, name string, width int) (rendition, bool, error) {
	return db.One(tx, func(r db.Scanner) (v rendition, err error) {
		return v, r.Scan(&v.width, &v.height, &v.mime, &v.bytes, &v.blob)
	}, `SELECT width, height, type, bytes, blob FROM catalog_rendition WHERE image = $1 AND width = $2`, name, width)
}

// markStaleWith marks the products that show the picture.
func markStaleWith(tx *db.Tx, image string) (int64, error) {
	return tx.Exec(`UPDATE catalog_product SET stale = 1 WHERE id IN
		(SELECT product FROM catalog_product_image WHERE image = $1)`, image)
}

func categoriesShow(tx *db.Tx, image string) (bool, error) {
	_, any, err := db.One(tx, func(r db.Scanner) (n int64, err error) { return n, r.Scan(&n) },
		`SELECT 1 FROM catalog_category WHERE image = $1 LIMIT 1`, image)
	return any, err
}
