package certificate

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// knockPatience is how long one address may take to answer a probe.
const knockPatience = 8 * time.Second

// ports fetches a word of our own through the host's public name, from each of its addresses, as the authority will.
func (p *Preflight) ports(ctx context.Context, host string, addrs []netip.Addr, probe Probe) []Check {
	word, done, err := probe(ctx, host)
	if err != nil {
		return []Check{{Name: "ports", State: Warn, Expected: "a probe that can be laid down", Found: err.Error(), Do: "Look at the data folder or the database."}}
	}
	defer done()
	checks := []Check{p.knockAll(ctx, "port "+strconv.Itoa(p.TLSPort), p.TLSPort, host, word, addrs, p.knockTLS)}
	if p.HTTPPort > 0 {
		checks = append(checks, p.knockAll(ctx, "port "+strconv.Itoa(p.HTTPPort), p.HTTPPort, host, word, addrs, p.knockHTTP))
	}
	one := slices.ContainsFunc(checks, func(c Check) bool { return c.State == Fine })
	for i := range checks {
		if checks[i].State == Wrong && one {
			checks[i].State = Warn // the other challenge will do
		}
	}
	return checks
}

// errOther is an answer that did not come from us.
var errOther = errors.New("something else answers")

// knockAll asks every address. What does not answer may be reachable from outside all the same (a router that does not
// lead back in), so that it is only a warning; what answers but is not us, or is closed on this very machine, is wrong.
func (p *Preflight) knockAll(ctx context.Context, name string, port int, host, word string, addrs []netip.Addr,
	knock func(ctx context.Context, address, host, word string) error) Check {
	c := Check{Name: name, State: Fine, Expected: "this store answers at " + host + " on " + name}
	own, _ := p.own()
	var found []string
	for _, a := range addrs {
		err := p.timed(ctx, net.JoinHostPort(a.String(), strconv.Itoa(port)), host, word, knock)
		if err == nil {
			found = append(found, a.String()+": it does")
			continue
		}
		found = append(found, a.String()+": "+err.Error())
		state := Warn
		if errors.Is(err, errOther) || slices.Contains(own, a) {
			state = Wrong
		}
		if c.State != Wrong {
			c.State = state
		}
		c.Do = "Let port " + strconv.Itoa(port) + " of " + a.String() + " through to this store: firewall, router, another program that listens there."
	}
	c.Found = strings.Join(found, "; ")
	return c
}

func (p *Preflight) timed(ctx context.Context, address, host, word string, knock func(ctx context.Context, address, host, word string) error) error {
	ctx, cancel := context.WithTimeout(ctx, knockPatience)
	defer cancel()
	err := knock(ctx, address, host, word)
	switch {
	case err == nil || errors.Is(err, errOther):
		return err
	case errors.Is(err, syscall.ECONNREFUSED):
		return errors.New("the port is closed")
	case errors.Is(err, context.DeadlineExceeded):
		return errors.New("no answer; a firewall may be in between")
	}
	return err
}

func (p *Preflight) dial(ctx context.Context, address string) (net.Conn, error) {
	if p.Dial != nil {
		return p.Dial(ctx, "tcp", address)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", address)
}

func (p *Preflight) knockHTTP(ctx context.Context, address, host, word string) error {
	t := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return p.dial(ctx, address) }}
	c := &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+host+probePath+word, nil)
	if err != nil {
		return err
	}
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	b, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	if string(b) != answerTo(word) {
		who := ""
		if s := resp.Header.Get("Server"); s != "" {
			who = ", server " + strconv.Quote(s[:min(len(s), 60)])
		}
		return fmt.Errorf("%w (status %d%s)", errOther, resp.StatusCode, who)
	}
	return nil
}

func (p *Preflight) knockTLS(ctx context.Context, address, host, word string) error {
	raw, err := p.dial(ctx, address)
	if err != nil {
		return err
	}
	defer func() { _ = raw.Close() }()
	// The certificate is not believed but compared with the word that it must carry.
	conn := tls.Client(raw, &tls.Config{ServerName: host, NextProtos: []string{acmeTLS}, MinVersion: tls.VersionTLS12, InsecureSkipVerify: true}) //nolint:gosec // see above
	if err := conn.HandshakeContext(ctx); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%w (%v)", errOther, err)
	}
	if !carries(conn.ConnectionState().PeerCertificates[0], host, word) {
		return fmt.Errorf("%w, with a certificate of its own", errOther)
	}
	return nil
}
