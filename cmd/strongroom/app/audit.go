package app

import (
	"context"

	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/epoch"
	"strongroom/guard/shield"
)

// openAudit makes the audit log, which also takes down the vault's looks.
func (s *Store) openAudit(context.Context) error {
	s.Audit = audit.New(audit.Deps{DB: s.Data, Vault: s.Vault, Slog: s.c.Log})
	s.onClose(s.Audit.Close)
	return nil
}

// openEpoch asks whether this is the installation itself or a copy of it. From a copy nothing goes out until a person
// releases it. The demo reaches nobody anyway and may be copied at will.
func (s *Store) openEpoch(ctx context.Context) (err error) {
	s.Epoch, err = epoch.Open(ctx, epoch.Deps{Data: s.Data, Keys: s.Keys, Audit: s.Audit, Folder: s.c.Place.Folder})
	return err
}

// held says whether the store is a copy that must not act outside.
func (s *Store) held(ctx context.Context) bool { return !s.c.Demo && !s.Epoch.Released(ctx) }

// recorder hands the shield's refusals to the audit log.
func (s *Store) recorder() shield.Recorder { return refusals{s.Audit} }

type refusals struct{ log *audit.Log }

// Refused takes one refusal down: what was refused, and where it came from, sealed.
func (r refusals) Refused(ctx context.Context, x shield.Refusal) {
	r.log.Refuse(ctx, audit.Entry{Actor: access.Guest(id.ID{}, x.Client), Action: x.Act, Object: "request",
		Outcome: audit.Refused, Facts: []audit.Fact{{Key: "class", Text: x.Class.String()}, {Key: "status", Int: int64(x.Kind.Status())}}})
}
