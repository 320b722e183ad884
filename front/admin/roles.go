package admin

import (
	"net/http"
	"slices"
	"strings"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/guard/staff"
)

// right is one permission as a line that people can read.
type right struct {
	Name, Text  string
	Has, Reveal bool
}

// rightGroup is a heading with its permissions.
type rightGroup struct {
	Title  string
	Rights []right
}

// groups are the headings under which permissions stand, by the word that they begin with.
var groups = [...]struct{ word, of string }{
	{"orders", "order payment"}, {"goods", "product price stock code delivery"}, {"people", "staff owner role approve"},
	{"log", "audit safety settings"}, {"danger", "data key backup break"},
}

// listed sorts permissions under their headings; has says which of them are given.
func listed(c *call, all []access.Permission, has func(access.Permission) bool) (out []rightGroup) {
	for _, g := range groups {
		group := rightGroup{Title: c.site.T("admin.rights_" + g.word)}
		for _, p := range all {
			first, _, _ := strings.Cut(string(p), ".")
			if slices.Contains(strings.Fields(g.of), first) {
				group.Rights = append(group.Rights, right{Name: string(p), Text: c.site.T(p.Key()), Has: has(p),
					Reveal: !access.SetOf(p).Revealing().IsEmpty()})
			}
		}
		if len(group.Rights) > 0 {
			out = append(out, group)
		}
	}
	return out
}

// grouped are the permissions of a set.
func grouped(c *call, s access.Set) []rightGroup {
	return listed(c, s.List(), func(access.Permission) bool { return true })
}

// marksOf are what a role is besides its permissions.
func marksOf(c *call, r access.Role) (out []string) {
	for _, m := range []struct {
		is   bool
		word string
	}{{r.Masked, "masked"}, {r.Watched, "watched"}, {r.Ends, "ends"}, {r.Alone, "alone"}} {
		if m.is {
			out = append(out, c.site.T("admin.mark_"+m.word))
		}
	}
	return out
}

// rolesPage shows what every role may do.
type rolesPage struct {
	*page
	Own     []roleCard
	BuiltIn []roleCard
	MayMake bool
}

type roleCard struct {
	Name, Why, Href string
	Marks           []string
	Rights          []rightGroup
	Members         int64
	Count           int
}

func (a *Admin) rolesShow(c *call) error {
	list, err := a.Staff.Roles(c.r.Context(), c.who())
	if err != nil {
		return err
	}
	p := &rolesPage{page: a.page(c, c.site.T("admin.roles")), MayMake: c.who().May(access.RoleManage)}
	for _, o := range list {
		p.Own = append(p.Own, roleCard{Name: o.Name, Why: c.site.T("access.role_own_why"), Href: "/roles/" + o.ID.String(), Members: o.Members,
			Marks: marksOf(c, access.Role{Masked: o.Masked, Watched: o.Watched}), Rights: grouped(c, o.Permissions), Count: len(o.Permissions.List())})
	}
	for _, r := range access.BuiltIn() {
		p.BuiltIn = append(p.BuiltIn, roleCard{Name: c.site.T(r.Key), Why: c.site.T(r.Key + "_why"), Marks: marksOf(c, r),
			Rights: grouped(c, r.Permissions), Count: len(r.Permissions.List())})
	}
	p.Notice = done(c)
	return a.show(c, http.StatusOK, rolesView(p))
}

// rolePage is the form of an own role.
type rolePage struct {
	*page
	Name    parts.Field
	Action  string
	Groups  []rightGroup
	Masked  bool
	Watched bool
	Role    staff.OwnRole
	WrongAt string // what is wrong with the permissions
}

func (a *Admin) roleShow(c *call) error { return a.showRole(c, http.StatusOK, nil) }

// role is the own role of the address; an empty one for "new".
func (a *Admin) role(c *call) (staff.OwnRole, error) {
	list, err := a.Staff.Roles(c.r.Context(), c.who())
	if err != nil {
		return staff.OwnRole{}, err
	}
	word := c.r.PathValue("role")
	if word == "" || word == "new" {
		return staff.OwnRole{}, access.Require(c.who(), access.RoleManage)
	}
	for _, o := range list {
		if o.ID.String() == word {
			return o, nil
		}
	}
	return staff.OwnRole{}, fault.New(fault.NotFound, "staff.role_unknown")
}

