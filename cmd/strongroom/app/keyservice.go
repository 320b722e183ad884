package app

import (
	"context"
	"crypto/x509"
	"errors"
	"os"
	"strings"
	"time"

	"strongroom/base/config"
	"strongroom/base/fault"
	"strongroom/guard/vault"
	"strongroom/guard/vault/openbao"
)

// KeysOf is what the commands need that look after the keys alone.
func KeysOf(f *config.Config) Config {
	c := Config{Place: PlaceOf(f)}
	c.setKeys(f)
	return c
}

// setKeys says where the root key may live. The configuration is read again each time the key service is asked for, so
// that a running store can follow a root key that moved to a service that was configured after its start.
func (c *Config) setKeys(f *config.Config) {
	if f.Keys.Provider == "openbao" {
		c.FirstKey = vault.InService
	}
	c.Service = func(context.Context) (vault.Service, error) {
		if again, err := f.Again(); err == nil {
			f = again
		}
		if f.Keys.Address == "" {
			return nil, nil
		}
		return keyService(f.Keys)
	}
}

// keyService makes the client of the configured key service.
func keyService(k config.KeysSection) (*openbao.Client, error) {
	o := openbao.Config{Address: k.Address, Namespace: k.Namespace, Mount: k.Mount, Key: k.Key, RoleID: k.RoleID}
	if k.RoleID != "" {
		o.SecretID = k.SecretID.Again
	} else {
		o.Token = k.Token.Again
	}
	if k.CA != "" {
		pem, err := os.ReadFile(k.CA)
		o.Roots = x509.NewCertPool()
		if err != nil || !o.Roots.AppendCertsFromPEM(pem) {
			return nil, &Error{Kind: BadConfig, Cause: err, What: "keys.ca names no file of certificates", Do: "Name a PEM file that strongroom may read."}
		}
	}
	c, err := openbao.New(o)
	if err != nil {
		return nil, &Error{Kind: BadConfig, Cause: err, What: "the key service cannot be used: " + err.Error(), Do: "Correct [keys]."}
	}
	return c, nil
}

// openVault opens the vault, and waits for a key service that is sealed or away: nothing is lost by waiting, and
// whoever unseals it need not start the store as well.
func (s *Store) openVault(ctx context.Context, o vault.Options) (v *vault.Vault, err error) {
	until, cancel := context.WithTimeout(ctx, s.c.KeyWait)
	defer cancel()
	for told := false; ; told = true {
		if v, err = vault.Open(ctx, o); !serviceAway(err) || s.c.KeyWait <= 0 {
			return v, err
		}
		if !told {
			f := fault.As(err)
			s.c.Log.Warn("the store waits for its key service", "why", s.Texts.For("en").Fault(f), "do", f.Hint, "at_most", s.c.KeyWait.String())
		}
		select {
		case <-until.Done():
			return nil, errors.Join(err, ctx.Err())
		case <-time.After(2 * time.Second):
		}
	}
}

// serviceAway says whether an error may pass by itself.
func serviceAway(err error) bool {
	f := fault.As(err)
	return f != nil && f.Kind == fault.Unavailable && strings.HasPrefix(f.Key, "vault.service_")
}

// placeWarning says in the log that the root key lives elsewhere than the configuration has it.
func (s *Store) placeWarning(ctx context.Context) {
	place, err := s.Vault.Where(ctx)
	switch {
	case err != nil:
	case place == vault.InFile && s.c.FirstKey == vault.InService:
		s.c.Log.Warn("the root key lives in the key file, and keys.provider names the key service", "do", "strongroom key move --to openbao")
	case place == vault.InService && s.c.FirstKey != vault.InService:
		s.c.Log.Warn("the root key lives in the key service, and keys.provider names the key file", "do", "set keys.provider = \"openbao\", or: strongroom key move --to file")
	}
}
