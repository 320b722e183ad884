package kill

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"strongroom/tools/rig"
	"strongroom/tools/standin/paypal"
)

// What follows is PayPal, where approving moves no money: the store captures it afterwards.

const (
	paypalClient   = "AbClientIdOfTheStore01"
	paypalSecret   = "EfSecretOfTheStore0001"
	paypalMerchant = "KJ2A3B4C5D6E7"
	paypalHost     = "api-m.sandbox.paypal.com"
)

// captures are the request ids under which each order's money was asked for, those of calls that never arrived too.
type captures struct {
	mu   sync.Mutex
	next http.Handler
	keys map[string][]string
}

// ServeHTTP notes a capture and passes everything on.
func (k *captures) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	order, below := strings.CutPrefix(r.URL.Path, "/v2/checkout/orders/")
	if order, asked := strings.CutSuffix(order, "/capture"); below && asked {
		k.mu.Lock()
		k.keys[order] = append(k.keys[order], r.Header.Get("PayPal-Request-Id"))
		k.mu.Unlock()
	}
	k.next.ServeHTTP(w, r)
}

// of are the request ids of one order.
func (k *captures) of(order string) []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.keys[order])
}

// orders are all whose money was asked for.
func (k *captures) orders() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Sorted(maps.Keys(k.keys))
}

// startPayPal makes the stand-in, whose notices the client carries.
func (c *scene) startPayPal(client *http.Client) map[string]http.Handler {
	c.paypal = paypal.New(paypal.Options{Base: "https://" + paypalHost, Page: "https://www.sandbox.paypal.com", Client: client,
		Apps: []paypal.App{{ClientID: paypalClient, Secret: paypalSecret, Merchant: paypalMerchant, Email: "shop@shop.example"}}})
	c.gate = rig.NewGate(c.paypal)
	c.asked = &captures{next: c.gate, keys: map[string][]string{}}
	return map[string]http.Handler{paypalHost: c.asked}
}

// takesPayPal is a store whose owner has set PayPal up at the desk.
func (c *scene) takesPayPal() {
	c.t.Helper()
	const on = `SELECT COUNT(*) FROM payment_provider WHERE name = 'paypal' AND state = 'on' AND problem = ''`
	if c.count(c.t, on) == 1 {
		return
	}
	keys := url.Values{"paste.client_id": {paypalClient}, "paste.secret": {paypalSecret}}
	at := c.owner.Send(c.owner.Page("/new-provider/paypal"), "/new-provider/paypal", keys).URL.Path
	p := c.owner.Send(c.owner.Page(at), at+"/notices", nil)
	c.owner.Send(p, at+"/on", url.Values{"anyway": {"1"}})
	if c.count(c.t, on) != 1 {
		c.t.Fatalf("PayPal is not on: %s", c.owner.Page(at).Body)
	}
}

var paypalLink = regexp.MustCompile(`^https://www\.sandbox\.paypal\.com/checkoutnow\?token=(\w+)$`)

// approved is a shopper who has approved on PayPal's page and is not back yet: no money has moved.
func (c *scene) approved() {
	c.t.Helper()
	c.takesPayPal()
	c.toCheck()
	c.shopper.Stays = true
	p, err := c.shopper.Submit(c.ctx(), c.form, url.Values{"method": {"paypal"}})
	c.must(err)
	m := paypalLink.FindStringSubmatch(p.Header.Get("Location"))
	if m == nil {
		c.t.Fatalf("the way to PayPal leads to %q with %d: %q", p.Header.Get("Location"), p.Status, p.Problems())
	}
	c.session = m[1]
	c.until("the store knows the order at PayPal", func() bool {
		return c.count(c.t, `SELECT COUNT(*) FROM payment_payment WHERE provider = 'paypal' AND ref = $1 AND state = 'open'`, c.session) == 1
	})
	if c.back = c.paypal.Approve(c.session, "balance"); c.back == "" {
		c.t.Fatal("there was nothing to approve")
	}
	now := c.atPayPal(c.session)
	if c.number = now.Units[0].Number; now.Status != "APPROVED" || len(now.Units[0].Payments.Captures) != 0 {
		c.t.Fatalf("approved, the order at PayPal is %+v", now)
	}
}

// comeBack is her way back to the store, which asks PayPal how the order stands and captures.
func (c *scene) comeBack() error {
	p, err := c.shopper.Get(c.ctx(), c.back)
	c.page = p
	return err
}

