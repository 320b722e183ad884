package main

import (
	"context"
	"errors"

	"strongroom/base/mail"
	"strongroom/cmd/strongroom/app"
)

type doctorMailCommand struct {
	configFlag
	To     string `placeholder:"ADDRESS" help:"Send the test mail there (the owner's address)."`
	NoSend bool   `help:"Send no test mail."`
	JSON   bool   `help:"Print one line of JSON."`
}

// Help is shown by --help.
func (doctorMailCommand) Help() string {
	return `Shows the DNS records that let the shop's mails arrive (SPF, DKIM, DMARC), looks at those that DNS has, and
says of each difference what to do. Makes the signing keys if there are none. Sends a test mail to the
owner. Ends with 1 if something is wrong.

Examples:
  strongroom doctor mail --config /srv/shop/strongroom.toml
  strongroom doctor mail --to me@example.com
  strongroom doctor mail --no-send --json`
}

// Run prints the records and each finding.
func (c doctorMailCommand) Run(ctx context.Context, t *terminal) error {
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	test := app.MailTest{To: c.To}
	switch {
	case c.NoSend:
		test.To = ""
	case c.To == "":
		test.To = s.Shop().OwnerEmail
	case !mail.Address(c.To):
		return usageError{errors.New("--to is no e-mail address")}
	}
	tell := func(f app.Finding) { t.finding(f) }
	if c.JSON {
		tell = nil
	}
	r, err := s.DiagnoseMail(ctx, test, tell)
	if err != nil {
		return err
	}
	if c.JSON {
		if err := t.json(r); err != nil {
			return err
		}
	} else {
		t.records(r)
	}
	for _, f := range r.Findings {
		if f.State == app.Wrong {
			return quiet{exitFailed}
		}
	}
	return nil
}

// records prints what belongs into DNS, for forms in the web and for zone files.
func (t *terminal) records(r app.MailReport) {
	t.printf("\nThe DNS of %s should have these TXT records. In a form, paste the value in one piece:\n", r.From)
	for _, l := range r.Lines {
		t.printf("\n  Name   %s\n  Value  %s\n", l.Name, l.Value)
	}
	t.printf("\nIn a zone file (long values are cut into strings of 255 bytes):\n\n")
	for _, l := range r.Lines {
		t.printf("%s\n", l.Zone())
	}
}
