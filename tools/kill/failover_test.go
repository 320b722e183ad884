//go:build failover

package kill

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"

	"strongroom/tools/rig"
	"strongroom/tools/shopper"
)

const (
	perSecond = 50
	again     = 30 * time.Second // until shoppers buy again
	// most bounds the shoppers who are in the shop at once.
	most = 250
)

// TestFailover takes the primary away twice while fifty shoppers a second come to buy: killed as by a power cut, and
// frozen, as a virtual machine that is moved. Afterwards the store is held against the provider, who saw everything.
func TestFailover(t *testing.T) {
	g := startGroup(t)
	d, err := sql.Open("pgx", g.address("postgres"))
	must(t, err)
	for _, name := range []string{"data", "keys"} {
		_, err := d.Exec("CREATE DATABASE shop_" + name)
		must(t, err)
	}
	must(t, d.Close())
	r := rig.NewOn(t, g.address("shop_data"), g.address("shop_keys"), "STRONGROOM_LIMITS_SCALE=1000")
	goods(t, r)
	r.Cluster(3)
	r.Start()
	c := &crowd{market: market{rig: r}, net: shopper.NewNetwork(r.Roots, most)}
	defer c.net.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	over := make(chan struct{})
	go func() { defer close(over); c.come(ctx) }()
	pause(ctx, 15*time.Second)
	before := c.rate(10 * time.Second)

	var table []string
	event := func(name string, blow func(m *member), heal func(m *member)) {
		g.wait(func() bool { return g.leader() != nil && g.standbys() == members-1 && g.synchronous() })
		m := g.leader()
		shown, asked := r.Statuses(), time.Now()
		blow(m)
		took, ok := c.nextPaid(asked, 2*again)
		pause(ctx, max(0, 40*time.Second-time.Since(asked)))
		g.wait(func() bool { l := g.leader(); return l != nil && l != m })
		table = append(table, fmt.Sprintf("| %s | %.1f s | %s |", name, took.Seconds(), difference(shown, r.Statuses())))
		if !ok || took > again {
			t.Errorf("%s: selling again after %s", name, took)
		}
		heal(m)
	}
	event("primary killed (PostgreSQL and Patroni, SIGKILL)", (*member).kill, g.start)
	pause(ctx, 10*time.Second)
	event("primary frozen (PostgreSQL and Patroni, SIGSTOP)", func(m *member) { m.signal(syscall.SIGSTOP) }, func(m *member) { m.signal(syscall.SIGCONT) })
	pause(ctx, 15*time.Second)
	after := c.rate(10 * time.Second)
	stop()
	<-over
	c.settle(t)
	c.check(t)
	if l := g.leader(); l == nil {
		t.Error("no primary in the end")
	}
	t.Logf("\n| Event | until the next paid order | answers meanwhile that were no success |\n|---|---|---|\n%s\n", strings.Join(table, "\n"))
	t.Logf("%d shoppers came (%d a second wanted), %d saw their order paid; paid orders a second: %.0f before, %.0f after; turned away at the door because %d were inside: %d",
		c.came.Load(), perSecond, len(c.paid), before, after, most, c.away.Load())
	t.Logf("what went wrong for shoppers: %v", c.kinds())
}

// difference are the answers that were no success, by status.
func difference(before, after map[int]int64) string {
	var out []string
	for _, status := range slices.Sorted(maps.Keys(after)) {
		if n := after[status] - before[status]; n > 0 && status >= 400 {
			out = append(out, fmt.Sprintf("%d: %d", status, n))
		}
	}
	if out == nil {
		return "none"
	}
	return strings.Join(out, ", ")
}

// crowd is many shoppers who come at a steady rate, whatever the store does.
type crowd struct {
	market
	net   *shopper.Network
	came  atomic.Int64
	away  atomic.Int64
	mu    sync.Mutex
	times []time.Time // of paid orders
	wrong map[string]int
}

func (c *crowd) come(ctx context.Context) {
	tick := time.NewTicker(time.Second / perSecond)
	defer tick.Stop()
	inside := make(chan struct{}, most)
	var wg sync.WaitGroup
	defer wg.Wait()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		select {
		case inside <- struct{}{}:
		default:
			c.away.Add(1)
			continue
		}
		c.came.Add(1)
		wg.Go(func() {
			defer func() { <-inside }()
			c.one(context.WithoutCancel(ctx), i)
		})
	}
}

func (c *crowd) one(ctx context.Context, i int) {
	s := c.net.New(fmt.Sprintf("198.18.%d.%d", i/250%250, i%250+1))
	product := []string{"/en/p/bowl", "/en/p/honey"}[rand.IntN(2)]
	o, err := s.Buy(ctx, c.rig.Shop, product, shopper.Somebody(fmt.Sprintf("crowd%d@buyers.example", i)), shopper.Paid)
	c.note(o, err)
	if err == nil && !strings.Contains(string(o.Last.Body), `class="state done"`) {
		err = fmt.Errorf("the last page (%d) does not say that the order is paid", o.Last.Status)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		if c.wrong == nil {
			c.wrong = map[string]int{}
		}
		text, _, _ := strings.Cut(err.Error(), " after ")
		c.wrong[text[:min(len(text), 90)]]++
		return
	}
	c.times = append(c.times, time.Now())
}

// kinds are the failures, the most frequent first.
func (c *crowd) kinds() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	keys := slices.SortedFunc(maps.Keys(c.wrong), func(a, b string) int { return c.wrong[b] - c.wrong[a] })
	var out []string
	for _, k := range keys[:min(len(keys), 8)] {
		out = append(out, fmt.Sprintf("%d x %s", c.wrong[k], k))
	}
	return out
}

// rate is how many orders a second were paid lately.
func (c *crowd) rate(span time.Duration) float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, since := 0, time.Now().Add(-span)
	for _, at := range c.times {
		if at.After(since) {
			n++
		}
	}
	return float64(n) / span.Seconds()
}

// nextPaid waits for an order that was paid after a moment: a second later, so that a page that was under way does not
// count.
func (c *crowd) nextPaid(since time.Time, limit time.Duration) (time.Duration, bool) {
	for end := time.Now().Add(limit); time.Now().Before(end); {
		c.mu.Lock()
		for _, at := range c.times {
			if took := at.Sub(since); took > time.Second {
				c.mu.Unlock()
				return took, true
			}
		}
		c.mu.Unlock()
		pause(context.Background(), 50*time.Millisecond)
	}
	return limit, false
}
