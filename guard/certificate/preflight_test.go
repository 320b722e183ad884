package certificate

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mholt/acmez/v3/acme"
	"github.com/miekg/dns"

	"strongroom/base/clock"
	"strongroom/guard/certificate/certtest"
)

// field is the world as the preflight sees it: name servers, an authority, and a store that answers probes.
type field struct {
	zone    *certtest.Zone
	storage *Folder
	plain   http.Handler
	p       Preflight
}

func newField(t *testing.T) *field {
	t.Helper()
	f := &field{zone: certtest.NewZone(t), storage: folder(t)}
	directory := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"newOrder": "https://ca.example/order", "meta": {"caaIdentities": ["ca.example"]}}`))
	}))
	directory.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	directory.StartTLS()
	t.Cleanup(directory.Close)
	roots := x509.NewCertPool()
	roots.AddCert(directory.Certificate())
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f.plain.ServeHTTP(w, r) }))
	t.Cleanup(plain.Close)
	f.plain = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answerProbe(w, r, f.storage, hostOf(r), strings.TrimPrefix(r.URL.Path, probePath))
	})
	ln, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{Protocol},
		GetCertificate: func(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
			return probeCertificate(h.Context(), f.storage, h.ServerName)
		}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	go shakeHands(ln)
	f.zone.Add(t, "shop.example. 1 IN A 127.0.0.1")
	f.p = Preflight{Authority: Authority{Directory: directory.URL, Roots: roots}, Resolver: Resolver{Servers: []string{f.zone.Address}},
		Clock: clock.System(), HTTPPort: plain.Listener.Addr().(*net.TCPAddr).Port, TLSPort: ln.Addr().(*net.TCPAddr).Port,
		Addresses: func() ([]netip.Addr, error) { return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil }}
	return f
}

func shakeHands(ln net.Listener) {
	for {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		_ = c.(*tls.Conn).Handshake()
		_ = c.Close()
	}
}

// What is wrong is found before anybody is asked, with what should be, what is, and what to do.
func TestPreflight(t *testing.T) {
	for name, c := range map[string]struct {
		change func(t *testing.T, f *field)
		check  string // which one has something to say; "" for none
		state  State
		words  []string
		ask    bool // whether the authority is asked all the same
	}{
		"all well": {func(*testing.T, *field) {}, "", Fine, nil, true},
		"no such name": {func(_ *testing.T, f *field) { f.zone.Remove("shop.example") }, "name", Wrong,
			[]string{"does not exist", "A record"}, false},
		"no address": {func(t *testing.T, f *field) {
			f.zone.Remove("shop.example")
			f.zone.Add(t, `shop.example. 1 IN TXT "x"`)
		}, "name", Wrong, []string{"no address"}, false},
		"broken name servers": {func(_ *testing.T, f *field) { f.zone.Fail("shop.example", dns.RcodeServerFailure) }, "name", Wrong,
			[]string{"SERVFAIL", "DNSSEC"}, false},
		"no name server": {func(_ *testing.T, f *field) { f.p.Resolver.Servers = nil }, "name", Wrong, []string{"acme.resolver"}, false},
		"silent name server": {func(_ *testing.T, f *field) { f.p.Resolver.Servers = []string{"127.0.0.1:1"} }, "name", Wrong,
			[]string{"127.0.0.1:1 does not answer"}, false},
		"another machine": {func(_ *testing.T, f *field) {
			f.p.Addresses = func() ([]netip.Addr, error) { return []netip.Addr{netip.MustParseAddr("198.51.100.7")}, nil }
		}, "name", Warn, []string{"127.0.0.1", "198.51.100.7"}, true},
		"IPv6 leads elsewhere": {func(t *testing.T, f *field) {
			f.zone.Add(t, "shop.example. 1 IN AAAA 2001:db8::7")
			f.p.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
				if strings.HasPrefix(address, "[2001:db8::7]") {
					return nil, errors.New("network is unreachable")
				}
				return (&net.Dialer{}).DialContext(ctx, network, address)
			}
		}, "port", Warn, []string{"2001:db8::7: network is unreachable", "127.0.0.1: it does"}, true},
		"CAA for another": {func(t *testing.T, f *field) { f.zone.Add(t, `example. 1 IN CAA 0 issue "other.example"`) }, "CAA", Wrong,
			[]string{`at example: 0 issue "other.example"`, `CAA 0 issue "ca.example"`}, false},
		"CAA for ours": {func(t *testing.T, f *field) {
			f.zone.Add(t, `shop.example. 1 IN CAA 0 issue "ca.example; validationmethods=http-01"`, `example. 1 IN CAA 0 issue ";"`)
		}, "", Fine, nil, true},
		"CAA by DNS only": {func(t *testing.T, f *field) {
			f.zone.Add(t, `shop.example. 1 IN CAA 0 issue "ca.example; validationmethods=dns-01"`)
		}, "CAA", Wrong, []string{"other methods", "dns-01"}, false},
		"CAA with a critical riddle": {func(t *testing.T, f *field) {
			f.zone.Add(t, `shop.example. 1 IN CAA 0 issue "ca.example"`, `shop.example. 1 IN CAA 128 riddle "x"`)
		}, "CAA", Wrong, []string{"riddle"}, false},
		"closed ports":    {func(_ *testing.T, f *field) { f.p.HTTPPort, f.p.TLSPort = 1, 1 }, "port", Wrong, []string{"closed", "firewall"}, false},
		"one closed port": {func(_ *testing.T, f *field) { f.p.TLSPort = 1 }, "port 1", Warn, []string{"closed"}, true},
		"another web server": {func(_ *testing.T, f *field) {
			f.p.TLSPort = 1
			f.plain = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Server", "other/1")
				_, _ = fmt.Fprint(w, "welcome to "+r.URL.Path)
			})
		}, "port", Wrong, []string{"something else answers", "other/1"}, false},
		"no authority": {func(_ *testing.T, f *field) { f.p.Authority.Directory = "https://127.0.0.1:1/dir" }, "authority", Wrong,
			[]string{"connection refused", "acme.authority"}, false},
		"an authority that nobody vouches for (V12.3.2)": {func(_ *testing.T, f *field) { f.p.Authority.Roots = nil }, "authority", Wrong,
			[]string{"unknown authority"}, false},
		"another site": {func(_ *testing.T, f *field) {
			f.p.Authority.Directory = fmt.Sprintf("http://127.0.0.1:%d/dir", f.p.HTTPPort)
		}, "authority", Wrong, []string{"no ACME directory"}, false},
		"clock behind": {func(_ *testing.T, f *field) { f.p.Clock = clock.NewManual(time.Now().Add(-48 * time.Hour)) }, "clock", Warn,
			[]string{"48h0m0s behind", "NTP"}, true},
		"clock ahead": {func(_ *testing.T, f *field) { f.p.Clock = clock.NewManual(time.Now().Add(48 * time.Hour)) }, "clock", Warn,
			[]string{"48h0m0s ahead"}, true},
		"clock decades off": {func(_ *testing.T, f *field) { f.p.Clock = clock.NewManual(time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC)) },
			"authority", Wrong, []string{"1969", "not valid"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := newField(t)
			c.change(t, f)
			checks := f.p.Check(t.Context(), Host{"shop", "shop.example"}, StoredProbe(f.storage))
			all, said := "", false
			for _, x := range checks {
				line := fmt.Sprintf("%s %s: expected %s, found %s. %s\n", x.State, x.Name, x.Expected, x.Found, x.Do)
				all += line
				if x.State == Fine {
					continue
				}
				if x.Do == "" || x.Expected == "" || x.Found == "" {
					t.Errorf("says too little: %s", line)
				}
				said = said || c.check != "" && strings.HasPrefix(x.Name, c.check) && x.State == c.state
			}
			if said != (c.check != "") || c.check == "" && blocking(checks) != "" {
				t.Errorf("found:\n%s", all)
			}
			for _, w := range c.words {
				if !strings.Contains(all, w) {
					t.Errorf("%q is not in:\n%s", w, all)
				}
			}
			if ask := blocking(checks) == ""; ask != c.ask {
				t.Errorf("asked: %v\n%s", ask, all)
			}
			if f.storage.Exists(t.Context(), probeKey("shop.example")) {
				t.Error("the probe was left behind")
			}
		})
	}
}

// What this machine would send from is among its own addresses, told without asking the kernel for all of them.
func TestOutgoingAddresses(t *testing.T) {
	own, err := (&Preflight{}).own()
	if err != nil || len(own) == 0 {
		t.Fatalf("own addresses: %v %v", own, err)
	}
	for _, a := range outgoing() {
		if !slices.Contains(own, a) {
			t.Errorf("%s is not among %v", a, own)
		}
	}
}

// A probe answers only who knows the word, so that nobody can have an answer made for another name or word.
func TestProbeAnswersOnlyItsWord(t *testing.T) {
	s := folder(t)
	word, done, err := StoredProbe(s)(t.Context(), "shop.example")
	if err != nil {
		t.Fatal(err)
	}
	ask := func(host, word string) int {
		r := httptest.NewRequest(http.MethodGet, "http://"+host+probePath+word, nil)
		w := httptest.NewRecorder()
		answerProbe(w, r, s, hostOf(r), word)
		return w.Code
	}
	if ask("shop.example", word) != 200 || ask("shop.example", "") != 404 || ask("shop.example", "x") != 404 || ask("other.example", word) != 404 {
		t.Error("answers are wrong")
	}
	done()
	if ask("shop.example", word) != 404 {
		t.Error("an old word is answered")
	}
}

// What an authority says is told in its own words, and its limits are honoured within reason.
func TestWordsAndPauses(t *testing.T) {
	p := acme.Problem{Type: acme.ProblemTypeNamespace + "compound", Detail: "several errors", Status: 403, Subproblems: []acme.Subproblem{
		{Problem: acme.Problem{Detail: "CAA record prevents issuance"}, Identifier: acme.Identifier{Type: "dns", Value: "shop.example"}}}}
	words := problemWords(p, []string{`of http-01: "wrong answer"`})
	for _, w := range []string{`"several errors"`, "compound", `about shop.example: "CAA record prevents issuance"`, "wrong answer"} {
		if !strings.Contains(words, w) {
			t.Errorf("%q is not in %q", w, words)
		}
	}
	k := &Keeper{o: Options{Clock: clock.NewManual(time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC))}, heard: &listener{}}
	limited := acme.Problem{Type: acme.ProblemTypeRateLimited, Status: 429, Detail: "too many failed authorizations, retry after 2026-11-03 12:00:00 UTC: see"}
	f, after := k.explain(fmt.Errorf("order: %w", limited))
	if f.Kind != "rate-limited" || after != 24*time.Hour {
		t.Errorf("%+v %v", f, after)
	}
	for _, c := range []struct {
		kind     string
		failures int
		after    time.Duration
		want     time.Duration
	}{
		{"refused", 1, 0, 2 * time.Minute}, {"refused", 3, 0, 30 * time.Minute}, {"refused", 99, 0, 12 * time.Hour},
		{"preflight", 99, 0, 10 * time.Minute}, {"rate-limited", 1, 0, time.Hour}, {"rate-limited", 1, 24 * time.Hour, 24 * time.Hour},
		{"rate-limited", 1, 9999 * time.Hour, 7 * 24 * time.Hour}, {"unreachable", 1, time.Hour, time.Hour},
	} {
		if got := pause(&Failure{Kind: c.kind}, c.failures, c.after); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
	k.heard.answer(503, http.Header{"Retry-After": {"Mon, 02 Nov 2026 14:00:00 GMT"}})
	if got := k.heard.retryAfter(k.o.Clock.Now()); got != 2*time.Hour {
		t.Errorf("a date: %v", got)
	}
	k.heard.answer(200, http.Header{"Retry-After": {"5"}}) // how often to poll is another thing
	if got := k.heard.retryAfter(k.o.Clock.Now()); got != 2*time.Hour {
		t.Errorf("polling: %v", got)
	}
}
