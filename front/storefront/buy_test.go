package storefront

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// visitor is a browser with cookies and without script.
type visitor struct {
	t       *testing.T
	s       *testStore
	cookies map[string]string
}

func (v *visitor) send(method, path string, form url.Values) *httptest.ResponseRecorder {
	v.t.Helper()
	var jar []string
	for k, c := range v.cookies {
		jar = append(jar, k+"="+c)
	}
	header := []string{"Cookie", strings.Join(jar, "; ")}
	if method == "POST" {
		header = append(header, "Sec-Fetch-Site", "same-origin", "Content-Type", "application/x-www-form-urlencoded")
	}
	w := v.s.do(method, path, form.Encode(), header...)
	for _, c := range w.Result().Cookies() {
		v.cookies[c.Name] = c.Value
		if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || !strings.HasPrefix(c.Name, "__Host-") {
			v.t.Errorf("a weak cookie: %v", c) // V3.3.1, V3.3.2, V3.3.4
		}
	}
	return w
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)

// fields are the hidden fields of the form that leads to action.
func fields(t *testing.T, page, action string) url.Values {
	t.Helper()
	_, rest, ok := strings.Cut(page, `action="`+action+`"`)
	if !ok {
		t.Fatalf("no form leads to %s in:\n%s", action, page)
	}
	form, _, _ := strings.Cut(rest, "</form>")
	out := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(form, -1) {
		out.Set(m[1], html.UnescapeString(m[2]))
	}
	return out
}

func (v *visitor) page(path string, status int) string {
	v.t.Helper()
	w := v.send("GET", path, nil)
	if w.Code != status {
		v.t.Fatalf("%s: status %d, want %d, to %s: %s", path, w.Code, status, w.Header().Get("Location"), w.Body)
	}
	if status != http.StatusSeeOther {
		checkPageHTML(v.t, path[1:3], path, w.Body.Bytes())
	}
	return w.Body.String()
}

func newVisitor(t *testing.T) *visitor {
	return &visitor{t: t, s: newStore(t, 3), cookies: map[string]string{}}
}

// fill puts two bowls into the cart, from the form of the product page.
func (v *visitor) fill() {
	v.t.Helper()
	form := fields(v.t, v.page("/en/p/bowl-1?v=BOWL-1-clay", 200), "/en/cart/add")
	form.Set("quantity", "2")
	w := v.send("POST", "/en/cart/add", form)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/en/cart?done=added" {
		v.t.Fatalf("add: status %d: %s", w.Code, w.Body)
	}
}

func goodDetails() url.Values {
	return url.Values{"email": {"ada@example.com"}, "delivery.country": {"DE"}, "delivery.name": {"Ada & Example's"}, "delivery.street": {"Lindenweg 4"},
		"delivery.postcode": {"79098"}, "delivery.city": {"Freiburg"}, "offer": {"standard"}, "billing.country": {"DE"}}
}

func (v *visitor) details(over url.Values) *httptest.ResponseRecorder {
	v.t.Helper()
	form := fields(v.t, v.page("/en/checkout", 200), "/en/checkout")
	for k, x := range goodDetails() {
		form[k] = x
	}
	for k, x := range over {
		form[k] = x
	}
	return v.send("POST", "/en/checkout", form)
}

