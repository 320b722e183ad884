// Package shopper buys in a running store over HTTPS, as a browser without script would: it follows links, fills the
// forms that the pages hold and submits them with everything hidden in them. The load generator, the kill tests and
// the attack simulations all shop through it.
//
// It reads forms with a small scanner of its own instead of an HTML parser, because the client's time is part of what
// is measured on the same machine.
package shopper

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Network is what shoppers share: connections to one store and its payment provider.
type Network struct {
	transport *http.Transport
}

// NewNetwork trusts the given authorities and connects every name below "localhost" to the loopback address of its
// port. conns bounds the connections to one host.
func NewNetwork(roots *x509.CertPool, conns int) *Network {
	dial := &net.Dialer{Timeout: 10 * time.Second}
	return &Network{transport: &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS13},
		MaxConnsPerHost:     conns,
		MaxIdleConnsPerHost: conns,
		IdleConnTimeout:     time.Minute,
		TLSHandshakeTimeout: 10 * time.Second,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if host, port, err := net.SplitHostPort(addr); err == nil && (host == "localhost" || strings.HasSuffix(host, ".localhost")) {
				addr = net.JoinHostPort("127.0.0.1", port)
			}
			return dial.DialContext(ctx, network, addr)
		},
	}}
}

// As is a network of its own that looks for another name in certificates than the one that it asks for. The name that it
// asks for stands in the handshake all the same.
func (n *Network) As(name string) *Network {
	t := n.transport.Clone()
	roots := t.TLSClientConfig.RootCAs
	t.TLSClientConfig.InsecureSkipVerify = true // what follows verifies instead
	t.TLSClientConfig.VerifyConnection = func(c tls.ConnectionState) error {
		_, err := c.PeerCertificates[0].Verify(x509.VerifyOptions{DNSName: name, Roots: roots})
		return err
	}
	return &Network{transport: t}
}

// Close ends the connections.
func (n *Network) Close() { n.transport.CloseIdleConnections() }

// Shopper is one browser session with cookies of its own.
type Shopper struct {
	net     *Network
	client  *http.Client
	From    string // client address told to the store as by a trusted proxy; empty for none
	Headers http.Header
	Stays   bool     // a way to another host is not gone: the answer that leads there is the page
	Visited []string // the path of every page, for error messages
}

// New starts a session.
func (n *Network) New(from string) *Shopper {
	jar, _ := cookiejar.New(nil) // never fails without options
	s := &Shopper{net: n, From: from}
	s.client = &http.Client{Transport: n.transport, Jar: jar, Timeout: 60 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return s
}

// Page is an answer.
type Page struct {
	URL    *url.URL
	Status int
	Header http.Header
	Body   []byte
}

// Get fetches an address and follows redirects.
func (s *Shopper) Get(ctx context.Context, address string) (*Page, error) {
	return s.do(ctx, http.MethodGet, address, "", nil)
}

// Post sends a form and follows redirects.
func (s *Shopper) Post(ctx context.Context, address string, form url.Values, from *url.URL) (*Page, error) {
	return s.do(ctx, http.MethodPost, address, form.Encode(), from)
}

const maxRedirects = 8

func (s *Shopper) do(ctx context.Context, method, address, body string, from *url.URL) (*Page, error) {
	for range maxRedirects {
		p, err := s.once(ctx, method, address, body, from)
		if err != nil {
			return nil, err
		}
		to := p.Header.Get("Location")
		if p.Status < 300 || p.Status > 399 || to == "" {
			return p, nil
		}
		next, err := p.URL.Parse(to)
		if err != nil {
			return nil, fmt.Errorf("redirect to %q: %w", to, err)
		}
		if s.Stays && next.Host != p.URL.Host {
			return p, nil
		}
		from, address = p.URL, next.String()
		if p.Status != http.StatusTemporaryRedirect && p.Status != http.StatusPermanentRedirect {
			method, body = http.MethodGet, ""
		}
	}
	return nil, fmt.Errorf("more than %d redirects", maxRedirects)
}

// Once sends one request and follows nothing.
func (s *Shopper) Once(ctx context.Context, method, address, body string) (*Page, error) {
	return s.once(ctx, method, address, body, nil)
}

func (s *Shopper) once(ctx context.Context, method, address, body string, from *url.URL) (*Page, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	s.dress(r, from)
	resp, err := s.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := readBody(resp)
	if err != nil {
		return nil, err
	}
	s.Visited = append(s.Visited, method+" "+r.URL.Path+" "+strconv.Itoa(resp.StatusCode))
	return &Page{URL: r.URL, Status: resp.StatusCode, Header: resp.Header, Body: b}, nil
}

const maxBody = 8 << 20

// readBody reads an answer, at once if it says its length.
func readBody(resp *http.Response) ([]byte, error) {
	if n := resp.ContentLength; n >= 0 && n <= maxBody {
		b := make([]byte, n)
		_, err := io.ReadFull(resp.Body, b)
		return b, err
	}
	return io.ReadAll(io.LimitReader(resp.Body, maxBody))
}

// dress gives the request the headers that a browser would send.
func (s *Shopper) dress(r *http.Request, from *url.URL) {
	r.Header.Set("Accept", "text/html,application/xhtml+xml")
	r.Header.Set("Accept-Language", "en")
	site := "none"
	if from != nil {
		site = "cross-site"
		if from.Host == r.URL.Host {
			site = "same-origin"
		}
	}
	r.Header.Set("Sec-Fetch-Site", site)
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	if r.Method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if from != nil {
			r.Header.Set("Origin", from.Scheme+"://"+from.Host)
		}
	}
	if s.From != "" {
		r.Header.Set("X-Forwarded-For", s.From)
	}
	for k, v := range s.Headers {
		r.Header[k] = v
	}
}

// Cookie returns the value of a cookie that the session holds for an address.
func (s *Shopper) Cookie(address, name string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	for _, c := range s.client.Jar.Cookies(u) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// SetCookie plants a cookie, as an attacker with a stolen one would.
func (s *Shopper) SetCookie(address string, c *http.Cookie) {
	if u, err := url.Parse(address); err == nil {
		s.client.Jar.SetCookies(u, []*http.Cookie{c})
	}
}
