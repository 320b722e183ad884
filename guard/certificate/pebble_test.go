//go:build servers

package certificate

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db/dbtest"
	"strongroom/base/event"
	"strongroom/guard/certificate/certtest"
)

const shopName = "shop.example"

// site is a store's two doors on loopback with a keeper behind them.
type site struct {
	*Keeper
	clock  *clock.Manual
	log    *strings.Builder
	events *[]event.Event
	tls    net.Listener
	plain  net.Listener
}

// ground is what stands outside.
type ground struct {
	zone   *certtest.Zone
	pebble *certtest.Pebble
	tls    net.Listener
	plain  net.Listener
}

func newGround(t *testing.T, variables ...string) *ground {
	t.Helper()
	g := &ground{zone: certtest.NewZone(t)}
	for _, ln := range []*net.Listener{&g.tls, &g.plain} {
		var err error
		if *ln, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = (*ln).Close() })
	}
	g.zone.Add(t, shopName+". 1 IN A 127.0.0.1", "blocked.example. 1 IN A 127.0.0.1")
	g.pebble = certtest.StartPebble(t, g.zone.Address, port(g.tls), port(g.plain), variables...)
	return g
}

func port(ln net.Listener) int { return ln.Addr().(*net.TCPAddr).Port }

// open opens a keeper behind the doors. How changes its options.
func (g *ground) open(t *testing.T, s Storage, how ...func(*Options)) *site {
	t.Helper()
	c := clock.NewManual(time.Now())
	var mu sync.Mutex
	x := &site{clock: c, log: &strings.Builder{}, events: &[]event.Event{}, tls: g.tls, plain: g.plain}
	o := Options{Hosts: []Host{{"shop", shopName}}, Storage: s, Clock: c, Log: slog.New(slog.NewTextHandler(x.log, nil)),
		Authority: Authority{Directory: g.pebble.Directory, Roots: g.pebble.Roots},
		Tell:      func(_ context.Context, e event.Event) { mu.Lock(); defer mu.Unlock(); *x.events = append(*x.events, e) }}
	for _, f := range how {
		f(&o)
	}
	var err error
	if x.Keeper, err = New(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.Close)
	x.Listening("127.0.0.1", port(g.tls), port(g.plain))
	return x
}

// serve opens the doors.
func (x *site) serve(t *testing.T) *site {
	t.Helper()
	elsewhere := http.RedirectHandler("https://"+shopName+"/", http.StatusPermanentRedirect)
	plain := &http.Server{Handler: x.Challenge(elsewhere), ReadHeaderTimeout: time.Second}
	secure := &http.Server{Handler: http.NotFoundHandler(), ReadHeaderTimeout: time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	go func() { _ = plain.Serve(x.plain) }()
	go func() {
		_ = secure.Serve(tls.NewListener(x.tls, &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: x.Certificate,
			NextProtos: []string{"http/1.1", Protocol}}))
	}()
	t.Cleanup(func() { _, _ = plain.Close(), secure.Close() })
	return x
}

// shake is the serial number of the certificate that a browser gets, which must lead to the authority's root.
func (x *site) shake(t *testing.T, p *certtest.Pebble) string {
	t.Helper()
	conn, err := tls.Dial("tcp", x.tls.Addr().String(), &tls.Config{ServerName: shopName, RootCAs: p.Root(t), MinVersion: tls.VersionTLS12})
	if err != nil {
		return ""
	}
	defer func() { _ = conn.Close() }()
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.String()
}

