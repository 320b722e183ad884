package offline_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/guard/access/accesstest"
	"strongroom/guard/audit"
	"strongroom/guard/vault/vaulttest"
	"strongroom/shop/payment"
	"strongroom/shop/payment/gatewaytest"
	"strongroom/shop/payment/offline"
)

const (
	number = "K7Q2-M9XD"
	iban   = "DE89370400440532013000"
	sum    = money.Amount(4990)
)

// counter is the shop's own desk for such payments.
type counter struct {
	*offline.Service
	t     *testing.T
	p     dbtest.Pair
	g     *offline.Gateway
	asked []string // references that payments were told about
	short int
}

func open(t *testing.T, p dbtest.Pair, m offline.Method) *counter {
	t.Helper()
	c := &counter{t: t, p: p}
	c.Service = offline.New(offline.Deps{DB: p.Data, Audit: audit.New(audit.Deps{DB: p.Data, Vault: vaulttest.New(t, p)})})
	var mu sync.Mutex
	c.SetPaid(func(_ context.Context, ref string) error {
		mu.Lock()
		defer mu.Unlock()
		c.asked = append(c.asked, ref)
		return nil
	},
		func(*db.Tx, string) error { c.short++; return nil })
	var err error
	c.g, err = c.Gateway(offline.Settings{Method: m, Mode: payment.Test, Origin: "https://shop.example", Hold: 7 * 24 * time.Hour, Bank: offline.Bank{Holder: "Kiln & Orchard GmbH", IBAN: iban}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *counter) request() payment.StartRequest {
	return payment.StartRequest{Key: "abc-start-1", Reference: "abc", Order: number, Amount: sum, Currency: "EUR", ReturnURL: "https://shop.example/return",
		CancelURL: "https://shop.example/cancel", Expires: c.p.Clock.Now().Add(30 * time.Minute)}
}

func (c *counter) start() payment.Session {
	c.t.Helper()
	s, err := c.g.Start(c.t.Context(), c.request())
	if err != nil {
		c.t.Fatal(err)
	}
	return s
}

func (c *counter) receive(amount money.Amount, attempt string) {
	c.t.Helper()
	if err := c.Receive(c.t.Context(), access.Console(), offline.Arrival{Number: number, Amount: amount, Day: c.p.Clock.Now(), Attempt: "attempt-" + attempt}); err != nil {
		c.t.Fatal(err)
	}
}

func (c *counter) is(want payment.Status, captured money.Amount) payment.Session {
	c.t.Helper()
	s, err := c.g.Fetch(c.t.Context(), "off_abc")
	if err != nil || s.Status != want || s.Captured != captured {
		c.t.Errorf("%v: %s with %d, want %s with %d", err, s.Status, s.Captured, want, captured)
	}
	return s
}

func (c *counter) desk(open, returns int, back money.Amount) offline.Desk {
	c.t.Helper()
	d, err := c.Desk(c.t.Context(), access.Console())
	if err != nil || len(d.Open) != open || len(d.Returns) != returns {
		c.t.Fatalf("%v: %d are waited for and %d are to be sent back, want %d and %d", err, len(d.Open), len(d.Returns), open, returns)
	}
	total := money.Amount(0)
	for _, r := range d.Returns {
		total += r.Amount
	}
	if total != back {
		c.t.Errorf("%d are to be sent back, want %d", total, back)
	}
	return d
}

func TestAccountNumbers(t *testing.T) {
	for _, good := range []string{iban, "de89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "FR1420041010050500013M02606", "NL91ABNA0417164300", "AT611904300234573201"} {
		s, err := offline.CheckIBAN(good)
		if err != nil || strings.ReplaceAll(offline.PrintIBAN(s), " ", "") != s {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"", "DE", "DE89370400440532013001", "DE98370400440532013000", "DE8937040044053201300", "XX89370400440532013000", "DE89370400440532O13000", "DE89\x00370400440532013000"} {
		if _, err := offline.CheckIBAN(bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q passes: %v", bad, err)
		}
	}
	for i := range len(iban) - 2 { // every single mistyped digit is found
		at := i + 2
		wrong := iban[:at] + string('0'+(iban[at]-'0'+1)%10) + iban[at+1:]
		if _, err := offline.CheckIBAN(wrong); err == nil {
			t.Errorf("%s passes", wrong)
		}
	}
}

func TestSettingsThatCannotWork(t *testing.T) {
	s := offline.New(offline.Deps{})
	good := offline.Settings{Method: offline.Transfer, Mode: payment.Live, Origin: "https://shop.example", Hold: 7 * 24 * time.Hour, Bank: offline.Bank{Holder: "X", IBAN: iban}}
	for name, change := range map[string]func(*offline.Settings){"method": func(c *offline.Settings) { c.Method = "cash" }, "no time": func(c *offline.Settings) { c.Hold = time.Hour },
		"for ever": func(c *offline.Settings) { c.Hold = 900 * time.Hour }, "no holder": func(c *offline.Settings) { c.Bank.Holder = "" }, "account": func(c *offline.Settings) { c.Bank.IBAN = "DE00" }} {
		c := good
		change(&c)
		if _, err := s.Gateway(c); err == nil {
			t.Errorf("%s passes", name)
		}
	}
	if g, err := s.Gateway(good); err != nil || g.Describe().Name != "transfer" || !g.Describe().Offline || g.Describe().Account != iban || g.Describe().Hold != good.Hold {
		t.Errorf("%v", err)
	}
}

// V2.3.4: one key is one session, also side by side; another sum under the key is refused. Nobody else's session is seen.
func TestOneKeyIsOneSession_V2_3_4(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		c := open(t, p, offline.Transfer)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if s, err := c.g.Start(t.Context(), c.request()); err != nil || s.Ref != "off_abc" || s.Status != payment.StatusPending || s.URL != "" {
					t.Errorf("%v %+v", err, s)
				}
			})
		}
		all.Wait()
		r := c.request()
		r.Amount++
		if _, err := c.g.Start(t.Context(), r); !errors.Is(err, payment.ErrRejected) {
			t.Errorf("another sum under the key: %v", err)
		}
		live, err := c.Gateway(offline.Settings{Method: offline.Transfer, Mode: payment.Live, Hold: offline.MinHold, Bank: offline.Bank{Holder: "X", IBAN: iban}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := live.Fetch(t.Context(), "off_abc"); !errors.Is(err, payment.ErrNotFound) {
			t.Errorf("the other mode sees it: %v", err)
		}
		if _, err := c.g.ParseNotice(t.Context(), time.Now(), http.Header{}, nil); !errors.Is(err, payment.ErrNotice) {
			t.Errorf("a notice is believed: %v", err)
		}
		if _, err := c.g.Capture(t.Context(), "k", "off_abc", sum); !errors.Is(err, payment.ErrDeclined) {
			t.Errorf("captured: %v", err)
		}
		for name, change := range map[string]func(*payment.StartRequest){"nothing": func(r *payment.StartRequest) { r.Amount = 0 }, "below": func(r *payment.StartRequest) { r.Amount = -1 },
			"overflow": func(r *payment.StartRequest) { r.Amount = money.Max + 1 }, "currency": func(r *payment.StartRequest) { r.Currency = "euro" }} {
			r := c.request()
			r.Key = "bad-" + name
			change(&r)
			if _, err := c.g.Start(t.Context(), r); !errors.Is(err, payment.ErrRejected) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// Less is a part and the rest is asked for; all of it is paid; more goes back. The same form sent twice counts once.
func TestLessAllAndMore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		c := open(t, p, offline.Transfer)
		c.start()
		c.desk(1, 0, 0)
		c.receive(sum-1000, "a")
		c.receive(sum-1000, "a")
		c.is(payment.StatusPending, 0)
		i, ok, err := c.Of(t.Context(), "abc")
		if err != nil || !ok || i.Rest != 1000 || i.Bank.IBAN != iban || i.Purpose != number || c.short != 1 {
			t.Errorf("%v %v %+v, %d times asked for the rest", ok, err, i, c.short)
		}
		if code := i.Code(); code != "BCD\n002\n1\nSCT\n\nKiln & Orchard GmbH\n"+iban+"\nEUR10.00\n\n\n"+number {
			t.Errorf("the code says %q", code)
		}
		c.receive(1300, "b")
		c.is(payment.StatusPaid, sum)
		c.desk(0, 1, 300)
		c.receive(50, "c") // and once more, after it was paid
		c.is(payment.StatusPaid, sum)
		d := c.desk(0, 2, 350)
		slices.SortFunc(d.Returns, func(a, b offline.Return) int { return int(b.Amount - a.Amount) })
		if len(c.asked) != 4 || c.asked[0] != "abc" {
			t.Errorf("payments were told %v", c.asked)
		}
		for range 2 {
			if err := c.Sent(t.Context(), access.Console(), d.Returns[0].ID, p.Clock.Now()); err != nil {
				t.Fatal(err)
			}
		}
		c.desk(0, 1, 50)
		c.is(payment.StatusPaid, sum)
	})
}

// The wait ends with its time and not before; what had come by then goes back; what comes later is late money.
func TestTheWaitEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		c := open(t, p, offline.Transfer)
		c.start()
		c.receive(1000, "a")
		p.Clock.Advance(6 * 24 * time.Hour)
		if s, err := c.g.Expire(t.Context(), "k", "off_abc"); err != nil || s.Status != payment.StatusPending {
			t.Errorf("%v %s", err, s.Status)
		}
		reminded := 0
		for range 2 {
			if err := c.Remind(t.Context(), func(*db.Tx, string) error { reminded++; return nil }); err != nil || reminded != 1 {
				t.Errorf("%v: reminded %d times", err, reminded)
			}
		}
		p.Clock.Advance(25 * time.Hour)
		for range 2 {
			if s, err := c.g.Expire(t.Context(), "k", "off_abc"); err != nil || s.Status != payment.StatusExpired {
				t.Errorf("%v %s", err, s.Status)
			}
		}
		c.desk(0, 1, 1000)
		c.receive(1000, "b") // too late and too little
		c.is(payment.StatusExpired, 0)
		c.desk(0, 2, 2000)
		c.receive(sum, "c") // too late, and all of it
		c.is(payment.StatusPaid, sum)
		c.desk(0, 2, 2000)
	})
}

