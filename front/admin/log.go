package admin

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"strongroom/base/clock"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/staff"
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
		p.Who.Options = append(p.Who.Options, parts.Option{Value: k.String(), Text: t("admin.kind_" + k.String())})
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

// words puts entries into words. It asks for each name once.
type words struct {
	c     *call
	zone  *time.Location
	ctx   context.Context
	staff *staff.Service
	names map[id.ID]string
}

func (a *Admin) words(c *call) *words {
	return &words{c: c, zone: a.Shop.TimeZone, ctx: c.r.Context(), staff: a.Staff, names: map[id.ID]string{}}
}

// text is the text of a key, or the plain word where there is none: parts of the program may have words that no page
// knows yet.
func (w *words) text(key, plain string) string {
	if w.c.site.P.Has(key) {
		return w.c.site.T(key)
	}
	return plain
}

func (w *words) action(s string) string {
	return w.text("admin.act_"+strings.ReplaceAll(s, ".", "_"), s)
}
func (w *words) object(s string) string { return w.text("admin.object_"+s, s) }

// who names the actor: colleagues by name and role, others by what they are.
func (w *words) who(x access.Actor) (string, error) {
	kind := w.c.site.T("admin.kind_" + x.Kind.String())
	switch {
	case x.Kind == access.KindStaff && !x.ID.IsZero():
		name, err := w.called(x.ID)
		if err != nil || name == "" {
			return kind, err
		}
		if x.Name == "" { // her sign-in, which knows no roles
			return name, nil
		}
		return name + " – " + w.role(x.Name), nil
	case x.Name != "" && x.Kind != access.KindConsole:
		return kind + ": " + x.Name, nil
	}
	return kind, nil
}

func (w *words) role(name string) string {
	if name == access.BrokenGlass {
		return w.c.site.T("access.role_break_glass")
	}
	return w.text("access.role_"+name, name)
}

func (w *words) called(member id.ID) (string, error) {
	name, known := w.names[member]
	if known {
		return name, nil
	}
	name, err := w.staff.Called(w.ctx, member)
	w.names[member] = name
	return name, err
}

