package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/shop/price"
)

type discountCommand struct {
	Create discountCreateCommand `cmd:"" help:"Make one or many discount codes."`
	List   discountListCommand   `cmd:"" help:"List discount codes."`
	Off    discountOffCommand    `cmd:"" help:"Make a code unusable; orders that used it keep their price."`
}

type discountCreateCommand struct {
	configFlag
	Label   string `required:"" placeholder:"TEXT" help:"What it is for; shoppers do not see it."`
	Percent string `xor:"kind" required:"" placeholder:"N" help:"Takes N percent off the goods, such as 10 or 7.5."`
	Amount  string `xor:"kind" required:"" placeholder:"SUM" help:"Takes a sum off the goods, such as 5.00."`
	Free    bool   `name:"free-delivery" xor:"kind" required:"" help:"Delivery costs nothing."`
	From    string `placeholder:"SUM" help:"Needs goods for at least this sum."`
	Until   string `placeholder:"DAY" help:"Last day, as 2026-12-31; the shop's time zone."`
	Uses    int64  `default:"0" help:"How often it can be used in all; 0 is without limit."`
	Person  int64  `name:"per-person" default:"0" help:"How often one person can use it; 0 is without limit."`
	Stacks  bool   `help:"May be used beside a code of another kind."`
	Code    string `placeholder:"TEXT" help:"A code of your choice. Without it one is made that nobody guesses (80 bits)."`
	Count   int    `default:"1" help:"How many codes to make, each with its own limits; only without --code."`
	JSON    bool   `help:"Print one line of JSON for each code."`
}

// Help is shown by --help.
func (discountCreateCommand) Help() string {
	return `The code is shown once and kept only as a keyed hash: a stolen database hands out no working codes.

Examples:
  strongroom discount create --label "autumn letter" --percent 10 --until 2026-12-31 --per-person 1
  strongroom discount create --label "sorry, broken bowl" --amount 5.00 --uses 1
  strongroom discount create --label "readers" --free-delivery --uses 1 --count 200`
}

// Run makes the codes.
func (c discountCreateCommand) Run(ctx context.Context, t *terminal) error {
	f, err := c.load(t)
	if err != nil {
		return err
	}
	like, err := c.like(f.Settings().Currency, f.Settings().TimeZone)
	if err != nil {
		return usageError{err}
	}
	if c.Code != "" && c.Count != 1 {
		return usageError{fmt.Errorf("--code names one code; leave out --count")}
	}
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	var clear []string
	if c.Count == 1 {
		var one string
		_, one, err = s.Price.Create(ctx, access.Console(), like, c.Code)
		clear = []string{one}
	} else {
		clear, err = s.Price.Generate(ctx, access.Console(), like, c.Count)
	}
	if err != nil {
		return err
	}
	for _, code := range clear {
		if !c.JSON {
			t.printf("%s\n", code)
		} else if err := t.json(map[string]string{"code": code, "label": c.Label}); err != nil {
			return err
		}
	}
	return nil
}

// like turns the flags into a code.
func (c discountCreateCommand) like(cur money.Currency, zone *time.Location) (like price.Code, err error) {
	like = price.Code{Label: c.Label, MaxUses: c.Uses, MaxPerson: c.Person}
	like.Stacks = c.Stacks
	switch {
	case c.Percent != "":
		like.Kind = price.Percent
		like.PPM, err = percent(c.Percent)
	case c.Amount != "":
		like.Kind = price.Amount
		like.Amount, err = money.Parse(c.Amount, cur)
	default:
		like.Kind = price.FreeDelivery
	}
	if err != nil {
		return like, fmt.Errorf("the discount: %w", err)
	}
	if c.From != "" {
		if like.MinGoods, err = money.Parse(c.From, cur); err != nil {
			return like, fmt.Errorf("--from: %w", err)
		}
	}
	if c.Until != "" {
		day, err := time.ParseInLocation(time.DateOnly, c.Until, zone)
		if err != nil {
			return like, fmt.Errorf("--until wants a day such as 2026-12-31")
		}
		like.Ends = day.AddDate(0, 0, 1)
	}
	return like, nil
}

// percent reads "7.5" as parts per million.
func percent(s string) (int64, error) {
	whole, frac, _ := strings.Cut(s, ".")
	if len(frac) > 4 {
		return 0, fmt.Errorf("%q has more than four decimals", s)
	}
	n, err := strconv.ParseInt(whole+frac+strings.Repeat("0", 4-len(frac)), 10, 64)
	if err != nil || n <= 0 || n > money.PPM {
		return 0, fmt.Errorf("%q is no percentage above 0 and up to 100", s)
	}
	return n, nil
}

type discountListCommand struct {
	configFlag
	JSON bool `help:"Print one line of JSON for each code."`
}

type discountReport struct {
	ID      string    `json:"id"`
	Hint    string    `json:"hint"`
	Label   string    `json:"label"`
	Kind    string    `json:"kind"`
	PPM     int64     `json:"ppm,omitempty"`
	Amount  int64     `json:"amount,omitempty"`
	Uses    int64     `json:"uses"`
	MaxUses int64     `json:"max_uses"`
	Active  bool      `json:"active"`
	Made    time.Time `json:"made"`
}

// Run lists all codes, the newest first.
func (c discountListCommand) Run(ctx context.Context, t *terminal) error {
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	n := 0
	for before := (id.ID{}); ; {
		list, err := s.Price.List(ctx, access.Console(), before, 100)
		if err != nil {
			return err
		}
		for _, d := range list {
			n++
			r := discountReport{d.Code.String(), d.Hint, d.Label, string(d.Kind), d.PPM, int64(d.Amount), d.Uses, d.MaxUses, d.Active, d.Made}
			if !c.JSON {
				t.printf("%s  %-12s %-9s used %d  %s%s\n", r.ID, r.Hint, r.Kind, r.Uses, r.Label, map[bool]string{false: "  (off)"}[r.Active])
			} else if err := t.json(r); err != nil {
				return err
			}
		}
		if len(list) < 100 {
			if n == 0 && !c.JSON {
				t.printf("There are no discount codes.\n")
			}
			return nil
		}
		before = list[len(list)-1].Code
	}
}

type discountOffCommand struct {
	configFlag
	ID string `arg:"" help:"Id as \"discount list\" shows it."`
}

// Run switches a code off.
func (c discountOffCommand) Run(ctx context.Context, t *terminal) error {
	v, err := id.Parse(c.ID)
	if err != nil {
		return usageError{err}
	}
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Price.Switch(ctx, access.Console(), v, false); err != nil {
		return err
	}
	t.printf("The code is off.\n")
	return nil
}
