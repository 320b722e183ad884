package app

import (
	"context"
	"time"

	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/audit/outside"
	"strongroom/guard/epoch"
	"strongroom/guard/shield"
)

// openAudit makes the audit log, which also takes down the vault's looks.
func (s *Store) openAudit(context.Context) error {
	s.Audit = audit.New(audit.Deps{DB: s.Data, Vault: s.Vault, Slog: s.c.Log, Origin: s.c.Shop.Host() + "/log"})
	s.onClose(s.Audit.Close)
	return nil
}

// How often a place outside gets a signed head of the audit log.
const (
	folderEvery = time.Hour
	storeEvery  = 15 * time.Minute
	mailEvery   = 24 * time.Hour
)

// openOutside names the places that keep the audit log's heads outside, and has them served. A copy of the store does
// not push: its heads would look like another past.
func (s *Store) openOutside(context.Context) error {
	c := s.c.Checkpoints
	var places []audit.Regular
	if c.Folder != "" {
		places = append(places, audit.Regular{Place: outside.NewFolder(c.Folder), Every: folderEvery})
	}
	if c.Mail != "" {
		places = append(places, audit.Regular{Place: outside.NewMail(s.Mail, c.Mail, s.checkpointWords), Every: mailEvery})
	}
	if c.Store.Endpoint != "" {
		store, err := outside.NewStore(c.Store)
		if err != nil {
			return &Error{Kind: BadConfig, Cause: err, What: "the object store for the audit log cannot be used: " + err.Error(), Do: "Correct [audit]."}
		}
		places = append(places, audit.Regular{Place: store, Every: storeEvery})
	}
	s.Audit.Keep(places...)
	return job.Every(s.Jobs, "audit.push", time.Minute, func(ctx context.Context) error {
		if s.held(ctx) {
			return nil
		}
		return s.Audit.Push(ctx)
	})
}

// checkpointWords is what stands above a head that is mailed.
func (s *Store) checkpointWords(size int64, at time.Time) outside.Words {
	p := s.Texts.For(s.c.Shop.DefaultLanguage)
	return outside.Words{Language: s.c.Shop.DefaultLanguage, Subject: p.T("audit.checkpoint_subject", "shop", s.c.Shop.Name),
		Text: p.T("audit.checkpoint_text", "size", size, "at", p.DateTime(at.In(s.c.Shop.TimeZone)))}
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