func (w *words) row(r audit.Row) (out logRow, err error) {
	t := w.c.site.T
	out = logRow{Href: "/log/entries/" + r.ID.String(), At: r.At.In(w.zone).Format("2006-01-02 15:04:05"), What: w.action(r.Action), On: w.object(r.Object),
		State: r.Outcome.String(), StateText: t("admin.outcome_" + r.Outcome.String()), Place: t("admin.log_unplaced")}
	if r.Placed {
		out.Place = w.c.site.P.Number(r.Sequence)
	}
	out.Who, err = w.who(r.Actor)
	return out, err
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

// entryPage is one entry with every field in words.
type entryPage struct {
	*page
	Facts     []fact
	Row       logRow
	Refused   bool
	MayReveal bool
	Sealed    bool // something in it is sealed
	Clear     []fact
	Reasons   []parts.Option
	Typed     *web.Form
}

type fact struct{ Name, Value, Href, Code string }

func (a *Admin) entryShow(c *call) error { return a.showEntry(c, http.StatusOK, nil, nil) }

func (a *Admin) showEntry(c *call, status int, wrong error, clear []fact) error {
	v, err := id.Parse(c.r.PathValue("entry"))
	if err != nil {
		return fault.New(fault.NotFound, "audit.entry_unknown")
	}
	r, err := a.Audit.Entry(c.r.Context(), c.who(), v)
	if err != nil {
		return err
	}
	w := a.words(c)
	row, err := w.row(r)
	if err != nil {
		return err
	}
	p := &entryPage{page: a.page(c, row.What), Row: row, Refused: r.Outcome != audit.Done, Clear: clear, Typed: c.form,
		MayReveal: c.who().May(access.AuditReveal), Sealed: !r.Origin.IsZero() || !r.Reason.IsZero()}
	if wrong != nil && !p.wrong(wrong) {
		return wrong
	}
	for _, word := range access.LookReasons() {
		p.Reasons = append(p.Reasons, parts.Option{Value: word, Text: c.site.T("access.why_" + word)})
	}
	if p.Facts, err = w.facts(r, row); err != nil {
		return err
	}
	return a.show(c, status, entryView(p))
}

// facts are all fields of an entry, the plain ones first.
func (w *words) facts(r audit.Row, row logRow) ([]fact, error) {
	t := w.c.site.T
	out := []fact{{Name: t("admin.log_at"), Value: w.c.site.P.DateTime(r.At.In(w.zone)), Code: r.At.UTC().Format(time.RFC3339Nano)}, {Name: t("admin.log_who"), Value: row.Who},
		{Name: t("admin.log_action"), Value: row.What, Code: r.Action}, {Name: t("admin.log_outcome"), Value: row.StateText}}
	add := func(name, value, href, code string) { out = append(out, fact{t(name), value, href, code}) }
	if !r.Actor.ID.IsZero() {
		add("admin.log_actor_id", "", "/log?who="+r.Actor.Kind.String()+"."+r.Actor.ID.String(), r.Actor.ID.String())
	}
	if r.Object != "" {
		add("admin.log_object", row.On, "", r.Object)
	}
	if !r.ObjectID.IsZero() {
		name := ""
		if r.Object == "staff" {
			var err error
			if name, err = w.called(r.ObjectID); err != nil {
				return nil, err
			}
		}
		add("admin.log_id", name, "/log?object="+r.Object+"&id="+r.ObjectID.String(), r.ObjectID.String())
	}
	if !r.Person.IsZero() {
		add("admin.log_person", t("admin.log_person_why"), "/log?person="+r.Person.String(), r.Person.String())
	}
	if r.Word != "" {
		add("admin.log_reason", w.reason(r.Word), "", r.Word)
	}
	if !r.Reason.IsZero() {
		add("admin.log_reason", t("admin.log_sealed"), "", "")
	}
	if !r.Origin.IsZero() {
		add("admin.log_origin", t("admin.log_sealed"), "", "")
	}
	for _, f := range r.Facts {
		x, err := w.fact(f)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	add("admin.log_place", row.Place, "", r.ID.String())
	return out, nil
}

func (w *words) reason(word string) string {
	return w.text("access.why_"+word, w.text("admin.why_"+word, word))
}

// fact puts one detail into words: members by name, rights and roles by theirs.
func (w *words) fact(f audit.Fact) (out fact, err error) {
	out.Name = w.text("admin.fact_"+f.Key, f.Key)
	if f.Int != 0 || f.Text == "" {
		out.Value = w.c.site.P.Number(f.Int)
	}
	if f.Text == "" {
		return out, nil
	}
	out.Code = f.Text
	if v, perr := id.Parse(f.Text); perr == nil {
		out.Value, err = w.called(v)
		return out, err
	}
	if p := access.Permission(f.Text); !access.SetOf(p).IsEmpty() {
		out.Value = w.c.site.T(p.Key())
	} else if r, ok := access.BuiltInRole(f.Text); ok {
		out.Value = w.c.site.T(r.Key)
	}
	return out, nil
}

// entryReveal opens what is sealed in an entry, for a reason, in this answer only.
func (a *Admin) entryReveal(c *call) error {
	v, err := id.Parse(c.r.PathValue("entry"))
	if err != nil {
		return fault.New(fault.NotFound, "audit.entry_unknown")
	}
	reason := c.form.Text("reason", 30)
	if other := c.form.Text("other", 300); other != "" {
		reason = other
	}
	d, err := a.Audit.Disclose(c.r.Context(), c.who(), v, reason)
	if fault.Is(err, fault.Invalid) {
		return a.showEntry(c, http.StatusUnprocessableEntity, err, nil)
	}
	if err != nil {
		return err
	}
	var clear []fact
	for _, x := range []fact{{Name: c.site.T("admin.log_origin"), Value: d.Origin}, {Name: c.site.T("admin.log_reason"), Value: d.Reason}} {
		if x.Value != "" {
			clear = append(clear, x)
		}
	}
	return a.showEntry(c, http.StatusOK, nil, clear)
}

// treePage is how the tree over the log stands, and how anybody verifies it without this store.
type treePage struct {
	*page
	State  audit.State
	Keys   []string
	Places []placeRow
	Signed string
}

type placeRow struct{ Name, Size, At, State, StateText, Failed string }

func (a *Admin) treeShow(c *call) error {
	s, keys, err := a.Audit.Standing(c.r.Context(), c.who())
	if err != nil {
		return err
	}
	t := c.site.T
	p := &treePage{page: a.page(c, t("admin.log_tree")), State: s, Keys: keys, Signed: a.when(c, s.SignedAt)}
	for _, name := range s.Configured {
		row := placeRow{Name: name, State: "waiting", StateText: t("admin.place_none")}
		for _, x := range s.Places {
			if x.Place != name {
				continue
			}
			row.Size, row.At, row.State, row.StateText = c.site.P.Number(x.Size), a.when(c, x.At), "good", t("admin.place_good")
			if !x.FailedAt.IsZero() {
				row.State, row.StateText, row.Failed = "bad", t("admin.place_"+x.Failure), a.when(c, x.FailedAt)
			}
		}
		p.Places = append(p.Places, row)
	}
	return a.show(c, http.StatusOK, treeView(p))
}
