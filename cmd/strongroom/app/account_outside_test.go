package app

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"strongroom/base/config"
)

// rooms are the pages of somebody who is signed in, and those that she buys on.
var rooms = []string{"/account", "/account/orders", "/account/profile", "/account/addresses", "/account/check", "/account/methods", "/account/passkeys",
	"/account/password", "/account/app", "/account/phone", "/account/codes", "/account/recovery", "/account/devices", "/account/activity", "/account/email",
	"/account/words", "/account/close", "/cart", "/checkout", "/order", "/withdraw", "/"}

var (
	leads   = regexp.MustCompile(`(?:href|src|action|srcset|content|formaction|data-[a-z]+)="([^"]*)"`)
	scripts = regexp.MustCompile(`<script[^>]* src="([^"]+)"`)
)

// bought is somebody with an account, an address and an order.
func (h *counter) bought() *visitor {
	h.t.Helper()
	b := h.browser(1).signUp("ada@buyer.example").address("Plantedstreet 1").add(h.product(), 1)
	b.get("/en/checkout").send("/checkout", "delivery.country", "DE", "billing_differs", "", "offer", "").send("/checkout/pay")
	b.get("/en/account/orders").send("/account/orders/open").at("/order")
	b.room("/account/words")
	return b
}

// No address that a page leads to holds what is somebody's: neither her session nor what stands in any of her cookies, nor
// her name or mail; and no form that carries such things puts them into an address. What mails lead to is a token that works
// once, and only when a form brings it back in its body (V14.2.1). Every cookie is short (V3.3.5).
func TestAddressesHoldNothingOfAnybody_V14_2_1(t *testing.T) {
	onOne(t, func(t *testing.T, h *counter) {
		b := h.bought()
		seen := 0
		for _, room := range rooms {
			b.get("/en" + room)
			secrets := []string{"Planted", "ada@", "ada%40"}
			for name, v := range b.jar {
				if len(v) > 15 {
					secrets = append(secrets, v)
				} else if v != "" && strings.HasPrefix(name, "__Host-") && len(v) > 8 {
					secrets = append(secrets, v)
				}
			}
			for _, m := range leads.FindAllStringSubmatch(b.body, -1) {
				seen++
				for _, secret := range secrets {
					if strings.Contains(m[1], secret) {
						t.Errorf("%s leads to %q", room, m[1])
					}
				}
			}
			for n := range b.doc.Descendants() {
				if n.Data != "form" || strings.EqualFold(attr(n, "method"), "post") {
					continue
				}
				for f := range n.Descendants() {
					switch name := attr(f, "name"); name {
					case "", "q", "sort", "stock", "min", "max":
					default:
						if f.Data == "input" || f.Data == "textarea" || f.Data == "select" {
							t.Errorf("%s: the form to %s would put %q into its address", room, attr(n, "action"), name)
						}
					}
				}
			}
		}
		if seen < 200 {
			t.Errorf("only %d addresses were seen", seen)
		}
	})
}

// The scripts are the same bytes for who is signed in and for a stranger, so that nothing of anybody is in them; what
// scripts are told of a person is data that does not run (V3.5.7).
func TestScriptsAreTheSameForEverybody_V3_5_7(t *testing.T) {
	onOne(t, func(t *testing.T, h *counter) {
		b, stranger, found := h.bought(), h.browser(2), map[string]bool{}
		for _, room := range rooms {
			b.get("/en" + room)
			for _, m := range scripts.FindAllStringSubmatch(b.body, -1) {
				found[m[1]] = true
			}
		}
		for path := range found {
			b.get(path)
			stranger.get(path)
			if b.body == "" || b.body != stranger.body || b.status != http.StatusOK || b.header.Get("Set-Cookie") != "" {
				t.Errorf("%s: %d, %d and %d bytes", path, b.status, len(b.body), len(stranger.body))
			}
		}
		if len(found) < 4 {
			t.Errorf("only %d scripts were found", len(found))
		}
		if b.get("/cart/count"); b.header.Get("Content-Type") != "application/json" || !strings.HasPrefix(strings.TrimSpace(b.body), "{") {
			t.Errorf("data of the cart could run as a script: %v %.40s", b.header, b.body)
		}
	})
}

// Only who wants to see a page is led from HTTP to HTTPS. A form, a notice or a call of an interface that came in the clear
// is refused, so that its sender notices (V4.1.2).
func TestOnlyPagesAreLedToHTTPS_V4_1_2(t *testing.T) {
	to := toHTTPS(config.Shop{PublicURL: "https://shop.example"})
	for _, c := range []struct {
		method, path string
		led          bool
	}{
		{"GET", "/", true}, {"HEAD", "/en/p/bowl", true}, {"GET", "/en/account/link/abc", true},
		{"POST", "/en/account/sign-in", false}, {"POST", "/notices/sandbox", false}, {"GET", "/notices/sandbox", false}, {"GET", "/api/v1/orders", false},
		{"PUT", "/api/v1/orders", false}, {"DELETE", "/en/", false},
	} {
		w := httptest.NewRecorder()
		to(w, httptest.NewRequest(c.method, "http://shop.example"+c.path, strings.NewReader("a=b")))
		led := w.Code == http.StatusPermanentRedirect && w.Header().Get("Location") == "https://shop.example"+c.path
		if led != c.led || !led && (w.Code != http.StatusForbidden || w.Header().Get("Location") != "") {
			t.Errorf("%s %s: %d to %q", c.method, c.path, w.Code, w.Header().Get("Location"))
		}
	}
}
