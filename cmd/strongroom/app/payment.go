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
	"strongroom/shop/payment/setup"
)

// openPayments makes the payments, with the gateways that the configuration names and those that were set up at the desk.
func (s *Store) openPayments(ctx context.Context) error {
	fixed, err := s.fixedGateways(ctx)
	if err != nil {
		return err
	}
	s.Setup, err = setup.New(setup.Deps{DB: s.Data, Vault: s.Vault, Audit: s.Audit, Jobs: s.Jobs, Shop: s.c.Shop, Makers: s.makers(),
		Second: s.Staff, Held: s.held, Log: s.c.Log})
	if err != nil {
		return err
	}
	if err := s.Setup.Refresh(ctx); err != nil {
		return err
	}
	s.Payment, err = payment.New(payment.Deps{DB: s.Data, Audit: s.Audit, Jobs: s.Jobs, Gateways: fixed, More: s.Setup.Offers,
		Log: s.c.Log, Held: s.held})
	s.Setup.SetPayments(s.Payment)
	return err
}

// fixedGateways are those that the configuration names with their keys. The demo runs the provider too, in this process,
// and the two speak without a network.
func (s *Store) fixedGateways(ctx context.Context) ([]payment.Gateway, error) {
	p := s.c.Payment
	way, err := http.RoundTripper(nil), error(nil)
	switch {
	case s.c.Demo:
		p = s.demoPayment(p)
		if s.sandbox, err = s.demoSandbox(ctx, p); err != nil {
			return nil, err
		}
		s.onClose(s.sandbox.Close)
		way = sandbox.Transport(s.sandbox)
	case !p.fixed():
		return nil, nil
	default:
		way = trusting(p.SandboxCA)
	}
	way = trace.Transport("call.payment", way)
	g, err := engine.New(engine.Config{API: p.SandboxURL, Account: p.Account, Mode: payment.Test, Key: p.APIKey,
		Secrets: []string{p.NoticeSecret}, Transport: way})
	if err != nil {
		return nil, &Error{Kind: BadConfig, Cause: err, What: "the payment provider cannot be used: " + err.Error(),
			Do: "Correct the keys in [payment]; \"strongroom sandbox\" prints the sandbox's."}
	}
	return []payment.Gateway{g}, nil
}

// checkModes refuses to serve with a provider whose keys are of the other mode: test keys would give goods away, and live
// keys would take money for orders that are a test.
func (s *Store) checkModes(ctx context.Context) error {
	label, err := s.Setup.CheckModes(ctx)
	if err == nil {
		return nil
	}
	if !setup.OtherMode(err) {
		return err
	}
	what, do := label+" is switched on with test keys, and server.test_mode is false: goods would be given away", "true"
	if s.c.Shop.TestMode {
		what, do = label+" is switched on with live keys, and server.test_mode is true: real money would be taken for a test", "false"
	}
	return &Error{Kind: BadConfig, Cause: err, What: what,
		Do: "Set server.test_mode = " + do + ", start, switch the provider off at the desk (Payment providers), and change the mode then."}
}

// demoPayment derives the demo's keys from the store's own, so that they stand in no file.
func (s *Store) demoPayment(p Payment) Payment {
	p.APIKey, p.NoticeSecret = s.demoKeys(p.Account)
	return p
}

func (s *Store) demoKeys(account string) (key, notice string) {
	derive := func(label string) string { return hex.EncodeToString(s.Vault.MAC(label, []byte(account))[:24]) }
	return "sk_test_" + derive("demo.sandbox.api"), "whsec_" + derive("demo.sandbox.notice")
}

// demoBank is the account of the second way to pay of the demo, which its owner can set up at the desk.
const demoBank = "acct_orchard"

func (s *Store) demoSandbox(ctx context.Context, p Payment) (*sandbox.Server, error) {
	notice := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		notices.New(s.Payment, s.c.Log).ServeHTTP(w, r)
	})
	account := func(id, key, secret, name string) sandbox.Account {
		return sandbox.Account{ID: id, Name: s.c.Shop.Name, Mode: "test", Secret: key, NoticeURL: s.c.Shop.URL("/notices/" + name), NoticeSecrets: []string{secret}}
	}
	key, secret := s.demoKeys(demoBank)
	return sandbox.New(ctx, sandbox.Config{Origin: p.SandboxURL, File: filepath.Join(s.c.Place.Folder, "sandbox.db"),
		Clock: s.c.Clock, Log: s.c.Log, Client: &http.Client{Transport: sandbox.Transport(notice)},
		Accounts: []sandbox.Account{account(p.Account, p.APIKey, p.NoticeSecret, "sandbox"), account(demoBank, key, secret, "dune_bank")}})
}
