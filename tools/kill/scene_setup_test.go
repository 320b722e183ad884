package kill

import (
	"net/http"
	"net/url"
	"regexp"

	"strongroom/base/clock"
	"strongroom/tools/rig"
	"strongroom/tools/standin/stripe"
)

// What follows is Stripe, as the owner sets it up at the desk.

const (
	stripeKey     = "rk_test_51restricted0123456789"
	stripeAccount = "acct_1KilnAndOrchard"
)

// startStripe makes the stand-in, whose notices the client carries.
func (c *scene) startStripe(client *http.Client) map[string]http.Handler {
	c.stripe = stripe.New(stripe.Config{Clock: clock.System(), Client: client, Accounts: []stripe.Account{{ID: stripeAccount, Name: "Kiln & Orchard",
		Keys: []stripe.Key{{Secret: stripeKey, Rights: stripe.Rights()}}}}})
	c.gate = rig.NewGate(c.stripe)
	return map[string]http.Handler{"api.stripe.com": c.gate}
}

// toKeys is a store without that provider.
func (c *scene) toKeys() {
	c.t.Helper()
	if c.link != "" {
		c.owner.Send(c.owner.Page(c.link), c.link+"/forget", nil)
	}
}

func (c *scene) pasteKeys() error {
	_, err := c.owner.Try(c.owner.Page("/new-provider/stripe"), "/new-provider/stripe", url.Values{"paste.key": {stripeKey}})
	return err
}

var providerLink = regexp.MustCompile(`/providers/[0-9a-f]{32}`)

// keysWork: what was pasted is there, and nobody needs to paste it again; one press tests it.
func (c *scene) keysWork() {
	c.t.Helper()
	c.findProvider()
	c.owner.Send(c.owner.Page(c.link), c.link+"/test", nil)
	c.findProvider() // tested keys belong to an account, which has a row of its own
	if n := c.count(c.t, `SELECT COUNT(*) FROM payment_provider WHERE name = 'stripe' AND state = 'testing' AND account = $1 AND problem = ''`, stripeAccount); n != 1 {
		c.t.Errorf("%d providers are being tested", n)
	}
	if n := c.count(c.t, `SELECT COUNT(*) FROM payment_provider`); n != 1 {
		c.t.Errorf("%d providers", n)
	}
}

func (c *scene) findProvider() {
	c.t.Helper()
	if c.link = providerLink.FindString(string(c.owner.Page("/providers").Body)); c.link == "" {
		c.t.Fatal("the desk shows no provider")
	}
}

func (c *scene) keys() {
	c.t.Helper()
	if c.link == "" {
		c.must(c.pasteKeys())
		c.keysWork()
	}
}

func (c *scene) subscribe() error {
	_, err := c.owner.Try(c.owner.Page(c.link), c.link+"/notices", nil)
	return err
}

// subscribeAgain: one press more, and the provider has the address once, with a secret that the store knows.
func (c *scene) subscribeAgain() {
	c.t.Helper()
	c.must(c.subscribe())
	if n := c.stripe.Subscribed(c.rig.Shop + "/notices/stripe"); n != 1 {
		c.t.Errorf("the provider has the notice address %d times", n)
	}
	before := c.heard()
	c.must(c.trial())
	c.trialAgain()
	c.must(c.trialPaid())
	c.until("a notice is believed", func() bool { return c.heard() > before })
}

func (c *scene) heard() int64 {
	return c.count(c.t, `SELECT COUNT(*) FROM payment_notice WHERE provider = 'stripe'`)
}

func (c *scene) subscribed() {
	c.t.Helper()
	c.keys()
	if c.session != "" { // one at a time
		c.must(c.trialPaid())
		c.trialBack()
	}
	c.must(c.subscribe())
}

func (c *scene) trial() error {
	_, err := c.owner.Try(c.owner.Page(c.link), c.link+"/trial", nil)
	return err
}

var hostedLink = regexp.MustCompile(`https://checkout\.stripe\.com/c/pay/(cs_test_\w+)`)

// trialAgain: the test payment that was begun is the one that is open.
func (c *scene) trialAgain() {
	c.t.Helper()
	var m []string
	c.until("the way to the test payment is shown", func() bool {
		m = hostedLink.FindStringSubmatch(string(c.owner.Page(c.link + "?back=1").Body))
		return m != nil
	})
	c.session = m[1]
	sessions := c.count(c.t, `SELECT COUNT(*) FROM payment_payment WHERE provider = 'stripe'`)
	if n := int64(c.stripe.Sessions(stripeAccount, false)); n != sessions {
		c.t.Errorf("%d sessions at the provider, %d in the store", n, sessions)
	}
}

func (c *scene) tried() {
	c.t.Helper()
	c.subscribed()
	c.must(c.trial())
	c.trialAgain()
}

// trialPaid: the owner pays, and the provider tells of it.
func (c *scene) trialPaid() error {
	c.stripe.Visit(c.session, "paid")
	c.stripe.Step(c.ctx())
	return nil
}

// trialBack: a test payment is given back by itself, once.
func (c *scene) trialBack() {
	c.t.Helper()
	c.until("the test payment is given back", func() bool {
		c.stripe.Step(c.ctx())
		return c.count(c.t, `SELECT COUNT(*) FROM payment_payment WHERE ref = $1 AND state = 'paid' AND refunded = captured`, c.session) == 1
	})
	captured, refunded := c.stripe.Sums(stripeAccount, false)
	if n := c.count(c.t, `SELECT CAST(SUM(captured) AS BIGINT) FROM payment_payment WHERE provider = 'stripe'`); captured != n || refunded != n {
		c.t.Errorf("the provider captured %d and gave %d back; the store thinks %d", captured, refunded, n)
	}
}
