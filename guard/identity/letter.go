package identity

import (
	"context"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
)

// LetterKind names a mail. Its job's kind is Job; front/letters handles them.
type LetterKind string

// The mails. AccountKnown and SignInOther are never enqueued: they are what Account and SignIn turn out to say when the
// mail is written, so that nothing before shows whether an address is known.
const (
	LetterAccount           LetterKind = "account"       // confirm your address
	LetterAccountKnown      LetterKind = "account_known" // somebody began an account with your address, and you have one
	LetterSignIn            LetterKind = "sign_in"       // your link
	LetterSignInOther       LetterKind = "sign_in_other" // you have better ways than a link: Ways
	LetterBrowser           LetterKind = "browser"       // was this you? release the browser
	LetterNewDevice         LetterKind = "new_device"    // with "this was not me"
	LetterChanged           LetterKind = "changed"       // a way of signing in changed: What
	LetterRecovery          LetterKind = "recovery"      // begin to recover
	LetterRecoveryStarted   LetterKind = "recovery_started"
	LetterRecoveryReady     LetterKind = "recovery_ready"
	LetterRecoveryCancelled LetterKind = "recovery_cancelled"
	LetterEmailOld          LetterKind = "email_old"
	LetterEmailNew          LetterKind = "email_new"
	LetterEmailChanged      LetterKind = "email_changed" // to the old address
	LetterClosed            LetterKind = "closed"        // the last one
)

// Job is the kind of the job that sends the mail.
func (k LetterKind) Job() string { return "letter.identity_" + string(k) }

// LetterKinds lists the mails that jobs send.
func LetterKinds() []LetterKind {
	return []LetterKind{LetterAccount, LetterSignIn, LetterBrowser, LetterNewDevice, LetterChanged, LetterRecovery,
		LetterRecoveryStarted, LetterRecoveryReady, LetterRecoveryCancelled, LetterEmailOld, LetterEmailNew, LetterEmailChanged, LetterClosed}
}

// Changes lists the words of what a mail of the kind LetterChanged tells of. Each has a text of its own.
func Changes() []string {
	return []string{"passkey_added", "passkey_removed", "password_set", "password_removed", "app_added", "app_removed", "phone_added",
		"phone_removed", "codes_made", "code_used", "words_set", "clone_seen", "factor_failed",
		"address_added", "address_changed", "address_chosen", "address_removed"}
}

// Letter is what the job of a mail carries: ids and a word.
type Letter struct {
	Kind                          LetterKind
	Account, Link, Device, Change id.ID
	What                          string
}

// Content is everything that a mail may say.
type Content struct {
	Kind     LetterKind // what the mail turned out to be
	To       string
	Words    string // the owner's own words; they stand in every mail to her
	HasWords bool
	Realm    Realm
	Language string
	Base     string   // https origin of the link
	Link     id.Token // "" if the mail has none
	LinkKind LinkKind
	Until    time.Time // end of the link
	When     time.Time // of what the mail is about
	Ready    time.Time // end of a recovery's delay
	Device   string    // label of a browser
	What     string
	Ways     []Method // how the owner can sign in
}

var errNothing = fault.New(fault.Gone, "identity.letter_over")

// ForLetter reads what a mail says, in the name of the job that sends it, and mints its link's token, which stands in
// this one mail and nowhere else. Gone means that there is nothing to say: no such account, or a link that is over.
func (s *Service) ForLetter(ctx context.Context, l Letter) (c Content, err error) {
	defer fault.Wrap(&err, "identity: letter")
	acc, err := s.Account(ctx, l.Account)
	if fault.Is(err, fault.NotFound) || err == nil && (acc.State == Closed) != (l.Kind == LetterClosed) {
		return c, errNothing
	}
	if err != nil {
		return c, err
	}
	c = Content{Kind: l.Kind, Realm: acc.Realm, Language: acc.Language, Base: s.parties[Shopper].origin, What: l.What, When: s.now()}
	if p := s.parties[acc.Realm]; p != nil {
		c.Base = p.origin
	}
	to, err := s.addressee(ctx, acc, l, &c)
	if err != nil {
		return c, err
	}
	if err := s.turnsOut(ctx, acc, &c); err != nil {
		return c, err
	}
	if c.To, err = s.clear(ctx, to); err != nil {
		return c, letterGone(err)
	}
	if c.Words, c.HasWords, err = s.wordsFor(ctx, acc, c.Kind); err != nil {
		return c, letterGone(err)
	}
	return c, s.mint(ctx, l, &c)
}

func letterGone(err error) error {
	if vault.Erased(err) {
		return errNothing
	}
	return err
}

