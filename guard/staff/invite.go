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
	"strongroom/guard/identity"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
)

// The kinds of links.
const (
	LinkInvitation = "invitation"
	LinkSetUp      = "set_up"
	LinkRecover    = "recover"
	LinkStop       = "stop"
)

// Person is who is to work here, as typed.
type Person struct {
	Name     string
	Email    vault.Personal
	Language string
}

func (p Person) check() error {
	if n := utf8.RuneCountInString(strings.TrimSpace(p.Name)); n == 0 || n > maxName || strings.ContainsAny(p.Name, "\r\n") {
		return fault.New(fault.Invalid, "staff.person_invalid").WithField("name", "staff.name_invalid", fault.Params{"max": maxName})
	}
	if p.Email.IsZero() {
		return fault.New(fault.Invalid, "staff.person_invalid").WithField("email", "staff.email_missing", nil)
	}
	return nil
}

// Invite makes somebody a member who has yet to enrol, and mails a link that is used once within three days. Nobody
// invites into a role that may do more than she herself; an owner is invited with another role and made one afterwards.
func (s *Service) Invite(ctx context.Context, who access.Actor, p Person, a Assignment) (member id.ID, err error) {
	defer fault.Wrap(&err, "staff: invite")
	if err := s.allowFresh(ctx, who, access.StaffManage, "staff.invite", id.ID{}); err != nil {
		return member, err
	}
	var role access.Role
	if err := s.read(ctx, func(tx *db.Tx) (err error) { role, err = s.resolve(tx, a); return err }); err != nil {
		return member, err
	}
	if role.Alone {
		return member, fault.New(fault.Invalid, "staff.assignment_invalid").WithField("role", "staff.owner_later", nil)
	}
	if !access.RightsOf(who).Holds(role.Permissions) {
		return member, s.refuse(ctx, who, "staff.invite", id.ID{}, "exceeds", errExceeds)
	}
	if err := p.check(); err != nil {
		return member, err
	}
	return s.admit(ctx, who, p, a, func(tx *db.Tx, member id.ID) error {
		l := link{id: tx.NewID(), kind: LinkInvitation, member: member, ends: tx.Now().Add(invitationLife)}
		if err := insertLink(tx, l); err != nil {
			return err
		}
		return s.letter(tx, Letter{Kind: LetterInvitation, To: member, Link: l.id, About: by(who)})
	})
}

// admit writes account and member in one transaction, with what comes with them.
func (s *Service) admit(ctx context.Context, who access.Actor, p Person, a Assignment, with func(tx *db.Tx, member id.ID) error) (member id.ID, err error) {
	prepared, err := s.d.Identity.PrepareAccount(ctx, identity.Staff, p.Email, p.Language)
	if err != nil {
		return member, err
	}
	m := newMember{id: prepared.Account, subject: prepared.Subject, role: a.Role, own: a.OwnRole, ends: a.Ends, invitedBy: by(who)}
	m.name, err = s.d.Vault.Seal(ctx, privacy.StaffName.Field, m.subject, m.id, vault.Typed(strings.TrimSpace(p.Name)))
	if err != nil {
		return member, err
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		n, err := countMembers(tx)
		if err == nil && n >= maxMembers {
			err = fault.New(fault.Conflict, "staff.too_many").With("max", maxMembers)
		}
		if err != nil {
			return err
		}
		if _, err := s.resolve(tx, a); err != nil {
			return err
		}
		if err := s.d.Identity.InsertAccount(tx, prepared); err != nil {
			return err
		}
		if err := insertMember(tx, m); err != nil {
			return err
		}
		if err := s.entry(tx, who, "staff.invite", m.id, "", audit.Fact{Key: "role", Text: a.Role}); err != nil {
			return err
		}
		return with(tx, m.id)
	})
	if err != nil {
		return member, err
	}
	if err := s.d.Identity.Indexed(ctx, prepared); err != nil {
		// The address has an account already: this one comes to nothing.
		undo := s.write(context.WithoutCancel(ctx), func(tx *db.Tx) error { return s.remove(tx, access.System("staff"), m.id, "address_taken") })
		if undo != nil {
			s.log.ErrorContext(ctx, "a member without an address could not be removed", "member", m.id, "error", undo)
		}
		return member, err
	}
	return m.id, nil
}

