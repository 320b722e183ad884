package identity

import (
	"context"
	"strings"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
)

const (
	codeCount = 10
	codeChars = 24 // of 5 bits: 120 bits, so that a plain keyed hash suffices (V6.5.2)
)

// MakeCodes makes ten recovery codes and ends those that there were. They are shown once: the store keeps keyed hashes.
func (s *Service) MakeCodes(ctx context.Context, sess Session, v Visitor) (codes []string, err error) {
	defer fault.Wrap(&err, "identity: make codes")
	if err := s.mayFactor(ctx, sess); err != nil {
		return nil, err
	}
	acc, err := s.ownAccount(ctx, sess)
	if err != nil {
		return nil, err
	}
	var hashes [][]byte
	for range codeCount {
		code := id.NewCode(codeChars)
		codes = append(codes, code)
		hashes = append(hashes, s.recoveryHash(acc.ID, code))
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		if err := lockAccount(tx, acc.ID); err != nil {
			return err
		}
		if _, err := dropCodes(tx, acc.ID); err != nil {
			return err
		}
		for _, h := range hashes {
			if err := insertCode(tx, acc.ID, h); err != nil {
				return err
			}
		}
		if err := tx.Emit(MethodEnrolled{about(acc, CodeMethod, "")}); err != nil {
			return err
		}
		return s.changed(tx, acc, "codes_made", v)
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// ProveCode proves a recovery code in an attempt. It is spent, and its owner is told.
func (s *Service) ProveCode(ctx context.Context, token id.Token, code string, v Visitor) (Step, error) {
	return s.prove(ctx, token, CodeMethod, v, func(tx *db.Tx, a *attempt, acc Account) error {
		ok, err := spendRecoveryCode(tx, acc.ID, s.recoveryHash(acc.ID, code))
		if err != nil || !ok {
			return orCode(err)
		}
		return s.changed(tx, acc, "code_used", v)
	})
}

// recoveryHash reads a code as people type it and gives what is kept of it.
func (s *Service) recoveryHash(account id.ID, code string) []byte {
	code = strings.NewReplacer("-", "", " ", "", "\u00a0", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(code))
	return s.mac("recovery_code", account[:], []byte(code))
}
