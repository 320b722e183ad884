package shield

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/base/clock"
	"strongroom/base/localca"
	"strongroom/base/web"
)

// stand is a shield on a real TLS server with a shop and a page for this machine only.
type stand struct {
	*Shield
	server  *httptest.Server
	roots   *x509.CertPool
	clock   *clock.Manual
	mu      sync.Mutex
	refused []Refusal
}

func (s *stand) Refused(_ context.Context, r Refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = append(s.refused, r)
}

// link is what a page would put into a mail: built from the configuration and never from the request.
const link = "https://shop.localhost/reset"

func start(t *testing.T, change func(*Options)) *stand {
	t.Helper()
	s := &stand{clock: clock.NewManual(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))}
	ca, err := localca.Open(t.TempDir(), []string{"shop.localhost", "mail.localhost"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	shop := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		_, _ = fmt.Fprintf(w, "%s %d %s", link, len(b), web.Client(r.Context()))
	})
	o := Options{Clock: s.clock, Recorder: s, HSTS: true, CPUs: 1, Hosts: []Host{
		{Authority: "shop.localhost", Handler: shop, Classify: func(r *http.Request) Class {
			switch {
			case strings.HasPrefix(r.URL.Path, "/checkout"):
				return Checkout
			case strings.HasPrefix(r.URL.Path, "/search"):
				return Search
			case strings.HasPrefix(r.URL.Path, "/notices"):
				return Notice
			}
			return ByMethod(r)
		}},
		{Authority: "mail.localhost", Handler: shop, Loopback: true},
	}}
	if change != nil {
		change(&o)
	}
	if s.Shield, err = New(o); err != nil {
		t.Fatal(err)
	}
	s.server = httptest.NewUnstartedServer(s.Shield)
	ServerLimits(s.server.Config)
	s.server.TLS = &tls.Config{GetCertificate: ca.Certificate}
	s.server.Listener = Listen(s.server.Listener, o.Proxies, false)
	s.server.EnableHTTP2 = true
	s.server.StartTLS()
	s.server.TLS.Certificates = nil // httptest adds one of its own; only ours shall answer
	t.Cleanup(func() { s.server.Close(); s.Stop() })
	pem, err := os.ReadFile(ca.CAFile())
	if err != nil {
		t.Fatal(err)
	}
	s.roots = x509.NewCertPool()
	s.roots.AppendCertsFromPEM(pem)
	return s
}

// raw sends bytes over a TLS connection to the name, and reads the answer's status and body.
func (s *stand) raw(t *testing.T, name, request string) (int, http.Header, string) {
	t.Helper()
	c, err := tls.Dial("tcp", s.server.Listener.Addr().String(), &tls.Config{ServerName: name, RootCAs: s.roots, NextProtos: []string{"http/1.1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	return answerOf(t, c)
}

func answerOf(t *testing.T, c net.Conn) (int, http.Header, string) {
	t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, _ := io.ReadAll(resp.Body)
	if resp.Close {
		resp.Header.Set("Connection", "close") // the reader has taken it out
	}
	return resp.StatusCode, resp.Header, string(b)
}

func (s *stand) client() *http.Client {
	return &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: s.roots},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, s.server.Listener.Addr().String())
		}}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (s *stand) do(t *testing.T, method, url, body string, header ...string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	resp, err := s.client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, string(b)
}

