package delivery

import (
	"slices"
	"strings"

	"strongroom/base/fault"
)

// maxPostcodes bounds the entries of one list of postcodes.
const maxPostcodes = 200

// postcodes is a list of prefixes and ranges that a zone names in a country; an empty list means all of it.
type postcodes struct{ entries []entry }

// entry holds bare codes from low to high, compared by their first characters; an entry that excludes takes them out
// again.
type entry struct {
	low, high string
	exclude   bool
}

// parsePostcodes reads "10* 20000-29999 !27498": prefixes with a star, ranges, single codes; "!" takes out. Parts are
// parted by spaces or commas, so that codes stand without their own spaces.
func parsePostcodes(s string) (postcodes, error) {
	var out postcodes
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' || r == '\n' || r == '\r' || r == '\t' }) {
		e, ok := parseEntry(word)
		if !ok || len(out.entries) == maxPostcodes {
			return postcodes{}, fault.New(fault.Invalid, "delivery.postcodes_invalid").With("entry", clip(word)).
				WithField("postcodes", "delivery.postcodes_invalid", fault.Params{"entry": clip(word)})
		}
		out.entries = append(out.entries, e)
	}
	return out, nil
}

func parseEntry(word string) (entry, bool) {
	word, exclude := strings.CutPrefix(word, "!")
	low, high, isRange := strings.Cut(word, "-")
	if !isRange {
		low, _ = strings.CutSuffix(word, "*")
		high = low
	}
	low, high = bareCode(low), bareCode(high)
	ok := low != "" && len(low) == len(high) && len(low) <= 10 && low <= high && !strings.Contains(word[:len(word)-1], "*")
	return entry{low, high, exclude}, ok
}

// match says whether the list names the postcode, and whether by the code itself rather than by naming all.
func (p postcodes) match(code string) (named, exact bool) {
	including := false
	for _, e := range p.entries {
		head := code[:min(len(code), len(e.low))]
		in := head >= e.low && head <= e.high
		if e.exclude && in {
			return false, false
		}
		if !e.exclude {
			including = true
			exact = exact || in
		}
	}
	return exact || !including, exact
}

func clip(s string) string {
	r := []rune(s)
	return string(r[:min(len(r), 20)])
}

// zone is where methods hold.
type zone struct {
	id       [16]byte
	position int64
	places   map[string]postcodes // by country
}

// zoneFor finds the zone of a place: one that names its postcode before one that names its country, then by position.
func zoneFor(zones []zone, country, code string) (zone, bool) {
	best, bestExact, found := zone{}, false, false
	for _, z := range zones {
		p, ok := z.places[country]
		if !ok {
			continue
		}
		named, exact := p.match(code)
		if !named {
			continue
		}
		if !found || exact && !bestExact || exact == bestExact && z.position < best.position {
			best, bestExact, found = z, exact, true
		}
	}
	return best, found
}

// countries lists what the zones name, sorted by code.
func countries(zones []zone) []string {
	var out []string
	for _, z := range zones {
		for c := range z.places {
			if !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	slices.Sort(out)
	return out
}
