package notices_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/event"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/base/money"
	"strongroom/front/demo/sandbox"
	"strongroom/front/notices"
	"strongroom/guard/access"
	"strongroom/shop/payment"
	engine "strongroom/shop/payment/sandbox"
)

const (
	key    = "sk_test_0123456789abcdef"
	secret = "whsec_0123456789abcdef"
)

// town is a store and a provider that know each other only over the wire.
type town struct {
	t        testing.TB
	p        dbtest.Pair
	provider *sandbox.Server
	svc      *payment.Service
	jobs     *job.Queue
	mu       sync.Mutex
	told     []string
	closed   bool // the door for notices
}

// RoundTrip carries the provider's notices to the store's door, if that is open.
func (o *town) RoundTrip(r *http.Request) (*http.Response, error) {
	o.mu.Lock()
	closed := o.closed
	o.mu.Unlock()
	if closed {
		return nil, http.ErrServerClosed
	}
	return sandbox.Transport(notices.New(o.svc, nil)).RoundTrip(r)
}

// PaymentMoved makes the town its own payee; late money goes back.
func (o *town) PaymentMoved(tx *db.Tx, p payment.Payment) error {
	word := p.Reference + " " + string(p.State)
	if p.Late {
		word = p.Reference + " late " + string(p.State)
		if _, err := o.svc.RefundTx(tx, payment.Ask{Payment: p.ID, Key: "late", Amount: p.Captured, Reason: payment.ForLate, Actor: access.System("order")}); err != nil {
			return err
		}
	}
	tx.AfterCommit(func() { o.mu.Lock(); o.told = append(o.told, word); o.mu.Unlock() })
	if p.State == payment.Expired {
		return payment.ReverseSale(tx, p.Order)
	}
	return nil
}

func build(t testing.TB, p dbtest.Pair, edit ...func(*sandbox.Config)) *town {
	t.Helper()
	o := &town{t: t, p: p}
	c := sandbox.Config{Origin: "https://pay.test", Clock: p.Clock, Client: &http.Client{Transport: o},
		Accounts: []sandbox.Account{{ID: "acct_kiln", Name: "Kiln & Orchard", Mode: "test", Secret: key,
			NoticeURL: "https://shop.test/notices/sandbox", NoticeSecrets: []string{secret}}}}
	for _, e := range edit {
		e(&c)
	}
	var err error
	o.provider, err = sandbox.New(context.Background(), c)
	o.must(err)
	t.Cleanup(func() { _ = o.provider.Close() })
	gw, err := engine.New(engine.Config{API: "https://pay.test", Account: "acct_kiln", Mode: payment.Test, Key: key,
		Secrets: []string{secret}, Transport: sandbox.Transport(o.provider)})
	o.must(err)
	o.jobs = job.New(p.Data, nil, 4)
	event.NewBus(p.Data, o.jobs)
	o.svc, err = payment.New(payment.Deps{DB: p.Data, Audit: newLog(t, p), Jobs: o.jobs, Gateways: []payment.Gateway{gw}})
	o.must(err)
	o.svc.SetPayee(o)
	return o
}

func (o *town) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// buy places an order and opens its payment page.
func (o *town) buy(amount money.Amount) payment.Payment {
	o.t.Helper()
	ctx := context.Background()
	var p payment.Payment
	o.must(o.p.Data.Write(ctx, func(tx *db.Tx) (err error) {
		order := id.New(tx.Now(), nil)
		if err := payment.BookSale(tx, payment.Sale{Order: order, Turn: 1, Currency: "EUR", Goods: amount, Total: amount}); err != nil {
			return err
		}
		p, err = o.svc.Prepare(tx, payment.Want{Order: order, Number: "K7Q2-M9XD", Amount: amount, Currency: "EUR",
			Expires: tx.Now().Add(30 * time.Minute), ReturnURL: "https://shop.test/back/{payment}", CancelURL: "https://shop.test/cart",
			Language: "en", Actor: access.System("test")})
		return err
	}))
	p, err := o.svc.Begin(ctx, p.ID)
	o.must(err)
	return p
}

