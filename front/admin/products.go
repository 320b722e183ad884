package admin

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/shop/catalog"
)

// productsPage is the list of goods, hidden ones included. Search and filter live in the address.
type productsPage struct {
	*page
	Rows     []productRow
	Find     parts.Field
	States   parts.Field
	Next     string
	First    string
	Filtered bool
	CanAdd   bool
}

type productRow struct {
	Href, Title, Handle, State, StateText, Variants, Price, Pieces, Updated string
	Picture                                                                 parts.Picture
	None                                                                    bool // nothing of it can be sold
}

func (a *Admin) productsShow(c *call) error {
	q, err := web.ReadQuery(c.r)
	if err != nil {
		return err
	}
	s := catalog.ShelfQuery{Lang: c.site.Lang, State: q.Choice("state", "", catalog.Draft, catalog.Published), Find: q.Text("q", 100),
		After: q.Typed("after"), Limit: 50}
	rows, next, err := a.Catalog.Shelf(c.r.Context(), c.who(), s)
	if err != nil {
		return err
	}
	t := c.site.T
	p := &productsPage{page: a.page(c, t("admin.products")), Filtered: s.State != "" || s.Find != "", CanAdd: c.who().May(access.ProductEdit)}
	p.Find = parts.Field{Name: "q", Label: t("admin.product_find"), Value: q.Typed("q"), Type: "search", Fill: "off", Max: 100, Optional: true}
	p.States = parts.Field{Name: "state", Label: t("admin.shown_or_hidden"), Value: s.State, Optional: true, Options: []parts.Option{
		{Text: t("admin.every")}, {Value: catalog.Published, Text: t("admin.shown")}, {Value: catalog.Draft, Text: t("admin.hidden")}}}
	for _, r := range rows {
		p.Rows = append(p.Rows, a.productRow(c, r))
	}
	here := func(after string) string {
		return address("/products", "q", q.Typed("q"), "state", s.State, "after", after)
	}
	if next != "" {
		p.Next = here(next)
	}
	if s.After != "" {
		p.First = here("")
	}
	return a.show(c, http.StatusOK, productsView(p))
}

func (a *Admin) productRow(c *call, r catalog.ShelfRow) productRow {
	row := productRow{Href: productPath(r.Handle), Title: r.Title, Handle: r.Handle, State: r.State, StateText: stateText(c.site, r.State),
		Variants: c.site.P.Number(int64(r.Variants)), Pieces: c.site.P.Number(r.Pieces), Updated: a.when(c, r.Updated), None: r.Pieces <= 0,
		Picture: picture(r.Image, "")}
	row.Price = c.site.Money(r.Price)
	if r.From {
		row.Price = c.site.T("shop.from") + " " + row.Price
	}
	return row
}

// stateText says whether shoppers see a product.
func stateText(s *parts.Site, state string) string {
	if state == catalog.Published {
		return s.T("admin.shown")
	}
	return s.T("admin.hidden")
}

func productPath(handle string, more ...string) string {
	path := "/products/" + url.PathEscape(handle)
	for _, m := range more {
		path += "/" + url.PathEscape(m)
	}
	return path
}

// address is a path with the parameters that say something, in pairs of name and value.
func address(path string, pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// when is a moment as lists show it: in the shop's own time, short, and the year only if it is another one.
func (a *Admin) when(c *call, t time.Time) string {
	return short(c.site, t, a.Clock.Now())
}

func short(s *parts.Site, t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(s.Shop.TimeZone)
	day := s.P.Date(t)
	if t.Year() == now.In(s.Shop.TimeZone).Year() {
		day = strings.TrimSuffix(day, t.Format(" 2006"))
	}
	return day + ", " + t.Format("15:04")
}