// Attack 21: whatever the request says about its host, links stay what the configuration says, or the answer is 421.
func TestAttack21HostHeader(t *testing.T) {
	s := start(t, nil)
	for name, c := range map[string]struct {
		request string
		status  int
	}{
		"ours":             {"GET / HTTP/1.1\r\nHost: shop.localhost\r\n\r\n", 200},
		"ours with port":   {"GET / HTTP/1.1\r\nHost: shop.localhost:443\r\n\r\n", 200},
		"capitals":         {"GET / HTTP/1.1\r\nHost: SHOP.localhost\r\n\r\n", 200},
		"unknown":          {"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421},
		"other port":       {"GET / HTTP/1.1\r\nHost: shop.localhost:8443\r\n\r\n", 421},
		"dot at the end":   {"GET / HTTP/1.1\r\nHost: shop.localhost.\r\n\r\n", 421},
		"with user":        {"GET / HTTP/1.1\r\nHost: shop.localhost@evil.example\r\n\r\n", 400},
		"prefix":           {"GET / HTTP/1.1\r\nHost: shop.localhost.evil.example\r\n\r\n", 421},
		"absolute-form":    {"GET https://evil.example/ HTTP/1.1\r\nHost: shop.localhost\r\n\r\n", 421},
		"absolute ours":    {"GET https://shop.localhost/ HTTP/1.1\r\nHost: shop.localhost\r\n\r\n", 421},
		"two hosts":        {"GET / HTTP/1.1\r\nHost: shop.localhost\r\nHost: evil.example\r\n\r\n", 400},
		"no host":          {"GET / HTTP/1.1\r\n\r\n", 400},
		"empty host":       {"GET / HTTP/1.1\r\nHost:\r\n\r\n", 421},
		"another of ours":  {"GET / HTTP/1.1\r\nHost: mail.localhost\r\n\r\n", 421},
		"forwarded host":   {"GET / HTTP/1.1\r\nHost: shop.localhost\r\nX-Forwarded-Host: evil.example\r\nForwarded: host=evil.example\r\nX-Host: evil.example\r\n\r\n", 200},
		"original address": {"GET / HTTP/1.1\r\nHost: shop.localhost\r\nX-Original-URL: /evil\r\nX-Rewrite-URL: /evil\r\n\r\n", 200},
	} {
		t.Run(name, func(t *testing.T) {
			status, _, body := s.raw(t, "shop.localhost", c.request)
			if status != c.status || strings.Contains(body, "evil") || status == 200 && !strings.HasPrefix(body, link+" ") {
				t.Errorf("status %d, body %q", status, body)
			}
		})
	}
	s.Stop()
	if n := s.Refusals()[Count{"shield.host", Other}]; n == 0 || len(s.refused) == 0 {
		t.Error("refusals are neither counted nor recorded")
	}
}

// Attack 36: nothing can be smuggled behind a request, and a client cannot choose its address.
func TestAttack36Smuggling(t *testing.T) {
	s := start(t, nil)
	for name, request := range map[string]string{
		"length and chunks": "POST / HTTP/1.1\r\nHost: shop.localhost\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /evil HTTP/1.1\r\nHost: shop.localhost\r\n\r\n",
		"two lengths":       "POST / HTTP/1.1\r\nHost: shop.localhost\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
		"signed length":     "POST / HTTP/1.1\r\nHost: shop.localhost\r\nContent-Length: +4\r\n\r\nabcd",
		"odd coding":        "POST / HTTP/1.1\r\nHost: shop.localhost\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
		"space in header":   "GET / HTTP/1.1\r\nHost: shop.localhost\r\nX : y\r\n\r\n",
		"folded header":     "GET / HTTP/1.1\r\nHost: shop.localhost\r\n folded: y\r\n\r\n",
		"return alone":      "GET / HTTP/1.1\r\nHost: shop.localhost\r\nX: a\rSet-Cookie: b\r\n\r\n",
		"zero byte":         "GET / HTTP/1.1\r\nHost: shop.localhost\r\nX: a\x00b\r\n\r\n",
		"body on a GET":     "GET / HTTP/1.1\r\nHost: shop.localhost\r\nContent-Length: 5\r\n\r\nGET /",
		"chunks on a GET":   "GET / HTTP/1.1\r\nHost: shop.localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			status, header, body := s.raw(t, "shop.localhost", request)
			if name == "length and chunks" && status == 200 {
				// RFC 9112 lets a server read the chunks, if it then closes: nothing that follows is a request.
				if header.Get("Connection") != "close" {
					t.Error("the connection stays open")
				}
				return
			}
			if status < 400 || status >= 500 && status != 501 || strings.Contains(body, link) {
				t.Errorf("status %d, body %q", status, body)
			}
		})
	}
}

func TestAttack36ForgedClientAddress(t *testing.T) {
	forged := []string{"X-Forwarded-For", "203.0.113.9", "X-Real-Ip", "203.0.113.9", "Forwarded", "for=203.0.113.9", "True-Client-Ip", "203.0.113.9"}
	if _, _, body := start(t, nil).do(t, "GET", "https://shop.localhost/", "", forged...); !strings.HasSuffix(body, " 127.0.0.1") {
		t.Errorf("without a proxy: %q", body)
	}
	proxied := start(t, func(o *Options) { o.Proxies = web.Proxies{netip.MustParsePrefix("127.0.0.1/32")} })
	if _, _, body := proxied.do(t, "GET", "https://shop.localhost/", "", "X-Forwarded-For", "10.9.9.9, 203.0.113.9"); !strings.HasSuffix(body, " 203.0.113.9") {
		t.Errorf("behind the named proxy: %q", body)
	}
}

