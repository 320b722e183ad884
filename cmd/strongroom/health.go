package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"strongroom/cmd/strongroom/app"
)

type healthCommand struct {
	configFlag
	Live bool `help:"Ask whether the program is alive, instead of whether it should be sent visitors."`
}

// Help is shown by --help.
func (healthCommand) Help() string {
	return `Asks the store that runs on this machine, at server.private_listen, and prints its answer. Ends with 0 if it
is ready, else with 1. Containers and balancers use it; docs/observing.md says what ready and alive mean.

Examples:
  strongroom health --config /etc/strongroom/strongroom.toml
  strongroom health --live`
}

// Run asks once.
func (c healthCommand) Run(ctx context.Context, t *terminal) error {
	f, err := c.load(t)
	if err != nil {
		return err
	}
	if f.Server.PrivateListen == "" {
		return &app.Error{Kind: app.BadConfig, What: "server.private_listen is empty, so nobody answers", Do: "Set it, for example to 127.0.0.1:9464."}
	}
	path := "/ready"
	if c.Live {
		path = "/live"
	}
	status, body, err := inside(ctx, f.Server.PrivateListen, path, 3*time.Second)
	if err != nil {
		return &app.Error{Kind: app.Failed, Cause: err, What: "no store answers at " + f.Server.PrivateListen, Do: "Start it: strongroom serve --config " + f.File()}
	}
	t.printf("%s\n", strings.TrimSpace(string(body)))
	if status != http.StatusOK {
		return quiet{exitFailed}
	}
	return nil
}

// most is the longest answer of the inside that is read.
const most = 8 << 20

func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// inside asks the private listener of a store that runs on this machine.
func inside(ctx context.Context, address, path string, limit time.Duration) (status int, body []byte, err error) {
	network := "tcp"
	if p, ok := strings.CutPrefix(address, "unix:"); ok {
		network, address = "unix", p
	}
	way := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{Timeout: limit}).DialContext(ctx, network, address)
	}}
	defer way.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost"+path, nil)
	if err != nil {
		return 0, nil, err
	}
	resp, err := (&http.Client{Transport: way, CheckRedirect: stay}).Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err = io.ReadAll(io.LimitReader(resp.Body, most))
	return resp.StatusCode, body, err
}
