// Package stripe stands in for Stripe in tests, measurements and rehearsals: the part of its API that a store uses, the
// hosted page, and signed notices. It keeps state, so that what was paid is paid and what was refunded cannot be refunded
// again, and it is written from Stripe's public documentation alone: it shares no code, type or constant with the
// store's engine, and its answers are held to Stripe's own library by a test.
//
// It is strict where Stripe is: unknown parameters, rights of restricted keys, idempotency, test and live apart, end of a
// session between half an hour and a day away, events in the endpoint's own version. It misbehaves on request (Switch).
package stripe

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"strongroom/base/clock"
)

// Version is the version of the API that it speaks.
const Version = "2026-03-25.dahlia"

// Key opens an account in one mode.
type Key struct {
	Secret string
	Live   bool
	Rights []string // "checkout_session_write"; nil: all of them, as a full secret key has
}

// Account is one merchant.
type Account struct {
	ID, Name string
	Keys     []Key
	Silent   bool // a refusal does not name the account
}

// Config sets a stand-in up.
type Config struct {
	PageOrigin string // of the hosted page; empty: Stripe's own
	Clock      clock.Clock
	Client     *http.Client // carries notices; nil: none are sent
	Accounts   []Account
}

// Server is the stand-in. Its handler answers the API below /v1/ and the hosted page below /c/pay/.
type Server struct {
	c     Config
	mu    sync.Mutex
	books map[string]*book // account and mode
	sw    Switches
	queue []delivery
	calls []Call
}

// Switches make it misbehave.
type Switches struct {
	Fail  int           // so many calls end in 500 and do nothing
	Lose  int           // so many changing calls are done and end in 500
	Slow  time.Duration // every answer waits
	Limit int           // so many calls end in 429
	After string        // with this Retry-After
}

// Call is one request that arrived, as a witness.
type Call struct {
	Method, Path, Key, Form string
	Header                  http.Header
}

// New makes a stand-in.
func New(c Config) *Server {
	if c.PageOrigin == "" {
		c.PageOrigin = "https://checkout.stripe.com"
	}
	s := &Server{c: c, books: map[string]*book{}}
	for _, a := range c.Accounts {
		for _, live := range []bool{false, true} {
			s.books[bookName(a.ID, live)] = newBook(a, live)
		}
	}
	return s
}

func bookName(account string, live bool) string {
	if live {
		return account + "/live"
	}
	return account + "/test"
}

// Switch sets how it misbehaves.
func (s *Server) Switch(sw Switches) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sw = sw
}

// Calls are the requests that arrived since the last time.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := s.calls
	s.calls = nil
	return calls
}

func (s *Server) now() int64 { return s.c.Clock.Now().Unix() }

// request is one call of the API.
type request struct {
	server *Server
	book   *book
	key    Key
	form   form
	expand []string
	id     string // from the path
	idem   string
}

// problem is an answer that is an error.
type problem struct {
	status           int
	kind, code, text string
	param, decline   string
}

func bad(code, param, text string) *problem {
	return &problem{status: 400, kind: "invalid_request_error", code: code, param: param, text: text}
}

func missing(what, id string) *problem {
	return &problem{status: 404, kind: "invalid_request_error", code: "resource_missing", param: "id", text: "No such " + what + ": '" + id + "'"}
}

