package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // the store's time zone must not depend on the machine

	"strongroom/base/money"
)

// checker collects problems; each names its key, and the line if the file sets it.
type checker struct {
	c    *Config
	text string
	ps   Problems
}

// check looks at every value, makes paths absolute and builds the shop's settings.
func (c *Config) check(text []byte) Problems {
	k := &checker{c: c, text: string(text)}
	k.secrets()
	k.shop()
	k.words()
	k.server()
	k.data()
	k.mail()
	k.payment()
	return k.ps
}

// bad notes a problem.
func (k *checker) bad(key, what, do string) {
	k.ps = append(k.ps, Problem{File: k.c.file, Line: lineOf(k.text, key), Key: key, What: what, Do: do})
}

// lineOf finds the line on which the file sets a key; 0 if it does not.
func lineOf(text, key string) int {
	section, name, _ := strings.Cut(key, ".")
	in, n := "", 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			in = strings.Trim(strings.SplitN(line, "#", 2)[0], "[] \t")
		}
		left, _, ok := strings.Cut(line, "=")
		if left = strings.TrimSpace(left); ok && (in == section && left == name || in == "" && left == key) {
			return n
		}
	}
	return 0
}

func (k *checker) secrets() {
	for _, f := range fields(k.c) {
		if s, ok := f.value.Addr().Interface().(*Secret); ok {
			if err := s.resolve(filepath.Dir(k.c.file)); err != nil {
				k.bad(f.key, err.Error(), "Name a file that holds just the secret and that strongroom may read.")
			}
		}
	}
}

// required refuses empty texts.
func (k *checker) required(key, value, do string) {
	if strings.TrimSpace(value) == "" {
		k.bad(key, "must be set", do)
	}
}

// oneOf refuses other words.
func (k *checker) oneOf(key, value string, words ...string) {
	if !slices.Contains(words, value) {
		do := "Use one of: " + strings.Join(words, ", ") + "."
		k.bad(key, fmt.Sprintf("%q is not possible here", value), do)
	}
}

// words are the keys that take one of a few.
func (k *checker) words() {
	c := k.c
	k.oneOf("shop.price_mode", c.Shop.PriceMode, Inclusive, Exclusive)
	k.oneOf("log.format", c.Log.Format, "text", "json")
	k.oneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	k.oneOf("mail.security", c.Mail.Security, "tls", "starttls", "none")
	if c.Limits.Scale < 1 || c.Limits.Scale > 1000 {
		k.bad("limits.scale", "must be from 1 to 1000", "1 suits most shops.")
	}
	if c.Server.DrainSeconds < 1 || c.Server.DrainSeconds > 600 {
		k.bad("server.drain_seconds", "must be from 1 to 600", "20 suits most shops.")
	}
}

func (k *checker) shop() {
	s := k.c.Shop
	k.required("shop.name", s.Name, "Give the shop the name that shoppers know.")
	k.required("shop.legal_name", s.LegalName, "The law wants the seller's full name on every page and mail.")
	if len(s.Address) == 0 {
		k.bad("shop.address", "must be set", `List the lines of the postal address: ["Street 1", "12345 Town"].`)
	}
	if !isCountry(s.Country) {
		k.bad("shop.country", "must be the two letters of a country", `Write "DE", "AT", "FR" and so on.`)
	}
	if !money.Currency(s.Currency).Known() {
		k.bad("shop.currency", fmt.Sprintf("%q is no currency that a store can run in", s.Currency), `Write "EUR", "CHF", "GBP" and so on.`)
	}
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil || s.TimeZone == "" || s.TimeZone == "Local" {
		k.bad("shop.time_zone", fmt.Sprintf("%q is no time zone", s.TimeZone), `Write a name such as "Europe/Berlin".`)
	}
	k.languages()
	k.email("shop.email", s.Email)
	if s.OwnerEmail == "" {
		s.OwnerEmail = s.Email
	}
	k.email("shop.owner_email", s.OwnerEmail)
	if s.WithdrawalDays < 0 || s.WithdrawalDays > 365 || s.ReturnDays < s.WithdrawalDays || s.ReturnDays > 730 {
		k.bad("shop.return_days", "must be at least withdrawal_days and at most 730",
			"The European Union gives consumers 14 days of withdrawal at least.")
	}
	k.c.shop = k.c.settings(zone, s.OwnerEmail)
}

