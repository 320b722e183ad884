package stripe_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"strongroom/base/clock"
	"strongroom/tools/standin/stripe"
)

const key = "rk_test_0123456789"

func ask(s *stripe.Server, method, path, idem, form string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "https://api.test"+path, strings.NewReader(form))
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if idem != "" {
		r.Header.Set("Idempotency-Key", idem)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func newServer(rights ...string) (*stripe.Server, *clock.Manual) {
	c := clock.NewManual(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))
	return stripe.New(stripe.Config{Clock: c, Accounts: []stripe.Account{{ID: "acct_1", Keys: []stripe.Key{{Secret: key, Rights: rights}}}}}), c
}

const session = "mode=payment&success_url=https%3A%2F%2Fshop.test%2Fpaid&line_items[0][quantity]=1&line_items[0][price_data][currency]=eur" +
	"&line_items[0][price_data][unit_amount]=4990&line_items[0][price_data][product_data][name]=Order+K7Q2"

var idOf = regexp.MustCompile(`"id":"(cs_test_[0-9a-f]+)"`)

// The hosted page tells what is paid, has no field for a card, leads back when it was paid, and ends with its session.
func TestHostedPage(t *testing.T) {
	s, c := newServer(stripe.Rights()...)
	id := idOf.FindStringSubmatch(ask(s, "POST", "/v1/checkout/sessions", "a", session).Body.String())[1]
	other := idOf.FindStringSubmatch(ask(s, "POST", "/v1/checkout/sessions", "b", session).Body.String())[1]
	page := ask(s, "GET", "/c/pay/"+id, "", "").Body.String()
	if !strings.Contains(page, "Order K7Q2") || !strings.Contains(page, `value="declined"`) || strings.Contains(page, "<input") {
		t.Errorf("the page is %s", page)
	}
	if w := ask(s, "POST", "/c/pay/"+id, "", "outcome=declined"); w.Code != http.StatusOK {
		t.Errorf("declined: %d", w.Code)
	}
	if w := ask(s, "POST", "/c/pay/"+id, "", "outcome=paid"); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "https://shop.test/paid" {
		t.Errorf("paid: %d %s", w.Code, w.Header().Get("Location"))
	}
	c.Advance(25 * time.Hour)
	for _, v := range []string{id, other} {
		if w := ask(s, "POST", "/c/pay/"+v, "", "outcome=paid"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "has ended") {
			t.Errorf("after the end: %d %s", w.Code, w.Body)
		}
	}
	if w := ask(s, "GET", "/c/pay/cs_test_none", "", ""); w.Code != http.StatusNotFound {
		t.Errorf("no session: %d", w.Code)
	}
}

// It is strict where Stripe is.
func TestItIsStrict(t *testing.T) {
	s, _ := newServer("checkout_session_write")
	for name, c := range map[string]struct {
		method, path, idem, form string
		status                   int
		says                     string
	}{
		"unknown parameter":      {"POST", "/v1/checkout/sessions", "", session + "&invented=1", 400, "parameter_unknown"},
		"nested unknown":         {"POST", "/v1/checkout/sessions", "", session + "&line_items[0][price_data][price]=1", 400, "parameter_unknown"},
		"given twice":            {"POST", "/v1/checkout/sessions", "", session + "&mode=payment", 400, "mode"},
		"too little":             {"POST", "/v1/checkout/sessions", "", strings.Replace(session, "4990", "49", 1), 400, "amount_too_small"},
		"too soon":               {"POST", "/v1/checkout/sessions", "", session + "&expires_at=1793610060", 400, "expires_at"},
		"no right":               {"GET", "/v1/charges", "", "", 403, "on account 'acct_1'"},
		"no session":             {"GET", "/v1/checkout/sessions/cs_test_none", "", "", 404, "resource_missing"},
		"no such path":           {"GET", "/v1/invented", "", "", 404, "Unrecognized"},
		"first under a key":      {"POST", "/v1/checkout/sessions", "", session, 200, "cs_test_"},
		"the right covers reads": {"GET", "/v1/checkout/sessions", "", "", 200, `"object":"list"`},
	} {
		if w := ask(s, c.method, c.path, c.idem, c.form); w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

// One key is one effect for a day; another request under it is refused; what was refused for its parameters is not kept.
func TestKeysAreKept(t *testing.T) {
	s, c := newServer(stripe.Rights()...)
	if w := ask(s, "POST", "/v1/checkout/sessions", "a", "mode=gift"); w.Code != 400 {
		t.Fatal(w.Code)
	}
	first := ask(s, "POST", "/v1/checkout/sessions", "a", session).Body.String()
	if again := ask(s, "POST", "/v1/checkout/sessions", "a", session).Body.String(); again != first {
		t.Error("one key made two sessions")
	}
	if w := ask(s, "POST", "/v1/checkout/sessions", "a", session+"&locale=de"); w.Code != 400 || !strings.Contains(w.Body.String(), "idempotency_error") {
		t.Errorf("another request: %d %s", w.Code, w.Body)
	}
	c.Advance(25 * time.Hour)
	if later := ask(s, "POST", "/v1/checkout/sessions", "a", session).Body.String(); later == first {
		t.Error("the key is remembered for longer than a day")
	}
	for _, call := range s.Calls() {
		if f, err := url.ParseQuery(call.Form); err != nil || f.Get("mode") == "" {
			t.Errorf("the witness says %+v", call)
		}
	}
}
