package identity

import (
	"context"
	"strconv"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
)

// The delays of a recovery. They give the owner of an account time to see the notices and to say no.
const (
	shortDelay   = 24 * time.Hour // a factor was proven beside the mailbox
	longDelay    = 72 * time.Hour // only the mailbox, or the phone
	recoveryOpen = 7 * 24 * time.Hour
	endLinkLife  = 24 * time.Hour
)

// Recovery says whether one is under way.
type Recovery struct {
	Running bool
	Ready   time.Time
}

// mailRecovery begins the attempt of a recovery, in which the mailbox is proven. What else is needed depends on what is
// enrolled: with a factor, mail alone never recovers.
func (s *Service) mailRecovery(ctx context.Context, l link, acc Account, v Visitor) (Step, error) {
	if !acc.State.open() {
		return Step{}, ErrLink
	}
	if err := s.write(ctx, func(tx *db.Tx) error { return spendLink(tx, l.id) }); err != nil {
		return Step{}, err
	}
	return s.begin(ctx, acc, aimRecover, Methods(0).With(MailMethod), v)
}

// schedule starts the delay of a recovery that proved enough, and tells its owner on every channel. One that is under way
// goes on: asking again makes nothing quicker.
func (s *Service) schedule(tx *db.Tx, a attempt, acc Account, v Visitor) (Step, error) {
	wait := longDelay
	if a.proven.Has(CodeMethod) || a.proven.Has(AppMethod) || a.proven.Has(PasskeyMethod) {
		wait = shortDelay
	}
	code := id.NewCode(8)
	r := recovery{id: tx.NewID(), account: acc.ID, proven: a.proven, browser: a.browser, code: s.codeHash(code), ready: tx.Now().Add(wait)}
	r.ends = r.ready.Add(recoveryOpen)
	fresh, err := insertRecovery(tx, r)
	if err != nil {
		return Step{}, err
	}
	if !fresh {
		running, _, err := openRecovery(tx, acc.ID)
		return Step{Need: Nothing, Until: running.ready, Proven: a.proven}, err
	}
	if _, err := moveState(tx, acc.ID, Active, Recovering); err != nil {
		return Step{}, err
	}
	if err := s.tellRecovery(tx, acc, r); err != nil {
		return Step{}, err
	}
	m := lastOf(a.proven)
	return Step{Need: Nothing, Until: r.ready, Code: code, Proven: a.proven},
		s.record(tx, "recovery", acc, m, v, RecoveryStarted{about(acc, m, "")})
}

// tellRecovery mails the notice with the link that cancels, and sends one to the phone with a link of its own: each
// channel can stop it.
func (s *Service) tellRecovery(tx *db.Tx, acc Account, r recovery) error {
	l, err := s.newLink(tx, link{kind: LinkRecoveryCancel, realm: acc.Realm, account: acc.ID, change: r.id, ends: r.ends})
	if err != nil {
		return err
	}
	if err := s.letter(tx, Letter{Kind: LetterRecoveryStarted, Account: acc.ID, Link: l, Change: r.id}); err != nil {
		return err
	}
	own := link{id: tx.NewID(), kind: LinkRecoveryCancel, realm: acc.Realm, account: acc.ID, change: r.id, ends: r.ends}
	if err := insertLink(tx, own); err != nil {
		return err
	}
	return s.smsWithLink(tx, acc, "recovery_started", own.id)
}

// TellReady mails the link that ends a recovery, to those whose delay is over, and gives up those that ran out. It is a job.
func (s *Service) TellReady(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "identity: tell ready")
	var due []recovery
	if err := s.read(ctx, func(tx *db.Tx) (err error) { due, err = dueRecoveries(tx, 200); return err }); err != nil {
		return err
	}
	for _, r := range due {
		if err := s.write(ctx, func(tx *db.Tx) error { return s.tellOne(tx, r) }); err != nil && !fault.Is(err, fault.Gone) {
			return err
		}
	}
	return nil
}

func (s *Service) tellOne(tx *db.Tx, r recovery) error {
	acc, ok, err := s.accountBy(tx, r.account)
	if err != nil {
		return err
	}
	if !ok || !acc.State.open() || !tx.Now().Before(r.ends) {
		if err := endRecovery(tx, r.id, 3); err != nil {
			return err
		}
		_, err := moveState(tx, r.account, Recovering, Active)
		return err
	}
	l, err := s.newLink(tx, link{kind: LinkRecoveryEnd, realm: acc.Realm, account: acc.ID, change: r.id, browser: r.browser, code: r.code,
		ends: tx.Now().Add(endLinkLife)})
	if err != nil {
		return err
	}
	if err := setTold(tx, r.id); err != nil {
		return err
	}
	return s.letter(tx, Letter{Kind: LetterRecoveryReady, Account: acc.ID, Link: l, Change: r.id})
}

