package app

import (
	"testing"
	"time"

	"strongroom/base/config"
	"strongroom/guard/privacy"
	"strongroom/shop/price"
)

// What was sealed on the first day of a log key is unreadable when the declared term is over, and a year is kept.
func TestOriginsAreReadableAsLongAsDeclared(t *testing.T) {
	until := originsUntil(noon) // a key whose successor is older than this is destroyed
	oldest := until.Add(-logKeyLife)
	if term := noon.AddDate(0, 0, -privacy.AuditOrigin.Keep.Days); oldest.Before(term) {
		t.Errorf("an origin of %s is still to be read at %s", oldest, noon)
	}
	if year := noon.Add(-365 * 24 * time.Hour); until.After(year) {
		t.Errorf("what is younger than a year is gone: %s", until)
	}
}

// What [tax] says is what prices are made with; a country without a rate is refused at start.
func TestTheRulesOfTaxAreTheConfigurations(t *testing.T) {
	c := config.Defaults()
	c.Shop.Country, c.Tax.EU, c.Tax.Registered, c.Tax.Rates = "DE", "home", []string{"GB"}, []string{"CH standard 8.1 2024-01-01"}
	r, err := taxesOf(c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := price.LoadTaxes(r); err != nil || r.Home != "DE" || !r.HomeRates || r.Outside != price.ExportZero ||
		r.Territory != price.ExportRefuse || len(r.Overrides) != 1 || r.Overrides[0].PPM != 81_000 {
		t.Errorf("%+v: %v", r, err)
	}
	r.Registered = []string{"ZZ"}
	if _, err := price.LoadTaxes(r); err == nil {
		t.Error("a country without a rate passes")
	}
}
