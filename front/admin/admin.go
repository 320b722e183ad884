// Package admin is the desk: the pages on which staff run the shop, on a host of their own.
//
// # The way of a request
//
// routes.go is the flat list of all addresses, each with its door: who may pass. Handle (seat.go) finds out who asks,
// reads the form, and calls the one function of the address with a call. Rights are checked by the services; a page only
// leaves out what its reader cannot do anyway.
//
// # Nothing typed is lost
//
// A session that was idle, an act that wants a fresh proof, a session that ended: the answer is a page that asks for the
// proof and carries the form along. Afterwards the same form is sent on with one press (kept.go). Passwords are never
// carried.
//
// # Without script
//
// Everything but passkeys works without script. Two small files add what script is needed for: desk-key.js hands passkeys
// over, desk.js opens the palette and the save bar. See docs/desk.md.
package admin

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"strongroom/base/clock"
	"strongroom/base/config"
	"strongroom/base/lang"
	"strongroom/base/web"
	"strongroom/front/look"
	"strongroom/front/parts"
	"strongroom/guard/audit"
	"strongroom/guard/identity"
	"strongroom/guard/pagewatch"
	"strongroom/guard/safety"
	"strongroom/guard/shield"
	"strongroom/guard/staff"
	"strongroom/shop/catalog"
	"strongroom/shop/export"
	"strongroom/shop/fraud"
	"strongroom/shop/order"
	"strongroom/shop/payment"
	"strongroom/shop/payment/offline"
	"strongroom/shop/payment/setup"
	"strongroom/shop/person"
	"strongroom/shop/stock"
)

// Deps is what the desk stands on.
type Deps struct {
	Shop     *config.Shop
	Texts    *lang.Catalog
	Assets   *look.Assets
	Identity *identity.Service
	Staff    *staff.Service
	Order    *order.Service
	Fraud    *fraud.Service
	Catalog  *catalog.Service
	Stock    *stock.Service
	Audit    *audit.Log
	Safety   *safety.Service
	Watch    *pagewatch.Service
	Offline  *offline.Service
	Takers   func(ctx context.Context) ([]Taker, error) // whom shoppers pay at
	Export   *export.Service
	Person   *person.Service
	Setup    *setup.Service
	Payment  *payment.Service
	MAC      func(data []byte) []byte // keyed hash for form tokens
	Clock    clock.Clock
	Log      *slog.Logger
}

// Taker is a payment provider that is switched on, with its newest attestation if one was written down beside its keys.
type Taker struct {
	Name, Label, Origin string
	Proof               time.Time
	ProofLink           string
}

// Admin is the handler of the admin host.
type Admin struct {
	Deps
	tokens web.FormTokens
	face   *web.Face
	mux    *http.ServeMux
	sites  map[string]*parts.Site
}

// New makes the desk.
func New(d Deps) *Admin {
	a := &Admin{Deps: d, tokens: web.FormTokens{MAC: d.MAC}, mux: http.NewServeMux(), sites: map[string]*parts.Site{}}
	a.face = &web.Face{Log: d.Log, Page: a.failure}
	for _, code := range d.Shop.Languages {
		a.sites[code] = &parts.Site{P: d.Texts.For(code), Shop: d.Shop, Lang: code, CSS: d.Assets.Path("admin.css"),
			Icon: d.Assets.Path("strongroom.svg"), Fonts: []string{d.Assets.Path("source-sans.woff2")}}
	}
	a.register()
	return a
}

// ServeHTTP answers a request to the admin host.
func (a *Admin) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

// Host is the desk as the shield takes it.
func (a *Admin) Host(authority string) shield.Host {
	return shield.Host{Authority: authority, Handler: a, Face: a.face, Classify: classify}
}

// classify keeps the desk in a queue of its own: a flood in the shop does not lock out who could stop it.
func classify(r *http.Request) shield.Class {
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, look.Prefix), strings.HasPrefix(path, mediaPath):
		return shield.Asset
	case uploads(r):
		return shield.Upload
	}
	return shield.Desk
}