// Row 45: refunds are never more than what came, however many ask at once; each waits until somebody says that it is sent.
func TestRefundsAreSentByHand(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		c := open(t, p, offline.Transfer)
		c.start()
		if _, err := c.g.Refund(t.Context(), "early", "off_abc", 1); !errors.Is(err, payment.ErrDeclined) {
			t.Errorf("before anything came: %v", err)
		}
		c.receive(sum, "a")
		var all sync.WaitGroup
		var mu sync.Mutex
		given := money.Amount(0)
		for i := range 20 {
			all.Go(func() {
				a, err := c.g.Refund(context.Background(), fmt.Sprint("r", i%10), "off_abc", 1000)
				if err == nil && a.Status == payment.RefundPending && i < 10 {
					mu.Lock()
					given += a.Amount
					mu.Unlock()
				} else if err != nil && !errors.Is(err, payment.ErrDeclined) && !payment.Final(err) {
					t.Errorf("%v", err)
				}
			})
		}
		all.Wait()
		d, err := c.Desk(t.Context(), access.Console())
		if err != nil || len(d.Returns) != 4 {
			t.Fatalf("%v: %d refunds of 1000 fit into %d", err, len(d.Returns), sum)
		}
		if err := c.Sent(t.Context(), access.Console(), d.Returns[0].ID, p.Clock.Now()); err != nil {
			t.Fatal(err)
		}
		s := c.is(payment.StatusPaid, sum)
		done := 0
		for _, r := range s.Refunds {
			if r.Status == payment.RefundDone {
				done++
			}
		}
		if s.Refunded != 1000 || done != 1 || len(s.Refunds) != 4 {
			t.Errorf("%+v", s)
		}
	})
}