// Certificates come by either challenge, are trusted by whoever trusts the authority (V12.2.2), are renewed before their
// end, and change under open doors; another start finds them again.
func TestPebbleObtainAndRenew(t *testing.T) {
	for name, only := range map[string]func(x *site, g *ground){
		"http-01":     func(x *site, g *ground) { x.Listening("127.0.0.1", 0, port(g.plain)) },
		"tls-alpn-01": func(x *site, g *ground) { x.Listening("127.0.0.1", port(g.tls), 0) },
	} {
		t.Run(name, func(t *testing.T) {
			g := newGround(t)
			s := folder(t)
			short := func(o *Options) { o.Authority.Profile = "shortlived" }
			x := g.open(t, s, short).serve(t)
			only(x, g)
			if x.shake(t, g.pebble) != "" {
				t.Fatal("a certificate before one was asked for")
			}
			x.Tend(t.Context())
			first := x.shake(t, g.pebble)
			if first == "" {
				t.Fatalf("no certificate:\n%s\n%s", x.log, g.pebble.Said())
			}
			if strings.Contains(g.pebble.Said(), "validate w/ HTTP") != (name == "http-01") {
				t.Errorf("another challenge was used:\n%s", g.pebble.Said())
			}
			e, _ := x.Expiries(t.Context())
			if life := e[0].Ends.Sub(e[0].From).Round(time.Hour); life != 6*24*time.Hour {
				t.Errorf("the profile was not used: %v", life)
			}
			x.clock.Advance(24 * time.Hour)
			x.Tend(t.Context())
			if x.shake(t, g.pebble) != first {
				t.Error("renewed on the second day")
			}
			x.clock.Advance(4 * 24 * time.Hour)
			x.Tend(t.Context())
			second := x.shake(t, g.pebble)
			if second == "" || second == first {
				t.Errorf("not renewed: %q after %q\n%s", second, first, x.log)
			}
			if len(*x.events) != 2 || !(*x.events)[1].(Obtained).Renewal {
				t.Errorf("events: %+v", *x.events)
			}
			again := g.open(t, s, short)
			if e, _ := again.Expiries(t.Context()); e[0].Ends.IsZero() {
				t.Error("another start does not find the certificate")
			}
		})
	}
}

// Half of all nonces are refused, and the certificate comes all the same.
func TestPebbleBadNonces(t *testing.T) {
	g := newGround(t, "PEBBLE_WFE_NONCEREJECT=50")
	x := g.open(t, folder(t)).serve(t)
	for range 4 { // even ten tries in a row can all meet a bad one
		x.Tend(t.Context())
		x.clock.Advance(13 * time.Hour)
	}
	if x.shake(t, g.pebble) == "" {
		t.Errorf("no certificate:\n%s", x.log)
	}
	if !strings.Contains(g.pebble.Said(), "badNonce") && !strings.Contains(g.pebble.Said(), "nonce") {
		t.Error("no nonce was refused: the test proves nothing")
	}
}

// An authorization that the authority still knows is used again.
func TestPebbleReusedAuthorizations(t *testing.T) {
	g := newGround(t, "PEBBLE_AUTHZREUSE=100")
	x := g.open(t, folder(t)).serve(t)
	x.Tend(t.Context())
	first := x.shake(t, g.pebble)
	x.clock.Advance(70 * 24 * time.Hour)
	x.Tend(t.Context())
	if second := x.shake(t, g.pebble); first == "" || second == "" || first == second {
		t.Errorf("%q then %q\n%s", first, second, x.log)
	}
}

// When a renewal fails, the old certificate stays in use, and the authority's words and the time of the next attempt
// are told.
func TestPebbleFailureKeepsTheOld(t *testing.T) {
	g := newGround(t, "PEBBLE_WFE_NONCEREJECT=0") // requests are counted: none is repeated
	x := g.open(t, folder(t)).serve(t)
	x.Tend(t.Context())
	first := x.shake(t, g.pebble)
	g.zone.Remove(shopName)
	g.zone.Add(t, shopName+". 1 IN A 127.0.0.2") // where nobody listens
	now := x.clock.Advance(70 * 24 * time.Hour)
	x.Tend(t.Context())
	st := x.Standings()[0]
	if first == "" || x.shake(t, g.pebble) != first {
		t.Errorf("the old certificate went away\n%s", x.log)
	}
	if st.Failure == nil || st.Failure.Kind != "refused" || !strings.Contains(st.Failure.Words, "refused") || st.Failures != 1 ||
		!st.Next.Equal(now.Add(pauses[0])) {
		t.Fatalf("standing: %+v %+v", st, st.Failure)
	}
	for _, word := range []string{fmt.Sprintf("127.0.0.2:%d", port(g.plain)), fmt.Sprintf("127.0.0.2:%d", port(g.tls))} { // both challenges
		if !strings.Contains(st.Failure.Words, word) {
			t.Errorf("nothing about %s:\n%s\n%s", word, st.Failure.Words, x.log)
		}
	}
	for _, word := range []string{"no new certificate", "next_attempt", "in_use_until", shopName} {
		if !strings.Contains(x.log.String(), word) {
			t.Errorf("%q is not in the log:\n%s", word, x.log)
		}
	}
	asked := strings.Count(g.pebble.Said(), "POST /order-plz")
	x.Tend(t.Context())
	if n := strings.Count(g.pebble.Said(), "POST /order-plz"); n != asked {
		t.Errorf("asked again before its time: %d, then %d", asked, n)
	}
	g.zone.Remove(shopName)
	g.zone.Add(t, shopName+". 1 IN A 127.0.0.1")
	x.clock.Advance(pauses[0])
	x.Tend(t.Context())
	if st := x.Standings()[0]; x.shake(t, g.pebble) == first || st.Failure != nil || st.Failures != 0 {
		t.Errorf("not mended: %+v\n%s", st, x.log)
	}
}

