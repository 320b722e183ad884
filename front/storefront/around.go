package storefront

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"

	"strongroom/base/config"
	"strongroom/base/fault"
	"strongroom/front/look"
	"strongroom/guard/pagewatch"
	"strongroom/shop/delivery"
	"strongroom/shop/payment"
)

// The inventory of the pages around payment: what may stand on them, and why. It is written down here and not taken from
// the templates, so that a page that changes differs from it until somebody has looked and written the reason down
// (docs/payment-pages.md). Texts of the reasons are "pagewatch.why_" and the word at the end of each line.

// scripts are those that run on the way to the checkout, with what they hold. The pages of checkout and order run none.
var scripts = map[string]string{
	"bag.js":  "sha256-9765c90031053f743b31c86756c28d9c1365f8e277959d39b69af9d81947d3d1",
	"find.js": "sha256-a1d2a1d3462544da3c12122806bc819b4490b29f17d64455587362f3ffcc9ca0",
	"add.js":  "sha256-f71ff98b4cd59d2bd2fe2fbbb8ebbd77b4f5eb67a2b0afe7a23903db95a0f5f9",
}

const (
	openCSP = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; script-src 'self'; connect-src 'self'; " +
		"style-src 'self'; img-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'self'"
	quietCSP = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; script-src 'none'; connect-src 'none'; " +
		"style-src 'self'; img-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'self'"
	endCSP     = "; require-trusted-types-for 'script'; trusted-types 'none'; upgrade-insecure-requests"
	nowhere    = "(response-origin);redirects=allow;webrtc=block"
	permission = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), fullscreen=(), gamepad=(), " +
		"geolocation=(), gyroscope=(), hid=(), idle-detection=(), local-fonts=(), magnetometer=(), microphone=(), midi=(), payment=(), " +
		"picture-in-picture=(), screen-wake-lock=(), serial=(), storage-access=(), usb=(), xr-spatial-tracking=()"
)

func allow(k pagewatch.Kind, name, value, why string) pagewatch.Rule {
	return pagewatch.Rule{Kind: k, Name: name, Value: value, Why: why}
}

func needed(r pagewatch.Rule) pagewatch.Rule { r.Must = true; return r }

func header(name, value, why string) pagewatch.Rule {
	return needed(allow(pagewatch.Header, name, value, why))
}

// always are the headers of every page.
func (s *Storefront) always() []pagewatch.Rule {
	list := []pagewatch.Rule{
		needed(allow(pagewatch.Status, "200", "", "status")),
		header("Content-Type", "text/html; charset=utf-8", "type"),
		header("X-Content-Type-Options", "nosniff", "type"),
		header("Cross-Origin-Opener-Policy", "same-origin", "apart"),
		header("Cross-Origin-Resource-Policy", "same-origin", "apart"),
		header("Origin-Agent-Cluster", "?1", "apart"),
		header("X-Frame-Options", "DENY", "frame"),
		header("X-Dns-Prefetch-Control", "off", "quiet"),
		header("X-Permitted-Cross-Domain-Policies", "none", "apart"),
		header("Permissions-Policy", permission, "powers"),
		allow(pagewatch.Header, "Content-Length", "*", "transport"),
		allow(pagewatch.Header, "Date", "*", "transport"),
		allow(pagewatch.Header, "Connection", "*", "transport"),
	}
	hsts := allow(pagewatch.Header, "Strict-Transport-Security", "max-age=31536000; includeSubDomains", "https")
	hsts.Must = !s.Shop.Demo // names below localhost are never pinned to HTTPS
	return append(list, hsts)
}

// dressed are the things that every page of the shop has: its looks, its icons.
func (s *Storefront) dressed(code string) []pagewatch.Rule {
	css := s.Assets.File("shop.css")
	sum := sha256.Sum256(css.Bytes())
	return []pagewatch.Rule{
		needed(allow(pagewatch.Style, s.Assets.Path("shop.css"), "sha256-"+hex.EncodeToString(sum[:]), "looks")),
		allow(pagewatch.Connection, "link preload", s.Assets.Path("fraunces.woff2"), "looks"),
		allow(pagewatch.Connection, "link preload", s.Assets.Path("source-sans.woff2"), "looks"),
		allow(pagewatch.Connection, "link icon", s.Assets.Path("favicon.svg"), "looks"),
		allow(pagewatch.Connection, "link apple-touch-icon", s.Assets.Path("icon-180.png"), "looks"),
		allow(pagewatch.Connection, "link manifest", "/"+code+"/manifest.webmanifest", "looks"),
		allow(pagewatch.Connection, "img", mediaPath+"*", "pictures"),
	}
}

