package identity

import (
	"context"
	"crypto/rand"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
)

// Prepared is an account that does not stand yet: keys and sealed address, made before the transaction that inserts it.
type Prepared struct {
	Account, Subject id.ID
	realm            Realm
	language         string
	handle           []byte
	email            []byte
	typed            vault.Personal
}

// PrepareAccount makes the keys of an account and seals its address. It asks the key database and therefore comes
// before the transaction.
func (s *Service) PrepareAccount(ctx context.Context, realm Realm, email vault.Personal, language string) (p Prepared, err error) {
	defer fault.Wrap(&err, "identity: prepare account")
	if _, err := s.address(ctx, realm, email); err != nil {
		return p, err
	}
	if !s.d.Shop.Speaks(language) {
		language = s.d.Shop.DefaultLanguage
	}
	p = Prepared{Account: id.New(s.now(), nil), realm: realm, language: language, handle: make([]byte, 32), typed: email}
	_, _ = rand.Read(p.handle)
	if p.Subject, err = s.d.Vault.NewSubject(ctx, vault.Profile); err != nil {
		return p, err
	}
	p.email, err = s.d.Vault.Seal(ctx, privacy.IdentityEmail.Field, p.Subject, p.Account, email)
	return p, err
}

// InsertAccount writes a prepared account that counts at once: for staff, whose address was confirmed by an invitation.
// It has no way of signing in before its owner enrolled one. Call Indexed after the commit.
func (s *Service) InsertAccount(tx *db.Tx, p Prepared) error {
	if err := insertAccount(tx, p, Active); err != nil {
		return err
	}
	_, err := s.d.Jobs.Enqueue(tx, job.Job{Kind: "identity.index", Key: p.Account.String(), Args: indexArgs{p.Account}})
	return err
}

type indexArgs struct{ Account id.ID }

// Indexed makes an account findable by its address, and tells the vault that its keys are in use. It can be repeated;
// a job repeats it after a crash. ErrTaken means that another account of the realm has the address.
func (s *Service) Indexed(ctx context.Context, p Prepared) (err error) {
	defer fault.Wrap(&err, "identity: index account")
	return s.tie(ctx, p.Account, p.Subject, p.typed)
}

func (s *Service) tie(ctx context.Context, account, subject id.ID, email vault.Personal) error {
	if err := s.d.Vault.Confirm(ctx, subject); err != nil {
		return err
	}
	contact, err := s.d.Vault.Enlist(ctx, privacy.IdentityEmail.Field, subject, email)
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *db.Tx) error {
		ok, err := setContact(tx, account, contact)
		if err == nil && !ok {
			err = ErrTaken
		}
		return err
	})
}

// reindex is the job that does what a crash left undone.
func (s *Service) reindex(ctx context.Context, a indexArgs) error {
	acc, err := s.Account(ctx, a.Account)
	if err != nil || !acc.State.open() {
		return ignoreMissing(err)
	}
	err = s.tie(ctx, acc.ID, acc.Subject, acc.Email)
	if fault.Is(err, fault.Conflict) {
		return job.Permanent(err)
	}
	return err
}

