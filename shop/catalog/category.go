package catalog

import (
	"context"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// CategoryInput is a category to be kept.
type CategoryInput struct {
	Slug     string
	Parent   string // slug; empty for the top
	Position int64
	Title    Text
	Intro    Text   // Markdown
	Image    string // name of a picture; empty for none
}

// Check says what is wrong with the input; nil if nothing is.
func (in CategoryInput) Check() *fault.Error {
	f := fault.New(fault.Invalid, "catalog.invalid")
	if !Slug(in.Slug) {
		f.WithField("slug", "catalog.handle", nil)
	}
	if in.Parent != "" && !Slug(in.Parent) || in.Parent == in.Slug {
		f.WithField("parent", "catalog.parent", nil)
	}
	if in.Position < 0 || in.Position > 1e9 {
		f.WithField("position", "catalog.number", nil)
	}
	if in.Title.in("", nil) == "" {
		f.WithField("title", "catalog.title_missing", nil)
	}
	for tag, s := range in.Title {
		line(f, "title:"+tag, s)
	}
	for tag, s := range in.Intro {
		text(f, "intro:"+tag, s)
	}
	if in.Image != "" && !imageName(in.Image) {
		f.WithField("image", "catalog.image_unknown", nil)
	}
	if len(f.Fields) == 0 {
		return nil
	}
	return f
}

// PutCategory keeps a category: a new one, or the one that has the slug. When its place or its name changes, the
// products in it are made anew: call Refresh, or leave it to the job.
func (s *Service) PutCategory(ctx context.Context, by access.Actor, in CategoryInput) (v id.ID, err error) {
	ids, err := s.PutCategories(ctx, by, []CategoryInput{in})
	if err != nil {
		return id.ID{}, err
	}
	return ids[0], nil
}

// PutCategories keeps several categories in one transaction, parents before their children.
func (s *Service) PutCategories(ctx context.Context, by access.Actor, ins []CategoryInput) (ids []id.ID, err error) {
	defer fault.Wrap(&err, "catalog: put category")
	if err := s.allow(ctx, by, access.ProductEdit, "catalog.put_category", id.ID{}); err != nil {
		return nil, err
	}
	for _, in := range ins {
		if f := in.Check(); f != nil {
			return nil, f.With("slug", slugOf(in.Slug))
		}
	}
	err = s.write(db.Patient(ctx), func(w *writing) error { // another name of a category touches all its products
		ids = make([]id.ID, 0, len(ins))
		for _, in := range ins {
			v, err := w.putCategory(in)
			if err != nil {
				return err
			}
			ids = append(ids, v)
		}
		if len(ids) == 0 {
			return nil
		}
		return w.record(by, "catalog.put_category", ids[0], audit.Fact{Key: "categories", Int: int64(len(ids))})
	})
	return ids, err
}

func (w *writing) putCategory(in CategoryInput) (id.ID, error) {
	c := &shelf{slug: in.Slug, position: in.Position, title: in.Title, intro: in.Intro, image: in.Image}
	old := w.sh.bySlug[in.Slug]
	if old != nil {
		c.id = old.id
	} else {
		c.id = w.NewID()
	}
	if old == nil && len(w.sh.byID) >= MaxCategories {
		return c.id, fault.New(fault.Invalid, "catalog.too_many").With("max", MaxCategories)
	}
	if err := w.place(c, in.Parent); err != nil {
		return c.id, err
	}
	if in.Image != "" {
		found, err := imagesNamed(w.Tx, []string{in.Image})
		if err != nil {
			return c.id, err
		}
		w.sh.images[in.Image] = found[in.Image]
	}
	if err := putCategory(w.Tx, c); err != nil {
		return c.id, err
	}
	w.sh.put(c)
	w.reshelve = true
	if old == nil || old.parent == c.parent && sameText(old.title, c.title) {
		return c.id, nil
	}
	return c.id, markStaleIn(w.Tx, w.sh.below(c.id, MaxDepth))
}

// place finds the parent, and refuses circles and trees that are too deep.
func (w *writing) place(c *shelf, parent string) error {
	if parent == "" {
		return nil
	}
	up := w.sh.bySlug[parent]
	if up == nil || w.sh.within(up.id, c.id) || len(w.sh.path(up.id))+w.sh.depth(c.id, MaxDepth) > MaxDepth {
		return fault.New(fault.Invalid, "catalog.invalid").WithField("parent", "catalog.parent", nil)
	}
	c.parent = up.id
	return nil
}

// DeleteCategory removes a category that has neither products nor children.
func (s *Service) DeleteCategory(ctx context.Context, by access.Actor, slug string) (err error) {
	defer fault.Wrap(&err, "catalog: delete category")
	if err := s.allow(ctx, by, access.ProductEdit, "catalog.delete_category", id.ID{}); err != nil {
		return err
	}
	return s.write(ctx, func(w *writing) error {
		c := w.sh.bySlug[slug]
		if c == nil {
			return fault.New(fault.NotFound, "catalog.category_gone")
		}
		used, err := categoryInUse(w.Tx, c.id)
		if err != nil {
			return err
		}
		if used || len(w.sh.children[c.id]) > 0 {
			return fault.New(fault.Conflict, "catalog.category_used")
		}
		w.reshelve = true
		if err := deleteCategory(w.Tx, c.id); err != nil {
			return err
		}
		return w.record(by, "catalog.delete_category", c.id)
	})
}

func sameText(a, b Text) bool { return asJSON(a) == asJSON(b) }

// below are the category and its descendants.
func (sh *shelves) below(v id.ID, bound int) []id.ID {
	out := []id.ID{v}
	if bound > 0 {
		for _, c := range sh.children[v] {
			out = append(out, sh.below(c.id, bound-1)...)
		}
	}
	return out
}
