// Package delivery knows where the store delivers, how, for how much and until when; and what an address looks like.
//
// # Zones, methods, rates
//
// A zone is a list of countries, each as a whole or by postcodes. A place belongs to one zone: one that names its
// postcode comes before one that names its country, and then the position decides. A zone has methods (a parcel, a
// pick-up place); a method has a table of rates by weight and by sum of goods, a sum from which it is free, and its
// days of delivery, counted in working days of the store's zone from the cut-off hour on. Offers answers what a
// shopper can choose. All of it is settings in tables, changed by methods that leave audit entries; Seed writes
// sensible ones for the shop's country. Every process keeps the settings in memory and asks only for their version.
//
// # Addresses
//
// AddressFormat gives each country's fields in the order in which its people write them, what is required, the form of
// the postcode, autocomplete tokens and label keys. Clean checks and tidies an address, Print writes it as lines.
// See docs/delivery.md.
package delivery

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"strongroom/base/id"
	"strongroom/base/money"
)

// Kinds of method.
const (
	Parcel = "parcel"
	PickUp = "pickup"
)

// Offer is one way of delivery with its price for one basket and place.
type Offer struct {
	ID       id.ID
	Key      string            // short name that forms carry: "standard", "express", "pickup"
	Names    map[string]string // by language
	Notes    map[string]string // by language; may be empty
	Price    money.Amount      // in the store's price mode
	FreeFrom money.Amount      // sum of goods from which it is free; 0 for never
	PickUp   bool
	Point    *Point // where to pick up
	DaysMin  int    // working days
	DaysMax  int
	From     time.Time // first and last day on which it is expected, midnight in the store's zone
	Until    time.Time
}

// Name is the offer's name in the language, or in the first that has one.
func (o Offer) Name(lang string) string { return inLanguage(o.Names, lang) }

// Note is the offer's note in the language, or in the first that has one.
func (o Offer) Note(lang string) string { return inLanguage(o.Notes, lang) }

// Point is a place where goods are picked up: an address of the shop, not of a person.
type Point struct {
	Street, Postcode, City, Country string
	Hours                           map[string]string // by language
}

// Country is a country as a form offers it.
type Country struct{ Code, Name string }

// Open says when the place is open, in the language or in the first that has it.
func (p Point) Open(lang string) string { return inLanguage(p.Hours, lang) }

func inLanguage(texts map[string]string, lang string) string {
	if t, ok := texts[lang]; ok {
		return t
	}
	first := ""
	for l := range texts {
		if first == "" || l < first {
			first = l
		}
	}
	return texts[first]
}

// Rate is one row of a method's table: the price for goods up to a weight and from a sum on.
type Rate struct {
	WeightTo  int64 // grams, inclusive
	GoodsFrom money.Amount
	Price     money.Amount
}

// settings are all settings of delivery as one version has them. But for the names of countries, which are kept once
// they were asked for, they are never changed.
type settings struct {
	version  int64
	zones    []zone
	methods  map[id.ID][]Method // active ones, by zone
	holidays holidays
	named    sync.Map // language -> []Country
}

// offers lists what can be chosen, cheapest first and pick-up last.
func (s *settings) offers(country, code string, grams int64, goods money.Amount, now time.Time, loc *time.Location) []Offer {
	z, ok := zoneFor(s.zones, country, code)
	if !ok {
		return nil
	}
	var out []Offer
	for _, m := range s.methods[z.id] {
		price, ok := m.price(grams, goods)
		if !ok {
			continue
		}
		o := Offer{ID: m.ID, Key: m.Key, Names: m.Names, Notes: m.Notes, Price: price, FreeFrom: m.FreeFrom,
			DaysMin: int(m.DaysMin), DaysMax: int(m.DaysMax)}
		o.From, o.Until = s.holidays.expected(now, loc, m.Cutoff, m.DaysMin, m.DaysMax)
		if m.Kind == PickUp {
			o.PickUp, o.Point = true, &Point{m.Street, m.Postcode, m.City, m.Country, m.Hours}
		}
		out = append(out, o)
	}
	slices.SortStableFunc(out, func(a, b Offer) int {
		return cmp.Or(cmp.Compare(b2i(a.PickUp), b2i(b.PickUp)), cmp.Compare(a.Price, b.Price))
	})
	return out
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// price finds the rate: of the rows that carry the weight the one with the least weight, and of those the one with the
// highest sum that the goods reach. A method without a fitting row is not offered.
func (m Method) price(grams int64, goods money.Amount) (money.Amount, bool) {
	best, found := Rate{}, false
	for _, r := range m.Rates {
		if grams > r.WeightTo || goods < r.GoodsFrom {
			continue
		}
		if !found || r.WeightTo < best.WeightTo || r.WeightTo == best.WeightTo && r.GoodsFrom > best.GoodsFrom {
			best, found = r, true
		}
	}
	if found && m.FreeFrom > 0 && goods >= m.FreeFrom {
		return 0, true
	}
	return best.Price, found
}
