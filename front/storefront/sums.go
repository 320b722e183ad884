package storefront

import (
	"strings"

	"strongroom/base/config"
	"strongroom/base/money"
	"strongroom/front/parts"
	"strongroom/shop/cart"
	"strongroom/shop/order"
	"strongroom/shop/price"
)

// bill is what stands under a list of goods, from whichever service it comes.
type bill struct {
	goods, discount, shipping, net, tax, total money.Amount
	code, way                                  string // "Discount SPR…", "Delivery: parcel"
	noWay                                      bool   // what delivery costs is not known
	taxes                                      []order.Tax
}

// sums are the rows of a bill: in an inclusive store the tax is named within the total, in an exclusive one before it.
func (s *Storefront) sums(p *parts.Page, mode string, b bill) []sumRow {
	rows := []sumRow{{p.T("shop.sum_goods"), p.Money(b.goods), ""}}
	if b.discount > 0 {
		rows = append(rows, sumRow{b.code, minus(p, b.discount), ""})
	}
	delivery := p.Money(b.shipping)
	switch {
	case b.noWay:
		delivery = p.T("shop.sum_later")
	case b.shipping == 0:
		delivery = p.T("shop.sum_free")
	}
	rows = append(rows, sumRow{b.way, delivery, ""})
	if mode == config.Exclusive {
		for _, t := range b.taxes {
			rows = append(rows, sumRow{p.T("shop.sum_tax_added", "rate", p.P.Percent(t.Rate)), p.Money(t.Tax), ""})
		}
	}
	rows = append(rows, sumRow{p.T("shop.sum_total"), p.Money(b.total), "total"})
	if mode == config.Exclusive {
		return rows
	}
	for _, t := range b.taxes {
		rows = append(rows, sumRow{p.T("shop.sum_tax_within", "rate", p.P.Percent(t.Rate)), p.Money(t.Tax), "fine"})
	}
	return rows
}

// cartSums is the bill of a cart; its delivery is an estimate until the address is known.
func (s *Storefront) cartSums(p *parts.Page, v cart.View) []sumRow {
	t := v.Totals
	b := bill{goods: t.Goods, discount: t.Discount, shipping: t.Shipping, net: t.Net, tax: t.Tax, total: t.Total,
		code: p.T("shop.sum_discount"), way: p.T("shop.sum_delivery_to", "country", p.P.Country(v.Country)),
		noWay: v.Offer == nil, taxes: taxRows(t.Taxes)}
	if v.Offer != nil && v.Offer.PickUp {
		b.way = p.T("shop.sum_delivery_with", "name", v.Offer.Name(p.Lang))
	}
	if len(v.Codes) > 0 {
		hints := make([]string, len(v.Codes))
		for i, c := range v.Codes {
			hints[i] = c.Hint
		}
		b.code = p.T("shop.sum_discount_code", "code", strings.Join(hints, ", "))
	}
	return s.sums(p, s.Shop.PriceMode, b)
}

func taxRows(list []price.TaxSum) []order.Tax {
	out := make([]order.Tax, len(list))
	for i, t := range list {
		out[i] = order.Tax{Rate: t.PPM, Net: t.Net, Tax: t.Tax}
	}
	return out
}

// reviewSums is the bill of the second page of the checkout.
func (s *Storefront) reviewSums(p *parts.Page, v order.Review) []sumRow {
	return s.sums(p, v.Mode, bill{goods: v.Goods, discount: v.Discount, shipping: v.Shipping, net: v.Net, tax: v.Tax, total: v.Total,
		code: discountName(p, v.Code), way: p.T("shop.sum_delivery_with", "name", v.OfferName), taxes: v.Taxes})
}

// orderSums is the bill of an order as it was placed, and what was sent back since.
func (s *Storefront) orderSums(p *parts.Page, v order.View) []sumRow {
	rows := s.sums(p, v.Mode, bill{goods: v.Goods, discount: v.Discount, shipping: v.Shipping, net: v.Net, tax: v.Order.Tax, total: v.Total,
		code: discountName(p, v.Code), way: p.T("shop.sum_delivery_with", "name", v.OfferName), taxes: v.Taxes})
	if v.LetGo > 0 {
		rows = append(rows, sumRow{p.T("shop.sum_let_go"), minus(p, v.LetGo), ""})
	}
	if v.Refunded > 0 {
		rows = append(rows, sumRow{p.T("shop.sum_refunded"), minus(p, v.Refunded), ""})
	}
	return rows
}

func discountName(p *parts.Page, code string) string {
	if code == "" {
		return p.T("shop.sum_discount")
	}
	return p.T("shop.sum_discount_code", "code", code)
}
