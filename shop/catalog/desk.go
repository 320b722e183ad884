package catalog

import (
	"context"
	"slices"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/shop/stock"
)

var (
	errChangedMeanwhile = fault.New(fault.Conflict, "catalog.changed_meanwhile")
	errProductGone      = fault.New(fault.NotFound, "catalog.product_gone")
)

// allow lets the actor pass, or writes its refusal down.
func (s *Service) allow(ctx context.Context, by access.Actor, p access.Permission, action string, object id.ID) error {
	return s.audit.Allow(ctx, by, p, audit.Act{Action: action, Object: "catalog", ObjectID: object})
}

// MayEdit asks whether who may change products, for a page that would otherwise begin to read what is handed in.
func (s *Service) MayEdit(ctx context.Context, by access.Actor) error {
	return s.allow(ctx, by, access.ProductEdit, "catalog.put", id.ID{})
}

// mayPut asks for what can be known before the product is read.
func (s *Service) mayPut(ctx context.Context, o PutOptions) error {
	if err := s.allow(ctx, o.Actor, access.ProductEdit, "catalog.put", id.ID{}); err != nil || !o.Recount {
		return err
	}
	return s.allow(ctx, o.Actor, access.StockEdit, "catalog.put", id.ID{})
}

// refused writes a refusal down that showed only inside the transaction, which cannot write it.
func (s *Service) refused(ctx context.Context, by access.Actor, action string, err error) error {
	if s.audit != nil && fault.Is(err, fault.Forbidden) {
		s.audit.Refuse(ctx, audit.Entry{Actor: by, Action: action, Object: "catalog", Reason: "denied"})
	}
	return err
}

// setStock writes the pieces of a new variant, or of one that is counted anew with its product.
func (w *writing) setStock(variant id.ID, pieces int64, o PutOptions) error {
	if pieces != 0 {
		if err := access.Require(o.Actor, access.StockEdit); err != nil {
			return err
		}
	}
	return w.s.stock.SetTx(w.Tx, stock.Change{Variant: variant, Pieces: pieces, Reason: stock.Imported, Actor: o.Actor})
}

// Editing is a product as its editor's page needs it: what Put takes, and what Put must be given back.
type Editing struct {
	ID      id.ID
	Input   Input
	Updated time.Time // for PutOptions.Seen
	Images  []EditingImage
	Levels  []stock.Level // of Input.Variants, in their order
	IDs     []id.ID       // of Input.Variants
}

// EditingImage is how far a picture of the product is.
type EditingImage struct {
	Image
	State  string // waiting, ready, refused
	Reason string // message key of a refusal
}

// Edit reads a product for its editor, drafts included.
func (s *Service) Edit(ctx context.Context, by access.Actor, handle string) (e Editing, err error) {
	defer fault.Wrap(&err, "catalog: edit")
	if err := s.allow(ctx, by, access.ProductView, "catalog.edit", id.ID{}); err != nil {
		return e, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		p, ok, err := productByHandle(tx, handle)
		if err == nil && !ok {
			err = errProductGone
		}
		if err != nil {
			return err
		}
		sh, err := loadShelves(tx, 0)
		if err != nil {
			return err
		}
		e = Editing{ID: p.id, Input: p.input(sh), Updated: p.updatedAt}
		if e.Images, err = editingImages(tx, p.source.Images); err != nil {
			return err
		}
		for _, v := range p.active() {
			l, err := s.stock.LevelTx(tx, v.id)
			if err != nil {
				return err
			}
			e.IDs, e.Levels = append(e.IDs, v.id), append(e.Levels, l)
		}
		return nil
	})
	return e, err
}

// input is the product in the form in which it is put in.
func (p *productRow) input(sh *shelves) Input {
	in := Input{Handle: p.handle, State: p.state, Texts: p.source.Texts, Options: p.source.Options, Images: p.source.Images,
		TaxClass: p.taxClass, Producer: p.producer, EUContact: p.euContact, Popularity: p.popularity}
	for _, c := range p.categories {
		if sh.byID[c] != nil {
			in.Categories = append(in.Categories, sh.byID[c].slug)
		}
	}
	for _, v := range p.active() {
		in.Variants = append(in.Variants, VariantInput{SKU: v.sku, Values: v.names, Price: v.price, WasPrice: v.was,
			UnitAmount: v.unitAmount, UnitBase: v.unitBase, WeightGrams: v.weight, MaxPerOrder: v.maxPerOrder})
	}
	return in
}

