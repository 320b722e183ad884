package sandbox

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"time"
)

// The states of a session.
const (
	stateOpen       = "open"
	statePending    = "pending"
	stateAuthorised = "authorised"
	statePaid       = "paid"
	stateDeclined   = "declined"
	stateExpired    = "expired"
	stateVoided     = "voided"
)

// How the notices of a session travel.
const (
	noticesOnce     = "once"
	noticesTwice    = "twice"    // every notice three times, twice at once
	noticesLate     = "late"     // after Config.Late
	noticesReversed = "reversed" // the first one after all others
	noticesNever    = "never"
)

// holdTime is how long a sum is held.
const holdTime = 7 * 24 * time.Hour

const (
	maxAmount  = 1_000_000_000_000
	maxRefunds = 100
	maxKeys    = 250
	maxEvents  = 300
)

// session is one hosted payment. It is kept as this JSON in the file.
type session struct {
	ID        string            `json:"id"`
	Account   string            `json:"account"`
	Reference string            `json:"reference"`
	Order     string            `json:"order"`
	Amount    int64             `json:"amount"`
	Currency  string            `json:"currency"`
	Manual    bool              `json:"manual,omitempty"`
	Secure    bool              `json:"secure,omitempty"` // the merchant wants the extra step
	Return    string            `json:"return"`
	Cancel    string            `json:"cancel"`
	Language  string            `json:"language"`
	State     string            `json:"state"`
	Charge    string            `json:"charge,omitempty"`
	Captured  int64             `json:"captured,omitempty"`
	Refunded  int64             `json:"refunded,omitempty"` // the done ones
	Refunds   []refund          `json:"refunds,omitempty"`
	Made      int64             `json:"made"` // microseconds, as all times here
	Expires   int64             `json:"expires"`
	HeldUntil int64             `json:"held_until,omitempty"` // of a held sum: then it is let go
	SettleAt  int64             `json:"settle_at,omitempty"`  // when the money comes, or does not
	Fails     bool              `json:"fails,omitempty"`      // it does not
	Late      bool              `json:"late,omitempty"`       // it comes after the expiry
	Notices   string            `json:"notices,omitempty"`
	StartKey  string            `json:"start_key"`
	StartHash string            `json:"start_hash"`
	Keys      map[string]answer `json:"keys,omitempty"`
	Events    []event           `json:"events,omitempty"` // not yet delivered
	Sent      int               `json:"sent,omitempty"`   // events made so far
	Declines  int64             `json:"declines,omitempty"`
	Secured   bool              `json:"secured,omitempty"` // the extra step was taken and passed
	Lines     []line            `json:"lines,omitempty"`   // what moved on the merchant's account
	Dispute   *dispute          `json:"dispute,omitempty"`
}

type refund struct {
	ID     string `json:"id"`
	Key    string `json:"key"`
	Amount int64  `json:"amount"`
	State  string `json:"state"` // pending, done, failed
	DoneAt int64  `json:"done_at,omitempty"`
}

// answer is a stored answer to an idempotency key.
type answer struct {
	Hash   string `json:"hash"` // of the request
	Status int    `json:"status"`
	Body   string `json:"body"`
}

// event is a notice that is still to be delivered. Left is 0 until route has said how it travels.
type event struct {
	ID    string `json:"id"`
	Kind  string `json:"kind"`
	Made  int64  `json:"made"`
	Next  int64  `json:"next"`
	Tries int    `json:"tries"`
	Left  int    `json:"left"` // deliveries still wanted
}

var (
	errClosed   = errors.New("session_closed")
	errHeldNot  = errors.New("not_authorised")
	errTooLarge = errors.New("amount_too_large")
	errAmount   = errors.New("amount_invalid")
	errTooMany  = errors.New("too_many")
)

// name makes a random name of 128 bits behind a prefix.
func name(prefix string) string {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic("sandbox: the system's random source failed: " + err.Error())
	}
	return prefix + hex.EncodeToString(b[:])
}

// tick brings the session up to now: expiry, money that settles, refunds that end.
func (v *session) tick(now time.Time, late time.Duration) {
	at := now.UnixMicro()
	if v.State == stateOpen && v.SettleAt > 0 && v.SettleAt <= at {
		v.arrive(now) // the slow outcome
	}
	if v.State == stateOpen && v.Expires <= at {
		v.close(now, stateExpired, late)
	}
	if (v.State == statePending || (v.State == stateExpired && v.Late)) && v.SettleAt > 0 && v.SettleAt <= at {
		v.arrive(now)
	}
	if v.State == stateAuthorised && v.HeldUntil > 0 && v.HeldUntil <= at {
		v.lapse(now)
	}
	for i := range v.Refunds {
		if r := &v.Refunds[i]; r.State == "pending" && r.DoneAt <= at {
			r.State = "done"
			v.Refunded += r.Amount
			v.book(now, line{Kind: "refund", Amount: -r.Amount, Refund: r.ID})
			v.note(now, "refund.done")
		}
	}
	v.decide(now)
}

