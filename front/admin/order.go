package admin

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/guard/staff"
	"strongroom/shop/order"
	"strongroom/shop/payment/offline"
)

// orderPage is one order: what happened on the left, what can be done on the right.
type orderPage struct {
	*page
	Desk     order.Desk
	Row      orderRow
	Events   []eventRow
	Fields   []order.MaskedField
	Clear    bool // Fields are in clear
	Left     int  // looks that are left this hour
	Reasons  []parts.Option
	Carriers parts.Field
	Tracking parts.Field
	Members  []parts.Option
	Packer   string
	Mine     bool // the reader packs it
	Attempt  string
	Typed    *web.Form
	Open     string // the form that is folded out
	Groups   []fieldGroup
	Ledger   []ledgerRow
	Disputes []disputeRow
	Held     string // how a held sum stands
	HeldWarn bool
	Lost     []pair      // what was typed into a form that is no longer there
	Waits    parts.Link  // money that is waited for, and where it is written down
	Counter  string      // what is to be paid at pick-up, and until when it is kept
	Sum      parts.Field // that was paid at the counter
}

// fieldGroup is what belongs together of a person's data: an address is one.
type fieldGroup struct {
	Name  string
	Lines []string
}

type eventRow struct {
	At   time.Time
	When string
	Text string
	By   string
}

func (a *Admin) orderShow(c *call) error { return a.showOrder(c, http.StatusOK, "", nil, nil) }

// showOrder shows an order, with what was typed and what is wrong with it, or with its fields in clear.
func (a *Admin) showOrder(c *call, status int, open string, wrong error, clear []order.MaskedField) error {
	ctx, t := c.r.Context(), c.site.T
	d, err := a.Order.ForDesk(ctx, c.who(), c.r.PathValue("number"))
	if err != nil {
		return err
	}
	p := &orderPage{page: a.page(c, t("admin.order_title", "number", d.Number)), Desk: d, Row: a.rowOf(c, d.Order), Fields: d.Fields,
		Typed: c.form, Open: open, Attempt: id.NewToken().Clear(), Mine: d.Packer == c.who().ID}
	if clear != nil {
		p.Fields, p.Clear = clear, true
	}
	if d.CanReveal {
		if p.Left, err = a.Staff.Left(ctx, c.who()); err != nil {
			return err
		}
	}
	for _, word := range access.LookReasons() {
		p.Reasons = append(p.Reasons, parts.Option{Value: word, Text: t("access.why_" + word)})
	}
	p.Events = a.eventsOf(c, d)
	p.Held, p.HeldWarn = a.heldText(c, d)
	switch {
	case fault.Is(wrong, fault.Conflict):
		p.Notice, p.Warn = c.site.P.Fault(fault.As(wrong)), true
		p.Lost = lostOf(c, p)
	case wrong != nil && !p.wrong(wrong):
		return wrong
	}
	p.Groups = groupsOf(c.site, p.Fields)
	if err := a.moneyOf(c, p); err != nil {
		return err
	}
	p.shipFields(c.form)
	if err := a.awaited(c, p); err != nil {
		return err
	}
	if err := a.packing(c, p); err != nil {
		return err
	}
	if c.form == nil {
		p.Notice = done(c)
	}
	return a.show(c, status, orderView(p))
}

// done is the text of what was just done; the address names it by a word.
func done(c *call) string {
	key := "admin.done_" + c.r.URL.Query().Get("done")
	if !c.site.P.Has(key) {
		return ""
	}
	return c.site.T(key)
}

func (p *orderPage) shipFields(typed *web.Form) {
	p.Carriers = parts.Field{Name: "carrier", Label: p.T("admin.carrier"), Value: typed.Typed("carrier"), Wrong: p.Wrong("carrier")}
	for _, word := range order.Carriers() {
		p.Carriers.Options = append(p.Carriers.Options, parts.Option{Value: word, Text: p.T("order.carrier_" + word)})
	}
	p.Tracking = parts.Field{Name: "tracking", Label: p.T("admin.tracking"), Value: typed.Typed("tracking"), Wrong: p.Wrong("tracking"),
		Optional: true, Max: 50, Fill: "off"}
}

