package price

import "strongroom/base/money"

// UnitPrice is a price for a unit of measure, in parts that a page writes in its language: 3.98 for 1 kg.
type UnitPrice struct {
	Amount money.Amount
	Per    int64  // how much of the unit: 1, or 100
	Unit   string // "kg", "g", "l", "ml", "m", "m2", "piece"; message keys are "price.unit_" and this
}

// measure is one base that a product's contents can be measured in.
type measure struct {
	size int64  // parts of the contents that make the unit: 1000 g for 1 kg
	per  int64  // how much of the unit is named
	unit string // what is named
}

// measures are the bases, by the word that the catalogue keeps. The contents are counted in the smallest part: g, ml,
// mm, cm2 or pieces. "100g" and "100ml" are for goods that are usually sold in amounts up to 250 g or ml, where
// national law allows the smaller base (Directive 98/6/EC Art. 2(b) leaves it to the member states).
var measures = map[string]measure{
	"kg":    {1000, 1, "kg"},
	"l":     {1000, 1, "l"},
	"m":     {1000, 1, "m"},
	"m2":    {10_000, 1, "m2"},
	"piece": {1, 1, "piece"},
	"100g":  {100, 100, "g"},
	"100ml": {100, 100, "ml"},
}

// UnitBases lists the bases that a product can have.
func UnitBases() []string { return []string{"kg", "100g", "l", "100ml", "m", "m2", "piece"} }

// PerUnit is the price per unit of an item whose contents are measured in the base, half up. It is false when the
// item has no contents, or when the unit price is the price itself and need not be told (Art. 3(1)).
func PerUnit(unit money.Amount, contents int64, base string) (UnitPrice, bool) {
	m, ok := measures[base]
	if !ok || contents <= 0 || unit < 0 || contents == m.size {
		return UnitPrice{}, false
	}
	a, err := money.MulDiv(unit, m.size, contents)
	return UnitPrice{a, m.per, m.unit}, err == nil
}
