package price

import (
	"strings"
	"testing"
	"time"

	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

func TestCodesOfTheShopsPeople(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := service(t, p)
		by, asker := access.Console(), Asker{Cart: newID(p)}
		c, clear, err := s.Create(ctx, by, tenPercent(), "Spring-26")
		must(t, err)
		if clear != "Spring-26" || c.Hint != "Spr…" {
			t.Errorf("clear %q, hint %q", clear, c.Hint)
		}
		if d, err := s.Check(ctx, asker, "sprlng26"); err != nil || d.Code != c.Code {
			t.Errorf("with l for i and in small letters: %v", err)
		}
		if _, _, err := s.Create(ctx, by, tenPercent(), "SPRING 26"); key(err) != "price.code_taken" {
			t.Errorf("the same code again: %v", err)
		}
		must(t, s.Switch(ctx, by, c.Code, false))
		if _, err := s.Check(ctx, asker, "SPRING26"); key(err) != "price.code_unknown" {
			t.Errorf("switched off: %v", err)
		}
		must(t, s.Switch(ctx, by, c.Code, true))
		if err := s.Switch(ctx, by, newID(p), true); !fault.Is(err, fault.NotFound) {
			t.Errorf("a code that is not there: %v", err)
		}
		many, err := s.Generate(ctx, by, tenPercent(), 50)
		must(t, err)
		seen := map[string]bool{}
		for _, m := range many {
			seen[Spell(m)] = true
		}
		list, err := s.List(ctx, by, id.ID{}, 30)
		must(t, err)
		rest, err := s.List(ctx, by, list[len(list)-1].Code, 30)
		must(t, err)
		if len(seen) != 50 || seen[""] || len(list) != 30 || len(rest) != 21 {
			t.Errorf("%d codes, pages of %d and %d", len(seen), len(list), len(rest))
		}
		for action, want := range map[string]int{"price.code_create": 1, "price.code_generate": 1, "price.code_off": 1, "price.code_on": 1} {
			if n := entries(t, p, action, audit.Done); n != want {
				t.Errorf("%d audit entries of %s, want %d", n, action, want)
			}
		}
	})
}

func TestBadCodesAreRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := service(t, p)
		for name, change := range map[string]func(*Code){
			"no label":         func(c *Code) { c.Label = " " },
			"long label":       func(c *Code) { c.Label = strings.Repeat("ä", MaxLabel+1) },
			"more than all":    func(c *Code) { c.PPM = 1_000_001 },
			"nothing off":      func(c *Code) { c.PPM = 0 },
			"two discounts":    func(c *Code) { c.Amount = 5 },
			"negative minimum": func(c *Code) { c.MinGoods = -1 },
			"negative limit":   func(c *Code) { c.MaxUses = -1 },
			"ends too early":   func(c *Code) { c.Ends = p.Clock.Now().Add(-time.Hour) },
		} {
			c := tenPercent()
			change(&c)
			if _, _, err := s.Create(ctx, access.Console(), c, ""); !fault.Is(err, fault.Invalid) || len(fault.As(err).Fields) == 0 {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, chosen := range []string{"abc", "ÄÖÜäöü", strings.Repeat("a", 33), "a b c", "<script>"} {
			if _, _, err := s.Create(ctx, access.Console(), tenPercent(), chosen); key(err) != "price.code_form" {
				t.Errorf("%q: %v", chosen, err)
			}
		}
		for _, n := range []int{0, -1, MaxGenerate + 1} {
			if _, err := s.Generate(ctx, access.Console(), tenPercent(), n); !fault.Is(err, fault.Invalid) {
				t.Errorf("%d codes: %v", n, err)
			}
		}
	})
}
