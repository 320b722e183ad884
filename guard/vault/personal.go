package vault

import (
	"fmt"
	"io"
	"log/slog"

	"strongroom/base/id"
)

// Personal is one personal value: what somebody just typed, or sealed bytes from a database. However it is printed,
// logged or marshalled, it shows "•••"; the clear value comes out through Vault.Reveal only, and Mask gives the masked
// form for people who may know that there is a value.
//
// The clear text stands in a closure and not in a field: fmt follows unexported fields by reflection and does not call
// their methods, so that a struct holding a Personal in an unexported field would print it otherwise.
type Personal struct {
	open func() (string, error) // nil for no value
	ref  *reference             // nil for typed values
}

// reference says what a sealed value is and where it belongs.
type reference struct {
	vault   *Vault
	field   Field
	subject id.ID
	row     id.ID
}

// Typed holds what a person just typed.
func Typed(clear string) Personal {
	if clear == "" {
		return Personal{}
	}
	return Personal{open: func() (string, error) { return clear, nil }}
}

// IsZero says whether there is no value at all.
func (p Personal) IsZero() bool { return p.open == nil }

// Mask is the value's masked form, made inside the vault without a look. It is "•••" when the value was erased, and
// for typed values that are no e-mail address; a missing value is "".
func (p Personal) Mask() string {
	if p.open == nil {
		return ""
	}
	clear, err := p.open()
	if err != nil {
		return Hidden
	}
	if p.ref == nil {
		return MaskEmail.apply(clear)
	}
	return p.ref.field.Mask.apply(clear)
}

// String is "•••", or "" for no value.
func (p Personal) String() string {
	if p.open == nil {
		return ""
	}
	return Hidden
}

// GoString is what %#v prints.
func (p Personal) GoString() string { return "vault.Personal(" + p.String() + ")" }

// Format answers every verb of fmt with "•••".
func (p Personal) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) }

// LogValue is what slog logs.
func (p Personal) LogValue() slog.Value { return slog.StringValue(p.String()) }

// MarshalJSON writes "•••".
func (p Personal) MarshalJSON() ([]byte, error) { return []byte(`"` + p.String() + `"`), nil }

// MarshalText writes "•••", also for XML and TOML and as a map's key.
func (p Personal) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// MarshalBinary writes "•••", also for gob.
func (p Personal) MarshalBinary() ([]byte, error) { return []byte(p.String()), nil }
