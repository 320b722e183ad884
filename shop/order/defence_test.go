package order_test

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/access/accesstest"
	"strongroom/shop/fraud"
	"strongroom/shop/order"
	"strongroom/shop/payment"
)

// guarded is a store with its defence.
func guarded(t *testing.T, p dbtest.Pair, more ...func(*order.Deps)) (*store, *fraud.Service) {
	t.Helper()
	var f *fraud.Service
	s := openWith(t, p, func(d *order.Deps) {
		var err error
		f, err = fraud.New(fraud.Deps{DB: d.DB, Audit: d.Audit, Jobs: d.Jobs, MAC: d.Vault.MAC, Sign: d.Vault.Sign})
		if err != nil {
			t.Fatal(err)
		}
		d.Fraud = f
		for _, change := range more {
			change(d)
		}
	})
	return s, f
}

var visitors int

// comes places an order as somebody new.
func (s *store) comes(v id.ID, device id.Token, change func(*order.Details)) (order.Placed, error) {
	s.t.Helper()
	return s.comesBy(v, device, "", change)
}

// comesBy is comes with the way to pay that she chose.
func (s *store) comesBy(v id.ID, device id.Token, method string, change func(*order.Details)) (order.Placed, error) {
	s.t.Helper()
	visitors++
	d := details()
	d.Email = fmt.Sprintf("visitor.%d@house.example", visitors)
	if change != nil {
		change(&d)
	}
	cart := s.fill(v, 1)
	s.must(s.orders.Draft(s.ctx, cart, "en", d))
	r, err := s.orders.Review(s.ctx, cart, "en")
	s.must(err)
	s.Clock.Advance(10 * time.Second)
	return s.orders.PlaceBy(s.ctx, cart, r.Attempt, order.Buyer{Device: device, Method: method,
		From: netip.AddrFrom4([4]byte{17, byte(visitors >> 8), byte(visitors), 1})})
}

// attacked makes the store strict.
func (s *store) attacked(f *fraud.Service, v id.ID) {
	s.t.Helper()
	for range 30 {
		p, err := s.comes(v, id.NewToken(), nil)
		s.must(err)
		if _, err := s.orders.Pay(s.ctx, p.Browser); err != nil {
			return
		}
		s.says(p.Order, payment.StatusDeclined)
	}
	s.t.Fatal("the store never became strict")
}

// In strict times an order of somebody new stands, but no payment is prepared for it that the sweep could start: first
// comes the step, at the service, whoever asks (V2.4.1).
func TestNoPaymentWithoutTheStep_V2_4_1(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s, f := guarded(t, p)
		v := s.goods("Bowl", 1000, 100)
		s.attacked(f, v)
		starts := s.firm.starts
		o, err := s.comes(v, id.NewToken(), nil)
		s.must(err)
		if _, err := s.orders.Pay(s.ctx, o.Browser); !isFault(err, fraud.ErrStep.Key) {
			t.Fatalf("paying without the step: %v", err)
		}
		s.must(s.pay.Sweep(s.ctx))
		if list, err := s.pay.OfOrder(s.ctx, o.Order); err != nil || len(list) != 0 || s.firm.starts != starts {
			t.Fatalf("%d payments, %d starts more, %v", len(list), s.firm.starts-starts, err)
		}
		riddle, err := s.orders.Riddle(s.ctx, o.Browser)
		s.must(err)
		if err := s.orders.TakeStep(s.ctx, o.Browser, "1,2,3"); !fault.Is(err, fault.Invalid) {
			t.Errorf("a wrong answer: %v", err)
		}
		s.must(s.orders.TakeStep(s.ctx, o.Browser, fraud.Solve(riddle)))
		url, err := s.orders.Pay(s.ctx, o.Browser)
		if err != nil || url == "" {
			t.Fatalf("paying after the step: %v", err)
		}
		if !s.last(o.Order).Secure {
			t.Error("the provider was not asked for its own step")
		}
		s.says(o.Order, payment.StatusPaid)
		s.state(o, order.Paid)
	})
}

