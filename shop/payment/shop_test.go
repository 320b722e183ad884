package payment_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/event"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/shop/payment"
)

var bg = context.Background()

// shop is a payment service with its provider and a payee that writes down what it is told.
type shop struct {
	t       *testing.T
	p       dbtest.Pair
	gateway *provider
	svc     *payment.Service
	jobs    *job.Queue
	audit   *audit.Log
	decide  func(tx *db.Tx, p payment.Payment) error // what the payee does
	engine  payment.Gateway                          // in place of gateway, if there is one
	offers  []payment.Offer                          // in place of both, if there are some: what is set up while the store runs
	payee   payment.Payee                            // in place of the shop, if there is one
	beat    time.Duration                            // how often a comparison says that it is alive

	mu      sync.Mutex
	accused []id.ID  // the orders whose payments were disputed
	told    []string // what the payee was told, in commits that stand
	events  []string
}

// each runs a test on both engines.
func each(t *testing.T, test func(s *shop)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) { test(open(t, p)) })
}

func open(t *testing.T, p dbtest.Pair) *shop {
	t.Helper()
	s := &shop{t: t, p: p, gateway: newProvider(), audit: newLog(t, p)}
	s.restart()
	return s
}

// restart is what a new process has: the databases, and nothing in memory.
func (s *shop) restart() {
	s.t.Helper()
	s.jobs = job.New(s.p.Data, nil, 4)
	bus := event.NewBus(s.p.Data, s.jobs)
	s.p.Data.OnEmit(func(tx *db.Tx, e any) error {
		ev := e.(event.Event)
		tx.AfterCommit(func() { s.mu.Lock(); s.events = append(s.events, ev.EventName()); s.mu.Unlock() })
		return bus.Emit(tx, ev)
	})
	var g payment.Gateway = s.gateway
	if s.engine != nil {
		g = s.engine
	}
	d := payment.Deps{DB: s.p.Data, Audit: s.audit, Jobs: s.jobs, Gateways: []payment.Gateway{g}, Beat: s.beat}
	if s.offers != nil {
		d.Gateways, d.More = nil, func() []payment.Offer { return s.offers }
	}
	svc, err := payment.New(d)
	s.must(err)
	svc.SetPayee(s)
	if s.payee != nil {
		svc.SetPayee(s.payee)
	}
	s.svc = svc
}

// PaymentMoved is the payee's ear.
func (s *shop) PaymentMoved(tx *db.Tx, p payment.Payment) error {
	if s.decide != nil {
		if err := s.decide(tx, p); err != nil {
			return err
		}
	}
	word := string(p.State)
	if p.Late {
		word = "late " + word
	}
	tx.AfterCommit(func() { s.mu.Lock(); s.told = append(s.told, word); s.mu.Unlock() })
	return nil
}

// PaymentDisputed hears of disputes.
func (s *shop) PaymentDisputed(tx *db.Tx, order id.ID) error {
	tx.AfterCommit(func() { s.mu.Lock(); s.accused = append(s.accused, order); s.mu.Unlock() })
	return nil
}

func (s *shop) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

const total = money.Amount(4990)

func (s *shop) want() payment.Want {
	return payment.Want{Order: id.New(s.p.Clock.Now(), nil), Number: "K7Q2-M9XD", Amount: total, Currency: "EUR",
		Expires: s.p.Clock.Now().Add(30 * time.Minute), ReturnURL: "https://shop.test/en/paid/{payment}",
		CancelURL: "https://shop.test/en/cart", Language: "en", Actor: access.System("test")}
}

// prepare is an order being placed: its sale is booked beside the payment.
func (s *shop) prepare(edit ...func(*payment.Want)) payment.Payment {
	s.t.Helper()
	w := s.want()
	for _, e := range edit {
		e(&w)
	}
	var p payment.Payment
	s.must(s.p.Data.Write(bg, func(tx *db.Tx) (err error) {
		if p, err = s.svc.Prepare(tx, w); err != nil {
			return err
		}
		tax, err := money.TaxWithin(w.Amount, 190_000)
		if err != nil {
			return err
		}
		return payment.BookSale(tx, payment.Sale{Order: w.Order, Turn: 1, Currency: w.Currency, Goods: w.Amount - tax, Tax: tax, Total: w.Amount})
	}))
	return p
}

