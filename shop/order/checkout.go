package order

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/guard/vault"
	"strongroom/shop/cart"
	"strongroom/shop/catalog"
	"strongroom/shop/delivery"
	"strongroom/shop/price"
	"strongroom/shop/stock"
)

var (
	errCartEmpty   = fault.New(fault.Conflict, "order.cart_empty")
	errNoDraft     = fault.New(fault.Conflict, "order.no_draft")
	errNotSellable = fault.New(fault.Conflict, "order.not_sellable")
)

// basket is a cart with what the catalogue says of it now.
type basket struct {
	cart   cart.Cart
	proof  []byte // keyed hash of the cart's token
	lang   string
	items  []catalog.Item // one for each line of the cart
	weight int64

	contact   id.ID // handle of the person, for limits of codes; zero without codes
	discounts []price.Discount
}

// basketOf reads an open cart that is not empty and can be ordered as it is.
func (s *Service) basketOf(ctx context.Context, token id.Token, lang string) (b basket, err error) {
	if b.cart, err = s.d.Cart.Get(ctx, token); err != nil {
		return b, err
	}
	if b.cart.State != cart.Open || len(b.cart.Lines) == 0 {
		return b, errCartEmpty
	}
	b.proof, b.lang = s.proof("cart", []byte(token.Clear())), lang
	variants := make([]id.ID, len(b.cart.Lines))
	for i, l := range b.cart.Lines {
		variants[i] = l.Variant
	}
	items, err := s.d.Catalog.Items(ctx, lang, variants)
	if err != nil {
		return b, err
	}
	for _, l := range b.cart.Lines {
		it, ok := items[l.Variant]
		if !ok || !it.Sellable || (it.MaxPerOrder > 0 && l.Quantity > it.MaxPerOrder) {
			return b, errNotSellable
		}
		b.items = append(b.items, it)
		b.weight += it.WeightGrams * l.Quantity
	}
	return b, nil
}

func (b basket) names() map[id.ID]string {
	m := make(map[id.ID]string, len(b.items))
	for _, it := range b.items {
		m[it.Variant] = it.Name
	}
	return m
}

func (b basket) wants() []stock.Want {
	w := make([]stock.Want, len(b.cart.Lines))
	for i, l := range b.cart.Lines {
		w[i] = stock.Want{Variant: l.Variant, Quantity: l.Quantity}
	}
	return w
}

// Draft validates and keeps, sealed, what a guest typed for the cart. Faults carry a message for each field; field
// names are email, phone, note, offer, delivery.name, delivery.street and so on, billing.name and so on.
func (s *Service) Draft(ctx context.Context, cart id.Token, lang string, d Details) (err error) {
	defer fault.Wrap(&err, "order: draft")
	b, err := s.basketOf(ctx, cart, lang)
	if err != nil {
		return err
	}
	d, err = s.checked(ctx, b, d)
	if err != nil {
		return err
	}
	for range draws { // two saves at once: the later one saves over the earlier
		if err = s.save(ctx, b.cart.ID, lang, d); !errors.Is(err, errMoved) {
			return err
		}
	}
	return err
}

// save writes the details over the cart's draft, or makes one.
func (s *Service) save(ctx context.Context, cart id.ID, lang string, d Details) error {
	var old draft
	var again bool
	if err := s.read(ctx, func(tx *db.Tx) (err error) { old, again, err = draftOf(tx, cart); return err }); err != nil {
		return err
	}
	if again {
		return s.saveAgain(ctx, old, lang, d)
	}
	return s.saveFirst(ctx, cart, lang, d)
}

// checked cleans the details and checks that the chosen delivery goes there; the cheapest is taken if none was chosen.
func (s *Service) checked(ctx context.Context, b basket, d Details) (Details, error) {
	pickUp, err := s.pickUp(ctx, b, d.Offer)
	if err != nil {
		return d, err
	}
	if d, err = clean(d, pickUp, s.d.Shop.Country); err != nil {
		return d, err
	}
	if err = s.discount(ctx, &b, d.Email); err != nil {
		return d, err
	}
	o, err := s.offer(ctx, b, d.Delivery, d.Offer)
	d.Offer = o.Key
	return d, err
}

// pickUp says whether the offer of that key is one of picking up, for which no address is needed.
func (s *Service) pickUp(ctx context.Context, b basket, key string) (bool, error) {
	offers, err := s.d.Delivery.Offers(ctx, s.d.Shop.Country, "", b.weight, 0)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(offers, func(o delivery.Offer) bool { return o.Key == key && o.PickUp }), nil
}

