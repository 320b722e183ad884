package price

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
)

const today Day = 2026_11_02

func taxes(t testing.TB, rules Rules) *Taxes {
	t.Helper()
	x, err := LoadTaxes(rules)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func basket(mode Mode, lines ...Line) Basket {
	return Basket{Lines: lines, Mode: mode, Country: "DE", Day: today}
}

func calculate(t *testing.T, b Basket) Totals {
	t.Helper()
	got, err := Calculate(taxes(t, DefaultRules("DE")), b)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// A basket worked out by hand: 2 x 19.99 at 19 %, 3 x 4.50 at 7 %, 10 % off, delivery 4.90.
func TestInclusiveBasketByHand(t *testing.T) {
	b := basket(Inclusive, Line{1999, 2, Standard}, Line{450, 3, Reduced})
	b.Discounts = []Discount{{Kind: Percent, PPM: 100_000}}
	b.Delivery = 490
	got := calculate(t, b)
	// Goods 39.98 + 13.50 = 53.48; 10 % is 5.348, 5.35 off, of which 4.00 and 1.35; left 35.98 and 12.15.
	// Tax in 35.98 at 19 % is 5.7447; in 12.15 at 7 % is 0.7949. Delivery 4.90 in the mix: 3.66 and 1.24 (0.58, 0.08).
	for _, c := range []struct {
		what      string
		got, want money.Amount
	}{
		{"goods", got.Goods, 5348}, {"discount", got.Discount, 535}, {"shipping", got.Shipping, 490},
		{"first line's share", got.Lines[0].Discount, 400}, {"second line's share", got.Lines[1].Discount, 135},
		{"first line's tax", got.Lines[0].Tax, 574}, {"second line's tax", got.Lines[1].Tax, 79},
		{"delivery at 19 %", got.Delivery.Parts[0].Gross, 366}, {"delivery at 7 %", got.Delivery.Parts[1].Gross, 124},
		{"tax of the delivery", got.Delivery.Tax, 58 + 8}, {"tax", got.Tax, 574 + 79 + 66}, {"total", got.Total, 5303},
		{"net", got.Net, 5303 - 719},
	} {
		if c.got != c.want {
			t.Errorf("%s is %d, want %d", c.what, c.got, c.want)
		}
	}
	if l := got.Lines[0].Rate; l.PPM != 190_000 || l.Since.String() != "2021-01-01" || l.Source == "" {
		t.Errorf("the line does not say which rate from when: %+v", l)
	}
}

func TestExclusiveBasketByHand(t *testing.T) {
	b := basket(Exclusive, Line{1050, 1, Standard}, Line{1000, 1, NoTax})
	b.Discounts = []Discount{{Kind: Amount, Amount: 205}}
	b.Delivery = 100
	got := calculate(t, b)
	// 2.05 off 20.50: 1.05 and 1.00; 9.45 x 19 % = 1.7955; delivery 1.00: 9.45/18.45 of it is 0.51 with 0.10 tax.
	if got.Net != 1845+100 || got.Tax != 180+10 || got.Total != got.Net+got.Tax || got.Lines[1].Tax != 0 {
		t.Errorf("got net %d tax %d total %d lines %+v", got.Net, got.Tax, got.Total, got.Lines)
	}
}

func TestFreeDeliveryAndMinimum(t *testing.T) {
	b := basket(Inclusive, Line{1000, 1, Standard})
	b.Delivery = 490
	b.Discounts = []Discount{{Kind: FreeDelivery, MinGoods: 1001}}
	got := calculate(t, b)
	if got.Total != 1490 || got.Discounts[0].Missing != 1 {
		t.Errorf("below the minimum: total %d, missing %d", got.Total, got.Discounts[0].Missing)
	}
	b.Discounts[0].MinGoods = 1000
	got = calculate(t, b)
	if got.Total != 1000 || got.Shipping != 0 || got.Delivery.Price != 490 || got.Delivery.Tax != 0 {
		t.Errorf("at the minimum: %+v", got)
	}
}

// V2.2.1, attack row 11: what no honest basket holds is refused, and nothing wraps round.
func TestHostileBaskets_V2_2_1(t *testing.T) {
	x := taxes(t, DefaultRules("DE"))
	for name, b := range map[string]Basket{
		"negative price":     basket(Inclusive, Line{-1, 1, Standard}),
		"negative quantity":  basket(Inclusive, Line{1, -1, Standard}),
		"no quantity":        basket(Inclusive, Line{1, 0, Standard}),
		"huge quantity":      basket(Inclusive, Line{1, 1 << 62, Standard}),
		"huge price":         basket(Inclusive, Line{1 << 62, 4, Standard}),
		"sum beyond bound":   basket(Inclusive, Line{money.Max, 1, Standard}, Line{1, 1, Standard}),
		"tax beyond bound":   basket(Exclusive, Line{money.Max, 1, Standard}),
		"no mode":            basket("", Line{1, 1, Standard}),
		"too many lines":     basket(Inclusive, slices.Repeat([]Line{{1, 1, Standard}}, MaxLines+1)...),
		"negative delivery":  {Mode: Inclusive, Country: "DE", Day: today, Delivery: -1},
		"huge delivery":      {Mode: Inclusive, Country: "DE", Day: today, Delivery: money.Max + 1},
		"negative discount":  {Mode: Inclusive, Country: "DE", Day: today, Discounts: []Discount{{Kind: Amount, Amount: -5}}},
		"discount over 100%": {Mode: Inclusive, Country: "DE", Day: today, Discounts: []Discount{{Kind: Percent, PPM: 1_000_001}}},
		"unknown discount":   {Mode: Inclusive, Country: "DE", Day: today, Discounts: []Discount{{Kind: "gift"}}},
	} {
		got, err := Calculate(x, b)
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
		want := map[string]string{"negative price": "price.line_invalid", "negative delivery": "price.line_invalid", "huge price": "price.too_large"}[name]
		if got.Total != 0 || want != "" && key(err) != want {
			t.Errorf("%s came to %d, %v", name, got.Total, err)
		}
	}
}

// drawBasket makes any basket that Calculate should take; amounts are small or close to the bound.
func drawBasket(t *rapid.T, mode Mode) Basket {
	amount := rapid.OneOf(rapid.Int64Range(0, 20), rapid.Int64Range(0, 100_000), rapid.Int64Range(0, 20_000_000))
	line := rapid.Custom(func(t *rapid.T) Line {
		return Line{money.Amount(amount.Draw(t, "unit")), rapid.Int64Range(1, 200).Draw(t, "quantity"),
			rapid.SampledFrom(Classes()).Draw(t, "class")}
	})
	b := basket(mode, rapid.SliceOfN(line, 0, 12).Draw(t, "lines")...)
	b.Country = rapid.SampledFrom([]string{"DE", "FR", "IE", "HU", "DK", "US"}).Draw(t, "country")
	b.Delivery = money.Amount(amount.Draw(t, "delivery"))
	if rapid.Bool().Draw(t, "discounted") {
		b.Discounts = append(b.Discounts, drawDiscount(t, rapid.SampledFrom(Kinds()).Draw(t, "kind")))
	}
	return b
}

func drawDiscount(t *rapid.T, k Kind) Discount {
	d := Discount{Kind: k, MinGoods: money.Amount(rapid.Int64Range(0, 5000).Draw(t, "minimum"))}
	copy(d.Code[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
	switch k {
	case Percent:
		d.PPM = rapid.Int64Range(1, money.PPM).Draw(t, "ppm")
	case Amount:
		d.Amount = money.Amount(rapid.Int64Range(1, 1_000_000).Draw(t, "off"))
	}
	return d
}

// sound holds what is true of all totals.
func sound(t interface{ Errorf(string, ...any) }, b Basket, got Totals) {
	var goods, discount, net, tax, total money.Amount
	for i, l := range got.Lines {
		goods, discount = goods+l.Goods, discount+l.Discount
		net, tax, total = net+l.Net, tax+l.Tax, total+l.Total
		if l.Discount < 0 || l.Discount > l.Goods || l.Tax < 0 || l.Net < 0 || l.Net+l.Tax != l.Total {
			t.Errorf("line %d: %+v", i, l)
		}
	}
	if goods != got.Goods || discount != got.Discount {
		t.Errorf("lines come to %d - %d, totals say %d - %d", goods, discount, got.Goods, got.Discount)
	}
	d := got.Delivery
	if net+d.Net != got.Net || tax+d.Tax != got.Tax || total+d.Total != got.Total {
		t.Errorf("lines and delivery do not add up to the total: %+v", got)
	}
	if got.Discount < 0 || got.Discount > got.Goods || got.Total < 0 || got.Net+got.Tax != got.Total {
		t.Errorf("totals: %+v", got)
	}
	base := got.Goods - got.Discount + got.Shipping
	if b.Mode == Inclusive && base != got.Total || b.Mode == Exclusive && base != got.Net {
		t.Errorf("goods %d - discount %d + shipping %d is neither total nor net of %+v", got.Goods, got.Discount, got.Shipping, got)
	}
	var sums TaxSum
	for _, s := range got.Taxes {
		if s.Net+s.Tax != s.Gross || s.Tax < 0 {
			t.Errorf("tax sum %+v", s)
		}
		sums.Net, sums.Tax, sums.Gross = sums.Net+s.Net, sums.Tax+s.Tax, sums.Gross+s.Gross
	}
	if sums.Net != got.Net || sums.Tax != got.Tax || sums.Gross != got.Total {
		t.Errorf("tax sums %+v do not add up to %+v", sums, got)
	}
}

func TestTotalsAreSound(t *testing.T) {
	x := taxes(t, DefaultRules("DE"))
	rapid.Check(t, func(rt *rapid.T) {
		b := drawBasket(rt, rapid.SampledFrom([]Mode{Inclusive, Exclusive}).Draw(rt, "mode"))
		got, err := Calculate(x, b)
		if err != nil {
			rt.Fatalf("%v", err)
		}
		sound(rt, b, got)
	})
}

func TestOrderOfLinesDoesNotMatter(t *testing.T) {
	x := taxes(t, DefaultRules("DE"))
	rapid.Check(t, func(rt *rapid.T) {
		b := drawBasket(rt, rapid.SampledFrom([]Mode{Inclusive, Exclusive}).Draw(rt, "mode"))
		first, err := Calculate(x, b)
		if err != nil {
			rt.Fatalf("%v", err)
		}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "shuffle"), 0))
		r.Shuffle(len(b.Lines), func(i, j int) { b.Lines[i], b.Lines[j] = b.Lines[j], b.Lines[i] })
		second, err := Calculate(x, b)
		if err != nil || first.Total != second.Total || first.Tax != second.Tax || !slices.Equal(first.Taxes, second.Taxes) {
			rt.Fatalf("%d with tax %d became %d with tax %d (%v)", first.Total, first.Tax, second.Total, second.Tax, err)
		}
	})
}

// With the largest amounts there is either a result within the bounds or a refusal, never a wrapped number.
func TestBoundsHold(t *testing.T) {
	x := taxes(t, DefaultRules("HU"))
	huge := rapid.Int64Range(int64(money.Max)/4, int64(money.Max)+10)
	rapid.Check(t, func(rt *rapid.T) {
		b := Basket{Mode: rapid.SampledFrom([]Mode{Inclusive, Exclusive}).Draw(rt, "mode"), Country: "HU", Day: today,
			Delivery: money.Amount(huge.Draw(rt, "delivery"))}
		for range rapid.IntRange(0, 4).Draw(rt, "lines") {
			b.Lines = append(b.Lines, Line{money.Amount(huge.Draw(rt, "unit")), rapid.Int64Range(1, 2).Draw(rt, "n"), Standard})
		}
		got, err := Calculate(x, b)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				rt.Fatalf("%v", err)
			}
			return
		}
		if money.Check(got.Total) != nil || got.Total < 0 {
			rt.Fatalf("total %d", got.Total)
		}
		sound(rt, b, got)
	})
}