// Every answer, refusals too, carries the headers (V3.4.1-V3.4.6, V3.4.8), and none says what the server is made of
// (V13.4.6) or lets other origins read (V3.4.2).
func TestHeaders(t *testing.T) {
	s := start(t, nil)
	for _, path := range []string{"/", "/checkout"} {
		_, h, _ := s.do(t, "GET", "https://shop.localhost"+path, "", "Origin", "https://evil.example")
		for _, never := range []string{"Access-Control-Allow-Origin", "Server", "X-Powered-By", "Via"} {
			if h.Get(never) != "" {
				t.Errorf("%s: %s: %s", path, never, h.Get(never))
			}
		}
		csp := h.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "require-trusted-types-for 'script'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: no %s in %s", path, want, csp)
			}
		}
		for _, never := range []string{"unsafe", "http:", "https:", "*", "data:"} {
			if strings.Contains(csp, never) {
				t.Errorf("%s: %s in %s", path, never, csp)
			}
		}
		if (path == "/checkout") != strings.Contains(csp, "script-src 'none'") {
			t.Errorf("%s: script in the checkout: %s", path, csp)
		}
		if got := h.Get("Connection-Allowlist"); got != map[string]string{"/checkout": "(response-origin);redirects=allow;webrtc=block"}[path] {
			t.Errorf("%s: whom the page may reach: %q", path, got)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
			"Strict-Transport-Security": "max-age=31536000; includeSubDomains"} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
		if !strings.Contains(h.Get("Permissions-Policy"), "geolocation=()") {
			t.Error("no Permissions-Policy")
		}
	}
	if _, h, _ := s.raw(t, "shop.localhost", "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"); h.Get("X-Content-Type-Options") == "" || h.Get("Cache-Control") != "no-store" {
		t.Error("a refusal lacks the headers")
	}
	demo := start(t, func(o *Options) { o.HSTS = false })
	if _, h, _ := demo.do(t, "GET", "https://shop.localhost/", ""); h.Get("Strict-Transport-Security") != "" {
		t.Error("HSTS where it was switched off")
	}
	policy := http.Header{}
	Policy{NoScript: true, FormTo: []string{"https://pay.example"}}.Set(policy)
	if csp := policy.Get("Content-Security-Policy"); !strings.Contains(csp, "form-action 'self' https://pay.example;") {
		t.Errorf("payment page: %s", csp)
	}
	if policy.Get("Connection-Allowlist") == "" {
		t.Error("a page without script may reach everybody")
	}
	if (Policy{}).Set(policy); policy.Get("Connection-Allowlist") != "" {
		t.Error("a page with the shop's scripts and links is held to this host")
	}
}

// Cross-site requests are refused by what the browser says of them (V3.5.1, V3.5.3).
func TestCrossSite(t *testing.T) {
	s := start(t, nil)
	for name, c := range map[string]struct {
		header []string
		path   string
		status int
	}{
		"same origin":  {[]string{"Sec-Fetch-Site", "same-origin"}, "/", 200},
		"cross site":   {[]string{"Sec-Fetch-Site", "cross-site"}, "/", 403},
		"same site":    {[]string{"Sec-Fetch-Site", "same-site"}, "/", 403},
		"origin ours":  {[]string{"Origin", "https://shop.localhost"}, "/", 200},
		"origin other": {[]string{"Origin", "https://evil.example"}, "/", 403},
		"origin null":  {[]string{"Origin", "null"}, "/", 403},
		"a notice":     {nil, "/notices/x", 200},
	} {
		if status, _, _ := s.do(t, "POST", "https://shop.localhost"+c.path, "a=b", c.header...); status != c.status {
			t.Errorf("%s: status %d, want %d", name, status, c.status)
		}
	}
}

// What is too large is refused, and so is every method that nobody needs, TRACE first (V4.1.4, V13.4.4).
func TestSizesAndMethods(t *testing.T) {
	s := start(t, nil)
	long := strings.Repeat("x", 70<<10)
	many := "GET / HTTP/1.1\r\nHost: shop.localhost\r\n" + strings.Repeat("X-A: b\r\n", 100) + "\r\n"
	huge := "GET / HTTP/1.1\r\nHost: shop.localhost\r\nX-A: " + strings.Repeat("x", 40<<10) + "\r\n\r\n"
	chunked := "POST / HTTP/1.1\r\nHost: shop.localhost\r\nSec-Fetch-Site: same-origin\r\nTransfer-Encoding: chunked\r\n\r\n" +
		fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(long), long)
	for name, c := range map[string]struct {
		request string
		status  int
	}{
		"long path":     {"GET /" + long[:2000] + " HTTP/1.1\r\nHost: shop.localhost\r\n\r\n", 413},
		"long query":    {"GET /?" + long[:5000] + " HTTP/1.1\r\nHost: shop.localhost\r\n\r\n", 413},
		"many headers":  {many, 413},
		"large headers": {huge, 431},
		"long form":     {"POST / HTTP/1.1\r\nHost: shop.localhost\r\nContent-Length: 70000\r\n\r\n", 413},
		"long chunks":   {chunked, 413},
		"TRACE":         {"TRACE / HTTP/1.1\r\nHost: shop.localhost\r\n\r\n", 405},
		"PUT":           {"PUT / HTTP/1.1\r\nHost: shop.localhost\r\nContent-Length: 1\r\n\r\na", 405},
		"CONNECT":       {"CONNECT shop.localhost:443 HTTP/1.1\r\nHost: shop.localhost\r\n\r\n", 421},
		"invented":      {"HACK / HTTP/1.1\r\nHost: shop.localhost\r\n\r\n", 405},
		"backslash":     {"GET /a%5cb HTTP/1.1\r\nHost: shop.localhost\r\n\r\n", 400},
		"zero":          {"GET /a%00b HTTP/1.1\r\nHost: shop.localhost\r\n\r\n", 400},
	} {
		t.Run(name, func(t *testing.T) {
			if status, _, _ := s.raw(t, "shop.localhost", c.request); status != c.status {
				t.Errorf("status %d, want %d", status, c.status)
			}
		})
	}
}

