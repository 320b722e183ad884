package config

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	countryForm = regexp.MustCompile(`^[A-Z]{2}$`)
	rateForm    = regexp.MustCompile(`^([A-Z]{2}(?:-[A-Z0-9]{1,6})?) ([a-z0-9-]{1,40}) ([0-9]{1,2})(?:\.([0-9]{1,4}))? ([0-9]{4}-[0-9]{2}-[0-9]{2})$`)
)

// tax checks the words of [tax]. Whether there is a rate for a country is the tax table's to say.
func (k *checker) tax() {
	t := &k.c.Tax
	k.oneOf("tax.eu", t.EU, "destination", "home")
	k.oneOf("tax.outside", t.Outside, "zero", "home", "refuse")
	k.oneOf("tax.territories", t.Territories, "zero", "home", "refuse")
	for i, c := range t.Registered {
		if t.Registered[i] = strings.ToUpper(strings.TrimSpace(c)); !countryForm.MatchString(t.Registered[i]) {
			k.bad("tax.registered", fmt.Sprintf("holds %q, which is no country", c), `Write two letters each: ["GB", "CH"].`)
		}
	}
	for _, r := range t.Rates {
		if _, err := parseRate(r); err != nil {
			k.bad("tax.rates", fmt.Sprintf("holds %q, which is no rate", r), `Write country, class, percent and the first day: "CH standard 8.1 2024-01-01".`)
		}
	}
}

// Overrides are the rates of [tax], which were checked when the configuration was read.
func (c *Config) Overrides() []TaxRate {
	var out []TaxRate
	for _, text := range c.Tax.Rates {
		if r, err := parseRate(text); err == nil {
			out = append(out, r)
		}
	}
	return out
}

func parseRate(text string) (r TaxRate, err error) {
	m := rateForm.FindStringSubmatch(strings.Join(strings.Fields(text), " "))
	if m == nil {
		return r, fmt.Errorf("%q is no rate", text)
	}
	if _, err := time.Parse(time.DateOnly, m[5]); err != nil {
		return r, err
	}
	// 8.1 percent are 81000 millionths: four digits after the point
	ppm, err := strconv.ParseInt(m[3]+(m[4] + "0000")[:4], 10, 64)
	return TaxRate{Place: m[1], Class: m[2], PPM: ppm, From: m[5]}, err
}
