package staff

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/privacy"
)

// minGlassReason is how much somebody who takes emergency access has to say.
const minGlassReason = 15

// BreakGlass gives somebody for an hour the rights that an emergency may need: all but those that make rights or
// destroy. It wants a step-up (which has just renewed the session) and a reason; every owner and the outside address are
// told at once; quotas of looks stay. It ends by itself.
func (s *Service) BreakGlass(ctx context.Context, who access.Actor, reason string) (until time.Time, err error) {
	defer fault.Wrap(&err, "staff: break glass")
	if err := s.allowFresh(ctx, who, access.BreakGlass, "staff.break_glass", by(who)); err != nil {
		return until, err
	}
	if who.Kind != access.KindStaff {
		return until, errNone
	}
	reason = strings.TrimSpace(reason)
	if n := utf8.RuneCountInString(reason); n < minGlassReason || len(reason) > maxReason {
		return until, fault.New(fault.Invalid, "staff.glass_reason").WithField("reason", "staff.glass_reason", fault.Params{"min": minGlassReason, "max": maxReason})
	}
	v := id.New(s.now(), nil)
	sealed, err := s.d.Vault.SealLog(privacy.StaffGlass.Field, v, reason)
	if err != nil {
		return until, err
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		open, err := glassUntil(tx, who.ID, tx.Now())
		if err == nil && !open.IsZero() {
			err = fault.New(fault.Conflict, "staff.glass_open")
		}
		if err != nil {
			return err
		}
		until = tx.Now().Add(glassLife)
		return s.breakGlass(tx, who, v, sealed, reason, until)
	})
	return until, err
}

func (s *Service) breakGlass(tx *db.Tx, who access.Actor, v id.ID, sealed []byte, reason string, until time.Time) error {
	for _, step := range []func() error{
		func() error { return insertGlass(tx, v, who.ID, sealed, until) },
		func() error {
			return s.entry(tx, who, "staff.break_glass", v, reason, audit.Fact{Key: "minutes", Int: int64(glassLife.Minutes())})
		},
		func() error { return s.toOwners(tx, Letter{Kind: LetterGlass, About: who.ID, Glass: v}) },
		func() error { return s.outside(tx, Letter{Kind: LetterGlass, About: who.ID, Glass: v}) },
		func() error { return tx.Emit(GlassBroken{Glass: v, Member: who.ID}) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// EndGlass gives emergency access back, or takes it from somebody else with the right to manage staff.
func (s *Service) EndGlass(ctx context.Context, who access.Actor, member id.ID) (err error) {
	defer fault.Wrap(&err, "staff: end break glass")
	if member != by(who) {
		if err := s.allow(ctx, who, access.StaffManage, "staff.end_glass", member); err != nil {
			return err
		}
	}
	return s.write(ctx, func(tx *db.Tx) error {
		open, err := glassUntil(tx, member, tx.Now())
		if err == nil && open.IsZero() {
			err = errMoved
		}
		if err != nil {
			return err
		}
		if err := endGlassOf(tx, member); err != nil {
			return err
		}
		return s.entry(tx, who, "staff.end_glass", member, "")
	})
}
