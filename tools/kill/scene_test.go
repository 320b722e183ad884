package kill

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/front/demo/sandbox"
	"strongroom/tools/rig"
	"strongroom/tools/shopper"
	"strongroom/tools/standin/paypal"
	"strongroom/tools/standin/stripe"
)

// scene is a store with a desk that is killed over one call, again and again.
type scene struct {
	market
	t     *testing.T
	gate  *rig.Gate
	owner *rig.Clerk

	stripe *stripe.Server // where that is the provider
	paypal *paypal.Server // where that is the provider
	asked  *captures      // what it was asked to capture
	back   string         // where it sends who has approved

	n       int
	shopper *shopper.Shopper
	page    *shopper.Page // whose form is sent over the killed call
	form    shopper.Form
	number  string // of the order
	link    string // of the dispute, or of the provider, at the desk
	session string // of the test payment, or the order at PayPal
}

// open starts a store whose providers are behind a gate.
func open(t *testing.T, e db.Engine, k call) *scene {
	t.Helper()
	c := &scene{t: t}
	env := []string{"STRONGROOM_LIMITS_SCALE=1000", rig.WithDesk}
	if k.held {
		env = append(env, "STRONGROOM_PAYMENT_CAPTURE=shipment")
	}
	client := &http.Client{Timeout: 5 * time.Second, Transport: late(func() http.RoundTripper { return c.rig.Transport() })}
	switch k.firm {
	case "stripe":
		env = append(env, rig.StartOutside(t, c.startStripe(client)).Env...)
	case "paypal":
		env = append(env, rig.StartOutside(t, c.startPayPal(client)).Env...)
	}
	c.rig = rig.New(t, e, env...)
	if k.firm == "" {
		c.gate = c.rig.Gate
	}
	goods(t, c.rig)
	c.rig.Start()
	c.owner = c.rig.Owner("Ida")
	return c
}

// late is a way that is known later.
type late func() http.RoundTripper

// RoundTrip sends the request on.
func (l late) RoundTrip(r *http.Request) (*http.Response, error) { return l().RoundTrip(r) }

func (c *scene) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *scene) ctx() context.Context { return c.t.Context() }

// toCheck is a shopper before the button that obliges to pay.
func (c *scene) toCheck() {
	c.t.Helper()
	s, who := c.buyer()
	details, err := s.ToDetails(c.ctx(), c.rig.Shop, "/en/p/bowl")
	c.must(err)
	f, err := details.Form("/checkout")
	c.must(err)
	check, err := s.Submit(c.ctx(), f, who.Fill(f))
	c.must(err)
	c.form, err = check.Form("/checkout/pay")
	c.must(err)
	c.shopper = s
}

func (c *scene) oblige() error {
	_, err := c.shopper.Submit(c.ctx(), c.form, nil)
	return err
}

// obligeAgain: she presses the button again, and it is the same order and the same session.
func (c *scene) obligeAgain() {
	c.t.Helper()
	before := c.count(c.t, `SELECT COUNT(*) FROM order_head`)
	hosted, err := c.shopper.Submit(c.ctx(), c.form, nil)
	c.must(err)
	c.payFor(hosted)
	if after := c.count(c.t, `SELECT COUNT(*) FROM order_head`); after != before || before != int64(len(c.rig.Sandbox.Witness())) {
		c.t.Errorf("%d orders, then %d, and %d sessions", before, after, len(c.rig.Sandbox.Witness()))
	}
}

func (c *scene) payFor(hosted *shopper.Page) {
	c.t.Helper()
	p, err := c.shopper.Pay(c.ctx(), hosted, shopper.Paid)
	c.must(err)
	c.number = p.Number()
	c.isPaid()
}

// toHosted is a shopper on the provider's page.
func (c *scene) toHosted() {
	c.t.Helper()
	c.toCheck()
	p, err := c.shopper.Submit(c.ctx(), c.form, nil)
	c.must(err)
	c.page = p
	all := c.rig.Sandbox.Witness()
	c.number = all[len(all)-1].Order
}

func (c *scene) payHosted() error {
	_, err := c.shopper.Pay(c.ctx(), c.page, shopper.Paid)
	return err
}

// isPaid: the order becomes paid by itself.
func (c *scene) isPaid() {
	c.t.Helper()
	c.until("order "+c.number+" is paid", func() bool {
		return c.count(c.t, `SELECT COUNT(*) FROM order_head WHERE number = $1 AND state = 3`, c.number) == 1
	})
}

func (c *scene) bought() {
	c.t.Helper()
	c.toHosted()
	c.must(c.payHosted())
	c.isPaid()
}

func (c *scene) witness() sandbox.WitnessLine {
	c.t.Helper()
	for _, w := range c.rig.Sandbox.Witness() {
		if w.Order == c.number {
			return w
		}
	}
	c.t.Fatalf("the provider does not know order %s", c.number)
	return sandbox.WitnessLine{}
}

func (c *scene) orderPage() *shopper.Page { return c.owner.Page("/orders/" + c.number) }

func (c *scene) cancel() error {
	_, err := c.owner.Try(c.orderPage(), "/orders/"+c.number+"/cancel", nil)
	return err
}

