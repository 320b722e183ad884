package attack

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strongroom/base/web"
	"strongroom/guard/identity/identitytest"
	"strongroom/tools/rig"
	"strongroom/tools/shopper"
)

// The attack's pace. The store looks at thirty tries in six seconds; the right pairs are the first of each such span, so
// that it looks at every one of them: what holds then is not that it was too busy.
const (
	pace    = 450 // pairs a second
	span    = 6 * time.Second
	perSpan = 20 // right pairs
)

// stuffed is a store of its own, with the limits of every day, and what happened to it.
type stuffed struct {
	*site
	t        *testing.T
	networks []*bot
	right    chan int // pairs that are right and were not looked at yet
	valid    []string
	owner    *member

	opened, released, refused, slowed, busy, strange atomic.Int64
	passes, failed                                   atomic.Int64
	longest                                          atomic.Int64 // passkey sign-in, in nanoseconds
}

// bot is one of the attacker's addresses: a browser that no account knows.
type bot struct {
	mu    sync.Mutex
	b     *shopper.Shopper
	token string
}

// stuffing is row 9 and a figure of its own: pairs of names and passwords from another shop's leak, from thousands of
// addresses. Some of them are right. None opens an account, passkeys work all the while, the shop stays quick, its
// memory small, and its owner is told within a minute (V6.1.1, V6.3.1, V6.3.5).
func stuffing(t *testing.T, s *site) string {
	pairs, networks, valid := size(2000, 100_000), size(200, 5000), size(10, 500)
	x := &stuffed{site: &site{Rig: rig.New(t, s.Engine)}, t: t}
	x.Import(goods())
	x.Start()
	x.people(valid)
	before := x.count(t, "SELECT COUNT(*) FROM identity_session")
	calm := x.browse(size(2, 10), nil)
	memory := x.watchMemory()
	during, done, told := make(chan []time.Duration, 1), make(chan struct{}), make(chan bool, 1)
	go func() { during <- x.browse(0, done) }()
	go func() { told <- x.ownerTold() }()
	var aside sync.WaitGroup
	aside.Go(func() { x.keepPassing(done) })
	began := time.Now()
	x.attack(pairs, networks)
	took := time.Since(began)
	close(done)
	aside.Wait()
	busy, most := <-during, memory()
	if !<-told {
		t.Error("the owner was not told within a minute")
	}
	x.judge(before, began)
	p99, p99during := quantile(calm, 0.99), quantile(busy, 0.99)
	if full && p99during >= 2*p99 {
		t.Errorf("browsing p99 went from %s to %s", p99, p99during)
	}
	if most >= 300<<20 {
		t.Errorf("%d MB of memory", most>>20)
	}
	return fmt.Sprintf("%d pairs from %d networks in %s, %d right: none opened, %d looked at and mailed to their owners, %d wrong, %d told to wait, %d busy; "+
		"%d of %d passkey sign-ins, longest %s; browsing p99 %s before, %s meanwhile (%d pages, p50 %s and %s); %d MB",
		pairs, networks, took.Round(time.Second), valid, x.released.Load(), x.refused.Load(), x.slowed.Load(), x.busy.Load(),
		x.passes.Load(), x.passes.Load()+x.failed.Load(), time.Duration(x.longest.Load()).Round(time.Millisecond),
		p99.Round(10*time.Microsecond), p99during.Round(10*time.Microsecond), len(busy), quantile(calm, 0.5).Round(10*time.Microsecond),
		quantile(busy, 0.5).Round(10*time.Microsecond), most>>20)
}

func goods() string {
	var b strings.Builder
	b.WriteString("handle,category,title:en,title:de,summary:en,description:en,tax_class,sku,price,weight_g,stock\n")
	for i := range 200 {
		fmt.Fprintf(&b, "thing-%d,tableware,Thing %d,Ding %d,A thing,Made by hand.,standard,T-%d,%d.00,500,1000\n", i, i, i, i, 5+i)
	}
	return b.String()
}

// people opens the accounts: those whose passwords leaked elsewhere, and one with a passkey.
func (x *stuffed) people(valid int) {
	var hands sync.WaitGroup
	gate := make(chan struct{}, 8)
	for i := range valid {
		x.valid = append(x.valid, email(i))
		hands.Go(func() {
			gate <- struct{}{}
			defer func() { <-gate }()
			if x.t.Failed() { // one that waits in vain for its mail is enough
				return
			}
			x.newcomer(x.t, email(i), fmt.Sprintf("172.%d.%d.1", 16+i/250, i%250)).withPassword(leaked(i))
		})
	}
	hands.Wait()
	if x.t.Failed() {
		x.t.FailNow()
	}
	x.owner = x.newcomer(x.t, "passkey@buyer.example", "198.20.0.1").withPasskey()
}

