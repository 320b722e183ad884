package identity

import (
	"context"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
)

// SignUp begins an account. It is the same for every address: a pending account with keys of its own is made, and a mail
// goes out that either confirms it or says that there is an account already. Nothing here asks whether there is one.
func (s *Service) SignUp(ctx context.Context, email vault.Personal, v Visitor) (step Step, err error) {
	defer fault.Wrap(&err, "identity: sign up")
	if v.Browser == "" {
		return step, errBrowser
	}
	p, address, err := s.prepareSignUp(ctx, email, v)
	if err != nil {
		return step, err
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		send, err := s.takeAsk(tx, address, v)
		if err != nil {
			return err
		}
		step, err = s.pend(tx, p, send, v)
		return err
	})
	if err != nil {
		return Step{}, s.slowed(ctx, err, Account{Realm: Shopper}, MailMethod, v)
	}
	return step, nil
}

// prepareSignUp checks the limit of the network before keys are made, and makes them.
func (s *Service) prepareSignUp(ctx context.Context, email vault.Personal, v Visitor) (p Prepared, address []byte, err error) {
	if address, err = s.address(ctx, Shopper, email); err != nil {
		return p, nil, err
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		_, err := within(tx, s.mac("sign_up", network(v.Origin)), askWindow, askTries*s.d.Crowd)
		return err
	})
	if err != nil {
		return p, nil, s.slowed(ctx, err, Account{Realm: Shopper}, MailMethod, v)
	}
	p, err = s.PrepareAccount(ctx, Shopper, email, v.Language)
	return p, address, err
}

// pend writes a pending account and has its address asked. Beyond the limit of mails to one address nothing is written
// at all, and the page is the same.
func (s *Service) pend(tx *db.Tx, p Prepared, send bool, v Visitor) (Step, error) {
	step := Step{Need: Confirm, Code: id.NewCode(8), Until: tx.Now().Add(linkLife)}
	if !send {
		return step, nil
	}
	if err := insertAccount(tx, p, Pending); err != nil {
		return step, err
	}
	return step, s.askConfirm(tx, p.Account, step, v)
}

// askConfirm mails the link that confirms a pending account's address.
func (s *Service) askConfirm(tx *db.Tx, account id.ID, step Step, v Visitor) error {
	l, err := s.newLink(tx, link{kind: LinkAccount, realm: Shopper, account: account, browser: v.Browser.Hash(), code: s.codeHash(step.Code), ends: step.Until})
	if err != nil {
		return err
	}
	if err := tx.Emit(LinkAsked{About{Realm: Shopper.String(), Method: "mail", Reason: LinkAccount.String()}}); err != nil {
		return err
	}
	return s.letter(tx, Letter{Kind: LetterAccount, Account: account, Link: l})
}

// BeginGuestPasskey makes a challenge for a passkey after a guest purchase. The address is that of the order, sealed as
// the order has it. The account that begins here is a new one, whatever accounts the address has: from a guest order
// nobody gains anything.
func (s *Service) BeginGuestPasskey(ctx context.Context, email vault.Personal, v Visitor) (out Ceremony, err error) {
	defer fault.Wrap(&err, "identity: begin guest passkey")
	if v.Browser == "" {
		return out, errBrowser
	}
	p, _, err := s.prepareSignUp(ctx, email, v)
	if err != nil {
		return out, err
	}
	if err := s.write(ctx, func(tx *db.Tx) error { return insertAccount(tx, p, Pending) }); err != nil {
		return out, err
	}
	acc := Account{ID: p.Account, Subject: p.Subject, Realm: Shopper, State: Pending, handle: p.handle}
	return s.beginRegistration(ctx, ceremony{realm: Shopper, kind: guestCeremony, account: p.Account}, acc, email, v)
}

// FinishGuestPasskey keeps the passkey as pending and mails the link that makes it count. No session comes of it.
func (s *Service) FinishGuestPasskey(ctx context.Context, token id.Token, response []byte, v Visitor) (step Step, err error) {
	defer fault.Wrap(&err, "identity: finish guest passkey")
	c, err := s.takeCeremony(ctx, token, Shopper, guestCeremony, v)
	if err != nil {
		return step, err
	}
	acc, err := s.Account(ctx, c.account)
	if err != nil || acc.State != Pending {
		return step, orAttempt(err)
	}
	k, err := s.registered(ctx, c, acc, "", response, v)
	if err != nil {
		return step, err
	}
	k.state = passkeyPending
	address, err := s.ready(ctx, &acc)
	if err != nil {
		return step, err
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		step = Step{Need: Confirm, Code: id.NewCode(8), Until: tx.Now().Add(linkLife)}
		send, err := s.takeAsk(tx, address, v)
		if err != nil || !send {
			return err
		}
		if ok, err := insertPasskey(tx, k); err != nil || !ok {
			return orAttempt(err)
		}
		return s.askConfirm(tx, acc.ID, step, v)
	})
	return step, err
}

// confirmAccount makes a pending account count: its address is confirmed, and by who began it, because the link needs
// the browser that began or the code that stands there. A pending passkey counts from now on.
func (s *Service) confirmAccount(ctx context.Context, l link, acc Account, v Visitor) (step Step, err error) {
	if acc.State != Pending {
		return step, ErrLink
	}
	if err := s.d.Vault.Confirm(ctx, acc.Subject); err != nil {
		return step, err
	}
	contact, err := s.d.Vault.Enlist(ctx, privacy.IdentityEmail.Field, acc.Subject, acc.Email)
	if err != nil {
		return step, err
	}
	taken := false
	err = s.write(ctx, func(tx *db.Tx) error {
		if err := spendLink(tx, l.id); err != nil {
			return err
		}
		ok, err := activate(tx, acc.ID, contact)
		if taken = err == nil && !ok; err != nil || taken {
			return err
		}
		step, err = s.activated(tx, acc, v)
		return err
	})
	if err != nil || !taken {
		return step, err
	}
	// The address got an account while this one waited. Its keys and its index entry go.
	err = s.write(ctx, func(tx *db.Tx) error {
		if err := tx.Emit(ConfirmRefused{about(acc, MailMethod, "taken")}); err != nil {
			return err
		}
		return s.forget(tx, acc, "taken")
	})
	if err == nil {
		err = ErrLink
	}
	return Step{}, err
}

// activated opens the first session of a new account: a full one if it has its passkey, and otherwise one that adds it.
func (s *Service) activated(tx *db.Tx, acc Account, v Visitor) (step Step, err error) {
	if err := activatePasskeys(tx, acc.ID); err != nil {
		return step, err
	}
	acc.State = Active
	e, err := s.enrolledIn(tx, acc.ID)
	if err != nil {
		return step, err
	}
	l := Enrolling
	if e.Passkeys > 0 {
		l = Full
	}
	if err := s.record(tx, "confirm", acc, MailMethod, v, Confirmed{about(acc, MailMethod, "")}); err != nil {
		return step, err
	}
	return s.signedIn(tx, acc, l, Methods(0).With(MailMethod), v)
}
