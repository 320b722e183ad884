package vault

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"strongroom/base/id"
	"strongroom/guard/access"
)

// Purpose is what a person's data is kept for. Each purpose of a subject has a key of its own, so that one can end
// while another stands. The numbers are permanent: they are bound into everything sealed.
type Purpose uint8

// The purposes.
const (
	Profile    Purpose = 1 // an account and what belongs to it
	Fulfilment Purpose = 2 // getting an order to the person
	Fiscal     Purpose = 3 // what tax law makes the store keep
	Support    Purpose = 4 // conversations
	Security   Purpose = 5 // the audit log's origins and reasons: under a store key, without a subject
)

var purposeNames = [...]string{"none", "profile", "fulfilment", "fiscal", "support", "security"}

// String is the purpose's word, as it stands in the audit log.
func (p Purpose) String() string {
	if int(p) < len(purposeNames) {
		return purposeNames[p]
	}
	return purposeNames[0]
}

// ofSubject says whether subjects have keys for the purpose.
func (p Purpose) ofSubject() bool { return p >= Profile && p <= Support }

// Mask says how a value looks to somebody who may not see it, and how it is levelled for look-up.
type Mask uint8

// The masks.
const (
	MaskAll   Mask = iota // •••
	MaskEmail             // a•••@example.com
	MaskName              // A•••
	MaskPhone             // •••42
)

// Field is one personal field of the inventory. Fields are declared in guard/privacy and nowhere else.
type Field struct {
	Number  uint16 // permanent, never used again for something else
	Purpose Purpose
	Mask    Mask
}

// Look is the reason why somebody is to see clear values.
type Look struct {
	Actor    access.Actor
	Purpose  Purpose // must be that of every field looked at
	Reason   string
	Object   string // what the fields belong to, such as "order"
	ObjectID id.ID
}

// Hidden is what stands for a value that may not be seen.
const Hidden = "•••"

// apply masks a clear value.
func (m Mask) apply(clear string) string {
	switch m {
	case MaskEmail:
		at := strings.LastIndexByte(clear, '@')
		if at < 1 || at == len(clear)-1 {
			return Hidden
		}
		return firstRune(clear) + Hidden + clear[at:]
	case MaskName:
		return firstRune(clear) + Hidden
	case MaskPhone:
		// Of a short number two digits would be most of it.
		if d := digits(clear); len(d) >= 6 {
			return Hidden + d[len(d)-2:]
		}
	}
	return Hidden
}

// level brings spellings of one value to one form for look-up. It never changes what is sealed.
func (m Mask) level(clear string) string {
	if m == MaskPhone {
		return digits(clear)
	}
	return strings.ToLower(strings.Join(strings.Fields(clear), " "))
}

func firstRune(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 || r == utf8.RuneError || !unicode.IsGraphic(r) {
		return ""
	}
	return s[:n]
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
