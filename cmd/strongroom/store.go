package main

import (
	"context"

	"strongroom/guard/access"
)

type storeCommand struct {
	Release storeReleaseCommand `cmd:"" help:"Let a copy act outside: send mail and ask for payments."`
}

type storeReleaseCommand struct {
	configFlag
	Yes bool `help:"Do it. Without this flag the command only says how the store stands."`
}

// Help is shown by --help.
func (storeReleaseCommand) Help() string {
	return `A store that was restored, copied or moved knows it, and holds everything that would leave it: mail,
payments, other messages. When the copy shall be the store from now on, and the original will not
run again, release it. The release stands in the audit log.

Example:
  strongroom store release --yes --config /srv/shop/strongroom.toml`
}

// Run releases a copy.
func (c storeReleaseCommand) Run(ctx context.Context, t *terminal) error {
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	switch why := s.Epoch.Why(); {
	case why == "":
		t.printf("This store is the original, in its place; nothing is held.\n")
		return nil
	case !c.Yes:
		t.printf("This store is a copy: %s.\nNothing leaves it. To release it: strongroom store release --yes\n", why)
		return nil
	}
	if err := s.Epoch.Release(ctx, access.Console()); err != nil {
		return err
	}
	t.printf("Released. Restart the store if it runs: what was held goes out then.\n")
	return nil
}