// Without script the mailed link is the step.
func TestTheMailedLinkIsAStep(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s, f := guarded(t, p)
		v := s.goods("Bowl", 1000, 100)
		s.attacked(f, v)
		s.work()
		o, err := s.comes(v, id.NewToken(), nil)
		s.must(err)
		before := len(s.box.of(order.LetterConfirmation))
		s.must(s.orders.MailLink(s.ctx, o.Browser))
		s.must(s.orders.MailLink(s.ctx, o.Browser))
		s.work()
		mails := s.box.of(order.LetterConfirmation)
		if len(mails) != before+1 {
			t.Fatalf("%d mails", len(mails)-before)
		}
		visit, err := s.orders.Enter(s.ctx, linkIn(t, mails[len(mails)-1]))
		s.must(err)
		if url, err := s.orders.Pay(s.ctx, visit); err != nil || url == "" {
			t.Fatalf("paying through the mailed link: %v", err)
		}
	})
}

// A session in which one card after the other is declined is closed while it is open, and the order asks for a step.
func TestASessionWithManyDeclinesIsClosed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s, _ := guarded(t, p)
		v := s.goods("Bowl", 1000, 100)
		o, err := s.comes(v, id.NewToken(), nil)
		s.must(err)
		_, err = s.orders.Pay(s.ctx, o.Browser)
		s.must(err)
		for n := int64(1); n <= fraud.Defaults().Tries; n++ {
			s.firm.declined(s.last(o.Order).Reference, n)
			_, err := s.pay.Refresh(s.ctx, s.last(o.Order).ID)
			s.must(err)
			if open := s.last(o.Order).State == payment.Open; open != (n < fraud.Defaults().Tries) {
				t.Fatalf("after %d declines the session is %s", n, s.last(o.Order).State)
			}
		}
		if _, err := s.orders.Pay(s.ctx, o.Browser); !isFault(err, fraud.ErrStep.Key) {
			t.Errorf("paying again: %v", err)
		}
	})
}

// An order that is held stands without a payment; its buyer is told so; released it can be paid, refused it is cancelled.
func TestAHeldOrderWaitsForAPerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s, _ := guarded(t, p)
		v := s.goods("Bowl", 1000, 100)
		hold := func() order.Placed {
			device := id.NewToken()
			for range 3 {
				o, err := s.comes(v, device, nil)
				s.must(err)
				if _, err := s.orders.Pay(s.ctx, o.Browser); err == nil {
					s.says(o.Order, payment.StatusDeclined)
					s.Clock.Advance(time.Second)
					_, err = s.orders.Pay(s.ctx, o.Browser)
					s.must(err)
					s.says(o.Order, payment.StatusDeclined)
				}
			}
			o, err := s.comes(v, device, func(d *order.Details) {
				d.Email = fmt.Sprintf("x%d@mailinator.com", visitors)
				d.BillingDiffers, d.Billing = true, d.Delivery
				d.Billing.Country, d.Billing.Postcode = "AT", "1010"
			})
			s.must(err)
			if got := s.view(o).Stop; got != fraud.Held {
				t.Fatalf("the order is %s", got)
			}
			return o
		}
		o := hold()
		if _, err := s.orders.Pay(s.ctx, o.Browser); !isFault(err, fraud.ErrHeld.Key) {
			t.Fatalf("paying a held order: %v", err)
		}
		s.Clock.Advance(2 * time.Hour) // its goods stay set aside beyond the time of a session
		s.must(s.orders.ExpireDue(s.ctx))
		s.state(o, order.AwaitingPayment)
		who := accesstest.Of(role(t, access.Support), 1)
		s.must(s.orders.Release(s.ctx, who, o.Number))
		s.work()
		if len(s.box.of(order.LetterFreed)) != 1 {
			t.Error("the buyer was not told that she can pay")
		}
		if _, err := s.orders.Pay(s.ctx, o.Browser); err != nil {
			t.Errorf("paying a released order: %v", err)
		}
		if err := s.orders.Release(s.ctx, who, o.Number); !fault.Is(err, fault.Conflict) {
			t.Errorf("deciding twice: %v", err)
		}
		s.says(o.Order, payment.StatusPaid)
		if _, err := s.orders.Deny(s.ctx, who, o.Number, "from a page that is out of date"); !isFault(err, "fraud.decided_already") {
			t.Errorf("refusing what was released and paid: %v", err)
		}
		s.state(o, order.Paid)
		o = hold()
		_, err := s.orders.Deny(s.ctx, who, o.Number, "no")
		s.must(err)
		s.state(o, order.Cancelled)
		for name, actor := range accesstest.Actors() {
			err := s.orders.Release(s.ctx, actor, o.Number)
			if denied := isFault(err, "access.denied"); denied == actor.May(access.FraudDecide) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// A refused attempt places nothing, names a reference and leaves an entry.
func TestARefusedAttemptPlacesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s, f := guarded(t, p)
		v := s.goods("Bowl", 1000, 100)
		s.must(f.Put(s.ctx, accesstest.With(access.FraudDecide), fraud.Wish{Kind: fraud.Domain, Value: "bad.example", Why: "chargebacks"}))
		_, err := s.comes(v, id.NewToken(), func(d *order.Details) { d.Email = "x@bad.example" })
		if ft := fault.As(err); ft == nil || ft.Key != fraud.ErrRefused.Key || ft.Params["reference"] == "" {
			t.Fatalf("%v", err)
		}
		s.level(v, 100, 0)
		_, _, past, err := s.orders.Held(s.ctx, accesstest.With(access.FraudDecide))
		if err != nil || len(past) != 1 || past[0].Number != "" {
			t.Errorf("%+v, %v", past, err)
		}
	})
}

