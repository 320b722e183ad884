package order

import (
	"context"
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
)

// unlisted is an order that cannot be found by its e-mail address yet.
type unlisted struct {
	order, subject id.ID
	corrections    int64
	email          []byte
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
	if err := s.d.Vault.EnlistAll(ctx, privacy.OrderEmail.Field, list); err != nil {
		return 0, err
	}
	var stale []int
	err = s.write(ctx, func(tx *db.Tx) error {
		stale = nil
		for i, u := range due {
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
