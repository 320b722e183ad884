package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// origin refuses what is not "https://host" or "https://host:port".
func (k *checker) origin(key, value string, required bool) {
	if value == "" && !required {
		return
	}
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" ||
		u.RawQuery != "" || u.Fragment != "" || u.Host != strings.ToLower(u.Host) {
		k.bad(key, "must be an https address without a path, in small letters", `Write "https://shop.example.org".`)
	}
}

func (k *checker) server() {
	s := &k.c.Server
	k.origin("server.public_url", s.PublicURL, true)
	k.origin("server.admin_url", s.AdminURL, false)
	k.listen("server.listen", s.Listen, true)
	k.listen("server.redirect_listen", s.RedirectListen, false)
	if k.listen("server.private_listen", s.PrivateListen, false); s.PrivateListen != "" && !loopback(s.PrivateListen) {
		k.bad("server.private_listen", "must be a loopback address: it tells about the inside", `Write "127.0.0.1:9464".`)
	}
	k.path(&s.Certificate)
	k.path(&s.CertificateKey)
	if (s.Certificate == "") != (s.CertificateKey == "") {
		k.bad("server.certificate_key", "certificate and certificate_key belong together", "Set both, or neither behind a proxy.")
	}
	for _, p := range s.TrustedProxies {
		if _, err := ParseProxy(p); err != nil {
			k.bad("server.trusted_proxies", fmt.Sprintf("%q is no address", p), `Write addresses or networks: ["10.0.0.5", "fd00::/64"].`)
		}
	}
	if s.Certificate == "" && k.c.ACME.Authority == "" && len(s.TrustedProxies) == 0 && !strings.HasPrefix(s.Listen, "unix:") {
		k.bad("server.certificate", "there is neither a certificate nor a trusted proxy, so nothing would be encrypted",
			"Set acme.authority to get certificates by themselves, or certificate and certificate_key, or name the proxy in server.trusted_proxies.")
	}
}

// acme looks at where certificates come from by themselves.
func (k *checker) acme() {
	a, s := &k.c.ACME, k.c.Server
	k.path(&a.AuthorityCA)
	if a.Authority == "" {
		return
	}
	if u, err := url.Parse(a.Authority); err != nil || u.Scheme != "https" || u.Host == "" {
		k.bad("acme.authority", "must be the https address of an ACME directory", "Write "+strconv.Quote(LetsEncrypt)+".")
	}
	if s.Certificate != "" {
		k.bad("acme.authority", "there is a certificate in files too", "Choose one: take out acme.authority, or server.certificate and certificate_key.")
	}
	if strings.HasPrefix(s.Listen, "unix:") {
		k.bad("acme.authority", "an authority cannot knock at a unix socket", `Let the proxy get the certificates, or set server.listen = ":443".`)
	}
	for _, x := range []struct{ key, origin string }{{"server.public_url", s.PublicURL}, {"server.admin_url", s.AdminURL}} {
		if u, err := url.Parse(x.origin); err == nil && x.origin != "" && a.AuthorityCA == "" && !PublicName(u.Hostname()) {
			k.bad(x.key, fmt.Sprintf("public authorities give no certificates for %q", u.Hostname()),
				"Use a name below a domain of your own, certificate files, or an authority of your own (acme.authority_ca).")
		}
	}
	if (a.KeyID == "") != a.Key.IsZero() {
		k.bad("acme.key", "key_id and key belong together", "Set both as the authority gave them, or neither.")
	}
	if a.Resolver != "" {
		k.listen("acme.resolver", a.Resolver, false)
	}
}

// local are endings of names that lead nowhere outside.
var local = []string{"localhost", "local", "internal", "test", "invalid", "example", "home.arpa", "onion", "lan"}

// PublicName says whether a public authority could give a certificate for a host.
func PublicName(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil || !strings.Contains(strings.Trim(host, "."), ".") {
		return false
	}
	return !slices.ContainsFunc(local, func(end string) bool { return host == end || strings.HasSuffix(host, "."+end) })
}

// ParseProxy reads an address or a network.
func ParseProxy(s string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), nil
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, err
	}
	a = a.Unmap()
	return netip.PrefixFrom(a, a.BitLen()), nil
}

