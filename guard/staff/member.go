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

// Listed is a member in the list of the desk.
type Listed struct {
	Member
	Called  string // the name, for colleagues
	Email   string // masked
	Seen    time.Time
	Dormant bool // active and not seen for 90 days
	Glass   time.Time
}

// Members lists who works here. Their names are shown to whoever may see the list: colleagues know each other.
func (s *Service) Members(ctx context.Context, who access.Actor, gone bool) (out []Listed, err error) {
	defer fault.Wrap(&err, "staff: members")
	if err := s.allow(ctx, who, access.StaffView, "staff.members", id.ID{}); err != nil {
		return nil, err
	}
	var list []Member
	glass := map[id.ID]time.Time{}
	err = s.read(ctx, func(tx *db.Tx) error {
		if list, err = members(tx, s.d.Vault, gone); err != nil {
			return err
		}
		for _, m := range list {
			if glass[m.ID], err = glassUntil(tx, m.ID, tx.Now()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	seen, err := s.d.Identity.LastSeen(ctx, ids(list...))
	if err != nil {
		return nil, err
	}
	for _, m := range list {
		l := Listed{Member: m, Seen: seen[m.ID], Glass: glass[m.ID], Called: s.called(ctx, m)}
		l.Dormant = s.dormant(m, l.Seen)
		if p, err := s.d.Identity.EmailOf(ctx, m.ID); err == nil {
			l.Email = p.Mask()
		}
		out = append(out, l)
	}
	return out, nil
}

func ids(list ...Member) []id.ID {
	out := make([]id.ID, 0, len(list))
	for _, m := range list {
		out = append(out, m.ID)
	}
	return out
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// called is a member's name for colleagues; her mask if it cannot be read.
func (s *Service) called(ctx context.Context, m Member) string {
	clear, err := s.d.Vault.Reveal(ctx, vault.Look{Actor: access.System("staff"), Purpose: vault.Profile, Reason: "colleagues",
		Object: "staff", ObjectID: m.ID}, m.Name)
	if err != nil {
		return m.Name.Mask()
	}
	return clear[0]
}

// Called is the name of a member for colleagues, or "" for nobody.
func (s *Service) Called(ctx context.Context, member id.ID) (string, error) {
	m, err := s.member(ctx, member)
	if fault.Is(err, fault.NotFound) {
		return "", nil
	}
	return s.called(ctx, m), err
}

func (s *Service) member(ctx context.Context, v id.ID) (m Member, err error) {
	err = s.read(ctx, func(tx *db.Tx) error { m, err = memberByID(tx, s.d.Vault, v); return err })
	return m, err
}

// Dormant counts active members who were not seen for 90 days, for the safety page.
func (s *Service) Dormant(ctx context.Context, who access.Actor) (n int, err error) {
	list, err := s.Members(ctx, who, false)
	for _, m := range list {
		if m.Dormant {
			n++
		}
	}
	return n, err
}

// Assignment is the role that somebody gets, and until when.
type Assignment struct {
	Role    string // a built-in role, or access.OwnRole
	OwnRole id.ID
	Ends    time.Time // zero for no end; a role that ends needs one
}

// resolve finds the role of an assignment.
func (s *Service) resolve(tx *db.Tx, a Assignment) (access.Role, error) {
	bad := fault.New(fault.Invalid, "staff.assignment_invalid")
	r, ok := access.BuiltInRole(a.Role)
	if a.Role == access.OwnRole {
		own, found, err := ownRole(tx, a.OwnRole)
		if err != nil {
			return r, err
		}
		ok = found
		r = roleOf(access.OwnRole, own.Permissions.String(), own.Masked, own.Watched)
	}
	if !ok || a.Role != access.OwnRole && !a.OwnRole.IsZero() {
		return r, bad.WithField("role", "staff.role_unknown", nil)
	}
	if r.Ends && a.Ends.IsZero() || !a.Ends.IsZero() && (!a.Ends.After(tx.Now()) || r.Ends && a.Ends.Sub(tx.Now()) > helperLongest) {
		return r, bad.WithField("ends", "staff.ends_invalid", fault.Params{"days": int(helperLongest.Hours() / 24)})
	}
	if r.Alone && !a.Ends.IsZero() {
		return r, bad.WithField("ends", "staff.owner_ends", nil)
	}
	return r, nil
}

// SetRole gives somebody another role. Nobody changes her own, nobody gives more than she has, and nobody changes
// somebody who may do more. A new owner needs a second person: then waiting is the request.
func (s *Service) SetRole(ctx context.Context, who access.Actor, member id.ID, a Assignment) (waiting id.ID, err error) {
	defer fault.Wrap(&err, "staff: set role")
	if err := s.allowFresh(ctx, who, access.StaffManage, "staff.role_set", member); err != nil {
		return waiting, err
	}
	m, role, err := s.mayChange(ctx, who, member, "staff.role_set", &a)
	if err != nil {
		return waiting, err
	}
	if role.Alone && !m.owner() && who.Kind == access.KindStaff {
		params, err := json.Marshal(ownerParams{member})
		if err != nil {
			return waiting, err
		}
		return s.Ask(ctx, who, access.Wish{Kind: access.NewOwner, Params: params, Object: "staff", ObjectID: member})
	}
	return waiting, s.write(ctx, func(tx *db.Tx) error { return s.setRole(tx, who, member, a) })
}

// mayChange finds a member and asks whether who may change her, and to what.
func (s *Service) mayChange(ctx context.Context, who access.Actor, member id.ID, action string, a *Assignment) (m Member, r access.Role, err error) {
	err = s.read(ctx, func(tx *db.Tx) error {
		if m, err = memberByID(tx, s.d.Vault, member); err != nil || a == nil {
			return err
		}
		r, err = s.resolve(tx, *a)
		return err
	})
	if err != nil {
		return m, r, err
	}
	rights := access.RightsOf(who)
	switch {
	case who.Kind == access.KindStaff && who.ID == member:
		err = s.refuse(ctx, who, action, member, "self", errSelf)
	case !rights.Holds(m.Role.Permissions), !rights.Holds(r.Permissions), (m.owner() || r.Alone) && !rights.Has(access.OwnerManage):
		err = s.refuse(ctx, who, action, member, "exceeds", errExceeds)
	case m.State == Left:
		err = errMember
	}
	return m, r, err
}

// setRole changes the role, ends the member's sessions, and counts owners.
func (s *Service) setRole(tx *db.Tx, who access.Actor, member id.ID, a Assignment, facts ...audit.Fact) error {
	m, err := memberByID(tx, s.d.Vault, member)
	if err != nil {
		return err
	}
	if m.State == Left {
		return errMember
	}
	r, err := s.resolve(tx, a)
	if err != nil {
		return err
	}
	switch {
	case r.Alone && m.State != Active:
		return fault.New(fault.Conflict, "staff.owner_not_active")
	case r.Alone && !m.owner():
		err = moreOwners(tx)
	case m.owner() && !r.Alone:
		err = fewerOwners(tx)
	}
	if err != nil {
		return err
	}
	if err := setMemberRole(tx, m, a.Role, a.OwnRole, a.Ends); err != nil {
		return err
	}
	if err := s.d.Identity.EndSessions(tx, m.ID); err != nil {
		return err
	}
	facts = append(facts, audit.Fact{Key: "from", Text: m.Role.Name}, audit.Fact{Key: "to", Text: r.Name})
	if err := s.entry(tx, who, "staff.role_set", m.ID, "", facts...); err != nil {
		return err
	}
	if err := s.tellRole(tx, m, r); err != nil {
		return err
	}
	return tx.Emit(MemberChanged{Member: m.ID, Role: r.Name})
}

// tellRole mails the member, and the owners when there is one more or one less of them.
func (s *Service) tellRole(tx *db.Tx, m Member, r access.Role) error {
	if r.Alone != m.owner() {
		if err := s.toOwners(tx, Letter{Kind: LetterOwners, About: m.ID}); err != nil {
			return err
		}
	}
	return s.letter(tx, Letter{Kind: LetterRole, To: m.ID, About: m.ID})
}

type ownerParams struct{ Member id.ID }

// makeOwner carries out what two people agreed on. Who becomes an owner must have enrolled enough for it.
func (s *Service) makeOwner(ctx context.Context, params []byte, a access.Approved) (err error) {
	defer fault.Wrap(&err, "staff: make an owner")
	if err := a.For(access.NewOwner); err != nil {
		return err
	}
	var p ownerParams
	if err := json.Unmarshal(params, &p); err != nil {
		return err
	}
	enrolled, err := s.d.Identity.Methods(ctx, p.Member)
	if err != nil {
		return err
	}
	owner, _ := access.BuiltInRole(access.Owner)
	return s.write(ctx, func(tx *db.Tx) error {
		err := s.setRole(tx, access.System("staff"), p.Member, Assignment{Role: access.Owner}, bothFacts(a)...)
		if err != nil || len(Enough(enrolled, owner)) == 0 {
			return err
		}
		m, err := memberByID(tx, s.d.Vault, p.Member)
		if err != nil {
			return err
		}
		return s.move(tx, &m, MustEnrol)
	})
}

// bothFacts names both people behind an act.
func bothFacts(a access.Approved) []audit.Fact {
	if a.ByConsole() {
		return nil
	}
	facts := []audit.Fact{{Key: "request", Text: a.Request.String()}, {Key: "asked_by", Text: a.AskedBy.String()}}
	if a.DecidedBy.IsZero() {
		return append(facts, audit.Fact{Key: "waited", Text: "a_day"})
	}
	return append(facts, audit.Fact{Key: "decided_by", Text: a.DecidedBy.String()})
}

// Remove has somebody leave. She is out with her next request; what she asked for and nobody decided on is cancelled.
func (s *Service) Remove(ctx context.Context, who access.Actor, member id.ID) (err error) {
	defer fault.Wrap(&err, "staff: remove")
	if err := s.allowFresh(ctx, who, access.StaffManage, "staff.remove", member); err != nil {
		return err
	}
	if _, _, err := s.mayChange(ctx, who, member, "staff.remove", nil); err != nil {
		return err
	}
	return s.write(ctx, func(tx *db.Tx) error { return s.remove(tx, who, member, "") })
}

func (s *Service) remove(tx *db.Tx, who access.Actor, member id.ID, why string) error {
	m, err := memberByID(tx, s.d.Vault, member)
	if err != nil {
		return err
	}
	if m.owner() && m.State != Invited {
		if err := fewerOwners(tx); err != nil {
			return err
		}
	}
	if err := s.move(tx, &m, Left); err != nil {
		return err
	}
	for _, step := range []func() error{
		func() error { return s.d.Identity.Close(tx, member) },
		func() error { return endGlassOf(tx, member) },
		func() error { return spendLinksOf(tx, member) },
		func() error { return cancelAsked(tx, member) },
		func() error { return s.entry(tx, who, "staff.remove", member, why) },
		func() error { return tx.Emit(MemberLeft{Member: member}) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	if m.owner() {
		return s.toOwners(tx, Letter{Kind: LetterOwners, About: m.ID})
	}
	return nil
}

// endMembers has those leave whose end has come, and those who never used their invitation.
func (s *Service) endMembers(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "staff: members whose end has come")
	var over, guests []Member
	err = s.read(ctx, func(tx *db.Tx) error {
		if over, err = endedMembers(tx, s.d.Vault); err != nil {
			return err
		}
		guests, err = forgottenGuests(tx, s.d.Vault)
		return err
	})
	for _, m := range append(over, guests...) {
		if err == nil {
			err = s.write(ctx, func(tx *db.Tx) error { return s.remove(tx, access.System("staff"), m.ID, "over") })
		}
	}
	return err
}

// Holds says which of these subjects belong to members, for the vault's sweeper.
func (s *Service) Holds(ctx context.Context, subjects []id.ID) (held []id.ID, err error) {
	defer fault.Wrap(&err, "staff: holds")
	err = s.read(ctx, func(tx *db.Tx) error {
		held = nil
		for _, v := range subjects {
			_, ok, err := db.One(tx, scanID, `SELECT id FROM staff_member WHERE subject = $1`, v)
			if err != nil {
				return err
			}
			if ok {
				held = append(held, v)
			}
		}
		return nil
	})
	return held, err
}
