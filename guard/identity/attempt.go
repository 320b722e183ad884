package identity

import (
	"context"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
)

const (
	attemptTries = 5 // proofs that one attempt may get wrong
	codesSent    = 3 // codes that one attempt may ask for
)

// needs is the rule of what suffices: a pure function of what the attempt is for, what was proven, what is enrolled and
// whether the browser was released. Choices are what would bring it further. Need 0 means that nothing can.
func needs(a attempt, e Enrolled, released bool) (Need, []Method) {
	switch {
	case a.aim == aimRecover:
		return recoveryNeeds(a, e)
	case a.proven.Has(PasskeyMethod):
		return Done, nil
	case !a.proven.Has(PasswordMethod):
		return choose(e, a.aim == aimStepUp && (e.LongPassword || e.second()), false)
	case e.second():
		if a.proven.Has(AppMethod) || a.proven.Has(PhoneMethod) || a.proven.Has(CodeMethod) {
			return Done, nil
		}
		return choose(e, false, true)
	case a.realm == Staff || !e.LongPassword: // a password that may not stand alone
		if a.proven.Has(CodeMethod) {
			return Done, nil
		}
		return choose(e, false, true)
	case released || a.proven.Has(MailMethod) || a.aim == aimStepUp:
		return Done, nil
	}
	return Confirm, passkeyOnly(e)
}

// recoveryNeeds: the mailbox alone recovers only what has no factor.
func recoveryNeeds(a attempt, e Enrolled) (Need, []Method) {
	for _, m := range []Method{PasskeyMethod, CodeMethod, AppMethod, PhoneMethod} {
		if a.proven.Has(m) {
			return Done, nil
		}
	}
	if e.Passkeys == 0 && !e.second() && e.Codes == 0 {
		return Done, nil
	}
	e.Phone = e.PhoneUsable // a number that was changed just now recovers nothing
	return choose(e, false, true)
}

// choose lists what the account could prove now; the first is the best.
func choose(e Enrolled, password, factors bool) (Need, []Method) {
	out := passkeyOnly(e)
	if password && e.Password {
		out = append(out, PasswordMethod)
	}
	if factors {
		if e.App {
			out = append(out, AppMethod)
		}
		if e.Phone {
			out = append(out, PhoneMethod)
		}
		if e.Codes > 0 {
			out = append(out, CodeMethod)
		}
	}
	if len(out) == 0 {
		return 0, nil
	}
	return Factor, out
}

func passkeyOnly(e Enrolled) []Method {
	if e.Passkeys > 0 {
		return []Method{PasskeyMethod}
	}
	return nil
}

// begin opens an attempt in which something has been proven, and takes it as far as that goes.
func (s *Service) begin(ctx context.Context, acc Account, what aim, proven Methods, v Visitor) (step Step, err error) {
	defer fault.Wrap(&err, "identity: begin")
	if v.Browser == "" {
		return step, errBrowser
	}
	address, err := s.ready(ctx, &acc)
	if err != nil {
		return step, err
	}
	token := id.NewToken()
	err = s.write(ctx, func(tx *db.Tx) error {
		a := attempt{id: tx.NewID(), account: acc.ID, realm: acc.Realm, aim: what, browser: v.Browser.Hash(), proven: proven,
			ends: tx.Now().Add(attemptLife)}
		if err := insertAttempt(tx, token.Hash(), a); err != nil {
			return err
		}
		step, err = s.advance(tx, token, a, acc, address, v)
		return err
	})
	return s.stepOr(ctx, step, err, acc, what, v)
}

// ready reads what a transaction about an account needs beforehand: its audit handle and the hash of its address.
func (s *Service) ready(ctx context.Context, acc *Account) ([]byte, error) {
	if err := s.known(ctx, acc); err != nil {
		return nil, err
	}
	return s.addressOf(ctx, *acc)
}

