package paypal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"strongroom/shop/payment"
)

const (
	tries     = 3
	maxAnswer = 1 << 20
)

// ask is one request to the API.
type ask struct {
	method, path string
	query        url.Values
	key          string // PayPal-Request-Id: the same key has one effect
	in           any    // becomes JSON, unless body is given
	body         []byte
	form         string // content type of body
	once         bool   // without a key and not harmless to repeat
}

// call sends a request, again while that makes sense, and reads the answer into out.
func (g *Gateway) call(ctx context.Context, a ask, out any) error {
	if a.in != nil {
		var err error
		if a.body, err = json.Marshal(a.in); err != nil {
			return fmt.Errorf("%w: %w", payment.ErrRejected, err)
		}
		a.form = "application/json"
	}
	if a.key != "" && !idForm.MatchString(a.key) {
		return fmt.Errorf("%w: a key that PayPal would not take", payment.ErrRejected)
	}
	var err error
	for try := range tries {
		if try > 0 && !pause(ctx, time.Duration(50<<try)*time.Millisecond) {
			break
		}
		if err = g.twice(ctx, a, out); err == nil || payment.Final(err) || a.once {
			return err
		}
	}
	return err
}

// idForm is what keys and ids may look like before they go into a path or a header.
var idForm = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,100}$`)

// pause says whether it passed before the time was over.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// twice sends a request, and once more with a new token if PayPal took the old one back.
func (g *Gateway) twice(ctx context.Context, a ask, out any) error {
	token, err := g.access(ctx, "")
	if err != nil {
		return err
	}
	err = g.send(ctx, a, token, out)
	var r *refusal
	if errors.As(err, &r) && r.status == http.StatusUnauthorized {
		if token, err = g.access(ctx, token); err == nil {
			err = g.send(ctx, a, token, out)
		}
	}
	return err
}

func (g *Gateway) send(ctx context.Context, a ask, token string, out any) error {
	address := g.o.BaseURL + a.path
	if len(a.query) > 0 {
		address += "?" + a.query.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, a.method, address, bytes.NewReader(a.body))
	if err != nil {
		return fmt.Errorf("%w: %w", payment.ErrRejected, err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Accept", "application/json")
	if a.form != "" {
		r.Header.Set("Content-Type", a.form)
	}
	if a.key != "" {
		r.Header.Set("PayPal-Request-Id", a.key)
	}
	if a.method == http.MethodPost {
		r.Header.Set("Prefer", "return=representation")
	}
	answer, err := g.http.Do(r)
	if err != nil {
		return unanswered(err)
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err != nil || len(raw) > maxAnswer {
		return fmt.Errorf("%w: the answer broke off or is too long", payment.ErrTemporary)
	}
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return g.told(a, refused(answer.StatusCode, raw))
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return fmt.Errorf("%w: the answer cannot be read", payment.ErrTemporary)
	}
	return nil
}

// told logs a refusal with the number that PayPal's support asks for. It holds nothing of the request.
func (g *Gateway) told(a ask, r *refusal) error {
	g.o.Log.Info("PayPal refused a call", "method", a.method, "status", r.status, "issue", r.issue, "debug", r.debug)
	return r
}

// unanswered is a call without an answer: whether it had an effect is unknown.
func unanswered(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // the address is not for logs
	}
	return fmt.Errorf("%w: %w", payment.ErrTemporary, err)
}

func printable(s string) bool {
	for _, c := range []byte(s) {
		if c <= 0x20 || c >= 0x7f {
			return false
		}
	}
	return true
}
