package app

import (
	"net/http"
	"strings"

	"strongroom/base/trace"
	"strongroom/front/demo/sandbox"
	"strongroom/shop/payment"
	engine "strongroom/shop/payment/sandbox"
)

// makers are the payment providers that can be set up at the desk. One that the configuration names with its keys has no
// maker: there is nothing to set up.
func (s *Store) makers() map[string]payment.Maker {
	all := map[string]payment.Maker{"transfer": s.transferMaker()}
	if p := s.c.Payment; s.c.Shop.TestMode && p.SandboxURL != "" {
		if !s.c.Demo && !p.fixed() {
			all["sandbox"] = s.sandboxMaker("sandbox", "Dune Pay (sandbox)", "sandbox")
		}
		all["dune_bank"] = s.sandboxMaker("dune_bank", "Dune Bank (sandbox)", "bank")
	}
	return all
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
		way = trusting(p.SandboxCA)
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
