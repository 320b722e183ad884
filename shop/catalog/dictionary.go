package catalog

import (
	"cmp"
	"context"
	"math/bits"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"strongroom/base/db"
)

// dictionary holds the words of one language with their frequencies, in memory: prefixes, compounds and typing errors
// are looked for here, in Go, so that both engines find the same. It is brought up to date by what changed since the
// version that it knows. Words are few (the square root of the text, roughly): 20,000 for 10,000 products. Numbers are
// many and are left out.
type dictionary struct {
	mu       sync.RWMutex
	lang     string
	version  int64 // catalogue version that was looked at
	since    int64 // last change that was read
	after    string
	products map[string]int64
	sorted   []string            // by their letters: prefixes
	reversed []string            // the words backwards, sorted: ends of compounds
	lengths  map[int][]signature // by number of letters: typing errors
}

// signature is a word and the set of its letters, folded into 64 bits.
type signature struct {
	letters uint64
	word    string
}

const (
	// maxDictionary bounds the memory, to about 60 MB a language; words past it are found as they are, without forgiveness.
	maxDictionary = 400_000
	wordBatch     = 5000
)

func (s *Service) dictionary(ctx context.Context, tag string) (*dictionary, error) {
	v, _ := s.words.LoadOrStore(tag, &dictionary{lang: tag, products: map[string]int64{}, lengths: map[int][]signature{}})
	d := v.(*dictionary)
	want, _ := s.versions(ctx)
	d.mu.RLock()
	fresh := d.version >= want
	d.mu.RUnlock()
	if fresh {
		return d, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.version >= want {
		return d, nil
	}
	return d, d.load(ctx, s.db, want)
}

// load reads what changed and sorts it in.
func (d *dictionary) load(ctx context.Context, database *db.DB, want int64) error {
	var added []string
	for {
		var rows []wordRow
		err := database.Read(ctx, func(tx *db.Tx) (err error) {
			rows, err = newWords(tx, d.lang, d.since, d.after, wordBatch)
			return err
		})
		if err != nil {
			return err
		}
		for _, r := range rows {
			d.since, d.after = r.since, r.word
			if number(r.word) { // of a catalogue from before numbers were left out
				continue
			}
			if _, known := d.products[r.word]; !known && len(d.products) < maxDictionary {
				added = append(added, r.word)
			}
			if len(d.products) < maxDictionary {
				d.products[r.word] = r.products
			}
		}
		if len(rows) < wordBatch {
			break
		}
	}
	d.sortIn(added)
	d.version = want
	return nil
}

func (d *dictionary) sortIn(added []string) {
	if len(added) == 0 {
		return
	}
	backwards := make([]string, len(added))
	for i, w := range added {
		backwards[i] = backward(w)
		n := utf8.RuneCountInString(w)
		d.lengths[n] = append(d.lengths[n], signature{letters(w), w})
	}
	d.sorted = mergeSorted(d.sorted, added)
	d.reversed = mergeSorted(d.reversed, backwards)
}

// mergeSorted sorts added and merges it into a sorted list. A new list is made, since readers may hold the old one.
func mergeSorted(list, added []string) []string {
	slices.Sort(added)
	out := make([]string, 0, len(list)+len(added))
	for len(list) > 0 && len(added) > 0 {
		if list[0] <= added[0] {
			out, list = append(out, list[0]), list[1:]
		} else {
			out, added = append(out, added[0]), added[1:]
		}
	}
	return append(append(out, list...), added...)
}

func backward(s string) string {
	r := []rune(s)
	slices.Reverse(r)
	return string(r)
}

func letters(s string) (set uint64) {
	for _, r := range s {
		set |= 1 << (uint32(r) % 64)
	}
	return set
}

// match is a word of the dictionary that stands for one that was typed.
type match struct {
	word     string
	penalty  int // 0 as typed, more the further away
	products int64
}

const (
	scanned    = 2000 // words that one look at a sorted list may cost
	expansions = 8    // words that stand for a typed one beside itself
)

// Penalties, in the order in which people would expect the words.
const (
	exactly = iota
	inflected
	beginning
	ending
	mistyped
)

// matches are the words that a typed word may mean: itself, its inflections, words that begin with it, compounds that
// end with it; and only if there are none of these, words that differ by a typing error.
func (d *dictionary) matches(word string) []match {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var out []match
	add := func(w string, penalty int) {
		n := d.products[w]
		if n > 0 && !slices.ContainsFunc(out, func(m match) bool { return m.word == w }) {
			out = append(out, match{w, penalty, n})
		}
	}
	add(word, exactly)
	for _, w := range stems(d.lang, word) {
		add(w, inflected)
	}
	if utf8.RuneCountInString(word) >= 2 {
		for _, w := range d.begin(d.sorted, word) {
			add(w, beginning)
		}
	}
	if utf8.RuneCountInString(word) >= 4 {
		for _, w := range d.begin(d.reversed, backward(word)) {
			add(backward(w), ending)
		}
	}
	if len(out) == 0 {
		out = d.mistyped(word)
	}
	slices.SortStableFunc(out, func(a, b match) int {
		return cmp.Or(cmp.Compare(a.penalty, b.penalty), -cmp.Compare(a.products, b.products), strings.Compare(a.word, b.word))
	})
	return out[:min(len(out), expansions+1)]
}

// knows says whether the dictionary can tell about the word: numbers, and what came in when it was full, are not in it.
func (d *dictionary) knows(word string) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	_, known := d.products[word]
	return known || !number(word) && len(d.products) < maxDictionary
}

