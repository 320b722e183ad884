package catalog

import (
	"slices"
	"strings"

	"strongroom/base/db"
	"strongroom/base/id"
)

func indexedWords(tx *db.Tx, lang string, product id.ID) (indexed, int64, error) {
	var popularity int64
	words, ok, err := db.One(tx, func(r db.Scanner) (s string, err error) { return s, r.Scan(&popularity, &s) },
		`SELECT popularity, words FROM catalog_words WHERE lang = $1 AND product = $2`, lang, product)
	if err != nil || !ok {
		return indexed{}, 0, err
	}
	return unpackWords(words), popularity, nil
}

func (w *writing) putWords(lang string, product id.ID, popularity int64, x indexed) error {
	if len(x) == 0 {
		_, err := w.Exec(`DELETE FROM catalog_words WHERE lang = $1 AND product = $2`, lang, product)
		return err
	}
	w.pending.add(toWords, lang, product, popularity, x.pack())
	return nil
}

func deletePostings(tx *db.Tx, lang string, product id.ID, ps []posting) error {
	for _, p := range ps {
		_, err := tx.Exec(`DELETE FROM catalog_posting WHERE lang = $1 AND word = $2 AND rank = $3 AND product = $4`,
			lang, p.word, p.rank, product)
		if err != nil {
			return err
		}
	}
	return nil
}

type wordRow struct {
	word     string
	products int64
	since    int64
}

// newWords are dictionary entries that changed behind a version and word, in the order of their changes.
func newWords(tx *db.Tx, lang string, since int64, after string, limit int) ([]wordRow, error) {
	return db.All(tx, func(r db.Scanner) (w wordRow, err error) { return w, r.Scan(&w.word, &w.products, &w.since) },
		`SELECT word, products, since FROM catalog_word WHERE lang = $1 AND (since, word) > ($2, $3)
		ORDER BY since, word LIMIT $4`, lang, since, after, limit)
}

// candidate is a product that a word leads to.
type candidate struct {
	product id.ID
	rank    int64
}

func compareCandidates(a, b candidate) int { // best first
	switch {
	case a.rank != b.rank:
		if a.rank > b.rank {
			return -1
		}
		return 1
	}
	return -strings.Compare(string(a.product[:]), string(b.product[:]))
}

// postings are the best products of a word, behind a place in its order if one is given.
func postings(tx *db.Tx, lang, word string, from *candidate, limit int) ([]candidate, error) {
	scan := func(r db.Scanner) (c candidate, err error) { return c, r.Scan(&c.rank, &c.product) }
	if from == nil {
		return db.All(tx, scan, `SELECT rank, product FROM catalog_posting WHERE lang = $1 AND word = $2
			ORDER BY rank DESC, product DESC LIMIT $3`, lang, word, limit)
	}
	return db.All(tx, scan, `SELECT rank, product FROM catalog_posting WHERE lang = $1 AND word = $2
		AND (rank, product) < ($3, $4) ORDER BY rank DESC, product DESC LIMIT $5`, lang, word, from.rank, from.product, limit)
}

// wordsOfAll are the packed words of many products.
func wordsOfAll(tx *db.Tx, lang string, products []id.ID) (map[id.ID]string, error) {
	out := make(map[id.ID]string, len(products))
	for part := range slices.Chunk(products, 32) {
		args := padded(part)
		rows, err := tx.Query(`SELECT product, words FROM catalog_words WHERE lang = $1 AND product IN (`+in(2, len(args))+`)`,
			append([]any{lang}, args...)...)
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			var v id.ID
			var s string
			if err := rows.Scan(&v, &s); err != nil {
				_ = rows.Close()
				return nil, err
			}
			out[v] = s
		}
		if err := rows.Close(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// passing are those of the products that are in the category and pass the filters.
func (l listQuery) passing(tx *db.Tx, products []id.ID) (map[id.ID]bool, error) {
	out := make(map[id.ID]bool, len(products))
	for part := range slices.Chunk(products, 32) {
		var q query
		q.add(`SELECT l.product FROM catalog_listing l WHERE l.category = `)
		q.arg(l.category)
		q.add(` AND l.product IN (`)
		for i, v := range padded(part) {
			if i > 0 {
				q.add(", ")
			}
			q.arg(v)
		}
		q.add(`)`)
		l.narrow(&q, -1)
		list, err := db.All(tx, scanID, q.String(), q.args...)
		if err != nil {
			return nil, err
		}
		for _, v := range list {
			out[v] = true
		}
	}
	return out, nil
}

// cards are the cards of products, with what lists are sorted by.
func cards(tx *db.Tx, lang string, products []id.ID) (map[id.ID]foundCard, error) {
	out := make(map[id.ID]foundCard, len(products))
	for part := range slices.Chunk(products, 32) {
		args := padded(part)
		list, err := db.All(tx, scanFound, `SELECT product, name_key, available, published_at, popularity, doc FROM catalog_card
			WHERE lang = $1 AND product IN (`+in(2, len(args))+`)`, append([]any{lang}, args...)...)
		if err != nil {
			return nil, err
		}
		for _, c := range list {
			out[c.card.Product] = c
		}
	}
	return out, nil
}

type foundCard struct {
	card        Card
	nameKey     []byte
	publishedAt int64
	popularity  int64
}

func scanFound(r db.Scanner) (f foundCard, err error) {
	var product id.ID
	var available int64
	var doc string
	if err := r.Scan(&product, &f.nameKey, &available, &f.publishedAt, &f.popularity, &doc); err != nil {
		return f, err
	}
	f.card, err = unpackCard(doc)
	f.card.Product, f.card.Available = product, available == 1
	return f, err
}

// productOfSKU is the published product that has a variant of this number on sale.
func productOfSKU(tx *db.Tx, sku string) (id.ID, bool, error) {
	return db.One(tx, scanID, `SELECT v.product FROM catalog_variant v JOIN catalog_product p ON p.id = v.product
		WHERE v.sku = $1 AND v.active = 1 AND p.state = 'published'`, sku)
}

// productsWith counts the products that have a word, up to a bound.
func productsWith(tx *db.Tx, lang, word string, bound int) (int64, error) {
	var n int64
	err := tx.QueryRow(`SELECT COUNT(*) FROM (SELECT 1 FROM catalog_posting WHERE lang = $1 AND word = $2 LIMIT $3) AS p`,
		lang, word, bound).Scan(&n)
	return n, err
}
