package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// startBody asks for a session.
type startBody struct {
	Reference string `json:"reference"`
	Order     string `json:"order"`
	Amount    int64  `json:"amount"`
	Currency  string `json:"currency"`
	Manual    bool   `json:"manual,omitempty"`
	Secure    bool   `json:"secure,omitempty"` // the bank is to ask, whatever it thinks itself
	ReturnURL string `json:"return_url"`
	CancelURL string `json:"cancel_url"`
	Language  string `json:"language"`
	Expires   int64  `json:"expires"` // seconds
}

var (
	currencyForm  = regexp.MustCompile(`^[A-Z]{3}$`)
	referenceForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	orderForm     = regexp.MustCompile(`^[A-Za-z0-9 #/_.-]{1,40}$`)
)

const longestLife = 72 * time.Hour

// problem names the first field that is wrong, empty if none is.
func (b startBody) problem(now time.Time) string {
	expires := time.Unix(b.Expires, 0)
	switch {
	case b.Amount < 1 || b.Amount > maxAmount:
		return "amount_invalid"
	case !currencyForm.MatchString(b.Currency):
		return "currency_invalid"
	case !referenceForm.MatchString(b.Reference):
		return "reference_invalid"
	case !orderForm.MatchString(b.Order):
		return "order_invalid"
	case origin(b.ReturnURL) == "":
		return "return_url_invalid"
	case origin(b.CancelURL) == "":
		return "cancel_url_invalid"
	case len(b.Language) > 10:
		return "language_invalid"
	case !expires.After(now) || expires.After(now.Add(longestLife)):
		return "expires_invalid"
	}
	return ""
}

// origin is scheme and host of an absolute http or https address without a user name; empty for anything else.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil || len(address) > 2000 || u.Host == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http") ||
		strings.ContainsAny(u.Host, " ;,'\"") {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func (s *Server) postSession(w http.ResponseWriter, r *http.Request, a *Account) {
	key, ok := keyOf(w, r)
	var b startBody
	if !ok || !take(w, r, &b) {
		return
	}
	h := hash(fmt.Sprintf("%+v", b))
	e := s.started(a.ID, key)
	if e == nil {
		now := s.clock.Now()
		if p := b.problem(now); p != "" {
			fail(w, http.StatusBadRequest, p)
			return
		}
		var err error
		e, err = s.add(r.Context(), session{ID: name("ses_"), Account: a.ID, Reference: b.Reference, Order: b.Order,
			Amount: b.Amount, Currency: b.Currency, Manual: b.Manual, Secure: b.Secure, Return: b.ReturnURL, Cancel: b.CancelURL,
			Language: b.Language, State: stateOpen, Made: now.UnixMicro(), Expires: b.Expires * 1e6,
			StartKey: key, StartHash: h})
		if err != nil {
			failWith(w, err)
			return
		}
	}
	s.giveStart(w, r, e, h)
}

// giveStart answers a start as it was answered the first time, whatever has become of the session since.
func (s *Server) giveStart(w http.ResponseWriter, r *http.Request, e *entry, h string) {
	e.mu.Lock()
	v := e.v.clone()
	e.mu.Unlock()
	if v.StartHash != h {
		fail(w, http.StatusConflict, "key_reused")
		return
	}
	v.State, v.Charge, v.Captured, v.Refunded, v.Refunds, v.Declines, v.Secured = stateOpen, "", 0, 0, nil, 0, false
	s.linger(r.Context())
	give(w, http.StatusCreated, s.view(&v))
}

func (s *Server) getSession(w http.ResponseWriter, r *http.Request, a *Account) {
	e := s.mine(w, r, a)
	if e == nil {
		return
	}
	v, err := s.peek(r.Context(), e)
	if err != nil {
		failWith(w, err)
		return
	}
	s.linger(r.Context())
	give(w, http.StatusOK, s.view(&v))
}

// errStored carries a stored answer out of change.
type errStored struct{ answer }

func (errStored) Error() string { return "answered before" }

var errReused = errors.New("key_reused")

// verb runs a changing call once for its key and stores the answer beside its effect. What do refuses is answered
// without being stored: the same key may succeed later, when the session has moved on.
func (s *Server) verb(w http.ResponseWriter, r *http.Request, a *Account, request string, do func(v *session, key string, now time.Time) (any, error)) {
	key, ok := keyOf(w, r)
	if !ok {
		return
	}
	e := s.mine(w, r, a)
	if e == nil {
		return
	}
	h := hash(r.URL.Path, request)
	var out answer
	_, err := s.change(r.Context(), e, func(v *session, now time.Time) error {
		if old, ok := v.Keys[key]; ok {
			if old.Hash != h {
				return errReused
			}
			return errStored{old}
		}
		if len(v.Keys) >= maxKeys {
			return errTooMany
		}
		body, err := do(v, key, now)
		if err != nil {
			return err
		}
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		out = answer{h, http.StatusOK, string(raw)}
		if v.Keys == nil {
			v.Keys = map[string]answer{}
		}
		v.Keys[key] = out
		return nil
	})
	var stored errStored
	switch {
	case errors.As(err, &stored):
		out = stored.answer
	case errors.Is(err, errReused):
		fail(w, http.StatusConflict, "key_reused")
		return
	case err != nil:
		failWith(w, err)
		return
	}
	s.linger(r.Context())
	write(w, out.Status, []byte(out.Body))
}

// postExpire closes an open session; one that is paid or on its way is answered as it is.
func (s *Server) postExpire(w http.ResponseWriter, r *http.Request, a *Account) {
	s.verb(w, r, a, "", func(v *session, _ string, now time.Time) (any, error) {
		if v.State == stateOpen {
			v.close(now, stateExpired, s.late)
		}
		return s.view(v), nil
	})
}

type amountBody struct {
	Amount int64 `json:"amount"`
}

func (s *Server) postCapture(w http.ResponseWriter, r *http.Request, a *Account) {
	var b amountBody
	if !take(w, r, &b) {
		return
	}
	s.verb(w, r, a, fmt.Sprint(b.Amount), func(v *session, _ string, now time.Time) (any, error) {
		if err := v.capture(now, b.Amount); err != nil {
			return nil, err
		}
		return s.view(v), nil
	})
}

func (s *Server) postVoid(w http.ResponseWriter, r *http.Request, a *Account) {
	s.verb(w, r, a, "", func(v *session, _ string, now time.Time) (any, error) {
		if err := v.void(now); err != nil {
			return nil, err
		}
		return s.view(v), nil
	})
}

func (s *Server) postRefund(w http.ResponseWriter, r *http.Request, a *Account) {
	var b amountBody
	if !take(w, r, &b) {
		return
	}
	s.verb(w, r, a, fmt.Sprint(b.Amount), func(v *session, key string, now time.Time) (any, error) {
		f, err := v.refund(now, key, b.Amount, s.refundTime())
		if err != nil {
			return nil, err
		}
		return refundView{f.ID, f.Key, f.State, f.Amount}, nil
	})
}
