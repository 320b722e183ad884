package identity

import (
	"context"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/identity/strength"
	"strongroom/guard/vault"
)

// errCurrent says that the password that is to be changed was not typed right.
var errCurrent = fault.New(fault.Invalid, "identity.password_wrong").WithField("current", "identity.password_wrong", nil)

// Password is the sign-in step by e-mail address and password. A right password opens nothing by itself: the step says
// which factor is needed, or that a mailed confirmation must release this browser first. A wrong one and an address
// that nobody has get the same answer after the same work.
func (s *Service) Password(ctx context.Context, realm Realm, email vault.Personal, password string, v Visitor) (step Step, err error) {
	defer fault.Wrap(&err, "identity: password")
	defer s.even(ctx)()
	acc, _, err := s.lookUp(ctx, realm, email)
	if err != nil {
		return step, err
	}
	if err := s.takePassword(ctx, realm, email, acc, v); err != nil {
		return step, err
	}
	right, _, err := s.rightPassword(ctx, acc.ID, password)
	if err != nil {
		return step, err
	}
	if !right {
		return step, s.refuse(ctx, refusal{act: "sign_in", acc: acc, method: PasswordMethod, reason: "wrong"}, v)
	}
	return s.begin(ctx, acc, aimSignIn, Methods(0).With(PasswordMethod), v)
}

// ProvePassword proves the password in an attempt that exists: to step up, or beside a factor.
func (s *Service) ProvePassword(ctx context.Context, token id.Token, password string, v Visitor) (step Step, err error) {
	defer fault.Wrap(&err, "identity: prove password")
	a, acc, address, err := s.takeProof(ctx, token, PasswordMethod, v)
	if err != nil {
		return step, err
	}
	right, _, err := s.rightPassword(ctx, acc.ID, password) // between the two transactions: a hash takes long
	if err != nil {
		return step, err
	}
	return s.settle(ctx, token, a, acc, address, PasswordMethod, v, func(*db.Tx, *attempt, Account) error {
		if !right {
			return ErrRefused
		}
		return nil
	})
}

// rightPassword says whether the password is that of the account, and which record said so. For nobody's account, and
// for one without a password, it does the same work. A record that was made with older costs is made anew.
func (s *Service) rightPassword(ctx context.Context, account id.ID, password string) (right bool, rec string, err error) {
	err = s.read(ctx, func(tx *db.Tx) (err error) { rec, err = passwordOf(tx, account); return err })
	if err != nil {
		return false, "", err
	}
	tooLong := len(password) > 4*strength.Longest // bytes: what no rule let through is not worth its normal form
	if tooLong {
		password = ""
	}
	password = strength.Normal(password)
	if rec == "" {
		return false, "", s.d.Hash.Waste(ctx, password)
	}
	right, stale, err := s.d.Hash.Check(ctx, rec, password)
	if err != nil || !right || tooLong {
		return false, "", err
	}
	if stale {
		rec, err = s.rehash(ctx, account, rec, password)
	}
	return true, rec, err
}

// rehash makes a record anew, unless the password was changed meanwhile.
func (s *Service) rehash(ctx context.Context, account id.ID, old, password string) (string, error) {
	rec, err := s.d.Hash.Make(ctx, password)
	if err != nil {
		return "", err
	}
	return rec, s.write(ctx, func(tx *db.Tx) error { return replacePassword(tx, account, old, rec) })
}

// NewPassword is what somebody fills in to set or change a password.
type NewPassword struct {
	Current string // needed when there is one already
	Next    string
	About   []vault.Personal // name and addresses of the person, which must not make up the password
}

// LeastPassword is how many characters a new password of the account needs: 15, or 8 for a shopper with a second
// factor.
func (s *Service) LeastPassword(ctx context.Context, sess Session) (least int, err error) {
	err = s.read(ctx, func(tx *db.Tx) error { least, err = s.leastIn(tx, sess.Account, sess.Realm); return err })
	return least, err
}

func (s *Service) leastIn(tx *db.Tx, account id.ID, realm Realm) (int, error) {
	e, err := s.enrolledIn(tx, account)
	if err == nil && e.second() && realm == Shopper {
		return strength.WithFactor, nil
	}
	return strength.Alone, err
}

// SetPassword sets or changes the password. It needs a fresh proof, and the current password where there is one; who
// forgot it can remove it with another proof. Other sessions end, and the session gets a new token.
func (s *Service) SetPassword(ctx context.Context, sess Session, p NewPassword, v Visitor) (step Step, err error) {
	defer fault.Wrap(&err, "identity: set password")
	acc, had, err := s.mayPassword(ctx, sess, p, v)
	if err != nil {
		return step, err
	}
	least, err := s.LeastPassword(ctx, sess)
	if err != nil {
		return step, err
	}
	about, err := s.about(ctx, acc, p.About)
	if err != nil {
		return step, err
	}
	if err := s.d.Strength.Check(ctx, p.Next, least, about...); err != nil {
		return step, err
	}
	next := strength.Normal(p.Next)
	rec, err := s.d.Hash.Make(ctx, next)
	if err != nil {
		return step, err
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		step, err = s.setPassword(tx, sess, acc, had, rec, strength.Length(next), v)
		return err
	})
	return step, err
}

