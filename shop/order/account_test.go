package order_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/vault"
	"strongroom/shop/order"
)

// Orders belong to the account that confirmed their address first, and nobody else's session opens them (V8.2.2).
func TestOrdersOfAnAccount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		o := s.paid(s.goods("Bowl", 1000, 90), 1)
		ada, eve := access.Shopper(id.New(s.Clock.Now(), nil), netip.Addr{}), access.Shopper(id.New(s.Clock.Now(), nil), netip.Addr{})
		own := func(who access.Actor, want int) {
			t.Helper()
			page, err := s.orders.Own(s.ctx, who, order.Place{})
			s.must(err)
			if len(page.Orders) != want {
				t.Errorf("%d orders instead of %d", len(page.Orders), want)
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
		m, err := s.orders.OwnMasked(s.ctx, ada, o.Number)
		s.must(err)
		if len(m.Masks) != 3 || len(m.Lines) != 1 || strings.Contains(strings.ToLower(strings.Join(m.Masks, " ")), "planted") {
			t.Errorf("for a session that may only look: %+v", m.Masks)
		}
		if _, err := s.orders.OwnMasked(s.ctx, eve, o.Number); !fault.Is(err, fault.NotFound) {
			t.Errorf("somebody else looked: %v", err)
		}
		visit, err := s.orders.EnterOwn(s.ctx, ada, o.Number)
		s.must(err)
		if v, err := s.orders.Open(s.ctx, visit); err != nil || v.Number != o.Number {
			t.Errorf("the visit opens %q: %v", v.Number, err)
		}
		s.must(s.orders.LeaveOwn(s.ctx, eve.ID))
		if _, err := s.orders.Open(s.ctx, visit); err != nil {
			t.Errorf("the end of somebody else's sessions closed it: %v", err)
		}
		s.must(s.orders.LeaveOwn(s.ctx, ada.ID)) // V7.4.1: what a session opened ends with it
		if _, err := s.orders.Open(s.ctx, visit); !fault.Is(err, fault.NotFound) {
			t.Errorf("the order stays open after signing out: %v", err)
		}
		visit, err = s.orders.EnterOwn(s.ctx, ada, o.Number)
		s.must(err)
		s.must(s.orders.LeaveOwn(s.ctx, id.ID{})) // an incident ended the sessions of everybody
		if _, err := s.orders.Open(s.ctx, visit); !fault.Is(err, fault.NotFound) {
			t.Errorf("the order stays open after the end of all sessions: %v", err)
		}
		visit, err = s.orders.EnterOwn(s.ctx, ada, o.Number)
		s.must(err)
		s.must(s.orders.Leave(s.ctx, visit))
		if _, err := s.orders.Open(s.ctx, visit); !fault.Is(err, fault.NotFound) {
			t.Errorf("the order stays open in the browser that was signed out: %v", err)
		}
		s.must(s.orders.Detach(s.ctx, ada.ID))
		own(ada, 0)
	})
}

// The list comes in pages that neither repeat nor leave out an order, and a number of somebody else's is no place in it.
func TestOrdersOfAnAccountComeInPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		bowl := s.goods("Bowl", 1000, 90)
		other := s.paid(bowl, 1)
		ada := access.Shopper(id.New(s.Clock.Now(), nil), netip.Addr{})
		want := map[string]bool{}
		for range 43 {
			o := s.place(s.fill(bowl, 1), details())
			want[o.Number] = true
			s.must(s.orders.AttachPlaced(s.ctx, ada, o.Browser))
			s.Clock.Advance(time.Minute)
		}
		var sizes []int
		for at := (order.Place{}); ; {
			page, err := s.orders.Own(s.ctx, ada, at)
			s.must(err)
			for _, o := range page.Orders {
				if !want[o.Number] {
					t.Errorf("%s comes twice or is none of hers", o.Number)
				}
				delete(want, o.Number)
			}
			sizes = append(sizes, len(page.Orders))
			if at = page.Next; at.After == "" {
				break
			}
		}
		if len(want) > 0 || !slices.Equal(sizes, []int{20, 20, 3}) {
			t.Errorf("pages of %v, %d orders are missing", sizes, len(want))
		}
		page, err := s.orders.Own(s.ctx, ada, order.Place{After: other.Number})
		if err != nil || len(page.Orders) != 20 {
			t.Errorf("a number of somebody else's is a place in the list: %d, %v", len(page.Orders), err)
		}
	})
}

// The buyer sees her parcels with their numbers; a session that may only look sees that they left, and no number.
func TestParcelsOfAnAccount(t *testing.T) {
	s := open(t, dbtest.Open(t, dbtest.Engines()[0]))
	o := s.paid(s.goods("Bowl", 1000, 90), 2)
	ada := access.Shopper(id.New(s.Clock.Now(), nil), netip.Addr{})
	s.must(s.orders.AttachPlaced(s.ctx, ada, o.Browser))
	_, err := s.orders.Ship(s.ctx, access.Console(), order.Dispatch{Number: o.Number, Carrier: "dhl", Tracking: "JD0146 0000", Attempt: "a"})
	s.must(err)
	v, err := s.orders.Open(s.ctx, o.Browser)
	s.must(err)
	if len(v.Parcels) != 1 || v.Parcels[0].Tracking != "JD0146 0000" || v.Parcels[0].Carrier != "dhl" || v.Parcels[0].Lines[0].Quantity != 2 || len(v.Steps) == 0 {
		t.Errorf("the buyer's parcels: %+v, steps %+v", v.Parcels, v.Steps)
	}
	m, err := s.orders.OwnMasked(s.ctx, ada, o.Number)
	s.must(err)
	if len(m.Parcels) != 1 || m.Parcels[0].Tracking != "" || m.Parcels[0].Carrier != "dhl" {
		t.Errorf("for a session that may only look: %+v", m.Parcels)
	}
}
