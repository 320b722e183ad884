package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"strongroom/base/config"
	"strongroom/cmd/strongroom/app"
)

type initCommand struct {
	Dir         string   `default:"." placeholder:"DIR" help:"Folder of the store; made if it is missing."`
	Data        string   `default:"data" placeholder:"DIR" help:"Folder of databases, pictures and keys (${default}, beside the configuration)."`
	Name        string   `help:"The shop's name, as shoppers know it."`
	LegalName   string   `help:"Who sells, as the law wants it named."`
	Address     []string `sep:"none" placeholder:"LINE" help:"A line of the postal address; repeat for each line."`
	Country     string   `placeholder:"XX" help:"The seller's country, two letters."`
	Currency    string   `default:"EUR" help:"Currency (${default})."`
	Language    []string `default:"en" help:"Languages of the shop (${default}); there are en and de."`
	TimeZone    string   `default:"Europe/Berlin" help:"Time zone that decides days (${default})."`
	Email       string   `help:"Where shoppers write to; also the sender of mails."`
	URL         string   `name:"url" placeholder:"URL" help:"The shop's address: https://shop.example.org."`
	Listen      string   `default:":443" help:"Address to listen on (${default})."`
	MailHost    string   `default:"localhost" help:"SMTP server (${default})."`
	Certificate string   `placeholder:"FILE" help:"Certificate (PEM)."`
	Key         string   `name:"certificate-key" placeholder:"FILE" help:"Its key (PEM)."`
	Authority   string   `placeholder:"URL" help:"ACME directory of who is asked for certificates by themselves. Default, where neither a certificate nor a proxy is named: Let's Encrypt."`
	Proxy       []string `name:"trusted-proxy" placeholder:"ADDR" help:"Proxy in front that speaks HTTPS for the shop, instead of a certificate."`
	Kit         string   `placeholder:"FILE" help:"Write the recovery kit to this file, readable by you only. On a terminal it is shown when this is not set."`
}

// Help is shown by --help.
func (initCommand) Help() string {
	return `Writes a commented configuration, makes the data folder and the root key, and shows the recovery
kit once: on a terminal, or into a file that only you can read. What is not given by flags is asked for
on a terminal. Nothing that exists is written over. The shop starts in test mode with the payment
sandbox, until a payment provider is set up.

Unless certificate files or a proxy are named, the store gets its certificates by itself from Let's Encrypt
and renews them; using it means to agree to its terms (https://letsencrypt.org/repository/). init looks at
once whether that can work: names, ports, CAA records and the clock. It says what is missing; nothing of it
keeps init from finishing.

Examples:
  strongroom init --dir /srv/shop
  strongroom init --dir shop --name "Kiln & Orchard" --legal-name "Kiln GmbH" --address "Ofenweg 1" \
    --address "10115 Berlin" --country DE --email shop@example.org --url https://shop.example.org \
    --kit ./recovery-kit.txt
  strongroom init --dir shop --certificate /etc/ssl/shop.pem --certificate-key /etc/ssl/shop-key.pem
  sudo -u strongroom strongroom init --dir /etc/strongroom --data /var/lib/strongroom`
}

// Run makes the store.
func (c initCommand) Run(ctx context.Context, t *terminal) error {
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "strongroom.toml")
	if _, err := os.Lstat(path); err == nil {
		return &app.Error{Kind: app.BadConfig, What: path + " is there already; nothing was changed",
			Do: "Name another folder with --dir, or run the store that is there: strongroom serve --config " + path}
	}
	if c.Kit == "" && !interactive(t.out) {
		return usageError{errors.New("the recovery kit is shown on a terminal only; name a file for it with --kit FILE")}
	}
	if err := c.ask(t); err != nil {
		return err
	}
	c.authority()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return &app.Error{Kind: app.BadConfig, What: "the folder " + dir + " cannot be made: " + err.Error(), Do: "Name another with --dir."}
	}
	f, err := c.write(t, dir, path)
	if err != nil {
		return err
	}
	if err := c.keys(ctx, t, f); err != nil {
		return err
	}
	c.look(ctx, t, f)
	t.printf("\nNext:\n  strongroom doctor --config %s\n  strongroom sandbox --config %s &\n  strongroom serve --config %s\n", path, path, path)
	return nil
}

// look says what an authority would find, while the shopkeeper is at it.
func (c initCommand) look(ctx context.Context, t *terminal, f *config.Config) {
	if f.ACME.Authority == "" {
		return
	}
	t.printf("\nCertificates will come by themselves from %s\n(using it means to agree to its terms). What it will find:\n", f.ACME.Authority)
	app.LookBeforeAsking(ctx, f, t.finding)
}

