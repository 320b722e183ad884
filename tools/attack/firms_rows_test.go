package attack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/tools/standin/stripe"
)

var methods = []string{"stripe", "paypal"}

// asked has the store ask about a purchase, as whoever comes back from the provider does, and whoever can send a notice.
func (v *purchase) asked(t *testing.T) {
	t.Helper()
	address := v.f.Shop + "/en/order/return?payment=" + v.reference
	if v.back != "" {
		address = v.back
	}
	_, err := v.b.Get(t.Context(), address)
	fatal(t, err)
	n := v.f.eventFor(v, nil)
	if code := v.f.hand(t, v.method, n.header, n.body); code >= 400 && code < 500 {
		t.Errorf("%s: a genuine notice was refused with %d", v.method, code)
	}
}

// unpaid checks that nothing was believed.
func (v *purchase) unpaid(t *testing.T, after string) {
	t.Helper()
	if got := v.state(t); got != 1 {
		t.Errorf("%s, %s: the order stands in state %d", v.method, after, got)
	}
	if n := v.f.count(t, `SELECT captured FROM payment_payment WHERE ref = $1`, v.ref); n != 0 {
		t.Errorf("%s, %s: %d stand as captured", v.method, after, n)
	}
	if v.method == "paypal" && v.f.paypal.Expose(v.ref)["status"] == "COMPLETED" {
		t.Errorf("%s: the money was taken", after)
	}
}

// anothersMoneyAtFirms claims the money of a cheap order for a dear one, and has the provider itself say sums, currencies,
// orders, accounts and modes that are not the payment's (V2.3.1, V2.3.2, V2.4.1): an order is paid only when all agree.
func anothersMoneyAtFirms(t *testing.T, s *site) string {
	f := openFirms(t, s)
	lied := 0
	for _, method := range methods {
		cheap, dear := f.sell(t, method, "/en/p/card"), f.sell(t, method, "/en/p/jug")
		cheap.pays()
		for _, ref := range []string{cheap.reference, cheap.ref, dear.reference, dear.ref} {
			for _, name := range []string{"payment", "session_id", "token", "reference", "PayerID"} {
				_, err := dear.b.Get(t.Context(), f.Shop+"/en/order/return?"+url.Values{name: {ref}}.Encode())
				fatal(t, err)
			}
		}
		dear.unpaid(t, "return addresses")
		for name, n := range f.claims(cheap, dear) {
			f.hand(t, method, n.header, n.body)
			dear.unpaid(t, name)
		}
		f.says[method].swaps(dear.ref, cheap.ref)
		dear.asked(t)
		dear.unpaid(t, "the provider answers about the cheap session")
		f.says[method].lies("", nil)
		before := f.refusals(t, "payment.mismatch")
		for name, lie := range lies(method, cheap) {
			v := f.sell(t, method, "/en/p/jug")
			f.says[method].lies(v.ref, lie)
			v.pays()
			v.asked(t)
			v.unpaid(t, name)
			lied++
		}
		if f.refusals(t, "payment.mismatch") == before {
			t.Errorf("%s: no mismatch stands in the log", method)
		}
		f.says[method].lies("", nil)
		cheap.returns(t)
		cheap.paid(t)
		dear.unpaid(t, "in the end")
	}
	return fmt.Sprintf("Stripe and PayPal: 20 return addresses and 5 signed claims each, a paid session swapped in, %d altered answers; nothing was believed", lied)
}

// claims are genuine signatures over what is not so.
func (f *firms) claims(cheap, dear *purchase) map[string]letter {
	object := func(e map[string]any) map[string]any {
		if data, ok := e["data"].(map[string]any); ok {
			return data["object"].(map[string]any)
		}
		return e["resource"].(map[string]any)
	}
	reference := func(e map[string]any, v string) {
		o := object(e)
		o["client_reference_id"] = v
		if units, ok := o["purchase_units"].([]any); ok {
			units[0].(map[string]any)["custom_id"] = v
		}
	}
	return map[string]letter{
		"the cheap session with the dear order's reference": f.eventFor(cheap, func(e map[string]any) { reference(e, dear.reference) }),
		"the dear session with the cheap order's reference": f.eventFor(dear, func(e map[string]any) { reference(e, cheap.reference) }),
		"the dear session as paid":                          f.eventFor(dear, nil),
		"the dear session of live mode":                     f.eventFor(dear, func(e map[string]any) { e["livemode"] = true }),
		"the dear session of another account":               f.eventFor(dear, func(e map[string]any) { e["account"] = "acct_1Other" }),
	}
}

