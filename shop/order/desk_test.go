package order_test

import (
	"context"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/guard/vault"
	"strongroom/shop/order"
	"strongroom/shop/payment"
)

// member is somebody of the staff with a built-in role.
func member(role string) access.Actor {
	r, _ := access.BuiltInRole(role)
	a := access.Staff(id.New(dbtest.Start, nil), id.New(dbtest.Start, nil), r.Name, r.Permissions, netip.MustParseAddr("198.51.100.9"))
	a.Masked, a.Watched, a.Fresh = r.Masked, r.Watched, true
	return a
}

// paid places an order of n pieces and has it paid.
func (s *store) paid(v id.ID, n int64) order.Placed {
	s.t.Helper()
	p := s.began(v, n)
	s.says(p.Order, payment.StatusPaid)
	s.work()
	s.state(p, order.Paid)
	return p
}

func (s *store) desk(number string) order.Desk {
	s.t.Helper()
	d, err := s.orders.ForDesk(s.ctx, access.Console(), number)
	s.must(err)
	return d
}

// entries counts the log's entries of an action about an order.
func (s *store) entries(action string, object id.ID) int64 {
	return s.number(`SELECT COUNT(*) FROM audit_entry WHERE action = $1 AND object_id = $2 AND outcome = 1`, action, object)
}

func TestShipInPartsAndDeliver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		packer := member(access.Fulfilment)
		o := s.paid(s.goods("Bowl", 1000, 9), 3)
		d := s.desk(o.Number)
		if d.Parcel != order.ToSend || !d.CanShip || d.CanDeliver || len(d.Parcels) != 1 {
			t.Fatalf("a paid order is %s, %+v", d.Parcel, d.Parcels)
		}
		line := d.Lines[0].Position
		part := order.Dispatch{Number: o.Number, Carrier: "dhl", Tracking: "JJD0001234567890", Attempt: "a1", Lines: []order.Pieces{{Position: line, Quantity: 2}}}
		first, err := s.orders.Ship(s.ctx, packer, part)
		s.must(err)
		s.work()
		again, err := s.orders.Ship(s.ctx, packer, part)
		s.must(err)
		if again.ID != first.ID || len(again.Lines) != 1 {
			t.Errorf("a second click sent a second parcel: %+v", again)
		}
		part.Attempt, part.Lines[0].Quantity = "a2", 2
		if _, err := s.orders.Ship(s.ctx, packer, part); fault.As(err) == nil || fault.As(err).Key != "order.too_many_pieces" {
			t.Errorf("more left than was bought: %v", err)
		}
		if err := s.orders.Deliver(s.ctx, packer, o.Number, time.Time{}); !fault.Is(err, fault.Conflict) {
			t.Errorf("half an order was delivered: %v", err)
		}
		part.Attempt, part.Lines = "a3", nil
		_, err = s.orders.Ship(s.ctx, packer, part)
		s.must(err)
		if err := s.orders.Deliver(s.ctx, packer, o.Number, s.Clock.Now().Add(time.Hour)); !fault.Is(err, fault.Invalid) {
			t.Errorf("delivered in the future: %v", err)
		}
		s.must(s.orders.Deliver(s.ctx, packer, o.Number, time.Time{}))
		d = s.desk(o.Number)
		if d.Parcel != order.Delivered || d.Delivered.IsZero() || len(d.Shipments) != 2 || len(d.Parcels) != 4 || d.Progress[line].Sent != 3 {
			t.Errorf("%s %v %d parcels %d moves", d.Parcel, d.Delivered, len(d.Shipments), len(d.Parcels))
		}
		if m := d.Shipments[0].Tracking.Mask(); strings.Contains(m, "1234567") {
			t.Errorf("the parcel's number is shown: %s", m)
		}
		if n := s.entries("order.ship", o.Order); n != 2 {
			t.Errorf("%d entries of two shipments", n)
		}
		s.work()
		mails := s.box.of(order.LetterSent)
		if len(mails) != 2 || !strings.Contains(mails[0].Text, "JJD0001234567890") || !strings.Contains(mails[0].Text, "follow") {
			t.Errorf("%d mails; the first: %.400s", len(mails), mails[0].Text)
		}
		for _, m := range d.Parcels[1:] {
			if m.Actor != "staff:fulfilment" {
				t.Errorf("moved by %q", m.Actor)
			}
		}
	})
}

