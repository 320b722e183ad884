package admin

import (
	"net/http"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

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
		row := placeRow{Name: name, State: "waiting", StateText: t("admin.outside_none")}
		for _, x := range s.Places {
			if x.Place != name {
				continue
			}
			row.Size, row.At, row.State, row.StateText = c.site.P.Number(x.Size), a.when(c, x.At), "good", t("admin.outside_good")
			if !x.FailedAt.IsZero() {
				row.State, row.StateText, row.Failed = "bad", t("admin.outside_"+x.Failure), a.when(c, x.FailedAt)
			}
		}
		p.Places = append(p.Places, row)
	}
	return a.show(c, http.StatusOK, treeView(p))
}