// Attack row 16: every pair of kinds, with and without the mark for stacking. Pairs that may not stand together are
// refused; of the others the total never falls below zero, nor the goods below nothing.
func TestStackingOverAllPairs(t *testing.T) {
	x := taxes(t, DefaultRules("DE"))
	allowed := map[[2]Kind]bool{{Percent, FreeDelivery}: true, {FreeDelivery, Percent}: true,
		{Amount, FreeDelivery}: true, {FreeDelivery, Amount}: true}
	for _, a := range Kinds() {
		for _, b := range Kinds() {
			for stacks := range 4 {
				rapid.Check(t, func(rt *rapid.T) {
					one, two := drawDiscount(rt, a), drawDiscount(rt, b)
					one.Stacks, two.Stacks = stacks&1 != 0, stacks&2 != 0
					one.Code, two.Code = id.ID{1}, id.ID{2}
					bk := drawBasket(rt, Inclusive)
					bk.Discounts = []Discount{one, two}
					got, err := Calculate(x, bk)
					if want := allowed[[2]Kind{a, b}] && stacks == 3; want != (err == nil) {
						rt.Fatalf("%s with %s, marks %b: %v", a, b, stacks, err)
					}
					if err == nil {
						sound(rt, bk, got)
					}
				})
			}
		}
	}
}

