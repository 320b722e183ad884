package catalog

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"

	"strongroom/base/db"
	"strongroom/base/id"
)

// everything is the category that holds all products. No row stands behind it.
var everything = id.ID{15: 1}

// Text is what people read, by language. A missing language falls back to the store's first.
type Text map[string]string

// in is the text in the language, or in the first language of the list that has one, or in any.
func (t Text) in(lang string, languages []string) string {
	if s := t[lang]; s != "" {
		return s
	}
	for _, l := range languages {
		if s := t[l]; s != "" {
			return s
		}
	}
	for _, l := range slices.Sorted(maps.Keys(t)) {
		if t[l] != "" {
			return t[l]
		}
	}
	return ""
}

// shelf is a category as it is kept.
type shelf struct {
	id       id.ID
	slug     string
	parent   id.ID
	position int64
	title    Text
	intro    Text
	image    string
}

// label is an option or a value with its names.
type label struct {
	names    Text
	position int64
}

type valueKey struct{ option, value string }

// shelves are the categories, options and values of the store, which are few enough to be held in memory. A loaded one
// is never changed; writers work on a clone.
type shelves struct {
	version  int64
	byID     map[id.ID]*shelf
	bySlug   map[string]*shelf
	children map[id.ID][]*shelf // by parent, in order; the zero ID for the top
	options  map[string]label
	values   map[valueKey]label
	images   map[string]Image // pictures of categories, without words
}

func (sh *shelves) clone() *shelves {
	c := *sh
	c.options, c.values = maps.Clone(sh.options), maps.Clone(sh.values)
	c.byID, c.bySlug, c.children = maps.Clone(sh.byID), maps.Clone(sh.bySlug), maps.Clone(sh.children)
	c.images = maps.Clone(sh.images)
	return &c
}

// put adds or replaces a category and keeps the order of its siblings.
func (sh *shelves) put(c *shelf) {
	if old := sh.byID[c.id]; old != nil {
		delete(sh.bySlug, old.slug)
		sh.children[old.parent] = slices.DeleteFunc(slices.Clone(sh.children[old.parent]), func(x *shelf) bool { return x.id == c.id })
	}
	sh.byID[c.id], sh.bySlug[c.slug] = c, c
	list := append(slices.Clone(sh.children[c.parent]), c)
	slices.SortFunc(list, func(a, b *shelf) int {
		return cmp.Or(cmp.Compare(a.position, b.position), cmp.Compare(a.slug, b.slug), bytes.Compare(a.id[:], b.id[:]))
	})
	sh.children[c.parent] = list
}

// path is the way from the top to the category. It ends after MaxDepth steps whatever the rows say.
func (sh *shelves) path(v id.ID) []*shelf {
	var up []*shelf
	for c := sh.byID[v]; c != nil && len(up) < MaxDepth; c = sh.byID[c.parent] {
		up = append(up, c)
	}
	slices.Reverse(up)
	return up
}

// within says whether v is the category or one of its descendants.
func (sh *shelves) within(v, category id.ID) bool {
	return slices.ContainsFunc(sh.path(v), func(c *shelf) bool { return c.id == category })
}

// depth is the number of levels below and including the category.
func (sh *shelves) depth(v id.ID, bound int) int {
	deepest := 0
	if bound > 0 {
		for _, c := range sh.children[v] {
			deepest = max(deepest, sh.depth(c.id, bound-1))
		}
	}
	return deepest + 1
}

// current are the shelves as they stand now, read anew when somebody changed them.
func (s *Service) current(ctx context.Context) (*shelves, error) {
	_, want := s.versions(ctx)
	if sh := s.shelves.Load(); sh != nil && sh.version >= want {
		return sh, nil
	}
	s.loading.Lock()
	defer s.loading.Unlock()
	if sh := s.shelves.Load(); sh != nil && sh.version >= want {
		return sh, nil
	}
	var sh *shelves
	err := s.db.Snapshot(ctx, func(tx *db.Tx) error {
		_, version, err := readVersion(tx)
		if err != nil {
			return err
		}
		sh, err = loadShelves(tx, version)
		return err
	})
	if err == nil {
		s.shelves.Store(sh)
	}
	return sh, err
}