// settings copies what every service may need.
func (c *Config) settings(zone *time.Location, owner string) Shop {
	s := c.Shop
	first := s.DefaultLanguage
	if first == "" && len(s.Languages) > 0 {
		first = s.Languages[0]
	}
	return Shop{Name: s.Name, LegalName: s.LegalName, Address: s.Address, Country: s.Country,
		Currency: money.Currency(s.Currency), PriceMode: s.PriceMode, Languages: s.Languages, DefaultLanguage: first,
		TimeZone: zone, Email: s.Email, OwnerEmail: owner, Phone: s.Phone, VATID: s.VATID, Register: s.Register,
		RepresentedBy: s.RepresentedBy, PublicURL: strings.TrimSuffix(c.Server.PublicURL, "/"),
		AdminURL: strings.TrimSuffix(c.Server.AdminURL, "/"), TestMode: c.Server.TestMode,
		WithdrawalDays: s.WithdrawalDays, ReturnDays: s.ReturnDays}
}

// Spoken are the languages that the program's own texts are complete in.
var spoken = []string{"en", "de"}

func (k *checker) languages() {
	s := k.c.Shop
	if len(s.Languages) == 0 {
		k.bad("shop.languages", "must name at least one language", `Write ["en"], ["de"] or ["en", "de"].`)
	}
	for _, l := range s.Languages {
		if !slices.Contains(spoken, l) {
			k.bad("shop.languages", fmt.Sprintf("%q is no language that the store's texts exist in", l),
				"There are: "+strings.Join(spoken, ", ")+".")
		}
	}
	if s.DefaultLanguage != "" && !slices.Contains(s.Languages, s.DefaultLanguage) {
		k.bad("shop.default_language", "must be one of shop.languages", "")
	}
}

func (k *checker) email(key, value string) {
	local, host, ok := strings.Cut(value, "@")
	if !ok || local == "" || !strings.Contains(host, ".") && host != "localhost" || strings.ContainsAny(value, " \t\r\n<>,;") {
		k.bad(key, "must be an e-mail address", `Write just the address: "shop@example.org".`)
	}
}

func isCountry(s string) bool {
	return len(s) == 2 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z'
}

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
	if s.Certificate == "" && len(s.TrustedProxies) == 0 && !strings.HasPrefix(s.Listen, "unix:") {
		k.bad("server.certificate", "there is neither a certificate nor a trusted proxy, so nothing would be encrypted",
			"Set certificate and certificate_key, or name the proxy in server.trusted_proxies.")
	}
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
	if (m.User == "") != m.Password.IsZero() {
		k.bad("mail.password", "user and password belong together", "Set both, or neither.")
	}
}

func (k *checker) payment() {
	p := k.c.Payment
	k.oneOf("payment.provider", p.Provider, "sandbox")
	if p.Provider != "sandbox" {
		return
	}
	if !k.c.Server.TestMode {
		k.bad("payment.provider", "the sandbox moves no real money and would give goods away",
			"Set server.test_mode = true to try the shop out; every page says so then.")
	}
	k.origin("payment.sandbox_url", p.SandboxURL, true)
	k.required("payment.api_key", p.APIKey.Clear(), `"strongroom sandbox" prints it, or choose one and give it to both.`)
	k.required("payment.notice_secret", p.NoticeSecret.Clear(), `"strongroom sandbox" prints it, or choose one and give it to both.`)
}
