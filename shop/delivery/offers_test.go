package delivery

import (
	"context"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"strongroom/base/config"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

var ctx = context.Background()

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func berlin(t testing.TB) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func seeded(t *testing.T, p dbtest.Pair, country string) *Service {
	t.Helper()
	s := newService(t, p)
	must(t, s.Seed(ctx, config.Shop{Country: country, Currency: "EUR", Address: []string{"Kiln & Orchard", "Hauptstraße 1", "10115 Berlin"}}))
	return s
}

func offers(t *testing.T, s *Service, country, postcode string, grams int64, goods money.Amount) []Offer {
	t.Helper()
	o, err := s.Offers(ctx, country, postcode, grams, goods)
	must(t, err)
	return o
}

func names(os []Offer) (out []string) {
	for _, o := range os {
		out = append(out, o.Key)
	}
	return out
}

func TestSeededShopDelivers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := seeded(t, p, "DE")
		must(t, s.Seed(ctx, config.Shop{Country: "FR", Currency: "EUR"})) // a second time changes nothing
		home := offers(t, s, "DE", "10115", 1_000, 2_000)
		if !slices.Equal(names(home), []string{"standard", "express", "pickup"}) || home[0].Price != 490 || home[0].Name("de") != "Paket" ||
			home[0].Name("fr") == "" || home[0].FreeFrom != 6_000 {
			t.Fatalf("at home: %+v", home)
		}
		if pick := home[2]; !pick.PickUp || pick.Price != 0 || pick.Point.Street != "Hauptstraße 1" || pick.Point.Postcode != "10115" ||
			pick.Point.City != "Berlin" || pick.Point.Hours["en"] == "" {
			t.Errorf("picking up: %+v %+v", pick, pick.Point)
		}
		for _, c := range []struct {
			grams int64
			goods money.Amount
			want  money.Amount
		}{{2_000, 0, 490}, {2_001, 0, 690}, {10_001, 5_999, 1290}, {31_500, 6_000, 0}, {1, 1_000_000, 0}} {
			if got := offers(t, s, "DE", "10115", c.grams, c.goods); got[0].Key != "standard" || got[0].Price != c.want {
				t.Errorf("%d g for %d: %+v", c.grams, c.goods, got[0])
			}
		}
		if heavy := offers(t, s, "DE", "10115", 40_000, 100); !slices.Equal(names(heavy), []string{"pickup"}) {
			t.Errorf("40 kg can be sent by %v", names(heavy))
		}
		if fr := offers(t, s, "FR", "75001", 1_000, 2_000); len(fr) != 1 || fr[0].Price != 990 {
			t.Errorf("to France: %+v", fr)
		}
		for _, no := range [][2]string{{"US", "10001"}, {"DE", "27498"}, {"ES", "35001"}, {"FR", "97110"}, {"FI", "22100"}, {"", ""}, {"ZZ", "1"}} {
			if got := offers(t, s, no[0], no[1], 100, 100); len(got) != 0 {
				t.Errorf("to %v: %v", no, names(got))
			}
		}
		to, err := s.Destinations(ctx, "de")
		must(t, err)
		if len(to) != 27 || to[0].Name != "Belgien" || !slices.Contains(to, Country{"AT", "Österreich"}) {
			t.Errorf("destinations: %v", to)
		}
		if i, j := slices.Index(to, Country{"AT", "Österreich"}), slices.Index(to, Country{"PL", "Polen"}); i > j {
			t.Error("Ö does not sort as O in German")
		}
	})
}

func TestSeedOfOtherShops(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := newService(t, p)
		must(t, s.Seed(ctx, config.Shop{Country: "US", Currency: "JPY"}))
		zones, err := s.Zones(ctx)
		must(t, err)
		if len(zones) != 1 || len(zones[0].Places) != 1 {
			t.Errorf("zones: %+v", zones)
		}
		if got := offers(t, s, "US", "10001", 100, 100); !slices.Equal(names(got), []string{"standard", "express"}) || got[0].Price != 784 {
			t.Errorf("offers: %+v", got)
		}
	})
}

