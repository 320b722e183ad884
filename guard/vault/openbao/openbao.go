// Package openbao lets a key service keep the store's root key: OpenBao, or HashiCorp Vault, whose transit engine speaks
// the same language.
//
// The service wraps and opens 32 bytes and nothing else; the store calls it at start, at a rotation and at a recovery.
// It is called with a time limit and tried again while it is busy or away for a moment. What it answers is turned into
// faults that say what to do: sealed, unreachable, not believed (its certificate), denied, no such key, a version that
// the service does not open any more. No error holds a token, a key or what the service sent.
//
// The store proves itself with a token (from a file that is read anew each time, so that an agent may replace it) or
// with an AppRole, whose short token is given back after use. docs/keys.md has the policy that it needs.
package openbao

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"strongroom/base/fault"
)

// Config names the service, the key and who we are.
type Config struct {
	Address   string                 // "https://bao.example.org:8200"; plain http on this machine only
	Namespace string                 // "" for none
	Mount     string                 // of the transit engine; "" is "transit"
	Key       string                 // name of the key in it
	Roots     *x509.CertPool         // authorities to believe; nil for the system's
	Token     func() (string, error) // nil when an AppRole is used
	RoleID    string
	SecretID  func() (string, error)
	AppRole   string        // mount of the AppRole method; "" is "approle"
	Timeout   time.Duration // of one try; 0 is 5 s
	// Pause waits between tries; nil waits for real. Tests do not.
	Pause func(ctx context.Context, d time.Duration) error
}

// Client calls the service. It is safe for use by many goroutines.
type Client struct {
	c    Config
	http *http.Client
}

// tries is how often a call is made before a busy service counts as away.
const tries = 4

// binds is sealed along: what the service wrapped for something else opens nothing here.
var binds = base64.StdEncoding.EncodeToString([]byte("strongroom root in service 1"))

// New checks the configuration; it calls nobody.
func New(c Config) (*Client, error) {
	u, err := url.Parse(c.Address)
	if err != nil || u.Host == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" ||
		u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, errors.New("the address must be https://host:port (http for a service on this machine only)")
	}
	c.Address = u.Scheme + "://" + u.Host
	set := func(s *string, v string) {
		if *s = strings.Trim(*s, "/"); *s == "" {
			*s = v
		}
	}
	set(&c.Mount, "transit")
	set(&c.AppRole, "approle")
	if !name(c.Key) || !name(c.Mount) || !name(c.AppRole) {
		return nil, errors.New("the names of key and mounts are letters, digits, dots, dashes and underscores")
	}
	if (c.Token == nil) == (c.RoleID == "" || c.SecretID == nil) {
		return nil, errors.New("either a token or a role id with its secret id is needed")
	}
	if c.Timeout <= 0 {
		c.Timeout = 5 * time.Second
	}
	if c.Pause == nil {
		c.Pause = pause
	}
	return &Client{c, newHTTP(c)}, nil
}

// newHTTP follows no redirects, which would carry the token to another machine, and uses no proxy.
func newHTTP(c Config) *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.Roots},
			DialContext:         (&net.Dialer{Timeout: c.Timeout}).DialContext,
			TLSHandshakeTimeout: c.Timeout, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10},
	}
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func name(s string) bool {
	for _, r := range s {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/", r) {
			return false
		}
	}
	return s != "" && !strings.Contains(s, "..")
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Wrap has the service seal plain. The key must be there: a service would make one of a mistyped name.
func (c *Client) Wrap(ctx context.Context, plain []byte) (wrapped []byte, err error) {
	defer fault.Wrap(&err, "openbao: wrap")
	err = c.as(ctx, func(token string) error {
		if _, err := c.state(ctx, token); err != nil {
			return err
		}
		var out struct{ Ciphertext string }
		err := c.call(ctx, token, http.MethodPost, "/encrypt/", map[string]any{
			"plaintext": base64.StdEncoding.EncodeToString(plain), "associated_data": binds}, &out)
		wrapped = []byte(out.Ciphertext)
		return errors.Join(err, whole(out.Ciphertext))
	})
	return wrapped, err
}

