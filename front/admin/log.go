package admin

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"strongroom/base/clock"
	"strongroom/base/id"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// logPage is the audit log. Its filters live in the address, so that a view can be shared.
type logPage struct {
	*page
	Rows      []logRow
	Who       parts.Field
	Action    parts.Field
	Object    parts.Field
	Outcome   parts.Field
	ID        parts.Field
	Handle    parts.Field
	From, To  parts.Field
	Next      string
	First     string
	Filtered  bool
	More      bool // the narrower fields are in use
	MayExport bool
	Query     []pair // the filters once more, for the export
}

type logRow struct {
	Href, At, Who, What, On, State, StateText, Place string
}

// logFields are the filters in the order of the page.
var logFields = []string{"who", "action", "object", "id", "person", "outcome", "from", "to"}

func (a *Admin) logShow(c *call) error {
	q, err := web.ReadQuery(c.r)
	if err != nil {
		return err
	}
	f := a.logFilter(q)
	f.After, f.Limit, f.OldestLast = cursorOf(q.Typed("after")), 50, true
	list := audit.Page{}
	if err = q.Err(); err == nil {
		list, err = a.Audit.Search(c.r.Context(), c.who(), f)
	} else if !c.who().May(access.AuditView) { // a mistyped filter tells nobody more than the page would
		return access.Require(c.who(), access.AuditView)
	}
	p := &logPage{page: a.page(c, c.site.T("admin.log")), MayExport: c.who().May(access.AuditExport)}
	switch {
	case isKey(err, "audit.altered"):
		return a.tell(c, c.site.T("admin.log_altered"), c.site.T("admin.log_altered_text"), parts.Link{Text: c.site.T("admin.log_tree"), Href: "/log/tree"})
	case err != nil && !p.wrong(err):
		return err
	}
	if err := a.logFieldsOf(c, p, q); err != nil {
		return err
	}
	w := a.words(c)
	for _, r := range list.Rows {
		row, err := w.row(r)
		if err != nil {
			return err
		}
		p.Rows = append(p.Rows, row)
	}
	a.logPager(p, q, list)
	status := http.StatusOK
	if len(p.Problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return a.show(c, status, logView(p))
}

// logPager makes the addresses of the next page and of the first.
func (a *Admin) logPager(p *logPage, q *web.Form, list audit.Page) {
	here := func(after string) string {
		v := url.Values{}
		for _, x := range p.Query {
			v.Set(x.Name, x.Value)
		}
		if after != "" {
			v.Set("after", after)
		}
		if len(v) == 0 {
			return "/log"
		}
		return "/log?" + v.Encode()
	}
	if list.More {
		p.Next = here(cursorText(list.Next))
	}
	if q.Typed("after") != "" {
		p.First = here("")
	}
}

// logFilter reads the filters. What is no filter is a fault beside its field.
func (a *Admin) logFilter(q *web.Form) (f audit.Filter) {
	if v := q.Typed("who"); v != "" {
		kind, rest, _ := strings.Cut(v, ".")
		who, ok := access.ParseKind(kind)
		member, err := id.Parse(rest)
		if !ok || rest != "" && err != nil {
			q.Fail("who", "web.choice", nil)
		}
		f.Actor = access.Actor{Kind: who, ID: member}
	}
	f.Action, f.Object = q.Text("action", 64), q.Text("object", 64)
	for name, into := range map[string]*id.ID{"id": &f.ObjectID, "person": &f.Person} {
		if v := q.Text(name, 64); v != "" {
			var err error
			if *into, err = id.Parse(strings.ToLower(v)); err != nil {
				q.Fail(name, "admin.log_id_wrong", nil)
			}
		}
	}
	switch q.Typed("outcome") {
	case "":
	case audit.Done.String():
		f.Outcome = audit.Done
	case audit.Refused.String():
		f.Outcome = audit.Refused
	case audit.Failed.String():
		f.Outcome = audit.Failed
	default:
		q.Fail("outcome", "web.choice", nil)
	}
	f.From, f.To = a.dayOf(q, "from", 0), a.dayOf(q, "to", 1)
	return f
}

// dayOf reads a day of the shop's zone, as the beginning of it, or of the day after.
func (a *Admin) dayOf(q *web.Form, name string, more int) time.Time {
	typed := q.Text(name, 10)
	if typed == "" {
		return time.Time{}
	}
	day, err := time.ParseInLocation(time.DateOnly, typed, a.Shop.TimeZone)
	if err != nil {
		q.Fail(name, "admin.day_wrong", nil)
	}
	return day.AddDate(0, 0, more)
}

// A cursor is the time and the id of the last entry of the page before.
func cursorText(c audit.Cursor) string {
	return strconv.FormatInt(clock.Micros(c.At), 36) + "-" + c.ID.String()
}

func cursorOf(s string) (c audit.Cursor) {
	at, rest, _ := strings.Cut(s, "-")
	micros, err := strconv.ParseInt(at, 36, 64)
	v, ierr := id.Parse(rest)
	if err != nil || ierr != nil || micros < 0 {
		return c
	}
	return audit.Cursor{At: clock.FromMicros(micros), ID: v}
}

// logFieldsOf fills the fields of the filters.
func (a *Admin) logFieldsOf(c *call, p *logPage, q *web.Form) error {
	t := c.site.T
	actions, objects, err := a.Audit.Words(c.r.Context(), c.who())
	if err != nil {
		return err
	}
	every := []parts.Option{{Text: t("admin.every")}}
	field := func(name, kind string) parts.Field {
		return parts.Field{Name: name, Label: t("admin.log_" + name), Value: q.Typed(name), Wrong: p.Wrong(name), Filter: true, Type: kind, Fill: "off"}
	}
	p.Who, p.Action, p.Object, p.Outcome = field("who", ""), field("action", ""), field("object", ""), field("outcome", "")
	p.ID, p.Handle, p.From, p.To = field("id", ""), field("person", ""), field("from", "date"), field("to", "date")
	p.ID.Max, p.Handle.Max = 40, 40
	p.Action.Options, p.Object.Options, p.Outcome.Options, p.Who.Options = every, every, every, every
	w := a.words(c)
	for _, x := range actions {
		p.Action.Options = append(p.Action.Options, parts.Option{Value: x, Text: w.action(x)})
	}
	for _, x := range objects {
		if x != "" {
			p.Object.Options = append(p.Object.Options, parts.Option{Value: x, Text: w.object(x)})
		}
	}
	for _, o := range []audit.Outcome{audit.Done, audit.Refused, audit.Failed} {
		p.Outcome.Options = append(p.Outcome.Options, parts.Option{Value: o.String(), Text: t("admin.outcome_" + o.String())})
	}
	for _, k := range access.Kinds() {
		p.Who.Options = append(p.Who.Options, parts.Option{Value: k.String(), Text: t("admin.actor_" + k.String())})
	}
	if err := a.membersOf(c, &p.Who); err != nil {
		return err
	}
	for _, name := range logFields {
		if v := q.Typed(name); v != "" {
			p.Query = append(p.Query, pair{name, v})
			p.Filtered = true
			p.More = p.More || name == "id" || name == "person" || name == "object"
		}
	}
	return nil
}

// membersOf adds the people who work here to the choice of actors.
func (a *Admin) membersOf(c *call, f *parts.Field) error {
	found := false
	if c.who().May(access.StaffView) {
		list, err := a.everybody(c)
		if err != nil {
			return err
		}
		for _, m := range list {
			v := access.KindStaff.String() + "." + m.ID.String()
			found = found || v == f.Value
			f.Options = append(f.Options, parts.Option{Value: v, Text: m.Called + " – " + roleName(c, m.Member)})
		}
	}
	if !found && strings.Contains(f.Value, ".") && f.Wrong == "" { // somebody who is known by her id only
		f.Options = append(f.Options, parts.Option{Value: f.Value, Text: f.Value})
	}
	return nil
}

// logExport sends the log as JSON Lines. The right, and the proof that it is her, are asked for before the first byte;
// what breaks later cuts the connection, so that nobody takes half a log for a whole one.
func (a *Admin) logExport(c *call) error {
	f := a.logFilter(c.form)
	if err := c.form.Err(); err != nil {
		return err
	}
	if err := a.Audit.MayExport(c.r.Context(), c.who()); err != nil {
		return err
	}
	w := &stream{to: c.w, name: "strongroom-log-" + a.Clock.Now().UTC().Format("20060102-150405") + ".jsonl"}
	_, err := a.Audit.Export(c.r.Context(), c.who(), w, f)
	if err != nil && w.begun {
		panic(http.ErrAbortHandler)
	}
	if err == nil && !w.begun {
		_, err = w.Write(nil)
	}
	return err
}

// stream is an answer whose headers go out with its first byte. Each portion has as long as the first one had: a log of
// a year may take minutes, a reader that stands still may not.
type stream struct {
	to    http.ResponseWriter
	name  string
	begun bool
}

// Write implements io.Writer.
func (s *stream) Write(b []byte) (int, error) {
	if !s.begun {
		s.begun = true
		h := s.to.Header()
		h.Set("Content-Type", "application/x-ndjson")
		h.Set("Content-Disposition", `attachment; filename="`+s.name+`"`)
		s.to.WriteHeader(http.StatusOK)
	}
	return s.to.Write(b)
}
