package stripe_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"strongroom/base/money"
	"strongroom/shop/payment"
	"strongroom/shop/payment/stripe"
)

// What goes to Stripe is what a payment needs: no name, no address, no word about this machine, the version that is
// pinned, and never another account's.
func TestOnlyWhatIsNeededLeaves(t *testing.T) {
	g := newRig(t)
	startOne(t, g, "a", func(r *payment.StartRequest) { r.Secure, r.Manual = true, true })
	calls := g.server.Calls()
	if len(calls) != 2 || calls[0].Path != "/v1/account" {
		t.Fatalf("the calls are %+v", calls)
	}
	for _, c := range calls {
		for _, h := range []string{"Stripe-Account", "Stripe-Context", "X-Stripe-Client-User-Agent", "X-Stripe-Client-Telemetry", "Cookie"} {
			if c.Header.Get(h) != "" {
				t.Errorf("%s says %s: %q", c.Path, h, c.Header.Get(h))
			}
		}
		if c.Header.Get("User-Agent") != "Strongroom" || c.Header.Get("Stripe-Version") != stripe.Version {
			t.Errorf("%s goes out as %q in version %q", c.Path, c.Header.Get("User-Agent"), c.Header.Get("Stripe-Version"))
		}
	}
	form, err := url.ParseQuery(calls[1].Form)
	if err != nil || calls[1].Key != "a" {
		t.Fatalf("the start is %+v, %v", calls[1], err)
	}
	for name, want := range map[string]string{"mode": "payment", "client_reference_id": "refa", "locale": "de", "adaptive_pricing[enabled]": "false",
		"line_items[0][price_data][currency]": "eur", "line_items[0][price_data][unit_amount]": "4990",
		"line_items[0][price_data][product_data][name]": "Bestellung K7Q2-M9XD", "payment_intent_data[capture_method]": "manual",
		"payment_intent_data[metadata][strongroom_reference]": "refa", "payment_method_types[0]": "card", "payment_method_types[1]": "",
		"payment_method_options[card][request_three_d_secure]": "challenge"} {
		if form.Get(name) != want {
			t.Errorf("%s is %q; want %q", name, form.Get(name), want)
		}
	}
	for name := range form {
		if strings.Contains(name, "customer") || strings.Contains(name, "email") {
			t.Errorf("%s is sent", name)
		}
	}
}

// Stripe's sessions live for 30 minutes at least. A shorter life gets a session that ends later, the same one under the
// same key whenever that is asked, and the store ends it in time.
func TestAShortLifeIsHeldByTheStore(t *testing.T) {
	g := newRig(t)
	gw, ctx := g.gateway(restricted), context.Background()
	short := g.request("a", func(r *payment.StartRequest) { r.Expires = g.clock.Now().Add(10 * time.Minute) })
	s, err := gw.Start(ctx, short)
	if err != nil || !s.Expires.Equal(short.Expires.Add(31*time.Minute)) {
		t.Fatalf("%+v, %v", s, err)
	}
	g.clock.Advance(9 * time.Minute)
	if again, err := gw.Start(ctx, short); err != nil || again.Ref != s.Ref {
		t.Fatalf("asked again: %+v, %v", again, err)
	}
	g.clock.Advance(time.Minute)
	if e, err := gw.Expire(ctx, "x", s.Ref); err != nil || e.Status != payment.StatusExpired {
		t.Fatalf("ended: %+v, %v", e, err)
	}
}

// A session whose first answer was lost is found again under its key when its end has come nearer than Stripe likes.
func TestAnEndThatComesNearerMakesNoSecondSession(t *testing.T) {
	g := newRig(t)
	gw, ctx := g.gateway(restricted), context.Background()
	r := g.request("a", func(r *payment.StartRequest) { r.Expires = g.clock.Now().Add(35 * time.Minute) })
	g.trouble("lose", 1000)
	if _, err := gw.Start(ctx, r); !errors.Is(err, payment.ErrTemporary) {
		t.Fatal(err)
	}
	g.trouble("lose", 0)
	g.server.Calls()
	g.clock.Advance(20 * time.Minute)
	s, err := gw.Start(ctx, r)
	if err != nil || !s.Expires.Equal(r.Expires) {
		t.Fatalf("%+v, %v", s, err)
	}
	for _, c := range g.server.Calls() {
		if c.Key != "" && c.Key != "a" {
			t.Errorf("asked under the key %s", c.Key)
		}
	}
}

