package main

import (
	"context"
	"time"

	"strongroom/guard/access"
)

type orderEraseCommand struct {
	configFlag
	Number string `arg:"" help:"Order number, such as K7Q2-M9XD."`
	Reason string `required:"" placeholder:"TEXT" help:"Why; it stands sealed in the audit log."`
	EvenSo bool   `help:"Although the time of withdrawal and returns still runs."`
}

// Help is shown by --help.
func (orderEraseCommand) Help() string {
	return `Destroys the keys of the order's person: e-mail, phone, note and delivery address can be read by nobody any
more, in this database and in every copy of it. Billing details of a paid order stay under their own key until the
law lets go of them. All owners and the address outside the store are mailed. Copies of the key database that are older
than the erasure must run out too (14 days by default). "strongroom person erase" finds all orders of one person.

Example:
  strongroom order erase K7Q2-M9XD --reason "asked for it by mail of 3 March"`
}

// Run erases the person of one order.
func (c orderEraseCommand) Run(ctx context.Context, t *terminal) error {
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	if _, err := s.Order.Show(ctx, access.Console(), c.Number); err != nil {
		return err
	}
	// As loud as erasing a whole person: who owns the store hears of it, whoever sits at its machine.
	if _, err := s.Staff.OnConsole(ctx, access.Console(), access.ErasePerson, c.Reason); err != nil {
		return err
	}
	e, err := s.Order.Erase(ctx, c.Number, access.Console(), c.Reason, c.EvenSo)
	if err != nil {
		return err
	}
	t.printf("Erased: the person of order %s. Her delivery data can be read by nobody any more.\n", e.Number)
	if !e.KeptTill.IsZero() {
		t.printf("Kept until %s, as tax law wants: the billing details, under a key of their own.\n", e.KeptTill.Format(time.DateOnly))
	}
	return nil
}
