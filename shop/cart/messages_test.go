package cart

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"strongroom/base/lang"
	"strongroom/shop/delivery"
	"strongroom/shop/price"
)

// Every message that price, delivery and cart can give has its words in every language.
func TestEveryMessageHasItsWords(t *testing.T) {
	texts, err := lang.Load(lang.Messages())
	must(t, err)
	keys := map[string]bool{}
	quoted := regexp.MustCompile(`"((?:price|delivery|cart|address)\.[a-z0-9_]+)"`)
	acts := regexp.MustCompile(`"(price\.(code_(create|generate|list|on|off|try)|sweep)|cart\.(sweep|mine)|delivery\.(seed|(zone|method|holiday)_(set|remove)))"`)
	for _, folder := range []string{".", "../price", "../delivery"} {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		must(t, err)
		for _, f := range files {
			b, err := os.ReadFile(f)
			must(t, err)
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			for _, m := range quoted.FindAllStringSubmatch(acts.ReplaceAllString(string(b), ""), -1) {
				keys[m[1]] = true
			}
		}
	}
	for _, c := range append(delivery.AllCountries("en"), delivery.Country{}) {
		for _, f := range delivery.AddressFormat(c.Code).Fields {
			keys[f.Label] = true
			if f.Hint != "" {
				keys[f.Hint] = true
			}
			if f.Required {
				keys["address."+f.Name+"_missing"] = true
			}
		}
	}
	for _, k := range price.Kinds() {
		keys["price.kind_"+string(k)] = true
	}
	for _, base := range price.UnitBases() {
		if u, ok := price.PerUnit(100, 7, base); ok {
			keys["price.unit_"+u.Unit] = true
		}
	}
	delete(keys, "address.postcode_hint_") // these two are beginnings of keys
	delete(keys, "price.unit_")
	if len(keys) < 100 {
		t.Fatalf("only %d keys were found", len(keys))
	}
	for _, l := range texts.Languages() {
		for k := range keys {
			if got := texts.For(l).T(k, "n", 2); got == k {
				t.Errorf("%s has no words for %s", l, k)
			}
		}
	}
}