// Keys of another account never make a session: its money would go to somebody else.
func TestAKeyOfAnotherAccountIsRefused(t *testing.T) {
	g := newRig(t)
	gw, ctx := g.gateway(foreign), context.Background()
	if _, err := gw.Start(ctx, g.request("a")); !errors.Is(err, payment.ErrMismatch) {
		t.Errorf("start: %v; want ErrMismatch", err)
	}
	if _, err := gw.Inspect(ctx); !errors.Is(err, payment.ErrMismatch) {
		t.Errorf("inspect: %v; want ErrMismatch", err)
	}
	for _, c := range g.server.Calls() {
		if strings.HasPrefix(c.Path, "/v1/checkout") {
			t.Errorf("%s %s was asked", c.Method, c.Path)
		}
	}
}

// Whose key it is is learned from Stripe, also from the refusal of a key that may not read it; where Stripe does not
// tell, it must be configured.
func TestTheAccountIsLearned(t *testing.T) {
	g := newRig(t)
	ctx := context.Background()
	gw := g.gateway(foreign, func(o *stripe.Options) { o.Account = "" })
	if gw.Describe().Account != "" {
		t.Error("the account is known before anybody asked")
	}
	r, err := gw.Inspect(ctx)
	if err != nil || r.Account != "acct_1Other" || gw.Describe().Account != "acct_1Other" {
		t.Fatalf("%+v, %v; %+v", r, err, gw.Describe())
	}
	if r, err := g.gateway(restricted).Inspect(ctx); err != nil || r.Name != "Kiln & Orchard" {
		t.Errorf("%+v, %v", r, err)
	}
}

// untold is Stripe that refuses to say whose a key is, and does not name the account with it.
type untold struct{ http.RoundTripper }

func (u untold) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path != "/v1/account" {
		return u.RoundTripper.RoundTrip(r)
	}
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusForbidden)
	_, _ = w.WriteString(`{"error":{"type":"invalid_request_error","message":"The key may not do this."}}`)
	answer := w.Result()
	answer.Request = r
	return answer, nil
}

