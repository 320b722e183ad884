package sandbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// maxBody bounds every request's body.
const maxBody = 16 << 10

// sessionView is how the API describes a session.
type sessionView struct {
	ID        string       `json:"id"`
	Account   string       `json:"account"`
	Mode      string       `json:"mode"`
	Reference string       `json:"reference"`
	Status    string       `json:"status"`
	Amount    int64        `json:"amount"`
	Currency  string       `json:"currency"`
	Charge    string       `json:"charge,omitempty"`
	Captured  int64        `json:"captured"`
	Refunded  int64        `json:"refunded"`
	Refunds   []refundView `json:"refunds,omitempty"`
	URL       string       `json:"url,omitempty"`
	Expires   int64        `json:"expires"` // seconds
	HeldUntil int64        `json:"held_until,omitempty"`
	Declines  int64        `json:"declines,omitempty"`
	Secured   bool         `json:"secured,omitempty"`
	Dispute   string       `json:"dispute,omitempty"`
}

type refundView struct {
	ID     string `json:"id"`
	Key    string `json:"key"`
	Status string `json:"status"`
	Amount int64  `json:"amount"`
}

func (s *Server) view(v *session) sessionView {
	out := sessionView{ID: v.ID, Account: v.Account, Reference: v.Reference, Status: v.State, Amount: v.Amount,
		Currency: v.Currency, Charge: v.Charge, Captured: v.Captured, Refunded: v.Refunded, Expires: v.Expires / 1e6,
		Declines: v.Declines, Secured: v.Secured}
	if v.Dispute != nil {
		out.Dispute = v.Dispute.ID
	}
	if a := s.account(v.Account); a != nil {
		out.Mode = a.Mode
	}
	if v.State == stateAuthorised {
		out.HeldUntil = v.HeldUntil / 1e6
	}
	if v.State == stateOpen {
		out.URL = s.origin + "/pay/" + v.ID
	}
	for _, r := range v.Refunds {
		out.Refunds = append(out.Refunds, refundView{r.ID, r.Key, r.State, r.Amount})
	}
	return out
}

// api lets through who has a merchant's key, and applies the switches.
func (s *Server) api(h func(http.ResponseWriter, *http.Request, *Account)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a := s.authenticate(r.Header.Get("Authorization"))
		if a == nil {
			w.Header().Set("WWW-Authenticate", "Bearer")
			fail(w, http.StatusUnauthorized, "key_unknown")
			return
		}
		if strings.HasSuffix(r.URL.Path, "/switches") || strings.HasSuffix(r.URL.Path, "/witness") {
			h(w, r, a)
			return
		}
		if s.switches.spend(func(on *Switches) *int { return &on.Fail }) {
			fail(w, http.StatusInternalServerError, "switched_to_fail")
			return
		}
		if r.Method == http.MethodPost && s.switches.spend(func(on *Switches) *int { return &on.Lose }) {
			h(&recorder{header: http.Header{}}, r, a)
			fail(w, http.StatusInternalServerError, "switched_to_lose")
			return
		}
		h(w, r, a)
	}
}

// authenticate compares with every key in constant time.
func (s *Server) authenticate(header string) *Account {
	given := sha256.Sum256([]byte(strings.TrimPrefix(header, "Bearer ")))
	var found *Account
	for i := range s.accounts {
		want := sha256.Sum256([]byte(s.accounts[i].Secret))
		if subtle.ConstantTimeCompare(given[:], want[:]) == 1 {
			found = &s.accounts[i]
		}
	}
	return found
}

// linger is the switch for slow answers.
func (s *Server) linger(ctx context.Context) {
	d := time.Duration(s.switches.get().SlowMillis) * time.Millisecond
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// take reads a JSON body strictly: known fields, one value, nothing behind it.
func take(w http.ResponseWriter, r *http.Request, into any) bool {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			fail(w, http.StatusRequestEntityTooLarge, "body_too_large")
			return false
		}
		fail(w, http.StatusBadRequest, "body_unreadable")
		return false
	}
	if err := strict(raw, into); err != nil {
		fail(w, http.StatusBadRequest, "body_invalid")
		return false
	}
	return true
}

func strict(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if d.More() {
		return errors.New("more than one value")
	}
	return nil
}

func give(w http.ResponseWriter, status int, body any) {
	raw, err := json.Marshal(body)
	if err != nil {
		fail(w, http.StatusInternalServerError, "internal")
		return
	}
	write(w, status, raw)
}

func write(w http.ResponseWriter, status int, raw []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(raw)
}

func fail(w http.ResponseWriter, status int, code string) {
	write(w, status, []byte(`{"error":{"code":"`+code+`"}}`))
}

// failWith answers with a rule's error.
func failWith(w http.ResponseWriter, err error) {
	for _, known := range []error{errClosed, errHeldNot, errTooLarge, errAmount, errTooMany, errNoAnswer, errDisputed} {
		if errors.Is(err, known) {
			fail(w, http.StatusUnprocessableEntity, known.Error())
			return
		}
	}
	fail(w, http.StatusInternalServerError, "internal")
}

func hash(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// keyOf reads the idempotency key that every changing call must carry.
func keyOf(w http.ResponseWriter, r *http.Request) (string, bool) {
	k := r.Header.Get("Idempotency-Key")
	ok := k != "" && len(k) <= 100 && len(r.Header.Values("Idempotency-Key")) == 1
	for _, c := range []byte(k) {
		ok = ok && c >= 0x20 && c < 0x7f
	}
	if !ok {
		fail(w, http.StatusBadRequest, "key_missing")
	}
	return k, ok
}

// mine finds the session that the path names, if it is the account's.
func (s *Server) mine(w http.ResponseWriter, r *http.Request, a *Account) *entry {
	e := s.find(r.PathValue("id"))
	if e != nil {
		e.mu.Lock()
		owner := e.v.Account
		e.mu.Unlock()
		if owner == a.ID {
			return e
		}
	}
	fail(w, http.StatusNotFound, "session_unknown")
	return nil
}
