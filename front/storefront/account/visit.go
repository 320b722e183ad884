package account

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/front/storefront"
	"strongroom/guard/identity"
	"strongroom/guard/shield"
)

// visit is one request: who stands at the door, in which language, and whose session it is if there is one.
type visit struct {
	*Pages
	w    http.ResponseWriter
	r    *http.Request
	code string
	v    identity.Visitor
	sess identity.Session
	acc  identity.Account
	kept kept // what was typed before a proof was asked for
	sent bool // a code went to the phone just now

	resumed bool // the form comes back after a proof
}

// handler answers a visit.
type handler func(x *visit) error

// anybody makes a route of a page that needs no session.
func (a *Pages) anybody(h handler) func(code string) web.Handler {
	return func(code string) web.Handler {
		return func(w http.ResponseWriter, r *http.Request) error { return h(a.visit(w, r, code)) }
	}
}

// own makes a route of a page that belongs to somebody. Whoever has no session is led to sign in and then back.
func (a *Pages) own(h handler) func(code string) web.Handler {
	return a.anybody(func(x *visit) error {
		switch ok, err := x.check(); {
		case err != nil:
			return err
		case !ok:
			return x.signInFirst()
		case x.sess.Locked && !strings.HasSuffix(x.r.URL.Path, "/account/prove"): // the way out of it
			return x.redirect("/account/prove?to=" + wordOf(x.r))
		}
		return h(x)
	})
}

// full is own for what a session of a mailed link may not see, nor one that only enrols.
func (a *Pages) full(h handler) func(code string) web.Handler {
	return a.own(func(x *visit) error {
		switch x.sess.Level {
		case identity.Enrolling:
			return x.redirect("/account/begin")
		case identity.Limited:
			return x.redirect("/account?only=look")
		}
		return h(x)
	})
}

// proven is for risky pages: a fresh proof comes first, so that nothing is typed in vain. A session that only enrols
// may add its first way of signing in.
func (a *Pages) proven(h handler) func(code string) web.Handler {
	return a.own(func(x *visit) error {
		if x.sess.Level == identity.Enrolling {
			return h(x)
		}
		if x.sess.Level == identity.Limited {
			return x.redirect("/account?only=look")
		}
		err := x.Identity.RequireStepUp(x.sess, identity.StepUpFor)
		if errors.Is(err, identity.ErrStepUp) {
			return x.proveFirst()
		}
		if err != nil {
			return err
		}
		return h(x)
	})
}

// visit reads who stands at the door. A browser without its cookie gets one.
func (a *Pages) visit(w http.ResponseWriter, r *http.Request, code string) *visit {
	browser, err := id.ParseToken(browserCookie.Get(r))
	if err != nil {
		browser = id.NewToken()
		browserCookie.Set(w, browser.Clear())
	}
	session, err := id.ParseToken(sessionCookie.Get(r))
	if err != nil {
		session = ""
	}
	return &visit{Pages: a, w: w, r: r, code: code, v: identity.Visitor{Browser: browser, Session: session,
		Origin: web.Client(r.Context()), Agent: r.UserAgent(), Language: code}}
}

// check finds the session. A cookie that is worth nothing stays until the next sign-in or sign-out: every proof makes a
// new one, and an answer to a request that was under way meanwhile must not take that away.
func (x *visit) check() (bool, error) {
	if x.v.Session == "" {
		return false, nil
	}
	sess, acc, err := x.Identity.Check(x.r.Context(), identity.Shopper, x.v.Session, x.v)
	if errors.Is(err, identity.ErrNoSession) {
		return false, nil
	}
	x.sess, x.acc = sess, acc
	return err == nil, err
}

// form reads a form and refuses one that was made for another browser. V3.5.1.
func (x *visit) form() (*web.Form, error) {
	f, err := web.ReadForm(x.r)
	if err != nil {
		return nil, err
	}
	if err := x.tokens.Check(x.r, f, browserCookie.Get(x.r)); err != nil {
		return nil, err
	}
	x.kept = keptIn(f)
	return f, nil
}

// token is the hidden field of every form.
func (x *visit) token() pair { return pair{web.TokenField, x.tokens.For(x.v.Browser.Clear())} }

// page begins a page.
func (x *visit) page(title, path string) (*page, error) {
	head, err := x.Front.Begin(x.r, x.code, title, path)
	if err != nil {
		return nil, err
	}
	p := &page{Page: head, Token: x.token(), kept: x.kept, header: x.w.Header()}
	switch {
	case x.sess.Level == identity.Full:
		p.Ways = ways(head)
	case x.sess.Level == identity.Limited && (path == "/account" || path == "/account/orders"):
		p.Ways = waysToLook(head)
	}
	if x.resumed {
		p.Alone, p.Notice = true, head.T("account.resumed")
	}
	return p, nil
}

// send renders a page. The address of the page of a mailed link holds a secret and is told to nobody.
func (x *visit) send(status int, c templ.Component) error {
	return storefront.Send(x.w, x.r, status, c)
}

func (x *visit) redirect(path string) error { return web.Redirect(x.w, "/"+x.code+path) }

// secret keeps the address of this page out of every Referer.
func (x *visit) secret() { shield.Policy{NoScript: true, Referrer: "no-referrer"}.Set(x.w.Header()) }

// wrong says whether err is something to show on the page that was sent, and puts it there.
func (p *page) wrong(err error) (status int, ok bool) {
	ft := fault.As(err)
	if ft == nil {
		return 0, false
	}
	switch ft.Kind {
	case fault.Invalid, fault.Conflict, fault.TooMany, fault.Forbidden, fault.NotFound, fault.Gone:
	default:
		return 0, false
	}
	p.Alone = true
	p.Tell(ft.Fields)
	text := ""
	if s, ok := ft.Params["seconds"].(int); ok && s > 0 {
		p.header.Set("Retry-After", strconv.Itoa(s))
		if ft.Key == "identity.slow" {
			text = p.T("account.slow", "wait", p.span(s))
		}
	}
	if len(ft.Fields) == 0 {
		if text == "" {
			text = p.P.Fault(ft)
		}
		p.Problems = append(p.Problems, parts.Problem{Text: text})
	}
	return ft.Kind.Status(), true
}