// discount reads the codes of the cart as they apply to the person.
func (s *Service) discount(ctx context.Context, b *basket, email string) (err error) {
	if len(b.cart.Codes) == 0 {
		return nil
	}
	if b.contact, err = s.d.Vault.Contact(ctx, vault.Typed(email)); err != nil {
		return err
	}
	b.discounts, _, err = s.d.Price.Current(ctx, b.cart.Codes, b.contact)
	slices.SortFunc(b.discounts, func(x, y price.Discount) int { return bytes.Compare(x.Code[:], y.Code[:]) })
	return err
}

// total computes what the basket costs at a place, with delivery at that price.
func (s *Service) total(b basket, to Recipient, shipping money.Amount) (price.Totals, error) {
	p := price.Basket{Mode: price.Mode(s.d.Shop.PriceMode), Country: to.Country, Postcode: to.Postcode,
		Day: price.DayOf(s.d.DB.Clock().Now(), s.d.Shop.TimeZone), Discounts: b.discounts, Delivery: shipping}
	for i, l := range b.cart.Lines {
		it := b.items[i]
		p.Lines = append(p.Lines, price.Line{Unit: it.Price, Quantity: l.Quantity, TaxClass: it.TaxClass})
	}
	t, err := price.Calculate(s.d.Taxes, p)
	return t, inForm(err)
}

// inForm moves messages about the place to the fields of the checkout's form.
func inForm(err error) error {
	f := fault.As(err)
	if f == nil {
		return err
	}
	moved := *f
	moved.Fields = slices.Clone(f.Fields)
	for i, x := range moved.Fields {
		if x.Name == "country" || x.Name == "postcode" {
			moved.Fields[i].Name = "delivery." + x.Name
		}
	}
	return &moved
}

// offer finds the delivery of that key for a place, or the cheapest for an empty key.
func (s *Service) offer(ctx context.Context, b basket, to Recipient, key string) (o delivery.Offer, err error) {
	t, err := s.total(b, to, 0)
	if err != nil {
		return o, err
	}
	offers, err := s.d.Delivery.Offers(ctx, to.Country, to.Postcode, b.weight, t.Goods-t.Discount)
	if err != nil {
		return o, err
	}
	if len(offers) == 0 {
		return o, fault.New(fault.Invalid, "order.details_invalid").WithField("delivery.country", "order.no_delivery", nil)
	}
	for _, o := range offers {
		if o.Key == key || key == "" {
			return o, nil
		}
	}
	return o, fault.New(fault.Invalid, "order.details_invalid").WithField("offer", "order.offer_gone", nil)
}

// saveFirst makes a draft: the keys first, the data second, the confirmation of the keys last.
func (s *Service) saveFirst(ctx context.Context, cart id.ID, lang string, d Details) error {
	subject, err := s.d.Vault.NewSubject(ctx, vault.Fulfilment, vault.Fiscal)
	if err != nil {
		return err
	}
	n := draft{id: id.New(s.d.DB.Clock().Now(), nil), cart: cart, subject: subject, attempt: random(16), language: lang,
		country: d.Delivery.Country, offer: d.Offer}
	sealed, err := s.seal(ctx, subject, n.id, d)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		fresh, err := insertDraft(tx, n)
		if err == nil && !fresh {
			err = errMoved // another first save was quicker; the unused keys are swept
		}
		if err != nil {
			return err
		}
		return insertPersonal(tx, n.id, subject, sealed, d)
	})
	if err != nil {
		return err
	}
	return s.d.Vault.Confirm(ctx, subject)
}

func (s *Service) saveAgain(ctx context.Context, old draft, lang string, d Details) error {
	sealed, err := s.seal(ctx, old.subject, old.id, d)
	if err != nil {
		return err
	}
	old.language, old.country, old.offer = lang, d.Delivery.Country, d.Offer
	return s.write(ctx, func(tx *db.Tx) error {
		if err := updateDraft(tx, old); err != nil {
			return err
		}
		return updatePersonal(tx, old.id, sealed, d)
	})
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	return b
}

// Typed returns what the cart's draft holds, for the first page to show again. When an order of the same cart came to
// nothing, what was typed for that one is shown. False when there is neither.
func (s *Service) Typed(ctx context.Context, token id.Token) (d Details, found bool, err error) {
	defer fault.Wrap(&err, "order: typed")
	c, err := s.d.Cart.Get(ctx, token)
	if err != nil || c.ID.IsZero() {
		return d, false, err
	}
	var holder, subject id.ID
	var offer string
	err = s.read(ctx, func(tx *db.Tx) error {
		dr, ok, err := draftOf(tx, c.ID)
		if err != nil || ok {
			holder, subject, offer = dr.id, dr.subject, dr.offer
			return err
		}
		o, ok, err := lastOfCart(tx, c.ID)
		if ok && o.State == Expired {
			holder, subject, offer = o.ID, o.Subject, o.Offer
		}
		return err
	})
	if err != nil || holder.IsZero() {
		return d, false, err
	}
	d, err = s.reveal(ctx, holder, subject, access.Guest(c.ID, noOrigin))
	d.Offer = offer
	return d, err == nil, err
}