func TestLoopbackOnly(t *testing.T) {
	s := start(t, func(o *Options) { o.Proxies = web.Proxies{netip.MustParsePrefix("127.0.0.1/32")} })
	if status, _, _ := s.do(t, "GET", "https://mail.localhost/", ""); status != 200 {
		t.Errorf("from this machine: %d", status)
	}
	if status, _, _ := s.do(t, "GET", "https://mail.localhost/", "", "X-Forwarded-For", "203.0.113.9"); status != 421 {
		t.Errorf("for a stranger behind a proxy: %d", status)
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Host, r.RemoteAddr, r.TLS = "mail.localhost", "203.0.113.9:1", &tls.ConnectionState{ServerName: "mail.localhost"}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != 421 {
		t.Errorf("for a stranger: %d", w.Code)
	}
}

// Behind a proxy, plain HTTP is taken from the named proxy only, and not for what came to it unencrypted.
func TestPlainHTTP(t *testing.T) {
	s := start(t, func(o *Options) { o.Proxies = web.Proxies{netip.MustParsePrefix("10.0.0.5/32")} })
	for _, c := range []struct {
		peer, proto string
		status      int
	}{{"10.0.0.5:1", "https", 200}, {"10.0.0.5:1", "", 200}, {"10.0.0.5:1", "http", 403}, {"203.0.113.9:1", "https", 403}} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host, r.RemoteAddr = "shop.localhost", c.peer
		r.Header.Set("X-Forwarded-Proto", c.proto)
		w := httptest.NewRecorder()
		if s.ServeHTTP(w, r); w.Code != c.status {
			t.Errorf("%s %q: %d", c.peer, c.proto, w.Code)
		}
	}
}

func TestRates(t *testing.T) {
	s := start(t, nil)
	codes := map[int]int{}
	var after string
	for range int(rules[Search].burst) + 5 {
		status, h, _ := s.do(t, "GET", "https://shop.localhost/search", "")
		codes[status]++
		if status == 429 {
			after = h.Get("Retry-After")
		}
	}
	if codes[200] != int(rules[Search].burst) || codes[429] != 5 || after != "1" {
		t.Errorf("codes %v, Retry-After %q", codes, after)
	}
	if status, _, _ := s.do(t, "GET", "https://shop.localhost/checkout", ""); status != 200 {
		t.Errorf("another class suffers: %d", status)
	}
	s.clock.Advance(time.Second)
	if status, _, _ := s.do(t, "GET", "https://shop.localhost/search", ""); status != 200 {
		t.Errorf("a second later: %d", status)
	}
}

func TestBucketsCountByNetworkAndStayBounded(t *testing.T) {
	b, now := newBuckets(1), time.Unix(1_800_000_000, 0)
	use := func(a string) time.Duration { return b.take(web.Network(netip.MustParseAddr(a)), Other, now) }
	for range int(rules[Other].burst) {
		use("2001:db8::1")
	}
	if use("2001:db8::2") <= 0 {
		t.Error("a neighbour in the same /64 has a bucket of its own")
	}
	if use("2001:db8:0:1::1") > 0 || use("203.0.113.1") > 0 {
		t.Error("other networks share a bucket")
	}
	for i := range 300_000 {
		b.take(web.Network(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})), Page, now)
	}
	if n := b.size(); n > shards*perShard*2 {
		t.Errorf("%d buckets are kept", n)
	}
}

func TestListenerBounds(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln := Listen(inner, nil, false)
	defer func() { _ = ln.Close() }()
	got := make(chan net.Conn, maxConnsNetwork+10)
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				close(got)
				return
			}
			got <- c
		}
	}()
	var open []net.Conn
	for range maxConnsNetwork + 5 {
		c, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, c)
	}
	for range maxConnsNetwork {
		defer func(c net.Conn) { _ = c.Close() }(<-got)
	}
	for _, c := range open[maxConnsNetwork:] {
		_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
		if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error("a connection beyond the bound was kept")
		}
	}
	for _, c := range open {
		_ = c.Close()
	}
}
