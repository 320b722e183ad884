package storefront

import (
	"context"
	"net/url"

	"github.com/a-h/templ"

	"strongroom/base/config"
	"strongroom/front/parts"
	"strongroom/shop/catalog"
)

const (
	fewLeft   = 5 // pieces from which on a page says that few are left
	mostAtOne = 9 // pieces that can be chosen on the product page; more in the cart
	related   = 4
)

// productPage is a product. The parameter v names the variant by its article number; every option is a link to the
// same page with another variant, so that choosing needs no script and each choice has an address.
func (s *Storefront) productPage(q *request) (url.Values, maker, error) {
	sku := q.query.Typed("v")
	normal := url.Values{}
	if sku != "" && len(sku) <= 64 {
		normal.Set("v", sku)
	}
	return normal, func(ctx context.Context) (templ.Component, error) {
		product, err := s.Catalog.Product(ctx, q.code, q.handle)
		if err != nil {
			return nil, err
		}
		v := chosen(product, sku)
		p := &productPage{Page: s.productHead(q, product, normal), Name: product.Title, Lead: product.Summary}
		p.Way = wayTo(q.site, product.Path, product.Title)
		for _, i := range product.Images {
			p.Pictures = append(p.Pictures, picture(i, product.Title))
		}
		s.fillVariant(p, v)
		p.Options = options(q.site, product, v)
		p.Facts = facts(q.site, product, v)
		if p.Story, err = prose(product.Description); err != nil {
			return nil, err
		}
		if p.Assure, err = s.assurances(ctx, q.site, v); err != nil {
			return nil, err
		}
		if p.Related, err = s.related(ctx, q, product); err != nil {
			return nil, err
		}
		p.Data = []string{s.productData(q.site, product), breadcrumbs(q.site, p.Way)}
		return productView(p), nil
	}, nil
}

func (s *Storefront) productHead(q *request, product catalog.Product, normal url.Values) *parts.Page {
	path := "/p/" + product.Handle
	p := &parts.Page{Site: q.site, Title: product.Title, Path: path, Canonical: path, Query: normal.Encode(), Kind: "product",
		Description: shorten(product.Summary, 155), Scripts: []string{s.Assets.Path("add.js")}}
	if len(product.Images) > 0 {
		p.Picture = s.Shop.URL(picture(product.Images[0], "").Largest())
	}
	if len(product.Path) > 0 {
		p.Section = product.Path[0].Slug
	}
	return p
}

// chosen is the variant that the address names, else the first that can be bought, else the first. A product always
// has a variant; the zero Variant stands for one that has lost all.
func chosen(p catalog.Product, sku string) catalog.Variant {
	var first *catalog.Variant
	for i, v := range p.Variants {
		if v.SKU == sku {
			return v
		}
		if first == nil && v.Available > 0 {
			first = &p.Variants[i]
		}
	}
	switch {
	case first != nil:
		return *first
	case len(p.Variants) > 0:
		return p.Variants[0]
	}
	return catalog.Variant{}
}

// fillVariant fills in price and availability of the chosen variant.
func (s *Storefront) fillVariant(p *productPage, v catalog.Variant) {
	t := p.T
	p.Price = priceOf(p.Site, v.Price, v.WasPrice, v.LowestPrice)
	p.Price.Unit = unitPrice(p.Site, v.Price, v.UnitAmount, v.UnitBase)
	p.TaxNote = t("shop.price_inclusive_plain")
	if s.Shop.PriceMode == config.Exclusive {
		p.TaxNote = t("shop.price_exclusive_plain")
	}
	switch {
	case v.Available <= 0:
		p.Stock = stockNote{t("shop.sold_out"), "out"}
		return
	case v.Available <= fewLeft:
		p.Stock = stockNote{t("shop.few_left"), "low"}
	default:
		p.Stock = stockNote{t("shop.in_stock"), ""}
	}
	p.Variant, p.Most = v.ID.String(), mostAtOne
	if v.MaxPerOrder > 0 {
		p.Most = min(p.Most, int(v.MaxPerOrder))
	}
	p.Most = int(min(int64(p.Most), v.Available))
}

