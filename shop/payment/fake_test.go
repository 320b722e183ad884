package payment_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"strongroom/base/money"
	"strongroom/shop/payment"
)

// provider is a stateful stand-in for a payment firm, with hooks for every gap: hook runs before ("before start") and
// after ("after start") each effect, and an error there is an answer that was lost.
type provider struct {
	mu       sync.Mutex
	sessions map[string]*payment.Session
	keys     map[string]string // provider key -> session
	refunds  map[string]payment.RefundAnswer
	calls    map[string]int
	hook     func(at string) error
	edit     func(*payment.Session) // what it says about a session when asked
	slow     payment.RefundStatus   // what a refund's first answer is
	account  string
	mode     payment.Mode
	reject   bool
	limit    time.Duration // what the last Start was given
}

func newProvider() *provider {
	return &provider{sessions: map[string]*payment.Session{}, keys: map[string]string{}, refunds: map[string]payment.RefundAnswer{},
		calls: map[string]int{}, account: "acct_1", mode: payment.Test, slow: payment.RefundDone}
}

func random() string {
	var b [8]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

func (g *provider) Describe() payment.Description {
	return payment.Description{Name: "fake", Label: "Fake", Account: g.account, Mode: g.mode, Origin: "https://pay.test", Methods: []string{"card"},
		Holds: 7 * 24 * time.Hour}
}

func (g *provider) at(place string) error {
	if g.hook != nil {
		return g.hook(place)
	}
	return nil
}

// do runs one call with its hooks.
func (g *provider) do(name string, effect func() error) error {
	if err := g.at("before " + name); err != nil {
		return err
	}
	g.mu.Lock()
	g.calls[name]++
	err := effect()
	g.mu.Unlock()
	if err != nil {
		return err
	}
	return g.at("after " + name)
}

func (g *provider) said(s *payment.Session) payment.Session {
	c := *s
	c.Refunds = append([]payment.RefundAnswer(nil), s.Refunds...)
	if g.edit != nil {
		g.edit(&c)
	}
	return c
}

func (g *provider) Start(ctx context.Context, r payment.StartRequest) (out payment.Session, err error) {
	err = g.do("start", func() error {
		if end, ok := ctx.Deadline(); ok {
			g.limit = time.Until(end)
		}
		if ref, ok := g.keys[r.Key]; ok {
			first := *g.sessions[ref] // the key repeats the first answer, as real providers do
			first.Status, first.Charge, first.URL, first.Captured, first.Refunded = payment.StatusOpen, "", "https://pay.test/"+ref, 0, 0
			out = g.said(&first)
			return nil
		}
		if g.reject {
			return payment.ErrRejected
		}
		ref := "ses_" + random()
		g.keys[r.Key] = ref
		g.sessions[ref] = &payment.Session{Ref: ref, Status: payment.StatusOpen, Amount: r.Amount, Currency: r.Currency,
			Reference: r.Reference, Account: g.account, Mode: g.mode, URL: "https://pay.test/" + ref, Expires: r.Expires}
		out = g.said(g.sessions[ref])
		return nil
	})
	return out, err
}

func (g *provider) on(name, ref string, out *payment.Session, change func(s *payment.Session) error) error {
	return g.do(name, func() error {
		s := g.sessions[ref]
		if s == nil {
			return payment.ErrNotFound
		}
		if err := change(s); err != nil {
			return err
		}
		*out = g.said(s)
		return nil
	})
}

func (g *provider) Fetch(_ context.Context, ref string) (out payment.Session, err error) {
	err = g.on("fetch", ref, &out, func(*payment.Session) error { return nil })
	return out, err
}

func (g *provider) Expire(_ context.Context, _, ref string) (out payment.Session, err error) {
	err = g.on("expire", ref, &out, func(s *payment.Session) error {
		if s.Status == payment.StatusOpen {
			s.Status, s.URL = payment.StatusExpired, ""
		}
		return nil
	})
	return out, err
}

func (g *provider) Capture(_ context.Context, key, ref string, amount money.Amount) (out payment.Session, err error) {
	err = g.on("capture", ref, &out, func(s *payment.Session) error {
		if g.keys[key] == ref {
			return nil
		}
		if s.Status != payment.StatusAuthorised {
			return payment.ErrDeclined
		}
		g.keys[key] = ref
		s.Status, s.Captured = payment.StatusPaid, amount
		return nil
	})
	return out, err
}

func (g *provider) Void(_ context.Context, _, ref string) (out payment.Session, err error) {
	err = g.on("void", ref, &out, func(s *payment.Session) error {
		if s.Status == payment.StatusAuthorised {
			s.Status = payment.StatusVoided
		}
		return nil
	})
	return out, err
}

func (g *provider) Refund(_ context.Context, key, ref string, amount money.Amount) (out payment.RefundAnswer, err error) {
	err = g.do("refund", func() error {
		s := g.sessions[ref]
		if s == nil {
			return payment.ErrNotFound
		}
		if old, ok := g.refunds[key]; ok {
			out = old
			return nil
		}
		if s.Status != payment.StatusPaid || s.Refunded+amount > s.Captured {
			return payment.ErrDeclined
		}
		out = payment.RefundAnswer{Ref: "ref_" + random(), Key: key, Status: g.slow, Amount: amount}
		g.refunds[key] = out
		s.Refunds = append(s.Refunds, out)
		if g.slow == payment.RefundDone {
			s.Refunded += amount
		}
		return nil
	})
	return out, err
}

// ParseNotice believes whatever carries the word "genuine" in its header.
func (g *provider) ParseNotice(_ context.Context, _ time.Time, h http.Header, body []byte) (n payment.Notice, err error) {
	if h.Get("Signature") == "nobody to ask" {
		return payment.Notice{}, payment.ErrTemporary
	}
	if h.Get("Signature") != "genuine" || json.Unmarshal(body, &n) != nil {
		return payment.Notice{}, payment.ErrNotice
	}
	return n, nil
}

// pay plays the shopper.
func (g *provider) pay(ref string) { g.set(ref, payment.StatusPaid) }

func (g *provider) set(ref string, to payment.Status) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.sessions[ref]
	s.Status, s.Charge, s.URL = to, "chg_"+random(), ""
	if to == payment.StatusPaid {
		s.Captured = s.Amount
	}
}

// deskRefund is a refund that somebody makes at the provider's own desk.
func (g *provider) deskRefund(ref string, amount money.Amount) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.sessions[ref]
	s.Refunded += amount
	s.Refunds = append(s.Refunds, payment.RefundAnswer{Ref: "ref_" + random(), Status: payment.RefundDone, Amount: amount})
}

// endRefunds lets pending refunds end.
func (g *provider) endRefunds(ref string, how payment.RefundStatus) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.sessions[ref]
	for i := range s.Refunds {
		if s.Refunds[i].Status == payment.RefundPending {
			s.Refunds[i].Status = how
			if how == payment.RefundDone {
				s.Refunded += s.Refunds[i].Amount
			}
		}
	}
}

// forget is a provider that keeps sessions for a while only.
func (g *provider) forget(ref string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.sessions, ref)
}

func (g *provider) count(name string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.calls[name]
}

// of is a session as the provider has it.
func (g *provider) of(ref string) payment.Session {
	g.mu.Lock()
	defer g.mu.Unlock()
	return *g.sessions[ref]
}

// sums are the provider's own books.
func (g *provider) sums() (captured, refunded money.Amount) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, s := range g.sessions {
		captured += s.Captured
		refunded += s.Refunded
	}
	return captured, refunded
}

// errLost is an answer that did not arrive.
var errLost = errors.New("the connection broke")
