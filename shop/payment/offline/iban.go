package offline

import (
	"strings"

	"strongroom/base/fault"
)

// lengths are how long the account numbers of countries are that take transfers in euro (ISO 13616, SEPA).
var lengths = map[string]int{"AD": 24, "AL": 28, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18,
	"FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22,
	"MK": 19, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "RS": 22, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "VA": 22}

// CheckIBAN says whether an account number can be right, and writes it without blanks. A mistyped digit is found by the
// number's own check digits; a wrong account that exists is not.
func CheckIBAN(typed string) (string, error) {
	s := strings.ToUpper(strings.Join(strings.Fields(typed), ""))
	wrong := fault.New(fault.Invalid, "payment.iban_wrong").WithField("iban", "payment.iban_wrong", nil)
	if len(s) < 5 || lengths[s[:2]] != len(s) {
		return "", wrong
	}
	rest := 0
	for _, c := range s[4:] + s[:4] {
		switch {
		case c >= '0' && c <= '9':
			rest = (rest*10 + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z':
			rest = (rest*100 + int(c-'A') + 10) % 97
		default:
			return "", wrong
		}
	}
	if rest != 1 {
		return "", wrong
	}
	return s, nil
}

// PrintIBAN writes an account number in groups of four.
func PrintIBAN(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i += 4 {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(s[i:min(i+4, len(s))])
	}
	return b.String()
}
