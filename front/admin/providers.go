package admin

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"strongroom/base/fault"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/shop/payment"
	"strongroom/shop/payment/setup"
)

// providerRoutes are the addresses of payment providers.
func (a *Admin) providerRoutes() []route {
	return []route{
		{"GET", "/providers", theDesk, a.providersShow},
		{"GET", "/new-provider/{name}", theDesk, a.keysPaste},
		{"POST", "/new-provider/{name}", theDesk, a.keysPut},
		{"GET", "/providers/{provider}", theDesk, a.providerShow},
		{"POST", "/providers/{provider}/test", theDesk, a.keysTest},
		{"POST", "/providers/{provider}/notices", theDesk, a.noticesRegister},
		{"POST", "/providers/{provider}/secret", theDesk, a.noticesPut},
		{"POST", "/providers/{provider}/trial", theDesk, a.trialStart},
		{"POST", "/providers/{provider}/on", theDesk, a.providerOn},
		{"POST", "/providers/{provider}/off", theDesk, a.providerOff},
		{"POST", "/providers/{provider}/up", theDesk, a.providerUp},
		{"POST", "/providers/{provider}/down", theDesk, a.providerDown},
		{"POST", "/providers/{provider}/forget", theDesk, a.providerForget},
		{"POST", "/providers/{provider}/proof", theDesk, a.proofPut},
	}
}

// providersPage lists what takes money, and what could.
type providersPage struct {
	*page
	MayEdit bool
	Fixed   []payment.Description // named by the configuration
	Rows    []providerRow
	Others  []parts.Link
	TestOn  bool // the store is in test mode
}

// providerRow is a provider in a line.
type providerRow struct {
	ID, Label, Href, Account, State, StateText, Mode, Problem string
	Up, Down                                                  bool // it can be moved among those that are on
}

func (a *Admin) providersShow(c *call) error {
	list, err := a.Setup.List(c.r.Context(), c.who())
	if err != nil {
		return err
	}
	t := c.site.T
	p := &providersPage{page: a.page(c, t("admin.providers")), MayEdit: c.who().May(access.PaymentManage), TestOn: a.Shop.TestMode}
	set := map[string]bool{}
	for _, x := range list {
		set[x.Name] = true
		row := providerRow{ID: x.ID.String(), Label: x.Label, Href: "/providers/" + x.ID.String(), Account: accountOf(x), State: stateClass(x),
			StateText: t("provider.state_" + string(x.State)), Mode: t("provider.mode_is_" + string(x.Mode))}
		if x.Problem != "" {
			row.Problem = t("provider.problem_"+x.Problem, "name", x.Label)
		}
		p.Rows = append(p.Rows, row)
	}
	arrange(p, list)
	for _, d := range a.Payment.Providers() {
		if _, made := a.Setup.Maker(d.Name); !made && !set[d.Name] {
			p.Fixed = append(p.Fixed, d)
		}
	}
	for _, name := range a.Setup.Offered() {
		if m, _ := a.Setup.Maker(name); !set[name] {
			p.Others = append(p.Others, parts.Link{Text: m.Label, Href: "/new-provider/" + name})
		}
	}
	p.Notice = done(c)
	return a.show(c, http.StatusOK, providersView(p))
}

// arrange says which providers can be moved up and down: those that are on, which stand first in the list.
func arrange(p *providersPage, list []setup.Provider) {
	on := 0
	for on < len(list) && list[on].State == setup.On {
		on++
	}
	for i := range on {
		p.Rows[i].Up, p.Rows[i].Down = p.MayEdit && i > 0, p.MayEdit && i < on-1
	}
}

// methodNames are the names of methods in one line.
func methodNames(s *parts.Site, words []string) string {
	var out []string
	for _, w := range words {
		out = append(out, s.T("payment.method_"+w))
	}
	return strings.Join(out, ", ")
}

// stateClass is how a state looks.
func stateClass(p setup.Provider) string {
	switch {
	case p.Problem != "" && p.State != setup.Off:
		return "wrong"
	case p.State == setup.On:
		return "good"
	}
	return "advice"
}

