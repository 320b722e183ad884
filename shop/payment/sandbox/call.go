package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"strongroom/shop/payment"
)

const (
	tries     = 3
	maxAnswer = 256 << 10
)

// call sends one request, again while that makes sense, and reads the answer into out.
func (g *Gateway) call(ctx context.Context, method, path, key string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, g.c.Timeout)
	defer cancel()
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return fmt.Errorf("%w: %w", payment.ErrRejected, err)
		}
	}
	var err error
	for try := range tries {
		if try > 0 && !wait(ctx, time.Duration(50<<try)*time.Millisecond) {
			break
		}
		var again bool
		if again, err = g.once(ctx, method, path, key, body, out); !again {
			return err
		}
	}
	return err
}

// wait says whether the pause passed before the time was over.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (g *Gateway) once(ctx context.Context, method, path, key string, body []byte, out any) (again bool, err error) {
	r, err := http.NewRequestWithContext(ctx, method, g.c.API+path, bytes.NewReader(body))
	if err != nil {
		return false, fmt.Errorf("%w: %w", payment.ErrRejected, err)
	}
	r.Header.Set("Authorization", "Bearer "+g.c.Key)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	answer, err := g.http.Do(r)
	if err != nil {
		return ctx.Err() == nil, fmt.Errorf("%w: %w", payment.ErrTemporary, err)
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err != nil || len(raw) > maxAnswer {
		return ctx.Err() == nil, fmt.Errorf("%w: the answer broke off or is too long", payment.ErrTemporary)
	}
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		again, err := refusal(answer.StatusCode, raw)
		return again, err
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return false, fmt.Errorf("%w: the answer cannot be read", payment.ErrTemporary)
	}
	return false, nil
}

// refusal turns an error answer into one of the seam's errors.
func refusal(status int, raw []byte) (again bool, err error) {
	var e struct {
		Error struct {
			Code string `json:"code"`
		} `json:"error"`
	}
	_ = json.Unmarshal(raw, &e) // a proxy's page has no code; the status says enough
	code := e.Error.Code
	if len(code) > 60 {
		code = code[:60]
	}
	switch {
	case status == http.StatusTooManyRequests || status >= 500:
		return true, fmt.Errorf("%w: %d %q", payment.ErrTemporary, status, code)
	case status == http.StatusNotFound:
		return false, fmt.Errorf("%w: %q", payment.ErrNotFound, code)
	case status == http.StatusUnprocessableEntity:
		return false, fmt.Errorf("%w: %q", payment.ErrDeclined, code)
	}
	return false, fmt.Errorf("%w: %d %q", payment.ErrRejected, status, code)
}
