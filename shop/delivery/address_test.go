package delivery

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"strongroom/base/fault"
)

func good(country string) Address {
	a := Address{Name: "Ada Löwe", Street: "Lange Straße 5", Postcode: specOf(country).example, City: "Ort", Country: country}
	if has, required := AddressFormat(country).Needs("region"); has && required {
		a.Region = "Region"
		if o := regions[country]; o != nil {
			a.Region = o[0].Name
		}
	}
	return a
}

func keys(fs []fault.Field) string {
	var out []string
	for _, f := range fs {
		out = append(out, f.Name+"="+f.Key)
	}
	return strings.Join(out, " ")
}

// Every country's own example is a good address that cleaning does not change.
func TestExamplesOfAllCountriesAreGood(t *testing.T) {
	for _, s := range append(specs[:], spec{country: "JP"}) {
		a, faults := Clean(good(s.country))
		if len(faults) > 0 || a.Postcode != s.example {
			t.Errorf("%s: %s, postcode %q", s.country, keys(faults), a.Postcode)
		}
		if again, _ := Clean(a); again != a {
			t.Errorf("%s: cleaning twice is not cleaning once", s.country)
		}
		if lines := Print(a, "Land"); len(lines) < 4 || !strings.Contains(strings.Join(lines, "|"), s.example) || lines[len(lines)-1] != "Land" {
			t.Errorf("%s prints as %q", s.country, lines)
		}
		f := AddressFormat(s.country)
		for _, x := range f.Fields {
			if x.Autocomplete == "" || x.Label == "" || x.Max == 0 {
				t.Errorf("%s: field %+v", s.country, x)
			}
		}
		if last := f.Fields[len(f.Fields)-1]; last.Name != "country" || !last.Required {
			t.Errorf("%s: the last field is %+v", s.country, last)
		}
	}
}

func TestAllCountriesOfTheBriefHaveFormats(t *testing.T) {
	for _, c := range append(slices.Clone(union), "GB", "CH", "NO", "US", "CA", "AU") {
		if s := specOf(c); s.lines == generic.lines && s.form == generic.form {
			t.Errorf("%s has no format of its own", c)
		}
	}
}

func TestAddressesPrintAsTheirCountriesWriteThem(t *testing.T) {
	full := Address{Name: "N", Company: "O", Street: "S 1", Line2: "T", Postcode: "P", City: "C", Region: "R"}
	for country, want := range map[string]string{
		"DE": "N|O|S 1|T|P C", "GB": "N|O|S 1|T|C|P", "US": "N|O|S 1|T|C, R P", "HU": "N|O|C|S 1|T|P", "IT": "N|O|S 1|T|P C R",
		"IE": "N|O|S 1|T|C|R|P", "LV": "N|O|S 1|T|C, P", "ZZ": "N|O|S 1|T|P C|R", "ES": "N|O|S 1|T|P C|R",
	} {
		full.Country = country
		if got := strings.Join(Print(full, ""), "|"); got != want {
			t.Errorf("%s: %s, want %s", country, got, want)
		}
	}
	bare := Address{Name: "N", Street: "S 1", City: "C", Country: "US"}
	if got := strings.Join(Print(bare, ""), "|"); got != "N|S 1|C" {
		t.Errorf("without region and code: %s", got)
	}
	bare.City, bare.Postcode = "", "P"
	if got := strings.Join(Print(bare, ""), "|"); got != "N|S 1|P" {
		t.Errorf("code alone: %s", got)
	}
}

