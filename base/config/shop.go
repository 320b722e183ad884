package config

import (
	"slices"
	"strings"
	"time"

	"strongroom/base/money"
)

// The two price modes of a store.
const (
	Inclusive = "inclusive" // prices contain tax (shops for consumers)
	Exclusive = "exclusive" // tax is added at the end (shops for firms)
)

// Shop is what every service may need to know about the store. It is fixed at start.
type Shop struct {
	Name      string   // as shoppers know it: "Kiln & Orchard"
	LegalName string   // who sells: "Kiln & Orchard GmbH"
	Address   []string // postal address, one line each, without the country
	Country   string   // ISO 3166 code of the seller's country: "DE"
	Currency  money.Currency
	PriceMode string // Inclusive or Exclusive

	Languages       []string // offered, in order: "en", "de"
	DefaultLanguage string   // one of Languages
	TimeZone        *time.Location

	Email         string // where shoppers write to; also the sender of mails
	OwnerEmail    string // where the owner is told of new orders
	Phone         string
	VATID         string
	Register      string // court and number, for the imprint
	RepresentedBy string // for the imprint

	PublicURL string // https origin of the shop, without a slash at the end
	AdminURL  string // https origin of the admin; may be empty

	TestMode bool // no real money moves, and every page says so
	Demo     bool // furnished by the demo command: loopback names, captured mail

	WithdrawalDays int // 14 in the European Union
	ReturnDays     int // how long the shop takes things back of its own will; at least WithdrawalDays
}

// URL makes an absolute address of a path of the shop. The path begins with a slash.
func (s Shop) URL(path string) string { return s.PublicURL + path }

// Host is the authority of PublicURL: host, and port if it is not the default.
func (s Shop) Host() string { return strings.TrimPrefix(s.PublicURL, "https://") }

// Speaks says whether the shop offers a language.
func (s Shop) Speaks(lang string) bool { return slices.Contains(s.Languages, lang) }
