// Package safety looks at how the store stands and says it to people: one sentence, then groups of checks, each with
// what was found, how it knows, and what to do about it.
//
// A check is a small function that the wiring hands in (Check); "strongroom doctor" runs the same functions, so that the
// page and the command never say different things. Texts lie under "safety.": the check's name, name_FOUND for what was
// found, name_how, and name_fix where there is something to do. A finding holds numbers, days and words of the program,
// nothing of a person.
//
// # Living with a finding
//
// Not everything can be mended at once. A finding can be accepted with a reason, a name and an end (Accept): until then it
// stands on the page with all three and calls for nobody. What is accepted is what was found, not the check: when the check
// finds something else, or more of it, it calls again.
package safety

import (
	"context"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// State is how a check ended, the worst last.
type State uint8

// The states.
const (
	Good    State = iota + 1
	Advice        // could be better
	Wrong         // should be mended now
	Unknown       // could not be told; counts like Wrong, because nobody knows
)

var states = [...]string{"", "good", "advice", "wrong", "unknown"}

// String is the state's word; texts are "safety.state_" and this.
func (s State) String() string {
	if int(s) < len(states) {
		return states[s]
	}
	return ""
}

// Finding is what a check found.
type Finding struct {
	Name    string // of the check: "recovery_kit"
	State   State
	Found   string       // word of the sentence: "none" for safety.recovery_kit_none
	Params  fault.Params // of the sentence
	Command string       // to run on the machine, if that mends it
	Href    string       // page of the desk, if that mends it

	Accepted *Acceptance // somebody decided to live with it; see Accept
}

// Key is the message key of the sentence.
func (f Finding) Key() string { return "safety." + f.Name + "_" + f.Found }

// Fixable says whether there is something to do.
func (f Finding) Fixable() bool { return f.State > Good }

// Calls says whether somebody should do something: what is accepted waits until that ends.
func (f Finding) Calls() bool { return f.Fixable() && f.Accepted == nil }

// Check is one look. Run has a few seconds; what it cannot tell, it returns as an error.
type Check struct {
	Group string // texts: "safety.group_" and this
	Name  string
	Run   func(ctx context.Context) (Finding, error)
}

// Group is checks that belong together.
type Group struct {
	Name     string
	Worst    State
	Findings []Finding
}

// Report is what the page shows.
type Report struct {
	At       time.Time
	Worst    State
	ToDo     int // findings that want something done
	Accepted int // findings that somebody lives with
	Groups   []Group
}

// Deps are what the service stands on.
type Deps struct {
	DB     *db.DB // nil: nothing can be accepted
	Audit  *audit.Log
	Clock  clock.Clock
	Checks []Check
}

// Service runs the checks.
type Service struct{ d Deps }

// New makes the service.
func New(d Deps) *Service { return &Service{d} }

// checkTime is how long one check may take. A page of checks is waited for.
const checkTime = 3 * time.Second

// Look runs every check, for somebody who may see the page.
func (s *Service) Look(ctx context.Context, who access.Actor) (r Report, err error) {
	defer fault.Wrap(&err, "safety: look")
	if err := s.d.Audit.Allow(ctx, who, access.SafetyView, audit.Act{Action: "safety.look", Object: "safety"}); err != nil {
		return r, err
	}
	accepted, err := s.Acceptances(ctx)
	if err != nil {
		return r, err
	}
	r.At = s.d.Clock.Now()
	at := map[string]int{}
	for _, c := range s.d.Checks {
		i, known := at[c.Group]
		if !known {
			i = len(r.Groups)
			at[c.Group] = i
			r.Groups = append(r.Groups, Group{Name: c.Group})
		}
		f := Run(ctx, c)
		f.Accepted = holds(accepted, f, r.At)
		g := &r.Groups[i]
		g.Findings = append(g.Findings, f)
		state := f.State
		switch {
		case f.Calls():
			r.ToDo++
		case f.Accepted != nil:
			r.Accepted++
			state = Good
		}
		g.Worst, r.Worst = max(g.Worst, state), max(r.Worst, state)
	}
	return r, ctx.Err()
}

// Run runs one check within its time. An error is a finding, too: what cannot be told is nothing to be calm about.
func Run(ctx context.Context, c Check) Finding {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	f, err := c.Run(ctx)
	if err != nil {
		f = Finding{State: Unknown, Found: "unknown"}
	}
	f.Name = c.Name
	return f
}