// click is the shopper on the hosted page.
func (o *town) click(p payment.Payment, form string) string {
	o.t.Helper()
	u, err := url.Parse(p.URL)
	o.must(err)
	r := httptest.NewRequest("POST", "https://pay.test"+u.Path, strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	o.provider.ServeHTTP(w, r)
	return w.Header().Get("Location")
}

// pass lets time go by on both sides.
func (o *town) pass(d time.Duration) {
	o.t.Helper()
	o.p.Clock.Advance(d)
	o.provider.Step(context.Background())
	_, err := o.jobs.RunDue(context.Background())
	o.must(err)
}

func (o *town) state(p payment.Payment) payment.State {
	o.t.Helper()
	q, err := o.svc.Get(context.Background(), p.ID)
	o.must(err)
	return q.State
}

// agree compares the store with the independent witness: every session of the provider is a payment of ours with the
// same sums, and the ledger is at zero.
func (o *town) agree() {
	o.t.Helper()
	for _, l := range o.provider.Witness() {
		p, err := o.svc.ByReference(context.Background(), l.Reference)
		o.must(err)
		if int64(p.Captured) != l.Captured || int64(p.Refunded) != l.Refunded || (l.Status == "paid") != (p.State == payment.Paid) {
			o.t.Errorf("the provider says %+v, the store %s %d %d", l, p.State, p.Captured, p.Refunded)
		}
	}
	r, err := o.svc.CheckLedger(context.Background())
	o.must(err)
	if !r.OK() {
		o.t.Errorf("the ledger: %+v", r)
	}
}

// Every outcome of the hosted page, with every way in which its notices travel, ends in the same state on both sides,
// and the payee is told of each end exactly once.
func TestEveryOutcomeWithEveryNotice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		o := build(t, p)
		ends := map[string]payment.State{"paid": payment.Paid, "declined": payment.Declined, "pending": payment.Paid,
			"fails": payment.Declined, "slow": payment.Paid, "cancel": payment.Expired, "late": payment.Paid}
		type one struct {
			name string
			p    payment.Payment
			end  payment.State
		}
		var all []one
		for outcome, end := range ends {
			for _, way := range []string{"once", "twice", "late", "reversed", "never"} {
				pay := o.buy(money.Amount(1000 + len(all)))
				to := o.click(pay, "outcome="+outcome+"&notices="+way)
				if outcome == "paid" && to != "https://shop.test/back/"+pay.Reference {
					t.Errorf("the shopper is sent to %s", to)
				}
				all = append(all, one{outcome + "/" + way, pay, end})
			}
		}
		o.pass(0)
		for _, x := range all {
			if strings.HasPrefix(x.name, "paid/once") && o.state(x.p) != payment.Paid {
				t.Errorf("%s: a notice did not make it paid at once", x.name)
			}
		}
		for range 20 {
			o.pass(5 * time.Minute)
		}
		for _, x := range all {
			if got := o.state(x.p); got != x.end {
				t.Errorf("%s ended in %s; want %s", x.name, got, x.end)
			}
			n := 0
			for _, w := range o.told {
				if strings.HasPrefix(w, x.p.Reference) && strings.HasSuffix(w, " "+string(x.end)) {
					n++
				}
			}
			if n != 1 {
				t.Errorf("%s: told %d times of its end", x.name, n)
			}
		}
		o.agree()
	})
}

// The store is shut for an hour while shoppers pay: afterwards it learns of everything, and nobody paid for nothing.
func TestStoreWasAway(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		o := build(t, p)
		var all []payment.Payment
		for i := range 8 {
			all = append(all, o.buy(money.Amount(500+i)))
		}
		o.closed = true
		for _, x := range all[:6] {
			o.click(x, "outcome=paid")
		}
		for range 12 {
			o.p.Clock.Advance(5 * time.Minute)
			o.provider.Step(context.Background())
		}
		o.closed = false
		o.pass(time.Minute)
		o.pass(time.Hour)
		for i, x := range all {
			want := payment.Paid
			if i >= 6 {
				want = payment.Expired
			}
			if got := o.state(x); got != want {
				t.Errorf("payment %d is %s; want %s", i, got, want)
			}
		}
		o.agree()
	})
}

// The provider fails, loses answers and dawdles through a whole afternoon: in the end both sides agree.
func TestProviderMisbehaves(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		o := build(t, p)
		ctx := context.Background()
		var all []payment.Payment
		for i := range 6 {
			all = append(all, o.buy(money.Amount(700+i)))
		}
		for i, x := range all[:4] {
			o.click(x, "outcome=paid&notices=twice")
			o.provider.Switch([]sandbox.Switches{{Fail: 5}, {Lose: 5}, {Fail: 2, Lose: 2}, {}}[i])
			o.pass(10 * time.Second)
			_, _ = o.svc.Refund(ctx, payment.Ask{Payment: x.ID, Key: "r", Amount: 100, Reason: payment.ForGoodwill, Actor: access.Console()})
		}
		o.provider.Switch(sandbox.Switches{})
		for range 20 {
			o.pass(4 * time.Minute)
			for _, x := range all[:4] {
				_, _ = o.svc.Refund(ctx, payment.Ask{Payment: x.ID, Key: "r", Amount: 100, Reason: payment.ForGoodwill, Actor: access.Console()})
			}
		}
		for i, x := range all {
			q, err := o.svc.Get(ctx, x.ID)
			o.must(err)
			if i < 4 && (q.State != payment.Paid || q.Refunded != 100) || i >= 4 && q.State != payment.Expired {
				t.Errorf("payment %d: %s, refunded %d", i, q.State, q.Refunded)
			}
		}
		o.agree()
	})
}

// BenchmarkPayment is a whole payment on both sides: start, pay, notice, ask, paid, and the return page.
func BenchmarkPayment(b *testing.B) {
	o := build(b, dbtest.Open(b, db.SQLite))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			p := o.buy(4990)
			o.click(p, "outcome=paid")
			o.provider.Step(ctx)
			if _, err := o.svc.Refresh(ctx, p.ID); err != nil {
				b.Error(err)
			}
		}
	})
}
