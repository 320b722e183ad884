package money

import (
	"strconv"
	"strings"
)

// Currency is an ISO 4217 alphabetic code in capitals, such as "EUR".
type Currency string

// exponents lists the currencies that a store can run in, with their number of decimal digits (ISO 4217, list one).
var exponents = map[Currency]int{
	"AUD": 2, "BGN": 2, "BRL": 2, "CAD": 2, "CHF": 2, "CNY": 2, "CZK": 2, "DKK": 2, "EUR": 2, "GBP": 2, "HKD": 2,
	"HUF": 2, "IDR": 2, "ILS": 2, "INR": 2, "ISK": 0, "JPY": 0, "KRW": 0, "KWD": 3, "MXN": 2, "MYR": 2, "NOK": 2,
	"NZD": 2, "PHP": 2, "PLN": 2, "RON": 2, "RSD": 2, "SEK": 2, "SGD": 2, "THB": 2, "TND": 3, "TRY": 2, "UAH": 2,
	"USD": 2, "ZAR": 2,
}

// Known says whether a store can run in this currency.
func (c Currency) Known() bool { _, ok := exponents[c]; return ok }

// Digits is the number of decimal digits of the currency: 2 for EUR, 0 for JPY, 3 for KWD.
func (c Currency) Digits() int {
	if d, ok := exponents[c]; ok {
		return d
	}
	return 2
}

// Decimal writes an amount as a plain decimal with a point, for machines: "12.30". People get lang's form.
func Decimal(a Amount, c Currency) string {
	neg := a < 0
	s := strconv.FormatUint(abs(int64(a)), 10)
	d := c.Digits()
	if len(s) <= d {
		s = strings.Repeat("0", d+1-len(s)) + s
	}
	if d > 0 {
		s = s[:len(s)-d] + "." + s[len(s)-d:]
	}
	if neg {
		return "-" + s
	}
	return s
}

// Parse reads what Decimal writes, and fewer decimals than the currency has ("12" or "12.5"). Signs, exponents,
// spaces, group separators, more decimals and amounts above Max are refused: input is never negative.
func Parse(s string, c Currency) (Amount, error) {
	whole, frac, _ := strings.Cut(s, ".")
	d := c.Digits()
	if whole == "" || len(whole) > 13 || len(frac) > d || strings.HasSuffix(s, ".") {
		return 0, ErrSyntax
	}
	digits := whole + frac + strings.Repeat("0", d-len(frac))
	var n int64
	for _, r := range digits {
		if r < '0' || r > '9' {
			return 0, ErrSyntax
		}
		n = n*10 + int64(r-'0')
	}
	if Check(Amount(n)) != nil {
		return 0, ErrRange
	}
	return Amount(n), nil
}
