package admin

import (
	"net/http"
	"strings"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/shop/payment"
)

// moneyRoutes are the pages on which providers, ledger and orders are compared.
func (a *Admin) moneyRoutes() []route {
	return []route{
		{"GET", "/money", theDesk, a.differencesShow},
		{"POST", "/money/compare", theDesk, a.moneyCompare},
		{"POST", "/money/ask", theDesk, a.differenceAsk},
		{"POST", "/money/accept", theDesk, a.differenceAccept},
		{"GET", "/money/ledger", theDesk, a.ledgerShow},
		{"GET", "/money/disputes", theDesk, a.disputesShow},
		{"GET", "/money/disputes/{dispute}", theDesk, a.disputeShow},
		{"POST", "/money/disputes/{dispute}/collect", theDesk, a.disputeCollect},
		{"POST", "/money/disputes/{dispute}/answer", theDesk, a.disputeAnswer},
		{"POST", "/money/disputes/{dispute}/accept", theDesk, a.disputeAccept},
	}
}

// moneyTabs are the pages about money.
var moneyTabs = []struct{ key, path string }{
	{"admin.differences", "/money"},
	{"admin.disputes", "/money/disputes"},
	{"admin.ledger", "/money/ledger"},
}

// moneyPage is what they have in common.
type moneyPage struct {
	*page
	Tabs   []parts.Link
	Settle bool   // the reader may do something about it
	Kept   string // what came by transfer beside what is owed
}

func (a *Admin) moneyPage(c *call, key string) moneyPage {
	p := moneyPage{page: a.page(c, c.site.T(key)), Settle: c.who().May(access.PaymentSettle)}
	p.Notice = done(c)
	for _, tab := range moneyTabs {
		p.Tabs = append(p.Tabs, parts.Link{Text: c.site.T(tab.key), Href: tab.path, Current: tab.key == key})
	}
	return p
}

// kept says how much came by transfer and is no payment: a part that waits for its rest, or what goes back.
func (a *Admin) kept(c *call) (string, error) {
	sum, err := a.Payment.Held(c.r.Context(), c.who())
	if err != nil || sum == 0 {
		return "", err
	}
	return c.site.T("admin.money_kept", "sum", c.site.P.Money(sum, a.Shop.Currency)), nil
}

// differencesPage is what does not agree, with what to do about each.
type differencesPage struct {
	moneyPage
	Worst    string
	Sentence string
	Runs     []string
	Rows     []differenceRow
	Past     []differenceRow
	Next     string
	Whys     []parts.Option
}

type differenceRow struct {
	ID, What, Do, Day, Number, Subject, Ours, Theirs, State, StateText, Why, Act, ActText string
	Open                                                                                  bool   // its form for accepting is folded out
	Note, NoteWrong, WhyTyped, WhyWrong                                                   string // what was typed
}

func (a *Admin) differencesShow(c *call) error { return a.showDifferences(c, http.StatusOK, "", nil) }

// showDifferences lists what is open, and what was dealt with lately. open is the one whose form is shown again.
func (a *Admin) showDifferences(c *call, status int, open string, wrong error) error {
	ctx := c.r.Context()
	after, err := afterOf(c)
	if err != nil {
		return err
	}
	list, err := a.Payment.Differences(ctx, c.who(), payment.DifferenceOpen, after)
	if err != nil {
		return err
	}
	p := &differencesPage{moneyPage: a.moneyPage(c, "admin.differences")}
	if p.Kept, err = a.kept(c); err != nil {
		return err
	}
	if wrong != nil && !p.wrong(wrong) {
		if !fault.Is(wrong, fault.Conflict) && !fault.Is(wrong, fault.Unavailable) {
			return wrong
		}
		p.Notice, p.Warn = c.site.P.Fault(fault.As(wrong)), true
	}
	for _, w := range payment.WhyAccepted() {
		p.Whys = append(p.Whys, parts.Option{Value: w, Text: c.site.T("payment.why_" + w)})
	}
	for _, d := range list {
		p.Rows = append(p.Rows, a.differenceRow(c, p, d, open))
	}
	if len(list) == 100 {
		p.Next = address("/money", "after", list[99].ID.String())
	}
	if err := a.pastDifferences(c, p); err != nil {
		return err
	}
	return a.verdict(c, p, status)
}

