package stripe_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	api "github.com/stripe/stripe-go/v85"

	"strongroom/shop/payment"
)

// strict lets answers pass that hold no field which Stripe's own library does not know: a stand-in that invents one
// would have the engine rely on something that does not exist.
type strict struct {
	t    *testing.T
	next http.RoundTripper
}

func (s strict) RoundTrip(r *http.Request) (*http.Response, error) {
	a, err := s.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(a.Body)
	_ = a.Body.Close()
	if err != nil {
		return nil, err
	}
	a.Body = io.NopCloser(bytes.NewReader(raw))
	if a.StatusCode < 300 {
		for _, f := range inventedIn(shapeOf(r.Method, r.URL.Path), raw) {
			s.t.Errorf("%s %s answers with %s, which the library does not know", r.Method, r.URL.Path, f)
		}
	} else {
		for _, f := range inventedIn(reflect.TypeFor[struct {
			Error api.Error `json:"error"`
		}](), raw) {
			s.t.Errorf("an error of %s has %s, which the library does not know", r.URL.Path, f)
		}
	}
	return a, nil
}

// shapeOf is what a path answers with.
func shapeOf(method, path string) reflect.Type {
	parts := strings.Split(strings.TrimPrefix(path, "/v1/"), "/")
	kind, deep := parts[0], len(parts) > 1
	if kind == "checkout" {
		kind, deep = "sessions", len(parts) > 2
	}
	one := map[string]reflect.Type{"sessions": reflect.TypeFor[api.CheckoutSession](), "payment_intents": reflect.TypeFor[api.PaymentIntent](),
		"refunds": reflect.TypeFor[api.Refund](), "disputes": reflect.TypeFor[api.Dispute](), "account": reflect.TypeFor[api.Account](),
		"balance": reflect.TypeFor[api.Balance](), "webhook_endpoints": reflect.TypeFor[api.WebhookEndpoint]()}
	many := map[string]reflect.Type{"sessions": reflect.TypeFor[api.CheckoutSessionList](), "charges": reflect.TypeFor[api.ChargeList](),
		"refunds": reflect.TypeFor[api.RefundList](), "disputes": reflect.TypeFor[api.DisputeList](),
		"balance_transactions": reflect.TypeFor[api.BalanceTransactionList](), "webhook_endpoints": reflect.TypeFor[api.WebhookEndpointList]()}
	if t, ok := many[kind]; ok && !deep && method == http.MethodGet {
		return t
	}
	return one[kind]
}

func inventedIn(t reflect.Type, raw []byte) []string {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return []string{err.Error()}
	}
	if t == nil {
		return []string{"an answer of a path that the test does not know"}
	}
	return invented(t, v, "")
}

// sources are the things that a line of the balance can be about, by their names.
var sources = map[string]reflect.Type{"charge": reflect.TypeFor[api.Charge](), "refund": reflect.TypeFor[api.Refund](),
	"dispute": reflect.TypeFor[api.Dispute](), "payout": reflect.TypeFor[api.Payout](),
	"checkout.session": reflect.TypeFor[api.CheckoutSession](), "payment_intent": reflect.TypeFor[api.PaymentIntent]()}

// invented lists the fields of v that the type does not have.
func invented(t reflect.Type, v any, path string) (found []string) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch v := v.(type) {
	case []any:
		for i, e := range v {
			if t.Kind() != reflect.Slice {
				return []string{path + " (a list)"}
			}
			found = append(found, invented(t.Elem(), e, fmt.Sprintf("%s[%d]", path, i))...)
		}
	case map[string]any:
		if t == reflect.TypeFor[api.BalanceTransactionSource]() {
			t = sources[fmt.Sprint(v["object"])]
		}
		if t == nil || t.Kind() != reflect.Struct && t.Kind() != reflect.Map && t.Kind() != reflect.Interface {
			return []string{path + " (an object)"}
		}
		if t.Kind() != reflect.Struct {
			return nil
		}
		fields := map[string]reflect.Type{}
		fieldsOf(t, fields)
		for name, e := range v {
			ft, ok := fields[name]
			if name == "object" && e == "list" {
				continue // every list says so, and the library does not read it
			}
			if !ok {
				found = append(found, path+"."+name)
				continue
			}
			found = append(found, invented(ft, e, path+"."+name)...)
		}
	}
	return found
}

func fieldsOf(t reflect.Type, fields map[string]reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" {
			if f.Type.Kind() == reflect.Struct {
				fieldsOf(f.Type, fields)
			}
			continue
		}
		if name != "" && name != "-" {
			fields[name] = f.Type
		}
	}
}

// The check itself finds what it is for.
func TestInventedFieldsAreFound(t *testing.T) {
	for raw, n := range map[string]int{
		`{"id":"cs_test_1","object":"checkout.session","payment_intent":"pi_1"}`:                                            0,
		`{"id":"cs_test_1","paid_at":1}`:                                                                                    1,
		`{"payment_intent":{"id":"pi_1","latest_charge":{"id":"ch_1","refunds":{"data":[{"id":"re_1","why":"because"}]}}}}`: 1,
		`{"metadata":{"anything":"goes"},"total_details":{"amount_tip":1}}`:                                                 1,
	} {
		if got := inventedIn(reflect.TypeFor[api.CheckoutSession](), []byte(raw)); len(got) != n {
			t.Errorf("%s: found %v", raw, got)
		}
	}
}

// Events are held to the library's types as well, and to what the store is subscribed to.
func TestEventsHaveStripesShape(t *testing.T) {
	g := newRig(t)
	b := g.beyond()
	s := startOne(t, g, "a")
	for _, outcome := range []string{"declined", "paid"} {
		b.Visit(s, outcome)
	}
	s, err := b.Gateway.Fetch(context.Background(), s.Ref)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Gateway.Refund(context.Background(), "k", s.Ref, 100); err != nil {
		t.Fatal(err)
	}
	b.Decide(b.Dispute(s, false), true)
	b.Visit(startOne(t, g, "b"), "pending")
	b.Advance(time.Minute)
	kinds := map[string]bool{}
	for _, m := range b.Notices() {
		var e struct {
			Type string
			Data struct{ Object map[string]any }
		}
		if err := json.Unmarshal(m.Body, &e); err != nil {
			t.Fatal(err)
		}
		kinds[e.Type] = true
		found := append(inventedIn(reflect.TypeFor[eventShape](), m.Body), invented(sources[fmt.Sprint(e.Data.Object["object"])], e.Data.Object, "data.object")...)
		if len(found) > 0 {
			t.Errorf("%s has %v, which the library does not know", e.Type, found)
		}
	}
	for _, want := range []string{"checkout.session.completed", "checkout.session.async_payment_succeeded", "charge.failed", "charge.succeeded",
		"charge.refunded", "refund.created", "charge.dispute.created", "charge.dispute.closed", "charge.dispute.funds_reinstated"} {
		if !kinds[want] {
			t.Errorf("no event %s was sent; sent were %v", want, kinds)
		}
	}
}

// eventShape is the library's event, whose object it reads by hand.
type eventShape struct {
	api.Event
	Data struct {
		Object any `json:"object"`
	} `json:"data"`
}

func startOne(t *testing.T, g *rig, key string, edit ...func(*payment.StartRequest)) payment.Session {
	t.Helper()
	s, err := g.gateway(restricted).Start(context.Background(), g.request(key, edit...))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (g *rig) request(key string, edit ...func(*payment.StartRequest)) payment.StartRequest {
	r := payment.StartRequest{Key: key, Reference: "ref" + key, Order: "K7Q2-M9XD", Amount: 4990, Currency: "EUR", ReturnURL: "https://shop.example/return",
		CancelURL: "https://shop.example/cancel", Language: "de", Expires: g.clock.Now().Add(45 * time.Minute)}
	for _, e := range edit {
		e(&r)
	}
	return r
}