// awaited says that money is waited for which does not come through a provider: by transfer, or at the counter.
func (a *Admin) awaited(c *call, p *orderPage) error {
	d := p.Desk
	if d.AtCounter() {
		p.Counter = p.T("admin.counter_open", "sum", c.site.P.Money(d.Total, d.Currency), "until", a.when(c, d.PayUntil))
		p.Sum = priced(parts.Field{Name: "amount", Label: p.T("admin.counter_sum"), Value: money.Decimal(d.Total, d.Currency), Max: 20, Wrong: p.Wrong("amount")})
		if p.Open == "hand" {
			p.Sum.Value = p.Typed.Typed("amount")
		}
		return nil
	}
	if d.State != order.PaymentPending || !c.who().May(access.PaymentView) {
		return nil
	}
	i, ok, err := a.Offline.Waits(c.r.Context(), d.Number)
	if err != nil || !ok || i.Method != offline.Transfer {
		return err
	}
	p.Waits = parts.Link{Text: p.T("admin.transfer_waits", "sum", c.site.P.Money(i.Rest, i.Currency), "until", a.when(c, i.Until)), Href: address("/transfers", "number", d.Number)}
	return nil
}

// orderHandOver writes down that the goods were handed over and paid, in one act.
func (a *Admin) orderHandOver(c *call) error {
	amount, err := money.Parse(strings.ReplaceAll(c.form.Typed("amount"), ",", "."), a.Shop.Currency)
	if err != nil {
		amount = 0 // is refused with the field's words, after the right was asked for
	}
	err = a.Offline.HandOver(c.r.Context(), c.who(), offline.Handed{Number: c.r.PathValue("number"), Amount: amount,
		How: offline.How(c.form.Typed("how")), Attempt: c.form.Typed("attempt")})
	return a.after(c, "hand", "handed_over", a.unlessThere(c, err, func(d order.Desk) bool { return d.Parcel == order.Delivered }))
}

// packing says who packs the order and, for who may give it to somebody, whom there is.
func (a *Admin) packing(c *call, p *orderPage) (err error) {
	if !p.Desk.Packer.IsZero() {
		if p.Packer, err = a.Staff.Called(c.r.Context(), p.Desk.Packer); err != nil {
			return err
		}
	}
	if !c.who().May(access.OrderAssign) || !c.who().May(access.StaffView) || !p.Desk.Packer.IsZero() {
		return nil
	}
	list, err := a.Staff.Members(c.r.Context(), c.who(), false)
	for _, m := range list {
		if m.State == staff.Active && m.Role.Permissions.Has(access.OrderPack) {
			p.Members = append(p.Members, parts.Option{Value: m.ID.String(), Text: m.Called})
		}
	}
	return err
}

// eventsOf is everything that happened, the latest first.
func (a *Admin) eventsOf(c *call, d order.Desk) (out []eventRow) {
	t := c.site.T
	add := func(at time.Time, text, by string) {
		if !at.IsZero() {
			out = append(out, eventRow{at, a.when(c, at), text, actorText(c.site, by)})
		}
	}
	for _, m := range d.Moves {
		add(m.At, t("order.reason_"+string(m.Reason)), m.Actor)
	}
	for _, m := range d.Parcels {
		if m.Reason == order.BecauseSent || m.Reason == order.BecauseArrived { // the rest follows from the money
			add(m.At, t(d.StepKey(m.To)), m.Actor)
		}
	}
	for _, pay := range d.Payments {
		for _, r := range pay.Refunds {
			add(r.Made, t("admin.refund_asked", "amount", c.site.P.Money(r.Amount, d.Currency)), "")
		}
	}
	add(d.Withdrawn, t("admin.withdrawn"), "")
	slices.SortStableFunc(out, func(a, b eventRow) int { return b.At.Compare(a.At) })
	return out
}

// orderReveal shows the personal data in clear, for a reason, in this answer only.
func (a *Admin) orderReveal(c *call) error {
	reason := c.form.Text("reason", 30)
	if other := c.form.Text("other", 300); other != "" {
		reason = other
	}
	m, err := a.Order.Reveal(c.r.Context(), c.r.PathValue("number"), c.who(), reason)
	if fault.Is(err, fault.Invalid) {
		return a.showOrder(c, http.StatusUnprocessableEntity, "reveal", err, nil)
	}
	if err != nil {
		return err
	}
	return a.showOrder(c, http.StatusOK, "", nil, m.Fields)
}

// after leads back to the order, or shows its form again with what was typed: beside the field what is wrong, above
// everything that somebody else was there first.
func (a *Admin) after(c *call, open, word string, err error) error {
	switch {
	case fault.Is(err, fault.Invalid) && len(fault.As(err).Fields) > 0:
		return a.showOrder(c, http.StatusUnprocessableEntity, open, err, nil)
	case fault.Is(err, fault.Conflict):
		return a.showOrder(c, http.StatusConflict, open, err, nil)
	case err != nil:
		return err
	}
	return web.Redirect(c.w, "/orders/"+c.r.PathValue("number")+"?done="+word)
}