func TestPostcodesGetTheirForm(t *testing.T) {
	for _, c := range [][3]string{
		{"DE", " 10115 ", "10115"}, {"DE", "D-10115", "10115"}, {"DE", "D 10115", "10115"}, {"GB", "sw1a1aa", "SW1A 1AA"},
		{"GB", "m11ae", "M1 1AE"}, {"GB", "dn55 1pt", "DN55 1PT"}, {"NL", "1012js", "1012 JS"}, {"PL", "00001", "00-001"},
		{"PT", "1000 001", "1000-001"}, {"SE", "11129", "111 29"}, {"SE", "SE-111 29", "111 29"}, {"CZ", "11000", "110 00"},
		{"LV", "1010", "LV-1010"}, {"LV", "lv1010", "LV-1010"}, {"LT", "01103", "LT-01103"}, {"IE", "d02x285", "D02 X285"},
		{"IE", "D6W XY00", "D6W XY00"}, {"MT", "vlt1117", "VLT 1117"}, {"CA", "k1a0b1", "K1A 0B1"}, {"US", "10001", "10001"},
		{"US", "100010001", "10001-0001"}, {"FI", "FIN-00100", "00100"}, {"DE", "１０１１５", "10115"}, {"JP", " 100-0001 ", "100-0001"},
	} {
		if got, ok := Postcode(c[0], c[1]); !ok || got != c[2] {
			t.Errorf("%s %q: %q %v, want %q", c[0], c[1], got, ok, c[2])
		}
	}
	for _, c := range [][2]string{{"DE", "1011"}, {"DE", "101155"}, {"DE", "ABCD10115"}, {"DE", "10115; DROP"}, {"GB", "12345"}, {"NL", "1012"},
		{"US", "1000"}, {"DE", ""}, {"DE", "-"}, {"JP", ""}, {"JP", strings.Repeat("1", 60)}, {"SE", "X"}} {
		if got, ok := Postcode(c[0], c[1]); ok {
			t.Errorf("%s %q was taken as %q", c[0], c[1], got)
		}
	}
}

// V2.2.1, V2.2.3: what is wrong is named beside its field, together, and what was typed is kept.
func TestFaultsNameTheirFields_V2_2_3(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Address)
		want   string
	}{
		"nothing":            {func(a *Address) { *a = Address{Country: "DE"} }, "name=address.name_missing street=address.street_missing postcode=address.postcode_missing city=address.city_missing"},
		"no country":         {func(a *Address) { a.Country = "" }, "country=address.country_missing"},
		"strange country":    {func(a *Address) { a.Country = "Deutschland" }, "country=address.country_invalid"},
		"foreign postcode":   {func(a *Address) { a.Postcode = "SW1A 1AA" }, "postcode=address.postcode_invalid"},
		"no letters in name": {func(a *Address) { a.Name = "123 !!" }, "name=address.name_invalid"},
		"no letters in city": {func(a *Address) { a.City = "--" }, "city=address.city_invalid"},
		"card number":        {func(a *Address) { a.Line2 = "4111 1111 1111 1111" }, "line2=address.card_number"},
		"too long":           {func(a *Address) { a.Street = strings.Repeat("ä", 121) }, "street=address.too_long"},
		"turned writing":     {func(a *Address) { a.Name = "Ada \u202eewöL" }, "name=address.characters"},
		"control character":  {func(a *Address) { a.City = "Ber\x00lin" }, "city=address.characters"},
		"markup":             {func(a *Address) { a.Company = "<script>alert(1)</script>" }, "company=address.characters"},
		"broken encoding":    {func(a *Address) { a.Company = "a\xff" }, "company=address.characters"},
		"American region":    {func(a *Address) { *a = good("US"); a.Region = "Bavaria" }, "region=address.region_invalid"},
		"missing region":     {func(a *Address) { *a = good("CA"); a.Region = " " }, "region=address.region_missing"},
	} {
		a := good("DE")
		c.change(&a)
		out, faults := Clean(a)
		if keys(faults) != c.want {
			t.Errorf("%s: %s, want %s", name, keys(faults), c.want)
		}
		for _, f := range faults {
			if out.Get(f.Name) != a.Get(f.Name) {
				t.Errorf("%s: %s was not kept as typed", name, f.Name)
			}
		}
	}
}

