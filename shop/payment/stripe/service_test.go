package stripe_test

import (
	"math/rand/v2"
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
	"strongroom/guard/vault/vaulttest"
	"strongroom/shop/payment"
	"strongroom/shop/payment/gatewaytest"
)

// shop is the payments of a store whose provider is Stripe.
type shop struct {
	*rig
	p    dbtest.Pair
	jobs *job.Queue
	svc  *payment.Service
	log  *audit.Log
	mu   sync.Mutex
	told map[string]int // what the payee was told, by order and word
	read int            // notices that were taken in
}

func openShop(t *testing.T, p dbtest.Pair) *shop {
	t.Helper()
	s := &shop{rig: newRigAt(t, p.Clock), p: p, told: map[string]int{}, log: audit.New(audit.Deps{DB: p.Data, Vault: vaulttest.New(t, p)})}
	t.Cleanup(func() { s.must(s.log.Close()) })
	s.restart()
	return s
}

// restart is a new process: the databases, and nothing in memory.
func (s *shop) restart() {
	s.jobs = job.New(s.p.Data, nil, 4)
	bus := event.NewBus(s.p.Data, s.jobs)
	s.p.Data.OnEmit(func(tx *db.Tx, e any) error { return bus.Emit(tx, e.(event.Event)) })
	svc, err := payment.New(payment.Deps{DB: s.p.Data, Audit: s.log, Jobs: s.jobs, Gateways: []payment.Gateway{s.gateway(restricted)}})
	s.must(err)
	svc.SetPayee(s)
	s.svc = svc
}

// PaymentMoved is the payee's ear.
func (s *shop) PaymentMoved(tx *db.Tx, p payment.Payment) error {
	word := p.Order.String() + " " + string(p.State)
	tx.AfterCommit(func() { s.mu.Lock(); s.told[word]++; s.mu.Unlock() })
	return nil
}

func (s *shop) heard(p payment.Payment, state payment.State) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.told[p.Order.String()+" "+string(state)]
}

func (s *shop) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) prepare(amount money.Amount, life time.Duration) (p payment.Payment) {
	s.t.Helper()
	s.must(s.p.Data.Write(s.t.Context(), func(tx *db.Tx) (err error) {
		order := id.New(s.p.Clock.Now(), nil)
		p, err = s.svc.Prepare(tx, payment.Want{Order: order, Number: "K7Q2-M9XD", Amount: amount, Currency: "EUR",
			Expires: s.p.Clock.Now().Add(life), ReturnURL: "https://shop.test/en/paid/{payment}", CancelURL: "https://shop.test/en/cart", Language: "en",
			Actor: access.System("test")})
		if err != nil {
			return err
		}
		tax, err := money.TaxWithin(amount, 190_000)
		if err != nil {
			return err
		}
		return payment.BookSale(tx, payment.Sale{Order: order, Turn: 1, Currency: "EUR", Goods: amount - tax, Tax: tax, Total: amount})
	}))
	return p
}

func (s *shop) opened(amount money.Amount, life time.Duration) payment.Payment {
	s.t.Helper()
	p, err := s.svc.Begin(s.t.Context(), s.prepare(amount, life).ID)
	s.must(err)
	return p
}

// fresh is what Stripe has sent since the last time.
func (s *shop) fresh() []gatewaytest.Sent {
	s.server.Step(s.t.Context())
	all := s.box.all()
	list := all[s.read:]
	s.read = len(all)
	return list
}

func (s *shop) take(list []gatewaytest.Sent) {
	s.t.Helper()
	for _, m := range list {
		s.must(s.svc.Notice(s.t.Context(), "stripe", m.Header, m.Body))
	}
	_, err := s.jobs.RunDue(s.t.Context())
	s.must(err)
}

func (s *shop) is(p payment.Payment, want payment.State) payment.Payment {
	s.t.Helper()
	q, err := s.svc.Get(s.t.Context(), p.ID)
	s.must(err)
	if q.State != want {
		s.t.Fatalf("the payment is %s; want %s", q.State, want)
	}
	return q
}

