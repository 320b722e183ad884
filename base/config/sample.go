package config

import (
	"fmt"
	"strings"
	"text/template"
)

// Answers are what "strongroom init" knows when it writes a configuration.
type Answers struct {
	Name, LegalName string
	Data            string // folder of databases, pictures and keys; "" for one beside the configuration
	Address         []string
	Country         string
	Currency        string
	Languages       []string
	TimeZone        string
	Email           string
	PublicURL       string
	Listen          string
	Redirect        string // plain HTTP
	Authority       string // for certificates by themselves
	Certificate     string
	CertificateKey  string
	TrustedProxies  []string
	TestMode        bool
	MailHost        string
	Sandbox         string // origin of the payment sandbox
	SandboxCA       string // PEM file of its authority
	APIKey          string
	NoticeSecret    string
}

// Sample writes a commented configuration for the answers. What it writes, Load reads.
func Sample(a Answers) string {
	var b strings.Builder
	if err := sample.Execute(&b, a); err != nil {
		panic("config: the sample does not fit its answers: " + err.Error()) // a mistake in this file, seen by every test
	}
	return b.String()
}

var sample = template.Must(template.New("").Funcs(template.FuncMap{"q": quote, "list": quoteList}).Parse(sampleText))

// quote writes a TOML text.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteRune('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + `"`
}

func quoteList(ss []string) string {
	q := make([]string, len(ss))
	for i, s := range ss {
		q[i] = quote(s)
	}
	return "[" + strings.Join(q, ", ") + "]"
}

