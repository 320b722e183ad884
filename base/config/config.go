// Package config reads what a store is told at start: one TOML file, then STRONGROOM_* environment variables on top.
//
// It is strict: an unknown key, a value of the wrong type and a value that cannot work are all refused, all at once,
// each with file, line, key, what is wrong and what to do. A variable is named after its key: mail.port is
// STRONGROOM_MAIL_PORT. Secrets may stand in files of their own: "file:/etc/strongroom/smtp-password" as the value,
// or STRONGROOM_MAIL_PASSWORD_FILE=/run/secrets/smtp. Relative paths are relative to the configuration's folder.
//
// Shop is the part that every service may need; the rest is for the wiring.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Config is the whole configuration, checked and with absolute paths.
type Config struct {
	Shop     ShopSection     `toml:"shop"`
	Server   ServerSection   `toml:"server"`
	ACME     ACMESection     `toml:"acme"`
	Data     DataSection     `toml:"data"`
	Keys     KeysSection     `toml:"keys"`
	Mail     MailSection     `toml:"mail"`
	Payment  PaymentSection  `toml:"payment"`
	Password PasswordSection `toml:"password"`
	SMS      SMSSection      `toml:"sms"`
	Staff    StaffSection    `toml:"staff"`
	Log      LogSection      `toml:"log"`
	Audit    AuditSection    `toml:"audit"`
	Limits   LimitsSection   `toml:"limits"`
	Tax      TaxSection      `toml:"tax"`
	Trace    TraceSection    `toml:"trace"`
	Watch    WatchSection    `toml:"watch"`

	file    string // where it was read from
	environ []string
	shop    Shop // made by check
}

// ShopSection is [shop]: who sells, in what.
type ShopSection struct {
	Name            string   `toml:"name"`
	LegalName       string   `toml:"legal_name"`
	Address         []string `toml:"address"`
	Country         string   `toml:"country"`
	Currency        string   `toml:"currency"`
	PriceMode       string   `toml:"price_mode"`
	Languages       []string `toml:"languages"`
	DefaultLanguage string   `toml:"default_language"`
	TimeZone        string   `toml:"time_zone"`
	Email           string   `toml:"email"`
	OwnerEmail      string   `toml:"owner_email"`
	Phone           string   `toml:"phone"`
	VATID           string   `toml:"vat_id"`
	Register        string   `toml:"register"`
	RepresentedBy   string   `toml:"represented_by"`
	WithdrawalDays  int      `toml:"withdrawal_days"`
	ReturnDays      int      `toml:"return_days"`
}

// ServerSection is [server]: where the store answers.
type ServerSection struct {
	PublicURL      string   `toml:"public_url"`
	AdminURL       string   `toml:"admin_url"`
	Listen         string   `toml:"listen"`          // "host:port" or "unix:/path"
	RedirectListen string   `toml:"redirect_listen"` // plain HTTP that only sends on to HTTPS; "" for none
	PrivateListen  string   `toml:"private_listen"`  // metrics and health, loopback only
	Certificate    string   `toml:"certificate"`
	CertificateKey string   `toml:"certificate_key"`
	TrustedProxies []string `toml:"trusted_proxies"`
	TestMode       bool     `toml:"test_mode"`
	LeaveSeconds   int      `toml:"leave_seconds"` // how long readiness says no before a stop begins
	DrainSeconds   int      `toml:"drain_seconds"`
}

// ACMESection is [acme]: who is asked for certificates, where neither files nor a proxy bring them.
type ACMESection struct {
	Authority   string `toml:"authority"`    // address of its ACME directory; "" for none
	AuthorityCA string `toml:"authority_ca"` // PEM file of whom to believe when talking to it; "" for the system's
	Profile     string `toml:"profile"`      // sort of certificate, as the authority calls it
	KeyID       string `toml:"key_id"`       // external account, where the authority wants one
	Key         Secret `toml:"key"`
	Resolver    string `toml:"resolver"` // name server for the check before asking; "" for the machine's
}

// LetsEncrypt is the authority that "strongroom init" proposes.
const LetsEncrypt = "https://acme-v02.api.letsencrypt.org/directory"

// DataSection is [data]: where everything is kept.
type DataSection struct {
	Folder      string `toml:"folder"`
	Database    Secret `toml:"database"`     // "" for SQLite in the folder, or a postgres:// address
	KeyDatabase Secret `toml:"key_database"` // the same for the keys; never the same database
	KeyFile     string `toml:"key_file"`
}

