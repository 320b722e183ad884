package account

import (
	"net/http"

	"strongroom/base/fault"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/guard/identity"
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
	list, err := x.Order.Own(x.r.Context(), x.actor())
	if err != nil {
		return err
	}
	p, status, err := x.room("orders", nil)
	if err != nil {
		return err
	}
	t := p.T
	var s section
	for _, o := range list {
		row := thing{Name: o.Number, Text: t("account.order_text", "date", p.P.Date(x.local(o.PlacedAt)), "total", p.Money(o.Total), "state", t("order.state_"+o.State.String()))}
		if x.sess.Level == identity.Full {
			row.Acts = []form{{Action: "/account/orders/open", Button: t("account.order_open", "number", o.Number), Quiet: true, Hidden: []pair{{"number", o.Number}}}}
		}
		s.Things = append(s.Things, row)
	}
	if len(list) == 0 {
		s.Heading, s.Text = t("account.orders_none"), t("account.orders_none_text")
	}
	p.Sections = []section{s}
	if len(list) > 0 {
		p.Sections = append(p.Sections, section{Heading: t("account.order_rights"), Text: t("account.order_rights_text")})
	}
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
