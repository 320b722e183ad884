// Package audit keeps the log of every act on data and settings and of every look at personal data.
//
// # Writing
//
// Record writes an entry in the act's own transaction: act and entry stand or fall together, and an act whose entry
// cannot be written fails. Refuse writes what was refused in a write of its own, so that it survives the rollback; of a
// flood only the first few of an actor, act and minute are written one by one, and the rest as one entry with its count.
//
// # What an entry holds
//
// Ids, numbers and short words. People stand in it as a random handle (vault.AuditHandle) that leads to nobody once
// their keys are gone. Where an act came from is sealed, and so is a reason that is a sentence; both are sealed bytes
// inside the entry, so that the entry can be verified when nobody can read them any more.
//
// # The bytes
//
// The column body holds the entry's canonical bytes, version 1, and is the only truth; the other columns are copies for
// look-up. All integers are big endian; "text" and "bytes" are a length of 4 bytes and that many bytes.
//
//	byte     1, the version
//	16 bytes id
//	8 bytes  time, microseconds since 1970 in UTC
//	byte     kind of the actor
//	text     name of the actor (a system part or a provider)
//	16 bytes id of the actor, zero for none
//	text     action
//	text     object
//	16 bytes id of the object, zero for none
//	16 bytes handle of the person, zero for none
//	byte     outcome
//	text     reason, when it is a single word
//	bytes    sealed origin, empty for none
//	bytes    sealed reason, empty for none
//	4 bytes  number of facts, then for each: text key, 8 bytes integer, text
//
// There is exactly one such encoding of an entry: Decode refuses everything that Encode would write differently. The
// leaf of the later tree is SHA-256 over a zero byte and these bytes, as RFC 6962 has it.
package audit

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/vault"
)

// Outcome is how an act ended.
type Outcome uint8

// The outcomes.
const (
	Done    Outcome = 1
	Refused Outcome = 2
	Failed  Outcome = 3
)

var outcomes = [...]string{"none", "done", "refused", "failed"}

// String is the outcome's word.
func (o Outcome) String() string {
	if int(o) < len(outcomes) {
		return outcomes[o]
	}
	return outcomes[0]
}

// Fact is one detail of an entry: a number, an id or a word of the program.
type Fact struct {
	Key  string
	Int  int64
	Text string
}

// Entry is what a caller says about an act.
type Entry struct {
	Actor    access.Actor
	Action   string // what was done, such as "order.place"
	Object   string // to what, such as "order"
	ObjectID id.ID
	Person   id.ID  // audit handle of the person concerned, or zero
	Reason   string // a word in clear; anything else is sealed
	Outcome  Outcome
	Facts    []Fact
}

// LogValue keeps reasons out of logs.
func (e Entry) LogValue() slog.Value {
	return slog.StringValue(e.Action + " " + e.Outcome.String() + " by " + e.Actor.String())
}

// Row is an entry as it stands in the log.
type Row struct {
	ID       id.ID
	At       time.Time
	Actor    access.Actor // without Origin
	Action   string
	Object   string
	ObjectID id.ID
	Person   id.ID
	Outcome  Outcome
	Word     string // the reason, when it is a word
	Facts    []Fact

	sealedOrigin []byte
	sealedReason []byte

	// Origin and Reason are for vault.Reveal with vault.Security as purpose: to see them is a look like any other.
	Origin, Reason vault.Personal
	// Sequence is the place in the tree, counted from 0; Placed is false until it has one.
	Sequence int64
	Placed   bool
}

// The bounds of an entry. A longer one is a mistake of the program, but for reasons, which people type.
const (
	maxWord   = 64
	maxText   = 200
	maxReason = 1000
	maxFacts  = 32
	maxSealed = 8192
)

// Leaf is the hash of canonical bytes as a leaf of the tree.
func Leaf(body []byte) [32]byte {
	h := sha256.New()
	h.Write([]byte{0})
	h.Write(body)
	return [32]byte(h.Sum(nil))
}

// check refuses an entry that no reader could use.
func (e Entry) check() error {
	if e.Actor.Kind == 0 || e.Outcome < Done || e.Outcome > Failed {
		return errors.New("audit: an entry needs an actor and an outcome")
	}
	if e.Action == "" || !word(e.Action) || !word(e.Object) || !word(e.Actor.Name) {
		return fmt.Errorf("audit: action, object and the actor's name are words: %.80q", e.Action)
	}
	if len(e.Facts) > maxFacts || len(e.Reason) > maxReason {
		return fmt.Errorf("audit: %s has too many facts or too long a reason", e.Action)
	}
	for _, f := range e.Facts {
		if !word(f.Key) || f.Key == "" || len(f.Text) > maxText {
			return fmt.Errorf("audit: a fact of %s has no word as its key or too long a text", e.Action)
		}
	}
	return nil
}

// word says whether s is a word of the program: small letters, digits and a few marks. What people write has a space or
// a capital letter soon, and is sealed.
func word(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return len(s) <= maxWord
}
