package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"net/http"
	"os"
	"path/filepath"

	"strongroom/front/demo/sandbox"
	"strongroom/front/notices"
	"strongroom/shop/payment"
	engine "strongroom/shop/payment/sandbox"
)

// openPayments makes the gateway to the configured provider. The demo runs the provider too, in this process, and the
// two speak without a network.
func (s *Store) openPayments(ctx context.Context) error {
	p := s.c.Payment
	var way http.RoundTripper
	var err error
	if s.c.Demo {
		p = s.demoPayment(p)
		if s.sandbox, err = s.demoSandbox(ctx, p); err != nil {
			return err
		}
		s.onClose(s.sandbox.Close)
		way = sandbox.Transport(s.sandbox)
	} else if way, err = trusting(p.SandboxCA); err != nil {
		return err
	}
	g, err := engine.New(engine.Config{API: p.SandboxURL, Account: p.Account, Mode: payment.Test, Key: p.APIKey,
		Secrets: []string{p.NoticeSecret}, Transport: way})
	if err != nil {
		return &Error{Kind: BadConfig, Cause: err, What: "the payment provider cannot be used: " + err.Error(),
			Do: "Correct the keys in [payment]; \"strongroom sandbox\" prints the sandbox's."}
	}
	s.Payment, err = payment.New(payment.Deps{DB: s.Data, Audit: s.Audit, Jobs: s.Jobs, Gateways: []payment.Gateway{g},
		Log: s.c.Log, Held: s.held})
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

// trusting is a way to the provider that also believes the authority in a file.
func trusting(file string) (http.RoundTripper, error) {
	t := outward()
	if file == "" {
		return t, nil
	}
	pem, err := os.ReadFile(file)
	roots := x509.NewCertPool()
	if err != nil || !roots.AppendCertsFromPEM(pem) {
		return nil, &Error{Kind: BadConfig, Cause: err, What: "the authority " + file + " cannot be read",
			Do: "Name a PEM file of certificates in payment.sandbox_ca."}
	}
	t.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	return t, nil
}
