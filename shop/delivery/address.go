package delivery

import (
	"fmt"
	"log/slog"

	"strongroom/base/fault"
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

// Field is one field of an address form.
type Field struct {
	Name         string // name, company, street, line2, postcode, city, region, country
	Label        string // message key
	Autocomplete string // token of the HTML standard
	Hint         string // message key, or ""
	Example      string // of a postcode
	InputMode    string // "numeric" for postcodes of digits only
	Required     bool
	Max          int // characters
	Short        bool
	Options      []Option // regions to choose from; nil for a text field
}

// Option is one value of a field to choose from.
type Option struct{ Value, Name string }

// Format is how a country writes addresses.
type Format struct {
	Country string
	Fields  []Field // in the order of the form
}

// AddressFormat is the format of a country; countries without one of their own have a generic one.
func AddressFormat(country string) Format { return Format{Country: country} }

// Clean tidies an address as its country writes it and checks it. The faults name the fields of the form; none means
// that the address is good. The address returned keeps what was typed where a field is at fault.
func Clean(a Address) (Address, []fault.Field) { return a, nil }

// Print writes the address as lines, without empty ones. The country's name comes last; pass "" to leave it out.
func Print(a Address, countryName string) []string { return nil }
