package delivery

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"strongroom/base/fault"
)

// Clean tidies an address as its country writes it and checks it: spaces are joined, the postcode gets its form, a
// field that the country has not is emptied. The faults name the fields of the form; none means that the address is
// good. What is at fault is returned as it was typed.
func Clean(a Address) (Address, []fault.Field) {
	return clean(a, func(f Field) bool { return f.Required })
}

// CleanPickUp is Clean for goods that are picked up: a name and a country are enough, and what is there must be right.
func CleanPickUp(a Address) (Address, []fault.Field) {
	return clean(a, func(f Field) bool { return f.Name == "name" || f.Name == "country" })
}

func clean(a Address, required func(Field) bool) (Address, []fault.Field) {
	out := Address{}
	var faults []fault.Field
	for _, f := range AddressFormat(strings.ToUpper(strings.TrimSpace(a.Country))).Fields {
		tidied := tidy(a.Get(f.Name))
		value, key := f.check(a, tidied)
		if key == "" && value == "" && required(f) {
			key = "address." + f.Name + "_missing"
		}
		if key != "" {
			p := fault.Params{"max": f.Max}
			if f.Example != "" {
				p["example"] = f.Example
			}
			faults = append(faults, fault.Field{Name: f.Name, Key: key, Params: p})
			value = a.Get(f.Name)
		}
		out = out.With(f.Name, value)
	}
	return out, faults
}

// check returns the value in its form, or the message that says what is wrong with it.
func (f Field) check(a Address, value string) (string, string) {
	switch {
	case value == "":
		return "", ""
	case !utf8.ValidString(a.Get(f.Name)) || strings.ContainsFunc(value, forbidden):
		return value, "address.characters"
	case f.Name != "country" && utf8.RuneCountInString(value) > f.Max:
		return value, "address.too_long"
	case f.Name != "postcode" && PassesForCard(value):
		return value, "address.card_number"
	}
	switch f.Name {
	case "postcode":
		code, ok := Postcode(strings.ToUpper(strings.TrimSpace(a.Country)), value)
		if !ok {
			return value, "address.postcode_invalid"
		}
		return code, ""
	case "country":
		if value = strings.ToUpper(value); len(value) != 2 || strings.Trim(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			return value, "address.country_invalid"
		}
	case "region":
		return f.region(value)
	case "name", "street", "city":
		if !strings.ContainsFunc(value, unicode.IsLetter) && (f.Name != "street" || !strings.ContainsFunc(value, unicode.IsDigit)) {
			return value, "address." + f.Name + "_invalid"
		}
	}
	return value, ""
}

// region takes a region's code or its name, in any case.
func (f Field) region(value string) (string, string) {
	if f.Options == nil {
		return value, ""
	}
	for _, o := range f.Options {
		if strings.EqualFold(value, o.Value) || strings.EqualFold(value, o.Name) {
			return o.Value, ""
		}
	}
	return value, "address.region_invalid"
}

// tidy composes letters, joins runs of spaces and takes off what is around.
func tidy(s string) string { return strings.Join(strings.Fields(norm.NFC.String(s)), " ") }

// forbidden are runes that no address holds and that would deceive whoever reads it: controls, marks that turn the
// direction of writing, unassigned and private runes.
func forbidden(r rune) bool {
	return unicode.IsControl(r) || r == utf8.RuneError || unicode.In(r, unicode.Co, unicode.Cs, unicode.Noncharacter_Code_Point) ||
		r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\u200e' || r == '\u200f' || r == '\ufeff' ||
		r == '<' || r == '>'
}

// PassesForCard says whether a text holds what passes for a payment card number: 13 to 19 digits, perhaps parted by
// spaces or hyphens, whose check digit is right. The store refuses to take such a text.
func PassesForCard(s string) bool {
	var digits []byte
	parted := 0
	flush := func() bool { return len(digits) >= 13 && len(digits) <= 19 && luhn(digits) }
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits, parted = append(digits, byte(r-'0')), 0
		case (r == ' ' || r == '-' || r == '.' || r == '\u00a0') && parted == 0 && len(digits) > 0:
			parted++
		default:
			if flush() {
				return true
			}
			digits, parted = nil, 0
		}
	}
	return flush()
}

func luhn(digits []byte) bool {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i])
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