// KeysSection is [keys]: who keeps the root key.
type KeysSection struct {
	Provider    string `toml:"provider"` // where a new store's root key is made: "file" or "openbao"
	Address     string `toml:"address"`  // of the key service; "" for none
	CA          string `toml:"ca"`       // PEM file of an authority to believe for it; "" for the system's
	Namespace   string `toml:"namespace"`
	Mount       string `toml:"mount"` // of the transit engine
	Key         string `toml:"key"`   // its name in the transit engine
	Token       Secret `toml:"token"` // or role_id and secret_id
	RoleID      string `toml:"role_id"`
	SecretID    Secret `toml:"secret_id"`
	WaitSeconds int    `toml:"wait_seconds"` // how long a start waits for a service that is sealed or away
}

// MailSection is [mail]: the SMTP server that takes the store's mails.
type MailSection struct {
	Host     string `toml:"host"`
	Port     int    `toml:"port"`
	Security string `toml:"security"` // "tls", "starttls", or "none" for a server on this machine
	User     string `toml:"user"`
	Password Secret `toml:"password"`
	// BounceAddress gets what comes back, with a token behind a "+"; "" when bounces are not seen.
	BounceAddress string `toml:"bounce_address"`
	BounceListen  string `toml:"bounce_listen"` // SMTP for bounces; "" for none
}

// PaymentSection is [payment]: who takes the money.
type PaymentSection struct {
	Provider   string `toml:"provider"`
	SandboxURL string `toml:"sandbox_url"`
	SandboxCA  string `toml:"sandbox_ca"` // PEM file of an authority to believe for it; "" for the system's
	// Capture is when money is taken: "order" at once, "shipment" when the goods leave, where the provider can hold a sum.
	Capture      string `toml:"capture"`
	Account      string `toml:"account"`
	APIKey       Secret `toml:"api_key"`
	NoticeSecret Secret `toml:"notice_secret"`
}

// LogSection is [log].
type LogSection struct {
	Format string `toml:"format"` // "text" or "json"
	Level  string `toml:"level"`  // "debug", "info", "warn", "error"
}

// AuditSection is [audit]: where signed heads of the audit log are kept outside, so that its past cannot be changed
// unseen even by who rules the store's machine.
type AuditSection struct {
	CheckpointFolder string `toml:"checkpoint_folder"` // on another disk or machine; hourly
	CheckpointMail   string `toml:"checkpoint_mail"`   // an address outside; daily
	StoreURL         string `toml:"store_url"`         // "https://s3.example.com/bucket/prefix"; every quarter of an hour
	StoreRegion      string `toml:"store_region"`
	StoreAccessKey   Secret `toml:"store_access_key"`
	StoreSecretKey   Secret `toml:"store_secret_key"`
}

// TraceSection is the file's [trace]: where OpenTelemetry traces go; nowhere unless an endpoint is named.
type TraceSection struct {
	Endpoint string   `toml:"endpoint"` // origin of a collector that takes OTLP over HTTP
	CA       string   `toml:"ca"`       // PEM file of an authority to believe for it; "" for the system's
	Token    Secret   `toml:"token"`
	Percent  int      `toml:"percent"`   // how many of a hundred requests and jobs are traced
	OwnHosts []string `toml:"own_hosts"` // hosts that are told which trace a call belongs to
}

// WatchSection is [watch]: what the store looks at from outside by itself.
type WatchSection struct {
	Pages bool   `toml:"pages"` // the pages around payment, every hour
	CA    string `toml:"ca"`    // PEM file of an authority to believe for the shop's own address; "" for the system's
}

// TaxSection is [tax]: where the seller pays it. docs/prices.md says what follows.
type TaxSection struct {
	EU          string   `toml:"eu"`          // "destination", or "home" for small sellers
	Registered  []string `toml:"registered"`  // further countries in whose tax the seller is registered
	Outside     string   `toml:"outside"`     // "zero", "home", "refuse": countries where the seller is not registered
	Territories string   `toml:"territories"` // the same, for places with a country's address and not its tax
	Rates       []string `toml:"rates"`       // "COUNTRY CLASS PERCENT DAY": what the table of rates lacks
}

// TaxRate is one of TaxSection.Rates.
type TaxRate struct {
	Place, Class string
	PPM          int64 // parts per million
	From         string
}

