package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func answers() Answers {
	return Answers{Name: `Kiln "&" Orchard`, LegalName: "Kiln GmbH", Address: []string{"Ofenweg 1", "10115 Berlin"},
		Country: "DE", Currency: "EUR", Languages: []string{"en", "de"}, TimeZone: "Europe/Berlin",
		Email: "shop@example.org", PublicURL: "https://shop.example.org", Listen: ":8443",
		Certificate: "cert.pem", CertificateKey: "key.pem", TestMode: true, MailHost: "mail.example.org",
		Sandbox: "https://pay.example.org", APIKey: "k", NoticeSecret: "s"}
}

// load writes text into a folder of its own and loads it.
func load(t *testing.T, text string, environ ...string) (*Config, string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "strongroom.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(path, environ)
	return c, path, err
}

func TestSampleLoads(t *testing.T) {
	c, path, err := load(t, Sample(answers()))
	if err != nil {
		t.Fatal(err)
	}
	s := c.Settings()
	if s.Name != `Kiln "&" Orchard` || s.Currency != "EUR" || s.OwnerEmail != "shop@example.org" ||
		s.DefaultLanguage != "en" || s.TimeZone.String() != "Europe/Berlin" || !s.TestMode || s.Host() != "shop.example.org" {
		t.Errorf("settings: %+v", s)
	}
	if want := filepath.Join(filepath.Dir(path), "data"); c.Data.Folder != want || c.Data.KeyFile != want+"/keys/root.key" {
		t.Errorf("paths are not from the file's folder: %q %q", c.Data.Folder, c.Data.KeyFile)
	}
}

func TestSampleNamesEveryKey(t *testing.T) {
	text := Sample(answers())
	for _, key := range Keys() {
		_, name, _ := strings.Cut(key, ".")
		if !strings.Contains(text, "\n"+name+" = ") && !strings.Contains(text, "\n# "+name+" = ") {
			t.Errorf("the sample does not mention %s", key)
		}
	}
}

// Every mistake is answered with the line, the key, what is wrong and what to do.
func TestMistakesAreExplained(t *testing.T) {
	good := Sample(answers())
	for name, c := range map[string]struct {
		old, new string
		want     []string
	}{
		"mistyped key":     {"withdrawal_days", "withdrawl_days", []string{":", "shop.withdrawl_days", "Did you mean shop.withdrawal_days?"}},
		"unknown section":  {"[limits]", "[limit]", []string{"limit", "Did you mean"}},
		"wrong type":       {"port = 587", `port = "many"`, []string{"mail.port", "docs/configuration.md"}},
		"syntax":           {`country = "DE"`, `country = "DE`, []string{"strongroom.toml:"}},
		"currency":         {`currency = "EUR"`, `currency = "DOGE"`, []string{"shop.currency", `"DOGE"`, `"EUR"`}},
		"country":          {`country = "DE"`, `country = "Germany"`, []string{"shop.country", "two letters"}},
		"zone":             {"Europe/Berlin", "Europe/Atlantis", []string{"shop.time_zone", "Europe/Berlin"}},
		"plain address":    {"https://shop.example.org", "http://shop.example.org", []string{"server.public_url", "https"}},
		"sandbox for real": {"test_mode = true", "test_mode = false", []string{"payment.provider", "test_mode"}},
		"money some time":  {`account = "test"`, "capture = \"later\"\naccount = \"test\"", []string{"payment.capture", "shipment"}},
		"private in public": {`private_listen = "127.0.0.1:9464"`, `private_listen = "0.0.0.0:9464"`,
			[]string{"server.private_listen", "loopback"}},
		"half a certificate": {`certificate_key = "key.pem"`, "", []string{"server.certificate_key", "together"}},
		"missing secret": {`api_key = "k"`, `api_key = "file:gone"`,
			[]string{"payment.api_key", "gone", "no such file"}},
		"service in clear": {`provider = "file"  `, "address = \"http://bao.example.org\"\ntoken = \"t\"\nprovider = \"file\"", []string{"keys.address", "https"}},
		"service unnamed":  {`provider = "file"`, `provider = "openbao"`, []string{"keys.address", "must be set"}},
		"service unproven": {`provider = "file"  `, "address = \"https://bao.example.org\"\nprovider = \"file\"", []string{"keys.token", "role_id"}},
		"half a role":      {`provider = "file"  `, "address = \"https://bao.example.org\"\nrole_id = \"r\"\nprovider = \"file\"", []string{"keys.secret_id", "together"}},
		"mail in clear":    {`security = "starttls"`, `security = "none"`, []string{"mail.security", "clear"}},
		"leaks in clear":   {`[password]`, "[password]\nleak_service = \"http://leaks.example\"", []string{"password.leak_service", "https"}},
		"cheap hash":       {"hash_memory = 32", "hash_memory = 8", []string{"password.hash_memory", "19 MiB"}},
		"half a provider":  {`provider = ""`, `provider = "twilio"`, []string{"sms.account", "sms.api_key", "sms.api_secret", "sms.from"}},
		"no country":       {"range_hour = 20", "countries = [\"Germany\"]\nrange_hour = 20", []string{"sms.countries", "two letters"}},
		"no budget":        {"store_day = 1000", "store_day = 0", []string{"sms.store_day"}},
		"language":         {`languages = ["en", "de"]`, `languages = ["tlh"]`, []string{"shop.languages", "tlh"}},
		"one key database": {`folder = "data" `, "database = \"postgres://a\"\nfolder = \"data\" ", []string{"data.key_database"}},
	} {
		t.Run(name, func(t *testing.T) {
			broken := strings.Replace(good, c.old, c.new, 1)
			if broken == good {
				t.Fatal("the case changes nothing")
			}
			_, _, err := load(t, broken)
			var ps Problems
			if !errors.As(err, &ps) {
				t.Fatalf("got %v", err)
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q is not in:\n%s", w, err)
				}
			}
		})
	}
}