// begin are the most frequent words of a sorted list that begin with the prefix, of the first that are scanned.
func (d *dictionary) begin(list []string, prefix string) []string {
	i, _ := slices.BinarySearch(list, prefix)
	var found []string
	for n := 0; i < len(list) && n < scanned && strings.HasPrefix(list[i], prefix); i, n = i+1, n+1 {
		if list[i] != prefix {
			found = append(found, list[i])
		}
	}
	count := func(w string) int64 {
		if n, ok := d.products[w]; ok {
			return n
		}
		return d.products[backward(w)]
	}
	slices.SortStableFunc(found, func(a, b string) int { return cmp.Or(-cmp.Compare(count(a), count(b)), strings.Compare(a, b)) })
	return found[:min(len(found), expansions)]
}

// mistyped are the words within reach of a typing error: one from 4 letters on, two from 8 on.
func (d *dictionary) mistyped(word string) (out []match) {
	typed := []rune(word)
	reach := 0
	switch {
	case len(typed) >= 8:
		reach = 2
	case len(typed) >= 4:
		reach = 1
	default:
		return nil
	}
	set := letters(word)
	for n := len(typed) - reach; n <= len(typed)+reach; n++ {
		for _, s := range d.lengths[n] {
			if bits.OnesCount64(s.letters^set) > 2*reach || d.products[s.word] == 0 {
				continue
			}
			if k := distance(typed, []rune(s.word), reach); k <= reach {
				out = append(out, match{s.word, mistyped + k, d.products[s.word]})
			}
		}
	}
	return out
}

// stems are forms of the word with a common ending taken off: "plates" means "plate" too.
func stems(lang, word string) (out []string) {
	endings := map[string][]string{"en": {"s", "es"}, "de": {"n", "en", "e", "s", "er", "es", "em"}}[lang]
	for _, e := range endings {
		if w, ok := strings.CutSuffix(word, e); ok && utf8.RuneCountInString(w) >= 4 {
			out = append(out, w)
		}
	}
	return out
}

// distance counts the typing errors between two words: letters changed, added, left out, or two neighbours swapped.
// Past most it stops counting and returns most+1.
func distance(a, b []rune, most int) int {
	if d := len(a) - len(b); d > most || -d > most {
		return most + 1
	}
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	before, last, row := rows[0], rows[1], rows[2]
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		best := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			best = min(best, row[j])
		}
		if best > most {
			return most + 1
		}
		before, last, row = last, row, before
	}
	return min(last[len(b)], most+1)
}