// V2.3.4: many at once send each piece once.
func TestManyHandsShipEachPieceOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		o := s.paid(s.goods("Bowl", 1000, 9), 3)
		var sent atomic.Int64
		var wg sync.WaitGroup
		for i := range 12 {
			wg.Go(func() {
				_, err := s.orders.Ship(s.ctx, member(access.Fulfilment), order.Dispatch{Number: o.Number, Carrier: "dpd",
					Attempt: "p" + string(rune('a'+i)), Lines: []order.Pieces{{Position: s.desk(o.Number).Lines[0].Position, Quantity: 1}}})
				if err == nil {
					sent.Add(1)
				} else if !fault.Is(err, fault.Conflict) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		d := s.desk(o.Number)
		if got := d.Progress[d.Lines[0].Position].Sent; got != sent.Load() || got > 3 || got < 1 {
			t.Errorf("%d sent by %d shipments", got, sent.Load())
		}
	})
}

func TestRefundByLineThroughProviderAndLedger(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		support := member(access.Support)
		v := s.goods("Bowl", 1001, 9)
		o := s.paid(v, 3)
		s.level(v, 6, 0)
		d := s.desk(o.Number)
		line := d.Lines[0]
		give := order.GiveBack{Number: o.Number, Lines: []order.Pieces{{Position: line.Position, Quantity: 1}}, Reason: order.BecauseReturned,
			Restock: true, Note: "Came broken, says Mrs Plantedname", Attempt: "r1"}
		r, err := s.orders.Refund(s.ctx, support, give)
		s.must(err)
		again, err := s.orders.Refund(s.ctx, support, give)
		s.must(err)
		if !again.Again || r.Amount <= 0 || !r.Waiting.IsZero() {
			t.Errorf("%+v then %+v", r, again)
		}
		s.work()
		s.level(v, 7, 0)
		s.state(o, order.PartlyRefunded)
		give.Lines[0].Quantity, give.Shipping, give.Attempt = 2, true, "r2"
		rest, err := s.orders.Refund(s.ctx, support, give)
		s.must(err)
		if r.Amount+rest.Amount != d.Total {
			t.Errorf("%d and %d are not the whole %d", r.Amount, rest.Amount, d.Total)
		}
		s.work()
		s.state(o, order.Refunded)
		if got := s.firm.refunded(s.last(o.Order).Reference); got != d.Total {
			t.Errorf("the provider gave back %d of %d", got, d.Total)
		}
		if d = s.desk(o.Number); d.Parcel != order.NothingToSend {
			t.Errorf("an order that was given back whole is %s", d.Parcel)
		}
		give.Attempt = "r3"
		if _, err := s.orders.Refund(s.ctx, support, give); !fault.Is(err, fault.Conflict) {
			t.Errorf("more than was paid: %v", err)
		}
		s.ledger()
		if n := s.entries("order.refund", o.Order); n != 2 {
			t.Errorf("%d entries of two refunds", n)
		}
		if n := len(s.box.of(order.LetterBack)); n != 2 {
			t.Errorf("%d mails of two refunds", n)
		}
	})
}

// Attack 45: parallel partial refunds never give back more than was paid.
func TestParallelRefundsStayWithinTheSum(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		o := s.paid(s.goods("Bowl", 1000, 9), 2)
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				_, err := s.orders.Refund(s.ctx, access.Console(), order.GiveBack{Number: o.Number, Sum: 900, Reason: order.BecauseGoodwill, Attempt: "g" + string(rune('a'+i))})
				if err != nil && !fault.Is(err, fault.Conflict) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		s.work()
		if got, paid := s.firm.refunded(s.last(o.Order).Reference), s.last(o.Order).Captured; got > paid || got < 900 {
			t.Errorf("%d of %d given back", got, paid)
		}
		s.ledger()
	})
}

// second stands in for whoever finds a second person.
type second struct{ asked []access.Wish }

