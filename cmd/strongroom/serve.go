package main

import (
	"context"
	"log/slog"
	"time"

	"strongroom/base/config"
	"strongroom/cmd/strongroom/app"
)

// configFlag is how a command is told which store it looks after.
type configFlag struct {
	Config string `short:"c" default:"strongroom.toml" env:"STRONGROOM_CONFIG" placeholder:"FILE" help:"Configuration of the store (${default})."`
}

// load reads the configuration file and the environment.
func (f configFlag) load(t *terminal) (*config.Config, error) {
	return config.Load(f.Config, t.environ)
}

// open opens the store without serving it. The log goes to the error stream, from warnings up.
func (f configFlag) open(ctx context.Context, t *terminal) (*app.Store, error) {
	c, err := f.load(t)
	if err != nil {
		return nil, err
	}
	log, err := logger(t.err, c.Log.Format, "warn")
	if err != nil {
		return nil, err
	}
	ac, err := app.FromFile(c, log)
	if err != nil {
		return nil, err
	}
	return app.Open(ctx, ac)
}

type serveCommand struct {
	configFlag
}

// Help is shown by --help.
func (serveCommand) Help() string {
	return `Runs a store until it is told to stop (Ctrl-C or SIGTERM), then lets what is under way finish.
Certificates come from files, from a proxy, or by themselves from an authority ([acme]).
Metrics and health answer on server.private_listen: /metrics, /live, /ready.

Examples:
  strongroom serve --config /srv/shop/strongroom.toml
  STRONGROOM_SERVER_LISTEN=127.0.0.1:8080 strongroom serve -c strongroom.toml`
}

// Run serves the store.
func (c serveCommand) Run(ctx context.Context, t *terminal) error {
	f, err := c.load(t)
	if err != nil {
		return err
	}
	log, err := logger(t.err, f.Log.Format, f.Log.Level)
	if err != nil {
		return err
	}
	recent := app.NewRecent(300)
	log = slog.New(recent.Around(log.Handler()))
	slog.SetDefault(log)
	ac, err := app.FromFile(f, log)
	if err != nil {
		return err
	}
	ac.KeyWait = time.Duration(f.Keys.WaitSeconds) * time.Second
	ac.Recent, ac.Trace.Version = recent, version().Version
	ac.Ready = func(a app.Addresses) {
		t.printf("%s is open at %s (listening on %s)\n", f.Shop.Name, a.Shop, a.Listen)
		if ac.Shop.TestMode {
			t.printf("Test mode: no real money moves, and every page says so.\n")
		}
		t.setUp(a.SetUp)
	}
	return app.Run(ctx, ac)
}
