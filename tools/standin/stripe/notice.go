package stripe

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// delivery is one event on its way to one endpoint.
type delivery struct {
	endpoint *endpoint
	body     []byte
	at       int64 // when it is tried next
	tries    int
}

// waits are the pauses between tries, in seconds.
var waits = []int64{60, 600, 3600, 6 * 3600, 24 * 3600, 24 * 3600}

// tell makes an event and puts it on its way to whoever asked for its kind.
func (s *Server) tell(b *book, kind string, object map[string]any) {
	for _, e := range b.endpoints {
		if !slices.Contains(e.events, kind) && !slices.Contains(e.events, "*") {
			continue
		}
		s.queue = append(s.queue, delivery{endpoint: e, body: Event(kind, object, s.now(), b.live, e.version), at: s.now()})
	}
}

// Event is the body of a notice.
func Event(kind string, object map[string]any, at int64, live bool, version string) []byte {
	b, _ := json.MarshalIndent(map[string]any{"id": "evt_" + random(12), "object": "event", "api_version": version, "created": at,
		"data": map[string]any{"object": object}, "livemode": live, "pending_webhooks": 1,
		"request": map[string]any{"id": nil, "idempotency_key": nil}, "type": kind}, "", "  ")
	return b
}

// Sign is the header over a body, with one signature for each secret.
func Sign(at time.Time, body []byte, secrets ...string) string {
	t := strconv.FormatInt(at.Unix(), 10)
	header := "t=" + t
	for _, secret := range secrets {
		m := hmac.New(sha256.New, []byte(secret))
		m.Write([]byte(t + "."))
		m.Write(body)
		header += ",v1=" + hex.EncodeToString(m.Sum(nil))
	}
	return header
}

// deliver sends what is due.
func (s *Server) deliver(ctx context.Context) {
	if s.c.Client == nil {
		return
	}
	s.mu.Lock()
	var due, rest []delivery
	for _, d := range s.queue {
		if d.at <= s.now() {
			due = append(due, d)
		} else {
			rest = append(rest, d)
		}
	}
	s.queue = rest
	s.mu.Unlock()
	for _, d := range due {
		if s.send(ctx, d) || d.tries >= len(waits) {
			continue
		}
		d.at += waits[d.tries]
		d.tries++
		s.mu.Lock()
		s.queue = append(s.queue, d)
		s.mu.Unlock()
	}
}

func (s *Server) send(ctx context.Context, d delivery) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, d.endpoint.url, bytes.NewReader(d.body))
	if err != nil {
		return true
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("Stripe-Signature", Sign(s.c.Clock.Now(), d.body, d.endpoint.secret))
	a, err := s.c.Client.Do(r)
	if err != nil {
		return false
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(a.Body, 1<<16))
	_ = a.Body.Close()
	return a.StatusCode >= 200 && a.StatusCode < 300
}

// Run does what is due every moment until the context ends: for rehearsals, whose clock goes by itself.
func (s *Server) Run(ctx context.Context, every time.Duration) {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			s.Step(ctx)
		}
	}
}
