package admin

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"strongroom/base/fault"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/guard/pagewatch"
	"strongroom/guard/safety"
)

// The page that supports the answers of a shop that redirects its shoppers to the payment provider (PCI DSS SAQ A). It
// says in our own words what is asked, what the store does, how that stands now, and what stays with the shopkeeper. It
// answers nothing in her name: whether the questionnaire fits and is filled in rightly, her acquirer decides.

// questionsPage is that page.
type questionsPage struct {
	*page
	At        string
	Groups    []questionGroup
	Providers []takerRow
	Scans     []recordRow
	Subject   parts.Field
	Day       parts.Field
	Result    parts.Field
	Place     parts.Field
	Sort      parts.Field
	MayManage bool
}

type questionGroup struct {
	Title string
	Rows  []questionRow
}

// questionRow is one requirement. State is a word of safety states, or "yours" where the store cannot know.
type questionRow struct{ Number, Asked, Does, State, StateText, Found, Href string }

type takerRow struct{ Name, Origin, State, StateText, Day, Place, Href string }

type recordRow struct{ Subject, Day, State, StateText, Place, Href, By string }

// question ties a requirement to the check of the safety page that shows how it stands; "" where what is built in shows
// itself, "yours" where only the shopkeeper can know.
type question struct{ group, number, key, check string }

var questions = [...]question{
	{"who", "", "outsourced", ""},
	{"who", "", "nothing_kept", ""},
	{"who", "", "scripts", "pages"},
	{"shop", "2.2.2", "defaults", ""},
	{"shop", "6.3.1", "holes", "yours"},
	{"shop", "6.3.3", "patches", "yours"},
	{"people", "8.2.1", "own_accounts", ""},
	{"people", "8.2.2", "shared", "yours"},
	{"people", "8.2.5", "leavers", "dormant"},
	{"people", "8.3.1", "factors", "owners"},
	{"people", "8.3.6", "length", ""},
	{"people", "8.3.7", "again", "yours"},
	{"paper", "9.4", "paper", "yours"},
	{"outside", "11.3.2", "scan", "scan"},
	{"outside", "12.8", "providers", "attestations"},
	{"outside", "12.10.1", "plan", "yours"},
	{"beyond", "6.4.3", "inventory", "pages"},
	{"beyond", "11.6.1", "watched", "pages"},
	{"beyond", "", "certificate", "certificate"},
	{"beyond", "", "log", "log_outside"},
}

func (a *Admin) questionsShow(c *call) error { return a.showQuestions(c, http.StatusOK, nil) }

func (a *Admin) showQuestions(c *call, status int, wrong error) error {
	r, err := a.Safety.Look(c.r.Context(), c.who())
	if err != nil {
		return err
	}
	o, err := a.Watch.Show(c.r.Context(), c.who(), c.site.Lang)
	if err != nil {
		return err
	}
	p := &questionsPage{page: a.page(c, c.site.T("admin.questions")), At: c.site.P.DateTime(r.At.In(a.Shop.TimeZone)), MayManage: c.who().May(access.SafetyManage)}
	p.Notice = done(c)
	if wrong != nil && !p.wrong(wrong) {
		return wrong
	}
	takers, err := a.Takers(c.r.Context())
	if err != nil {
		return err
	}
	if err := a.records(c, p, o.Records, takers); err != nil {
		return err
	}
	p.ask(c, r)
	p.fields(c, takers)
	return a.show(c, status, questionsView(p))
}

// ask fills in how each requirement stands.
func (p *questionsPage) ask(c *call, r safety.Report) {
	found := map[string]safety.Finding{}
	for _, g := range r.Groups {
		for _, f := range g.Findings {
			found[f.Name] = f
		}
	}
	t := p.T
	for _, q := range questions {
		if len(p.Groups) == 0 || p.Groups[len(p.Groups)-1].Title != t("admin.q_group_"+q.group) {
			p.Groups = append(p.Groups, questionGroup{Title: t("admin.q_group_" + q.group)})
		}
		row := questionRow{Number: q.number, Asked: t("admin.q_" + q.key), Does: t("admin.q_" + q.key + "_does"), State: "good", StateText: t("admin.q_built_in")}
		switch f, ok := found[q.check]; {
		case q.check == "yours":
			row.State, row.StateText = "nothing", t("admin.q_yours")
		case ok:
			x := safetyRowOf(c, f)
			row.State, row.StateText, row.Found, row.Href = x.State, x.StateText, x.Found, "/safety#"+x.ID
		case q.check != "":
			row.State, row.StateText = "unknown", t("safety.state_unknown")
		}
		g := &p.Groups[len(p.Groups)-1]
		g.Rows = append(g.Rows, row)
	}
}

