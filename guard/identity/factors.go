package identity

import (
	"context"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
)

// factorsIn adds to e what an account has beside passkeys.
func (s *Service) factorsIn(tx *db.Tx, account id.ID, e *Enrolled) error {
	f, err := factorsOf(tx, account)
	if err != nil {
		return err
	}
	e.Password, e.LongPassword, e.App, e.Codes = f.password, f.alone, f.app, f.codes
	e.Phone = f.phone
	e.PhoneUsable = f.phone && !tx.Now().Before(f.coolUntil)
	return nil
}

// dropFactorsIn takes password, app, phone and recovery codes away.
func (s *Service) dropFactorsIn(tx *db.Tx, account id.ID) error {
	for _, drop := range []func(*db.Tx, id.ID) (bool, error){dropPassword, dropApp, dropPhones, dropCodes} {
		if _, err := drop(tx, account); err != nil {
			return err
		}
	}
	return nil
}

// errFirst says that a factor stands beside something.
var errFirst = fault.New(fault.Conflict, "identity.factor_first")

// mayFactor says whether the session may add a factor or recovery codes. A shopper needs a password or a passkey first:
// who had a factor alone could neither sign in with it nor by mail. Staff enrol in any order before they are let in.
func (s *Service) mayFactor(ctx context.Context, sess Session) error {
	if err := s.mayChange(sess); err != nil || sess.Realm != Shopper {
		return err
	}
	e, err := s.Methods(ctx, sess.Account)
	if err == nil && !e.Password && e.Passkeys == 0 {
		err = errFirst
	}
	return err
}

// Beside says whether there is something better than a phone: a passkey, an app, or recovery codes on paper.
func (e Enrolled) Beside() bool { return e.Passkeys > 0 || e.App || e.Codes > 0 }
