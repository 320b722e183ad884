package account

import (
	"net/http"
	"slices"
	"strings"

	"strongroom/front/parts"
	"strongroom/front/storefront"
)

// routes are all addresses of the account pages below a language: one flat list.
func (a *Pages) routes() []storefront.Route {
	return []storefront.Route{
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

		{Method: "GET", Path: "/account/orders", Handle: a.own((*visit).ordersShow)},
		{Method: "GET", Path: "/account/order/{number}", Handle: a.own((*visit).orderShow)},
		{Method: "POST", Path: "/account/orders/open", Handle: a.full((*visit).orderOpen)},
		{Method: "GET", Path: "/account/profile", Handle: a.full((*visit).profileShow)},
		{Method: "POST", Path: "/account/profile", Handle: a.full((*visit).profileSet)},
		{Method: "GET", Path: "/account/addresses", Handle: a.full((*visit).addressesShow)},
		{Method: "POST", Path: "/account/addresses/choose", Handle: a.full((*visit).addressChoose)},
		{Method: "POST", Path: "/account/addresses/remove", Handle: a.full((*visit).addressRemove)},
		{Method: "POST", Path: "/account/addresses/keep", Handle: a.full((*visit).addressKeep)},
		{Method: "GET", Path: "/account/address", Handle: a.full((*visit).addressShow)},
		{Method: "POST", Path: "/account/address", Handle: a.full((*visit).addressSave)},
		{Method: "GET", Path: "/account/close", Handle: a.proven((*visit).closeShow)},
		{Method: "POST", Path: "/account/close", Handle: a.proven((*visit).closeAccount)},
		{Method: "GET", Path: "/account/closed", Handle: a.anybody((*visit).closedShow)},
		{Method: "GET", Path: "/account/check", Handle: a.full((*visit).checkShow)},
		{Method: "GET", Path: "/account/passkeys", Handle: a.proven((*visit).passkeysShow)},
		{Method: "POST", Path: "/account/passkeys/remove", Handle: a.proven((*visit).passkeyRemove)},
		{Method: "GET", Path: "/account/password", Handle: a.proven((*visit).passwordShow)},
		{Method: "POST", Path: "/account/password", Handle: a.proven((*visit).passwordSet)},
		{Method: "POST", Path: "/account/password/remove", Handle: a.proven((*visit).passwordRemove)},
		{Method: "GET", Path: "/account/app", Handle: a.proven((*visit).appShow)},
		{Method: "POST", Path: "/account/app", Handle: a.proven((*visit).appBegin)},
		{Method: "POST", Path: "/account/app/confirm", Handle: a.proven((*visit).appConfirm)},
		{Method: "POST", Path: "/account/app/remove", Handle: a.proven((*visit).appRemove)},
		{Method: "GET", Path: "/account/codes", Handle: a.proven((*visit).codesShow)},
		{Method: "POST", Path: "/account/codes", Handle: a.proven((*visit).codesMake)},
		{Method: "GET", Path: "/account/devices", Handle: a.proven((*visit).devicesShow)},
		{Method: "POST", Path: "/account/devices/out", Handle: a.proven((*visit).deviceOut)},
		{Method: "POST", Path: "/account/devices/everywhere", Handle: a.full((*visit).outEverywhere)},
		{Method: "GET", Path: "/account/words", Handle: a.proven((*visit).wordsShow)},
		{Method: "POST", Path: "/account/words", Handle: a.proven((*visit).wordsSet)},
		{Method: "GET", Path: "/account/email", Handle: a.proven((*visit).emailShow)},
		{Method: "POST", Path: "/account/email", Handle: a.proven((*visit).emailSet)},
		{Method: "POST", Path: "/account/email/cancel", Handle: a.full((*visit).emailCancel)},
		{Method: "GET", Path: "/account", Handle: a.own((*visit).overview)},
	}
}

// tos are the pages that a sign-in or a proof may lead back to, by the last part of their address. Nothing else is
// followed: an address in a query never decides where somebody goes.
var tos = []string{"", "passkeys", "password", "app", "codes", "devices", "words", "email", "check", "orders", "begin", "profile", "addresses", "close"}

func isTo(word string) bool { return slices.Contains(tos, word) }

// pathOf is the address of such a page.
func pathOf(to string) string {
	if to == "" || !isTo(to) {
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

// ways are the pages of an account, as its head lists them.
func ways(p *parts.Page) []parts.Link {
	var out []parts.Link
	for _, w := range [...]struct{ key, path string }{{"account.overview", "/account"}, {"account.orders", "/account/orders"}, {"account.check", "/account/check"}, {"account.passkeys", "/account/passkeys"},
		{"account.password", "/account/password"}, {"account.app", "/account/app"}, {"account.codes", "/account/codes"},
		{"account.devices", "/account/devices"}, {"account.words", "/account/words"}, {"account.email", "/account/email"}} {
		out = append(out, parts.Link{Text: p.T(w.key), Href: p.To(w.path), Current: p.Path == w.path})
	}
	return out
}
