package paypal

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// post is a shopper's browser, or a store that speaks to the stand-in by hand.
func post(s *Server, path, kind, body, token string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func between(s, before, after string) string {
	_, rest, _ := strings.Cut(s, before)
	v, _, _ := strings.Cut(rest, after)
	return v
}

// The page names what is asked for, has no field for a card, and leads back with the order's name; what is over cannot
// be approved. Notices go to their address until somebody takes them.
func TestPageAndNotices(t *testing.T) {
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	taken, status := 0, http.StatusServiceUnavailable
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Paypal-Transmission-Sig") != "" {
			taken++
		}
		w.WriteHeader(status)
	}))
	defer shop.Close()
	s := New(Options{Base: "https://pp.test", Now: func() time.Time { return now }, Client: shop.Client(),
		Apps: []App{{ClientID: "id", Secret: "secret", Merchant: "7HRUS5NJ2C8XK", Email: "shop@example.com"}}})
	s.Webhook("id", shop.URL, "*")
	r := httptest.NewRequest(http.MethodPost, "/v1/oauth2/token", strings.NewReader("grant_type=client_credentials"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth("id", "secret")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	token := between(w.Body.String(), `"access_token":"`, `"`)
	made := func() string {
		w := post(s, "/v2/checkout/orders", "application/json", `{"intent":"CAPTURE","purchase_units":[{"amount":{"currency_code":"EUR","value":"49.90"},
			"invoice_id":"K7Q2"}],"application_context":{"return_url":"https://shop.test/back?x=1","cancel_url":"https://shop.test/cart"}}`, token)
		return between(w.Body.String(), `"id":"`, `"`)
	}
	id := made()
	page := httptest.NewRecorder()
	s.ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/checkoutnow?token="+id, nil))
	if text := page.Body.String(); !strings.Contains(text, "49.90 EUR") || !strings.Contains(text, "K7Q2") || strings.Contains(text, "<input") {
		t.Errorf("the page says %s", text)
	}
	const form = "application/x-www-form-urlencoded"
	if to := post(s, "/checkoutnow?token="+id, form, "funding=cancel", "").Header().Get("Location"); to != "https://shop.test/cart?token="+id {
		t.Errorf("cancelling leads to %q", to)
	}
	if to := post(s, "/checkoutnow?token="+id, form, "funding=balance", "").Header().Get("Location"); !strings.HasPrefix(to, "https://shop.test/back?PayerID=") || !strings.Contains(to, "x=1") || !strings.Contains(to, "token="+id) {
		t.Errorf("approving leads to %q", to)
	}
	if w := post(s, "/checkoutnow?token="+id, form, "funding=balance", ""); w.Code != http.StatusConflict {
		t.Errorf("approved twice: %d", w.Code)
	}
	old := made()
	now = now.Add(4 * time.Hour)
	if w := post(s, "/checkoutnow?token="+old, form, "funding=balance", ""); w.Code != http.StatusConflict {
		t.Errorf("approved after PayPal's own time: %d", w.Code)
	}
	s.Step()
	status = http.StatusNoContent
	s.Step()
	s.Step()
	if taken != 2 {
		t.Errorf("the notice came %d times; want once more than it was refused", taken)
	}
}
