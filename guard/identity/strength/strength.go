// Package strength says whether a password may be used, and why not.
//
// # The rules
//
// Length is what counts: Alone (15) code points when the password is all that is asked for, WithFactor (8) when a
// second factor is asked for too, and at most Longest (256). There are no rules about which signs must be in it, and
// nothing expires. The password is brought to Unicode's form NFC, so that it can be typed again on another keyboard,
// and is otherwise taken whole and as it is: spaces, case and length stay.
//
// Refused are, with the reason for it:
//
//   - passwords that are known: the lists that are shipped ("common"), a filter built from the public list of leaked
//     passwords, or that list's own service, asked without telling it the password (both "leaked");
//   - passwords that are mostly a word which everybody would try for this shop or this person (see Words);
//   - passwords that are one sign, a short piece, or a row of the keyboard again and again.
//
// # Advice
//
// Advise scores a password while it is typed, from 0 to 4, and says what would be refused. It asks nothing outside and
// keeps nothing; its score never decides. Neither function writes the password anywhere.
package strength

import (
	"context"
	"errors"
	"log/slog"

	"strongroom/base/fault"
)

// The lengths, in code points.
const (
	Alone      = 15  // when the password is the only thing asked for
	WithFactor = 8   // when a second factor is always asked for beside it
	Longest    = 256 // what is longer is no password but a burden for the hash
)

// The reasons of a refusal, as message keys.
const (
	TooShort = "strength.too_short"
	TooLong  = "strength.too_long"
	NoText   = "strength.no_text"
	Common   = "strength.common"
	Leaked   = "strength.leaked"
	Context  = "strength.context"
	Pattern  = "strength.pattern"
)

// Leaks knows leaked passwords; *Service asks the public one. An error means that it does not know now.
type Leaks interface {
	Leaked(ctx context.Context, password string) (bool, error)
}

// Options say what a Checker knows.
type Options struct {
	// Words are what everybody would try first at this shop: its name and its hosts.
	Words []string
	// List is a filter that the shopkeeper built from the public list (see Build), or nil.
	List *Filter
	// Service is asked last, or nil if nothing outside may be asked.
	Service Leaks
	// Log is told when the service or the list does not answer, never what was asked; nil for silence.
	Log *slog.Logger
}

// Checker checks passwords. It is safe for use by many goroutines.
type Checker struct {
	words   []string
	common  *Filter
	list    *Filter
	service Leaks
	log     *slog.Logger
}

// New makes a checker.
func New(o Options) (*Checker, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	common, err := shipped()
	if err != nil {
		return nil, err
	}
	return &Checker{words: Words(o.Words...), common: common, list: o.List, service: o.Service, log: o.Log}, nil
}

// Check says nil if the password may be used, and otherwise a fault with the reason beside the field "password".
// least is Alone or WithFactor; about are the person's name and addresses, which must not make up the password.
//
// What the service cannot answer is decided without it: the shipped list was asked before.
func (c *Checker) Check(ctx context.Context, password string, least int, about ...string) error {
	password = Normal(password)
	if r := c.local(password, least, about); r != nil {
		return r.fault()
	}
	if c.list != nil {
		found, err := c.list.Has(password)
		if err != nil {
			c.log.ErrorContext(ctx, "the list of leaked passwords cannot be read", "error", err)
		}
		if found {
			return (&reason{key: c.list.reason()}).fault()
		}
	}
	if c.service == nil {
		return nil
	}
	found, err := c.service.Leaked(ctx, password)
	if err != nil && !errors.Is(err, errResting) {
		c.log.WarnContext(ctx, "the service for leaked passwords does not answer", "error", err)
	}
	if found {
		return (&reason{key: Leaked}).fault()
	}
	return nil
}

// reason is why a password is refused.
type reason struct {
	key    string
	params fault.Params
}

func (r *reason) fault() error {
	return fault.New(fault.Invalid, "strength.refused").WithField("password", r.key, r.params)
}

// local is what can be said without anything outside the process's memory, the cheapest first.
func (c *Checker) local(password string, least int, about []string) *reason {
	if !isText(password) {
		return &reason{key: NoText}
	}
	n := Length(password)
	switch {
	case n < least:
		return &reason{TooShort, fault.Params{"n": least, "length": n}}
	case n > Longest:
		return &reason{TooLong, fault.Params{"n": Longest}}
	case isPattern(password):
		return &reason{key: Pattern}
	case c.isContext(password, about):
		return &reason{key: Context}
	case c.isCommon(password):
		return &reason{key: Common}
	}
	return nil
}

// isCommon asks the shipped list, whose words are in small letters.
func (c *Checker) isCommon(password string) bool {
	if has, _ := c.common.Has(password); has { // in memory: it cannot fail
		return true
	}
	has, _ := c.common.Has(fold(password))
	return has
}
