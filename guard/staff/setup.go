package staff

import (
	"context"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/identity"
	"strongroom/guard/vault"
)

// SetUpLink makes the link by which the first owner comes in, for the serving program to print on its own console. It
// lives for half an hour, is used once, and only until the program starts again. ok is false when the store has an
// owner: then there is no such link, ever again.
func (s *Service) SetUpLink(ctx context.Context) (token id.Token, until time.Time, ok bool, err error) {
	defer fault.Wrap(&err, "staff: set-up link")
	err = s.write(ctx, func(tx *db.Tx) error {
		token = id.NewToken()
		n, err := ownerCount(tx)
		if ok = err == nil && n == 0; !ok {
			return err
		}
		if err := spendSetUpLinks(tx); err != nil {
			return err
		}
		l := link{id: tx.NewID(), kind: LinkSetUp, token: token.Hash(), start: s.start, ends: tx.Now().Add(setUpLife)}
		until = l.ends
		if err := insertLink(tx, l); err != nil {
			return err
		}
		return s.entry(tx, access.Console(), "staff.set_up_link", id.ID{}, "")
	})
	if err != nil || !ok {
		return "", time.Time{}, false, err
	}
	return token, until, true, nil
}

// SetUp uses the set-up link: the person becomes a member with the role of owner who counts only when she has enrolled
// two ways of signing in (Finish). The link is spent by this, whatever follows.
func (s *Service) SetUp(ctx context.Context, token id.Token, p Person, v identity.Visitor) (step identity.Step, err error) {
	defer fault.Wrap(&err, "staff: set up")
	if err := s.read(ctx, func(tx *db.Tx) error { return s.isSetUp(tx, token) }); err != nil {
		return step, s.linkRefused(ctx, err, v, LinkSetUp)
	}
	if err := p.check(); err != nil {
		return step, err // nothing is spent by a mistyped name
	}
	who := access.Console() // the link came from the machine's console
	who.Origin = v.Origin
	member, err := s.admit(ctx, who, p, Assignment{Role: access.Owner}, func(tx *db.Tx, member id.ID) error {
		if err := s.isSetUp(tx, token); err != nil {
			return err
		}
		l, err := s.openLink(tx, token)
		if err != nil {
			return err
		}
		if err := spendLink(tx, l.id); err != nil {
			return err
		}
		return s.entry(tx, who, "staff.set_up", member, "")
	})
	if err != nil {
		return step, s.linkRefused(ctx, err, v, LinkSetUp)
	}
	return s.d.Identity.OpenEnrolment(ctx, identity.Staff, member, v)
}

func (s *Service) isSetUp(tx *db.Tx, token id.Token) error {
	l, err := s.openLink(tx, token)
	if err == nil && l.kind != LinkSetUp {
		err = errLink
	}
	return err
}

// Owned says whether the store has an owner.
func (s *Service) Owned(ctx context.Context) (yes bool, err error) {
	err = s.read(ctx, func(tx *db.Tx) error {
		n, err := ownerCount(tx)
		yes = n > 0
		return err
	})
	return yes, err
}

// RecoverOwner takes every way of signing in from an owner and makes a link to enrol new ones: for the machine's console
// only, and only with the recovery kit in hand. Every owner and the outside address are told.
func (s *Service) RecoverOwner(ctx context.Context, who access.Actor, kit *vault.Kit, owner id.ID) (token id.Token, until time.Time, err error) {
	defer fault.Wrap(&err, "staff: recover an owner")
	if who != access.Console() {
		return "", until, s.refuse(ctx, who, "staff.recover_owner", owner, "not_console", fault.New(fault.Forbidden, "staff.console_only"))
	}
	if err := s.d.Vault.CheckKit(ctx, kit); err != nil {
		return "", until, s.refuse(ctx, who, "staff.recover_owner", owner, "kit", err)
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		token = id.NewToken()
		m, err := memberByID(tx, s.d.Vault, owner)
		if err != nil {
			return err
		}
		if !m.owner() || m.State != Active && m.State != MustEnrol {
			return fault.New(fault.Conflict, "staff.no_owner")
		}
		return s.recoverOwner(tx, who, m, token, &until)
	})
	if err != nil {
		return "", time.Time{}, err
	}
	return token, until, nil
}

func (s *Service) recoverOwner(tx *db.Tx, who access.Actor, m Member, token id.Token, until *time.Time) error {
	if m.State == Active {
		if err := s.move(tx, &m, MustEnrol); err != nil {
			return err
		}
	}
	l := link{id: tx.NewID(), kind: LinkRecover, member: m.ID, token: token.Hash(), ends: tx.Now().Add(recoverLife)}
	*until = l.ends
	for _, step := range []func() error{
		func() error { return s.d.Identity.DropMethods(tx, m.ID) },
		func() error { return spendLinksOf(tx, m.ID) },
		func() error { return insertLink(tx, l) },
		func() error {
			return s.entry(tx, who, "staff.recover_owner", m.ID, "", audit.Fact{Key: "kit", Text: "checked"})
		},
		func() error { return s.toOwners(tx, Letter{Kind: LetterRecovered, About: m.ID}) },
		func() error { return s.outside(tx, Letter{Kind: LetterRecovered, About: m.ID}) },
		func() error { return tx.Emit(OwnerRecovered{Member: m.ID}) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// Owners lists the owners for the console, with masks.
func (s *Service) Owners(ctx context.Context, who access.Actor) (out []Listed, err error) {
	list, err := s.Members(ctx, who, false)
	for _, m := range list {
		if m.owner() {
			out = append(out, m)
		}
	}
	return out, err
}

// ownStart says whether a set-up link belongs to this start of the store. On PostgreSQL several processes may be one
// store, and a balancer sends each request to another: there the newest start's link holds in all of them, since
// printing it has ended those before.
func (s *Service) ownStart(l link) bool {
	return l.start == s.start || s.d.DB.Engine() == db.Postgres
}