// lies are what a provider could say about a session that was paid.
func lies(method string, cheap *purchase) map[string]func(key string, v any) any {
	sums, currency, order := []string{"amount_total", "amount", "amount_received", "amount_captured"}, "currency", []string{"client_reference_id", "strongroom_reference"}
	other := map[string]any{"cheaper": json.Number("650"), "one less": json.Number("8899"), "negative": json.Number("-9390"), "zero": json.Number("0"),
		"overflowing": json.Number("9223372036854775807"), "beyond": json.Number("92233720368547758070"), "dollars": "usd", "yen": "jpy"}
	if method == "paypal" {
		sums, currency, order = []string{"value"}, "currency_code", []string{"custom_id"}
		other = map[string]any{"cheaper": "6.50", "one less": "88.99", "negative": "-93.90", "zero": "0.00", "overflowing": "92233720368547758.07",
			"beyond": "922337203685477580.70", "dollars": "USD", "yen": "JPY"}
	}
	say := func(keys []string, value any) func(string, any) any {
		return func(key string, v any) any {
			for _, k := range keys {
				if k == key && v != nil {
					return value
				}
			}
			return v
		}
	}
	all := map[string]func(key string, v any) any{}
	for _, name := range []string{"cheaper", "one less", "negative", "zero", "overflowing", "beyond"} {
		all[name] = say(sums, other[name])
	}
	for _, name := range []string{"dollars", "yen"} {
		all[name] = say([]string{currency}, other[name])
	}
	all["another order"] = func(key string, v any) any {
		for _, k := range order {
			if text, ok := v.(string); ok && k == key && len(text) >= len(cheap.reference) {
				return strings.Replace(text, text[:len(cheap.reference)], cheap.reference, 1)
			}
		}
		return v
	}
	if method == "stripe" {
		all["live mode"] = say([]string{"livemode"}, true)
	} else {
		all["another account"] = say([]string{"merchant_id"}, "ZZ9Z9Z9Z9Z9Z9")
	}
	return all
}

// forgedAtFirms tells the store that a dear order is paid, with everything but a genuine notice of its own account and
// mode (V2.3.1, V11.3.3, V11.2.4): each is refused, and the refusal stands in the log.
func forgedAtFirms(t *testing.T, s *site) string {
	f := openFirms(t, s)
	tried := 0
	for _, method := range methods {
		v := f.sell(t, method, "/en/p/jug")
		tries := f.stripeForgeries(v)
		if method == "paypal" {
			tries = f.paypalForgeries(v)
		}
		before, kept := f.refusals(t, "payment.notice"), f.count(t, `SELECT COUNT(*) FROM payment_notice WHERE provider = $1`, method)
		for name, n := range tries {
			if code := f.hand(t, method, n.header, n.body); code < 400 || code > 499 {
				t.Errorf("%s: %s was answered with %d", method, name, code)
			}
			tried++
		}
		v.unpaid(t, "forged notices")
		if n := f.count(t, `SELECT COUNT(*) FROM payment_notice WHERE provider = $1`, method); n != kept {
			t.Errorf("%s: %d forged notices were kept", method, n-kept)
		}
		if f.refusals(t, "payment.notice") <= before {
			t.Errorf("%s: no refusal stands in the log", method)
		}
		v.pays() // what is genuine is heard all the same
		v.paid(t)
	}
	return fmt.Sprintf("Stripe and PayPal: %d ways to forge, replay late, alter, double or cross accounts and modes; all refused and logged", tried)
}

