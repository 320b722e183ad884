//go:build servers

package app

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/base/config"
	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/mail"
	"strongroom/guard/certificate"
	"strongroom/guard/certificate/certtest"
)

const acmeShop = "shop.orchard.test"

// shared is a log that may be read while it is written.
type shared struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *shared) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// nobody takes no mail: none is due.
type nobody struct{}

func (nobody) Send(context.Context, mail.Message) error { return nil }

// running is a store in this process.
type running struct {
	Addresses
	stop func()
	log  *shared
}

func run(t *testing.T, c Config) *running {
	t.Helper()
	r := &running{log: &shared{}}
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan Addresses, 1), make(chan error, 1)
	c.Log, c.Ready = slog.New(slog.NewTextHandler(r.log, nil)), func(a Addresses) { ready <- a }
	go func() { ended <- Run(ctx, c) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the store did not end cleanly: %v", err)
		}
	})
	select {
	case r.Addresses = <-ready:
	case err := <-ended:
		t.Fatalf("the store did not open: %v\n%s", err, r.log)
	}
	t.Cleanup(r.stop)
	return r
}

// The whole store: it opens without a certificate, gets one from the authority through its own doors, shows the shop
// over HTTPS that whoever trusts the authority trusts (V12.2.1, V12.2.2), and finds it again after a restart.
func TestPebbleStore(t *testing.T) {
	for _, e := range dbtest.Engines() {
		t.Run(string(e), func(t *testing.T) { storeWithPebble(t, e) })
	}
}

func storeWithPebble(t *testing.T, e db.Engine) {
	zone := certtest.NewZone(t)
	zone.Add(t, acmeShop+". 1 IN A 127.0.0.1")
	secure, plain := certtest.FreePort(t), certtest.FreePort(t)
	pebble := certtest.StartPebble(t, zone.Address, secure, plain)
	shop, err := DemoShop("https://" + acmeShop)
	if err != nil {
		t.Fatal(err)
	}
	shop.Demo = false
	place := InFolder(filepath.Join(t.TempDir(), "data"))
	if e == db.Postgres {
		place.Data, place.Keys = dbtest.DSN(t, e, "data"), dbtest.DSN(t, e, "keys")
	}
	c := Config{Mail: nobody{}, Shop: shop, Place: place, Listen: fmt.Sprintf("127.0.0.1:%d", secure), Redirect: fmt.Sprintf("127.0.0.1:%d", plain),
		Private: "127.0.0.1:0", Scale: 1, Drain: 5 * time.Second, Payment: Payment{SandboxURL: "https://pay.localhost:1", Account: "a", APIKey: strings.Repeat("k", 24), NoticeSecret: strings.Repeat("s", 24)},
		ACME: &ACME{Authority: certificate.Authority{Directory: pebble.Directory, Roots: pebble.Roots},
			Resolver: certificate.Resolver{Servers: []string{zone.Address}}, TLSPort: secure, HTTPPort: plain}}
	r := run(t, c)
	page := browse(t, pebble, secure)
	if page == "" {
		t.Fatalf("no page over HTTPS:\n%s\n%s", r.log, pebble.Said())
	}
	if !strings.Contains(page, "Kiln") {
		t.Errorf("another page: %.200s", page)
	}
	elsewhere(t, plain)
	numbers := fetch(t, r.Private+"/metrics")
	if !strings.Contains(numbers, `strongroom_certificate_expiry_seconds{host="`+acmeShop+`"}`) || !strings.Contains(numbers, `strongroom_certificate_failures{host="`+acmeShop+`"} 0`) {
		t.Error("the metrics do not tell of the certificate")
	}
	if found := diagnose(t, c); found["certificate"].State != Fine {
		t.Errorf("doctor: %+v", found)
	}
	r.stop()
	for line := range strings.Lines(r.log.String()) {
		// Nobody listens where the payment provider should be, and its account is asked for every night.
		if (strings.Contains(line, "level=WARN") || strings.Contains(line, "level=ERROR")) && !strings.Contains(line, "kind=payment.reconcile") {
			t.Errorf("something was wrong: %s", line)
		}
	}
	orders := strings.Count(pebble.Said(), "POST /order-plz")
	again := run(t, c)
	if browse(t, pebble, secure) == "" || strings.Count(pebble.Said(), "POST /order-plz") != orders {
		t.Errorf("after a restart:\n%s", again.log)
	}
}

// diagnose has the doctor look at the certificate while the store runs.
func diagnose(t *testing.T, c Config) map[string]Finding {
	t.Helper()
	s := &Store{c: c}
	s.c.fill()
	for _, open := range []func(context.Context) error{s.openTexts, s.openKeys, s.openData} {
		if err := open(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	defer s.Close()
	storage, err := s.certificateStorage()
	if err != nil {
		t.Fatal(err)
	}
	d := &Doctor{c: config.Defaults(), place: c.Place, clock: s.c.Clock}
	d.c.Server.RedirectListen = c.Redirect
	h := certificateHosts(c.Shop)[0]
	d.stands(t.Context(), storage, h)
	d.look(t.Context(), c.ACME, storage, h)
	found := map[string]Finding{}
	for _, f := range d.found {
		found[f.Name] = f
		if f.State != Fine {
			t.Errorf("the doctor found %+v", f)
		}
	}
	if len(found) < 6 {
		t.Errorf("the doctor looked at little: %+v", found)
	}
	return found
}

// browse asks for the home page until a certificate is there.
func browse(t *testing.T, p *certtest.Pebble, port int) string {
	t.Helper()
	c := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{RootCAs: p.Root(t), MinVersion: tls.VersionTLS12},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, fmt.Sprintf("127.0.0.1:%d", port))
		}}}
	for range 300 {
		resp, err := c.Get("https://" + acmeShop + "/en/")
		if err == nil {
			b, _ := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			return string(b)
		}
		<-time.After(50 * time.Millisecond)
	}
	return ""
}

// elsewhere is what a reader gets who types the name only: nothing but the way to HTTPS.
func elsewhere(t *testing.T, port int) {
	t.Helper()
	c := &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, path := range []string{"/en/cart", "/.well-known/acme-challenge/guess", "/.well-known/acme-challenge/strongroom-guess"} {
		req, err := http.NewRequest(http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d%s", port, path), nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = acmeShop
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		redirected := resp.StatusCode == http.StatusPermanentRedirect && resp.Header.Get("Location") == "https://"+acmeShop+path
		if !redirected && resp.StatusCode != http.StatusNotFound || path == "/en/cart" && !redirected {
			t.Errorf("%s: %d %s", path, resp.StatusCode, resp.Header.Get("Location"))
		}
	}
}

func fetch(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
