package app

import (
	"context"
	"path/filepath"

	"strongroom/base/config"
	"strongroom/base/sms"
	"strongroom/base/sms/captured"
	"strongroom/base/sms/twilio"
	"strongroom/front/letters"
	"strongroom/guard/identity"
	"strongroom/guard/identity/hash"
)

// openPhones makes what sends short messages: the configured provider, the demo's box, or nothing.
func (s *Store) openPhones(context.Context) (err error) {
	sender := s.c.Identity.SMS
	if sender == nil && s.c.Identity.Phones.On {
		if s.phones, err = s.openPhoneBox(); err != nil {
			return err
		}
		sender = s.phones
	}
	_, err = letters.NewSMS(letters.SMSDeps{Identity: s.Identity, Texts: s.Texts, SMS: sender, Jobs: s.Jobs, Shop: s.c.Shop, Log: s.c.Log})
	return err
}

// openPhoneBox keeps short messages in the data folder, in files that only this store can read.
func (s *Store) openPhoneBox() (*captured.Box, error) {
	return captured.Open(filepath.Join(s.c.Place.Folder, "outbox"), s.c.Clock,
		func(b []byte) ([]byte, error) { return s.Vault.SealSecret("demo.sms", b) },
		func(b []byte) ([]byte, error) { return s.Vault.OpenSecret("demo.sms", b) })
}

// setIdentity takes what a configuration says of passwords and phones.
func (c *Config) setIdentity(f *config.Config) error {
	p, m := f.Password, f.SMS
	c.Identity = Identity{Hash: hash.Params{Memory: uint32(p.HashMemory) << 10, Passes: uint32(p.HashPasses), Lanes: uint8(p.HashLanes)},
		HashParallel: p.HashParallel, LeakService: p.LeakService, LeakList: p.LeakList,
		Phones: identity.PhoneRules{On: m.Provider != "", Home: f.Shop.Country, Countries: m.Countries, RangeHour: int64(m.RangeHour),
			RangeDay: int64(m.RangeDay), StoreHour: int64(m.StoreHour), StoreDay: int64(m.StoreDay)}}
	if m.Provider == "" {
		return nil
	}
	sender, err := openTwilio(f, c)
	if err != nil {
		return &Error{Kind: BadConfig, Cause: err, What: "short messages cannot be sent: " + err.Error(), Do: "Correct [sms]."}
	}
	c.Identity.SMS = sender
	return nil
}

func openTwilio(f *config.Config, c *Config) (sms.Sender, error) {
	m := f.SMS
	return twilio.New(twilio.Config{Account: m.Account, Key: m.APIKey, Secret: m.APISecret.Clear(), From: m.From, Service: m.Service, Clock: c.Clock})
}

// DemoPhones are the rules of the demo, whose messages cost nothing.
func DemoPhones() identity.PhoneRules {
	return identity.PhoneRules{On: true, Home: "DE", Countries: []string{"DE", "AT", "CH", "GB", "US"}}
}