func email(i int) string { return fmt.Sprintf("valid%d@buyer.example", i) }

// leaked is the i-th leaked password that somebody uses here too.
func leaked(i int) string { return fmt.Sprintf("%s %d", identitytest.Password, i) }

// attack sends all pairs, the right ones first.
func (x *stuffed) attack(pairs, networks int) {
	net := shopper.NewNetwork(x.Roots, 96)
	defer net.Close()
	for n := range networks {
		x.networks = append(x.networks, &bot{b: net.New(fmt.Sprintf("%d.%d.%d.9", 40+n>>16, n>>8&255, n&255))})
	}
	work := make(chan int, 8)
	var hands sync.WaitGroup
	for range 64 {
		hands.Go(func() {
			for n := range work {
				x.try(n)
			}
		})
	}
	x.right = make(chan int, len(x.valid))
	for n := range x.valid {
		x.right <- n
	}
	x.send(work, pairs)
	close(work)
	hands.Wait()
}

// send paces the pairs: the right ones at the beginning of each span, the others all the while.
func (x *stuffed) send(work chan<- int, pairs int) {
	next, began := time.Now(), time.Time{}
	for n := len(x.valid); n < pairs || len(x.right) > 0; n++ {
		if next = next.Add(time.Second / pace); time.Until(next) > 0 {
			<-time.After(time.Until(next))
		}
		if now := time.Now(); now.Truncate(span).After(began) {
			began = now.Truncate(span)
			for range min(perSpan, len(x.right)) {
				work <- <-x.right
			}
		}
		if n < pairs {
			work <- n
		}
	}
}

// try sends one pair and notes what came of it.
func (x *stuffed) try(n int) {
	bot := x.networks[n%len(x.networks)]
	bot.mu.Lock()
	defer bot.mu.Unlock()
	name, password := fmt.Sprintf("leak%d@buyer.example", n), leaked(n)
	if n < len(x.valid) {
		name = x.valid[n]
	}
	if bot.token == "" {
		p, err := bot.b.Get(x.t.Context(), x.at("/sign-in"))
		if err != nil {
			x.t.Error(err)
			return
		}
		if f, err := p.Form("/account/sign-in"); err == nil {
			bot.token = f.Values.Get(web.TokenField)
		}
	}
	bot.b.Visited = nil
	p, err := bot.b.Once(x.t.Context(), http.MethodPost, x.at("/sign-in"),
		url.Values{web.TokenField: {bot.token}, "email": {name}, "password": {password}}.Encode())
	if err != nil {
		x.t.Error(err)
		return
	}
	switch {
	case bot.b.Cookie(x.Shop, "__Host-account") != "":
		x.opened.Add(1)
	case p.Status == http.StatusSeeOther && p.Header.Get("Location") == "/en/account/wait":
		x.released.Add(1)
	case p.Status == http.StatusForbidden:
		x.refused.Add(1)
	case p.Status == http.StatusTooManyRequests, p.Status == http.StatusServiceUnavailable:
		if x.slowed.Add(1); p.Status == http.StatusServiceUnavailable {
			x.slowed.Add(-1)
			x.busy.Add(1)
		}
		if n < len(x.valid) {
			x.right <- n // tried again in the next span
		}
	default:
		if x.strange.Add(1) > 20 { // of a store that is out, a hundred thousand lines say no more
			return
		}
		x.t.Errorf("a pair was answered with %d to %q: %.300s", p.Status, p.Header.Get("Location"), p.Problems())
	}
}

