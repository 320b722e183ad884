package main

import (
	"context"

	"strongroom/guard/access"
)

type orderCanaryCommand struct {
	configFlag
	Number string `arg:"" help:"Order number, such as K7Q2-M9XD."`
	Reason string `required:"" placeholder:"TEXT" help:"Why; it stands sealed in the audit log."`
}

// Help is shown by --help.
func (orderCanaryCommand) Help() string {
	return `Makes an order a canary: place it yourself for an invented person whose goods nobody will ever ask for, and close
it. From then on every look of the staff at that person is told to all owners and to the address outside, once a day
for each member; the look itself goes on. Nobody at the desk can see which orders are canaries.

Example:
  strongroom order canary K7Q2-M9XD --reason "one of three"`
}

// Run plants a canary.
func (c orderCanaryCommand) Run(ctx context.Context, t *terminal) error {
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	m, err := s.Order.Show(ctx, access.Console(), c.Number)
	if err != nil {
		return err
	}
	if err := s.Staff.Plant(ctx, access.Console(), m.ID, c.Reason); err != nil {
		return err
	}
	t.printf("Order %s is a canary: owners and the address outside are told when somebody looks at its person.\n", m.Number)
	return nil
}
