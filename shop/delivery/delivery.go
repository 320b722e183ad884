// Package delivery knows where the store delivers, how, for how much and until when; and what an address looks like.
//
// # Zones, methods, rates
//
// A zone is a list of countries, each as a whole or by postcodes. A place belongs to the most exact zone that names it:
// one that names its postcode comes before one that names only its country. A zone has methods (a parcel, a pick-up
// place); a method has a table of rates by weight and by sum of goods, a sum from which it is free, and its days of
// delivery, counted in working days of the store's zone from the cut-off hour on. Offers answers what a shopper can
// choose. All of it is settings in tables, changed by methods that leave audit entries; Seed writes sensible ones.
//
// # Addresses
//
// AddressFormat gives each country's fields in the order in which its people write them, what is required, the form of
// the postcode, autocomplete tokens and label keys. Clean checks and tidies an address, Print writes it as lines.
// See docs/delivery.md.
package delivery

import (
	"context"
	"time"

	"strongroom/base/db"
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
	Name, Street, Postcode, City, Country string
	Hours                                 map[string]string // by language
}

// Country is a country as a form offers it.
type Country struct{ Code, Name string }

// Deps is what a Service stands on.
type Deps struct {
	DB   *db.DB
	Zone *time.Location
}

// Service answers questions about delivery and keeps its settings.
type Service struct{ d Deps }

// New makes a Service.
func New(d Deps) *Service { return &Service{d: d} }

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

// Offers lists what can be chosen for a place, a weight and a sum of goods, cheapest first and pick-up last. A place
// that no zone names gets none.
func (s *Service) Offers(ctx context.Context, country, postcode string, weightGrams int64, goods money.Amount) ([]Offer, error) {
	return nil, nil
}

// Destinations lists the countries that the store delivers to, named and sorted in the language.
func (s *Service) Destinations(ctx context.Context, lang string) ([]Country, error) { return nil, nil }