func isFault(err error, key string) bool {
	f := fault.As(err)
	return f != nil && f.Key == key
}

func role(t *testing.T, name string) access.Role {
	t.Helper()
	r, ok := access.BuiltInRole(name)
	if !ok {
		t.Fatal(name)
	}
	return r
}

// Whoever chose a way to pay goes on with it after the riddle, through the mailed link, and when somebody has looked at
// her order; what was switched off meanwhile is said, and what nobody offers is not kept.
func TestTheChosenWayIsKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s, f := guarded(t, p)
		v := s.goods("Bowl", 1000, 100)
		s.attacked(f, v)
		both := []payment.Offer{{Gateway: elsewhere{newProvider()}, On: true}}
		s.more = both
		asked := func() order.Placed {
			o, err := s.comesBy(v, id.NewToken(), "elsewhere", nil)
			s.must(err)
			if _, err := s.orders.PayBy(s.ctx, o.Browser, "elsewhere"); !isFault(err, fraud.ErrStep.Key) {
				t.Fatalf("without the step: %v", err)
			}
			if got := s.view(o).Provider; got != "elsewhere" {
				t.Errorf("the order's page offers %q first", got)
			}
			return o
		}
		with := func(o order.Placed, visit id.Token, want string) {
			t.Helper()
			if _, err := s.orders.Pay(s.ctx, visit); err != nil {
				t.Fatal(err)
			}
			if got := s.last(o.Order).Provider; got != want {
				t.Errorf("she chose elsewhere and pays with %s", got)
			}
		}
		solve := func(o order.Placed) {
			riddle, err := s.orders.Riddle(s.ctx, o.Browser)
			s.must(err)
			s.must(s.orders.TakeStep(s.ctx, o.Browser, fraud.Solve(riddle)))
		}
		o := asked()
		solve(o)
		with(o, o.Browser, "elsewhere")

		o = asked()
		s.work()
		s.must(s.orders.MailLink(s.ctx, o.Browser))
		s.work()
		mails := s.box.of(order.LetterConfirmation)
		visit, err := s.orders.Enter(s.ctx, linkIn(t, mails[len(mails)-1]))
		s.must(err)
		with(o, visit, "elsewhere")

		o = asked() // and thinks otherwise
		if _, err := s.orders.PayBy(s.ctx, o.Browser, "fake"); !isFault(err, fraud.ErrStep.Key) {
			t.Fatal(err)
		}
		solve(o)
		with(o, o.Browser, "fake")

		o = asked()
		solve(o)
		s.more = nil
		if _, err := s.orders.Pay(s.ctx, o.Browser); !isFault(err, "payment.provider_unknown") {
			t.Errorf("what was chosen is off: %v", err)
		}
		s.more = both
		with(o, o.Browser, "elsewhere")
		if _, err := s.comesBy(v, id.NewToken(), "nobody", nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("a way that nobody offers is kept: %v", err)
		}
	})
}