// The arithmetic itself has the floor, also for combinations that the matrix forbids.
func TestDiscountsNeverTakeMoreThanThereIs(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		goods := money.Amount(rapid.Int64Range(0, 1_000_000).Draw(rt, "goods"))
		left := goods
		for range rapid.IntRange(1, 6).Draw(rt, "n") {
			off, err := drawDiscount(rt, rapid.SampledFrom(Kinds()).Draw(rt, "kind")).off(goods, left)
			if err != nil || off < 0 || off > left {
				rt.Fatalf("%d off %d: %v", off, left, err)
			}
			left -= off
		}
	})
}

func TestACodeDoesNotStackWithItself(t *testing.T) {
	d := Discount{Code: id.ID{7}, Kind: FreeDelivery, Stacks: true}
	p := Discount{Code: id.ID{7}, Kind: Percent, PPM: 1, Stacks: true}
	if Together(d, p) || Together(d, d) {
		t.Error("a code went with itself")
	}
}

func TestUnitPrices(t *testing.T) {
	for _, c := range []struct {
		price    money.Amount
		contents int64
		base     string
		want     UnitPrice
		ok       bool
	}{
		{299, 750, "l", UnitPrice{399, 1, "l"}, true},
		{995, 250, "kg", UnitPrice{3980, 1, "kg"}, true},
		{995, 250, "100g", UnitPrice{398, 100, "g"}, true},
		{450, 30, "100ml", UnitPrice{1500, 100, "ml"}, true},
		{1200, 2500, "m", UnitPrice{480, 1, "m"}, true},
		{990, 6, "piece", UnitPrice{165, 1, "piece"}, true},
		{500, 1000, "kg", UnitPrice{}, false}, // the price is the unit price
		{500, 0, "kg", UnitPrice{}, false},
		{500, 100, "stone", UnitPrice{}, false},
		{money.Max, 1, "kg", UnitPrice{}, false},
	} {
		got, ok := PerUnit(c.price, c.contents, c.base)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%d for %d %s: %+v %v", c.price, c.contents, c.base, got, ok)
		}
	}
}

// Where two equal lines of different rates wait for one odd cent, their place in the basket must not decide who gets it.
func TestOddCentsDoNotFollowTheOrderOfLines(t *testing.T) {
	x := taxes(t, DefaultRules("DE"))
	for _, mode := range []Mode{Inclusive, Exclusive} {
		for a := money.Amount(1); a < 40; a++ {
			for off := money.Amount(1); off < 2*a; off += 2 {
				b := basket(mode, Line{a, 1, Standard}, Line{a, 1, NoTax}, Line{1, int64(a), Reduced})
				b.Discounts = []Discount{{Kind: Amount, Amount: off}}
				b.Delivery = 7
				one, err := Calculate(x, b)
				slices.Reverse(b.Lines)
				two, err2 := Calculate(x, b)
				if err != nil || err2 != nil || one.Tax != two.Tax || one.Total != two.Total || !slices.Equal(one.Taxes, two.Taxes) {
					t.Fatalf("%s, %d each, %d off: tax %d and %d, total %d and %d", mode, a, off, one.Tax, two.Tax, one.Total, two.Total)
				}
			}
		}
	}
}