// pieces reads how many pieces of each line were chosen; zero pieces are none.
func pieces(f *web.Form) (out []order.Pieces) {
	for _, name := range f.Names() {
		if len(name) < 3 || name[:2] != "n." {
			continue
		}
		position, err := strconv.Atoi(name[2:])
		if n := f.IntOr(name, 0, 0, 100_000); err == nil && n > 0 {
			out = append(out, order.Pieces{Position: position, Quantity: n})
		}
	}
	return out
}

// seenOf is the version of the order that the form was made of.
func seenOf(f *web.Form) *int64 {
	n := f.Int("seen", 0, 1<<40)
	return &n
}

func (a *Admin) orderShip(c *call) error {
	d := order.Dispatch{Number: c.r.PathValue("number"), Carrier: c.form.Text("carrier", 20), Tracking: c.form.Text("tracking", 60),
		Lines: pieces(c.form), Attempt: c.form.Text("attempt", 64), Seen: seenOf(c.form),
		LetGo: c.form.Bool("rest")}
	err := c.form.Err()
	if err == nil && len(d.Lines) == 0 {
		err = fault.New(fault.Invalid, "order.dispatch_invalid").WithField("lines", "order.pieces_invalid", nil)
	}
	word := "shipped"
	if err == nil {
		var sh order.Shipment
		if sh, err = a.Order.Ship(c.r.Context(), c.who(), d); sh.Carrier == "" {
			word = "ready"
		}
	}
	return a.after(c, "ship", word, err)
}

func (a *Admin) orderDeliver(c *call) error {
	err := a.Order.Deliver(c.r.Context(), c.who(), c.r.PathValue("number"), a.Clock.Now())
	return a.after(c, "", "delivered", a.unlessThere(c, err, func(d order.Desk) bool { return d.Parcel == order.Delivered }))
}

// unlessThere forgets a conflict when the order is where the act would have brought it: a second click.
func (a *Admin) unlessThere(c *call, err error, there func(order.Desk) bool) error {
	if !fault.Is(err, fault.Conflict) {
		return err
	}
	d, derr := a.Order.ForDesk(c.r.Context(), c.who(), c.r.PathValue("number"))
	if derr == nil && there(d) {
		return nil
	}
	return err
}

// orderCancel cancels an order: one that is not paid, or a paid one of which nothing was sent.
func (a *Admin) orderCancel(c *call) error {
	ctx, number := c.r.Context(), c.r.PathValue("number")
	if !c.form.Bool("paid") {
		err := a.Order.Cancel(ctx, number, c.who())
		return a.after(c, "cancel", "cancelled", a.unlessThere(c, err, func(d order.Desk) bool { return d.State == order.Cancelled }))
	}
	back, err := a.Order.CallOff(ctx, c.who(), number, c.form.Lines("cancel_note", 500))
	return a.after(c, "cancel", waiting(back, "cancelled"), err)
}

// waiting is the word for what came of giving money back.
func waiting(back order.GivenBack, word string) string {
	if !back.Waiting.IsZero() {
		return "waiting"
	}
	return word
}

func (a *Admin) orderRefund(c *call) error {
	g := order.GiveBack{Number: c.r.PathValue("number"), Lines: pieces(c.form), Shipping: c.form.Bool("shipping"),
		Reason: order.Reason(c.form.Text("why", 20)), Restock: c.form.Bool("restock"), Note: c.form.Lines("note", 500), Attempt: c.form.Text("attempt", 64),
		Seen: seenOf(c.form)}
	if c.form.Text("sum", 20) != "" {
		g.Sum = amountOf(c.form, "sum", a.Shop.Currency)
	}
	err := c.form.Err()
	var back order.GivenBack
	if err == nil {
		back, err = a.Order.Refund(c.r.Context(), c.who(), g)
	}
	return a.after(c, "refund", waiting(back, "refunded"), err)
}

func (a *Admin) orderAssign(c *call) error {
	member, err := c.form.ID("member")
	if err != nil {
		return err
	}
	err = a.Order.Assign(c.r.Context(), c.who(), c.r.PathValue("number"), member)
	return a.after(c, "", "assigned", a.unlessThere(c, err, func(d order.Desk) bool { return d.Packer == member }))
}

func (a *Admin) orderGiveUp(c *call) error {
	err := a.Order.GiveUp(c.r.Context(), c.who(), c.r.PathValue("number"))
	return a.after(c, "", "given_up", a.unlessThere(c, err, func(d order.Desk) bool { return d.Packer != c.who().ID }))
}

// sendJSON answers the palette.
func sendJSON(w http.ResponseWriter, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, err = w.Write(b)
	return err
}
