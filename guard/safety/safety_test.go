package safety_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"strongroom/base/clock"
	"strongroom/base/fault"
	"strongroom/guard/access"
	"strongroom/guard/access/accesstest"
	"strongroom/guard/safety"
)

func check(group, name string, f safety.Finding, err error) safety.Check {
	return safety.Check{Group: group, Name: name, Run: func(context.Context) (safety.Finding, error) { return f, err }}
}

// The report is as bad as its worst finding, and what cannot be told is never good.
func TestAReportIsAsBadAsItsWorst(t *testing.T) {
	s := safety.New(safety.Deps{Clock: clock.NewManual(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)), Checks: []safety.Check{
		check("keys", "kit", safety.Finding{State: safety.Good, Found: "checked"}, nil),
		check("people", "owners", safety.Finding{State: safety.Advice, Found: "one"}, nil),
		check("keys", "place", safety.Finding{State: safety.Good}, errors.New("no answer")),
	}})
	r, err := s.Look(t.Context(), accesstest.With(access.SafetyView))
	if err != nil {
		t.Fatal(err)
	}
	if r.Worst != safety.Unknown || r.ToDo != 2 || len(r.Groups) != 2 || r.Groups[0].Worst != safety.Unknown || r.Groups[1].Worst != safety.Advice {
		t.Errorf("%+v", r)
	}
	if f := r.Groups[0].Findings[1]; f.Name != "place" || f.Key() != "safety.place_unknown" || !f.Fixable() {
		t.Errorf("%+v", f)
	}
}

// V8.2.1: the page wants its right, in the service.
func TestLookWantsItsRight_V8_2_1(t *testing.T) {
	s := safety.New(safety.Deps{Clock: clock.System(), Checks: nil})
	for name, who := range accesstest.Actors() {
		_, err := s.Look(t.Context(), who)
		if may := who.May(access.SafetyView); may != (err == nil) || err != nil && !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A check that hangs ends with its time, and its page comes all the same.
func TestAHangingCheckEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f := safety.Run(ctx, safety.Check{Name: "slow", Run: func(ctx context.Context) (safety.Finding, error) {
		<-ctx.Done()
		return safety.Finding{State: safety.Good}, ctx.Err()
	}})
	if f.State != safety.Unknown {
		t.Errorf("%+v", f)
	}
}