func accountOf(p setup.Provider) string {
	return strings.TrimSpace(p.Title + " " + p.Account)
}

// pastePage is the form of the keys.
type pastePage struct {
	*page
	Label, Intro, Action string
	Fields               []parts.Field
	Choices              []choiceField
	Sample               []detail // the demo's own keys
	TestOn               bool
}

// keysPaste shows the form. The proof is asked for here, before anything is pasted: keys are never carried through a page.
func (a *Admin) keysPaste(c *call) error { return a.showPaste(c, http.StatusOK, nil) }

func (a *Admin) showPaste(c *call, status int, wrong error) error {
	if err := access.Require(c.who(), access.PaymentManage); err != nil {
		return err
	}
	if err := access.RequireFresh(c.who()); err != nil {
		return err
	}
	name := c.r.PathValue("name")
	m, ok := a.Setup.Maker(name)
	if !ok {
		return fault.New(fault.NotFound, "provider.unknown")
	}
	t := c.site.T
	p := &pastePage{page: a.page(c, t("provider.set_up", "name", m.Label)), Label: m.Label, Action: "/new-provider/" + name, TestOn: a.Shop.TestMode}
	if c.site.P.Has("provider." + name + "_intro") {
		p.Intro = t("provider." + name + "_intro")
	}
	if wrong != nil && !p.wrong(wrong) {
		return wrong
	}
	for i, x := range p.Problems {
		p.Problems[i].Field = pasted + x.Field
	}
	for _, f := range m.Fields {
		if f.Choices != nil {
			p.Choices = append(p.Choices, choicesOf(c, name, f, p.Wrong(pasted+f.Name)))
			continue
		}
		field := parts.Field{Name: pasted + f.Name, Label: fieldWord(c, name, f.Name, ""), Hint: fieldWord(c, name, f.Name, "_hint"), Fill: "off",
			Max: 2000, Optional: f.Optional, Wrong: p.Wrong(pasted + f.Name)}
		if !f.Secret { // a key is never given back, not even to who mistyped it
			field.Value = c.form.Typed(pasted + f.Name)
		}
		p.Fields = append(p.Fields, field)
		if v := m.Sample[f.Name]; v != "" {
			p.Sample = append(p.Sample, detail{Name: field.Label, Text: v})
		}
	}
	return a.show(c, status, pasteView(p))
}

// choiceField is a field of which some words are chosen.
type choiceField struct {
	Name, Label, Hint, Wrong string
	Options                  []parts.Option
}

// choicesOf offers the first word until somebody chooses.
func choicesOf(c *call, name string, f payment.Field, wrong string) choiceField {
	out := choiceField{Name: pasted + f.Name, Label: fieldWord(c, name, f.Name, ""), Hint: fieldWord(c, name, f.Name, "_hint"), Wrong: wrong}
	for i, w := range f.Choices {
		field := out.Name + "." + w
		out.Options = append(out.Options, parts.Option{Value: field, Text: c.site.T("payment.method_" + w), Selected: c.form == nil && i == 0 || c.form.Typed(field) != ""})
	}
	return out
}

// typedIn is what was typed into a field, or the words that were chosen.
func typedIn(f payment.Field, form *web.Form) string {
	if f.Choices == nil {
		return form.Typed(pasted + f.Name)
	}
	var words []string
	for _, w := range f.Choices {
		if form.Typed(pasted+f.Name+"."+w) != "" {
			words = append(words, w)
		}
	}
	return strings.Join(words, " ")
}

// fieldWord is the word of a provider's field: its own, or the one that all share.
func fieldWord(c *call, name, field, end string) string {
	for _, key := range []string{"provider." + name + "_" + field + end, "provider.field_" + field + end} {
		if c.site.P.Has(key) {
			return c.site.T(key)
		}
	}
	return ""
}

