package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"strongroom/base/clock"
	"strongroom/base/config"
	"strongroom/guard/certificate"
)

func (d *Doctor) certificate(ctx context.Context) {
	switch {
	case d.c.ACME.Authority != "":
		d.acme(ctx)
	case d.c.Server.Certificate == "":
		d.fine("certificate", "a proxy that is named as trusted speaks HTTPS")
	default:
		d.certificateFiles()
	}
}

func (d *Doctor) certificateFiles() {
	const name = "certificate"
	files, err := OpenCertificates(d.c.Server.Certificate, d.c.Server.CertificateKey, d.clock, discard())
	var e *Error
	if errors.As(err, &e) {
		d.wrong(name, e.Do, "%s", e.What)
		return
	}
	for _, h := range certificateHosts(d.c.Settings()) {
		if err := files.now.Leaf.VerifyHostname(h.Name); err != nil {
			d.wrong(name, "Get one for "+h.Name+".", "it is not for %s", h.Name)
			return
		}
	}
	leaf := files.now.Leaf
	d.ends(name, "Renew it: put a new one in the place of "+d.c.Server.Certificate+".", certificate.Expiry{
		Host: certificateHosts(d.c.Settings())[0], From: leaf.NotBefore, Ends: leaf.NotAfter})
	if info, err := os.Stat(d.c.Server.CertificateKey); err == nil && info.Mode().Perm()&0o077 != 0 {
		d.warn(name, "chmod 600 "+d.c.Server.CertificateKey, "its key can be read by other users of this machine")
	}
}

// ends says when a certificate ends, weeks before it does.
func (d *Doctor) ends(name, do string, e certificate.Expiry) {
	now := d.clock.Now()
	switch {
	case e.From.After(now.Add(time.Minute)):
		d.warn(name, "Look at the machine's clock.", "for %s, valid only from %s: the clock here says %s", e.Name, e.From.Format(time.DateTime), now.Format(time.DateTime))
	case !e.Ends.After(now):
		d.wrong(name, do+" Browsers refuse the shop.", "for %s, it ended on %s", e.Name, e.Ends.Format(time.DateOnly))
	case certificate.Threshold(e, now) > 0:
		d.warn(name, do, "for %s, it ends on %s", e.Name, e.Ends.Format(time.DateOnly))
	default:
		d.fine(name, "for %s until %s", e.Name, e.Ends.Format(time.DateOnly))
	}
}

// acme looks at what is stored, at how the last attempt went, and at what the authority will look at.
func (d *Doctor) acme(ctx context.Context) {
	a, err := acmeOf(d.c)
	var e *Error
	if errors.As(err, &e) {
		d.wrong("certificate", e.Do, "%s", e.What)
		return
	}
	s, storage, err := d.openCertificates(ctx)
	if err != nil {
		d.warn("certificate", "Mend what stands above first.", "where certificates are kept cannot be opened: %v", err)
	}
	if s != nil {
		defer s.Close()
	}
	for _, h := range certificateHosts(d.c.Settings()) {
		if storage != nil {
			d.stands(ctx, storage, h)
		}
		d.look(ctx, a, storage, h)
	}
}

// openCertificates opens where certificates are kept; nothing if the store has never been started.
func (d *Doctor) openCertificates(ctx context.Context) (*Store, certificate.Storage, error) {
	if !there(d.place.Data) || !there(d.place.Keys) {
		return nil, nil, nil
	}
	if strings.HasPrefix(d.place.Data, "sqlite:") {
		s := &Store{c: Config{Place: d.place}}
		s.c.fill()
		storage, err := s.certificateStorage()
		return s, storage, err
	}
	s, err := OpenKeys(ctx, KeysOf(d.c))
	if err != nil {
		return nil, nil, err
	}
	if err := s.openData(ctx); err != nil {
		s.Close()
		return nil, nil, err
	}
	storage, err := s.certificateStorage()
	return s, storage, err
}

func (d *Doctor) stands(ctx context.Context, storage certificate.Storage, h certificate.Host) {
	const name = "certificate"
	e, err := certificate.ReadExpiry(ctx, storage, h)
	st, serr := certificate.ReadStanding(ctx, storage, h)
	if err = errors.Join(err, serr); err != nil {
		d.wrong(name, "A running store asks for a new one by itself.", "for %s: %v", h.Name, err)
		return
	}
	do := "Start the store; it gets one by itself."
	if st.Failure != nil {
		do = "Mend what the authority said; see below."
	}
	switch {
	case !e.Ends.IsZero():
		d.ends(name, do, e)
	case st.Failure == nil:
		d.warn(name, do, "there is none for %s yet", h.Name)
	default:
		d.wrong(name, do, "there is none for %s", h.Name)
	}
	if st.Failure != nil {
		d.warn(name, fmt.Sprintf("The next attempt is after %s UTC. A certificate in use stays in use until then.", st.Next.Format(time.DateTime)),
			"the last attempt for %s on %s brought none (%d in a row). %s", h.Name, st.Failure.At.Format(time.DateTime), st.Failures, st.Failure.Words)
	}
}

// look runs the preflight: through the running store, or with doors of its own while the store does not run.
func (d *Doctor) look(ctx context.Context, a *ACME, storage certificate.Storage, h certificate.Host) {
	probe, done := d.probe(storage)
	defer done()
	p := a.preflight(Config{Redirect: d.c.Server.RedirectListen, Clock: d.clock})
	for _, c := range p.Check(ctx, h, probe) {
		f := Finding{Name: "certificate: " + c.Name, State: State(c.State), Found: c.Found, Do: c.Do}
		if f.State != Fine {
			f.Found = "expected " + c.Expected + "; found " + c.Found
		}
		d.add(f)
	}
	if probe == nil {
		d.warn("certificate: ports", "Start the store, then run this again.", "whether the authority can reach %s was not tried: the store does not run, and its ports cannot be opened", h.Name)
	}
}

// probe is how a word of ours is laid down where whoever is reached can answer with it.
func (d *Doctor) probe(storage certificate.Storage) (probe certificate.Probe, done func()) {
	if d.running() && storage != nil {
		return certificate.StoredProbe(storage), func() {}
	}
	shelf := &certificate.Memory{}
	plain, handshake := certificate.Answering(shelf)
	var open []net.Listener
	done = func() {
		for _, ln := range open {
			_ = ln.Close()
		}
	}
	for _, address := range []string{d.c.Server.Listen, d.c.Server.RedirectListen} {
		if address == "" {
			continue
		}
		ln, err := listen(address)
		if err != nil {
			done()
			return nil, func() {}
		}
		if address == d.c.Server.Listen {
			ln = tls.NewListener(ln, &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: handshake, NextProtos: []string{certificate.Protocol}})
		}
		open = append(open, ln)
		srv := &http.Server{Handler: plain, ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second,
			ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
		go func() { _ = srv.Serve(ln) }() // ends with its listener
	}
	return certificate.StoredProbe(shelf), done
}

// LookBeforeAsking tells what an authority will find, for whoever sets a store up. It tells nothing where certificates
// come from elsewhere.
func LookBeforeAsking(ctx context.Context, c *config.Config, tell func(Finding)) {
	d := &Doctor{c: c, place: PlaceOf(c), clock: clock.System(), tell: tell}
	if a, err := acmeOf(c); err == nil && a != nil {
		for _, h := range certificateHosts(c.Settings()) {
			d.look(ctx, a, nil, h)
		}
	}
}
