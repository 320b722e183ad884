// Package kill ends the program with SIGKILL at random moments while people buy, starts it again, and then compares the
// store with two witnesses that were never killed: the payment provider and the mail server.
//
// What must hold afterwards: no order that was paid at the provider is lost, none is paid twice, the ledger sums to
// zero, what left the stock is what was sold, and every sealed field can still be read.
package kill

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/tools/rig"
	"strongroom/tools/shopper"
)

// rounds is how often the program is killed on each engine; the soak has many more.
func rounds() int {
	if soak {
		return 60
	}
	return 5
}

const (
	buyers = 8
	pieces = 100_000
)

func TestKilledWhilePeopleBuy(t *testing.T) {
	for _, e := range dbtest.Engines() {
		t.Run(string(e), func(t *testing.T) {
			t.Parallel()
			seed := uint64(time.Now().UnixNano())
			t.Logf("seed %d", seed)
			killRounds(t, e, rand.New(rand.NewPCG(seed, 1)))
		})
	}
}

// Three processes share one PostgreSQL behind a balancer that sends each request to another one; one after the other is
// killed while the rest go on selling.
func TestOneOfThreeKilledWhilePeopleBuy(t *testing.T) {
	if !slices.Contains(dbtest.Engines(), db.Postgres) {
		t.Log("no PostgreSQL: processes can share nothing else")
		return
	}
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 3))
	r := rig.New(t, db.Postgres, "STRONGROOM_LIMITS_SCALE=1000")
	goods(t, r)
	r.Cluster(3)
	m := sell(t, r, random, func(ctx context.Context) {
		for range rounds() {
			pause(ctx, time.Duration(200+random.IntN(1500))*time.Millisecond)
			one := random.IntN(r.Nodes())
			r.KillOne(one)
			pause(ctx, time.Duration(random.IntN(500))*time.Millisecond)
			r.StartOne(one)
		}
	})
	m.check(t)
	for i, n := range r.Asked() {
		if n < 50 {
			t.Errorf("process %d was asked %d times: the test shows little", i+1, n)
		}
	}
}

func killRounds(t *testing.T, e db.Engine, random *rand.Rand) {
	r := rig.New(t, e, "STRONGROOM_LIMITS_SCALE=1000")
	goods(t, r)
	m := sell(t, r, random, func(ctx context.Context) {
		for range rounds() {
			pause(ctx, time.Duration(200+random.IntN(1500))*time.Millisecond)
			r.Kill()
			r.Start()
		}
	})
	m.check(t)
}

// sell has people buy while the store is disturbed, and waits until everything is settled.
func sell(t *testing.T, r *rig.Rig, random *rand.Rand, disturb func(context.Context)) *market {
	t.Helper()
	r.Start()
	m := &market{rig: r}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var wg sync.WaitGroup
	for b := range buyers {
		seed := random.Uint64()
		wg.Go(func() { m.buy(ctx, b, rand.New(rand.NewPCG(seed, 2))) })
	}
	disturb(ctx)
	pause(ctx, time.Second)
	stop()
	wg.Wait()
	m.settle(t)
	return m
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func goods(t *testing.T, r *rig.Rig) {
	t.Helper()
	csv := "handle,category,title:en,title:de,tax_class,sku,price,weight_g,stock\n" +
		fmt.Sprintf("bowl,tableware,Bowl,Schale,standard,BOWL-1,34.00,500,%d\n", pieces) +
		fmt.Sprintf("honey,pantry,Honey,Honig,reduced,HONEY-1,9.50,700,%d\n", pieces)
	r.Import(csv)
}

// market is the people who buy, and what they were told.
type market struct {
	rig  *rig.Rig
	d    *db.DB // opened by the first count
	mu   sync.Mutex
	paid []string // numbers of orders whose page said that they are paid
	n    int
}

func (m *market) buy(ctx context.Context, buyer int, random *rand.Rand) {
	ways := []shopper.Outcome{shopper.Paid, shopper.Paid, shopper.Paid, shopper.Declined, shopper.Pending, shopper.Late}
	for i := 0; ctx.Err() == nil; i++ {
		s := m.rig.Network.New(fmt.Sprintf("198.18.%d.%d", buyer, i%250+1))
		product := []string{"/en/p/bowl", "/en/p/honey"}[random.IntN(2)]
		way := ways[random.IntN(len(ways))]
		o, err := s.Buy(ctx, m.rig.Shop, product, shopper.Somebody(fmt.Sprintf("buyer%d.%d@buyers.example", buyer, i)), way)
		m.note(o, err)
		if err != nil {
			pause(ctx, 50*time.Millisecond) // the store is being started again
		}
	}
}

func (m *market) note(o shopper.Order, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.n++
	if err == nil && o.Number != "" && strings.Contains(string(o.Last.Body), `class="state done"`) {
		m.paid = append(m.paid, o.Number)
	}
}

// settle waits until the provider has told everything and nothing of the store waits for it any more.
func (m *market) settle(t *testing.T) {
	t.Helper()
	limit := time.Now().Add(90 * time.Second)
	for {
		open := 0
		for _, w := range m.rig.Sandbox.Witness() {
			if w.Status == "pending" || w.Notices > 0 {
				open++
			}
		}
		waiting := m.count(t, `SELECT COUNT(*) FROM payment_payment WHERE state = 'pending'`)
		if open == 0 && waiting == 0 {
			return
		}
		if time.Now().After(limit) {
			t.Fatalf("%d sessions and %d payments are still under way\n%s", open, waiting, m.rig.Log.Tail())
		}
		pause(t.Context(), 200*time.Millisecond)
	}
}
