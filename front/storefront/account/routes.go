package account

import (
	"net/http"
	"slices"
	"strings"

	"strongroom/front/storefront"
)

// routes are all addresses of the account pages below a language: one flat list.
func (a *Pages) routes() []storefront.Route {
	return append(append(a.safeRoutes(), a.ownRoutes()...), []storefront.Route{
		{Method: "GET", Path: "/account/sign-in", Handle: a.anybody((*visit).signInShow)},
		{Method: "POST", Path: "/account/sign-in", Handle: a.anybody((*visit).signIn)},
		{Method: "GET", Path: "/account/sign-up", Handle: a.anybody((*visit).signUpShow)},
		{Method: "POST", Path: "/account/sign-up", Handle: a.anybody((*visit).signUp)},
		{Method: "GET", Path: "/account/recover", Handle: a.anybody((*visit).recoverShow)},
		{Method: "POST", Path: "/account/recover", Handle: a.anybody((*visit).recover)},
		{Method: "POST", Path: "/account/passkey/options", Handle: a.anybody((*visit).passkeyOptions)},
		{Method: "POST", Path: "/account/passkey", Handle: a.anybody((*visit).passkeyFinish)},
		{Method: "GET", Path: "/account/wait", Handle: a.anybody((*visit).waitShow)},
		{Method: "GET", Path: "/account/factor", Handle: a.anybody((*visit).factorShow)},
		{Method: "POST", Path: "/account/factor", Handle: a.anybody((*visit).factor)},
		{Method: "GET", Path: "/account/link/{link}", Handle: a.anybody((*visit).linkShow)},
		{Method: "POST", Path: "/account/link", Handle: a.anybody((*visit).linkSpend)},

		{Method: "GET", Path: "/account/start", Handle: a.anybody((*visit).startShow)},
		{Method: "GET", Path: "/account/begin", Handle: a.own((*visit).beginShow)},
		{Method: "GET", Path: "/account/prove", Handle: a.own((*visit).prove)},
		{Method: "POST", Path: "/account/sign-out", Handle: a.own((*visit).signOut)},
		{Method: "GET", Path: "/account", Handle: a.own((*visit).overview)},
	}...)
}

// tos are the pages that a sign-in or a proof may lead back to, by the last part of their address. Nothing else is
// followed: an address in a query never decides where somebody goes.
var tos = []string{"", "methods", "passkeys", "password", "app", "phone", "codes", "devices", "activity", "recovery", "words", "email", "check",
	"orders", "begin", "profile", "addresses", "address", "close", toCheckout}

// toCheckout is the one word that leads out of the account: who signs in on the way to buying goes on buying.
const toCheckout = "checkout"

func isTo(word string) bool { return slices.Contains(tos, word) }

// pathOf is the address of such a page.
func pathOf(to string) string {
	switch {
	case to == toCheckout:
		return "/checkout"
	case to == "" || !isTo(to):
		return "/account"
	}
	return "/account/" + to
}

// wordOf is the page that a request is for, if it is one to come back to.
func wordOf(r *http.Request) string {
	_, rest, _ := strings.Cut(r.URL.Path, "/account")
	word, _, _ := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
	if !isTo(word) {
		return ""
	}
	return word
}
