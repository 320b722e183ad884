// Package paypal is a stand-in for PayPal: the part of its interface that a store needs, the page on which a shopper
// approves, and its signed notices. It is for tests, benchmarks and rehearsals, keeps its own state and knows the store
// only over the wire; it never imports anything of the store's rooms.
//
// It behaves as PayPal publishes and where the publications are silent as it is known to: an approval moves no money,
// keys are forgotten after hours, an order that nobody approves is not found any more after three hours, notices come in
// any order and several times. One Server is one of PayPal's two worlds, sandbox or live, which share nothing.
//
// Everything a test needs beyond the wire is a method: Approve is the shopper, Dispute and Decide are the buyer and the
// bank, Step lets the time that has passed do its work, Trouble makes the interface misbehave.
package paypal

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// App is a merchant's key.
type App struct {
	ClientID, Secret string
	Merchant         string // 13 characters
	Email            string
	Scopes           []string // nil: what a new app has, with every feature of the store's
}

// Options say what the stand-in is.
type Options struct {
	Base   string // its own address, scheme and host
	Page   string // that of the page; empty: Base
	Live   bool
	Apps   []App
	Now    func() time.Time
	Client *http.Client // carries notices to their addresses; nil: they are only kept
	// BlockDuplicates is the merchant's setting that an invoice number is paid once.
	BlockDuplicates bool
	// Settle is how long a pending payment takes; zero: 30 seconds.
	Settle time.Duration
}

// Server is one world of PayPal.
type Server struct {
	o   Options
	mux *http.ServeMux

	mu       sync.Mutex
	tokens   map[string]token
	orders   map[string]*order
	done     map[string]outcome
	webhooks []*webhook
	disputes []*dispute
	lines    []line
	sent     []Notice
	later    []task
	trouble  map[string]int
	logins   int
}

type token struct {
	app  App
	ends time.Time
}

// outcome is the first answer under a key.
type outcome struct {
	status int
	body   []byte
	ends   time.Time
}

// task is something that is due at a time.
type task struct {
	at time.Time
	do func()
}

// DefaultScopes are those of an app with every feature that a store needs, and no more.
func DefaultScopes() []string {
	const s = "https://uri.paypal.com/services/"
	return []string{s + "payments/payment/authcapture", s + "payments/refund", s + "payments/realtimepayment",
		s + "applications/webhooks", s + "disputes/read-seller", s + "disputes/update-seller", s + "reporting/search/read", "openid"}
}