// content is everything that an order says, computed now.
type content struct {
	draft   draft
	basket  basket
	offer   delivery.Offer
	totals  price.Totals
	details Details
	shown   shown
}

// content computes what the second page shows and what is ordered: only from the catalogue, the prices and the
// delivery of the store, never from anything that a form says.
func (s *Service) content(ctx context.Context, token id.Token, lang string) (c content, err error) {
	if c.basket, err = s.basketOf(ctx, token, lang); err != nil {
		return c, err
	}
	var ok bool
	err = s.read(ctx, func(tx *db.Tx) (err error) { c.draft, ok, err = draftOf(tx, c.basket.cart.ID); return err })
	if err == nil && !ok {
		err = errNoDraft
	}
	if err != nil {
		return c, err
	}
	c.details, err = s.reveal(ctx, c.draft.id, c.draft.subject, access.Guest(c.basket.cart.ID, noOrigin))
	if err != nil {
		return c, err
	}
	c.details.Offer = c.draft.offer
	if err = s.discount(ctx, &c.basket, c.details.Email); err != nil {
		return c, err
	}
	if c.offer, err = s.offer(ctx, c.basket, c.details.Delivery, c.draft.offer); err != nil {
		return c, err
	}
	if c.totals, err = s.total(c.basket, c.details.Delivery, c.offer.Price); err != nil {
		return c, err
	}
	c.shown = c.show(s.d.Shop.PriceMode, string(s.d.Shop.Currency))
	return c, nil
}

func (c content) show(mode, currency string) shown {
	s := shown{Attempt: c.draft.attempt, Draft: c.draft.id, Version: c.draft.version, Cart: c.basket.proof,
		Offer: c.offer.Key, Discount: c.totals.Discount, Shipping: c.totals.Shipping, Tax: c.totals.Tax,
		Total: c.totals.Total, Currency: currency, PriceMode: mode}
	for i, l := range c.basket.cart.Lines {
		s.Lines = append(s.Lines, shownLine{l.Variant, l.Quantity, c.basket.items[i].Price, c.totals.Lines[i].Total})
	}
	var codes []string
	for _, d := range c.basket.discounts {
		codes = append(codes, d.Code.String())
	}
	s.Codes = strings.Join(codes, " ")
	return s
}

// lines copies what the order needs of the catalogue.
func (c content) lines() []Line {
	out := make([]Line, len(c.basket.items))
	for i, it := range c.basket.items {
		t := c.totals.Lines[i]
		out[i] = Line{Position: i + 1, Variant: it.Variant, Product: it.Product, Handle: it.Handle, SKU: it.SKU,
			Name: it.Name, Options: it.Options, Image: it.Image.File(320), Producer: it.Producer, EUContact: it.EUContact,
			TaxClass: it.TaxClass, Quantity: c.basket.cart.Lines[i].Quantity, Unit: it.Price, Gross: t.Goods,
			Discount: t.Discount, Rate: t.Rate.PPM, Net: t.Net, Tax: t.Tax, Total: t.Total}
	}
	return out
}

func (c content) taxes() []Tax {
	out := make([]Tax, len(c.totals.Taxes))
	for i, t := range c.totals.Taxes {
		out[i] = Tax{Rate: t.PPM, Net: t.Net, Tax: t.Tax}
	}
	return out
}

// codes are the hints of the discount codes: what pages show of them.
func (c content) codes() string {
	var hints []string
	for _, d := range c.basket.discounts {
		hints = append(hints, d.Hint)
	}
	return strings.Join(hints, ", ")
}

// Review computes the second page. It is a Conflict "order.no_draft" when the details are still missing.
func (s *Service) Review(ctx context.Context, cart id.Token, lang string) (r Review, err error) {
	defer fault.Wrap(&err, "order: review")
	c, err := s.content(ctx, cart, lang)
	if err != nil {
		return r, err
	}
	t := c.totals
	return Review{Lines: c.lines(), Taxes: c.taxes(), Currency: s.d.Shop.Currency, Mode: s.d.Shop.PriceMode,
		Goods: t.Goods, Discount: t.Discount, Shipping: t.Shipping, Net: t.Net, Tax: t.Tax, Total: t.Total,
		Code: c.codes(), Offer: c.offer.Key, OfferName: c.offer.Name(lang), PickUp: c.offer.PickUp,
		DaysMin: c.offer.DaysMin, DaysMax: c.offer.DaysMax, From: c.offer.From, Until: c.offer.Until, Details: c.details,
		Attempt: c.shown.pack(s.d.Vault.Sign)}, nil
}
