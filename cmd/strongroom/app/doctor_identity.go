package app

import (
	"context"

	"strongroom/base/sms/twilio"
	"strongroom/guard/identity/strength"
)

// passwords says what new passwords are held against.
func (d *Doctor) passwords(ctx context.Context) {
	p := d.c.Password
	if p.LeakList != "" {
		f, err := strength.OpenFilter(p.LeakList)
		if err != nil {
			d.wrong("password.leak_list", "Build it with \"strongroom password-list build\", or take the line out.", "%v", err)
		} else {
			d.fine("password.leak_list", "%d leaked passwords", f.Entries())
			_ = f.Close()
		}
	}
	if p.LeakService != "" {
		// A password that is known to everybody: whoever does not know it is not the service.
		known, err := strength.NewService(p.LeakService, d.clock, nil).Leaked(ctx, "password")
		switch {
		case err != nil:
			d.warn("password.leak_service", "Let the server reach it, or build a list with \"strongroom password-list build\".", "%s does not answer", p.LeakService)
		case !known:
			d.wrong("password.leak_service", "Correct the address.", "%s answers, but does not know the word \"password\"", p.LeakService)
		default:
			d.fine("password.leak_service", "%s answers", p.LeakService)
		}
	}
	if p.LeakList == "" && p.LeakService == "" {
		d.warn("password", "Set password.leak_service, or build a list with \"strongroom password-list build\".",
			"new passwords are held against the shipped list of common ones only")
	}
}

// phones asks the provider of short messages whether our key is right. Nothing is sent.
func (d *Doctor) phones(ctx context.Context) {
	m := d.c.SMS
	if m.Provider == "" {
		return
	}
	s, err := twilio.New(twilio.Config{Account: m.Account, Key: m.APIKey, Secret: m.APISecret.Clear(), From: m.From, Service: m.Service, Clock: d.clock})
	if err == nil {
		err = s.Probe(ctx)
	}
	switch {
	case twilio.Keyless(err):
		d.wrong("sms", "Correct account, api_key and api_secret in [sms].", "Twilio does not accept our key")
	case err != nil:
		d.wrong("sms", "Let the server reach api.twilio.com.", "Twilio does not answer: %v", err)
	default:
		d.fine("sms", "Twilio answers and accepts our key")
	}
}
