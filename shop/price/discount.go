package price

import (
	"cmp"
	"slices"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
)

// Kind is what a discount code does.
type Kind string

// The kinds. The words are stored.
const (
	Percent      Kind = "percent"  // a part of the goods
	Amount       Kind = "amount"   // a fixed sum off the goods
	FreeDelivery Kind = "delivery" // no delivery charge
)

// Discount is one code as it applies to a basket.
type Discount struct {
	Code     id.ID
	Kind     Kind
	PPM      int64        // Percent: 1 to 1,000,000
	Amount   money.Amount // Amount
	MinGoods money.Amount // takes effect from this sum of goods on
	Stacks   bool         // may be used beside another code, where the kinds allow it
	Hint     string       // what pages show of the code
}

// kinds in the order in which discounts are taken off.
var kinds = [...]Kind{Percent, Amount, FreeDelivery}

// Kinds lists the kinds in the order in which they are taken off.
func Kinds() []Kind { return kinds[:] }

// stacking is the matrix of kinds that may stand side by side in one order. Two reductions of the goods never do: what
// one of them was calculated for is no longer there after the other.
var stacking = map[Kind]map[Kind]bool{
	Percent:      {Percent: false, Amount: false, FreeDelivery: true},
	Amount:       {Percent: false, Amount: false, FreeDelivery: true},
	FreeDelivery: {Percent: true, Amount: true, FreeDelivery: false},
}

// Together says whether two codes may be used in one order: both must be marked as stacking, their kinds must be
// allowed side by side, and a code never goes with itself.
func Together(a, b Discount) bool {
	return a.Stacks && b.Stacks && a.Code != b.Code && stacking[a.Kind][b.Kind]
}

// stackable refuses discounts that may not stand together.
func stackable(ds []Discount) error {
	for i, a := range ds {
		for _, b := range ds[i+1:] {
			if !Together(a, b) {
				return fault.New(fault.Conflict, "price.not_together")
			}
		}
	}
	return nil
}

// check refuses a discount that no code can have.
func (d Discount) check() error {
	ok := d.MinGoods >= 0 && money.Check(d.MinGoods) == nil
	switch d.Kind {
	case Percent:
		ok = ok && d.PPM > 0 && d.PPM <= money.PPM && d.Amount == 0
	case Amount:
		ok = ok && d.Amount > 0 && money.Check(d.Amount) == nil && d.PPM == 0
	case FreeDelivery:
		ok = ok && d.PPM == 0 && d.Amount == 0
	default:
		ok = false
	}
	if !ok {
		return fault.New(fault.Invalid, "price.discount_invalid")
	}
	return nil
}

// inOrder sorts a copy by kind and then by code, so that the order in which codes were typed does not matter.
func inOrder(ds []Discount) []Discount {
	sorted := slices.Clone(ds)
	slices.SortFunc(sorted, func(a, b Discount) int {
		return cmp.Or(cmp.Compare(slices.Index(kinds[:], a.Kind), slices.Index(kinds[:], b.Kind)),
			slices.Compare(a.Code[:], b.Code[:]))
	})
	return sorted
}

// off is what the discount takes of goods of which left is not yet discounted; it never takes more than there is.
func (d Discount) off(goods, left money.Amount) (money.Amount, error) {
	switch d.Kind {
	case Percent:
		part, err := money.Rate(goods, d.PPM)
		return min(part, left), err
	case Amount:
		return min(d.Amount, left), nil
	}
	return 0, nil
}
