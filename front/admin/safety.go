package admin

import (
	"net/http"
	"unicode"
	"unicode/utf8"

	"strongroom/base/fault"
	"strongroom/guard/access"
	"strongroom/guard/safety"
)

// safetyPage is how the store stands: a sentence, then groups, of which those are open that want something.
type safetyPage struct {
	*page
	Sentence string
	Worst    string
	At       string
	Groups   []safetyGroup

	MayManage bool
}

type safetyGroup struct {
	Title, State, StateText string
	Open                    bool
	Accepted                int
	Checks                  []safetyRow
}

type safetyRow struct {
	ID, Name, State, StateText, Found, How, Fix, Command, Href string
	AcceptHref                                                 string
	Acceptance                                                 *acceptedRow
}

func (a *Admin) safetyShow(c *call) error {
	r, err := a.Safety.Look(c.r.Context(), c.who())
	if err != nil {
		return err
	}
	t := c.site.T
	p := &safetyPage{page: a.page(c, t("admin.safety")), Worst: r.Worst.String(), At: a.when(c, r.At), Sentence: t("safety.all_good"),
		MayManage: c.who().May(access.SafetyManage)}
	p.Notice = done(c)
	if r.ToDo > 0 {
		p.Sentence = t("safety.to_do_"+r.Worst.String(), "n", r.ToDo)
	}
	if r.Accepted > 0 {
		p.Sentence += " " + t("safety.accepted_n", "n", r.Accepted)
	}
	for _, g := range r.Groups {
		row := safetyGroup{Title: t("safety.group_" + g.Name), State: g.Worst.String(), StateText: t("safety.state_" + g.Worst.String()), Open: g.Worst > safety.Good}
		for _, f := range g.Findings {
			x := safetyRowOf(c, f)
			if x.Acceptance, err = a.acceptedRow(c, f.Accepted); err != nil {
				return err
			}
			if row.Checks = append(row.Checks, x); x.Acceptance != nil {
				row.Accepted++
			}
		}
		if row.Accepted > 0 {
			row.StateText += " · " + t("safety.accepted_n", "n", row.Accepted)
		}
		p.Groups = append(p.Groups, row)
	}
	return a.show(c, http.StatusOK, safetyView(p))
}

func safetyRowOf(c *call, f safety.Finding) safetyRow {
	t := c.site.T
	r := safetyRow{ID: "c-" + f.Name, Name: t("safety." + f.Name), State: f.State.String(), StateText: t("safety.state_" + f.State.String()),
		Found: sentence(c.site.P.Message(f.Key(), f.Params)), How: t("safety." + f.Name + "_how"), Href: f.Href}
	if f.State == safety.Unknown {
		r.Found = c.site.P.Message("safety.unknown", fault.Params{})
	}
	if f.Fixable() {
		r.Fix, r.Command, r.AcceptHref = t("safety."+f.Name+"_fix"), f.Command, "/safety/accept?of="+safety.Subject(f.Name)
	}
	return r
}

// sentence begins with a capital letter: the command that shows the same words puts the check's name before them.
func sentence(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
