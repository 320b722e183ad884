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
)

// Seat is who sits at the desk, for the length of one request.
type Seat struct {
	Actor  access.Actor
	Member Member
	Glass  time.Time // when break-glass access ends; zero without it
}

// Enter makes the actor of a request from a session that Identity.Check has just found good. Role and state are read
// anew, so that what was taken away is gone with this very request (V8.3.2). A session that may only enrol gives an
// error that NeedsEnrolment knows.
func (s *Service) Enter(ctx context.Context, sess identity.Session, v identity.Visitor) (seat Seat, err error) {
	defer fault.Wrap(&err, "staff: enter")
	if sess.Realm != identity.Staff || sess.ID.IsZero() {
		return seat, errNone
	}
	if sess.Locked {
		return seat, access.ErrStepUp()
	}
	now := s.now()
	err = s.read(ctx, func(tx *db.Tx) (err error) {
		if seat.Member, err = memberByID(tx, s.d.Vault, sess.Account); err != nil {
			return err
		}
		seat.Glass, err = glassUntil(tx, sess.Account, now)
		return err
	})
	if fault.Is(err, fault.NotFound) {
		return Seat{}, errNone
	}
	if err != nil {
		return Seat{}, err
	}
	m := seat.Member
	switch {
	case m.State == Left || !m.Ends.IsZero() && !now.Before(m.Ends):
		return Seat{}, errNone
	case !m.here(now), sess.Level != identity.Full:
		return Seat{Member: m}, errEnrol
	}
	seat.Actor = access.Staff(m.ID, sess.ID, m.Role.Name, m.Role.Permissions, v.Origin)
	seat.Actor.Masked, seat.Actor.Watched = m.Role.Masked, m.Role.Watched
	seat.Actor.Fresh = s.d.Identity.RequireStepUp(sess, identity.StepUpFor) == nil
	if !seat.Glass.IsZero() {
		seat.Actor.Name = access.BrokenGlass
		seat.Actor.Rights = seat.Actor.Rights.With(access.GlassRights())
		seat.Actor.Masked = false
	}
	return seat, nil
}

// Finish ends an enrolment: when what is enrolled suffices for the role, the member becomes active and the session a
// full one. Otherwise missing says what is still to do.
func (s *Service) Finish(ctx context.Context, sess identity.Session, v identity.Visitor) (step identity.Step, missing []string, err error) {
	defer fault.Wrap(&err, "staff: finish enrolment")
	if sess.Realm != identity.Staff || sess.Locked {
		return step, nil, errNone
	}
	var m Member
	if err = s.read(ctx, func(tx *db.Tx) (err error) { m, err = memberByID(tx, s.d.Vault, sess.Account); return err }); err != nil {
		return step, nil, err
	}
	if m.State == Left {
		return step, nil, errNone
	}
	e, err := s.d.Identity.Methods(ctx, m.ID)
	if err != nil {
		return step, nil, err
	}
	if missing = Enough(e, m.Role); len(missing) > 0 {
		return step, missing, nil
	}
	if m.State != Active {
		if err := s.write(ctx, func(tx *db.Tx) error { return s.activate(tx, m, v) }); err != nil {
			return step, nil, err
		}
	}
	if sess.Level == identity.Full {
		return identity.Step{Need: identity.Done, Level: identity.Full}, nil, nil
	}
	step, err = s.d.Identity.Raise(ctx, sess, v)
	return step, nil, err
}

// activate makes a member count. The first owner counts only while there is no other: of two set-up links that were
// used, the second comes to nothing.
func (s *Service) activate(tx *db.Tx, m Member, v identity.Visitor) error {
	who := access.Staff(m.ID, id.ID{}, m.Role.Name, access.Set{}, v.Origin)
	if m.owner() && m.State == Invited {
		first, err := firstOwner(tx)
		if err != nil {
			return err
		}
		if !first {
			return errLink
		}
	}
	if err := s.move(tx, &m, Active); err != nil {
		return err
	}
	if err := s.entry(tx, who, "staff.active", m.ID, "", audit.Fact{Key: "role", Text: m.Role.Name}); err != nil {
		return err
	}
	return tx.Emit(MemberActive{Member: m.ID, Role: m.Role.Name})
}

// move takes a member from one state to another, if the table allows it.
func (s *Service) move(tx *db.Tx, m *Member, to State) error {
	if !allowed(m.State, to) {
		return errMoved
	}
	if err := setMemberState(tx, *m, to); err != nil {
		return err
	}
	m.State = to
	m.version++
	return nil
}

// methodRemoved looks whether a member still has enough ways of signing in, after one was taken away. Who has not must
// enrol before the next page.
func (s *Service) methodRemoved(ctx context.Context, e identity.MethodRemoved) (err error) {
	defer fault.Wrap(&err, "staff: a way of signing in was removed")
	if e.Realm != identity.Staff.String() {
		return nil
	}
	enrolled, err := s.d.Identity.Methods(ctx, e.Account)
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *db.Tx) error {
		m, err := memberByID(tx, s.d.Vault, e.Account)
		if fault.Is(err, fault.NotFound) || err == nil && (m.State != Active || len(Enough(enrolled, m.Role)) == 0) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := s.move(tx, &m, MustEnrol); err != nil {
			return err
		}
		return s.entry(tx, access.System("staff"), "staff.must_enrol", m.ID, "")
	})
}
