package config

import (
	"fmt"
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
	k.acme()
	k.data()
	k.keys()
	k.mail()
	k.payment()
	k.passwords()
	k.sms()
	k.staff()
	k.audit()
	k.trace()
	k.tax()
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
	if c.Limits.PageCache < 0 || c.Limits.PageCache > 4096 {
		k.bad("limits.page_cache", "must be from 0 to 4096 MiB", "96 suits most shops; 0 switches the cache off.")
	}
	if c.Server.LeaveSeconds < 0 || c.Server.LeaveSeconds > 120 {
		k.bad("server.leave_seconds", "must be from 0 to 120", "0 without a balancer; else a little more than its time between two questions.")
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
