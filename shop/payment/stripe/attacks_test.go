package stripe_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v85/webhook"

	"strongroom/shop/payment"
	"strongroom/shop/payment/gatewaytest"
	"strongroom/shop/payment/stripe"
	standin "strongroom/tools/standin/stripe"
)

func (g *rig) parse(gw *stripe.Gateway, s gatewaytest.Sent) (payment.Notice, error) {
	return gw.ParseNotice(context.Background(), g.clock.Now(), s.Header, s.Body)
}

// Row 13, V4.1.5: what is not Stripe's, not for this account, not of this mode or not of this hour is refused, and a
// refused notice says nothing.
func TestForgedNotices(t *testing.T) {
	g := newRig(t)
	gw := g.gateway(restricted)
	now := g.clock.Now()
	good := g.sign(now, "", nil)
	header := good.Header.Get("Stripe-Signature")
	edit := func(name string, value any) gatewaytest.Sent {
		return g.sign(now, "", func(b map[string]any) { b[name] = value })
	}
	with := func(headers ...string) gatewaytest.Sent {
		return gatewaytest.Sent{Header: http.Header{"Stripe-Signature": headers}, Body: good.Body}
	}
	huge := append([]byte(`{"id":"evt_1","object":"event","x":"`), bytes.Repeat([]byte("x"), 300<<10)...)
	for name, s := range map[string]gatewaytest.Sent{
		"wrong secret":            g.sign(now, "whsec_somebodyelse0123456", nil),
		"secret of other account": g.sign(now, g.server.Subscribe("acct_1Other", false, noticeTo), nil),
		"secret of live mode":     g.sign(now, g.server.Subscribe(account, true, noticeTo), nil),
		"old":                     g.sign(now.Add(-301*time.Second), "", nil),
		"future":                  g.sign(now.Add(301*time.Second), "", nil),
		"test event in live mode": edit("livemode", true),
		"no mode":                 edit("livemode", nil),
		"connected account":       edit("account", "acct_1Other"),
		"another version":         edit("api_version", "2019-12-03"),
		"no version":              edit("api_version", nil),
		"no id":                   edit("id", ""),
		"a long id":               edit("id", strings.Repeat("e", 201)),
		"not an event":            edit("object", "list"),
		"an odd time":             edit("created", -1),
		"odd letters":             edit("id", "evt_1\n2"),
		"data of another shape":   edit("data", []any{}),
		"no object":               edit("data", map[string]any{"object": map[string]any{}}),
		"two headers":             with(header, header),
		"good and forged headers": with(header, "t=1,v1="+strings.Repeat("ab", 32)),
		"no header":               with(),
		"an empty header":         with(""),
		"two times in one":        with("t=1," + header),
		"only the test scheme":    with(strings.Replace(header, "v1=", "v0=", 1)),
		"seven signatures":        with(header + strings.Repeat(",v1="+strings.Repeat("ab", 32), 6)),
		"a long header":           with(header + ",v0=" + strings.Repeat("ab", 2000)),
		"altered body":            {Header: good.Header, Body: bytes.Replace(good.Body, []byte("ref1"), []byte("ref2"), 1)},
		"a second body":           {Header: http.Header{"Stripe-Signature": {standin.Sign(now, append(bytes.Clone(good.Body), good.Body...), g.secret)}}, Body: append(bytes.Clone(good.Body), good.Body...)},
		"not JSON":                {Header: http.Header{"Stripe-Signature": {standin.Sign(now, []byte("hello"), g.secret)}}, Body: []byte("hello")},
		"a huge body":             {Header: http.Header{"Stripe-Signature": {standin.Sign(now, huge, g.secret)}}, Body: huge},
	} {
		if n, err := g.parse(gw, s); !errors.Is(err, payment.ErrNotice) || n != (payment.Notice{}) {
			t.Errorf("%s: %+v, %v", name, n, err)
		}
	}
	if n, err := g.parse(gw, good); err != nil || n.Ref != "cs_test_1" || n.Reference != "ref1" || n.Account != account || n.Mode != payment.Test {
		t.Errorf("the genuine one: %+v, %v", n, err)
	}
}

// While a secret is changed both are valid, and Stripe signs with both; without any nothing is believed.
func TestSecretsAreChanged(t *testing.T) {
	g := newRig(t)
	newest := g.server.Subscribe(account, false, noticeTo)
	both := g.gateway(restricted, func(o *stripe.Options) { o.Secrets = []string{newest, g.secret} })
	none := g.gateway(restricted, func(o *stripe.Options) { o.Secrets = nil })
	body := g.sign(g.clock.Now(), "", nil).Body
	for name, secrets := range map[string][]string{"old": {g.secret}, "new": {newest}, "both": {newest, g.secret}, "one of another": {"whsec_else", newest}} {
		s := gatewaytest.Sent{Header: http.Header{"Stripe-Signature": {standin.Sign(g.clock.Now(), body, secrets...)}}, Body: body}
		if _, err := g.parse(both, s); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := g.parse(none, s); !errors.Is(err, payment.ErrNotice) {
			t.Errorf("%s without a secret: %v", name, err)
		}
	}
}

