package identity

import (
	"context"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
)

// changeLife is how long a new address waits for its two confirmations.
const changeLife = 24 * time.Hour

// ChangeEmail asks both addresses for a change: the old one may refuse by silence, the new one confirms that it is its
// owner's. Nothing here tells whether the new address has an account.
func (s *Service) ChangeEmail(ctx context.Context, sess Session, email vault.Personal, v Visitor) (step Step, err error) {
	defer fault.Wrap(&err, "identity: change email")
	if err := s.RequireStepUp(sess, StepUpFor); err != nil {
		return step, err
	}
	acc, err := s.ownAccount(ctx, sess)
	if err != nil {
		return step, err
	}
	address, err := s.address(ctx, acc.Realm, email)
	if err != nil {
		return step, err
	}
	c := change{id: id.New(s.now(), nil), account: acc.ID}
	if c.email, err = s.d.Vault.Seal(ctx, privacy.IdentityNewEmail.Field, acc.Subject, c.id, email); err != nil {
		return step, err
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		step = Step{Need: Confirm, Code: id.NewCode(8), Until: tx.Now().Add(changeLife)}
		if _, err := endChanges(tx, acc.ID); err != nil {
			return err
		}
		send, err := s.takeAsk(tx, address, v)
		if err != nil || !send {
			return err
		}
		if err := insertChange(tx, c, step.Until); err != nil {
			return err
		}
		if err := s.askBoth(tx, acc, c, step, v); err != nil {
			return err
		}
		return s.record(tx, "email_asked", acc, 0, v, nil)
	})
	return step, err
}

// askBoth mails the links to the two addresses.
func (s *Service) askBoth(tx *db.Tx, acc Account, c change, step Step, v Visitor) error {
	for kind, letter := range map[LinkKind]LetterKind{LinkEmailOld: LetterEmailOld, LinkEmailNew: LetterEmailNew} {
		l := link{kind: kind, realm: acc.Realm, account: acc.ID, change: c.id, browser: v.Browser.Hash(), code: s.codeHash(step.Code), ends: step.Until}
		made, err := s.newLink(tx, l)
		if err != nil {
			return err
		}
		if err := s.letter(tx, Letter{Kind: letter, Account: acc.ID, Link: made, Change: c.id}); err != nil {
			return err
		}
	}
	return nil
}

// CancelEmail gives a change up.
func (s *Service) CancelEmail(ctx context.Context, sess Session, v Visitor) (err error) {
	defer fault.Wrap(&err, "identity: cancel email")
	if err := sess.RequireFull(); err != nil {
		return err
	}
	acc, err := s.ownAccount(ctx, sess)
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *db.Tx) error {
		n, err := endChanges(tx, acc.ID)
		if err != nil || n == 0 {
			return err
		}
		return s.record(tx, "email_cancelled", acc, 0, v, EmailRefused{about(acc, 0, "cancelled")})
	})
}

// PendingEmail is the address that waits for its confirmations.
func (s *Service) PendingEmail(ctx context.Context, sess Session) (p vault.Personal, ok bool, err error) {
	acc, err := s.Account(ctx, sess.Account)
	if err != nil {
		return p, false, err
	}
	var c change
	err = s.read(ctx, func(tx *db.Tx) (err error) { c, ok, err = openChange(tx, acc.ID); return err })
	return s.newEmail(acc, c), ok, err
}

func (s *Service) newEmail(acc Account, c change) vault.Personal {
	return s.d.Vault.Sealed(privacy.IdentityNewEmail.Field, acc.Subject, c.id, c.email)
}

// confirmEmail takes one of the two confirmations, and makes the change with the second.
func (s *Service) confirmEmail(ctx context.Context, l link, acc Account, v Visitor) (step Step, err error) {
	var c change
	err = s.write(ctx, func(tx *db.Tx) error {
		if err := spendLink(tx, l.id); err != nil {
			return err
		}
		var ok bool
		if c, ok, err = confirmChange(tx, l.change, l.kind == LinkEmailOld); err != nil || !ok {
			return orLink(err)
		}
		return nil
	})
	if err != nil || !c.byOld || !c.byNew {
		return Step{Need: Nothing}, err
	}
	return Step{Need: Nothing}, s.changeEmail(ctx, acc, c, v)
}

// changeEmail makes both confirmations count. The keys come first: the index of the new address, then the data.
func (s *Service) changeEmail(ctx context.Context, acc Account, c change, v Visitor) error {
	next := s.newEmail(acc, c)
	fresh, err := s.d.Vault.Seal(ctx, privacy.IdentityEmail.Field, acc.Subject, acc.ID, next)
	if err != nil {
		return err
	}
	old, err := s.d.Vault.Seal(ctx, privacy.IdentityNewEmail.Field, acc.Subject, c.id, acc.Email)
	if err != nil {
		return err
	}
	contact, err := s.d.Vault.Enlist(ctx, privacy.IdentityEmail.Field, acc.Subject, next)
	if err != nil {
		return err
	}
	taken := false
	err = s.write(ctx, func(tx *db.Tx) error {
		ok, err := setContact(tx, acc.ID, contact)
		if taken = err == nil && !ok; err != nil {
			return err
		}
		if taken {
			_, err := endChanges(tx, acc.ID)
			return err
		}
		return s.swapEmail(tx, acc, c, fresh, old, v)
	})
	if err == nil && taken {
		_ = s.refuse(ctx, refusal{act: "email_changed", acc: acc, reason: "taken", event: EmailRefused{about(acc, 0, "taken")}}, v)
		if err := s.d.Vault.DropIndex(ctx, privacy.IdentityEmail.Field, acc.Subject, next); err != nil {
			return err
		}
		return ErrTaken
	}
	return err
}

// swapEmail writes the new address, keeps the old one for the mail that tells it, and has its index entry removed.
func (s *Service) swapEmail(tx *db.Tx, acc Account, c change, fresh, old []byte, v Visitor) error {
	if err := doneChange(tx, c.id, old); err != nil {
		return err
	}
	if err := setEmail(tx, acc.ID, fresh); err != nil {
		return err
	}
	if _, err := s.d.Jobs.Enqueue(tx, job.Job{Kind: "identity.unindex", Args: unindexArgs{acc.ID, c.id}}); err != nil {
		return err
	}
	if err := s.letter(tx, Letter{Kind: LetterEmailChanged, Account: acc.ID, Change: c.id}); err != nil {
		return err
	}
	if err := s.smsNotice(tx, acc, "email_changed"); err != nil {
		return err
	}
	return s.record(tx, "email_changed", acc, 0, v, EmailChanged{about(acc, 0, "")})
}

type unindexArgs struct{ Account, Change id.ID }

// unindex is the job that makes an account unfindable by its old address.
func (s *Service) unindex(ctx context.Context, a unindexArgs) error {
	acc, err := s.Account(ctx, a.Account)
	if err != nil {
		return ignoreMissing(err)
	}
	var c change
	var ok bool
	err = s.read(ctx, func(tx *db.Tx) (err error) { c, ok, err = changeByID(tx, a.Change); return err })
	if err != nil || !ok || c.account != acc.ID {
		return err
	}
	old := s.newEmail(acc, c)
	was, err := s.address(ctx, acc.Realm, old)
	if err != nil {
		return err
	}
	if is, err := s.address(ctx, acc.Realm, acc.Email); err != nil || string(is) == string(was) {
		return err // changed back, or only its spelling
	}
	return s.d.Vault.DropIndex(ctx, privacy.IdentityEmail.Field, acc.Subject, old)
}
