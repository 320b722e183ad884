package attack

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"strongroom/tools/shopper"
)

// plain is a client without cookies and redirects.
func (s *site) plain() *http.Client {
	return &http.Client{Transport: s.Transport(), Timeout: 20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// raw sends bytes over TLS and returns all that comes back within two seconds.
func (s *site) raw(t *testing.T, request string) string {
	t.Helper()
	u, err := url.Parse(s.Shop)
	fatal(t, err)
	c, err := tls.Dial("tcp", net.JoinHostPort("127.0.0.1", u.Port()),
		&tls.Config{ServerName: u.Hostname(), RootCAs: s.Roots, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}})
	fatal(t, err)
	defer func() { _ = c.Close() }()
	fatal(t, c.SetDeadline(time.Now().Add(2*time.Second)))
	_, err = io.WriteString(c, request)
	fatal(t, err)
	var b strings.Builder
	_, _ = io.Copy(&b, io.LimitReader(bufio.NewReader(c), 1<<20))
	return b.String()
}

func status(answer string) string {
	line, _, _ := strings.Cut(answer, "\r\n")
	return strings.TrimPrefix(line, "HTTP/1.1 ")
}

// poisonedHost asks with hosts that are not the shop's (V4.1.3): no page is served, and no link,
// redirect or mail ever names the attacker's host.
func poisonedHost(t *testing.T, s *site) string {
	u, err := url.Parse(s.Shop)
	fatal(t, err)
	host := u.Host
	tries := []string{
		"GET /en/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
		"GET /en/ HTTP/1.1\r\nHost: " + u.Hostname() + ".evil.example\r\nConnection: close\r\n\r\n",
		"GET /en/ HTTP/1.1\r\nHost: " + host + "@evil.example\r\nConnection: close\r\n\r\n",
		"GET /en/ HTTP/1.1\r\nHost: " + host + "\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
		"GET https://evil.example/en/ HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n",
		"GET /en/ HTTP/1.1\r\nConnection: close\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: evil.example:" + u.Port() + "\r\nConnection: close\r\n\r\n",
	}
	for _, r := range tries {
		answer := s.raw(t, r)
		if code := status(answer); !strings.HasPrefix(code, "421") && !strings.HasPrefix(code, "400") {
			t.Errorf("%q was answered with %q", r, code)
		}
		if strings.Contains(answer, "evil.example") {
			t.Errorf("%q is repeated in the answer", r)
		}
	}
	headers := []string{"X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-Host", "X-Forwarded-Server", "X-Original-URL"}
	b := s.stranger()
	b.Headers = http.Header{}
	for _, h := range headers {
		b.Headers.Set(h, "evil.example")
	}
	b.Headers.Set("Forwarded", "host=evil.example")
	const mail = "poisoned@buyers.example" // no digits: a row of them may pass for a card number, which forms refuse
	o, err := b.Buy(t.Context(), s.Shop, "/en/p/card", shopper.Somebody(mail), shopper.Paid)
	fatal(t, err)
	if strings.Contains(string(o.Last.Body), "evil.example") {
		t.Error("the order page names the attacker's host")
	}
	m, ok := s.Mail.Wait(mail, 20*time.Second, func(d string) bool { return strings.Contains(d, "/order/open/") })
	if !ok || strings.Contains(m.Data, "evil.example") {
		t.Errorf("the mail with the link came: %v; it names the attacker's host: %v", ok, strings.Contains(m.Data, "evil.example"))
	}
	const forgetful = "forgetful@buyers.example"
	s.newcomer(t, forgetful, "198.35.0.1").withPassword(leaked(21))
	thief, before := s.newcomer(t, forgetful, "203.0.113.21"), len(s.links(forgetful))
	thief.Headers = b.Headers
	thief.submit(thief.get("/recover"), "/account/recover", url.Values{"email": {forgetful}})
	link := s.mailed(t, forgetful, before)
	reset := s.raw(t, "POST /en/account/recover HTTP/1.1\r\nHost: evil.example\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 30\r\n"+
		"Connection: close\r\n\r\nemail=forgetful@buyers.example")
	if code := status(reset); !strings.HasPrefix(link, s.Shop+"/") || !strings.HasPrefix(code, "421") && !strings.HasPrefix(code, "400") {
		t.Errorf("a reset through a foreign host is answered with %q, and its mail leads to %s", code, link)
	}
	return fmt.Sprintf("%d forged hosts refused; %d headers ignored, the mailed links of an order and of a reset are the shop's", len(tries)+1, len(headers))
}

// smuggling sends requests that two servers would cut differently, and addresses that nobody vouched for (V4.2.1,
// V4.1.3, V15.3.4).
func smuggling(t *testing.T, s *site) string {
	u, err := url.Parse(s.Shop)
	fatal(t, err)
	head := "POST /en/cart/add HTTP/1.1\r\nHost: " + u.Host + "\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	hidden := "GET /smuggled HTTP/1.1\r\nHost: " + u.Host + "\r\n\r\n"
	corpus := []string{
		head + "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
		head + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n" + hidden + "0\r\n\r\n",
		head + "Content-Length: 4\r\nContent-Length: 60\r\n\r\na=bc" + hidden,
		head + "Transfer-Encoding: xchunked\r\n\r\n" + hidden,
		head + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + hidden,
		head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + hidden,
		head + "Content-Length: +3\r\n\r\na=b" + hidden,
		head + "Content-Length: -1\r\n\r\n" + hidden,
		head + "Content-Length: 0x3\r\n\r\na=b" + hidden,
		head + "X: y\r\n Content-Length: 3\r\n\r\na=b" + hidden,
		head + "Transfer-Encoding: chunked\r\n\r\n3\r\na=b\r\nZZ\r\n\r\n" + hidden,
		"GET /en/ HTTP/1.1\r\nHost: " + u.Host + "\r\nX-A: b\rX-B: c\r\n\r\n",
		"GET /en/\x00 HTTP/1.1\r\nHost: " + u.Host + "\r\n\r\n",
		"GET /en/ HTTP/1.1\nHost: " + u.Host + "\nX-Null: a\x00b\n\n",
		"GET  /en/ HTTP/1.1\r\nHost: " + u.Host + "\r\n\r\n",
	}
	for _, c := range corpus {
		if answer := s.raw(t, c); strings.Count(answer, "HTTP/1.1 ") > 1 && strings.Contains(answer, "404") {
			t.Errorf("a hidden request was answered:\n%.200q\n%.300q", c, answer)
		} else if code := status(answer); strings.HasPrefix(code, "5") && !strings.HasPrefix(code, "501") { // 501: an unknown encoding
			t.Errorf("%.80q: %s", c, status(answer))
		}
	}
	for _, path := range []string{"/en/%0d%0aSet-Cookie:%20a=b", "/en/p/x%0d%0aLocation:%20https://evil.example", "/en/search?q=%0d%0aX-Evil:%201", "//evil.example/en", "/en/..%2f..%2fetc/passwd"} {
		resp, err := s.plain().Get(s.Shop + path)
		fatal(t, err)
		_ = resp.Body.Close()
		if resp.Header.Get("X-Evil") != "" || resp.Header.Get("Set-Cookie") != "" || elsewhere(u, resp.Header.Get("Location")) || resp.StatusCode >= 500 {
			t.Errorf("%s: status %d, headers %v", path, resp.StatusCode, resp.Header)
		}
	}
	return fmt.Sprintf("%d ambiguous requests and 5 line breaks in addresses; none was split", len(corpus))
}

// elsewhere says whether a redirect leads to another host.
func elsewhere(shop *url.URL, location string) bool {
	to, err := shop.Parse(location)
	return err != nil || to.Host != shop.Host
}

// cacheDeception asks for private pages under names that a cache would keep, and for public pages with what must not
// change them (V14.2.5, V14.3.2).
func cacheDeception(t *testing.T, s *site) string {
	b := s.stranger()
	o, err := b.Buy(t.Context(), s.Shop, "/en/p/card", shopper.Somebody("cached@buyers.example"), shopper.Paid)
	fatal(t, err)
	tried := 0
	for _, path := range []string{"/en/order/x.css", "/en/order.css", "/en/order;x.css", "/en/order%2fx.css", "/en/order/return/a.js", "/en/order%00.css",
		"/en/order/?.css", "/en/cart/style.css", "/en/checkout/app.js", "/en/order%3f.css", "/en/ORDER/x.png", "/en/order/..%2f..%2fstatic/x.css"} {
		p, err := b.Get(t.Context(), s.Shop+path)
		fatal(t, err)
		tried++
		if strings.Contains(string(p.Body), o.Number) {
			t.Errorf("%s shows the order", path)
		}
		if p.Status == 200 && !strings.Contains(p.Header.Get("Cache-Control"), "no-store") {
			t.Errorf("%s: status 200, Cache-Control %q", path, p.Header.Get("Cache-Control"))
		}
	}
	for _, path := range []string{"/en/order", "/en/cart", "/en/checkout", "/cart/count", "/en/order/return", "/en/withdraw"} {
		p, err := b.Get(t.Context(), s.Shop+path)
		fatal(t, err)
		if cc := p.Header.Get("Cache-Control"); !strings.Contains(cc, "no-store") {
			t.Errorf("%s: Cache-Control %q", path, cc)
		}
	}
	clean, err := s.stranger().Get(t.Context(), s.Shop+"/en/p/bowl")
	fatal(t, err)
	poison := s.stranger()
	poison.Headers = http.Header{"X-Forwarded-Host": {"evil.example"}, "X-Forwarded-Proto": {"http"}, "X-Original-Url": {"/evil"}, "Cookie": {"a=<script>"}}
	for _, q := range []string{"", "?utm_source=<script>", "?cb=1", "?x=evil.example"} {
		_, err := poison.Get(t.Context(), s.Shop+"/en/p/bowl"+q)
		fatal(t, err)
	}
	again, err := s.stranger().Get(t.Context(), s.Shop+"/en/p/bowl")
	fatal(t, err)
	if string(again.Body) != string(clean.Body) || again.Header.Get("Set-Cookie") != "" {
		t.Error("the public page changed after a stranger's odd requests, or sets a cookie")
	}
	return fmt.Sprintf("%d cachable names for private pages; public pages are the same for everybody", tried)
}
