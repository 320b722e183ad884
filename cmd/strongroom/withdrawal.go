package main

import (
	"context"
	"time"

	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/shop/order"
)

type withdrawalCommand struct {
	List withdrawalListCommand `cmd:"" help:"List withdrawals that were declared, with personal data masked."`
	Show withdrawalShowCommand `cmd:"" help:"Show one withdrawal in clear; the look stands in the audit log."`
}

type withdrawalListCommand struct {
	configFlag
	Since time.Time `format:"2006-01-02" placeholder:"DAY" help:"Only those from this day on; the last 60 days if not given."`
	JSON  bool      `help:"Print one line of JSON for each."`
}

// Help is shown by --help.
func (withdrawalListCommand) Help() string {
	return `Every declaration is taken in, also one whose order number is wrong: the shopkeeper decides whose it is.

Examples:
  strongroom withdrawal list
  strongroom withdrawal show 0197f0c2a1b27c3d8e4f5a6b7c8d9e0f --reason "finding the order it belongs to"`
}

type withdrawalReport struct {
	ID       string            `json:"id"`
	Number   string            `json:"number,omitempty"`
	Received time.Time         `json:"received"`
	Person   map[string]string `json:"person"`
}

func declared(d order.DeclaredMasked) withdrawalReport {
	r := withdrawalReport{ID: d.ID.String(), Number: d.Number, Received: d.At, Person: map[string]string{}}
	for _, f := range d.Fields {
		r.Person[f.Name] = f.Text
	}
	return r
}

func (t *terminal) withdrawal(r withdrawalReport, json bool, zone *time.Location) error {
	if json {
		return t.json(r)
	}
	number := r.Number
	if number == "" {
		number = "no number"
	}
	t.printf("%s  %s  %s\n", r.ID, r.Received.In(zone).Format("2006-01-02 15:04"), number)
	for _, name := range []string{"name", "email", "statement"} {
		if text := r.Person[name]; text != "" {
			t.printf("    %-10s %s\n", name, text)
		}
	}
	return nil
}

// Run lists withdrawals.
func (c withdrawalListCommand) Run(ctx context.Context, t *terminal) error {
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	since := c.Since
	if since.IsZero() {
		since = s.Data.Clock().Now().AddDate(0, 0, -60)
	}
	list, err := s.Order.Withdrawals(ctx, access.Console(), since)
	if err != nil {
		return err
	}
	if len(list) == 0 && !c.JSON {
		t.printf("Nobody has withdrawn since %s.\n", since.Format(time.DateOnly))
	}
	for _, d := range list {
		if err := t.withdrawal(declared(d), c.JSON, s.Shop().TimeZone); err != nil {
			return err
		}
	}
	return nil
}

type withdrawalShowCommand struct {
	configFlag
	ID     string `arg:"" help:"Id as \"withdrawal list\" shows it."`
	Reason string `required:"" placeholder:"TEXT" help:"Why."`
	JSON   bool   `help:"Print one line of JSON."`
}

// Run shows one withdrawal in clear.
func (c withdrawalShowCommand) Run(ctx context.Context, t *terminal) error {
	v, err := id.Parse(c.ID)
	if err != nil {
		return usageError{err}
	}
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	d, err := s.Order.RevealWithdrawal(ctx, v, access.Console(), c.Reason)
	if err != nil {
		return err
	}
	return t.withdrawal(declared(d), c.JSON, s.Shop().TimeZone)
}

type orderCancelCommand struct {
	configFlag
	Number string `arg:"" help:"Order number, such as K7Q2-M9XD."`
}

// Help is shown by --help.
func (orderCancelCommand) Help() string {
	return `Closes an order that nobody has paid. The payment provider closes its page first; if the money came meanwhile, the
order stays as it is.

Example:
  strongroom order cancel K7Q2-M9XD`
}

// Run cancels one order.
func (c orderCancelCommand) Run(ctx context.Context, t *terminal) error {
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Order.Cancel(ctx, c.Number, access.Console()); err != nil {
		return err
	}
	t.printf("Order %s is cancelled.\n", c.Number)
	return nil
}
