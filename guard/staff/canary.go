package staff

import (
	"context"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/vault"
)

// canarySpan is the word under which a touched canary is told once a day for each member.
const canarySpan = "canary"

// Plant makes an object a canary: an order of an invented person, which nobody has a reason to look at. Whoever does look
// sees what she would see anyway, and owners and the outside address are told at once. Planting is an act of the console:
// nobody at the desk can find out which orders are canaries.
func (s *Service) Plant(ctx context.Context, who access.Actor, object id.ID, reason string) (err error) {
	defer fault.Wrap(&err, "staff: plant a canary")
	if who.Kind != access.KindConsole {
		return s.refuse(ctx, who, "staff.canary", object, "console", fault.New(fault.Forbidden, "access.denied"))
	}
	return s.write(ctx, func(tx *db.Tx) error {
		if err := insertCanary(tx, object); err != nil {
			return err
		}
		return s.entry(tx, who, "staff.canary", id.ID{}, reason) // the object is not named: the desk shows the log
	})
}

// sing tells of a look at a canary. The look itself goes on, so that whoever looks notices nothing.
func (s *Service) sing(ctx context.Context, seen vault.Seen) error {
	who := seen.Look.Actor
	if who.Kind != access.KindStaff && who.Kind != access.KindConsole {
		return nil
	}
	planted := false
	err := s.read(ctx, func(tx *db.Tx) (err error) { planted, err = isCanary(tx, seen.Look.ObjectID); return err })
	if err != nil || !planted {
		return err
	}
	return s.write(ctx, func(tx *db.Tx) error {
		first, err := countLook(tx, who.ID, canarySpan, slotOf(tx.Now(), 24*time.Hour), 1)
		if err != nil || !first {
			return err
		}
		l := Letter{Kind: LetterCanary, About: who.ID}
		if err := s.toOwners(tx, l); err != nil {
			return err
		}
		if err := s.outside(tx, l); err != nil {
			return err
		}
		return tx.Emit(CanaryTouched{Member: who.ID, Object: seen.Look.ObjectID})
	})
}
