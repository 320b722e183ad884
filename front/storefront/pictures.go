package storefront

import (
	"strconv"
	"strings"
	"time"

	"strongroom/base/money"
	"strongroom/front/parts"
	"strongroom/shop/catalog"
	"strongroom/shop/price"
)

// mediaPath is where pictures of the catalogue are served. Their names are hashes of what was handed in, so that
// browsers may keep them.
const mediaPath = "/media/"

// picture is an image with the ladder of sizes in which it is there.
func picture(i catalog.Image, alt string) parts.Picture {
	if i.IsZero() {
		return parts.Picture{}
	}
	if i.Alt != "" {
		alt = i.Alt
	}
	p := parts.Picture{Alt: alt, Width: i.Width, Height: i.Height}
	for _, w := range i.Widths {
		p.Sources = append(p.Sources, parts.Source{URL: mediaPath + i.Name + "-" + strconv.Itoa(w), Width: w})
	}
	return p
}

// cards are products in a row. The first ones of a page are loaded at once, the others when they come into view.
func cards(s *parts.Site, list []catalog.Card, eager int) []parts.Card {
	out := make([]parts.Card, len(list))
	for i, c := range list {
		out[i] = parts.Card{Name: c.Title, Href: s.To("/p/" + c.Handle), Picture: picture(c.Image, ""), Eager: i < eager,
			Price: priceOf(s, c.Price, c.WasPrice, c.LowestPrice)}
		out[i].Price.From = c.From
		out[i].Price.Unit = unitPrice(s, c.Price, c.UnitAmount, c.UnitBase)
		switch {
		case !c.Available:
			out[i].Tag = s.T("shop.tag_sold_out")
		case c.WasPrice > 0:
			out[i].Tag = s.T("shop.tag_reduced")
		}
	}
	return out
}

// priceOf is a price, with what it was before if it is reduced.
func priceOf(s *parts.Site, now, was, lowest money.Amount) parts.Price {
	p := parts.Price{Now: s.Money(now)}
	if was > 0 {
		p.Was = s.Money(was)
	}
	if was > 0 && lowest > 0 {
		p.Lowest = s.Money(lowest)
	}
	return p
}

// unitPrice is what a kilogram, a litre or a metre of it costs; empty if none is to be shown (98/6/EC, article 3).
func unitPrice(s *parts.Site, a money.Amount, content int64, base string) string {
	u, ok := price.PerUnit(a, content, base)
	if !ok {
		return ""
	}
	return unitText(s, u)
}

func unitText(s *parts.Site, u price.UnitPrice) string {
	return s.T("shop.unit_price", "price", s.Money(u.Amount), "unit", s.T("price.unit_"+u.Unit, "per", u.Per))
}

// days are the first and the last day on which something is expected, as one short text: "24 to 26 November".
func days(s *parts.Site, from, until time.Time) string {
	if from.IsZero() {
		return ""
	}
	first, last := dayMonth(s, from), dayMonth(s, until)
	switch {
	case until.IsZero() || first == last:
		return first
	case from.Month() == until.Month():
		first, _, _ = strings.Cut(first, " ")
	}
	return s.T("shop.between", "from", first, "until", last)
}

// dayMonth is a day without its year: what is expected is never a year away.
func dayMonth(s *parts.Site, t time.Time) string {
	return strings.TrimSuffix(s.P.Date(t), " "+strconv.Itoa(t.Year()))
}
