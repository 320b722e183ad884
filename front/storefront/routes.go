package storefront

import (
	"net/http"
	"strings"

	"strongroom/base/fault"
	"strongroom/base/web"
	"strongroom/front/look"
)

// route is one address below a language, and what answers it.
type route struct {
	method, path string
	handle       func(code string) web.Handler
}

// routes are all addresses of the shop below a language: one flat list. Paths are the same words in every language
// (docs/adr/0040), so that a link keeps its meaning when only its language is changed.
func (s *Storefront) routes() []route {
	return []route{
		{"GET", "/{$}", s.cached(s.homePage)},
		{"GET", "/c/{handle}", s.cached(s.categoryPage)},
		{"GET", "/p/{handle}", s.cached(s.productPage)},
		{"GET", "/search", s.cached(s.searchPage)},
		{"GET", "/search/suggest", s.suggest},

		{"GET", "/cart", s.known(s.cartShow)},
		{"POST", "/cart/add", s.known(s.cartAdd)},
		{"POST", "/cart/set", s.known(s.cartSet)},
		{"POST", "/cart/remove", s.known(s.cartRemove)},
		{"POST", "/cart/code", s.known(s.cartCode)},
		{"POST", "/cart/code/drop", s.known(s.cartCodeDrop)},

		{"GET", "/checkout", s.known(s.detailsShow)},
		{"POST", "/checkout", s.known(s.detailsSave)},
		{"GET", "/checkout/pay", s.known(s.checkShow)},
		{"POST", "/checkout/pay", s.known(s.place)},

		{"GET", "/order", s.known(s.orderShow)},
		{"GET", "/order/return", s.known(s.orderReturn)},
		{"POST", "/order/pay", s.orderPay},
		{"GET", "/order/step", s.known(s.stepShow)},
		{"POST", "/order/step", s.stepTake},
		{"POST", "/order/step/mail", s.stepMail},
		{"POST", "/order/email", s.known(s.orderEmail)},
		{"GET", "/order/open/{link}", s.linkShow},
		{"POST", "/order/open", s.linkSpend},
		{"GET", "/order/link", s.renewShow},
		{"POST", "/order/link", s.renewSend},

		{"GET", "/withdraw", s.withdrawShow},
		{"POST", "/withdraw", s.withdrawCheck},
		{"POST", "/withdraw/confirm", s.withdrawConfirm},

		{"GET", "/manifest.webmanifest", s.manifest},
	}
}

// Address is where the shop answers, below a language.
type Address struct{ Method, Path string }

// Addresses lists all routes below a language, for whoever walks past all of them.
func Addresses() (out []Address) {
	for _, r := range (&Storefront{}).routes() {
		out = append(out, Address{r.method, strings.TrimSuffix(r.path, "{$}")})
	}
	return out
}

// known is a route whose page differs for who is signed in.
func (s *Storefront) known(h func(code string) web.Handler) func(code string) web.Handler {
	return func(code string) web.Handler { return s.knowing(h(code)) }
}

// register puts all routes into the mux, for every language that the shop speaks, and the few addresses that have no
// language. Whatever is left over is not found; a path of ours with another method is refused as such.
func (s *Storefront) register() {
	allowed := map[string][]string{}
	add := func(method, path string, h web.Handler) {
		s.mux.Handle(method+" "+path, s.face.Handle(h))
		allowed[path] = append(allowed[path], method)
	}
	for _, code := range s.Shop.Languages {
		for _, r := range s.routes() {
			add(r.method, "/"+code+r.path, r.handle(code))
		}
		for _, n := range docNames {
			add("GET", "/"+code+"/"+n.name, s.doc(code, n.name))
		}
		s.mux.Handle("GET /"+code, s.face.Handle(redirectTo("/"+code+"/")))
	}
	add("GET", "/{$}", s.entrance)
	add("GET", "/cart/count", s.knowing(s.cartCount))
	add("GET", "/media/{file}", s.media)
	add("GET", "/favicon.ico", s.favicon)
	add("GET", "/robots.txt", s.robots)
	add("GET", "/sitemap.xml", s.sitemapIndex)
	add("GET", "/sitemap/{file}", s.sitemapPart)
	add("GET", "/.well-known/security.txt", s.securityTxt)
	s.mux.Handle("GET "+look.Prefix, s.face.Handle(s.asset))
	for path, methods := range allowed {
		s.mux.Handle(path, s.face.Handle(wrongMethod(methods)))
	}
	s.mux.Handle("/", s.face.Handle(notFound))
}

// wrongMethod answers a known address that was asked for in a way that it does not know.
func wrongMethod(methods []string) web.Handler {
	allow := strings.ReplaceAll(strings.Join(methods, ", "), "GET", "GET, HEAD")
	return func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Allow", allow)
		return fault.New(fault.Method, "web.method")
	}
}

func redirectTo(path string) web.Handler {
	return func(w http.ResponseWriter, _ *http.Request) error { return web.Redirect(w, path) }
}
