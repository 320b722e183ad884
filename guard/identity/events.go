package identity

import (
	"strongroom/base/id"
)

// About is what every event of this package says: ids and words.
type About struct {
	Account id.ID // zero for an address that nobody has
	Realm   string
	Method  string
	Reason  string
}

// The events, in pairs: what succeeded, what was refused.
type (
	// SignedIn says that somebody signed in.
	SignedIn struct{ About }
	// SignInRefused says that a try to sign in, or a step of it, was refused.
	SignInRefused struct{ About }
	// SessionEnded says that sessions ended before their time.
	SessionEnded struct{ About }
	// SessionRefused says that a cookie was refused that does not fit its browser.
	SessionRefused struct{ About }
	// SteppedUp says that somebody proved anew to be there.
	SteppedUp struct{ About }
	// StepUpRefused says that such a proof failed.
	StepUpRefused struct{ About }
	// MethodEnrolled says that a way of signing in was added or changed.
	MethodEnrolled struct{ About }
	// EnrolRefused says that adding one was refused.
	EnrolRefused struct{ About }
	// MethodRemoved says that a way of signing in was removed.
	MethodRemoved struct{ About }
	// RemoveRefused says that removing one was refused.
	RemoveRefused struct{ About }
	// Confirmed says that the address of a new account was confirmed. Earlier guest orders attach now.
	Confirmed struct{ About }
	// ConfirmRefused says that it was not, such as for an address that has an account.
	ConfirmRefused struct{ About }
	// LinkAsked says that a link was mailed.
	LinkAsked struct{ About }
	// LinkRefused says that a link or its code was refused.
	LinkRefused struct{ About }
	// RecoveryStarted says that a recovery waits for its delay.
	RecoveryStarted struct{ About }
	// RecoveryRefused says that one was refused.
	RecoveryRefused struct{ About }
	// RecoveryEnded says that an account was recovered.
	RecoveryEnded struct{ About }
	// RecoveryCancelled says that its owner stopped it.
	RecoveryCancelled struct{ About }
	// EmailChanged says that an account has another address.
	EmailChanged struct{ About }
	// EmailRefused says that a change was refused or ran out.
	EmailRefused struct{ About }
	// CloneSeen says that a passkey's counter went back: there are two of it. It is an alarm.
	CloneSeen struct{ About }
	// NotMe says that somebody disowned a sign-in. It is an alarm.
	NotMe struct{ About }
	// NewDevice says that an account was used in a browser for the first time.
	NewDevice struct{ About }
	// AccountClosed says that nobody can sign in there any more.
	AccountClosed struct{ About }
)

// EventName names the event.
func (SignedIn) EventName() string { return "identity.signed_in" }

// EventName names the event.
func (SignInRefused) EventName() string { return "identity.sign_in_refused" }

// EventName names the event.
func (SessionEnded) EventName() string { return "identity.session_ended" }

// EventName names the event.
func (SessionRefused) EventName() string { return "identity.session_refused" }

// EventName names the event.
func (SteppedUp) EventName() string { return "identity.stepped_up" }

// EventName names the event.
func (StepUpRefused) EventName() string { return "identity.step_up_refused" }

// EventName names the event.
func (MethodEnrolled) EventName() string { return "identity.enrolled" }

// EventName names the event.
func (EnrolRefused) EventName() string { return "identity.enrol_refused" }

// EventName names the event.
func (MethodRemoved) EventName() string { return "identity.removed" }

// EventName names the event.
func (RemoveRefused) EventName() string { return "identity.remove_refused" }

// EventName names the event.
func (Confirmed) EventName() string { return "identity.confirmed" }

// EventName names the event.
func (ConfirmRefused) EventName() string { return "identity.confirm_refused" }

// EventName names the event.
func (LinkAsked) EventName() string { return "identity.link_asked" }

// EventName names the event.
func (LinkRefused) EventName() string { return "identity.link_refused" }

// EventName names the event.
func (RecoveryStarted) EventName() string { return "identity.recovery_started" }

// EventName names the event.
func (RecoveryRefused) EventName() string { return "identity.recovery_refused" }

// EventName names the event.
func (RecoveryEnded) EventName() string { return "identity.recovery_ended" }

// EventName names the event.
func (RecoveryCancelled) EventName() string { return "identity.recovery_cancelled" }

// EventName names the event.
func (EmailChanged) EventName() string { return "identity.email_changed" }

// EventName names the event.
func (EmailRefused) EventName() string { return "identity.email_refused" }

// EventName names the event.
func (CloneSeen) EventName() string { return "identity.clone_seen" }

// EventName names the event.
func (NotMe) EventName() string { return "identity.not_me" }

// EventName names the event.
func (NewDevice) EventName() string { return "identity.new_device" }

// EventName names the event.
func (AccountClosed) EventName() string { return "identity.closed" }
