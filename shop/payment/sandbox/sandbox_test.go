package sandbox

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"strongroom/base/money"
	"strongroom/shop/payment"
	"strongroom/shop/payment/signed"
)

const secret = "whsec_0123456789abcdef"

func config() Config {
	return Config{API: "https://pay.test", Account: "acct_1", Mode: payment.Test, Key: "sk_test_0123456789", Secrets: []string{secret}}
}

// Test and live keys cannot be mixed, and a half configuration is refused when the engine is made.
func TestConfigurationIsChecked(t *testing.T) {
	if _, err := New(config()); err != nil {
		t.Fatal(err)
	}
	for name, edit := range map[string]func(*Config){
		"live key in test mode": func(c *Config) { c.Key = "sk_live_0123456789" },
		"test key in live mode": func(c *Config) { c.Mode = payment.Live },
		"no mode":               func(c *Config) { c.Mode = "" },
		"no account":            func(c *Config) { c.Account = "" },
		"short key":             func(c *Config) { c.Key = "sk_test_1" },
		"no secret":             func(c *Config) { c.Secrets = nil },
		"empty secret":          func(c *Config) { c.Secrets = []string{""} },
		"three secrets":         func(c *Config) { c.Secrets = []string{secret, secret, secret} },
		"a path":                func(c *Config) { c.API = "https://pay.test/v1" },
		"no host":               func(c *Config) { c.API = "pay.test" },
	} {
		c := config()
		edit(&c)
		if _, err := New(c); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// wire is a provider that answers what it is told to.
type wire struct {
	status int
	body   string
	calls  int
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.calls++
	return &http.Response{StatusCode: w.status, Header: http.Header{"Location": {"https://evil.test/"}}, Body: io.NopCloser(strings.NewReader(w.body)), Request: r}, nil
}

func fetch(t *testing.T, w *wire) error {
	t.Helper()
	c := config()
	c.Transport = w
	g, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	_, err = g.Fetch(context.Background(), "ses_1")
	return err
}

// Odd answers become one of the seam's errors, and only those that leave it open whether something happened are repeated.
func TestOddAnswers(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		body   string
		final  bool
		calls  int
	}{
		{"a page", 200, "<html>hello</html>", false, 1},
		{"another session", 200, `{"id":"ses_2"}`, true, 1},
		{"nothing", 200, `{}`, true, 1},
		{"a page elsewhere", 200, `{"id":"ses_1","url":"https://evil.test/pay/ses_1"}`, true, 1},
		{"a page that looks alike", 200, `{"id":"ses_1","url":"https://pay.test@evil.test/"}`, true, 1},
		{"a script", 200, `{"id":"ses_1","url":"javascript:alert(1)"}`, true, 1},
		{"a redirect", 302, "", true, 1},
		{"too many", 429, "", false, 3},
		{"broken", 500, "<html>", false, 3},
		{"bad gateway", 502, strings.Repeat("x", 5000), false, 3},
		{"an endless answer", 200, `{"id":"` + strings.Repeat("x", 300_000) + `"}`, false, 3},
		{"unauthorised", 401, `{"error":{"code":"key_unknown"}}`, true, 1},
	} {
		w := &wire{status: c.status, body: c.body}
		err := fetch(t, w)
		if err == nil || payment.Final(err) != c.final || w.calls != c.calls {
			t.Errorf("%s: %v after %d calls", c.name, err, w.calls)
		}
	}
}

func sign(t, body string) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(t + "." + body))
	return hex.EncodeToString(m.Sum(nil))
}

// FuzzNotice: any body, rightly signed, is read or refused without a panic, and what is read is bounded and printable.
func FuzzNotice(f *testing.F) {
	f.Add(`{"id":"evt_1","type":"session.paid","created":1793610000,"account":"acct_1","mode":"test","session":"ses_1","reference":"r"}`)
	f.Add(`{"id":"evt_1"}`)
	f.Add(`[]`)
	f.Add(`{"id":{"id":{}}}`)
	c := config()
	g, err := New(c)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body string) {
		h := http.Header{scheme.Header: {"t=1793610000,v1=" + sign("1793610000", body)}}
		n, err := g.ParseNotice(context.Background(), time.Unix(1793610000, 0), h, []byte(body))
		if err != nil {
			if n != (payment.Notice{}) {
				t.Fatal("a refused notice says something")
			}
			return
		}
		if n.Account != "acct_1" || n.Mode != payment.Test || n.ID == "" || len(n.ID) > 200 || len(n.Ref) > 200 || !signed.Printable(n.ID+n.Ref+n.Reference) {
			t.Fatalf("read %+v", n)
		}
	})
}

// FuzzAnswer: any answer of the provider is taken without a panic, and a page is only ever at the provider's origin.
func FuzzAnswer(f *testing.F) {
	f.Add(`{"id":"ses_1","status":"open","amount":1,"currency":"EUR","url":"https://pay.test/pay/ses_1","expires":1}`, 200)
	f.Add(`{"id":"ses_1","amount":99999999999999999999}`, 200)
	f.Add(`{"error":{"code":"x"}}`, 404)
	f.Fuzz(func(t *testing.T, body string, status int) {
		if status < 200 || status > 599 || status == 429 || status >= 500 {
			status = 200
		}
		c := config()
		c.Transport = &wire{status: status, body: body}
		g, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		s, err := g.Fetch(context.Background(), "ses_1")
		if err == nil && (s.Ref != "ses_1" || (s.URL != "" && !strings.HasPrefix(s.URL, "https://pay.test"))) {
			t.Fatalf("took %+v", s)
		}
		_ = money.Check(s.Amount)
	})
}
