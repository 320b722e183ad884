package paypal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strongroom/shop/payment"
	"strongroom/shop/payment/gatewaytest"
	"strongroom/shop/payment/paypal"
)

// asks counts how often PayPal is asked whether a notice is its own.
func asks(g *rig, w *world) *int {
	n := 0
	w.way.change = func(r *http.Request) *http.Response {
		if strings.HasSuffix(r.URL.Path, "/verify-webhook-signature") {
			n++
		}
		return nil
	}
	return &n
}

func with(s gatewaytest.Sent, name, value string) gatewaytest.Sent {
	h := s.Header.Clone()
	h.Set(name, value)
	return gatewaytest.Sent{Header: h, Body: s.Body}
}

// Row 13: who sends notices that look like PayPal's has the store ask PayPal once for each and a few at the same time,
// whatever comes; the others are told to come again, and the door stands open afterwards.
func TestForgedNoticesDoNotMakeTheStoreAsk(t *testing.T) {
	g := newRig(t)
	gw := g.gateway()
	good := g.sign(g.clock.Now(), "", nil)
	if _, err := gw.ParseNotice(bg, g.clock.Now(), good.Header, good.Body); err != nil { // the token is there now
		t.Fatal(err)
	}
	var asked atomic.Int64
	in, out := make(chan struct{}, 99), make(chan struct{})
	g.sandbox.way.change = func(r *http.Request) *http.Response {
		if !strings.HasSuffix(r.URL.Path, "/verify-webhook-signature") {
			return nil
		}
		asked.Add(1)
		in <- struct{}{}
		select {
		case <-out:
		case <-r.Context().Done():
		}
		return &http.Response{StatusCode: http.StatusInternalServerError, Header: http.Header{}, Body: http.NoBody}
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := gw.ParseNotice(bg, g.clock.Now(), good.Header, good.Body); err == nil || errors.Is(err, payment.ErrNotice) {
				t.Errorf("PayPal was not there, and the notice is %v", err)
			}
		})
	}
	for range 4 {
		<-in
	}
	for range 3 {
		short, end := context.WithTimeout(bg, 20*time.Millisecond)
		if _, err := gw.ParseNotice(short, g.clock.Now(), good.Header, good.Body); !errors.Is(err, payment.ErrTemporary) {
			t.Errorf("one too many: %v", err)
		}
		end()
	}
	close(out)
	all.Wait()
	if n := asked.Load(); n != 4 {
		t.Errorf("PayPal was asked %d times", n)
	}
	g.sandbox.way.change = nil
	if _, err := gw.ParseNotice(bg, g.clock.Now(), good.Header, good.Body); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// Row 13: what cannot be PayPal's is refused without asking anybody: certificates of foreign hosts, other ways of
