package catalog

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/lang"
)

// Bounds of a search. They, and not the size of the catalogue, decide what a search costs.
const (
	maxSearchText  = 400 // bytes that are looked at
	maxSearchWords = 6
	window         = 160 // best candidates of the leading word
	perExpansion   = 60  // of each word that stands for it
	tested         = 128 // candidates that are tested for the other words
)

// Search finds published products by words. Each word must be found: as it stands, as the beginning of a word, as the
// end of a compound, or, if it is found nowhere, within a typing error. Words that lead nowhere at all are left out as
// long as another one leads somewhere. The best come first: by where the words stand (title, category, options, text),
// then by popularity.
//
// A search looks at the best candidates of the word that is rarest in the catalogue (window), and never at more; Total
// is -1 if there may be others behind them. Sorted by anything but relevance, it is these candidates that are sorted.
func (s *Service) Search(ctx context.Context, q Query) (p Page, err error) {
	defer fault.Wrap(&err, "catalog: search")
	if q.Sort == "" {
		q.Sort = ByRelevance
	}
	l, err := s.listQuery(ctx, q)
	if err != nil {
		return p, err
	}
	offset := 0
	if l.from != nil {
		if offset = int(l.from.number); offset < 0 || offset > window+maxSearchWords*perExpansion*expansions {
			return p, fault.New(fault.Malformed, "catalog.cursor")
		}
	}
	found, err := s.find(ctx, l, q.Text)
	if err != nil || len(found.list) == 0 {
		return Page{}, err
	}
	p.Corrected, p.Total = found.corrected, int64(len(found.list))
	if found.more {
		p.Total = -1
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error { return l.cut(tx, &p, found, offset) })
	return p, err
}

// cut takes one page out of what was found.
func (l listQuery) cut(tx *db.Tx, p *Page, found finding, offset int) error {
	list := found.list
	var known map[id.ID]foundCard
	if l.sort != ByRelevance {
		var err error
		if known, err = cards(tx, l.lang, products(list)); err != nil {
			return err
		}
		sortFound(list, known, l.sort)
	}
	list = list[min(offset, len(list)):]
	if len(list) > l.limit {
		list = list[:l.limit]
		p.Next = cursor{sort: sorts[l.sort], number: int64(offset + l.limit), product: list[l.limit-1].product}.String()
	}
	if known == nil {
		var err error
		if known, err = cards(tx, l.lang, products(list)); err != nil {
			return err
		}
	}
	for _, c := range list {
		if f, ok := known[c.product]; ok {
			p.Cards = append(p.Cards, f.card)
		}
	}
	return nil
}

func products(list []candidate) []id.ID {
	out := make([]id.ID, len(list))
	for i, c := range list {
		out[i] = c.product
	}
	return out
}

func sortFound(list []candidate, known map[id.ID]foundCard, sort string) {
	slices.SortStableFunc(list, func(x, y candidate) int {
		a, b := known[x.product], known[y.product]
		c := 0
		switch sort {
		case ByPopularity:
			c = -cmp.Compare(a.popularity, b.popularity)
		case ByNewest:
			c = -cmp.Compare(a.publishedAt, b.publishedAt)
		case ByPriceUp:
			c = cmp.Compare(a.card.Price, b.card.Price)
		case ByPriceDown:
			c = -cmp.Compare(a.card.Price, b.card.Price)
		case ByName:
			c = bytes.Compare(a.nameKey, b.nameKey)
		}
		return cmp.Or(c, strings.Compare(a.card.Handle, b.card.Handle))
	})
}

// finding is what a search found, the best first.
type finding struct {
	list      []candidate
	more      bool
	corrected string
}

// group is a typed word and the words that stand for it.
type group struct {
	typed   string
	matches []match
}

func (g group) products() (n int64) {
	for _, m := range g.matches {
		n += m.products
	}
	return n
}

func (s *Service) find(ctx context.Context, l listQuery, typed string) (f finding, err error) {
	groups, corrected, err := s.groups(ctx, l.lang, typed)
	if err != nil {
		return f, err
	}
	f.corrected = corrected
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if len(groups) > 0 {
			if err := f.gather(tx, l, groups); err != nil {
				return err
			}
		}
		if err := f.bySKU(tx, typed); err != nil {
			return err
		}
		return f.filter(tx, l)
	})
	return f, err
}

// groups splits what was typed and looks each word up. The rarest comes first: it leads.
func (s *Service) groups(ctx context.Context, tag, typed string) (groups []group, corrected string, err error) {
	if len(typed) > maxSearchText {
		typed = typed[:maxSearchText]
	}
	words := lang.Words(typed)
	words = words[:min(len(words), maxSearchWords)]
	if len(words) == 0 {
		return nil, "", nil
	}
	d, err := s.dictionary(ctx, tag)
	if err != nil {
		return nil, "", err
	}
	var spelled []string
	for _, w := range words {
		m := d.matches(w)
		if !d.knows(w) {
			if m, err = s.asTyped(ctx, tag, w, m); err != nil {
				return nil, "", err
			}
		}
		if len(m) == 0 {
			continue
		}
		if m[0].penalty > mistyped {
			w, corrected = m[0].word, " "
		}
		spelled = append(spelled, w)
		groups = append(groups, group{w, m})
	}
	if corrected != "" {
		corrected = strings.Join(spelled, " ")
	}
	slices.SortStableFunc(groups, func(a, b group) int { return cmp.Compare(a.products(), b.products()) })
	return groups, corrected, nil
}

// asTyped puts a word before its matches that the dictionary does not hold, if a product has it. How many have it is
// counted as far as it matters.
func (s *Service) asTyped(ctx context.Context, tag, word string, m []match) ([]match, error) {
	var n int64
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		n, err = productsWith(tx, tag, word, window+1)
		return err
	})
	if err != nil || n == 0 {
		return m, err
	}
	return append([]match{{word, exactly, n}}, m...), nil
}