// wordsFor are the owner's words, for mails to her. A mail to an address that is not confirmed as hers has none: it would
// show them to a stranger.
func (s *Service) wordsFor(ctx context.Context, acc Account, k LetterKind) (string, bool, error) {
	if k == LetterEmailNew || k == LetterAccount {
		return "", false, nil
	}
	return s.Words(ctx, acc.Subject)
}

// addressee reads to whom the mail goes, and what surrounds it.
func (s *Service) addressee(ctx context.Context, acc Account, l Letter, c *Content) (to vault.Personal, err error) {
	to = acc.Email
	err = s.read(ctx, func(tx *db.Tx) error {
		if !l.Device.IsZero() {
			d, _, err := deviceOf(tx, acc.ID, l.Device)
			c.Device, c.When = d.label, d.first
			return err
		}
		switch l.Kind {
		case LetterEmailNew, LetterEmailChanged:
			ch, ok, err := changeByID(tx, l.Change)
			if err != nil || !ok {
				return gone(err)
			}
			to = s.newEmail(acc, ch)
		case LetterRecoveryStarted, LetterRecoveryReady:
			r, ok, err := openRecovery(tx, acc.ID)
			if err != nil || !ok || r.id != l.Change {
				return gone(err)
			}
			c.Ready = r.ready
		}
		return nil
	})
	return to, err
}

func gone(err error) error {
	if err == nil {
		return errNothing
	}
	return err
}

// turnsOut decides what could not be decided while the asker waited.
func (s *Service) turnsOut(ctx context.Context, acc Account, c *Content) error {
	switch c.Kind {
	case LetterAccount:
		if acc.State != Pending {
			return errNothing
		}
		other, found, err := s.lookUp(ctx, acc.Realm, acc.Email)
		if err != nil || !found {
			return err
		}
		c.Kind = LetterAccountKnown
		return s.ways(ctx, other.ID, c)
	case LetterSignIn:
		if err := s.ways(ctx, acc.ID, c); err != nil {
			return err
		}
		if len(c.Ways) > 0 {
			c.Kind = LetterSignInOther
		}
	}
	return nil
}

func (s *Service) ways(ctx context.Context, account id.ID, c *Content) error {
	e, err := s.Methods(ctx, account)
	if e.Passkeys > 0 {
		c.Ways = append(c.Ways, PasskeyMethod)
	}
	if e.Password {
		c.Ways = append(c.Ways, PasswordMethod)
	}
	return err
}

// mint gives the mail's link its token. A mail that turned out to have none leaves the link without.
func (s *Service) mint(ctx context.Context, l Letter, c *Content) error {
	if l.Link.IsZero() || c.Kind == LetterAccountKnown || c.Kind == LetterSignInOther {
		return nil
	}
	token := id.NewToken()
	return s.write(ctx, func(tx *db.Tx) error {
		row, ok, err := openLinkByID(tx, l.Link)
		if err != nil || !ok {
			return gone(err)
		}
		if ok, err = mintLink(tx, l.Link, token.Hash()); err != nil || !ok {
			return gone(err)
		}
		c.Link, c.LinkKind, c.Until = token, row.kind, row.ends
		return nil
	})
}

// Words are the own words of a subject's account, which stand in every mail to it so that its owner tells them from
// forged ones. It is the system's own look, for the mail that is being written.
func (s *Service) Words(ctx context.Context, subject id.ID) (words string, ok bool, err error) {
	defer fault.Wrap(&err, "identity: words")
	var account id.ID
	var sealed []byte
	err = s.read(ctx, func(tx *db.Tx) (err error) { account, sealed, err = wordsOf(tx, subject); return err })
	if err != nil || len(sealed) == 0 {
		return "", false, err
	}
	words, err = s.clear(ctx, s.d.Vault.Sealed(privacy.IdentityWords.Field, subject, account, sealed))
	return words, words != "", err
}

// WordsAt are the own words of the account that has confirmed an address, for a mail of the store that goes there.
func (s *Service) WordsAt(ctx context.Context, realm Realm, email vault.Personal) (words string, ok bool, err error) {
	acc, found, err := s.lookUp(ctx, realm, email)
	if err != nil || !found {
		return "", false, err
	}
	return s.Words(ctx, acc.Subject)
}

// SetWords changes the own words; empty ones take them away.
func (s *Service) SetWords(ctx context.Context, sess Session, words string, v Visitor) (err error) {
	defer fault.Wrap(&err, "identity: set words")
	if err := s.RequireStepUp(sess, StepUpFor); err != nil {
		return err
	}
	acc, err := s.ownAccount(ctx, sess)
	if err != nil {
		return err
	}
	sealed, err := s.d.Vault.Seal(ctx, privacy.IdentityWords.Field, acc.Subject, acc.ID, vault.Typed(tidy(words, 60)))
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *db.Tx) error {
		if err := setWords(tx, acc.ID, sealed); err != nil {
			return err
		}
		return s.changed(tx, acc, "words_set", v)
	})
}
