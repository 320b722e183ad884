package delivery

import (
	"fmt"
	"log/slog"
	"strings"
)

// Address is an address in clear, on its way between a form, the vault and a page. It prints as nothing.
type Address struct {
	Name, Company, Street, Line2, Postcode, City, Region, Country string
}

const unprinted = "•••"

// String hides the content.
func (Address) String() string { return unprinted }

// GoString hides the content from %#v.
func (Address) GoString() string { return unprinted }

// Format hides the content from every verb.
func (Address) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(unprinted)) }

// LogValue hides the content from structured logs.
func (Address) LogValue() slog.Value { return slog.StringValue(unprinted) }

// MarshalJSON hides the content from encoders; who needs it in JSON names its fields one by one.
func (Address) MarshalJSON() ([]byte, error) { return []byte(`"` + unprinted + `"`), nil }

// field is where the address keeps the field of a name; nil for a name that is none.
func (a *Address) field(name string) *string {
	switch name {
	case "name":
		return &a.Name
	case "company":
		return &a.Company
	case "street":
		return &a.Street
	case "line2":
		return &a.Line2
	case "postcode":
		return &a.Postcode
	case "city":
		return &a.City
	case "region":
		return &a.Region
	case "country":
		return &a.Country
	}
	return nil
}

// Get is the value of a field by its name, and "" for a name that is none.
func (a Address) Get(name string) string {
	if f := a.field(name); f != nil {
		return *f
	}
	return ""
}

// With returns the address with one field changed.
func (a Address) With(name, value string) Address {
	if f := a.field(name); f != nil {
		*f = value
	}
	return a
}

// Field is one field of an address form.
type Field struct {
	Name         string // name, company, street, line2, postcode, city, region, country
	Label        string // message key
	Autocomplete string // token of the HTML standard
	Hint         string // message key, or ""
	Example      string // of a postcode
	InputMode    string // "numeric" for postcodes of digits only
	Required     bool
	Max          int      // characters
	Short        bool     // a short box is enough
	Options      []Option // regions to choose from; nil for a text field
}

// Option is one value of a field to choose from.
type Option struct{ Value, Name string }

// Format is how a country writes addresses.
type Format struct {
	Country string
	Fields  []Field // in the order of the form; the country itself is the last
}

// autocomplete are the tokens of the HTML standard for the fields.
var autocomplete = map[string]string{"name": "name", "company": "organization", "street": "address-line1",
	"line2": "address-line2", "postcode": "postal-code", "city": "address-level2", "region": "address-level1", "country": "country"}

// longest are the most characters of the fields.
var longest = map[string]int{"name": 100, "company": 100, "street": 120, "line2": 120, "postcode": 12, "city": 80, "region": 60, "country": 2}

// AddressFormat is the format of a country; countries without one of their own have a generic one.
func AddressFormat(country string) Format {
	s := specOf(country)
	f := Format{Country: country}
	for _, word := range strings.Fields(s.form) {
		name, optional := strings.CutSuffix(word, "?")
		f.Fields = append(f.Fields, s.field(name, !optional))
	}
	f.Fields = append(f.Fields, s.field("country", true))
	return f
}

func (s spec) field(name string, required bool) Field {
	f := Field{Name: name, Label: "address." + name, Autocomplete: autocomplete[name], Required: required, Max: longest[name]}
	switch name {
	case "postcode":
		f.Label, f.Short, f.Example = s.postcodeLabel(), true, s.example
		if len(s.codes) > 0 {
			f.Hint = "address.postcode_hint_" + s.country
		}
		if len(s.codes) == 1 && strings.Trim(s.codes[0], "N") == "" {
			f.InputMode = "numeric"
		}
	case "region":
		if n, ok := regionNames[s.country]; ok {
			f.Label = "address." + n
		}
		f.Options = regions[s.country]
	case "company", "line2":
		f.Hint = "address." + name + "_hint"
	}
	return f
}

// postcodeLabel is what the country's people call a postcode.
func (s spec) postcodeLabel() string {
	switch s.country {
	case "US":
		return "address.zip"
	case "IE":
		return "address.eircode"
	}
	return "address.postcode"
}

// Needs says whether the country's format has the field, and whether it is required.
func (f Format) Needs(name string) (has, required bool) {
	for _, x := range f.Fields {
		if x.Name == name {
			return true, x.Required
		}
	}
	return false, false
}

// Print writes the address as lines, as its country does, without empty ones. The country's name comes last; pass ""
// to leave it out.
func Print(a Address, countryName string) []string {
	values := map[rune]string{'n': a.Name, 'o': a.Company, 's': a.Street, 't': a.Line2, 'p': a.Postcode, 'c': a.City, 'r': a.Region}
	var out []string
	for _, line := range append(strings.Split(specOf(a.Country).lines, "/"), "") {
		var b strings.Builder
		between := ""
		for _, r := range line {
			v, isField := values[r]
			switch {
			case !isField:
				between += string(r)
			case v != "":
				if b.Len() > 0 {
					b.WriteString(between)
				}
				b.WriteString(v)
				between = ""
			}
		}
		if b.Len() > 0 {
			out = append(out, b.String())
		}
	}
	if countryName != "" {
		out = append(out, countryName)
	}
	return out
}
