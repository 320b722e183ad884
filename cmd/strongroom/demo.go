package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"strongroom/cmd/strongroom/app"
)

type demoCommand struct {
	Listen  string `default:"127.0.0.1:8443" placeholder:"ADDR" help:"Address to listen on; port 0 picks a free one (${default})."`
	Data    string `placeholder:"DIR" help:"Folder of the demo; the next start keeps what is in it. Default: a folder of the user's cache."`
	Capture string `enum:"order,shipment" default:"order" help:"When money is taken: with the order, or reserved and taken at its shipment (${default})."`
	JSON    bool   `help:"Print one line of JSON with all addresses, for programs."`
	Log     string `enum:"quiet,text,json" default:"quiet" help:"Show the log: quiet, text or json."`
}

// Help is shown by --help.
func (demoCommand) Help() string {
	return `Furnishes a whole store on this machine: a sample catalogue, a payment provider made of sand, an
outbox instead of mail, and certificates that are valid for localhost only. Ctrl-C stops it; the next
start keeps what was there. No money moves and no mail leaves the machine.

Examples:
  strongroom demo
  strongroom demo --listen 127.0.0.1:9443 --data ./demo
  strongroom demo --listen 127.0.0.1:0 --json`
}

// demoReport is what --json prints.
type demoReport struct {
	Shop    string `json:"shop"`
	Admin   string `json:"admin"`
	Sandbox string `json:"sandbox"`
	Outbox  string `json:"outbox"`
	Private string `json:"private"`
	Listen  string `json:"listen"`
	CA      string `json:"ca"`
	Data    string `json:"data"`
	PID     int    `json:"pid"`
	SetUp   string `json:"set_up,omitempty"` // for the first owner; works once
}

// Run furnishes the store and serves it until ctx ends.
func (c demoCommand) Run(ctx context.Context, t *terminal) error {
	dir, err := c.folder()
	if err != nil {
		return err
	}
	log, err := logger(t.err, c.Log, "info")
	if err != nil {
		return err
	}
	o := app.DemoOptions{Listen: c.Listen, Folder: dir, Log: log, NextPort: c.Listen == "127.0.0.1:8443",
		AtShipment: c.Capture == "shipment"}
	if !c.JSON {
		t.printf("\n  %s\n\n", t.paint(t.out, "1", "Strongroom demo"))
		o.Progress = t.step
	}
	o.Ready = func(a app.Addresses) { c.ready(t, dir, a) }
	if err := app.Demo(ctx, o); err != nil {
		return err
	}
	if !c.JSON {
		t.step("stopped; everything is kept in " + dir)
	}
	return nil
}

// folder is where the demo is kept.
func (c demoCommand) folder() (string, error) {
	if c.Data != "" {
		return filepath.Abs(c.Data)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", &app.Error{Kind: app.BadConfig, What: "there is no folder for the demo: " + err.Error(),
			Do: "Name one: strongroom demo --data ./demo"}
	}
	return filepath.Join(cache, "strongroom-demo"), nil
}

// named is how another command finds this demo.
func (c demoCommand) named() string {
	if c.Data == "" {
		return ""
	}
	return " --data " + c.Data
}

func (c demoCommand) ready(t *terminal, dir string, a app.Addresses) {
	if c.JSON {
		_ = t.json(demoReport{Shop: a.Shop, Admin: a.Admin, Sandbox: a.Sandbox, Outbox: a.Outbox, Private: a.Private, Listen: a.Listen,
			CA: a.CAFile, Data: dir, PID: os.Getpid(), SetUp: a.SetUp.URL})
		return
	}
	line := func(name, value, why string) {
		t.printf("  %-9s %s  %s\n", name, t.paint(t.out, "1", value), t.paint(t.out, "2", why))
	}
	if a.Moved {
		t.printf("\n  %s\n", t.paint(t.out, "33", "Port 8443 is in use; this demo took the next free one."))
	}
	t.printf("\n")
	line("Shop", a.Shop, "")
	line("Admin", a.Admin, "orders and staff")
	line("Payments", a.Sandbox, "a provider made of sand; this machine only")
	line("Mail", a.Outbox, "what would have been sent; this machine only")
	t.printf("\n  The browser will warn once, because it does not know this demo's certificate authority. Go on,\n")
	t.printf("  or let this machine believe it:  %s\n", t.paint(t.out, "1", "strongroom trust"+c.named()))
	t.printf("  (%s; it can only ever vouch for localhost, and ends on %s).\n", a.CAFile, a.Expires.Format(time.DateOnly))
	t.setUp(a.SetUp)
	t.printf("\n  Everything is kept in %s. Ctrl-C stops the demo.\n\n", dir)
}
