package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"time"

	"strongroom/base/clock"
	"strongroom/cmd/strongroom/app"
	"strongroom/cmd/strongroom/support"
)

type supportCommand struct {
	configFlag
	Output string `short:"o" placeholder:"FILE" help:"File to write; it must not exist yet. Without it, one with the time in its name in this folder."`
}

// Help is shown by --help.
func (supportCommand) Help() string {
	return `Writes a file for somebody who helps with this installation: versions, what is configured, what doctor
finds, sizes, counts, failed work, and numbers of the running store. It holds nothing personal, no secret,
and neither the shop's name nor its address; README.txt in it says what each file is. It works on a
broken installation too, and changes nothing.

Examples:
  strongroom support-bundle --config /etc/strongroom/strongroom.toml
  strongroom support-bundle -o /tmp/support.tar.gz`
}

// Run writes the bundle.
func (c supportCommand) Run(ctx context.Context, t *terminal) error {
	now := clock.System().Now()
	path := c.Output
	if path == "" {
		path = "strongroom-support-" + now.UTC().Format("20060102-150405") + ".tar.gz"
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return &app.Error{Kind: app.Failed, What: path + " is there already; nothing was changed", Do: "Name another file with -o."}
	}
	if err != nil {
		return &app.Error{Kind: app.Failed, Cause: err, What: "the file cannot be written: " + err.Error(), Do: "Name another with -o."}
	}
	conf, problems := support.Read(c.Config, t.environ)
	o := support.Options{Config: conf, Problems: problems, Version: version(), Now: now}
	if conf != nil && conf.Server.PrivateListen != "" {
		o.Inside = func(ctx context.Context, path string) ([]byte, error) {
			status, body, err := inside(ctx, conf.Server.PrivateListen, path, 10*time.Second)
			if err == nil && status != http.StatusOK && status != http.StatusServiceUnavailable {
				err = fmt.Errorf("it answers with %d", status)
			}
			return body, err
		}
	}
	made, err := support.Write(ctx, f, o)
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(path)
		return &app.Error{Kind: app.Failed, Cause: err, What: "the file cannot be written: " + err.Error(), Do: "Make room, or name another with -o."}
	}
	t.printf("Wrote %s. It holds nothing personal and no secret; look into it before you send it.\n", path)
	for _, p := range made {
		if p.Missing {
			t.printf("  could not be made: %s (%s)\n", p.Name, p.About)
		}
	}
	return nil
}
