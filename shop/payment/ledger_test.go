package payment_test

import (
	"errors"
	"flag"
	"fmt"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/shop/payment"
)

func TestOnlyBalancedBookings(t *testing.T) {
	each(t, func(s *shop) {
		order := id.New(s.p.Clock.Now(), nil)
		book := func(lines ...payment.Line) error {
			return s.p.Data.Write(bg, func(tx *db.Tx) error {
				_, err := payment.Post(tx, payment.Booking{Key: "k", Kind: "sale", Order: order, Currency: "EUR", Lines: lines})
				return err
			})
		}
		for name, lines := range map[string][]payment.Line{
			"one side":     {{Account: payment.Sales, Amount: -1}},
			"unequal":      {{Account: payment.Sales, Amount: -1}, {Account: payment.Receivable, Amount: 2}},
			"no account":   {{Account: "pocket", Amount: -1}, {Account: payment.Receivable, Amount: 1}},
			"odd provider": {{Account: "provider.A'B", Amount: -1}, {Account: payment.Receivable, Amount: 1}},
			"overflow":     {{Account: payment.Sales, Amount: -1 << 63}, {Account: payment.Receivable, Amount: -1 << 63}},
		} {
			if err := book(lines...); err == nil {
				t.Errorf("%s was booked", name)
			}
		}
		s.must(book(payment.Line{Account: payment.Sales, Amount: -5}, payment.Line{Account: payment.Receivable, Amount: 5}))
		s.must(book(payment.Line{Account: payment.Sales, Amount: -7}, payment.Line{Account: payment.Receivable, Amount: 7})) // same key: once
		r := s.ledger()
		if s.balance(r, payment.Sales) != -5 || r.Movements != 1 {
			t.Errorf("%+v", r)
		}
	})
}

// What is booked cannot be changed, not even by a statement of our own.
func TestLedgerOnlyGrows(t *testing.T) {
	each(t, func(s *shop) {
		s.paid()
		for _, q := range []string{`UPDATE payment_entry SET amount = amount + 1`, `DELETE FROM payment_entry`,
			`UPDATE payment_ledger SET kind = 'x'`, `DELETE FROM payment_ledger`} {
			if err := s.p.Data.Write(bg, func(tx *db.Tx) error { _, err := tx.Exec(q); return err }); err == nil {
				t.Errorf("%s went through", q)
			}
		}
		s.ledger()
	})
}

// The check sees a movement that does not balance, whoever wrote it.
func TestCheckLedgerSeesDamage(t *testing.T) {
	each(t, func(s *shop) {
		p := s.paid()
		s.must(s.p.Data.Write(bg, func(tx *db.Tx) error {
			if _, err := tx.Exec(`INSERT INTO payment_ledger (id, key, kind, order_id, currency, made_at) VALUES ($1, 'bad', 'sale', $2, 'EUR', 0)`,
				tx.NewID(), p.Order); err != nil {
				return err
			}
			_, err := tx.Exec(`INSERT INTO payment_entry (ledger_id, line, account, order_id, amount)
				SELECT id, 1, 'sales', order_id, 1 FROM payment_ledger WHERE key = 'bad'`)
			return err
		}))
		r, err := s.svc.CheckLedger(bg)
		s.must(err)
		if r.OK() || len(r.Unbalanced) != 1 || r.Unbalanced[0] != "bad" {
			t.Fatalf("%+v", r)
		}
	})
}

