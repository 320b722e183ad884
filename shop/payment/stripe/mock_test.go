//go:build servers

package stripe_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"strongroom/shop/payment/gatewaytest"
)

// mocked sends every request to stripe-mock first, which checks it against Stripe's own description of its API and
// keeps no state. What it does not accept, Stripe would not accept either.
type mocked struct {
	t    *testing.T
	base string
	next http.RoundTripper
}

func (m mocked) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	c, err := http.NewRequestWithContext(r.Context(), r.Method, m.base+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	c.Header = r.Header.Clone()
	c.Header.Set("Authorization", "Bearer sk_test_123") // it knows the form of full keys only
	a, err := http.DefaultTransport.RoundTrip(c)
	if err != nil {
		return nil, err
	}
	said, _ := io.ReadAll(a.Body)
	_ = a.Body.Close()
	if a.StatusCode != http.StatusOK {
		m.t.Errorf("stripe-mock refuses %s %s %s: %d %s", r.Method, r.URL.RequestURI(), body, a.StatusCode, said)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return m.next.RoundTrip(r)
}

// startMock runs stripe-mock on loopback until the test ends; tools/ci/deps.sh puts it in tools/bin.
func startMock(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := ln.Addr().String()
	_ = ln.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, "../../../tools/bin/stripe-mock", "-http-addr", address)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		cancel()
		t.Fatalf("%v; make deps installs it", err)
	}
	t.Cleanup(func() { cancel(); _ = cmd.Wait() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "Listening") {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return "http://" + address
		}
	}
	t.Fatal("stripe-mock ended before it listened")
	return ""
}

// All that the engine ever asks, the whole conformance suite through, has a shape that Stripe's description allows.
func TestRequestsPassStripeMock(t *testing.T) {
	base := startMock(t)
	through := func(t *testing.T) *rig {
		g := newRig(t)
		g.way = mocked{t: t, base: base, next: g.way}
		return g
	}
	gatewaytest.Run(t, func(t *testing.T) *gatewaytest.Bench { return through(t).bench() })
	gatewaytest.RunBeyond(t, func(t *testing.T) *gatewaytest.Beyond { return through(t).beyond() })
}

// The check notices what it is for.
func TestStripeMockRefuses(t *testing.T) {
	base := startMock(t)
	for form, want := range map[string]int{"mode=payment&success_url=https://shop.example": 200, "mode=payment&invented=1": 400, "mode=gift": 400} {
		r, err := http.NewRequest(http.MethodPost, base+"/v1/checkout/sessions", strings.NewReader(form))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer sk_test_123")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		a, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = a.Body.Close()
		if a.StatusCode != want {
			t.Errorf("%s: %s", form, a.Status)
		}
	}
}
