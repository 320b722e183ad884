package app

import (
	"context"
	"log/slog"
	"net"
	"path/filepath"
	"time"

	"strongroom/base/clock"
	"strongroom/base/config"
	"strongroom/base/localca"
)

// DemoOptions say how to run the demo.
type DemoOptions struct {
	Listen   string
	Folder   string
	NextPort bool        // take another port when the one of Listen is in use
	Clock    clock.Clock // nil: the machine's
	Log      *slog.Logger
	Ready    func(Addresses)
	Progress func(step string)
	// AtShipment has money reserved and taken when the goods leave.
	AtShipment bool
	Scale      int // of the rates per network; 0 means 1
}

// The hosts of the demo. Each has a certificate of its own; they share one port.
const (
	shopHost  = "shop.localhost"
	adminHost = "admin.localhost"
	payHost   = "pay.localhost"
	mailHost  = "mail.localhost"
)

// Demo furnishes a store in the folder, if there is none yet, and runs it until ctx ends.
func Demo(ctx context.Context, o DemoOptions) error {
	c := Config{Place: InFolder(o.Folder), Clock: o.Clock, Log: o.Log, Listen: o.Listen, Private: "127.0.0.1:0", Demo: true,
		Checkpoints: Checkpoints{Folder: filepath.Join(o.Folder, "checkpoints")},
		Ready:       o.Ready, Progress: o.Progress, Scale: o.Scale, Drain: 10 * time.Second,
		Identity: Identity{Phones: DemoPhones()}}
	c.fill()
	if err := makeFolders(c.Place); err != nil {
		return err
	}
	unlock, err := lock(o.Folder, false)
	if err != nil {
		return err
	}
	defer unlock()
	certs, err := localca.Open(filepath.Join(o.Folder, "tls"), []string{shopHost, adminHost, payHost, mailHost}, c.Clock.Now())
	if err != nil {
		return folderError(o.Folder, err)
	}
	c.Certificate = certs.Certificate
	if certs.Fresh() {
		c.Progress("made certificates for localhost")
	}
	return openDemo(ctx, c, o, certs)
}

// openDemo opens the port, which the addresses of the shop are made of, and serves.
func openDemo(ctx context.Context, c Config, o DemoOptions, certs *localca.Set) error {
	ln, moved, err := net.Listener(nil), false, error(nil)
	if o.NextPort {
		ln, moved, err = listenNext(o.Listen)
	} else {
		ln, err = listen(o.Listen)
	}
	if err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(ln.Addr().String())
	if err != nil {
		return err
	}
	origin := func(host string) string { return "https://" + net.JoinHostPort(host, port) }
	if c.Shop, err = DemoShop(origin(shopHost)); err != nil {
		return err
	}
	c.Shop.AdminURL = origin(adminHost)
	c.Watching = &Watching{CA: certs.CAFile()}
	c.Payment = Payment{SandboxURL: origin(payHost), Account: "acct_kiln", AtShipment: o.AtShipment}
	return serve(ctx, c, ln, Addresses{Shop: origin(shopHost), Admin: origin(adminHost), Sandbox: origin(payHost), Outbox: origin(mailHost),
		CAFile: certs.CAFile(), Expires: certs.Expires(), Moved: moved})
}

// DemoShop is who sells in the demo. Names and addresses are made up.
func DemoShop(publicURL string) (config.Shop, error) {
	zone, err := time.LoadLocation("Europe/Berlin")
	return config.Shop{Name: "Kiln & Orchard", LegalName: "Kiln & Orchard GmbH", Address: []string{"Ofenweg 12", "10115 Berlin"},
		Country: "DE", Currency: "EUR", PriceMode: config.Inclusive, Languages: []string{"en", "de"}, DefaultLanguage: "en",
		TimeZone: zone, Email: "hello@kiln-orchard.example", OwnerEmail: "owner@kiln-orchard.example",
		Phone: "+49 30 5550100", VATID: "DE123456789", Register: "Amtsgericht Charlottenburg, HRB 000000",
		RepresentedBy: "Ida Brandt", PublicURL: publicURL, TestMode: true, Demo: true, WithdrawalDays: 14, ReturnDays: 30}, err
}
