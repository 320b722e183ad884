package staff

import "strongroom/base/id"

// The events of this package: ids and words.
type (
	// MemberActive says that somebody works here now.
	MemberActive struct {
		Member id.ID
		Role   string
	}
	// MemberChanged says that somebody has another role.
	MemberChanged struct {
		Member id.ID
		Role   string
	}
	// MemberLeft says that somebody does not work here any more.
	MemberLeft struct{ Member id.ID }
	// LinkRefused says that a link was used that is over, was spent, or never was. Many of them are an attack.
	LinkRefused struct{ Kind string }
	// Asked says that a dangerous act waits for a second person, or for its day.
	Asked struct {
		Approval, By id.ID
		Kind         string
		Alone        bool
	}
	// Decided says that a dangerous act was approved, refused, cancelled or left to expire.
	Decided struct {
		Approval id.ID
		Kind     string
		State    string
	}
	// DecideRefused says that somebody tried to decide who may not, such as the asker.
	DecideRefused struct {
		Approval, By id.ID
		Reason       string
	}
	// QuotaReached says that a member saw as many people as the open work explains. It is an alarm.
	QuotaReached struct {
		Member id.ID
		Span   string
	}
	// CanaryTouched says that somebody looked at an order that nobody has a reason to look at. It is an alarm.
	CanaryTouched struct{ Member, Object id.ID }
	// GlassBroken says that somebody took emergency access. It is an alarm.
	GlassBroken struct{ Glass, Member id.ID }
	// OwnerRecovered says that an owner's ways of signing in were reset on the console. It is an alarm.
	OwnerRecovered struct{ Member id.ID }
)

// EventName names the event.
func (MemberActive) EventName() string { return "staff.active" }

// EventName names the event.
func (MemberChanged) EventName() string { return "staff.changed" }

// EventName names the event.
func (MemberLeft) EventName() string { return "staff.left" }

// EventName names the event.
func (LinkRefused) EventName() string { return "staff.link_refused" }

// EventName names the event.
func (Asked) EventName() string { return "staff.asked" }

// EventName names the event.
func (Decided) EventName() string { return "staff.decided" }

// EventName names the event.
func (DecideRefused) EventName() string { return "staff.decide_refused" }

// EventName names the event.
func (QuotaReached) EventName() string { return "staff.quota_reached" }

// EventName names the event.
func (CanaryTouched) EventName() string { return "staff.canary_touched" }

// EventName names the event.
func (GlassBroken) EventName() string { return "staff.glass_broken" }

// EventName names the event.
func (OwnerRecovered) EventName() string { return "staff.owner_recovered" }