func (k *checker) listen(key, value string, required bool) {
	if value == "" && !required || strings.HasPrefix(value, "unix:/") {
		return
	}
	_, port, err := net.SplitHostPort(value)
	if n, e := net.LookupPort("tcp", port); err != nil || e != nil || n < 0 || port == "" {
		k.bad(key, fmt.Sprintf("%q is no address to listen on", value), `Write ":443", "127.0.0.1:8080" or "unix:/run/strongroom/http".`)
	}
}

// loopback says whether a listening address can only be reached from this machine.
func loopback(listen string) bool {
	if strings.HasPrefix(listen, "unix:") {
		return true
	}
	host, _, err := net.SplitHostPort(listen)
	a, perr := netip.ParseAddr(host)
	return err == nil && (host == "localhost" || perr == nil && a.IsLoopback())
}

// path makes a path absolute, from the folder of the configuration.
func (k *checker) path(p *string) {
	if *p != "" && !filepath.IsAbs(*p) {
		*p = filepath.Join(filepath.Dir(k.c.file), *p)
	}
}

func (k *checker) data() {
	d := &k.c.Data
	k.required("data.folder", d.Folder, `Name a folder of its own: "data".`)
	k.path(&d.Folder)
	if d.KeyFile == "" {
		d.KeyFile = filepath.Join(d.Folder, "keys", "root.key")
	}
	k.path(&d.KeyFile)
	if a, b := d.Database.Clear(), d.KeyDatabase.Clear(); (a == "") != (b == "") || a != "" && a == b {
		k.bad("data.key_database", "the keys need a database of their own, beside data.database",
			"Set both to different databases, or neither for SQLite in the data folder.")
	}
	for _, x := range []struct {
		key string
		s   Secret
	}{{"data.database", d.Database}, {"data.key_database", d.KeyDatabase}} {
		if s := x.s.Clear(); s != "" && !strings.HasPrefix(s, "postgres://") && !strings.HasPrefix(s, "postgresql://") {
			k.bad(x.key, "must be an address that begins with postgres://", "Leave it out for SQLite in the data folder.")
		}
	}
}

func (k *checker) mail() {
	m := k.c.Mail
	k.required("mail.host", m.Host, "Name the SMTP server that takes the shop's mails.")
	if m.Port < 1 || m.Port > 65535 {
		k.bad("mail.port", "must be from 1 to 65535", "587 for starttls, 465 for tls.")
	}
	if m.Security == "none" && !loopback(net.JoinHostPort(m.Host, "25")) {
		k.bad("mail.security", "mails hold names and addresses and must not cross a network in clear",
			`Use "tls" or "starttls"; "none" is for a server on this machine (host "localhost" or "127.0.0.1").`)
	}
	k.listen("mail.bounce_listen", m.BounceListen, false)
	if m.BounceAddress != "" {
		k.email("mail.bounce_address", m.BounceAddress)
		if local, _, _ := strings.Cut(m.BounceAddress, "@"); len(local) > 20 || strings.Contains(local, "+") {
			k.bad("mail.bounce_address", "must have a short name without + before the @: a token of 43 characters is added", `Write "bounces@example.org".`)
		}
	}
	if m.BounceListen != "" && m.BounceAddress == "" {
		k.bad("mail.bounce_listen", "needs mail.bounce_address", `Write bounce_address = "bounces@example.org".`)
	}
	if (m.User == "") != m.Password.IsZero() {
		k.bad("mail.password", "user and password belong together", "Set both, or neither.")
	}
}

func (k *checker) payment() {
	p := k.c.Payment
	k.path(&k.c.Payment.SandboxCA)
	k.oneOf("payment.provider", p.Provider, "", "sandbox")
	k.oneOf("payment.capture", p.Capture, "", "order", "shipment")
	if p.Provider != "sandbox" {
		k.origin("payment.sandbox_url", p.SandboxURL, false)
		return // providers are set up at the desk
	}
	if !k.c.Server.TestMode {
		k.bad("payment.provider", "the sandbox moves no real money and would give goods away",
			"Set server.test_mode = true to try the shop out; every page says so then.")
	}
	k.origin("payment.sandbox_url", p.SandboxURL, true)
	k.required("payment.api_key", p.APIKey.Clear(), `"strongroom sandbox" prints it, or choose one and give it to both.`)
	k.required("payment.notice_secret", p.NoticeSecret.Clear(), `"strongroom sandbox" prints it, or choose one and give it to both.`)
}
