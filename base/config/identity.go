package config

import "regexp"

// PasswordSection is [password]: how passwords are checked and kept.
type PasswordSection struct {
	LeakService  string `toml:"leak_service"` // https origin of the service that knows leaked passwords; "" asks nobody
	LeakList     string `toml:"leak_list"`    // filter made by "strongroom password-list build"
	HashMemory   int    `toml:"hash_memory"`  // MiB
	HashPasses   int    `toml:"hash_passes"`
	HashLanes    int    `toml:"hash_lanes"`
	HashParallel int    `toml:"hash_parallel"` // at once; 0: half of the processors
}

// SMSSection is [sms]: who sends codes to mobile phones, and how many at most.
type SMSSection struct {
	Provider  string   `toml:"provider"` // "" or "twilio"
	Account   string   `toml:"account"`
	APIKey    string   `toml:"api_key"`
	APISecret Secret   `toml:"api_secret"`
	From      string   `toml:"from"`
	Service   string   `toml:"service"`
	Countries []string `toml:"countries"` // default: the shop's
	RangeHour int      `toml:"range_hour"`
	RangeDay  int      `toml:"range_day"`
	StoreHour int      `toml:"store_hour"`
	StoreDay  int      `toml:"store_day"`
}

func (k *checker) passwords() {
	p := &k.c.Password
	k.path(&p.LeakList)
	k.origin("password.leak_service", p.LeakService, false)
	if p.HashMemory < 19 || p.HashMemory > 1024 || p.HashPasses < 1 || p.HashPasses > 16 || p.HashMemory < 46 && p.HashPasses < 2 {
		k.bad("password.hash_memory", "the hash must cost at least 19 MiB in 2 passes, or 46 MiB in one, and at most 1024 MiB in 16",
			"32 MiB and 2 passes suit small machines; 64 MiB, 3 passes and 4 lanes larger ones.")
	}
	if p.HashLanes < 1 || p.HashLanes > 16 {
		k.bad("password.hash_lanes", "must be from 1 to 16", "1 suits most shops.")
	}
	if p.HashParallel < 0 || p.HashParallel > 64 {
		k.bad("password.hash_parallel", "must be from 0 to 64", "0 leaves half of the processors to those who shop.")
	}
}

// The forms of Twilio's names and of telephone numbers.
var (
	twilioAccount = regexp.MustCompile(`^AC[0-9a-f]{32}$`)
	twilioKey     = regexp.MustCompile(`^(SK|AC)[0-9a-f]{32}$`)
	twilioService = regexp.MustCompile(`^(MG[0-9a-f]{32})?$`)
	e164          = regexp.MustCompile(`^(\+[1-9][0-9]{6,14})?$`)
)

func (k *checker) sms() {
	m := &k.c.SMS
	if len(m.Countries) == 0 {
		m.Countries = []string{k.c.Shop.Country}
	}
	for _, c := range m.Countries {
		if !isCountry(c) {
			k.bad("sms.countries", "must list countries by two letters", `Write ["DE", "AT"].`)
			break
		}
	}
	if min(m.RangeHour, m.RangeDay, m.StoreHour, m.StoreDay) < 1 || max(m.RangeHour, m.RangeDay, m.StoreHour, m.StoreDay) > 1_000_000 {
		k.bad("sms.store_day", "the budgets must be from 1 to 1000000", "The defaults suit most shops.")
	}
	k.oneOf("sms.provider", m.Provider, "", "twilio")
	if m.Provider != "twilio" {
		return
	}
	if !twilioAccount.MatchString(m.Account) {
		k.bad("sms.account", "must be the name of an account", `It begins with "AC" and stands in Twilio's console.`)
	}
	if !twilioKey.MatchString(m.APIKey) {
		k.bad("sms.api_key", "must be the name of an API key", `It begins with "SK"; make one in Twilio's console for this shop alone.`)
	}
	k.required("sms.api_secret", m.APISecret.Clear(), "Twilio shows it once, when the key is made.")
	if (m.From == "") == (m.Service == "") || !e164.MatchString(m.From) || !twilioService.MatchString(m.Service) {
		k.bad("sms.from", "either a sending number or a messaging service is needed", `Write from = "+491701234567", or service = "MG..."`)
	}
}