// signing, headers that are missing or odd, bodies that are huge or no events.
func TestNoticesThatCannotBePayPals(t *testing.T) {
	g := newRig(t)
	gw := g.gateway()
	asked := asks(g, g.sandbox)
	good := g.sign(g.clock.Now(), "", nil)
	huge := append([]byte(`{"id":"`), bytes.Repeat([]byte("x"), 64<<10)...)
	huge = append(huge, `"}`...)
	cases := map[string]gatewaytest.Sent{
		"huge body":  {Header: good.Header, Body: huge},
		"empty body": {Header: good.Header},
		"no event":   {Header: good.Header, Body: []byte("[]")},
		"two events": {Header: good.Header, Body: append(bytes.Clone(good.Body), good.Body...)},
		"half":       {Header: good.Header, Body: good.Body[:len(good.Body)/2]},
		"space":      {Header: good.Header, Body: append([]byte(" "), good.Body...)},
		"escaping":   {Header: good.Header, Body: []byte(`{"id":"x"},"webhook_id":"` + g.sandbox.webhook + `","x":{}`)},
	}
	const path = "/v1/notifications/certs/CERT-1"
	for i, cert := range []string{"https://evil.test" + path, "https://api-m.sandbox.paypal.test.evil.test" + path,
		"https://api-m.sandbox.paypal.test@evil.test" + path, "https://evil.test/https://api-m.sandbox.paypal.test" + path,
		"http://api-m.sandbox.paypal.test" + path, "//api-m.sandbox.paypal.test" + path, sandboxBase + "/certs/../../evil",
		sandboxBase + path + "?to=https://evil.test", sandboxBase + ":8443" + path, sandboxBase + path + "#x", sandboxBase + path + "/../x",
		"file:///etc/passwd", "https://127.0.0.1" + path, liveBase + path, "https://api.paypal.com" + path, strings.Repeat("x", 600)} {
		cases[fmt.Sprint("certificate ", i)] = with(good, "Paypal-Cert-Url", cert)
	}
	for i, algo := range []string{"none", "SHA1withRSA", "HmacSHA256", "sha256withrsa", ""} {
		cases[fmt.Sprint("algorithm ", i)] = with(good, "Paypal-Auth-Algo", algo)
	}
	for i, id := range []string{"", "12345678", "a b", "../x", strings.Repeat("a", 51), "x\r\ny: z"} {
		cases[fmt.Sprint("transmission ", i)] = with(good, "Paypal-Transmission-Id", id)
	}
	for i, at := range []string{"", "now", "1793610000", "2026-13-02T09:00:00Z"} {
		cases[fmt.Sprint("time ", i)] = with(good, "Paypal-Transmission-Time", at)
	}
	for i, sig := range []string{"", "!!!!", strings.Repeat("A", 501), "AAA"} {
		cases[fmt.Sprint("signature ", i)] = with(good, "Paypal-Transmission-Sig", sig)
	}
	for name := range good.Header {
		h := good.Header.Clone()
		h.Del(name)
		cases["without "+name] = gatewaytest.Sent{Header: h, Body: good.Body}
		h = good.Header.Clone()
		h.Add(name, h.Get(name))
		cases["twice "+name] = gatewaytest.Sent{Header: h, Body: good.Body}
	}
	for name, n := range cases {
		if got, err := gw.ParseNotice(bg, g.clock.Now(), n.Header, n.Body); !errors.Is(err, payment.ErrNotice) || got != (payment.Notice{}) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if *asked != 0 {
		t.Errorf("PayPal was asked %d times about what cannot be its own", *asked)
	}
	if _, err := gw.ParseNotice(bg, g.clock.Now(), good.Header, good.Body); err != nil || *asked != 1 {
		t.Errorf("the genuine one: %v, %d questions", err, *asked)
	}
}

// Rows 12 and 13: a genuine notice of PayPal's that is not for us: signed for another subscription or another app, of
// the sandbox in live mode and the other way round, about another merchant.
func TestNoticesForOthers(t *testing.T) {
	g := newRig(t)
	gw, live := g.gateway(), g.gateway(toLive(g))
	body := func(w *world, merchant string) []byte {
		return w.Event("WH-2AB23456CD789012E-3FG45678HJ901234K", "CHECKOUT.ORDER.APPROVED", "checkout-order", "2.0", map[string]any{
			"id": "5O190127TN364715T", "purchase_units": []any{map[string]any{"custom_id": "ref1.sale.1793610000", "payee": map[string]any{"merchant_id": merchant}}}})
	}
	now := g.clock.Now()
	for name, c := range map[string]struct {
		gw     *paypal.Gateway
		header http.Header
		body   []byte
	}{
		"another subscription":   {gw, g.sandbox.Sign(g.sandbox.Webhook(clientID, "https://shop.test/other", "*"), now, body(g.sandbox, merchant), true), body(g.sandbox, merchant)},
		"another app's":          {gw, g.sandbox.Sign(g.sandbox.Webhook(fullID, noticeTo, "*"), now, body(g.sandbox, merchant), true), body(g.sandbox, merchant)},
		"another merchant":       {gw, g.sandbox.Sign(g.sandbox.webhook, now, body(g.sandbox, stranger), true), body(g.sandbox, stranger)},
		"sandbox in live":        {live, g.sandbox.Sign(g.sandbox.webhook, now, body(g.sandbox, liveOne), true), body(g.sandbox, liveOne)},
		"sandbox, our live name": {live, g.sandbox.Sign(g.live.webhook, now, body(g.live, liveOne), true), body(g.live, liveOne)},
		"live in sandbox":        {gw, g.live.Sign(g.live.webhook, now, body(g.live, merchant), true), body(g.live, merchant)},
		"links of the other":     {gw, g.sandbox.Sign(g.sandbox.webhook, now, body(g.live, merchant), true), body(g.live, merchant)},
		"no subscription of ours": {g.gateway(func(o *paypal.Options) { o.WebhookID = "" }),
			g.sandbox.Sign(g.sandbox.webhook, now, body(g.sandbox, merchant), true), body(g.sandbox, merchant)},
	} {
		if got, err := c.gw.ParseNotice(bg, now, c.header, c.body); !errors.Is(err, payment.ErrNotice) || got != (payment.Notice{}) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// Row 13: a notice that comes again, days later, is the same event; the service takes each event once.
func TestReplayIsTheSameEvent(t *testing.T) {
	g := newRig(t)
	gw := g.gateway()
	n := g.sign(g.clock.Now(), "", nil)
	first, err := gw.ParseNotice(bg, g.clock.Now(), n.Header, n.Body)
	if err != nil || first.Ref != "5O190127TN364715T" || first.Charge != "3C679366HH908993F" || first.Reference != "ref1" {
		t.Fatalf("%+v, %v", first, err)
	}
	g.clock.Advance(70 * time.Hour)
	later := g.sandbox.Sign(g.sandbox.webhook, g.clock.Now(), n.Body, true) // PayPal signs each transmission anew
	if again, err := gw.ParseNotice(bg, g.clock.Now(), later, n.Body); err != nil || again != first {
		t.Errorf("%+v, %v", again, err)
	}
}

// While PayPal cannot be asked, or does not know our keys, nothing is believed and nothing is called forged: PayPal
// repeats it.
func TestUnverifiedIsNotForged(t *testing.T) {
	g := newRig(t)
	n := g.sign(g.clock.Now(), "", nil)
	g.sandbox.Trouble("fail", 1000)
	got, err := g.gateway().ParseNotice(bg, g.clock.Now(), n.Header, n.Body)
	if !errors.Is(err, payment.ErrTemporary) || errors.Is(err, payment.ErrNotice) || got != (payment.Notice{}) {
		t.Errorf("PayPal in trouble: %+v, %v", got, err)
	}
	g.sandbox.Trouble("fail", 0)
	wrong := g.gateway(func(o *paypal.Options) { o.Secret = "EKx0-an-old-secret-0123" })
	if _, err := wrong.ParseNotice(bg, g.clock.Now(), n.Header, n.Body); err == nil || errors.Is(err, payment.ErrNotice) {
		t.Errorf("wrong keys: %v", err)
	}
}

// Events of unknown kinds are known from now on and lead to nobody; refunds and disputes lead to their capture.
func TestKindsOfNotices(t *testing.T) {
	g := newRig(t)
	gw := g.gateway()
	for _, c := range []struct {
		kind     string
		resource map[string]any
		want     payment.Notice
	}{
		{"VAULT.PAYMENT-TOKEN.CREATED", map[string]any{"id": "8", "custom_id": "ref1.sale.1"}, payment.Notice{}},
		{"PAYMENT.CAPTURE.REFUNDED", map[string]any{"id": "1JU08902781691411", "custom_id": "0123456789abcdef-refund-1",
			"links": []any{map[string]any{"rel": "self", "href": sandboxBase + "/v2/payments/refunds/1JU08902781691411"},
				map[string]any{"rel": "up", "href": sandboxBase + "/v2/payments/captures/3C679366HH908993F"}}},
			payment.Notice{Charge: "3C679366HH908993F", Reference: "0123456789abcdef"}},
		{"CUSTOMER.DISPUTE.CREATED", map[string]any{"dispute_id": "PP-D-10000", "disputed_transactions": []any{
			map[string]any{"seller_transaction_id": "3C679366HH908993F", "custom": "ref1.sale.1793610000"}}},
			payment.Notice{Dispute: "PP-D-10000", Charge: "3C679366HH908993F", Reference: "ref1"}},
		{"CHECKOUT.PAYMENT-APPROVAL.REVERSED", map[string]any{"order_id": "5O190127TN364715T"}, payment.Notice{Ref: "5O190127TN364715T"}},
		{"PAYMENT.AUTHORIZATION.VOIDED", map[string]any{"id": "0VF52814937998046", "custom_id": "somebody else's; drop table"},
			payment.Notice{Charge: "0VF52814937998046"}},
		{"PAYMENT.CAPTURE.COMPLETED", map[string]any{"id": "../../x", "custom_id": "ref1.sale.1793610000.expired"}, payment.Notice{Reference: "ref1"}},
	} {
		body := g.sandbox.Event("WH-9", c.kind, "x", "2.0", c.resource)
		n, err := gw.ParseNotice(bg, g.clock.Now(), g.sandbox.Sign(g.sandbox.webhook, g.clock.Now(), body, true), body)
		c.want.ID, c.want.Kind, c.want.Account, c.want.Mode, c.want.At = "WH-9", c.kind, merchant, payment.Test, n.At
		if err != nil || n != c.want {
			t.Errorf("%s: %+v, %v; want %+v", c.kind, n, err, c.want)
		}
	}
}

// The body goes to PayPal byte for byte: numbers, spaces and the order of fields stay as they were.
func TestBodyGoesBackAsItCame(t *testing.T) {
	g := newRig(t)
	gw := g.gateway()
	body := []byte(`{ "event_type" : "X.Y",  "id":"WH-9", "resource":{"b":1.50,"a":"\u00e4<>&","z":1e3} }`)
	if n, err := gw.ParseNotice(bg, g.clock.Now(), g.sandbox.Sign(g.sandbox.webhook, g.clock.Now(), body, true), body); err != nil || n.ID != "WH-9" {
		t.Errorf("%+v, %v", n, err)
	}
}

// FuzzEvent: any genuine body is read or refused without a panic, and what is read is bounded.
func FuzzEvent(f *testing.F) {
	f.Add(`{"id":"WH-1","event_type":"PAYMENT.CAPTURE.COMPLETED","resource":{"id":"3C679366HH908993F","custom_id":"r.sale.1"}}`)
	f.Add(`{"id":"WH-1","event_type":"CUSTOMER.DISPUTE.CREATED","resource":{"disputed_transactions":[{}]}}`)
	f.Add(`{"id":{}}`)
	f.Add(`{"id":"x","links":[{"href":"%zz"}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		g := newRig(t)
		g.sandbox.way.set = nil
		h := g.sandbox.Sign(g.sandbox.webhook, g.clock.Now(), []byte(body), true)
		n, err := g.gateway().ParseNotice(bg, g.clock.Now(), h, []byte(body))
		if err != nil {
			if n != (payment.Notice{}) {
				t.Fatal("a refused notice says something")
			}
			return
		}
		for _, s := range []string{n.ID, n.Kind, n.Ref, n.Charge, n.Reference, n.Dispute} {
			if len(s) > 200 || slices.ContainsFunc([]byte(s), func(c byte) bool { return c <= 0x20 || c >= 0x7f }) {
				t.Fatalf("read %+v", n)
			}
		}
		if n.Account != merchant || n.Mode != payment.Test || n.ID == "" {
			t.Fatalf("read %+v", n)
		}
	})
}
