package paypal_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/base/money"
	"strongroom/shop/payment"
	"strongroom/shop/payment/paypal"
	standin "strongroom/tools/standin/paypal"
)

var bg = context.Background()

// FuzzAnswer: any order that PayPal describes is taken without a panic, and a page is only ever at PayPal's own address.
func FuzzAnswer(f *testing.F) {
	f.Add(`{"id":"5O1","intent":"CAPTURE","status":"CREATED","purchase_units":[{"amount":{"currency_code":"EUR","value":"1.00"},"custom_id":"r.sale.1893456000"}]}`, 200)
	f.Add(`{"id":"5O1","intent":"AUTHORIZE","purchase_units":[{"amount":{"currency_code":"JPY","value":"-5"},"payments":{"captures":[{"amount":{}}]}}]}`, 200)
	f.Add(`{"id":"5O1","purchase_units":[{"amount":{"currency_code":"EUR","value":"99999999999999999999"}}]}`, 200)
	f.Add(`{"name":"UNPROCESSABLE_ENTITY","details":[{"issue":"INSTRUMENT_DECLINED"}]}`, 422)
	f.Fuzz(func(t *testing.T, body string, status int) {
		if status < 200 || status > 499 || status == 429 || status == 409 || status == 408 {
			status = 200
		}
		g := newRig(t)
		calls := 0
		g.sandbox.way.change = canned(&calls, status, body)
		ctx, cancel := context.WithTimeout(bg, 50*time.Millisecond) // no time for repetitions
		defer cancel()
		s, err := g.gateway().Fetch(ctx, "5O1")
		if err == nil && (s.Ref != "5O1" || money.Check(s.Amount) != nil || s.URL != "" && !strings.HasPrefix(s.URL, sandboxBase+"/")) {
			t.Fatalf("took %+v", s)
		}
	})
}

