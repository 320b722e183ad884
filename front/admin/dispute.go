package admin

import (
	"net/http"
	"time"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/shop/payment"
)

// disputesPage is what buyers have taken to their banks.
type disputesPage struct {
	moneyPage
	Open, Past []disputeRow
}

type disputeRow struct {
	ID, Href, Number, State, StateText, Reason, Amount, Taken, Opened, Due string
}

func (a *Admin) disputesShow(c *call) error {
	open, past, err := a.Payment.Disputes(c.r.Context(), c.who())
	if err != nil {
		return err
	}
	p := &disputesPage{moneyPage: a.moneyPage(c, "admin.disputes")}
	for _, d := range open {
		p.Open = append(p.Open, a.disputeRow(c, d))
	}
	for _, d := range past {
		p.Past = append(p.Past, a.disputeRow(c, d))
	}
	return a.show(c, http.StatusOK, disputesView(p))
}

// disputeLook is the dot before each state.
var disputeLook = map[payment.DisputeStatus]string{payment.DisputeInquiry: "advice", payment.DisputeOpen: "bad", payment.DisputeReview: "waiting",
	payment.DisputeWon: "good", payment.DisputeLost: "left", payment.DisputeAccepted: "left"}

func (a *Admin) disputeRow(c *call, d payment.Dispute) disputeRow {
	r := disputeRow{ID: d.ID.String(), Href: "/money/disputes/" + d.ID.String(), Number: d.Number, State: disputeLook[d.State],
		StateText: c.site.T("payment.dispute." + string(d.State)), Reason: d.Reason, Amount: sumOf(c, d.Amount, d.Currency),
		Taken: sumOf(c, d.Taken, d.Currency), Opened: a.when(c, d.Opened)}
	if !d.Due.IsZero() && !d.Over() {
		r.Due = a.when(c, d.Due)
	}
	return r
}

// disputePage is one dispute: where it stands, what the answer is made of.
type disputePage struct {
	moneyPage
	Row        disputeRow
	Moves      []eventRow
	Answerable bool
	CanCollect bool
	Collected  bool
	Reasons    []parts.Option
	Evidence   []parts.Field
	Shipped    string
	Typed      *web.Form
}

func (a *Admin) disputeShow(c *call) error { return a.showDispute(c, http.StatusOK, nil, nil) }

// showDispute shows a dispute, with evidence that was just collected or typed, and what is wrong with it.
func (a *Admin) showDispute(c *call, status int, e *payment.Evidence, wrong error) error {
	v, err := disputeID(c)
	if err != nil {
		return err
	}
	d, moves, err := a.Payment.Dispute(c.r.Context(), c.who(), v)
	if err != nil {
		return err
	}
	p := &disputePage{moneyPage: a.moneyPage(c, "admin.disputes"), Row: a.disputeRow(c, d), Typed: c.form,
		Answerable: d.Answerable(a.Clock.Now()), Collected: e != nil}
	p.Title = c.site.T("admin.dispute")
	if d.Number != "" {
		p.Title = c.site.T("admin.dispute_of", "number", d.Number)
	}
	p.CanCollect = p.Settle && c.who().May(access.OrderReveal) && !c.who().Masked && d.Number != ""
	if wrong != nil && !p.wrong(wrong) {
		if !fault.Is(wrong, fault.Conflict) && !fault.Is(wrong, fault.Unavailable) {
			return wrong
		}
		p.Notice, p.Warn = c.site.P.Fault(fault.As(wrong)), true
	}
	for _, m := range moves {
		p.Moves = append(p.Moves, eventRow{At: m.At, When: a.when(c, m.At), Text: c.site.T("payment.dispute." + string(m.New))})
	}
	for _, word := range access.LookReasons() {
		p.Reasons = append(p.Reasons, parts.Option{Value: word, Text: c.site.T("access.why_" + word)})
	}
	if e != nil {
		p.evidence(*e)
	}
	return a.show(c, status, disputeView(p))
}

func disputeID(c *call) (id.ID, error) {
	v, err := id.Parse(c.r.PathValue("dispute"))
	if err != nil {
		return v, fault.New(fault.NotFound, "payment.dispute_unknown")
	}
	return v, nil
}

