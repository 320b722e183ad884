package main

import (
	"context"

	"strongroom/cmd/strongroom/app"
)

type doctorCommand struct {
	All  doctorAllCommand  `cmd:"" default:"withargs" help:"Look at everything."`
	Mail doctorMailCommand `cmd:"" help:"Show the DNS records for mail, compare them with DNS, and send a test mail."`
}

type doctorAllCommand struct {
	configFlag
	JSON bool `help:"Print one line of JSON."`
}

// Help is shown by --help.
func (doctorAllCommand) Help() string {
	return `Looks at the configuration, the data folder, the disk, the key file, both databases, the recovery kit,
failed work, the certificate (and what its authority will find: names, ports, CAA records), the ports,
the mail server, the payment provider and the clock. It changes nothing, and may be run beside a
running store. Ends with 1 if something is wrong.

Examples:
  strongroom doctor --config /srv/shop/strongroom.toml
  strongroom doctor --json`
}

// doctorReport is what --json prints.
type doctorReport struct {
	Well     bool          `json:"well"`
	Findings []app.Finding `json:"findings"`
}

// Run prints each finding as it is made.
func (c doctorAllCommand) Run(ctx context.Context, t *terminal) error {
	f, err := c.load(t)
	if err != nil {
		return err
	}
	tell := func(f app.Finding) { t.finding(f) }
	if c.JSON {
		tell = nil
	}
	found, err := app.Diagnose(ctx, f, tell)
	if err != nil {
		return err
	}
	r := doctorReport{Well: true, Findings: found}
	for _, f := range found {
		r.Well = r.Well && f.State != app.Wrong
	}
	if c.JSON {
		if err := t.json(r); err != nil {
			return err
		}
	}
	if !r.Well {
		return quiet{exitFailed}
	}
	return nil
}

func (t *terminal) finding(f app.Finding) {
	colour := map[app.State]string{app.Fine: "32", app.Warn: "33", app.Wrong: "31"}[f.State]
	word := map[app.State]string{app.Fine: "ok     ", app.Warn: "warning", app.Wrong: "WRONG  "}[f.State]
	t.printf("%s  %-22s %s\n", t.paint(t.out, colour, word), f.Name, f.Found)
	if f.Do != "" {
		t.printf("%34s%s\n", "", f.Do)
	}
}