// An authority that refuses a name says so in its own words.
func TestPebbleRefusedName(t *testing.T) {
	g := newGround(t)
	x := g.open(t, folder(t), func(o *Options) { o.Hosts = []Host{{"shop", "blocked.example"}} }).serve(t)
	x.Tend(t.Context())
	st := x.Standings()[0]
	if st.Failure == nil || st.Failure.Kind != "refused" || !strings.Contains(st.Failure.Words, "rejectedIdentifier") ||
		!strings.Contains(st.Failure.Words, "policy") {
		t.Errorf("%+v", st.Failure)
	}
}

// An authority that counts says when it will listen again, and is not asked before.
func TestPebbleRateLimited(t *testing.T) {
	g := newGround(t)
	var orders int
	front := httptest.NewTLSServer(nil)
	defer front.Close()
	front.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/dir" {
			orders++
			w.Header().Set("Content-Type", "application/problem+json")
			w.Header().Set("Retry-After", "90000")
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = w.Write([]byte(`{"type":"urn:ietf:params:acme:error:rateLimited","detail":"too many certificates already issued","status":429,
				"subproblems":[{"type":"urn:ietf:params:acme:error:rateLimited","detail":"five this week","identifier":{"type":"dns","value":"shop.example"}}]}`))
			return
		}
		resp, err := g.pebble.Client().Get(g.pebble.Directory)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = resp.Body.Close() }()
		var d map[string]any
		_ = json.NewDecoder(resp.Body).Decode(&d)
		d["newOrder"] = front.URL + "/order"
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(d)
	})
	roots := g.pebble.Roots.Clone()
	roots.AddCert(front.Certificate())
	x := g.open(t, folder(t), func(o *Options) { o.Authority = Authority{Directory: front.URL + "/dir", Roots: roots} }).serve(t)
	now := x.clock.Now()
	x.Tend(t.Context())
	st := x.Standings()[0]
	if st.Failure == nil || st.Failure.Kind != "rate-limited" || !st.Next.Equal(now.Add(25*time.Hour)) {
		t.Fatalf("%+v %+v\n%s", st, st.Failure, x.log)
	}
	for _, word := range []string{"too many certificates already issued", "about shop.example", "five this week"} {
		if !strings.Contains(st.Failure.Words, word) {
			t.Errorf("%q is not in %q", word, st.Failure.Words)
		}
	}
	x.clock.Advance(24 * time.Hour)
	x.Tend(t.Context())
	if orders != 1 {
		t.Errorf("asked %d times", orders)
	}
}

// fullStorage takes no certificates while full.
type fullStorage struct {
	Storage
	full func(key string) bool
}

func (s fullStorage) Store(ctx context.Context, key string, value []byte) error {
	if s.full(key) {
		return errors.New("no space left on device")
	}
	return s.Storage.Store(ctx, key, value)
}