// stepOr writes down that an account offers no way further.
func (s *Service) stepOr(ctx context.Context, step Step, err error, acc Account, what aim, v Visitor) (Step, error) {
	if err == nil && step.Need == 0 {
		return Step{}, s.refuse(ctx, refusal{act: actOf(what), acc: acc, reason: "nothing_strong", event: refusedEvent(what, acc, 0, "nothing_strong")}, v)
	}
	if err != nil {
		return Step{}, err
	}
	return step, nil
}

func actOf(what aim) string {
	return word(what, "", "sign_in", "step_up", "recovery")
}

// advance asks what the attempt still needs, and ends it when that is nothing.
func (s *Service) advance(tx *db.Tx, token id.Token, a attempt, acc Account, address []byte, v Visitor) (Step, error) {
	e, err := s.enrolledIn(tx, acc.ID)
	if err != nil {
		return Step{}, err
	}
	released, err := knows(tx, acc.ID, v.Browser)
	if err != nil {
		return Step{}, err
	}
	step := Step{Attempt: token, Proven: a.proven, Until: a.ends}
	step.Need, step.Choices = needs(a, e, released)
	switch step.Need {
	case Done:
		return s.finish(tx, a, acc, address, v)
	case Confirm:
		err = s.askRelease(tx, &step, a, acc)
	}
	return step, err
}

// finish ends an attempt that has proven enough: exactly one caller gets its session.
func (s *Service) finish(tx *db.Tx, a attempt, acc Account, address []byte, v Visitor) (Step, error) {
	if err := endAttempt(tx, a.id); err != nil {
		return Step{}, err
	}
	if err := s.forgive(tx, acc, address, v); err != nil {
		return Step{}, err
	}
	switch a.aim {
	case aimStepUp:
		return s.steppedUp(tx, a, acc, v)
	case aimRecover:
		return s.schedule(tx, a, acc, v)
	}
	return s.signedIn(tx, acc, Full, a.proven, v)
}

// signedIn opens a session and says so.
func (s *Service) signedIn(tx *db.Tx, acc Account, l Level, proven Methods, v Visitor) (step Step, err error) {
	token, err := s.openSession(tx, acc, l, proven, v)
	if err != nil {
		return step, err
	}
	if err := setSeen(tx, acc.ID); err != nil {
		return step, err
	}
	m := lastOf(proven)
	return Step{Need: Done, Session: token, Level: l, Proven: proven}, s.record(tx, "sign_in", acc, m, v, SignedIn{about(acc, m, l.String())})
}

// lastOf is the method that is named in records: the strongest factor of those that were proven.
func lastOf(p Methods) (m Method) {
	if list := p.List(); len(list) > 0 {
		m = list[len(list)-1]
	}
	if p.Has(PasskeyMethod) {
		m = PasskeyMethod
	}
	return m
}

// BeginStepUp opens an attempt to prove oneself anew, in a session that exists: for risky acts, and to unlock. When it is
// done, the session has a new token.
func (s *Service) BeginStepUp(ctx context.Context, sess Session, v Visitor) (step Step, err error) {
	defer fault.Wrap(&err, "identity: step up")
	if sess.Level != Full {
		return step, ErrLimited
	}
	acc, err := s.ownAccount(ctx, sess)
	if err != nil {
		return step, err
	}
	token := id.NewToken()
	err = s.write(ctx, func(tx *db.Tx) error {
		a := attempt{id: tx.NewID(), account: acc.ID, session: sess.ID, realm: acc.Realm, aim: aimStepUp, browser: v.Browser.Hash(),
			ends: tx.Now().Add(attemptLife)}
		if err := insertAttempt(tx, token.Hash(), a); err != nil {
			return err
		}
		step, err = s.advance(tx, token, a, acc, nil, v)
		return err
	})
	return s.stepOr(ctx, step, err, acc, aimStepUp, v)
}