// InviteAgain mails a new link to somebody who has not enrolled yet; the old one is over.
func (s *Service) InviteAgain(ctx context.Context, who access.Actor, member id.ID) (err error) {
	defer fault.Wrap(&err, "staff: invite again")
	if err := s.allowFresh(ctx, who, access.StaffManage, "staff.invite", member); err != nil {
		return err
	}
	m, _, err := s.mayChange(ctx, who, member, "staff.invite", nil)
	if err != nil {
		return err
	}
	if m.State != Invited {
		// Never a way to let somebody in anew who has ways of signing in: that would be a reset by a colleague.
		return s.refuse(ctx, who, "staff.invite", member, "enrolled", fault.New(fault.Conflict, "staff.enrolled_already"))
	}
	e, err := s.d.Identity.Methods(ctx, member)
	if err != nil {
		return err
	}
	if e.Passkeys > 0 || e.Password || e.App {
		return s.refuse(ctx, who, "staff.invite", member, "enrolled", fault.New(fault.Conflict, "staff.enrolled_already"))
	}
	return s.write(ctx, func(tx *db.Tx) error {
		if err := spendLinksOf(tx, member); err != nil {
			return err
		}
		l := link{id: tx.NewID(), kind: LinkInvitation, member: member, ends: tx.Now().Add(invitationLife)}
		if err := insertLink(tx, l); err != nil {
			return err
		}
		if err := s.entry(tx, who, "staff.invite", member, "again"); err != nil {
			return err
		}
		return s.letter(tx, Letter{Kind: LetterInvitation, To: member, Link: l.id, About: by(who)})
	})
}

// Link is what the page behind a link may show before it is used.
type Link struct {
	Kind string
	Role access.Role // of an invitation
	Name string      // of who was invited, masked
	Ends time.Time
	Ask  Approval // of a link that stops an act
}

// PeekLink looks at a link without using it: scanners of mails open links, and only a button uses them.
func (s *Service) PeekLink(ctx context.Context, token id.Token) (out Link, err error) {
	defer fault.Wrap(&err, "staff: look at a link")
	var l link
	err = s.read(ctx, func(tx *db.Tx) error {
		if l, err = s.openLink(tx, token); err != nil {
			return err
		}
		out = Link{Kind: l.kind, Ends: l.ends}
		switch {
		case !l.approval.IsZero():
			out.Ask, err = s.approvalByID(tx, l.approval)
		case !l.member.IsZero():
			var m Member
			m, err = memberByID(tx, s.d.Vault, l.member)
			out.Role, out.Name = m.Role, m.Name.Mask()
		}
		return err
	})
	return out, s.linkRefused(ctx, err, identity.Visitor{}, "peek")
}

// openLink finds a link that can be used now. A set-up link is one only in the very program that printed it, and only
// while there is no owner.
func (s *Service) openLink(tx *db.Tx, token id.Token) (link, error) {
	if token == "" {
		return link{}, errLink
	}
	l, ok, err := linkByToken(tx, token.Hash())
	if err != nil {
		return l, err
	}
	if !ok || !l.spent.IsZero() || !tx.Now().Before(l.ends) {
		return l, errLink
	}
	if l.kind == LinkSetUp {
		n, err := ownerCount(tx)
		if err != nil {
			return l, err
		}
		if n > 0 || l.start != s.start {
			return l, errLink
		}
	}
	return l, nil
}

// linkRefused writes down that a link was refused, and tells the alarm.
func (s *Service) linkRefused(ctx context.Context, err error, v identity.Visitor, kind string) error {
	if !fault.Is(err, fault.Gone) {
		return err
	}
	who := access.Guest(id.ID{}, v.Origin)
	s.d.Audit.RefuseWith(ctx, audit.Entry{Actor: who, Action: "staff.link", Object: "staff", Reason: kind},
		func(tx *db.Tx) error { return tx.Emit(LinkRefused{Kind: kind}) })
	return err
}

// Accept uses an invitation or the link of a recovered owner, and opens a session that may only enrol.
func (s *Service) Accept(ctx context.Context, token id.Token, v identity.Visitor) (step identity.Step, err error) {
	defer fault.Wrap(&err, "staff: accept")
	var l link
	err = s.write(ctx, func(tx *db.Tx) error {
		if l, err = s.openLink(tx, token); err != nil {
			return err
		}
		if l.kind != LinkInvitation && l.kind != LinkRecover {
			return errLink
		}
		if err := spendLink(tx, l.id); err != nil {
			return err
		}
		m, err := memberByID(tx, s.d.Vault, l.member)
		if err == nil && (m.State == Left || m.State == Active) {
			err = errLink
		}
		if err != nil {
			return err
		}
		who := access.Staff(m.ID, id.ID{}, m.Role.Name, access.Set{}, v.Origin)
		return s.entry(tx, who, "staff.link", m.ID, "", audit.Fact{Key: "kind", Text: l.kind})
	})
	if err != nil {
		return step, s.linkRefused(ctx, err, v, "accept")
	}
	return s.d.Identity.OpenEnrolment(ctx, identity.Staff, l.member, v)
}