func TestGuestBuysWithoutScript(t *testing.T) {
	v := newVisitor(t)
	v.page("/en/cart", 200)
	if to := v.send("GET", "/en/checkout", nil).Header().Get("Location"); to != "/en/cart" {
		t.Errorf("with nothing to order, the checkout leads to %q", to)
	}
	v.fill()
	cart := v.page("/en/cart?done=added", 200)
	for _, want := range [...]string{"Added to your cart.", "€48.00", "includes 19% VAT", "Delivery to Germany"} {
		if !strings.Contains(cart, want) {
			t.Errorf("the cart lacks %q", want)
		}
	}
	if w := v.details(nil); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/en/checkout/pay" {
		t.Fatalf("details: status %d: %s", w.Code, w.Body)
	}
	check := v.page("/en/checkout/pay", 200)
	if strings.Contains(check, "working day") || !regexp.MustCompile(`[0-9]+ to [0-9]+ [A-Z]`).MatchString(check) {
		t.Error("the days of the delivery are not said as on the page before")
	}
	if !strings.Contains(check, "Ada &amp; Example&#39;s") {
		t.Error("a name is not shown as text")
	}
	sum, button := strings.Index(check, `class="total"`), strings.Index(check, "Order with obligation to pay")
	if sum < 0 || button < sum {
		t.Error("the button does not stand under the summary")
	}
	if csp := v.send("GET", "/en/checkout/pay", nil).Header().Get("Content-Security-Policy"); !strings.Contains(csp, "form-action 'self' https://pay.localhost:8443;") {
		t.Errorf("browsers will not follow to the payment page: %q", csp)
	}
	form := fields(t, check, "/en/checkout/pay")
	first := v.send("POST", "/en/checkout/pay", form)
	again := v.send("POST", "/en/checkout/pay", form)
	if first.Code != http.StatusSeeOther || again.Code != http.StatusSeeOther || again.Header().Get("Location") != first.Header().Get("Location") {
		t.Fatalf("place: %d to %s, again %d to %s: %s", first.Code, first.Header().Get("Location"), again.Code, again.Header().Get("Location"), again.Body)
	}
	order := v.page("/en/order?pay=away", 200)
	for _, want := range [...]string{"Go to payment", "ada@example.com", "Clay", "Withdraw from contract here", "cannot be reached"} {
		if !strings.Contains(order, want) {
			t.Errorf("the order page lacks %q", want)
		}
	}
	for path, want := range map[string]bool{"/en/order": true, "/en/checkout/pay": false, "/en/withdraw": false} {
		csp := v.send("GET", path, nil).Header().Get("Content-Security-Policy")
		if got := strings.Contains(csp, "form-action 'self' https://pay.localhost:8443;"); got != want {
			t.Errorf("%s: %q", path, csp)
		}
	}
	if r := v.send("GET", "/en/order/return", nil).Header().Get("Refresh"); r != "2; url=/en/order/return?n=1" {
		t.Errorf("the waiting page looks again by %q", r)
	}
	if r := v.send("GET", "/en/order/return?n=6", nil).Header().Get("Refresh"); r != "" {
		t.Errorf("the waiting page never rests: %q", r)
	}
	if b := v.page("/en/cart", 200); strings.Contains(b, "/en/cart/set") || !strings.Contains(b, "These goods are ordered") {
		t.Error("the cart of an order that is under way can be changed")
	}
	for _, path := range [...]string{"/en/checkout", "/en/checkout/pay"} { // the back button of the provider's page
		if to := v.send("GET", path, nil).Header().Get("Location"); to != "/en/order" {
			t.Errorf("%s leads to %q", path, to)
		}
	}
	old := v.cookies["__Host-shop"]
	v.fill()
	if v.cookies["__Host-shop"] == old || !strings.Contains(v.page("/en/cart", 200), "/en/cart/set") {
		t.Error("whoever goes on shopping gets no new cart")
	}
	stranger := &visitor{t: t, s: v.s, cookies: map[string]string{}}
	stranger.page("/en/order", http.StatusNotFound)
}