// An account that was only typed is said to be so: it proves nothing.
func TestATypedAccountIsSaidToBeSo(t *testing.T) {
	g := newRig(t)
	r, err := g.gateway(foreign, func(o *stripe.Options) { o.Client = &http.Client{Transport: untold{g.way}} }).Inspect(context.Background())
	if err != nil || !r.Typed || r.Account != account {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err = g.gateway(restricted).Inspect(context.Background()); err != nil || r.Typed {
		t.Errorf("%+v, %v", r, err)
	}
}

// A restricted key with a right that the store never uses is warned about as a full key is.
func TestARestrictedKeyMayDoTooMuch(t *testing.T) {
	g := newRig(t)
	r, err := g.gateway(wide).Inspect(context.Background())
	if err != nil || len(r.Warnings) != 1 || r.Warnings[0] != "payment.key_full" {
		t.Errorf("%+v, %v", r, err)
	}
}

// A clock that is wrong is told before notices are refused because of it.
func TestAWrongClockIsTold(t *testing.T) {
	g := newRig(t)
	gw := g.gateway(restricted, func(o *stripe.Options) { o.Now = func() time.Time { return g.clock.Now().Add(90 * time.Second) } })
	r, err := gw.Inspect(context.Background())
	if err != nil || len(r.Warnings) != 1 || r.Warnings[0] != "payment.stripe_clock" {
		t.Errorf("%+v, %v", r, err)
	}
}

// A refund that is asked again after Stripe has forgotten the key is found by what was written beside it (row 45).
func TestARefundIsNotRepeatedAfterTheKeyIsForgotten(t *testing.T) {
	g := newRig(t)
	gw, ctx := g.gateway(restricted), context.Background()
	s := startOne(t, g, "a")
	g.server.Visit(s.Ref, "paid")
	first, err := gw.Refund(ctx, "k1", s.Ref, 1000)
	if err != nil {
		t.Fatal(err)
	}
	g.clock.Advance(72 * time.Hour)
	again, err := gw.Refund(ctx, "k1", s.Ref, 1000)
	if err != nil || again != first {
		t.Fatalf("%+v, %v; want %+v", again, err, first)
	}
	if now, err := gw.Fetch(ctx, s.Ref); err != nil || now.Refunded != 1000 {
		t.Fatalf("%+v, %v", now, err)
	}
}

// Part of a held sum is captured, and the rest, which Stripe lists among the refunds, counts as none: no money moved.
func TestAPartOfAHeldSum(t *testing.T) {
	g := newRig(t)
	gw, ctx := g.gateway(restricted), context.Background()
	s := startOne(t, g, "a", func(r *payment.StartRequest) { r.Manual = true })
	g.server.Visit(s.Ref, "paid")
	if h, err := gw.Fetch(ctx, s.Ref); err != nil || !h.HeldUntil.Equal(g.clock.Now().Add(7*24*time.Hour)) {
		t.Errorf("held until %s, %v", h.HeldUntil, err)
	}
	c, err := gw.Capture(ctx, "c1", s.Ref, 3000)
	if err != nil || c.Status != payment.StatusPaid || c.Captured != 3000 || c.Refunded != 0 || len(c.Refunds) != 0 {
		t.Fatalf("%+v, %v", c, err)
	}
	if _, err := gw.Refund(ctx, "k1", s.Ref, 3001); !errors.Is(err, payment.ErrDeclined) {
		t.Errorf("more than was captured: %v", err)
	}
	if _, err := gw.Refund(ctx, "k2", s.Ref, 3000); err != nil {
		t.Error(err)
	}
	if now, err := gw.Fetch(ctx, s.Ref); err != nil || now.Refunded != 3000 || len(now.Refunds) != 1 {
		t.Errorf("%+v, %v", now, err)
	}
}

// More refunds than fit into one answer are all found.
func TestManyRefunds(t *testing.T) {
	g := newRig(t)
	gw, ctx := g.gateway(restricted), context.Background()
	s := startOne(t, g, "a")
	g.server.Visit(s.Ref, "paid")
	for i := range 14 {
		if _, err := gw.Refund(ctx, "k"+string(rune('a'+i)), s.Ref, 100); err != nil {
			t.Fatal(err)
		}
	}
	now, err := gw.Fetch(ctx, s.Ref)
	if err != nil || len(now.Refunds) != 14 || now.Refunded != 1400 || now.Refunds[0].Key != "ka" || now.Refunds[13].Key != "kn" {
		t.Fatalf("%+v, %v", now, err)
	}
}

// Currencies that Stripe counts in another way than ISO 4217 does.
func TestCurrenciesAsStripeCountsThem(t *testing.T) {
	for _, c := range []struct {
		currency money.Currency
		amount   money.Amount
		sent     string
	}{{"ISK", 4990, "499000"}, {"JPY", 4990, "4990"}, {"KWD", 4990, "4990"}, {"KWD", 4991, ""}, {"EUR", 4990, "4990"}} {
		g := newRig(t)
		r := g.request("a", func(r *payment.StartRequest) { r.Currency, r.Amount = c.currency, c.amount })
		s, err := g.gateway(restricted).Start(context.Background(), r)
		if c.sent == "" {
			if !errors.Is(err, payment.ErrRejected) {
				t.Errorf("%d %s: %v", c.amount, c.currency, err)
			}
			continue
		}
		if err != nil || s.Amount != c.amount || s.Currency != c.currency {
			t.Fatalf("%d %s: %+v, %v", c.amount, c.currency, s, err)
		}
		calls := g.server.Calls()
		if form, _ := url.ParseQuery(calls[len(calls)-1].Form); form.Get("line_items[0][price_data][unit_amount]") != c.sent {
			t.Errorf("%d %s is sent as %s; want %s", c.amount, c.currency, form.Get("line_items[0][price_data][unit_amount]"), c.sent)
		}
		g.server.Visit(s.Ref, "paid")
		if now, err := g.gateway(restricted).Fetch(context.Background(), s.Ref); err != nil || now.Captured != c.amount {
			t.Errorf("%s: %+v, %v", c.currency, now, err)
		}
	}
}

// What Stripe tells about a card is passed on, and nothing is made up where it tells nothing.
func TestSignals(t *testing.T) {
	g := newRig(t)
	gw, ctx := g.gateway(restricted), context.Background()
	for outcome, want := range map[string]payment.Signals{
		"paid":    {Country: "AT", Postcode: "pass"},
		"secured": {Country: "AT", Postcode: "pass", Secured: true},
		"pending": {},
	} {
		s := startOne(t, g, outcome)
		g.server.Visit(s.Ref, outcome)
		now, err := gw.Fetch(ctx, s.Ref)
		if err != nil || now.Signals != want {
			t.Errorf("%s: %+v, %v; want %+v", outcome, now.Signals, err, want)
		}
	}
	// A key that may not read charges counts nothing, and no payment waits for that.
	s := startOne(t, g, "z")
	g.server.Visit(s.Ref, "declined")
	g.server.Visit(s.Ref, "paid")
	now, err := g.gateway(blind).Fetch(ctx, s.Ref)
	if err != nil || now.Status != payment.StatusPaid || now.Signals.Declines != 0 || now.Signals.Country != "AT" {
		t.Errorf("a key that may not read charges sees %+v, %v", now, err)
	}
}
