package price

import (
	"cmp"
	"embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"strongroom/base/money"
)

//go:embed rates.csv territories.csv sources.csv
var tables embed.FS

// Taxes is the table of rates under the store's rules. It is never changed and safe for use by many goroutines.
type Taxes struct {
	rules       Rules
	rates       map[string][]row // by place and class, newest first
	territories map[string][]territory
}

type row struct {
	Rate
	until Day // 0 while no end is known
}

type territory struct {
	prefixes    []string
	place, name string
}

// DefaultRules are the rules of a seller who is registered at home and, in the European Union, for all member states.
func DefaultRules(home string) Rules {
	return Rules{Home: home, Outside: ExportZero, Territory: ExportRefuse}
}

// LoadTaxes reads the embedded tables and adds the rules. It refuses rules that name no country of the table.
func LoadTaxes(rules Rules) (*Taxes, error) {
	rules.Outside = cmp.Or(rules.Outside, ExportZero)
	rules.Territory = cmp.Or(rules.Territory, ExportRefuse)
	t := &Taxes{rules: rules, rates: map[string][]row{}, territories: map[string][]territory{}}
	if err := t.read(); err != nil {
		return nil, fmt.Errorf("price: table of rates: %w", err)
	}
	if err := t.override(rules.Overrides); err != nil {
		return nil, err
	}
	for _, country := range append([]string{rules.Home}, rules.Registered...) {
		if len(t.rates[slot(country, Standard)]) == 0 {
			return nil, fmt.Errorf("price: there is no standard rate of tax for %q; add it as an override", country)
		}
	}
	for _, o := range []Outside{rules.Outside, rules.Territory} {
		if o != ExportZero && o != ExportHome && o != ExportRefuse {
			return nil, fmt.Errorf(`price: rule %q is none of "zero", "home", "refuse"`, o)
		}
	}
	return t, nil
}

func slot(place, class string) string { return place + " " + class }

// Rows lists the table for docs and tests: every rate of a place and class, newest first.
func (t *Taxes) Rows(place, class string) []Rate {
	var out []Rate
	for _, r := range t.rates[slot(place, class)] {
		out = append(out, r.Rate)
	}
	return out
}

func (t *Taxes) find(place, class string, day Day) (Rate, bool) {
	for _, r := range t.rates[slot(place, class)] {
		if r.Since <= day {
			return r.Rate, r.until == 0 || day <= r.until
		}
	}
	return Rate{}, false
}

func (t *Taxes) override(os []Override) error {
	for _, o := range os {
		if o.PPM < 0 || o.PPM > money.PPM || o.Place == "" || o.Class == "" {
			return fmt.Errorf("price: the override for %q %q is no rate", o.Place, o.Class)
		}
		k := slot(o.Place, o.Class)
		t.rates[k] = slices.DeleteFunc(t.rates[k], func(r row) bool { return r.Since >= o.From })
		t.add(row{Rate: Rate{PPM: o.PPM, Place: o.Place, Class: o.Class, Since: o.From, Source: "configuration"}})
	}
	return nil
}

// add puts a row before older ones.
func (t *Taxes) add(r row) {
	k := slot(r.Place, r.Class)
	rows := append([]row{r}, t.rates[k]...)
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(b.Since, a.Since) })
	t.rates[k] = rows
}

func (t *Taxes) read() error {
	sources := map[string]string{}
	err := each("sources.csv", 4, func(f []string) error { sources[f[0]] = f[2] + " " + f[3]; return nil })
	if err != nil {
		return err
	}
	err = each("rates.csv", 6, func(f []string) error {
		r, err := parseRow(f, sources)
		if err == nil {
			t.add(r)
		}
		return err
	})
	if err != nil {
		return err
	}
	return each("territories.csv", 5, func(f []string) error {
		t.territories[f[0]] = append(t.territories[f[0]], territory{strings.Fields(f[1]), f[2], f[3]})
		return nil
	})
}

func parseRow(f []string, sources map[string]string) (r row, err error) {
	if r.PPM, err = parsePercent(f[2]); err != nil {
		return r, err
	}
	if r.Since, err = ParseDay(f[3]); err != nil {
		return r, err
	}
	if f[4] != "" {
		if r.until, err = ParseDay(f[4]); err != nil {
			return r, err
		}
	}
	r.Place, r.Class, r.Source = f[0], f[1], sources[f[5]]
	if r.Source == "" {
		return r, fmt.Errorf("unknown source %q", f[5])
	}
	return r, nil
}

// parsePercent reads "25.5" as 255000 parts per million.
func parsePercent(s string) (int64, error) {
	whole, frac, _ := strings.Cut(s, ".")
	n, err := strconv.ParseUint(whole+(frac + "0000")[:4], 10, 32)
	if err != nil || len(frac) > 4 || n > money.PPM {
		return 0, fmt.Errorf("%q is no percentage", s)
	}
	return int64(n), nil
}

// each reads one embedded table and skips its comments and the line of titles.
func each(name string, columns int, fn func([]string) error) error {
	f, err := tables.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	r := csv.NewReader(f)
	r.Comment, r.FieldsPerRecord = '#', columns
	all, err := r.ReadAll()
	if err != nil {
		return err
	}
	for _, line := range all[1:] {
		if err := fn(line); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
