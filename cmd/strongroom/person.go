package main

import (
	"context"
	"errors"
	"time"

	"strongroom/cmd/strongroom/app"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/vault"
	"strongroom/shop/order"
	"strongroom/shop/person"
)

type personCommand struct {
	Erase personEraseCommand `cmd:"" help:"Erase a person: destroy the keys of all her orders and of her account."`
}

type personEraseCommand struct {
	configFlag
	Number string `arg:"" optional:"" help:"Number of one of her orders, such as K7Q2-M9XD."`
	Email  string `placeholder:"ADDRESS" help:"Or her exact e-mail address."`
	DryRun bool   `help:"Say what would go and what stays; change nothing."`
	Reason string `placeholder:"TEXT" help:"Why; it stands sealed in the audit log. Needed without --dry-run."`
	EvenSo bool   `help:"Although the time of withdrawal and returns still runs."`
}

// Help is shown by --help.
func (personEraseCommand) Help() string {
	return `Finds all orders with the same e-mail address, and the account with it, and destroys their keys: nobody reads these
data again, in this database and in every copy of it. Billing details of paid orders stay under their own key until tax
law lets go; withdrawals stay as long as claims can be made from them. In the desk this needs two people; here all owners
and the address outside the store are mailed. Begin with --dry-run.

Examples:
  strongroom person erase K7Q2-M9XD --dry-run
  strongroom person erase --email ada@example.org --reason "asked for it by mail of 3 March"`
}

// Run erases a person, or says what an erasure would do.
func (c personEraseCommand) Run(ctx context.Context, t *terminal) error {
	if (c.Number == "") == (c.Email == "") {
		return usageError{errors.New("name an order's number or --email ADDRESS")}
	}
	if !c.DryRun && c.Reason == "" {
		return usageError{errors.New("--reason TEXT is needed (or --dry-run)")}
	}
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	plan, err := s.Person.Plan(ctx, access.Console(), order.Whom{Number: c.Number, Email: vault.Typed(c.Email)})
	if err != nil {
		return err
	}
	c.print(t, s, plan)
	if c.DryRun {
		return nil
	}
	if err := plan.Check(c.EvenSo); err != nil {
		return err
	}
	by, err := s.Staff.OnConsole(ctx, access.Console(), access.ErasePerson, c.Reason, audit.Fact{Key: "orders", Int: int64(len(plan.Orders))})
	if err != nil {
		return err
	}
	if err := s.Person.OnConsole(ctx, by, plan, c.EvenSo); err != nil {
		return err
	}
	t.printf("Erased. Nobody reads these data again.\n")
	return nil
}

func (c personEraseCommand) print(t *terminal, s *app.Store, p person.Plan) {
	zone := s.Shop().TimeZone
	for _, o := range p.Orders {
		what := "goes: e-mail, phone, note, delivery address"
		switch {
		case o.Gone:
			what = "gone already"
		case o.Open:
			what = "waits for its money: nothing can be erased before that has ended"
		case !o.Waits.IsZero():
			what += "; goods can come back until " + o.Waits.In(zone).Format(time.DateOnly) + " (--even-so)"
		}
		if !o.KeptTill.IsZero() {
			what += "; billing details stay until " + o.KeptTill.Format(time.DateOnly)
		}
		t.printf("%-10s  %s  %-16s  %s\n", o.Number, o.PlacedAt.In(zone).Format(time.DateOnly), o.State, what)
	}
	if !p.Account.IsZero() {
		t.printf("The account with all ways of signing in goes.\n")
	}
	if p.Nothing() {
		t.printf("There is nothing that could be erased.\n")
	}
}