// isCaptured: the store ends by itself what it began, before she or any notice comes. Then all of them come, and change
// nothing.
func (c *scene) isCaptured() {
	c.t.Helper()
	c.isPaid()
	c.ended()
	c.must(c.comeBack())
	if !strings.Contains(string(c.page.Body), `class="state done"`) || c.page.Number() != c.number {
		c.t.Errorf("who comes back for order %s is shown %s and %q", c.number, c.page.Number(), c.page.Title())
	}
	c.until("PayPal's notices are heard", func() bool {
		c.paypal.Step()
		return c.count(c.t, `SELECT COUNT(*) FROM payment_notice n JOIN payment_payment p ON p.id = n.payment_id
			WHERE p.ref = $1 AND n.handled = 1 AND n.kind IN ('CHECKOUT.ORDER.APPROVED', 'PAYMENT.CAPTURE.COMPLETED')`, c.session) == 2
	})
}

// paypalOrder is an order as PayPal shows it.
type paypalOrder struct {
	Status string `json:"status"`
	Units  []struct {
		Number   string `json:"invoice_id"`
		Payments struct {
			Captures []struct {
				ID     string `json:"id"`
				Status string `json:"status"`
				Amount struct {
					Value    string `json:"value"`
					Currency string `json:"currency_code"`
				} `json:"amount"`
			} `json:"captures"`
		} `json:"payments"`
	} `json:"purchase_units"`
}

func (c *scene) atPayPal(order string) (o paypalOrder) {
	c.t.Helper()
	raw, err := json.Marshal(c.paypal.Expose(order))
	c.must(err)
	c.must(json.Unmarshal(raw, &o))
	if len(o.Units) != 1 {
		c.t.Fatalf("PayPal knows order %s as %s", order, raw)
	}
	return o
}

// checkPayPal holds every order whose money was asked for against PayPal, after the comparison with its account: one
// capture, asked for under one request id, is one payment, one booking, one paid order and one line of the account.
func (c *scene) checkPayPal() {
	c.t.Helper()
	for _, ref := range c.asked.orders() {
		if keys := c.asked.of(ref); len(slices.Compact(keys)) != 1 || keys[0] == "" {
			c.t.Errorf("the money of one order was asked for under the request ids %q", c.asked.of(ref))
		}
		now := c.atPayPal(ref)
		number, list := now.Units[0].Number, now.Units[0].Payments.Captures
		if now.Status != "COMPLETED" || len(list) != 1 || list[0].Status != "COMPLETED" {
			c.t.Errorf("at PayPal order %s is %s with the captures %+v", number, now.Status, list)
			continue
		}
		total := c.count(c.t, `SELECT total FROM order_head WHERE number = $1`, number)
		if got := list[0].Amount; strings.ReplaceAll(got.Value, ".", "") != fmt.Sprint(total) || got.Currency != "EUR" {
			c.t.Errorf("order %s of %d was captured with %s %s", number, total, got.Value, got.Currency)
		}
		c.once(number, ref, list[0].ID, total)
	}
	c.checkStock(c.t)
}

// once: in the store the capture is there one time, in every place where money is written down.
func (c *scene) once(number, ref, charge string, total int64) {
	c.t.Helper()
	if n := c.count(c.t, `SELECT COUNT(*) FROM payment_payment WHERE number = $1`, number); n != 1 {
		c.t.Errorf("%d payments for order %s", n, number)
	}
	const of = ` JOIN payment_payment p ON p.id = x.payment_id WHERE p.number = $1 AND p.ref = $2 AND p.charge = $3 AND p.captured = $4`
	for what, query := range map[string]string{
		"paid payments": `SELECT COUNT(*) FROM payment_payment WHERE number = $1 AND ref = $2 AND charge = $3 AND captured = $4
			AND refunded = 0 AND state = 'paid'`,
		"moves of the payment":      `SELECT COUNT(*) FROM payment_move x` + of + ` AND x.new_state = 'paid'`,
		"lines of PayPal's account": `SELECT COUNT(*) FROM payment_movement x` + of + ` AND x.kind = 'payment' AND x.ref = p.charge AND x.amount = p.captured`,
		"bookings": `SELECT COUNT(*) FROM payment_entry e JOIN payment_ledger x ON x.id = e.ledger_id` + of +
			` AND x.kind = 'payment' AND e.account = 'provider.paypal' AND e.amount = p.captured`,
		"moves of the order": `SELECT COUNT(*) FROM order_move m JOIN payment_payment p ON p.order_id = m.order_id
			WHERE p.number = $1 AND p.ref = $2 AND p.charge = $3 AND p.captured = $4 AND m.to_state = 3`,
	} {
		if n := c.count(c.t, query, number, ref, charge, total); n != 1 {
			c.t.Errorf("%d %s for order %s, want 1", n, what, number)
		}
	}
}
