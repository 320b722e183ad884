package catalog

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

func readVersion(tx *db.Tx) (n, shelves int64, err error) {
	err = tx.QueryRow(`SELECT n, shelves FROM catalog_version WHERE one = 1`).Scan(&n, &shelves)
	return n, shelves, err
}

func bumpVersion(tx *db.Tx) (n, shelves int64, err error) {
	err = tx.QueryRow(`UPDATE catalog_version SET n = n + 1 WHERE one = 1 RETURNING n, shelves`).Scan(&n, &shelves)
	return n, shelves, err
}

func markShelves(tx *db.Tx, n int64) error {
	_, err := tx.Exec(`UPDATE catalog_version SET shelves = $1 WHERE one = 1`, n)
	return err
}

func readLayout(tx *db.Tx) (languages string, layout int64, err error) {
	err = tx.QueryRow(`SELECT languages, layout FROM catalog_version WHERE one = 1`).Scan(&languages, &layout)
	return languages, layout, err
}

func writeLayout(tx *db.Tx, languages string, layout int64) error {
	_, err := tx.Exec(`UPDATE catalog_version SET languages = $1, layout = $2 WHERE one = 1`, languages, layout)
	return err
}

func loadShelves(tx *db.Tx, version int64) (*shelves, error) {
	sh := &shelves{version: version, byID: map[id.ID]*shelf{}, bySlug: map[string]*shelf{}, children: map[id.ID][]*shelf{},
		options: map[string]label{}, values: map[valueKey]label{}}
	list, err := db.All(tx, scanShelf, `SELECT id, slug, parent, position, texts, image FROM catalog_category
		ORDER BY position, slug LIMIT $1`, MaxCategories)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, c := range list {
		sh.byID[c.id], sh.bySlug[c.slug] = c, c
		sh.children[c.parent] = append(sh.children[c.parent], c)
		if c.image != "" {
			names = append(names, c.image)
		}
	}
	if sh.images, err = imagesNamed(tx, names); err != nil {
		return nil, err
	}
	return sh, loadLabels(tx, sh)
}

// categoryTexts is the form of catalog_category.texts.
type categoryTexts struct {
	Title Text `json:"title"`
	Intro Text `json:"intro,omitempty"`
}

func scanShelf(r db.Scanner) (*shelf, error) {
	var c shelf
	var texts string
	if err := r.Scan(&c.id, &c.slug, &c.parent, &c.position, &texts, &c.image); err != nil {
		return nil, err
	}
	var t categoryTexts
	if err := json.Unmarshal([]byte(texts), &t); err != nil {
		return nil, fmt.Errorf("texts of category %s: %w", c.slug, err)
	}
	c.title, c.intro = t.Title, t.Intro
	return &c, nil
}

// maxLabels bounds the options and values that are held in memory.
const maxLabels = 50_000

func loadLabels(tx *db.Tx, sh *shelves) error {
	read := func(query string, add func(option, key string, l label)) error {
		rows, err := tx.Query(query, maxLabels)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var option, key, names string
			var l label
			if err := rows.Scan(&option, &key, &names, &l.position); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(names), &l.names); err != nil {
				return fmt.Errorf("labels of %s %s: %w", option, key, err)
			}
			add(option, key, l)
		}
		return rows.Err()
	}
	err := read(`SELECT key, '', labels, position FROM catalog_option ORDER BY position, key LIMIT $1`,
		func(option, _ string, l label) { sh.options[option] = l })
	if err != nil {
		return err
	}
	return read(`SELECT option, key, labels, position FROM catalog_value ORDER BY option, position, key LIMIT $1`,
		func(option, key string, l label) { sh.values[valueKey{option, key}] = l })
}

func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // our own maps of strings
	}
	return string(b)
}

func putOption(tx *db.Tx, key string, l label) error {
	_, err := tx.Exec(`INSERT INTO catalog_option (key, labels, position) VALUES ($1, $2, $3)
		ON CONFLICT (key) DO UPDATE SET labels = $2`, key, asJSON(l.names), l.position)
	return err
}

func putValue(tx *db.Tx, k valueKey, l label) error {
	_, err := tx.Exec(`INSERT INTO catalog_value (option, key, labels, position) VALUES ($1, $2, $3, $4)
		ON CONFLICT (option, key) DO UPDATE SET labels = $3`, k.option, k.value, asJSON(l.names), l.position)
	return err
}

func putCategory(tx *db.Tx, c *shelf) error {
	now := clock.Micros(tx.Now())
	_, err := tx.Exec(`INSERT INTO catalog_category (id, slug, parent, position, texts, image, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
		ON CONFLICT (id) DO UPDATE SET parent = $3, position = $4, texts = $5, image = $6, updated_at = $7`,
		c.id, c.slug, c.parent, c.position, asJSON(categoryTexts{c.title, c.intro}), c.image, now)
	return err
}

func deleteCategory(tx *db.Tx, v id.ID) error {
	_, err := tx.Exec(`DELETE FROM catalog_category WHERE id = $1`, v)
	return err
}

func categoryInUse(tx *db.Tx, v id.ID) (bool, error) {
	_, used, err := db.One(tx, func(r db.Scanner) (n int64, err error) { return n, r.Scan(&n) },
		`SELECT 1 FROM catalog_product_category WHERE category = $1 LIMIT 1`, v)
	return used, err
}

// markStaleIn marks the products of the categories for Refresh.
func markStaleIn(tx *db.Tx, categories []id.ID) error {
	for part := range slices.Chunk(categories, 50) {
		var q query
		q.add(`UPDATE catalog_product SET stale = 1 WHERE stale = 0 AND id IN
			(SELECT product FROM catalog_product_category WHERE category IN (`)
		for i, v := range part {
			if i > 0 {
				q.add(", ")
			}
			q.arg(v)
		}
		q.add("))")
		if _, err := tx.Exec(q.String(), q.args...); err != nil {
			return err
		}
	}
	return nil
}

// query is a statement in the making: arguments are numbered as they come.
type query struct {
	strings.Builder
	args []any
}

func (q *query) add(sql string) { q.WriteString(sql) }

func (q *query) arg(v any) {
	q.args = append(q.args, v)
	fmt.Fprintf(&q.Builder, "$%d", len(q.args))
}
