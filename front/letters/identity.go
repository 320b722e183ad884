package letters

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"strongroom/base/fault"
	"strongroom/base/job"
	"strongroom/base/lang"
	"strongroom/base/mail"
	"strongroom/guard/identity"
)

// registerIdentity has the mails about accounts and sign-ins written here.
func (l *Writer) registerIdentity() error {
	for _, k := range identity.LetterKinds() {
		if err := job.HandleRun(l.d.Jobs, k.Job(), job.Options{Outside: true}, l.sendIdentity); err != nil {
			return fmt.Errorf("letters: %w", err)
		}
	}
	return nil
}

func (l *Writer) sendIdentity(ctx context.Context, r job.Run, a identity.Letter) error {
	c, err := l.d.Identity.ForLetter(ctx, a)
	if fault.Is(err, fault.Gone) || fault.Is(err, fault.NotFound) {
		return nil // there is nothing to say any more
	}
	if err != nil {
		return err
	}
	m, err := l.message(l.aboutIdentity(c), c.To, "")
	if err != nil {
		return err
	}
	m.ID, m.Kind = r.ID.String(), string(c.Kind)
	if err = l.d.Mail.Send(ctx, m); errors.Is(err, mail.ErrRefused) {
		return job.Permanent(err)
	}
	return err
}

// buttons are the mails that have a link of their own.
var buttons = map[identity.LetterKind]bool{
	identity.LetterAccount: true, identity.LetterSignIn: true, identity.LetterBrowser: true, identity.LetterNewDevice: true,
	identity.LetterRecovery: true, identity.LetterRecoveryStarted: true, identity.LetterRecoveryReady: true,
	identity.LetterEmailOld: true, identity.LetterEmailNew: true,
}

// aboutIdentity writes a mail about an account. Its words are those of the catalogue; the rest is when, where and until.
func (l *Writer) aboutIdentity(c identity.Content) letter {
	key := "identity." + string(c.Kind)
	t, p := l.begin(c.Language, key)
	when := p.DateTime(c.When.In(l.d.Shop.TimeZone))
	t.Preview = p.T("letters."+l.introKey(c), "shop", l.d.Shop.Name, "when", when, "ready", p.DateTime(c.Ready.In(l.d.Shop.TimeZone)),
		"device", device(p, c.Device))
	if c.HasWords {
		t.Words = p.T("letters.words", "words", oneLine(c.Words, 100))
	}
	t.para(t.Preview)
	if c.Device != "" && c.Kind != identity.LetterBrowser {
		t.facts(row{Label: p.T("letters.identity.device"), Value: device(p, c.Device)}, row{Label: p.T("letters.date"), Value: when})
	}
	for _, w := range c.Ways {
		t.para("– " + p.T("letters.identity.way_"+w.String()))
	}
	l.identityLink(&t, p, c)
	t.para(p.T("letters." + key + ".after"))
	return t
}

// introKey names the first sentence; for a change it is that of what changed.
func (l *Writer) introKey(c identity.Content) string {
	if c.Kind == identity.LetterChanged {
		return "identity.changed." + c.What
	}
	return "identity." + string(c.Kind) + ".intro"
}

// identityLink is the button of a mail. Who has better ways than a link is led to the page that knows them.
func (l *Writer) identityLink(t *letter, p *lang.Printer, c identity.Content) {
	button := "letters.identity." + string(c.Kind) + ".button"
	switch {
	case buttons[c.Kind] && c.Link != "":
		path := "/" + p.Code() + "/account/link/"
		if c.Realm == identity.Staff {
			path = "/link/"
		}
		t.button(p.T(button), c.Base+path+c.Link.Clear())
		t.para(p.T("letters.identity.until", "until", p.DateTime(c.Until.In(l.d.Shop.TimeZone))))
	case c.Kind == identity.LetterAccountKnown, c.Kind == identity.LetterSignInOther:
		path := "/" + p.Code() + "/account/sign-in"
		if c.Realm == identity.Staff {
			path = "/sign-in"
		}
		t.button(p.T(button), c.Base+path)
	}
}

// device reads a label such as "firefox.linux" out.
func device(p *lang.Printer, label string) string {
	browser, system, _ := strings.Cut(label, ".")
	if browser == "" {
		return ""
	}
	return p.T("letters.identity.on", "browser", p.T("identity.browser_"+browser), "system", p.T("identity.system_"+system))
}
