package admin

import (
	"net/http"
	"net/url"
	"strings"

	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/guard/vault"
	"strongroom/shop/order"
)

// ordersPage is the list. Its filters live in the address, so that a view can be shared.
type ordersPage struct {
	*page
	Rows     []orderRow
	States   parts.Field
	Parcels  parts.Field
	Next     string
	First    string
	Filtered bool
	Found    bool // the list is the answer to a look-up by e-mail
	CanFind  bool
	CanPack  bool
	Email    string
}

type orderRow struct {
	Number, Href, State, StateText, Parcel, ParcelText, Total, Placed, Country string
}

var states = [...]order.State{order.AwaitingPayment, order.PaymentPending, order.Authorised, order.Paid, order.PartlyRefunded, order.Refunded, order.Expired, order.Cancelled}

var parcels = [...]order.Parcel{order.ToSend, order.PartlySent, order.Sent, order.Delivered}

func (a *Admin) ordersShow(c *call) error {
	q, err := web.ReadQuery(c.r)
	if err != nil {
		return err
	}
	if n := strings.ToUpper(strings.TrimSpace(q.Typed("number"))); n != "" && len(n) <= 20 {
		return web.Redirect(c.w, "/orders/"+url.PathEscape(n))
	}
	f := order.Filter{After: q.Typed("after"), Limit: 50}
	if s, ok := order.ParseState(q.Typed("state")); ok {
		f.State = s
	}
	if g, ok := order.ParseParcel(q.Typed("parcel")); ok && g != order.NothingToSend {
		f.Parcel = &g
	}
	list, err := a.Order.List(c.r.Context(), c.who(), f)
	if err != nil {
		return err
	}
	p := a.ordersPage(c, list.Orders, q.Typed("state"), q.Typed("parcel"))
	p.Filtered = f.State != 0 || f.Parcel != nil
	here := func(after string) string {
		return address("/orders", "state", q.Typed("state"), "parcel", q.Typed("parcel"), "after", after)
	}
	if list.Next != "" {
		p.Next = here(list.Next)
	}
	if f.After != "" {
		p.First = here("")
	}
	return a.show(c, http.StatusOK, ordersView(p))
}

func (a *Admin) ordersPage(c *call, list []order.Order, state, parcel string) *ordersPage {
	t := c.site.T
	p := &ordersPage{page: a.page(c, t("admin.orders")), CanFind: c.who().May(access.OrderFind), CanPack: c.who().May(access.OrderPack)}
	p.States = parts.Field{Name: "state", Label: t("admin.state"), Value: state, Filter: true, Options: []parts.Option{{Text: t("admin.every")}}}
	for _, s := range states {
		p.States.Options = append(p.States.Options, parts.Option{Value: s.String(), Text: t("order.state_" + s.String())})
	}
	p.Parcels = parts.Field{Name: "parcel", Label: t("admin.goods"), Value: parcel, Filter: true, Options: []parts.Option{{Text: t("admin.every")}}}
	for _, s := range parcels {
		p.Parcels.Options = append(p.Parcels.Options, parts.Option{Value: s.String(), Text: t("order.parcel_" + s.String())})
	}
	for _, o := range list {
		p.Rows = append(p.Rows, a.rowOf(c, o))
	}
	return p
}

func (a *Admin) rowOf(c *call, o order.Order) orderRow {
	return orderRow{Number: o.Number, Href: "/orders/" + o.Number, State: o.State.String(), StateText: c.site.T(o.StateKey()),
		Parcel: o.Parcel.String(), ParcelText: c.site.T(o.StepKey(o.Parcel)), Total: c.site.P.Money(o.Total, o.Currency),
		Placed: a.when(c, o.PlacedAt), Country: c.site.P.Country(o.Country)}
}

// ordersFind looks orders up by the exact e-mail address on them. It is a POST: an address of a person never stands in
// the address of a page.
func (a *Admin) ordersFind(c *call) error {
	email := c.form.Email("email")
	list, err := []order.Order(nil), c.form.Err()
	if err == nil {
		list, err = a.Order.Find(c.r.Context(), c.who(), vault.Typed(email))
	}
	p := a.ordersPage(c, list, "", "")
	p.Found, p.Email = true, c.form.Typed("email")
	if err != nil && !p.wrong(err) {
		return err
	}
	return a.show(c, http.StatusOK, ordersView(p))
}

// orderTake gives the reader the oldest order that waits.
func (a *Admin) orderTake(c *call) error {
	number, err := a.Order.Take(c.r.Context(), c.who())
	if err != nil {
		return err
	}
	return web.Redirect(c.w, "/orders/"+number+"?done=taken")
}

// slips are the packing slips of what the reader is packing. One act; the log has a look at each person in it.
func (a *Admin) slips(c *call) error {
	list, err := a.Order.Slips(c.r.Context(), c.who(), c.form.Text("number", 20))
	if err != nil {
		return err
	}
	return a.show(c, http.StatusOK, slipsView(&slipsPage{page: a.page(c, c.site.T("admin.slips")), Slips: list}))
}

type slipsPage struct {
	*page
	Slips []order.Slip
}
