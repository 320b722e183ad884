package strength

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Normal is the form in which a password is measured, checked and hashed: Unicode's NFC, because keyboards write the
// same letter as one code point or as two. Nothing else is changed.
func Normal(password string) string { return norm.NFC.String(password) }

// Length counts code points, so that every letter of every script counts once.
func Length(password string) int { return utf8.RuneCountInString(password) }

// isText refuses what no keyboard types and no form should carry.
func isText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsRune(s, 0)
}

// fold makes spellings that guessers try together alike, for comparing only.
func fold(s string) string { return cases.Fold().String(s) }
