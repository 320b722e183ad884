package cart

import (
	"context"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/shop/catalog"
	"strongroom/shop/delivery"
	"strongroom/shop/price"
)

// Ask is what a view is made for. All of it may be empty.
type Ask struct {
	Lang     string
	Country  string // of delivery; "" takes the cart's, and then the shop's
	Postcode string
	Offer    string // key of the chosen delivery; "" or one that is not offered takes the first
	Contact  id.ID  // contact handle, for codes that are limited for each person
}

// ViewLine is one line as a page shows it.
type ViewLine struct {
	Line
	Item      catalog.Item
	Total     money.Amount // unit price times quantity, before discounts
	Unit      price.UnitPrice
	HasUnit   bool
	Available int64
	Most      int64  // how much can be chosen
	Problem   string // message key with parameter n: why the line cannot be ordered so; "" if it can
}

// View is all that a page shows of a cart, computed afresh.
type View struct {
	Cart      Cart
	Lines     []ViewLine
	Totals    price.Totals
	Offers    []delivery.Offer
	Offer     *delivery.Offer // the chosen one, or the estimate
	Codes     []price.Discount
	Gone      []price.Refusal // codes of the cart that cannot be used any more
	Country   string
	Weight    int64
	Count     int64
	Estimated bool   // the place of delivery is a guess
	NoWay     string // message key: why nothing can be delivered there; "" if it can
	Ready     bool   // everything can be ordered as it stands
}

// View reads the cart of a token and computes it.
func (s *Service) View(ctx context.Context, token id.Token, ask Ask) (View, error) {
	c, err := s.Get(ctx, token)
	if err != nil {
		return View{}, err
	}
	if !c.ID.IsZero() {
		if err := s.touch(ctx, c); err != nil {
			return View{}, err
		}
	}
	return s.Compute(ctx, c, ask)
}

// touch writes only when the last touch is a minute ago.
func (s *Service) touch(ctx context.Context, c Cart) error {
	if s.d.DB.Clock().Now().Sub(c.Touched) < touchEvery {
		return nil
	}
	return s.d.DB.Write(ctx, func(tx *db.Tx) error { return touch(tx, c.ID) })
}

// Compute asks the catalogue, the stock, delivery and price what the cart costs now.
func (s *Service) Compute(ctx context.Context, c Cart, ask Ask) (v View, err error) {
	defer fault.Wrap(&err, "cart: compute")
	v = View{Cart: c, Count: c.Count(), Country: ask.Country, Estimated: ask.Country == ""}
	if v.Country == "" {
		v.Country = c.Country
	}
	if v.Country == "" {
		v.Country = s.d.Home
	}
	basket := price.Basket{Mode: s.d.Mode, Country: v.Country, Postcode: ask.Postcode,
		Day: price.DayOf(s.d.DB.Clock().Now(), s.d.Zone)}
	if err := s.lines(ctx, &v, &basket, ask.Lang); err != nil {
		return v, err
	}
	if v.Codes, v.Gone, err = s.d.Price.Current(ctx, c.Codes, ask.Contact); err != nil {
		return v, err
	}
	basket.Discounts = v.Codes
	if err := s.total(&v, &basket); err != nil {
		return v, err
	}
	if err := s.deliver(ctx, &v, &basket, ask); err != nil {
		return v, err
	}
	v.Ready = v.ready()
	return v, nil
}

// lines fills in what the catalogue and the stock say. What is no longer sold stays in view and out of the basket.
func (s *Service) lines(ctx context.Context, v *View, b *price.Basket, lang string) error {
	if v.Cart.Empty() {
		return nil
	}
	variants := v.Cart.variants()
	items, err := s.d.Catalog.Items(ctx, lang, variants)
	if err != nil {
		return err
	}
	stock, err := s.d.Stock.Available(ctx, variants)
	if err != nil {
		return err
	}
	for _, l := range v.Cart.Lines {
		item, ok := items[l.Variant]
		line := ViewLine{Line: l, Item: item, Available: max(0, stock[l.Variant])}
		line.Most = min(mostOf(item), line.Available)
		line.Problem = line.problem(ok)
		if ok && item.Sellable {
			if line.Total, err = money.Times(item.Price, l.Quantity); err != nil {
				return fault.New(fault.Invalid, "price.too_large").Because(err)
			}
			line.Unit, line.HasUnit = price.PerUnit(item.Price, item.UnitAmount, item.UnitBase)
			v.Weight += item.WeightGrams * l.Quantity
			b.Lines = append(b.Lines, price.Line{Unit: item.Price, Quantity: l.Quantity, TaxClass: item.TaxClass})
		}
		v.Lines = append(v.Lines, line)
	}
	return nil
}

// problem is the message that says why the line cannot be ordered as it stands.
func (l ViewLine) problem(known bool) string {
	switch {
	case !known || !l.Item.Sellable:
		return "cart.gone"
	case l.Available == 0:
		return "cart.sold_out"
	case l.Quantity > l.Available:
		return "cart.short"
	case l.Quantity > l.Most:
		return "cart.limit"
	}
	return ""
}

// total prices the basket. For a place that tax or delivery cannot serve it shows the sums at home and says so.
func (s *Service) total(v *View, b *price.Basket) (err error) {
	v.Totals, err = price.Calculate(s.d.Taxes, *b)
	f := fault.As(err)
	if f == nil || f.Key != "price.territory" && f.Key != "price.not_delivered" {
		return err
	}
	v.NoWay = f.Key
	b.Country, b.Postcode = s.d.Home, ""
	v.Totals, err = price.Calculate(s.d.Taxes, *b)
	return err
}

// deliver finds the offers for what the goods cost after discounts, and prices the basket with the chosen one.
func (s *Service) deliver(ctx context.Context, v *View, b *price.Basket, ask Ask) (err error) {
	if v.NoWay != "" || len(b.Lines) == 0 {
		return nil
	}
	goods := v.Totals.Goods - v.Totals.Discount
	if v.Offers, err = s.d.Delivery.Offers(ctx, v.Country, ask.Postcode, v.Weight, goods); err != nil {
		return err
	}
	if len(v.Offers) == 0 {
		v.NoWay = "cart.no_delivery"
		return nil
	}
	v.Offer = &v.Offers[0]
	for i := range v.Offers {
		if v.Offers[i].Key == ask.Offer {
			v.Offer = &v.Offers[i]
		}
	}
	b.Delivery = v.Offer.Price
	return s.total(v, b)
}

func (v View) ready() bool {
	for _, l := range v.Lines {
		if l.Problem != "" {
			return false
		}
	}
	return len(v.Lines) > 0 && v.NoWay == "" && v.Cart.State == Open
}

// Expected is the estimated range of days, and false while nothing can be delivered.
func (v View) Expected() (from, until time.Time, ok bool) {
	if v.Offer == nil {
		return time.Time{}, time.Time{}, false
	}
	return v.Offer.From, v.Offer.Until, true
}
