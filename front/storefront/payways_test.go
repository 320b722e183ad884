package storefront

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"strongroom/shop/payment"
)

// Shoppers see the marks of exactly the providers that are on at this moment, how much they pay and where they go, and
// form-action names exactly those origins (V3.4.3).
func TestShoppersSeeWhatIsSwitchedOn_V3_4_3(t *testing.T) {
	v := newVisitor(t)
	on := payProviders()
	v.s.Providers = func() []payment.Description { return on }
	v.fill()
	v.details(nil)
	csp := func() string {
		return v.send("GET", "/en/checkout/pay", nil).Header().Get("Content-Security-Policy")
	}
	one := v.page("/en/checkout/pay", 200)
	for _, want := range []string{"Dune Pay (sandbox)", "pay.localhost", "You leave our shop for pay.localhost", "and pay €52.90 there"} {
		if !strings.Contains(one, want) {
			t.Errorf("one provider: the page lacks %q", want)
		}
	}
	if strings.Contains(one, `name="method"`) {
		t.Error("one provider, and a choice")
	}
	on = append(on, payment.Description{Name: "second", Label: "Second & Co", Origin: "https://second.example", Methods: []string{"card"}})
	two := v.page("/en/checkout/pay", 200)
	for _, want := range []string{`name="method" value="sandbox" checked`, `name="method" value="second"`, "Second &amp; Co", "second.example"} {
		if !strings.Contains(two, want) {
			t.Errorf("two providers: the page lacks %q", want)
		}
	}
	if got := csp(); !strings.Contains(got, "form-action 'self' https://pay.localhost:8443 https://second.example;") {
		t.Errorf("two providers: %q", got)
	}
	if cart := v.page("/en/cart", 200); strings.Count(cart, `class="paymark"`) != 2 {
		t.Error("the cart does not show two marks")
	}
	on = nil
	if none := v.page("/en/checkout/pay", 200); !strings.Contains(none, "cannot take payments at the moment") || strings.Contains(none, "paymark") {
		t.Error("nobody takes money, and the page does not say so")
	}
	if got := csp(); !strings.Contains(got, "form-action 'self';") {
		t.Errorf("nobody takes money: %q", got)
	}
}

// A provider that is switched off between the page and the button is told of, and nothing is lost.
func TestChosenProviderIsGone(t *testing.T) {
	v := newVisitor(t)
	v.fill()
	v.details(nil)
	form := fields(t, v.page("/en/checkout/pay", 200), "/en/checkout/pay")
	form["method"] = []string{"gone"}
	w := v.send("POST", "/en/checkout/pay", form)
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "This way to pay is not offered") {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	delete(form, "method")
	if w = v.send("POST", "/en/checkout/pay", form); w.Code != http.StatusSeeOther {
		t.Fatalf("then without a choice: status %d", w.Code)
	}
	again := fields(t, v.page("/en/order", 200), "/en/order/pay")
	again["method"] = []string{"gone"}
	if to := v.send("POST", "/en/order/pay", again).Header().Get("Location"); to != "/en/order?pay=gone" {
		t.Errorf("the order leads to %q", to)
	}
	if !strings.Contains(v.page("/en/order?pay=gone", 200), "Please choose another one") {
		t.Error("the order's page does not say what happened")
	}
}

// Payment at pick-up is offered to who picks up, up to its sum, and says that nothing is paid now; a parcel never sees it.
func TestPickUpIsOfferedWithPickingUp(t *testing.T) {
	v := newVisitor(t)
	on := append(payProviders(), payment.Description{Name: "pickup", Label: "x", Origin: v.s.Shop.PublicURL, Methods: []string{"pickup"}, Offline: true, Counter: true, Hold: 5 * 24 * time.Hour})
	v.s.Providers = func() []payment.Description { return on }
	v.fill()
	v.details(nil)
	if page := v.page("/en/checkout/pay", 200); strings.Contains(page, "Pay at pick-up") || strings.Contains(page, `name="method"`) {
		t.Error("a parcel is offered payment at pick-up")
	}
	if cart := v.page("/en/cart", 200); !strings.Contains(cart, "Pay at pick-up") {
		t.Error("the cart does not show what is switched on")
	}
	v.details(map[string][]string{"offer": {"pickup"}})
	both := v.page("/en/checkout/pay", 200)
	for _, want := range []string{`name="method" value="pickup"`, "Pay at pick-up", "kept 5 days for you", "Otherwise the page of your order says how to pay"} {
		if !strings.Contains(both, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	on = on[len(on)-1:]
	if alone := v.page("/en/checkout/pay", 200); !strings.Contains(alone, "Nothing is paid now") || strings.Contains(alone, "come back to our shop") {
		t.Error("the only way is at the counter, and the page tells of another one")
	}
	on[0].Most = 100
	if none := v.page("/en/checkout/pay", 200); strings.Contains(none, "Pay at pick-up") {
		t.Error("it is offered above its greatest sum")
	}
}
