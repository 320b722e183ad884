package setup_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"strongroom/base/clock"
	"strongroom/base/money"
	"strongroom/shop/payment"
)

// firm is a payment provider with accounts, keys and a clock of its own.
type firm struct {
	mu       sync.Mutex
	clock    clock.Clock
	skew     time.Duration
	keys     map[string]payment.KeyReport // by key
	owners   map[string]string            // whose a key truly is, where the report says only what was typed
	down     bool
	deaf     bool // lets nobody register an address
	secrets  []string
	sessions map[string]*payment.Session
	n        int
}

func newFirm(c clock.Clock) *firm {
	f := &firm{clock: c, keys: map[string]payment.KeyReport{}, owners: map[string]string{}, sessions: map[string]*payment.Session{}}
	f.issue("sk_test_full_0001aaaa", "acct_1")
	f.issue("sk_test_full_0002bbbb", "acct_1")
	f.issue("sk_test_other_0003cc", "acct_2")
	f.issue("sk_live_first_0004dd", "acct_L1")
	f.issue("sk_live_thief_0005ee", "acct_L2")
	return f
}

func (f *firm) issue(key, account string) {
	mode := payment.Test
	if strings.HasPrefix(key, "sk_live_") {
		mode = payment.Live
	}
	f.keys[key] = payment.KeyReport{Account: account, Name: "Kiln", Mode: mode, Scopes: []payment.Scope{{Name: "sessions", Granted: true}, {Name: "refunds", Granted: true}}}
}

// maker builds gateways to the firm.
func (f *firm) maker(name string) payment.Maker {
	return payment.Maker{Label: "Firm " + name, Fields: []payment.Field{{Name: "key", Secret: true}, {Name: "note", Optional: true}},
		Check: func(s map[string]string, store payment.Mode) (string, string) {
			if store == payment.Live && strings.HasPrefix(s["key"], "sk_test_") {
				return "key", "provider.mode_test"
			}
			if store == payment.Test && strings.HasPrefix(s["key"], "sk_live_") {
				return "key", "provider.mode_live"
			}
			return "", ""
		},
		New: func(s map[string]string, e payment.Env) (payment.Gateway, error) {
			return &gate{f: f, name: name, key: s["key"], env: e, way: e.Through(dateline{f})}, nil
		}}
}

// dateline answers with the firm's time.
type dateline struct{ f *firm }

func (d dateline) RoundTrip(*http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	w.Header().Set("Date", d.f.clock.Now().Add(-d.f.skew).Format(http.TimeFormat))
	return w.Result(), nil
}

// gate is an engine.
type gate struct {
	f    *firm
	name string
	key  string
	env  payment.Env
	way  http.RoundTripper
}

func (g *gate) Describe() payment.Description {
	return payment.Description{Name: g.name, Label: "Firm " + g.name, Account: g.env.Account, Mode: g.env.Mode, Origin: "https://" + strings.ReplaceAll(g.name, "_", "-") + ".test", Methods: []string{"card"}}
}

// ask is one call: the way is gone, the clock is read, the key is looked at.
func (g *gate) ask() (payment.KeyReport, error) {
	g.f.mu.Lock()
	defer g.f.mu.Unlock()
	if g.f.down {
		return payment.KeyReport{}, fmt.Errorf("%w: nobody answers", payment.ErrTemporary)
	}
	r, err := http.NewRequest(http.MethodGet, "https://firm.test/", http.NoBody)
	if err != nil {
		return payment.KeyReport{}, err
	}
	answer, err := g.way.RoundTrip(r)
	if err != nil {
		return payment.KeyReport{}, err
	}
	_ = answer.Body.Close()
	k, ok := g.f.keys[g.key]
	if !ok {
		return k, payment.ErrRejected
	}
	return k, nil
}

func (g *gate) Inspect(context.Context) (payment.KeyReport, error) { return g.ask() }