// A change is seen at once by the process that makes it, and soon by another one that has the settings in memory.
func TestChangesAreSeenAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := seeded(t, p, "DE")
		other := New(s.d)
		_ = offers(t, other, "DE", "10115", 1, 1)
		methods, err := s.Methods(ctx)
		must(t, err)
		m := methods[slices.IndexFunc(methods, func(m Method) bool { return m.Key == "express" })]
		m.Active = false
		_, err = s.SetMethod(ctx, access.Console(), m)
		must(t, err)
		if got := names(offers(t, s, "DE", "10115", 1, 1)); slices.Contains(got, "express") {
			t.Errorf("this process still offers %v", got)
		}
		p.Clock.Advance(checkEvery)
		if got := names(offers(t, other, "DE", "10115", 1, 1)); slices.Contains(got, "express") {
			t.Errorf("another process still offers %v", got)
		}
		must(t, s.RemoveMethod(ctx, access.Console(), m.ID))
		if err := s.RemoveMethod(ctx, access.Console(), m.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("removed twice: %v", err)
		}
		if err := s.RemoveZone(ctx, access.Console(), m.Zone); !fault.Is(err, fault.Conflict) {
			t.Errorf("a zone in use was removed: %v", err)
		}
		z, err := s.SetZone(ctx, access.Console(), Zone{Name: "Berlin", Position: 9, Places: map[string]string{"DE": "10* 12000-12999 !12345"}})
		must(t, err)
		n := m
		n.ID, n.Zone, n.Key, n.Active = id.ID{}, z.ID, "bicycle", true
		_, err = s.SetMethod(ctx, access.Console(), n)
		must(t, err)
		p.Clock.Advance(checkEvery)
		for code, want := range map[string]string{"10115": "bicycle", "12999": "bicycle", "12345": "standard", "13000": "standard", "": "standard"} {
			if got := names(offers(t, other, "DE", code, 1, 1)); len(got) == 0 || got[0] != want {
				t.Errorf("%q: %v, want %s", code, got, want)
			}
		}
		for action, want := range map[string]int{"delivery.seed": 1, "delivery.method_set": 2, "delivery.method_remove": 1, "delivery.zone_set": 1} {
			if n := entries(t, p, action, audit.Done); n != want {
				t.Errorf("%d audit entries of %s, want %d", n, action, want)
			}
		}
		n.ID = id.ID{}
		if _, err = s.SetMethod(ctx, access.Console(), n); !fault.Is(err, fault.Conflict) {
			t.Errorf("the same key twice in a zone: %v", err)
		}
	})
}

func TestBadSettingsAreRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := seeded(t, p, "DE")
		zones, _ := s.Zones(ctx)
		for name, z := range map[string]Zone{
			"no name": {Places: map[string]string{"DE": ""}}, "no country": {Name: "x"}, "long country": {Name: "x", Places: map[string]string{"DEU": ""}},
			"bad range": {Name: "x", Places: map[string]string{"DE": "200-100"}}, "star inside": {Name: "x", Places: map[string]string{"DE": "1*5"}},
			"uneven range": {Name: "x", Places: map[string]string{"DE": "1-200"}}, "sign": {Name: "x", Places: map[string]string{"DE": "10%"}},
		} {
			if _, err := s.SetZone(ctx, access.Console(), z); !fault.Is(err, fault.Invalid) || len(fault.As(err).Fields) == 0 {
				t.Errorf("zone with %s: %v", name, err)
			}
		}
		good := Method{Zone: zones[0].ID, Key: "x", Kind: Parcel, Names: map[string]string{"en": "X"}, Rates: []Rate{{1000, 0, 100}}, DaysMax: 2}
		for name, change := range map[string]func(*Method){
			"no key": func(m *Method) { m.Key = "" }, "bad key": func(m *Method) { m.Key = "A b" }, "no kind": func(m *Method) { m.Kind = "pigeon" },
			"days": func(m *Method) { m.DaysMin = 3 }, "hour": func(m *Method) { m.Cutoff = 25 }, "no name": func(m *Method) { m.Names = nil },
			"no rate": func(m *Method) { m.Rates = nil }, "negative price": func(m *Method) { m.Rates = []Rate{{1000, 0, -1}} },
			"huge price": func(m *Method) { m.Rates = []Rate{{1000, 0, money.Max + 1}} }, "two rates for one case": func(m *Method) { m.Rates = []Rate{{1, 0, 1}, {1, 0, 2}} },
			"negative free sum": func(m *Method) { m.FreeFrom = -1 }, "pick-up nowhere": func(m *Method) { m.Kind = PickUp },
		} {
			m := good
			change(&m)
			if _, err := s.SetMethod(ctx, access.Console(), m); !fault.Is(err, fault.Invalid) || len(fault.As(err).Fields) == 0 {
				t.Errorf("method with %s: %v", name, err)
			}
		}
		good.Zone = id.ID{9}
		if _, err := s.SetMethod(ctx, access.Console(), good); !fault.Is(err, fault.NotFound) {
			t.Errorf("method in no zone: %v", err)
		}
	})
}

