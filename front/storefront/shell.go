package storefront

import (
	"net/http"

	"github.com/a-h/templ"

	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/shop/delivery"
	"strongroom/shop/order"
)

// What stands beside the shop on its host, such as the account pages, comes in here: it brings its routes and borrows
// frame and failure pages.

// Route is one address below a language, and what answers it.
type Route struct {
	Method, Path string
	Handle       func(code string) web.Handler
}

// Mount adds the routes of another package, in every language of the shop, and whom to ask who is signed in. It is called
// before the first request.
func (s *Storefront) Mount(routes []Route, shopper Shopper) {
	s.shopper = shopper
	allowed := map[string][]string{}
	for _, code := range s.Shop.Languages {
		for _, r := range routes {
			path := "/" + code + r.Path
			s.mux.Handle(r.Method+" "+path, s.face.Handle(r.Handle(code)))
			allowed[path] = append(allowed[path], r.Method)
		}
	}
	for path, methods := range allowed {
		s.mux.Handle(path, s.face.Handle(wrongMethod(methods)))
	}
}

// Begin begins a page in the shop's frame that belongs to its reader.
func (s *Storefront) Begin(r *http.Request, code, title, path string) (*parts.Page, error) {
	return s.page(r, code, title, path)
}

// Send renders a page that nothing may store.
func Send(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	return send(w, r, status, page)
}

// SendJSON answers a small script, which nothing may store either.
func SendJSON(w http.ResponseWriter, r *http.Request, v any) error { return sendJSON(w, r, v) }

// AddressRows are the fields of an address as its country writes them, named group.field, or without group by the field alone.
func AddressRows(p *parts.Page, group, fill string, to order.Recipient) [][]parts.Field {
	var out [][]parts.Field
	for _, r := range addressRows(p, group, fill, to) {
		out = append(out, r)
	}
	return out
}

// CountryField is the choice of a country to deliver to.
func CountryField(p *parts.Page, name, fill, value string, list []delivery.Country) parts.Field {
	f := countryField(p, name, fill, value, list)
	f.Wrong = p.Wrong(name)
	return f
}