// ServeHTTP answers.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/c/pay/") {
		s.page(w, r)
		return
	}
	s.mu.Lock()
	slow := s.sw.Slow
	s.mu.Unlock()
	if slow > 0 {
		t := time.NewTimer(slow)
		defer t.Stop()
		select {
		case <-t.C:
		case <-r.Context().Done():
			return
		}
	}
	status, body, header := s.answer(r)
	for k, v := range header {
		w.Header().Set(k, v)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Request-Id", "req_"+random(7))
	w.Header().Set("Date", s.c.Clock.Now().UTC().Format(http.TimeFormat))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// answer does one call. Everything happens one after the other, which is what makes its promises true.
func (s *Server) answer(r *http.Request) (status int, body []byte, header map[string]string) {
	q, f, p := s.open(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, Call{r.Method, r.URL.Path, r.Header.Get("Idempotency-Key"), f.String(), r.Header.Clone()})
	switch {
	case s.sw.Fail > 0:
		s.sw.Fail--
		return 500, render(&problem{status: 500, kind: "api_error", text: "Something went wrong."}), nil
	case s.sw.Limit > 0:
		s.sw.Limit--
		return 429, render(&problem{status: 429, kind: "invalid_request_error", code: "rate_limit", text: "Too many requests."}), map[string]string{"Retry-After": s.sw.After}
	case p != nil:
		return p.status, render(p), nil
	}
	s.due()
	status, body = s.once(r, q)
	if r.Method != http.MethodGet && s.sw.Lose > 0 {
		s.sw.Lose--
		return 500, render(&problem{status: 500, kind: "api_error", text: "Something went wrong."}), nil
	}
	return status, body, nil
}

// open finds out whose call it is.
func (s *Server) open(r *http.Request) (*request, form, *problem) {
	f, p := readForm(r)
	if p != nil {
		return nil, f, p
	}
	secret, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	for _, a := range s.c.Accounts {
		for _, k := range a.Keys {
			if !ok || k.Secret != secret {
				continue
			}
			if r.Header.Get("Stripe-Account") != "" {
				return nil, f, &problem{status: 403, kind: "invalid_request_error", text: "No connected account is open to this key."}
			}
			if v := r.Header.Get("Stripe-Version"); v != "" && v != Version {
				return nil, f, bad("", "", "This stand-in speaks "+Version+" only, not "+v)
			}
			return &request{server: s, book: s.books[bookName(a.ID, k.Live)], key: k, form: f, expand: f.list("expand"),
				idem: r.Header.Get("Idempotency-Key")}, f, nil
		}
	}
	return nil, f, &problem{status: 401, kind: "invalid_request_error", text: "This key is not known."}
}

// once does a call, or repeats what it answered to the same key. Refusals of parameters are not kept, as at Stripe: the
// same key may be used again for a request that is right.
func (s *Server) once(r *http.Request, q *request) (int, []byte) {
	route, id, p := find(r.Method, r.URL.Path)
	if p == nil {
		p = q.allowed(route)
	}
	if p != nil {
		return p.status, render(p)
	}
	q.id = id
	print := r.Method + " " + r.URL.Path + " " + q.form.String()
	if q.idem != "" && r.Method == http.MethodPost {
		if old, ok := q.book.answers[q.idem]; ok && s.now()-old.at < 24*3600 {
			if old.print != print {
				p := &problem{status: 400, kind: "idempotency_error", text: "This key was used with other parameters."}
				return p.status, render(p)
			}
			return old.status, old.body
		}
	}
	if p = q.form.only(route.params); p != nil {
		return p.status, render(p)
	}
	status, body := 200, []byte(nil)
	if out, p := route.do(q); p != nil {
		status, body = p.status, render(p)
	} else {
		body, _ = json.Marshal(out)
	}
	if q.idem != "" && r.Method == http.MethodPost && status != 400 && status != 404 {
		q.book.answers[q.idem] = kept{print, status, body, s.now()}
	}
	return status, body
}

// allowed says whether the key has the right that a route wants.
func (q *request) allowed(rt route) *problem {
	if q.key.Rights == nil || rt.right == "" {
		return nil
	}
	for _, have := range q.key.Rights {
		if have == rt.right || have == strings.TrimSuffix(rt.right, "_read")+"_write" {
			return nil
		}
	}
	where := " on account '" + q.book.account.ID + "'"
	if q.book.account.Silent {
		where = ""
	}
	return &problem{status: 403, kind: "invalid_request_error", text: "The key lacks a permission for this endpoint" + where + ". 'rak_" + rt.right + "' would allow it."}
}

func render(p *problem) []byte {
	e := map[string]any{"type": p.kind, "message": p.text}
	for k, v := range map[string]string{"code": p.code, "param": p.param, "decline_code": p.decline} {
		if v != "" {
			e[k] = v
		}
	}
	b, _ := json.Marshal(map[string]any{"error": e})
	return b
}

// kept is an answer to an idempotency key.
type kept struct {
	print  string
	status int
	body   []byte
	at     int64
}

func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// Step has what is due happen: sessions end, late money comes, notices go out.
func (s *Server) Step(ctx context.Context) {
	s.mu.Lock()
	s.due()
	s.mu.Unlock()
	s.deliver(ctx)
}
