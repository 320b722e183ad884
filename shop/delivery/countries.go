package delivery

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"strongroom/base/fault"
)

// Destinations lists the countries that the store delivers to, named and sorted in the language.
func (s *Service) Destinations(ctx context.Context, lang string) (out []Country, err error) {
	defer fault.Wrap(&err, "delivery: destinations")
	now, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	if kept, ok := now.named.Load(lang); ok {
		return slices.Clone(kept.([]Country)), nil
	}
	out = Named(countries(now.zones), lang)
	now.named.Store(lang, out) // the store's languages are few, and a page asks in no other
	return slices.Clone(out), nil
}

// Delivers says whether any zone names the country.
func (s *Service) Delivers(ctx context.Context, country string) (bool, error) {
	now, err := s.current(ctx)
	if err != nil {
		return false, err
	}
	return slices.Contains(countries(now.zones), country), nil
}

// noCountries are codes of former states, unions, and places that ISO 3166 only keeps free.
const noCountries = "AC AN CP CQ CS DG EA EU EZ FQ IC NT PC SU TA UN YU ZZ"

// renamed are names newer than those of the library: by language and code.
var renamed = map[string]map[string]string{
	"en": {"MK": "North Macedonia", "SZ": "Eswatini"},
	"de": {"MK": "Nordmazedonien", "SZ": "Eswatini"},
}

// AllCountries lists the countries of the world, named and sorted in the language: for addresses that no parcel goes
// to, such as a billing address.
func AllCountries(lang string) []Country {
	var codes []string
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string([]rune{a, b})
			r, err := language.ParseRegion(code)
			if err == nil && r.IsCountry() && r.Canonicalize() == r && r.String() == code && !strings.Contains(noCountries, code) {
				codes = append(codes, code)
			}
		}
	}
	return Named(codes, lang)
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
		name := renamed[lang][code]
		if name == "" && names != nil {
			name = names.Name(r)
		}
		out = append(out, Country{code, cmp.Or(name, code)})
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
