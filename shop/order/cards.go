package order

import "strings"

// A card's number has 13 to 19 digits; people and programs separate them in groups.
const cardMin, cardMax = 13, 19

// HasCardNumber says whether the text holds what passes for a payment card's number: groups of digits, separated by
// spaces, dots, hyphens or slashes, that make 13 to 19 digits with a right check digit. Card numbers never arrive in
// the store; a field that holds one is refused before it is kept anywhere.
func HasCardNumber(text string) bool { return len(cardSpans([]rune(text))) > 0 }

// MaskCards replaces the digits of what passes for card numbers, all but the last four.
func MaskCards(text string) string {
	runes := []rune(text)
	spans := cardSpans(runes)
	if len(spans) == 0 {
		return text
	}
	for _, s := range spans {
		left := s.digits
		for i := s.from; i < s.to; i++ {
			if _, ok := digit(runes[i]); ok {
				if left > 4 {
					runes[i] = '*'
				}
				left--
			}
		}
	}
	return string(runes)
}

// span is a stretch of the text with its number of digits.
type span struct{ from, to, digits int }

// cardSpans finds the numbers. A number begins and ends with a whole group of digits: otherwise every long number would
// hold one somewhere by chance.
func cardSpans(text []rune) (found []span) {
	groups := groupsOf(text)
	for i := 0; i < len(groups); i++ {
		if s, last, ok := cardAt(text, groups[i:]); ok {
			found = append(found, s)
			i += last
		}
	}
	return found
}

// groupsOf cuts the text into groups of digits.
func groupsOf(text []rune) (groups []span) {
	for i := 0; i < len(text); i++ {
		from := i
		for i < len(text) && isDigit(text[i]) {
			i++
		}
		if i > from {
			groups = append(groups, span{from, i, i - from})
		}
	}
	return groups
}

// cardAt looks for the longest number that begins with the first group, and says which group is its last.
func cardAt(text []rune, groups []span) (best span, last int, ok bool) {
	var digits []int
	for i, g := range groups {
		if i > 0 && !joined(text[groups[i-1].to:g.from]) {
			break
		}
		for _, r := range text[g.from:g.to] {
			d, _ := digit(r)
			digits = append(digits, d)
		}
		if len(digits) > cardMax {
			break
		}
		if len(digits) >= cardMin && luhn(digits) {
			best, last, ok = span{groups[0].from, g.to, len(digits)}, i, true
		}
	}
	return best, last, ok
}

// joined says whether what stands between two groups only separates them.
func joined(between []rune) bool {
	return len(between) <= 3 && strings.Trim(string(between), " .-/_\t\n\r\u00a0\u2010\u2011\u2013") == ""
}

// luhn is the check digit of ISO/IEC 7812. A row of equal digits passes it and is no card.
func luhn(digits []int) bool {
	sum, same := 0, true
	for i, n := range digits {
		same = same && n == digits[0]
		if (len(digits)-i)%2 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0 && !same
}

// zeros begin the rows of digits that keyboards of our readers write: plain, Arabic, Persian, full-width.
var zeros = [...]rune{'0', '\u0660', '\u06f0', '\uff10'}

func digit(r rune) (int, bool) {
	for _, zero := range zeros {
		if r >= zero && r <= zero+9 {
			return int(r - zero), true
		}
	}
	return 0, false
}

func isDigit(r rune) bool { _, ok := digit(r); return ok }