// V8.2.1: transfers are for who keeps the books, handing over for who hands goods over; a refusal stands in the log.
func TestRights_V8_2_1(t *testing.T) {
	c := open(t, dbtest.Open(t, dbtest.Engines()[0]), offline.Transfer)
	c.start()
	n := 0
	for name, who := range accesstest.Actors() {
		n++
		err := c.Receive(t.Context(), who, offline.Arrival{Number: number, Amount: 1, Day: c.p.Clock.Now(), Attempt: fmt.Sprint("attempt-", n)})
		if who.May(access.PaymentRecord) != (err == nil) || err != nil && !fault.Is(err, fault.Forbidden) {
			t.Errorf("receive, %s: %v", name, err)
		}
		if err := c.Receive(t.Context(), who, offline.Arrival{Number: "nobody", Amount: 1, Day: c.p.Clock.Now(), Attempt: "attempt-x"}); err == nil || who.May(access.PaymentRecord) != fault.Is(err, fault.NotFound) {
			t.Errorf("unknown, %s: %v", name, err)
		}
		if err := c.HandOver(t.Context(), who, offline.Handed{Number: number, Amount: sum, How: offline.Cash, Attempt: "attempt-x"}); err == nil || who.May(access.OrderShip) != fault.Is(err, fault.NotFound) {
			t.Errorf("a transfer is handed over, %s: %v", name, err)
		}
		if _, err := c.Desk(t.Context(), who); who.May(access.PaymentView) != (err == nil) {
			t.Errorf("desk, %s: %v", name, err)
		}
		if err := c.Sent(t.Context(), who, id.ID{1}, c.p.Clock.Now()); err == nil || who.May(access.PaymentRecord) != fault.Is(err, fault.NotFound) {
			t.Errorf("sent, %s: %v", name, err)
		}
	}
	for name, a := range map[string]offline.Arrival{"nothing": {Number: number, Day: c.p.Clock.Now(), Attempt: "attempt-1"}, "below": {Number: number, Amount: -5, Day: c.p.Clock.Now(), Attempt: "attempt-1"},
		"tomorrow": {Number: number, Amount: 5, Day: c.p.Clock.Now().AddDate(0, 0, 3), Attempt: "attempt-1"}, "no attempt": {Number: number, Amount: 5, Day: c.p.Clock.Now()}} {
		if err := c.Receive(t.Context(), access.Console(), a); err == nil {
			t.Errorf("%s passes", name)
		}
	}
}

