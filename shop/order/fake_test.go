package order_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"strongroom/base/money"
	"strongroom/shop/payment"
)

// provider is a payment firm in memory: it keeps the seam's contract and does what a test tells it to.
type provider struct {
	mu       sync.Mutex
	sessions map[string]*payment.Session // by key and by ref
	starts   int
	down     bool
	refuses  bool            // to capture what it holds
	keys     map[string]bool // of what was captured and let go
	captures int
}

func newProvider() *provider {
	return &provider{sessions: map[string]*payment.Session{}, keys: map[string]bool{}}
}

func (f *provider) Describe() payment.Description {
	return payment.Description{Name: "fake", Label: "Fake", Account: "acct", Mode: payment.Test, Origin: "https://pay.example",
		Holds: 7 * 24 * time.Hour}
}

func (f *provider) at(key string) (*payment.Session, error) {
	if f.down {
		return nil, payment.ErrTemporary
	}
	s, ok := f.sessions[key]
	if !ok {
		return nil, payment.ErrNotFound
	}
	return s, nil
}

func (f *provider) Start(_ context.Context, r payment.StartRequest) (payment.Session, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return payment.Session{}, payment.ErrTemporary
	}
	if s, ok := f.sessions[r.Key]; ok {
		return *s, nil
	}
	f.starts++
	ref := fmt.Sprintf("ses-%d", f.starts)
	s := &payment.Session{Ref: ref, Status: payment.StatusOpen, Amount: r.Amount, Currency: r.Currency,
		Reference: r.Reference, Account: "acct", Mode: payment.Test, URL: "https://pay.example/" + ref, Expires: r.Expires}
	f.sessions[r.Key], f.sessions[ref], f.sessions[r.Reference] = s, s, s
	return *s, nil
}

func (f *provider) Fetch(_ context.Context, ref string) (payment.Session, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, err := f.at(ref)
	if err != nil {
		return payment.Session{}, err
	}
	return *s, nil
}

func (f *provider) Expire(_ context.Context, _, ref string) (payment.Session, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, err := f.at(ref)
	if err != nil {
		return payment.Session{}, err
	}
	if s.Status == payment.StatusOpen {
		s.Status = payment.StatusExpired
	}
	return *s, nil
}

func (f *provider) Capture(_ context.Context, key, ref string, amount money.Amount) (payment.Session, error) {
	return f.held(key, ref, func(s *payment.Session) error {
		if f.refuses || amount > s.Amount {
			return payment.ErrDeclined
		}
		f.captures++
		s.Status, s.Captured, s.Charge = payment.StatusPaid, amount, "ch-"+s.Ref
		return nil
	})
}

func (f *provider) Void(_ context.Context, key, ref string) (payment.Session, error) {
	return f.held(key, ref, func(s *payment.Session) error { s.Status = payment.StatusVoided; return nil })
}

// held does something with a held sum, once for its key.
func (f *provider) held(key, ref string, do func(*payment.Session) error) (payment.Session, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, err := f.at(ref)
	switch {
	case err != nil:
		return payment.Session{}, err
	case f.keys[key]:
		return *s, nil
	case s.Status != payment.StatusAuthorised:
		return payment.Session{}, payment.ErrDeclined
	}
	if err := do(s); err != nil {
		return payment.Session{}, err
	}
	f.keys[key] = true
	return *s, nil
}

// refuse has the provider refuse to take what it holds.
func (f *provider) refuse(is bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refuses = is
}

func (f *provider) Refund(_ context.Context, key, ref string, amount money.Amount) (payment.RefundAnswer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, err := f.at(ref)
	if err != nil {
		return payment.RefundAnswer{}, err
	}
	for _, r := range s.Refunds {
		if r.Key == key {
			return r, nil
		}
	}
	a := payment.RefundAnswer{Ref: "re-" + key, Key: key, Status: payment.RefundDone, Amount: amount}
	s.Refunds, s.Refunded = append(s.Refunds, a), s.Refunded+amount
	return a, nil
}

func (f *provider) ParseNotice(context.Context, time.Time, http.Header, []byte) (payment.Notice, error) {
	return payment.Notice{}, payment.ErrNotice
}

// set brings a session, named by the payment's reference, to a state.
func (f *provider) set(reference string, to payment.Status) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.sessions[reference]
	s.Status = to
	if to == payment.StatusPaid {
		s.Captured, s.Charge = s.Amount, "ch-"+s.Ref
	}
}

func (f *provider) refunded(reference string) money.Amount {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sessions[reference].Refunded
}

func (f *provider) away(down bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down = down
}

// edit changes what the provider says of a session.
func (f *provider) edit(reference string, change func(*payment.Session)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f.sessions[reference])
}

// declined says that so many cards were declined in a session that is still open.
func (f *provider) declined(reference string, n int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sessions[reference].Signals.Declines = n
}
