package stripe

import (
	"errors"
	"io"
	"net/http"
	"time"

	api "github.com/stripe/stripe-go/v85"
)

// maxAnswer holds a page of a hundred lines with what each is about.
const maxAnswer = 8 << 20

var (
	errRedirect = errors.New("stripe: the answer leads elsewhere")
	errLong     = errors.New("stripe: the answer is too long")
)

// backend is the library's transport, without what it does unasked: no repetition (ours knows the time that is left),
// no telemetry, and no log, which would hold answers and with them personal data.
func backend(o Options) api.Backend {
	next := http.RoundTripper(http.DefaultTransport)
	if o.Client != nil && o.Client.Transport != nil {
		next = o.Client.Transport
	}
	return api.GetBackendWithConfig(api.APIBackend, &api.BackendConfig{
		URL:               api.String(o.BaseURL),
		MaxNetworkRetries: api.Int64(0),
		EnableTelemetry:   api.Bool(false),
		LeveledLogger:     &api.LeveledLogger{Level: api.LevelNull},
		HTTPClient: &http.Client{Transport: way{next}, Timeout: limit,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	})
}

// limit is how long one operation of the engine takes at most, repetitions included.
const limit = 8 * time.Second

// way is what every request passes on its way out, and every answer on its way in.
type way struct{ next http.RoundTripper }

// unsent are headers that say more than is needed about this machine, or would speak for another account.
var unsent = []string{"Stripe-Account", "Stripe-Context", "X-Stripe-Client-User-Agent", "X-Stripe-Client-Telemetry"}

// RoundTrip sends a request.
func (w way) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	for _, h := range unsent {
		r.Header.Del(h)
	}
	r.Header.Set("User-Agent", "Strongroom")
	a, err := w.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if a.StatusCode >= 300 && a.StatusCode < 400 {
		_ = a.Body.Close()
		return nil, errRedirect
	}
	a.Body = &bounded{ReadCloser: a.Body, left: maxAnswer}
	return a, nil
}

// bounded is a body that ends in an error when it is too long.
type bounded struct {
	io.ReadCloser
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errLong
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	return n, err
}