// A genuine notice of a kind that nobody asked for is believed and leads nowhere.
func TestUnknownKinds(t *testing.T) {
	g := newRig(t)
	s := g.sign(g.clock.Now(), "", func(b map[string]any) {
		b["type"] = "customer.created"
		b["data"] = map[string]any{"object": map[string]any{"id": "cus_1", "object": "customer", "email": "ada@example.org"}}
	})
	n, err := g.parse(g.gateway(restricted), s)
	if err != nil || n.Kind != "customer.created" || n.Ref+n.Charge+n.Reference+n.Dispute != "" {
		t.Errorf("%+v, %v", n, err)
	}
}

// Every kind leads to the session, the money, the reference or the dispute.
func TestEveryKindLeadsSomewhere(t *testing.T) {
	g := newRig(t)
	b := g.beyond()
	s := startOne(t, g, "a")
	b.Visit(s, "declined")
	b.Visit(s, "paid")
	s, _ = b.Gateway.Fetch(context.Background(), s.Ref)
	if _, err := b.Gateway.Refund(context.Background(), "k", s.Ref, 100); err != nil {
		t.Fatal(err)
	}
	dispute := b.Dispute(s, false)
	held := startOne(t, g, "b", func(r *payment.StartRequest) { r.Manual = true })
	b.Visit(held, "paid")
	if _, err := b.Gateway.Void(context.Background(), "v", held.Ref); err != nil {
		t.Fatal(err)
	}
	b.Advance(0)
	for _, m := range b.Notices() {
		n, err := g.parse(g.gateway(restricted), m)
		if err != nil {
			t.Fatal(err)
		}
		leads := n.Ref == s.Ref || n.Charge == s.Charge || n.Reference == s.Reference || n.Dispute == dispute || n.Reference == held.Reference
		if !leads || strings.HasPrefix(n.Kind, "charge.dispute.") != (n.Dispute == dispute) {
			t.Errorf("%s leads to %+v", n.Kind, n)
		}
	}
}

// Row 14: a notice that the shop did not take is sent again, with the same id and a new signature, and both are
// genuine; that it counts once is the service's part.
func TestNoticesAreRepeated(t *testing.T) {
	g := newRig(t)
	b := g.bench()
	g.box.answer(503)
	b.Visit(startOne(t, g, "a"), "paid")
	b.Advance(0)
	first := len(b.Notices())
	g.box.answer(200)
	b.Advance(2 * time.Minute)
	b.Advance(time.Hour)
	ids := map[string]int{}
	for i, m := range b.Notices() {
		at := g.clock.Now()
		if i < first {
			at = at.Add(-time.Hour - 2*time.Minute)
		} else {
			at = at.Add(-time.Hour)
		}
		n, err := g.gateway(restricted).ParseNotice(context.Background(), at, m.Header, m.Body)
		if err != nil {
			t.Fatal(err)
		}
		ids[n.ID]++
	}
	if first == 0 || len(ids) != first {
		t.Fatalf("%d notices, %v", first, ids)
	}
	for id, n := range ids {
		if n != 2 {
			t.Errorf("%s was sent %d times", id, n)
		}
	}
}

// What Stripe's own library signs is believed, and what the stand-in signs is believed by Stripe's library.
func TestSignaturesAgreeWithTheLibrary(t *testing.T) {
	g := newRig(t)
	body := g.sign(g.clock.Now(), "", nil).Body
	signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body, Secret: g.secret, Timestamp: g.clock.Now()})
	if _, err := g.parse(g.gateway(restricted), gatewaytest.Sent{Header: http.Header{"Stripe-Signature": {signed.Header}}, Body: body}); err != nil {
		t.Errorf("the library's signature is refused: %v", err)
	}
	if err := webhook.ValidatePayloadIgnoringTolerance(body, standin.Sign(g.clock.Now(), body, g.secret), g.secret); err != nil {
		t.Errorf("the library refuses the stand-in's signature: %v", err)
	}
}