func (a *Admin) showRole(c *call, status int, wrong error) error {
	o, err := a.role(c)
	if err != nil {
		return err
	}
	title, action := o.Name, "/roles/"+o.ID.String()
	if o.ID.IsZero() {
		title, action = c.site.T("admin.role_new"), "/roles"
	}
	if c.form != nil {
		o = typedRole(c, o.ID)
	}
	p := &rolePage{page: a.page(c, title), Action: action, Role: o, Masked: o.Masked, Watched: o.Watched}
	if wrong != nil && !p.wrong(wrong) {
		return wrong
	}
	p.WrongAt = p.Wrong("permissions")
	p.Name = parts.Field{Name: "name", Label: c.site.T("admin.role_name"), Value: o.Name, Wrong: p.Wrong("name"), Max: 60, Fill: "off"}
	mine := access.RightsOf(c.who()).Without(access.OwnersOnly())
	p.Groups = listed(c, mine.With(o.Permissions).List(), o.Permissions.Has)
	return a.show(c, status, roleView(p))
}

// typedRole reads the form of a role. Every permission has a box of its own.
func typedRole(c *call, v id.ID) staff.OwnRole {
	o := staff.OwnRole{ID: v, Name: c.form.Text("name", 200), Masked: c.form.Bool("masked"), Watched: c.form.Bool("watched")}
	for _, p := range access.Permissions() {
		if c.form.Bool("may." + string(p)) {
			o.Permissions = o.Permissions.With(access.SetOf(p))
		}
	}
	return o
}

// rolePut makes a role or changes one.
func (a *Admin) rolePut(c *call) error {
	var v id.ID
	if word := c.r.PathValue("role"); word != "" {
		var err error
		if v, err = id.Parse(word); err != nil {
			return fault.New(fault.NotFound, "staff.role_unknown")
		}
	}
	_, err := a.Staff.PutRole(c.r.Context(), c.who(), typedRole(c, v))
	if fault.Is(err, fault.Invalid) {
		return a.showRole(c, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	return web.Redirect(c.w, "/roles?done=role_kept")
}

func (a *Admin) roleDrop(c *call) error {
	v, err := id.Parse(c.r.PathValue("role"))
	if err != nil {
		return fault.New(fault.NotFound, "staff.role_unknown")
	}
	if err := a.Staff.DropRole(c.r.Context(), c.who(), v); err != nil {
		return err
	}
	return web.Redirect(c.w, "/roles?done=role_dropped")
}

// glassPage is emergency access: loud, short, and given back with one press.
type glassPage struct {
	*page
	Reason parts.Field
	Rights []rightGroup
	Open   bool
	Until  string
}

func (a *Admin) glassShow(c *call) error { return a.showGlass(c, http.StatusOK, nil) }

func (a *Admin) showGlass(c *call, status int, wrong error) error {
	if err := access.Require(c.who(), access.BreakGlass); err != nil {
		return err
	}
	t := c.site.T
	p := &glassPage{page: a.page(c, t("admin.glass")), Open: !c.seat.Glass.IsZero(), Until: a.when(c, c.seat.Glass),
		Rights: grouped(c, access.GlassRights().Without(c.seat.Member.Role.Permissions))}
	if wrong != nil && !p.wrong(wrong) {
		return wrong
	}
	p.Reason = parts.Field{Name: "reason", Label: t("admin.glass_reason"), Hint: t("admin.glass_reason_hint"), Rows: 3, Max: 500,
		Value: c.form.Typed("reason"), Wrong: p.Wrong("reason")}
	if c.form == nil {
		p.Notice = done(c)
	}
	return a.show(c, status, glassView(p))
}

func (a *Admin) glassBreak(c *call) error {
	_, err := a.Staff.BreakGlass(c.r.Context(), c.who(), c.form.Lines("reason", 500))
	if fault.Is(err, fault.Invalid) {
		return a.showGlass(c, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	return web.Redirect(c.w, "/glass?done=glass_broken")
}

func (a *Admin) glassEnd(c *call) error {
	if err := a.Staff.EndGlass(c.r.Context(), c.who(), c.who().ID); err != nil {
		return err
	}
	return web.Redirect(c.w, "/glass?done=glass_ended")
}