const sampleText = `# The configuration of this Strongroom store. Every key can also be set by an environment variable:
# mail.port is STRONGROOM_MAIL_PORT. Secrets can stand in files of their own: "file:smtp-password" as the value, or
# STRONGROOM_MAIL_PASSWORD_FILE=/run/secrets/smtp. Relative paths begin at this file's folder.
# "strongroom doctor --config" with this file says what does not work and how to mend it.

[shop]
name = {{q .Name}}            # as shoppers know it
legal_name = {{q .LegalName}} # who sells; stands in the imprint and in every mail
address = {{list .Address}}
country = {{q .Country}}      # the seller's country, two letters
currency = {{q .Currency}}    # fixed once there are orders
price_mode = "inclusive"      # "inclusive": prices contain tax; "exclusive": tax is added at the end
languages = {{list .Languages}} # there are "en" and "de"; the first is the default
# default_language = "en"
time_zone = {{q .TimeZone}}   # decides days and deadlines
email = {{q .Email}}          # where shoppers write to, and the sender of mails
# owner_email = "owner@example.org" # is told of new orders; email if not set
# phone = "+49 30 1234567"
# vat_id = "DE123456789"
# register = "Amtsgericht Berlin, HRB 12345"
# represented_by = "Jo Example"
withdrawal_days = 14          # the law of the European Union
return_days = 30              # what the shop gives of its own will; at least withdrawal_days

[server]
public_url = {{q .PublicURL}} # the one address that shoppers use; never taken from a request
# admin_url = "https://admin.example.org"
listen = {{q .Listen}}        # "host:port", or "unix:/run/strongroom/http" behind a proxy on this machine
{{if .Redirect}}redirect_listen = {{q .Redirect}}{{else}}# redirect_listen = ":80"{{end}}       # plain HTTP that only sends on to HTTPS, and answers the authority of [acme]
private_listen = "127.0.0.1:9464" # metrics and health, on this machine only
{{if .Certificate}}certificate = {{q .Certificate}} # read again when the file changes
certificate_key = {{q .CertificateKey}}{{else}}# certificate = "cert.pem"    # read again when the file changes
# certificate_key = "cert-key.pem"{{end}}
{{if .TrustedProxies}}trusted_proxies = {{list .TrustedProxies}}{{else}}# trusted_proxies = ["127.0.0.1"] # only these may say who the client is{{end}}
test_mode = {{.TestMode}}     # no real money moves, and every page says so
# leave_seconds = 10          # behind a balancer: how long a stop says so before it begins
drain_seconds = 20            # how long a stop waits for what is under way

[acme]                        # certificates by themselves, instead of files or a proxy
{{if .Authority}}authority = {{q .Authority}}{{else}}# authority = "https://acme-v02.api.letsencrypt.org/directory"{{end}} # using it means to agree to its terms
# authority_ca = "ca.pem"     # for an authority of your own
# profile = "shortlived"      # sort of certificate, as the authority calls it
# key_id = "id"               # external account, where the authority wants one
# key = "file:acme-key"
# resolver = "9.9.9.9:53"     # name server for the check before asking; the machine's if not set

[data]
folder = {{if .Data}}{{q .Data}}{{else}}"data"{{end}}               # database, pictures and keys; back it up
# database = "file:database-url"         # "postgres://..." for a store that has outgrown one file
# key_database = "file:key-database-url" # the keys in a database of their own, with backups of their own
# key_file = "data/keys/root.key"        # better on another disk; never in the same backup as the data

[keys]
provider = "file"             # where a new store makes its root key: "file", or "openbao" for a key service
# address = "https://bao.example.org:8200" # OpenBao or Vault; see docs/keys.md
# ca = "bao-ca.pem"           # the authority of its certificate, if the system does not know it
# namespace = "shop"
# mount = "transit"           # the transit engine
# key = "strongroom"          # the key in it
# token = "file:bao-token"    # or role_id and secret_id
# role_id = "00000000-0000-0000-0000-000000000000"
# secret_id = "file:bao-secret-id"
wait_seconds = 120            # how long a start waits for a key service that is sealed or away

[mail]
host = {{q .MailHost}}
port = 587
security = "starttls"         # "starttls", "tls", or "none" for a server on this machine
# user = "shop"
# password = "file:smtp-password"
# bounce_address = "bounces@example.org" # where undeliverable mails come back, as bounces+TOKEN@; see docs/mail.md
# bounce_listen = "127.0.0.1:2525" # takes those by SMTP; or have the mail server call "strongroom mail bounce"

[payment]
provider = "sandbox"          # the sandbox needs test_mode; "" when providers are set up at the desk
sandbox_url = {{q .Sandbox}}
{{if .SandboxCA}}sandbox_ca = {{q .SandboxCA}}{{else}}# sandbox_ca = "sandbox-ca.pem"{{end}} # the authority of its certificate, if the system does not know it
# capture = "shipment"        # hold the sum and take it when the goods leave; "order" takes it at once
account = "test"
api_key = {{q .APIKey}}
notice_secret = {{q .NoticeSecret}}

[password]
# leak_service = "https://api.pwnedpasswords.com" # asked whether a new password was leaked; gets five digits of a hash
# leak_list = "leaked.filter" # instead of it or beside it: made by "strongroom password-list build"
hash_memory = 32              # MiB that one check of a password costs, with the passes below
hash_passes = 2
hash_lanes = 1
hash_parallel = 0             # checks at once; 0: half of the processors

[sms]
provider = ""                 # "" for no codes by SMS, or "twilio"
# account = "AC00000000000000000000000000000000"
# api_key = "SK00000000000000000000000000000000"
# api_secret = "file:sms-secret"
# from = "+491701234567"      # the sending number, or a messaging service
# service = "MG00000000000000000000000000000000"
# countries = ["DE", "AT"]    # codes go to numbers of these alone; the shop's country if not set
range_hour = 20               # messages to numbers that begin alike, in an hour and in a day
range_day = 60
store_hour = 200              # messages of the whole store
store_day = 1000

[staff]
# notice_email = "me@elsewhere.example" # told of dangerous acts, with a link that stops them; owner_email if not set
refund_alone = "200"          # what one member may give back of an order without a second one
looks_hour = 20               # people whom a member may look at beside her open work
looks_day = 100

[log]
format = "text"               # "text" or "json"
level = "info"                # "debug", "info", "warn", "error"

[audit]
# checkpoint_folder = "/mnt/elsewhere/log" # signed heads of the audit log, on another disk or machine
# checkpoint_mail = "auditor@example.org"  # the same as a daily mail to an address outside
# store_url = "https://s3.example.org/bucket/log" # the same in an object store
# store_region = "eu-central-1"
# store_access_key = "file:store-access-key"
# store_secret_key = "file:store-secret-key"

[tax]
eu = "destination"            # rates of the country where the goods go; "home" for small sellers (article 59c)
# registered = ["GB"]         # further countries in whose tax you are registered
# outside = "zero"            # where you are not: "zero" is an export, "home" your own rates, "refuse" no delivery
# territories = "refuse"      # places with a country's address and not its tax, such as Livigno; the same words
# rates = ["CH standard 8.1 2024-01-01"] # country, class, percent, first day: what the table of rates lacks

[limits]
scale = 1                     # multiplies the requests that one network may send
page_cache = 96               # MiB of memory for finished pages; 0 for none

# [trace]                     # OpenTelemetry; nothing personal is in a trace, see docs/observing.md
# endpoint = "https://collector.example.org:4318"
# token = "file:collector-token"
# ca = "collector-ca.pem"     # its authority, if the system does not know it
# percent = 10                # of a hundred requests and jobs, how many are traced
# own_hosts = ["keys.example.org:8200"] # hosts of yours that are told which trace a call belongs to

# [watch]                     # the store looks at its own payment pages from outside every hour, see docs/payment-pages.md
# pages = true
# ca = "own-ca.pem"           # the authority of the shop's certificate, if the system does not know it
`