func TestGoodAddressesOfTheWorldAreTaken(t *testing.T) {
	for _, a := range []Address{
		{Name: "Ó Súilleabháin, Séan", Street: "1 Main St", City: "Cork", Country: "IE"},
		{Name: "Δήμητρα Παπαδοπούλου", Street: "Ερμού 12", Postcode: "10557", City: "Αθήνα", Country: "GR"},
		{Name: "X Æ", Street: "123", Postcode: "1000", City: "Ås", Country: "NO"},
		{Name: "山田太郎", Street: "千代田1-1", City: "東京都", Country: "JP"},
		{Name: "  Ada   Löwe ", Street: "Straße\t5", Postcode: "d-10115", City: "Berlin", Region: "is emptied", Country: "de"},
		{Name: "Anne-Marie O'Neil Jr.", Street: "5 Av. \"A\" & B", Postcode: "10001", City: "New York", Region: "new york", Country: "US"},
	} {
		out, faults := Clean(a)
		if len(faults) > 0 {
			t.Errorf("%q: %s", a.Name, keys(faults))
		}
		if a.Country == "de" && (out.Name != "Ada Löwe" || out.Street != "Straße 5" || out.Region != "" || out.Country != "DE" || out.Postcode != "10115") {
			t.Errorf("not tidied: %q %q %q %q", out.Name, out.Street, out.Region, out.Country)
		}
		if a.Country == "US" && out.Region != "NY" {
			t.Errorf("region %q", out.Region)
		}
	}
	if _, faults := CleanPickUp(Address{Name: "Ada", Country: "DE"}); len(faults) > 0 {
		t.Errorf("for picking up: %s", keys(faults))
	}
	if _, faults := CleanPickUp(Address{Name: "Ada", Country: "DE", Postcode: "1"}); keys(faults) != "postcode=address.postcode_invalid" {
		t.Errorf("for picking up, with a wrong postcode: %s", keys(faults))
	}
}

func TestCardNumbersAreSeen(t *testing.T) {
	for s, want := range map[string]bool{"4111111111111111": true, "c/o 5500-0000-0000-0004 x": true, "378282246310005": true,
		"4111111111111112": false, "Straße 12345678": false, "+49 30 1234567": false, "4111  1111 1111 1111": false, "": false} {
		if got := PassesForCard(s); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
}

// V14.2: an address that gets into a log, an error or JSON by accident shows nothing.
func TestAddressesPrintAsNothing(t *testing.T) {
	a := good("DE")
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "a", a, "b", &a)
	b, _ := json.Marshal(map[string]any{"a": a, "b": &a})
	all := fmt.Sprintf("%v %+v %#v %s %q %x", a, a, a, a, a, a) + fmt.Sprint(&a) + log.String() + string(b)
	for _, secret := range []string{"Löwe", "Lange", "10115", fmt.Sprintf("%x", "Lange")} {
		if strings.Contains(all, secret) {
			t.Errorf("%q leaked", secret)
		}
	}
}

// FuzzPostcode: a normal form is stable, bounded and printable, whatever is typed.
func FuzzPostcode(f *testing.F) {
	for _, s := range specs {
		f.Add(s.country, s.example)
	}
	f.Add("DE", "D-10115")
	f.Add("ZZ", "\x00")
	f.Fuzz(func(t *testing.T, country, typed string) {
		got, ok := Postcode(country, typed)
		if !ok {
			return
		}
		again, ok := Postcode(country, got)
		if !ok || again != got || len(got) > 4*longest["postcode"] || strings.ContainsAny(got, "<>\"'\x00\n") {
			t.Errorf("%s %q became %q and then %q", country, typed, got, again)
		}
	})
}

// FuzzClean: no input makes Clean panic, and what it calls good is stable.
func FuzzClean(f *testing.F) {
	f.Add("Ada", "Street 1", "10115", "Berlin", "", "DE")
	f.Add("Ada", "Street 1", "10001", "New York", "NY", "us")
	f.Fuzz(func(t *testing.T, name, street, postcode, city, region, country string) {
		a := Address{Name: name, Street: street, Postcode: postcode, City: city, Region: region, Country: country}
		out, faults := Clean(a)
		_ = Print(out, "X")
		if len(faults) > 0 {
			return
		}
		if again, faults := Clean(out); len(faults) > 0 || again != out {
			t.Errorf("a good address changes when it is cleaned again: %s", keys(faults))
		}
	})
}
