package order_test

import (
	"testing"
	"time"

	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/access/accesstest"
	"strongroom/guard/vault"
	"strongroom/shop/order"
	"strongroom/shop/payment"
	"strongroom/shop/price"
	"strongroom/shop/stock"
)

// act is a method of a service and the rights that it asks for.
type act struct {
	name string
	may  []access.Permission
	do   func(s *store, who access.Actor) error
}

// acts are the methods of the shop's services that staff may use. They are called with numbers and ids that exist
// nowhere, so that nothing is done: what counts is whether the refusal comes, and that it comes first.
func acts() []act {
	const number = "ZZZZ-ZZZZ"
	return []act{
		{"order.List", []access.Permission{access.OrderView}, func(s *store, w access.Actor) error { _, err := s.orders.List(s.ctx, w, order.Filter{}); return err }},
		{"order.Show", []access.Permission{access.OrderView}, func(s *store, w access.Actor) error { _, err := s.orders.Show(s.ctx, w, number); return err }},
		{"order.ForDesk", []access.Permission{access.OrderView}, func(s *store, w access.Actor) error { _, err := s.orders.ForDesk(s.ctx, w, number); return err }},
		{"order.Reveal", []access.Permission{access.OrderReveal}, func(s *store, w access.Actor) error {
			_, err := s.orders.Reveal(s.ctx, number, w, "question")
			return err
		}},
		{"order.Find", []access.Permission{access.OrderFind}, func(s *store, w access.Actor) error {
			_, err := s.orders.Find(s.ctx, w, vault.Typed("x@y.example"))
			return err
		}},
		{"order.Ship", []access.Permission{access.OrderShip}, func(s *store, w access.Actor) error {
			_, err := s.orders.Ship(s.ctx, w, order.Dispatch{Number: number})
			return err
		}},
		{"order.Deliver", []access.Permission{access.OrderShip}, func(s *store, w access.Actor) error { return s.orders.Deliver(s.ctx, w, number, time.Time{}) }},
		{"order.Cancel", []access.Permission{access.OrderCancel}, func(s *store, w access.Actor) error { return s.orders.Cancel(s.ctx, number, w) }},
		{"order.CallOff", []access.Permission{access.OrderCancel}, func(s *store, w access.Actor) error { _, err := s.orders.CallOff(s.ctx, w, number, ""); return err }},
		{"order.Refund", []access.Permission{access.OrderRefund}, func(s *store, w access.Actor) error {
			_, err := s.orders.Refund(s.ctx, w, order.GiveBack{Number: number})
			return err
		}},
		{"order.Capture", []access.Permission{access.OrderCapture}, func(s *store, w access.Actor) error { return s.orders.Capture(s.ctx, w, number, 0, nil) }},
		{"order.LetGo", []access.Permission{access.OrderCapture}, func(s *store, w access.Actor) error { return s.orders.LetGo(s.ctx, w, number) }},
		{"order.Assign", []access.Permission{access.OrderAssign}, func(s *store, w access.Actor) error { return s.orders.Assign(s.ctx, w, number, id.ID{1}) }},
		{"order.Slips", []access.Permission{access.OrderPack}, func(s *store, w access.Actor) error { _, err := s.orders.Slips(s.ctx, w, number); return err }},
		{"order.Withdrawals", []access.Permission{access.OrderView}, func(s *store, w access.Actor) error {
			_, err := s.orders.Withdrawals(s.ctx, w, time.Time{})
			return err
		}},
		{"order.RevealWithdrawal", []access.Permission{access.OrderReveal}, func(s *store, w access.Actor) error {
			_, err := s.orders.RevealWithdrawal(s.ctx, id.ID{1}, w, "question")
			return err
		}},
		{"order.PlanErase", []access.Permission{access.OrderErase}, func(s *store, w access.Actor) error {
			_, _, err := s.orders.PlanErase(s.ctx, w, order.Whom{Number: number})
			return err
		}},
		{"order.Numbers", []access.Permission{access.PaymentView}, func(s *store, w access.Actor) error {
			_, err := s.orders.Numbers(s.ctx, w, order.Span{}, order.Mark{}, 1)
			return err
		}},
		{"payment.Refund", []access.Permission{access.OrderRefund}, func(s *store, w access.Actor) error {
			_, err := s.pay.Refund(s.ctx, payment.Ask{Payment: id.ID{1}, Key: "k", Amount: 1, Reason: payment.ForGoodwill, Actor: w})
			return err
		}},
		{"stock.Set", []access.Permission{access.StockEdit}, func(s *store, w access.Actor) error {
			return s.stock.Set(s.ctx, stock.Change{Variant: id.ID{1}, Pieces: -1, Reason: stock.Counted, Actor: w})
		}},
		{"stock.Receive", []access.Permission{access.StockEdit}, func(s *store, w access.Actor) error {
			return s.stock.Receive(s.ctx, stock.Change{Variant: id.ID{1}, Reason: stock.Received, Actor: w})
		}},
		{"price.Create", []access.Permission{access.CodeEdit}, func(s *store, w access.Actor) error {
			_, _, err := s.price.Create(s.ctx, w, price.Code{}, "")
			return err
		}},
		{"price.Generate", []access.Permission{access.CodeEdit}, func(s *store, w access.Actor) error {
			_, err := s.price.Generate(s.ctx, w, price.Code{}, 0)
			return err
		}},
		{"price.Switch", []access.Permission{access.CodeEdit}, func(s *store, w access.Actor) error { return s.price.Switch(s.ctx, w, id.ID{1}, true) }},
		{"price.List", []access.Permission{access.CodeView}, func(s *store, w access.Actor) error { _, err := s.price.List(s.ctx, w, id.ID{}, 1); return err }},
	}
}

