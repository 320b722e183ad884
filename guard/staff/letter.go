package staff

import (
	"context"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/guard/access"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
)

// LetterKind names a mail. Its job's kind is "letter.staff_" and this; front/letters writes the words.
type LetterKind string

// The mails about staff.
const (
	LetterInvitation LetterKind = "invitation"
	LetterRole       LetterKind = "role"      // to whose role changed
	LetterOwners     LetterKind = "owners"    // to all owners: there is one more or one less
	LetterAsked      LetterKind = "asked"     // to who may decide
	LetterDecided    LetterKind = "decided"   // to who asked
	LetterAlone      LetterKind = "alone"     // to the outside address, with the link that stops the act
	LetterLoud       LetterKind = "loud"      // to the outside address: somebody asks for what cannot be made good again
	LetterConsole    LetterKind = "console"   // to all owners and the outside address: it was done on the console
	LetterGlass      LetterKind = "glass"     // to all owners and the outside address
	LetterRecovered  LetterKind = "recovered" // to all owners and the outside address
	LetterQuota      LetterKind = "quota"     // to all owners
	LetterCanary     LetterKind = "canary"    // to all owners and the outside address
)

// LetterKinds lists all mails.
func LetterKinds() []LetterKind {
	return []LetterKind{LetterInvitation, LetterRole, LetterOwners, LetterAsked, LetterDecided, LetterAlone, LetterLoud, LetterConsole,
		LetterGlass, LetterRecovered, LetterQuota, LetterCanary}
}

// Letter is what the job of a mail carries: ids.
type Letter struct {
	Kind     LetterKind
	To       id.ID // a member; zero for the outside address
	About    id.ID // a member
	Link     id.ID
	Approval id.ID
	Glass    id.ID
	Danger   access.Danger // of what was done on the console
}

// Content is what a mail may say.
type Content struct {
	Kind     LetterKind
	To, Name string // in clear
	Language string
	Base     string   // https origin of the admin
	About    string   // name of the member whom it is about, in clear; her mask in a mail to the outside address
	Role     string   // message key of a role
	RoleName string   // what the shop calls it, if it made it itself
	Link     id.Token // of an invitation or of a stop
	Until    time.Time
	When     time.Time
	Approval Approval
	Reason   string // of break-glass, in clear
	Danger   access.Danger
}

func (s *Service) letter(tx *db.Tx, l Letter) error {
	_, err := s.d.Jobs.Enqueue(tx, job.Job{Kind: "letter.staff_" + string(l.Kind), Args: l})
	return err
}

// toOwners mails every owner.
func (s *Service) toOwners(tx *db.Tx, l Letter) error {
	list, err := members(tx, s.d.Vault, false)
	for _, m := range list {
		if err == nil && m.owner() && m.State != Invited {
			l.To = m.ID
			err = s.letter(tx, l)
		}
	}
	return err
}

// outside mails the address outside the store, if there is one.
func (s *Service) outside(tx *db.Tx, l Letter) error {
	if s.d.Notice == "" {
		return nil
	}
	l.To = id.ID{}
	return s.letter(tx, l)
}

// ForLetter reads what a mail says, in the name of the job that sends it, and makes the token of its link. Gone means
// that the mail has nothing to say any more. A repeated try mints the token anew: that of a mail that may not have
// arrived opens nothing.
func (s *Service) ForLetter(ctx context.Context, l Letter) (c Content, err error) {
	defer fault.Wrap(&err, "staff: letter %s", l.Kind)
	c = Content{Kind: l.Kind, To: s.d.Notice, Language: s.d.Shop.DefaultLanguage, Base: s.d.Shop.AdminURL, When: s.now(), Danger: l.Danger}
	if !l.To.IsZero() {
		if err := s.address(ctx, l.To, &c); err != nil {
			return c, err
		}
	}
	if !l.About.IsZero() {
		m, err := s.member(ctx, l.About)
		if err != nil {
			return c, err
		}
		c.About = m.Name.Mask()
		if l.Kind != LetterInvitation { // that tells the guest's role, not that of who invites
			c.Role, c.RoleName = m.Role.Key, m.RoleName
		}
		if !l.To.IsZero() {
			c.About = s.called(ctx, m)
		}
	}
	if l.Kind == LetterCanary && l.About.IsZero() {
		c.About, c.Role = "strongroom", "staff.role_console"
	}
	if err := s.letterObjects(ctx, l, &c); err != nil {
		return c, err
	}
	if l.Link.IsZero() {
		return c, nil
	}
	c.Link = id.NewToken()
	return c, s.write(ctx, func(tx *db.Tx) error {
		k, ok, err := linkByID(tx, l.Link)
		if err == nil && !ok {
			err = errLink
		}
		if err != nil {
			return err
		}
		c.Until = k.ends
		return mintLink(tx, l.Link, c.Link.Hash())
	})
}

// letterObjects reads the approval or the emergency that a mail is about.
func (s *Service) letterObjects(ctx context.Context, l Letter, c *Content) error {
	var reason []byte
	err := s.read(ctx, func(tx *db.Tx) (err error) {
		if !l.Approval.IsZero() {
			if c.Approval, err = s.approvalByID(tx, l.Approval); err != nil {
				return err
			}
		}
		if !l.Glass.IsZero() {
			_, reason, err = glassReason(tx, l.Glass)
		}
		return err
	})
	if err != nil || len(reason) == 0 {
		return err
	}
	clear, err := s.d.Vault.Reveal(ctx, vault.Look{Actor: access.System("letters"), Purpose: vault.Security, Reason: "glass",
		Object: "staff", ObjectID: l.Glass}, s.d.Vault.SealedLog(privacy.StaffGlass.Field, l.Glass, reason))
	if err == nil {
		c.Reason = clear[0]
	}
	return err
}

// address finds where a member is written to.
func (s *Service) address(ctx context.Context, member id.ID, c *Content) error {
	m, err := s.member(ctx, member)
	if err != nil {
		return err
	}
	if m.State == Left {
		return fault.New(fault.Gone, "staff.none")
	}
	acc, err := s.d.Identity.Account(ctx, member)
	if err != nil {
		return err
	}
	clear, err := s.d.Vault.Reveal(ctx, vault.Look{Actor: access.System("letters"), Purpose: vault.Profile, Reason: "letter",
		Object: "staff", ObjectID: member}, acc.Email, m.Name)
	if err != nil {
		return err
	}
	c.To, c.Name, c.Language = clear[0], clear[1], acc.Language
	if l := c.Kind; l == LetterInvitation {
		c.Role, c.RoleName = m.Role.Key, m.RoleName
	}
	return nil
}