// steppedUp renews the session of an attempt that proved enough.
func (s *Service) steppedUp(tx *db.Tx, a attempt, acc Account, v Visitor) (Step, error) {
	row, ok, err := sessionByID(tx, a.session, acc.ID)
	if err != nil {
		return Step{}, err
	}
	if !ok || row.generation != acc.generation || !tx.Now().Before(row.until) {
		return Step{}, ErrNoSession
	}
	sess := Session{ID: row.id, Account: acc.ID, Realm: acc.Realm, Level: row.level, Methods: row.methods, Since: row.made, Until: row.until}
	token, err := s.renew(tx, sess, acc, row.level, a.proven, v)
	if err != nil {
		return Step{}, err
	}
	m := lastOf(a.proven)
	return Step{Need: Done, Session: token, Level: row.level, Proven: a.proven}, s.record(tx, "step_up", acc, m, v, SteppedUp{about(acc, m, "")})
}

// Step says where an attempt stands. A page that waits for a mailed confirmation asks it again; the answer becomes Done
// when the browser was released, and opens the session.
func (s *Service) Step(ctx context.Context, token id.Token, v Visitor) (step Step, err error) {
	defer fault.Wrap(&err, "identity: step")
	var a attempt
	var acc Account
	err = s.read(ctx, func(tx *db.Tx) (err error) { a, acc, err = s.attemptFor(tx, token, v); return err })
	if err != nil {
		return step, err
	}
	address, err := s.ready(ctx, &acc)
	if err != nil {
		return step, err
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		if a, acc, err = s.again(tx, token, v, acc); err != nil {
			return err
		}
		step, err = s.look(tx, token, a, acc, address, v)
		return err
	})
	return s.stepOr(ctx, step, err, acc, a.aim, v)
}

// look is advance without a second mail.
func (s *Service) look(tx *db.Tx, token id.Token, a attempt, acc Account, address []byte, v Visitor) (Step, error) {
	e, err := s.enrolledIn(tx, acc.ID)
	if err != nil {
		return Step{}, err
	}
	released, err := knows(tx, acc.ID, v.Browser)
	if err != nil {
		return Step{}, err
	}
	step := Step{Attempt: token, Proven: a.proven, Until: a.ends}
	if step.Need, step.Choices = needs(a, e, released); step.Need == Done {
		return s.finish(tx, a, acc, address, v)
	}
	return step, nil
}

// attemptFor finds the attempt that a token opens, in the browser that it belongs to.
func (s *Service) attemptFor(tx *db.Tx, token id.Token, v Visitor) (a attempt, acc Account, err error) {
	a, ok, err := openAttemptBy(tx, token.Hash(), v.Browser.Hash())
	if err != nil || !ok {
		return a, acc, orAttempt(err)
	}
	acc, ok, err = s.accountBy(tx, a.account)
	if err != nil || !ok || !acc.State.open() {
		return a, acc, orAttempt(err)
	}
	return a, acc, nil
}

// again is attemptFor inside the transaction that decides, with the audit handle that was read before it.
func (s *Service) again(tx *db.Tx, token id.Token, v Visitor, before Account) (attempt, Account, error) {
	a, acc, err := s.attemptFor(tx, token, v)
	acc.person = before.person
	return a, acc, err
}

func orAttempt(err error) error {
	if err == nil {
		return ErrAttempt
	}
	return err
}

// askRelease mails a confirmation that releases the attempt's browser and does nothing else.
func (s *Service) askRelease(tx *db.Tx, step *Step, a attempt, acc Account) error {
	code := id.NewCode(8)
	l := link{kind: LinkBrowser, account: acc.ID, realm: acc.Realm, attempt: a.id, browser: a.browser, code: s.codeHash(code),
		ends: tx.Now().Add(linkLife)}
	v, err := s.newLink(tx, l)
	if err != nil {
		return err
	}
	step.Code = code
	return s.letter(tx, Letter{Kind: LetterBrowser, Account: acc.ID, Link: v})
}

// letter enqueues a mail.
func (s *Service) letter(tx *db.Tx, l Letter) error {
	_, err := s.d.Jobs.Enqueue(tx, job.Job{Kind: l.Kind.Job(), Args: l})
	return err
}

// codeHash is what is kept of a code that a page shows.
func (s *Service) codeHash(code string) []byte { return s.mac("code", []byte(plainCode(code))) }
