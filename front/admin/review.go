package admin

import (
	"net/http"
	"strconv"
	"strings"

	"strongroom/base/fault"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/shop/fraud"
	"strongroom/shop/order"
)

// reviewPage is what the defence against fraud holds, with why, and what people decide about it.
type reviewPage struct {
	*page
	Strict   bool
	Since    string
	Left     string
	CanRules bool
	Open     []reviewRow
	More     string
	Past     []reviewRow
}

type reviewRow struct {
	Order, Number, Href, Placed, Total, Score, State, StateText string
	Until, Reference, Newcomer                                  string
	Paid                                                        bool
	Reasons                                                     []string
}

func (a *Admin) reviewShow(c *call) error { return a.showReview(c, http.StatusOK, nil) }

func (a *Admin) showReview(c *call, status int, wrong error) error {
	q, open, past, err := a.Order.Held(c.r.Context(), c.who())
	if err != nil {
		return err
	}
	t, m := c.site.T, q.Mode
	p := &reviewPage{page: a.page(c, t("admin.review")), Strict: m.Strict, CanRules: c.who().May(access.FraudRules)}
	p.Since, p.Left = a.when(c, m.Since), c.site.P.Number(m.Sessions())
	p.Notice = done(c)
	if wrong != nil && !p.wrong(wrong) {
		p.Notice, p.Warn = c.site.P.Fault(fault.As(wrong)), true
	}
	for _, h := range open {
		p.Open = append(p.Open, a.reviewRow(c, h))
	}
	if q.More > 0 {
		p.More = t("fraud.queue_more", "n", c.site.P.Number(q.More))
	}
	for _, h := range past {
		p.Past = append(p.Past, a.reviewRow(c, h))
	}
	return a.show(c, status, reviewView(p))
}

func (a *Admin) reviewRow(c *call, h order.HeldOrder) reviewRow {
	t, s := c.site.T, c.site
	r := reviewRow{Order: h.Order.String(), Number: h.Number, Placed: a.when(c, h.At), Total: s.P.Money(h.Case.Total, a.Shop.Currency),
		Score: s.P.Number(h.Score + points(h.Seen)), State: h.Case.State.String(), StateText: t("fraud.state_" + h.Case.State.String()),
		Reference: fraud.Reference(h.Order), Paid: h.Ended == fraud.Paid}
	if h.Number != "" {
		r.Href = "/orders/" + h.Number
		r.Until = a.when(c, h.Until)
	}
	if h.Newcomer {
		r.Newcomer = t("fraud.newcomer")
	}
	if h.Declines > 0 {
		r.Reasons = append(r.Reasons, t("fraud.declines_here", "n", h.Declines))
	}
	for _, x := range append(h.Reasons, h.Seen...) {
		r.Reasons = append(r.Reasons, t("fraud.points", "why", t(x.Key()), "n", pointsText(x.Points)))
	}
	return r
}

func points(list []fraud.Reason) (n int64) {
	for _, r := range list {
		n += r.Points
	}
	return n
}

func pointsText(n int64) string {
	if n > 0 {
		return "+" + strconv.FormatInt(n, 10)
	}
	return "−" + strconv.FormatInt(-n, 10)
}

// reviewRelease lets an order go on, with one press.
func (a *Admin) reviewRelease(c *call) error {
	return a.reviewed(c, a.Order.Release(c.r.Context(), c.who(), c.r.PathValue("number")), "released")
}

// reviewDeny ends an order: cancelled, and what was paid goes back. Whoever decides may block the browser or the address
// with the same press.
func (a *Admin) reviewDeny(c *call) error {
	ctx, number := c.r.Context(), c.r.PathValue("number")
	gave, err := a.Order.Deny(ctx, c.who(), number, c.site.T("fraud.denied_note"))
	if err != nil {
		return a.reviewed(c, err, "")
	}
	about, err := c.form.ID("order")
	if err != nil {
		return err
	}
	for _, word := range []string{"device", "address"} {
		if c.form.Typed("block_"+word) != "1" {
			continue
		}
		kind, _ := fraud.ParseKind(word)
		err := a.Fraud.Put(ctx, c.who(), fraud.Wish{Kind: kind, Order: about, Why: c.site.T("fraud.denied_note"), Days: 90})
		if err != nil && !fault.Is(err, fault.NotFound) { // an order without a browser's number blocks none
			return err
		}
	}
	if !gave.Waiting.IsZero() {
		return web.Redirect(c.w, "/review?done=waiting")
	}
	return web.Redirect(c.w, "/review?done=denied")
}

// reviewed leads back to the queue, or shows there why it did not go.
func (a *Admin) reviewed(c *call, err error, word string) error {
	if fault.Is(err, fault.Conflict) {
		return a.showReview(c, http.StatusConflict, err)
	}
	if err != nil {
		return err
	}
	return web.Redirect(c.w, "/review?done="+word)
}

// reviewCalm ends strict times by hand.
func (a *Admin) reviewCalm(c *call) error {
	return a.reviewed(c, a.Fraud.Calm(c.r.Context(), c.who()), "calm")
}

// listsPage are the block and allow lists.
type listsPage struct {
	*page
	Rows     []listRow
	Kind     parts.Field
	List     parts.Field
	Value    parts.Field
	Why      parts.Field
	Days     parts.Field
	CanRules bool
}

type listRow struct{ ID, Kind, List, ListText, Label, Why, By, Made, Ends string }

func (a *Admin) listsShow(c *call) error { return a.showLists(c, http.StatusOK, nil) }

func (a *Admin) showLists(c *call, status int, wrong error) error {
	list, err := a.Fraud.Entries(c.r.Context(), c.who())
	if err != nil {
		return err
	}
	t := c.site.T
	p := &listsPage{page: a.page(c, t("admin.lists")), CanRules: c.who().May(access.FraudRules)}
	if c.form == nil {
		p.Notice = done(c)
	}
	if wrong != nil && !p.wrong(wrong) {
		p.Notice, p.Warn = c.site.P.Fault(fault.As(wrong)), true
	}
	for _, e := range list {
		row := listRow{ID: e.ID.String(), Kind: t("fraud.kind_" + e.Kind.String()), List: "bad", ListText: t("fraud.block"), Label: e.Label,
			Why: e.Why, Made: a.when(c, e.Made), Ends: a.when(c, e.Ends)}
		if e.Allow {
			row.List, row.ListText = "done", t("fraud.allow")
		}
		if row.By, err = a.Staff.Called(c.r.Context(), e.By); err != nil {
			return err
		}
		p.Rows = append(p.Rows, row)
	}
	p.fields(c)
	return a.show(c, status, listsView(p))
}

func (p *listsPage) fields(c *call) {
	typed := func(name, otherwise string) string {
		if v := c.form.Typed(name); v != "" {
			return v
		}
		return otherwise
	}
	t := p.T
	choice := func(name, label string, words []string, prefix, otherwise string) parts.Field {
		f := parts.Field{Name: name, Label: t(label), Wrong: p.Wrong(name)}
		for _, w := range words {
			f.Options = append(f.Options, parts.Option{Value: w, Text: t(prefix + w), Selected: w == typed(name, otherwise)})
		}
		return f
	}
	p.List = choice("list", "fraud.list", []string{"block", "allow"}, "fraud.", "block")
	p.Kind = choice("kind", "fraud.kind", []string{"address", "domain", "network"}, "fraud.kind_", "address")
	p.Value = parts.Field{Name: "value", Label: t("fraud.value"), Hint: t("fraud.value_hint"), Max: 254, Fill: "off", Value: typed("value", ""), Wrong: p.Wrong("value")}
	p.Why = parts.Field{Name: "why", Label: t("fraud.why"), Max: 200, Value: typed("why", ""), Wrong: p.Wrong("why")}
	p.Days = parts.Field{Name: "days", Label: t("fraud.days"), Hint: t("fraud.days_hint"), Mode: "numeric", Max: 4, Value: typed("days", "90"), Wrong: p.Wrong("days")}
}

func (a *Admin) listsPut(c *call) error {
	kind, _ := fraud.ParseKind(c.form.Typed("kind"))
	days, err := strconv.Atoi(strings.TrimSpace(c.form.Typed("days")))
	if err != nil {
		days = -1
	}
	err = a.Fraud.Put(c.r.Context(), c.who(), fraud.Wish{Kind: kind, Allow: c.form.Typed("list") == "allow", Value: c.form.Typed("value"),
		Why: c.form.Typed("why"), Days: days})
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
		return a.showLists(c, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	return web.Redirect(c.w, "/review/lists?done=listed")
}

func (a *Admin) listsDrop(c *call) error {
	entry, err := c.form.ID("entry")
	if err != nil {
		return err
	}
	if err := a.Fraud.Drop(c.r.Context(), c.who(), entry); err != nil {
		return err
	}
	return web.Redirect(c.w, "/review/lists?done=unlisted")
}

// strictBand is the sentence that stands on every page of the desk while the store is strict.
func (a *Admin) strictBand(c *call) string {
	if !c.who().May(access.FraudDecide) || a.Fraud == nil {
		return ""
	}
	m, err := a.Fraud.Mode(c.r.Context())
	if err != nil || !m.Strict {
		return ""
	}
	return c.site.T("admin.strict_band", "time", a.when(c, m.Since))
}
