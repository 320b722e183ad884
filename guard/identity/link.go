package identity

import (
	"context"
	"crypto/subtle"
	"strings"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/vault"
)

// LinkKind is what a mailed link is for. The numbers are stored.
type LinkKind uint8

// The kinds of links.
const (
	LinkSignIn         LinkKind = 1 // opens a limited session for who has nothing else
	LinkAccount        LinkKind = 2 // confirms the address of a new account
	LinkBrowser        LinkKind = 3 // releases the browser in which a right password was typed
	LinkNotMe          LinkKind = 4 // disowns a sign-in
	LinkRecovery       LinkKind = 5 // begins a recovery
	LinkRecoveryEnd    LinkKind = 6 // ends it, after its delay
	LinkRecoveryCancel LinkKind = 7
	LinkEmailOld       LinkKind = 8 // agrees to a new address, from the old one
	LinkEmailNew       LinkKind = 9 // confirms the new address
)

// String is the kind's word.
func (k LinkKind) String() string {
	return word(k, "", "sign_in", "account", "browser", "not_me", "recovery", "recovery_end", "recovery_cancel", "email_old", "email_new")
}

// NeedsCode says whether the link, opened in another browser, wants the code that stands in the browser that asked for
// it: whatever gives something to a browser, or ties an address to what somebody prepared, does. Who merely reads a
// mailbox and presses a button there cannot be made to finish what an attacker began.
func (k LinkKind) NeedsCode() bool {
	switch k {
	case LinkSignIn, LinkAccount, LinkBrowser, LinkRecovery, LinkRecoveryEnd, LinkEmailNew:
		return true
	}
	return false
}

// linkTries is how often a code may be typed for one link.
const linkTries = 5

// notMeLife is how long a sign-in can be disowned.
const notMeLife = 30 * 24 * time.Hour

// Link is what a page may know of a mailed link before it is spent.
type Link struct {
	Kind        LinkKind
	Realm       Realm
	SameBrowser bool // the one that asked for it, or a kind that does not matter for
	Email       vault.Personal
	Until       time.Time
	Device      string // label of the browser that it is about
}

// newLink writes a link and ends the older ones of its kind. Its token is minted when its mail is written.
func (s *Service) newLink(tx *db.Tx, l link) (id.ID, error) {
	if l.kind != LinkNotMe {
		if err := replaceLinks(tx, l.account, l.kind); err != nil {
			return id.ID{}, err
		}
	}
	l.id = tx.NewID()
	return l.id, insertLink(tx, l)
}

// plainCode takes a code as people type it.
func plainCode(code string) string {
	return strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(code))
}

func (l link) sameBrowser(v Visitor) bool {
	return !l.kind.NeedsCode() || v.Browser != "" && subtle.ConstantTimeCompare(l.browser, v.Browser.Hash()) == 1
}

// PeekLink says what a link is for and spends nothing: scanners open links, people press buttons.
func (s *Service) PeekLink(ctx context.Context, token id.Token, v Visitor) (out Link, err error) {
	defer fault.Wrap(&err, "identity: peek link")
	err = s.read(ctx, func(tx *db.Tx) error {
		l, acc, err := s.linkFor(tx, token)
		if err != nil {
			return err
		}
		out = Link{Kind: l.kind, Realm: l.realm, SameBrowser: l.sameBrowser(v), Email: acc.Email, Until: l.ends}
		if !l.device.IsZero() {
			d, _, err := deviceOf(tx, acc.ID, l.device)
			out.Device = d.label
			return err
		}
		return nil
	})
	return out, err
}

// linkFor finds an open link and its account. There is one answer for unknown, spent, replaced and ended ones.
func (s *Service) linkFor(tx *db.Tx, token id.Token) (link, Account, error) {
	l, ok, err := openLink(tx, token.Hash())
	if err != nil || !ok {
		return l, Account{}, orLink(err)
	}
	acc, ok, err := s.accountBy(tx, l.account)
	if err != nil || !ok || acc.State == Closed {
		return l, Account{}, orLink(err)
	}
	return l, acc, nil
}

func orLink(err error) error {
	if err == nil {
		return ErrLink
	}
	return err
}

// SpendLink does what a link is for, once. In another browser than the one that asked, the code from there is needed.
func (s *Service) SpendLink(ctx context.Context, token id.Token, code string, v Visitor) (step Step, err error) {
	defer fault.Wrap(&err, "identity: spend link")
	if v.Browser == "" {
		return step, errBrowser
	}
	var l link
	var acc Account
	err = s.read(ctx, func(tx *db.Tx) (err error) { l, acc, err = s.linkFor(tx, token); return err })
	if err != nil {
		return step, s.linkRefused(ctx, err, l, acc, v)
	}
	if err := s.known(ctx, &acc); err != nil {
		return step, err
	}
	if !l.sameBrowser(v) {
		if err := s.typedCode(ctx, l, code); err != nil {
			return step, s.linkRefused(ctx, err, l, acc, v)
		}
	}
	step, err = s.spend(ctx, l, acc, v)
	return step, s.linkRefused(ctx, err, l, acc, v)
}

// typedCode counts a try in a write of its own and compares.
func (s *Service) typedCode(ctx context.Context, l link, code string) error {
	if strings.TrimSpace(code) == "" {
		return ErrCode
	}
	if err := s.write(ctx, func(tx *db.Tx) error { return countLinkTry(tx, l.id, linkTries) }); err != nil {
		return err
	}
	if len(l.code) == 0 || subtle.ConstantTimeCompare(l.code, s.codeHash(code)) != 1 {
		return ErrCode
	}
	return nil
}

