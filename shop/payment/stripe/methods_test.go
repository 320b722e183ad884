package stripe_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"strongroom/shop/payment"
	"strongroom/shop/payment/stripe"
)

// What is offered on Stripe's page is what was chosen and nothing that the account's own settings add; a shopper who is to
// prove who she is finds no direct debit there.
func TestTheChosenMethodsAreOffered(t *testing.T) {
	var form url.Values
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			_ = r.ParseForm()
			form = r.PostForm
		} else { // whose key it is, and of which mode
			_, _ = w.Write([]byte(`{"id":"acct_1KilnAndOrchard","object":"account","livemode":false}`))
			return
		}
		http.Error(w, `{"error":{"type":"invalid_request_error","message":"no"}}`, http.StatusBadRequest)
	}))
	defer api.Close()
	for _, c := range []struct {
		methods, want string
		secure, step  bool
	}{
		{"", "card", false, false}, {"card ideal sepa_debit", "card ideal sepa_debit", false, false},
		{"card ideal sepa_debit", "card ideal", true, true}, {"ideal", "ideal", true, false}, {"sepa_debit", "sepa_debit", true, false},
	} {
		g, err := stripe.New(stripe.Options{Key: "rk_test_51restricted0123456789", Account: "acct_1KilnAndOrchard", Methods: strings.Fields(c.methods), BaseURL: api.URL})
		if err != nil {
			t.Fatal(err)
		}
		form = nil
		_, err = g.Start(context.Background(), payment.StartRequest{Key: "k", Reference: "r", Order: "K7Q2-M9XD", Amount: 1000, Currency: "EUR", Secure: c.secure,
			ReturnURL: "https://shop.example/r", CancelURL: "https://shop.example/c", Expires: time.Now().Add(time.Hour)})
		got := []string{}
		for i := range 9 {
			if v := form.Get("payment_method_types[" + string(rune('0'+i)) + "]"); v != "" {
				got = append(got, v)
			}
		}
		step := form.Get("payment_method_options[card][request_three_d_secure]") != ""
		if strings.Join(got, " ") != c.want || step != c.step || form.Get("automatic_payment_methods[enabled]") != "" {
			t.Errorf("%+v: offered %q, step %v (%v)", c, got, step, err)
		}
	}
	if eur := stripe.MethodsFor("EUR"); eur[0] != "card" || !slices.Contains(eur, "ideal") || slices.Contains(eur, "twint") {
		t.Errorf("in euro: %q", eur)
	}
	for _, m := range slices.Concat(stripe.MethodsFor("EUR"), stripe.MethodsFor("CHF"), stripe.MethodsFor("GBP"), stripe.MethodsFor("USD")) {
		if _, err := stripe.New(stripe.Options{Key: "rk_test_51restricted0123456789", Methods: []string{m}}); err != nil {
			t.Errorf("%s is offered and not known: %v", m, err)
		}
	}
}