func (a *Admin) keysPut(c *call) error {
	name := c.r.PathValue("name")
	m, _ := a.Setup.Maker(name)
	typed := map[string]string{}
	for _, f := range m.Fields {
		typed[f.Name] = typedIn(f, c.form)
	}
	x, err := a.Setup.PutKeys(c.r.Context(), c.who(), name, typed)
	if fault.Is(err, fault.Invalid) {
		return a.showPaste(c, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	return web.Redirect(c.w, "/providers/"+x.ID.String())
}

// providerPage is the guided page of one provider: keys, notices, test payment, switch.
type providerPage struct {
	*page
	X           setup.Provider
	Href        string
	MayEdit     bool
	TestOn      bool
	State       string
	StateText   string
	Account     string
	Keys        []detail
	Scopes      []payment.Scope
	Warnings    []string
	Problem     string
	Tested      string
	Skew        string
	Address     string // of notices
	NoticeText  string
	Local       bool // nobody outside can reach the notice address
	Secret, Ref parts.Field
	ByRef       bool
	Sample      string // the demo's notice secret
	Trial       trialView
	Missing     []string
	CanOn       bool // nothing but a test payment or notices is missing
	Whole       bool // nothing is missing
	Link, Day   parts.Field
	ProofAge    string
}

// trialView is a test payment in words.
type trialView struct {
	There, Paid, Open bool
	Amount, Host, URL string
	Steps             []trialStep
}

type trialStep struct{ Text, State, StateText string }

func (a *Admin) providerShow(c *call) error { return a.showProvider(c, http.StatusOK, nil) }

func (a *Admin) showProvider(c *call, status int, wrong error) error {
	v, err := providerID(c)
	if err != nil {
		return err
	}
	x, err := a.Setup.Get(c.r.Context(), c.who(), v)
	if err != nil {
		return err
	}
	t, err := a.Setup.TrialOf(c.r.Context(), x, c.r.URL.Query().Has("back"))
	if err != nil {
		return err
	}
	p := &providerPage{page: a.page(c, x.Label), X: x, Href: "/providers/" + x.ID.String(), MayEdit: c.who().May(access.PaymentManage), TestOn: a.Shop.TestMode,
		State: stateClass(x), StateText: c.site.T("provider.state_" + string(x.State)), Account: accountOf(x), Scopes: x.Report.Scopes}
	if wrong != nil && !p.wrong(wrong) {
		p.Notice, p.Warn = c.site.P.Fault(fault.As(wrong)), true
	} else if wrong == nil {
		p.Notice = done(c)
	}
	a.aboutKeys(c, p)
	a.aboutNotices(c, p)
	p.Trial = a.aboutTrial(c, x, t)
	for _, m := range x.Missing(t.Paid()) {
		p.Missing = append(p.Missing, c.site.T("provider.missing_"+m))
	}
	p.Whole = len(p.Missing) == 0
	p.CanOn = x.State != setup.Draft && x.Problem == "" && !x.Foreign && !x.Broken
	a.aboutProof(c, p)
	lookAgain(c, p, t)
	return a.show(c, status, providerView(p))
}

// looks are the seconds after which the page looks again by itself for who comes back from a test payment.
var looks = [...]int{2, 3, 5, 8, 13}

// lookAgain has the page of a test payment whose money has not come yet ask once more. Once it has, the page stands still:
// its reader is about to press a button.
func lookAgain(c *call, p *providerPage, t setup.Trial) {
	n, err := strconv.Atoi(c.r.URL.Query().Get("back"))
	if err == nil && c.r.Method == http.MethodGet && n > 0 && n <= len(looks) && t.State.Active() {
		c.w.Header().Set("Refresh", fmt.Sprintf("%d; url=%s?back=%d", looks[n-1], p.Href, n+1))
	}
}

func (a *Admin) aboutKeys(c *call, p *providerPage) {
	m, _ := a.Setup.Maker(p.X.Name)
	for _, f := range m.Fields {
		if v := p.X.Keys[f.Name]; v != "" && v != p.X.Account {
			if f.Choices != nil {
				v = methodNames(p.Site, strings.Fields(v))
			}
			p.Keys = append(p.Keys, detail{Name: fieldWord(c, p.X.Name, f.Name, ""), Text: v})
		}
	}
	for _, w := range p.X.Report.Warnings {
		if p.P.Has(w) {
			p.Warnings = append(p.Warnings, p.T(w))
		}
	}
	if p.X.Problem != "" {
		p.Problem = p.T("provider.problem_"+p.X.Problem, "name", p.X.Label)
	} else if p.X.Broken {
		p.Problem = p.T("provider.problem_form", "name", p.X.Label)
	}
	if p.X.Foreign {
		p.Problem = p.T("provider.mode_" + string(p.X.Mode))
	}
	p.Tested = a.when(c, p.X.Tested)
	if p.X.Skew.Abs() > time.Minute {
		p.Skew = p.T("provider.skew", "n", int64(p.X.Skew.Abs()/time.Second))
	}
}

func (a *Admin) aboutNotices(c *call, p *providerPage) {
	m, _ := a.Setup.Maker(p.X.Name)
	p.Address, p.Sample = a.Setup.NoticeAddress(p.X.Name), m.Sample["secret"]
	p.Local = strings.Contains(a.Shop.Host(), "localhost") && p.Sample == ""
	if p.X.Notice != "" {
		p.NoticeText = p.T("provider.notice_"+p.X.Notice, "time", a.when(c, p.X.NoticeAt))
	}
	p.ByRef = m.NoticeByRef
	p.Secret = parts.Field{Name: pasted + "secret", Label: fieldWord(c, p.X.Name, "notice_secret", ""), Hint: fieldWord(c, p.X.Name, "notice_secret", "_hint"), Fill: "off", Max: 2000,
		Wrong: p.Wrong("secret")}
	if p.P.Has("provider." + p.X.Name + "_ref") {
		p.Ref = parts.Field{Name: "ref", Label: p.T("provider." + p.X.Name + "_ref"), Value: c.form.Typed("ref"), Fill: "off", Max: 300, Optional: !p.ByRef, Wrong: p.Wrong("ref")}
	}
}

// aboutTrial says how far a test payment came.
func (a *Admin) aboutTrial(c *call, x setup.Provider, t setup.Trial) trialView {
	s := c.site
	v := trialView{Amount: s.Money(a.Setup.TrialAmount()), Host: strings.TrimPrefix(x.Origin, "https://")}
	if t.ID.IsZero() {
		return v
	}
	v.There, v.Paid, v.Open, v.Amount = true, t.Paid(), t.State.Active() && t.URL != "", s.Money(t.Amount)
	if v.Open {
		v.URL = t.URL
	}
	step := func(key string, done bool, bad bool) {
		n := trialStep{Text: s.T("provider.trial_" + key), State: "advice", StateText: s.T("provider.trial_waits")}
		switch {
		case done:
			n.State, n.StateText = "good", s.T("provider.trial_done")
		case bad:
			n.State, n.StateText = "wrong", s.T("provider.trial_failed")
		}
		v.Steps = append(v.Steps, n)
	}
	over := !t.State.Active() && !v.Paid
	step("opened", t.Ref != "", over && t.Ref == "")
	step("paid", v.Paid, over)
	step("heard", t.Heard, false)
	step("back", t.Refund == string(payment.RefundDone), t.Refund == string(payment.RefundFailed))
	return v
}

func (a *Admin) aboutProof(c *call, p *providerPage) {
	p.Link = parts.Field{Name: "link", Label: p.T("provider.proof_link"), Hint: p.T("provider.proof_hint"), Value: p.X.ProofLink, Type: "url", Fill: "off", Max: 500, Optional: true, Wrong: p.Wrong("link")}
	p.Day = parts.Field{Name: "day", Label: p.T("provider.proof_day"), Value: p.X.ProofDay, Type: "date", Fill: "off", Optional: true, Wrong: p.Wrong("day")}
	if c.form != nil && c.form.Has("link") {
		p.Link.Value, p.Day.Value = c.form.Typed("link"), c.form.Typed("day")
	}
	if t, err := time.Parse(time.DateOnly, p.X.ProofDay); err == nil && p.Now.Sub(t) > 366*24*time.Hour {
		p.ProofAge = p.T("provider.proof_old")
	}
}
