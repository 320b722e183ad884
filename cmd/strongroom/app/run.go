// Package app wires the store: it is the map of the program.
//
//	Run    serves a store until its context ends, and drains
//	Demo   furnishes a store in a folder and runs it
//	Open   opens a store's databases, keys and services without serving, for the other commands
//
// store.go makes the services in the order in which they stand on one another; faces.go puts the pages on their hosts;
// run.go starts and stops everything. Tests start Run with port 0 and wait for Config.Ready.
package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"strongroom/base/config"
	"strongroom/base/db"
	"strongroom/base/trace"
	"strongroom/guard/shield"
)

// Run serves a store until ctx ends; then it stops taking requests, lets what is under way finish and returns nil.
func Run(ctx context.Context, c Config) error {
	c.fill()
	if err := makeFolders(c.Place); err != nil {
		return err
	}
	unlock, err := lock(c.Place.Folder, sqliteFolder(c.Place.Data) == "")
	if err != nil {
		return err
	}
	defer unlock()
	ln, err := listen(c.Listen)
	if err != nil {
		return err
	}
	return serve(ctx, c, ln, Addresses{Shop: c.Shop.PublicURL, Admin: c.Shop.AdminURL})
}

// openInTurn opens the store and makes it ready, one process after the other: what the first one makes (keys, tables, the
// mark of the installation, derived rows) the others find.
func openInTurn(ctx context.Context, c Config) (s *Store, err error) {
	var opening error
	err = db.Alone(ctx, c.Place.Keys, func() {
		if s, opening = Open(ctx, c); opening != nil {
			return
		}
		if opening = s.prepare(ctx); opening != nil {
			s.Close()
		}
	})
	if err != nil {
		return nil, explainDB("key database", where(c.Place.Keys), err)
	}
	return s, opening
}

// serve runs a store on a listener that is open already.
func serve(ctx context.Context, c Config, ln net.Listener, a Addresses) error {
	defer func() { _ = ln.Close() }()
	s, err := openInTurn(ctx, c)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.checkModes(ctx); err != nil {
		return err
	}
	if err := s.openCertificates(ctx); err != nil {
		return err
	}
	c = s.c
	hosts, err := s.faces(ctx)
	if err != nil {
		return err
	}
	tracer, err := trace.New(c.Trace)
	if err != nil {
		return err
	}
	defer flush(tracer)
	s.Jobs.Trace(tracer)
	sh, err := shield.New(shield.Options{Hosts: hosts, Proxies: c.Proxies, HSTS: !c.Demo, Scale: c.Scale, Clock: c.Clock,
		Recorder: s.recorder(), Trace: tracer})
	if err != nil {
		return err
	}
	defer sh.Stop()
	p, err := s.private(sh)
	if err != nil {
		return err
	}
	defer p.close()
	plain, stopRedirect, err := startRedirect(c, s.challenges)
	if err != nil {
		return err
	}
	defer stopRedirect()
	stopReceiving, err := s.receive()
	if err != nil {
		return err
	}
	defer stopReceiving()

	srv := &http.Server{Handler: sh, ErrorLog: slog.NewLogLogger(panicsOnly{c.Log.Handler()}, slog.LevelError)}
	shield.ServerLimits(srv)
	if err := s.Audit.Start(ctx); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(guard(ln, c)) }()
	s.start(ctx)
	s.tendCertificates(ctx, ln, plain)
	a.Listen, a.Private = ln.Addr().String(), p.address()
	if a.SetUp, err = s.setUp(ctx); err != nil {
		return err
	}
	if s.held(ctx) {
		c.Log.Warn("this store is a copy: mail, payments and other messages are held", "why", s.Epoch.Why(), "release", "strongroom store release")
	}
	s.placeWarning(ctx)
	s.Post.Warn(ctx)
	c.Log.Info("the store is open", "address", a.Shop, "listen", a.Listen)
	c.Ready(a)
	select {
	case err := <-ended:
		return errors.Join(err, s.stop(c.Drain))
	case <-ctx.Done():
	}
	p.leave()
	c.leave()
	return drain(c, srv, s)
}

// flush sends the traces that are left, for a short while.
func flush(t *trace.Tracer) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	_ = t.Close(ctx) // its exporter has told
}

// leave goes on serving while readiness says no, so that a balancer finds out before connections are refused.
func (c Config) leave() {
	if c.Leave > 0 {
		c.Log.Info("leaving: visitors that still come are served", "count", int(c.Leave/time.Second))
		<-time.After(c.Leave)
	}
}

// drain lets requests and jobs finish, for as long as the configuration says, and cuts off what is left.
func drain(c Config, srv *http.Server, s *Store) error {
	c.Log.Info("stopping")
	ctx, cancel := context.WithTimeout(context.Background(), c.Drain)
	defer cancel()
	if err := srv.Shutdown(ctx); err != nil {
		c.Log.Warn("some requests were cut off", "error", err)
		_ = srv.Close()
	}
	err := s.stop(c.Drain)
	c.Log.Info("stopped")
	return err
}

// toHTTPS sends readers of pages on. A form, a notice or any other call that came in the clear has been seen on its way: it
// is refused, so that whoever sends it mends it instead of going on like that unnoticed.
func toHTTPS(shop config.Shop) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		page := (r.Method == http.MethodGet || r.Method == http.MethodHead) && !strings.HasPrefix(r.URL.Path, "/notices/") && !strings.HasPrefix(r.URL.Path, "/api/")
		if !page {
			http.Error(w, "HTTPS only", http.StatusForbidden)
			return
		}
		w.Header().Set("Location", shop.URL(r.URL.EscapedPath()))
		w.WriteHeader(http.StatusPermanentRedirect)
	}
}

// startRedirect listens for plain HTTP, only to send readers on to HTTPS, and to answer those who certify the shop's
// name. The address comes from the configuration.
func startRedirect(c Config, before func(http.Handler) http.Handler) (ln net.Listener, stop func(), err error) {
	if c.Redirect == "" {
		return nil, func() {}, nil
	}
	if ln, err = listen(c.Redirect); err != nil {
		return nil, nil, err
	}
	srv := &http.Server{ErrorLog: slog.NewLogLogger(panicsOnly{c.Log.Handler()}, slog.LevelError), ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 10 * time.Second,
		Handler: before(toHTTPS(c.Shop))}
	go func() { _ = srv.Serve(shield.Listen(ln, c.Proxies, false)) }() // ends with Close
	return ln, func() { _ = srv.Close() }, nil
}