func (g *gate) Subscribe(_ context.Context, _, address string) (payment.Subscription, error) {
	if _, err := g.ask(); err != nil {
		return payment.Subscription{}, err
	}
	g.f.mu.Lock()
	defer g.f.mu.Unlock()
	if g.f.deaf {
		return payment.Subscription{}, payment.ErrRejected
	}
	s := fmt.Sprintf("whsec_%s_%016d", g.name, len(g.f.secrets))
	g.f.secrets = append(g.f.secrets, s)
	return payment.Subscription{Ref: "we_" + address, Secret: s}, nil
}

func (g *gate) Start(_ context.Context, r payment.StartRequest) (payment.Session, error) {
	if _, err := g.ask(); err != nil {
		return payment.Session{}, err
	}
	g.f.mu.Lock()
	defer g.f.mu.Unlock()
	for _, s := range g.f.sessions {
		if s.Reference == r.Reference {
			return *s, nil
		}
	}
	g.f.n++
	s := &payment.Session{Ref: fmt.Sprintf("cs_%d", g.f.n), Status: payment.StatusOpen, Amount: r.Amount, Currency: r.Currency, Reference: r.Reference,
		Account: g.env.Account, Mode: g.env.Mode, URL: g.Describe().Origin + "/pay", Expires: r.Expires}
	g.f.sessions[s.Ref] = s
	return *s, nil
}

func (g *gate) session(ref string, change func(s *payment.Session) error) (payment.Session, error) {
	if _, err := g.ask(); err != nil {
		return payment.Session{}, err
	}
	g.f.mu.Lock()
	defer g.f.mu.Unlock()
	s := g.f.sessions[ref]
	if s == nil || g.f.owners[g.key] != "" && g.f.owners[g.key] != s.Account {
		return payment.Session{}, payment.ErrNotFound
	}
	err := change(s)
	return *s, err
}

func nothing(*payment.Session) error { return nil }

func (g *gate) Fetch(_ context.Context, ref string) (payment.Session, error) {
	return g.session(ref, nothing)
}

func (g *gate) Expire(_ context.Context, _, ref string) (payment.Session, error) {
	return g.session(ref, func(s *payment.Session) error {
		if s.Status == payment.StatusOpen {
			s.Status, s.URL = payment.StatusExpired, ""
		}
		return nil
	})
}

func (g *gate) Capture(_ context.Context, _, ref string, a money.Amount) (payment.Session, error) {
	return g.session(ref, func(s *payment.Session) error { s.Status, s.Captured = payment.StatusPaid, a; return nil })
}

func (g *gate) Void(_ context.Context, _, ref string) (payment.Session, error) {
	return g.session(ref, func(s *payment.Session) error { s.Status = payment.StatusVoided; return nil })
}

func (g *gate) Refund(_ context.Context, key, ref string, a money.Amount) (out payment.RefundAnswer, err error) {
	_, err = g.session(ref, func(s *payment.Session) error {
		for _, r := range s.Refunds {
			if r.Key == key {
				out = r
				return nil
			}
		}
		if s.Refunded+a > s.Captured {
			return payment.ErrDeclined
		}
		out = payment.RefundAnswer{Ref: "re_" + key, Key: key, Status: payment.RefundDone, Amount: a}
		s.Refunded, s.Refunds = s.Refunded+a, append(s.Refunds, out)
		return nil
	})
	return out, err
}

// ParseNotice believes whoever knows one of the secrets.
func (g *gate) ParseNotice(_ context.Context, _ time.Time, h http.Header, body []byte) (n payment.Notice, err error) {
	for _, s := range g.env.Secrets {
		if h.Get("Signature") == s {
			return n, json.Unmarshal(body, &n)
		}
	}
	return n, payment.ErrNotice
}

// pay plays who pays on the firm's page.
func (f *firm) pay(ref string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.sessions[ref]
	s.Status, s.Captured, s.Charge, s.URL = payment.StatusPaid, s.Amount, "ch_"+ref, ""
}
