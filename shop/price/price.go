// Package price says what a basket costs: goods, discounts, delivery and tax, in whole minor units.
//
// # How it counts
//
// Calculate is a pure function of a table of tax rates and a basket. A line is unit price times quantity. Discounts of
// an order are spread over its lines by largest remainder before tax. Tax is counted for each line with the rate of the
// place of delivery on the day of the order, half up. Delivery is taxed in the mix of the goods: its price is shared
// over their rates in proportion to what is paid for them. In an inclusive store prices contain the tax and the total
// does not depend on rates; in an exclusive store the tax is added. Totals are never negative, and no amount is above
// money.Max.
//
// # Where rates come from
//
// rates.csv beside this file lists rates of tax with the day from which each is in force and its source, territories.csv
// the places that have a country's address and not its tax. LoadTaxes reads both. See docs/prices.md.
//
// # Discount codes
//
// A code is kept as a keyed hash and a hint; only Create and Generate return it in clear, once. Check looks a typed code
// up and counts attempts, Redeem spends one use in the order's transaction with a guarded update, Unredeem gives it
// back, Reinstate takes it again for money that arrived late.
package price

import (
	"fmt"
	"time"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
)

// Mode says whether prices contain the tax.
type Mode string

// The two price modes, in the words of the configuration.
const (
	Inclusive Mode = "inclusive"
	Exclusive Mode = "exclusive"
)

// Limits of a basket. They are wider than those of a cart and only keep the arithmetic within its bounds.
const (
	MaxLines    = 1000
	MaxQuantity = 1_000_000
)

// The tax classes that a product can have. A country that lacks a class charges its standard rate, never less.
const (
	Standard     = "standard"
	Reduced      = "reduced"
	Reduced2     = "reduced2"
	SuperReduced = "super-reduced"
	Parking      = "parking"
	Zero         = "zero" // a rate of zero, where the country has one
	NoTax        = "none" // outside of the tax everywhere: multi-purpose vouchers, deposits
)

// Classes lists the tax classes in the order in which a form offers them.
func Classes() []string {
	return []string{Standard, Reduced, Reduced2, SuperReduced, Parking, Zero, NoTax}
}

// Day is a calendar day without a zone, as the number 20261122. Days compare as numbers.
type Day int32

// DayOf is the day on which t falls in the store's time zone.
func DayOf(t time.Time, zone *time.Location) Day {
	y, m, d := t.In(zone).Date()
	return Day(y*10_000 + int(m)*100 + d)
}

// ParseDay reads what String writes: 2026-11-22.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("price: %q is no day", s)
	}
	return DayOf(t, time.UTC), nil
}

// String is the day in ISO 8601.
func (d Day) String() string { return fmt.Sprintf("%04d-%02d-%02d", d/10_000, d/100%100, d%100) }

// Line is one line of a basket, priced by the catalogue and never by the shopper.
type Line struct {
	Unit     money.Amount
	Quantity int64
	TaxClass string
}

// Basket is what Calculate prices.
type Basket struct {
	Lines     []Line
	Mode      Mode
	Country   string // of delivery, ISO 3166; "GR" for Greece
	Postcode  string // of delivery; may be empty while it is not known
	Day       Day    // in the store's zone
	Discounts []Discount
	Delivery  money.Amount // price of the chosen delivery, in the store's mode
}

// LineTotal is what one line comes to. Goods - Discount is Total in an inclusive store and Net in an exclusive one.
type LineTotal struct {
	Goods    money.Amount // unit price times quantity
	Discount money.Amount // its share of the order's discounts
	Net      money.Amount
	Tax      money.Amount
	Total    money.Amount // Net + Tax
	Rate     Rate
}

// DeliveryTotal is what the delivery comes to. Price - Discount is Total or Net, as for a line.
type DeliveryTotal struct {
	Price    money.Amount
	Discount money.Amount // free delivery
	Net      money.Amount
	Tax      money.Amount
	Total    money.Amount
	Parts    []TaxSum // the mix of rates that it is taxed with
}

// TaxSum is all that is taxed with one rate: Net + Tax = Gross.
type TaxSum struct {
	PPM   int64
	Net   money.Amount
	Tax   money.Amount
	Gross money.Amount
}

// DiscountTotal says what one discount took off. Missing is what the goods lack to its minimum; it took nothing then.
type DiscountTotal struct {
	Code     id.ID
	Kind     Kind
	Goods    money.Amount
	Delivery money.Amount
	Missing  money.Amount
}

// Totals is what a basket costs. Goods - Discount + Shipping is Total in an inclusive store and Net in an exclusive
// one; Net + Tax = Total in both.
type Totals struct {
	Lines     []LineTotal // in the order of the basket's lines
	Delivery  DeliveryTotal
	Taxes     []TaxSum // highest rate first
	Discounts []DiscountTotal
	Goods     money.Amount
	Discount  money.Amount // off the goods
	Shipping  money.Amount // what is left of the delivery price
	Net       money.Amount
	Tax       money.Amount
	Total     money.Amount // to be paid
}

// errTooLarge is for what would leave the bounds of money.
func errTooLarge(cause error) error {
	return fault.New(fault.Invalid, "price.too_large").Because(cause)
}
