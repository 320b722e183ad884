package admin

import (
	"net/http"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/identity"
	"strongroom/guard/staff"
)

// waysPage is how somebody signs in, and while she enrols what is missing still.
type waysPage struct {
	*page
	Missing  []string
	Passkeys []passkeyRow
	Has      identity.Enrolled
	Enrols   bool
	Codes    []string // shown once
}

type passkeyRow struct{ ID, Name, Kind, Made, Used string }

func (a *Admin) waysShow(c *call) error { return a.showWays(c, http.StatusOK, nil) }

func (a *Admin) showWays(c *call, status int, codes []string) error {
	ctx := c.r.Context()
	p := &waysPage{page: a.page(c, c.site.T("admin.ways")), Codes: codes, Enrols: c.sess.Level != identity.Full}
	var err error
	if p.Has, err = a.Identity.Methods(ctx, c.acc.ID); err != nil {
		return err
	}
	if p.Enrols {
		p.Title = c.site.T("admin.ways_first")
		for _, word := range staff.Enough(p.Has, c.seat.Member.Role) {
			p.Missing = append(p.Missing, c.site.T("staff.missing_"+word))
		}
	}
	keys, err := a.Identity.Passkeys(ctx, c.sess)
	if err != nil {
		return err
	}
	names, err := a.Identity.PasskeyNames(ctx, keys)
	if err != nil {
		return err
	}
	for i, k := range keys {
		row := passkeyRow{ID: k.ID.String(), Name: names[i], Kind: c.site.T("admin.passkey_bound"), Made: c.site.P.Date(k.MadeAt)}
		if k.Synced {
			row.Kind = c.site.T("admin.passkey_synced")
		}
		if !k.UsedAt.IsZero() {
			row.Used = c.moment(k.UsedAt)
		}
		p.Passkeys = append(p.Passkeys, row)
	}
	return a.show(c, status, waysView(p))
}

// added goes on after a way of signing in was added: the session has a new token, and when enough is enrolled for the
// role the member counts from now on.
func (a *Admin) added(c *call, step identity.Step) error {
	ctx := c.r.Context()
	token := step.Session
	if token == "" {
		token = c.v.Session
	}
	sessionCookie.Set(c.w, token.Clear())
	sess, _, err := a.Identity.Check(ctx, identity.Staff, token, c.v)
	if err != nil {
		return err
	}
	if sess.Level == identity.Full {
		return web.Redirect(c.w, "/ways")
	}
	raised, missing, err := a.Staff.Finish(ctx, sess, c.v)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		return web.Redirect(c.w, "/ways")
	}
	if raised.Session != "" {
		sessionCookie.Set(c.w, raised.Session.Clear())
	}
	return web.Redirect(c.w, "/")
}

// addPage is the form of one way of signing in.
type addPage struct {
	*page
	Options, Ceremony string
	App               identity.AppEnrolment
	Least             int
	Has               identity.Enrolled
	Typed             *web.Form
}

func (a *Admin) passkeyShow(c *call) error { return a.showPasskey(c, http.StatusOK, "") }

func (a *Admin) showPasskey(c *call, status int, said string) error {
	ceremony, err := a.Identity.BeginEnrol(c.r.Context(), c.sess, c.v)
	if err != nil {
		return err
	}
	p := &addPage{page: a.page(c, c.site.T("admin.passkey_add")), Options: string(ceremony.Options), Ceremony: clearOf(ceremony.Token), Typed: c.form}
	p.Notice, p.Warn = said, true
	return a.show(c, status, passkeyView(p))
}

func (a *Admin) passkeyAdd(c *call) error {
	name := c.form.Text("name", 60)
	if name == "" {
		name = c.site.T("identity.method_passkey")
	}
	step, err := a.Identity.FinishEnrol(c.r.Context(), c.sess, c.form.Token("ceremony"), name, []byte(c.form.Typed("response")), c.v)
	if refused(err) && !isKey(err, "identity.step_up") || fault.Is(err, fault.Conflict) {
		return a.showPasskey(c, http.StatusUnprocessableEntity, c.site.P.Fault(fault.As(err)))
	}
	if err != nil {
		return err
	}
	return a.added(c, step)
}

func (a *Admin) passkeyRemove(c *call) error {
	key, err := c.form.ID("passkey")
	if err != nil {
		return err
	}
	if err := a.Identity.RemovePasskey(c.r.Context(), c.sess, key, c.v); err != nil {
		return err
	}
	return web.Redirect(c.w, "/ways")
}

func (a *Admin) appShow(c *call) error {
	app, err := a.Identity.BeginApp(c.r.Context(), c.sess, c.v)
	if err != nil {
		return err
	}
	return a.show(c, http.StatusOK, appView(&addPage{page: a.page(c, c.site.T("admin.app_add")), App: app}))
}

func (a *Admin) appAdd(c *call) error {
	step, err := a.Identity.FinishApp(c.r.Context(), c.sess, c.form.Typed("code"), c.v)
	if isKey(err, "identity.code_wrong") {
		app, berr := a.Identity.BeginApp(c.r.Context(), c.sess, c.v)
		if berr != nil {
			return berr
		}
		p := &addPage{page: a.page(c, c.site.T("admin.app_add")), App: app}
		p.Problems = []parts.Problem{{Field: "code", Text: c.site.P.Fault(fault.As(err))}}
		return a.show(c, http.StatusUnprocessableEntity, appView(p))
	}
	if err != nil {
		return err
	}
	return a.added(c, step)
}

func (a *Admin) passwordShow(c *call) error { return a.showPassword(c, http.StatusOK, nil) }

func (a *Admin) showPassword(c *call, status int, wrong error) error {
	if err := a.Identity.RequireStepUp(c.sess, identity.StepUpFor); err != nil && c.sess.Level == identity.Full {
		return err
	}
	p := &addPage{page: a.page(c, c.site.T("admin.password_set"))}
	var err error
	if p.Least, err = a.Identity.LeastPassword(c.r.Context(), c.sess); err != nil {
		return err
	}
	if p.Has, err = a.Identity.Methods(c.r.Context(), c.acc.ID); err != nil {
		return err
	}
	if wrong != nil && !p.wrong(wrong) {
		return wrong
	}
	return a.show(c, status, passwordView(p))
}

func (a *Admin) passwordSet(c *call) error {
	step, err := a.Identity.SetPassword(c.r.Context(), c.sess, identity.NewPassword{Current: c.form.Typed("current"), Next: c.form.Typed("password")}, c.v)
	if fault.Is(err, fault.Invalid) {
		return a.showPassword(c, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	return a.added(c, step)
}

// codesMake makes recovery codes and shows them, this once.
func (a *Admin) codesMake(c *call) error {
	codes, err := a.Identity.MakeCodes(c.r.Context(), c.sess, c.v)
	if err != nil {
		return err
	}
	if c.sess.Level != identity.Full {
		p := &waysPage{page: a.page(c, c.site.T("admin.codes")), Codes: codes}
		step, missing, err := a.Staff.Finish(c.r.Context(), c.sess, c.v)
		if err != nil {
			return err
		}
		if len(missing) == 0 && step.Session != id.Token("") {
			sessionCookie.Set(c.w, step.Session.Clear())
		}
		return a.show(c, http.StatusOK, codesView(p))
	}
	return a.show(c, http.StatusOK, codesView(&waysPage{page: a.page(c, c.site.T("admin.codes")), Codes: codes}))
}
