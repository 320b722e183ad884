package order

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
)

// shown is what the second page showed: what the shopper agrees to with the button. It travels signed in a hidden field
// of the form (ADR 0035), so that nothing has to be written to show a page, and it holds nothing personal: the details
// stand in it as the draft's id and version only.
type shown struct {
	Attempt   []byte       `json:"a"` // 16 random bytes, the same for every page of one draft
	Draft     id.ID        `json:"d"`
	Version   int64        `json:"v"` // of the draft: grows when an address is saved again
	Cart      []byte       `json:"c"` // keyed hash of the cart's token
	Lines     []shownLine  `json:"l"`
	Offer     string       `json:"o"`
	Codes     string       `json:"k"` // the ids of the discount codes
	Discount  money.Amount `json:"r"`
	Shipping  money.Amount `json:"s"`
	Tax       money.Amount `json:"x"`
	Total     money.Amount `json:"t"`
	Currency  string       `json:"m"`
	PriceMode string       `json:"p"`
}

type shownLine struct {
	Variant  id.ID        `json:"v"`
	Quantity int64        `json:"q"`
	Unit     money.Amount `json:"u"`
	Total    money.Amount `json:"t"`
}

// maxAttempt bounds the hidden field: a cart of the largest size stays well below.
const maxAttempt = 64 << 10

var errAttempt = fault.New(fault.Conflict, "order.attempt_unknown")

// macFunc is the vault's keyed hash.
type macFunc func(label string, data []byte) []byte

// pack signs what is shown for the form.
func (s shown) pack(mac macFunc) string {
	b := s.bytes()
	enc := base64.RawURLEncoding
	return enc.EncodeToString(b) + "." + enc.EncodeToString(mac("order.attempt", b))
}

func (s shown) bytes() []byte {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // numbers, texts and bytes: nothing in it can fail
	}
	return b
}

// unpack reads what pack wrote. Everything else is one and the same refusal: a page of ours sends nothing else.
func unpack(form string, mac macFunc) (s shown, err error) {
	if len(form) > maxAttempt {
		return s, errAttempt
	}
	body, sum, ok := strings.Cut(form, ".")
	b, err1 := base64.RawURLEncoding.DecodeString(body)
	m, err2 := base64.RawURLEncoding.DecodeString(sum)
	if !ok || err1 != nil || err2 != nil || !hmac.Equal(m, mac("order.attempt", b)) {
		return s, errAttempt
	}
	if json.Unmarshal(b, &s) != nil {
		return shown{}, errAttempt // a form that an older version signed
	}
	return s, nil
}

// digest is what an order keeps of what was agreed to.
func (s shown) digest() []byte {
	d := sha256.Sum256(s.bytes())
	return d[:]
}

// differences lists what changed from what was shown to what is true now. names has the goods by variant.
func differences(was, is shown, names map[id.ID]string) []Change {
	var out []Change
	add := func(key string, c Change) { c.Key = "order.change_" + key; out = append(out, c) }
	for _, l := range was.Lines {
		i := slices.IndexFunc(is.Lines, func(n shownLine) bool { return n.Variant == l.Variant })
		if i < 0 {
			add("gone", Change{Name: names[l.Variant], FromN: l.Quantity})
			continue
		}
		n := is.Lines[i]
		if n.Quantity != l.Quantity {
			add("quantity", Change{Name: names[l.Variant], FromN: l.Quantity, ToN: n.Quantity})
		}
		if n.Unit != l.Unit {
			add("price", Change{Name: names[l.Variant], From: l.Unit, To: n.Unit})
		}
	}
	for _, n := range is.Lines {
		if !slices.ContainsFunc(was.Lines, func(l shownLine) bool { return n.Variant == l.Variant }) {
			add("added", Change{Name: names[n.Variant], ToN: n.Quantity})
		}
	}
	if was.Draft != is.Draft || was.Version != is.Version {
		add("details", Change{})
	}
	if was.Offer != is.Offer {
		add("delivery", Change{})
	}
	sums(was, is, add)
	return out
}

func sums(was, is shown, add func(string, Change)) {
	if was.Codes != is.Codes || was.Discount != is.Discount {
		add("discount", Change{From: was.Discount, To: is.Discount})
	}
	if was.Shipping != is.Shipping {
		add("shipping", Change{From: was.Shipping, To: is.Shipping})
	}
	if was.Tax != is.Tax && was.Total == is.Total { // otherwise the total says it all
		add("tax", Change{From: was.Tax, To: is.Tax})
	}
	if was.Total != is.Total {
		add("total", Change{From: was.Total, To: is.Total})
	}
}

// changed is the fault that carries the differences.
type changed struct {
	fault   *fault.Error
	changes []Change
}

func newChanged(key string, changes []Change) error {
	return &changed{fault.New(fault.Conflict, key).With("n", len(changes)), changes}
}

// Error is for logs.
func (c *changed) Error() string { return c.fault.Error() }

// Unwrap lets fault.As find the fault.
func (c *changed) Unwrap() error { return c.fault }

// Changes are the differences that a fault of Place carries.
func Changes(err error) []Change {
	var c *changed
	if errors.As(err, &c) {
		return c.changes
	}
	return nil
}
