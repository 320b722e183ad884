package order_test

import (
	"strings"
	"testing"
	"time"

	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/shop/order"
	"strongroom/shop/payment"
)

// What orders say about their money is true of paid and unpaid ones, in pages, and of more than fit one statement.
func TestWhatOrdersSayOfMoney(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		v := s.goods("Bowl", 1000, 99)
		var paid []order.Placed
		for range 3 {
			paid = append(paid, s.paid(v, 1))
			s.Clock.Advance(time.Second)
		}
		open := s.began(v, 1)
		ask := []id.ID{open.Order, {9}}
		for i := range 205 {
			ask = append(ask, paid[i%3].Order)
		}
		m, err := s.orders.MoneyOf(s.ctx, ask)
		s.must(err)
		if len(m) != 4 || m[open.Order].Paid || !m[paid[2].Order].Paid || m[paid[0].Order].Total == 0 || m[paid[0].Order].Payment.IsZero() {
			t.Errorf("%+v", m)
		}
		from, to := dbtest.Start.Add(-time.Hour), s.Clock.Now().Add(time.Hour)
		var all []string
		for after := (payment.OrderMoney{}); ; {
			page, err := s.orders.PaidOrders(s.ctx, from, to, after, 2)
			s.must(err)
			if len(page) == 0 {
				break
			}
			for _, o := range page {
				all = append(all, o.Number)
			}
			after = page[len(page)-1]
		}
		if strings.Join(all, " ") != paid[0].Number+" "+paid[1].Number+" "+paid[2].Number {
			t.Errorf("listed %v", all)
		}
		if none, err := s.orders.PaidOrders(s.ctx, to, to.Add(time.Hour), payment.OrderMoney{}, 2); err != nil || len(none) != 0 {
			t.Errorf("%v %v", none, err)
		}
	})
}

// V8.2.3, V16.2.1: evidence for a bank is a look at the person: it wants the right and a reason, and stands in the log.
func TestEvidenceIsALook_V16_2_1(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		o := s.paid(s.goods("Bowl", 1000, 9), 2)
		_, err := s.orders.Ship(s.ctx, member(access.Fulfilment), order.Dispatch{Number: o.Number, Carrier: "dhl", Tracking: "JJD0001234567890", Attempt: "a"})
		s.must(err)
		before := s.number(`SELECT COUNT(*) FROM audit_entry WHERE action = 'vault.look'`)
		if _, err := s.orders.Evidence(s.ctx, member(access.Fulfilment), o.Number, "dispute"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("without the right: %v", err)
		}
		if _, err := s.orders.Evidence(s.ctx, member(access.Accounting), o.Number, " "); !fault.Is(err, fault.Invalid) {
			t.Errorf("without a reason: %v", err)
		}
		e, err := s.orders.Evidence(s.ctx, member(access.Accounting), o.Number, "dispute")
		s.must(err)
		if !strings.Contains(e.Product, "2 x Bowl") || e.Email == "" || e.Buyer == "" || !strings.Contains(e.Address, "\n") || e.Carrier != "dhl" ||
			e.Tracking != "JJD0001234567890" || e.ShippedAt.IsZero() {
			t.Errorf("%+v", e)
		}
		if n := s.number(`SELECT COUNT(*) FROM audit_entry WHERE action = 'vault.look'`); n <= before {
			t.Error("no look stands in the log")
		}
	})
}