// scripted are the scripts of the pages before the checkout.
func (s *Storefront) scripted(names ...string) (list []pagewatch.Rule) {
	for _, n := range names {
		list = append(list, allow(pagewatch.Script, s.Assets.Path(n), scripts[n], "script_"+strings.TrimSuffix(n, ".js")))
	}
	return list
}

// searched are the search and the menu on top of all pages but those of the checkout.
func searched(code string) []pagewatch.Rule {
	search := "GET /" + code + "/search"
	return []pagewatch.Rule{allow(pagewatch.Form, search, "", "search"), allow(pagewatch.Field, search+" q", "search", "search"),
		allow(pagewatch.Field, search+" ", "submit", "search"), allow(pagewatch.Field, "no form ", "button", "menu")}
}

// asks are a form and its fields, "name:type".
func asks(action, why string, fields ...string) []pagewatch.Rule {
	list := []pagewatch.Rule{allow(pagewatch.Form, "POST "+action, "", why)}
	for _, f := range fields {
		name, kind, _ := strings.Cut(f, ":")
		list = append(list, allow(pagewatch.Field, "POST "+action+" "+name, kind, why))
	}
	return list
}

// Around is the inventory in one language. It is a pagewatch.Source.
func (s *Storefront) Around(_ context.Context, code string) (pagewatch.Inventory, error) {
	at := func(path string) string { return "/" + code + path }
	page := func(name string, rules ...[]pagewatch.Rule) pagewatch.Page {
		return pagewatch.Page{Name: name, Rules: slices.Concat(append(rules, s.always(), s.dressed(code))...)}
	}
	one := func(r ...pagewatch.Rule) []pagewatch.Rule { return r }
	paying := quietCSP
	for _, o := range s.paying().FormTo {
		paying += " " + o
	}
	csp := func(v string) pagewatch.Rule { return header("Content-Security-Policy", v+endCSP, "policy") }
	quiet := func(v string) []pagewatch.Rule {
		return one(csp(v), header("Connection-Allowlist", nowhere, "nowhere"))
	}
	kept, stays := header("Cache-Control", "no-store", "private"), header("Referrer-Policy", "same-origin", "referrer")
	token := "form_token:hidden"
	order := slices.Concat(asks(at("/order/pay"), "pay", token, "method:radio", ":submit"), asks(at("/order/email"), "email", token, "email:email", ":submit"))
	return pagewatch.Inventory{Route: s.route(code), Pages: []pagewatch.Page{
		page("product", searched(code), s.scripted("bag.js", "find.js", "add.js"), asks(at("/cart/add"), "add", "variant:hidden", "quantity:select", ":submit"),
			one(csp(openCSP), stays, header("Cache-Control", "*", "cache"), allow(pagewatch.Header, "Etag", "*", "cache"), allow(pagewatch.Header, "Vary", "Accept-Encoding", "cache"),
				allow(pagewatch.Data, "application/ld+json", "", "data"), allow(pagewatch.Connection, "link canonical", at("/p/*"), "canonical"),
				allow(pagewatch.Connection, "link alternate", "/*", "canonical"))),
		page("cart", searched(code), s.scripted("bag.js", "find.js"), asks(at("/cart/set"), "change", token, "variant:hidden", "quantity:text", ":submit"),
			asks(at("/cart/remove"), "change", token, "variant:hidden", ":submit"), asks(at("/cart/code"), "code", token, "code:text", ":submit"),
			asks(at("/cart/code/drop"), "code", token, "code:hidden", ":submit"), one(csp(openCSP), kept, stays)),
		page("details", details(at("/checkout")), quiet(quietCSP), one(kept, stays,
			allow(pagewatch.Header, "Set-Cookie", deviceCookie.Name+"=*; Path=/; Max-Age=*; HttpOnly; Secure; SameSite=Lax", "device"))),
		page("check", asks(at("/checkout/pay"), "oblige", token, "attempt:hidden", "method:radio", ":submit"), quiet(paying), one(kept, stays)),
		page("order", searched(code), order, quiet(paying), one(kept, stays)),
		page("return", searched(code), order, quiet(paying), one(kept, stays, allow(pagewatch.Header, "Refresh", "2; url="+at("/order/return")+"?n=1", "refresh"))),
		page("open", searched(code), asks(at("/order/open"), "link", "link:hidden", ":submit"), quiet(quietCSP), one(kept, header("Referrer-Policy", "no-referrer", "referrer"))),
		page("renew", searched(code), asks(at("/order/link"), "renew", token, "number:text", "email:email", ":submit"), quiet(quietCSP), one(kept, stays)),
	}}, nil
}

