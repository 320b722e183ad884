package order

import (
	"context"
	"slices"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
)

const (
	listEvery = 10 * time.Second
	listBatch = 200
	listLater = time.Hour // between tries for an address that cannot be opened
)

// unlisted is an order that cannot be found by its e-mail address yet.
type unlisted struct {
	order, subject id.ID
	corrections    int64
	email          []byte
	damaged        time.Time // when it could not be opened last; zero if it was not tried
}

// MakeFindable makes the orders findable by their exact addresses, for staff and for an account that is opened later, that were
// confirmed since it ran last. The key database takes many of them under one commit, so that none costs a commit of its
// own; whoever looks for an address calls it first. It may be called at any time and by several processes.
func (s *Service) MakeFindable(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "order: make findable")
	for {
		n, err := s.listSome(ctx)
		if err != nil || n < listBatch {
			return err
		}
	}
}

func (s *Service) listSome(ctx context.Context) (n int, err error) {
	var due []unlisted
	if err := s.read(ctx, func(tx *db.Tx) (err error) { due, err = unlistedOrders(tx, listBatch); return err }); err != nil || len(due) == 0 {
		return 0, err
	}
	list := make([]vault.Listing, len(due))
	for i, u := range due {
		list[i] = vault.Listing{Subject: u.subject, Value: s.d.Vault.Sealed(privacy.OrderEmail.Field, u.subject, u.order, u.email)}
	}
	damaged, err := s.d.Vault.EnlistAll(ctx, privacy.OrderEmail.Field, list)
	if err != nil {
		return 0, err
	}
	var stale []int
	err = s.write(ctx, func(tx *db.Tx) error {
		stale = nil
		for i, u := range due {
			if slices.Contains(damaged, i) {
				if err := s.setDamaged(ctx, tx, u); err != nil {
					return err
				}
				continue
			}
			old, err := listed(tx, u)
			if err != nil {
				return err
			}
			if old {
				stale = append(stale, i)
			}
		}
		return nil
	})
	for _, i := range stale {
		if err == nil { // its address was corrected meanwhile, and the mistyped one may be somebody's
			err = s.d.Vault.DropIndex(ctx, privacy.OrderEmail.Field, list[i].Subject, list[i].Value)
		}
	}
	return len(due), err
}

// setDamaged keeps an order whose address cannot be opened for later, so that the others do not wait for it. The log of
// the server says so once; the safety page and the doctor say so until it is mended.
func (s *Service) setDamaged(ctx context.Context, tx *db.Tx, u unlisted) error {
	if u.damaged.IsZero() {
		tx.AfterCommit(func() {
			s.log.ErrorContext(ctx, "the address of an order cannot be opened, so it is not found by it", "order", u.order)
		})
	}
	return putOff(tx, u.order)
}

// Damaged is how many orders of a data database are not found by their address, because it cannot be opened. It is for the
// safety page and the doctor, who has no service.
func Damaged(ctx context.Context, d *db.DB) (n int, err error) {
	defer fault.Wrap(&err, "order: damaged addresses")
	err = d.Read(ctx, func(tx *db.Tx) (err error) { n, err = damagedOrders(tx); return err })
	return n, err
}