// TestDetailsKeepWhatWasTyped: V2.2.1; a fault stands beside its field, in the summary and in the title.
func TestDetailsKeepWhatWasTyped(t *testing.T) {
	v := newVisitor(t)
	v.fill()
	hostile := `"><img src=x onerror=alert(1)>`
	w := v.details(url.Values{"email": {hostile}, "delivery.postcode": {"1"}, "note": {"日本語 ß 🙂"}})
	b := w.Body.String()
	checkPageHTML(t, "en", "details", w.Body.Bytes())
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(b, "<title>Error: ") || !strings.Contains(b, `href="#f-email"`) || !strings.Contains(b, `href="#f-delivery-postcode"`) {
		t.Errorf("status %d: %s", w.Code, b)
	}
	if strings.Contains(b, hostile) || !strings.Contains(b, html.EscapeString(hostile)) || !strings.Contains(b, "日本語 ß 🙂") || !strings.Contains(b, `value="Lindenweg 4"`) {
		t.Error("what was typed is lost or not escaped")
	}
	if strings.Contains(b, "<script") {
		t.Error("a page of the checkout loads script")
	}
	csp := w.Header().Get("Content-Security-Policy")
	if !strings.Contains(csp, "script-src 'none'") {
		t.Errorf("policy %q", csp)
	}
}

// A reduced price stands in the cart beside what it was and the lowest of the last 30 days (98/6/EC, article 6a).
func TestTheCartKnowsWhatIsReduced(t *testing.T) {
	v := newVisitor(t)
	v.send("POST", "/en/cart/add", fields(t, v.page("/en/p/bowl-1?v=BOWL-1-sage", 200), "/en/cart/add"))
	cart := v.page("/en/cart", 200)
	for _, want := range [...]string{"€19.20 each", `<s class="was num">€24.00</s>`, "Lowest price of the last 30 days: €18.90"} {
		if !strings.Contains(cart, want) {
			t.Errorf("the cart lacks %q", want)
		}
	}
}

// What is wrong with the invoice address is told apart from the same fault of the delivery's.
func TestTwoAddressesAreToldApart(t *testing.T) {
	v := newVisitor(t)
	v.fill()
	b := v.details(url.Values{"delivery.name": {""}, "billing_differs": {"1"}, "billing.country": {"DE"}}).Body.String()
	for _, want := range [...]string{`<a href="#f-delivery-name">Please enter the name`, `<a href="#f-billing-name">Invoice address: Please enter the name`} {
		if !strings.Contains(b, want) {
			t.Errorf("the summary lacks %q", want)
		}
	}
}

func TestCountryFitsTheFields(t *testing.T) {
	v := newVisitor(t)
	v.fill()
	w := v.details(url.Values{"delivery.country": {"IT"}, "refresh": {"1"}})
	if b := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(b, `name="delivery.region"`) || !strings.Contains(b, "Ada &amp; Example") {
		t.Errorf("status %d: the fields of Italy are missing", w.Code)
	}
}

// V3.5.1: a form without the session's token changes nothing.
func TestForeignFormsAreRefused(t *testing.T) {
	v := newVisitor(t)
	v.fill()
	for _, path := range [...]string{"/en/cart/set", "/en/cart/remove", "/en/cart/code", "/en/checkout", "/en/checkout/pay"} {
		for _, token := range [...]string{"", "AAAA", strings.Repeat("A", 86)} {
			w := v.send("POST", path, url.Values{"form_token": {token}, "variant": {strings.Repeat("0", 32)}, "quantity": {"1"}})
			if w.Code != http.StatusForbidden {
				t.Errorf("%s with token %.8q: status %d", path, token, w.Code)
			}
		}
	}
	r := v.s.do("POST", "/en/cart/add", "variant=00", "Sec-Fetch-Site", "")
	if r.Code != http.StatusForbidden {
		t.Errorf("a form from nowhere: status %d", r.Code)
	}
}

