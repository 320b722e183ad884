package order

import (
	"fmt"
	"log/slog"

	"strongroom/shop/delivery"
)

// Recipient is a name and an address in clear, as a form or a page has it. It prints as nothing.
type Recipient = delivery.Address

// Details are what the first page of the checkout asks for, in clear. They live only between a form and the vault, or
// between the vault and a page or mail. They print as nothing, so that no log can hold them by accident.
type Details struct {
	Email, Phone, Note string
	Delivery           Recipient
	BillingDiffers     bool
	Billing            Recipient // read only when BillingDiffers
	Offer              string    // key of the delivery offer; a pick-up offer needs no street
}

const unprinted = "•••"

// String hides the content.
func (Details) String() string { return unprinted }

// GoString hides the content from %#v.
func (Details) GoString() string { return unprinted }

// Format hides the content from every verb.
func (Details) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(unprinted)) }

// LogValue hides the content from structured logs.
func (Details) LogValue() slog.Value { return slog.StringValue(unprinted) }

// MarshalJSON hides the content from encoders; who needs it in JSON names its fields one by one.
func (Details) MarshalJSON() ([]byte, error) { return []byte(`"` + unprinted + `"`), nil }