// The disk is full when the certificate comes: the old one stays in use, the new one is kept and written later, and
// the authority is not asked for another. If the disk is full before, nobody is asked at all.
func TestPebbleFullDisk(t *testing.T) {
	g := newGround(t, "PEBBLE_WFE_NONCEREJECT=0") // requests are counted: none is repeated
	full := ""
	s := fullStorage{folder(t), func(key string) bool { return full != "" && strings.Contains(key, full) }}
	x := g.open(t, s).serve(t)
	x.Tend(t.Context())
	first := x.shake(t, g.pebble)
	orders := func() int { return strings.Count(g.pebble.Said(), "POST /order-plz") }

	full = "standing.json"
	x.clock.Advance(70 * 24 * time.Hour)
	before := orders()
	x.Tend(t.Context())
	if st := x.Standings()[0]; orders() != before || st.Failure == nil || st.Failure.Kind != "storage" || x.shake(t, g.pebble) != first {
		t.Errorf("asked although nothing can be kept: %+v", x.Standings()[0].Failure)
	}
	full = "certificate.json"
	x.clock.Advance(time.Hour)
	x.Tend(t.Context())
	st := x.Standings()[0]
	if orders() != before+1 || st.Failure == nil || !strings.Contains(st.Failure.Words, "no space left") || x.shake(t, g.pebble) != first {
		t.Errorf("%d orders, %+v\n%s", orders()-before, st.Failure, x.log)
	}
	full = ""
	x.clock.Advance(time.Minute)
	x.Tend(t.Context())
	if second := x.shake(t, g.pebble); second == first || second == "" || orders() != before+1 || x.Standings()[0].Failure != nil {
		t.Errorf("not written with room again: %d orders, %+v", orders()-before, x.Standings()[0])
	}
	if b, err := readBundle(t.Context(), s, shopName); err != nil || b.leaf().SerialNumber.String() == first {
		t.Errorf("what is stored: %v", err)
	}
}

// Many processes on one database ask once, and all take the certificate into use.
func TestPebbleManyProcesses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		g := newGround(t, "PEBBLE_WFE_NONCEREJECT=0") // requests are counted: none is repeated
		p.Clock.Advance(time.Since(p.Clock.Now()))
		var sites []*site
		for range 3 {
			x := g.open(t, NewDatabase(p.Data, mix, unmix), func(o *Options) { o.Clock = p.Clock })
			sites = append(sites, x)
		}
		sites[0].serve(t)
		var wg sync.WaitGroup
		for _, x := range sites {
			wg.Go(func() { x.Tend(t.Context()) })
		}
		wg.Wait()
		for i, x := range sites {
			x.Tend(t.Context())
			if e, _ := x.Expiries(t.Context()); e[0].Ends.IsZero() {
				t.Errorf("process %d has none:\n%s", i, x.log)
			}
		}
		if n := strings.Count(g.pebble.Said(), "POST /order-plz"); n != 1 {
			t.Errorf("%d orders", n)
		}
	})
}

// With a clock two days off certificates still come; that the clock is off is said.
func TestPebbleClockOff(t *testing.T) {
	for _, off := range []time.Duration{-48 * time.Hour, 48 * time.Hour} {
		t.Run(fmt.Sprint(off), func(t *testing.T) {
			g := newGround(t)
			x := g.open(t, folder(t), func(o *Options) {
				o.Clock.(*clock.Manual).Advance(off)
				o.Preflight = &Preflight{Authority: o.Authority, Resolver: Resolver{Servers: []string{g.zone.Address}}, Clock: clock.System(),
					TLSPort: port(g.tls), HTTPPort: port(g.plain)}
				o.Preflight.Authority.Roots, o.Preflight.Clock = g.pebble.Roots, shifted(off)
			}).serve(t)
			x.Tend(t.Context())
			st := x.Standings()[0]
			said := ""
			for _, c := range st.Checks {
				if c.Name == "clock" && c.State == Warn || c.Name == "authority" && c.State == Wrong {
					said = c.Found
				}
			}
			if said == "" {
				t.Errorf("the clock was not seen: %+v", st.Checks)
			}
			if off > 0 && x.shake(t, g.pebble) == "" {
				t.Errorf("no certificate: %+v", st.Failure)
			}
		})
	}
}

// shifted is a clock that goes, but wrong.
type shifted time.Duration

func (s shifted) Now() time.Time { return time.Now().Add(time.Duration(s)).UTC() }
