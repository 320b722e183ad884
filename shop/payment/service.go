package payment

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"sync"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// Limits of time. A shopper waits no longer than callLimit for a provider; a job may.
const (
	callLimit = 2 * time.Second
	jobLimit  = 15 * time.Second
)

// Deps are what the service stands on.
type Deps struct {
	DB       *db.DB
	Audit    *audit.Log
	Jobs     *job.Queue
	Gateways []Gateway // the first one is the default
	Log      *slog.Logger
	// Zone is whose days are compared with the provider's account; nil: UTC.
	Zone *time.Location
	// Held says whether the store is an unreleased copy; then no provider is called. Nil: never.
	Held func(ctx context.Context) bool
}

// Service is the payments of the store.
type Service struct {
	db       *db.DB
	audit    *audit.Log
	jobs     *job.Queue
	log      *slog.Logger
	gateways map[string]Gateway
	names    []string
	payee    Payee
	held     func(ctx context.Context) bool
	actor    access.Actor
	zone     *time.Location
	opening  sync.Map // payment id -> Session that stands and is about to be written, see opened
}

// nameForm is what a gateway may be called: it is part of the notice address, of account names and of events.
var nameForm = regexp.MustCompile(`^[a-z][a-z0-9_]{1,20}$`)

// New makes the service and registers its jobs on the queue. SetPayee must follow before the first payment.
func New(d Deps) (*Service, error) {
	s := &Service{db: d.DB, audit: d.Audit, jobs: d.Jobs, log: d.Log, gateways: map[string]Gateway{}, held: d.Held,
		actor: access.System("payment")}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.held == nil {
		s.held = func(context.Context) bool { return false }
	}
	if s.zone = d.Zone; s.zone == nil {
		s.zone = time.UTC
	}
	for _, g := range d.Gateways {
		if err := s.add(g); err != nil {
			return nil, err
		}
	}
	return s, s.register()
}

func (s *Service) add(g Gateway) error {
	t := g.Describe()
	if !nameForm.MatchString(t.Name) {
		return fmt.Errorf("payment: %q is no name for a gateway", t.Name)
	}
	if _, double := s.gateways[t.Name]; double {
		return fmt.Errorf("payment: two gateways are called %s", t.Name)
	}
	if t.Account == "" || (t.Mode != Test && t.Mode != Live) {
		return fmt.Errorf("payment: %s names no account or no mode", t.Name)
	}
	u, err := url.Parse(t.Origin)
	if err != nil || u.Host == "" || u.Path != "" || u.RawQuery != "" || (u.Scheme != "https" && t.Mode == Live) {
		return fmt.Errorf("payment: %s has no exact https origin", t.Name)
	}
	s.gateways[t.Name] = g
	s.names = append(s.names, t.Name)
	return nil
}

// SetPayee says who is told of moves. It is called once, while the program is wired (the order stands on payments, and
// payments answer upward).
func (s *Service) SetPayee(p Payee) { s.payee = p }

// Providers describes the gateways that are switched on, the default first.
func (s *Service) Providers() []Description {
	out := make([]Description, 0, len(s.names))
	for _, n := range s.names {
		out = append(out, s.gateways[n].Describe())
	}
	return out
}

// errHeld says that the store is a copy that must not act outside.
var errHeld = errors.New("payment: this store is an unreleased copy")

// gateway finds a payment's gateway and makes sure that it still works for the account and mode that the payment was
// prepared for: a payment of a test account is never asked for with live keys.
func (s *Service) gateway(ctx context.Context, p Payment) (Gateway, error) {
	if s.held(ctx) {
		return nil, fmt.Errorf("%w: %w", ErrTemporary, errHeld)
	}
	g, ok := s.gateways[p.Provider]
	if !ok {
		return nil, fmt.Errorf("%w: %s is switched off", ErrTemporary, p.Provider)
	}
	if t := g.Describe(); t.Account != p.Account || t.Mode != p.Mode {
		return nil, fmt.Errorf("%w: the keys are of another account or mode than the payment", ErrTemporary)
	}
	return g, nil
}

// Get returns a payment.
func (s *Service) Get(ctx context.Context, v id.ID) (p Payment, err error) {
	defer fault.Wrap(&err, "payment: get")
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) { p, err = s.GetTx(tx, v); return err })
	return p, err
}

// GetTx is Get within a transaction.
func (s *Service) GetTx(tx *db.Tx, v id.ID) (Payment, error) {
	return found(db.One(tx, scanPayment, selectPayment+`WHERE id = $1`, v))
}

// Mismatched counts the payments about which the provider says something else than the store, and which wait for a person.
func (s *Service) Mismatched(ctx context.Context) (n int64, err error) {
	defer fault.Wrap(&err, "payment: count mismatches")
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) { n, err = countState(tx, Mismatch); return err })
	return n, err
}

// ByReference finds the payment that a return address names.
func (s *Service) ByReference(ctx context.Context, reference string) (p Payment, err error) {
	defer fault.Wrap(&err, "payment: by reference")
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		p, err = found(db.One(tx, scanPayment, selectPayment+`WHERE reference = $1`, reference))
		return err
	})
	return p, err
}

// OfOrder lists an order's payments, the oldest first, at most 50.
func (s *Service) OfOrder(ctx context.Context, order id.ID) (list []Payment, err error) {
	defer fault.Wrap(&err, "payment: of order")
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) { list, err = s.OfOrderTx(tx, order); return err })
	return list, err
}

// OfOrderTx is OfOrder within a transaction.
func (s *Service) OfOrderTx(tx *db.Tx, order id.ID) ([]Payment, error) {
	return db.All(tx, scanPayment, selectPayment+`WHERE order_id = $1 ORDER BY id LIMIT 50`, order)
}

func found(p Payment, ok bool, err error) (Payment, error) {
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "payment.unknown")
	}
	return p, err
}
