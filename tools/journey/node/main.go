// Command node is one process of a demo store that has several: the store's own program in all but where it takes its
// settings from, which is one line of JSON on its standard input. The journeys walk through three of them
// (tools/journey/stage).
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"strongroom/base/localca"
	"strongroom/base/mail"
	"strongroom/base/sms"
	"strongroom/base/web"
	"strongroom/cmd/strongroom/app"
)

// settings are what the stage tells a process.
type settings struct {
	Shop, Admin, Pay     string // origins
	Hosts                []string
	Listen, Private      string
	Folder, Data, Keys   string
	Certificates         string // folder of the authority
	Mail                 string // where mails and short messages are handed in
	APIKey, NoticeSecret string
	Sample               map[string]string // a second account at the provider
	AtShipment           bool              // money is taken when goods leave
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "node:", err)
		os.Exit(1)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var s settings
	if err := json.NewDecoder(os.Stdin).Decode(&s); err != nil {
		return err
	}
	shop, err := app.DemoShop(s.Shop)
	if err != nil {
		return err
	}
	shop.AdminURL = s.Admin
	set, err := localca.Open(s.Certificates, s.Hosts, time.Now())
	if err != nil {
		return err
	}
	return app.Run(ctx, app.Config{Shop: shop, Listen: s.Listen, Private: s.Private, Certificate: set.Certificate, Scale: 100,
		Place:   app.Place{Folder: s.Folder, Data: s.Data, Keys: s.Keys, KeyFile: filepath.Join(s.Folder, "keys", "root.key")},
		Proxies: web.Proxies{netip.MustParsePrefix("127.0.0.1/32")}, Mail: mails{s.Mail + "/mail"},
		Identity: app.Identity{Phones: app.DemoPhones(), SMS: phones{s.Mail + "/sms"}},
		Payment:  app.Payment{SandboxURL: s.Pay, SandboxCA: set.CAFile(), Account: "acct_kiln", APIKey: s.APIKey, NoticeSecret: s.NoticeSecret, Sample: s.Sample, AtShipment: s.AtShipment},
		Ready:    printSetUp,
		Log:      slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))})
}

// printSetUp tells the link of the first owner, if there is none yet.
func printSetUp(a app.Addresses) { fmt.Println(a.SetUp.URL) }

// mails hands mails in at the stage's outbox.
type mails struct{ address string }

// Send implements mail.Sender.
func (p mails) Send(ctx context.Context, m mail.Message) error { return post(ctx, p.address, m) }

// phones does so with short messages.
type phones struct{ address string }

// Send implements sms.Sender.
func (p phones) Send(ctx context.Context, m sms.Message) error { return post(ctx, p.address, m) }

func post(ctx context.Context, address string, message any) error {
	b, err := json.Marshal(message)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(b))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusNoContent {
		return fmt.Errorf("the outbox answers with status %d", resp.StatusCode)
	}
	return nil
}
