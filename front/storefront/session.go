package storefront

import (
	"net/http"
	"slices"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/web"
	"strongroom/guard/shield"
)

// The two secrets that a browser may carry. Each gives exactly one thing: a cart, or one order.

// cartToken is the token of the reader's cart: her own if she is signed in, else the cookie's; empty if there is none.
func cartToken(r *http.Request) id.Token {
	if who := whoOf(r); who != nil {
		return who.cart
	}
	t, err := id.ParseToken(cartCookie.Get(r))
	if err != nil {
		return ""
	}
	return t
}

// visitToken opens one order; empty if this browser has none.
func visitToken(r *http.Request) id.Token {
	t, err := id.ParseToken(orderCookie.Get(r))
	if err != nil {
		return ""
	}
	return t
}

// formToken is the hidden field that binds a form to the session whose token is given.
func (s *Storefront) formToken(r *http.Request, session id.Token) pair {
	return pair{web.TokenField, s.tokens.For(formSecret(r, session))}
}

// formSecret is what a form is bound to. The own cart is the same in all browsers of an account: there the secret of
// the browser stands beside it.
func formSecret(r *http.Request, session id.Token) string {
	if who := whoOf(r); who != nil && session == who.cart {
		return session.Clear() + "." + who.Browser.Clear()
	}
	return session.Clear()
}

// readOwn reads a form that belongs to a session and refuses one that was made for another. V3.5.1: the session-bound
// token stands beside the check of the request's origin.
func (s *Storefront) readForm(r *http.Request, session id.Token) (*web.Form, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	return f, s.tokens.Check(r, f, formSecret(r, session))
}

// readOpen reads a form that anybody may send from a page of the shop, such as the one on a product page, which is the
// same for everybody and can carry no token. The browser must say that it comes from here; the shield has compared.
func readOpen(r *http.Request) (*web.Form, error) {
	if !web.SaysOrigin(r) {
		return nil, fault.New(fault.Forbidden, "web.form_foreign")
	}
	return web.ReadForm(r)
}

// private marks an answer as its reader's own: no cache, no script, no referrer beyond this host.
func (s *Storefront) private(w http.ResponseWriter, policy shield.Policy) {
	policy.NoScript = true
	policy.Set(w.Header())
	web.NoStore(w)
}

// paying is the policy of pages whose form leads to a payment provider: browsers check a redirect after a POST
// against form-action too.
func (s *Storefront) paying() shield.Policy {
	var p shield.Policy
	for _, x := range s.Providers() {
		if x.Origin != s.Shop.PublicURL && !slices.Contains(p.FormTo, x.Origin) {
			p.FormTo = append(p.FormTo, x.Origin)
		}
	}
	return p
}
