package storefront

import (
	"net/http"
	"strings"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/shield"
	"strongroom/shop/cart"
	"strongroom/shop/delivery"
	"strongroom/shop/order"
)

// detailsShow is the first page of the checkout. What was typed before for this cart stands in it.
func (s *Storefront) detailsShow(code string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		token := cartToken(r)
		d, typed, err := s.Order.Typed(r.Context(), token)
		if err != nil {
			return err
		}
		d, known, err := s.knownDetails(r.Context(), whoOf(r), d, typed)
		if err != nil {
			return err
		}
		return s.detailsSend(w, r, code, token, d, known, nil)
	}
}

// detailsSave takes what was typed. The button beside the country only fits the fields to it.
func (s *Storefront) detailsSave(code string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		token := cartToken(r)
		f, err := s.readForm(r, token)
		if err != nil {
			return err
		}
		d, known, err := s.knownDetails(r.Context(), whoOf(r), typedDetails(f), true)
		if err != nil {
			return err
		}
		if f.Has("use") {
			if d, err = known.use(d, f.Typed("address")); err != nil {
				return err
			}
		}
		if f.Has("use") || f.Has("refresh") {
			return s.detailsSend(w, r, code, token, d, known, nil)
		}
		err = s.Order.Draft(r.Context(), token, code, d)
		switch ft := fault.As(err); {
		case err == nil:
			return web.Redirect(w, "/"+code+"/checkout/pay")
		case ft != nil && len(ft.Fields) > 0:
			return s.detailsSend(w, r, code, token, d, known, ft)
		}
		return s.lost(w, r, code, err)
	}
}

// typedDetails reads the form as it was typed. Whether it is right is the order's to say, for every caller alike.
func typedDetails(f *web.Form) order.Details {
	line := func(name string) string { return strings.Join(strings.Fields(f.Typed(name)), " ") }
	recipient := func(g string) order.Recipient {
		return order.Recipient{Name: line(g + ".name"), Company: line(g + ".company"), Street: line(g + ".street"), Line2: line(g + ".line2"),
			Postcode: line(g + ".postcode"), City: line(g + ".city"), Region: line(g + ".region"), Country: line(g + ".country")}
	}
	return order.Details{Email: strings.TrimSpace(f.Typed("email")), Phone: line("phone"), Note: strings.TrimSpace(f.Typed("note")),
		Delivery: recipient("delivery"), BillingDiffers: f.Typed("billing_differs") == "1", Billing: recipient("billing"), Offer: line("offer")}
}

// detailsSend shows the first page: with status 422 and the messages if something is wrong.
func (s *Storefront) detailsSend(w http.ResponseWriter, r *http.Request, code string, token id.Token, d order.Details, known Known, wrong *fault.Error) error {
	countries, err := s.Delivery.Destinations(r.Context(), code)
	if err != nil {
		return err
	}
	d.Delivery.Country = s.oneOf(countries, d.Delivery.Country)
	d.Billing.Country = s.oneOf(countries, d.Billing.Country)
	v, err := s.Cart.View(r.Context(), token, cart.Ask{Lang: code, Country: d.Delivery.Country, Postcode: d.Delivery.Postcode, Offer: d.Offer})
	if err != nil {
		return err
	}
	if len(v.Lines) == 0 || v.Cart.State != cart.Open {
		return s.nothingToOrder(w, r, code)
	}
	if !buyable(v) {
		return web.Redirect(w, "/"+code+"/cart")
	}
	head, err := s.page(r, code, "shop.details_title", "/checkout")
	if err != nil {
		return err
	}
	head.Quiet, head.NoScript = true, true
	status := http.StatusOK
	if wrong != nil {
		head.Tell(wrong.Fields)
		for i, x := range head.Problems { // the same words stand for two addresses
			if strings.HasPrefix(x.Field, "billing.") {
				head.Problems[i].Text = head.T("shop.billing_problem", "problem", x.Text)
			}
		}
		status = http.StatusUnprocessableEntity
	}
	p := s.detailsPage(head, v, d, countries)
	if s.shopper != nil && whoOf(r) == nil {
		p.SignIn = head.To("/account/sign-in?to=checkout")
	}
	p.Token, p.Book = s.formToken(r, token), known.book(head, d.Delivery)
	markDevice(w, r)
	s.private(w, shield.Policy{})
	return send(w, r, status, detailsView(p))
}

// buyable says whether every line can be ordered; what cannot is mended in the cart.
func buyable(v cart.View) bool {
	for _, l := range v.Lines {
		if l.Problem != "" {
			return false
		}
	}
	return true
}

// oneOf is the country if it is offered, else the shop's own, else the first.
func (s *Storefront) oneOf(list []delivery.Country, code string) string {
	own := ""
	for _, c := range list {
		if c.Code == code {
			return code
		}
		if c.Code == s.Shop.Country || own == "" {
			own = c.Code
		}
	}
	return own
}