// options are the choices of a product: each value leads to the variant that has it and keeps the other values.
func options(s *parts.Site, p catalog.Product, v catalog.Variant) []optionGroup {
	var out []optionGroup
	for i, o := range p.Options {
		g := optionGroup{Name: o.Name}
		for _, val := range o.Values {
			to, exact := nearest(p, v, i, val.Key)
			x := optionValue{Text: val.Name, Href: "?v=" + url.QueryEscape(to.SKU), Out: !exact || to.Available <= 0}
			if i < len(v.Values) && v.Values[i].Key == val.Key {
				x.Current, g.Chosen = true, val.Name
			}
			if to.SKU != "" {
				g.Values = append(g.Values, x)
			}
		}
		out = append(out, g)
	}
	return out
}

// nearest is the variant that has the value in option i and otherwise shares most with v. exact says that it shares
// all else.
func nearest(p catalog.Product, v catalog.Variant, i int, key string) (catalog.Variant, bool) {
	best, bestShared := catalog.Variant{}, -1
	for _, w := range p.Variants {
		if i >= len(w.Values) || w.Values[i].Key != key {
			continue
		}
		shared := 0
		for j := range w.Values {
			if j != i && j < len(v.Values) && w.Values[j].Key == v.Values[j].Key {
				shared += 2
			}
		}
		if w.Available > 0 {
			shared++ // among equals the one that can be bought
		}
		if shared > bestShared {
			best, bestShared = w, shared
		}
	}
	return best, bestShared/2 == len(p.Options)-1
}

func facts(s *parts.Site, p catalog.Product, v catalog.Variant) []fact {
	var out []fact
	for _, f := range p.Facts {
		out = append(out, fact{f.Label, f.Value})
	}
	add := func(key, value string) {
		if value != "" {
			out = append(out, fact{s.T(key), value})
		}
	}
	if v.WeightGrams > 0 {
		add("shop.fact_weight", s.P.Weight(v.WeightGrams))
	}
	add("shop.fact_sku", v.SKU)
	add("shop.fact_producer", p.Producer)
	add("shop.fact_eu_contact", p.EUContact)
	return out
}

// assurances say before the purchase what it costs to have it delivered, when it comes, and from whom.
func (s *Storefront) assurances(ctx context.Context, site *parts.Site, v catalog.Variant) ([]assurance, error) {
	t, country := site.T, site.P.Country(s.Shop.Country)
	out := []assurance{{Name: t("shop.assure_delivery"), Text: t("shop.assure_delivery_unknown"),
		Go: parts.Link{Text: t("shop.pledge_delivery_go"), Href: site.To("/delivery")}}}
	offers, err := s.Delivery.Offers(ctx, s.Shop.Country, "", v.WeightGrams, v.Price)
	if err != nil {
		return nil, err
	}
	for _, o := range offers {
		if o.PickUp {
			continue
		}
		expected := days(site, o.From, o.Until)
		text := t("shop.assure_delivery_text", "price", site.Money(o.Price), "country", country, "dates", expected)
		if o.Price == 0 {
			text = t("shop.assure_delivery_free", "country", country, "dates", expected)
		} else if o.FreeFrom > 0 {
			text += " " + t("shop.assure_delivery_from", "sum", site.Money(o.FreeFrom))
		}
		out[0].Text = text
		break
	}
	return append(out,
		assurance{Name: t("shop.assure_returns"), Text: t("shop.assure_returns_text", "days", s.Shop.ReturnDays)},
		assurance{Name: t("shop.assure_pay"), Text: t("shop.assure_pay_text")},
		assurance{Name: t("shop.assure_seller"), Text: t("shop.assure_seller_text", "name", s.Shop.LegalName, "country", country)}), nil
}

// related are other products of the same category that can be bought. The first of a category are read once for a
// version of the catalogue: a walk through a thousand products asks for them once and not a thousand times.
func (s *Storefront) related(ctx context.Context, q *request, p catalog.Product) ([]parts.Card, error) {
	if len(p.Path) == 0 {
		return nil, nil
	}
	slug := p.Path[len(p.Path)-1].Slug
	list, ok := q.kept.Load("related/" + q.code + "/" + slug)
	if !ok {
		found, err := s.Catalog.List(ctx, catalog.Query{Lang: q.code, Category: slug, InStock: true, Limit: related + 1})
		if err != nil {
			return nil, err
		}
		list = found.Cards
		q.kept.Store("related/"+q.code+"/"+slug, list)
	}
	var others []catalog.Card
	for _, c := range list.([]catalog.Card) {
		if c.Product != p.ID && len(others) < related {
			others = append(others, c)
		}
	}
	return cards(q.site, others, 0), nil
}