// judge holds what the attack did against what it may do.
func (x *stuffed) judge(before int64, began time.Time) {
	t := x.t
	if n := x.opened.Load(); n != 0 {
		t.Errorf("%d pairs opened an account from an unknown browser", n)
	}
	if n := x.count(t, "SELECT COUNT(*) FROM identity_session") - before; n != x.passes.Load() {
		t.Errorf("%d new sessions, %d by passkey", n, x.passes.Load())
	}
	if got := x.released.Load(); got != int64(len(x.valid)) {
		t.Errorf("%d of %d right pairs were looked at", got, len(x.valid))
	}
	if x.slowed.Load() == 0 || x.failed.Load() > 0 || x.passes.Load() == 0 {
		t.Errorf("%d told to wait; %d passkey sign-ins, %d failed", x.slowed.Load(), x.passes.Load(), x.failed.Load())
	}
	if n := x.count(t, "SELECT COUNT(*) FROM audit_entry WHERE action = 'identity.sign_in' AND outcome = 2"); n == 0 {
		t.Error("no entry in the log")
	}
	if n := x.refusals(t, "identity.alarm"); n < 1 || n > 2 { // one in an hour of the clock
		t.Errorf("%d entries of the alarm", n)
	}
	minutes := int64(time.Since(began)/time.Minute) + 2 // those that it began and ended in are counted whole
	if n := x.count(t, "SELECT COUNT(*) FROM job_queue WHERE kind LIKE 'on.%' AND made_at > $1", began.UnixMicro()); n > 600*minutes {
		t.Errorf("%d jobs of events in %d minutes", n, minutes)
	}
}

// ownerTold says whether the owner hears of the attack within a minute, in a mail that names nobody.
func (x *stuffed) ownerTold() bool {
	mail, ok := x.Mail.Wait("shop@rig.example", time.Minute, func(d string) bool { return strings.Contains(d, "trying passwords") })
	if strings.Contains(mail.Data, "@buyer.example") {
		x.t.Error("the mail to the owner names somebody's address")
	}
	return ok
}

// keepPassing signs in by passkey, from a fresh browser each time, until the attack is over.
func (x *stuffed) keepPassing(done <-chan struct{}) {
	pause := time.NewTicker(time.Duration(size(400, 10_000)) * time.Millisecond) // an account keeps fifty sessions
	defer pause.Stop()
	for n := 1; ; n++ {
		start := time.Now()
		if _, err := x.owner.passkeyIn(fmt.Sprintf("198.20.1.%d", n)); err != nil {
			x.failed.Add(1)
			x.t.Error(err)
		} else {
			x.passes.Add(1)
		}
		x.longest.Store(max(x.longest.Load(), int64(time.Since(start))))
		select {
		case <-done:
			return
		case <-pause.C:
		}
	}
}

// browse looks at pages as shoppers do, for so many seconds or until done is closed, and says how long each took.
func (x *stuffed) browse(seconds int, done <-chan struct{}) []time.Duration {
	ctx, stop := context.WithCancel(x.t.Context())
	defer stop()
	if done == nil {
		time.AfterFunc(time.Duration(seconds)*time.Second, stop)
	} else {
		go func() { <-done; stop() }()
	}
	var all []time.Duration
	var mu sync.Mutex
	var people sync.WaitGroup
	for i := range 8 {
		people.Go(func() {
			b := x.Network.New(fmt.Sprintf("198.20.2.%d", i+1))
			for ctx.Err() == nil {
				start := time.Now()
				p, err := b.Get(context.WithoutCancel(ctx), x.Shop+someplace())
				took := time.Since(start)
				if err != nil || p.Status != http.StatusOK {
					x.t.Errorf("a shopper was answered with %v %v", p, err)
					return
				}
				mu.Lock()
				all = append(all, took)
				mu.Unlock()
				<-time.After(time.Duration(rand.Int64N(int64(100 * time.Millisecond)))) // people do not keep step
			}
		})
	}
	people.Wait()
	return all
}

// someplace is a page that shoppers look at.
func someplace() string {
	switch rand.IntN(10) {
	case 0:
		return "/en/"
	case 1, 2:
		return "/en/c/tableware"
	case 3:
		return fmt.Sprintf("/en/search?q=thing+%d", rand.IntN(200))
	}
	return fmt.Sprintf("/en/p/thing-%d", rand.IntN(200))
}

// watchMemory samples what the program holds until it is asked for the most.
func (x *stuffed) watchMemory() func() int64 {
	done, most := make(chan struct{}), make(chan int64, 1)
	go func() {
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		var top int64
		for {
			top = max(top, x.resident())
			select {
			case <-done:
				most <- top
				return
			case <-tick.C:
			}
		}
	}()
	return func() int64 { close(done); return <-most }
}

func (x *stuffed) resident() int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", x.PID()))
	if err != nil {
		x.t.Error(err)
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kb << 10
		}
	}
	return 0
}

func quantile(d []time.Duration, q float64) time.Duration {
	if len(d) == 0 {
		return 0
	}
	d = slices.Clone(d)
	slices.Sort(d)
	return d[int(float64(len(d)-1)*q)]
}