// opened is a payment whose page is open.
func (s *shop) opened(edit ...func(*payment.Want)) payment.Payment {
	s.t.Helper()
	p, err := s.svc.Begin(bg, s.prepare(edit...).ID)
	s.must(err)
	if p.State != payment.Open || p.URL == "" {
		s.t.Fatalf("begun: %+v", p)
	}
	return p
}

// paid is a payment whose money has come.
func (s *shop) paid() payment.Payment {
	s.t.Helper()
	p := s.opened()
	s.gateway.pay(p.Ref)
	p, err := s.svc.Refresh(bg, p.ID)
	s.must(err)
	s.is(p, payment.Paid)
	return p
}

func (s *shop) get(p payment.Payment) payment.Payment {
	s.t.Helper()
	q, err := s.svc.Get(bg, p.ID)
	s.must(err)
	return q
}

// is checks where a payment stands now.
func (s *shop) is(p payment.Payment, want payment.State) payment.Payment {
	s.t.Helper()
	q := s.get(p)
	if q.State != want {
		s.t.Fatalf("the payment is %s; want %s", q.State, want)
	}
	return q
}

// notice sends a notice about a payment.
func (s *shop) notice(event string, p payment.Payment, edit ...func(*payment.Notice)) error {
	n := payment.Notice{ID: event, Kind: "session.changed", Ref: p.Ref, Account: s.gateway.account, Mode: s.gateway.mode}
	for _, e := range edit {
		e(&n)
	}
	body, err := json.Marshal(n)
	s.must(err)
	return s.svc.Notice(bg, "fake", http.Header{"Signature": {"genuine"}}, body)
}

// later moves the clock and does what is due by then.
func (s *shop) later(d time.Duration) {
	s.t.Helper()
	s.p.Clock.Advance(d)
	_, err := s.jobs.RunDue(bg)
	s.must(err)
	s.must(s.svc.Sweep(bg))
	_, err = s.jobs.RunDue(bg)
	s.must(err)
}

// heard is how often the payee was told something.
func (s *shop) heard(word string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.told {
		if w == word {
			n++
		}
	}
	return n
}

func (s *shop) emitted(name string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.events {
		if w == name {
			n++
		}
	}
	return n
}

// ledger checks that everything sums to zero, that the ledger agrees with the payments, and the payments with the
// provider's own books; it returns the report.
func (s *shop) ledger() payment.LedgerReport {
	s.t.Helper()
	r, err := s.svc.CheckLedger(bg)
	s.must(err)
	if !r.OK() {
		s.t.Fatalf("the ledger does not agree: %+v", r)
	}
	captured, refunded := s.gateway.sums()
	for _, c := range r.Clearing {
		if c.Payments != captured-refunded {
			s.t.Fatalf("the store thinks that the provider holds %d, the provider says %d", c.Payments, captured-refunded)
		}
	}
	return r
}

func (s *shop) balance(r payment.LedgerReport, account string) money.Amount {
	for _, b := range r.Balances {
		if b.Account == account {
			return b.Amount
		}
	}
	return 0
}

// legal checks that every stored move is an allowed one and follows from the one before.
func (s *shop) legal(p payment.Payment) {
	s.t.Helper()
	moves, err := s.svc.Moves(bg, p.ID)
	s.must(err)
	at := payment.Prepared
	for _, m := range moves {
		if m.Old != at || !at.May(m.New) {
			s.t.Fatalf("the history is broken: %+v", moves)
		}
		at = m.New
	}
	if now := s.get(p).State; now != at {
		s.t.Fatalf("the history ends in %s and the payment is %s", at, now)
	}
}

var errPayee = errors.New("the order cannot write")
