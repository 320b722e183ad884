package sandbox

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// SignatureHeader carries the time of signing and one signature for each secret that is valid at present:
// "t=1793000000,v1=<64 hexadecimal digits>,v1=<...>".
const SignatureHeader = "Sandbox-Signature"

const (
	maxTries     = 12
	firstPause   = time.Second
	longestPause = time.Hour
)

// noticeBody is what a notice says. It names things and gives no amounts: the receiver asks.
type noticeBody struct {
	ID        string `json:"id"`
	Type      string `json:"type"`
	Created   int64  `json:"created"` // seconds
	Account   string `json:"account"`
	Mode      string `json:"mode"`
	Session   string `json:"session"`
	Reference string `json:"reference"`
	Dispute   string `json:"dispute,omitempty"`
}

// Sign makes the header's value for a body: HMAC-SHA-256 over "<seconds>.<body>" with each secret.
func Sign(at time.Time, body []byte, secrets ...string) string {
	t := strconv.FormatInt(at.Unix(), 10)
	var b strings.Builder
	b.WriteString("t=" + t)
	for _, secret := range secrets {
		m := hmac.New(sha256.New, []byte(secret))
		m.Write([]byte(t + "."))
		m.Write(body)
		b.WriteString(",v1=" + hex.EncodeToString(m.Sum(nil)))
	}
	return b.String()
}

// route decides how the notices that were just made travel, and returns those that travel at all.
func (s *Server) route(v *session, now time.Time) (fresh []event) {
	kept := v.Events[:0]
	for _, e := range v.Events {
		if e.Left > 0 {
			kept = append(kept, e)
			continue
		}
		mode := s.switches.notices(v.Notices)
		a := s.account(v.Account)
		if mode == noticesNever || a == nil || a.NoticeURL == "" {
			continue
		}
		e.Left = 1
		switch {
		case mode == noticesTwice:
			e.Left = 3
		case mode == noticesLate:
			e.Next = now.Add(s.late).UnixMicro()
		case mode == noticesReversed && v.Sent == 0:
			e.Next = now.Add(s.settle + s.late).UnixMicro()
		}
		v.Sent++
		kept, fresh = append(kept, e), append(fresh, e)
	}
	v.Events = kept
	return fresh
}

// send delivers one notice as often as it is wanted, and plans the next try if the receiver does not take it.
func (s *Server) send(ctx context.Context, e *entry, event string) {
	e.mu.Lock()
	v := e.v.clone()
	e.mu.Unlock()
	a := s.account(v.Account)
	for _, n := range v.Events {
		if n.ID != event || a == nil {
			continue
		}
		b := noticeBody{ID: n.ID, Type: n.Kind, Created: n.Made / 1e6, Account: v.Account, Mode: a.Mode, Session: v.ID, Reference: v.Reference}
		if v.Dispute != nil && strings.HasPrefix(n.Kind, "dispute.") {
			b.Dispute = v.Dispute.ID
		}
		body, err := json.Marshal(b)
		if err != nil {
			return
		}
		taken := 0
		results := make(chan bool, n.Left)
		for range n.Left { // duplicates travel side by side
			go func() { results <- s.post(ctx, a, body) }()
		}
		for range n.Left {
			if <-results {
				taken++
			}
		}
		s.sent(ctx, e, event, taken)
	}
}

// sent writes down what came of a delivery.
func (s *Server) sent(ctx context.Context, e *entry, event string, taken int) {
	again := task{e: e, event: event}
	_, err := s.change(context.WithoutCancel(ctx), e, func(v *session, now time.Time) error {
		for i := range v.Events {
			n := &v.Events[i]
			if n.ID != event {
				continue
			}
			if n.Left -= taken; n.Left > 0 {
				n.Tries++
				n.Next = now.Add(pause(n.Tries)).UnixMicro()
				again.at = n.Next
			}
			if n.Left <= 0 || n.Tries >= maxTries {
				again.at = 0
				v.Events = append(v.Events[:i], v.Events[i+1:]...)
			}
			return nil
		}
		return nil
	})
	if err != nil {
		s.log.Warn("sandbox: the end of a delivery was not kept; it may be repeated after a restart", "error", err)
	}
	if again.at > 0 {
		s.due.add(again)
	}
}

// pause doubles from one second to one hour.
func pause(tries int) time.Duration {
	if tries > 12 {
		return longestPause
	}
	return min(firstPause<<(tries-1), longestPause)
}

// post says whether the receiver answered with a 2xx.
func (s *Server) post(ctx context.Context, a *Account, body []byte) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.NoticeURL, bytes.NewReader(body))
	if err != nil {
		return false
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Strongroom-Sandbox/1")
	r.Header.Set(SignatureHeader, Sign(s.clock.Now(), body, a.NoticeSecrets...))
	answer, err := s.client.Do(r)
	if err != nil {
		s.log.Info("sandbox: a notice was not delivered", "account", a.ID, "error", fmt.Sprintf("%T", err))
		return false
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 4096))
	_ = answer.Body.Close()
	return answer.StatusCode >= 200 && answer.StatusCode < 300
}