// The clock of the tests stands at Monday, 2 November 2026, 10:00 in Berlin.
func TestExpectedDays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := seeded(t, p, "DE")
		day := func(what, want string) {
			t.Helper()
			o := offers(t, s, "DE", "10115", 1, 1)[0]
			if got := o.From.Format("Mon 2") + " to " + o.Until.Format("Mon 2"); got != want || o.From.Hour() != 0 {
				t.Errorf("%s: %s, want %s", what, got, want)
			}
		}
		day("Monday morning, one to three days", "Tue 3 to Thu 5")
		p.Clock.Advance(4 * time.Hour)
		day("Monday, 14:00, the cut-off hour", "Wed 4 to Fri 6")
		must(t, s.SetHoliday(ctx, access.Console(), time.Date(2026, 11, 4, 0, 0, 0, 0, berlin(t)), "Day off"))
		day("with a holiday on Wednesday", "Thu 5 to Mon 9")
		must(t, s.SetHoliday(ctx, access.Console(), time.Date(2026, 11, 4, 0, 0, 0, 0, berlin(t)), ""))
		day("without it again", "Wed 4 to Fri 6")
		p.Clock.Advance(4 * 24 * time.Hour)
		day("Friday afternoon", "Tue 10 to Thu 12")
		p.Clock.Advance(10*time.Hour + 30*time.Minute)
		day("Saturday at half past midnight in Berlin, still Friday in UTC", "Tue 10 to Thu 12")
	})
}

func TestAllCountries(t *testing.T) {
	for _, lang := range []string{"en", "de"} {
		all := AllCountries(lang)
		if len(all) != 250 || slices.ContainsFunc(all, func(c Country) bool { return c.Name == "" || c.Name == "MK" }) {
			t.Errorf("%d countries in %s", len(all), lang)
		}
		for _, c := range all {
			if _, faults := Clean(Address{Name: "N", Street: "S", Postcode: specOf(c.Code).example, City: "C", Region: "NY", Country: c.Code}); c.Code != "CA" && c.Code != "AU" && len(faults) > 0 {
				t.Errorf("%s: %s", c.Code, keys(faults))
			}
		}
	}
	if de := AllCountries("de"); !slices.Contains(de, Country{"GR", "Griechenland"}) || slices.ContainsFunc(de, func(c Country) bool { return c.Code == "UK" || c.Code == "EU" }) {
		t.Error("the list holds the wrong codes")
	}
}

func TestGuessOfCountry(t *testing.T) {
	to := []Country{{"DE", "Germany"}, {"AT", "Austria"}, {"GB", "United Kingdom"}}
	for header, want := range map[string]string{"de-AT,de;q=0.9": "AT", "en-US,en-GB;q=0.5": "GB", "de": "DE", "": "DE", "fr-FR": "DE",
		";;;,,,": "DE", "*": "DE"} {
		if got := GuessCountry(header, to, "DE"); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}

// More weight never costs less with the seeded tables, and more goods never cost more.
func TestSeededRatesAreMonotonous(t *testing.T) {
	_, methods := defaults(config.Shop{Country: "DE", Currency: "EUR"}, func() id.ID { return id.ID{1} })
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.SampledFrom(methods).Draw(t, "method")
		w, g := rapid.Int64Range(0, 31_000).Draw(t, "weight"), money.Amount(rapid.Int64Range(0, 20_000).Draw(t, "goods"))
		a, ok := m.price(w, g)
		heavier, ok2 := m.price(w+rapid.Int64Range(0, 500).Draw(t, "more"), g)
		dearer, ok3 := m.price(w, g+money.Amount(rapid.Int64Range(0, 9000).Draw(t, "more goods")))
		if !ok || !ok2 || !ok3 || heavier < a || dearer > a {
			t.Fatalf("%d g: %d; heavier %d, more goods %d", w, a, heavier, dearer)
		}
	})
}

func TestRateByGoodsSum(t *testing.T) {
	m := Method{Rates: []Rate{{1000, 0, 500}, {1000, 3000, 300}, {5000, 0, 900}}}
	for _, c := range []struct {
		grams int64
		goods money.Amount
		want  money.Amount
	}{{0, 0, 500}, {1000, 2999, 500}, {1000, 3000, 300}, {1001, 9999, 900}} {
		if got, ok := m.price(c.grams, c.goods); !ok || got != c.want {
			t.Errorf("%d g, %d: %d", c.grams, c.goods, got)
		}
	}
	if _, ok := m.price(5001, 0); ok {
		t.Error("a weight beyond the table has a price")
	}
}
