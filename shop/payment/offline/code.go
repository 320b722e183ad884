package offline

import (
	"strings"
	"unicode/utf8"

	"strongroom/base/money"
)

// Code is the content of the square code that banking apps read: a transfer in euro after the European Payments Council's
// guidelines for it, version 2. Empty where there can be none: another currency, or a sum beyond its bounds.
func (i Instructions) Code() string {
	if i.Currency != "EUR" || i.Rest <= 0 || i.Rest > 99999999999 {
		return ""
	}
	lines := []string{"BCD", "002", "1", "SCT", i.Bank.BIC, cut(i.Bank.Holder, 70), i.Bank.IBAN, "EUR" + money.Decimal(i.Rest, i.Currency), "", "", cut(i.Purpose, 140)}
	return strings.Join(lines, "\n")
}

// cut leaves out what would end a line, and what is too long.
func cut(s string, most int) string {
	s = strings.Join(strings.Fields(s), " ")
	for utf8.RuneCountInString(s) > most {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s
}
