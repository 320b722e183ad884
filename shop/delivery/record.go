package delivery

import (
	"context"

	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

func fact(key string, n int) audit.Fact { return audit.Fact{Key: key, Int: int64(n)} }

// change runs fn in a transaction with the new version of the settings and the audit entry of the act.
func (s *Service) change(ctx context.Context, by access.Actor, action string, fn func(tx *db.Tx) (id.ID, error), facts ...audit.Fact) error {
	return s.d.DB.Write(ctx, func(tx *db.Tx) error {
		object, err := fn(tx)
		if err != nil {
			return err
		}
		if err := s.changed(tx); err != nil {
			return err
		}
		return s.record(tx, by, action, object, facts...)
	})
}

// allow lets those pass who may change delivery.
func (s *Service) allow(ctx context.Context, by access.Actor, action string, object id.ID) error {
	return s.d.Audit.Allow(ctx, by, access.DeliveryEdit, audit.Act{Action: action, Object: "delivery", ObjectID: object})
}

// record writes the audit entry of a change.
func (s *Service) record(tx *db.Tx, by access.Actor, action string, object id.ID, facts ...audit.Fact) error {
	return s.d.Audit.Record(tx, audit.Entry{Actor: by, Action: action, Object: "delivery", ObjectID: object,
		Outcome: audit.Done, Facts: facts})
}
