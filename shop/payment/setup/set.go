package setup

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/money"
	"strongroom/shop/payment"
)

// set is what this process built of the database at one version.
type set struct {
	version int64
	offers  []payment.Offer
}

// Offers are the gateways as this process knows them: those that are on first, in the order that the shop
// gave them. It asks nobody.
func (s *Service) Offers() []payment.Offer { return s.now.Load().offers }

// Refresh builds the gateways anew if something changed since this process looked last.
func (s *Service) Refresh(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "payment: providers")
	s.building.Lock()
	defer s.building.Unlock()
	var v int64
	var list []Provider
	err = s.d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if v, err = version(tx); err != nil || v == s.now.Load().version {
			return err
		}
		list, err = providers(tx)
		return err
	})
	if err != nil || v == s.now.Load().version {
		return err
	}
	n := &set{version: v}
	for _, p := range list {
		if p.State == Draft {
			continue
		}
		g, _, err := s.build(p)
		if err != nil {
			s.log.Warn("a payment provider cannot be used as it is set up", "provider", p.Name, "error", err)
			continue
		}
		foreign := p.Mode != s.mode()
		if foreign {
			g = ending{g}
		}
		n.offers = append(n.offers, payment.Offer{Gateway: g, On: p.State == On && !foreign})
	}
	s.now.Store(n)
	return nil
}

// CheckModes refuses a start with a provider that is switched on and whose keys are of the other mode than the store.
func (s *Service) CheckModes(ctx context.Context) (label string, err error) {
	var list []Provider
	if err = s.d.DB.Read(ctx, func(tx *db.Tx) (err error) { list, err = providers(tx); return err }); err != nil {
		return "", err
	}
	for _, p := range list {
		if p.State == On && p.Mode != s.mode() {
			return s.shown(p).Label, fmt.Errorf("%w: %s has %s keys, and the store is in %s mode", errStart, p.Name, p.Mode, s.mode())
		}
	}
	return "", nil
}

// Watch looks every two seconds whether another process changed something, until ctx ends.
func (s *Service) Watch(ctx context.Context) {
	t := time.NewTicker(watchEach)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if err := s.Refresh(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("payment providers are those that were known last", "error", err)
		}
	}
}

// build makes the gateway of a provider.
func (s *Service) build(p Provider) (payment.Gateway, *dated, error) {
	m, ok := s.d.Makers[p.Name]
	if !ok {
		return nil, nil, fmt.Errorf("payment: this program has no provider called %s", p.Name)
	}
	var settings map[string]string
	if err := s.open(p.Name, "keys", p.settings, &settings); err != nil {
		return nil, nil, err
	}
	secrets, err := s.secrets(p)
	if err != nil {
		return nil, nil, err
	}
	w := &dated{clock: s.d.DB.Clock()}
	g, err := m.New(settings, payment.Env{Mode: p.Mode, Account: p.Account, NoticeRef: p.NoticeRef, Secrets: secrets, Way: w.around, Log: s.log})
	if err != nil {
		return nil, nil, err
	}
	if name := g.Describe().Name; name != p.Name {
		return nil, nil, fmt.Errorf("payment: the provider %s calls itself %s", p.Name, name)
	}
	if p.Account != "" {
		err = payment.CheckGateway(g)
	}
	return g, w, err
}

// dated holds the provider's clock beside ours: every answer over HTTP says when it was given.
type dated struct {
	clock clock.Clock
	mu    sync.Mutex
	ahead time.Duration // ours before theirs, at the last answer
}

func (d *dated) around(way http.RoundTripper) http.RoundTripper { return &datedWay{d, way} }

func (d *dated) skew() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ahead
}

type datedWay struct {
	d   *dated
	way http.RoundTripper
}

// RoundTrip passes the request on and reads the date of the answer.
func (w *datedWay) RoundTrip(r *http.Request) (*http.Response, error) {
	way := w.way
	if way == nil {
		way = http.DefaultTransport
	}
	answer, err := way.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if at, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
		w.d.mu.Lock()
		w.d.ahead = w.d.clock.Now().Sub(at).Truncate(time.Second)
		w.d.mu.Unlock()
	}
	return answer, nil
}

// ending is the gateway of a provider of the other mode than the store: its open payments are still closed and its
// refunds still end, but nothing that it calls paid counts. Test money never pays for goods of a store that went live.
type ending struct{ payment.Gateway }

// Start never begins anything.
func (e ending) Start(context.Context, payment.StartRequest) (payment.Session, error) {
	return payment.Session{}, fmt.Errorf("%w: its keys are of the other mode", payment.ErrRejected)
}

// Fetch asks how a session stands.
func (e ending) Fetch(ctx context.Context, ref string) (payment.Session, error) {
	return blank(e.Gateway.Fetch(ctx, ref))
}

// Expire closes a session.
func (e ending) Expire(ctx context.Context, key, ref string) (payment.Session, error) {
	return blank(e.Gateway.Expire(ctx, key, ref))
}

// Capture takes nothing: a held sum is let go.
func (e ending) Capture(context.Context, string, string, money.Amount) (payment.Session, error) {
	return payment.Session{}, fmt.Errorf("%w: its keys are of the other mode", payment.ErrRejected)
}

// blank takes the mode off a session that claims money: the payment then sees that it does not fit.
func blank(ses payment.Session, err error) (payment.Session, error) {
	if ses.Captured > 0 || ses.Status == payment.StatusAuthorised || ses.Status == payment.StatusPending {
		ses.Mode = ""
	}
	return ses, err
}