// cancelAgain: whoever cancelled does so again, unless the store has found it done.
func (c *scene) cancelAgain() {
	c.t.Helper()
	c.must(c.cancel())
	if w := c.witness(); w.Status != "expired" {
		c.t.Errorf("the session is %s", w.Status)
	}
	if n := c.count(c.t, `SELECT COUNT(*) FROM order_head WHERE number = $1 AND state = 5`, c.number); n != 1 {
		c.t.Error("the order is not cancelled")
	}
	if n := c.count(c.t, `SELECT SUM(reserved) FROM stock_level`); n != 0 {
		c.t.Errorf("%d pieces are still reserved", n)
	}
}

func (c *scene) refund() error {
	p := c.orderPage()
	f, err := p.Form("/orders/" + c.number + "/refund")
	c.must(err)
	c.page, c.form = p, f
	_, err = c.owner.Submit(c.ctx(), f, url.Values{"sum": {"5.00"}, "why": {"goodwill"}})
	return err
}

// refundAgain: who sent the page sends it again, and what the store began it ends by itself; that is one refund.
func (c *scene) refundAgain() {
	c.t.Helper()
	_, err := c.owner.Submit(c.ctx(), c.form, url.Values{"sum": {"5.00"}, "why": {"goodwill"}})
	c.must(err)
	c.until("the refund is done", func() bool {
		return c.count(c.t, `SELECT COUNT(*) FROM payment_refund r JOIN payment_payment p ON p.id = r.payment_id
			WHERE p.number = $1 AND r.state = 'done' AND r.amount = 500`, c.number) == 1
	})
	if n := c.count(c.t, `SELECT COUNT(*) FROM payment_refund r JOIN payment_payment p ON p.id = r.payment_id WHERE p.number = $1`, c.number); n != 1 || c.witness().Refunded != 500 {
		c.t.Errorf("%d refunds, and the provider gave %d back", n, c.witness().Refunded)
	}
}

// compared is a store whose nightly comparison of today is over, and that has something to compare since.
func (c *scene) compared() {
	c.t.Helper()
	c.rig.MustCommand("payment", "reconcile", "--json")
	c.bought()
	c.must(c.d.Write(c.ctx(), func(tx *db.Tx) error { // who asks twice in a minute is answered once
		_, err := tx.Exec(`UPDATE job_queue SET key = key || '/' || CAST(made_at AS TEXT) WHERE kind = 'payment.compare'`)
		return err
	}))
}

func (c *scene) compare() error {
	_, err := c.owner.Try(c.owner.Page("/money"), "/money/compare", nil)
	return err
}

// isCompared: the comparison that was killed is gone on with, by whoever asks, and comes to its end.
func (c *scene) isCompared() {
	c.t.Helper()
	out := c.rig.MustCommand("payment", "reconcile", "--json")
	if !strings.Contains(out, `"resumed":true`) {
		c.until("the comparison is over", func() bool {
			return c.count(c.t, `SELECT COUNT(*) FROM payment_reconcile WHERE holder IS NULL AND ended_at > 0`) == 1
		})
	}
}

func (c *scene) dispute() error {
	return c.rig.Sandbox.Try(c.ctx(), c.witness().ID, sandbox.Trial{Dispute: "open", Reason: "fraudulent"})
}

func (c *scene) isDisputed() {
	c.t.Helper()
	c.until("the dispute is known", func() bool {
		return c.count(c.t, `SELECT COUNT(*) FROM payment_dispute WHERE number = $1 AND state = 'open' AND taken > 0`, c.number) == 1
	})
}

var disputeLink = regexp.MustCompile(`/money/disputes/[0-9a-f]{32}`)

func (c *scene) disputed() {
	c.t.Helper()
	c.bought()
	c.must(c.dispute())
	c.isDisputed()
	c.link = ""
	for _, link := range disputeLink.FindAllString(string(c.owner.Page("/money/disputes").Body), -1) {
		if strings.Contains(string(c.owner.Page(link).Body), c.number) {
			c.link = link
		}
	}
	if c.link == "" {
		c.t.Fatalf("the desk shows no dispute about %s", c.number)
	}
}

// collected is a page with an answer to a dispute that waits to be sent.
func (c *scene) collected() {
	c.t.Helper()
	c.disputed()
	c.page = c.owner.Send(c.owner.Page(c.link), c.link+"/collect", nil)
}

func (c *scene) answer() error {
	_, err := c.owner.Try(c.page, c.link+"/answer", url.Values{"how": {"send"}})
	return err
}

// answerAgain: who sent the answer sends it again; where it has arrived already, the page says so.
func (c *scene) answerAgain() {
	c.t.Helper()
	c.must(c.answer())
	c.until("the answer is with the bank", func() bool {
		return c.count(c.t, `SELECT COUNT(*) FROM payment_dispute WHERE number = $1 AND state IN ('review', 'won', 'lost')`, c.number) == 1
	})
}

func (c *scene) accept() error {
	_, err := c.owner.Try(c.owner.Page(c.link), c.link+"/accept", url.Values{"sure": {"1"}})
	return err
}

func (c *scene) acceptAgain() {
	c.t.Helper()
	_ = c.accept() // the page offers it no more where it is known already
	c.until("the dispute is given up", func() bool {
		return c.count(c.t, `SELECT COUNT(*) FROM payment_dispute WHERE number = $1 AND state = 'accepted'`, c.number) == 1
	})
}
