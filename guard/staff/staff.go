// Package staff is the people who work in the store, what they may do, and what nobody does alone.
//
// # Members
//
// A member is an account of the staff realm (guard/identity) with a role. The first owner comes through a link that the
// serving program prints on its own console; everybody else is invited by mail. Nobody counts before enough ways of
// signing in are enrolled: two for an owner, one strong one for the others. Enter makes the actor of a request from a
// session that was just checked, and reads role and state anew each time: who leaves is out with the next request, and
// so is a right that was taken away.
//
// # Roles
//
// A role is a built-in one (guard/access) or one that the shop made itself. Nobody gives away a right that she does not
// have, changes her own role, or changes somebody who may do more than she does.
//
// # Two people
//
// A dangerous act is asked for (Ask) with what it would do frozen under a keyed hash. Somebody else who has the same
// right and the right to decide looks at it and agrees or refuses (Decide); then it is carried out once, by whoever
// registered for its kind (On), and both stand in the log. Where there is nobody else, a day goes by first, a notice
// goes to an address outside the store, and the link in it stops the act.
//
// # Looks
//
// The vault asks this package before staff see personal data in clear. Masked roles see none. Working on an order is its
// own reason; every other look counts, and the quota follows the open work. At the quota it stops and an alarm is raised.
// LooksAt tells a shopper which kinds of staff looked at her data, and why.
//
// # Emergencies
//
// Break-glass gives rights for an hour and tells every owner and the outside address at once. An owner who lost every way
// of signing in is let in again on the machine's console only, with the recovery kit (RecoverOwner). There is no other
// way in which anybody resets somebody else's ways of signing in. See docs/staff.md.
package staff

import (
	"time"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/identity"
	"strongroom/guard/vault"
)

// State is where a member stands. The numbers are stored.
type State uint8

// The states of a member.
const (
	Invited   State = 1 // has not enrolled enough yet
	Active    State = 2
	Left      State = 3
	MustEnrol State = 4 // was active, and has too few ways of signing in
)

var stateNames = [...]string{"", "invited", "active", "left", "must_enrol"}

// String is the state's word; message keys are "staff.state_" and this.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return ""
}

// moves is the table of what may happen to a member.
var moves = map[State][]State{
	Invited:   {Active, Left},
	Active:    {MustEnrol, Left},
	MustEnrol: {Active, Left},
}

func allowed(from, to State) bool {
	for _, s := range moves[from] {
		if s == to {
			return true
		}
	}
	return false
}

// The bounds of the package.
const (
	setUpLife      = 30 * time.Minute
	recoverLife    = 30 * time.Minute
	invitationLife = 72 * time.Hour
	dormantAfter   = 90 * 24 * time.Hour
	helperLongest  = 90 * 24 * time.Hour
	glassLife      = time.Hour
	aloneDelay     = 24 * time.Hour
	askLife        = 72 * time.Hour
	undoFor        = 24 * time.Hour     // what an act made can be taken back that long
	knownFor       = 24 * time.Hour     // a decider has been active that long before the act was asked for
	ownGuestFor    = 7 * 24 * time.Hour // and that long if the asker invited her
	maxMembers     = 500
	maxName        = 100
	maxReason      = 500
)

// Member is somebody who works in the store.
type Member struct {
	ID      id.ID // of the identity account too
	Name    vault.Personal
	State   State
	Role    access.Role // with the permissions that hold now
	OwnRole id.ID       // zero for a built-in role
	// RoleName is what the shop calls an own role; empty for a built-in one, whose name is Role.Key.
	RoleName  string
	Ends      time.Time // zero for no end
	InvitedBy id.ID     // zero for the console and the first owner
	Made      time.Time
	Began     time.Time // when the member became active
	Gone      time.Time

	subject id.ID
	version int64
}

// owner says whether the member is one of the owners.
func (m Member) owner() bool { return m.Role.Name == access.Owner }

// here says whether the member counts at a moment.
func (m Member) here(now time.Time) bool {
	return m.State == Active && (m.Ends.IsZero() || now.Before(m.Ends))
}

// Enough says whether what is enrolled suffices for a role, and otherwise what is missing, as words whose texts are
// "staff.missing_" and the word. An owner needs two passkeys, or one with an authenticator app and recovery codes; the
// others a passkey, or an app beside a password (V6.3.3).
func Enough(e identity.Enrolled, role access.Role) (missing []string) {
	app := e.App && e.Password
	if role.Name != access.Owner {
		if e.Passkeys > 0 || app {
			return nil
		}
		return []string{"passkey_or_app"}
	}
	switch {
	case e.Passkeys >= 2 || e.Passkeys == 1 && e.App && e.Codes > 0:
		return nil
	case e.Passkeys == 0:
		return []string{"passkey", "second_passkey_or_app"}
	case e.App:
		return []string{"codes"}
	}
	return []string{"second_passkey_or_app"}
}

// What people are told.
var (
	errNone      = fault.New(fault.Forbidden, "staff.none")
	errEnrol     = fault.New(fault.Forbidden, "staff.enrol")
	errLink      = fault.New(fault.Gone, "staff.link_over")
	errMember    = fault.New(fault.NotFound, "staff.member_unknown")
	errMoved     = fault.New(fault.Conflict, "staff.moved_on")
	errExceeds   = fault.New(fault.Forbidden, "access.exceeds")
	errSelf      = fault.New(fault.Forbidden, "staff.not_yourself")
	errLastOwner = fault.New(fault.Conflict, "staff.last_owner")
)

// NeedsEnrolment says whether err means that the member has to enrol first: show the page for that.
func NeedsEnrolment(err error) bool { f := fault.As(err); return f != nil && f.Key == errEnrol.Key }