func TestProblemNamesTheLine(t *testing.T) {
	text := Sample(answers())
	before, _, _ := strings.Cut(text, "currency = ")
	_, path, err := load(t, strings.Replace(text, `"EUR"`, `"XXX"`, 1))
	var ps Problems
	if !errors.As(err, &ps) || len(ps) != 1 || ps[0].Line != strings.Count(before, "\n")+1 || ps[0].File != path {
		t.Errorf("got %+v", ps)
	}
}

func TestEnvironment(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "smtp")
	if err := os.WriteFile(secret, []byte("very secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, _, err := load(t, Sample(answers()), "STRONGROOM_MAIL_PORT=465", "STRONGROOM_SHOP_LANGUAGES=de",
		"STRONGROOM_MAIL_USER=shop", "STRONGROOM_MAIL_PASSWORD_FILE="+secret, "STRONGROOM_TEST_POSTGRES=x", "HOME=/")
	if err != nil {
		t.Fatal(err)
	}
	if c.Mail.Port != 465 || len(c.Shop.Languages) != 1 || c.Mail.Password.Clear() != "very secret" {
		t.Errorf("not taken: %+v", c.Mail)
	}
	for env, want := range map[string]string{
		"STRONGROOM_MAIL_PROT=1":          "Did you mean STRONGROOM_MAIL_PORT?",
		"STRONGROOM_MAIL_PORT=many":       "whole number",
		"STRONGROOM_MAIL_HOST_FILE=/x":    "no secret",
		"STRONGROOM_SERVER_TEST_MODE=hmm": "true or false",
	} {
		if _, _, err := load(t, Sample(answers()), env); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", env, err)
		}
	}
}

// A secret shows up in no error, no print and no JSON.
func TestSecretsStayHidden(t *testing.T) {
	c, _, err := load(t, strings.Replace(Sample(answers()), `api_key = "k"`, `api_key = "planted-value"`, 1))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{c.Payment.APIKey.String(), sprint("%v", c), sprint("%+v", c), sprint("%#v", c.Payment), sprint("%s", c.Payment.APIKey)} {
		if strings.Contains(s, "planted-value") {
			t.Errorf("shown in %.80s", s)
		}
	}
	_, _, err = load(t, Sample(answers()), "STRONGROOM_DATA_DATABASE=mysql://u:planted-value@h/d", "STRONGROOM_DATA_KEY_DATABASE=x")
	if err == nil || strings.Contains(err.Error(), "planted-value") {
		t.Errorf("error: %v", err)
	}
}

func TestMissingFile(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "none.toml"), nil)
	if err == nil || !strings.Contains(err.Error(), "strongroom init") {
		t.Errorf("got %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(Sample(answers()))
	f.Add("[shop]\nname = 3")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parse("/x/strongroom.toml", []byte(text), nil)
		if (c == nil) == (err == nil) {
			t.Errorf("config %v, error %v", c, err)
		}
	})
}

func sprint(format string, v any) string { return fmt.Sprintf(format, v) }
