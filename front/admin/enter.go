package admin

import (
	"net/http"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/guard/identity"
	"strongroom/guard/staff"
	"strongroom/guard/vault"
)

// enterPage shows a link to the desk before it is used: scanners of mails open links, and only a button uses them.
type enterPage struct {
	*page
	Link  string
	Kind  string
	Role  string
	Name  string
	Ends  string
	Typed *web.Form
	Text  string
	Post  string
	Facts []detail // of an act that can be stopped
	Code  bool     // a code must be typed, because the link was opened in another browser
}

// enterShow shows an invitation, the set-up link or a recovery.
func (a *Admin) enterShow(c *call) error {
	hideAddress(c.w)
	token, _ := id.ParseToken(c.r.PathValue("token"))
	return a.showEnter(c, token, http.StatusOK, nil)
}

func (a *Admin) showEnter(c *call, token id.Token, status int, err error) error {
	link, lerr := a.Staff.PeekLink(c.r.Context(), token)
	if lerr != nil {
		return lerr
	}
	p := &enterPage{page: a.page(c, c.site.T("admin.enter_"+link.Kind)), Link: token.Clear(), Kind: link.Kind, Name: link.Name,
		Ends: c.moment(link.Ends), Typed: c.form, Post: "/enter", Text: c.site.T("admin.enter_" + link.Kind + "_text")}
	if link.Role.Key != "" {
		p.Role = c.site.T(link.Role.Key)
	}
	if err != nil && !p.wrong(err) {
		return err
	}
	return a.show(c, status, enterView(p))
}

// enter uses the link. Whoever comes in may only add ways of signing in until they suffice for the role.
func (a *Admin) enter(c *call) error {
	hideAddress(c.w)
	ctx, token := c.r.Context(), c.form.Token("link")
	link, err := a.Staff.PeekLink(ctx, token)
	if err != nil {
		return err
	}
	var step identity.Step
	if link.Kind == staff.LinkSetUp {
		name, email := c.form.Text("name", 200), c.form.Email("email")
		if err = c.form.Err(); err == nil {
			step, err = a.Staff.SetUp(ctx, token, staff.Person{Name: name, Email: vault.Typed(email), Language: c.site.Lang}, c.v)
		}
	} else {
		step, err = a.Staff.Accept(ctx, token, c.v)
	}
	if fault.Is(err, fault.Invalid) {
		return a.showEnter(c, token, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	sessionCookie.Set(c.w, step.Session.Clear())
	return web.Redirect(c.w, "/ways")
}

// stopShow shows the link that stops a dangerous act. It needs no account: it is mailed to an address outside.
func (a *Admin) stopShow(c *call) error {
	hideAddress(c.w)
	token, _ := id.ParseToken(c.r.PathValue("token"))
	link, err := a.Staff.PeekLink(c.r.Context(), token)
	if err != nil {
		return err
	}
	t := c.site.T
	p := &enterPage{page: a.page(c, t("admin.enter_stop")), Link: token.Clear(), Kind: link.Kind, Name: t(link.Ask.Key()),
		Ends: c.moment(link.Ends), Post: "/stop", Text: t("admin.enter_stop_text"), Facts: factsOf(c.site, link.Ask)}
	for i := range p.Facts {
		p.Facts[i].Href = "" // whoever reads this may have no account
	}
	return a.show(c, http.StatusOK, enterView(p))
}

func (a *Admin) stop(c *call) error {
	if err := a.Staff.Stop(c.r.Context(), c.form.Token("link"), access.Guest(id.ID{}, c.v.Origin)); err != nil {
		return err
	}
	return a.tell(c, c.site.T("admin.stopped"), c.site.T("admin.stopped_text"), parts.Link{})
}

// linkShow shows a mailed link of the identity kind ("this was not me" and the like).
func (a *Admin) linkShow(c *call) error {
	hideAddress(c.w)
	token, _ := id.ParseToken(c.r.PathValue("token"))
	link, err := a.Identity.PeekLink(c.r.Context(), token, c.v)
	if err != nil {
		return err
	}
	p := &enterPage{page: a.page(c, c.site.T("admin.link_title")), Link: token.Clear(), Ends: c.moment(link.Until),
		Post: "/link", Text: c.site.T("admin.link_text"), Code: !link.SameBrowser && link.Kind.NeedsCode()}
	return a.show(c, http.StatusOK, enterView(p))
}

func (a *Admin) link(c *call) error {
	step, err := a.Identity.SpendLink(c.r.Context(), c.form.Token("link"), c.form.Text("code", 20), c.v)
	if err != nil {
		return err
	}
	return a.advance(c, step, kept{Path: "/"})
}

// tell is a page that says one thing and offers one way on.
func (a *Admin) tell(c *call, title, text string, way parts.Link) error {
	return a.show(c, http.StatusOK, tellView(&tellPage{page: a.page(c, title), Text: text, Way: way}))
}

type tellPage struct {
	*page
	Text, Code string
	Way        parts.Link
}