func (f *firms) stripeForgeries(v *purchase) map[string]letter {
	secret, now := f.stripe.Secret(f.Shop+"/notices/stripe"), time.Now()
	good := f.eventFor(v, nil)
	sign := func(at time.Time, body []byte, secret string) letter {
		return letter{header: http.Header{"Stripe-Signature": {stripe.Sign(at, body, secret)}}, body: body}
	}
	headers := func(values ...string) letter {
		return letter{header: http.Header{"Stripe-Signature": values}, body: good.body}
	}
	edit := func(key string, value any) letter { return f.eventFor(v, func(e map[string]any) { e[key] = value }) }
	genuine := good.header.Get("Stripe-Signature")
	huge := append([]byte(`{"id":"evt_1","object":"event","x":"`), bytes.Repeat([]byte("x"), 1<<20)...)
	return map[string]letter{
		"another secret":          sign(now, good.body, "whsec_somebodyelse0123456"),
		"another account's":       sign(now, good.body, f.stripe.Subscribe("acct_1Other", false, f.Shop+"/notices/other")),
		"that of live mode":       sign(now, good.body, f.stripe.Subscribe(stripeAccount, true, f.Shop+"/notices/live")),
		"six minutes old":         sign(now.Add(-6*time.Minute), good.body, secret),
		"six minutes early":       sign(now.Add(6*time.Minute), good.body, secret),
		"live event in test mode": edit("livemode", true),
		"a connected account":     edit("account", "acct_1Other"),
		"another version":         edit("api_version", "2019-12-03"),
		"no id":                   edit("id", ""),
		"altered body":            {header: good.header, body: bytes.Replace(good.body, []byte(v.reference), []byte(strings.Repeat("0", len(v.reference))), 1)},
		"a blank more":            {header: good.header, body: append(bytes.Clone(good.body), ' ')},
		"two values":              sign(now, append(bytes.Clone(good.body), good.body...), secret),
		"no json":                 sign(now, []byte("paid=1"), secret),
		"nothing":                 sign(now, nil, secret),
		"a megabyte":              sign(now, huge, secret),
		"no signature":            headers(),
		"an empty one":            headers(""),
		"two headers":             headers(genuine, genuine),
		"two times":               headers("t=1," + genuine),
		"another scheme":          headers(strings.Replace(genuine, "v1=", "v0=", 1)),
	}
}

func (f *firms) paypalForgeries(v *purchase) map[string]letter {
	good, now := f.eventFor(v, nil), time.Now()
	with := func(name string, values ...string) letter {
		h := good.header.Clone()
		h[name] = values
		return letter{header: h, body: good.body}
	}
	about := func(edit func(e map[string]any)) letter { return f.eventFor(v, edit) }
	const certs = "/v1/notifications/certs/CERT-1"
	return map[string]letter{
		"another key":            {header: f.paypal.Sign(f.webhook(), now, good.body, false), body: good.body},
		"another app's address":  {header: f.paypal.Sign(f.paypal.Webhook(anotherApp, f.Shop+"/notices/other", "*"), now, good.body, true), body: good.body},
		"altered body":           {header: good.header, body: bytes.Replace(good.body, []byte(v.ref), []byte(strings.Repeat("0", len(v.ref))), 1)},
		"a foreign certificate":  with("Paypal-Cert-Url", "https://evil.example"+certs),
		"a host in front":        with("Paypal-Cert-Url", "https://api-m.sandbox.paypal.com@evil.example"+certs),
		"the live certificate":   with("Paypal-Cert-Url", "https://api-m.paypal.com"+certs),
		"another certificate":    with("Paypal-Cert-Url", "https://api-m.sandbox.paypal.com"+certs),
		"another way of signing": with("Paypal-Auth-Algo", "none"),
		"another transmission":   with("Paypal-Transmission-Id", "fabcdefg-1234-11f0-abcd-123456789abc"),
		"another time":           with("Paypal-Transmission-Time", now.Add(-time.Hour).UTC().Format(time.RFC3339)),
		"no signature":           with("Paypal-Transmission-Sig"),
		"two signatures":         with("Paypal-Transmission-Sig", good.header.Get("Paypal-Transmission-Sig"), good.header.Get("Paypal-Transmission-Sig")),
		"another account":        about(func(e map[string]any) { unitOf(e)["payee"] = map[string]any{"merchant_id": "ZZ9Z9Z9Z9Z9Z9"} }),
		"live event in test mode": about(func(e map[string]any) {
			e["links"] = []any{map[string]any{"href": "https://api.paypal.com/v1/x", "rel": "self"}}
		}),
		"no id":      about(func(e map[string]any) { e["id"] = "" }),
		"no json":    {header: f.paypal.Sign(f.webhook(), now, []byte("paid=1"), true), body: []byte("paid=1")},
		"two values": {header: good.header, body: append(bytes.Clone(good.body), good.body...)},
		"nothing":    {header: good.header},
		"a megabyte": {header: good.header, body: append([]byte(`{"id":"`), bytes.Repeat([]byte("x"), 1<<20)...)},
	}
}

