package order_test

import (
	"strings"
	"testing"
	"time"

	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/shop/order"
	"strongroom/shop/payment"
)

// elsewhere is a second provider.
type elsewhere struct{ *provider }

func (elsewhere) Describe() payment.Description {
	return payment.Description{Name: "elsewhere", Label: "Elsewhere", Account: "acct", Mode: payment.Test, Origin: "https://elsewhere.example"}
}

// A shopper chooses between the providers that are on; after a decline she pays the same order with another one.
func TestAnotherProviderAfterADecline(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		second := elsewhere{newProvider()}
		s.more = []payment.Offer{{Gateway: second, On: true}}
		cart := s.fill(s.goods("Bowl", 2400, 5), 1)
		s.must(s.orders.Draft(s.ctx, cart, "en", details()))
		r, err := s.orders.Review(s.ctx, cart, "en")
		s.must(err)
		if _, err := s.orders.PlaceBy(s.ctx, cart, r.Attempt, order.Buyer{From: origin, Method: "nobody"}); !fault.Is(err, fault.Invalid) {
			t.Fatalf("an unknown provider takes an order: %v", err)
		}
		placed, err := s.orders.PlaceBy(s.ctx, cart, r.Attempt, order.Buyer{From: origin, Method: "elsewhere"})
		s.must(err)
		_, err = s.orders.Pay(s.ctx, placed.Browser)
		s.must(err)
		if got := s.last(placed.Order); got.Provider != "elsewhere" || second.starts != 1 || s.firm.starts != 0 {
			t.Fatalf("chosen was elsewhere; the payment is with %s", got.Provider)
		}
		first := s.last(placed.Order)
		second.set(first.Reference, payment.StatusDeclined)
		_, err = s.pay.Refresh(s.ctx, first.ID)
		s.must(err)
		if v := s.view(placed); !v.Failed || v.Provider != "elsewhere" || !v.CanPay {
			t.Errorf("after the decline: failed %v, with %q, can pay %v", v.Failed, v.Provider, v.CanPay)
		}
		s.Clock.Advance(time.Second)
		url, err := s.orders.PayBy(s.ctx, placed.Browser, "fake")
		s.must(err)
		if !strings.HasPrefix(url, "https://pay.example/") {
			t.Errorf("led to %s", url)
		}
		s.says(placed.Order, payment.StatusPaid)
		s.state(placed, order.Paid)
	})
}

// A session that is open elsewhere is closed before another provider gets one. While it cannot be closed, or was paid
// first, there is no other one: never can two be paid.
func TestAnOpenSessionIsClosedFirst(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		second := elsewhere{newProvider()}
		s.more = []payment.Offer{{Gateway: second, On: true}}
		placed := s.began(s.goods("Bowl", 2400, 5), 1)
		old := s.last(placed.Order)
		s.Clock.Advance(time.Second)
		s.firm.down = true
		if _, err := s.orders.PayBy(s.ctx, placed.Browser, "elsewhere"); !fault.Is(err, fault.Unavailable) {
			t.Fatalf("the old session may be open, and there is another: %v", err)
		}
		s.firm.down = false
		if _, err := s.orders.PayBy(s.ctx, placed.Browser, "gone"); fault.As(err) == nil || fault.As(err).Key != "payment.provider_unknown" || !s.last(placed.Order).State.Active() {
			t.Errorf("a provider that is off closed the open session: %v", err)
		}
		url, err := s.orders.PayBy(s.ctx, placed.Browser, "elsewhere")
		s.must(err)
		again, err := s.orders.PayBy(s.ctx, placed.Browser, "elsewhere")
		s.must(err)
		if url != again || second.starts != 1 {
			t.Error("the same choice twice opened two sessions")
		}
		if got, err := s.pay.Get(s.ctx, old.ID); err != nil || got.State != payment.Expired {
			t.Errorf("the old session is %s, %v", got.State, err)
		}
		s.level(s.view(placed).Lines[0].Variant, 5, 1)
		second.set(s.last(placed.Order).Reference, payment.StatusPaid)
		if _, err := s.orders.PayBy(s.ctx, placed.Browser, "fake"); fault.As(err) == nil || fault.As(err).Key != "order.paid_already" {
			t.Errorf("paid first, and another session begins: %v", err)
		}
		s.state(placed, order.Paid)
	})
}
