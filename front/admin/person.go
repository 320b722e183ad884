package admin

import (
	"net/http"
	"strings"
	"time"

	"strongroom/base/fault"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/guard/vault"
	"strongroom/shop/order"
)

// erasurePage finds a person and says what an erasure would do.
type erasurePage struct {
	*dataPage
	Whom    parts.Field
	Planned bool
	Rows    []erasingRow
	Account bool
	Kept    string // the day until which tax law keeps something
	Open    bool   // an order waits for its money: nothing can be done yet
	Waits   string // the day until which goods can come back
	Nothing bool
	EvenSo  bool
}

type erasingRow struct {
	Number, Placed, State, StateText, Goes, Stays string
}

func (a *Admin) erasureShow(c *call) error { return a.showErasure(c, http.StatusOK, false, nil) }

// erasurePlan says what would go and what would stay. Nothing is changed by it.
func (a *Admin) erasurePlan(c *call) error { return a.showErasure(c, http.StatusOK, true, nil) }

// whom reads who is meant: what has an "@" is an address.
func whom(c *call) order.Whom {
	typed := c.form.Text("whom", 254)
	if strings.Contains(typed, "@") {
		return order.Whom{Email: vault.Typed(typed)}
	}
	return order.Whom{Number: typed}
}

func (a *Admin) showErasure(c *call, status int, plan bool, wrong error) error {
	if err := a.Person.May(c.r.Context(), c.who()); err != nil {
		return err
	}
	p := &erasurePage{dataPage: a.dataPage(c, "admin.person_erase"), Planned: plan}
	if plan {
		err := a.plan(c, p)
		if fault.Is(err, fault.Invalid) || fault.Is(err, fault.NotFound) {
			p.Planned, status = false, http.StatusUnprocessableEntity
			if wrong = err; fault.Is(err, fault.NotFound) {
				wrong = fault.New(fault.Invalid, "person.whom").WithField("whom", "admin.no_match", nil)
			}
		} else if err != nil {
			return err
		}
	}
	if wrong != nil && !p.wrong(wrong) {
		return wrong
	}
	p.Whom = parts.Field{Name: "whom", Label: p.T("admin.whom"), Value: c.form.Typed("whom"), Wrong: p.Wrong("whom"), Max: 254, Fill: "off"}
	p.Reason = parts.Field{Name: "reason", Label: p.T("admin.data_why"), Rows: 2, Max: 500, Value: c.form.Typed("reason"), Wrong: p.Wrong("reason")}
	p.EvenSo = c.form != nil && c.form.Bool("even_so")
	return a.show(c, status, erasureView(p))
}

// plan puts what an erasure would do on the page.
func (a *Admin) plan(c *call, p *erasurePage) error {
	plan, err := a.Person.Plan(c.r.Context(), c.who(), whom(c))
	if err != nil {
		return err
	}
	day := func(t time.Time) string { return c.site.P.Date(t.In(a.Shop.TimeZone)) }
	p.Nothing, p.Account = plan.Nothing(), !plan.Account.IsZero()
	if kept := plan.Kept(); !kept.IsZero() {
		p.Kept = day(kept)
	}
	for _, o := range plan.Orders {
		row := erasingRow{Number: o.Number, Placed: day(o.PlacedAt), State: o.State.String(), StateText: p.T("order.state_" + o.State.String()),
			Goes: p.T("admin.goes_delivery"), Stays: p.T("admin.stays_nothing")}
		if !o.KeptTill.IsZero() {
			row.Stays = p.T("admin.stays_billing", "day", day(o.KeptTill))
		}
		switch {
		case o.Gone:
			row.Goes = p.T("admin.goes_gone")
		case o.Open:
			row.Goes, p.Open = p.T("admin.goes_open"), true
		case !o.Waits.IsZero():
			row.Goes, p.Waits = p.T("admin.goes_waits", "day", day(o.Waits)), day(o.Waits)
		}
		p.Rows = append(p.Rows, row)
	}
	return nil
}

// erasureAsk asks a second person.
func (a *Admin) erasureAsk(c *call) error {
	_, err := a.Person.Ask(c.r.Context(), c.who(), whom(c), c.form.Bool("even_so"), c.form.Lines("reason", 500))
	if isKey(err, "order.erase_waits") {
		err = fault.New(fault.Invalid, "person.whom").WithField("even_so", "order.erase_waits", fault.As(err).Params)
	}
	if fault.Is(err, fault.Invalid) {
		return a.showErasure(c, http.StatusUnprocessableEntity, true, err)
	}
	if err != nil {
		return err
	}
	return web.Redirect(c.w, "/approvals?done=waiting")
}

// keysPage is where keys of the store are destroyed.
type keysPage struct {
	*dataPage
	Kits   []kitRow
	Before parts.Field
	Safe   bool // another kit was checked: one of them can go
}

type kitRow struct{ ID, Name, Made, Checked string }

func (a *Admin) keysShow(c *call) error { return a.showKeys(c, http.StatusOK, nil) }

func (a *Admin) showKeys(c *call, status int, wrong error) error {
	keys, err := a.Staff.DestroyableKeys(c.r.Context(), c.who())
	if err != nil {
		return err
	}
	p := &keysPage{dataPage: a.dataPage(c, "admin.keys")}
	if wrong != nil && !p.wrong(wrong) {
		return wrong
	}
	checked := 0
	for _, k := range keys.Kits {
		row := kitRow{ID: k.ID.String(), Name: k.ID.String()[:8], Made: c.site.P.Date(k.Made.In(a.Shop.TimeZone)), Checked: p.T("admin.kit_unchecked")}
		if !k.Checked.IsZero() {
			row.Checked = p.T("admin.kit_checked", "day", c.site.P.Date(k.Checked.In(a.Shop.TimeZone)))
			checked++
		}
		p.Kits = append(p.Kits, row)
	}
	p.Safe = checked > 1 || checked == 1 && len(p.Kits) > 1
	p.Before = parts.Field{Name: "before", Label: p.T("admin.origins_before"), Type: "date", Wrong: p.Wrong("before"), Value: c.form.Typed("before")}
	p.Reason = parts.Field{Name: "reason", Label: p.T("admin.data_why"), Rows: 2, Max: 500, Value: c.form.Typed("reason"), Wrong: p.Wrong("reason")}
	if p.Waiting, err = a.waitingOf(c, access.DropKit, access.ForgetOrigin); err != nil {
		return err
	}
	return a.show(c, status, keysView(p))
}

func (a *Admin) kitDrop(c *call) error {
	kit, err := c.form.ID("kit")
	if err == nil {
		_, err = a.Staff.AskDropKit(c.r.Context(), c.who(), kit, c.form.Lines("reason", 500))
	}
	return a.askedKeys(c, err)
}

func (a *Admin) originsForget(c *call) error {
	before, err := time.ParseInLocation(time.DateOnly, c.form.Typed("before"), a.Shop.TimeZone)
	if err != nil {
		err = fault.New(fault.Invalid, "staff.ask_invalid").WithField("before", "admin.day_invalid", nil)
	} else {
		_, err = a.Staff.AskForgetOrigins(c.r.Context(), c.who(), before, c.form.Lines("reason", 500))
	}
	return a.askedKeys(c, err)
}

func (a *Admin) askedKeys(c *call, err error) error {
	if fault.Is(err, fault.Invalid) {
		return a.showKeys(c, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	return web.Redirect(c.w, "/approvals?done=waiting")
}
