package kill

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"strongroom/base/db/dbtest"
	"strongroom/front/demo/sandbox"
	"strongroom/tools/rig"
	"strongroom/tools/shopper"
)

// sums is how many held sums are taken on each engine; the soak has more.
func sums() int {
	if soak {
		return 40
	}
	return 4
}

// Held sums are taken from the command line while that and the server are killed at random moments, before, in and after
// the call to the provider. In the end each is taken once, whole, and stands so in order, payment and ledger.
func TestKilledWhileHeldSumsAreTaken(t *testing.T) {
	for _, e := range dbtest.Engines() {
		t.Run(string(e), func(t *testing.T) {
			t.Parallel()
			seed := uint64(time.Now().UnixNano())
			t.Logf("seed %d", seed)
			random := rand.New(rand.NewPCG(seed, 4))
			r := rig.New(t, e, "STRONGROOM_LIMITS_SCALE=1000", "STRONGROOM_PAYMENT_CAPTURE=shipment")
			goods(t, r)
			r.Start()
			m := &market{rig: r}
			for i := range sums() {
				m.reserve(t, i)
			}
			r.Sandbox.Switch(sandbox.Switches{SlowMillis: 400}) // it does as it is told, and answers late
			for i, number := range m.paid {
				r.Killed(time.Duration(100+random.IntN(900))*time.Millisecond, "payment", "capture", number)
				if i%2 == 0 {
					r.Kill()
					r.Start()
				}
			}
			t.Logf("%d of %d acts are open", m.count(t, `SELECT COUNT(*) FROM payment_hold WHERE state = 'asked'`), len(m.paid))
			r.Sandbox.Switch(sandbox.Switches{})
			m.takeAll(t)
			m.checkTaken(t)
		})
	}
}

// reserve has somebody buy whose sum is held.
func (m *market) reserve(t *testing.T, i int) {
	t.Helper()
	o, err := m.rig.Network.New(fmt.Sprintf("198.18.9.%d", i+1)).Buy(t.Context(), m.rig.Shop, "/en/p/bowl", shopper.Somebody(fmt.Sprintf("held%d@buyers.example", i)), shopper.Paid)
	if err != nil || o.Number == "" {
		t.Fatalf("%q, %v", o.Number, err)
	}
	limit := time.Now().Add(30 * time.Second)
	for m.count(t, `SELECT COUNT(*) FROM order_head WHERE number = $1 AND state = 8`, o.Number) == 0 {
		if time.Now().After(limit) {
			t.Fatalf("order %s is not held\n%s", o.Number, m.rig.Log.Tail())
		}
		pause(t.Context(), 100*time.Millisecond)
	}
	m.paid = append(m.paid, o.Number)
}

// takeAll asks for every sum until all are taken. What died is taken up again when its lease has ended.
func (m *market) takeAll(t *testing.T) {
	t.Helper()
	limit := time.Now().Add(2 * time.Minute)
	for {
		left := 0
		for _, number := range m.paid {
			if m.count(t, `SELECT COUNT(*) FROM order_head WHERE number = $1 AND state = 3`, number) == 0 {
				left++
				_, _ = m.rig.Command("payment", "capture", number)
			}
		}
		if left == 0 {
			return
		}
		if time.Now().After(limit) {
			t.Fatalf("%d of %d sums are not taken\n%s", left, len(m.paid), m.rig.Log.Tail())
		}
		pause(t.Context(), 2*time.Second)
	}
}

func (m *market) checkTaken(t *testing.T) {
	t.Helper()
	for _, w := range m.rig.Sandbox.Witness() {
		if w.Status != "paid" || w.Captured != w.Amount || w.Refunded != 0 {
			t.Errorf("order %s is %s at the provider with %d of %d", w.Order, w.Status, w.Captured, w.Amount)
		}
	}
	if n := m.count(t, `SELECT COUNT(*) FROM payment_hold WHERE state = 'done'`); n != int64(len(m.paid)) {
		t.Errorf("%d sums were taken in %d acts", len(m.paid), n)
	}
	if n := m.count(t, `SELECT COUNT(*) FROM payment_hold WHERE state <> 'done'`); n != 0 {
		t.Errorf("%d acts did not come to an end", n)
	}
	if n := m.count(t, `SELECT COALESCE(SUM(amount), 0) FROM payment_entry WHERE account = 'receivable'`); n != 0 {
		t.Errorf("%d are owed though all was taken", n)
	}
	if out, err := m.rig.Command("payment", "ledger", "--json"); err != nil {
		t.Errorf("the ledger does not agree: %v\n%s", err, out)
	}
}
