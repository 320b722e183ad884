// Package sandbox is a payment provider of our own, for trying the store out: hosted pages, a JSON API and signed
// notices, with no money behind them.
//
// It plays another company on another site. It shares no state with the store, knows merchants by their secret keys,
// keeps its sessions in memory and, if Config.File says so, in a SQLite file of its own; because of that it is an
// independent witness of what was paid when the store is killed in the middle of something (GET /v1/witness).
//
// The hosted page asks for no card number and has no field for one: the visitor chooses what shall happen (paid,
// declined, an extra step, abandoned, slow, settled later, money after expiry) and how the notice about it travels
// (once, several times, late, in the wrong order, never).
//
// New makes the handler; Run moves what takes time: expiry, settling and the sending of notices. Step does the same
// once, for tests with a clock that stands still.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
)

// Account is a merchant's account. One merchant has an account for each mode.
type Account struct {
	ID            string // "acct_kiln"
	Name          string // what the shopper reads on the hosted page
	Mode          string // "test" or "live"; money is never real here
	Secret        string // key of the API
	NoticeURL     string // where notices go; empty: none are sent
	NoticeSecrets []string
}

// Config says how to run a sandbox.
type Config struct {
	// Origin is the public address of the hosted pages, "https://pay.localhost:8443".
	Origin   string
	Accounts []Account
	// File is the SQLite file that sessions are kept in; empty: memory only.
	File string
	// Clock is the system's if nil.
	Clock clock.Clock
	// Client sends notices; nil: one that ends after 5 seconds.
	Client *http.Client
	Log    *slog.Logger
	// Slow, Settle and Late are how long those outcomes take (default 6, 30 and 20 seconds).
	Slow, Settle, Late time.Duration
	// Keep bounds the sessions in memory (default 100,000); the oldest that are over are forgotten first.
	Keep int
}

// Server is a sandbox. It is an http.Handler.
type Server struct {
	origin   string
	accounts []Account
	clock    clock.Clock
	client   *http.Client
	log      *slog.Logger
	slow     time.Duration
	settle   time.Duration
	late     time.Duration
	keep     int
	file     *db.DB
	mux      *http.ServeMux
	switches switchboard

	mu     sync.RWMutex // guards what follows; an entry has a lock of its own
	byID   map[string]*entry
	starts map[string]*entry // account and start key
	list   []*entry          // in the order of their making

	due     agenda
	journal journal
}

var accountForm = regexp.MustCompile(`^[A-Za-z0-9_]{1,64}$`)

// New makes a sandbox and reads what its file holds.
func New(ctx context.Context, c Config) (*Server, error) {
	s := &Server{origin: strings.TrimSuffix(c.Origin, "/"), accounts: c.Accounts, clock: c.Clock, client: c.Client,
		log: c.Log, slow: or(c.Slow, 6*time.Second), settle: or(c.Settle, 30*time.Second), late: or(c.Late, 20*time.Second),
		keep: c.Keep, byID: map[string]*entry{}, starts: map[string]*entry{}}
	s.due.wake = make(chan struct{}, 1)
	if s.clock == nil {
		s.clock = clock.System()
	}
	if s.client == nil {
		s.client = &http.Client{Timeout: 5 * time.Second}
	}
	s.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.keep <= 0 {
		s.keep = 100_000
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	s.routes()
	return s, s.open(ctx, c.File)
}

func or(d, standard time.Duration) time.Duration {
	if d <= 0 {
		return standard
	}
	return d
}

func (s *Server) check() error {
	if u, err := url.Parse(s.origin); err != nil || u.Host == "" || u.Path != "" {
		return fmt.Errorf("sandbox: %q is no origin", s.origin)
	}
	if len(s.accounts) == 0 {
		return errors.New("sandbox: no account")
	}
	seen := map[string]bool{}
	for _, a := range s.accounts {
		if !accountForm.MatchString(a.ID) || (a.Mode != "test" && a.Mode != "live") {
			return fmt.Errorf("sandbox: account %q has no usable id or mode", a.ID)
		}
		if len(a.Secret) < 16 || seen[a.Secret] {
			return fmt.Errorf("sandbox: account %s needs a secret of its own with 16 characters or more", a.ID)
		}
		seen[a.Secret] = true
	}
	return nil
}

// Origin is the address of the hosted pages, for a form-action directive.
func (s *Server) Origin() string { return s.origin }

// Close closes the file.
func (s *Server) Close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}

