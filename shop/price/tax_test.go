package price

import (
	"strings"
	"testing"
	"time"

	"strongroom/base/fault"
)

func rate(t *testing.T, x *Taxes, country, postcode, class, day string) Rate {
	t.Helper()
	d, err := ParseDay(day)
	if err != nil {
		t.Fatal(err)
	}
	r, err := x.Rate(country, postcode, class, d)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The changes of recent years, on their last and first days.
func TestRatesChangeOnTheirDay(t *testing.T) {
	x := taxes(t, Rules{Home: "DE", Registered: []string{"CH", "NO", "GB"}})
	for _, c := range []struct {
		country, class, day string
		want                int64
	}{
		{"DE", Standard, "2020-06-30", 190_000}, {"DE", Standard, "2020-07-01", 160_000},
		{"DE", Reduced, "2020-12-31", 50_000}, {"DE", Standard, "2021-01-01", 190_000},
		{"EE", Standard, "2025-06-30", 220_000}, {"EE", Standard, "2025-07-01", 240_000},
		{"FI", Standard, "2024-08-31", 240_000}, {"FI", Standard, "2024-09-01", 255_000},
		{"FI", Reduced, "2025-12-31", 140_000}, {"FI", Reduced, "2026-01-01", 135_000},
		{"SK", Standard, "2024-12-31", 200_000}, {"SK", Standard, "2025-01-01", 230_000}, {"SK", Reduced, "2025-01-01", 190_000},
		{"RO", Standard, "2025-07-31", 190_000}, {"RO", Standard, "2025-08-01", 210_000}, {"RO", Reduced, "2025-08-01", 110_000},
		{"LU", Standard, "2023-06-01", 160_000}, {"LU", Standard, "2024-01-01", 170_000},
		{"IE", Standard, "2021-02-28", 210_000}, {"IE", SuperReduced, "2026-11-02", 48_000},
		{"CZ", Reduced, "2023-12-31", 150_000}, {"CZ", Reduced, "2024-01-01", 120_000},
		{"LT", Reduced, "2026-01-01", 120_000}, {"AT", SuperReduced, "2026-07-01", 49_000},
		{"CH", Standard, "2023-12-31", 77_000}, {"CH", Standard, "2024-01-01", 81_000}, {"LI", Standard, "2024-01-01", 81_000},
		{"MC", Reduced, "2026-01-01", 55_000}, {"GB", Zero, "2026-01-01", 0}, {"NO", Reduced, "2026-01-01", 150_000},
	} {
		if got := rate(t, x, c.country, "", c.class, c.day); got.PPM != c.want || got.Source == "" {
			t.Errorf("%s %s on %s is %+v, want %d", c.country, c.class, c.day, got, c.want)
		}
	}
}

// A class that the country lacks, or lacks any more, is charged at the standard rate and never less.
func TestMissingClassIsStandard(t *testing.T) {
	x := taxes(t, DefaultRules("DE"))
	for _, c := range []struct{ country, class, day string }{
		{"DK", Reduced, "2026-01-01"}, {"DE", SuperReduced, "2026-01-01"}, {"RO", Reduced2, "2025-08-01"},
		{"AT", SuperReduced, "2026-06-30"}, {"DE", Zero, "2026-01-01"}, {"DE", "no such class", "2026-01-01"},
	} {
		got := rate(t, x, c.country, "", c.class, c.day)
		if want := rate(t, x, c.country, "", Standard, c.day); got != want {
			t.Errorf("%s %s: %+v", c.country, c.class, got)
		}
	}
}

func TestTerritories(t *testing.T) {
	x := taxes(t, Rules{Home: "DE", Registered: []string{"CH"}})
	day := Day(2026_11_02)
	for _, p := range [][2]string{{"DE", "27498"}, {"DE", "78266"}, {"DE", "D-27498"}, {"ES", "35001"}, {"ES", "38 660"}, {"ES", "51001"},
		{"ES", "52006"}, {"IT", "23041"}, {"IT", "22061"}, {"FI", "22100"}, {"FR", "97110"}, {"GR", "630 86"}, {"CH", "7563"}} {
		_, err := x.Rate(p[0], p[1], Standard, day)
		if f := fault.As(err); f == nil || f.Key != "price.territory" || f.Kind != fault.Invalid || f.Fields[0].Name != "country" {
			t.Errorf("%v: %v", p, err)
		}
	}
	for _, c := range []struct {
		country, postcode string
		want              int64
	}{
		{"PT", "9000-042", 220_000}, {"PT", "9500-150", 160_000}, {"PT", "1000-001", 230_000}, {"AT", "6691", 190_000},
		{"AT", "6020", 200_000}, {"DE", "27472", 190_000}, {"ES", "28001", 210_000}, {"FR", "20000", 200_000}, {"FR", "97", 200_000},
	} {
		got, err := x.Rate(c.country, c.postcode, Standard, day)
		if err != nil || got.PPM != c.want {
			t.Errorf("%s %s: %+v %v", c.country, c.postcode, got, err)
		}
	}
	if got := rate(t, x, "AT", "6991", Reduced, "2026-01-01"); got.PPM != 100_000 {
		t.Errorf("a territory without a reduced rate of its own has its country's: %+v", got)
	}
	if x.Territory("ES", "35001") != "Canary Islands" || x.Territory("ES", "28001") != "" {
		t.Error("territories have the wrong names")
	}
	open := taxes(t, Rules{Home: "DE", Territory: ExportZero})
	if got := rate(t, open, "DE", "27498", Standard, "2026-01-01"); got.PPM != 0 || got.Class != Export {
		t.Errorf("Helgoland as an export: %+v", got)
	}
}

func TestOutsideOfTheUnion(t *testing.T) {
	day := Day(2026_11_02)
	zero := taxes(t, DefaultRules("DE"))
	for _, country := range []string{"US", "GB", "CH", "NO", "AX", "ZZ"} {
		if got, err := zero.Rate(country, "", Standard, day); err != nil || got.PPM != 0 || got.Class != Export {
			t.Errorf("%s: %+v %v", country, got, err)
		}
	}
	if got := rate(t, taxes(t, Rules{Home: "DE", Outside: ExportHome}), "US", "", Reduced, "2026-01-01"); got.PPM != 70_000 {
		t.Errorf("home rate for an export: %+v", got)
	}
	if _, err := taxes(t, Rules{Home: "DE", Outside: ExportRefuse}).Rate("US", "", Standard, day); !fault.Is(err, fault.Invalid) {
		t.Errorf("refusing rule: %v", err)
	}
	if got := rate(t, taxes(t, DefaultRules("GB")), "FR", "", Standard, "2026-01-01"); got.Class != Export {
		t.Errorf("from Britain into the Union: %+v", got)
	}
	if got := rate(t, taxes(t, Rules{Home: "DE", HomeRates: true}), "HU", "", Standard, "2026-01-01"); got.PPM != 190_000 {
		t.Errorf("small seller: %+v", got)
	}
}

func TestOverridesAndBadRules(t *testing.T) {
	from, _ := ParseDay("2027-01-01")
	x := taxes(t, Rules{Home: "DE", Overrides: []Override{
		{"FR", "books", 55_000, 0}, {"DE", Standard, 200_000, from}, {"US", Standard, 0, 0}, {"EE", Standard, 230_000, 2025_01_01}, {"FI", Standard, 250_000, 0}}})
	if got := rate(t, x, "FR", "", "books", "2026-01-01"); got.PPM != 55_000 {
		t.Errorf("own class: %+v", got)
	}
	if rate(t, x, "DE", "", Standard, "2026-12-31").PPM != 190_000 || rate(t, x, "DE", "", Standard, "2027-01-01").PPM != 200_000 {
		t.Error("an override does not begin on its day")
	}
	for day, want := range map[string]int64{"2024-12-31": 220_000, "2025-01-01": 230_000, "2026-01-01": 230_000} {
		if got := rate(t, x, "EE", "", Standard, day); got.PPM != want {
			t.Errorf("an override before later rows of the table, on %s: %+v", day, got)
		}
	}
	if got := rate(t, x, "FI", "", Standard, "2021-01-01"); got.PPM != 250_000 {
		t.Errorf("an override for always: %+v", got)
	}
	for _, r := range []Rules{{Home: "US"}, {Home: ""}, {Home: "DE", Outside: "never"}, {Home: "DE", Registered: []string{"XX"}},
		{Home: "DE", Overrides: []Override{{"DE", Standard, -1, 0}}}} {
		if _, err := LoadTaxes(r); err == nil {
			t.Errorf("rules %+v were taken", r)
		}
	}
}

// The table has no gap in a standard rate, no overlap, no class that nobody knows, a source for each row, and all
// member states.
func TestTableIsWellFormed(t *testing.T) {
	x := taxes(t, DefaultRules("DE"))
	for _, c := range append(append([]string{}, union...), "GB", "CH", "NO") {
		rows := x.rates[slot(c, Standard)]
		if len(rows) == 0 || rows[0].until != 0 || rows[len(rows)-1].Since != 2020_01_01 {
			t.Errorf("%s: standard rate does not reach from 2020 to today", c)
		}
	}
	for key, rows := range x.rates {
		place, class, _ := strings.Cut(key, " ")
		if !strings.Contains(" "+strings.Join(Classes(), " ")+" ", " "+class+" ") || place == "" {
			t.Errorf("class of %q is unknown", key)
		}
		for i, r := range rows {
			if r.PPM > 270_000 || r.PPM == 0 && class != Zero || r.Source == "" || r.until != 0 && r.until < r.Since {
				t.Errorf("%s: %+v", key, r)
			}
			if i > 0 && next(r.until) != rows[i-1].Since {
				t.Errorf("%s: %s is followed by %s", key, r.until, rows[i-1].Since)
			}
		}
	}
	for country, zs := range x.territories {
		for _, z := range zs {
			if len(z.prefixes) == 0 || z.place != "" && len(x.Rows(z.place, Standard)) == 0 {
				t.Errorf("%s %s has neither postcodes nor rates", country, z.name)
			}
		}
	}
}

func next(d Day) Day {
	return DayOf(time.Date(int(d/10_000), time.Month(d/100%100), int(d%100)+1, 12, 0, 0, 0, time.UTC), time.UTC)
}

// The day is that of the store's zone: half an hour before midnight in Berlin is still the old rate's day.
func TestTheStoresZoneDecidesTheDay(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2020, 6, 30, 22, 30, 0, 0, time.UTC)
	if got := DayOf(at, berlin); got != 2020_07_01 || got.String() != "2020-07-01" || DayOf(at, time.UTC) != 2020_06_30 {
		t.Errorf("got %s", got)
	}
}
