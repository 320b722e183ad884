package app

import (
	"context"
	"encoding/hex"
	"net/http"
	"path/filepath"

	"strongroom/base/trace"
	"strongroom/front/demo/sandbox"
	"strongroom/front/notices"
	"strongroom/shop/payment"
	engine "strongroom/shop/payment/sandbox"
)

// openPayments makes the gateway to the configured provider. The demo runs the provider too, in this process, and the
// two speak without a network.
func (s *Store) openPayments(ctx context.Context) error {
	p := s.c.Payment
	way, err := http.RoundTripper(nil), error(nil)
	if s.c.Demo {
		p = s.demoPayment(p)
		if s.sandbox, err = s.demoSandbox(ctx, p); err != nil {
			return err
		}
		s.onClose(s.sandbox.Close)
		way = sandbox.Transport(s.sandbox)
	} else {
		way = trusting(p.SandboxCA)
	}
	way = trace.Transport("call.payment", way)
	g, err := engine.New(engine.Config{API: p.SandboxURL, Account: p.Account, Mode: payment.Test, Key: p.APIKey,
		Secrets: []string{p.NoticeSecret}, Transport: way})
	if err != nil {
		return &Error{Kind: BadConfig, Cause: err, What: "the payment provider cannot be used: " + err.Error(),
			Do: "Correct the keys in [payment]; \"strongroom sandbox\" prints the sandbox's."}
	}
	s.Payment, err = payment.New(payment.Deps{DB: s.Data, Audit: s.Audit, Jobs: s.Jobs, Gateways: []payment.Gateway{g},
		Log: s.c.Log, Zone: s.c.Shop.TimeZone, Held: s.held})
	return err
}

// demoPayment derives the demo's keys from the store's own, so that they stand in no file.
func (s *Store) demoPayment(p Payment) Payment {
	derive := func(label string) string { return hex.EncodeToString(s.Vault.MAC(label, []byte(p.Account))[:24]) }
	p.APIKey, p.NoticeSecret = "sk_test_"+derive("demo.sandbox.api"), "whsec_"+derive("demo.sandbox.notice")
	return p
}

func (s *Store) demoSandbox(ctx context.Context, p Payment) (*sandbox.Server, error) {
	notice := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		notices.New(s.Payment, s.c.Log).ServeHTTP(w, r)
	})
	return sandbox.New(ctx, sandbox.Config{Origin: p.SandboxURL, File: filepath.Join(s.c.Place.Folder, "sandbox.db"),
		Clock: s.c.Clock, Log: s.c.Log, Client: &http.Client{Transport: sandbox.Transport(notice)},
		Accounts: []sandbox.Account{{ID: p.Account, Name: s.c.Shop.Name, Mode: "test", Secret: p.APIKey,
			NoticeURL: s.c.Shop.URL("/notices/sandbox"), NoticeSecrets: []string{p.NoticeSecret}}}})
}
