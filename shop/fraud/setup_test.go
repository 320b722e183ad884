package fraud_test

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/event"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/vault"
	"strongroom/guard/vault/vaulttest"
	"strongroom/shop/fraud"
)

// store is the defence with everything that it stands on, and shoppers who act as orders make them act.
type store struct {
	dbtest.Pair
	t      testing.TB
	ctx    context.Context
	f      *fraud.Service
	vault  *vault.Vault
	log    *audit.Log
	jobs   *job.Queue
	alarms []fraud.AlarmLetter
	freed  []id.ID
	n      int
	last   id.ID
	solves bool // whether riddles are solved; otherwise the mailed link is used
	reads  bool // whether who has to wait uses the link in her mail
}

func open(t testing.TB, p dbtest.Pair) *store {
	t.Helper()
	s := &store{Pair: p, t: t, ctx: context.Background()}
	s.vault = vaulttest.New(t, p)
	s.log = audit.New(audit.Deps{DB: p.Data, Vault: s.vault})
	t.Cleanup(func() { s.must(s.log.Close()) })
	s.start()
	return s
}

// start is what a start of the program does.
func (s *store) start() {
	s.t.Helper()
	s.jobs = job.New(s.Data, nil, 1)
	bus := event.NewBus(s.Data, s.jobs)
	var err error
	s.f, err = fraud.New(fraud.Deps{DB: s.Data, Audit: s.log, Jobs: s.jobs, MAC: s.vault.MAC, Sign: s.vault.Sign})
	s.must(err)
	s.must(job.Handle(s.jobs, fraud.AlarmJob, job.Options{}, func(_ context.Context, a fraud.AlarmLetter) error {
		s.alarms = append(s.alarms, a)
		return nil
	}))
	s.must(event.On(bus, "test", func(_ context.Context, e fraud.OrderFreed) error { s.freed = append(s.freed, e.Order); return nil }))
}

func (s *store) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// mode is how the store looks at newcomers now.
func (s *store) mode() fraud.Mode {
	s.t.Helper()
	m, err := s.f.Mode(s.ctx)
	s.must(err)
	return m
}

// wait lets time pass, with the watch looking every minute.
func (s *store) wait(d time.Duration) {
	s.t.Helper()
	for ; d > 0; d -= time.Minute {
		s.Clock.Advance(min(d, time.Minute))
		s.must(s.f.Watch(s.ctx))
	}
}

// attempt is somebody new with a browser, an address and a network of her own.
func (s *store) attempt() fraud.Attempt {
	s.n++
	return fraud.Attempt{Order: id.New(s.Clock.Now(), nil), Device: id.NewToken(), Email: fmt.Sprintf("somebody.%d@house%d.example", s.n, s.n%7),
		From: netip.AddrFrom4([4]byte{byte(11 + s.n%80), byte(s.n >> 8), byte(s.n), 9}), Delivery: "DE", Goods: []id.ID{{1, byte(s.n % 5)}},
		Total: money.Amount(1500 + 700*(s.n%9)), Drafted: s.Clock.Now().Add(-time.Minute), Carted: s.Clock.Now().Add(-5 * time.Minute)}
}

// again is a further order of the same person.
func (s *store) again(a fraud.Attempt) fraud.Attempt {
	a.Order = id.New(s.Clock.Now(), nil)
	return a
}

// met is what an attempt came upon.
type met struct {
	order    id.ID
	stepped  bool  // was asked for an extra step
	sessions int   // was given so many
	stop     error // why there was no further one
}

var guest = access.Guest(id.ID{1}, netip.Addr{})

// buy places an order and has each session end as plan says, until plan says nothing more or no session is given.
func (s *store) buy(a fraud.Attempt, plan ...result) (m met) {
	s.t.Helper()
	m.order = a.Order
	v, err := s.f.Assess(s.ctx, a)
	s.must(err)
	if v.Outcome == fraud.Refuse {
		m.stop = s.f.RefuseNow(s.ctx, a.Order, v, guest)
		return m
	}
	s.must(s.Data.Write(s.ctx, func(tx *db.Tx) error { return s.f.Placed(tx, a.Order, v, guest) }))
	m.stepped = v.Outcome != fraud.Allow
	for i, r := range plan {
		if i > 0 || !v.May() {
			if m.stop = s.enter(a.Order, &m); m.stop != nil {
				return m
			}
		}
		m.sessions++
		s.end(a.Order, r)
	}
	return m
}

// enter passes the gate, with a step if it asks for one.
func (s *store) enter(order id.ID, m *met) (stop error) {
	s.t.Helper()
	var a fraud.Ask
	for {
		stop = s.gate(order, a)
		switch {
		case isKey(stop, fraud.ErrStep.Key) && s.solves:
			s.solved(order)
		case isKey(stop, fraud.ErrStep.Key) && !a.Mailed, isKey(stop, fraud.ErrWaiting.Key) && s.reads && !a.Mailed:
			a.Mailed = true
		default:
			return stop
		}
		m.stepped = true
	}
}

// solved is a riddle that was solved, without the second of work that each of hundreds would take
// (TestARiddleIsTheOrdersOwn does it in earnest).
func (s *store) solved(order id.ID) {
	s.t.Helper()
	s.must(s.Data.Write(s.ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE fraud_case SET state = 3 WHERE order_id = $1 AND state = 2`, order)
		return err
	}))
}

// gate asks for a session once.
func (s *store) gate(order id.ID, a fraud.Ask) (stop error) {
	s.t.Helper()
	s.must(s.Data.Write(s.ctx, func(tx *db.Tx) error {
		p, err := s.f.Gate(tx, order, a)
		stop = p.Err
		return err
	}))
	return stop
}

// place writes the case of an attempt without doing anything more.
func (s *store) place(a fraud.Attempt) fraud.Verdict {
	s.t.Helper()
	v, err := s.f.Assess(s.ctx, a)
	s.must(err)
	s.must(s.Data.Write(s.ctx, func(tx *db.Tx) error { return s.f.Placed(tx, a.Order, v, guest) }))
	return v
}

func isKey(err error, key string) bool {
	f := fault.As(err)
	return f != nil && f.Key == key
}

// result is how a session ends.
type result struct {
	end      fraud.End
	declines int64
}

var (
	pays      = result{end: fraud.Paid}
	leaves    = result{end: fraud.Nothing}
	declined  = result{declines: 1}
	declined3 = result{declines: 3}
)

func (s *store) end(order id.ID, r result) {
	s.t.Helper()
	s.must(s.Data.Write(s.ctx, func(tx *db.Tx) error {
		_, err := s.f.Tell(tx, order, r.end, r.declines > 0 && r.end == fraud.Open, fraud.Signals{Declines: r.declines})
		return err
	}))
}

// entries counts the audit entries of an action.
func (s *store) entries(action string) (n int64) {
	s.t.Helper()
	s.must(s.Data.Read(s.ctx, func(tx *db.Tx) error {
		return tx.QueryRow(`SELECT COUNT(*) FROM audit_entry WHERE action = $1`, action).Scan(&n)
	}))
	return n
}

func itoa(n int) string { return fmt.Sprint(n) }