// agree compares ledger and payments with each other, and both with what Stripe's own lines say.
func (s *shop) agree() {
	s.t.Helper()
	r, err := s.svc.CheckLedger(s.t.Context())
	s.must(err)
	captured, refunded := s.server.Sums(account, false)
	for _, c := range r.Clearing {
		if c.Payments != money.Amount(captured-refunded) {
			s.t.Fatalf("the store thinks that Stripe holds %d, Stripe says %d", c.Payments, captured-refunded)
		}
	}
	if !r.OK() || len(r.Clearing) == 0 {
		s.t.Fatalf("the ledger does not agree: %+v", r)
	}
}

// The store's payments with Stripe as their provider, on both engines: paid by notices in any order, of one effect (row
// 14); a cheaper order's payment pays that order only (row 12); refunds of both desks; money that comes later; a life that is
// shorter than Stripe's; lost answers and a new process.
func TestThePaymentsOfAStore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := openShop(t, p)
		s.paidByNotices()
		s.cheaperOrder()
		s.givenBack()
		s.comesLater()
		s.shortLife()
		s.lostAnswers()
		s.agree()
	})
}

func (s *shop) paidByNotices() {
	p := s.opened(4990, 35*time.Minute)
	s.server.Visit(p.Ref, "declined")
	s.take(s.fresh())
	s.is(p, payment.Open)
	s.server.Visit(p.Ref, "paid")
	var many []gatewaytest.Sent
	for _, m := range s.fresh() {
		for range 20 {
			many = append(many, m)
		}
	}
	rand.Shuffle(len(many), func(i, j int) { many[i], many[j] = many[j], many[i] })
	s.take(many)
	if q := s.is(p, payment.Paid); len(many) < 40 || q.Captured != 4990 || q.Charge == "" || s.heard(p, payment.Paid) != 1 {
		s.t.Errorf("%d notices: %+v, told %d times", len(many), q, s.heard(p, payment.Paid))
	}
	s.agree()
}

func (s *shop) cheaperOrder() {
	dear, cheap := s.opened(99_900, 35*time.Minute), s.opened(100, 35*time.Minute)
	s.server.Visit(cheap.Ref, "paid")
	s.take(s.fresh())
	s.is(cheap, payment.Paid)
	if _, err := s.svc.Refresh(s.t.Context(), dear.ID); err != nil {
		s.t.Fatal(err)
	}
	s.is(dear, payment.Open)
	s.agree()
}

func (s *shop) givenBack() {
	p := s.opened(4990, 35*time.Minute)
	s.server.Visit(p.Ref, "paid")
	s.take(s.fresh())
	ask := payment.Ask{Payment: p.ID, Key: "return-1", Amount: 1000, Reason: payment.ForReturn, Actor: access.Console()}
	for range 2 {
		_, err := s.svc.Refund(s.t.Context(), ask)
		s.must(err)
	}
	s.server.DeskRefund(p.Ref, 500)
	s.take(s.fresh())
	if q := s.is(p, payment.Paid); q.Refunded != 1500 || q.Asked != 1500 {
		s.t.Errorf("given back: %+v", q)
	}
	s.agree()
}

func (s *shop) comesLater() {
	p := s.opened(4990, 35*time.Minute)
	s.server.Visit(p.Ref, "pending")
	s.take(s.fresh())
	s.is(p, payment.Pending)
	s.clock.Advance(time.Minute)
	s.take(s.fresh())
	s.is(p, payment.Paid)
}

func (s *shop) shortLife() {
	p := s.opened(4990, 10*time.Minute)
	s.clock.Advance(10*time.Minute + time.Second)
	s.must(s.svc.Sweep(s.t.Context()))
	s.is(p, payment.Expired)
	if s.server.Visit(p.Ref, "paid") != "" {
		s.t.Error("the page can still be paid")
	}
	s.take(s.fresh())
	s.is(p, payment.Expired)
}

func (s *shop) lostAnswers() {
	p := s.prepare(4990, 35*time.Minute)
	s.trouble("lose", 1000)
	if _, err := s.svc.Begin(s.t.Context(), p.ID); err == nil {
		s.t.Error("a lost answer is no error")
	}
	s.trouble("lose", 0)
	s.restart()
	s.clock.Advance(10 * time.Minute) // nearer to the end than Stripe takes a new session
	p, err := s.svc.Begin(s.t.Context(), p.ID)
	s.must(err)
	s.server.Visit(p.Ref, "paid")
	s.restart()
	s.take(s.fresh())
	s.is(p, payment.Paid)
}
