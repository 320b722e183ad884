package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"strongroom/base/mail/smtp"
	"strongroom/shop/payment"
	engine "strongroom/shop/payment/sandbox"
)

// ports says whether the addresses are free, or in use by this very store.
func (d *Doctor) ports(context.Context) {
	running := d.running()
	for key, address := range map[string]string{"server.listen": d.c.Server.Listen, "server.private_listen": d.c.Server.PrivateListen,
		"server.redirect_listen": d.c.Server.RedirectListen} {
		if address == "" {
			continue
		}
		ln, err := listen(address)
		if err == nil {
			_ = ln.Close()
			d.fine(key, "%s is free", address)
			continue
		}
		var e *Error
		if errors.As(err, &e) && e.Kind == InUse && running {
			d.fine(key, "%s is in use, and the store runs", address)
			continue
		}
		d.wrong(key, e.Do, "%s", e.What)
	}
}

// running says whether this store runs on this machine.
func (d *Doctor) running() bool {
	unlock, err := lock(d.place.Folder, false)
	if err == nil {
		unlock()
		return false
	}
	var e *Error
	return errors.As(err, &e) && e.Kind == InUse
}

func (d *Doctor) mail(ctx context.Context) {
	m := d.c.Mail
	s, err := smtp.New(smtp.Config{Host: m.Host, Port: m.Port, Encryption: smtp.Encryption(m.Security), User: m.User,
		Password: m.Password.Clear(), From: d.c.Shop.Email, FromName: d.c.Shop.Name, Timeout: 10 * time.Second})
	if err == nil {
		err = s.Probe(ctx)
	}
	if err != nil {
		d.wrong("mail", "Check host, port, security, user and password in [mail].", "%s:%d does not take mail from us: %v", m.Host, m.Port, err)
		return
	}
	d.fine("mail", "%s:%d answers and lets us in", m.Host, m.Port)
}

// provider asks the payment provider for a session that does not exist: the answer tells whether our keys are right.
// Its clock is held beside ours, because notices are only believed for five minutes.
func (d *Doctor) provider(ctx context.Context) {
	const name = "payment"
	p := d.c.Payment
	if p.Provider == "" {
		d.fine(name, "providers are set up at the desk, and tested there")
		return
	}
	dated := &dateKeeper{way: trusting(p.SandboxCA)}
	g, err := engine.New(engine.Config{API: p.SandboxURL, Account: p.Account, Mode: payment.Test, Key: p.APIKey.Clear(),
		Secrets: []string{p.NoticeSecret.Clear()}, Transport: dated})
	if err != nil {
		d.wrong(name, "Correct [payment].", "%v", err)
		return
	}
	switch _, err = g.Fetch(ctx, "cs_doctor"); {
	case errors.Is(err, payment.ErrNotFound):
		d.warn(name, "Set up a payment provider before real orders come.", "the sandbox answers and takes our keys; no real money moves (test mode)")
	case errors.Is(err, payment.ErrRejected):
		d.wrong(name, "Correct payment.account and payment.api_key.", "%s does not accept our keys", p.SandboxURL)
	default:
		d.wrong(name, "Start it (strongroom sandbox --config "+d.c.File()+"), or correct payment.sandbox_url and payment.sandbox_ca.",
			"%s does not answer", p.SandboxURL)
	}
	d.time(dated.date)
}

func (d *Doctor) time(theirs time.Time) {
	if theirs.IsZero() {
		return
	}
	if off := d.clock.Now().Sub(theirs).Round(time.Second).Abs(); off > time.Minute {
		d.wrong("clock", "Set the machine's clock, and keep it right with NTP.", "it differs from the payment provider's by %v", off)
		return
	}
	d.fine("clock", "agrees with the payment provider's")
}

// dateKeeper remembers the date of the last answer.
type dateKeeper struct {
	way  http.RoundTripper
	date time.Time
}

// RoundTrip passes the request on.
func (k *dateKeeper) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := k.way.RoundTrip(r)
	if err == nil {
		k.date, _ = http.ParseTime(resp.Header.Get("Date"))
	}
	return resp, err
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }
