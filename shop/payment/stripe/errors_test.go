package stripe_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"strongroom/base/fault"
	"strongroom/shop/payment"
	"strongroom/shop/payment/stripe"
)

// wire is a Stripe that answers what it is told to.
type wire struct {
	status int
	body   string
	header http.Header
	err    error
	calls  int
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.calls++
	if w.err != nil {
		return nil, w.err
	}
	h := http.Header{"Location": {"https://evil.test/"}, "Request-Id": {"req_1"}}
	for k, v := range w.header {
		h[k] = v
	}
	return &http.Response{StatusCode: w.status, Header: h, Body: io.NopCloser(strings.NewReader(w.body)), Request: r}, nil
}

func fetchFrom(t *testing.T, w *wire) (payment.Session, error) {
	t.Helper()
	g, err := stripe.New(stripe.Options{Key: restricted, Account: account, Client: &http.Client{Transport: w}})
	if err != nil {
		t.Fatal(err)
	}
	return g.Fetch(context.Background(), "cs_test_1")
}

func refusal(kind, code string) string {
	return `{"error":{"type":"` + kind + `","code":"` + code + `","message":"ada@example.org ` + restricted + `","param":"ada@example.org"}}`
}

// Answers that are refusals become one of the seam's errors; only those that leave it open whether something happened
// are repeated; and nothing of what Stripe repeats to us gets into an error, and so into a log (V16.2.5).
func TestRefusals(t *testing.T) { synctest.Test(t, testRefusals) }

func testRefusals(t *testing.T) {
	for _, c := range []struct {
		name  string
		w     wire
		want  error
		calls int
	}{
		{"a page", wire{status: 200, body: "<html>ada@example.org</html>"}, payment.ErrTemporary, 3},
		{"a redirect", wire{status: 302, body: `{"id":"cs_test_1"}`}, payment.ErrTemporary, 3},
		{"an endless answer", wire{status: 200, body: `{"id":"` + strings.Repeat("x", 9<<20) + `"}`}, payment.ErrTemporary, 3},
		{"a proxy's refusal", wire{status: 403, body: "<html>ada@example.org</html>"}, payment.ErrTemporary, 3},
		{"no network", wire{err: errors.New("dial ada@example.org")}, payment.ErrTemporary, 3},
		{"too many", wire{status: 429, body: refusal("invalid_request_error", "rate_limit")}, payment.ErrTemporary, 3},
		{"too many for long", wire{status: 429, body: refusal("invalid_request_error", "rate_limit"), header: http.Header{"Retry-After": {"3600"}}}, payment.ErrTemporary, 1},
		{"in use", wire{status: 409, body: refusal("invalid_request_error", "idempotency_key_in_use")}, payment.ErrTemporary, 3},
		{"locked", wire{status: 400, body: refusal("invalid_request_error", "lock_timeout")}, payment.ErrTemporary, 3},
		{"broken", wire{status: 500, body: refusal("api_error", "")}, payment.ErrTemporary, 3},
		{"broken for good", wire{status: 500, body: refusal("api_error", ""), header: http.Header{"Stripe-Should-Retry": {"false"}}}, payment.ErrTemporary, 1},
		{"a wrong key", wire{status: 401, body: refusal("invalid_request_error", "")}, payment.ErrRejected, 1},
		{"an expired key", wire{status: 401, body: refusal("invalid_request_error", "api_key_expired")}, payment.ErrRejected, 1},
		{"no right", wire{status: 403, body: refusal("invalid_request_error", "")}, payment.ErrRejected, 1},
		{"unknown", wire{status: 404, body: refusal("invalid_request_error", "resource_missing")}, payment.ErrNotFound, 1},
		{"unknown parameter", wire{status: 400, body: refusal("invalid_request_error", "parameter_unknown")}, payment.ErrRejected, 1},
		{"key of another request", wire{status: 400, body: refusal("idempotency_error", "")}, payment.ErrRejected, 1},
		{"card", wire{status: 402, body: refusal("card_error", "card_declined")}, payment.ErrDeclined, 1},
		{"refunded already", wire{status: 400, body: refusal("invalid_request_error", "charge_already_refunded")}, payment.ErrDeclined, 1},
		{"disputed", wire{status: 400, body: refusal("invalid_request_error", "charge_disputed")}, payment.ErrDeclined, 1},
		{"not held", wire{status: 400, body: refusal("invalid_request_error", "payment_intent_unexpected_state")}, payment.ErrDeclined, 1},
	} {
		_, err := fetchFrom(t, &c.w)
		if !errors.Is(err, c.want) || c.w.calls != c.calls {
			t.Errorf("%s: %v after %d calls; want %v after %d", c.name, err, c.w.calls, c.want, c.calls)
		}
		for _, secret := range []string{"ada@example.org", restricted} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error repeats what was sent: %v", c.name, err)
			}
		}
	}
}

// Keys are told apart, test and live cannot be mixed, and whoever pasted the wrong one reads what is wrong (V13.3.1).
func TestOptionsAreChecked(t *testing.T) {
	const secret = "whsec_0123456789abcdef"
	for name, c := range map[string]struct {
		edit func(*stripe.Options)
		key  string // of the message; "": any error
	}{
		"publishable":            {func(o *stripe.Options) { o.Key = "pk_test_51abcdefghijklmn" }, "payment.stripe_key_publishable"},
		"a signing secret":       {func(o *stripe.Options) { o.Key = secret }, "payment.stripe_key_secret"},
		"empty":                  {func(o *stripe.Options) { o.Key = "" }, "payment.stripe_key_form"},
		"with a space":           {func(o *stripe.Options) { o.Key += " " }, "payment.stripe_key_form"},
		"with a line":            {func(o *stripe.Options) { o.Key += "\nX: y" }, "payment.stripe_key_form"},
		"live key in test mode":  {func(o *stripe.Options) { o.Key, o.Mode = liveKey, payment.Test }, "payment.stripe_key_live"},
		"test key in live mode":  {func(o *stripe.Options) { o.Mode = payment.Live }, "payment.stripe_key_test"},
		"no account":             {func(o *stripe.Options) { o.Account = "kiln" }, "payment.stripe_account_form"},
		"an odd secret":          {func(o *stripe.Options) { o.Secrets = []string{"secret"} }, "payment.stripe_secret_form"},
		"three secrets":          {func(o *stripe.Options) { o.Secrets = []string{secret, secret, secret} }, ""},
		"a method of nobody":     {func(o *stripe.Options) { o.Methods = []string{"cheque"} }, ""},
		"an address with a path": {func(o *stripe.Options) { o.BaseURL = "https://api.stripe.com/v1" }, ""},
		"an origin of a script":  {func(o *stripe.Options) { o.Origin = "javascript:alert(1)" }, ""},
	} {
		o := stripe.Options{Key: restricted, Account: account}
		c.edit(&o)
		_, err := stripe.New(o)
		f := fault.As(err)
		if err == nil || c.key != "" && (f == nil || f.Key != c.key) {
			t.Errorf("%s: %v", name, err)
		}
	}
	g, err := stripe.New(stripe.Options{Key: restricted, Account: account})
	if err != nil {
		t.Fatal(err)
	}
	if d := g.Describe(); d.Name != "stripe" || d.Label != "Stripe" || d.Origin != "https://checkout.stripe.com" || d.Late || len(d.Methods) != 1 || d.Mode != payment.Test {
		t.Errorf("it is %+v", d)
	}
	late, err := stripe.New(stripe.Options{Key: liveKey, Mode: payment.Live, Methods: []string{"card", "sepa_debit"}})
	if err != nil || !late.Describe().Late || late.Describe().Mode != payment.Live {
		t.Errorf("%v, %+v", err, late.Describe())
	}
}

// twice answers once with "too many", and then well.
type twice struct{ busy, well wire }

func (w *twice) RoundTrip(r *http.Request) (*http.Response, error) {
	if w.busy.calls == 0 {
		return w.busy.RoundTrip(r)
	}
	return w.well.RoundTrip(r)
}

// Stripe says when to come back, and the engine waits for that and no longer.
func TestComesBackWhenStripeSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &twice{wire{status: 429, body: refusal("invalid_request_error", "rate_limit"), header: http.Header{"Retry-After": {"2"}}},
			wire{status: 200, body: `{"id":"cs_test_1","mode":"payment","status":"open","amount_total":1,"currency":"eur"}`}}
		g, err := stripe.New(stripe.Options{Key: restricted, Account: account, Client: &http.Client{Transport: w}})
		if err != nil {
			t.Fatal(err)
		}
		from := time.Now()
		if _, err := g.Fetch(context.Background(), "cs_test_1"); err != nil || time.Since(from) != 2*time.Second {
			t.Errorf("%v after %s", err, time.Since(from))
		}
	})
}

// What is wrong with pasted settings is told by field, before anybody is asked.
func TestSettingsAreChecked(t *testing.T) {
	for _, c := range []struct{ key, account, field, word string }{
		{restricted, "", "", ""}, {restricted, account, "", ""}, {liveKey, "", "key", "payment.stripe_key_live"},
		{"pk_test_51abcdefghijklmn", "", "key", "payment.stripe_key_publishable"}, {restricted, "kiln", "account", "payment.stripe_account_form"},
	} {
		if field, word := stripe.Check(map[string]string{"key": c.key, "account": c.account}, payment.Test); field != c.field || word != c.word {
			t.Errorf("%+v: %s, %s", c, field, word)
		}
	}
}