// gather reads the candidates of the leading word and keeps those that have the other words too.
func (f *finding) gather(tx *db.Tx, l listQuery, groups []group) error {
	lead, err := f.leading(tx, l.lang, groups[0])
	if err != nil {
		return err
	}
	if len(groups) > 1 {
		slices.SortFunc(lead, compareCandidates)
		if len(lead) > tested {
			lead, f.more = lead[:tested], true
		}
		if lead, err = testRest(tx, l.lang, lead, groups[1:]); err != nil {
			return err
		}
	}
	slices.SortFunc(lead, compareCandidates)
	f.list = lead
	return nil
}

// leading are the best candidates of a group: the most for the word itself, fewer for those that stand for it. A
// product that is reached in several ways keeps the best.
func (f *finding) leading(tx *db.Tx, tag string, g group) ([]candidate, error) {
	best := map[id.ID]int64{}
	for i, m := range g.matches {
		limit := perExpansion
		if i == 0 {
			limit = window
		}
		if i > 0 && len(best) >= window {
			f.more = true
			break
		}
		list, err := postings(tx, tag, m.word, nil, limit)
		if err != nil {
			return nil, err
		}
		f.more = f.more || len(list) == limit
		for _, c := range list {
			r := scored(c.rank, m.penalty)
			if r > best[c.product] {
				best[c.product] = r
			}
		}
	}
	out := make([]candidate, 0, len(best))
	for v, r := range best {
		out = append(out, candidate{v, r})
	}
	return out, nil
}

// scored is the rank of a match: where the word stands counts double, being found otherwise than as typed counts
// against it, and popularity decides among equals.
func scored(r int64, penalty int) int64 {
	weight := max(2*weightOf(r)-min(penalty, 1), 1)
	return int64(weight)<<popularityBits | r&(1<<popularityBits-1)
}

// testRest keeps the candidates whose words contain one of each group, and adds the weights up.
func testRest(tx *db.Tx, tag string, lead []candidate, rest []group) ([]candidate, error) {
	words, err := wordsOfAll(tx, tag, products(lead))
	if err != nil {
		return nil, err
	}
	out := lead[:0]
	for _, c := range lead {
		ok := true
		for _, g := range rest {
			weight := g.in(words[c.product])
			if weight == 0 {
				ok = false
				break
			}
			c.rank += int64(weight) << popularityBits
		}
		if ok {
			out = append(out, c)
		}
	}
	return out, nil
}

// in is the highest weight that a word of the group has among packed words, doubled and less its penalty like scored;
// 0 if none is there.
func (g group) in(packed string) (weight int) {
	for _, m := range g.matches {
		for from := 0; ; {
			i := strings.Index(packed[from:], m.word)
			if i < 0 {
				break
			}
			at := from + i
			end := at + len(m.word)
			if at > 0 && packed[at-1] >= '0' && packed[at-1] <= '9' && (at == 1 || packed[at-2] == ' ') && (end == len(packed) || packed[end] == ' ') {
				weight = max(weight, 2*int(packed[at-1]-'0')-min(m.penalty, 1))
				break
			}
			from = at + 1
		}
	}
	return weight
}

// bySKU puts the product first whose article number was typed.
func (f *finding) bySKU(tx *db.Tx, typed string) error {
	sku := strings.TrimSpace(typed)
	if sku == "" || len(sku) > 64 || !utf8.ValidString(sku) || !printable(sku, false) {
		return nil
	}
	v, ok, err := productOfSKU(tx, sku)
	if err == nil && !ok && strings.ToUpper(sku) != sku {
		v, ok, err = productOfSKU(tx, strings.ToUpper(sku))
	}
	if err != nil || !ok {
		return err
	}
	f.list = slices.DeleteFunc(f.list, func(c candidate) bool { return c.product == v })
	f.list = slices.Insert(f.list, 0, candidate{product: v, rank: 1<<62 - 1})
	f.corrected = ""
	return nil
}

func (f *finding) filter(tx *db.Tx, l listQuery) error {
	if len(f.list) == 0 || !l.filtered() && l.category == everything {
		return nil
	}
	pass, err := l.passing(tx, products(f.list))
	if err != nil {
		return err
	}
	f.list = slices.DeleteFunc(f.list, func(c candidate) bool { return !pass[c.product] })
	return nil
}

// Suggestions shown under the search field.
const (
	suggestedWords    = 4
	suggestedProducts = 5
)

// Suggest completes what is being typed: words to search for, then the best products.
func (s *Service) Suggest(ctx context.Context, tag, typed string) (out []Suggestion, err error) {
	defer fault.Wrap(&err, "catalog: suggest")
	p, err := s.Search(ctx, Query{Lang: tag, Text: typed, Limit: suggestedProducts})
	if err != nil {
		return nil, err
	}
	if len(typed) > maxSearchText {
		typed = typed[:maxSearchText]
	}
	if words := lang.Words(typed); len(words) > 0 && !strings.HasSuffix(typed, " ") {
		d, err := s.dictionary(ctx, s.lang(tag))
		if err != nil {
			return nil, err
		}
		head := strings.Join(words[:len(words)-1], " ")
		for _, m := range d.matches(words[len(words)-1]) {
			if m.penalty == beginning && len(out) < suggestedWords {
				out = append(out, Suggestion{Text: strings.TrimSpace(head + " " + m.word)})
			}
		}
	}
	for _, c := range p.Cards {
		out = append(out, Suggestion{Text: c.Title, Handle: c.Handle, Image: c.Image})
	}
	return out, nil
}
