package account

import (
	"net/http"
	"strings"

	"strongroom/base/id"
	"strongroom/front/storefront"
	"strongroom/guard/identity"
)

// pending is a sign-in on its way, as its cookie holds it: what it is for, its attempt, the code that its page shows,
// and the page to go to at its end.
type pending struct {
	aim     string
	attempt id.Token
	code    string
	to      string
}

// What a pending sign-in can be for. The words choose the texts of its pages.
const (
	aimSignIn   = "sign-in"
	aimLink     = "link"
	aimSignUp   = "sign-up"
	aimRecovery = "recovery"
	aimProve    = "prove"
)

func (p pending) String() string {
	return strings.Join([]string{p.aim, p.attempt.Clear(), p.code, p.to}, ".")
}

// readPending reads the cookie; the zero value if there is none that we wrote.
func readPending(r *http.Request) (p pending) {
	f := strings.Split(pendingCookie.Get(r), ".")
	if len(f) != 4 || !knownAim(f[0]) || !isTo(f[3]) || len(f[2]) > 16 || strings.Trim(f[2], "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
		return p
	}
	p = pending{aim: f[0], code: f[2], to: f[3]}
	if t, err := id.ParseToken(f[1]); err == nil {
		p.attempt = t
	}
	return p
}

func knownAim(s string) bool {
	switch s {
	case aimSignIn, aimLink, aimSignUp, aimRecovery, aimProve:
		return true
	}
	return false
}

// follow goes where a step leads.
func (x *visit) follow(step identity.Step, aim, to string) error {
	switch step.Need {
	case identity.Done:
		return x.enter(step, to)
	case identity.Factor:
		at := pending{aim: aim, attempt: step.Attempt, to: to}
		pendingCookie.Set(x.w, at.String())
		if len(x.kept) > 0 { // a redirect would lose what was typed
			return x.factorPage(at, nil)
		}
		return x.redirect("/account/factor")
	case identity.Confirm:
		pendingCookie.Set(x.w, pending{aim: aim, attempt: step.Attempt, code: step.Code, to: to}.String())
		return x.redirect("/account/wait")
	}
	pendingCookie.Clear(x.w)
	if aim == aimRecovery { // the delay has begun; the page says until when, and shows the code of its end
		return x.linkDone(identity.LinkRecovery, step)
	}
	return x.redirect("/account")
}

// enter gives the browser its session and leads on. The session is a new one each time: V7.2.4.
func (x *visit) enter(step identity.Step, to string) error {
	sessionCookie.Set(x.w, step.Session.Clear())
	pendingCookie.Clear(x.w)
	if step.Level == identity.Enrolling {
		return x.redirect("/account/begin")
	}
	x.v.Session = step.Session
	if len(x.kept) > 0 {
		return x.resume(to)
	}
	return x.bring(step, to)
}

// bring takes the cart of this browser along into the account, and leads on. What did not come along is said on the next
// page, which on the way to buying is the cart: nobody shall find out at the till.
func (x *visit) bring(step identity.Step, to string) error {
	if step.Level != identity.Full || !storefront.HasCart(x.r) {
		return x.redirect(pathOf(to))
	}
	if in, err := x.check(); err != nil || !in {
		return orNoSession(err)
	}
	why, err := x.Front.BringCart(x.w, x.r, x.acc.ID)
	switch {
	case err != nil:
		return err
	case why == 0:
		return x.redirect(pathOf(to))
	case to == toCheckout:
		return x.redirect("/cart?merged=" + why.String())
	}
	return x.redirect(pathOf(to) + "?merged=" + why.String())
}

// renewed is enter for who was in already: the cookie gets the session's new token.
func (x *visit) renewed(step identity.Step) {
	if step.Need == identity.Done && step.Session != "" {
		sessionCookie.Set(x.w, step.Session.Clear())
	}
}
