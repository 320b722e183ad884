package paypal_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/base/clock"
	"strongroom/shop/payment"
	"strongroom/shop/payment/gatewaytest"
	"strongroom/shop/payment/paypal"
	"strongroom/tools/standin/openapi"
	standin "strongroom/tools/standin/paypal"
)

const (
	sandboxBase = "https://api-m.sandbox.paypal.test"
	liveBase    = "https://api-m.paypal.test"
	merchant    = "7HRUS5NJ2C8XK"
	liveOne     = "9LMWP4TQ6BZ3E"
	stranger    = "5STRANGEREFGH"
	clientID    = "AcZ0-sandbox-client-id-0123456789"
	secret      = "EKx0-sandbox-secret-0123456789"
	liveID      = "AcZ0-live-client-id-0123456789"
	liveSecret  = "EKx0-live-secret-0123456789"
	fullID      = "AcZ0-full-client-id-0123456789"
	weakID      = "AcZ0-weak-client-id-0123456789"
	noticeTo    = "https://shop.test/notices/paypal"
)

// world is one of PayPal's two, with everything that goes to it held to PayPal's descriptions.
type world struct {
	*standin.Server
	way     *wire
	webhook string
}

// wire carries requests to a stand-in in this process, and has each exchange checked.
type wire struct {
	t      *testing.T
	to     http.Handler
	set    *openapi.Set
	mu     sync.Mutex
	seen   map[string]int
	change func(*http.Request) *http.Response // what comes instead of an answer; nil: the answer
}

// described reads PayPal's published descriptions from beside the project, once, and says so when they are not there.
var described = sync.OnceValues(func() (*openapi.Set, error) {
	var files []string
	for _, f := range []string{"checkout_orders_v2", "payments_payment_v2", "customer_disputes_v1", "notifications_webhooks_v1"} {
		files = append(files, filepath.Join("../../../../shared/data/paypal", f+".json"))
	}
	if _, err := os.Stat(files[0]); err != nil {
		return nil, nil
	}
	return openapi.Load(files...)
})

func descriptions(t *testing.T) *openapi.Set {
	t.Helper()
	set, err := described()
	if err != nil {
		t.Fatal(err)
	}
	if set == nil {
		t.Log("PayPal's API descriptions are not here: requests and answers were not held to them")
	}
	return set
}

// beyond are the parts of PayPal's interface whose descriptions are not published with the others.
var beyond = []string{"/v1/oauth2/token", "/v1/reporting/transactions"}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	var sent []byte
	if r.Body != nil {
		sent, _ = io.ReadAll(r.Body)
		_ = r.Body.Close()
	}
	if w.change != nil {
		if a := w.change(r); a != nil {
			a.Request = r
			return a, nil
		}
	}
	r2 := r.Clone(r.Context())
	r2.Body = io.NopCloser(bytes.NewReader(sent))
	r2.RequestURI = ""
	rec := httptest.NewRecorder()
	w.to.ServeHTTP(rec, r2)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	answer := rec.Result()
	w.check(r, sent, answer, rec.Body.Bytes())
	answer.Request = r
	return answer, nil
}

// check holds one exchange to the descriptions. That the intent is the other one is listed among the refusals of
// authorising only, though it holds for capturing as well.
func (w *wire) check(r *http.Request, sent []byte, answer *http.Response, body []byte) {
	if w.set == nil {
		return
	}
	for _, b := range beyond {
		if r.URL.Path == b {
			return
		}
	}
	name, wrong := w.set.Check(openapi.Exchange{Request: r, Sent: sent, Status: answer.StatusCode, Header: answer.Header, Answer: body,
		Echoed: "request.webhook_event", Undocumented: []string{"ACTION_DOES_NOT_MATCH_INTENT"}})
	forged := bytes.Contains(body, []byte(`"FAILURE"`))
	for _, x := range wrong {
		if forged && (strings.HasPrefix(x, "request.webhook_event") || strings.HasPrefix(x, "request.transmission_")) {
			continue // an attacker's, handed back as it came
		}
		w.t.Errorf("%s %s, %d: %s", r.Method, r.URL.Path, answer.StatusCode, x)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen[name]++
}

type rig struct {
	t             *testing.T
	clock         *clock.Manual
	sandbox, live *world
}

func newRig(t *testing.T, edit ...func(*standin.Options)) *rig {
	t.Helper()
	g := &rig{t: t, clock: clock.NewManual(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))}
	scopes := standin.DefaultScopes()
	var fewer []string
	for _, s := range scopes {
		if !strings.Contains(s, "disputes/update-seller") {
			fewer = append(fewer, s)
		}
	}
	apps := []standin.App{{ClientID: clientID, Secret: secret, Merchant: merchant, Email: "shop@example.com"},
		{ClientID: fullID, Secret: secret, Merchant: merchant, Email: "shop@example.com",
			Scopes: append(standin.DefaultScopes(), "https://uri.paypal.com/payments/payouts")},
		{ClientID: weakID, Secret: secret, Merchant: merchant, Email: "shop@example.com", Scopes: fewer}}
	g.sandbox = g.world(standin.Options{Base: sandboxBase, Apps: apps}, clientID, edit...)
	g.live = g.world(standin.Options{Base: liveBase, Live: true,
		Apps: []standin.App{{ClientID: liveID, Secret: liveSecret, Merchant: liveOne, Email: "shop@example.com"}}}, liveID, edit...)
	return g
}