// V8.2.1, V2.2.1: at the counter the right to hand goods over is asked for, the whole sum and how it was paid; nothing that
// came otherwise is written down there.
func TestTheCounter_V8_2_1(t *testing.T) {
	for name, who := range accesstest.Actors() {
		c := open(t, dbtest.Open(t, dbtest.Engines()[0]), offline.PickUp)
		c.start()
		err := c.HandOver(t.Context(), who, offline.Handed{Number: number, Amount: sum, How: offline.Cash, Attempt: "attempt-1"})
		if who.May(access.OrderShip) != (err == nil) || err != nil && !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c := open(t, dbtest.Open(t, dbtest.Engines()[0]), offline.PickUp)
	c.start()
	for name, h := range map[string]offline.Handed{"less": {Amount: sum - 1, How: offline.Cash}, "more": {Amount: sum + 1, How: offline.Cash}, "nothing": {How: offline.Cash},
		"how": {Amount: sum, How: "cheque"}} {
		h.Number, h.Attempt = number, "attempt-1"
		if err := c.HandOver(t.Context(), access.Console(), h); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := c.Receive(t.Context(), access.Console(), offline.Arrival{Number: number, Amount: sum, Day: c.p.Clock.Now(), Attempt: "attempt-1"}); !fault.Is(err, fault.Conflict) {
		t.Errorf("written down as a transfer: %v", err)
	}
	c.is(payment.StatusPending, 0)
}

// till plays the shop's desk for the conformance suite: what a shopper does elsewhere, staff write down here.
type till struct {
	*counter
	late, soon []payment.Session
	n          int
}

func (c *till) pays(s payment.Session) {
	c.n++
	number := "N-" + strings.TrimPrefix(s.Reference, "ref")
	attempt := fmt.Sprintf("attempt-%d-%s", c.n, s.Reference)
	var err error
	if c.g.Describe().Counter {
		err = c.HandOver(context.Background(), access.Console(), offline.Handed{Number: number, Amount: s.Amount, How: offline.Terminal, Attempt: attempt})
	} else {
		err = c.Receive(context.Background(), access.Console(), offline.Arrival{Number: number, Amount: s.Amount, Day: c.p.Clock.Now(), Attempt: attempt})
	}
	if err != nil && !fault.Is(err, fault.Conflict) { // it was over or paid already
		c.t.Errorf("%s: %v", number, err)
	}
}

func (c *till) advance(d time.Duration) {
	c.p.Clock.Advance(d)
	if d == 0 {
		return
	}
	desk, err := c.Desk(context.Background(), access.Console())
	if err != nil {
		c.t.Fatal(err)
	}
	for _, r := range desk.Returns {
		if err := c.Sent(context.Background(), access.Console(), r.ID, c.p.Clock.Now()); err != nil {
			c.t.Error(err)
		}
	}
	for _, s := range c.soon {
		c.pays(s)
	}
	c.soon = nil
	if d == lateDays {
		for _, s := range c.late {
			c.pays(s)
		}
	}
}

// lateDays is when money of the suite's late sessions comes.
const lateDays = 3 * 24 * time.Hour

// Both methods pass the suite of gateways, as far as what they say of themselves goes.
func TestConformance(t *testing.T) {
	for _, m := range []offline.Method{offline.Transfer, offline.PickUp} {
		t.Run(string(m), func(t *testing.T) {
			for _, e := range dbtest.Engines() {
				if e == db.Postgres && m == offline.Transfer {
					continue // the same statements; the tests above run them there
				}
				t.Run(string(e), func(t *testing.T) {
					gatewaytest.Run(t, func(t *testing.T) *gatewaytest.Bench { return bench(t, dbtest.Open(t, e), m) })
				})
			}
		})
	}
}

func bench(t *testing.T, p dbtest.Pair, m offline.Method) *gatewaytest.Bench {
	c := &till{counter: open(t, p, m)}
	live, err := c.Gateway(offline.Settings{Method: m, Mode: payment.Live, Origin: "https://shop.example", Hold: 7 * 24 * time.Hour, Bank: offline.Bank{Holder: "Kiln & Orchard GmbH", IBAN: iban}})
	if err != nil {
		t.Fatal(err)
	}
	b := &gatewaytest.Bench{Gateway: c.g, Now: p.Clock.Now, Advance: c.advance, OtherMode: live, Settle: time.Hour, Late: lateDays,
		Number: func(key string) string { return "N-" + key },
		Visit: func(s payment.Session, outcome string) {
			switch outcome {
			case "paid":
				c.pays(s)
			case "pending":
				c.soon = append(c.soon, s)
			case "late":
				c.late = append(c.late, s)
			}
		}}
	if m == offline.PickUp {
		b.Late = 0 // after the end nothing is handed over
	}
	return b
}
