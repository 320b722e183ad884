package cart

import (
	"net/netip"
	"testing"
	"time"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/shop/catalog"
	"strongroom/shop/price"
)

func TestCodesOnACart(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		by := access.Guest(id.ID{}, netip.MustParseAddr("192.0.2.1"))
		ten := w.code(t, price.Code{Discount: price.Discount{Kind: price.Percent, PPM: 100_000, Stacks: true}})
		free := w.code(t, price.Code{Discount: price.Discount{Kind: price.FreeDelivery, Stacks: true}})
		five := w.code(t, price.Code{Discount: price.Discount{Kind: price.Amount, Amount: 500, Stacks: true}})
		if _, err := w.ApplyCode(ctx, "", by, ten); key(err) != "cart.none" {
			t.Errorf("a code without a cart: %v", err)
		}
		token, _ := w.add(t, "", w.cup, 2)
		for _, typed := range []string{ten, ten, free} {
			_, err := w.ApplyCode(ctx, token, by, typed)
			must(t, err)
		}
		if _, err := w.ApplyCode(ctx, token, by, five); key(err) != "price.not_together" {
			t.Errorf("a third code: %v", err)
		}
		if _, err := w.ApplyCode(ctx, token, by, "NOSUCHCODE"); key(err) != "price.code_unknown" {
			t.Errorf("a wrong code: %v", err)
		}
		v, err := w.View(ctx, token, Ask{})
		must(t, err)
		if v.Totals.Discount != 240 || v.Totals.Shipping != 0 || v.Totals.Total != 2160 || len(v.Codes) != 2 {
			t.Errorf("with two codes: %+v", v.Totals)
		}
		for _, d := range v.Codes {
			_, err := w.DropCode(ctx, token, d.Code)
			must(t, err)
		}
		if v, err = w.View(ctx, token, Ask{}); err != nil || v.Totals.Total != 2400+490 {
			t.Errorf("without codes: %+v %v", v.Totals, err)
		}
	})
}

// A code that ends while it lies in a cart is shown as gone and takes nothing off.
func TestCodeThatEnds(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		c := price.Code{Discount: price.Discount{Kind: price.Percent, PPM: 500_000}, Ends: w.Clock.Now().Add(time.Hour)}
		typed := w.code(t, c)
		token, _ := w.add(t, "", w.cup, 1)
		_, err := w.ApplyCode(ctx, token, access.Guest(id.ID{}, netip.Addr{}), typed)
		must(t, err)
		w.Clock.Advance(2 * time.Hour)
		v, err := w.View(ctx, token, Ask{})
		must(t, err)
		if v.Totals.Discount != 0 || len(v.Gone) != 1 || v.Gone[0].Key != "price.code_ended" {
			t.Errorf("%+v %+v", v.Totals, v.Gone)
		}
		next := w.code(t, price.Code{Discount: price.Discount{Kind: price.Amount, Amount: 100}})
		got, err := w.ApplyCode(ctx, token, access.Guest(id.ID{}, netip.Addr{}), next)
		must(t, err)
		if len(got.Codes) != 1 {
			t.Errorf("the code that ended still lies in the cart: %v", got.Codes)
		}
	})
}

func TestViewShowsWhatIsTrueNow(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		token, _ := w.add(t, "", w.cup, 2)
		w.add(t, token, w.mug, 1)
		v, err := w.View(ctx, token, Ask{Lang: "en"})
		must(t, err)
		if !v.Ready || !v.Estimated || v.Country != "DE" || v.Weight != 1300 || v.Count != 3 || v.Offer.Key != "standard" {
			t.Errorf("view: %+v", v)
		}
		if l := v.Lines[1]; !l.HasUnit || l.Unit.Amount != 3100 || l.Most != 3 || l.Total != 1550 {
			t.Errorf("second line: %+v", l)
		}
		from, until, ok := v.Expected()
		if !ok || !from.Before(until) {
			t.Errorf("expected %s to %s", from, until)
		}
		w.shelf.put(1, catalog.Item{Name: "Cup", Price: 1300, WeightGrams: 400}, 1) // dearer, and one left
		delete(w.shelf.items, w.mug)
		v, err = w.View(ctx, token, Ask{Offer: "express", Country: "DE", Postcode: "10115"})
		must(t, err)
		if v.Ready || v.Lines[0].Problem != "cart.short" || v.Lines[1].Problem != "cart.gone" || v.Totals.Goods != 2600 || v.Offer.Key != "express" || v.Estimated {
			t.Errorf("after the change: %+v", v)
		}
		for _, c := range []struct{ country, postcode, want string }{
			{"DE", "27498", "price.territory"}, {"US", "10001", "cart.no_delivery"}, {"ES", "35001", "price.territory"}} {
			v, err = w.View(ctx, token, Ask{Country: c.country, Postcode: c.postcode})
			if err != nil || v.NoWay != c.want || v.Ready || v.Offer != nil {
				t.Errorf("%s %s: %q %v", c.country, c.postcode, v.NoWay, err)
			}
		}
		if v, err = w.View(ctx, "", Ask{}); err != nil || v.Ready || v.Totals.Total != 0 || v.Offer != nil {
			t.Errorf("an empty cart: %+v %v", v, err)
		}
	})
}

// The delivery price depends on what the goods cost after discounts.
func TestFreeDeliveryIsDecidedAfterDiscounts(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		token, _ := w.add(t, "", w.cup, 5) // 60.00
		v, err := w.View(ctx, token, Ask{})
		must(t, err)
		if v.Totals.Shipping != 0 {
			t.Errorf("60.00 of goods pay %d", v.Totals.Shipping)
		}
		code := w.code(t, price.Code{Discount: price.Discount{Kind: price.Amount, Amount: 1}})
		_, err = w.ApplyCode(ctx, token, access.Guest(id.ID{}, netip.Addr{}), code)
		must(t, err)
		if v, err = w.View(ctx, token, Ask{}); err != nil || v.Totals.Shipping == 0 {
			t.Errorf("59.99 of goods pay %d, %v", v.Totals.Shipping, err)
		}
	})
}

func TestCountryOfDelivery(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		token, _ := w.add(t, "", w.cup, 1)
		c, err := w.SetCountry(ctx, token, "fr")
		must(t, err)
		v, err := w.View(ctx, token, Ask{})
		must(t, err)
		if c.Country != "FR" || v.Country != "FR" || v.Offer.Price != 990 || v.Totals.Taxes[0].PPM != 200_000 {
			t.Errorf("to France: %+v", v)
		}
		if _, err := w.SetCountry(ctx, token, "US"); !fault.Is(err, fault.Invalid) {
			t.Errorf("a country without delivery: %v", err)
		}
	})
}
