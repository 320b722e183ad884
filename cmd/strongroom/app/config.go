package app

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"path/filepath"
	"time"

	"strongroom/base/clock"
	"strongroom/base/config"
	"strongroom/base/mail"
	"strongroom/base/mail/align"
	"strongroom/base/trace"
	"strongroom/base/web"
	"strongroom/guard/audit/outside"
	"strongroom/guard/certificate"
	"strongroom/guard/vault"
	"strongroom/shop/price"
)

// Config is everything that a running store is told. FromFile makes one of a configuration file, Demo makes its own,
// and tests write theirs: port 0, a clock that stands still, a folder of the test.
type Config struct {
	Shop  config.Shop
	Place Place
	Clock clock.Clock  // nil: the machine's
	Log   *slog.Logger // nil: none

	Listen      string // "host:port" or "unix:/path"
	Redirect    string // plain HTTP that sends on to HTTPS; "" for none
	Private     string // metrics and health; "" for none
	Proxies     web.Proxies
	Certificate func(*tls.ClientHelloInfo) (*tls.Certificate, error) // nil: behind a proxy
	ACME        *ACME                                                // who is asked for certificates; nil for nobody
	Ends        certificate.Source                                   // when certificates end; nil if nobody needs to know
	Scale       int                                                  // of the rates per network
	PageCache   int                                                  // bytes of finished pages; 0: what suits most shops, below: none
	Leave       time.Duration                                        // how long a store that will stop says so before it does
	Drain       time.Duration
	Trace       trace.Options
	Recent      *Recent // what the log said last, for the support bundle; nil for none

	Service  func(context.Context) (vault.Service, error) // the configured key service; nil: none
	FirstKey vault.Place                                  // where a new store's root key is made; "" is in a file
	KeyWait  time.Duration                                // how long a start waits for the key service

	Mail     mail.Sender // nil: captured in the data folder
	Post     Post
	Payment  Payment
	Taxes    price.Rules // without a home: those of a seller who is registered in the shop's country
	Identity Identity
	Staff    StaffRules

	Checkpoints Checkpoints
	Watching    *Watching // nil: nobody looks at the payment pages from outside

	Demo     bool
	Ready    func(Addresses)   // called once the store answers; may be nil
	Progress func(step string) // told about long work; may be nil
}

// Checkpoints says where signed heads of the audit log are kept outside; what is empty is not used.
type Checkpoints struct {
	Folder string
	Mail   string
	Store  outside.StoreConfig
}

// Place is where a store keeps everything.
type Place struct {
	Folder  string // pictures, outbox, and the databases if they are SQLite
	Data    string // DSN of the data
	Keys    string // DSN of the keys
	KeyFile string // the root key
}

// Post says how mails find their way, and their way back.
type Post struct {
	Host     string         // the mail server; "" when mail goes nowhere
	Bounces  string         // address for what comes back; "" for none
	Listen   string         // SMTP for it; "" for none
	Resolver align.Resolver // nil: the machine's
}

// Payment says which provider takes the money.
type Payment struct {
	SandboxURL   string // origin of the payment sandbox
	SandboxCA    string // PEM file of an authority to trust for it; "" for the system's
	Account      string
	APIKey       string
	NoticeSecret string
	AtShipment   bool // money is held and taken when the goods leave

	// Sample are keys of the sandbox that the desk shows to try with, for rehearsals; no file names them.
	Sample map[string]string

	// Where Stripe and PayPal are, for tests and rehearsals; empty: where they are for everybody. No file names them.
	StripeURL, StripePage, PayPalURL string
}

// Addresses are where a running store answers.
type Addresses struct {
	Shop, Sandbox, Outbox string // origins; the last two only in the demo
	Admin                 string // origin of the desk; "" when it has none
	Private               string
	Listen                string // the address of the socket
	CAFile                string
	Expires               time.Time // of the demo's certificates
	SetUp                 SetUp     // for the first owner
	Moved                 bool      // the demo took another port than it was told
}

// InFolder is the place of a store with SQLite in one folder.
func InFolder(folder string) Place {
	return Place{Folder: folder, Data: "sqlite:" + filepath.Join(folder, "data.db"),
		Keys: "sqlite:" + filepath.Join(folder, "keys", "keys.db"), KeyFile: filepath.Join(folder, "keys", "root.key")}
}

// PlaceOf is the place that a configuration names.
func PlaceOf(c *config.Config) Place {
	p := InFolder(c.Data.Folder)
	p.KeyFile = c.Data.KeyFile
	if !c.Data.Database.IsZero() {
		p.Data, p.Keys = c.Data.Database.Clear(), c.Data.KeyDatabase.Clear()
	}
	return p
}

func (c *Config) fill() {
	if c.Clock == nil {
		c.Clock = clock.System()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Drain == 0 {
		c.Drain = 20 * time.Second
	}
	if c.Post.Resolver == nil {
		c.Post.Resolver = net.DefaultResolver
	}
	if c.Ready == nil {
		c.Ready = func(Addresses) {}
	}
	if c.Progress == nil {
		c.Progress = func(string) {}
	}
}