// endOfRecovery gives the account back: every way of signing in that it had is gone, every session too, and the session
// that begins may only add new ones.
func (s *Service) endOfRecovery(ctx context.Context, l link, acc Account, v Visitor) (step Step, err error) {
	err = s.write(ctx, func(tx *db.Tx) error {
		if err := spendLink(tx, l.id); err != nil {
			return err
		}
		r, ok, err := openRecovery(tx, acc.ID)
		if err != nil || !ok || r.id != l.change || tx.Now().Before(r.ready) || !tx.Now().Before(r.ends) {
			return orLink(err)
		}
		if err := endRecovery(tx, r.id, 2); err != nil {
			return err
		}
		if err := s.giveBack(tx, acc); err != nil {
			return err
		}
		now, err := s.mustAccount(tx, acc.ID)
		if err != nil {
			return err
		}
		now.person = acc.person
		step = Step{Need: Done, Level: Enrolling, Until: tx.Now().Add(enrolLife)}
		if step.Session, err = s.openSession(tx, now, Enrolling, Methods(0).With(MailMethod), v); err != nil {
			return err
		}
		return s.record(tx, "recovered", now, lastOf(r.proven), v, RecoveryEnded{about(now, lastOf(r.proven), "")})
	})
	return step, err
}

// giveBack takes away whatever could be in other hands.
func (s *Service) giveBack(tx *db.Tx, acc Account) error {
	if err := s.DropMethods(tx, acc.ID); err != nil {
		return err
	}
	if err := endLinks(tx, acc.ID); err != nil {
		return err
	}
	if err := endAttempts(tx, acc.ID); err != nil {
		return err
	}
	if _, err := endChanges(tx, acc.ID); err != nil {
		return err
	}
	if err := setCompromised(tx, acc.ID, false); err != nil {
		return err
	}
	_, err := moveState(tx, acc.ID, Recovering, Active)
	return err
}

// CancelRecovery stops a recovery, from a session that just proved itself.
func (s *Service) CancelRecovery(ctx context.Context, sess Session, v Visitor) (err error) {
	defer fault.Wrap(&err, "identity: cancel recovery")
	if err := s.RequireStepUp(sess, StepUpFor); err != nil {
		return err
	}
	acc, err := s.ownAccount(ctx, sess)
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *db.Tx) error { return s.stopRecovery(tx, acc, v) })
}

// cancelByMail stops a recovery from the notice's link.
func (s *Service) cancelByMail(ctx context.Context, l link, acc Account, v Visitor) (Step, error) {
	err := s.write(ctx, func(tx *db.Tx) error {
		if err := spendLink(tx, l.id); err != nil {
			return err
		}
		return s.stopRecovery(tx, acc, v)
	})
	return Step{Need: Nothing}, err
}

func (s *Service) stopRecovery(tx *db.Tx, acc Account, v Visitor) error {
	r, ok, err := openRecovery(tx, acc.ID)
	if err != nil || !ok {
		return missing(err)
	}
	if err := endRecovery(tx, r.id, 3); err != nil {
		return err
	}
	if err := replaceLinks(tx, acc.ID, LinkRecoveryEnd); err != nil {
		return err
	}
	if _, err := moveState(tx, acc.ID, Recovering, Active); err != nil {
		return err
	}
	if err := s.letter(tx, Letter{Kind: LetterRecoveryCancelled, Account: acc.ID, Change: r.id}); err != nil {
		return err
	}
	return s.record(tx, "recovery_cancelled", acc, 0, v, RecoveryCancelled{about(acc, 0, "")})
}

// Recovery says whether a recovery of the session's account is under way, and when its delay is over.
func (s *Service) Recovery(ctx context.Context, sess Session) (out Recovery, err error) {
	err = s.read(ctx, func(tx *db.Tx) error {
		r, ok, err := openRecovery(tx, sess.Account)
		out = Recovery{Running: ok, Ready: r.ready}
		return err
	})
	return out, err
}

// notMe disowns a sign-in: every session is closed, no browser is trusted any more, the alarm stands, and a recovery
// begins, for which the mailbox is proven and a factor is still needed where one is enrolled.
func (s *Service) notMe(ctx context.Context, l link, acc Account, v Visitor) (Step, error) {
	err := s.write(ctx, func(tx *db.Tx) error {
		if err := spendLink(tx, l.id); err != nil {
			return err
		}
		if err := s.EndSessions(tx, acc.ID); err != nil {
			return err
		}
		if err := forgetDevices(tx, acc.ID); err != nil {
			return err
		}
		if err := setCompromised(tx, acc.ID, true); err != nil {
			return err
		}
		return s.record(tx, "not_me", acc, MailMethod, v, NotMe{about(acc, MailMethod, "")})
	})
	if err != nil {
		return Step{}, err
	}
	if acc.Realm == Staff { // staff are let in anew by the owner, never by their mailbox
		return Step{Need: Nothing}, nil
	}
	step, err := s.begin(ctx, acc, aimRecover, Methods(0).With(MailMethod), v)
	if fault.Is(err, fault.Forbidden) { // nothing further can be proven here; the sessions are closed all the same
		return Step{Need: Nothing}, nil
	}
	return step, err
}

// tellDevice mails that an account was used in a browser for the first time, with the link that disowns it.
func (s *Service) tellDevice(tx *db.Tx, acc Account, device id.ID) error {
	l, err := s.newLink(tx, link{kind: LinkNotMe, realm: acc.Realm, account: acc.ID, device: device, ends: tx.Now().Add(notMeLife)})
	if err != nil {
		return err
	}
	return s.letter(tx, Letter{Kind: LetterNewDevice, Account: acc.ID, Link: l, Device: device, What: strconv.FormatInt(tx.Now().Unix(), 10)})
}