// V13.2.1: a half configuration is refused when the engine is made, and PayPal's own addresses belong to one mode each.
func TestOptionsAreChecked(t *testing.T) {
	g := newRig(t)
	for name, edit := range map[string]func(*paypal.Options){
		"no mode":         func(o *paypal.Options) { o.Mode = "" },
		"odd mode":        func(o *paypal.Options) { o.Mode = "sandbox" },
		"no client id":    func(o *paypal.Options) { o.ClientID = "" },
		"no secret":       func(o *paypal.Options) { o.Secret = "" },
		"secret, spaced":  func(o *paypal.Options) { o.Secret += " x" },
		"account":         func(o *paypal.Options) { o.Account = "shop@example.com" },
		"webhook":         func(o *paypal.Options) { o.WebhookID = "../x" },
		"a path":          func(o *paypal.Options) { o.BaseURL += "/v2" },
		"not encrypted":   func(o *paypal.Options) { o.BaseURL = "http://api.paypal.test" },
		"a page's query":  func(o *paypal.Options) { o.PageURL = "https://www.paypal.test?x" },
		"somebody's name": func(o *paypal.Options) { o.BaseURL = "https://me@api.paypal.test" },
	} {
		o := g.options()
		edit(&o)
		if _, err := paypal.New(o); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	for mode, want := range map[payment.Mode]string{payment.Test: "https://www.sandbox.paypal.com", payment.Live: "https://www.paypal.com"} {
		gw, err := paypal.New(paypal.Options{ClientID: clientID, Secret: secret, Account: merchant, Mode: mode})
		if err != nil {
			t.Fatal(err)
		}
		if d := gw.Describe(); d.Name != "paypal" || d.Label != "PayPal" || d.Origin != want || d.Mode != mode || d.Account != merchant {
			t.Errorf("%+v", d)
		}
	}
}

func request(g *rig, key string) payment.StartRequest {
	return payment.StartRequest{Key: key, Reference: "ref" + key, Order: "K7Q2-M9XD", Amount: 4990, Currency: "EUR",
		ReturnURL: "https://shop.example/return", CancelURL: "https://shop.example/cancel", Language: "de",
		Expires: g.clock.Now().Add(35 * time.Minute)}
}

func start(t *testing.T, g *rig, gw *paypal.Gateway, key string, edit ...func(*payment.StartRequest)) payment.Session {
	t.Helper()
	r := request(g, key)
	for _, e := range edit {
		e(&r)
	}
	s, err := gw.Start(bg, r)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func status(t *testing.T, gw *paypal.Gateway, ref string, want payment.Status) payment.Session {
	t.Helper()
	s, err := gw.Fetch(bg, ref)
	if err != nil {
		t.Fatal(err)
	}
	if s.Status != want {
		t.Fatalf("the session is %s; want %s", s.Status, want)
	}
	return s
}

// Approving moves no money: the session is authorised until the service captures it, and what is approved after the
// order was closed can never be captured, whoever tries.
func TestApprovedIsNotPaid(t *testing.T) {
	g := newRig(t)
	gw := g.gateway()
	s := start(t, g, gw, "a")
	g.sandbox.Approve(s.Ref, "balance")
	if a := status(t, gw, s.Ref, payment.StatusAuthorised); a.Captured != 0 || a.Signals.Country != "AT" || a.URL != "" {
		t.Errorf("approved: %+v", a)
	}
	if e, err := gw.Expire(bg, "x", s.Ref); err != nil || e.Status != payment.StatusAuthorised {
		t.Errorf("Expire took what was approved first: %+v, %v", e, err)
	}
	if _, err := gw.Capture(bg, "part", s.Ref, 1000); !errors.Is(err, payment.ErrDeclined) {
		t.Errorf("an approved order was captured in part: %v", err)
	}
	if p, err := gw.Capture(bg, "c", s.Ref, 4990); err != nil || p.Status != payment.StatusPaid || p.Captured != 4990 {
		t.Errorf("captured: %+v, %v", p, err)
	}

	late := start(t, g, gw, "late")
	if _, err := gw.Expire(bg, "x", late.Ref); err != nil {
		t.Fatal(err)
	}
	if g.sandbox.Approve(late.Ref, "balance") == "" {
		t.Fatal("PayPal knows nothing of our closing and lets the shopper approve")
	}
	status(t, gw, late.Ref, payment.StatusExpired)
	if _, err := gw.Capture(bg, "c", late.Ref, 4990); !errors.Is(err, payment.ErrDeclined) {
		t.Errorf("late approval: %v", err)
	}
	if code := g.raw(http.MethodPost, "/v2/checkout/orders/"+late.Ref+"/capture"); code != http.StatusUnprocessableEntity {
		t.Errorf("PayPal itself would capture a closed order: %d", code)
	}
	if f := status(t, gw, late.Ref, payment.StatusExpired); f.Captured != 0 || f.Reference != "reflate" {
		t.Errorf("after the late approval: %+v", f)
	}
}

// raw calls PayPal past the engine, with its keys.
func (g *rig) raw(method, path string) int {
	g.t.Helper()
	r, _ := http.NewRequest(http.MethodPost, sandboxBase+"/v1/oauth2/token", strings.NewReader("grant_type=client_credentials"))
	r.SetBasicAuth(clientID, secret)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	a, err := g.sandbox.way.RoundTrip(r)
	if err != nil {
		g.t.Fatal(err)
	}
	body, _ := io.ReadAll(a.Body)
	_, rest, _ := strings.Cut(string(body), `"access_token":"`)
	token, _, _ := strings.Cut(rest, `"`)
	r, _ = http.NewRequest(method, sandboxBase+path, strings.NewReader("{}"))
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	if a, err = g.sandbox.way.RoundTrip(r); err != nil {
		g.t.Fatal(err)
	}
	return a.StatusCode
}

// A held sum is captured in part, and the rest is let go; one that the payer's bank takes back is let go too.
func TestPartialCapture(t *testing.T) {
	g := newRig(t)
	gw := g.gateway()
	s := start(t, g, gw, "a", func(r *payment.StartRequest) { r.Manual = true })
	g.sandbox.Approve(s.Ref, "balance")
	h := status(t, gw, s.Ref, payment.StatusAuthorised)
	if h.Charge == "" || !h.HeldUntil.Equal(g.clock.Now().Add(3*24*time.Hour)) {
		t.Errorf("held as %q until %s", h.Charge, h.HeldUntil)
	}
	for range 2 {
		p, err := gw.Capture(bg, "c", s.Ref, 3000)
		if err != nil || p.Status != payment.StatusPaid || p.Captured != 3000 || p.Amount != 4990 {
			t.Fatalf("captured in part: %+v, %v", p, err)
		}
	}
	if _, err := gw.Capture(bg, "c2", s.Ref, 1990); !errors.Is(err, payment.ErrDeclined) {
		t.Errorf("the rest was captured after the last capture: %v", err)
	}
	if _, err := gw.Refund(bg, "k", s.Ref, 3001); !errors.Is(err, payment.ErrDeclined) {
		t.Errorf("refunded more than was captured: %v", err)
	}
	weak := start(t, g, gw, "b", func(r *payment.StartRequest) { r.Manual = true })
	g.sandbox.Approve(weak.Ref, "declined")
	status(t, gw, weak.Ref, payment.StatusDeclined)
	old := start(t, g, gw, "c", func(r *payment.StartRequest) { r.Manual = true })
	g.sandbox.Approve(old.Ref, "balance")
	status(t, gw, old.Ref, payment.StatusAuthorised)
	g.clock.Advance(30 * 24 * time.Hour)
	status(t, gw, old.Ref, payment.StatusVoided)
}

// PayPal forgets its keys after some hours; what must not happen twice does not even then.
func TestForgottenKeysDoNothingTwice(t *testing.T) {
	g := newRig(t)
	gw := g.gateway()
	s := start(t, g, gw, "a")
	g.visit(gw, s, "paid")
	first, err := gw.Refund(bg, "k1", s.Ref, 1000)
	if err != nil {
		t.Fatal(err)
	}
	g.clock.Advance(100 * time.Hour)
	again, err := gw.Refund(bg, "k1", s.Ref, 1000)
	if err != nil || again != first {
		t.Errorf("refunded again: %+v, %v", again, err)
	}
	if _, err := gw.Capture(bg, "visit-"+s.Ref, s.Ref, 4990); !errors.Is(err, payment.ErrDeclined) {
		t.Errorf("captured again: %v", err)
	}
	if f := status(t, gw, s.Ref, payment.StatusPaid); f.Captured != 4990 || f.Refunded != 1000 || len(f.Refunds) != 1 {
		t.Errorf("%+v", f)
	}
}

// A start whose answer was lost and whose time is over: an order that was made is found, and none is left behind that
// was not.
func TestStartAfterItsTime(t *testing.T) {
	g := newRig(t)
	gw := g.gateway()
	s, r := start(t, g, gw, "a"), request(g, "a")
	g.clock.Advance(time.Hour)
	if again, err := gw.Start(bg, r); err != nil || again.Ref != s.Ref {
		t.Errorf("the order was not found again: %+v, %v", again, err)
	}
	status(t, gw, s.Ref, payment.StatusExpired)
	r.Key, r.Reference = "never", "refnever"
	if _, err := gw.Start(bg, r); !errors.Is(err, payment.ErrRejected) {
		t.Errorf("%v; want ErrRejected", err)
	}
}

// An order number is paid once where the merchant wants it so: the second payment is declined and closed.
func TestDuplicateInvoice(t *testing.T) {
	g := newRig(t, func(o *standin.Options) { o.BlockDuplicates = true })
	gw := g.gateway()
	for i, want := range []payment.Status{payment.StatusPaid, payment.StatusDeclined} {
		s := start(t, g, gw, fmt.Sprint("n", i))
		g.visit(gw, s, "paid")
		status(t, gw, s.Ref, want)
	}
}

// V10.1.1, V10.2.3: one token serves everybody until shortly before its end, is fetched once however many wait for it,
// and is renewed when PayPal takes it back; it goes to PayPal's own address and nowhere else.
func TestOneTokenForAll(t *testing.T) {
	g := newRig(t)
	gw := g.gateway()
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if _, err := gw.Start(bg, request(g, fmt.Sprint("t", i))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	s := start(t, g, gw, "x", func(r *payment.StartRequest) { r.Expires = g.clock.Now().Add(40 * time.Hour) })
	if n := g.sandbox.Logins(); n != 1 {
		t.Fatalf("%d tokens for 21 calls; want 1", n)
	}
	g.sandbox.Revoke()
	status(t, gw, s.Ref, payment.StatusOpen)
	if n := g.sandbox.Logins(); n != 2 {
		t.Errorf("%d tokens after one was taken back; want 2", n)
	}
	g.clock.Advance(8*time.Hour + 57*time.Minute)
	start(t, g, gw, "y")
	g.clock.Advance(2 * time.Minute)
	start(t, g, gw, "z")
	if n := g.sandbox.Logins(); n != 3 {
		t.Errorf("%d tokens; want a third shortly before the second's end", n)
	}
}

// canned answers everything but the token with one answer.
func canned(calls *int, status int, body string) func(*http.Request) *http.Response {
	return func(r *http.Request) *http.Response {
		if r.URL.Path == "/v1/oauth2/token" {
			return nil
		}
		*calls++
		return &http.Response{StatusCode: status, Header: http.Header{"Location": {"https://evil.test/"}, "Content-Type": {"application/json"}},
			Body: io.NopCloser(strings.NewReader(body))}
	}
}

// Odd answers become one of the seam's errors, and only those that leave it open whether something happened are repeated.
func TestOddAnswers(t *testing.T) {
	const ref = "5O190127TN364715T"
	unit := `{"amount":{"currency_code":"EUR","value":"49.90"},"payee":{"merchant_id":"` + merchant + `"},"custom_id":"r.sale.1793700000"}`
	order := func(edit string) string {
		return `{"id":"` + ref + `","intent":"CAPTURE","status":"CREATED","purchase_units":[` + unit + `]` + edit + `}`
	}
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   error
		calls  int
	}{
		{"a page", 200, "<html>hello</html>", payment.ErrTemporary, 3},
		{"another order", 200, strings.Replace(order(""), ref, "1AB", 1), payment.ErrMismatch, 1},
		{"nothing", 200, `{}`, payment.ErrMismatch, 1},
		{"two purchases", 200, strings.Replace(order(""), unit, unit+","+unit, 1), payment.ErrMismatch, 1},
		{"no number", 200, strings.Replace(order(""), "49.90", "4e9", 1), payment.ErrMismatch, 1},
		{"another currency", 200, strings.Replace(order(""), `"EUR"`, `"XXX"`, 1), payment.ErrMismatch, 1},
		{"a page elsewhere", 200, order(`,"links":[{"rel":"approve","href":"https://evil.test/checkoutnow?token=1"}]`), payment.ErrMismatch, 1},
		{"a page that looks alike", 200, order(`,"links":[{"rel":"payer-action","href":"https://api-m.sandbox.paypal.test@evil.test/"}]`), payment.ErrMismatch, 1},
		{"a script", 200, order(`,"links":[{"rel":"approve","href":"javascript:alert(1)"}]`), payment.ErrMismatch, 1},
		{"a redirect", 302, "", payment.ErrRejected, 1},
		{"too many", 429, `{"name":"RATE_LIMIT_REACHED"}`, payment.ErrTemporary, 3},
		{"in progress", 409, `{"name":"RESOURCE_CONFLICT","details":[{"issue":"PREVIOUS_REQUEST_IN_PROGRESS"}]}`, payment.ErrTemporary, 3},
		{"broken", 500, "<html>", payment.ErrTemporary, 3},
		{"an endless answer", 200, `{"id":"` + strings.Repeat("x", 1<<20) + `"}`, payment.ErrTemporary, 3},
		{"not allowed", 403, `{"name":"NOT_AUTHORIZED"}`, payment.ErrRejected, 1},
		{"not authenticated", 401, `{"name":"AUTHENTICATION_FAILURE"}`, payment.ErrRejected, 2},
		{"not found", 404, `{"name":"RESOURCE_NOT_FOUND"}`, payment.ErrNotFound, 1},
		{"an unknown word", 422, `{"name":"UNPROCESSABLE_ENTITY","details":[{"issue":"SOMETHING_NEW"}]}`, payment.ErrRejected, 1},
	} {
		g := newRig(t)
		calls := 0
		g.sandbox.way.change = canned(&calls, c.status, c.body)
		_, err := g.gateway().Fetch(bg, ref)
		if !errors.Is(err, c.want) || payment.Final(err) != (c.want != payment.ErrTemporary) || calls != c.calls {
			t.Errorf("%s: %v after %d calls; want %v after %d", c.name, err, calls, c.want, c.calls)
		}
	}
}

// Another merchant's order, though our keys could see it, is told as what it is: the service compares the account.
func TestAccountIsTold(t *testing.T) {
	g := newRig(t)
	calls := 0
	g.sandbox.way.change = canned(&calls, 200, `{"id":"5O190127TN364715T","intent":"CAPTURE","status":"CREATED","purchase_units":[{"amount":`+
		`{"currency_code":"EUR","value":"49.90"},"payee":{"merchant_id":"`+stranger+`"},"custom_id":"r.sale.1793700000"}]}`)
	if s, err := g.gateway().Fetch(bg, "5O190127TN364715T"); err != nil || s.Account != stranger {
		t.Errorf("%+v, %v", s, err)
	}
}

// Amounts are written as PayPal wants them: some currencies without decimals, and nothing that it does not take.
func TestAmounts(t *testing.T) {
	g := newRig(t)
	gw := g.gateway()
	for i, c := range []struct {
		amount   money.Amount
		currency money.Currency
		ok       bool
	}{{1, "EUR", true}, {4990, "EUR", true}, {500, "JPY", true}, {50000, "HUF", true}, {50050, "HUF", false}, {1000, "KWD", false},
		{100, "XXX", false}, {0, "EUR", false}, {money.Max + 1, "EUR", false}} {
		r := request(g, fmt.Sprint("m", i))
		r.Amount, r.Currency = c.amount, c.currency
		s, err := gw.Start(bg, r)
		if c.ok && (err != nil || s.Amount != c.amount || s.Currency != c.currency) || !c.ok && !errors.Is(err, payment.ErrRejected) {
			t.Errorf("%d %s: %+v, %v", c.amount, c.currency, s, err)
		}
	}
}

// Keys of the other mode are refused with the reason, and unknown ones without it.
func TestKeysOfTheOtherMode(t *testing.T) {
	g := newRig(t)
	_, err := g.gateway(func(o *paypal.Options) { o.ClientID, o.Secret = liveID, liveSecret }).Inspect(bg)
	if !errors.Is(err, payment.ErrMismatch) || errors.Is(err, payment.ErrRejected) || !errors.Is(err, paypal.ErrOtherMode) {
		t.Errorf("live keys in test mode: %v", err)
	}
	_, err = g.gateway(func(o *paypal.Options) { o.Secret = "EKx0-nobodys-secret" }).Inspect(bg)
	if !errors.Is(err, payment.ErrRejected) || errors.Is(err, paypal.ErrOtherMode) {
		t.Errorf("nobody's keys: %v", err)
	}
}

// What is known of a session needs no search: its movements come with the order, fees and all.
func TestMovementsOf(t *testing.T) {
	g := newRig(t)
	gw := g.gateway()
	s := start(t, g, gw, "a")
	g.visit(gw, s, "paid")
	g.clock.Advance(time.Minute)
	if _, err := gw.Refund(bg, "refa-refund-1", s.Ref, 1000); err != nil {
		t.Fatal(err)
	}
	list, err := gw.MovementsOf(bg, s.Ref)
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	if p := list[0]; p.Kind != payment.MovedPayment || p.Amount != 4990 || p.Fee != 159 || p.Session != s.Ref || p.Reference != "refa" {
		t.Errorf("the payment: %+v", p)
	}
	if r := list[1]; r.Kind != payment.MovedRefund || r.Amount != -1000 || r.Charge != list[0].Charge || r.Refund == "" {
		t.Errorf("the refund: %+v", r)
	}
	all, _, err := gw.Movements(bg, g.clock.Now().Add(-time.Hour), g.clock.Now().Add(time.Hour), "")
	if err != nil || len(all) != 2 || all[0].Fee != 159 || all[1].Reference != "refa" {
		t.Errorf("the statement says otherwise: %+v, %v", all, err)
	}
}

// Evidence goes to PayPal in its own kinds.
func TestEvidence(t *testing.T) {
	g := newRig(t)
	gw := g.gateway()
	s := start(t, g, gw, "a")
	g.visit(gw, s, "paid")
	ref := g.sandbox.Dispute(status(t, gw, s.Ref, payment.StatusPaid).Charge, false)
	d, err := gw.Answer(bg, "k", ref, payment.Evidence{Product: "A bowl", Address: "Mill Lane", Carrier: "dhl", Tracking: "JD0146",
		Policy: "30 days", Text: strings.Repeat("ä", 3000), Submit: true})
	if err != nil || d.Status != payment.DisputeReview || d.Session != s.Ref || d.Reason != "fraudulent" || d.Fee != 1600 {
		t.Fatalf("%+v, %v", d, err)
	}
	if got := strings.Join(g.sandbox.Heard(ref), " "); got != "PROOF_OF_FULFILLMENT ITEM_DESCRIPTION RETURN_POLICY OTHER" {
		t.Errorf("PayPal heard %q", got)
	}
}

// Every part of the interface that the engine uses is one that PayPal describes, and the checks have seen it.
func TestEveryCallIsDescribed(t *testing.T) {
	g := newRig(t)
	if g.sandbox.way.set == nil {
		return // said by descriptions
	}
	b := g.beyond()
	gw := g.gateway()
	for i, outcome := range []string{"paid", "declined", "pending"} {
		g.visit(gw, start(t, g, gw, fmt.Sprint("a", i)), outcome)
	}
	for _, verb := range []string{"capture", "void"} {
		s := start(t, g, gw, "h"+verb, func(r *payment.StartRequest) { r.Manual = true })
		g.sandbox.Approve(s.Ref, "balance")
		var err error
		if verb == "capture" {
			_, err = gw.Capture(bg, "c", s.Ref, 4990)
			ref := b.Dispute(status(t, gw, s.Ref, payment.StatusPaid), true)
			_, aerr := gw.Accept(bg, "k", ref)
			_, _, lerr := gw.Disputes(bg, g.clock.Now().Add(-time.Hour), "")
			_, rerr := gw.Refund(bg, "r", s.Ref, 1)
			err = errors.Join(err, aerr, lerr, rerr)
		} else {
			_, err = gw.Fetch(bg, s.Ref)
			_, verr := gw.Void(bg, "v", s.Ref)
			err = errors.Join(err, verr)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, kinds := range []string{"*", "PAYMENT.CAPTURE.COMPLETED"} {
		g.sandbox.Webhook(clientID, "https://shop.test/"+kinds, kinds)
		if _, err := gw.Subscribe(bg, "s", "https://shop.test/"+kinds); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := gw.Subscribe(bg, "s", b.Address); err != nil {
		t.Fatal(err)
	}
	n := b.Sign(g.clock.Now(), "", nil)
	if _, err := gw.ParseNotice(bg, g.clock.Now(), n.Header, n.Body); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"POST /v2/checkout/orders", "GET /v2/checkout/orders/{id}", "PATCH /v2/checkout/orders/{id}",
		"POST /v2/checkout/orders/{id}/capture", "POST /v2/checkout/orders/{id}/authorize",
		"POST /v2/payments/authorizations/{authorization_id}/capture", "POST /v2/payments/authorizations/{authorization_id}/void",
		"GET /v2/payments/captures/{capture_id}", "POST /v2/payments/captures/{capture_id}/refund", "GET /v1/customer/disputes",
		"GET /v1/customer/disputes/{id}", "POST /v1/customer/disputes/{id}/accept-claim", "POST /v1/notifications/webhooks",
		"GET /v1/notifications/webhooks", "PATCH /v1/notifications/webhooks/{webhook_id}", "POST /v1/notifications/verify-webhook-signature"} {
		if g.sandbox.way.seen[want] == 0 {
			t.Errorf("%s was not seen", want)
		}
	}
}
