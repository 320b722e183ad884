package cart

import (
	"net/netip"
	"sync"
	"testing"

	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/shop/catalog"
	"strongroom/shop/price"
)

var somebody = id.ID{77}

// Lines add up at sign-in, as far as the stock and the bounds go, and never below what was there; the code stays.
func TestMergeAddsUp(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		gone := w.shelf.put(3, catalog.Item{Name: "Jug", Price: 900}, 5)
		mine := w.Mine(somebody)
		for _, l := range []Line{{w.cup, 7}, {w.mug, 1}} {
			_, err := w.AddMine(ctx, mine, l.Variant, l.Quantity)
			must(t, err)
		}
		guest, _ := w.add(t, "", w.cup, 6)
		guest, _ = w.add(t, guest, w.mug, 1)
		guest, _ = w.add(t, guest, gone, 2)
		w.shelf.put(3, catalog.Item{Name: "Jug", Price: 900}, 0) // sold out meanwhile
		_, err := w.ApplyCode(ctx, guest, access.Guest(id.ID{}, netip.Addr{}), w.code(t, price.Code{Discount: price.Discount{Kind: price.Percent, PPM: 100_000}}))
		must(t, err)
		m, err := w.Merge(ctx, guest, mine)
		must(t, err)
		c, err := w.Get(ctx, mine)
		must(t, err)
		if m.Left || m.Why != Fewer || m.Into != c.ID || m.From.IsZero() {
			t.Errorf("%+v", m)
		}
		for v, want := range map[id.ID]int64{w.cup: 10 /* the stock */, w.mug: 2, gone: 2 /* as it was */} {
			if got := c.Quantity(v); got != want {
				t.Errorf("%d pieces instead of %d", got, want)
			}
		}
		if len(c.Codes) != 1 {
			t.Errorf("%d codes", len(c.Codes))
		}
		for range 2 { // again: there is nothing to take any more
			if m, err := w.Merge(ctx, guest, mine); err != nil || m != (Merged{}) {
				t.Errorf("%+v, %v", m, err)
			}
		}
		if n, err := w.Count(ctx, mine); err != nil || n != 14 {
			t.Errorf("%d pieces, %v", n, err)
		}
	})
}

// A limit for each order holds, and nothing of the mug's three is lost; what finds no room stays with the guest.
func TestMergeKeepsTheBounds(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		mine := w.Mine(somebody)
		_, err := w.AddMine(ctx, mine, w.mug, 2)
		must(t, err)
		for n := range MaxLines - 1 {
			_, err := w.AddMine(ctx, mine, w.shelf.put(byte(100+n), catalog.Item{Name: "Bead", Price: 100}, 9), 1)
			must(t, err)
		}
		guest, _ := w.add(t, "", w.mug, 3)
		guest, _ = w.add(t, guest, w.cup, 4)
		m, err := w.Merge(ctx, guest, mine)
		must(t, err)
		c, err := w.Get(ctx, mine)
		must(t, err)
		if !m.Left || m.Why != NoRoom || len(c.Lines) != MaxLines || c.Quantity(w.mug) != 3 {
			t.Errorf("%+v with %d lines and %d mugs", m, len(c.Lines), c.Quantity(w.mug))
		}
		left, err := w.Get(ctx, guest)
		if err != nil || len(left.Lines) != 1 || left.Quantity(w.cup) != 4 {
			t.Errorf("the guest's cart has %+v, %v", left.Lines, err)
		}
	})
}

// Two codes that may not stand together: the one that was typed in this browser stays.
func TestMergeOfTwoCodes(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		mine := w.Mine(somebody)
		_, err := w.AddMine(ctx, mine, w.cup, 1)
		must(t, err)
		guest, _ := w.add(t, "", w.cup, 1)
		by := access.Guest(id.ID{}, netip.Addr{})
		var ids []id.ID
		for _, token := range []id.Token{mine, guest} {
			c, err := w.ApplyCode(ctx, token, by, w.code(t, price.Code{Discount: price.Discount{Kind: price.Percent, PPM: 50_000}}))
			must(t, err)
			ids = append(ids, c.Codes...)
		}
		_, err = w.Merge(ctx, guest, mine)
		must(t, err)
		if c, err := w.Get(ctx, mine); err != nil || len(c.Codes) != 1 || c.Codes[0] != ids[1] {
			t.Errorf("codes %v of %v, %v", c.Codes, ids, err)
		}
	})
}

// Sign-ins at the same time, of one browser twice and of two browsers, lose and double nothing.
func TestMergesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		bead := w.shelf.put(9, catalog.Item{Name: "Bead", Price: 100}, 900)
		mine := w.Mine(somebody)
		var wg sync.WaitGroup
		for range 4 {
			guest, _ := w.add(t, "", bead, 5)
			for range 2 {
				wg.Go(func() {
					if _, err := w.Merge(ctx, guest, mine); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		if n, err := w.Count(ctx, mine); err != nil || n != 20 {
			t.Errorf("%d pieces instead of 20, %v", n, err)
		}
	})
}

// A cart whose order is being paid is left alone on either side, and whoever goes on shopping has a new one.
func TestMergeLeavesOrderedCartsAlone(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		mine := w.Mine(somebody)
		guest, g := w.add(t, "", w.cup, 2)
		must(t, w.close(g, id.ID{1}))
		if m, err := w.Merge(ctx, guest, mine); err != nil || !m.Left || m.Why != 0 {
			t.Errorf("%+v, %v", m, err)
		}
		own, err := w.AddMine(ctx, mine, w.cup, 1)
		must(t, err)
		must(t, w.close(own, id.ID{2}))
		open, _ := w.add(t, "", w.mug, 1)
		if m, err := w.Merge(ctx, open, mine); err != nil || !m.Left || m.Why != Waiting {
			t.Errorf("%+v, %v", m, err)
		}
		if n, err := w.Count(ctx, open); err != nil || n != 1 {
			t.Errorf("%d pieces, %v", n, err)
		}
		next, err := w.AddMine(ctx, mine, w.mug, 1)
		must(t, err)
		if next.ID == own.ID || next.Count() != 1 {
			t.Errorf("%+v", next)
		}
		if c, err := w.ByID(ctx, own.ID); err != nil || c.State != Closed || c.Count() != 1 {
			t.Errorf("the ordered cart is %+v, %v", c, err)
		}
		if m, err := w.Merge(ctx, open, mine); err != nil || m.Left || m.Why != 0 {
			t.Errorf("%+v, %v", m, err)
		}
		if n, err := w.Count(ctx, mine); err != nil || n != 2 {
			t.Errorf("%d pieces, %v", n, err)
		}
	})
}

// Another account has another cart (V8.2.2).
func TestOwnCartsAreApart(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		_, err := w.AddMine(ctx, w.Mine(somebody), w.cup, 1)
		must(t, err)
		if n, err := w.Count(ctx, w.Mine(id.ID{78})); err != nil || n != 0 {
			t.Errorf("%d pieces in somebody else's cart, %v", n, err)
		}
	})
}
