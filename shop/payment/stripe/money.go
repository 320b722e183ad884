package stripe

import (
	"strings"

	"strongroom/base/money"
	"strongroom/shop/payment"
)

// hundredfold are currencies without decimals here (ISO 4217) whose sums Stripe writes in hundredths all the same.
var hundredfold = map[money.Currency]bool{"ISK": true, "UGX": true}

// toStripe writes a sum as Stripe counts it. Currencies with three decimals are charged in steps of ten.
func toStripe(a money.Amount, c money.Currency) (int64, error) {
	switch {
	case a <= 0 || money.Check(a) != nil:
		return 0, refused(payment.ErrRejected, "the sum is not one that can be paid")
	case !c.Known():
		return 0, refused(payment.ErrRejected, "the currency is unknown")
	case hundredfold[c]:
		return int64(a) * 100, nil
	case c.Digits() == 3 && a%10 != 0:
		return 0, refused(payment.ErrRejected, "the last decimal of this currency must be 0")
	}
	return int64(a), nil
}

// fromStripe reads a sum as Stripe counts it; what does not come out even is not what was asked for.
func fromStripe(n int64, c money.Currency) (money.Amount, error) {
	if hundredfold[c] {
		if n%100 != 0 {
			return 0, refused(payment.ErrMismatch, "a sum of a currency without decimals has decimals")
		}
		n /= 100
	}
	return money.Amount(n), nil
}

// currency reads Stripe's lower-case code.
func currency[S ~string](c S) money.Currency { return money.Currency(strings.ToUpper(string(c))) }