// V8.2.1, V8.3.1: every method of the services with every role, with nobody, and with every single permission.
func TestEveryMethodWithEveryRight_V8_2_1(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		who := accesstest.Actors()
		for _, one := range access.Permissions() {
			who["only "+string(one)] = accesstest.With(one)
		}
		for _, a := range acts() {
			for name, w := range who {
				err := a.do(s, w)
				if refused := fault.Is(err, fault.Forbidden); refused == access.RightsOf(w).Holds(access.SetOf(a.may...)) && !(a.name == "order.CallOff" && refused) {
					t.Errorf("%s by %s: %v", a.name, name, err)
				}
			}
		}
		if n := s.number(`SELECT COUNT(*) FROM audit_entry WHERE outcome = 2 AND action LIKE 'order.%'`); n == 0 {
			t.Error("no refusal stands in the log")
		}
	})
}

// A refusal says nothing about whether what was asked for exists (V8.2.2).
func TestRefusalsTellNothing_V8_2_2(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		o := s.paid(s.goods("Bowl", 1000, 9), 1)
		for name, w := range accesstest.Nobody() {
			_, there := s.orders.Reveal(s.ctx, o.Number, w, "question")
			_, gone := s.orders.Reveal(s.ctx, "ZZZZ-ZZZZ", w, "question")
			if there == nil || gone == nil || there.Error() != gone.Error() {
				t.Errorf("%s: %v and %v", name, there, gone)
			}
		}
	})
}

// V8.2.1, V2.3.5: nobody of the staff destroys a person's keys or has many people's data by herself, whatever she may.
func TestNobodyOfTheStaffErasesOrExportsAlone_V2_3_5(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		o := s.paid(s.goods("Bowl", 1000, 9), 1)
		for name, w := range accesstest.Actors() {
			_, err := s.orders.Erase(s.ctx, o.Number, w, "asked for it", true)
			if name != "console" && !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s erased alone: %v", name, err)
			}
		}
		for _, by := range []access.Approved{{}, {Request: id.ID{1}, AskedBy: id.ID{2}, DecidedBy: id.ID{3}}, access.Approve(access.BigRefund, id.ID{1}, id.ID{2}, id.ID{3}),
			access.Approve(access.MassExport, id.ID{}, id.ID{2}, id.ID{3})} {
			if _, err := s.orders.People(s.ctx, by, order.Span{Until: s.Clock.Now()}, order.Mark{}, 10); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%+v opened many: %v", by, err)
			}
		}
	})
}
