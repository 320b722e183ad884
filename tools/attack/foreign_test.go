package attack

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"strongroom/front/admin"
	"strongroom/front/storefront"
	"strongroom/tools/shopper"
)

// target of an attack from another site: an address that changes something.
type unsafeRoute struct{ origin, path string }

var anyValue = strings.NewReplacer("{token}", strings.Repeat("A", 43), "{number}", "K7Q2-M9XD", "{member}", strings.Repeat("0", 32),
	"{role}", strings.Repeat("0", 32), "{entry}", strings.Repeat("0", 32), "{handle}", "bowl", "{sku}", "BOWL-1", "{file}", "x.png", "{link}", strings.Repeat("A", 43))

// routes are all addresses of shop and desk: those that change something, and those that are looked at.
func (o *office) routes() (unsafe, seen []unsafeRoute) {
	add := func(origin, method, path string) {
		r := unsafeRoute{origin, anyValue.Replace(path)}
		if method == http.MethodPost {
			unsafe = append(unsafe, r)
		} else {
			seen = append(seen, r)
		}
	}
	for _, a := range admin.Addresses() {
		add(o.Admin, a.Method, a.Path)
	}
	for _, a := range storefront.Addresses() {
		add(o.Shop, a.Method, "/en"+a.Path)
	}
	return unsafe, seen
}

// lure is what another site's form brings along: fields that some address would take, and no token.
var lure = url.Values{"name": {"Eve"}, "email": {"eve@evil.example"}, "role": {"manager"}, "language": {"en"}, "quantity": {"1"}, "code": {"X"},
	"reason": {"the warehouse burns down"}, "decision": {"yes"}, "price": {"0.01"}, "state": {"draft"}, "password": {"correct horse battery"}}

// whole counts what an attack from another site could change. Entries of the log may grow: that is what they are for.
func (o *office) whole(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for _, table := range []string{"staff_member", "staff_role", "staff_link", "staff_approval", "staff_glass", "identity_account", "identity_session",
		"identity_passkey", "order_head", "cart_cart", "catalog_product", "catalog_variant"} {
		fmt.Fprintf(&b, "%s %d, ", table, o.count(t, "SELECT COUNT(*) FROM "+table))
	}
	return b.String()
}

// crossSite sends every form of shop and desk from another site, with the cookies of somebody who is signed in at both
// (V3.5.1, V3.5.2, V3.5.3); and shows every page in a frame (V3.4.6).
func crossSite(t *testing.T, s *site) string {
	o := openOffice(t, s)
	owner := o.come(o.SetUpLink(), "Ida", 2)
	buyer := o.stranger()
	p, err := buyer.Get(t.Context(), o.Shop+"/en/p/bowl")
	fatal(t, err)
	add, err := p.Form("/cart/add")
	fatal(t, err)
	_, err = buyer.Submit(t.Context(), add, nil)
	fatal(t, err)
	unsafe, seen := o.routes()
	before, requests := o.whole(t), 0
	for _, r := range unsafe {
		who := buyer
		if r.origin == o.Admin {
			who = owner
		}
		for name, headers := range map[string]http.Header{
			"from another site":           {"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}},
			"from a sister's site":        {"Sec-Fetch-Site": {"same-site"}, "Origin": {strings.Replace(r.origin, "https://", "https://evil.", 1)}},
			"by an old browser":           {"Sec-Fetch-Site": nil, "Origin": {"https://evil.example"}},
			"from a sandboxed frame":      {"Sec-Fetch-Site": {"cross-site"}, "Origin": {"null"}},
			"and says nothing, tokenless": {"Sec-Fetch-Site": nil, "Origin": nil},
		} {
			who.Headers = headers
			p, err := who.Once(t.Context(), http.MethodPost, r.origin+r.path, lure.Encode())
			fatal(t, err)
			if p.Status != http.StatusForbidden && p.Status != http.StatusUnsupportedMediaType {
				t.Errorf("POST %s %s: %d", r.path, name, p.Status)
			}
			requests++
		}
		who.Headers = nil
	}
	framed(t, o, owner, buyer, seen)
	if after := o.whole(t); after != before {
		t.Errorf("before: %s\nafter: %s", before, after)
	}
	if p := o.get(owner, "/staff"); p.Status != http.StatusOK || p.URL.Path != "/staff" {
		t.Errorf("the owner was put out: %s %d", p.URL.Path, p.Status)
	}
	if n := o.refusals(t, "shield.cross_site"); n == 0 {
		t.Error("no entry of a request from another site")
	}
	return fmt.Sprintf("%d forms sent %d times from elsewhere, %d pages framed%s", len(unsafe), requests, len(seen), o.foreignBrowser(t, unsafe, seen))
}

// framed looks at what every page says about frames, and about being drawn in by pages of other sites: pictures, files and
// data of shop and desk are among them (V3.5.8).
func framed(t *testing.T, o *office, owner, buyer *shopper.Shopper, seen []unsafeRoute) {
	t.Helper()
	for _, r := range seen {
		who := buyer
		if r.origin == o.Admin {
			who = owner
		}
		p, err := who.Once(t.Context(), http.MethodGet, r.origin+r.path, "")
		fatal(t, err)
		csp := p.Header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "frame-ancestors 'none'") || p.Header.Get("X-Frame-Options") != "DENY" {
			t.Errorf("GET %s may be framed: %q %q", r.path, csp, p.Header.Get("X-Frame-Options"))
		}
		if p.Header.Get("Cross-Origin-Resource-Policy") != "same-origin" || p.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("GET %s may be drawn into a page of another site: %v", r.path, p.Header)
		}
	}
}
