package parts

import (
	"strings"

	"github.com/a-h/templ"

	"strongroom/base/config"
)

func (p *Page) kind() string {
	if p.Kind != "" {
		return p.Kind
	}
	return "website"
}

// current marks the place where the reader is.
func current(yes bool) templ.Attributes {
	if yes {
		return templ.Attributes{"aria-current": "page"}
	}
	return nil
}

func upper(s string) string { return strings.ToUpper(s) }

// priceNote says once on every page what the law wants beside every price.
func priceNote(p *Page) string {
	if p.Shop.PriceMode == config.Exclusive {
		return p.T("shop.prices_exclusive")
	}
	return p.T("shop.prices_inclusive")
}
