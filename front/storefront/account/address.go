package account

import (
	"net/http"
	"slices"
	"strings"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/front/storefront"
	"strongroom/shop/delivery"
	"strongroom/shop/shopper"
)

// addressesShow is the book of addresses.
func (x *visit) addressesShow() error { return x.addressesPage(nil) }

func (x *visit) addressesPage(wrong error) error {
	p, status, err := x.room("addresses", wrong)
	if err != nil {
		return err
	}
	list, err := x.Shopper.Addresses(x.r.Context(), x.owner())
	if err != nil {
		return err
	}
	t := p.T
	s := section{}
	for _, a := range list {
		s.Things = append(s.Things, p.addressRow(a))
	}
	if len(list) == 0 {
		s.Heading, s.Text = t("account.addresses_none"), t("account.addresses_none_text")
	}
	p.Sections = []section{s}
	if len(list) < shopper.MaxAddresses {
		p.Sections = append(p.Sections, section{Go: &parts.Link{Text: t("account.address_add"), Href: p.To("/account/address")}, GoPlain: len(list) > 0})
	}
	return x.send(status, roomView(p))
}

func (p *page) addressRow(a shopper.Address) thing {
	lines := delivery.Print(a.To, p.P.Country(a.To.Country))
	row := thing{Name: a.To.Name, Text: strings.Join(lines[1:], "\n"), For: a.To.Name + ", " + a.To.City}
	named := []pair{{"address", a.ID.String()}}
	row.Way = parts.Link{Text: p.T("account.address_change"), Href: p.To("/account/address?of=" + a.ID.String())}
	if a.Chosen {
		row.Mark = p.T("account.address_chosen")
	} else {
		row.Acts = append(row.Acts, form{Action: "/account/addresses/choose", Button: p.T("account.address_choose"), Quiet: true, Hidden: named})
	}
	row.Acts = append(row.Acts, form{Action: "/account/addresses/remove", Button: p.T("account.address_remove"), Quiet: true, Hidden: named})
	return row
}

// addressShow is the form of one address: an empty one, or one of the book.
func (x *visit) addressShow() error {
	of := x.r.URL.Query().Get("of")
	if of == "" {
		name, err := x.Shopper.Name(x.r.Context(), x.owner())
		if err != nil {
			return err
		}
		return x.addressPage("", delivery.Address{Name: name, Country: x.Shop.Country}, nil)
	}
	address, err := id.Parse(of)
	if err != nil {
		return fault.New(fault.NotFound, "shopper.address_unknown")
	}
	a, err := x.Shopper.Address(x.r.Context(), x.owner(), address)
	if err != nil {
		return err
	}
	return x.addressPage(of, a.To, nil)
}

func (x *visit) addressPage(of string, to delivery.Address, wrong error) error {
	word := "address"
	if of != "" {
		word = "address_of"
	}
	head, err := x.page("account."+word, "/account/address")
	if err != nil {
		return err
	}
	status := http.StatusOK
	if wrong != nil {
		var ok bool
		if status, ok = head.wrong(wrong); !ok {
			return wrong
		}
	}
	head.NoScript = true
	countries, err := x.Front.Delivery.Destinations(x.r.Context(), x.code)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(countries, func(c delivery.Country) bool { return c.Code == to.Country }) && len(countries) > 0 {
		to.Country = countries[0].Code
	}
	p := &addressPage{page: head, Heading: head.T("account." + word), Of: of, Back: parts.Link{Text: head.T("account.address_back"), Href: head.To("/account/addresses")},
		Country: head.field(storefront.CountryField(head.Page, "country", "country", to.Country, countries))}
	p.Rows = storefront.AddressRows(head.Page, "", "", to)
	return x.send(status, addressView(p))
}

// typedAddress takes the fields of an address and nothing else that a form may hold: V15.3.3.
func typedAddress(f *web.Form) (to delivery.Address) {
	for _, name := range [...]string{"name", "company", "street", "line2", "postcode", "city", "region", "country"} {
		to = to.With(name, strings.Join(strings.Fields(f.Typed(name)), " "))
	}
	return to
}

// addressSave keeps a new address, or changes one of the book.
func (x *visit) addressSave() error {
	f, err := x.form()
	if err != nil {
		return err
	}
	to, of := typedAddress(f), f.Typed("of")
	if f.Has("refresh") {
		return x.addressPage(of, to, nil)
	}
	err = x.deliverable(to.Country)
	switch {
	case err != nil:
	case of == "":
		_, err = x.Shopper.Add(x.r.Context(), x.owner(), to, false)
	default:
		var address id.ID
		if address, err = f.ID("of"); err == nil {
			err = x.Shopper.Change(x.r.Context(), x.owner(), address, to)
		}
	}
	if ft := fault.As(err); ft != nil && (ft.Kind == fault.Invalid || ft.Kind == fault.Conflict) {
		return x.addressPage(of, to, err)
	}
	if err != nil {
		return err
	}
	return x.redirect("/account/addresses?done=saved")
}

// deliverable refuses a country to which nothing is sent: such an address would be of no use.
func (x *visit) deliverable(country string) error {
	ok, err := x.Front.Delivery.Delivers(x.r.Context(), country)
	if err == nil && !ok {
		err = fault.New(fault.Invalid, "shopper.invalid").WithField("country", "cart.country", nil)
	}
	return err
}

func (x *visit) addressChoose() error {
	return x.change(x.addressesPage, "/account/addresses?done=chosen", func(f *web.Form) error {
		address, err := f.ID("address")
		if err != nil {
			return err
		}
		return x.Shopper.Choose(x.r.Context(), x.owner(), address)
	})
}

func (x *visit) addressRemove() error {
	return x.change(x.addressesPage, "/account/addresses?done=removed", func(f *web.Form) error {
		address, err := f.ID("address")
		if err != nil {
			return err
		}
		return x.Shopper.Remove(x.r.Context(), x.owner(), address)
	})
}

// addressKeep keeps the address of the order that this browser opens. The form names none: what is kept is what the
// order has.
func (x *visit) addressKeep() error {
	return x.change(x.addressesPage, "/account/addresses?done=saved", func(*web.Form) error {
		visit, err := id.ParseToken(visitCookie.Get(x.r))
		if err != nil {
			return fault.New(fault.NotFound, "order.not_found")
		}
		o, err := x.Order.Open(x.r.Context(), visit)
		if err != nil {
			return err
		}
		if has, err := x.Shopper.Keeps(x.r.Context(), x.owner(), o.Details.Delivery); err != nil || has {
			return err
		}
		_, err = x.Shopper.Add(x.r.Context(), x.owner(), o.Details.Delivery, false)
		return err
	})
}