// verdict says how all stands in one sentence, and sends the page.
func (a *Admin) verdict(c *call, p *differencesPage, status int) error {
	ctx, t := c.r.Context(), c.site.T
	n, err := a.Payment.OpenDifferences(ctx)
	if err != nil {
		return err
	}
	runs, err := a.Payment.Comparisons(ctx, c.who())
	if err != nil {
		return err
	}
	accounts := map[string]int{}
	for _, r := range runs {
		accounts[r.Provider]++
	}
	for _, r := range runs {
		name := a.calledAs(r.Provider)
		if accounts[name] > 1 { // an account that another one replaced is compared, too
			name += " " + r.Account
		}
		switch {
		case r.Running:
			p.Runs = append(p.Runs, t("admin.money_running", "name", name))
		case !r.Ended.IsZero():
			key := "admin.money_last"
			if r.Span.From == r.Span.To {
				key = "admin.money_last_day"
			}
			p.Runs = append(p.Runs, t(key, "time", a.when(c, r.Ended), "name", name, "from", a.day(c, r.Span.From.Begin(a.Shop.TimeZone)),
				"to", a.day(c, r.Span.To.Begin(a.Shop.TimeZone))))
		}
	}
	switch {
	case n > 0:
		p.Worst, p.Sentence = "wrong", t("admin.money_differs", "n", int(n))
	case len(p.Runs) == 0:
		p.Worst, p.Sentence = "advice", t("admin.money_never")
	default:
		p.Worst, p.Sentence = "good", t("admin.money_agrees")
	}
	return a.show(c, status, differencesView(p))
}

func (a *Admin) pastDifferences(c *call, p *differencesPage) error {
	for _, state := range []string{payment.DifferenceAccepted, payment.DifferenceSettled} {
		list, err := a.Payment.Differences(c.r.Context(), c.who(), state, id.ID{})
		if err != nil {
			return err
		}
		for _, d := range list[:min(len(list), 10)] {
			p.Past = append(p.Past, a.differenceRow(c, p, d, ""))
		}
	}
	return nil
}

func (a *Admin) differenceRow(c *call, p *differencesPage, d payment.Difference, open string) differenceRow {
	t := c.site.T
	r := differenceRow{ID: d.ID.String(), What: t("payment.diff." + string(d.Kind)), Do: t("payment.diff." + string(d.Kind) + "_do"), Day: d.Day.String(),
		Number: d.Number, Subject: d.Subject, Ours: sumOf(c, d.Ours, d.Currency), Theirs: sumOf(c, d.Theirs, d.Currency),
		State: "bad", StateText: t("payment.difference." + d.State), Act: d.Kind.Action()}
	if d.State != payment.DifferenceOpen {
		r.State = "left"
	}
	if d.Why != "" {
		r.Why = t("payment.why_" + d.Why)
	}
	switch r.Act {
	case "ask":
		r.ActText = t("admin.money_ask")
	case "again":
		r.ActText = t("admin.money_again")
	}
	if r.ID == open {
		r.Open, r.WhyTyped, r.Note, r.WhyWrong, r.NoteWrong = true, c.form.Typed("why"), c.form.Typed("note"), p.Wrong("why"), p.Wrong("note")
	}
	return r
}

// sumOf is an amount in a currency that the store may not know.
func sumOf(c *call, a money.Amount, currency money.Currency) string {
	if currency.Known() {
		return c.site.P.Money(a, currency)
	}
	return money.Decimal(a, currency) + " " + string(currency)
}

// afterOf reads the place in a list from the address.
func afterOf(c *call) (v id.ID, err error) {
	q, err := web.ReadQuery(c.r)
	if err != nil || q.Typed("after") == "" {
		return v, err
	}
	if v, err = id.Parse(q.Typed("after")); err != nil {
		return v, fault.New(fault.Malformed, "web.not_found").Because(err)
	}
	return v, nil
}

// moneyCompare has everything compared, in the background.
func (a *Admin) moneyCompare(c *call) error {
	if err := a.Payment.CompareSoon(c.r.Context(), c.who()); err != nil {
		return err
	}
	return web.Redirect(c.w, "/money?done=money_compare")
}

