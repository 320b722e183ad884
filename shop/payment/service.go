package payment

import (
	"context"
	"log/slog"
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
	Gateways []Gateway // named by the configuration, and always on; the first one is the default
	Log      *slog.Logger
	// More are the gateways that are set up while the store runs; nil: none. It is called for every payment and asks
	// nobody.
	More func() []Offer
	// Zone is whose days are compared with the provider's account; nil: UTC.
	Zone *time.Location
	// Held says whether the store is an unreleased copy; then no provider is called. Nil: never.
	Held func(ctx context.Context) bool
	// Beat is how often a comparison under way says that it is alive; zero: every 5 seconds. Tests are faster.
	Beat time.Duration
}

// Service is the payments of the store.
type Service struct {
	db      *db.DB
	audit   *audit.Log
	jobs    *job.Queue
	log     *slog.Logger
	fixed   []Offer
	more    func() []Offer
	payee   Payee
	held    func(ctx context.Context) bool
	actor   access.Actor
	opening sync.Map // payment id -> Session that stands and is about to be written, see opened
	zone    *time.Location
	beat    time.Duration
}

// New makes the service and registers its jobs on the queue. SetPayee must follow before the first payment.
func New(d Deps) (*Service, error) {
	s := &Service{db: d.DB, audit: d.Audit, jobs: d.Jobs, log: d.Log, more: d.More, held: d.Held,
		actor: access.System("payment")}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.held == nil {
		s.held = func(context.Context) bool { return false }
	}
	if s.beat = d.Beat; s.beat <= 0 {
		s.beat = runLease / 4
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

// SetPayee says who is told of moves. It is called once, while the program is wired (the order stands on payments, and
// payments answer upward).
func (s *Service) SetPayee(p Payee) { s.payee = p }

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