func ignoreMissing(err error) error {
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// Account reads one account.
func (s *Service) Account(ctx context.Context, v id.ID) (acc Account, err error) {
	err = s.read(ctx, func(tx *db.Tx) (err error) { acc, err = s.mustAccount(tx, v); return err })
	return acc, err
}

func (s *Service) mustAccount(tx *db.Tx, v id.ID) (Account, error) {
	acc, ok, err := s.accountBy(tx, v)
	if err == nil && !ok {
		err = ErrMissing
	}
	return acc, err
}

// EmailOf is the sealed address of an account.
func (s *Service) EmailOf(ctx context.Context, account id.ID) (vault.Personal, error) {
	acc, err := s.Account(ctx, account)
	return acc.Email, err
}

// Methods is how the owner of an account could sign in.
func (s *Service) Methods(ctx context.Context, account id.ID) (e Enrolled, err error) {
	err = s.read(ctx, func(tx *db.Tx) (err error) { e, err = s.enrolledIn(tx, account); return err })
	return e, err
}

func (s *Service) enrolledIn(tx *db.Tx, account id.ID) (e Enrolled, err error) {
	if e.Passkeys, e.Hardware, err = countPasskeys(tx, account); err != nil {
		return e, err
	}
	return e, s.factorsIn(tx, account, &e)
}

// lookUp finds the account that an address belongs to. It does the same work when there is none.
func (s *Service) lookUp(ctx context.Context, realm Realm, email vault.Personal) (acc Account, found bool, err error) {
	defer fault.Wrap(&err, "identity: look up")
	subjects, err := s.d.Vault.Find(ctx, privacy.IdentityEmail.Field, email, 20)
	if err != nil {
		return acc, false, err
	}
	if len(subjects) == 0 {
		subjects = []id.ID{{}} // nobody's: asked for all the same
	}
	err = s.read(ctx, func(tx *db.Tx) error {
		for _, subject := range subjects {
			a, ok, err := s.openBySubject(tx, realm, subject)
			if err != nil {
				return err
			}
			if ok {
				acc, found = a, true
			}
		}
		return nil
	})
	if !found {
		acc = Account{Realm: realm}
	}
	return acc, found, err
}

// EndSessions ends every session of an account at its next request, because rights changed or an alarm asks for it.
func (s *Service) EndSessions(tx *db.Tx, account id.ID) error {
	if err := nextGeneration(tx, account); err != nil {
		return err
	}
	if err := dropSessions(tx, account, id.ID{}); err != nil {
		return err
	}
	return tx.Emit(SessionEnded{About{Account: account, Reason: "all"}})
}

// EndAll ends every session of a realm, for an incident. Who calls it has checked the right to do so.
func (s *Service) EndAll(ctx context.Context, realm Realm, by access.Actor, reason string) (err error) {
	defer fault.Wrap(&err, "identity: end all sessions")
	return s.write(ctx, func(tx *db.Tx) error {
		if err := endRealm(tx, realm); err != nil {
			return err
		}
		entry := audit.Entry{Actor: by, Action: "identity.end_all", Object: "realm", Outcome: audit.Done, Reason: reason, Facts: facts(realm, 0)}
		if err := s.d.Audit.Record(tx, entry); err != nil {
			return err
		}
		return tx.Emit(SessionEnded{About{Realm: realm.String(), Reason: "realm"}})
	})
}

// Close ends an account: every session is over at the next request, and nobody signs in any more. Its keys stay; who
// closes decides what is erased.
func (s *Service) Close(tx *db.Tx, account id.ID) error {
	closed, err := closeAccount(tx, account)
	if err != nil || !closed {
		return err
	}
	for _, drop := range []func() error{
		func() error { return dropSessions(tx, account, id.ID{}) },
		func() error { return endLinks(tx, account) },
		func() error { return endAttempts(tx, account) },
		func() error { return tx.Emit(AccountClosed{About{Account: account}}) },
	} {
		if err := drop(); err != nil {
			return err
		}
	}
	return nil
}

// Reopen lets the owner of a closed account sign in again, with what was enrolled. The address must be tied anew.
func (s *Service) Reopen(tx *db.Tx, account id.ID) error {
	ok, err := moveState(tx, account, Closed, Active)
	if err == nil && !ok {
		err = ErrMissing
	}
	if err != nil {
		return err
	}
	_, err = s.d.Jobs.Enqueue(tx, job.Job{Kind: "identity.index", Args: indexArgs{account}})
	return err
}

// DropMethods takes every way of signing in away, and the sessions with them: for a recovery that begins anew.
func (s *Service) DropMethods(tx *db.Tx, account id.ID) error {
	if err := dropPasskeys(tx, account); err != nil {
		return err
	}
	if err := s.dropFactorsIn(tx, account); err != nil {
		return err
	}
	if err := forgetDevices(tx, account); err != nil {
		return err
	}
	return s.EndSessions(tx, account)
}

// LastSeen says when somebody last signed in to each of the accounts.
func (s *Service) LastSeen(ctx context.Context, accounts []id.ID) (seen map[id.ID]time.Time, err error) {
	seen = map[id.ID]time.Time{}
	err = s.read(ctx, func(tx *db.Tx) error {
		for _, v := range accounts {
			acc, ok, err := s.accountBy(tx, v)
			if err != nil {
				return err
			}
			if ok {
				seen[v] = acc.SeenAt
			}
		}
		return nil
	})
	return seen, err
}

// lastMail is how long the keys of a closed account live on, for its last mail to find its way.
const lastMail = time.Hour

// CloseAccount ends a shopper's own account. Nobody gets in any more, a last mail tells so, and an hour later everything
// in it is unreadable for good; orders stay with their own keys.
func (s *Service) CloseAccount(ctx context.Context, sess Session, v Visitor) (err error) {
	defer fault.Wrap(&err, "identity: close account")
	if err := s.RequireStepUp(sess, StepUpFor); err != nil {
		return err
	}
	acc, err := s.Account(ctx, sess.Account)
	if err != nil {
		return err
	}
	if err := s.known(ctx, &acc); err != nil {
		return err
	}
	if acc.Realm != Shopper {
		return fault.New(fault.Forbidden, "identity.not_yours")
	}
	return s.write(ctx, func(tx *db.Tx) error {
		if err := s.record(tx, "close", acc, 0, v, nil); err != nil {
			return err
		}
		if err := s.DropMethods(tx, acc.ID); err != nil {
			return err
		}
		if err := s.Close(tx, acc.ID); err != nil {
			return err
		}
		if err := s.letter(tx, Letter{Kind: LetterClosed, Account: acc.ID}); err != nil {
			return err
		}
		_, err := s.d.Jobs.Enqueue(tx, job.Job{Kind: "identity.erase", Key: acc.ID.String(), Args: indexArgs{acc.ID}, At: tx.Now().Add(lastMail)})
		return err
	})
}

// erase has the keys of a closed account destroyed.
func (s *Service) erase(ctx context.Context, a indexArgs) error {
	acc, err := s.Account(ctx, a.Account)
	if err != nil || acc.State != Closed {
		return ignoreMissing(err)
	}
	return s.write(ctx, func(tx *db.Tx) error { return s.d.Vault.Intend(tx, acc.Subject, vault.Profile) })
}

// Sweep forgets what is over: attempts, challenges, links, counts, and accounts that nobody confirmed.
func (s *Service) Sweep(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "identity: sweep")
	if err := s.write(ctx, dropOver); err != nil {
		return err
	}
	var old []Account
	err = s.read(ctx, func(tx *db.Tx) (err error) {
		old, err = s.pendingBefore(tx, tx.Now().Add(-pendingLife), 200)
		return err
	})
	for _, acc := range old {
		if err != nil {
			return err
		}
		err = s.write(ctx, func(tx *db.Tx) error { return s.forget(tx, acc, "unconfirmed") })
	}
	return err
}

// forget removes a pending account and has its keys destroyed.
func (s *Service) forget(tx *db.Tx, acc Account, why string) error {
	ok, err := dropPending(tx, acc.ID)
	if err != nil || !ok {
		return err
	}
	entry := audit.Entry{Actor: access.System("identity"), Action: "identity.forget", Object: "account", ObjectID: acc.ID,
		Outcome: audit.Done, Reason: why}
	if err := s.d.Audit.Record(tx, entry); err != nil {
		return err
	}
	return s.d.Vault.Intend(tx, acc.Subject, vault.Profile)
}
