package catalog

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"strongroom/base/lang"
)

// Where a word stands decides its weight. A word that stands in several places has the highest.
const (
	inText     = 1
	inOption   = 2
	inCategory = 3
	inTitle    = 4
)

const (
	// maxIndexed is the most words of a product and language in the index: the title's first, the text's last.
	maxIndexed = 80
	// popularityBits is the room for the popularity below the weight in a rank.
	popularityBits = 40
)

// rank orders the products of a word: by where the word stands, and then by popularity. Lists of candidates are read in
// this order, so that a bounded list holds the best.
func rank(weight int, popularity int64) int64 { return int64(weight)<<popularityBits | popularity }

func weightOf(rank int64) int { return int(rank >> popularityBits) }

// indexed are the words of one product in one language, with their weights.
type indexed map[string]int

// add takes the words of a text in until the product has enough.
func (x indexed) add(s string, weight int) {
	for _, w := range lang.Words(s) {
		if x[w] >= weight || x[w] == 0 && len(x) >= maxIndexed || len(w) < 2 && weight < inTitle {
			continue
		}
		x[w] = weight
	}
}

// wordsOf are the words under which the product is found: the best places first, because the number is bounded.
func (w *writing) wordsOf(p *productRow, d Product, tag string) indexed {
	x := indexed{}
	x.add(d.Title, inTitle)
	for _, c := range p.categories {
		for _, up := range w.sh.path(c) {
			x.add(up.title.in(tag, w.s.languages), inCategory)
		}
	}
	for _, v := range d.Variants {
		x.add(v.Options, inOption)
	}
	x.add(d.Summary, inText)
	for _, f := range d.Facts {
		x.add(f.Value, inText)
	}
	x.add(d.Description, inText)
	return x
}

// pack writes the words in a fixed order: "4teller 1weiss".
func (x indexed) pack() string {
	var b strings.Builder
	for i, w := range slices.Sorted(maps.Keys(x)) {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strconv.Itoa(x[w]))
		b.WriteString(w)
	}
	return b.String()
}

func unpackWords(s string) indexed {
	x := indexed{}
	for f := range strings.FieldsSeq(s) {
		if len(f) > 1 {
			x[f[1:]] = int(f[0] - '0')
		}
	}
	return x
}

// posting is one line of the index.
type posting struct {
	word string
	rank int64
}

// hidden is the name under which the index keeps the words of a language that lead to what shoppers do not see. It is no
// tag of a language, so that no search of theirs gets there.
func hidden(tag string) string { return "hidden." + tag }

// index brings the product's lines in the search index up to date. They stand among those for shoppers or, while the
// product is hidden, among those for the desk, never in both.
func (w *writing) index(p *productRow, pages []pageRow, known bool) error {
	for _, d := range pages {
		words := w.wordsOf(p, d.product, d.lang)
		shown, unseen := words, indexed{}
		if !p.listed() {
			shown, unseen = unseen, words
		}
		was, err := w.indexIn(d.lang, p, shown, known)
		if err != nil {
			return err
		}
		if was > 0 && p.listed() {
			continue // it was shown and still is: the desk's lines have nothing of it
		}
		if _, err := w.indexIn(hidden(d.lang), p, unseen, known); err != nil {
			return err
		}
	}
	return nil
}

// indexIn writes what changed in one language's lines, and says how many words led to the product before.
func (w *writing) indexIn(tag string, p *productRow, now indexed, known bool) (was int, err error) {
	var old indexed
	var oldPopularity int64
	if known {
		if old, oldPopularity, err = indexedWords(w.Tx, tag, p.id); err != nil {
			return 0, err
		}
	}
	if oldPopularity == p.popularity && maps.Equal(old, now) || len(old)+len(now) == 0 {
		return len(old), nil
	}
	gone := without(old, now, oldPopularity, p.popularity)
	fresh := without(now, old, p.popularity, oldPopularity)
	return len(old), w.reindex(tag, p, gone, fresh, old, now)
}

// without are the lines of a that b does not have, in order.
func without(a, b indexed, popularityA, popularityB int64) (out []posting) {
	for w, weight := range a {
		if popularityA != popularityB || b[w] != weight {
			out = append(out, posting{w, rank(weight, popularityA)})
		}
	}
	slices.SortFunc(out, func(x, y posting) int { return cmp.Compare(x.word, y.word) })
	return out
}

func (w *writing) reindex(tag string, p *productRow, gone, fresh []posting, old, now indexed) error {
	if err := deletePostings(w.Tx, tag, p.id, gone); err != nil {
		return err
	}
	for _, f := range fresh {
		w.pending.postings = append(w.pending.postings, postingRow{wordKey{tag, f.word}, f.rank, p.id})
	}
	for word := range old {
		if !number(word) {
			w.pending.words[wordKey{tag, word}]--
		}
	}
	for word := range now {
		if !number(word) {
			w.pending.words[wordKey{tag, word}]++
		}
	}
	return w.putWords(tag, p.id, p.popularity, now)
}

// number says whether a word is a longer number: a year, a model, a count. Such words are as many as products and none
// stands for another, so that they are found as they are and have no place in the dictionary.
func number(word string) bool {
	return len(word) >= 4 && strings.Trim(word, "0123456789") == ""
}
