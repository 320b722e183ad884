package kill

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/tools/rig"
	"strongroom/tools/shopper"
)

// call is one question that the store asks a provider, and how the test has the real program ask it.
type call struct {
	name   string
	method string
	path   string // {} is any name
	ready  func(c *scene)
	act    func(c *scene) error // its error is the killed program's
	after  func(c *scene)       // a person goes on, or the store by itself
	firm   string               // the provider is this one's stand-in; empty: the sandbox
	held   bool                 // the store takes money when goods leave
	soon   bool                 // the program is started again while the lease of its comparison still stands
}

// fits says whether a request is the call.
func (k call) fits(r *http.Request) bool {
	a, b := strings.Split(k.path, "/"), strings.Split(r.URL.Path, "/")
	if r.Method != k.method || len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != "{}" && a[i] != b[i] {
			return false
		}
	}
	return true
}

// calls are all that the store asks a provider, of the sandbox, and what it asks of firms only.
func calls() []call {
	return []call{
		{name: "start of a session", method: "POST", path: "/v1/sessions", ready: (*scene).toCheck, act: (*scene).oblige, after: (*scene).obligeAgain},
		{name: "question how a session stands", method: "GET", path: "/v1/sessions/{}", ready: (*scene).toHosted, act: (*scene).payHosted, after: (*scene).isPaid},
		{name: "end of a session", method: "POST", path: "/v1/sessions/{}/expire", ready: (*scene).toHosted, act: (*scene).cancel, after: (*scene).cancelAgain},
		{name: "taking of a held sum", method: "POST", path: "/v1/sessions/{}/capture", ready: (*scene).reserved, act: (*scene).send, after: (*scene).sendAgain, held: true},
		{name: "letting go of a held sum", method: "POST", path: "/v1/sessions/{}/void", ready: (*scene).reserved, act: (*scene).cancel, after: (*scene).isLetGo, held: true},
		{name: "refund", method: "POST", path: "/v1/sessions/{}/refunds", ready: (*scene).bought, act: (*scene).refund, after: (*scene).refundAgain},
		{name: "the provider's account", method: "GET", path: "/v1/movements", ready: (*scene).compared, act: (*scene).compare, after: (*scene).isCompared, soon: true},
		{name: "list of disputes", method: "GET", path: "/v1/disputes", ready: (*scene).compared, act: (*scene).compare, after: (*scene).isCompared},
		{name: "question how a dispute stands", method: "GET", path: "/v1/disputes/{}", ready: (*scene).bought, act: (*scene).dispute, after: (*scene).isDisputed},
		{name: "answer to a dispute", method: "POST", path: "/v1/disputes/{}/answer", ready: (*scene).collected, act: (*scene).answer, after: (*scene).answerAgain},
		{name: "a dispute given up", method: "POST", path: "/v1/disputes/{}/accept", ready: (*scene).disputed, act: (*scene).accept, after: (*scene).acceptAgain},
		{name: "test of keys", method: "GET", path: "/v1/account", ready: (*scene).toKeys, act: (*scene).pasteKeys, after: (*scene).keysWork, firm: "stripe"},
		{name: "notice address", method: "POST", path: "/v1/webhook_endpoints", ready: (*scene).keys, act: (*scene).subscribe, after: (*scene).subscribeAgain, firm: "stripe"},
		{name: "test payment", method: "POST", path: "/v1/checkout/sessions", ready: (*scene).subscribed, act: (*scene).trial, after: (*scene).trialAgain, firm: "stripe"},
		{name: "refund of a test payment", method: "POST", path: "/v1/refunds", ready: (*scene).tried, act: (*scene).trialPaid, after: (*scene).trialBack, firm: "stripe"},
		{name: "PayPal: capture after approval", method: "POST", path: "/v2/checkout/orders/{}/capture", ready: (*scene).approved, act: (*scene).comeBack, after: (*scene).isCaptured, firm: "paypal"},
	}
}

