package app

import (
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"strongroom/base/clock"
	"strongroom/base/config"
	"strongroom/base/mail/smtp"
	"strongroom/base/trace"
	"strongroom/guard/audit/outside"
	"strongroom/guard/staff"
	"strongroom/shop/price"
)

// FromFile makes the configuration of a real store. It opens the certificate files, and nothing else.
func FromFile(f *config.Config, log *slog.Logger) (Config, error) {
	c := Config{Shop: f.Settings(), Place: PlaceOf(f), Clock: clock.System(), Log: log, Listen: f.Server.Listen,
		Redirect: f.Server.RedirectListen, Private: f.Server.PrivateListen, Scale: f.Limits.Scale,
		PageCache: pageCache(f.Limits.PageCache),
		Leave:     time.Duration(f.Server.LeaveSeconds) * time.Second,
		Drain:     time.Duration(f.Server.DrainSeconds) * time.Second,
		Trace: trace.Options{Endpoint: f.Trace.Endpoint, Token: f.Trace.Token.Clear(), Way: trusting(f.Trace.CA), Percent: f.Trace.Percent,
			Own: f.Trace.OwnHosts, Log: log},
		Payment: Payment{SandboxURL: f.Payment.SandboxURL, SandboxCA: f.Payment.SandboxCA, Account: f.Payment.Account,
			APIKey: f.Payment.APIKey.Clear(), NoticeSecret: f.Payment.NoticeSecret.Clear(),
			AtShipment: f.Payment.Capture == "shipment"}}
	c.Watching = &Watching{CA: f.Watch.CA, Off: !f.Watch.Pages}
	for _, p := range f.Server.TrustedProxies {
		n, err := config.ParseProxy(p)
		if err != nil {
			return c, err
		}
		c.Proxies = append(c.Proxies, n)
	}
	if strings.HasPrefix(c.Listen, "unix:") {
		c.Proxies = append(c.Proxies, local)
	}
	if f.Server.Certificate != "" {
		certs, err := OpenCertificates(f.Server.Certificate, f.Server.CertificateKey, c.Clock, log)
		if err != nil {
			return c, err
		}
		certs.host = certificateHosts(c.Shop)[0]
		c.Certificate, c.Ends = certs.Certificate, certs
	}
	var err error
	if c.ACME, err = acmeOf(f); err != nil {
		return c, err
	}
	c.setKeys(f)
	if c.Taxes, err = taxesOf(f); err != nil {
		return c, err
	}
	if err := c.setCheckpoints(f); err != nil {
		return c, err
	}
	c.Staff = StaffRules{Notice: f.Staff.NoticeEmail, Looks: staff.Quota{Hour: f.Staff.LooksHour, Day: f.Staff.LooksDay}}
	if alone, err := f.Staff.Alone(c.Shop.Currency); err == nil { // it was checked
		c.Staff.RefundAlone = &alone
	}
	if err := c.setIdentity(f); err != nil {
		return c, err
	}
	return c, c.setMail(f)
}

func (c *Config) setCheckpoints(f *config.Config) error {
	a := f.Audit
	c.Checkpoints = Checkpoints{Folder: a.CheckpointFolder, Mail: a.CheckpointMail}
	if a.StoreURL == "" {
		return nil
	}
	u, err := config.ParseStoreURL(a.StoreURL)
	c.Checkpoints.Store = outside.StoreConfig{Endpoint: u.Origin, Region: a.StoreRegion, Bucket: u.Bucket, Prefix: u.Prefix,
		AccessKey: a.StoreAccessKey.Clear(), SecretKey: a.StoreSecretKey.Clear()}
	return err
}

// taxesOf are the rules of tax that [tax] names.
func taxesOf(f *config.Config) (r price.Rules, err error) {
	t := f.Tax
	r = price.Rules{Home: f.Shop.Country, HomeRates: t.EU == "home", Registered: t.Registered,
		Outside: price.Outside(t.Outside), Territory: price.Outside(t.Territories)}
	for _, o := range f.Overrides() {
		day, err := price.ParseDay(o.From)
		if err != nil {
			return r, err
		}
		r.Overrides = append(r.Overrides, price.Override{Place: o.Place, Class: o.Class, PPM: o.PPM, From: day})
	}
	return r, nil
}

// pageCache is the configured number of MiB as the storefront takes it.
func pageCache(mib int) int {
	if mib == 0 {
		return -1
	}
	return mib << 20
}

// local is this machine: what a unix socket's connections come from.
var local = netip.MustParsePrefix("127.0.0.1/32")

func (c *Config) setMail(f *config.Config) error {
	m := f.Mail
	s, err := smtp.New(smtp.Config{Host: m.Host, Port: m.Port, Encryption: smtp.Encryption(m.Security), User: m.User,
		Password: m.Password.Clear(), From: c.Shop.Email, FromName: c.Shop.Name, Clock: c.Clock})
	if err != nil {
		return &Error{Kind: BadConfig, Cause: err, What: "the mail server cannot be used: " + err.Error(), Do: "Correct [mail]."}
	}
	c.Mail = s
	c.Post = Post{Host: m.Host, Bounces: m.BounceAddress, Listen: m.BounceListen}
	return nil
}
