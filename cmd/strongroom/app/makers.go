package app

import (
	"cmp"
	"net/http"
	"strings"

	"strongroom/base/trace"
	"strongroom/front/demo/sandbox"
	"strongroom/shop/payment"
	"strongroom/shop/payment/offline"
	"strongroom/shop/payment/paypal"
	engine "strongroom/shop/payment/sandbox"
	"strongroom/shop/payment/stripe"
)

// makers are the payment providers that can be set up at the desk. One that the configuration names with its keys has no
// maker: there is nothing to set up.
func (s *Store) makers() map[string]payment.Maker {
	all := map[string]payment.Maker{string(offline.Transfer): s.transferMaker(), string(offline.PickUp): s.counterMaker(), stripe.Name: s.stripeMaker(), "paypal": s.paypalMaker()}
	if p := s.c.Payment; s.c.Shop.TestMode && p.SandboxURL != "" {
		if !s.c.Demo && !p.fixed() {
			all["sandbox"] = s.sandboxMaker("sandbox", "Dune Pay (sandbox)", "sandbox")
		}
		all["dune_bank"] = s.sandboxMaker("dune_bank", "Dune Bank (sandbox)", "bank")
	}
	return all
}

// stripeMaker takes a restricted key of Stripe.
func (s *Store) stripeMaker() payment.Maker {
	way := trace.Transport("call.payment", outward())
	return payment.Maker{Label: "Stripe", Check: stripe.Check,
		Fields: []payment.Field{{Name: "key", Secret: true}, {Name: "methods", Optional: true, Choices: stripe.MethodsFor(s.c.Shop.Currency)}, {Name: "account", Max: 70, Optional: true}},
		New: func(settings map[string]string, e payment.Env) (payment.Gateway, error) {
			return stripe.New(stripe.Options{Key: settings["key"], Secrets: e.Secrets, Account: cmp.Or(e.Account, settings["account"]), Mode: e.Mode, Methods: strings.Fields(settings["methods"]),
				BaseURL: s.c.Payment.StripeURL, Origin: s.c.Payment.StripePage, Client: through(e, way), Log: e.Log})
		}}
}

// paypalMaker takes what belongs to an app at PayPal. PayPal verifies its notices itself, so that there is no secret.
func (s *Store) paypalMaker() payment.Maker {
	way := trace.Transport("call.payment", outward())
	return payment.Maker{Label: "PayPal", NoticeByRef: true,
		Fields: []payment.Field{{Name: "client_id", Max: 200}, {Name: "secret", Secret: true}, {Name: "account", Max: 20, Optional: true}},
		New: func(settings map[string]string, e payment.Env) (payment.Gateway, error) {
			return paypal.New(paypal.Options{ClientID: settings["client_id"], Secret: settings["secret"], Account: cmp.Or(e.Account, settings["account"]),
				WebhookID: e.NoticeRef, Mode: e.Mode, BaseURL: s.c.Payment.PayPalURL, Client: through(e, way), Clock: s.c.Clock, Log: e.Log})
		}}
}

// through is a client whose way is watched, and that follows no redirect.
func through(e payment.Env, way http.RoundTripper) *http.Client {
	return &http.Client{Transport: e.Through(way), CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// fixed says whether the configuration holds everything that the sandbox needs, so that it is always on.
func (p Payment) fixed() bool { return !(p.APIKey == "" || p.NoticeSecret == "") }

// sandboxMaker takes the keys of an account at the payment sandbox. In the demo it shows them, too: they open nothing but
// the sandbox in the same process.
func (s *Store) sandboxMaker(name, label, method string) payment.Maker {
	p := s.c.Payment
	way := http.RoundTripper(nil)
	m := payment.Maker{Label: label, Check: prefixed("key", "sk_"),
		Fields: []payment.Field{{Name: "account", Max: 60}, {Name: "key", Secret: true}}}
	if s.c.Demo {
		way = sandbox.Transport(s.sandbox)
		key, secret := s.demoKeys(demoBank)
		m.Sample = map[string]string{"account": demoBank, "key": key, "secret": secret}
	} else {
		way, m.Sample = trusting(p.SandboxCA), p.Sample
	}
	way = trace.Transport("call.payment", way)
	m.New = func(settings map[string]string, e payment.Env) (payment.Gateway, error) {
		return engine.New(engine.Config{Name: name, Label: label, Methods: []string{method}, API: p.SandboxURL, Account: settings["account"],
			Mode: e.Mode, Key: settings["key"], Secrets: e.Secret(), Transport: e.Through(way)})
	}
	return m
}

// prefixed checks keys that say in their beginning whether they move real money, such as "sk_test_..." and "sk_live_...".
func prefixed(field string, forms ...string) func(map[string]string, payment.Mode) (string, string) {
	return func(settings map[string]string, store payment.Mode) (string, string) {
		key, other := settings[field], payment.Live
		if store == payment.Live {
			other = payment.Test
		}
		for _, f := range forms {
			if strings.HasPrefix(key, f+string(other)+"_") {
				return field, "provider.mode_" + string(other)
			}
			if strings.HasPrefix(key, f+string(store)+"_") {
				return "", ""
			}
		}
		if strings.HasPrefix(key, "pk_") {
			return field, "provider.key_public"
		}
		return field, "provider.key_form"
	}
}
