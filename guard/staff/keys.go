package staff

import (
	"context"
	"encoding/json"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/vault"
)

// originsLeast is how long origins in the log can be read in any case: an incident is often found weeks later.
const originsLeast = 30 * 24 * time.Hour

// Keys is what can be destroyed of the store's keys beside those of people. The keys that are replaced by a rotation are
// destroyed by it; nothing is left of them.
type Keys struct {
	Kits []vault.KitState
	// Latest is the last moment before which origins can be forgotten.
	Latest time.Time
}

// DestroyableKeys shows the recovery kits, and until when origins can be forgotten.
func (s *Service) DestroyableKeys(ctx context.Context, who access.Actor) (k Keys, err error) {
	defer fault.Wrap(&err, "staff: keys")
	if err := s.allow(ctx, who, access.KeyDestroy, "staff.keys", id.ID{}); err != nil {
		return k, err
	}
	k.Latest = s.now().Add(-originsLeast)
	k.Kits, err = s.d.Vault.Kits(ctx)
	return k, err
}

type kitParams struct{ Kit id.ID }

// AskDropKit asks that a recovery kit, which was lost or seen, opens nothing any more. The last kit whose keeper has
// shown that she has it stays: without one, a lost key file would be the end of the store.
func (s *Service) AskDropKit(ctx context.Context, who access.Actor, kit id.ID, reason string) (request id.ID, err error) {
	defer fault.Wrap(&err, "staff: ask to drop a recovery kit")
	if err := s.allow(ctx, who, access.KeyDestroy, "staff.drop_kit", kit); err != nil {
		return request, err
	}
	k, err := s.kitToDrop(ctx, kit)
	if err != nil {
		return request, err
	}
	params, err := json.Marshal(kitParams{kit})
	if err != nil {
		return request, err
	}
	return s.Ask(ctx, who, access.Wish{Kind: access.DropKit, Params: params, Object: "kit", ObjectID: kit, Reason: reason,
		Facts: map[string]string{"kit": kit.String(), "made": k.Made.Format(time.DateOnly)}})
}

// kitToDrop finds a kit and looks whether a checked one is left without it.
func (s *Service) kitToDrop(ctx context.Context, kit id.ID) (found vault.KitState, err error) {
	kits, err := s.d.Vault.Kits(ctx)
	if err != nil {
		return found, err
	}
	others := 0
	for _, k := range kits {
		switch {
		case k.ID == kit:
			found = k
		case !k.Checked.IsZero():
			others++
		}
	}
	if found.ID.IsZero() {
		return found, fault.New(fault.NotFound, "vault.kit_unknown")
	}
	if others == 0 {
		return found, fault.New(fault.Conflict, "staff.last_kit").
			WithHint("Make another kit first (strongroom key kit) and check it (strongroom key check).")
	}
	return found, nil
}

// DropKitApproved makes the kit worthless that two people agreed on.
func (s *Service) DropKitApproved(ctx context.Context, params []byte, by access.Approved) (err error) {
	defer fault.Wrap(&err, "staff: approved drop of a kit")
	if err := by.For(access.DropKit); err != nil {
		return err
	}
	var p kitParams
	if err := json.Unmarshal(params, &p); err != nil {
		return err
	}
	if _, err := s.kitToDrop(ctx, p.Kit); err != nil {
		return err
	}
	// The entry first: a key that is gone without one would be worse than an entry for a key that is still there.
	if err := s.keyEntry(ctx, by, "staff.drop_kit", p.Kit); err != nil {
		return err
	}
	return s.d.Vault.DropKit(ctx, p.Kit)
}

type originParams struct{ Before time.Time }

// AskForgetOrigins asks that network addresses and written reasons in the log which are older than a moment open no more.
// The entries and the tree over them stay as they are. Keys change once a month, so that up to a month more is kept.
func (s *Service) AskForgetOrigins(ctx context.Context, who access.Actor, before time.Time, reason string) (request id.ID, err error) {
	defer fault.Wrap(&err, "staff: ask to forget origins")
	if err := s.allow(ctx, who, access.KeyDestroy, "staff.forget_origins", id.ID{}); err != nil {
		return request, err
	}
	if err := s.originsBefore(before); err != nil {
		return request, err
	}
	params, err := json.Marshal(originParams{before.UTC()})
	if err != nil {
		return request, err
	}
	return s.Ask(ctx, who, access.Wish{Kind: access.ForgetOrigin, Params: params, Object: "key", Reason: reason,
		Facts: map[string]string{"before": before.In(s.d.Shop.TimeZone).Format(time.DateOnly)}})
}

func (s *Service) originsBefore(before time.Time) error {
	if before.IsZero() || before.After(s.now().Add(-originsLeast)) {
		return fault.New(fault.Invalid, "staff.ask_invalid").WithField("before", "staff.origins_young", fault.Params{"days": int(originsLeast.Hours() / 24)})
	}
	return nil
}

// ForgetOriginsApproved destroys the keys of old origins that two people agreed on.
func (s *Service) ForgetOriginsApproved(ctx context.Context, params []byte, by access.Approved) (err error) {
	defer fault.Wrap(&err, "staff: approved forgetting of origins")
	if err := by.For(access.ForgetOrigin); err != nil {
		return err
	}
	var p originParams
	if err := json.Unmarshal(params, &p); err != nil {
		return err
	}
	if err := s.originsBefore(p.Before); err != nil {
		return err
	}
	if err := s.keyEntry(ctx, by, "staff.forget_origins", id.ID{}, audit.Fact{Key: "before", Text: p.Before.Format(time.DateOnly)}); err != nil {
		return err
	}
	return s.d.Vault.DropLogKeys(ctx, p.Before)
}

// keyEntry names who stands behind the destruction of a key.
func (s *Service) keyEntry(ctx context.Context, by access.Approved, action string, object id.ID, facts ...audit.Fact) error {
	who := access.System("staff")
	if by.ByConsole() {
		who = access.Console()
	}
	return s.write(ctx, func(tx *db.Tx) error {
		return s.entry(tx, who, action, object, "", append(bothFacts(by), facts...)...)
	})
}

// CheckDropKit says whether a kit can be dropped, before anybody is told of it.
func (s *Service) CheckDropKit(ctx context.Context, kit id.ID) error {
	_, err := s.kitToDrop(ctx, kit)
	return err
}

// CheckForgetOrigins says whether origins from before a moment can be forgotten, before anybody is told of it.
func (s *Service) CheckForgetOrigins(before time.Time) error { return s.originsBefore(before) }
