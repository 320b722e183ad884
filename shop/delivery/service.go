package delivery

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/money"
	"strongroom/guard/audit"
)

// Deps is what a Service stands on.
type Deps struct {
	DB    *db.DB
	Audit *audit.Log
	Zone  *time.Location // the store's
}

// Service answers questions about delivery and keeps its settings.
type Service struct {
	d    Deps
	kept atomic.Pointer[settings]
}

// New makes a Service.
func New(d Deps) *Service { return &Service{d: d} }

// Offers lists what can be chosen for a place, a weight and a sum of goods (after discounts), cheapest first and
// pick-up last. A place that no zone names gets none. The postcode may be empty while it is not known.
func (s *Service) Offers(ctx context.Context, country, postcode string, weightGrams int64, goods money.Amount) (out []Offer, err error) {
	defer fault.Wrap(&err, "delivery: offers")
	err = s.d.DB.Read(ctx, func(tx *db.Tx) error {
		now, err := s.settings(tx)
		if err == nil {
			out = now.offers(country, placeCode(country, postcode), weightGrams, goods, tx.Now(), s.d.Zone)
		}
		return err
	})
	return out, err
}

// placeCode is what zones compare: the bare code in its country's form, so that "D-10115" is 10115.
func placeCode(country, postcode string) string {
	if code, ok := Postcode(country, postcode); ok {
		postcode = code
	}
	return bareCode(postcode)
}

// Destinations lists the countries that the store delivers to, named and sorted in the language.
func (s *Service) Destinations(ctx context.Context, lang string) (out []Country, err error) {
	defer fault.Wrap(&err, "delivery: destinations")
	var codes []string
	err = s.d.DB.Read(ctx, func(tx *db.Tx) error {
		now, err := s.settings(tx)
		if err == nil {
			codes = countries(now.zones)
		}
		return err
	})
	return Named(codes, lang), err
}

// Named gives countries their names in a language and sorts them by it.
func Named(codes []string, lang string) []Country {
	tag := language.Make(lang)
	names := display.Regions(tag)
	var out []Country
	for _, code := range codes {
		r, err := language.ParseRegion(code)
		if err != nil {
			continue
		}
		name := code
		if names != nil {
			name = names.Name(r)
		}
		out = append(out, Country{code, name})
	}
	order := collate.New(tag)
	slices.SortFunc(out, func(a, b Country) int { return order.CompareString(a.Name, b.Name) })
	return out
}

// GuessCountry guesses from an Accept-Language header where a visitor wants things sent, for the first estimate of a
// delivery: a region that the header names and the store delivers to, else the store's own country.
func GuessCountry(header string, destinations []Country, home string) string {
	tags, _, err := language.ParseAcceptLanguage(header[:min(len(header), 200)])
	if err != nil {
		return home
	}
	for _, t := range tags {
		r, confidence := t.Region()
		if confidence == language.Exact && slices.ContainsFunc(destinations, func(c Country) bool { return c.Code == r.String() }) {
			return r.String()
		}
	}
	return home
}

// settings are those of the newest version, read anew only when it changed.
func (s *Service) settings(tx *db.Tx) (*settings, error) {
	version, err := version(tx)
	if err != nil {
		return nil, err
	}
	if kept := s.kept.Load(); kept != nil && kept.version == version {
		return kept, nil
	}
	now, err := load(tx, version)
	if err == nil {
		s.kept.Store(now)
	}
	return now, err
}

// key says whether a text can be a method's key.
func validKey(k string) bool {
	return k != "" && len(k) <= 40 && strings.Trim(k, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// Delivers says whether any zone names the country.
func (s *Service) Delivers(ctx context.Context, country string) (ok bool, err error) {
	err = s.d.DB.Read(ctx, func(tx *db.Tx) error {
		now, err := s.settings(tx)
		if err == nil {
			ok = slices.Contains(countries(now.zones), country)
		}
		return err
	})
	return ok, err
}