// details are the form of the first page: every field that some country's address has.
func details(action string) []pagewatch.Rule {
	fields := []string{"form_token:hidden", ":submit", "use:submit", "refresh:submit", "email:email", "phone:tel", "offer:radio", "billing_differs:checkbox",
		"note:textarea", "address:select", "delivery.country:select", "billing.country:select"}
	for _, group := range [...]string{"delivery.", "billing."} {
		for _, f := range [...]string{"name", "company", "street", "line2", "postcode", "city", "region"} {
			fields = append(fields, group+f+":text")
		}
		fields = append(fields, group+"region:select")
	}
	return asks(action, "details", fields...)
}

// route is the way from the home page to the button, and the pages behind it.
func (s *Storefront) route(code string) pagewatch.Route {
	at := func(path string) string { return "/" + code + path }
	others := []pagewatch.Stop{{Page: "renew", Path: at("/order/link")}, {Page: "open", Path: at("/order/open/" + strings.Repeat("A", 43))}}
	if s.MAC != nil { // who does not know the shop's keys cannot open the sample order
		visit := s.sampleVisit(s.Clock.Now()).Clear()
		others = append(others, pagewatch.Stop{Page: "order", Path: at("/order"), Cookie: orderCookie.Name, Value: visit},
			pagewatch.Stop{Page: "return", Path: at("/order/return")})
	}
	return pagewatch.Route{Home: at("/"), Product: at("/p/"), Add: at("/cart/add"), Remove: at("/cart/remove"), Cart: at("/cart"),
		Details: at("/checkout"), Check: at("/checkout/pay"), Fill: s.strangersDetails, Others: others}
}

// Outline is what somebody must know of a shop who looks at it from another machine.
type Outline struct {
	PublicURL  string
	Language   string
	Email      string   // typed where a stranger would type hers
	PayOrigins []string // of the payment providers that are on
	Local      bool     // a name below localhost
}

// InventoryOf is the inventory of a shop of which only the outline is known. The pages of orders are left out.
func InventoryOf(o Outline, assets *look.Assets) (pagewatch.Source, error) {
	if u, err := url.Parse(o.PublicURL); err != nil || u.Scheme != "https" || u.Host == "" {
		return nil, fault.New(fault.Invalid, "pagewatch.shop_wrong")
	}
	shop := &config.Shop{PublicURL: o.PublicURL, Email: o.Email, Demo: o.Local}
	s := &Storefront{Deps: Deps{Shop: shop, Assets: assets, Providers: func() (list []payment.Description) {
		for _, origin := range o.PayOrigins {
			list = append(list, payment.Description{Origin: origin})
		}
		return list
	}}}
	return s.Around, nil
}

// strangersDetails are what somebody types who does not exist: the shop's own address for mails, and an address that is
// written as its country writes them.
func (s *Storefront) strangersDetails(v url.Values) url.Values {
	v.Set("email", s.Shop.Email)
	for _, f := range delivery.AddressFormat(v.Get("delivery.country")).Fields {
		name := "delivery." + f.Name
		switch {
		case f.Name == "country" || !f.Required || v.Get(name) != "":
		case f.Name == "postcode":
			v.Set(name, f.Example)
		case len(f.Options) > 0:
			v.Set(name, f.Options[0].Value)
		case f.Name == "street":
			v.Set(name, "Musterstraße 1")
		default:
			v.Set(name, "Musterfrau")
		}
	}
	return v
}
