package admin

import (
	"net/http"
	"slices"
	"time"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/guard/staff"
	"strongroom/guard/vault"
)

// peoplePage is who works here.
type peoplePage struct {
	*page
	Rows      []personRow
	Gone      bool // the list is of those who left
	MayInvite bool
}

type personRow struct {
	ID, Href, Name, Role, State, StateText, Email, Seen, Ends, Glass string
	Dormant                                                          bool
}

func (a *Admin) peopleShow(c *call) error {
	q, err := web.ReadQuery(c.r)
	if err != nil {
		return err
	}
	p := &peoplePage{page: a.page(c, c.site.T("admin.people")), Gone: q.Bool("gone"), MayInvite: c.who().May(access.StaffManage)}
	list, err := a.Staff.Members(c.r.Context(), c.who(), p.Gone)
	if err != nil {
		return err
	}
	for _, m := range list {
		p.Rows = append(p.Rows, a.personRow(c, m))
	}
	p.Notice = done(c)
	if p.Gone {
		p.Title = c.site.T("admin.people_gone")
	}
	return a.show(c, http.StatusOK, peopleView(p))
}

func (a *Admin) personRow(c *call, m staff.Listed) personRow {
	r := personRow{ID: m.ID.String(), Href: "/staff/" + m.ID.String(), Name: m.Called, Role: roleName(c, m.Member), State: m.State.String(),
		StateText: c.site.T("staff.state_" + m.State.String()), Email: m.Email, Dormant: m.Dormant,
		Seen: a.when(c, m.Seen), Ends: a.day(c, m.Ends), Glass: a.when(c, m.Glass)}
	return r
}

// roleName is what a member's role is called.
func roleName(c *call, m staff.Member) string {
	if m.RoleName != "" {
		return m.RoleName
	}
	return c.site.T(m.Role.Key)
}

// day is a day in the shop's zone; empty for none.
func (a *Admin) day(c *call, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return c.site.P.Date(t.In(a.Shop.TimeZone))
}

// personPage is one member: what she may do, and what can be done about it.
type personPage struct {
	*page
	Row        personRow
	Rights     []rightGroup
	Marks      []string
	Roles      parts.Field
	Ends       parts.Field
	Invited    bool // has not enrolled yet
	Self       bool
	MayManage  bool
	MayEndGlas bool
	LogHref    string
	Here       bool
}

func (a *Admin) personShow(c *call) error {
	if c.r.PathValue("member") == "new" {
		return a.showInvite(c, http.StatusOK, nil)
	}
	return a.showPerson(c, http.StatusOK, nil)
}

// person finds the member of the address among those whom the reader may see.
func (a *Admin) person(c *call) (staff.Listed, error) {
	unknown := fault.New(fault.NotFound, "staff.member_unknown")
	v, err := id.Parse(c.r.PathValue("member"))
	if err != nil {
		return staff.Listed{}, unknown
	}
	list, err := a.everybody(c)
	if err != nil {
		return staff.Listed{}, err
	}
	i := slices.IndexFunc(list, func(m staff.Listed) bool { return m.ID == v })
	if i < 0 {
		return staff.Listed{}, unknown
	}
	return list[i], nil
}

// everybody are those who work here, and those who did.
func (a *Admin) everybody(c *call) ([]staff.Listed, error) {
	here, err := a.Staff.Members(c.r.Context(), c.who(), false)
	if err != nil {
		return nil, err
	}
	gone, err := a.Staff.Members(c.r.Context(), c.who(), true)
	return append(here, gone...), err
}

func (a *Admin) showPerson(c *call, status int, wrong error) error {
	m, err := a.person(c)
	if err != nil {
		return err
	}
	p := &personPage{page: a.page(c, m.Called), Row: a.personRow(c, m), Rights: grouped(c, m.Role.Permissions), Marks: marksOf(c, m.Role),
		Self: m.ID == c.who().ID, Here: m.State != staff.Left, Invited: m.State == staff.Invited, MayManage: c.who().May(access.StaffManage),
		MayEndGlas: !m.Glass.IsZero() && (m.ID == c.who().ID || c.who().May(access.StaffManage))}
	if c.who().May(access.AuditView) {
		p.LogHref = "/log?who=staff." + m.ID.String()
	}
	if wrong != nil && !p.wrong(wrong) {
		return wrong
	}
	own := ""
	if !m.OwnRole.IsZero() {
		own = m.OwnRole.String()
	}
	if p.Roles, err = a.roleField(c, m.Role.Name, own, m.State == staff.Active); err != nil {
		return err
	}
	p.Roles.Wrong = p.Wrong("role")
	p.Ends = a.endsField(c, p.page, m.Ends)
	if c.form == nil {
		p.Notice = done(c)
	}
	return a.show(c, status, personView(p))
}

// roleField is the choice among the roles that the reader may give away. A new owner is one only where somebody works
// here already: whoever is to be one is asked about among two people.
func (a *Admin) roleField(c *call, role, own string, owners bool) (parts.Field, error) {
	f := parts.Field{Name: "role", Label: c.site.T("admin.role"), Hint: c.site.T("admin.role_hint")}
	add := func(value, text, why string, selected bool) {
		f.Options = append(f.Options, parts.Option{Value: value, Text: text, Hint: why, Selected: selected})
	}
	rights := access.RightsOf(c.who())
	for _, r := range access.BuiltIn() {
		if !rights.Holds(r.Permissions) || r.Alone && (!owners || !rights.Has(access.OwnerManage)) {
			continue
		}
		why := c.site.T(r.Key + "_why")
		if r.Alone && role != r.Name {
			why += " " + c.site.T("admin.role_two")
		}
		add(r.Name, c.site.T(r.Key), why, own == "" && r.Name == role)
	}
	list, err := a.Staff.Roles(c.r.Context(), c.who())
	for _, o := range list {
		if rights.Holds(o.Permissions) {
			add("own."+o.ID.String(), o.Name, c.site.T("access.role_own_why"), own == o.ID.String())
		}
	}
	if c.form != nil {
		for i := range f.Options {
			f.Options[i].Selected = f.Options[i].Value == c.form.Typed("role")
		}
	}
	return f, err
}

