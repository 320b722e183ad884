package catalog_test

import (
	"bytes"
	"testing"
	"time"

	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/access/accesstest"
	"strongroom/shop/catalog"
)

// V8.2.1: every method of the catalogue that staff may use, with every role, nobody, and every single permission.
func TestEveryMethodWithEveryRight_V8_2_1(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := furnished(t, p)
		acts := map[string]struct {
			may access.Permission
			do  func(w access.Actor) error
		}{
			"Put": {access.ProductEdit, func(w access.Actor) error {
				_, err := s.Put(ctx, catalog.Input{}, catalog.PutOptions{Actor: w})
				return err
			}},
			"PutCategory":    {access.ProductEdit, func(w access.Actor) error { _, err := s.PutCategory(ctx, w, catalog.CategoryInput{}); return err }},
			"DeleteCategory": {access.ProductEdit, func(w access.Actor) error { return s.DeleteCategory(ctx, w, "nowhere") }},
			"AddImage":       {access.ProductEdit, func(w access.Actor) error { _, err := s.AddImage(ctx, w, bytes.NewReader(nil)); return err }},
			"AddRendered":    {access.ProductEdit, func(w access.Actor) error { _, err := s.AddRendered(ctx, w, nil); return err }},
			"SetState":       {access.ProductEdit, func(w access.Actor) error { return s.SetState(ctx, w, "nowhere", catalog.Draft) }},
			"SetPictures":    {access.ProductEdit, func(w access.Actor) error { return s.SetPictures(ctx, w, "nowhere", time.Time{}, nil) }},
			"SetPrice": {access.PriceEdit, func(w access.Actor) error {
				return s.SetPrice(ctx, w, "nowhere", catalog.NewPrice{SKU: "x", Price: 1, Reason: "cost"})
			}},
			"Edit":    {access.ProductView, func(w access.Actor) error { _, err := s.Edit(ctx, w, "nowhere"); return err }},
			"Shelf":   {access.ProductView, func(w access.Actor) error { _, _, err := s.Shelf(ctx, w, catalog.ShelfQuery{}); return err }},
			"History": {access.ProductView, func(w access.Actor) error { _, err := s.History(ctx, w, id.ID{1}); return err }},
		}
		who := accesstest.Actors()
		for _, one := range access.Permissions() {
			who["only "+string(one)] = accesstest.With(one)
		}
		for name, a := range acts {
			for role, w := range who {
				if err := a.do(w); fault.Is(err, fault.Forbidden) == w.May(a.may) {
					t.Errorf("%s by %s: %v", name, role, err)
				}
			}
		}
	})
}

// V8.2.3: who may change a product changes neither its prices nor its stock by it.
func TestFieldsHaveRightsOfTheirOwn_V8_2_3(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := furnished(t, p)
		editor := accesstest.With(access.ProductView, access.ProductEdit)
		e, err := s.Edit(ctx, editor, "bowl")
		must(t, err)
		text := e.Input
		text.Producer = "Another works, Street 2, Berlin"
		_, err = s.Put(ctx, text, catalog.PutOptions{Actor: editor, Seen: e.Updated})
		must(t, err)
		if _, err := s.Put(ctx, text, catalog.PutOptions{Actor: editor, Seen: e.Updated.Add(-time.Second)}); fault.As(err) == nil || fault.As(err).Key != "catalog.changed_meanwhile" {
			t.Errorf("an edit over somebody else's: %v", err)
		}
		dear := e.Input
		dear.Variants = append([]catalog.VariantInput(nil), e.Input.Variants...)
		dear.Variants[0].Price++
		for name, try := range map[string]func() error{
			"price":   func() error { _, err := s.Put(ctx, dear, catalog.PutOptions{Actor: editor}); return err },
			"recount": func() error { _, err := s.Put(ctx, text, catalog.PutOptions{Actor: editor, Recount: true}); return err },
			"new": func() error {
				in := bowl()
				in.Handle = "other"
				in.Variants = in.Variants[:1]
				in.Variants[0].SKU = "OTHER"
				_, err := s.Put(ctx, in, catalog.PutOptions{Actor: editor})
				return err
			},
		} {
			if err := try(); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s: %v", name, err)
			}
		}
		pricer := accesstest.With(access.PriceEdit)
		must(t, s.SetPrice(ctx, pricer, "bowl", catalog.NewPrice{SKU: e.Input.Variants[0].SKU, Price: e.Input.Variants[0].Price - 100,
			Was: e.Input.Variants[0].Price, Reason: "sale"}))
		d, err := s.Product(ctx, "en", "bowl")
		must(t, err)
		if v := d.Variants[0]; v.Price != e.Input.Variants[0].Price-100 || v.LowestPrice == 0 {
			t.Errorf("%+v", v)
		}
		h, err := s.History(ctx, editor, d.Variants[0].ID)
		must(t, err)
		if len(h) != 2 {
			t.Errorf("%d prices in the history", len(h))
		}
	})
}

func TestShelfShowsDraftsAndFinds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := furnished(t, p)
		who := access.Console()
		must(t, s.SetState(ctx, who, "bowl", catalog.Draft))
		if _, err := s.Product(ctx, "en", "bowl"); err == nil {
			t.Error("a hidden product is shown")
		}
		for name, c := range map[string]struct {
			q    catalog.ShelfQuery
			want int
		}{
			"all": {catalog.ShelfQuery{}, 1}, "drafts": {catalog.ShelfQuery{State: catalog.Draft}, 1}, "published": {catalog.ShelfQuery{State: catalog.Published}, 0},
			"beginning": {catalog.ShelfQuery{Find: "bo"}, 1}, "elsewhere": {catalog.ShelfQuery{Find: "owl"}, 0},
		} {
			rows, _, err := s.Shelf(ctx, who, c.q)
			must(t, err)
			if len(rows) != c.want || c.want == 1 && (rows[0].Title == "" || rows[0].Variants == 0 || rows[0].Price == 0) {
				t.Errorf("%s: %+v", name, rows)
			}
		}
		must(t, s.SetState(ctx, who, "bowl", catalog.Published))
		if _, err := s.Product(ctx, "en", "bowl"); err != nil {
			t.Error(err)
		}
	})
}
