package identity

import (
	"context"
	"errors"

	"strongroom/base/db"
	"strongroom/base/event"
	"strongroom/base/fault"
	"strongroom/base/id"
)

// prove takes one proof in an attempt. The try is counted in a write of its own, for the attempt and for the account:
// a new attempt or a new code does not reset that. check runs in the transaction that advances the attempt, spends what
// can be spent once through it, and returns ErrCode or ErrRefused for a wrong proof.
func (s *Service) prove(ctx context.Context, token id.Token, m Method, v Visitor, check func(tx *db.Tx, a *attempt, acc Account) error) (step Step, err error) {
	defer fault.Wrap(&err, "identity: prove %s", m)
	a, acc, address, err := s.takeProof(ctx, token, m, v)
	if err != nil {
		return step, err
	}
	return s.settle(ctx, token, a, acc, address, m, v, check)
}

// settle is prove after the try was counted.
func (s *Service) settle(ctx context.Context, token id.Token, a attempt, acc Account, address []byte, m Method, v Visitor, check func(tx *db.Tx, a *attempt, acc Account) error) (step Step, err error) {
	err = s.write(ctx, func(tx *db.Tx) error {
		if a, acc, err = s.again(tx, token, v, acc); err != nil {
			return err
		}
		if err := check(tx, &a, acc); err != nil {
			return err
		}
		a.proven = a.proven.With(m)
		if err := proveAttempt(tx, a.id, a.proven); err != nil {
			return err
		}
		step, err = s.advance(tx, token, a, acc, address, v)
		return err
	})
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Forbidden) {
		_ = s.refuse(ctx, refusal{act: actOf(a.aim), acc: acc, method: m, reason: "wrong", event: refusedEvent(a.aim, acc, m, "wrong")}, v)
		return Step{}, errors.Join(err, s.warn(ctx, a, acc))
	}
	return s.stepOr(ctx, step, err, acc, a.aim, v)
}

// warnAfter is how many wrong codes behind a right password are told to the account's owner: somebody knows the password.
const warnAfter = 3

func (s *Service) warn(ctx context.Context, a attempt, acc Account) error {
	if a.aim != aimSignIn || !a.proven.Has(PasswordMethod) || a.tries != warnAfter {
		return nil
	}
	return s.write(ctx, func(tx *db.Tx) error { return s.tellChanged(tx, acc, "factor_failed") })
}

// takeProof finds the attempt, refuses a method that it does not offer, and counts the try.
func (s *Service) takeProof(ctx context.Context, token id.Token, m Method, v Visitor) (a attempt, acc Account, address []byte, err error) {
	err = s.read(ctx, func(tx *db.Tx) (err error) { a, acc, err = s.attemptFor(tx, token, v); return err })
	if err != nil {
		return a, acc, nil, err
	}
	if address, err = s.ready(ctx, &acc); err != nil {
		return a, acc, nil, err
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		if err := s.offers(tx, a, acc, m, v); err != nil || m == PasskeyMethod {
			return err // passkeys cannot be guessed: nothing is counted, so that nothing shuts them out
		}
		if err := take(tx, s.factorKey(acc.ID)); err != nil {
			return err
		}
		return countAttemptTry(tx, a.id, attemptTries)
	})
	return a, acc, address, s.slowed(ctx, err, acc, m, v)
}

func refusedEvent(what aim, acc Account, m Method, why string) event.Event {
	switch what {
	case aimStepUp:
		return StepUpRefused{about(acc, m, why)}
	case aimRecover:
		return RecoveryRefused{about(acc, m, why)}
	}
	return SignInRefused{about(acc, m, why)}
}

// offers refuses a method that the attempt does not ask for.
func (s *Service) offers(tx *db.Tx, a attempt, acc Account, m Method, v Visitor) error {
	e, err := s.enrolledIn(tx, acc.ID)
	if err != nil {
		return err
	}
	released, err := knows(tx, acc.ID, v.Browser)
	if err != nil {
		return err
	}
	_, choices := needs(a, e, released)
	for _, c := range choices {
		if c == m {
			return nil
		}
	}
	return ErrRefused
}

// storeCode replaces the attempt's code by a newer one. Its tries stay as they are.
func (s *Service) storeCode(tx *db.Tx, a *attempt, m Method, hash []byte) error {
	ok, err := setAttemptCode(tx, a.id, m, hash, tx.Now().Add(codeLife), codesSent)
	if err == nil && !ok {
		err = slow(attemptLife)
	}
	return err
}

// spendCode takes the attempt's code if it is this one and not ten minutes old: exactly one caller succeeds. The hashes
// are keyed, so that comparing them tells nothing.
func (s *Service) spendCode(tx *db.Tx, a *attempt, m Method, hash []byte) error {
	ok, err := takeAttemptCode(tx, a.id, m, hash)
	if err == nil && !ok {
		err = ErrCode
	}
	return err
}