func (g *rig) world(o standin.Options, client string, edit ...func(*standin.Options)) *world {
	o.Now = g.clock.Now
	for _, e := range edit {
		e(&o)
	}
	w := &world{Server: standin.New(o)}
	w.webhook = w.Webhook(client, noticeTo, "*")
	w.way = &wire{t: g.t, to: w.Server, set: descriptions(g.t), seen: map[string]int{}}
	return w
}

// router sends each request to the world whose host it names.
type router map[string]http.RoundTripper

func (r router) RoundTrip(q *http.Request) (*http.Response, error) {
	if to := r["https://"+q.URL.Host]; to != nil {
		return to.RoundTrip(q)
	}
	return nil, http.ErrServerClosed
}

func (g *rig) options() paypal.Options {
	return paypal.Options{ClientID: clientID, Secret: secret, Account: merchant, WebhookID: g.sandbox.webhook, Mode: payment.Test,
		BaseURL: sandboxBase, OtherURL: liveBase, Clock: g.clock,
		Client: &http.Client{Transport: router{sandboxBase: g.sandbox.way, liveBase: g.live.way}}}
}

func (g *rig) gateway(edit ...func(*paypal.Options)) *paypal.Gateway {
	g.t.Helper()
	o := g.options()
	for _, e := range edit {
		e(&o)
	}
	gw, err := paypal.New(o)
	if err != nil {
		g.t.Fatal(err)
	}
	return gw
}

func toLive(g *rig) func(*paypal.Options) {
	return func(o *paypal.Options) {
		o.ClientID, o.Secret, o.Account, o.WebhookID, o.Mode, o.BaseURL, o.OtherURL = liveID, liveSecret, liveOne, g.live.webhook, payment.Live, liveBase, sandboxBase
	}
}

// visit is the shopper on the page, and after her the service, which captures what is approved unless it is to be held.
// It captures in any case, so that nothing but the engine and PayPal keeps money from where it must not go.
func (g *rig) visit(gw *paypal.Gateway, s payment.Session, outcome string) {
	funding := map[string]string{"paid": "balance", "declined": "declined", "pending": "echeck", "fails": "bounces", "late": "later"}[outcome]
	g.sandbox.Approve(s.Ref, funding)
	if o := g.sandbox.Expose(s.Ref); o == nil || strings.Contains(custom(o), ".hold.") {
		return
	}
	_, _ = gw.Capture(context.Background(), "visit-"+s.Ref, s.Ref, s.Amount)
}

// custom is what stands in an order's custom_id.
func custom(o map[string]any) string {
	raw, _ := json.Marshal(o)
	var v struct {
		Units []struct {
			Custom string `json:"custom_id"`
		} `json:"purchase_units"`
	}
	_ = json.Unmarshal(raw, &v)
	if len(v.Units) == 0 {
		return ""
	}
	return v.Units[0].Custom
}

func (g *rig) bench() *gatewaytest.Bench {
	gw := g.gateway()
	return &gatewaytest.Bench{
		Gateway:   gw,
		OtherMode: g.gateway(toLive(g)),
		WrongKey:  g.gateway(func(o *paypal.Options) { o.Secret = "EKx0-this-is-not-the-secret" }),
		Now:       g.clock.Now,
		Advance:   func(d time.Duration) { g.clock.Advance(d); g.sandbox.Step() },
		Visit:     func(s payment.Session, outcome string) { g.visit(gw, s, outcome) },
		Settle:    31 * time.Second, Approves: true, Ageless: true,
		Notices: func() (list []gatewaytest.Sent) {
			for _, n := range g.sandbox.Sent() {
				list = append(list, gatewaytest.Sent{Header: n.Header, Body: n.Body})
			}
			return list
		},
		Trouble: g.sandbox.Trouble,
		Sign:    g.sign,
	}
}

// sign makes a notice about a capture. What the suite says of mode and account becomes what PayPal would write.
func (g *rig) sign(at time.Time, with string, edit func(map[string]any)) gatewaytest.Sent {
	says := map[string]any{"mode": "test", "account": merchant}
	if edit != nil {
		edit(says)
	}
	from := g.sandbox
	if says["mode"] == "live" {
		from = g.live
	}
	body := from.Event("WH-1AB23456CD789012E-3FG45678HJ901234K", "PAYMENT.CAPTURE.COMPLETED", "capture", "2.0", map[string]any{
		"id": "3C679366HH908993F", "status": "COMPLETED", "custom_id": "ref1.sale.1793610000",
		"payee":              map[string]any{"merchant_id": says["account"]},
		"supplementary_data": map[string]any{"related_ids": map[string]any{"order_id": "5O190127TN364715T"}}})
	return gatewaytest.Sent{Header: g.sandbox.Sign(g.sandbox.webhook, at, body, with == ""), Body: body}
}

func (g *rig) beyond() *gatewaytest.Beyond {
	b := g.bench()
	return &gatewaytest.Beyond{Bench: b, Untold: true, Address: "https://shop.test/notices/paypal/new",
		Full:       g.gateway(func(o *paypal.Options) { o.ClientID = fullID }),
		Weak:       g.gateway(func(o *paypal.Options) { o.ClientID = weakID }),
		Lacks:      "Customer disputes",
		Subscribed: g.sandbox.Subscribed,
		Dispute:    func(s payment.Session, inquiry bool) string { return g.sandbox.Dispute(s.Charge, inquiry) },
		Decide:     g.sandbox.Decide,
		PayOut:     func() { g.sandbox.PayOut(merchant) },
	}
}