func (a *Admin) endsField(c *call, p *page, ends time.Time) parts.Field {
	f := parts.Field{Name: "ends", Label: c.site.T("admin.ends"), Hint: c.site.T("admin.ends_hint"), Type: "date", Optional: true, Wrong: p.Wrong("ends")}
	if !ends.IsZero() {
		f.Value = ends.Add(-time.Second).In(a.Shop.TimeZone).Format(time.DateOnly)
	}
	if c.form != nil {
		f.Value = c.form.Typed("ends")
	}
	return f
}

// assignment reads the role that was chosen, and until the end of which day.
func (a *Admin) assignment(c *call) (out staff.Assignment) {
	out.Role = c.form.Text("role", 60)
	if len(out.Role) > 4 && out.Role[:4] == "own." {
		v, err := id.Parse(out.Role[4:])
		if err != nil {
			c.form.Fail("role", "staff.role_unknown", nil)
		}
		out.Role, out.OwnRole = access.OwnRole, v
	}
	if typed := c.form.Text("ends", 10); typed != "" {
		end, err := time.ParseInLocation(time.DateOnly, typed, a.Shop.TimeZone)
		if err != nil {
			c.form.Fail("ends", "admin.day_wrong", nil)
		}
		out.Ends = end.AddDate(0, 0, 1)
	}
	return out
}

// invitePage is the form for somebody new.
type invitePage struct {
	*page
	Name, Email, Roles, Ends, Language parts.Field
}

func (a *Admin) showInvite(c *call, status int, wrong error) error {
	if err := access.Require(c.who(), access.StaffManage); err != nil {
		return err
	}
	t := c.site.T
	p := &invitePage{page: a.page(c, t("admin.invite"))}
	if wrong != nil && !p.wrong(wrong) {
		return wrong
	}
	var err error
	if p.Roles, err = a.roleField(c, "", "", false); err != nil {
		return err
	}
	p.Roles.Wrong = p.Wrong("role")
	p.Ends = a.endsField(c, p.page, time.Time{})
	p.Name = parts.Field{Name: "name", Label: t("admin.their_name"), Hint: t("admin.their_name_hint"), Value: c.form.Typed("name"), Wrong: p.Wrong("name"), Fill: "off", Max: 100}
	p.Email = parts.Field{Name: "email", Label: t("admin.their_email"), Value: c.form.Typed("email"), Wrong: p.Wrong("email"), Type: "email", Fill: "off", Max: 254}
	p.Language = parts.Field{Name: "language", Label: t("admin.their_language"), Value: c.site.Lang}
	if c.form != nil {
		p.Language.Value = c.form.Typed("language")
	}
	for _, code := range a.Shop.Languages {
		p.Language.Options = append(p.Language.Options, parts.Option{Value: code, Text: t("admin.language_" + code)})
	}
	return a.show(c, status, inviteView(p))
}

func (a *Admin) invite(c *call) error {
	p := staff.Person{Name: c.form.Text("name", 100), Language: c.form.Choice("language", a.Shop.Languages...)}
	if email := c.form.Email("email"); email != "" {
		p.Email = vault.Typed(email)
	}
	role := a.assignment(c)
	err := c.form.Err()
	if err == nil {
		_, err = a.Staff.Invite(c.r.Context(), c.who(), p, role)
	}
	if fault.Is(err, fault.Invalid) {
		return a.showInvite(c, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	return web.Redirect(c.w, "/staff?done=invited")
}

// after leads back to the member, or shows her page with what is wrong.
func (a *Admin) afterPerson(c *call, word string, err error) error {
	if fault.Is(err, fault.Invalid) {
		return a.showPerson(c, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	return web.Redirect(c.w, "/staff/"+c.r.PathValue("member")+"?done="+word)
}

// onMember is an act on the member of the address.
func (a *Admin) onMember(c *call, word string, act func(member id.ID) error) error {
	v, err := id.Parse(c.r.PathValue("member"))
	if err != nil {
		return fault.New(fault.NotFound, "staff.member_unknown")
	}
	return a.afterPerson(c, word, act(v))
}

func (a *Admin) personRole(c *call) error {
	word := "role_set"
	role := a.assignment(c)
	if err := c.form.Err(); err != nil {
		return a.showPerson(c, http.StatusUnprocessableEntity, err)
	}
	v, err := id.Parse(c.r.PathValue("member"))
	if err != nil {
		return fault.New(fault.NotFound, "staff.member_unknown")
	}
	waiting, err := a.Staff.SetRole(c.r.Context(), c.who(), v, role)
	if !waiting.IsZero() {
		word = "waiting"
	}
	return a.afterPerson(c, word, err)
}

func (a *Admin) personLeave(c *call) error {
	return a.onMember(c, "left", func(v id.ID) error { return a.Staff.Remove(c.r.Context(), c.who(), v) })
}

func (a *Admin) personAgain(c *call) error {
	return a.onMember(c, "invited", func(v id.ID) error { return a.Staff.InviteAgain(c.r.Context(), c.who(), v) })
}

func (a *Admin) personEndGlass(c *call) error {
	return a.onMember(c, "glass_ended", func(v id.ID) error { return a.Staff.EndGlass(c.r.Context(), c.who(), v) })
}
