package admin

import (
	"net/http"
	"strconv"
	"strings"

	"strongroom/base/fault"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/shop/fraud"
)

// rulesPage are the limits of the defence. What a change would have done in the last 30 days is shown before it can be
// saved: trying is a GET, so that a trial can be looked at again and sent to somebody.
type rulesPage struct {
	*page
	Fields []parts.Field
	Tried  bool
	Same   bool
	Hidden []parts.Option // what would be saved
	Rows   []effectRow
	Orders string
	Say    string
}

type effectRow struct{ Name, Now, Then, Paid, Declined string }

// ruleFields are the numbers in the order of the page.
var ruleFields = [...]string{"step", "hold", "refuse", "tries", "alarm", "budget"}

func ruleOf(r *fraud.Rules, name string) *int64 {
	switch name {
	case "step":
		return &r.Step
	case "hold":
		return &r.Hold
	case "refuse":
		return &r.Refuse
	case "tries":
		return &r.Tries
	case "alarm":
		return &r.Alarm
	}
	return &r.Budget
}

// typedRules reads rules out of a form or an address; what is not there stays as it is, and what is no number is refused
// by the rules themselves.
func typedRules(r fraud.Rules, typed func(string) string) fraud.Rules {
	for _, name := range ruleFields {
		v := strings.TrimSpace(typed(name))
		if v == "" {
			continue
		}
		n, err := strconv.ParseInt(v, 10, 32)
		if err != nil {
			n = -1
		}
		*ruleOf(&r, name) = n
	}
	return r
}

func (a *Admin) rulesShow(c *call) error {
	q, err := web.ReadQuery(c.r)
	if err != nil {
		return err
	}
	m, err := a.Fraud.Mode(c.r.Context())
	if err != nil {
		return err
	}
	return a.showRules(c, http.StatusOK, m.Rules, typedRules(m.Rules, q.Typed), q.Typed("step") != "")
}

func (a *Admin) showRules(c *call, status int, is, r fraud.Rules, tried bool) error {
	now, then, err := a.Fraud.Compare(c.r.Context(), c.who(), r)
	t := c.site.T
	p := &rulesPage{page: a.page(c, t("admin.rules")), Tried: tried, Same: r == is}
	if fault.Is(err, fault.Invalid) {
		status = http.StatusUnprocessableEntity
		if !p.wrong(err) {
			return err
		}
	} else if err != nil {
		return err
	}
	if !tried {
		p.Notice = done(c)
	}
	for _, name := range ruleFields {
		v := strconv.FormatInt(*ruleOf(&r, name), 10)
		p.Fields = append(p.Fields, parts.Field{Name: name, Label: t("fraud.rule_" + name), Hint: t("fraud.rule_"+name+"_hint", "usual",
			strconv.FormatInt(*ruleOf(ptr(fraud.Defaults()), name), 10)), Mode: "numeric", Max: 3, Value: v, Wrong: p.Wrong(name)})
		p.Hidden = append(p.Hidden, parts.Option{Value: v, Text: name})
	}
	if len(p.Problems) == 0 {
		p.effect(now, then)
	}
	return a.show(c, status, rulesView(p))
}

func ptr(r fraud.Rules) *fraud.Rules { return &r }

// effect fills in the table, and the sentence that says what it comes to for people who paid.
func (p *rulesPage) effect(now, then fraud.Effect) {
	n := func(v int64) string { return p.P.Number(v) }
	p.Orders = n(now.Orders)
	for _, o := range []fraud.Outcome{fraud.Allow, fraud.Step, fraud.Hold, fraud.Refuse} {
		p.Rows = append(p.Rows, effectRow{Name: p.T("fraud.outcome_" + o.String()), Now: n(now.Met[o]), Then: n(then.Met[o]),
			Paid: n(then.Paid[o]), Declined: n(then.Declined[o])})
	}
	key := "fraud.effect_same"
	switch {
	case then.Bothered() > now.Bothered():
		key = "fraud.effect_more"
	case then.Bothered() < now.Bothered():
		key = "fraud.effect_fewer"
	}
	p.Say = p.T(key, "n", n(max(then.Bothered()-now.Bothered(), now.Bothered()-then.Bothered())), "all", p.Orders)
}

func (a *Admin) rulesSave(c *call) error {
	m, err := a.Fraud.Mode(c.r.Context())
	if err != nil {
		return err
	}
	r := typedRules(m.Rules, c.form.Typed)
	err = a.Fraud.SetRules(c.r.Context(), c.who(), r)
	if fault.Is(err, fault.Invalid) {
		return a.showRules(c, http.StatusUnprocessableEntity, m.Rules, r, true)
	}
	if err != nil {
		return err
	}
	return web.Redirect(c.w, "/review/rules?done=rules")
}

// reviewRoutes are the addresses of the defence against fraud.
func (a *Admin) reviewRoutes() []route {
	return []route{
		{"GET", "/review", theDesk, a.reviewShow},
		{"POST", "/review/calm", theDesk, a.reviewCalm},
		{"POST", "/review/orders/{number}/release", theDesk, a.reviewRelease},
		{"POST", "/review/orders/{number}/deny", theDesk, a.reviewDeny},
		{"GET", "/review/lists", theDesk, a.listsShow},
		{"POST", "/review/lists", theDesk, a.listsPut},
		{"POST", "/review/lists/drop", theDesk, a.listsDrop},
		{"GET", "/review/rules", theDesk, a.rulesShow},
		{"POST", "/review/rules", theDesk, a.rulesSave},
	}
}
