package admin

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"strongroom/base/fault"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/guard/pagewatch"
	"strongroom/guard/safety"
)

// safetyRoutes are the safety page, what can be accepted there, and the watch over the pages around payment.
func (a *Admin) safetyRoutes() []route {
	return []route{
		{"GET", "/safety", theDesk, a.safetyShow},
		{"GET", "/safety/accept", theDesk, a.acceptShow},
		{"POST", "/safety/accept", theDesk, a.accept},
		{"POST", "/safety/resume", theDesk, a.resumeFinding},
		{"GET", "/safety/pages", theDesk, a.pagesShow},
		{"POST", "/safety/pages/look", theDesk, a.pagesLook},
		{"GET", "/safety/questionnaire", theDesk, a.questionsShow},
		{"POST", "/safety/questionnaire", theDesk, a.questionsNote},
	}
}

// watchPage is what the watch over the payment pages found, and what it compares with.
type watchPage struct {
	*page
	Sentence, Worst string
	LastLook        string
	Trouble         string
	Looks           int
	Rows            []watchRow
	Accepted        []watchRow
	Inventory       []watchedPage
	MayManage       bool
}

// watchRow is one difference in words.
type watchRow struct {
	ID, Text, Expected, Found, Since, Last string
	AcceptHref                             string
	Acceptance                             *acceptedRow
}

// acceptedRow says who lives with a finding, why and until when.
type acceptedRow struct{ Subject, By, Reason, Until string }

// watchedPage is a page of the inventory with its lines, sorted by what they are.
type watchedPage struct {
	Name  string
	Lines []watchedLine
}

type watchedLine struct{ Kind, Name, Value, Why string }

func (a *Admin) pagesShow(c *call) error {
	o, err := a.Watch.Show(c.r.Context(), c.who(), c.site.Lang)
	if err != nil {
		return err
	}
	accepted, err := a.Safety.Acceptances(c.r.Context())
	if err != nil {
		return err
	}
	t := c.site.T
	p := &watchPage{page: a.page(c, t("admin.pages")), MayManage: c.who().May(access.SafetyManage)}
	p.Notice = done(c)
	for _, d := range o.Open {
		row, err := a.watchRow(c, p.page, d, accepted)
		if err != nil {
			return err
		}
		if row.Acceptance != nil {
			p.Accepted = append(p.Accepted, row)
		} else {
			p.Rows = append(p.Rows, row)
		}
	}
	p.verdict(o.Standing)
	for _, x := range o.Inventory.Pages {
		p.Inventory = append(p.Inventory, watchedOf(c.site, x))
	}
	return a.show(c, http.StatusOK, watchView(p))
}

// verdict puts into one sentence how the pages stand.
func (p *watchPage) verdict(st pagewatch.Standing) {
	p.LastLook, p.Looks = p.when(st.Last.At), int(st.Looks)
	switch {
	case len(p.Rows) > 0:
		p.Worst, p.Sentence = "wrong", p.T("admin.pages_differ", "n", len(p.Rows))
	case st.Last.ID.IsZero():
		p.Worst, p.Sentence = "advice", p.T("admin.pages_never")
	case st.Blind > 0:
		p.Worst, p.Sentence, p.Trouble = "unknown", p.T("admin.pages_unseen", "n", st.Blind), st.Last.Trouble
	case st.Last.Short:
		p.Worst, p.Sentence = "advice", p.T("admin.pages_short")
	default:
		p.Worst, p.Sentence = "good", p.T("admin.pages_same", "pages", st.Last.Pages, "things", st.Last.Things)
	}
}

func (a *Admin) watchRow(c *call, p *page, d pagewatch.Open, accepted map[string]safety.Acceptance) (row watchRow, err error) {
	t := c.site.T
	row = watchRow{ID: "d-" + d.Mark, Expected: d.Expected, Found: d.Found, Since: p.when(d.First), Last: p.when(d.Last),
		Text:       t("pagewatch.what_"+d.What, "thing", t("pagewatch.kind_"+string(d.Kind)), "page", t("pagewatch.page_"+d.Page), "name", d.Name),
		AcceptHref: "/safety/accept?of=" + pagewatch.Subject(d.Mark)}
	if x, ok := accepted[pagewatch.Subject(d.Mark)]; ok {
		row.Acceptance, err = a.acceptedRow(c, &x)
	}
	return row, err
}

// acceptedRow puts an acceptance into words.
func (a *Admin) acceptedRow(c *call, x *safety.Acceptance) (*acceptedRow, error) {
	if x == nil {
		return nil, nil
	}
	by := c.site.T("admin.actor_console")
	if !x.Member.IsZero() {
		name, err := a.Staff.Called(c.r.Context(), x.Member)
		if err != nil {
			return nil, err
		}
		by = name
	}
	return &acceptedRow{Subject: x.Subject, By: by, Reason: x.Reason, Until: c.site.P.Date(x.Until.In(a.Shop.TimeZone))}, nil
}

