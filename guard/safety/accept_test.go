package safety_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/guard/access"
	"strongroom/guard/access/accesstest"
	"strongroom/guard/audit"
	"strongroom/guard/safety"
	"strongroom/guard/vault/vaulttest"
)

// A finding that somebody lives with calls nobody until its day is over, until it is another one, or until there is more
// of it; reason, name and end stand on the page and in the log.
func TestAFindingIsAcceptedForAWhile(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		f := safety.Finding{State: safety.Wrong, Found: "dead", Params: fault.Params{"n": 3}}
		s := safety.New(safety.Deps{DB: p.Data, Audit: audit.New(audit.Deps{DB: p.Data, Vault: vaulttest.New(t, p)}), Clock: p.Clock, Checks: []safety.Check{
			{Group: "outside", Name: "jobs", Run: func(context.Context) (safety.Finding, error) { return f, nil }},
			check("outside", "disk", safety.Finding{State: safety.Advice, Found: "little"}, nil)}})
		owner := accesstest.Roles()[access.Owner]
		look := func(todo, accepted int, worst safety.State) safety.Report {
			t.Helper()
			r, err := s.Look(t.Context(), owner)
			if err != nil || r.ToDo != todo || r.Accepted != accepted || r.Worst != worst {
				t.Errorf("%v: %d to do, %d accepted, worst %s; want %d, %d, %s", err, r.ToDo, r.Accepted, r.Worst, todo, accepted, worst)
			}
			return r
		}
		look(2, 0, safety.Wrong)
		a := safety.Acceptance{Subject: safety.Subject("jobs"), Found: "dead", Most: 3, Reason: "The provider mends it on  Monday.", Until: p.Clock.Now().AddDate(0, 0, 7)}
		if err := s.Accept(t.Context(), owner, a); err != nil {
			t.Fatal(err)
		}
		r := look(1, 1, safety.Advice)
		if x := r.Groups[0].Findings[0].Accepted; x == nil || x.Reason != "The provider mends it on Monday." || x.Member != owner.ID || !x.Until.Equal(a.Until) {
			t.Errorf("%+v", x)
		}
		f.Params["n"] = 2
		look(1, 1, safety.Advice) // less of it
		f.Params["n"] = 4
		look(2, 0, safety.Wrong) // more of it
		f.Params["n"], f.Found = 3, "stuck"
		look(2, 0, safety.Wrong) // something else
		f.Found = "dead"
		p.Clock.Advance(8 * 24 * time.Hour)
		look(2, 0, safety.Wrong) // its time is over
		a.Until = p.Clock.Now().AddDate(0, 0, 7)
		if err := s.Accept(t.Context(), owner, a); err != nil {
			t.Fatal(err)
		}
		look(1, 1, safety.Advice)
		if err := s.Resume(t.Context(), owner, a.Subject); err != nil {
			t.Fatal(err)
		}
		look(2, 0, safety.Wrong)
	})
}

// V8.2.1: accepting wants the right to manage and a fresh proof; nobody accepts for good, without a reason, or what there
// is not.
func TestWhoAcceptsAndWhat_V8_2_1(t *testing.T) {
	p := dbtest.Open(t, dbtest.Engines()[0])
	s := safety.New(safety.Deps{DB: p.Data, Audit: audit.New(audit.Deps{DB: p.Data, Vault: vaulttest.New(t, p)}), Clock: p.Clock,
		Checks: []safety.Check{check("outside", "jobs", safety.Finding{State: safety.Wrong, Found: "dead"}, nil)}})
	good := safety.Acceptance{Subject: safety.Subject("jobs"), Found: "dead", Reason: "The provider mends it.", Until: p.Clock.Now().AddDate(0, 0, 7)}
	for name, who := range accesstest.Actors() {
		may := who.May(access.SafetyManage)
		if err := s.Accept(t.Context(), who, good); may != (err == nil) || err != nil && !fault.Is(err, fault.Forbidden) {
			t.Errorf("accept, %s: %v", name, err)
		}
		if err := s.Resume(t.Context(), who, good.Subject); may != (err == nil) || err != nil && !fault.Is(err, fault.Forbidden) {
			t.Errorf("resume, %s: %v", name, err)
		}
		if _, err := s.One(t.Context(), who, "jobs"); who.May(access.SafetyView) != (err == nil) {
			t.Errorf("one, %s: %v", name, err)
		}
	}
	stale := accesstest.Roles()[access.Owner]
	stale.Fresh = false
	if err := s.Accept(t.Context(), stale, good); !access.NeedsStepUp(err) {
		t.Errorf("without a fresh proof: %v", err)
	}
	for name, change := range map[string]func(*safety.Acceptance){
		"no reason":      func(a *safety.Acceptance) { a.Reason = "because   " },
		"a long reason":  func(a *safety.Acceptance) { a.Reason = strings.Repeat("x", 501) },
		"the past":       func(a *safety.Acceptance) { a.Until = p.Clock.Now() },
		"two years":      func(a *safety.Acceptance) { a.Until = p.Clock.Now().AddDate(2, 0, 0) },
		"no such check":  func(a *safety.Acceptance) { a.Subject = "check/other" },
		"no such thing":  func(a *safety.Acceptance) { a.Subject = "page/../x" },
		"nothing found":  func(a *safety.Acceptance) { a.Found = "" },
		"a sentence":     func(a *safety.Acceptance) { a.Found = "all is well" },
		"another sort":   func(a *safety.Acceptance) { a.Subject = "jobs" },
		"a mark too big": func(a *safety.Acceptance) { a.Subject = "page/" + strings.Repeat("a", 21) },
	} {
		a := good
		change(&a)
		if err := s.Accept(t.Context(), access.Console(), a); !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	a := good
	a.Subject, a.Found = "page/"+strings.Repeat("a", 20), "foreign"
	if err := s.Accept(t.Context(), access.Console(), a); err != nil {
		t.Errorf("a difference of a page: %v", err)
	}
}
