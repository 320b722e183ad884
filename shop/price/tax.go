package price

import (
	"slices"
	"strings"

	"strongroom/base/fault"
)

// Outside says what happens for a place to which no tax rate of ours applies.
type Outside string

// The rules for places outside.
const (
	ExportZero   Outside = "zero"   // an export: no tax of ours, duties are the receiver's
	ExportHome   Outside = "home"   // the rate of the seller's country
	ExportRefuse Outside = "refuse" // not delivered; the shopper is asked to get in touch
)

// Rules are the store's choices about tax.
type Rules struct {
	Home string // the seller's country
	// HomeRates charges the home rates in the whole European Union: for small sellers below the yearly threshold of
	// Article 59c of Directive 2006/112/EC. Otherwise the rates of the destination hold.
	HomeRates bool
	// Registered lists further countries in whose tax the seller is registered, such as "GB" for a seller in Germany.
	Registered []string
	Outside    Outside // countries where the seller is not registered; "" means ExportZero
	Territory  Outside // places with a country's address and not its tax (territories.csv); "" means ExportRefuse
	Overrides  []Override
}

// Override adds a rate to the table, or replaces what the table says from a day on (From 0: always). The class may be one of the store's own, such as
// "books"; where a country has no rate for a class, its standard rate holds.
type Override struct {
	Place, Class string
	PPM          int64
	From         Day
}

// Rate is a rate of tax, with where and since when it is in force.
type Rate struct {
	PPM    int64  // parts per million: 190000 is 19 %
	Place  string // country or territory whose rate it is; for an export the destination
	Class  string // the class that was charged: Standard where the place lacks the asked one, Export outside
	Since  Day    // 0 for exports and untaxed goods
	Source string // text and address
}

// Export is the class of a rate of zero because the goods leave the reach of the tax.
const Export = "export"

// union are the member states of the European Union.
var union = strings.Fields("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK")

// InUnion says whether a country is a member state of the European Union.
func InUnion(country string) bool { return slices.Contains(union, country) }

// sameTax lists countries that belong to the tax of another.
var sameTax = map[string]string{"IM": "GB", "LI": "CH", "MC": "FR"}

// Rate is the rate for a class of goods delivered to a place on a day. An unknown postcode ("") counts as the mainland.
func (t *Taxes) Rate(country, postcode, class string, day Day) (Rate, error) {
	place, parent, err := t.place(country, postcode)
	if err != nil {
		return Rate{}, err
	}
	switch {
	case class == NoTax:
		return Rate{Place: country, Class: NoTax}, nil
	case place == "":
		return Rate{Place: country, Class: Export}, nil
	}
	for _, try := range [...]struct{ place, class string }{
		{place, class}, {parent, class}, {place, Standard}, {parent, Standard},
	} {
		if r, ok := t.find(try.place, try.class, day); ok {
			return r, nil
		}
	}
	return Rate{}, fault.New(fault.Internal, "price.no_rate").With("country", place).With("day", day.String()).
		WithHint("The table of tax rates has no rate for this country and day. Add one as an override.")
}

// place is where the rates for a delivery are listed: a territory with its country as parent, or twice the country.
// An empty place means that no tax is charged.
func (t *Taxes) place(country, postcode string) (place, parent string, err error) {
	if s, ok := sameTax[country]; ok {
		country = s
	}
	z, special := t.territory(country, postcode)
	switch {
	case special && z.place == "":
		return t.outside(t.rules.Territory, "price.territory", country)
	case !t.charged(country):
		return t.outside(t.rules.Outside, "price.not_delivered", country)
	case t.rules.HomeRates && InUnion(country) && InUnion(t.rules.Home):
		return t.rules.Home, t.rules.Home, nil
	case special:
		return z.place, country, nil
	}
	return country, country, nil
}

// charged says whether the seller owes tax in the country.
func (t *Taxes) charged(country string) bool {
	return country == t.rules.Home || InUnion(country) && InUnion(t.rules.Home) ||
		slices.Contains(t.rules.Registered, country)
}

func (t *Taxes) outside(rule Outside, key, country string) (place, parent string, err error) {
	switch rule {
	case ExportZero:
		return "", "", nil
	case ExportHome:
		return t.rules.Home, t.rules.Home, nil
	}
	return "", "", fault.New(fault.Invalid, key).With("country", country).
		WithField("country", key, fault.Params{"country": country})
}

// territory finds the special place that a postcode names.
func (t *Taxes) territory(country, postcode string) (territory, bool) {
	code := squeeze(postcode)
	if code == "" {
		return territory{}, false
	}
	for _, z := range t.territories[country] {
		for _, p := range z.prefixes {
			if strings.HasPrefix(code, p) {
				return z, true
			}
		}
	}
	return territory{}, false
}

// Territory is the name of the special place that a postcode names, and "" for ordinary ones.
func (t *Taxes) Territory(country, postcode string) string {
	z, _ := t.territory(country, postcode)
	return z.name
}

// squeeze leaves the letters and digits of a postcode, in capitals, without a country prefix such as "D-" or "GR-".
func squeeze(postcode string) string {
	if head, tail, ok := strings.Cut(postcode, "-"); ok && len(head) <= 2 && strings.Trim(head, letters) == "" {
		postcode = tail
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z':
			return r
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		}
		return -1
	}, postcode)
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