func (s *Storefront) detailsPage(head *parts.Page, v cart.View, d order.Details, countries []delivery.Country) *detailsPage {
	t := head.T
	p := &detailsPage{Page: head, BillingDiffers: d.BillingDiffers, Sums: s.cartSums(head, v)}
	field := func(f parts.Field) parts.Field { f.Wrong = head.Wrong(f.Name); return f }
	p.Contact = []fieldRow{
		{field(parts.Field{Name: "email", Label: t("shop.email"), Hint: t("shop.email_hint"), Type: "email", Fill: "email", Max: 254, Value: d.Email})},
		{field(parts.Field{Name: "phone", Label: t("shop.phone"), Hint: t("shop.phone_hint"), Type: "tel", Fill: "tel", Max: 40, Optional: true, Value: d.Phone})}}
	p.Country = field(countryField(head, "delivery.country", "shipping country", d.Delivery.Country, countries))
	p.BillingCountry = field(countryField(head, "billing.country", "billing country", d.Billing.Country, countries))
	p.Delivery = addressRows(head, "delivery", "shipping ", d.Delivery)
	p.Billing = addressRows(head, "billing", "billing ", d.Billing)
	p.Note = field(parts.Field{Name: "note", Label: t("shop.note"), Rows: 3, Max: 1000, Optional: true, Value: d.Note})
	p.Offers = field(parts.Field{Name: "offer", Label: t("shop.way_label"), Options: offerOptions(head.Site, v, d.Offer)})
	for _, l := range v.Lines {
		p.Lines = append(p.Lines, miniLine{Name: l.Item.Name, Options: l.Item.Options, Count: t("shop.n_times", "n", l.Quantity),
			Total: head.Money(l.Total), Picture: picture(l.Item.Image, "")})
	}
	return p
}

func countryField(p *parts.Page, name, fill, value string, list []delivery.Country) parts.Field {
	f := parts.Field{Name: name, Label: p.T("shop.country"), Fill: fill, Value: value}
	for _, c := range list {
		f.Options = append(f.Options, parts.Option{Value: c.Code, Text: c.Name, Selected: c.Code == value})
	}
	return f
}

// addressRows are the fields of an address in the order in which its country writes them, short ones side by side.
func addressRows(p *parts.Page, group, fill string, to order.Recipient) []fieldRow {
	values := map[string]string{"name": to.Name, "company": to.Company, "street": to.Street, "line2": to.Line2,
		"postcode": to.Postcode, "city": to.City, "region": to.Region}
	var out []fieldRow
	beside := false
	for _, f := range delivery.AddressFormat(to.Country).Fields {
		if f.Name == "country" {
			continue // it stands above, because the other fields follow from it
		}
		name := strings.TrimPrefix(group+"."+f.Name, ".")
		x := parts.Field{Name: name, Label: p.T(f.Label), Value: values[f.Name], Wrong: p.Wrong(name), Fill: fill + f.Autocomplete,
			Mode: f.InputMode, Max: f.Max, Optional: !f.Required}
		if f.Hint != "" {
			x.Hint = p.T(f.Hint, "example", f.Example)
		}
		for _, o := range f.Options {
			x.Options = append(x.Options, parts.Option{Value: o.Value, Text: o.Name, Selected: o.Value == x.Value})
		}
		if f.Options != nil {
			x.Options = append([]parts.Option{{Text: "–"}}, x.Options...)
		}
		joins := f.Name == "postcode" || f.Name == "city" || f.Name == "region"
		if last := len(out) - 1; joins && beside && len(out[last]) < 2 {
			out[last] = append(out[last], x)
			beside = false
			continue
		}
		out, beside = append(out, fieldRow{x}), joins
	}
	return out
}

// offerOptions are the ways of delivery with price and days. The first one is chosen until somebody chooses.
func offerOptions(s *parts.Site, v cart.View, chosen string) []parts.Option {
	var out []parts.Option
	found := false
	for _, o := range v.Offers {
		x := parts.Option{Value: o.Key, Text: o.Name(s.Lang), Hint: o.Note(s.Lang), Aside: s.Money(o.Price), Selected: o.Key == chosen}
		if o.Price == 0 {
			x.Aside = s.T("shop.way_free")
		}
		if d := days(s, o.From, o.Until); d != "" {
			x.Hint = strings.TrimSpace(d + ". " + x.Hint)
		}
		found = found || x.Selected
		out = append(out, x)
	}
	if !found && len(out) > 0 {
		out[0].Selected = true
	}
	return out
}

// lost leads back to where a checkout can go on whose ground has shifted, and passes everything else on.
func (s *Storefront) lost(w http.ResponseWriter, r *http.Request, code string, err error) error {
	ft := fault.As(err)
	if ft == nil {
		return err
	}
	switch ft.Key {
	case "order.no_draft", "order.no_delivery", "order.offer_gone":
		return web.Redirect(w, "/"+code+"/checkout")
	case "order.cart_empty", "cart.closed", "cart.none":
		return s.nothingToOrder(w, r, code)
	case "order.not_sellable", "stock.short":
		return web.Redirect(w, "/"+code+"/cart")
	}
	return err
}

// nothingToOrder leads whoever comes back to the checkout after ordering, by the back button of the provider's page for
// one, to her order, and everybody else to the cart.
func (s *Storefront) nothingToOrder(w http.ResponseWriter, r *http.Request, code string) error {
	if visit := visitToken(r); visit != "" {
		if _, err := s.Order.Open(r.Context(), visit); err == nil {
			return web.Redirect(w, "/"+code+"/order")
		}
	}
	return web.Redirect(w, "/"+code+"/cart")
}
