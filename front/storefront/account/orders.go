package account

import (
	"net/http"
	"strings"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/guard/identity"
	"strongroom/shop/order"
)

func (x *visit) actor() access.Actor { return access.Shopper(x.acc.ID, x.v.Origin) }

// ordersShow lists the orders of the account. A session of a mailed link sees how they stand and opens none.
func (x *visit) ordersShow() error {
	if x.sess.Level == identity.Enrolling {
		return x.redirect("/account/begin")
	}
	// Orders that were placed since the address was confirmed are tied now; the address is known to be theirs.
	if err := x.Order.Attach(x.r.Context(), x.acc.ID, x.acc.Email); err != nil {
		return err
	}
	p, status, err := x.room("orders", nil)
	if err != nil {
		return err
	}
	list, err := x.Order.Own(x.r.Context(), x.actor(), order.Place{After: id.ParseNumber(x.r.URL.Query().Get("after"))})
	if err != nil {
		return err
	}
	t := p.T
	var s section
	for _, o := range list.Orders {
		s.Things = append(s.Things, x.orderRow(p.page, o))
	}
	if list.Next.After != "" {
		s.More = &parts.Link{Text: t("account.orders_older"), Href: p.To("/account/orders?after=" + list.Next.After)}
	}
	if x.sess.Level == identity.Limited {
		p.Sections = append(p.Sections, x.why(p.page))
	}
	if len(list.Orders) == 0 {
		s.Heading, s.Text = t("account.orders_none"), t("account.orders_none_text")
	}
	p.Sections = append(p.Sections, s)
	if x.sess.Level == identity.Full && len(list.Orders) > 0 {
		p.Sections = append(p.Sections, section{Heading: t("account.order_rights"), Text: t("account.order_rights_text", "days", x.Shop.WithdrawalDays)})
	}
	return x.send(status, roomView(p))
}

// orderRow is an order in the list: how it stands, and what can be done with it.
func (x *visit) orderRow(p *page, o order.Order) thing {
	t := p.T
	row := thing{Name: o.Number, For: o.Number, Text: t("account.order_text", "date", p.P.Date(x.local(o.PlacedAt)), "total", p.Money(o.Total)), Mark: standing(p, o), Open: o.State.Open()}
	switch {
	case !o.Withdrawn.IsZero():
		row.Text += "\n" + t("account.order_withdrawn", "date", p.P.Date(x.local(o.Withdrawn)))
	case o.Refunded > 0:
		row.Text += "\n" + t("account.order_refunded", "sum", p.Money(o.Refunded))
	}
	if x.sess.Level != identity.Full {
		row.Way = parts.Link{Text: t("account.order_state"), Href: p.To("/account/order/" + o.Number)}
		return row
	}
	number := []pair{{"number", o.Number}}
	row.Acts = []form{{Action: "/account/orders/open", Button: t("account.order_open"), Quiet: true, Hidden: number}}
	if o.State.Sendable() && o.Withdrawn.IsZero() {
		row.Acts = append(row.Acts, form{Action: "/account/orders/open", Button: t("account.order_withdraw"), Quiet: true, Hidden: append(number, pair{"to", "withdraw"})})
	}
	return row
}

// standing says how an order stands: how far its goods are once it is paid, else how its money is.
func standing(p *page, o order.Order) string {
	if o.State.Settled() && o.Parcel > order.ToSend {
		return p.T(o.StepKey(o.Parcel))
	}
	return p.T(o.StateKey())
}

// why says to a session of a mailed link what it may not do, and how to get more.
func (x *visit) why(p *page) section {
	return section{Text: p.T("account.limited_why"), Go: &parts.Link{Text: p.T("account.to_sign_in"), Href: p.To("/account/sign-in")}, GoPlain: true}
}

// orderShow is how one order stands, for a session that may only look: the address as a mask, and nothing to change.
func (x *visit) orderShow() error {
	switch x.sess.Level {
	case identity.Enrolling:
		return x.redirect("/account/begin")
	case identity.Full:
		return x.redirect("/account/orders")
	}
	o, err := x.Order.OwnMasked(x.r.Context(), x.actor(), id.ParseNumber(x.r.PathValue("number")))
	if err != nil {
		return err
	}
	p, status, err := x.room("orders", nil)
	if err != nil {
		return err
	}
	t := p.T
	p.Heading, p.Lead = t("account.order_one", "number", o.Number), standing(p.page, o.Order)
	goods := section{Heading: t("shop.order_goods")}
	for _, l := range o.Lines {
		goods.Things = append(goods.Things, thing{Name: l.Name, Text: t("shop.n_times", "n", l.Quantity)})
	}
	var parcels []string
	for _, s := range o.Parcels {
		parcels = append(parcels, t("order.carrier_"+s.Carrier)+", "+t("shop.parcel_sent", "date", p.P.Date(x.local(s.SentAt))))
	}
	p.Sections = []section{x.why(p.page), goods}
	if len(parcels) > 0 && !o.PickUp {
		p.Sections = append(p.Sections, section{Heading: t("shop.parcels"), Points: parcels})
	}
	p.Sections = append(p.Sections, section{Heading: t("shop.answer_delivery"), Text: strings.Join(append(o.Masks, p.P.Country(o.Country)), "\n")})
	return x.send(status, roomView(p))
}

// orderOpen opens one order in this browser and leads to its page.
func (x *visit) orderOpen() error {
	f, err := x.form()
	if err != nil {
		return err
	}
	visit, err := x.Order.EnterOwn(x.r.Context(), x.actor(), f.Text("number", 40))
	if err != nil {
		return err
	}
	visitCookie.Set(x.w, visit.Clear())
	if f.Typed("to") == "withdraw" {
		return x.redirect("/withdraw")
	}
	return x.redirect("/order")
}

// startShow offers an account after a guest purchase: the passkey is made here and counts once the address is
// confirmed. Whoever has an account with the address gains nothing from the order.
func (x *visit) startShow() error {
	if ok, err := x.check(); err != nil {
		return err
	} else if ok {
		return x.redirect("/account/orders")
	}
	if _, err := x.guest(); err != nil {
		if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
			return x.redirect("/account/sign-up")
		}
		return err
	}
	head, err := x.page("account.start", "/account/start")
	if err != nil {
		return err
	}
	head.Scripts = []string{x.Assets.Path("passkey.js")}
	p := &startPage{page: head, Passkey: passkeyForm{Aim: "guest", Kind: "create", Button: head.T("account.passkey_make")},
		Way: parts.Link{Text: head.T("account.to_sign_up"), Href: head.To("/account/sign-up")}}
	return x.send(http.StatusOK, startView(p))
}
