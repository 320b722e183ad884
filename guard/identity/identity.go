// Package identity knows who is there: accounts of shoppers and staff, and every way in which somebody proves to own one.
//
// # Accounts
//
// An account belongs to a realm, Shopper or Staff, and its address to one account of a realm. It is a subject of the
// vault with keys of its own. It begins pending and counts only once its address was confirmed; until then it can do
// nothing, is found by nobody, and another account of the same address knows nothing of it.
//
// # Signing in
//
// A sign-in is an attempt: a row that says what has been proven, bound to one browser. Step says what is still needed.
// A passkey with user verification is enough by itself. A password needs a second factor if one is enrolled, and
// otherwise a browser that was released by mail. A mailed link opens a limited session, and only for who has nothing
// else. Answers are the same for known and unknown addresses, and the work behind them too.
//
// # Sessions
//
// A session is 256 random bits in a cookie; the store keeps a keyed hash. It belongs to one browser, carries the
// generation of its account, and ends with it: who is thrown out is out at the next request. Check is asked by every
// request and costs one indexed read.
//
// # Throttling
//
// Tries are counted in the database before they are looked at: by address, network and for the whole store. Delays
// grow. They hit the way by password from unknown browsers; passkeys and known browsers have a way of their own.
//
// # Secrets
//
// Tokens and codes are kept as hashes. Passkeys carry a keyed hash over what must not change. Tokens of links are minted
// when the mail is written and stand nowhere else. See docs/identity.md.
package identity

import (
	"net/netip"
	"time"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/vault"
)

// Realm parts those who shop from those who work in the shop. The numbers are stored.
type Realm uint8

// The realms.
const (
	Shopper Realm = 1
	Staff   Realm = 2
)

// String is the realm's word.
func (r Realm) String() string { return word(r, "", "shopper", "staff") }

// State is where an account stands. The numbers are stored.
type State uint8

// The states of an account.
const (
	Pending    State = 1 // the address is not confirmed; nobody can sign in
	Active     State = 2
	Recovering State = 3 // a recovery waits for its delay; everything else works as before
	Closed     State = 4
)

// String is the state's word.
func (s State) String() string { return word(s, "", "pending", "active", "recovering", "closed") }

// open says whether somebody can sign in.
func (s State) open() bool { return s == Active || s == Recovering }

// Level is what a session may do.
type Level uint8

// The levels of a session.
const (
	Limited   Level = 1 // came by a mailed link: sees orders and their state, addresses masked, changes nothing
	Enrolling Level = 2 // may only add ways of signing in
	Full      Level = 3
)

// String is the level's word.
func (l Level) String() string { return word(l, "", "limited", "enrolling", "full") }

// Method is one way of proving to be somebody. The numbers are stored.
type Method uint8

// The methods.
const (
	PasskeyMethod  Method = 1
	PasswordMethod Method = 2
	AppMethod      Method = 3 // a code of an authenticator app
	PhoneMethod    Method = 4 // a code sent by SMS
	CodeMethod     Method = 5 // a recovery code
	MailMethod     Method = 6 // a mailed link; never a second factor
)

// String is the method's word.
func (m Method) String() string {
	return word(m, "", "passkey", "password", "app", "phone", "code", "mail")
}

func word[T ~uint8](v T, words ...string) string {
	if int(v) < len(words) {
		return words[v]
	}
	return ""
}

// Methods is a set of methods.
type Methods uint16

// Has says whether the set has the method.
func (s Methods) Has(m Method) bool { return s&(1<<m) != 0 }

// With is the set with one more method.
func (s Methods) With(m Method) Methods { return s | 1<<m }

// List is the set's methods in their order.
func (s Methods) List() (out []Method) {
	for m := PasskeyMethod; m <= MailMethod; m++ {
		if s.Has(m) {
			out = append(out, m)
		}
	}
	return out
}

// Visitor is who stands at the door: what the request says about its browser.
type Visitor struct {
	Browser  id.Token // of the browser's cookie; every browser that begins anything has one
	Session  id.Token // of the session's cookie; ended when a new session begins
	Origin   netip.Addr
	Agent    string // the User-Agent header; only coarse words of it are kept
	Language string // of the page, for letters
}

