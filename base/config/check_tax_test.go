package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func taxed(t *testing.T, lines string) (*Config, error) {
	t.Helper()
	text := Sample(Answers{Name: "Shop", LegalName: "Shop Ltd", Address: []string{"Lane 1"}, Country: "DE", Currency: "EUR",
		Languages: []string{"en"}, TimeZone: "Europe/Berlin", Email: "a@shop.example", PublicURL: "https://shop.example",
		Listen: "127.0.0.1:8080", TrustedProxies: []string{"127.0.0.1"}, TestMode: true, MailHost: "mail.example",
		Sandbox: "https://pay.example", APIKey: "sk_test_0123456789abcdef", NoticeSecret: "whsec_0123456789abcdef0123456789abcdef"})
	text = strings.Replace(text, "[tax]\neu = \"destination\"", "[tax]\n"+lines, 1)
	file := filepath.Join(t.TempDir(), "strongroom.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(file, nil)
}

func TestTaxIsRead(t *testing.T) {
	c, err := taxed(t, `eu = "home"`+"\n"+`registered = ["gb"]`+"\n"+`outside = "refuse"`+"\n"+`rates = ["CH standard 8.1 2024-01-01", "DE super-reduced 0.0625 2020-01-01"]`)
	if err != nil {
		t.Fatal(err)
	}
	want := []TaxRate{{"CH", "standard", 81_000, "2024-01-01"}, {"DE", "super-reduced", 625, "2020-01-01"}}
	if c.Tax.EU != "home" || c.Tax.Registered[0] != "GB" || c.Tax.Outside != "refuse" || c.Tax.Territories != "refuse" || !slices.Equal(c.Overrides(), want) {
		t.Errorf("%+v, %+v", c.Tax, c.Overrides())
	}
}

func TestTaxIsChecked(t *testing.T) {
	for _, line := range []string{`eu = "origin"`, `outside = ""`, `territories = "no"`, `registered = ["GBR"]`, `rates = ["CH standard 8.1"]`,
		`rates = ["CH standard 800 2024-01-01"]`, `rates = ["CH standard -1 2024-01-01"]`, `rates = ["CH standard 8.1 2024-13-01"]`} {
		if _, err := taxed(t, line); err == nil || !strings.Contains(err.Error(), "tax.") {
			t.Errorf("%s: %v", line, err)
		}
	}
}