// LimitsSection is [limits].
type LimitsSection struct {
	Scale     int `toml:"scale"`      // multiplies the rates per network; 1 suits a shop's usual visitors
	PageCache int `toml:"page_cache"` // MiB of finished pages kept in memory; 0 for none
}

// Again reads the file and the secrets' files once more, with the environment of the first time: for what may be changed
// while a store runs.
func (c *Config) Again() (*Config, error) { return Load(c.file, c.environ) }

// File is where the configuration was read from.
func (c *Config) File() string { return c.file }

// Settings are the shop's settings as every service gets them.
func (c *Config) Settings() Shop { return c.shop }

// Defaults is what a key has that is not set.
func Defaults() *Config {
	c := &Config{}
	c.Shop = ShopSection{PriceMode: Inclusive, Languages: []string{"en"}, TimeZone: "Europe/Berlin",
		WithdrawalDays: 14, ReturnDays: 30}
	c.Server = ServerSection{Listen: ":443", PrivateListen: "127.0.0.1:9464", DrainSeconds: 20}
	c.Keys = KeysSection{Provider: "file", Mount: "transit", Key: "strongroom", WaitSeconds: 120}
	c.Mail = MailSection{Port: 587, Security: "starttls"}
	c.Log = LogSection{Format: "text", Level: "info"}
	c.Password = PasswordSection{HashMemory: 32, HashPasses: 2, HashLanes: 1}
	c.SMS = SMSSection{RangeHour: 20, RangeDay: 60, StoreHour: 200, StoreDay: 1000}
	c.Staff = StaffSection{RefundAlone: "200", LooksHour: 20, LooksDay: 100}
	c.Limits = LimitsSection{Scale: 1, PageCache: 96}
	c.Trace = TraceSection{Percent: 10}
	c.Watch = WatchSection{Pages: true}
	c.Tax = TaxSection{EU: "destination", Outside: "zero", Territories: "refuse"}
	return c
}

// Load reads the file and the environment ("NAME=value") and checks everything. Errors are Problems.
func Load(path string, environ []string) (*Config, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	text, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return parse(path, text, environ)
}

// parse is Load without the reading.
func parse(path string, text []byte, environ []string) (*Config, error) {
	c := Defaults()
	c.file, c.environ = path, environ
	var ps Problems
	d := toml.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(c); err != nil {
		ps = append(ps, decodeProblems(path, err)...)
	}
	ps = append(ps, c.applyEnvironment(environ)...)
	if len(ps) > 0 {
		return nil, ps // what cannot be read cannot be checked
	}
	ps = append(ps, c.check(text)...)
	if len(ps) > 0 {
		return nil, ps
	}
	return c, nil
}

func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && info.Size() > 1<<20 {
		return nil, Problems{{File: path, What: "is larger than 1 MiB and cannot be a configuration",
			Do: "Name the file that \"strongroom init\" wrote."}}
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, Problems{{File: path, What: "does not exist",
			Do: "Make one with \"strongroom init --dir DIR\", or name another with --config."}}
	}
	if err != nil {
		return nil, Problems{{File: path, What: "cannot be read: " + plain(err).Error(),
			Do: "Let the user that runs strongroom read it."}}
	}
	return b, nil
}

// decodeProblems turns the decoder's errors into ours.
func decodeProblems(path string, err error) Problems {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) {
		var ps Problems
		for _, e := range unknown.Errors {
			row, _ := e.Position()
			ps = append(ps, unknownKey(path, row, strings.Join(e.Key(), ".")))
		}
		return ps
	}
	var de *toml.DecodeError
	if errors.As(err, &de) {
		row, _ := de.Position()
		return Problems{{File: path, Line: row, Key: strings.Join(de.Key(), "."),
			What: strings.TrimPrefix(de.Error(), "toml: "),
			Do:   "Compare the line with docs/configuration.md; texts stand in quotes, lists in [ ]."}}
	}
	return Problems{{File: path, What: strings.TrimPrefix(err.Error(), "toml: "),
		Do: "Compare the file with docs/configuration.md."}}
}

func unknownKey(path string, row int, key string) Problem {
	p := Problem{File: path, Line: row, Key: key, What: "is no key that this program knows",
		Do: "Take it out; the keys are listed in docs/configuration.md."}
	known := Keys()
	if !strings.Contains(key, ".") {
		known = sections()
	}
	if near := nearest(key, known); near != "" {
		p.Do = fmt.Sprintf("Did you mean %s? The keys are listed in docs/configuration.md.", near)
	}
	return p
}
