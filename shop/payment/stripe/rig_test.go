package stripe_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"strongroom/base/clock"
	"strongroom/shop/payment"
	"strongroom/shop/payment/gatewaytest"
	"strongroom/shop/payment/stripe"
	standin "strongroom/tools/standin/stripe"
)

const (
	account    = "acct_1KilnAndOrchard"
	restricted = "rk_test_51restricted0123456789"
	weak       = "rk_test_51weak0123456789abcdef"
	wide       = "rk_test_51wide0123456789abcdef"
	full       = "sk_test_51full0123456789abcdef"
	liveKey    = "rk_live_51restricted0123456789"
	foreign    = "rk_test_51foreign0123456789abc"
	noticeTo   = "https://shop.test/notices/stripe"
)

// mailbox is the merchant's end of the notices.
type mailbox struct {
	mu     sync.Mutex
	sent   []gatewaytest.Sent
	status int
}

func (m *mailbox) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent = append(m.sent, gatewaytest.Sent{Header: r.Header.Clone(), Body: body})
	status := 200
	if m.status != 0 {
		status = m.status
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

func (m *mailbox) all() []gatewaytest.Sent {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]gatewaytest.Sent(nil), m.sent...)
}

func (m *mailbox) answer(status int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.status = status
}

// rig is a stand-in with a clock that stands still and a mailbox.
type rig struct {
	t      *testing.T
	server *standin.Server
	clock  *clock.Manual
	api    *httptest.Server
	box    *mailbox
	secret string
	way    http.RoundTripper
}

func newRig(t *testing.T) *rig {
	t.Helper()
	return newRigAt(t, clock.NewManual(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)))
}

func newRigAt(t *testing.T, at *clock.Manual) *rig {
	t.Helper()
	g := &rig{t: t, clock: at, box: &mailbox{}}
	without := func(right string) (rights []string) {
		for _, r := range standin.Rights() {
			if r != right {
				rights = append(rights, r)
			}
		}
		return rights
	}
	g.server = standin.New(standin.Config{Clock: g.clock, Client: &http.Client{Transport: g.box}, Accounts: []standin.Account{
		{ID: account, Name: "Kiln & Orchard", Keys: []standin.Key{{Secret: restricted, Rights: standin.Rights()}, {Secret: full},
			{Secret: weak, Rights: without("dispute_write")}, {Secret: wide, Rights: append(standin.Rights(), "payout_write")},
			{Secret: liveKey, Live: true, Rights: standin.Rights()}}},
		{ID: "acct_1Other", Name: "Somebody else", Keys: []standin.Key{{Secret: foreign, Rights: without("accounts_kyc_basic_read")}}},
	}})
	g.secret = g.server.Subscribe(account, false, noticeTo)
	g.api = httptest.NewServer(g.server)
	t.Cleanup(g.api.Close)
	g.way = strict{t, g.api.Client().Transport}
	return g
}

func (g *rig) gateway(key string, edit ...func(*stripe.Options)) *stripe.Gateway {
	g.t.Helper()
	o := stripe.Options{Key: key, Secrets: []string{g.secret}, Account: account, Methods: []string{"card", "sepa_debit"}, BaseURL: g.api.URL,
		Client: &http.Client{Transport: g.way}, Now: g.clock.Now}
	for _, e := range edit {
		e(&o)
	}
	gw, err := stripe.New(o)
	if err != nil {
		g.t.Fatal(err)
	}
	return gw
}

func (g *rig) trouble(kind string, n int) {
	g.server.Switch(map[string]standin.Switches{"fail": {Fail: n}, "lose": {Lose: n}, "slow": {Slow: time.Duration(n) * 30 * time.Second}}[kind])
}

// sign makes a genuine notice about a session.
func (g *rig) sign(at time.Time, with string, edit func(map[string]any)) gatewaytest.Sent {
	body := map[string]any{"id": "evt_1", "object": "event", "api_version": stripe.Version, "created": at.Unix(), "livemode": false,
		"type": "checkout.session.completed", "pending_webhooks": 1, "data": map[string]any{"object": map[string]any{"id": "cs_test_1",
			"object": "checkout.session", "client_reference_id": "ref1"}}}
	if edit != nil {
		edit(body)
	}
	if mode, ok := body["mode"]; ok { // the suite's word for Stripe's
		delete(body, "mode")
		body["livemode"] = mode == string(payment.Live)
	}
	raw, _ := json.Marshal(body)
	if with == "" {
		with = g.secret
	}
	return gatewaytest.Sent{Header: http.Header{"Stripe-Signature": {standin.Sign(at, raw, with)}}, Body: raw}
}

func (g *rig) bench() *gatewaytest.Bench {
	return &gatewaytest.Bench{
		Gateway:   g.gateway(restricted),
		OtherMode: g.gateway(liveKey),
		WrongKey:  g.gateway("rk_test_51notknown0123456789"),
		Now:       g.clock.Now,
		Advance:   func(d time.Duration) { g.clock.Advance(d); g.server.Step(context.Background()) },
		Visit:     func(s payment.Session, outcome string) { g.server.Visit(s.Ref, outcome) },
		Settle:    31 * time.Second, Retries: true, Secures: true,
		Notices: g.box.all, Trouble: g.trouble, Sign: g.sign,
	}
}

func (g *rig) beyond() *gatewaytest.Beyond {
	return &gatewaytest.Beyond{Bench: g.bench(), Full: g.gateway(full), Weak: g.gateway(weak), Lacks: "Disputes: Write",
		Address: "https://shop.test/notices/second", Subscribed: g.server.Subscribed,
		Dispute: func(s payment.Session, inquiry bool) string { return g.server.Dispute(s.Ref, inquiry) },
		Decide:  g.server.Decide, PayOut: g.server.PayOut}
}

// The engine and the provider together do what every engine must. Each answer of the stand-in passes strict.
func TestConformance(t *testing.T) {
	gatewaytest.Run(t, func(t *testing.T) *gatewaytest.Bench { return newRig(t).bench() })
}

func TestConformanceBeyond(t *testing.T) {
	gatewaytest.RunBeyond(t, func(t *testing.T) *gatewaytest.Beyond { return newRig(t).beyond() })
}