// differenceAsk asks the provider about one difference and compares it again.
func (a *Admin) differenceAsk(c *call) error {
	v, err := c.form.ID("difference")
	if err != nil {
		return err
	}
	d, err := a.Payment.AskAboutDifference(c.r.Context(), c.who(), v)
	if fault.Is(err, fault.Conflict) || fault.Is(err, fault.Unavailable) {
		return a.showDifferences(c, http.StatusConflict, "", err)
	}
	if err != nil {
		return err
	}
	if d.State == payment.DifferenceOpen {
		return web.Redirect(c.w, "/money?done=money_still")
	}
	return web.Redirect(c.w, "/money?done=money_settled")
}

// differenceAccept says that a difference is all right.
func (a *Admin) differenceAccept(c *call) error {
	v, err := c.form.ID("difference")
	if err != nil {
		return err
	}
	why, note := c.form.Text("why", 30), c.form.Lines("note", 500)
	if err = c.form.Err(); err == nil {
		err = a.Payment.AcceptDifference(c.r.Context(), c.who(), v, why, note)
	}
	switch {
	case fault.Is(err, fault.Invalid):
		return a.showDifferences(c, http.StatusUnprocessableEntity, v.String(), err)
	case fault.Is(err, fault.Conflict):
		return a.showDifferences(c, http.StatusConflict, "", err)
	case err != nil:
		return err
	}
	return web.Redirect(c.w, "/money?done=money_accepted")
}

// ledgerPage is the sum of every account.
type ledgerPage struct {
	moneyPage
	Good     bool
	Counted  string
	Accounts []accountRow
}

type accountRow struct{ Name, Sum string }

func (a *Admin) ledgerShow(c *call) error {
	r, err := a.Payment.Ledger(c.r.Context(), c.who())
	if err != nil {
		return err
	}
	p := &ledgerPage{moneyPage: a.moneyPage(c, "admin.ledger"), Good: r.OK(),
		Counted: c.site.T("admin.ledger_entries", "movements", c.site.P.Number(r.Movements), "entries", c.site.P.Number(r.Entries))}
	if p.Kept, err = a.kept(c); err != nil {
		return err
	}
	for _, b := range r.Balances {
		p.Accounts = append(p.Accounts, accountRow{a.accountName(c.site, b.Account), sumOf(c, b.Amount, b.Currency)})
	}
	return a.show(c, http.StatusOK, ledgerView(p))
}

// accountName is an account in words.
func (a *Admin) accountName(s *parts.Site, account string) string {
	if name, ok := strings.CutPrefix(account, "provider."); ok {
		return s.T("payment.account.provider", "name", a.calledAs(name))
	}
	return s.T("payment.account." + account)
}

// calledAs is what shoppers read a provider called; one that is off has its short name.
func (a *Admin) calledAs(provider string) string {
	for _, d := range a.Payment.Providers() {
		if d.Name == provider {
			return d.Label
		}
	}
	return provider
}

// ledgerRow is one line of what was booked for an order; What stands on the first line of a booking.
type ledgerRow struct{ What, Account, Sum string }

// moneyOf adds the ledger and the disputes of an order, for who may see payments.
func (a *Admin) moneyOf(c *call, p *orderPage) error {
	if !c.who().May(access.PaymentView) {
		return nil
	}
	lines, err := a.Payment.LedgerOf(c.r.Context(), c.who(), p.Desk.ID)
	if err != nil {
		return err
	}
	last := ""
	for _, l := range lines {
		r := ledgerRow{Account: a.accountName(c.site, l.Account), Sum: sumOf(c, l.Amount, p.Desk.Currency)}
		if l.Booking != last {
			r.What, last = c.site.T("payment.booking."+l.Kind)+" "+a.when(c, l.At), l.Booking
		}
		p.Ledger = append(p.Ledger, r)
	}
	list, err := a.Payment.DisputesOf(c.r.Context(), p.Desk.ID)
	for _, d := range list {
		p.Disputes = append(p.Disputes, a.disputeRow(c, d))
	}
	return err
}