// Row 12: a paid session of another, cheaper order is told as what it is, so that the service finds the difference; and
// an answer whose parts are about different orders, sums or modes is refused by the engine itself.
func TestAnswersThatDoNotAgree(t *testing.T) {
	fields := map[string]any{"id": "cs_test_1", "object": "checkout.session", "mode": "payment", "livemode": false, "status": "complete",
		"payment_status": "paid", "amount_total": 4990, "currency": "eur", "client_reference_id": "ref1", "expires_at": 1793610000}
	intent := func(edit map[string]any) map[string]any {
		m := map[string]any{"id": "pi_1", "object": "payment_intent", "amount": 4990, "amount_received": 4990, "currency": "eur", "livemode": false,
			"status": "succeeded", "metadata": map[string]any{"strongroom_reference": "ref1"}}
		for k, v := range edit {
			m[k] = v
		}
		return m
	}
	for name, edit := range map[string]map[string]any{
		"another session":             {"id": "cs_test_2"},
		"no session":                  {"id": ""},
		"a live session":              {"livemode": true},
		"a subscription":              {"mode": "subscription"},
		"a page elsewhere":            {"url": "https://checkout.stripe.com.evil.test/c/pay/cs_test_1"},
		"a page that looks alike":     {"url": "https://checkout.stripe.com@evil.test/"},
		"a script":                    {"url": "javascript:alert(1)"},
		"a page in clear":             {"url": "http://checkout.stripe.com/c/pay/cs_test_1"},
		"payment of another sum":      {"payment_intent": intent(map[string]any{"amount": 100})},
		"payment in another currency": {"payment_intent": intent(map[string]any{"currency": "usd"})},
		"payment of the other mode":   {"payment_intent": intent(map[string]any{"livemode": true})},
		"payment of another order":    {"payment_intent": intent(map[string]any{"metadata": map[string]any{"strongroom_reference": "ref2"}})},
		"payment of no order":         {"payment_intent": intent(map[string]any{"metadata": map[string]any{}})},
	} {
		body := map[string]any{"payment_intent": intent(nil)}
		for _, m := range []map[string]any{fields, edit} {
			for k, v := range m {
				body[k] = v
			}
		}
		raw, _ := json.Marshal(body)
		if s, err := fetchFrom(t, &wire{status: 200, body: string(raw)}); !errors.Is(err, payment.ErrMismatch) {
			t.Errorf("%s: %+v, %v; want ErrMismatch", name, s, err)
		}
	}
	fields["payment_intent"] = intent(nil)
	raw, _ := json.Marshal(fields)
	if s, err := fetchFrom(t, &wire{status: 200, body: string(raw)}); err != nil || s.Status != payment.StatusPaid || s.Captured != 4990 {
		t.Errorf("what agrees: %+v, %v", s, err)
	}
}

// FuzzNotice: any body, rightly signed, is read or refused without a panic, and what is read is bounded and printable.
func FuzzNotice(f *testing.F) {
	f.Add(`{"id":"evt_1","object":"event","type":"charge.refunded","created":1793610000,"livemode":false,"api_version":"` + stripe.Version + `","data":{"object":{"object":"charge","id":"ch_1","metadata":{}}}}`)
	f.Add(`{"id":"evt_1","object":"event","data":{"object":{"object":"refund","charge":{"id":{}}}}}`)
	f.Add(`[]`)
	const secret = "whsec_0123456789abcdef"
	g, err := stripe.New(stripe.Options{Key: restricted, Secrets: []string{secret}, Account: account})
	if err != nil {
		f.Fatal(err)
	}
	at := time.Unix(1793610000, 0)
	f.Fuzz(func(t *testing.T, body string) {
		h := http.Header{"Stripe-Signature": {standin.Sign(at, []byte(body), secret)}}
		n, err := g.ParseNotice(context.Background(), at, h, []byte(body))
		if err != nil {
			if n != (payment.Notice{}) {
				t.Fatal("a refused notice says something")
			}
			return
		}
		for _, s := range []string{n.ID, n.Kind, n.Ref, n.Charge, n.Reference, n.Dispute} {
			if len(s) > 200 || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) {
				t.Fatalf("read %+v", n)
			}
		}
		if n.Account != account || n.Mode != payment.Test || n.ID == "" {
			t.Fatalf("read %+v", n)
		}
	})
}

// FuzzAnswer: any answer is taken without a panic, is about what was asked, and leads nowhere but to Stripe.
func FuzzAnswer(f *testing.F) {
	f.Add(`{"id":"cs_test_1","mode":"payment","status":"open","amount_total":1,"currency":"eur","url":"https://checkout.stripe.com/c/pay/cs_test_1"}`, 200)
	f.Add(`{"id":"cs_test_1","mode":"payment","payment_intent":{"id":"pi_1","latest_charge":{"refunds":{"data":[null]}}}}`, 200)
	f.Add(`{"error":{"type":"card_error"}}`, 402)
	f.Fuzz(func(t *testing.T, body string, status int) {
		if status < 200 || status > 499 || status == 429 || status == 409 || status/100 == 3 {
			status = 200
		}
		s, err := fetchFrom(t, &wire{status: status, body: body})
		if err == nil && (s.Ref != "cs_test_1" || s.URL != "" && !strings.HasPrefix(s.URL, "https://checkout.stripe.com/")) {
			t.Fatalf("took %+v", s)
		}
		if err != nil && strings.Contains(fmt.Sprint(err), restricted) {
			t.Fatal("the key is in the error")
		}
	})
}
