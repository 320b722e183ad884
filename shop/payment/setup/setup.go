// Package setup is how payment providers come into a running store: keys are pasted at the desk, sealed at once, tested,
// tried with a payment of one's own, and switched on.
//
// # One row for each account
//
// A provider that gets the keys of another account keeps the row of the old one: its payments are still asked about and
// can be given back. One account of a provider is on at a time; which is said by a unique index, not by code.
//
// # The way of a provider
//
//	draft    keys were pasted and could not be tested yet: wrong, or the provider did not answer. Nothing is lost.
//	testing  the keys work, and shoppers do not see it. The owner makes a payment of her own.
//	on       shoppers are offered it
//	off      no new payments; those that are open go on to their end
//
// # Many processes
//
// Every change raises one number in the database. Each process looks at it every two seconds (Watch) and builds its
// gateways anew when it moved; payments find them through Offers, which asks nobody.
//
// # What is refused
//
// Keys of the other mode than the store's, when they are pasted and when the store starts. Switching on what lacks a
// right, a notice address or a test payment, unless the owner says so. And in a store that took real money before, an
// account that money never went to wants two people: it is what a thief of a session would do first.
package setup

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"strongroom/base/config"
	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/vault"
	"strongroom/shop/payment"
)

// SecondPerson finds a second person for what one must not do alone; staff.Service fulfils it.
type SecondPerson interface {
	Ask(ctx context.Context, who access.Actor, w access.Wish) (request id.ID, err error)
}

// Deps are what the service stands on.
type Deps struct {
	DB     *db.DB
	Vault  *vault.Vault
	Audit  *audit.Log
	Jobs   *job.Queue
	Shop   config.Shop
	Makers map[string]payment.Maker // by the name of the gateways that they make
	Second SecondPerson             // nil: nobody switches a new live account on but the console
	Held   func(ctx context.Context) bool
	Log    *slog.Logger
}

// Service sets providers up.
type Service struct {
	d        Deps
	log      *slog.Logger
	payments *payment.Service
	now      atomic.Pointer[set]
	building sync.Mutex
}

// Limits of time and size.
const (
	askLimit  = 10 * time.Second // a shopkeeper waits that long for a provider
	watchEach = 2 * time.Second
	tooSkew   = 2 * time.Minute // notices are believed for five
	maxField  = 300
)

// New makes the service. Refresh must follow before the first payment, and SetPayments before the first test payment.
func New(d Deps) (*Service, error) {
	s := &Service{d: d, log: d.Log}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.d.Held == nil {
		s.d.Held = func(context.Context) bool { return false }
	}
	s.now.Store(&set{})
	return s, job.Every(d.Jobs, "payment.inspect", 24*time.Hour, s.InspectAll)
}

// SetPayments says who makes the test payments. It is called once, while the program is wired: payments find their
// gateways here, and this package has payments made.
func (s *Service) SetPayments(p *payment.Service) { s.payments = p }

// mode is that of the store.
func (s *Service) mode() payment.Mode {
	if s.d.Shop.TestMode {
		return payment.Test
	}
	return payment.Live
}

// Offered are the makers, in the order of their names.
func (s *Service) Offered() []string { return slices.Sorted(maps.Keys(s.d.Makers)) }

// Maker finds a maker.
func (s *Service) Maker(name string) (payment.Maker, bool) {
	m, ok := s.d.Makers[name]
	return m, ok
}

// NoticeAddress is where a provider sends its notices.
func (s *Service) NoticeAddress(name string) string { return s.d.Shop.URL("/notices/" + name) }

// allow lets who pass, or writes the refusal down. What changes anything wants a fresh proof: keys decide whom the
// money goes to.
func (s *Service) allow(ctx context.Context, who access.Actor, action string, v id.ID) error {
	return s.d.Audit.AllowFresh(ctx, who, access.PaymentManage, audit.Act{Action: action, Object: "provider", ObjectID: v})
}

func (s *Service) record(tx *db.Tx, who access.Actor, action string, p Provider, facts ...audit.Fact) error {
	facts = append([]audit.Fact{{Key: "provider", Text: p.Name}, {Key: "mode", Text: string(p.Mode)}}, facts...)
	return s.d.Audit.Record(tx, audit.Entry{Actor: who, Action: action, Object: "provider", ObjectID: p.ID, Outcome: audit.Done, Facts: facts})
}

// List shows all providers that were set up: those that are on first.
func (s *Service) List(ctx context.Context, who access.Actor) (out []Provider, err error) {
	if err := s.d.Audit.Allow(ctx, who, access.PaymentView, audit.Act{Action: "payment.providers", Object: "provider"}); err != nil {
		return nil, err
	}
	if err = s.d.DB.Read(ctx, func(tx *db.Tx) (err error) { out, err = providers(tx); return err }); err != nil {
		return nil, err
	}
	for i := range out {
		out[i] = s.shown(out[i])
	}
	return out, nil
}

// Get shows one provider.
func (s *Service) Get(ctx context.Context, who access.Actor, v id.ID) (p Provider, err error) {
	if err := s.d.Audit.Allow(ctx, who, access.PaymentView, audit.Act{Action: "payment.providers", Object: "provider", ObjectID: v}); err != nil {
		return p, err
	}
	if p, err = s.get(ctx, v); err != nil {
		return p, err
	}
	return s.whole(ctx, s.shown(p))
}

// whole adds what the shop itself lacks for a provider.
func (s *Service) whole(ctx context.Context, p Provider) (Provider, error) {
	lacks := s.d.Makers[p.Name].Lacks
	if lacks == nil {
		return p, nil
	}
	var err error
	p.Lacks, err = lacks(ctx)
	return p, err
}

func (s *Service) get(ctx context.Context, v id.ID) (p Provider, err error) {
	err = s.d.DB.Read(ctx, func(tx *db.Tx) (err error) { p, err = byID(tx, v); return err })
	return p, err
}

// shown adds what the program knows beside the row.
func (s *Service) shown(p Provider) Provider {
	m := s.d.Makers[p.Name]
	p.Label, p.Inside, p.Foreign = m.Label, m.Inside, p.Mode != s.mode()
	if p.Label == "" {
		p.Label = p.Name
	}
	g, _, err := s.build(p)
	if err != nil {
		p.Broken = true
		return p
	}
	d := g.Describe()
	_, p.CanSubscribe = g.(payment.Subscriber)
	p.Origin, p.Methods = d.Origin, d.Methods
	return p
}

// Broken names a provider that is switched on and did not pass its last test; empty if there is none.
func (s *Service) Broken(ctx context.Context) (label string, err error) {
	var list []Provider
	err = s.d.DB.Read(ctx, func(tx *db.Tx) (err error) { list, err = providers(tx); return err })
	for _, p := range list {
		if p = s.shown(p); p.State == On && (p.Problem != "" || p.Broken) {
			return p.Label, err
		}
	}
	return "", err
}

// errStart is in the chain of errors that keep a store from starting.
var errStart = errors.New("payment: keys of the other mode")

// OtherMode says whether err means that a provider is switched on whose keys are of the other mode than the store.
func OtherMode(err error) bool { return errors.Is(err, errStart) }
