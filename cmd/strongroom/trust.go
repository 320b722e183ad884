package main

import (
	"bufio"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"strongroom/base/clock"
	"strongroom/base/truststore"
	"strongroom/cmd/strongroom/app"
)

type trustCommand struct {
	Data   string `placeholder:"DIR" help:"Folder of the demo. Default: that of \"strongroom demo\"."`
	Only   string `enum:"all,system,browsers" default:"all" help:"Which stores: all, system or browsers (${default})."`
	Remove bool   `help:"Take it out again, from every store, also what former demos left."`
	Yes    bool   `help:"Do it without asking."`
	Root   string `placeholder:"DIR" default:"/" help:"Root folder of the system to change, such as a mounted image (${default})."`
}

// Help is shown by --help.
func (trustCommand) Help() string {
	return `Has this machine believe the certificate authority of the demo, so that browsers open it without a
warning. It says what it will do and asks first. The authority can only vouch for localhost names and
loopback addresses, its key was thrown away when it was made, and it ends after 30 days; an authority
that could do more is refused.

The system's store is changed by the distribution's own program and needs root; those of Firefox and
Chromium by certutil (Debian: libnss3-tools), as the user whose browsers they are.

Examples:
  strongroom trust
  sudo strongroom trust --only system --data ~/.cache/strongroom-demo
  strongroom trust --remove`
}

// Run changes the trust stores.
func (c trustCommand) Run(ctx context.Context, t *terminal) error {
	if c.Remove {
		return c.remove(ctx, t)
	}
	dir, err := demoCommand{Data: c.Data}.folder()
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "tls", "authority.pem")
	a, err := truststore.Read(file)
	if err != nil {
		return explainTrust(file, err)
	}
	if clock.System().Now().After(a.Ends) {
		return &app.Error{Kind: app.Failed, What: "this authority has ended", Do: "Start the demo again; it makes another one."}
	}
	t.printf("This lets programs on this machine believe the certificate authority of the demo in %s.\n\n", dir)
	t.printf("  Authority    %s\n  Fingerprint  %s\n  Ends         %s\n", a.Name, a.Fingerprint, a.Ends.Format(time.DateOnly))
	t.printf("  Vouches for  localhost, names below it and loopback addresses, and nothing else; its key was thrown away\n\n")
	return c.change(ctx, t, "Put it in", func(p truststore.Place) string { return p.Will }, func(p truststore.Place) (string, error) {
		return "believes it now", p.Put(ctx, a)
	})
}

func explainTrust(file string, err error) error {
	e := &app.Error{Kind: app.Failed, Cause: err, What: err.Error(), Do: "Start the demo once; it makes its authority."}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.What = "there is no authority at " + file
		e.Do = "Start the demo once (strongroom demo), or name its folder with --data."
	case errors.Is(err, truststore.ErrPowerful):
		e.What = file + " could vouch for more than localhost; it was not touched"
		e.Do = "Whoever put it there is not this program: find out who did."
	}
	return e
}

// remove takes out everything that trust ever put in, with or without the demo's folder.
func (c trustCommand) remove(ctx context.Context, t *terminal) error {
	t.printf("This takes every certificate authority of a demo out of the trust stores of this machine.\n\n")
	return c.change(ctx, t, "Take it out", func(p truststore.Place) string { return p.Gone }, func(p truststore.Place) (string, error) {
		if has, err := p.Has(ctx); err != nil || !has {
			return "had nothing of a demo", err
		}
		return "is as it was", p.Remove(ctx)
	})
}

// change says what will be done in each place, asks, and does it. A place that cannot be changed is named with its
// reason; the others are changed all the same.
func (c trustCommand) change(ctx context.Context, t *terminal, ask string, will func(truststore.Place) string, do func(truststore.Place) (string, error)) error {
	home, err := os.UserHomeDir()
	if err != nil {
		home = ""
	}
	var ready []truststore.Place
	left := 0
	for _, p := range (truststore.Machine{Root: c.Root, Home: home}).Places() {
		if c.Only != "all" && (c.Only == "system") != p.Shared {
			continue
		}
		if p.Missing != "" {
			if has, err := p.Has(ctx); c.Remove && err == nil && !has {
				continue // there is nothing to take out
			}
			left++
			t.printf("  %s  %s: %s\n", t.paint(t.out, "33", "not"), p.Name, p.Missing)
			continue
		}
		t.printf("  %s  %s: %s\n", t.paint(t.out, "32", "  ·"), p.Name, will(p))
		ready = append(ready, p)
	}
	if len(ready) == 0 {
		return &app.Error{Kind: app.Failed, What: "there is no trust store here that can be changed",
			Do: "Import the file tls/authority.pem of the demo's folder in the settings of your browser."}
	}
	if err := c.agree(t, ask); err != nil {
		return err
	}
	failed := false
	for _, p := range ready {
		said, err := c.visibly(p, do)
		if err != nil {
			failed = true
			t.printf("  %s  %s: %v\n", t.paint(t.out, "31", "failed"), p.Name, err)
			continue
		}
		t.printf("  %s  %s %s\n", t.paint(t.out, "32", "done"), p.Name, said)
	}
	if failed || left > 0 && c.Remove {
		return quiet{exitFailed}
	}
	t.printf("\nBrowsers that run must be started again to see it.\n")
	return nil
}

// visibly does it so that everybody can read a store that is for everybody.
func (c trustCommand) visibly(p truststore.Place, do func(truststore.Place) (string, error)) (string, error) {
	if p.Shared {
		defer public()()
	}
	return do(p)
}

// agree asks the person, unless --yes has answered.
func (c trustCommand) agree(t *terminal, ask string) error {
	if c.Yes {
		return nil
	}
	if !interactive(t.in) {
		return usageError{errors.New("nobody is here to be asked; say --yes if it shall be done")}
	}
	t.printf("\n%s? [y/N] ", ask)
	line, err := bufio.NewReader(t.in).ReadString('\n')
	if answer := strings.ToLower(strings.TrimSpace(line)); err != nil || answer != "y" && answer != "yes" {
		t.printf("Nothing was changed.\n")
		return quiet{exitDone}
	}
	return nil
}