func TestCheckLedgerComparesWithPayments(t *testing.T) {
	each(t, func(s *shop) {
		p := s.paid()
		s.must(s.p.Data.Write(bg, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE payment_payment SET captured = captured - 1 WHERE id = $1`, p.ID)
			return err
		}))
		if r, err := s.svc.CheckLedger(bg); err != nil || r.OK() {
			t.Fatalf("%v %+v", err, r)
		}
	})
}

// Random histories of several orders: whatever shoppers, banks, lost answers, notices and the desk do, every movement
// sums to zero, what was captured less what was refunded is what the provider holds by its own books, every history is
// a legal one, and what an order owes is what the history says.
func TestRandomHistories(t *testing.T) {
	for _, engine := range dbtest.Engines() {
		t.Run(string(engine), func(t *testing.T) {
			s := open(t, dbtest.Open(t, engine))
			most, _ := strconv.Atoi(flag.Lookup("rapid.checks").Value.String())
			if most /= 2; engine == db.Postgres {
				most /= 3 // the same code; its commits are slower
			}
			n := 0
			rapid.Check(t, func(rt *rapid.T) {
				if n++; n > most {
					return
				}
				s.history(rt, n)
			})
		})
	}
}

func (s *shop) history(rt *rapid.T, n int) {
	s.decide = func(tx *db.Tx, p payment.Payment) error {
		switch {
		case p.State == payment.Expired || p.State == payment.Declined:
			return payment.ReverseSale(tx, p.Order)
		case p.State == payment.Paid && p.Late:
			_, err := s.svc.RefundTx(tx, payment.Ask{Payment: p.ID, Key: "late", Amount: p.Captured, Reason: payment.ForLate, Actor: access.System("order")})
			return err
		}
		return nil
	}
	p := s.opened(func(w *payment.Want) { w.Amount = money.Amount(rapid.Int64Range(1, 1_000_000).Draw(rt, "amount")) })
	steps := rapid.SliceOfN(rapid.SampledFrom([]string{"pay", "decline", "pend", "notice", "refresh", "expire", "refund", "desk",
		"lost", "found", "hour", "minute"}), 1, 14).Draw(rt, "steps")
	for i, step := range steps {
		s.step(rt, p, step, fmt.Sprintf("%d-%d", n, i))
	}
	s.gateway.hook = nil
	s.later(40 * time.Minute)
	s.later(2 * time.Hour)
	s.later(25 * time.Hour) // late money without a notice is found within a day
	s.legal(p)
	s.ledger()
	q := s.get(p)
	owed := q.Amount - q.Captured + q.Refunded - s.credited(q)
	if q.Late || q.State == payment.Expired || q.State == payment.Declined {
		owed -= q.Amount // the sale was taken back
	}
	s.must(s.p.Data.Read(bg, func(tx *db.Tx) error {
		got, err := payment.Owed(tx, q.Order)
		if err == nil && got != owed {
			err = fmt.Errorf("the order owes %d by the ledger and %d by its history %v", got, owed, steps)
		}
		return err
	}))
}

// credited is what returns have lowered the sale by.
func (s *shop) credited(p payment.Payment) (sum money.Amount) {
	list, err := s.svc.RefundsOf(bg, p.ID)
	s.must(err)
	for _, f := range list {
		if f.State == "done" && f.Reason == payment.ForReturn {
			sum += f.Amount
		}
	}
	return sum
}

func (s *shop) step(rt *rapid.T, p payment.Payment, step, name string) {
	status := func() payment.Status {
		s.gateway.mu.Lock()
		defer s.gateway.mu.Unlock()
		return s.gateway.sessions[p.Ref].Status
	}()
	switch step {
	case "pay":
		if status != payment.StatusPaid && status != payment.StatusDeclined {
			s.gateway.pay(p.Ref) // from expired too: that is late money
		}
	case "decline", "pend":
		if status == payment.StatusOpen {
			s.gateway.set(p.Ref, map[string]payment.Status{"decline": payment.StatusDeclined, "pend": payment.StatusPending}[step])
		}
	case "notice":
		_ = s.notice("evt_"+name, p)
	case "refresh":
		_, _ = s.svc.Refresh(bg, p.ID)
	case "expire":
		_, _ = s.svc.Expire(bg, p.ID)
	case "refund":
		_, _ = s.svc.Refund(bg, ask(p, name, money.Amount(rapid.Int64Range(1, 600_000).Draw(rt, "refund"))))
	case "desk":
		s.gateway.mu.Lock()
		left := s.gateway.sessions[p.Ref].Captured - s.gateway.sessions[p.Ref].Refunded
		s.gateway.mu.Unlock()
		if left > 0 && s.get(p).State == payment.Paid {
			s.gateway.deskRefund(p.Ref, 1+left/3)
			_ = s.notice("evt_desk_"+name, p)
		}
	case "lost":
		s.gateway.hook = func(at string) error {
			if at[:5] == "after" {
				return errLost
			}
			return nil
		}
	case "found":
		s.gateway.hook = nil
	case "hour":
		s.later(time.Hour)
	case "minute":
		s.later(time.Minute)
	}
}

func TestReversalOfNothing(t *testing.T) {
	each(t, func(s *shop) {
		err := s.p.Data.Write(bg, func(tx *db.Tx) error { return payment.ReverseSale(tx, tx.NewID()) })
		if err != nil || errors.Is(err, payment.ErrUnbalanced) {
			t.Fatal(err)
		}
	})
}