// mayPassword checks session and current password, and gives the record that is to be replaced.
func (s *Service) mayPassword(ctx context.Context, sess Session, p NewPassword, v Visitor) (acc Account, had string, err error) {
	if err := s.mayChange(sess); err != nil {
		return acc, "", err
	}
	if acc, err = s.ownAccount(ctx, sess); err != nil {
		return acc, "", err
	}
	err = s.read(ctx, func(tx *db.Tx) (err error) { had, err = passwordOf(tx, acc.ID); return err })
	if err != nil || had == "" || sess.Level == Enrolling { // who recovers cannot know it
		return acc, had, err
	}
	err = s.write(ctx, func(tx *db.Tx) error { return take(tx, s.factorKey(acc.ID)) })
	if err = s.slowed(ctx, err, acc, PasswordMethod, v); err != nil {
		return acc, "", err
	}
	// What is replaced is the very record that the current password opened: of two changes at once one loses.
	right, had, err := s.rightPassword(ctx, acc.ID, p.Current)
	if err == nil && !right {
		_ = s.refuse(ctx, refusal{act: "password_set", acc: acc, method: PasswordMethod, reason: "wrong", event: EnrolRefused{about(acc, PasswordMethod, "wrong")}}, v)
		err = errCurrent
	}
	return acc, had, err
}

func (s *Service) setPassword(tx *db.Tx, sess Session, acc Account, had, rec string, length int, v Visitor) (Step, error) {
	if err := lockAccount(tx, acc.ID); err != nil {
		return Step{}, err
	}
	// The factor may have been removed while the hash was made.
	if least, err := s.leastIn(tx, acc.ID, acc.Realm); err != nil || length < least {
		return Step{}, orLast(err)
	}
	if err := putPassword(tx, acc.ID, had, rec, length >= strength.Alone); err != nil {
		return Step{}, err
	}
	if err := dropThrottle(tx, s.factorKey(acc.ID)); err != nil {
		return Step{}, err
	}
	if err := tx.Emit(MethodEnrolled{about(acc, PasswordMethod, "")}); err != nil {
		return Step{}, err
	}
	if err := s.endOthers(tx, acc.ID, sess.ID); err != nil {
		return Step{}, err
	}
	if err := s.endBegun(tx, sess, acc, v); err != nil {
		return Step{}, err
	}
	if err := s.changed(tx, acc, "password_set", v); err != nil {
		return Step{}, err
	}
	return s.afterEnrol(tx, sess, acc, PasswordMethod, v)
}

// endBegun ends what was begun under an older password: attempts, the mailed links that lead in, and a recovery that
// waits for its delay. Who is in with a fresh proof needs none; somebody who reads her mail may have begun it.
func (s *Service) endBegun(tx *db.Tx, sess Session, acc Account, v Visitor) error {
	if err := endAttempts(tx, acc.ID); err != nil {
		return err
	}
	for _, k := range []LinkKind{LinkSignIn, LinkBrowser, LinkRecovery, LinkRecoveryEnd} {
		if err := replaceLinks(tx, acc.ID, k); err != nil {
			return err
		}
	}
	if _, running, err := openRecovery(tx, acc.ID); err != nil || !running || sess.Level != Full {
		return err
	}
	return s.stopRecovery(tx, acc, v)
}

func orLast(err error) error {
	if err == nil {
		return ErrLast
	}
	return err
}

// about is what a password must not be made of: the account's address and what the page knows.
func (s *Service) about(ctx context.Context, acc Account, more []vault.Personal) (out []string, err error) {
	for _, p := range append([]vault.Personal{acc.Email}, more...) {
		if p.IsZero() {
			continue
		}
		clear, err := s.clear(ctx, p)
		if err != nil {
			return nil, err
		}
		out = append(out, clear)
	}
	return out, nil
}

// AdvisePassword looks at a password while it is typed. It is kept nowhere and asked of nobody outside.
func (s *Service) AdvisePassword(ctx context.Context, sess Session, p NewPassword) (a strength.Advice, err error) {
	defer fault.Wrap(&err, "identity: advise")
	if sess.ID.IsZero() || sess.Locked || sess.Level < Enrolling {
		return a, ErrLimited
	}
	acc, err := s.Account(ctx, sess.Account)
	if err != nil {
		return a, err
	}
	least, err := s.LeastPassword(ctx, sess)
	if err != nil {
		return a, err
	}
	words, err := s.about(ctx, acc, p.About)
	if err != nil {
		return a, err
	}
	return s.d.Strength.Advise(p.Next, least, words...), nil
}

// RemovePassword takes the password away, unless nothing strong would be left.
func (s *Service) RemovePassword(ctx context.Context, sess Session, v Visitor) (err error) {
	defer fault.Wrap(&err, "identity: remove password")
	return s.removal(ctx, sess, PasswordMethod, "password_removed", v, func(e *Enrolled) { e.Password, e.LongPassword = false, false }, dropPassword)
}

// removal takes a way of signing in away: with a fresh proof, if something strong is left, and told on every channel.
func (s *Service) removal(ctx context.Context, sess Session, m Method, what string, v Visitor, without func(*Enrolled), drop func(*db.Tx, id.ID) (bool, error)) error {
	if err := s.RequireStepUp(sess, StepUpFor); err != nil {
		return err
	}
	acc, err := s.ownAccount(ctx, sess)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		if err := s.leaves(tx, acc, without); err != nil {
			return err
		}
		// Told first: the notice to a phone that is removed needs its number.
		if err := s.changed(tx, acc, what, v); err != nil {
			return err
		}
		if ok, err := drop(tx, acc.ID); err != nil || !ok {
			return missing(err)
		}
		if err := tx.Emit(MethodRemoved{about(acc, m, "")}); err != nil {
			return err
		}
		return s.endOthers(tx, acc.ID, sess.ID)
	})
	if fault.Is(err, fault.Conflict) {
		_ = s.refuse(ctx, refusal{act: what, acc: acc, method: m, reason: "last", event: RemoveRefused{about(acc, m, "last")}}, v)
	}
	return err
}
