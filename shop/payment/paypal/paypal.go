// Package paypal is the payment engine for PayPal: a thin client of Orders v2 and Payments v2, of the interfaces for
// disputes and for transactions, and the reader of PayPal's notices. There is no official Go library; what the requests
// and answers look like is held by PayPal's published API descriptions in the tests.
//
// # A session is an order at PayPal
//
// The shopper approves an order on PayPal's page, and approving moves no money: it is reported as authorised, the store
// asks its payee (is the stock there still?), and Capture takes the money. An order with Manual is held for real first
// (intent AUTHORIZE) and can be captured in part.
//
// PayPal knows no way to close an order and no moment of ours at which one ends. Both stand in the order itself: its
// custom_id holds our reference, how it is to be paid and until when, and closing turns its intent round in the same
// change (docs/adr/0131). After that PayPal refuses to take the money, whoever approves what and when.
//
// # Keys
//
// Every changing call carries PayPal-Request-Id. PayPal forgets them after some hours, so what must never happen twice
// is looked for before it is asked for: a refund by its custom_id, which is its key.
//
// # Time
//
// A method ends within 8 seconds; calls that leave open whether anything happened are repeated in that time with the
// same key, up to three times. Redirects are not followed and answers are bounded.
package paypal

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"strongroom/base/clock"
	"strongroom/shop/payment"
)

// Options say for whom the engine works and where.
type Options struct {
	ClientID  string
	Secret    string
	Account   string // the merchant id, as Inspect reports it; without it no session is started
	WebhookID string // as Subscribe reports it; without it no notice is believed
	Mode      payment.Mode
	BaseURL   string       // of the API; empty: PayPal's own for the mode
	PageURL   string       // of the hosted page; empty: PayPal's own, or BaseURL if that is given
	OtherURL  string       // of the other mode's API, where Inspect looks whether refused keys belong there
	Client    *http.Client // only its transport is used; nil: the network
	Clock     clock.Clock  // nil: the machine's
	Log       *slog.Logger // nil: nothing is logged
}

// Gateway is the engine. It is safe for use by many goroutines.
type Gateway struct {
	o     Options
	http  *http.Client
	token *tokens
	certs []string // hosts from which PayPal says that its certificates come

	verifying chan struct{} // a place for each notice that PayPal is asked about
}

var (
	_ payment.Gateway    = (*Gateway)(nil)
	_ payment.Inspector  = (*Gateway)(nil)
	_ payment.Subscriber = (*Gateway)(nil)
	_ payment.Statement  = (*Gateway)(nil)
	_ payment.Disputer   = (*Gateway)(nil)
)

const (
	limit   = 8 * time.Second // of one method
	dialing = 3 * time.Second
)

var (
	keyForm     = regexp.MustCompile(`^[A-Za-z0-9_.-]{10,200}$`)
	accountForm = regexp.MustCompile(`^[2-9A-HJ-NP-Z]{13}$`)
	webhookForm = regexp.MustCompile(`^[A-Za-z0-9]{1,50}$`)
)

// place is where a mode lives.
type place struct {
	api, page string
	certs     []string
}

func placeOf(m payment.Mode) place {
	if m == payment.Live {
		return place{"https://api-m.paypal.com", "https://www.paypal.com", []string{"api.paypal.com", "api-m.paypal.com"}}
	}
	return place{"https://api-m.sandbox.paypal.com", "https://www.sandbox.paypal.com",
		[]string{"api.sandbox.paypal.com", "api-m.sandbox.paypal.com"}}
}

func otherMode(m payment.Mode) payment.Mode {
	if m == payment.Live {
		return payment.Test
	}
	return payment.Live
}

// New checks the options and makes the engine. It calls nobody.
func New(o Options) (*Gateway, error) {
	switch {
	case o.Mode != payment.Test && o.Mode != payment.Live:
		return nil, errors.New(`paypal: the mode must be "test" or "live"`)
	case !keyForm.MatchString(o.ClientID) || !keyForm.MatchString(o.Secret):
		return nil, errors.New("paypal: the client id or its secret is missing or not of PayPal's form")
	case o.Account != "" && !accountForm.MatchString(o.Account):
		return nil, errors.New("paypal: the account must be PayPal's merchant id of 13 characters")
	case o.WebhookID != "" && !webhookForm.MatchString(o.WebhookID):
		return nil, errors.New("paypal: the id of the notice address is not of PayPal's form")
	}
	g := &Gateway{o: o, verifying: make(chan struct{}, verifiers)}
	if err := g.place(); err != nil {
		return nil, err
	}
	if g.o.Clock == nil {
		g.o.Clock = clock.System()
	}
	if g.o.Log == nil {
		g.o.Log = slog.New(slog.DiscardHandler)
	}
	var way http.RoundTripper = transport()
	if o.Client != nil && o.Client.Transport != nil {
		way = o.Client.Transport
	}
	g.http = &http.Client{Transport: way, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	g.token = newTokens()
	return g, nil
}

// place fills in where the mode lives. A given address replaces all of PayPal's own, so that nothing goes to both.
func (g *Gateway) place() error {
	home := placeOf(g.o.Mode)
	if g.o.BaseURL == "" {
		g.o.BaseURL, g.certs = home.api, home.certs
		if g.o.OtherURL == "" {
			g.o.OtherURL = placeOf(otherMode(g.o.Mode)).api
		}
		if g.o.PageURL == "" {
			g.o.PageURL = home.page
		}
	}
	if g.o.PageURL == "" {
		g.o.PageURL = g.o.BaseURL
	}
	for _, a := range []*string{&g.o.BaseURL, &g.o.PageURL, &g.o.OtherURL} {
		*a = strings.TrimSuffix(*a, "/")
		if *a != "" && !origin(*a) {
			return errors.New("paypal: an address must be scheme and host, and encrypted beyond this machine")
		}
	}
	if g.certs == nil {
		u, _ := url.Parse(g.o.BaseURL)
		g.certs = []string{u.Host}
	}
	return nil
}

// origin says whether an address is scheme and host alone. Without encryption it must lie on this machine.
func origin(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	near := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	return u.Scheme == "https" || u.Scheme == "http" && near
}

func transport() *http.Transport {
	return &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
		DialContext: (&net.Dialer{Timeout: dialing}).DialContext, TLSHandshakeTimeout: dialing, ForceAttemptHTTP2: true,
		MaxResponseHeaderBytes: 64 << 10, MaxIdleConnsPerHost: 8, IdleConnTimeout: 90 * time.Second}
}

// Describe says who the gateway is.
func (g *Gateway) Describe() payment.Description {
	return payment.Description{Name: "paypal", Label: "PayPal", Account: g.o.Account, Mode: g.o.Mode, Origin: g.o.PageURL,
		Methods: []string{"paypal"}, Late: true, Holds: honoured}
}

// honoured is how long PayPal answers for a held sum. It can be captured up to its end after 29 days, but then PayPal may
// refuse.
const honoured = 3 * 24 * time.Hour

// within bounds a method.
func within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, limit)
}
