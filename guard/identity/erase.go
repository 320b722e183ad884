package identity

import (
	"context"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/vault"
)

// ShopperAt finds the open account of a shopper with that exact address; zero if there is none. Who asks has shown the
// right to do so, and has written it down.
func (s *Service) ShopperAt(ctx context.Context, email vault.Personal) (account id.ID, err error) {
	if email.IsZero() {
		return account, nil
	}
	acc, found, err := s.lookUp(ctx, Shopper, email)
	if err == nil && found {
		account = acc.ID
	}
	return account, err
}

// EraseApproved ends a shopper's account and has its keys destroyed, in the transaction of an act that two people stand
// behind. An account that is gone already is no error.
func (s *Service) EraseApproved(tx *db.Tx, by access.Approved, who access.Actor, account id.ID, facts ...audit.Fact) (err error) {
	defer fault.Wrap(&err, "identity: approved erasure")
	if err := by.For(access.ErasePerson); err != nil {
		return err
	}
	acc, err := s.mustAccount(tx, account)
	if err != nil || acc.State == Closed {
		return err
	}
	if acc.Realm != Shopper {
		return fault.New(fault.Forbidden, "identity.not_yours") // members of the staff leave
	}
	for _, step := range []func() error{
		func() error { return s.DropMethods(tx, account) },
		func() error { return s.Close(tx, account) },
		func() error { return s.d.Vault.Intend(tx, acc.Subject, vault.Profile) },
		func() error {
			return s.d.Audit.Record(tx, audit.Entry{Actor: who, Action: "identity.erase", Object: "account", ObjectID: account, Outcome: audit.Done, Facts: facts})
		},
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
