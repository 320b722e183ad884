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
)

// OwnRole is a role that the shop made itself.
type OwnRole struct {
	ID          id.ID // zero for a new one
	Name        string
	Permissions access.Set
	Masked      bool
	Watched     bool
	Members     int64 // who have it; read only
	Made        time.Time
	Changed     time.Time
}

const maxRoleName = 60

func (o OwnRole) check() error {
	f := fault.New(fault.Invalid, "staff.role_invalid")
	if n := utf8.RuneCountInString(o.Name); n == 0 || n > maxRoleName || strings.ContainsAny(o.Name, "\r\n\t") {
		f.WithField("name", "staff.role_name", fault.Params{"max": maxRoleName})
	}
	if o.Permissions.IsEmpty() {
		f.WithField("permissions", "staff.role_empty", nil)
	}
	if o.Masked && !o.Permissions.Revealing().IsEmpty() {
		f.WithField("permissions", "access.masked_reveals", nil)
	}
	if len(f.Fields) > 0 {
		return f
	}
	return nil
}

// Roles lists the roles that the shop made itself.
func (s *Service) Roles(ctx context.Context, who access.Actor) (out []OwnRole, err error) {
	defer fault.Wrap(&err, "staff: roles")
	if err := s.allow(ctx, who, access.StaffView, "staff.roles", id.ID{}); err != nil {
		return nil, err
	}
	err = s.read(ctx, func(tx *db.Tx) error { out, err = ownRoles(tx); return err })
	return out, err
}

// PutRole makes a role or changes one. It can hold no right that its maker does not have, neither before nor after, and
// none that only owners have. Whoever has the role signs in again.
func (s *Service) PutRole(ctx context.Context, who access.Actor, o OwnRole) (_ id.ID, err error) {
	defer fault.Wrap(&err, "staff: put role")
	if err := s.allowFresh(ctx, who, access.RoleManage, "staff.role_put", o.ID); err != nil {
		return o.ID, err
	}
	o.Name = strings.TrimSpace(o.Name)
	if err := o.check(); err != nil {
		return o.ID, err
	}
	if !access.RightsOf(who).Holds(o.Permissions) || !o.Permissions.Without(access.OwnersOnly()).Holds(o.Permissions) {
		return o.ID, s.refuse(ctx, who, "staff.role_put", o.ID, "exceeds", errExceeds)
	}
	exceeds := false
	err = s.write(ctx, func(tx *db.Tx) error { exceeds, err = s.putRole(tx, who, &o); return err })
	if exceeds {
		err = s.refuse(ctx, who, "staff.role_put", o.ID, "exceeds", errExceeds)
	}
	return o.ID, err
}

func (s *Service) putRole(tx *db.Tx, who access.Actor, o *OwnRole) (exceeds bool, err error) {
	if o.ID.IsZero() {
		o.ID = tx.NewID()
	} else {
		old, ok, err := ownRole(tx, o.ID)
		if err == nil && !ok {
			err = fault.New(fault.NotFound, "staff.role_unknown")
		}
		if err != nil {
			return false, err
		}
		if !access.RightsOf(who).Holds(old.Permissions) {
			return true, errExceeds
		}
	}
	affected, err := membersWith(tx, o.ID)
	if err != nil {
		return false, err
	}
	for _, m := range affected {
		if m == by(who) {
			return true, errSelf
		}
		if err := s.d.Identity.EndSessions(tx, m); err != nil {
			return false, err
		}
	}
	if err := putRole(tx, *o, by(who)); err != nil {
		return false, err
	}
	return false, s.entry(tx, who, "staff.role_put", o.ID, "", audit.Fact{Key: "members", Int: int64(len(affected))},
		audit.Fact{Key: "permissions", Int: int64(len(o.Permissions.List())), Text: clip(o.Permissions.String())})
}

// clip keeps a list of words within the bounds of a fact.
func clip(s string) string {
	if len(s) <= 200 {
		return s
	}
	return s[:strings.LastIndexByte(s[:200], ' ')]
}

// DropRole removes a role that nobody has.
func (s *Service) DropRole(ctx context.Context, who access.Actor, role id.ID) (err error) {
	defer fault.Wrap(&err, "staff: drop role")
	if err := s.allowFresh(ctx, who, access.RoleManage, "staff.role_drop", role); err != nil {
		return err
	}
	return s.write(ctx, func(tx *db.Tx) error {
		ok, err := dropRole(tx, role)
		if err == nil && !ok {
			err = fault.New(fault.Conflict, "staff.role_used")
		}
		if err != nil {
			return err
		}
		return s.entry(tx, who, "staff.role_drop", role, "")
	})
}
