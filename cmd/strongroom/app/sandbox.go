package app

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"time"

	"strongroom/base/clock"
	"strongroom/base/localca"
	"strongroom/front/demo/sandbox"
	"strongroom/guard/shield"
)

// SandboxOptions say how to run the payment sandbox as a process of its own.
type SandboxOptions struct {
	Listen      string
	Origin      string // address of the hosted pages; port 0 is replaced by the one that was taken
	Folder      string // sessions and, for a name below localhost, certificates
	Certificate string // PEM files, for any other name
	Key         string
	Accounts    []sandbox.Account
	NoticeCA    string // PEM file of an authority to believe when notices are sent; "" for the system's
	Clock       clock.Clock
	Log         *slog.Logger
	Ready       func(Addresses)
}

// Sandbox runs the payment sandbox until ctx ends.
func Sandbox(ctx context.Context, o SandboxOptions) error {
	c := Config{Clock: o.Clock, Log: o.Log, Listen: o.Listen, Ready: o.Ready, Demo: true, Place: InFolder(o.Folder), Drain: 5 * time.Second}
	c.fill()
	if err := makeFolders(c.Place); err != nil {
		return err
	}
	ln, err := listen(o.Listen)
	if err != nil {
		return err
	}
	defer func() { _ = ln.Close() }()
	a, err := o.certificates(&c, ln)
	if err != nil {
		return err
	}
	srv, err := o.server(ctx, c, a.Sandbox)
	if err != nil {
		return err
	}
	defer func() { _ = srv.Close() }()
	work, cancel := context.WithCancel(ctx)
	defer cancel()
	go srv.Run(work)
	return serveOnly(ctx, c, ln, a, sandboxHost(authority(a.Sandbox), srv))
}

// certificates takes the files, or makes certificates for a name below localhost.
func (o SandboxOptions) certificates(c *Config, ln net.Listener) (Addresses, error) {
	u, err := url.Parse(o.Origin)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" {
		return Addresses{}, &Error{Kind: BadConfig, What: "the sandbox needs an https address", Do: "Use --origin https://pay.localhost:8444."}
	}
	if _, port, err := net.SplitHostPort(ln.Addr().String()); err == nil && u.Port() == "0" {
		u.Host = net.JoinHostPort(u.Hostname(), port)
	}
	a := Addresses{Sandbox: "https://" + u.Host, Listen: ln.Addr().String()}
	if o.Certificate != "" {
		files, err := OpenCertificates(o.Certificate, o.Key, c.Clock, c.Log)
		if err != nil {
			return a, err
		}
		c.Certificate, a.Expires = files.Certificate, files.Expires()
		return a, nil
	}
	set, err := localca.Open(filepath.Join(o.Folder, "tls"), []string{u.Hostname()}, c.Clock.Now())
	if err != nil {
		return a, &Error{Kind: BadConfig, Cause: err, What: "no certificate for " + u.Hostname() + ": " + err.Error(),
			Do: "Name certificate files with --certificate and --certificate-key, or use a name below localhost."}
	}
	c.Certificate, a.CAFile, a.Expires = set.Certificate, set.CAFile(), set.Expires()
	return a, nil
}

func (o SandboxOptions) server(ctx context.Context, c Config, origin string) (*sandbox.Server, error) {
	client := &http.Client{Timeout: 5 * time.Second, Transport: trusting(o.NoticeCA)}
	srv, err := sandbox.New(ctx, sandbox.Config{Origin: origin, Accounts: o.Accounts, File: filepath.Join(o.Folder, "sandbox.db"),
		Clock: c.Clock, Log: c.Log, Client: client})
	if err != nil {
		return nil, &Error{Kind: BadConfig, Cause: err, What: err.Error(), Do: "Correct the sandbox's account and keys."}
	}
	return srv, nil
}

// serveOnly serves hosts behind a shield, without a store.
func serveOnly(ctx context.Context, c Config, ln net.Listener, a Addresses, hosts ...shield.Host) error {
	sh, err := shield.New(shield.Options{Hosts: hosts, Clock: c.Clock, Scale: 1000})
	if err != nil {
		return err
	}
	defer sh.Stop()
	srv := &http.Server{Handler: sh, ErrorLog: slog.NewLogLogger(panicsOnly{c.Log.Handler()}, slog.LevelError)}
	shield.ServerLimits(srv)
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(tls.NewListener(shield.Listen(ln, nil, false), TLSConfig(c.Certificate))) }()
	c.Ready(a)
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.Background(), c.Drain)
	defer cancel()
	if srv.Shutdown(stop) != nil {
		_ = srv.Close()
	}
	return nil
}
