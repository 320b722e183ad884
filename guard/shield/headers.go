package shield

import (
	"net/http"
	"strings"
)

// Policy is what a page needs beyond the strictest rules. The zero value is a page of the shop with its own script.
type Policy struct {
	NoScript bool     // the checkout: no script at all
	FormTo   []string // exact origins that its form may lead to, besides this host: the payment providers that are on
	Styles   []string // hashes of inline styles: "sha256-..."
	Referrer string   // "" for same-origin; "no-referrer" where the address holds a secret
}

// Set writes the policy over the one that the shield set for the request's class.
func (p Policy) Set(h http.Header) {
	h.Set("Content-Security-Policy", p.csp())
	if p.NoScript {
		h["Connection-Allowlist"] = ownHostOnly
	} else {
		h.Del("Connection-Allowlist")
	}
	if p.Referrer != "" {
		h.Set("Referrer-Policy", p.Referrer)
	}
}

// csp builds the Content-Security-Policy: nothing is allowed but what is named, and every name is this host's own.
func (p Policy) csp() string {
	var b strings.Builder
	b.WriteString("default-src 'none'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; ")
	if p.NoScript {
		b.WriteString("script-src 'none'; connect-src 'none'; ")
	} else {
		b.WriteString("script-src 'self'; connect-src 'self'; ")
	}
	b.WriteString("style-src 'self'")
	for _, s := range p.Styles {
		b.WriteString(" '" + s + "'")
	}
	b.WriteString("; img-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'self'")
	for _, o := range p.FormTo {
		b.WriteString(" " + o)
	}
	b.WriteString("; require-trusted-types-for 'script'; trusted-types 'none'; upgrade-insecure-requests")
	return b.String()
}

var (
	pagePolicy     = []string{Policy{}.csp()}
	checkoutPolicy = []string{Policy{NoScript: true}.csp()}
	filePolicy     = []string{"default-src 'none'; frame-ancestors 'none'; style-src 'unsafe-inline'; sandbox"}
)

// ownHostOnly has browsers that know it let a page without script reach nobody but this host, by whatever way: WebRTC too,
// which no part of the Content-Security-Policy keeps from leaving. Where this host itself sends a shopper on to, such as
// to pay, is this host's own doing and stays allowed.
var ownHostOnly = []string{"(response-origin);redirects=allow;webrtc=block"}

// pageHeaders are the shop's policies by class. Files get one that makes even a picture with script in it harmless.
func pageHeaders(h http.Header, c Class) {
	switch c {
	case Checkout:
		h["Content-Security-Policy"] = checkoutPolicy
		h["Connection-Allowlist"] = ownHostOnly
	case Asset:
		h["Content-Security-Policy"] = filePolicy
	default:
		h["Content-Security-Policy"] = pagePolicy
	}
}

// The headers of every answer, as slices that are made once.
var (
	nosniff     = []string{"nosniff"}
	sameOrigin  = []string{"same-origin"}
	deny        = []string{"DENY"}
	hsts        = []string{"max-age=31536000; includeSubDomains"}
	noDNS       = []string{"off"}
	keyed       = []string{"?1"}
	none        = []string{"none"}
	permissions = []string{"accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), fullscreen=(), " +
		"gamepad=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), local-fonts=(), magnetometer=(), " +
		"microphone=(), midi=(), payment=(), picture-in-picture=(), screen-wake-lock=(), serial=(), storage-access=(), " +
		"usb=(), xr-spatial-tracking=()"}
)

// baseHeaders are the same for every answer of every host.
func baseHeaders(h http.Header, withHSTS bool) {
	h["X-Content-Type-Options"] = nosniff
	h["Referrer-Policy"] = sameOrigin
	h["Cross-Origin-Opener-Policy"] = sameOrigin
	h["Cross-Origin-Resource-Policy"] = sameOrigin
	h["Origin-Agent-Cluster"] = keyed
	h["X-Frame-Options"] = deny
	h["X-Dns-Prefetch-Control"] = noDNS
	h["X-Permitted-Cross-Domain-Policies"] = none
	h["Permissions-Policy"] = permissions
	if withHSTS {
		h["Strict-Transport-Security"] = hsts
	}
}
