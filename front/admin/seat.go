package admin

import (
	"net/http"
	"time"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/guard/identity"
	"strongroom/guard/shield"
	"strongroom/guard/staff"
)

// The cookies of the desk. Both are Strict: a link from elsewhere brings neither along (see bounce).
var (
	sessionCookie = web.Cookie{Name: identity.CookieAdmin, Strict: true}
	browserCookie = web.Cookie{Name: identity.CookieBrowser, Strict: true, MaxAge: 400 * 24 * time.Hour}
)

// call is one request with who makes it.
type call struct {
	w      http.ResponseWriter
	r      *http.Request
	v      identity.Visitor
	form   *web.Form // of a POST
	upload bool      // the form has files, and its act reads it (pictures.go)
	site   *parts.Site
	sess   identity.Session
	acc    identity.Account
	seat   staff.Seat
	fresh  bool // the browser's cookie was made just now
}

// moment is a time of day in the shop's zone.
func (c *call) moment(t time.Time) string { return c.site.P.DateTime(t.In(c.site.Shop.TimeZone)) }

// who is the actor of the request.
func (c *call) who() access.Actor { return c.seat.Actor }

// handle finds out who asks, lets her through the route's door, and turns what needs a proof into the page that asks.
func (a *Admin) handle(rt route) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		web.NoStore(w)
		c := a.begin(w, r)
		if c.fresh && elsewhere(r) {
			return bounce(w, r)
		}
		if c.fresh {
			browserCookie.Set(w, c.v.Browser.Clear())
		}
		if c.upload = uploads(r); !c.upload {
			if err := a.readForm(c); err != nil {
				return err
			}
		}
		done, err := a.pass(c, rt.door)
		if done || err != nil {
			return err
		}
		err = rt.act(c)
		if access.NeedsStepUp(err) || isKey(err, "identity.step_up") {
			return a.askProof(c, keep(c))
		}
		return err
	}
}

// begin reads the cookies of a request.
func (a *Admin) begin(w http.ResponseWriter, r *http.Request) *call {
	code := web.Negotiate(r.Header.Get("Accept-Language"), a.Shop.Languages, a.Shop.DefaultLanguage)
	c := &call{w: w, r: r, site: a.sites[code], v: identity.Visitor{Origin: web.Client(r.Context()), Agent: r.UserAgent(), Language: code}}
	c.v.Browser, _ = id.ParseToken(browserCookie.Get(r))
	c.v.Session, _ = id.ParseToken(sessionCookie.Get(r))
	if c.v.Browser == "" {
		c.v.Browser, c.fresh = id.NewToken(), true
	}
	return c
}

// elsewhere says whether a link on another site led here: then Strict cookies stay away, though the browser has them.
func elsewhere(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return r.Method == http.MethodGet && (site == "cross-site" || site == "same-site")
}

// bounce has the browser ask again from a page of ours, which brings its cookies. Without this, a link in a mail would
// replace the cookie of a browser that is signed in, and sign it out.
func bounce(w http.ResponseWriter, r *http.Request) error {
	shield.Policy{NoScript: true, Referrer: "no-referrer"}.Set(w.Header())
	w.Header().Set("Refresh", "0")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, err := w.Write([]byte("<!DOCTYPE html><html lang=\"en\"><title>Strongroom</title><p>…</p></html>"))
	return err
}

// readForm reads the form of a POST and checks that it was made for this browser. A session works in one browser only, so
// the token outlives a sign-in and a step-up in another window (V3.5.1).
func (a *Admin) readForm(c *call) (err error) {
	if c.r.Method != http.MethodPost {
		return nil
	}
	if c.fresh {
		return fault.New(fault.Forbidden, "identity.no_browser")
	}
	if c.form, err = web.ReadForm(c.r); err != nil {
		return err
	}
	return a.tokens.Check(c.r, c.form, c.v.Browser.Clear())
}

// pass lets a call through a door. done means that the answer was given at the door.
func (a *Admin) pass(c *call, d door) (done bool, err error) {
	if d == street {
		return false, nil
	}
	c.sess, c.acc, err = a.Identity.Check(c.r.Context(), identity.Staff, c.v.Session, c.v)
	if isKey(err, "identity.no_session") {
		sessionCookie.Clear(c.w)
		return true, a.askSignIn(c, keep(c), "")
	}
	if err != nil {
		return false, err
	}
	if s := a.sites[c.acc.Language]; s != nil {
		c.site, c.v.Language = s, c.acc.Language
	}
	if d == hall {
		return false, nil
	}
	c.seat, err = a.Staff.Enter(c.r.Context(), c.sess, c.v)
	switch {
	case access.NeedsStepUp(err):
		return true, a.askProof(c, keep(c))
	case staff.NeedsEnrolment(err):
		if d == enrol {
			return false, nil
		}
		return true, web.Redirect(c.w, "/ways")
	case fault.Is(err, fault.Forbidden):
		sessionCookie.Clear(c.w)
	}
	return false, err
}

// isKey says whether err is the fault of that name.
func isKey(err error, key string) bool {
	f := fault.As(err)
	return f != nil && f.Key == key
}
