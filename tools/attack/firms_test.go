package attack

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/tools/rig"
	"strongroom/tools/shopper"
	"strongroom/tools/standin/paypal"
	"strongroom/tools/standin/stripe"
)

const (
	stripeKey      = "rk_test_51restricted0123456789"
	stripeAccount  = "acct_1KilnAndOrchard"
	paypalClient   = "AbClientIdOfTheStore01"
	paypalSecret   = "EfSecretOfTheStore0001"
	paypalMerchant = "KJ2A3B4C5D6E7"
	anotherApp     = "AbClientIdOfAnother001"
)

// firms is a store that takes money by Stripe and by PayPal, each set up by its owner at the desk with a test key. Both
// are stand-ins under the names of the real ones.
type firms struct {
	*site
	owner  *rig.Clerk
	stripe *stripe.Server
	paypal *paypal.Server
	post   *postman
	says   map[string]*mouth // by method
}

// postman carries the stand-ins' notices to the store, and keeps a copy of each.
type postman struct {
	mu  sync.Mutex
	way func() http.RoundTripper
	got []letter
}

// letter is a notice as it came to the store.
type letter struct {
	path   string
	header http.Header
	body   []byte
}

// RoundTrip carries one.
func (p *postman) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	p.mu.Lock()
	p.got = append(p.got, letter{r.URL.Path, r.Header.Clone(), body})
	p.mu.Unlock()
	return p.way().RoundTrip(r)
}

// about are the notices of a provider in which a word stands.
func (p *postman) about(method string, words ...string) (out []letter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.got {
		for _, w := range words {
			if w != "" && strings.HasSuffix(l.path, "/"+method) && bytes.Contains(l.body, []byte(w)) {
				out = append(out, l)
				break
			}
		}
	}
	return out
}

// mouth is a provider whose answers about one session can be altered on their way, or be those about another one.
type mouth struct {
	next http.Handler
	mu   sync.Mutex
	ref  string
	lie  func(key string, value any) any
	swap string
}

func (m *mouth) lies(ref string, lie func(key string, value any) any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ref, m.lie, m.swap = ref, lie, ""
}

func (m *mouth) swaps(ref, with string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ref, m.lie, m.swap = ref, nil, with
}

// ServeHTTP answers.
func (m *mouth) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	ref, lie, swap := m.ref, m.lie, m.swap
	m.mu.Unlock()
	if ref == "" || r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/"+ref) {
		m.next.ServeHTTP(w, r)
		return
	}
	if swap != "" {
		r.URL.Path = strings.TrimSuffix(r.URL.Path, ref) + swap
	}
	answer := httptest.NewRecorder()
	m.next.ServeHTTP(answer, r)
	body := answer.Body.Bytes()
	var v any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if lie != nil && d.Decode(&v) == nil {
		body, _ = json.Marshal(altered("", v, lie))
	}
	for k, x := range answer.Header() {
		w.Header()[k] = x
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(answer.Code)
	_, _ = w.Write(body)
}

// altered goes through a JSON value and has every one of its parts seen.
func altered(key string, v any, lie func(key string, value any) any) any {
	switch x := v.(type) {
	case map[string]any:
		for k, y := range x {
			x[k] = altered(k, y, lie)
		}
		return x
	case []any:
		for i, y := range x {
			x[i] = altered(key, y, lie)
		}
		return x
	}
	return lie(key, v)
}

