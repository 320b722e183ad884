package app

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"strongroom/base/config"
	"strongroom/base/db"
	"strongroom/base/event"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/certificate"
)

// ACME says who is asked for certificates.
type ACME struct {
	Authority         certificate.Authority
	Resolver          certificate.Resolver
	HTTPPort, TLSPort int // where the authority knocks; 0 for the usual 80 and 443
}

// acmeOf is the authority that a configuration names; nil if it names none.
func acmeOf(f *config.Config) (*ACME, error) {
	a := f.ACME
	if a.Authority == "" {
		return nil, nil
	}
	out := &ACME{Authority: certificate.Authority{Directory: a.Authority, Profile: a.Profile, KeyID: a.KeyID, Key: a.Key.Clear()},
		Resolver: certificate.SystemResolver()}
	if a.Resolver != "" {
		out.Resolver = certificate.Resolver{Servers: []string{a.Resolver}}
	}
	if a.AuthorityCA != "" {
		pem, err := os.ReadFile(a.AuthorityCA)
		out.Authority.Roots = x509.NewCertPool()
		if err != nil || !out.Authority.Roots.AppendCertsFromPEM(pem) {
			return nil, &Error{Kind: BadConfig, Cause: err, What: "the file " + a.AuthorityCA + " holds no certificate of an authority",
				Do: "Correct acme.authority_ca: a PEM file that strongroom may read."}
		}
	}
	return out, nil
}

// certificateHosts are the names that need a certificate.
func certificateHosts(s config.Shop) []certificate.Host {
	hosts := []certificate.Host{{Face: "shop", Name: hostname(s.PublicURL)}}
	if admin := hostname(s.AdminURL); admin != "" && admin != hosts[0].Name {
		hosts = append(hosts, certificate.Host{Face: "admin", Name: admin})
	}
	return hosts
}

// preflight looks at what the authority will look at.
func (a *ACME) preflight(c Config) *certificate.Preflight {
	p := &certificate.Preflight{Authority: a.Authority, Resolver: a.Resolver, Clock: c.Clock, HTTPPort: a.HTTPPort, TLSPort: a.TLSPort}
	if p.TLSPort == 0 {
		p.TLSPort = 443
	}
	switch {
	case c.Redirect == "":
		p.HTTPPort = -1
	case p.HTTPPort == 0:
		p.HTTPPort = 80
	}
	return p
}

// certificateStorage is a folder for one process, and the database for many.
func (s *Store) certificateStorage() (certificate.Storage, error) {
	if strings.HasPrefix(s.c.Place.Data, "sqlite:") {
		d, err := certificate.OpenFolder(certificateFolder(s.c.Place))
		if err != nil {
			return nil, folderError(certificateFolder(s.c.Place), err)
		}
		s.onClose(d.Close)
		return d, nil
	}
	return certificate.NewDatabase(s.Data, s.Vault.SealSecret, s.Vault.OpenSecret), nil
}

func certificateFolder(p Place) string { return filepath.Join(p.Folder, "certificates") }

// openCertificates makes what gets certificates, if an authority is configured, and what watches their ends.
func (s *Store) openCertificates(ctx context.Context) error {
	if s.c.ACME == nil {
		return s.watchCertificates()
	}
	storage, err := s.certificateStorage()
	if err != nil {
		return err
	}
	s.keeper, err = certificate.New(ctx, certificate.Options{Hosts: certificateHosts(s.c.Shop), Storage: storage, Authority: s.c.ACME.Authority,
		Preflight: s.c.ACME.preflight(s.c), Clock: s.c.Clock, Log: s.c.Log, Held: s.held, Tell: s.tellOfCertificate})
	if err != nil {
		return fmt.Errorf("certificates: %w", err)
	}
	s.onClose(func() error { s.keeper.Close(); return nil })
	s.c.Certificate, s.c.Ends = s.keeper.Certificate, s.keeper
	return s.watchCertificates()
}

// watchCertificates tells the owner of certificates that come to their end. The demo's are made anew by themselves.
func (s *Store) watchCertificates() error {
	if s.c.Ends == nil {
		return nil
	}
	_, err := certificate.NewWatch(s.Data, s.Jobs, s.c.Ends, s.c.Log)
	return errors.Join(err, s.Letters.TellOwnerOfCertificates(s.certificateStands))
}

// certificateStands is what is known about the certificate of one side of the store.
func (s *Store) certificateStands(ctx context.Context, face string) (st certificate.Standing, e certificate.Expiry) {
	all, err := s.c.Ends.Expiries(ctx)
	if err != nil {
		s.c.Log.WarnContext(ctx, "the end of a certificate cannot be told", "error", err)
	}
	for _, x := range all {
		if x.Face == face {
			e, st = x, certificate.Standing{Face: face, Host: x.Name}
		}
	}
	if s.keeper != nil {
		for _, x := range s.keeper.Standings() {
			if x.Face == face {
				st = x
			}
		}
	}
	return st, e
}

// tellOfCertificate takes down what happened in the audit log, and hands it to whoever listens.
func (s *Store) tellOfCertificate(ctx context.Context, e event.Event) {
	x := audit.Entry{Actor: access.System("certificate"), Action: e.EventName(), Object: "certificate", Outcome: audit.Done}
	switch v := e.(type) {
	case certificate.Obtained:
		x.Facts = []audit.Fact{{Key: "face", Text: v.Face}, {Key: "days", Int: int64(v.Days)}}
	case certificate.Refused:
		x.Outcome = audit.Failed
		x.Facts = []audit.Fact{{Key: "face", Text: v.Face}, {Key: "kind", Text: v.Kind}, {Key: "failures", Int: int64(v.Failures)}}
	}
	err := s.Data.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		if err := s.Audit.Record(tx, x); err != nil {
			return err
		}
		return tx.Emit(e)
	})
	if err != nil {
		s.c.Log.WarnContext(ctx, "what happened to a certificate could not be taken down", "error", err)
	}
}

// tendCertificates begins to look after certificates, once the doors are open that the authority knocks at.
func (s *Store) tendCertificates(ctx context.Context, secure, plain net.Listener) {
	if s.keeper == nil {
		return
	}
	tlsPort, host := portOf(secure)
	httpPort, _ := portOf(plain)
	s.keeper.Listening(host, tlsPort, httpPort)
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); s.keeper.Run(ctx) }()
	s.onClose(func() error { cancel(); <-ended; return nil })
}

func portOf(ln net.Listener) (port int, host string) {
	if ln == nil {
		return 0, ""
	}
	a, ok := ln.Addr().(*net.TCPAddr)
	if !ok {
		return 0, ""
	}
	if a.IP.IsUnspecified() {
		return a.Port, ""
	}
	return a.Port, a.IP.String()
}

// challenges answers the authority over plain HTTP, if there is one, before next.
func (s *Store) challenges(next http.Handler) http.Handler {
	if s.keeper == nil {
		return next
	}
	return s.keeper.Challenge(next)
}

func hostname(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