// Account is somebody who can sign in.
type Account struct {
	ID, Subject              id.ID
	Realm                    Realm
	State                    State
	Language                 string
	Email                    vault.Personal
	MadeAt, ActiveAt, SeenAt time.Time
	Compromised              bool // an alarm stands: somebody said "this was not me", or a passkey was copied

	generation int64
	handle     []byte
	person     id.ID // the audit log's handle; read by known
}

// Enrolled is how somebody could prove to be the owner of an account.
type Enrolled struct {
	Passkeys     int // that count
	Hardware     int // of those, bound to one device
	Password     bool
	LongPassword bool // of at least 15 characters: may stand alone
	App          bool
	Phone        bool // a number is enrolled
	PhoneUsable  bool // and its cooling time is over
	Codes        int  // recovery codes that are left
}

// second says whether a second factor is enrolled. Recovery codes alone are none: they stand in for a lost one.
func (e Enrolled) second() bool { return e.App || e.Phone }

// any says whether there is anything beyond the mailbox.
func (e Enrolled) any() bool { return e.Passkeys > 0 || e.Password || e.second() || e.Codes > 0 }

// strong says whether the account stands without its factors: a passkey, or a password that may be alone.
func (e Enrolled) strong() bool { return e.Passkeys > 0 || e.LongPassword }

// Need says what an attempt waits for.
type Need uint8

// What an attempt can wait for.
const (
	Done    Need = 1 // Session is set
	Factor  Need = 2 // one of Choices is to be proven
	Confirm Need = 3 // a mail is on its way; Code stands on the page that asked for it
	Nothing Need = 4 // it is done, and no session came of it
)

// Step says where an attempt stands.
type Step struct {
	Need    Need
	Attempt id.Token // stands in the form until Done
	Session id.Token // for the realm's cookie
	Level   Level
	Choices []Method // the first is the one to offer
	Code    string   // typed where the mailed link is opened, if that is another browser
	Until   time.Time
	Proven  Methods
}

// The cookies. All are HttpOnly, Secure and of the whole path.
const (
	CookieAccount = "__Host-account" // a shopper's session; Lax, 30 days
	CookieAdmin   = "__Host-admin"   // a staff session; Strict, until the browser closes
	CookieBrowser = "__Host-browser" // 256 random bits that name a browser; 400 days
)

// The times of sessions and attempts.
const (
	StepUpFor = 10 * time.Minute // how long a strong proof lasts for risky acts

	shopperLife  = 30 * 24 * time.Hour
	shopperIdle  = 14 * 24 * time.Hour
	limitedLife  = 12 * time.Hour
	enrolLife    = 30 * time.Minute
	staffLife    = 12 * time.Hour
	staffIdle    = 15 * time.Minute
	touchEvery   = time.Minute
	attemptLife  = 30 * time.Minute
	codeLife     = 10 * time.Minute
	linkLife     = 15 * time.Minute
	ceremonyLife = 10 * time.Minute
	pendingLife  = 24 * time.Hour
)

// What pages and services tell apart. All others are internal.
var (
	ErrNoSession = fault.New(fault.Forbidden, "identity.no_session")
	ErrLimited   = fault.New(fault.Forbidden, "identity.limited")
	ErrLocked    = fault.New(fault.Forbidden, "identity.locked")
	ErrStepUp    = fault.New(fault.Forbidden, "identity.step_up")
	ErrRefused   = fault.New(fault.Forbidden, "identity.refused")
	ErrAttempt   = fault.New(fault.Gone, "identity.attempt_over")
	ErrLink      = fault.New(fault.Gone, "identity.link_over")
	ErrCode      = fault.New(fault.Invalid, "identity.code_wrong").WithField("code", "identity.code_wrong", nil)
	ErrEmail     = fault.New(fault.Invalid, "identity.email_wrong").WithField("email", "identity.email_wrong", nil)
	ErrLast      = fault.New(fault.Conflict, "identity.last_factor")
	ErrTaken     = fault.New(fault.Conflict, "identity.email_taken")
	ErrMissing   = fault.New(fault.NotFound, "identity.missing")
	errBrowser   = fault.New(fault.Malformed, "identity.no_browser")
)

// slow is what a try gets that comes too early.
func slow(wait time.Duration) error {
	return fault.New(fault.TooMany, "identity.slow").With("seconds", int((wait+time.Second-1)/time.Second))
}