// openFirms starts a store of its own and sets both providers up.
func openFirms(t *testing.T, s *site) *firms {
	t.Helper()
	f := &firms{post: &postman{}, says: map[string]*mouth{}}
	client := &http.Client{Timeout: 10 * time.Second, Transport: f.post}
	f.stripe = stripe.New(stripe.Config{Clock: clock.System(), Client: client, Accounts: []stripe.Account{
		{ID: stripeAccount, Name: "Kiln & Orchard", Keys: []stripe.Key{{Secret: stripeKey, Rights: stripe.Rights()}}}, {ID: "acct_1Other", Name: "Other"}}})
	f.paypal = paypal.New(paypal.Options{Base: "https://api-m.sandbox.paypal.com", Page: "https://www.sandbox.paypal.com", Client: client, Apps: []paypal.App{
		{ClientID: paypalClient, Secret: paypalSecret, Merchant: paypalMerchant, Email: "shop@shop.example"},
		{ClientID: anotherApp, Secret: "EfSecretOfAnother00001", Merchant: "ZZ9Z9Z9Z9Z9Z9", Email: "other@other.example"}}})
	f.says["stripe"], f.says["paypal"] = &mouth{next: f.stripe}, &mouth{next: f.paypal}
	out := rig.StartOutside(t, map[string]http.Handler{"api.stripe.com": f.says["stripe"], "api-m.sandbox.paypal.com": f.says["paypal"]})
	f.site = &site{Rig: rig.New(t, s.Engine, append(out.Env, "STRONGROOM_LIMITS_SCALE=1000", rig.WithDesk)...)}
	f.post.way = func() http.RoundTripper { return f.Transport() }
	f.Import("handle,category,title:en,title:de,summary:en,description:en,tax_class,sku,price,weight_g,stock\n" +
		"jug,tableware,Salt jug,Salzkrug,A jug,Made by hand.,standard,JUG-1,89.00,900,1000000\n" +
		"card,paper,Card,Karte,A card,Printed.,standard,CARD-1,1.50,20,1000000\n")
	f.Start()
	f.owner = f.Owner("Ida")
	f.setUp(t, "stripe", url.Values{"paste.key": {stripeKey}})
	f.setUp(t, "paypal", url.Values{"paste.client_id": {paypalClient}, "paste.secret": {paypalSecret}})
	return f
}

// setUp does at the desk what an owner does.
func (f *firms) setUp(t *testing.T, name string, keys url.Values) {
	t.Helper()
	p := f.owner.Send(f.owner.Page("/new-provider/"+name), "/new-provider/"+name, keys)
	at := p.URL.Path
	p = f.owner.Send(f.owner.Page(at), at+"/notices", nil)
	f.owner.Send(p, at+"/on", url.Values{"anyway": {"1"}})
	if n := f.count(t, `SELECT COUNT(*) FROM payment_provider WHERE name = $1 AND state = 'on' AND problem = ''`, name); n != 1 {
		t.Fatalf("%s is not on: %s", name, f.owner.Page(at).Body)
	}
}

// purchase is an order that waits for its money on a provider's page.
type purchase struct {
	f         *firms
	method    string
	b         *shopper.Shopper
	ref       string // of the session
	number    string
	reference string
	back      string // where the provider sends who has paid
}

var sessionOf = map[string]*regexp.Regexp{"stripe": regexp.MustCompile(`^https://checkout\.stripe\.com/c/pay/(cs_(?:test|live)_\w+)`),
	"paypal": regexp.MustCompile(`^https://www\.sandbox\.paypal\.com/checkoutnow\?token=(\w+)$`)}

// sell takes a product as far as the provider's page.
func (f *firms) sell(t *testing.T, method, product string) *purchase {
	t.Helper()
	v := &purchase{f: f, method: method, b: f.stranger()}
	v.b.Stays = true
	details, err := v.b.ToDetails(t.Context(), f.Shop, product)
	fatal(t, err)
	form, err := details.Form("/checkout")
	fatal(t, err)
	check, err := v.b.Submit(t.Context(), form, shopper.Somebody("mallory@attackers.example").Fill(form))
	fatal(t, err)
	pay, err := check.Form("/checkout/pay")
	fatal(t, err)
	p, err := v.b.Submit(t.Context(), pay, url.Values{"method": {method}})
	fatal(t, err)
	m := sessionOf[method].FindStringSubmatch(p.Header.Get("Location"))
	if m == nil {
		t.Fatalf("%s leads to %q with %d: %q", method, p.Header.Get("Location"), p.Status, p.Problems())
	}
	v.ref = m[1]
	wait(t, func() bool { return f.count(t, `SELECT COUNT(*) FROM payment_payment WHERE ref = $1`, v.ref) == 1 })
	v.number, v.reference = f.word(t, `SELECT number FROM payment_payment WHERE ref = $1`, v.ref), f.word(t, `SELECT reference FROM payment_payment WHERE ref = $1`, v.ref)
	return v
}

