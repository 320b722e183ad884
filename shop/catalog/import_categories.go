package catalog

import (
	"context"
	"errors"
	"io"

	"strongroom/base/fault"
)

// ImportCategories keeps the categories of a CSV file with the columns slug, parent, position, title:LANG, intro:LANG
// and image. The order of the rows does not matter. As with Import, everything that is wrong is reported and nothing is
// kept; otherwise all of them are kept in one transaction.
func (s *Service) ImportCategories(ctx context.Context, r io.Reader, o Options) (rep Report, err error) {
	defer fault.Wrap(&err, "catalog: import categories")
	pics, err := findPictures(o)
	if err != nil {
		return rep, err
	}
	sh, err := s.current(ctx)
	if err != nil {
		return rep, err
	}
	t, ins, names, err := readCategories(r, pics)
	if err != nil {
		return rep, err
	}
	ins, names = sortParents(t, ins, names, sh)
	if len(t.findings) > 0 {
		return rep, rep.refused(t)
	}
	rep.Categories = len(ins)
	if o.DryRun {
		return rep, nil
	}
	for i, name := range names {
		if name == "" {
			continue
		}
		if ins[i].Image, err = pics.add(ctx, s, name); err != nil {
			return rep, err
		}
	}
	if _, err := s.PutCategories(ctx, o.Actor, ins); err != nil {
		return rep, err
	}
	return rep, s.refresh(ctx, nil)
}

// readCategories reads the rows, and beside them the names of their pictures in the file.
func readCategories(r io.Reader, pics *pictures) (t *table, ins []CategoryInput, names []string, err error) {
	t, err = openTable(r, columnsAre([]string{"slug", "parent", "position", "image"}, []string{"title", "intro"}), "slug")
	if err != nil || len(t.findings) > 0 {
		return t, nil, nil, ignoreEnough(err)
	}
	im := &importer{}
	for {
		row, err := t.next()
		if errors.Is(err, io.EOF) {
			return t, ins, names, nil
		}
		if err != nil {
			return t, ins, names, ignoreEnough(err)
		}
		in := CategoryInput{Slug: t.get(row, "slug"), Parent: t.get(row, "parent"),
			Position: im.number(t, row, t.line, "position"), Title: t.texts(row, "title"), Intro: t.texts(row, "intro")}
		name := t.get(row, "image")
		if name != "" && !pics.has(name) && !imageName(name) {
			t.find(t.at("image"), "image", "catalog.csv.image_missing", fault.Params{"name": shown(name)})
		}
		if f := in.Check(); f != nil {
			for _, x := range f.Fields {
				t.find(t.at(x.Name), x.Name, x.Key, x.Params)
			}
		}
		if len(ins) >= MaxCategories {
			t.find(0, "", "catalog.too_many", fault.Params{"max": MaxCategories})
			return t, ins, names, nil
		}
		ins, names = append(ins, in), append(names, name)
	}
}

// sortParents brings parents before their children, and notes parents that are not there and slugs that are twice.
func sortParents(t *table, ins []CategoryInput, names []string, sh *shelves) (out []CategoryInput, sorted []string) {
	index := map[string]int{}
	for i, in := range ins {
		if _, twice := index[in.Slug]; twice {
			t.findAt(0, t.at("slug"), "slug", "catalog.csv.slug_twice", fault.Params{"slug": shown(in.Slug)})
		}
		index[in.Slug] = i
	}
	done := map[string]bool{}
	var put func(i, depth int)
	put = func(i, depth int) {
		in := ins[i]
		if done[in.Slug] {
			return
		}
		if up, inFile := index[in.Parent]; inFile && depth < MaxDepth {
			put(up, depth+1)
		}
		if in.Parent != "" && !done[in.Parent] && sh.bySlug[in.Parent] == nil {
			t.findAt(0, t.at("parent"), "parent", "catalog.parent_unknown", fault.Params{"slug": shown(in.Parent)})
		}
		if done[in.Slug] {
			return
		}
		done[in.Slug] = true
		out, sorted = append(out, in), append(sorted, names[i])
	}
	for i := range ins {
		put(i, 0)
	}
	return out, sorted
}
