package identity

import (
	"strongroom/base/db"
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

// beside says whether there is something better than a phone: a passkey, an app, or recovery codes on paper.
func (e Enrolled) beside() bool { return e.Passkeys > 0 || e.App || e.Codes > 0 }
