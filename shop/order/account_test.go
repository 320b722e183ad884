package order_test

import (
	"net/netip"
	"testing"

	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/vault"
)

// Orders belong to the account that confirmed their address first, and nobody else's session opens them (V8.2.2).
func TestOrdersOfAnAccount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		o := s.paid(s.goods("Bowl", 1000, 90), 1)
		ada, eve := access.Shopper(id.New(s.Clock.Now(), nil), netip.Addr{}), access.Shopper(id.New(s.Clock.Now(), nil), netip.Addr{})
		own := func(who access.Actor, want int) {
			t.Helper()
			list, err := s.orders.Own(s.ctx, who)
			s.must(err)
			if len(list) != want {
				t.Errorf("%d orders instead of %d", len(list), want)
			}
		}
		own(ada, 0)
		s.must(s.orders.Attach(s.ctx, ada.ID, vault.Typed("somebody@else.example")))
		own(ada, 0)
		for range 2 {
			s.must(s.orders.Attach(s.ctx, ada.ID, vault.Typed(plantedEmail)))
		}
		own(ada, 1)
		s.must(s.orders.Attach(s.ctx, eve.ID, vault.Typed(plantedEmail)))
		own(eve, 0) // it is tied already
		for name, who := range map[string]access.Actor{"another account": eve, "a guest": access.Guest(ada.ID, netip.Addr{}), "the staff": member(access.Owner)} {
			if _, err := s.orders.EnterOwn(s.ctx, who, o.Number); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s opened it: %v", name, err)
			}
		}
		visit, err := s.orders.EnterOwn(s.ctx, ada, o.Number)
		s.must(err)
		if v, err := s.orders.Open(s.ctx, visit); err != nil || v.Number != o.Number {
			t.Errorf("the visit opens %q: %v", v.Number, err)
		}
		s.must(s.orders.Detach(s.ctx, ada.ID))
		own(ada, 0)
	})
}
