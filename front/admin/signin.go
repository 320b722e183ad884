package admin

import (
	"net/http"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/identity"
	"strongroom/guard/vault"
)

// signInPage is the door: a passkey, or e-mail and password.
type signInPage struct {
	*page
	Options string // of the passkey ceremony, for autofill and the button alike
	Token   string
	Kept    kept
	Wrong   string
	Email   string
}

func (a *Admin) signInShow(c *call) error { return a.askSignIn(c, kept{Path: "/"}, "") }

// askSignIn shows the door. Whatever was under way goes on behind it.
func (a *Admin) askSignIn(c *call, k kept, wrong string) error {
	p := &signInPage{page: a.page(c, c.site.T("admin.sign_in")), Kept: k, Wrong: wrong}
	if c.form != nil {
		p.Email = c.form.Typed("email")
	}
	owned, err := a.Staff.Owned(c.r.Context())
	if err != nil {
		return err
	}
	if !owned {
		return a.tell(c, c.site.T("admin.unowned"), c.site.T("admin.unowned_text"), parts.Link{})
	}
	ceremony, err := a.Identity.BeginPasskey(c.r.Context(), identity.Staff, c.v)
	if err != nil {
		return err
	}
	p.Options, p.Token = string(ceremony.Options), ceremony.Token.Clear()
	status := http.StatusOK
	if wrong != "" {
		status = http.StatusForbidden
	}
	return a.show(c, status, signInView(p))
}

func (a *Admin) signInPasskey(c *call) error {
	step, err := a.Identity.FinishPasskey(c.r.Context(), identity.Staff, c.form.Token("ceremony"), []byte(c.form.Typed("response")), c.v)
	return a.signedIn(c, step, err)
}

func (a *Admin) signInPassword(c *call) error {
	email := c.form.Text("email", 254)
	if email == "" { // nobody has this address, and there is nothing to guess at
		return a.signedIn(c, identity.Step{}, identity.ErrRefused)
	}
	step, err := a.Identity.Password(c.r.Context(), identity.Staff, vault.Typed(email), c.form.Typed("password"), c.v)
	return a.signedIn(c, step, err)
}

func (a *Admin) signedIn(c *call, step identity.Step, err error) error {
	if refused(err) {
		return a.askSignIn(c, keptOf(c.form), c.site.P.Fault(fault.As(err)))
	}
	if err != nil {
		return err
	}
	return a.advance(c, step, keptOf(c.form))
}

// refused says whether err is an answer to who tries to get in, and no trouble of ours.
func refused(err error) bool {
	switch fault.KindOf(err) {
	case fault.Forbidden, fault.TooMany, fault.Invalid, fault.Gone:
		return err != nil
	}
	return false
}

// advance goes on with a sign-in after a step of it.
func (a *Admin) advance(c *call, step identity.Step, k kept) error {
	switch step.Need {
	case identity.Done:
		sessionCookie.Set(c.w, step.Session.Clear())
		return a.resume(c, k)
	case identity.Factor:
		return a.showProof(c, proof{Post: "/sign-in/factor", Title: "admin.factor", Text: "admin.factor_text"}, step, k, "")
	case identity.Confirm:
		return a.show(c, http.StatusOK, tellView(&tellPage{page: a.page(c, c.site.T("admin.mailed")), Text: c.site.T("admin.mailed_text"), Code: step.Code}))
	}
	return a.tell(c, c.site.T("admin.link_done"), c.site.T("admin.link_done_text"), parts.Link{Text: c.site.T("admin.sign_in"), Href: "/sign-in"})
}

// signInFactor takes the second factor of a sign-in.
func (a *Admin) signInFactor(c *call) error {
	step, err := a.prove(c)
	if err == nil {
		return a.advance(c, step, keptOf(c.form))
	}
	if !refused(err) {
		return err
	}
	said := c.site.P.Fault(fault.As(err))
	step, serr := a.Identity.Step(c.r.Context(), c.form.Token("attempt"), c.v)
	if serr != nil || step.Need != identity.Factor {
		return a.askSignIn(c, keptOf(c.form), said)
	}
	return a.showProof(c, proof{Post: "/sign-in/factor", Title: "admin.factor", Text: "admin.factor_text"}, step, keptOf(c.form), said)
}

// signOut ends the session.
func (a *Admin) signOut(c *call) error {
	if err := a.Identity.SignOut(c.r.Context(), c.sess, c.v); err != nil {
		return err
	}
	sessionCookie.Clear(c.w)
	return web.Redirect(c.w, "/sign-in")
}

// prove hands what was typed or touched to the attempt.
func (a *Admin) prove(c *call) (identity.Step, error) {
	ctx, attempt := c.r.Context(), c.form.Token("attempt")
	switch c.form.Typed("method") {
	case identity.PasskeyMethod.String():
		return a.Identity.FinishFactorPasskey(ctx, attempt, c.form.Token("ceremony"), []byte(c.form.Typed("response")), c.v)
	case identity.PasswordMethod.String():
		return a.Identity.ProvePassword(ctx, attempt, c.form.Typed("password"), c.v)
	case identity.AppMethod.String():
		return a.Identity.ProveApp(ctx, attempt, c.form.Typed("code"), c.v)
	case identity.CodeMethod.String():
		return a.Identity.ProveCode(ctx, attempt, c.form.Typed("code"), c.v)
	}
	return identity.Step{}, fault.New(fault.Malformed, "web.form_malformed")
}

// clear is a token as it stands in a form; empty for none.
func clearOf(t id.Token) string {
	if t == "" {
		return ""
	}
	return t.Clear()
}