// linkRefused writes a refused link down and passes the error on.
func (s *Service) linkRefused(ctx context.Context, err error, l link, acc Account, v Visitor) error {
	if fault.Is(err, fault.Gone) || fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
		_ = s.refuse(ctx, refusal{act: "link", acc: acc, method: MailMethod, reason: "over", event: LinkRefused{about(acc, MailMethod, l.kind.String())}}, v)
	}
	return err
}

// spend does what the link is for.
func (s *Service) spend(ctx context.Context, l link, acc Account, v Visitor) (Step, error) {
	switch l.kind {
	case LinkSignIn:
		return s.mailSignIn(ctx, l, acc, v)
	case LinkAccount:
		return s.confirmAccount(ctx, l, acc, v)
	case LinkBrowser:
		return s.releaseBrowser(ctx, l, acc, v)
	case LinkNotMe:
		return s.notMe(ctx, l, acc, v)
	case LinkRecovery:
		return s.mailRecovery(ctx, l, acc, v)
	case LinkRecoveryEnd:
		return s.endOfRecovery(ctx, l, acc, v)
	case LinkRecoveryCancel:
		return s.cancelByMail(ctx, l, acc, v)
	case LinkEmailOld, LinkEmailNew:
		return s.confirmEmail(ctx, l, acc, v)
	}
	return Step{}, ErrLink
}

// AskLink mails a link to an address that has nothing else. For every address the page and the work are the same: what
// is mailed, if anything, is decided when the mail is written.
func (s *Service) AskLink(ctx context.Context, email vault.Personal, v Visitor) (step Step, err error) {
	defer fault.Wrap(&err, "identity: ask link")
	defer s.even(ctx)()
	return s.ask(ctx, email, LinkSignIn, LetterSignIn, v)
}

// StartRecovery mails a link that begins a recovery, if the address has an account. The page is the same if not.
func (s *Service) StartRecovery(ctx context.Context, email vault.Personal, v Visitor) (step Step, err error) {
	defer fault.Wrap(&err, "identity: start recovery")
	defer s.even(ctx)()
	return s.ask(ctx, email, LinkRecovery, LetterRecovery, v)
}

// ask writes the row of a link and the job of its mail. For an address that nobody has it writes the same rows, with a
// link that belongs to nobody and a mail that is never sent.
func (s *Service) ask(ctx context.Context, email vault.Personal, k LinkKind, letter LetterKind, v Visitor) (step Step, err error) {
	if v.Browser == "" {
		return step, errBrowser
	}
	address, err := s.address(ctx, Shopper, email)
	if err != nil {
		return step, err
	}
	acc, _, err := s.lookUp(ctx, Shopper, email)
	if err != nil {
		return step, err
	}
	code := id.NewCode(8)
	about := acc.ID
	if about.IsZero() {
		about = id.ID(s.mac("nobody", address)[:16]) // nobody's, and the same one each time
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		step = Step{Need: Confirm, Code: code, Until: tx.Now().Add(linkLife)}
		send, err := s.takeAsk(tx, address, v)
		if err != nil || !send {
			return err
		}
		l, err := s.newLink(tx, link{kind: k, realm: Shopper, account: about, browser: v.Browser.Hash(), code: s.codeHash(code), ends: step.Until})
		if err != nil {
			return err
		}
		if err := tx.Emit(LinkAsked{About{Account: acc.ID, Realm: Shopper.String(), Method: "mail", Reason: k.String()}}); err != nil {
			return err
		}
		return s.letter(tx, Letter{Kind: letter, Account: about, Link: l})
	})
	if err != nil {
		return Step{}, s.slowed(ctx, err, Account{Realm: Shopper}, MailMethod, v)
	}
	return step, nil
}

// mailSignIn opens a limited session, for an account that has nothing else.
func (s *Service) mailSignIn(ctx context.Context, l link, acc Account, v Visitor) (step Step, err error) {
	err = s.write(ctx, func(tx *db.Tx) error {
		if err := spendLink(tx, l.id); err != nil {
			return err
		}
		e, err := s.enrolledIn(tx, acc.ID)
		if err != nil {
			return err
		}
		if e.any() || !acc.State.open() {
			return ErrLink
		}
		step, err = s.signedIn(tx, acc, Limited, Methods(0).With(MailMethod), v)
		return err
	})
	return step, err
}

// releaseBrowser lets the attempt go on that waits for this mail. In its own browser it goes on at once; from another
// one nothing is given to that other one.
func (s *Service) releaseBrowser(ctx context.Context, l link, acc Account, v Visitor) (step Step, err error) {
	address, err := s.ready(ctx, &acc)
	if err != nil {
		return step, err
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		if err := spendLink(tx, l.id); err != nil {
			return err
		}
		a, ok, err := attemptByID(tx, l.attempt)
		if err != nil || !ok || a.account != acc.ID || !acc.State.open() {
			return orLink(err)
		}
		a.proven = a.proven.With(MailMethod)
		if err := proveAttempt(tx, a.id, a.proven); err != nil {
			return err
		}
		step = Step{Need: Nothing, Proven: a.proven}
		if subtle.ConstantTimeCompare(a.browser, v.Browser.Hash()) == 1 {
			step, err = s.look(tx, "", a, acc, address, v)
			if step.Need != Done {
				step = Step{Need: Nothing, Proven: a.proven} // its own page shows what is still needed
			}
		}
		return err
	})
	return step, err
}
