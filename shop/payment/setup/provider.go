package setup

import (
	"slices"
	"time"

	"strongroom/base/id"
	"strongroom/shop/payment"
)

// State is where a provider stands.
type State string

// The states of a provider.
const (
	Draft   State = "draft"
	Testing State = "testing"
	On      State = "on"
	Off     State = "off"
)

// What the last test of the keys found; message keys are "provider.problem_" and this.
const (
	ProblemForm     = "form"     // the engine cannot be built of what was pasted
	ProblemRejected = "rejected" // the provider does not accept the keys
	ProblemAway     = "away"     // the provider did not answer
	ProblemMode     = "mode"     // the keys are of the other mode
	ProblemAccount  = "account"  // the keys are of another account by now
	ProblemWhose    = "whose"    // nobody but who pasted them says that the keys are of an account that is there already
	ProblemScopes   = "scopes"   // the keys lack a right
	ProblemClock    = "clock"    // our clock and the provider's differ too much for notices to be believed
	ProblemHeld     = "held"     // the store is an unreleased copy
)

// How notices come; message keys are "provider.notice_" and this.
const (
	NoticeRegistered = "registered" // at the provider, by the store
	NoticePasted     = "pasted"     // by hand, and their secret was pasted
)

// Provider is one account at one provider.
type Provider struct {
	ID     id.ID
	Name   string // of its maker
	Mode   payment.Mode
	State  State
	Keys   map[string]string // what may be shown of each setting: ends of secrets
	Report Report

	Account string // empty before the keys were tested
	Title   string // what the provider calls the account
	Problem string // one word; empty if the last test found none
	Skew    time.Duration

	Notice    string // how notices come; empty before that
	NoticeRef string
	Trial     id.ID // the newest test payment
	ProofLink string
	ProofDay  string // 2026-11-22

	Made, Tested, NoticeAt, FirstOn, Since time.Time

	// What the program knows beside the row.
	Label        string
	Origin       string // of its pages
	Methods      []string
	Inside       bool   // there is no provider behind it
	CanSubscribe bool   // the store can register the notice address by itself
	Foreign      bool   // of the other mode than the store
	Broken       bool   // the settings cannot be opened or used
	Lacks        string // what the shop lacks for it; a word

	settings, notice []byte // sealed
	changes          int64
}

// Report is what the provider said about the keys. Nothing in it is secret.
type Report struct {
	Scopes   []payment.Scope `json:"scopes,omitempty"`
	Warnings []string        `json:"warnings,omitempty"` // message keys
}

// Lacks says whether a right is missing.
func (r Report) Lacks() bool {
	return slices.ContainsFunc(r.Scopes, func(s payment.Scope) bool { return !s.Granted })
}

// Missing lists what stands before switching on, as words; message keys are "provider.missing_" and these. paid says
// whether a test payment came through.
func (p Provider) Missing(paid bool) (out []string) {
	if p.State == Draft || p.Problem != "" || p.Foreign {
		out = append(out, "keys")
	}
	if p.Lacks != "" {
		out = append(out, p.Lacks)
	}
	if p.Inside {
		return out
	}
	if p.Notice == "" {
		out = append(out, "notices")
	}
	if !paid {
		out = append(out, "trial")
	}
	return out
}

// Tail is what may be shown of a secret: its last four characters, if enough are left to guess.
func Tail(secret string) string {
	if len(secret) < 12 {
		return "…"
	}
	return "…" + secret[len(secret)-4:]
}
