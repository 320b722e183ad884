package main

import (
	"log/slog"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"strongroom/base/clock"
	"strongroom/base/config"
	"strongroom/cmd/strongroom/app"
	"strongroom/guard/access"
	"strongroom/tools/standin/stripe"
)

// savedKeys has the owner of a store in that mode paste keys of Stripe and switch it on.
func savedKeys(t *testing.T, file, key string, live bool) {
	t.Helper()
	firm := stripe.New(stripe.Config{Clock: clock.System(), Accounts: []stripe.Account{{ID: "acct_1KilnAndOrchard", Name: "Kiln & Orchard",
		Keys: []stripe.Key{{Secret: key, Live: live, Rights: stripe.Rights()}}}}})
	api := httptest.NewServer(firm)
	defer api.Close()
	c, err := config.Load(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	ac, err := app.FromFile(c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ac.Payment.StripeURL = api.URL
	s, err := app.Open(t.Context(), ac)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	p, err := s.Setup.PutKeys(t.Context(), access.Console(), "stripe", map[string]string{"key": key})
	if err != nil || p.Problem != "" {
		t.Fatalf("the keys: %v %q", err, p.Problem)
	}
	if _, err := s.Setup.SwitchOn(t.Context(), access.Console(), p.ID, true); err != nil {
		t.Fatal(err)
	}
}

// Test and live keys are never mixed: the program refuses to start in the other mode, says which provider it is and what to
// do, and starts again in the right one. V13.4.2: what is for trying out does not get into the real shop.
func TestKeysOfTheOtherModeRefuseTheStart_V13_4_2(t *testing.T) {
	provider := regexp.MustCompile(`(?m)^provider = "sandbox".*$`)
	for name, c := range map[string]struct {
		key        string
		live       bool
		mode, then string
		want       []string
	}{
		"test keys in a live shop": {"rk_test_51restricted0123456789", false, "test_mode = true", "test_mode = false",
			[]string{"Stripe is switched on with test keys", "goods would be given away", "server.test_mode = true", "switch the provider off"}},
		"live keys in a test shop": {"rk_live_51restricted0123456789", true, "test_mode = false", "test_mode = true",
			[]string{"Stripe is switched on with live keys", "real money would be taken for a test", "server.test_mode = false", "switch the provider off"}},
	} {
		t.Run(name, func(t *testing.T) {
			file := initStore(t)
			set := func(mode string) {
				t.Helper()
				text := provider.ReplaceAllString(string(read(t, file)), `provider = ""`)
				text = regexp.MustCompile(`(?m)^test_mode = .*$`).ReplaceAllString(text, mode)
				if !strings.Contains(text, mode) {
					t.Fatal("the file says nothing of the mode")
				}
				write(t, file, []byte(text), 0o600)
			}
			set(c.mode)
			savedKeys(t, file, c.key, c.live)
			set(c.then)
			r := output(t, nil, "serve", "-c", file)
			r.expect(t, exitConfig, c.want...)
			if strings.Contains(r.out+r.err, c.key) {
				t.Error("the refusal shows the key")
			}
			set(c.mode)
			if r := output(t, nil, "doctor", "-c", file); strings.Contains(r.out+r.err, "is switched on with") {
				t.Errorf("in the right mode: %s", r.out)
			}
		})
	}
}