// A held order is paid the way that was chosen, once it is released.
func TestAReleasedOrderIsPaidAsChosen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s, f := guarded(t, p)
		v := s.goods("Bowl", 1000, 100)
		s.more = []payment.Offer{{Gateway: elsewhere{newProvider()}, On: true}}
		who := accesstest.With(access.FraudRules)
		who.Fresh = true
		r := fraud.Defaults()
		r.Step, r.Hold = 20, 20
		s.must(f.SetRules(s.ctx, who, r))
		o, err := s.comesBy(v, id.NewToken(), "elsewhere", func(d *order.Details) {
			d.Email = "x@mailinator.com"
			d.BillingDiffers, d.Billing = true, d.Delivery
			d.Billing.Country, d.Billing.Postcode = "AT", "1010"
		})
		s.must(err)
		if _, err := s.orders.Pay(s.ctx, o.Browser); !isFault(err, fraud.ErrHeld.Key) {
			t.Fatalf("%v", err)
		}
		s.must(s.orders.Release(s.ctx, accesstest.Of(role(t, access.Support), 1), o.Number))
		_, err = s.orders.Pay(s.ctx, o.Browser)
		s.must(err)
		if got := s.last(o.Order).Provider; got != "elsewhere" {
			t.Errorf("she chose elsewhere and pays with %s", got)
		}
	})
}

// A corrected address takes nothing over of what is known of the one that was typed first, and a dispute reaches the
// defence.
func TestTheDefenceHearsOfCorrectionsAndDisputes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s, f := guarded(t, p)
		v := s.goods("Bowl", 1000, 100)
		device := id.NewToken()
		o, err := s.comes(v, device, nil)
		s.must(err)
		s.must(s.orders.CorrectEmail(s.ctx, o.Browser, "right@house.example"))
		_, err = s.orders.Pay(s.ctx, o.Browser)
		s.must(err)
		s.says(o.Order, payment.StatusPaid)
		s.must(s.Data.Write(s.ctx, func(tx *db.Tx) error {
			return payment.Defendant(s.orders).PaymentDisputed(tx, o.Order)
		}))
		v2, err := f.Assess(s.ctx, fraud.Attempt{Order: id.New(s.Clock.Now(), nil), Email: "right@house.example", Device: id.NewToken(), Total: 900})
		s.must(err)
		if v2.Outcome != fraud.Step {
			t.Errorf("the address that paid: %+v", v2)
		}
		next, err := s.comes(v, device, nil)
		s.must(err)
		if !s.lastCase(next.Order, "disputed") {
			t.Error("the next order of the browser does not say that a payment was disputed")
		}
	})
}

// lastCase says whether an order's case gives a reason.
func (s *store) lastCase(o id.ID, word string) (found bool) {
	s.t.Helper()
	s.must(s.Data.Read(s.ctx, func(tx *db.Tx) error {
		var text string
		err := tx.QueryRow(`SELECT reasons FROM fraud_case WHERE order_id = $1`, o).Scan(&text)
		found = strings.Contains(" "+text, " "+word+":")
		return err
	}))
	return found
}

// Two clicks on "pay" when strict times have one session left: one of them gets it, and the order knows its payment.
func TestTheLastSessionIsTheOrders(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s, f := guarded(t, p)
		v := s.goods("Bowl", 1000, 200)
		s.attacked(f, v)
		for range 12 {
			o, err := s.comes(v, id.NewToken(), nil)
			s.must(err)
			_, _ = s.orders.Pay(s.ctx, o.Browser)
			s.must(s.Data.Write(s.ctx, func(tx *db.Tx) error {
				if _, err := tx.Exec(`UPDATE fraud_mode SET left_over = 16, version = version + 1 WHERE id = 1`); err != nil {
					return err
				}
				return f.Take(tx, o.Order, fraud.Solve(f.Riddle(o.Order)), access.Guest(o.Order, netip.Addr{}))
			}))
			s.must(s.Data.Write(s.ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(`UPDATE fraud_mode SET left_over = 4, trusted = 0, version = version + 1 WHERE id = 1`)
				return err
			}))
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() { _, _ = s.orders.Pay(s.ctx, o.Browser) })
			}
			all.Wait()
			var open, known int
			s.must(s.Data.Read(s.ctx, func(tx *db.Tx) error {
				if err := tx.QueryRow(`SELECT COUNT(*) FROM payment_payment WHERE order_id = $1`, o.Order).Scan(&open); err != nil {
					return err
				}
				return tx.QueryRow(`SELECT COUNT(*) FROM order_head h JOIN payment_payment p ON p.id = h.payment WHERE h.id = $1`, o.Order).Scan(&known)
			}))
			if open != known || open > 1 {
				t.Fatalf("%d payments were begun, of which the order knows %d", open, known)
			}
		}
	})
}
