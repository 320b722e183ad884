package openbao_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"strongroom/base/fault"
	"strongroom/guard/vault"
	"strongroom/guard/vault/openbao"
	"strongroom/guard/vault/openbao/baotest"
	"strongroom/guard/vault/vaulttest"
)

var ctx = context.Background()

func service(t testing.TB) *baotest.Server {
	t.Helper()
	s := baotest.New()
	t.Cleanup(s.Close)
	s.AddKey("strongroom", "")
	s.AddKey("other", "")
	return s
}

func roots(s *httptest.Server) *x509.CertPool {
	p := x509.NewCertPool()
	if s.Certificate() != nil {
		p.AddCert(s.Certificate())
	}
	return p
}

func client(t testing.TB, s *baotest.Server, key, token string) *openbao.Client {
	t.Helper()
	return open(t, openbao.Config{Address: s.URL, Key: key, Roots: roots(s.Server), Token: given(token), Pause: atOnce})
}

func open(t testing.TB, c openbao.Config) *openbao.Client {
	t.Helper()
	o, err := openbao.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func given(s string) func() (string, error) { return func() (string, error) { return s, nil } }

func atOnce(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// Both kinds of root keys do the same V13.3.1 (with key service).
func TestConformance(t *testing.T) {
	s := service(t)
	token := s.Token("read", "encrypt", "decrypt", "rotate")
	vaulttest.Conform(t, client(t, s, "strongroom", token), client(t, s, "other", token))
}

// The same against a real server, with the keys "strongroom" and "other" in its transit engine and a token of the
// policy in docs/keys.md in STRONGROOM_TEST_OPENBAO_TOKEN.
func TestConformanceOfARealServer(t *testing.T) {
	address := os.Getenv("STRONGROOM_TEST_OPENBAO")
	if address == "" {
		t.Log("STRONGROOM_TEST_OPENBAO names no server; the stand-in is tested by TestConformance")
		return
	}
	c := openbao.Config{Address: address, Key: "strongroom", Token: given(os.Getenv("STRONGROOM_TEST_OPENBAO_TOKEN"))}
	other := c
	other.Key = "other"
	vaulttest.Conform(t, open(t, c), open(t, other))
	faults(t, open(t, c), func(key string) *openbao.Client { x := c; x.Key = key; return open(t, x) },
		func(token string) *openbao.Client { x := c; x.Token = given(token); return open(t, x) })
}

// faults holds what both the stand-in and a real server must be understood as.
func faults(t *testing.T, good *openbao.Client, key, token func(string) *openbao.Client) {
	t.Helper()
	w, err := good.Wrap(ctx, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	if err := good.Rotate(ctx); err != nil {
		t.Fatal(err)
	}
	next, err := good.Wrap(ctx, []byte("x"))
	if err != nil || openbao.Version(next) != openbao.Version(w)+1 {
		t.Errorf("after a rotation version %d follows %d: %v", openbao.Version(next), openbao.Version(w), err)
	}
	if b, err := good.Unwrap(ctx, w); err != nil || string(b) != "x" {
		t.Errorf("what the older version wrapped: %v", err)
	}
	if st, err := good.Inspect(ctx); err != nil || st.Newest != openbao.Version(next) || st.Type != "aes256-gcm96" || st.Leaves {
		t.Errorf("inspected %+v, %v", st, err)
	}
	tooNew := []byte(strings.Replace(string(w), fmt.Sprintf(":v%d:", openbao.Version(w)), ":v9999:", 1))
	for name, c := range map[string]struct {
		err  func() error
		want string
	}{
		"no such key":   {func() error { _, err := key("mistyped").Wrap(ctx, []byte("x")); return err }, "vault.service_key_missing"},
		"gone key":      {func() error { _, err := key("mistyped").Unwrap(ctx, w); return err }, "vault.service_key_missing"},
		"foreign token": {func() error { _, err := token("hvs.nobody").Unwrap(ctx, w); return err }, "vault.service_denied"},
		"too new":       {func() error { _, err := good.Unwrap(ctx, tooNew); return err }, "vault.service_version"},
		"other's": {func() error {
			_, err := key("other").Unwrap(ctx, []byte(strings.Replace(string(w), fmt.Sprintf(":v%d:", openbao.Version(w)), ":v1:", 1)))
			return err
		}, "vault.service_foreign"},
	} {
		if f := fault.As(c.err()); f == nil || f.Key != c.want || f.Hint == "" {
			t.Errorf("%s: %v, want %s with a hint", name, f, c.want)
		}
	}
}

// What goes wrong is told apart, each with a way out, and no error shows a token or what was sent (V16.2.5, V16.5.1).
func TestFaults_V16_5_1(t *testing.T) {
	s := service(t)
	token := s.Token("read", "encrypt", "decrypt", "rotate")
	good := client(t, s, "strongroom", token)
	faults(t, good, func(k string) *openbao.Client { return client(t, s, k, token) },
		func(x string) *openbao.Client { return client(t, s, "strongroom", x) })
	w, err := good.Wrap(ctx, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	s.AddKey("rsa", "rsa-4096")
	gone := httptest.NewTLSServer(nil)
	gone.Close()
	elsewhere := httptest.NewTLSServer(http.RedirectHandler("https://other.example/", http.StatusTemporaryRedirect))
	defer elsewhere.Close()
	plainWeb := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }))
	defer plainWeb.Close()
	at := func(x *httptest.Server) openbao.Config {
		return openbao.Config{Address: x.URL, Key: "strongroom", Roots: roots(x), Token: given(token), Pause: atOnce}
	}
	untrusted := at(s.Server)
	untrusted.Roots = x509.NewCertPool()
	for name, c := range map[string]struct {
		client *openbao.Client
		before func()
		want   string
	}{
		"sealed":       {good, func() { s.Seal(true) }, "vault.service_sealed"},
		"failing":      {good, func() { s.Fail(500, 502, 500, 503) }, "vault.service_failing"},
		"busy":         {good, func() { s.Fail(429, 429, 429, 429) }, "vault.service_failing"},
		"version":      {good, func() { s.Oldest("strongroom", 99) }, "vault.service_version"},
		"may not":      {client(t, s, "strongroom", s.Token("read")), nil, "vault.service_denied"},
		"no engine":    {open(t, openbao.Config{Address: s.URL, Mount: "elsewhere", Key: "k", Roots: roots(s.Server), Token: given(s.Token("root"))}), nil, "vault.service_key_missing"},
		"unreachable":  {open(t, at(gone)), nil, "vault.service_unreachable"},
		"redirect":     {open(t, at(elsewhere)), nil, "vault.service_redirect"},
		"no service":   {open(t, at(plainWeb)), nil, "vault.service_odd"},
		"certificate":  {open(t, untrusted), nil, "vault.service_untrusted"},
		"unread token": {open(t, openbao.Config{Address: s.URL, Key: "k", Roots: roots(s.Server), Token: func() (string, error) { return "", os.ErrNotExist }}), nil, "vault.service_secret"},
	} {
		if c.before != nil {
			c.before()
		}
		_, err := c.client.Unwrap(ctx, w)
		f := fault.As(err)
		if f == nil || f.Key != c.want || f.Hint == "" || strings.Contains(fmt.Sprintf("%v %s", err, f.Hint), token) {
			t.Errorf("%s: %v, want %s with a hint and without the token", name, err, c.want)
		}
		s.Seal(false)
		s.Fail()
		s.Oldest("strongroom", 1)
	}
	if _, err := client(t, s, "rsa", s.Token("root")).Wrap(ctx, []byte("x")); fault.As(err) == nil || fault.As(err).Key != "vault.service_key_type" {
		t.Errorf("a key of another type: %v", err)
	}
}

// A service that is busy for a moment is asked again; one that says no is not.
func TestRetries(t *testing.T) {
	s := service(t)
	c := client(t, s, "strongroom", s.Token("read", "encrypt", "decrypt"))
	w, err := c.Wrap(ctx, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	before := len(s.Calls())
	s.Fail(500, 429, 502)
	if _, err := c.Unwrap(ctx, w); err != nil {
		t.Errorf("after three failures: %v", err)
	}
	if n := len(s.Calls()) - before; n != 4 {
		t.Errorf("%d calls, want 4", n)
	}
	before = len(s.Calls())
	_, err = client(t, s, "strongroom", "hvs.wrong").Unwrap(ctx, w)
	if n := len(s.Calls()) - before; err == nil || n != 1 {
		t.Errorf("a refusal was repeated: %d calls", n)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := c.Unwrap(ended, w); err == nil {
		t.Error("answered to nobody")
	}
}

// A mistyped name of a key makes no key, also with a token that could.
func TestAMistypedKeyIsNotMade(t *testing.T) {
	s := service(t)
	if _, err := client(t, s, "strongrom", s.Token("root")).Wrap(ctx, []byte("x")); !fault.Is(err, fault.NotFound) {
		t.Fatalf("wrapped by a key that was not there: %v", err)
	}
	if _, err := client(t, s, "strongrom", s.Token("root")).Inspect(ctx); !fault.Is(err, fault.NotFound) {
		t.Fatalf("the key is there now: %v", err)
	}
}

// With an AppRole each use has a token of its own, which is given back (V13.3.2, V13.2.2).
func TestAppRole_V13_3_2(t *testing.T) {
	s := service(t)
	s.Role("role", "secret")
	secret := "secret"
	c := open(t, openbao.Config{Address: s.URL, Key: "strongroom", Roots: roots(s.Server), RoleID: "role", Pause: atOnce,
		SecretID: func() (string, error) { return secret, nil }})
	other := open(t, openbao.Config{Address: s.URL, Key: "other", Roots: roots(s.Server), RoleID: "role", Pause: atOnce,
		SecretID: func() (string, error) { return secret, nil }})
	vaulttest.Conform(t, c, other)
	if n := s.Tokens(); n != 0 {
		t.Errorf("%d tokens were not given back", n)
	}
	secret = "old"
	if _, err := c.Wrap(ctx, []byte("x")); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a wrong secret id: %v", err)
	}
}

// Clear text is spoken with this machine only, and only TLS 1.2 and newer (V12.3.1, V12.1.1), V12.3.3 (with key service).
func TestAddresses_V12_3_1(t *testing.T) {
	for address, ok := range map[string]bool{"https://bao.example:8200": true, "http://127.0.0.1:8200": true, "http://localhost:8200": true,
		"http://bao.example:8200": false, "http://10.0.0.1": false, "https://u:p@bao.example": false, "https://bao.example/path": false,
		"ftp://bao.example": false, "": false, "https://": false, "https://bao.example?x=y": false} {
		if _, err := openbao.New(openbao.Config{Address: address, Key: "k", Token: given("x")}); (err == nil) != ok {
			t.Errorf("%q: %v", address, err)
		}
	}
	for _, c := range []openbao.Config{{Key: "a/../b", Token: given("x")}, {Key: "k"}, {Key: "", Token: given("x")}, {Key: "k", RoleID: "r"},
		{Key: "k", RoleID: "r", SecretID: given("s"), Token: given("x")}, {Key: "k?x", Token: given("x")}} {
		if c.Address = "https://bao.example"; true {
			if _, err := openbao.New(c); err == nil {
				t.Errorf("taken: %+v", c.Key)
			}
		}
	}
	s := service(t)
	s.TLS.MaxVersion = 0x0302 // TLS 1.1
	if _, err := client(t, s, "strongroom", s.Token("root")).Wrap(ctx, []byte("x")); err == nil {
		t.Error("an old TLS was spoken")
	}
}

var _ vault.Service = (*openbao.Client)(nil)

var errStop = errors.New("stop")

// A pause ends with its context.
func TestPauseEnds(t *testing.T) {
	s := service(t)
	stopped, stop := context.WithCancelCause(ctx)
	c := open(t, openbao.Config{Address: s.URL, Key: "strongroom", Roots: roots(s.Server), Token: given(s.Token("root"))})
	s.Fail(500, 500, 500, 500)
	time.AfterFunc(50*time.Millisecond, func() { stop(errStop) })
	begin := time.Now()
	if _, err := c.Wrap(stopped, []byte("x")); err == nil || time.Since(begin) > 3*time.Second {
		t.Errorf("after %v: %v", time.Since(begin), err)
	}
}
