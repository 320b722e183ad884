package main

import (
	"context"

	"strongroom/guard/access"
)

type storeCommand struct {
	Join    storeJoinCommand    `cmd:"" help:"Add this machine's folder to a store that runs on several."`
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

type storeJoinCommand struct {
	configFlag
	Yes bool `help:"Do it. Without this flag the command only says how the store stands."`
}

// Help is shown by --help.
func (storeJoinCommand) Help() string {
	return `A store on PostgreSQL can run as several processes on several machines. A further machine has a folder of
its own, which the store would take for a copy of itself. When it is none, because it uses the same two
databases and the same key file, join it; the other machines go on as they are. For a copy that shall be
a store of its own there is "store release".

Example:
  strongroom store join --yes --config /srv/shop/strongroom.toml`
}

// Run joins this folder to the installation.
func (c storeJoinCommand) Run(ctx context.Context, t *terminal) error {
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	switch why := s.Epoch.Why(); {
	case why == "":
		t.printf("This folder belongs to the store already; nothing is held.\n")
		return nil
	case !c.Yes:
		t.printf("This folder counts as a copy: %s.\nNothing leaves it. To join it to the store: strongroom store join --yes\n", why)
		return nil
	}
	if err := s.Epoch.Join(ctx, access.Console()); err != nil {
		return err
	}
	t.printf("Joined. Restart the process on this machine if it runs.\n")
	return nil
}
