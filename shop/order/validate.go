package order

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"strongroom/base/fault"
	"strongroom/base/mail"
	"strongroom/shop/delivery"
)

const maxNote = 500 // characters

// clean tidies details and checks them. pickUp says that nothing is sent, so that a name is enough for an address.
// The details returned keep what was typed where a field is at fault.
func clean(d Details, pickUp bool, home string) (Details, error) {
	bad := fault.New(fault.Invalid, "order.details_invalid")
	d.Email = field(bad, "email", d.Email, cleanEmail)
	d.Phone = field(bad, "phone", d.Phone, cleanPhone)
	d.Note = field(bad, "note", d.Note, cleanNote)
	rule := delivery.Clean
	if pickUp { // the sale takes place where the shop is
		d.Delivery = Recipient{Name: d.Delivery.Name, Company: d.Delivery.Company, Country: home}
		rule = delivery.CleanPickUp
	}
	d.Delivery = cleanAddress(bad, "delivery.", d.Delivery, rule)
	if d.BillingDiffers {
		d.Billing = cleanAddress(bad, "billing.", d.Billing, delivery.Clean)
	} else {
		d.Billing = Recipient{}
	}
	if len(bad.Fields) > 0 {
		return d, bad
	}
	return d, nil
}

// field cleans one field and notes its fault.
func field(bad *fault.Error, name, value string, rule func(string) (string, string, fault.Params)) string {
	v, key, params := rule(value)
	if key != "" {
		bad.WithField(name, key, params)
		return value
	}
	return v
}

// cleanAddress takes the messages of delivery, which knows addresses, to the fields of this form.
func cleanAddress(bad *fault.Error, prefix string, r Recipient, rule func(Recipient) (Recipient, []fault.Field)) Recipient {
	a, faults := rule(r)
	for _, f := range faults {
		bad.WithField(prefix+f.Name, f.Key, f.Params)
	}
	return a
}

const maxName = 100 // characters

// cleanEmail takes an address as a person types it. The domain is kept in its ASCII form, in which mail is sent.
func cleanEmail(s string) (string, string, fault.Params) {
	s = strings.TrimSpace(s)
	if s == "" {
		return s, "order.email_missing", nil
	}
	local, domain, ok := strings.Cut(s, "@")
	if !ok || len(s) > 254 {
		return s, "order.email_invalid", nil
	}
	ascii, err := idna.Lookup.ToASCII(strings.TrimSuffix(domain, "."))
	if err != nil || !asciiOnly(local) || !mail.Address(local+"@"+ascii) || HasCardNumber(local) {
		return s, "order.email_invalid", nil
	}
	return local + "@" + ascii, "", nil
}

func asciiOnly(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}

// cleanPhone keeps digits and a leading plus. Spaces, hyphens and brackets go silently.
func cleanPhone(s string) (string, string, fault.Params) {
	var b strings.Builder
	for _, r := range strings.TrimSpace(s) {
		switch {
		case r >= '0' && r <= '9', r == '+' && b.Len() == 0:
			b.WriteRune(r)
		case strings.ContainsRune(" -()/.\u00a0", r):
		default:
			return s, "order.phone_invalid", nil
		}
	}
	n := len(strings.TrimPrefix(b.String(), "+"))
	if b.Len() > 0 && (n < 6 || n > 15) {
		return s, "order.phone_invalid", nil
	}
	return b.String(), "", nil
}

func cleanNote(s string) (string, string, fault.Params) {
	t := paragraphs(s)
	switch {
	case utf8.RuneCountInString(t) > maxNote:
		return s, "order.note_long", fault.Params{"max": maxNote}
	case HasCardNumber(t):
		return s, "order.card_number", nil
	}
	return t, "", nil
}

// paragraphs tidies a text of several lines: valid UTF-8, no control characters, no more than one empty line in a row.
func paragraphs(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		if r == '\r' {
			return '\n'
		}
		if (unicode.IsControl(r) && r != '\n' && r != '\t') || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, s)
	for strings.Contains(s, "\n\n\n") {
		s = strings.ReplaceAll(s, "\n\n\n", "\n\n")
	}
	return strings.TrimSpace(s)
}

// oneLine tidies a text of one line.
func oneLine(s string) string { return strings.Join(strings.Fields(paragraphs(s)), " ") }
