// Package storefront is the shop as shoppers see it: pages rendered on the server, in every language of the shop,
// which work without script.
//
// # The way of a page
//
// routes.go is the flat list of all addresses. A handler reads its form or query, calls one service, fills the typed
// struct of its page (views.go) and renders it; an error goes to the one wrapper (web.Face), which shows failure.go's
// page. The language is the first part of the path; "/" leads to the one that the browser prefers.
//
// # What is the same for everybody
//
// Home, categories, searches and products hold nothing of the reader and set no cookie. They come out of a cache in
// memory (cache.go) that knows them by host, language, path and normalised query, and by the catalogue's version.
// The number of things in the cart is fetched by a small script from /cart/count; the link beneath works without.
//
// # What belongs to one reader
//
// Two cookies, both __Host- and unreadable for script: the cart's token, set at the first add, and the token that
// opens one order, set when it is placed or its mailed link is used. Pages that show either are never stored by any
// cache, and pages of checkout and order run no script at all.
//
// See docs/storefront.md.
package storefront

import (
	"io/fs"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"strongroom/base/clock"
	"strongroom/base/config"
	"strongroom/base/fault"
	"strongroom/base/lang"
	"strongroom/base/web"
	"strongroom/front/look"
	"strongroom/shop/cart"
	"strongroom/shop/delivery"
	"strongroom/shop/order"
	"strongroom/shop/payment"
)

// Deps is what the storefront stands on.
type Deps struct {
	Shop     *config.Shop
	Texts    *lang.Catalog
	Assets   *look.Assets
	Catalog  Catalogue
	Cart     *cart.Service
	Delivery *delivery.Service
	Order    *order.Service
	// MAC is a keyed hash for form tokens, such as vault.MAC with a label of its own.
	MAC func(data []byte) []byte
	// Providers are those that are switched on at this moment, the default first: whose marks are shown, between whom a
	// shopper chooses, and whose origins stand in form-action.
	Providers func() []payment.Description
	// Pages are the pages of text; the letters share them.
	Pages *Pages
	// Own holds what the shopkeeper says and shows on the home page: pages/LANGUAGE/home.md, pictures/home-wide-WIDTH.jpg.
	// The first place that has a file wins.
	Own []fs.FS
	// CacheBytes bounds the memory of the page cache; 0 means 48 MB, and a negative number none at all.
	CacheBytes int
	Clock      clock.Clock
	Log        *slog.Logger
}

// Storefront is the handler of the shop's host.
type Storefront struct {
	Deps
	sites   *sites
	home    *homeTexts
	siteMap siteMap
	cache   *pageCache
	frames  atomic.Pointer[frames]
	tokens  web.FormTokens
	face    *web.Face
	mux     *http.ServeMux
	shopper Shopper // nil: everybody is a guest
}

// The cookies. The cart lives for 30 days; the order's cookie goes with the browser, and its token ends by itself.
var (
	cartCookie  = web.Cookie{Name: "__Host-shop", MaxAge: 30 * 24 * time.Hour}
	orderCookie = web.Cookie{Name: "__Host-order", MaxAge: 90 * 24 * time.Hour}
)

// New makes the storefront. It fails if a file of the home page cannot be read.
func New(d Deps) (*Storefront, error) {
	if d.CacheBytes == 0 {
		d.CacheBytes = 48 << 20
	}
	s := &Storefront{Deps: d, tokens: web.FormTokens{MAC: d.MAC}, mux: http.NewServeMux()}
	s.sites = &sites{shop: d.Shop, texts: d.Texts, assets: d.Assets}
	var err error
	if s.home, err = loadHome(d.Own, d.Shop, d.Texts); err != nil {
		return nil, err
	}
	s.cache = newPageCache(d.CacheBytes, d.Clock, d.Catalog.Version)
	s.face = &web.Face{Log: d.Log, Page: s.failure}
	s.register()
	return s, nil
}

// ServeHTTP answers a request to the shop's host.
func (s *Storefront) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Face shows refusals of whoever stands in front of the storefront.
func (s *Storefront) Face() *web.Face { return s.face }

// notFound is the answer to every address that is none of ours.
func notFound(http.ResponseWriter, *http.Request) error {
	return fault.New(fault.NotFound, "web.not_found")
}