func watchedOf(s *parts.Site, x pagewatch.Page) watchedPage {
	out := watchedPage{Name: s.T("pagewatch.page_" + x.Name)}
	for _, r := range x.Rules {
		value := r.Value
		if value == "*" {
			value = s.T("pagewatch.anything")
		}
		out.Lines = append(out.Lines, watchedLine{Kind: s.T("pagewatch.kind_" + string(r.Kind)), Name: r.Name, Value: value, Why: s.T("pagewatch.why_" + r.Why)})
	}
	slices.SortStableFunc(out.Lines, func(a, b watchedLine) int { return cmp.Compare(a.Kind, b.Kind) })
	return out
}

// pagesLook has the pages looked at now.
func (a *Admin) pagesLook(c *call) error {
	if err := a.Watch.LookNow(c.r.Context(), c.who()); err != nil {
		return err
	}
	return web.Redirect(c.w, "/safety/pages?done=looking")
}

// acceptPage asks for how long and why somebody lives with a finding.
type acceptPage struct {
	*page
	Subject, Found, Most string
	What                 string
	Reason, Until        parts.Field
	Back                 string
}

func (a *Admin) acceptShow(c *call) error {
	return a.showAccept(c, http.StatusOK, c.r.URL.Query().Get("of"), nil)
}

func (a *Admin) showAccept(c *call, status int, subject string, wrong error) error {
	p := &acceptPage{page: a.page(c, c.site.T("admin.accept")), Subject: subject, Most: "0", Back: "/safety"}
	if err := a.accepting(c, p, subject); err != nil {
		return err
	}
	if wrong != nil && !p.wrong(wrong) {
		return wrong
	}
	p.Reason = parts.Field{Name: "reason", Label: p.T("admin.accept_reason"), Hint: p.T("admin.accept_reason_hint"), Rows: 3, Max: 500, Value: c.form.Typed("reason"), Wrong: p.Wrong("reason")}
	until := a.Clock.Now().AddDate(0, 3, 0).Format(time.DateOnly)
	p.Until = parts.Field{Name: "until", Label: p.T("admin.accept_until"), Hint: p.T("admin.accept_until_hint"), Type: "date", Value: cmp.Or(c.form.Typed("until"), until), Wrong: p.Wrong("until")}
	return a.show(c, status, acceptView(p))
}

// accepting finds what is about to be accepted, as it is now.
func (a *Admin) accepting(c *call, p *acceptPage, subject string) error {
	if mark, ok := strings.CutPrefix(subject, "page/"); ok {
		o, err := a.Watch.Show(c.r.Context(), c.who(), c.site.Lang)
		if err != nil {
			return err
		}
		for _, d := range o.Open {
			if d.Mark == mark {
				row, err := a.watchRow(c, p.page, d, nil)
				p.What, p.Found, p.Back = row.Text, d.What, "/safety/pages"
				return err
			}
		}
		return fault.New(fault.NotFound, "safety.finding_unknown")
	}
	f, err := a.Safety.One(c.r.Context(), c.who(), strings.TrimPrefix(subject, "check/"))
	if err != nil {
		return err
	}
	p.What = c.site.T("safety."+f.Name) + ": " + safetyRowOf(c, f).Found
	p.Found, p.Most = f.Found, itoa(f.Number())
	return nil
}

func (a *Admin) accept(c *call) error {
	until, err := time.ParseInLocation(time.DateOnly, c.form.Typed("until"), a.Shop.TimeZone)
	if err == nil {
		until = until.AddDate(0, 0, 1) // the day itself still counts
	}
	most := c.form.IntOr("most", 0, 0, 1<<31-1)
	err = a.Safety.Accept(c.r.Context(), c.who(), safety.Acceptance{Subject: c.form.Typed("subject"), Found: c.form.Typed("found"), Most: int(most),
		Reason: c.form.Typed("reason"), Until: until})
	if fault.Is(err, fault.Invalid) {
		return a.showAccept(c, http.StatusUnprocessableEntity, c.form.Typed("subject"), err)
	}
	if err != nil {
		return err
	}
	return web.Redirect(c.w, backTo(c.form.Typed("subject"))+"?done=accepted")
}

func (a *Admin) resumeFinding(c *call) error {
	subject := c.form.Typed("subject")
	if err := a.Safety.Resume(c.r.Context(), c.who(), subject); err != nil {
		return err
	}
	return web.Redirect(c.w, backTo(subject)+"?done=resumed")
}

func backTo(subject string) string {
	if strings.HasPrefix(subject, "page/") {
		return "/safety/pages"
	}
	return "/safety"
}