func (s *Server) account(v string) *Account {
	for i := range s.accounts {
		if s.accounts[i].ID == v {
			return &s.accounts[i]
		}
	}
	return nil
}

func (s *Server) routes() {
	m := http.NewServeMux()
	m.HandleFunc("POST /v1/sessions", s.api(s.postSession))
	m.HandleFunc("GET /v1/sessions/{id}", s.api(s.getSession))
	m.HandleFunc("POST /v1/sessions/{id}/expire", s.api(s.postExpire))
	m.HandleFunc("POST /v1/sessions/{id}/capture", s.api(s.postCapture))
	m.HandleFunc("POST /v1/sessions/{id}/void", s.api(s.postVoid))
	m.HandleFunc("POST /v1/sessions/{id}/refunds", s.api(s.postRefund))
	m.HandleFunc("POST /v1/sessions/{id}/trial", s.api(s.postTrial))
	m.HandleFunc("GET /v1/movements", s.api(s.getMovements))
	m.HandleFunc("GET /v1/disputes", s.api(s.getDisputes))
	m.HandleFunc("GET /v1/disputes/{id}", s.api(s.getDispute))
	m.HandleFunc("POST /v1/disputes/{id}/answer", s.api(s.postAnswer))
	m.HandleFunc("POST /v1/disputes/{id}/accept", s.api(s.postAccept))
	m.HandleFunc("GET /v1/witness", s.api(s.getWitness))
	m.HandleFunc("GET /v1/switches", s.api(s.getSwitches))
	m.HandleFunc("POST /v1/switches", s.api(s.postSwitches))
	m.HandleFunc("/v1/", func(w http.ResponseWriter, _ *http.Request) { fail(w, http.StatusNotFound, "unknown_path") })
	m.HandleFunc("GET /pay/{id}", s.getPay)
	m.HandleFunc("POST /pay/{id}", s.postPay)
	m.HandleFunc("GET /pay/{id}/step", s.getStep)
	m.HandleFunc("POST /pay/{id}/step", s.postStep)
	m.HandleFunc("GET /pay/{id}/wait", s.getWait)
	m.HandleFunc("GET /style.css", s.getStyle)
	m.HandleFunc("GET /mark.svg", s.getMark)
	m.HandleFunc("GET /{$}", s.getHome)
	m.HandleFunc("/", s.notFound)
	s.mux = m
}

// ServeHTTP answers pages and API.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	s.mux.ServeHTTP(w, r)
}

// Transport carries requests to a handler in the same process, without a network: the store of the demo talks to its
// sandbox so, and the sandbox to the store. The handler sees what a network would show it.
func Transport(h http.Handler) http.RoundTripper { return direct{h} }

type direct struct{ h http.Handler }

// RoundTrip runs the handler and heeds the request's time limit, as a network would.
func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	in.Host, in.RequestURI, in.RemoteAddr = r.URL.Host, r.URL.RequestURI(), "127.0.0.1:1"
	in.URL = &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	rec := &recorder{header: http.Header{}, status: http.StatusOK}
	done := make(chan any, 1)
	go func() {
		defer func() { done <- recover() }()
		d.h.ServeHTTP(rec, in)
	}()
	select {
	case <-r.Context().Done():
		return nil, r.Context().Err()
	case p := <-done:
		if p != nil {
			return nil, fmt.Errorf("sandbox: the handler panicked: %v", p)
		}
	}
	return &http.Response{Status: http.StatusText(rec.status), StatusCode: rec.status, Proto: "HTTP/1.1", ProtoMajor: 1,
		ProtoMinor: 1, Header: rec.header, Body: io.NopCloser(strings.NewReader(rec.body.String())),
		ContentLength: int64(rec.body.Len()), Request: r}, nil
}

// recorder keeps an answer. Only the handler's goroutine touches it until that has ended.
type recorder struct {
	header http.Header
	body   strings.Builder
	status int
	wrote  bool
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if !r.wrote {
		r.status, r.wrote = status, true
	}
}

func (r *recorder) Write(b []byte) (int, error) {
	r.wrote = true
	return r.body.Write(b)
}
