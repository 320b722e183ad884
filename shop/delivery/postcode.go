package delivery

import "strings"

// Postcode brings a typed postcode to the form that its country writes: capitals, its own space or hyphen, without the
// country's letters before it ("D-10115"). It returns false if it cannot be one. Countries whose form is not known
// keep what was typed, tidied.
func Postcode(country, typed string) (string, bool) {
	s := specOf(country)
	bare := bareCode(typed)
	if len(s.codes) == 0 {
		return strings.ToUpper(strings.Join(strings.Fields(typed), " ")), bare != "" && len(bare) <= 10 && len(typed) <= 4*longest["postcode"]
	}
	for _, form := range s.codes {
		if code, ok := fit(form, bare); ok {
			return code, true
		}
	}
	short := strings.TrimLeft(bare, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	if n := len(bare) - len(short); n == 0 || n > 3 {
		return "", false
	}
	for _, form := range s.codes {
		if code, ok := fit(form, short); ok {
			return code, true
		}
	}
	return "", false
}

// bareCode leaves letters and digits in capitals; "" if anything stands there that no postcode has.
func bareCode(typed string) string {
	if len(typed) > 64 {
		return ""
	}
	var b strings.Builder
	for _, r := range typed {
		switch {
		case r >= '0' && r <= '9' || r >= 'A' && r <= 'Z':
			b.WriteRune(r)
		case r >= 'a' && r <= 'z':
			b.WriteRune(r - 'a' + 'A')
		case r >= '０' && r <= '９': // full-width digits, as some keyboards make them
			b.WriteRune(r - '０' + '0')
		case r == ' ' || r == '-' || r == '.' || r == '\u00a0' || r == '‑' || r == '–' || r == '\u3000':
		default:
			return ""
		}
	}
	return b.String()
}

// fit lays the bare code into a form.
func fit(form, bare string) (string, bool) {
	var b strings.Builder
	for _, f := range form {
		if f != 'N' && f != 'A' && f != 'X' {
			b.WriteRune(f)
			continue
		}
		if bare == "" {
			return "", false
		}
		c := bare[0]
		digit := c >= '0' && c <= '9'
		if f == 'N' && !digit || f == 'A' && digit {
			return "", false
		}
		b.WriteByte(c)
		bare = bare[1:]
	}
	return b.String(), bare == ""
}
