// Package account is the pages of a shopper's account on the shop's host: signing in, and what belongs to oneself.
//
// # The way of a request
//
// routes.go is the flat list of addresses. Every handler gets a visit (visit.go): the request with its browser, its
// session and its language. A page calls one method of guard/identity, fills a typed struct (views.go) and renders it
// in the shop's frame. What identity refuses is shown on the page that was sent, beside its field.
//
// # A sign-in on its way
//
// Identity answers every proof with a Step. follow (step.go) goes where it leads: into the account, to the page that
// asks for another factor, or to the page that waits for a mail. What must be remembered in between stands in a cookie
// of its own, unreadable for script, so that no address holds a secret and reloading a page sends nothing twice.
//
// # What nobody may learn
//
// No page says whether an address is known: the pages after sign-up, "mail me a link" and recovery are the same for
// every address. Pages are never stored. Forms carry a token bound to the browser's secret, to which every session is
// bound too.
//
// Everything but passkeys works without script. See docs/accounts.md.
package account

import (
	"time"

	"strongroom/base/config"
	"strongroom/base/web"
	"strongroom/front/look"
	"strongroom/front/storefront"
	"strongroom/guard/identity"
	"strongroom/guard/staff"
	"strongroom/guard/vault"
	"strongroom/shop/order"
	"strongroom/shop/shopper"
)

// Deps is what the pages stand on.
type Deps struct {
	Front    *storefront.Storefront
	Identity *identity.Service
	Vault    *vault.Vault
	Staff    *staff.Service
	Order    *order.Service
	Shopper  *shopper.Service
	Shop     *config.Shop
	Assets   *look.Assets
	// MAC is a keyed hash for form tokens, with a label of its own.
	MAC func(data []byte) []byte
}

// Pages are the account pages.
type Pages struct {
	Deps
	tokens web.FormTokens
}

// The cookies. All are __Host-, Lax and unreadable for script.
var (
	sessionCookie = web.Cookie{Name: identity.CookieAccount, MaxAge: 30 * 24 * time.Hour}
	browserCookie = web.Cookie{Name: identity.CookieBrowser, MaxAge: 400 * 24 * time.Hour}
	pendingCookie = web.Cookie{Name: "__Host-pending", MaxAge: 30 * time.Minute}
	visitCookie   = web.Cookie{Name: "__Host-order", MaxAge: 90 * 24 * time.Hour} // the storefront's: opens one order
)

// Mount makes the pages and puts their routes onto the shop's host.
func Mount(d Deps) *Pages {
	a := &Pages{Deps: d, tokens: web.FormTokens{MAC: d.MAC}}
	d.Front.Mount(a.routes(), a)
	return a
}