func (x *second) Ask(_ context.Context, _ access.Actor, w access.Wish) (id.ID, error) {
	x.asked = append(x.asked, w)
	return id.ID{7}, nil
}

// V2.3.5, attack 45: what exceeds one person's limit moves no money before a second one agreed, small pieces do not get
// around the limit, and what is carried out is exactly what was frozen.
func TestLargeRefundsWaitForASecondPerson_V2_3_5(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		x, limit := &second{}, money.Amount(1500)
		s := openWith(t, p, func(d *order.Deps) { d.Second, d.Alone = x, &limit })
		support := member(access.Support)
		o := s.paid(s.goods("Bowl", 1000, 9), 3)
		line := s.desk(o.Number).Lines[0].Position
		give := order.GiveBack{Number: o.Number, Lines: []order.Pieces{{Position: line, Quantity: 1}}, Reason: order.BecauseReturned, Attempt: "r1", Note: "Plantednote for her"}
		if r, err := s.orders.Refund(s.ctx, support, give); err != nil || !r.Waiting.IsZero() {
			t.Fatalf("%+v %v", r, err)
		}
		give.Attempt = "r2"
		r, err := s.orders.Refund(s.ctx, support, give)
		s.must(err)
		if r.Waiting.IsZero() || len(x.asked) != 1 {
			t.Fatalf("the second small refund passed the limit: %+v", r)
		}
		s.work()
		if got := s.firm.refunded(s.last(o.Order).Reference); got != 1000 {
			t.Fatalf("%d given back before anybody agreed", got)
		}
		if w := x.asked[0]; strings.Contains(string(w.Params), "Planted") || w.Kind.May() != access.OrderRefund || w.Reason == "" {
			t.Errorf("the frozen wish: %s", w.Params)
		}
		by := access.Approve(access.BigRefund, r.Waiting, support.ID, id.ID{9})
		altered := []byte(strings.Replace(string(x.asked[0].Params), `"Amount":1000`, `"Amount":2000`, 1))
		if err := s.orders.RefundApproved(s.ctx, altered, by); !fault.Is(err, fault.Conflict) {
			t.Errorf("an altered wish was carried out: %v", err)
		}
		s.must(s.orders.RefundApproved(s.ctx, x.asked[0].Params, by))
		if err := s.orders.RefundApproved(s.ctx, x.asked[0].Params, by); err == nil {
			t.Error("the same wish was carried out twice")
		}
		s.work()
		if got := s.firm.refunded(s.last(o.Order).Reference); got != 2000 {
			t.Errorf("%d given back in all", got)
		}
		off, err := s.orders.CallOff(s.ctx, support, s.paid(s.goods("Jug", 2000, 3), 1).Number, "")
		s.must(err)
		if off.Waiting.IsZero() || x.asked[1].Kind != "order.call_off" {
			t.Errorf("%+v", off)
		}
		if err := s.orders.CallOffApproved(s.ctx, x.asked[1].Params, by); !fault.Is(err, fault.Forbidden) {
			t.Errorf("called off with the approval of a refund: %v", err)
		}
		s.must(s.orders.CallOffApproved(s.ctx, x.asked[1].Params, access.Approve(access.BigCallOff, off.Waiting, support.ID, id.ID{9})))
	})
}

// Erasing the person of an order takes the parcels' numbers too, which lead to her address.
func TestErasingTakesTheTrackingNumbers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		o := s.paid(s.goods("Bowl", 1000, 9), 1)
		_, err := s.orders.Ship(s.ctx, access.Console(), order.Dispatch{Number: o.Number, Carrier: "dhl", Tracking: "JJD0001234567890", Attempt: "x"})
		s.must(err)
		_, err = s.orders.Erase(s.ctx, o.Number, access.Console(), "asked for it", true)
		s.must(err)
		if n := s.number(`SELECT COUNT(*) FROM order_shipment WHERE tracking IS NOT NULL`); n != 0 {
			t.Error("a parcel's number is left")
		}
	})
}

func TestCallOffAPaidOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		v := s.goods("Bowl", 1000, 5)
		o := s.paid(v, 2)
		total := s.desk(o.Number).Total
		r, err := s.orders.CallOff(s.ctx, member(access.Support), o.Number, "A crack in the glaze")
		s.must(err)
		s.work()
		s.state(o, order.Cancelled)
		s.level(v, 5, 0)
		d := s.desk(o.Number)
		if r.Amount != total || d.Refunded != total || d.Parcel != order.NothingToSend || s.firm.refunded(s.last(o.Order).Reference) != total {
			t.Errorf("%+v; %d refunded of %d, %s", r, d.Refunded, total, d.Parcel)
		}
		if _, err := s.orders.CallOff(s.ctx, access.Console(), o.Number, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("called off twice: %v", err)
		}
		if len(s.box.of(order.LetterCalledOff)) != 1 {
			t.Error("the buyer was not told")
		}
		s.ledger()
	})
}

func TestEveryShownStateFilters(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		who := member(access.Fulfilment)
		v := s.goods("Bowl", 1000, 90)
		waiting, sent, gone := s.paid(v, 1), s.paid(v, 1), s.paid(v, 1)
		_, err := s.orders.Ship(s.ctx, who, order.Dispatch{Number: sent.Number, Carrier: "ups", Attempt: "x"})
		s.must(err)
		_, err = s.orders.Ship(s.ctx, who, order.Dispatch{Number: gone.Number, Carrier: "ups", Attempt: "x"})
		s.must(err)
		s.must(s.orders.Deliver(s.ctx, who, gone.Number, time.Time{}))
		for parcel, want := range map[order.Parcel]string{order.ToSend: waiting.Number, order.Sent: sent.Number, order.Delivered: gone.Number} {
			for _, state := range []order.State{0, order.Paid} {
				page, err := s.orders.List(s.ctx, who, order.Filter{State: state, Parcel: &parcel})
				s.must(err)
				if len(page.Orders) != 1 || page.Orders[0].Number != want {
					t.Errorf("%s %s: %d orders", state, parcel, len(page.Orders))
				}
			}
		}
		seen := map[string]bool{}
		for after := ""; ; {
			page, err := s.orders.List(s.ctx, who, order.Filter{State: order.Paid, Limit: 2, After: after})
			s.must(err)
			for _, o := range page.Orders {
				seen[o.Number] = true
			}
			if after = page.Next; after == "" {
				break
			}
		}
		if len(seen) != 3 {
			t.Errorf("%d orders over the pages", len(seen))
		}
	})
}

// V8.2.3: a packer sees the address of what she packs, and of nothing else; the batch is one act, logged for each person.
func TestPackingShowsOnlyWhatIsPacked_V8_2_3(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		v := s.goods("Bowl", 1000, 90)
		a := s.paid(v, 1)
		s.Clock.Advance(time.Minute)
		b := s.paid(v, 1)
		s.Clock.Advance(time.Minute)
		c := s.paid(v, 1)
		anna, ben := member(access.Fulfilment), member(access.Fulfilment)
		if slips, err := s.orders.Slips(s.ctx, anna, ""); err != nil || len(slips) != 0 {
			t.Fatalf("slips without work: %d %v", len(slips), err)
		}
		for _, want := range []string{a.Number, b.Number} {
			if got, err := s.orders.Take(s.ctx, anna); err != nil || got != want {
				t.Fatalf("took %s, want the oldest, %s: %v", got, want, err)
			}
		}
		s.must(s.orders.Assign(s.ctx, member(access.Manager), c.Number, ben.ID))
		if err := s.orders.Assign(s.ctx, anna, c.Number, anna.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a packer chose her order: %v", err)
		}
		slips, err := s.orders.Slips(s.ctx, anna, "")
		s.must(err)
		if len(slips) != 2 || slips[0].Details.Delivery.Street != "Plantedstreet 7" || slips[0].Details.Email != "" {
			t.Errorf("%d slips", len(slips))
		}
		if n := s.number(`SELECT COUNT(*) FROM audit_entry WHERE action = 'vault.look'`); n != 2 {
			t.Errorf("%d looks for two people", n)
		}
		if slips, err := s.orders.Slips(s.ctx, anna, c.Number); err != nil || len(slips) != 0 {
			t.Errorf("a slip of somebody else's work: %v", err)
		}
		if _, err := s.orders.Reveal(s.ctx, c.Number, anna, "curious"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a packer looked at another order: %v", err)
		}
		if err := s.orders.GiveUp(s.ctx, anna, c.Number); !fault.Is(err, fault.Conflict) {
			t.Errorf("gave back what was another's: %v", err)
		}
		_, err = s.orders.Ship(s.ctx, anna, order.Dispatch{Number: a.Number, Carrier: "gls", Attempt: "x"})
		s.must(err)
		if n, err := s.orders.OpenWork(s.ctx, anna.ID); err != nil || n != 1 {
			t.Errorf("%d orders open after one was sent: %v", n, err)
		}
		s.must(s.orders.EndWork(s.ctx, anna.ID)) // Anna left
		if n, err := s.orders.OpenWork(s.ctx, anna.ID); err != nil || n != 0 {
			t.Errorf("%d orders wait for who left: %v", n, err)
		}
		if got, err := s.orders.Take(s.ctx, member(access.Fulfilment)); err != nil || got != b.Number {
			t.Errorf("took %s: %v", got, err)
		}
		if yes, err := s.orders.Working(s.ctx, anna.ID, a.Order); err != nil || yes {
			t.Errorf("still working on what was sent: %v", err)
		}
	})
}

