package fraud

import (
	"encoding/json"

	"strongroom/base/fault"
)

// Rules are the few numbers that a shop may set itself. Everything else is fixed, so that no page can switch the defence
// off by accident.
type Rules struct {
	Step   int64 `json:"step"`   // from so many points on an extra step is asked for
	Hold   int64 `json:"hold"`   // ... a person looks first
	Refuse int64 `json:"refuse"` // ... the order is not taken
	Tries  int64 `json:"tries"`  // declined cards within one order after which an extra step is asked for
	Alarm  int64 `json:"alarm"`  // sessions of newcomers with declined cards, beyond what is usual, that make the store strict
	Budget int64 `json:"budget"` // sessions that newcomers share when strict times begin
}

// Defaults are the rules of a new store.
func Defaults() Rules { return Rules{Step: 40, Hold: 70, Refuse: 100, Tries: 3, Alarm: 8, Budget: 5} }

// leastHold is the smallest number of points for which rules may ask for anything.
const leastHold = 20

// Check refuses rules that would do nothing or shut everybody out.
func (r Rules) Check() error {
	bad := fault.New(fault.Invalid, "fraud.rules_wrong")
	between := func(field string, v, least, most int64) {
		if v < least || v > most {
			bad.WithField(field, "fraud.rule_between", fault.Params{"least": least, "most": most})
		}
	}
	between("step", r.Step, leastHold, 80)
	between("hold", r.Hold, r.Step, 120)
	between("refuse", r.Refuse, max(r.Hold, 60), 200)
	between("tries", r.Tries, 2, 5)
	between("alarm", r.Alarm, 4, 30)
	between("budget", r.Budget, 0, 8)
	if len(bad.Fields) > 0 {
		return bad
	}
	return nil
}

// outcome is what so many points ask for.
func (r Rules) outcome(score int64) Outcome {
	switch {
	case score >= r.Refuse:
		return Refuse
	case score >= r.Hold:
		return Hold
	case score >= r.Step:
		return Step
	}
	return Allow
}

// most is how many declined cards one order may see in all.
func (r Rules) most() int64 { return r.Tries + 3 }

func (r Rules) pack() string {
	b, _ := json.Marshal(r) // numbers only
	return string(b)
}

// parseRules reads stored rules. What an older version did not know, or a newer one wrote, has its default.
func parseRules(body string) Rules {
	r := Defaults()
	if body != "" && (json.Unmarshal([]byte(body), &r) != nil || r.Check() != nil) {
		return Defaults()
	}
	return r
}
