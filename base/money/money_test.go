package money

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// anyAmount draws amounts of all sizes, also just inside and outside the bound.
func anyAmount(t *rapid.T, name string) Amount {
	return Amount(rapid.OneOf(rapid.Int64Range(-100, 100), rapid.Int64Range(int64(-Max), int64(Max)),
		rapid.Int64Range(int64(Max)-3, int64(Max)+3), rapid.Int64Range(int64(-Max)-3, int64(-Max)+3), rapid.Int64()).Draw(t, name))
}

func inBound(x *big.Int) bool { return x.CmpAbs(big.NewInt(int64(Max))) <= 0 }

// judge compares a result with the one of unbounded arithmetic: equal within the bound, ErrRange outside.
func judge(t *rapid.T, got Amount, err error, want *big.Int, legal bool) {
	if legal && inBound(want) {
		if err != nil || big.NewInt(int64(got)).Cmp(want) != 0 {
			t.Fatalf("got %d %v, want %s", got, err, want)
		}
		return
	}
	if !errors.Is(err, ErrRange) || got != 0 {
		t.Fatalf("got %d %v, want ErrRange", got, err)
	}
}

// Sums are checked and never wrap around (V1.4.2).
func TestAddAndTimesNeverWrap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyAmount(t, "a"), anyAmount(t, "b")
		legal := Check(a) == nil && Check(b) == nil
		got, err := Add(a, b)
		judge(t, got, err, new(big.Int).Add(big.NewInt(int64(a)), big.NewInt(int64(b))), legal)
		n := rapid.OneOf(rapid.Int64Range(-1000, 1000), rapid.Int64(), rapid.Just(int64(math.MinInt64))).Draw(t, "n")
		got, err = Times(a, n)
		judge(t, got, err, new(big.Int).Mul(big.NewInt(int64(a)), big.NewInt(n)), Check(a) == nil)
	})
}

func TestMulDivRoundsHalfUpAwayFromZero(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := anyAmount(t, "a")
		num := rapid.OneOf(rapid.Int64Range(-2, 2*PPM), rapid.Int64()).Draw(t, "num")
		den := rapid.OneOf(rapid.Int64Range(-2, 2*PPM), rapid.Int64()).Draw(t, "den")
		got, err := MulDiv(a, num, den)
		legal := Check(a) == nil && num >= 0 && den > 0
		want := new(big.Int)
		if legal { // floor((2|a|num + den) / 2den), with a's sign
			want.Mul(new(big.Int).Abs(big.NewInt(int64(a))), big.NewInt(num)).Lsh(want, 1)
			want.Add(want, big.NewInt(den)).Quo(want, new(big.Int).Lsh(big.NewInt(den), 1))
			if a < 0 {
				want.Neg(want)
			}
		}
		judge(t, got, err, want, legal)
	})
}

func TestRatesByHand(t *testing.T) {
	for _, c := range []struct {
		a    Amount
		ppm  int64
		rate Amount
		tax  Amount
	}{
		{1999, 190_000, 380, 319}, {1, 190_000, 0, 0}, {3, 190_000, 1, 0}, {100, 255_000, 26, 20}, {-100, 255_000, -26, -20},
		{50, 10_000, 1, 0}, {49, 10_000, 0, 0}, {Max, PPM, Max, Max / 2}, {0, 190_000, 0, 0}, {500, 0, 0, 0},
	} {
		if got, err := Rate(c.a, c.ppm); err != nil || got != c.rate {
			t.Errorf("%d ppm of %d: %d %v, want %d", c.ppm, c.a, got, err, c.rate)
		}
		if got, err := TaxWithin(c.a, c.ppm); err != nil || got != c.tax {
			t.Errorf("%d ppm within %d: %d %v, want %d", c.ppm, c.a, got, err, c.tax)
		}
	}
}

// What is left without its tax, taxed again, is the gross amount to within the rounding of one unit.
func TestTaxWithinIsTheInverseOfRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gross := Amount(rapid.Int64Range(0, int64(Max)).Draw(t, "gross"))
		ppm := rapid.Int64Range(0, 300_000).Draw(t, "ppm")
		tax, err := TaxWithin(gross, ppm)
		if err != nil || tax < 0 || tax > gross {
			t.Fatalf("tax %d of %d: %v", tax, gross, err)
		}
		again, err := Rate(gross-tax, ppm)
		if err != nil || again-tax > 1 || tax-again > 1 {
			t.Fatalf("tax %d, counted again %d: %v", tax, again, err)
		}
	})
}

func TestShareLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := Amount(rapid.Int64Range(int64(-Max), int64(Max)).Draw(t, "total"))
		weights := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Amount {
			return Amount(rapid.OneOf(rapid.Int64Range(0, 3), rapid.Int64Range(0, int64(Max))).Draw(t, "w"))
		}), 1, 30).Draw(t, "weights")
		parts, err := Share(total, weights)
		if err != nil {
			t.Fatal(err)
		}
		var sum, all big.Int
		for i, p := range parts {
			sum.Add(&sum, big.NewInt(int64(p)))
			all.Add(&all, big.NewInt(int64(weights[i])))
		}
		if sum.Int64() != int64(total) {
			t.Fatalf("parts of %d add up to %s", total, &sum)
		}
		for i, p := range parts {
			if all.Sign() == 0 {
				if i > 0 && p != 0 {
					t.Fatalf("without weights part %d is %d", i, p)
				}
				continue
			}
			// A part is never a whole unit away from its exact share: |p*all - total*w| < all.
			d := new(big.Int).Mul(big.NewInt(int64(p)), &all)
			d.Sub(d, new(big.Int).Mul(big.NewInt(int64(total)), big.NewInt(int64(weights[i]))))
			if d.CmpAbs(&all) >= 0 {
				t.Fatalf("part %d is %d of %d for weight %d", i, p, total, weights[i])
			}
		}
	})
}

func TestShareByHandAndRefusals(t *testing.T) {
	for _, c := range []struct {
		total   Amount
		weights []Amount
		want    []Amount
	}{
		{100, []Amount{1, 1, 1}, []Amount{34, 33, 33}}, {-100, []Amount{1, 1, 1}, []Amount{-34, -33, -33}},
		{5, []Amount{0, 0}, []Amount{5, 0}}, {0, []Amount{3, 4}, []Amount{0, 0}}, {7, []Amount{1, 2}, []Amount{2, 5}},
		{Max, []Amount{Max, Max}, []Amount{Max / 2, Max / 2}}, {9, nil, []Amount{}},
	} {
		got, err := Share(c.total, c.weights)
		if err != nil || len(got) != len(c.want) {
			t.Fatalf("%d over %v: %v %v", c.total, c.weights, got, err)
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%d over %v: %v", c.total, c.weights, got)
			}
		}
	}
	for _, c := range []struct {
		total   Amount
		weights []Amount
	}{{Max + 1, []Amount{1}}, {1, []Amount{-1, 2}}, {1, []Amount{Max + 1}}} {
		if _, err := Share(c.total, c.weights); !errors.Is(err, ErrRange) {
			t.Errorf("%d over %v: %v", c.total, c.weights, err)
		}
	}
}

func TestSumStopsAtTheBound(t *testing.T) {
	if got, err := Sum(1, 2, -3, 10); err != nil || got != 10 {
		t.Errorf("%d %v", got, err)
	}
	if _, err := Sum(Max, 1, -1); !errors.Is(err, ErrRange) {
		t.Errorf("a partial sum beyond the bound: %v", err)
	}
}

func TestDecimalAndParse(t *testing.T) {
	for _, c := range []struct {
		a    Amount
		c    Currency
		want string
	}{{1230, "EUR", "12.30"}, {5, "EUR", "0.05"}, {-5, "EUR", "-0.05"}, {0, "EUR", "0.00"}, {1230, "JPY", "1230"},
		{1, "KWD", "0.001"}, {-1234567, "KWD", "-1234.567"}, {Max, "EUR", "10000000000.00"}} {
		if got := Decimal(c.a, c.c); got != c.want {
			t.Errorf("%d %s: %s, want %s", c.a, c.c, got, c.want)
		}
	}
	for s, want := range map[string]Amount{"12": 1200, "12.5": 1250, "12.50": 1250, "0": 0, "0.01": 1, "007": 700, "10000000000": Max} {
		if got, err := Parse(s, "EUR"); err != nil || got != want {
			t.Errorf("%q: %d %v", s, got, err)
		}
	}
	for _, s := range []string{"", ".", "-1", "+1", "1.", ".5", "1.234", "1,50", "1 000", "1e3", "٣", "0x1", "NaN", "1.2.3", "1.-5", strings.Repeat("9", 40)} {
		if got, err := Parse(s, "EUR"); !errors.Is(err, ErrSyntax) || got != 0 {
			t.Errorf("%q: %d %v", s, got, err)
		}
	}
	if _, err := Parse("10000000000.01", "EUR"); !errors.Is(err, ErrRange) {
		t.Errorf("above the bound: %v", err)
	}
	if _, err := Parse("1.5", "JPY"); !errors.Is(err, ErrSyntax) {
		t.Errorf("half a yen: %v", err)
	}
}

func TestCurrencies(t *testing.T) {
	if !Currency("EUR").Known() || Currency("eur").Known() || Currency("XXX").Known() || Currency("").Known() {
		t.Error("the wrong currencies are known")
	}
	if Currency("JPY").Digits() != 0 || Currency("KWD").Digits() != 3 || Currency("XXX").Digits() != 2 {
		t.Error("currencies have the wrong digits")
	}
}

// FuzzParse: what is taken is within bounds, not negative, and written back it reads the same.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"12.30", "0", "-1", "1e9", "99999999999999", ".", "1.2.3"} {
		f.Add(s, "EUR")
	}
	f.Add("1", "JPY")
	f.Add("1.234", "KWD")
	f.Fuzz(func(t *testing.T, s, c string) {
		a, err := Parse(s, Currency(c))
		if err != nil {
			return
		}
		if again, err := Parse(Decimal(a, Currency(c)), Currency(c)); a < 0 || a > Max || err != nil || again != a {
			t.Errorf("%q %s: %d, again %d %v", s, c, a, again, err)
		}
	})
}