// Taking and giving back is no way to see everybody's address.
func TestGivingBackHasABound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		s.paid(s.goods("Bowl", 1000, 90), 1)
		anna := member(access.Fulfilment)
		for i := 0; ; i++ {
			number, err := s.orders.Take(s.ctx, anna)
			if fault.Is(err, fault.TooMany) && i == 10 {
				return
			}
			s.must(err)
			s.must(s.orders.GiveUp(s.ctx, anna, number))
			s.Clock.Advance(time.Minute)
		}
	})
}

func TestFindByTheExactAddress(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		o := s.paid(s.goods("Bowl", 1000, 90), 1)
		support := member(access.Support)
		for typed, want := range map[string]int{"planted.person@MAIL.example": 1, "planted.person@mail": 0, "someone@else.example": 0} {
			list, err := s.orders.Find(s.ctx, support, vault.Typed(typed))
			s.must(err)
			if len(list) != want || want == 1 && list[0].Number != o.Number {
				t.Errorf("%s: %d orders", typed, len(list))
			}
		}
		if n := s.number(`SELECT COUNT(*) FROM audit_entry WHERE action = 'order.find' AND actor = $1`, support.ID.String()); n != 3 {
			t.Errorf("%d entries of three searches", n)
		}
		if n := s.number(`SELECT COUNT(*) FROM audit_entry WHERE action = 'order.find' AND person IS NOT NULL`); n != 1 {
			t.Errorf("%d entries name the person who was found", n)
		}
		if _, err := s.orders.Find(s.ctx, member(access.Fulfilment), vault.Typed(plantedEmail)); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a packer looked somebody up: %v", err)
		}
	})
}

// What an outside helper merely reads stands in the log, too.
func TestAWatchedRolesReadingIsLogged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		o := s.paid(s.goods("Bowl", 1000, 90), 1)
		helper := member(access.Helper)
		d, err := s.orders.ForDesk(s.ctx, helper, o.Number)
		s.must(err)
		for _, f := range d.Fields {
			if strings.Contains(f.Text, "Planted") {
				t.Errorf("%s is shown: %s", f.Name, f.Text)
			}
		}
		if d.CanReveal || d.CanRefund || d.CanShip || len(d.Payments) != 0 {
			t.Errorf("a helper could: %+v", d)
		}
		if n := s.number(`SELECT COUNT(*) FROM audit_entry WHERE action = 'order.show' AND actor = $1`, helper.ID.String()); n != 1 {
			t.Errorf("%d entries", n)
		}
		if _, err := s.orders.ForDesk(s.ctx, member(access.Auditor), o.Number); err != nil {
			t.Error(err)
		}
		if n := s.number(`SELECT COUNT(*) FROM audit_entry WHERE action = 'order.show'`); n != 1 {
			t.Errorf("an auditor's reading was logged as a helper's: %d", n)
		}
	})
}
