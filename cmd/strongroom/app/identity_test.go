package app

import (
	"context"
	"os"
	"strings"
	"testing"

	"strongroom/base/config"
	"strongroom/base/fault"
	"strongroom/guard/identity/strength"
)

// V6.1.2, V6.2.11: the words of the shop that a password must not be made of are documented, and are used.
func TestTheShopsWordsAreNoPasswords(t *testing.T) {
	s := &Store{c: Config{Shop: config.Shop{Name: "Kiln & Orchard", LegalName: "Brandt Keramik GmbH", Email: "hello@ofenfrisch.example",
		PublicURL: "https://shop.gartenglut.example", AdminURL: "https://steuerrad.gartenglut.example"}}}
	s.c.fill()
	c, err := s.passwordRules()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{"kilnandorchard26", "brandtkeramik 2026", "ofenfrischofenfr", "gartenglut-gartenglut", "steuerradsteuer1", "strongroom.2026!"} {
		f := fault.As(c.Check(context.Background(), p, strength.Alone))
		if f == nil || f.Fields[0].Key != strength.Context {
			t.Errorf("%q: %v", p, f)
		}
	}
	page, err := os.ReadFile("../../../docs/passwords.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"V6.1.2", "shop's name", "legal name", "hosts", "strongroom", "e-mail address", "postal address"} {
		if !strings.Contains(string(page), word) {
			t.Errorf("docs/passwords.md does not say %q", word)
		}
	}
}

// A list that cannot be used stops the start, with what to do; a missing one is not silently no list.
func TestAWrongListStopsTheStart(t *testing.T) {
	s := &Store{c: Config{Shop: config.Shop{Name: "Shop"}, Identity: Identity{LeakList: t.TempDir() + "/gone"}}}
	s.c.fill()
	if _, err := s.passwordRules(); err == nil || !strings.Contains(err.Error(), "leaked passwords") {
		t.Errorf("%v", err)
	}
}
