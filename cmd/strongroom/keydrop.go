package main

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

type keyDropKitCommand struct {
	configFlag
	ID     string `arg:"" help:"Id of the kit, as \"strongroom key status\" shows it."`
	Reason string `required:"" placeholder:"TEXT" help:"Why; it stands sealed in the audit log."`
}

// Help is shown by --help.
func (keyDropKitCommand) Help() string {
	return `For a recovery kit that was lost or seen. The last kit that somebody has checked stays. All owners and the address
outside the store are mailed. Rotate afterwards (strongroom key rotate): the kit opens copies of the key database from
before.

Example:
  strongroom key drop-kit 0f1e2d3c4b5a69788796a5b4c3d2e1f0 --reason "the safe was open"`
}

// Run makes a kit worthless.
func (c keyDropKitCommand) Run(ctx context.Context, t *terminal) error {
	kit, err := id.Parse(c.ID)
	if err != nil {
		return usageError{err}
	}
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Staff.CheckDropKit(ctx, kit); err != nil {
		return err
	}
	by, err := s.Staff.OnConsole(ctx, access.Console(), access.DropKit, c.Reason, audit.Fact{Key: "kit", Text: kit.String()})
	if err != nil {
		return err
	}
	params, err := json.Marshal(struct{ Kit id.ID }{kit})
	if err != nil {
		return err
	}
	if err := s.Staff.DropKitApproved(ctx, params, by); err != nil {
		return err
	}
	t.printf("The kit opens nothing any more. Now renew the keys: strongroom key rotate\n")
	return nil
}

type keyForgetCommand struct {
	configFlag
	Before string `required:"" placeholder:"DAY" help:"Forget what is older than this day, which is at least 30 days ago."`
	Reason string `required:"" placeholder:"TEXT" help:"Why; it stands sealed in the audit log."`
}

// Help is shown by --help.
func (keyForgetCommand) Help() string {
	return `Destroys the keys of network addresses and written reasons in the audit log that are older than a day: they open no
more, in no copy. Keys change once a month, so that up to a month more is kept. The entries stay, and the log can still be
verified. All owners and the address outside the store are mailed.

Example:
  strongroom key forget-origins --before 2026-06-01 --reason "no incident is open"`
}

// Run forgets old origins.
func (c keyForgetCommand) Run(ctx context.Context, t *terminal) error {
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	before, err := time.ParseInLocation(time.DateOnly, c.Before, s.Shop().TimeZone)
	if err != nil {
		return usageError{errors.New("--before wants a day such as 2026-06-01")}
	}
	if err := s.Staff.CheckForgetOrigins(before); err != nil {
		return err
	}
	by, err := s.Staff.OnConsole(ctx, access.Console(), access.ForgetOrigin, c.Reason, audit.Fact{Key: "before", Text: c.Before})
	if err != nil {
		return err
	}
	params, err := json.Marshal(struct{ Before time.Time }{before})
	if err != nil {
		return err
	}
	if err := s.Staff.ForgetOriginsApproved(ctx, params, by); err != nil {
		return err
	}
	t.printf("Forgotten: origins and written reasons from before %s, as far as their month was over.\n", c.Before)
	return nil
}
