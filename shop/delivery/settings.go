package delivery

import (
	"strings"
	"unicode/utf8"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
)

// Zone is a list of places as the shop's people set it.
type Zone struct {
	ID       id.ID
	Name     string
	Position int64
	Places   map[string]string // country to its postcodes: "" for all, else "10* 20000-29999 !27498"
}

// Method is one way of delivery as the shop's people set it.
type Method struct {
	ID       id.ID
	Zone     id.ID
	Key      string // what forms and orders carry; unique in its zone
	Kind     string // Parcel or PickUp
	Position int64
	Active   bool
	FreeFrom money.Amount // sum of goods from which it is free; 0 for never
	DaysMin  int64        // working days
	DaysMax  int64
	Cutoff   int64             // hour of the store's zone until which an order leaves on the same day, 0 to 24
	Rates    []Rate            // by weight and by sum of goods
	Names    map[string]string // by language
	Notes    map[string]string
	Hours    map[string]string // of a pick-up place

	Street, Postcode, City, Country string // of a pick-up place
}

// MaxWeight is the largest weight that a rate can name, in grams: what an ordinary lorry carries.
const MaxWeight = 40_000_000

// check refuses a zone that cannot be used.
func (z Zone) check() error {
	f := fault.New(fault.Invalid, "delivery.zone_invalid")
	if n := utf8.RuneCountInString(strings.TrimSpace(z.Name)); n == 0 || n > 80 {
		f.WithField("name", "delivery.name_invalid", nil)
	}
	if len(z.Places) == 0 {
		f.WithField("countries", "delivery.countries_missing", nil)
	}
	for country, list := range z.Places {
		if len(country) != 2 || strings.Trim(country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			f.WithField("countries", "delivery.country_invalid", fault.Params{"country": clip(country)})
		}
		if _, err := parsePostcodes(list); err != nil {
			f.Fields = append(f.Fields, fault.As(err).Fields...)
		}
	}
	if len(f.Fields) > 0 {
		return f
	}
	return nil
}

// check refuses a method that cannot be used.
func (m Method) check() error {
	f := fault.New(fault.Invalid, "delivery.method_invalid")
	wrong := func(bad bool, field, key string) {
		if bad {
			f.WithField(field, key, nil)
		}
	}
	wrong(!validKey(m.Key), "key", "delivery.key_invalid")
	wrong(m.Kind != Parcel && m.Kind != PickUp, "kind", "delivery.kind_invalid")
	wrong(m.DaysMin < 0 || m.DaysMax < m.DaysMin || m.DaysMax > 90, "days_max", "delivery.days_invalid")
	wrong(m.Cutoff < 0 || m.Cutoff > 24, "cutoff", "delivery.cutoff_invalid")
	wrong(m.FreeFrom < 0 || money.Check(m.FreeFrom) != nil, "free_from", "delivery.amount_invalid")
	wrong(len(m.Names) == 0, "name", "delivery.name_invalid")
	for _, name := range m.Names {
		n := utf8.RuneCountInString(strings.TrimSpace(name))
		wrong(n == 0 || n > 80, "name", "delivery.name_invalid")
	}
	wrong(m.Kind == PickUp && (m.Street == "" || m.City == ""), "street", "delivery.pickup_address")
	wrong(!ratesGood(m.Rates), "rates", "delivery.rates_invalid")
	if len(f.Fields) > 0 {
		return f
	}
	return nil
}

// ratesGood says whether a table of rates has a row, no two rows for the same case and no amount out of bounds.
func ratesGood(rates []Rate) bool {
	seen := map[[2]int64]bool{}
	for _, r := range rates {
		k := [2]int64{r.WeightTo, int64(r.GoodsFrom)}
		if seen[k] || r.WeightTo < 1 || r.WeightTo > MaxWeight || r.Price < 0 || r.GoodsFrom < 0 ||
			money.Check(r.Price) != nil || money.Check(r.GoodsFrom) != nil {
			return false
		}
		seen[k] = true
	}
	return len(rates) > 0 && len(rates) <= 100
}
