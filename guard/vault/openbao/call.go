package openbao

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"strongroom/base/fault"
)

const maxAnswer = 1 << 20

// as runs f with a token: the configured one, or a short one of the AppRole, which is given back afterwards.
func (c *Client) as(ctx context.Context, f func(token string) error) error {
	if c.c.Token != nil {
		token, err := c.c.Token()
		if err != nil {
			return fault.New(fault.Invalid, "vault.service_secret").Because(err).WithHint("The token of the key service cannot be read. Look at keys.token.")
		}
		return f(token)
	}
	token, err := c.login(ctx)
	if err != nil {
		return err
	}
	err = f(token)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.c.Timeout)
	defer cancel()
	_, _ = c.once(ctx, token, http.MethodPost, "auth/token/revoke-self", []byte("{}")) // it ends by itself, too
	return err
}

func (c *Client) login(ctx context.Context) (string, error) {
	secret, err := c.c.SecretID()
	if err != nil {
		return "", fault.New(fault.Invalid, "vault.service_secret").Because(err).WithHint("The secret id of the key service cannot be read. Look at keys.secret_id.")
	}
	var token string
	answer, err := c.retry(ctx, "", http.MethodPost, "auth/"+c.c.AppRole+"/login", map[string]any{"role_id": c.c.RoleID, "secret_id": secret})
	if err != nil {
		return "", err
	}
	if answer.status != http.StatusOK {
		if answer.status == http.StatusBadRequest {
			return "", c.denied("the AppRole was refused: check keys.role_id and keys.secret_id")
		}
		return "", c.explain(answer)
	}
	var out struct {
		Auth struct {
			Token string `json:"client_token"`
		}
	}
	err = json.Unmarshal(answer.body, &out)
	if token = out.Auth.Token; err != nil || token == "" {
		return "", c.odd()
	}
	return token, nil
}

// call is send for a path of the key.
func (c *Client) call(ctx context.Context, token, method, verb string, in map[string]any, out any) error {
	return c.send(ctx, token, method, c.c.Mount+verb+c.c.Key, in, out)
}

// send calls the service until it answers for good, and reads the answer's data.
func (c *Client) send(ctx context.Context, token, method, path string, in map[string]any, out any) error {
	a, err := c.retry(ctx, token, method, path, in)
	if err != nil {
		return err
	}
	if a.status/100 != 2 {
		return c.explain(a)
	}
	if out == nil {
		return nil
	}
	var frame struct{ Data json.RawMessage }
	if json.Unmarshal(a.body, &frame) != nil || json.Unmarshal(frame.Data, out) != nil {
		return c.odd()
	}
	return nil
}

type answer struct {
	status int
	body   []byte
	after  time.Duration // Retry-After
}

// retry tries again while the service is busy, failing or away, with growing pauses. A sealed one stays sealed for
// longer than that: whoever starts the store waits, see the wiring.
func (c *Client) retry(ctx context.Context, token, method, path string, in map[string]any) (a answer, err error) {
	var body []byte
	if in != nil {
		if body, err = json.Marshal(in); err != nil {
			return a, err
		}
	}
	wait := 200 * time.Millisecond
	for try := 1; ; try++ {
		a, err = c.once(ctx, token, method, path, body)
		var untrusted *tls.CertificateVerificationError
		passing := err != nil && !errors.As(err, &untrusted) || err == nil && (a.status == http.StatusTooManyRequests || a.status >= 500) && !a.sealed()
		if !passing || try == tries || ctx.Err() != nil {
			break
		}
		if err := c.c.Pause(ctx, max(a.after, wait+jitter(wait))); err != nil {
			break
		}
		wait *= 3
	}
	if err != nil {
		return a, c.away(err)
	}
	return a, nil
}

// once is one try.
func (c *Client) once(ctx context.Context, token, method, path string, body []byte) (a answer, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.c.Timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, c.c.Address+"/v1/"+path, bytes.NewReader(body))
	if err != nil {
		return a, err
	}
	r.Header.Set("X-Vault-Request", "true") // the services refuse nothing that a browser could be tricked into sending
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("X-Vault-Token", token)
	}
	if c.c.Namespace != "" {
		r.Header.Set("X-Vault-Namespace", c.c.Namespace)
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return a, err
	}
	defer func() { _ = resp.Body.Close() }()
	a.status = resp.StatusCode
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 {
		a.after = min(time.Duration(s)*time.Second, 10*time.Second)
	}
	a.body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return a, err
}

func jitter(d time.Duration) time.Duration {
	var b [1]byte
	_, _ = rand.Read(b[:])
	return d * time.Duration(b[0]) / 512
}

// says looks for words in the answer's errors, which are compared and never shown: they may repeat what was sent.
func (a answer) says(words string) bool {
	var e struct{ Errors []string }
	_ = json.Unmarshal(a.body, &e)
	return strings.Contains(strings.ToLower(strings.Join(e.Errors, "\n")), words)
}

func (a answer) sealed() bool {
	return a.status == http.StatusServiceUnavailable && a.says("sealed")
}
