package app

import (
	"context"
	"errors"
	"time"

	"strongroom/base/id"
	"strongroom/base/mail"
	"strongroom/base/mail/align"
	"strongroom/base/mail/dkim"
	"strongroom/base/mail/smtp"
	"strongroom/guard/safety"
	"strongroom/shop/post"
)

// MailReport is what "doctor mail" found.
type MailReport struct {
	From     string       `json:"from"`
	Return   string       `json:"return"`
	Lines    []align.Line `json:"dns"`
	Findings []Finding    `json:"findings"`
	Sent     string       `json:"sent,omitempty"` // where the test mail went
}

// MailTest says where the test mail goes; "" for nowhere.
type MailTest struct{ To string }

// DiagnoseMail compares DNS with what the store's mails need, makes the first keys if there are none, and sends a test
// mail. tell hears of each finding.
func (s *Store) DiagnoseMail(ctx context.Context, test MailTest, tell func(Finding)) (r MailReport, err error) {
	add := func(f Finding) {
		r.Findings = append(r.Findings, f)
		if tell != nil {
			tell(f)
		}
	}
	keys, err := s.Post.Keys(ctx)
	if err == nil && len(keys) == 0 {
		_, err = s.Post.RotateKeys(ctx)
	}
	if err != nil {
		return r, err
	}
	sender, err := s.Post.Sender(ctx)
	if err != nil {
		return r, err
	}
	r.From, r.Return, r.Lines = sender.From, sender.Return, sender.Lines()
	found, err := s.Post.Check(ctx)
	if err != nil {
		return r, err
	}
	for _, f := range found {
		add(mailFinding(f))
	}
	add(s.signature(ctx))
	if s.c.Post.Bounces == "" {
		add(said("bounces", Warn, "mails that come back are not seen; only those that the mail server refuses at once", "Set mail.bounce_address; see docs/mail.md."))
	}
	if test.To != "" {
		f := s.testMail(ctx, test.To)
		if add(f); f.State == Fine {
			r.Sent = test.To
		}
	}
	return r, nil
}

// said is a finding of this check, which no support bundle holds.
func said(name string, state State, found, do string) Finding {
	return Finding{Name: name, State: state, Found: found, Do: do}
}

func mailFinding(f align.Finding) Finding {
	state := map[align.State]State{align.Fine: Fine, align.Warn: Warn, align.Wrong: Wrong, align.Unknown: Wrong}[f.State]
	do := f.Do
	if f.Expected != "" && state != Fine {
		do += " Expected: " + f.Expected
	}
	return said(f.Name, state, f.Found, do)
}

// trial is a mail such as the store sends.
func (s *Store) trial(to string) mail.Message {
	v := id.New(s.c.Clock.Now(), nil)
	return mail.Message{ID: v.String(), To: to, ReplyTo: s.c.Shop.Email, Kind: "test", Language: "en",
		Subject: s.c.Shop.Name + ": a test mail", Return: s.Post.Return(post.Letter{Object: v, Kind: "mail"}),
		Text: "This mail was sent by \"strongroom doctor mail\".\n\nIf it stands in your inbox and not among the unwanted ones, mails of the shop arrive.\n" +
			"In most mail programs \"show original\" tells more: SPF, DKIM and DMARC should each say PASS.\n"}
}

// signature reads a mail as its receiver does, with the records that DNS really has.
func (s *Store) signature(ctx context.Context) Finding {
	const name = "signature"
	sender, ok := s.c.Mail.(*smtp.Sender)
	if !ok {
		return said(name, Warn, "mail goes to the outbox of this store and to nobody", "Set [mail].")
	}
	message, err := sender.Compose(s.trial(s.c.Shop.Email))
	if err != nil {
		return said(name, Wrong, "a mail cannot be signed: "+err.Error(), "Look at the keys: strongroom mail keys.")
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	verdicts, err := dkim.Verify(message, func(n string) ([]string, error) { return s.c.Post.Resolver.LookupTXT(ctx, n) })
	if err != nil {
		return said(name, Wrong, "a signed mail cannot be read: "+err.Error(), "Report this as a mistake of the program.")
	}
	if len(verdicts) == 0 {
		return said(name, Warn, "mails are not signed yet", "They are as soon as DNS shows a key: publish the DKIM records, then run this again.")
	}
	for _, v := range verdicts {
		if v.Err != nil {
			return said(name, Wrong, "a receiver cannot verify a signature: "+v.Err.Error(), "Compare the DKIM records.")
		}
	}
	return said(name, Fine, "a receiver verifies every signature of a mail", "")
}

func (s *Store) testMail(ctx context.Context, to string) Finding {
	const name = "test mail"
	if s.held(ctx) {
		return said(name, Warn, "not sent: this store is a copy, from which nothing goes out", "strongroom store release")
	}
	err := s.Mail.Send(ctx, s.trial(to))
	var r *mail.Refusal
	switch {
	case errors.As(err, &r):
		return said(name, Wrong, "the mail server refused it: "+r.Error(), "Its words: "+r.Said)
	case err != nil:
		return said(name, Wrong, "not sent: "+err.Error(), "Check host, port, security, user and password in [mail].")
	}
	return said(name, Fine, "sent to "+to+"; look whether it is in the inbox", "")
}

// post says in the general check how mails stood at the last look, and what came back.
func (d *Doctor) post(ctx context.Context, s *Store) {
	p, err := post.New(post.Deps{DB: s.Data})
	if err != nil {
		d.fault("bounces", err)
		return
	}
	d.check(ctx, "mail alignment", safety.Check{Name: "mail_alignment", Run: func(ctx context.Context) (safety.Finding, error) { return checkAlignment(ctx, p) }})
	d.check(ctx, "bounces", safety.Check{Name: "bounces", Run: func(ctx context.Context) (safety.Finding, error) { return checkBounces(ctx, p) }})
}