// evidence makes the fields of an answer.
func (p *disputePage) evidence(e payment.Evidence) {
	field := func(name, value string, rows int) {
		p.Evidence = append(p.Evidence, parts.Field{Name: name, Label: p.T("admin.dispute_" + name), Value: value, Rows: rows, Max: 5000,
			Optional: true, Fill: "off", Wrong: p.Wrong(name)})
	}
	field("product", e.Product, 3)
	field("buyer", e.Buyer, 0)
	field("email", e.Email, 0)
	field("address", e.Address, 4)
	field("carrier", e.Carrier, 0)
	field("tracking", e.Tracking, 0)
	field("policy", e.Policy, 3)
	field("text", e.Text, 5)
	if !e.ShippedAt.IsZero() {
		p.Shipped = e.ShippedAt.UTC().Format(time.RFC3339)
	}
}

// disputeCollect takes from the order what answers a dispute: a look at a person, with its reason.
func (a *Admin) disputeCollect(c *call) error {
	ctx := c.r.Context()
	v, err := disputeID(c)
	if err != nil {
		return err
	}
	if err := a.Payment.MayAnswer(ctx, c.who(), v); err != nil {
		return err
	}
	d, _, err := a.Payment.Dispute(ctx, c.who(), v)
	if err != nil {
		return err
	}
	e, err := a.Order.Evidence(ctx, c.who(), d.Number, c.form.Text("reason", 30))
	if fault.Is(err, fault.Invalid) {
		return a.showDispute(c, http.StatusUnprocessableEntity, nil, err)
	}
	if err != nil {
		return err
	}
	if e.Carrier != "" {
		e.Carrier = c.site.T("order.carrier_" + e.Carrier)
	}
	e.Policy = c.site.T("admin.dispute_policy_text", "days", a.Shop.WithdrawalDays, "returns", a.Shop.ReturnDays)
	return a.showDispute(c, http.StatusOK, &e, nil)
}

// typedEvidence reads the answer from the form.
func typedEvidence(c *call) (e payment.Evidence) {
	e = payment.Evidence{Product: c.form.Lines("product", 5000), Buyer: c.form.Text("buyer", 300), Email: c.form.Text("email", 254),
		Address: c.form.Lines("address", 1000), Carrier: c.form.Text("carrier", 100), Tracking: c.form.Text("tracking", 500),
		Policy: c.form.Lines("policy", 5000), Text: c.form.Lines("text", 5000), Submit: c.form.Typed("how") != "draft"}
	e.ShippedAt, _ = time.Parse(time.RFC3339, c.form.Typed("shipped")) // none is no fault
	return e
}

func (a *Admin) disputeAnswer(c *call) error {
	v, err := disputeID(c)
	if err != nil {
		return err
	}
	e := typedEvidence(c)
	if err = c.form.Err(); err == nil {
		_, err = a.Payment.AnswerDispute(c.r.Context(), c.who(), v, e)
	}
	if err == nil && !e.Submit {
		return web.Redirect(c.w, "/money/disputes/"+v.String()+"?done=dispute_drafted")
	}
	return a.afterDispute(c, v, "dispute_answered", &e, err)
}

func (a *Admin) disputeAccept(c *call) error {
	v, err := disputeID(c)
	if err != nil {
		return err
	}
	if !c.form.Bool("sure") {
		return web.Redirect(c.w, "/money/disputes/"+v.String())
	}
	_, err = a.Payment.AcceptDispute(c.r.Context(), c.who(), v)
	return a.afterDispute(c, v, "dispute_accepted", nil, err)
}

// afterDispute leads on, or shows what was typed once more.
func (a *Admin) afterDispute(c *call, v id.ID, word string, e *payment.Evidence, err error) error {
	switch {
	case fault.Is(err, fault.Invalid):
		return a.showDispute(c, http.StatusUnprocessableEntity, e, err)
	case fault.Is(err, fault.Conflict) || fault.Is(err, fault.Unavailable):
		return a.showDispute(c, http.StatusConflict, e, err)
	case err != nil:
		return err
	}
	return web.Redirect(c.w, "/money/disputes/"+v.String()+"?done="+word)
}