func unitOf(e map[string]any) map[string]any {
	return e["resource"].(map[string]any)["purchase_units"].([]any)[0].(map[string]any)
}

// replayedAtFirms sends the genuine notices of a payment, its refund and a dispute about it many times in any order, and
// forged ones among them (V2.3.1, V11.3.3): one effect. PayPal's may be days old, and count once by their event's name.
func replayedAtFirms(t *testing.T, s *site) string {
	f := openFirms(t, s)
	sent, kinds := 0, 0
	for _, method := range methods {
		v := f.sell(t, method, "/en/p/jug")
		v.pays()
		v.returns(t)
		v.paid(t)
		f.owner.Send(f.owner.Page("/orders/"+v.number), "/orders/"+v.number+"/refund", url.Values{"sum": {"5.00"}, "why": {"goodwill"}})
		wait(t, func() bool {
			f.tell(t.Context())
			return f.count(t, `SELECT refunded FROM payment_payment WHERE ref = $1`, v.ref) == 500
		})
		charge, dispute := f.word(t, `SELECT charge FROM payment_payment WHERE ref = $1`, v.ref), ""
		if method == "stripe" {
			dispute = f.stripe.Dispute(v.ref, false)
		} else {
			dispute = f.paypal.Dispute(charge, false)
		}
		wait(t, func() bool {
			f.tell(t.Context())
			return f.count(t, `SELECT COUNT(*) FROM payment_dispute WHERE number = $1 AND state = 'open' AND taken > 0`, v.number) == 1
		})
		f.tell(t.Context())
		letters := f.post.about(method, v.ref, v.reference, charge, dispute)
		if kinds += len(letters); len(letters) < 3 {
			t.Errorf("%s sent %d notices", method, len(letters))
		}
		before := f.effects(t, v)
		sent += f.shuffle(t, v, letters)
		if after := f.effects(t, v); after != before {
			t.Errorf("%s: moves, bookings, refunds and moves of the dispute were %s and are %s", method, before, after)
		}
	}
	f.booksAgree(t)
	return fmt.Sprintf("Stripe and PayPal: %d genuine notices sent %d times shuffled, as many forged; one effect", kinds, sent)
}

// effects is what notices have done to a payment.
func (f *firms) effects(t *testing.T, v *purchase) string {
	t.Helper()
	n := func(query string) int64 { return f.count(t, query, v.number) }
	return fmt.Sprint(n(`SELECT COUNT(*) FROM payment_move m JOIN payment_payment p ON p.id = m.payment_id WHERE p.number = $1`), " ",
		n(`SELECT COUNT(*) FROM payment_ledger l JOIN order_head h ON h.id = l.order_id WHERE h.number = $1`), " ",
		n(`SELECT COUNT(*) FROM payment_refund r JOIN payment_payment p ON p.id = r.payment_id WHERE p.number = $1`), " ",
		n(`SELECT COUNT(*) FROM payment_dispute_move m JOIN payment_dispute d ON d.id = m.dispute_id WHERE d.number = $1`), " ",
		n(`SELECT captured FROM payment_payment WHERE number = $1`), " ", n(`SELECT refunded FROM payment_payment WHERE number = $1`))
}

// shuffle sends every notice many times, and each once more in a forged form.
func (f *firms) shuffle(t *testing.T, v *purchase, letters []letter) int {
	t.Helper()
	var all []letter
	for range size(10, 50) {
		all = append(all, letters...)
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	gate := make(chan struct{}, 8)
	var wg sync.WaitGroup
	for _, n := range all {
		gate <- struct{}{}
		wg.Go(func() {
			defer func() { <-gate }()
			if code := f.hand(t, v.method, n.header, n.body); code >= 400 && code < 500 {
				t.Errorf("%s: a repeated notice was refused with %d", v.method, code)
			}
			forged := bytes.Replace(n.body, []byte(`"id"`), []byte(`"ID"`), 1)
			if code := f.hand(t, v.method, n.header, forged); code < 400 || code > 499 {
				t.Errorf("%s: a forged notice was answered with %d", v.method, code)
			}
		})
	}
	wg.Wait()
	return len(all)
}