// records are the scans, and for every provider its newest attestation.
func (a *Admin) records(c *call, p *questionsPage, list []pagewatch.Record, takers []Taker) error {
	t, now := c.site.T, a.Clock.Now()
	newest := map[string]pagewatch.Record{}
	for _, r := range list {
		if r.Sort == pagewatch.Attestation {
			if _, known := newest[strings.ToLower(r.Subject)]; !known {
				newest[strings.ToLower(r.Subject)] = r
			}
			continue
		}
		row := recordRow{Subject: r.Subject, Day: c.site.P.Date(r.Day), State: "good", StateText: t("admin.scan_passed"), Place: r.Place, Href: webAddress(r.Place)}
		switch {
		case !r.Passed:
			row.State, row.StateText = "wrong", t("admin.scan_failed")
		case r.Old(now):
			row.State, row.StateText = "advice", t("admin.scan_old")
		}
		if !r.Member.IsZero() {
			name, err := a.Staff.Called(c.r.Context(), r.Member)
			if err != nil {
				return err
			}
			row.By = name
		}
		p.Scans = append(p.Scans, row)
	}
	for _, x := range takers {
		row := takerRow{Name: x.Label, Origin: x.Origin, State: "advice", StateText: t("admin.attestation_none")}
		r, ok := newest[strings.ToLower(x.Name)]
		if x.Proof.After(r.Day) { // written down where the provider was set up
			r, ok = pagewatch.Record{Sort: pagewatch.Attestation, Day: x.Proof, Place: x.ProofLink}, true
		}
		if ok {
			row.Day, row.Place, row.Href, row.State, row.StateText = c.site.P.Date(r.Day), r.Place, webAddress(r.Place), "good", t("admin.attestation_kept")
			if r.Old(now) {
				row.State, row.StateText = "advice", t("admin.attestation_old")
			}
		}
		p.Providers = append(p.Providers, row)
	}
	return nil
}

// webAddress is a place that can be opened, or empty.
func webAddress(place string) string {
	if u, err := url.Parse(place); err == nil && u.Scheme == "https" && u.Host != "" {
		return place
	}
	return ""
}

func (p *questionsPage) fields(c *call, takers []Taker) {
	value := c.form.Typed
	p.Sort = parts.Field{Name: "sort", Label: p.T("admin.record_sort"), Value: value("sort"), Wrong: p.Wrong("sort"), Options: []parts.Option{
		{Value: string(pagewatch.Scan), Text: p.T("admin.record_scan")}, {Value: string(pagewatch.Attestation), Text: p.T("admin.record_attestation")}}}
	hint := ""
	for i, x := range takers {
		if i > 0 {
			hint += ", "
		}
		hint += x.Name
	}
	p.Subject = parts.Field{Name: "subject", Label: p.T("admin.record_subject"), Hint: p.T("admin.record_subject_hint", "providers", hint), Value: value("subject"), Wrong: p.Wrong("subject"), Max: 80, Fill: "off"}
	p.Day = parts.Field{Name: "day", Label: p.T("admin.record_day"), Type: "date", Value: value("day"), Wrong: p.Wrong("day")}
	p.Result = parts.Field{Name: "result", Label: p.T("admin.record_result"), Value: value("result"), Options: []parts.Option{
		{Value: "passed", Text: p.T("admin.scan_passed")}, {Value: "failed", Text: p.T("admin.scan_failed")}}}
	p.Place = parts.Field{Name: "place", Label: p.T("admin.record_place"), Hint: p.T("admin.record_place_hint"), Value: value("place"), Wrong: p.Wrong("place"), Max: 300, Optional: true, Fill: "off"}
}

// questionsNote writes a scan or an attestation down.
func (a *Admin) questionsNote(c *call) error {
	day, err := time.Parse(time.DateOnly, c.form.Typed("day"))
	if err != nil {
		day = time.Time{}
	}
	err = a.Watch.Note(c.r.Context(), c.who(), pagewatch.Record{Sort: pagewatch.Sort(c.form.Typed("sort")), Subject: c.form.Typed("subject"), Day: day,
		Passed: c.form.Typed("result") == "passed", Place: c.form.Typed("place")})
	if fault.Is(err, fault.Invalid) {
		return a.showQuestions(c, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	return web.Redirect(c.w, "/safety/questionnaire?done=noted")
}
