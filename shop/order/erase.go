package order

import (
	"context"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/vault"
)

// Holds says which of the subjects have data in this package's tables: the question of the vault's sweeper, which
// destroys keys that nothing was sealed with after all.
func (s *Service) Holds(ctx context.Context, subjects []id.ID) (held []id.ID, err error) {
	defer fault.Wrap(&err, "order: holds")
	err = s.read(ctx, func(tx *db.Tx) error {
		for _, v := range subjects {
			var n int64
			err := tx.QueryRow(`SELECT COUNT(*) FROM order_personal WHERE subject = $1`, v).Scan(&n)
			if err != nil {
				return err
			}
			if n == 0 {
				err = tx.QueryRow(`SELECT COUNT(*) FROM order_withdrawal WHERE subject = $1`, v).Scan(&n)
			}
			if err != nil {
				return err
			}
			if n > 0 {
				held = append(held, v)
			}
		}
		return nil
	})
	return held, err
}

// EraseIntent writes down, in the caller's transaction, that a subject's keys are to be destroyed; the vault's job does
// it after the commit, because the key database shares no transaction with the data.
func (s *Service) EraseIntent(tx *db.Tx, subject id.ID) error {
	return s.d.Vault.Intend(tx, subject, vault.Fulfilment, vault.Fiscal)
}

// dropDrafts forgets what was typed for carts that never became orders.
func (s *Service) dropDrafts(ctx context.Context) error {
	for {
		var list []draft
		err := s.read(ctx, func(tx *db.Tx) (err error) {
			list, err = oldDrafts(tx, tx.Now().Add(-draftLife), sweepBatch)
			return err
		})
		if err != nil {
			return err
		}
		for _, d := range list {
			if err := s.write(ctx, func(tx *db.Tx) error { return s.dropDraft(tx, d) }); err != nil {
				return err
			}
		}
		if len(list) < sweepBatch {
			return nil
		}
	}
}

func (s *Service) dropDraft(tx *db.Tx, d draft) error {
	if err := takeDraft(tx, d); err != nil {
		if fault.Is(err, fault.Conflict) {
			return nil // saved again or ordered meanwhile
		}
		return err
	}
	if err := dropPersonal(tx, d.id); err != nil {
		return err
	}
	return s.EraseIntent(tx, d.subject)
}
