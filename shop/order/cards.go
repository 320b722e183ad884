package order

import "strings"

// A card's number has 13 to 19 digits; people and programs separate them in groups.
const cardMin, cardMax = 13, 19

// HasCardNumber says whether the text holds what passes for a payment card's number: 13 to 19 digits, possibly with
// spaces, dots, hyphens or slashes between them, whose check digit is right. Card numbers never arrive in the store;
// a field that holds one is refused before it is kept anywhere.
func HasCardNumber(text string) bool { return len(cardSpans(text)) > 0 }

// MaskCards replaces the digits of what passes for card numbers, all but the last four.
func MaskCards(text string) string {
	spans := cardSpans(text)
	if len(spans) == 0 {
		return text
	}
	b := []byte(text)
	for _, s := range spans {
		left := s.digits
		for i := s.from; i < s.to; i++ {
			if b[i] >= '0' && b[i] <= '9' {
				if left > 4 {
					b[i] = '*'
				}
				left--
			}
		}
	}
	return string(b)
}

type span struct{ from, to, digits int }

// cardSpans finds the numbers. Within a longer run of digits every stretch counts, because "0" and a card's number
// beside each other are no less a card's number.
func cardSpans(text string) []span {
	text = asciiDigits(text)
	var found []span
	for from := 0; from < len(text); from++ {
		if !digit(text[from]) {
			continue
		}
		if s, ok := cardAt(text, from); ok {
			found = append(found, s)
			from = s.to - 1
		}
	}
	return found
}

// cardAt looks for the longest number that begins here.
func cardAt(text string, from int) (best span, ok bool) {
	var digits []byte
	gap := 0
	for i := from; i < len(text) && len(digits) < cardMax; i++ {
		switch {
		case digit(text[i]):
			digits, gap = append(digits, text[i]-'0'), 0
			if len(digits) >= cardMin && luhn(digits) {
				best, ok = span{from, i + 1, len(digits)}, true
			}
		case gap < 3 && strings.IndexByte(" .-/_\t\n\r", text[i]) >= 0:
			gap++
		default:
			return best, ok
		}
	}
	return best, ok
}

// luhn is the check digit of ISO/IEC 7812. A row of equal digits passes it and is no card.
func luhn(digits []byte) bool {
	sum, same := 0, true
	for i, d := range digits {
		n := int(d)
		if (len(digits)-i)%2 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
		same = same && d == digits[0]
	}
	return sum%10 == 0 && !same
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// asciiDigits writes full-width digits as plain ones, padded to the same length so that positions stay the same.
func asciiDigits(s string) string {
	if !strings.ContainsAny(s, "０１２３４５６７８９") {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if r >= '０' && r <= '９' {
			b.WriteByte('0' + byte(r-'０'))
			b.WriteString("  ") // a full-width digit has three bytes
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
