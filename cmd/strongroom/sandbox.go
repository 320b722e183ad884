package main

import (
	"context"
	"crypto/rand"
	"path/filepath"

	"strongroom/cmd/strongroom/app"
	"strongroom/front/demo/sandbox"
)

type sandboxCommand struct {
	Config      string `short:"c" placeholder:"FILE" help:"Take account, keys, address and the shop's address from a store's configuration."`
	Listen      string `default:"127.0.0.1:8444" placeholder:"ADDR" help:"Address to listen on (${default}). Only this machine is answered."`
	Origin      string `default:"https://pay.localhost:8444" placeholder:"URL" help:"Address of the hosted pages (${default}); port 0 becomes the one that was taken."`
	Data        string `default:"sandbox" placeholder:"DIR" help:"Folder for sessions and certificates (${default})."`
	Account     string `default:"acct_test" help:"Account (${default})."`
	Name        string `default:"Test shop" help:"Name of the merchant on the hosted page (${default})."`
	APIKey      string `placeholder:"FILE" type:"existingfile" help:"File with the API key; without it one is made and printed."`
	NoticeKey   string `placeholder:"FILE" type:"existingfile" help:"File with the signing secret of notices; without it one is made and printed."`
	NoticeURL   string `placeholder:"URL" help:"Where notices go."`
	NoticeCA    string `placeholder:"FILE" type:"existingfile" help:"Authority of the shop's certificate, if the system does not know it."`
	Certificate string `placeholder:"FILE" type:"existingfile" help:"Certificate, for a name that is not below localhost."`
	Key         string `name:"certificate-key" placeholder:"FILE" type:"existingfile" help:"Its key."`
	JSON        bool   `help:"Print one line of JSON with address and keys, for programs."`
	Log         string `enum:"quiet,text,json" default:"quiet" help:"Show the log: quiet, text or json."`
}

// Help is shown by --help.
func (sandboxCommand) Help() string {
	return `Plays a payment provider on another site: hosted pages with outcomes to choose, a JSON API, signed
notices. No money moves and no card number is asked for.

Examples:
  strongroom sandbox --config strongroom.toml --listen 127.0.0.1:8444
  strongroom sandbox --notice-url https://shop.localhost:8443/notices/sandbox --json`
}

// sandboxReport is what --json prints. Its keys open nothing but this sandbox.
type sandboxReport struct {
	Origin       string `json:"origin"`
	Listen       string `json:"listen"`
	CA           string `json:"ca,omitempty"`
	Account      string `json:"account"`
	APIKey       string `json:"api_key"`
	NoticeSecret string `json:"notice_secret"`
}

// Run serves the sandbox until ctx ends.
func (c sandboxCommand) Run(ctx context.Context, t *terminal) error {
	a, err := c.account(t)
	if err != nil {
		return err
	}
	log, err := logger(t.err, c.Log, "info")
	if err != nil {
		return err
	}
	dir, err := filepath.Abs(c.Data)
	if err != nil {
		return err
	}
	return app.Sandbox(ctx, app.SandboxOptions{Listen: c.Listen, Origin: c.Origin, Folder: dir, Certificate: c.Certificate,
		Key: c.Key, NoticeCA: c.NoticeCA, Accounts: []sandbox.Account{a}, Log: log,
		Ready: func(x app.Addresses) { c.ready(t, a, x) }})
}

func (c sandboxCommand) ready(t *terminal, a sandbox.Account, x app.Addresses) {
	if c.JSON {
		_ = t.json(sandboxReport{Origin: x.Sandbox, Listen: x.Listen, CA: x.CAFile, Account: a.ID, APIKey: a.Secret, NoticeSecret: a.NoticeSecrets[0]})
		return
	}
	t.printf("Payment sandbox: %s (listening on %s)\n", x.Sandbox, x.Listen)
	if c.Config == "" {
		t.printf("\n[payment]\nprovider = \"sandbox\"\nsandbox_url = %q\naccount = %q\n", x.Sandbox, a.ID)
		t.printf("api_key = %q\nnotice_secret = %q\n", a.Secret, a.NoticeSecrets[0])
		if x.CAFile != "" {
			t.printf("sandbox_ca = %q\n", x.CAFile)
		}
	}
}

// account is the merchant that the sandbox serves: the configuration's, or one made of the flags.
func (c *sandboxCommand) account(t *terminal) (sandbox.Account, error) {
	if c.Config != "" {
		return c.fromConfig(t)
	}
	key, err := secretOr(c.APIKey, "sk_test_")
	if err != nil {
		return sandbox.Account{}, err
	}
	notice, err := secretOr(c.NoticeKey, "whsec_")
	return sandbox.Account{ID: c.Account, Name: c.Name, Mode: "test", Secret: key, NoticeURL: c.NoticeURL,
		NoticeSecrets: []string{notice}}, err
}

func (c *sandboxCommand) fromConfig(t *terminal) (sandbox.Account, error) {
	f, err := configFlag{c.Config}.load(t)
	if err != nil {
		return sandbox.Account{}, err
	}
	c.Origin = f.Payment.SandboxURL
	url := c.NoticeURL
	if url == "" {
		url = f.Settings().URL("/notices/sandbox")
	}
	return sandbox.Account{ID: f.Payment.Account, Name: f.Shop.Name, Mode: "test", Secret: f.Payment.APIKey.Clear(),
		NoticeURL: url, NoticeSecrets: []string{f.Payment.NoticeSecret.Clear()}}, nil
}

// secretOr reads a secret's file, or makes a secret.
func secretOr(file, prefix string) (string, error) {
	if file == "" {
		return prefix + rand.Text() + rand.Text(), nil
	}
	return readSecret(file)
}
