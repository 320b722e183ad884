package stripe

import (
	"testing"

	api "github.com/stripe/stripe-go/v85"

	"strongroom/base/money"
)

// What a dispute took is said in its own currency, also where the account is kept in another one.
func TestTakenIsInTheCurrencyOfTheDispute(t *testing.T) {
	line := func(amount, fee int64, c api.Currency) *api.BalanceTransaction {
		return &api.BalanceTransaction{Amount: amount, Fee: fee, Currency: c}
	}
	for name, c := range map[string]struct {
		lines    []*api.BalanceTransaction
		sum, fee money.Amount
	}{
		"nothing yet":          {nil, 0, 0},
		"taken":                {[]*api.BalanceTransaction{line(-5000, 2000, "usd")}, 5000, 2000},
		"a part":               {[]*api.BalanceTransaction{line(-3000, 0, "usd"), nil}, 3000, 0},
		"won":                  {[]*api.BalanceTransaction{line(-5000, 2000, "usd"), line(5000, -2000, "usd")}, 0, 0},
		"taken in francs":      {[]*api.BalanceTransaction{line(-4410, 1500, "chf")}, 5000, 0},
		"won in francs":        {[]*api.BalanceTransaction{line(-4410, 1500, "chf"), line(4385, 0, "chf")}, 0, 0},
		"a fee in francs":      {[]*api.BalanceTransaction{line(0, 1500, "chf")}, 0, 0},
		"reopened, in francs":  {[]*api.BalanceTransaction{line(-4410, 0, "chf"), line(4385, 0, "chf"), line(-4400, 0, "chf")}, 5000, 0},
		"nothing, and no fees": {[]*api.BalanceTransaction{line(0, 0, "usd")}, 0, 0},
	} {
		if sum, fee, err := taken(c.lines, "USD", 5000); err != nil || sum != c.sum || fee != c.fee {
			t.Errorf("%s: %d and %d, %v; want %d and %d", name, sum, fee, err, c.sum, c.fee)
		}
	}
}
