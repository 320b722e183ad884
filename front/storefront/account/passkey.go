package account

import (
	"encoding/json"
	"errors"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/web"
	"strongroom/front/storefront"
	"strongroom/guard/identity"
	"strongroom/guard/vault"
)

// passkeyOptions answers the script with what its browser shall sign or make.
func (x *visit) passkeyOptions() error {
	f, err := x.form()
	if err != nil {
		return err
	}
	c, err := x.ceremony(f.Typed("aim"))
	if err != nil {
		return err
	}
	return storefront.SendJSON(x.w, x.r, struct {
		Ceremony string          `json:"ceremony"`
		Options  json.RawMessage `json:"options"`
	}{c.Token.Clear(), c.Options})
}

func (x *visit) ceremony(aim string) (c identity.Ceremony, err error) {
	ctx := x.r.Context()
	switch aim {
	case "sign-in":
		return x.Identity.BeginPasskey(ctx, identity.Shopper, x.v)
	case "factor":
		return x.Identity.BeginFactorPasskey(ctx, readPending(x.r).attempt, x.v)
	case "add":
		if ok, err := x.check(); err != nil || !ok {
			return c, orNoSession(err)
		}
		return x.Identity.BeginEnrol(ctx, x.sess, x.v)
	case "guest":
		email, err := x.guest()
		if err != nil {
			return c, err
		}
		return x.Identity.BeginGuestPasskey(ctx, email, x.v)
	}
	return c, fault.New(fault.Malformed, "web.form_malformed")
}

func orNoSession(err error) error {
	if err == nil {
		return identity.ErrNoSession
	}
	return err
}

// guest is the address of the order that this browser opens.
func (x *visit) guest() (vault.Personal, error) {
	token, err := id.ParseToken(visitCookie.Get(x.r))
	if err != nil {
		return vault.Personal{}, fault.New(fault.NotFound, "order.not_found")
	}
	o, err := x.Order.Open(x.r.Context(), token)
	if err != nil {
		return vault.Personal{}, err
	}
	return vault.Typed(o.Details.Email), nil
}

// passkeyFinish takes what the browser signed or made. The script sends it as a form like any other, so that the
// answer is a page.
func (x *visit) passkeyFinish() error {
	f, err := x.form()
	if err != nil {
		return err
	}
	ctx, c, response := x.r.Context(), f.Token("ceremony"), []byte(f.Typed("response"))
	switch f.Typed("aim") {
	case "sign-in":
		step, err := x.Identity.FinishPasskey(ctx, identity.Shopper, c, response, x.v)
		if err != nil {
			return x.signInPage("", "", err)
		}
		return x.follow(step, aimSignIn, f.Typed("to"))
	case "factor":
		p := readPending(x.r)
		step, err := x.Identity.FinishFactorPasskey(ctx, p.attempt, c, response, x.v)
		if err != nil {
			return x.factorPage(p, err)
		}
		return x.follow(step, p.aim, p.to)
	case "guest":
		step, err := x.Identity.FinishGuestPasskey(ctx, c, response, x.v)
		if err != nil {
			return err
		}
		return x.follow(step, aimSignUp, "")
	case "add":
		return x.passkeyAdd(f, c, f.Text("name", 40), response)
	}
	return fault.New(fault.Malformed, "web.form_malformed")
}

// passkeyAdd keeps a new passkey. Every session that may change something comes back with a new token.
func (x *visit) passkeyAdd(f *web.Form, c id.Token, name string, response []byte) error {
	if ok, err := x.check(); err != nil || !ok {
		return orNoSession(err)
	}
	if err := x.Identity.RequireStepUp(x.sess, identity.StepUpFor); x.sess.Level == identity.Full && errors.Is(err, identity.ErrStepUp) {
		return x.proveFor(f, "passkeys")
	}
	step, err := x.Identity.FinishEnrol(x.r.Context(), x.sess, c, name, response, x.v)
	if err != nil && x.sess.Level == identity.Enrolling {
		return x.beginPage(err)
	}
	if err != nil {
		return err
	}
	x.renewed(step)
	if x.sess.Level == identity.Enrolling {
		return x.redirect("/account?done=begun")
	}
	return x.redirect("/account/passkeys?done=added")
}