// authority proposes one where nothing else brings certificates and a public authority could.
func (c *initCommand) authority() {
	u, err := url.Parse(c.URL)
	named := c.Certificate != "" || c.Key != "" || len(c.Proxy) > 0 || strings.HasPrefix(c.Listen, "unix:")
	if c.Authority == "" && !named && err == nil && config.PublicName(u.Hostname()) {
		c.Authority = config.LetsEncrypt
	}
}

// redirect is where plain HTTP is answered: an authority knocks there, and so do readers who type the name only.
func (c initCommand) redirect() string {
	if c.Authority != "" && strings.HasSuffix(c.Listen, ":443") {
		return strings.TrimSuffix(c.Listen, "443") + "80"
	}
	return ""
}

// keys makes the store's keys and its recovery kit.
func (c initCommand) keys(ctx context.Context, t *terminal, f *config.Config) error {
	ac := app.KeysOf(f)
	ac.Progress = t.step
	s, err := app.OpenKeys(ctx, ac)
	if err != nil {
		return err
	}
	defer s.Close()
	return newKit(ctx, t, s, c.Kit)
}

// ask asks for what is missing, on a terminal; elsewhere it names the flags.
func (c *initCommand) ask(t *terminal) error {
	in := bufio.NewReader(t.in)
	var missing []string
	for _, q := range []struct {
		value      *string
		flag, text string
	}{
		{&c.Name, "--name", "The shop's name, as shoppers know it"},
		{&c.LegalName, "--legal-name", "Who sells, as the law wants it named"},
		{&c.Country, "--country", "The seller's country (two letters, such as DE)"},
		{&c.Email, "--email", "E-mail address for shoppers"},
		{&c.URL, "--url", "The shop's address (https://...)"},
	} {
		if *q.value != "" {
			continue
		}
		if !interactive(t.in) {
			missing = append(missing, q.flag)
			continue
		}
		t.printf("%s: ", q.text)
		line, err := in.ReadString('\n')
		if *q.value = strings.TrimSpace(line); err != nil || *q.value == "" {
			return usageError{fmt.Errorf("%s is needed", q.flag)}
		}
	}
	if len(c.Address) == 0 {
		if !interactive(t.in) {
			missing = append(missing, "--address")
		} else {
			c.Address = askLines(t, in, "Postal address, line by line; an empty line ends it")
		}
	}
	if len(missing) > 0 {
		return usageError{errors.New("missing: " + strings.Join(missing, ", "))}
	}
	return nil
}

func askLines(t *terminal, in *bufio.Reader, text string) (lines []string) {
	t.printf("%s:\n", text)
	for len(lines) < 6 {
		line, err := in.ReadString('\n')
		if line = strings.TrimSpace(line); err != nil || line == "" {
			break
		}
		lines = append(lines, line)
	}
	return lines
}

// write writes the configuration and the files of its secrets, and reads all of it back. If that does not work out,
// everything is taken away again.
func (c *initCommand) write(t *terminal, dir, path string) (f *config.Config, err error) {
	var made []string
	defer func() {
		if err != nil {
			for _, m := range made {
				_ = os.Remove(m)
			}
		}
	}()
	a := config.Answers{Name: c.Name, LegalName: c.LegalName, Data: c.Data, Address: c.Address, Country: strings.ToUpper(c.Country),
		Currency: c.Currency, Languages: c.Language, TimeZone: c.TimeZone, Email: c.Email, PublicURL: strings.TrimSuffix(c.URL, "/"),
		Listen: c.Listen, Certificate: c.Certificate, CertificateKey: c.Key, TrustedProxies: c.Proxy, TestMode: true, Authority: c.Authority, Redirect: c.redirect(),
		MailHost: c.MailHost, Sandbox: "https://pay.localhost:8444", SandboxCA: "sandbox/tls/authority.pem",
		APIKey: "file:sandbox-api-key", NoticeSecret: "file:sandbox-notice-secret"}
	for _, x := range []struct{ path, text string }{
		{filepath.Join(dir, "sandbox-api-key"), "sk_test_" + rand.Text() + "\n"},
		{filepath.Join(dir, "sandbox-notice-secret"), "whsec_" + rand.Text() + "\n"},
		{path, config.Sample(a)},
	} {
		if err := writeNew(x.path, x.text); err != nil {
			return nil, err
		}
		made = append(made, x.path)
	}
	if f, err = config.Load(path, t.environ); err != nil {
		return nil, err
	}
	t.step("wrote " + path)
	return f, nil
}

// writeNew writes a file that is its owner's alone, and never over another.
func writeNew(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return &app.Error{Kind: app.BadConfig, What: path + " is there already; nothing was changed", Do: "Move it away, or name another folder with --dir."}
	}
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Sync(), f.Close())
}

// readSecret reads a file that holds one line.
func readSecret(path string) (string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", &app.Error{Kind: app.BadConfig, What: err.Error(), Do: "Name a file that holds just the secret."}
	}
	return strings.TrimSpace(string(b)), nil
}
