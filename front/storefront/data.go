package storefront

import (
	"encoding/json"

	"strongroom/base/money"
	"strongroom/front/parts"
	"strongroom/shop/catalog"
)

// Structured data for search engines (schema.org, JSON-LD). encoding/json escapes <, > and &, so that no value can end
// the element that it stands in.

type object map[string]any

func data(kind string, o object) string {
	o["@context"], o["@type"] = "https://schema.org", kind
	b, err := json.Marshal(o)
	if err != nil {
		return "{}" // maps of strings and numbers always marshal
	}
	return string(b)
}

func organisation(s *parts.Site) string {
	o := object{"name": s.Shop.Name, "legalName": s.Shop.LegalName, "url": s.Shop.URL("/"), "email": s.Shop.Email, "logo": s.Shop.URL(s.TouchIcon)}
	if s.Shop.Phone != "" {
		o["telephone"] = s.Shop.Phone
	}
	if s.Shop.VATID != "" {
		o["vatID"] = s.Shop.VATID
	}
	return data("Organization", o)
}

func website(s *parts.Site) string {
	return data("WebSite", object{"name": s.Shop.Name, "url": s.Shop.URL(s.To("/")), "inLanguage": s.Lang,
		"potentialAction": object{"@type": "SearchAction", "target": s.Shop.URL(s.To("/search")) + "?q={search_term_string}",
			"query-input": "required name=search_term_string"}})
}

func breadcrumbs(s *parts.Site, way []parts.Link) string {
	var list []object
	for i, l := range way {
		o := object{"@type": "ListItem", "position": i + 1, "name": l.Text}
		if l.Href != "" {
			o["item"] = s.Shop.URL(l.Href)
		}
		list = append(list, o)
	}
	return data("BreadcrumbList", object{"itemListElement": list})
}

// productData describes a product with one offer for each variant.
func (s *Storefront) productData(site *parts.Site, p catalog.Product) string {
	page := s.Shop.URL(site.To("/p/" + p.Handle))
	var offers []object
	for _, v := range p.Variants {
		state := "https://schema.org/InStock"
		if v.Available <= 0 {
			state = "https://schema.org/OutOfStock"
		}
		offers = append(offers, object{"@type": "Offer", "sku": v.SKU, "price": money.Decimal(v.Price, s.Shop.Currency),
			"priceCurrency": string(s.Shop.Currency), "availability": state, "itemCondition": "https://schema.org/NewCondition",
			"url": page, "seller": object{"@type": "Organization", "name": s.Shop.LegalName}})
	}
	o := object{"name": p.Title, "description": p.Summary, "url": page, "offers": offers}
	var pictures []string
	for _, i := range p.Images {
		if pic := picture(i, ""); !pic.Empty() {
			pictures = append(pictures, s.Shop.URL(pic.Largest()))
		}
	}
	if len(pictures) > 0 {
		o["image"] = pictures
	}
	if p.Producer != "" {
		o["manufacturer"] = object{"@type": "Organization", "name": p.Producer}
	}
	if len(p.Variants) == 1 {
		o["sku"] = p.Variants[0].SKU
	}
	return data("Product", o)
}