// word asks the store's data database for a text.
func (s *site) word(t *testing.T, query string, args ...any) (v string) {
	t.Helper()
	d, err := db.Open(context.Background(), db.Options{DSN: s.Data, Readers: 1})
	fatal(t, err)
	defer func() { _ = d.Close() }()
	fatal(t, d.Read(context.Background(), func(tx *db.Tx) error { return tx.QueryRow(query, args...).Scan(&v) }))
	return v
}

// pays is the shopper on the provider's page; she is not back yet, and nothing was told.
func (v *purchase) pays() {
	if v.method == "stripe" {
		v.back = v.f.stripe.Visit(v.ref, "paid")
	} else {
		v.back = v.f.paypal.Approve(v.ref, "balance")
	}
}

// returns is her way back to the store.
func (v *purchase) returns(t *testing.T) {
	t.Helper()
	_, err := v.b.Get(t.Context(), v.back)
	fatal(t, err)
}

// tell delivers what the providers have to tell.
func (f *firms) tell(ctx context.Context) {
	f.stripe.Step(ctx)
	f.paypal.Step()
}

func (v *purchase) state(t *testing.T) int64 { return v.f.site.state(t, v.number) }

// paid waits until the order is.
func (v *purchase) paid(t *testing.T) {
	t.Helper()
	wait(t, func() bool { v.f.tell(t.Context()); return v.state(t) == 3 })
}

// hand sends a notice to the store.
func (f *firms) hand(t *testing.T, method string, header http.Header, body []byte) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.Shop+"/notices/"+method, bytes.NewReader(body))
	fatal(t, err)
	r.Header = header.Clone()
	r.Header.Set("Content-Type", "application/json")
	a, err := f.plain().Do(r)
	if err != nil { // the door may close on a body that is too long
		return http.StatusRequestEntityTooLarge
	}
	_ = a.Body.Close()
	return a.StatusCode
}

// eventFor is a notice about a purchase with a genuine signature, altered before it was signed.
func (f *firms) eventFor(v *purchase, edit func(e map[string]any)) letter {
	if v.method == "stripe" {
		body := edited(stripe.Event("checkout.session.completed", map[string]any{"id": v.ref, "object": "checkout.session", "payment_status": "paid", "status": "complete",
			"client_reference_id": v.reference, "amount_total": 8900, "currency": "eur"}, time.Now().Unix(), false, stripe.Version), edit)
		secret := f.stripe.Secret(f.Shop + "/notices/stripe")
		return letter{header: http.Header{"Stripe-Signature": {stripe.Sign(time.Now(), body, secret)}}, body: body}
	}
	body := edited(f.paypal.Event(fmt.Sprintf("WH-%d", time.Now().UnixNano()), "CHECKOUT.ORDER.COMPLETED", "checkout-order", "2.0", map[string]any{"id": v.ref,
		"status": "COMPLETED", "purchase_units": []any{map[string]any{"custom_id": v.reference, "payee": map[string]any{"merchant_id": paypalMerchant}}}}), edit)
	return letter{header: f.paypal.Sign(f.webhook(), time.Now(), body, true), body: body}
}

func edited(body []byte, edit func(e map[string]any)) []byte {
	var e map[string]any
	if edit == nil || json.Unmarshal(body, &e) != nil {
		return body
	}
	edit(e)
	body, _ = json.Marshal(e)
	return body
}

// webhook is the id of the store's own address at PayPal.
func (f *firms) webhook() string { return f.paypal.WebhookOf(f.Shop + "/notices/paypal") }
