package admin

import (
	"net/http"
	"strings"
	"time"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/shop/payment/offline"
)

// transfersPage is what is paid by transfer: what is waited for, and what is to be sent back.
type transfersPage struct {
	*page
	Open    []transferRow
	Counter []transferRow // to be paid at pick-up
	Back    []transferRow
	Kept    string // what is held beside what orders have paid
	Number  parts.Field
	Amount  parts.Field
	Day     parts.Field
	Attempt string
	May     bool
	Today   string
}

type transferRow struct{ ID, Number, Href, Sum, Received, Since, Until, Kind string }

func (a *Admin) transferRoutes() []route {
	return []route{
		{"GET", "/transfers", theDesk, a.transfersShow},
		{"POST", "/transfers", theDesk, a.transferCame},
		{"POST", "/transfers/sent", theDesk, a.transferSent},
	}
}

func (a *Admin) transfersShow(c *call) error { return a.showTransfers(c, http.StatusOK, nil) }

func (a *Admin) showTransfers(c *call, status int, wrong error) error {
	d, err := a.Offline.Desk(c.r.Context(), c.who())
	if err != nil {
		return err
	}
	p := &transfersPage{page: a.page(c, c.site.T("admin.transfers")), May: c.who().May(access.PaymentRecord), Attempt: id.NewToken().Clear(),
		Today: a.Clock.Now().In(a.Shop.TimeZone).Format(time.DateOnly)}
	p.Notice = done(c)
	if wrong != nil && !p.wrong(wrong) {
		p.Notice, p.Warn = c.site.P.Fault(fault.As(wrong)), true
	}
	for _, x := range d.Open {
		row := transferRow{Number: x.Purpose, Href: "/orders/" + x.Purpose, Sum: c.site.P.Money(x.Amount, x.Currency), Received: c.site.P.Money(x.Received, x.Currency),
			Since: p.when(x.Made), Until: c.site.P.Date(x.Until.In(a.Shop.TimeZone))}
		if x.Method == offline.PickUp {
			p.Counter = append(p.Counter, row)
		} else {
			p.Open = append(p.Open, row)
		}
	}
	for _, x := range d.Returns {
		p.Back = append(p.Back, transferRow{ID: x.ID.String(), Number: x.Number, Href: "/orders/" + x.Number, Sum: c.site.P.Money(x.Amount, x.Currency), Since: p.when(x.Made),
			Kind: c.site.T("admin.transfer_kind_" + kindOfReturn(x))})
	}
	if p.Kept, err = a.kept(c); err != nil {
		return err
	}
	s := sheet{p: p.page, typed: c.form}
	p.Number = s.field("number", p.T("admin.transfer_number"), c.r.URL.Query().Get("number"), 20)
	p.Amount = priced(s.field("amount", p.T("admin.transfer_amount"), "", 20))
	p.Day = s.field("day", p.T("admin.transfer_day"), p.Today, 10)
	p.Day.Type = "date"
	return a.show(c, status, transfersView(p))
}

// kindOfReturn is the word for why money goes back.
func kindOfReturn(x offline.Return) string {
	if x.Method == offline.PickUp {
		return "counter"
	}
	return x.Kind
}

// transferCame writes down what came.
func (a *Admin) transferCame(c *call) error {
	amount, err := money.Parse(strings.ReplaceAll(c.form.Typed("amount"), ",", "."), a.Shop.Currency)
	if err != nil {
		amount = 0 // is refused with the field's words, after the right was asked for
	}
	day, err := time.Parse(time.DateOnly, c.form.Typed("day"))
	if err != nil {
		day = time.Time{}
	}
	err = a.Offline.Receive(c.r.Context(), c.who(), offline.Arrival{Number: strings.ToUpper(strings.TrimSpace(c.form.Typed("number"))), Amount: amount, Day: day, Attempt: c.form.Typed("attempt")})
	switch {
	case err != nil && !c.who().May(access.PaymentView): // has no page of transfers to come back to
		return err
	case fault.Is(err, fault.Invalid):
		return a.showTransfers(c, http.StatusUnprocessableEntity, err)
	case isKey(err, "payment.offline_unknown"):
		return a.showTransfers(c, http.StatusNotFound, err)
	case isKey(err, "payment.pickup_at_order"):
		return a.showTransfers(c, http.StatusConflict, err)
	case err != nil:
		return err
	}
	return web.Redirect(c.w, "/transfers?done=received")
}

// transferSent writes down that something was sent back.
func (a *Admin) transferSent(c *call) error {
	v, err := c.form.ID("return")
	if err != nil {
		return err
	}
	day, err := time.Parse(time.DateOnly, c.form.Typed("day"))
	if err != nil {
		day = a.Clock.Now()
	}
	if err := a.Offline.Sent(c.r.Context(), c.who(), v, day); err != nil {
		return err
	}
	return web.Redirect(c.w, "/transfers?done=sent_back")
}
