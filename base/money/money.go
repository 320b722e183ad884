// Package money counts in whole minor units beside a currency, and never in fractions.
//
// An Amount is bounded by Max in both directions, so that sums of bounded lists cannot overflow an int64. Whatever
// leaves the bound is an error and never wraps round. Rounding is half up, away from zero (Round), and sharing a sum
// is by largest remainder (Share), which loses and invents nothing.
package money

import (
	"errors"
	"math/bits"
	"sort"
)

// Amount is a number of minor units (cents, pence, yen) of the store's one currency.
type Amount int64

// Max is the largest amount that the store handles: 10^12 minor units.
const Max Amount = 1_000_000_000_000

// PPM is the denominator of rates: parts per million. 19 % is 190_000.
const PPM = 1_000_000

var (
	// ErrRange is returned when a result would leave -Max..Max.
	ErrRange = errors.New("money: amount out of range")
	// ErrSyntax is returned by Parse for what is not a decimal number of the currency.
	ErrSyntax = errors.New("money: not an amount")
)

// Check returns ErrRange if a is outside -Max..Max.
func Check(a Amount) error {
	if a > Max || a < -Max {
		return ErrRange
	}
	return nil
}

// Add returns a+b, or ErrRange.
func Add(a, b Amount) (Amount, error) {
	if Check(a) != nil || Check(b) != nil || Check(a+b) != nil {
		return 0, ErrRange
	}
	return a + b, nil
}

// Sum adds all amounts, or returns ErrRange as soon as a partial sum leaves the bound.
func Sum(as ...Amount) (Amount, error) {
	var total Amount
	for _, a := range as {
		t, err := Add(total, a)
		if err != nil {
			return 0, err
		}
		total = t
	}
	return total, nil
}

// Times returns a*n, or ErrRange.
func Times(a Amount, n int64) (Amount, error) {
	if Check(a) != nil {
		return 0, ErrRange
	}
	neg := (a < 0) != (n < 0)
	hi, lo := bits.Mul64(abs(int64(a)), abs(n))
	if hi != 0 || lo > uint64(Max) {
		return 0, ErrRange
	}
	return signed(lo, neg), nil
}

// MulDiv returns a*num/den rounded half up away from zero, computed in 128 bits. den must be positive and num not
// negative; anything else, and a result out of bounds, is ErrRange.
func MulDiv(a Amount, num, den int64) (Amount, error) {
	if Check(a) != nil || den <= 0 || num < 0 {
		return 0, ErrRange
	}
	hi, lo := bits.Mul64(abs(int64(a)), uint64(num))
	lo, carry := bits.Add64(lo, uint64(den)/2, 0)
	hi += carry
	if hi >= uint64(den) {
		return 0, ErrRange
	}
	// Half of an odd denominator is cut down to a whole; that is right, because no tie exists then.
	q, _ := bits.Div64(hi, lo, uint64(den))
	if q > uint64(Max) {
		return 0, ErrRange
	}
	return signed(q, a < 0), nil
}

// Rate returns the part of a that ppm parts per million make, rounded half up.
func Rate(a Amount, ppm int64) (Amount, error) { return MulDiv(a, ppm, PPM) }

// TaxWithin returns the tax contained in a tax-inclusive amount at ppm, rounded half up: a*ppm/(PPM+ppm).
func TaxWithin(a Amount, ppm int64) (Amount, error) { return MulDiv(a, ppm, PPM+ppm) }

// Share splits total over the weights by largest remainder: the parts add up to total exactly, and ties go to the
// earlier weight. Weights must not be negative; if all are zero, everything falls to the first part. An empty list of
// weights gives an empty result.
func Share(total Amount, weights []Amount) ([]Amount, error) {
	parts := make([]Amount, len(weights))
	if len(weights) == 0 {
		return parts, nil
	}
	if Check(total) != nil {
		return nil, ErrRange
	}
	var sum uint64
	for _, w := range weights {
		if w < 0 || Check(w) != nil {
			return nil, ErrRange
		}
		sum += uint64(w)
	}
	if sum == 0 {
		parts[0] = total
		return parts, nil
	}
	return share(total, weights, sum, parts)
}

func share(total Amount, weights []Amount, sum uint64, parts []Amount) ([]Amount, error) {
	type rest struct {
		i int
		r uint64
	}
	t := abs(int64(total))
	left := t
	rests := make([]rest, len(weights))
	for i, w := range weights {
		hi, lo := bits.Mul64(t, uint64(w))
		q, r := bits.Div64(hi, lo, sum)
		parts[i] = Amount(q)
		left -= q
		rests[i] = rest{i, r}
	}
	sort.SliceStable(rests, func(a, b int) bool { return rests[a].r > rests[b].r })
	for k := uint64(0); k < left; k++ {
		parts[rests[k].i]++
	}
	if total < 0 {
		for i := range parts {
			parts[i] = -parts[i]
		}
	}
	return parts, nil
}

func abs(n int64) uint64 {
	if n < 0 {
		return uint64(-(n + 1)) + 1
	}
	return uint64(n)
}

func signed(n uint64, neg bool) Amount {
	if neg {
		return -Amount(n)
	}
	return Amount(n)
}