// arrive is the moment in which money that was on its way comes, or does not.
func (v *session) arrive(now time.Time) {
	v.SettleAt = 0
	if v.Fails {
		v.State = stateDeclined
		v.Declines++
		v.note(now, "session.declined")
		return
	}
	v.pay(now)
}

// pay takes or holds the whole amount.
func (v *session) pay(now time.Time) {
	v.Charge, v.Late, v.SettleAt = name("chg_"), false, 0
	if v.Manual {
		v.State, v.HeldUntil = stateAuthorised, now.Add(holdTime).UnixMicro()
		v.note(now, "session.authorised")
		return
	}
	v.State, v.Captured = statePaid, v.Amount
	v.book(now, line{Kind: "payment", Amount: v.Amount, Fee: fee(v.Amount)})
	v.note(now, "session.paid")
}

// close ends an open session. Money that is to come late is on its way from here on.
func (v *session) close(now time.Time, state string, late time.Duration) {
	v.State, v.SettleAt = state, 0
	if v.Late && state == stateExpired {
		v.SettleAt = now.Add(late).UnixMicro()
	}
	v.note(now, "session."+state)
}

// capture takes a part of a held sum. With more the rest stays held, else it is let go.
func (v *session) capture(now time.Time, amount int64, more bool) error {
	switch {
	case v.State != stateAuthorised:
		return errHeldNot
	case amount <= 0:
		return errAmount
	case amount > v.Amount-v.Captured:
		return errTooLarge
	}
	v.Captured += amount
	v.book(now, line{Kind: "payment", Amount: amount, Fee: fee(amount)})
	if more && v.Captured < v.Amount {
		v.note(now, "session.captured")
		return nil
	}
	v.State = statePaid
	v.note(now, "session.paid")
	return nil
}

func (v *session) void(now time.Time) error {
	if v.State != stateAuthorised {
		return errHeldNot
	}
	v.lapse(now)
	return nil
}

// lapse ends the holding of a sum: only what was not captured is let go.
func (v *session) lapse(now time.Time) {
	v.State = stateVoided
	if v.Captured > 0 {
		v.State = statePaid
	}
	v.note(now, "session."+v.State)
}

// refund gives money back; after is how long that takes.
func (v *session) refund(now time.Time, key string, amount int64, after time.Duration) (refund, error) {
	left := v.Captured
	for _, r := range v.Refunds {
		if r.State != "failed" {
			left -= r.Amount
		}
	}
	switch {
	case amount <= 0:
		return refund{}, errAmount
	case v.State != statePaid || amount > left || v.Dispute.holds():
		return refund{}, errTooLarge
	case len(v.Refunds) >= maxRefunds:
		return refund{}, errTooMany
	}
	r := refund{ID: name("ref_"), Key: key, Amount: amount, State: "done"}
	if after > 0 {
		r.State, r.DoneAt = "pending", now.Add(after).UnixMicro()
	} else {
		v.Refunded += amount
		v.book(now, line{Kind: "refund", Amount: -amount, Refund: r.ID})
		v.note(now, "refund.done")
	}
	v.Refunds = append(v.Refunds, r)
	return r, nil
}

// note makes a notice about what just happened.
func (v *session) note(now time.Time, kind string) {
	if len(v.Events) >= maxEvents {
		return
	}
	v.Events = append(v.Events, event{ID: name("evt_"), Kind: kind, Made: now.UnixMicro(), Next: now.UnixMicro()})
}

// over says whether nothing is left to happen.
func (v *session) over() bool {
	return v.State != stateOpen && v.State != statePending && v.State != stateAuthorised && v.SettleAt == 0 && len(v.Events) == 0 && (v.Dispute == nil || v.Dispute.nextAt() == 0)
}

// nextAt is when the session wants tick to be called again; 0: not by itself.
func (v *session) nextAt() int64 {
	var at int64
	sooner := func(t int64) {
		if t > 0 && (at == 0 || t < at) {
			at = t
		}
	}
	if v.State == stateOpen {
		sooner(v.Expires)
	}
	if v.State == stateAuthorised {
		sooner(v.HeldUntil)
	}
	sooner(v.SettleAt)
	for _, r := range v.Refunds {
		if r.State == "pending" {
			sooner(r.DoneAt)
		}
	}
	if d := v.Dispute; d != nil {
		sooner(d.nextAt())
	}
	return at
}

func (v *session) clone() session {
	c := *v
	c.Refunds = append([]refund(nil), v.Refunds...)
	c.Events = append([]event(nil), v.Events...)
	c.Lines = append([]line(nil), v.Lines...)
	if v.Dispute != nil {
		d := *v.Dispute
		c.Dispute = &d
	}
	if v.Keys != nil {
		c.Keys = make(map[string]answer, len(v.Keys)+1)
		for k, a := range v.Keys {
			c.Keys[k] = a
		}
	}
	return c
}