// TestKilledAroundEveryProviderCall kills the program with SIGKILL around each call that it makes to a payment provider:
// before the call arrives, when the provider has done it and the answer has not arrived, and when the answer has arrived
// and nothing that follows from it can have been written. Nobody waits for time: the provider's own end of the call says
// when. After the next start a person, or the store, goes on; nothing has happened twice and nothing is lost, as the
// provider, the comparison with its account and the ledger say.
//
// Every call is killed in one moment on one engine, by the seed that is printed; in the soak in all on both.
func TestKilledAroundEveryProviderCall(t *testing.T) {
	seed, err := strconv.ParseUint(os.Getenv("STRONGROOM_TEST_SEED"), 10, 64)
	if err != nil {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("STRONGROOM_TEST_SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, 5))
	for _, k := range calls() {
		engines, moments := dbtest.Engines(), rig.Moments
		if !soak {
			i, j := random.IntN(len(engines)), random.IntN(len(moments))
			engines, moments = engines[i:i+1:i+1], moments[j:j+1:j+1]
		}
		for _, e := range engines {
			t.Run(fmt.Sprintf("%s/%s", k.name, e), func(t *testing.T) {
				t.Parallel()
				c := open(t, e, k)
				for _, m := range moments {
					t.Log(m)
					c.killed(k, m)
					if t.Failed() {
						return
					}
				}
			})
		}
	}
}

// killed has the program killed in one moment of the call.
func (c *scene) killed(k call, m rig.Moment) {
	c.t.Helper()
	k.ready(c)
	caught := c.gate.Catch(k.fits, m, c.rig.Freeze, c.rig.Kill)
	said := k.act(c)
	select {
	case err := <-caught:
		if err != nil {
			c.t.Fatalf("%s, %s: %v", k.name, m, err)
		}
	case <-time.After(30 * time.Second):
		c.t.Fatalf("the program did not ask for the %s; it said: %v", k.name, said)
	}
	c.aMinuteLater(k.soon)
	c.rig.Start()
	k.after(c)
	c.settled()
}

// aMinuteLater is the time that passes until the program is started again: the leases of what it was at run out,
// but for that of a comparison if that is wanted: whoever asks then waits for it.
func (c *scene) aMinuteLater(comparing bool) {
	c.t.Helper()
	c.count(c.t, `SELECT COUNT(*) FROM job_queue`) // opens the database
	err := c.d.Write(c.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE job_queue SET leased_until = 1 WHERE state = 'leased'`)
		if err == nil && !comparing {
			_, err = tx.Exec(`UPDATE payment_reconcile SET until_at = 1 WHERE holder IS NOT NULL`)
		}
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

// settled holds the store against the provider: nobody was charged twice, given back twice, or forgotten.
func (c *scene) settled() {
	c.t.Helper()
	c.settle(c.t)
	for _, w := range c.rig.Sandbox.Witness() {
		if n := c.count(c.t, `SELECT COUNT(*) FROM payment_payment WHERE reference = $1 AND ref = $2 AND captured = $3 AND refunded = $4`,
			w.Reference, w.ID, w.Captured, w.Refunded); n != 1 {
			c.t.Errorf("order %s: the provider has %d captured and %d given back; the store says something else", w.Order, w.Captured, w.Refunded)
		}
	}
	if n := c.count(c.t, `SELECT COUNT(*) FROM payment_payment WHERE provider = 'sandbox' AND ref <> ''`); n != int64(len(c.rig.Sandbox.Witness())) {
		c.t.Errorf("%d sessions in the store, %d at the provider", n, len(c.rig.Sandbox.Witness()))
	}
	c.checkAccount(c.t)
	if c.paypal != nil {
		c.checkPayPal()
	}
	c.checkMail(c.t)
	if n := c.count(c.t, `SELECT COUNT(*) FROM payment_payment WHERE state = 'mismatch'`); n != 0 {
		c.t.Errorf("%d payments do not fit", n)
	}
}

// until waits for what the store does by itself.
func (c *scene) until(what string, done func() bool) {
	c.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(40 * time.Second)
	for !done() {
		select {
		case <-tick.C:
		case <-limit:
			c.t.Fatalf("after 40 seconds still not: %s\n%s", what, c.rig.Log.Tail())
		}
	}
}

// buyer is a new shopper.
func (c *scene) buyer() (*shopper.Shopper, shopper.Person) {
	c.n++
	return c.rig.Network.New(fmt.Sprintf("198.18.9.%d", c.n)), shopper.Somebody(fmt.Sprintf("buyer%d@buyers.example", c.n))
}
