package main

import (
	"context"
	"fmt"

	"strongroom/base/money"
	"strongroom/guard/access"
)

type paymentCaptureCommand struct {
	configFlag
	Order  string `arg:"" help:"Number of the order."`
	Amount string `placeholder:"SUM" help:"Take so much and let the rest go (12.50); without it all that is reserved."`
}

// Help is shown by --help.
func (paymentCaptureCommand) Help() string {
	return "For orders whose sum is reserved and taken when the goods leave. A sum is taken once; asking again takes nothing more.\n\n" +
		"Examples:\n  strongroom payment capture K7Q2-M9XD\n  strongroom payment capture K7Q2-M9XD --amount 12.50"
}

// Run takes a reserved sum.
func (c paymentCaptureCommand) Run(ctx context.Context, t *terminal) error {
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	amount := money.Amount(0)
	if c.Amount != "" {
		if amount, err = money.Parse(c.Amount, s.Shop().Currency); err != nil || amount <= 0 {
			return usageError{fmt.Errorf("--amount: %q is no sum above zero", c.Amount)}
		}
	}
	if err := s.Order.Capture(ctx, access.Console(), c.Order, amount, nil); err != nil {
		return err
	}
	o, err := s.Order.Show(ctx, access.Console(), c.Order)
	if err != nil {
		return err
	}
	p := s.Texts.For("en")
	t.printf("%s is paid: %s were taken", o.Number, p.Money(o.Total-o.LetGo, o.Currency))
	if o.LetGo > 0 {
		t.printf(", %s let go", p.Money(o.LetGo, o.Currency))
	}
	t.printf(". The buyer gets a mail.\n")
	return nil
}

type paymentReleaseCommand struct {
	configFlag
	Order string `arg:"" help:"Number of the order."`
}

// Help is shown by --help.
func (paymentReleaseCommand) Help() string {
	return "Nothing is taken. The buyer gets a mail and has three days to pay again. \"strongroom order cancel\" ends the order as well.\n\n" +
		"Examples:\n  strongroom payment release K7Q2-M9XD"
}

// Run lets a reserved sum go.
func (c paymentReleaseCommand) Run(ctx context.Context, t *terminal) error {
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Order.LetGo(ctx, access.Console(), c.Order); err != nil {
		return err
	}
	t.printf("The sum for %s is no longer reserved. The buyer gets a mail.\n", c.Order)
	return nil
}
