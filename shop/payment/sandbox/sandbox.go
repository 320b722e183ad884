// Package sandbox is the payment engine for the sandbox provider: the client side of its JSON API and the reader of its
// signed notices. The provider itself is front/demo/sandbox; the two share nothing but what goes over the wire.
//
// Time and repetition: a call is tried up to three times with the same key within Config.Timeout (default 5 seconds),
// and only after answers that leave open whether anything happened (no answer, 5xx, 429). Redirects are not followed
// and answers are bounded.
package sandbox

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"strongroom/shop/payment"
)

// Tolerance is how far a notice's time of signing may lie from ours, in either direction.
const Tolerance = 300 * time.Second

// Config says for whom the engine works and where.
type Config struct {
	Name      string // of the gateway; empty: "sandbox"
	Label     string // for people
	Methods   []string
	API       string // address of the API, without a path: "https://pay.localhost:8443"
	Origin    string // of the hosted pages; empty: the same
	Account   string
	Mode      payment.Mode
	Key       string   // secret key of the API
	Secrets   []string // signing secrets of notices: one, or two while they are being changed
	Timeout   time.Duration
	Transport http.RoundTripper // nil: the network
}

// Gateway is the engine. It is safe for use by many goroutines.
type Gateway struct {
	c    Config
	http *http.Client
}

var _ payment.Gateway = (*Gateway)(nil)

// New checks the configuration and makes the engine. Keys of the other mode are refused at once.
func New(c Config) (*Gateway, error) {
	c.API = strings.TrimSuffix(c.API, "/")
	if c.Origin == "" {
		c.Origin = c.API
	}
	if c.Name == "" {
		c.Name, c.Label = "sandbox", "Dune Pay (sandbox)"
	}
	if len(c.Methods) == 0 {
		c.Methods = []string{"sandbox"}
	}
	u, err := url.Parse(c.API)
	switch {
	case err != nil || u.Host == "" || u.Path != "" || (u.Scheme != "https" && u.Scheme != "http"):
		return nil, errors.New("sandbox: the address of the API must be scheme and host")
	case c.Account == "" || len(c.Key) < 16:
		return nil, errors.New("sandbox: the account or its key is missing")
	case c.Mode != payment.Test && c.Mode != payment.Live:
		return nil, errors.New(`sandbox: the mode must be "test" or "live"`)
	case strings.HasPrefix(c.Key, "sk_") && !strings.HasPrefix(c.Key, "sk_"+string(c.Mode)+"_"):
		return nil, errors.New("sandbox: the key is of the other mode")
	case len(c.Secrets) == 0 || len(c.Secrets) > maxSecrets:
		return nil, errors.New("sandbox: one or two signing secrets are needed")
	}
	for _, s := range c.Secrets {
		if len(s) < 16 {
			return nil, errors.New("sandbox: a signing secret needs 16 characters or more")
		}
	}
	if c.Timeout <= 0 || c.Timeout > 10*time.Second {
		c.Timeout = 5 * time.Second
	}
	client := &http.Client{Transport: c.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &Gateway{c: c, http: client}, nil
}

// holds is how long the sandbox holds a sum.
const holds = 7 * 24 * time.Hour

// Describe says who the gateway is.
func (g *Gateway) Describe() payment.Description {
	return payment.Description{Name: g.c.Name, Label: g.c.Label, Account: g.c.Account, Mode: g.c.Mode,
		Origin: g.c.Origin, Methods: g.c.Methods, Late: true, Holds: holds}
}
