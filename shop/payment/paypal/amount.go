package paypal

import (
	"fmt"
	"slices"
	"strings"

	"strongroom/base/money"
	"strongroom/shop/payment"
)

// taken are the currencies in which PayPal takes payments; whole are those of them that it takes without decimals,
// though some have them elsewhere.
var (
	taken = []money.Currency{"AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "ILS", "JPY", "MXN",
		"MYR", "NOK", "NZD", "PHP", "PLN", "SEK", "SGD", "THB", "TWD", "USD"}
	whole = []money.Currency{"HUF", "JPY", "TWD"}
)

// sum is an amount in PayPal's form.
type sum struct {
	Currency string `json:"currency_code"`
	Value    string `json:"value"`
}

// pay writes an amount that is to be paid, refunded or captured.
func pay(a money.Amount, c money.Currency) (sum, error) {
	if a <= 0 || money.Check(a) != nil || !c.Known() || !slices.Contains(taken, c) {
		return sum{}, fmt.Errorf("%w: no amount that PayPal takes", payment.ErrRejected)
	}
	value := money.Decimal(a, c)
	if slices.Contains(whole, c) && c.Digits() > 0 {
		v, frac, _ := strings.Cut(value, ".")
		if strings.Trim(frac, "0") != "" {
			return sum{}, fmt.Errorf("%w: PayPal takes %s in whole units only", payment.ErrRejected, c)
		}
		value = v
	}
	return sum{string(c), value}, nil
}

// read reads an amount, below zero too. Zeros behind the point mean nothing where the currency has no decimals.
func (s sum) read() (money.Amount, money.Currency, error) {
	c := money.Currency(s.Currency)
	value, negative := strings.CutPrefix(s.Value, "-")
	if n, frac, ok := strings.Cut(value, "."); ok && len(frac) > c.Digits() && strings.Trim(frac[c.Digits():], "0") == "" {
		value = n
		if c.Digits() > 0 {
			value += "." + frac[:c.Digits()]
		}
	}
	a, err := money.Parse(value, c)
	if err != nil || !c.Known() {
		return 0, "", fmt.Errorf("%w: an amount that cannot be read", payment.ErrMismatch)
	}
	if negative {
		a = -a
	}
	return a, c, nil
}

// in reads an amount that must be of a currency.
func (s sum) in(c money.Currency) (money.Amount, error) {
	a, have, err := s.read()
	if err == nil && have != c {
		err = fmt.Errorf("%w: another currency", payment.ErrMismatch)
	}
	return a, err
}

// maybe reads an amount that may be missing.
func (s sum) maybe(c money.Currency) (money.Amount, error) {
	if s == (sum{}) {
		return 0, nil
	}
	return s.in(c)
}
