package app

import (
	"context"
	"errors"
	"time"

	"strongroom/base/event"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/guard/staff"
	"strongroom/shop/export"
	"strongroom/shop/person"
)

// StaffRules are what one member of the staff may do alone. The zero value works.
type StaffRules struct {
	Notice      string // the address outside; empty means the owner's
	RefundAlone *money.Amount
	Looks       staff.Quota
}

// openStaff makes the people who work here. From now on the vault asks it before staff see anything in clear.
func (s *Store) openStaff(context.Context) (err error) {
	s.Staff, err = staff.New(staff.Deps{DB: s.Data, Vault: s.Vault, Audit: s.Audit, Jobs: s.Jobs, Events: s.Bus, Identity: s.Identity,
		Shop: s.c.Shop, Quota: s.c.Staff.Looks, Notice: s.c.Staff.Notice, Log: s.c.Log})
	return err
}

// employ ties staff and orders together: quotas follow the work on orders, and what two people agreed on is carried out
// there. The work of who leaves is free for others. Nobody carries out access.EraseBackup while there are no backups: it
// cannot be asked for.
func (s *Store) employ() (err error) {
	s.Staff.SetWork(s.Order)
	if s.Export, err = export.New(export.Deps{DB: s.Data, Vault: s.Vault, Audit: s.Audit, Jobs: s.Jobs, Orders: s.Order, Second: s.Staff,
		Shop: s.c.Shop, Log: s.c.Log}); err != nil {
		return err
	}
	if s.Person, err = person.New(person.Deps{DB: s.Data, Vault: s.Vault, Audit: s.Audit, Orders: s.Order, Identity: s.Identity, Second: s.Staff}); err != nil {
		return err
	}
	s.Staff.OnUndo(access.MassExport, s.Export.Undo)
	return errors.Join(s.Staff.On(access.BigRefund, s.Order.RefundApproved), s.Staff.On(access.BigCallOff, s.Order.CallOffApproved),
		s.Staff.On(access.MassExport, s.Export.Approved), s.Staff.On(access.ErasePerson, s.Person.Approved),
		s.Staff.On(access.NewAccount, s.Setup.OnApproved), event.On(s.Bus, "order", func(ctx context.Context, e staff.MemberLeft) error { return s.Order.EndWork(ctx, e.Member) }))
}

// SetUp is the link by which the first owner comes in. It is printed on the console of the program that serves, and
// works in that program only.
type SetUp struct {
	URL   string // empty when the store has an owner, or no address for its desk
	Until time.Time
}

// setUp makes the link, where it is wanted.
func (s *Store) setUp(ctx context.Context) (SetUp, error) {
	if s.c.Shop.AdminURL == "" {
		return SetUp{}, nil
	}
	token, until, ok, err := s.Staff.SetUpLink(ctx)
	if err != nil || !ok {
		return SetUp{}, err
	}
	return SetUp{URL: s.c.Shop.AdminURL + "/enter/" + token.Clear(), Until: until}, nil
}