// New makes a stand-in.
func New(o Options) *Server {
	if o.Settle == 0 {
		o.Settle = 30 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Page == "" {
		o.Page = o.Base
	}
	s := &Server{o: o, mux: http.NewServeMux(), tokens: map[string]token{}, orders: map[string]*order{},
		done: map[string]outcome{}, trouble: map[string]int{}}
	s.mux.HandleFunc("POST /v1/oauth2/token", s.login)
	s.mux.HandleFunc("GET /checkoutnow", s.page)
	s.mux.HandleFunc("POST /checkoutnow", s.decide)
	for pattern, h := range map[string]handler{
		"POST /v2/checkout/orders":                         {s.create, true},
		"GET /v2/checkout/orders/{id}":                     {s.show, false},
		"PATCH /v2/checkout/orders/{id}":                   {s.patch, true},
		"POST /v2/checkout/orders/{id}/capture":            {s.captureOrder, true},
		"POST /v2/checkout/orders/{id}/authorize":          {s.authorize, true},
		"POST /v2/payments/authorizations/{id}/capture":    {s.captureHold, true},
		"POST /v2/payments/authorizations/{id}/void":       {s.void, true},
		"GET /v2/payments/captures/{id}":                   {s.showCapture, false},
		"POST /v2/payments/captures/{id}/refund":           {s.refund, true},
		"POST /v1/notifications/webhooks":                  {s.subscribe, true},
		"GET /v1/notifications/webhooks":                   {s.subscriptions, false},
		"PATCH /v1/notifications/webhooks/{id}":            {s.resubscribe, true},
		"POST /v1/notifications/verify-webhook-signature":  {s.verify, false},
		"GET /v1/customer/disputes":                        {s.listDisputes, false},
		"GET /v1/customer/disputes/{id}":                   {s.showDispute, false},
		"POST /v1/customer/disputes/{id}/provide-evidence": {s.evidence, true},
		"POST /v1/customer/disputes/{id}/accept-claim":     {s.accept, true},
		"GET /v1/reporting/transactions":                   {s.report, false},
	} {
		s.mux.HandleFunc(pattern, s.guarded(h))
	}
	return s
}

// handler answers one call of the interface, under the lock.
type handler struct {
	do      func(c call) (status int, body any)
	changes bool
}

// call is one request to the interface.
type call struct {
	app  App
	r    *http.Request
	id   string
	body []byte
	key  string
}

func (c call) read(v any) bool { return json.Unmarshal(c.body, v) == nil }

// ServeHTTP answers.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// guarded is what all calls share: the token, trouble, and keys.
func (s *Server) guarded(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if s.delayed(r.Context()) {
			return
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if err != nil {
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.due()
		if s.spend("fail") {
			answer(w, 500, problem("INTERNAL_SERVER_ERROR", ""))
			return
		}
		t, ok := s.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
		if !ok || !s.now().Before(t.ends) {
			answer(w, 401, problem("AUTHENTICATION_FAILURE", ""))
			return
		}
		status, out := s.keyed(call{t.app, r, r.PathValue("id"), body, r.Header.Get("PayPal-Request-Id")}, h)
		if h.changes && s.spend("lose") {
			status, out = 500, problem("INTERNAL_SERVER_ERROR", "")
		}
		answer(w, status, out)
	}
}

// keyed answers a key that was used with what it got the first time, whatever is asked for now.
func (s *Server) keyed(c call, h handler) (int, any) {
	if !h.changes || c.key == "" {
		return h.do(c)
	}
	name := c.app.ClientID + " " + c.r.Method + " " + c.r.URL.Path + " " + c.key
	if o, ok := s.done[name]; ok && s.now().Before(o.ends) {
		if o.status == 201 && strings.HasPrefix(c.r.URL.Path, "/v2/checkout/") {
			o.status = 200
		}
		return o.status, json.RawMessage(o.body)
	}
	status, out := h.do(c)
	if status < 300 {
		raw, _ := json.Marshal(out)
		s.done[name] = outcome{status, raw, s.now().Add(6 * time.Hour)}
	}
	return status, out
}

// Trouble makes the interface misbehave: "fail" answers the next n calls with 500 and does nothing, "lose" does the
// next n changing calls and answers 500, "slow" delays every answer until n is 0 again.
func (s *Server) Trouble(kind string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trouble[kind] = n
}

func (s *Server) spend(kind string) bool {
	if s.trouble[kind] == 0 {
		return false
	}
	s.trouble[kind]--
	return true
}

// delayed waits for as long as the caller has patience.
func (s *Server) delayed(ctx context.Context) bool {
	s.mu.Lock()
	slow := s.trouble["slow"] > 0
	s.mu.Unlock()
	if !slow {
		return false
	}
	t := time.NewTimer(30 * time.Second)
	defer t.Stop()
	select {
	case <-t.C:
		return false
	case <-ctx.Done():
		return true
	}
}

// Step does what has become due.
func (s *Server) Step() {
	s.mu.Lock()
	s.due()
	s.mu.Unlock()
	s.deliver()
}

func (s *Server) due() {
	for {
		var next func()
		for i, t := range s.later {
			if !t.at.After(s.now()) {
				next = t.do
				s.later = append(s.later[:i:i], s.later[i+1:]...)
				break
			}
		}
		if next == nil {
			return
		}
		next()
	}
}

func (s *Server) after(d time.Duration, do func()) {
	s.later = append(s.later, task{s.now().Add(d), do})
}

func (s *Server) now() time.Time { return s.o.Now().UTC().Truncate(time.Second) }

// Logins says how often a token was asked for.
func (s *Server) Logins() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logins
}

// Revoke takes all tokens back before their time.
func (s *Server) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	if s.delayed(r.Context()) {
		return
	}
	id, secret, _ := r.BasicAuth()
	grant := r.FormValue("grant_type")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logins++
	if s.spend("fail") {
		answer(w, 500, problem("INTERNAL_SERVER_ERROR", ""))
		return
	}
	for _, a := range s.o.Apps {
		if a.ClientID == id && a.Secret == secret && grant == "client_credentials" {
			scopes := a.Scopes
			if scopes == nil {
				scopes = DefaultScopes()
			}
			t := "A21AA" + name(40)
			s.tokens[t] = token{a, s.now().Add(32400 * time.Second)}
			answer(w, 200, object{"scope": strings.Join(scopes, " "), "access_token": t, "token_type": "Bearer", "app_id": "APP-" + name(17),
				"expires_in": 32400, "nonce": s.now().Format(time.RFC3339) + name(20)})
			return
		}
	}
	answer(w, 401, object{"error": "invalid_client", "error_description": "Client Authentication failed"})
}

// object is a JSON object.
type object map[string]any

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Paypal-Debug-Id", strings.ToLower(name(13)))
	if body == nil {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// words are PayPal's messages for its names of trouble.
var words = map[string]string{
	"INVALID_REQUEST":        "Request is not well-formed, syntactically incorrect, or violates schema.",
	"AUTHENTICATION_FAILURE": "Authentication failed due to missing authorization header, or invalid authentication credentials.",
	"NOT_AUTHORIZED":         "Authorization failed due to insufficient permissions.",
	"RESOURCE_NOT_FOUND":     "The specified resource does not exist.",
	"UNPROCESSABLE_ENTITY":   "The requested action could not be performed, semantically incorrect, or failed business validation.",
	"INTERNAL_SERVER_ERROR":  "An internal server error occurred.",

	"VALIDATION_ERROR":              "Invalid request - see details.",
	"WEBHOOK_URL_ALREADY_EXISTS":    "Webhook URL already exists.",
	"WEBHOOK_NUMBER_LIMIT_EXCEEDED": "The maximum number of webhooks is reached.",
	"INVALID_RESOURCE_ID":           "The resource does not exist.",
}

func problem(kind, issue string) object {
	o := object{"name": kind, "message": words[kind], "debug_id": strings.ToLower(name(13))}
	if issue != "" {
		o["details"] = []object{{"issue": issue}}
	}
	return o
}

func unprocessable(issue string) (int, any) { return 422, problem("UNPROCESSABLE_ENTITY", issue) }

func missing() (int, any) { return 404, problem("RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID") }

func malformed(issue string) (int, any) { return 400, problem("INVALID_REQUEST", issue) }

// name makes an id of PayPal's letters.
func name(n int) string {
	const letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
	b := make([]byte, n)
	_, _ = rand.Read(b)
	for i := range b {
		b[i] = letters[int(b[i])%len(letters)]
	}
	return string(b)
}