// change has fn change a product that is there, and puts it back whole, so that every rule of Put holds here too. The
// entry in the log says what it was about.
func (s *Service) change(ctx context.Context, o PutOptions, handle string, about audit.Entry, fn func(in *Input) error) error {
	err := s.write(ctx, func(w *writing) error {
		p, ok, err := productByHandle(w.Tx, handle)
		if err == nil && !ok {
			err = errProductGone
		}
		if err != nil {
			return err
		}
		in := p.input(w.sh)
		if err := fn(&in); err != nil {
			return err
		}
		if f := in.Check(); f != nil {
			return f
		}
		if _, err = w.put(in, o); err != nil {
			return err
		}
		about.ObjectID = p.id
		return w.enter(o.Actor, about)
	})
	return s.refused(ctx, o.Actor, about.Action, err)
}

// SetState hides a product (Draft) or shows it (Published).
func (s *Service) SetState(ctx context.Context, by access.Actor, handle, state string) (err error) {
	defer fault.Wrap(&err, "catalog: set state")
	if err := s.allow(ctx, by, access.ProductEdit, "catalog.put", id.ID{}); err != nil {
		return err
	}
	about := audit.Entry{Action: "catalog.put", Facts: []audit.Fact{{Key: "state", Text: state}}}
	return s.change(ctx, PutOptions{Actor: by}, handle, about, func(in *Input) error { in.State = state; return nil })
}

// PriceReasons are the words for why a price was changed. Each has a text under "catalog.because_" and the word.
func PriceReasons() []string {
	return []string{"cost", "sale", "sale_over", "season", "mistake", "other"}
}

// NewPrice is what a variant costs from now on, and why.
type NewPrice struct {
	SKU    string
	Price  money.Amount
	Was    money.Amount // what the reduction is held against, or 0
	Reason string       // one of PriceReasons
	Seen   time.Time    // as PutOptions.Seen
}

// SetPrice changes what a variant costs. The price that held until now stays in the history, from which the lowest of
// the last 30 days is told.
func (s *Service) SetPrice(ctx context.Context, by access.Actor, handle string, n NewPrice) (err error) {
	defer fault.Wrap(&err, "catalog: set price")
	if err := s.allow(ctx, by, access.PriceEdit, "catalog.price", id.ID{}); err != nil {
		return err
	}
	if !slices.Contains(PriceReasons(), n.Reason) {
		return fault.New(fault.Invalid, "catalog.invalid").WithField("reason", "catalog.price_reason", nil)
	}
	about := audit.Entry{Action: "catalog.price", Reason: n.Reason,
		Facts: []audit.Fact{{Key: "sku", Text: n.SKU}, {Key: "price", Int: int64(n.Price)}}}
	return s.change(ctx, PutOptions{Actor: by, Seen: n.Seen}, handle, about, func(in *Input) error {
		i := slices.IndexFunc(in.Variants, func(v VariantInput) bool { return v.SKU == n.SKU })
		if i < 0 {
			return errProductGone
		}
		in.Variants[i].Price, in.Variants[i].WasPrice = n.Price, n.Was
		return nil
	})
}

// SetPictures says which pictures a product has, in which order and with which words. Pictures come from AddImage.
func (s *Service) SetPictures(ctx context.Context, by access.Actor, handle string, seen time.Time, list []Picture) (err error) {
	defer fault.Wrap(&err, "catalog: set pictures")
	if err := s.allow(ctx, by, access.ProductEdit, "catalog.put", id.ID{}); err != nil {
		return err
	}
	about := audit.Entry{Action: "catalog.put", Facts: []audit.Fact{{Key: "pictures", Int: int64(len(list))}}}
	return s.change(ctx, PutOptions{Actor: by, Seen: seen}, handle, about, func(in *Input) error { in.Images = list; return nil })
}