func TestCartSaysWhatIsWrong(t *testing.T) {
	v := newVisitor(t)
	v.fill()
	form := fields(t, v.page("/en/cart", 200), "/en/cart/set")
	for _, typed := range [...]string{"4000", "-1", "two", "1e9", "99999999999999999999", "<b>"} {
		form.Set("quantity", typed)
		w := v.send("POST", "/en/cart/set", form)
		b := w.Body.String()
		if w.Code != http.StatusUnprocessableEntity && w.Code != http.StatusConflict || !strings.Contains(b, `value="`+html.EscapeString(typed)+`"`) || !strings.Contains(b, "There is a problem") {
			t.Errorf("%s: status %d", typed, w.Code)
			continue
		}
		checkPageHTML(t, "en", typed, w.Body.Bytes())
	}
	code := fields(t, v.page("/en/cart", 200), "/en/cart/code")
	code.Set("code", `"><script>`)
	w := v.send("POST", "/en/cart/code", code)
	if b := w.Body.String(); w.Code < 400 || w.Code >= 500 || strings.Contains(b, `"><script>`) || !strings.Contains(b, "is-wrong") {
		t.Errorf("a wrong code: status %d", w.Code)
	}
	form.Set("quantity", "0")
	if w := v.send("POST", "/en/cart/set", form); w.Code != http.StatusSeeOther {
		t.Errorf("none: status %d", w.Code)
	}
	if !strings.Contains(v.page("/en/cart", 200), "Nothing here yet") {
		t.Error("the cart is not empty")
	}
}

func TestScriptAddsToTheCart(t *testing.T) {
	v := newVisitor(t)
	form := fields(t, v.page("/en/p/bowl-1?v=BOWL-1-clay", 200), "/en/cart/add")
	w := v.s.do("POST", "/en/cart/add", form.Encode(), "Accept", "application/json", "Sec-Fetch-Site", "same-origin")
	if w.Body.String() != `{"count":1,"said":"Added. There is 1 piece in your cart."}` {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	if w := v.s.get("/cart/count", "Cookie", "__Host-shop="+w.Result().Cookies()[0].Value); w.Body.String() != `{"count":1}` {
		t.Errorf("count: %s", w.Body)
	}
}

func TestWithdrawalInTwoSteps(t *testing.T) {
	v := newVisitor(t)
	form := fields(t, v.page("/de/withdraw", 200), "/de/withdraw")
	w := v.send("POST", "/de/withdraw", form)
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "<title>Fehler: ") {
		t.Errorf("an empty form: status %d", w.Code)
	}
	form.Set("name", "Ada Beispiel")
	form.Set("email", "ada@example.com")
	form.Set("lines", "Die Schale & mehr")
	form.Set("number", "K7Q2-M9XD")
	w = v.send("POST", "/de/withdraw", form)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Widerruf bestätigen") || !strings.Contains(w.Body.String(), "Die Schale &amp; mehr") {
		t.Fatalf("second step: status %d: %s", w.Code, w.Body)
	}
	checkPageHTML(t, "de", "withdraw", w.Body.Bytes())
	confirm := fields(t, w.Body.String(), "/de/withdraw/confirm")
	w = v.send("POST", "/de/withdraw/confirm", confirm)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Eingegangen am 2. November 2026") {
		t.Errorf("confirmation: status %d: %s", w.Code, w.Body)
	}
}

// TestLinkIsSpentByPOSTOnly: mail programs open links by themselves; a number and an address open nothing (attack 20).
func TestLinkIsSpentByPOSTOnly(t *testing.T) {
	v := newVisitor(t)
	secret := strings.Repeat("A", 43)
	w := v.send("GET", "/en/order/open/"+secret, nil)
	if w.Code != http.StatusOK || w.Header().Get("Referrer-Policy") != "no-referrer" || len(w.Result().Cookies()) > 0 {
		t.Errorf("status %d, referrer %q", w.Code, w.Header().Get("Referrer-Policy"))
	}
	if w := v.send("POST", "/en/order/open", fields(t, w.Body.String(), "/en/order/open")); w.Code != http.StatusNotFound && w.Code != http.StatusGone {
		t.Errorf("an invented link: status %d", w.Code)
	}
	for _, number := range [...]string{"K7Q2-M9XD", "AAAA-AAAA"} {
		w := v.send("POST", "/en/order/link", url.Values{"number": {number}, "email": {"ada@example.com"}})
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Please look into your mail") || strings.Contains(w.Body.String(), "€") {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
	}
}