// Unwrap has the service open what Wrap made.
func (c *Client) Unwrap(ctx context.Context, wrapped []byte) (plain []byte, err error) {
	defer fault.Wrap(&err, "openbao: unwrap")
	if err := whole(string(wrapped)); err != nil {
		return nil, err
	}
	err = c.as(ctx, func(token string) error {
		var out struct{ Plaintext string }
		err := c.call(ctx, token, http.MethodPost, "/decrypt/", map[string]any{
			"ciphertext": string(wrapped), "associated_data": binds}, &out)
		if err != nil {
			return err
		}
		plain, err = base64.StdEncoding.DecodeString(out.Plaintext)
		return err
	})
	return plain, err
}

// Rotate makes a new version of the service's key. A policy that does not allow it answers with fault.Forbidden.
func (c *Client) Rotate(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "openbao: rotate")
	return c.as(ctx, func(token string) error {
		return c.send(ctx, token, http.MethodPost, c.c.Mount+"/keys/"+c.c.Key+"/rotate", map[string]any{}, nil)
	})
}

// State is what the service says about the key and about us.
type State struct {
	Type      string // "aes256-gcm96"
	Newest    int    // version that seals
	Oldest    int    // version that is still opened
	Leaves    bool   // the key can be taken out of the service (exportable, or plain backups)
	Deletable bool
	Root      bool          // our token may do everything
	Ends      time.Duration // of our token; 0 for never, or for an AppRole
}

// Inspect asks for the key, for the doctor. It changes nothing.
func (c *Client) Inspect(ctx context.Context) (s State, err error) {
	defer fault.Wrap(&err, "openbao: inspect")
	err = c.as(ctx, func(token string) error {
		if s, err = c.state(ctx, token); err != nil || c.c.Token == nil {
			return err
		}
		var own struct {
			Policies []string
			TTL      int64
		}
		if err := c.send(ctx, token, http.MethodGet, "auth/token/lookup-self", nil, &own); err != nil {
			return nil // a token without the default policy may not look at itself
		}
		s.Ends = time.Duration(own.TTL) * time.Second
		for _, p := range own.Policies {
			s.Root = s.Root || p == "root"
		}
		return nil
	})
	return s, err
}

func (c *Client) state(ctx context.Context, token string) (s State, err error) {
	var k struct {
		Type      string
		Latest    int  `json:"latest_version"`
		Oldest    int  `json:"min_decryption_version"`
		Export    bool `json:"exportable"`
		Backup    bool `json:"allow_plaintext_backup"`
		Deletable bool `json:"deletion_allowed"`
	}
	if err := c.call(ctx, token, http.MethodGet, "/keys/", nil, &k); err != nil {
		return s, err
	}
	switch k.Type {
	case "aes256-gcm96", "chacha20-poly1305", "xchacha20-poly1305":
	default:
		return s, fault.New(fault.Invalid, "vault.service_key_type").
			WithHint("The key " + c.c.Key + " has a type that cannot do it. Make one of the type aes256-gcm96: bao write -f " + c.c.Mount + "/keys/strongroom type=aes256-gcm96.")
	}
	return State{Type: k.Type, Newest: k.Latest, Oldest: k.Oldest, Leaves: k.Export || k.Backup, Deletable: k.Deletable}, nil
}

// Version is the version of the service's key that wrapped this; 0 if it cannot be told.
func Version(wrapped []byte) int {
	_, rest, _ := strings.Cut(string(wrapped), ":v")
	n, _, _ := strings.Cut(rest, ":")
	v, err := strconv.Atoi(n)
	if err != nil {
		return 0
	}
	return v
}

// whole says whether these are a service's words: "vault:v1:" and base64.
func whole(ciphertext string) error {
	head, rest, ok := strings.Cut(ciphertext, ":v")
	if !ok || head != "vault" && head != "bao" || len(rest) < 8 || len(ciphertext) > 4096 {
		return fault.New(fault.Invalid, "vault.service_foreign").
			WithHint("What stands in the key database was not wrapped by such a service, or was damaged. Restore the key database, or use the recovery kit: strongroom key recover.")
	}
	return nil
}
