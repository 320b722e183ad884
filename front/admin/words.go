package admin

import (
	"context"
	"strings"
	"time"

	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/staff"
)

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
	kind := w.c.site.T("admin.actor_" + x.Kind.String())
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
	out.Name = w.text("admin.detail_"+f.Key, f.Key)
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
