package price

import (
	"strings"

	"strongroom/base/id"
)

// Bounds of a code's normal form, in characters.
const (
	MinCode = 4
	MaxCode = 32
)

// generated is the length of a generated code: 80 random bits. The last three characters are its hint, so that even a
// reader of the table has 65 bits to guess.
const generated = 16

// Spell brings a code to its normal form: capitals and digits, without hyphens and spaces, letters that are easily
// taken for digits as digits. It returns "" for what cannot be a code.
func Spell(typed string) string {
	if len(typed) > 4*MaxCode {
		return ""
	}
	var b strings.Builder
	for _, r := range typed {
		switch {
		case r == '-' || r == ' ' || r == '_' || r == '\u00a0' || r == '‐' || r == '–':
		case r == 'o' || r == 'O':
			b.WriteByte('0')
		case r == 'i' || r == 'I' || r == 'l' || r == 'L':
			b.WriteByte('1')
		case r >= 'a' && r <= 'z':
			b.WriteByte(byte(r) - 'a' + 'A')
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			b.WriteByte(byte(r))
		default:
			return ""
		}
	}
	if b.Len() < MinCode || b.Len() > MaxCode {
		return ""
	}
	return b.String()
}

// newCode makes a code that nobody guesses, and its hint.
func newCode() (clear, hint string) {
	clear = id.NewCode(generated)
	return clear, "…" + clear[len(clear)-3:]
}

// hintOf is the hint of a code that a person chose: its first characters, at most a third of it.
func hintOf(chosen string) string {
	r := []rune(strings.TrimSpace(chosen))
	return string(r[:min(len(r), max(2, len(r)/3))]) + "…"
}
