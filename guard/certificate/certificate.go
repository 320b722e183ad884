// Package certificate gets the certificates of the store's host names from an authority and keeps them fresh.
//
// # The way of a certificate
//
// Keeper.Run looks at every host once a minute. A certificate that is missing, or has come into the last third of its
// life (or the window that the authority suggests, RFC 9773), is asked for: first Preflight looks at names, ports, CAA
// records and the clock, so that a mistake is found here and not counted by the authority; then the order is made by
// certmagic's ACME issuer with both challenges (HTTP-01 on the plain port, TLS-ALPN-01 on the shop's own). Certificate
// answers handshakes and switches to a new certificate without a restart.
//
// # Failure
//
// The old certificate stays in use whatever happens. What the authority said stands word for word in the Standing of
// the host, with the time of the next attempt: a ladder from two minutes to twelve hours, or what Retry-After says. A
// certificate that was issued but could not be written (a full disk) is kept in memory and written later; nobody is
// asked again for it.
//
// # Where it is kept
//
// Folder is files for one process, Database rows with sealed values and locks for many. Both are certmagic's Storage.
// Of a certificate everything (chain, key, when) is one value, so that it is replaced as a whole or not at all.
//
// # Alarms
//
// Watch looks at certificates from wherever they come, and tells once for each threshold (21, 7 and 2 days before the
// end; for short-lived ones the same shares of their life).
package certificate

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/caddyserver/certmagic"
	"github.com/mholt/acmez/v3/acme"

	"strongroom/base/clock"
	"strongroom/base/event"
)

// Host is a name that needs a certificate.
type Host struct {
	Face string // which side of the store it is, a short word: "shop", "admin"
	Name string // "shop.example.org"
}

// Storage is where certificates, accounts and answers to challenges are kept.
type Storage interface {
	certmagic.Storage
	certmagic.TryLocker
}

// Authority is who is asked for certificates.
type Authority struct {
	Directory string         // address of its ACME directory
	Roots     *x509.CertPool // whom to believe when talking to it; nil for the system's
	Profile   string         // sort of certificate, as the authority calls it; "" for its usual one
	KeyID     string         // external account, for authorities that want one
	Key       string         // its key, base64
}

// Options are what a Keeper stands on.
type Options struct {
	Hosts     []Host
	Storage   Storage
	Authority Authority
	Preflight *Preflight // looked at before asking; nil for none
	Clock     clock.Clock
	Log       *slog.Logger
	// Held says whether nothing may go out just now: the store is a copy of another.
	Held func(ctx context.Context) bool
	// Tell hands on what happened; may be nil.
	Tell func(ctx context.Context, e event.Event)
}

// Keeper keeps the certificates of all hosts.
type Keeper struct {
	o      Options
	cache  *certmagic.Cache
	config *certmagic.Config
	issuer *certmagic.ACMEIssuer
	heard  *listener // what the authority's answers carried beside their words

	mu    sync.Mutex
	hosts map[string]*kept
}

// kept is what this process knows about a host.
type kept struct {
	Host
	bundle   *Bundle   // in use; nil before the first
	stamp    time.Time // of the stored value that bundle came from
	hash     string    // in certmagic's cache
	unsaved  *Bundle   // issued, but not written yet
	standing Standing
}

// New makes a keeper. It reads what is stored, so that handshakes are answered from the first moment.
func New(ctx context.Context, o Options) (*Keeper, error) {
	if len(o.Hosts) == 0 {
		return nil, errors.New("certificate: no hosts")
	}
	if o.Held == nil {
		o.Held = func(context.Context) bool { return false }
	}
	if o.Tell == nil {
		o.Tell = func(context.Context, event.Event) {}
	}
	k := &Keeper{o: o, heard: &listener{}, hosts: map[string]*kept{}}
	log := bridge(o.Log, k.heard)
	k.cache = certmagic.NewCache(certmagic.CacheOptions{Logger: log,
		GetConfigForCert:   func(certmagic.Certificate) (*certmagic.Config, error) { return k.config, nil },
		RenewCheckInterval: 100 * 365 * 24 * time.Hour}) // renewal is this package's business
	k.config = certmagic.New(k.cache, certmagic.Config{Storage: o.Storage, Logger: log, DefaultServerName: o.Hosts[0].Name})
	a := o.Authority
	template := certmagic.ACMEIssuer{CA: a.Directory, TestCA: a.Directory, TrustedRoots: a.Roots, Profile: a.Profile,
		Agreed: true, Logger: log, DisableHTTPChallenge: true, DisableTLSALPNChallenge: true}
	if a.KeyID != "" {
		template.ExternalAccount = &acme.EAB{KeyID: a.KeyID, MACKey: a.Key}
	}
	k.issuer = certmagic.NewACMEIssuer(k.config, template)
	k.config.Issuers = []certmagic.Issuer{k.issuer}
	for _, h := range o.Hosts {
		k.hosts[h.Name] = &kept{Host: h}
		if err := k.load(ctx, k.hosts[h.Name]); err != nil {
			k.Close()
			return nil, err
		}
	}
	return k, nil
}

// Close ends what works in the background.
func (k *Keeper) Close() { k.cache.Stop() }

// Listening says where challenges will be answered: the port of TLS, and of plain HTTP or 0 for none. It is called
// once, before Run.
func (k *Keeper) Listening(address string, tlsPort, httpPort int) {
	k.issuer.ListenHost = address
	k.issuer.AltTLSALPNPort, k.issuer.DisableTLSALPNChallenge = tlsPort, tlsPort == 0
	k.issuer.AltHTTPPort, k.issuer.DisableHTTPChallenge = httpPort, httpPort == 0
}

// Expiry is when a host's certificate ends; zero times if there is none.
type Expiry struct {
	Host
	From, Ends time.Time
}

// Expiries tells about all hosts.
func (k *Keeper) Expiries(context.Context) ([]Expiry, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	var out []Expiry
	for _, h := range k.o.Hosts {
		e := Expiry{Host: h}
		if b := k.hosts[h.Name].bundle; b != nil {
			e.From, e.Ends = b.leaf().NotBefore, b.leaf().NotAfter
		}
		out = append(out, e)
	}
	return out, nil
}

// Standings tells how the work for each host stands.
func (k *Keeper) Standings() []Standing {
	k.mu.Lock()
	defer k.mu.Unlock()
	var out []Standing
	for _, h := range k.o.Hosts {
		out = append(out, k.hosts[h.Name].standing)
	}
	return out
}

// Certificate answers a handshake.
func (k *Keeper) Certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if len(hello.SupportedProtos) == 1 && hello.SupportedProtos[0] == acmeTLS {
		return k.challengeCertificate(hello)
	}
	return k.config.GetCertificate(hello)
}
