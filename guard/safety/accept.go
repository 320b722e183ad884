package safety

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// Acceptance is that somebody decided to live with something for a while.
type Acceptance struct {
	Subject string // "check/" and the check's name, or "page/" and the mark of a difference
	Found   string // word of what was found then
	Most    int    // the finding's number then
	Reason  string
	Member  id.ID // who; zero for the console
	Made    time.Time
	Until   time.Time
}

// The bounds of an acceptance: nobody accepts for good.
const (
	longest    = 366 * 24 * time.Hour
	leastWords = 10
	mostWords  = 500
)

// subjects are what can be accepted: checks, and differences of pages by their mark.
var subjects = regexp.MustCompile(`^(check/[a-z_]{1,40}|page/[0-9a-f]{20})$`)

var foundWord = regexp.MustCompile(`^[a-z_]{1,40}$`)

// Subject is how a check's finding is called where it is accepted.
func Subject(check string) string { return "check/" + check }

// Number is what of a finding may grow: its number n, or 0.
func (f Finding) Number() int {
	n, _ := f.Params["n"].(int)
	return n
}

// holds is the acceptance that covers a finding now; nil if there is none.
func holds(all map[string]Acceptance, f Finding, now time.Time) *Acceptance {
	a, ok := all[Subject(f.Name)]
	if !ok || !f.Fixable() || a.Found != f.Found || f.Number() > a.Most || !now.Before(a.Until) {
		return nil
	}
	return &a
}

// Acceptances are all that have not ended, by their subject.
func (s *Service) Acceptances(ctx context.Context) (all map[string]Acceptance, err error) {
	all = map[string]Acceptance{}
	if s.d.DB == nil {
		return all, nil
	}
	err = s.d.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := acceptances(tx, tx.Now())
		for _, a := range list {
			all[a.Subject] = a
		}
		return err
	})
	return all, err
}

// Accept notes that somebody lives with a finding until a moment. It wants a fresh proof: what is accepted raises no
// alarm. a.Found and a.Most are what she was shown.
func (s *Service) Accept(ctx context.Context, who access.Actor, a Acceptance) (err error) {
	defer fault.Wrap(&err, "safety: accept")
	act := audit.Act{Action: "safety.accept", Object: "finding"}
	if err := s.d.Audit.AllowFresh(ctx, who, access.SafetyManage, act); err != nil {
		return err
	}
	a.Reason = strings.Join(strings.Fields(a.Reason), " ")
	if err := s.check(a); err != nil {
		return err
	}
	return s.d.DB.Write(ctx, func(tx *db.Tx) error {
		if a.Until.Sub(tx.Now()) > longest || !a.Until.After(tx.Now()) {
			return fault.New(fault.Invalid, "safety.until_wrong").WithField("until", "safety.until_wrong", nil)
		}
		a.Member, a.Made = who.ID, tx.Now()
		if err := putAcceptance(tx, a); err != nil {
			return err
		}
		return s.d.Audit.Record(tx, audit.Entry{Actor: who, Action: act.Action, Object: act.Object, Outcome: audit.Done, Reason: a.Reason,
			Facts: []audit.Fact{{Key: "finding", Text: a.Subject}, {Key: "found", Text: a.Found}, {Key: "ends", Text: a.Until.UTC().Format(time.DateOnly)}}})
	})
}

func (s *Service) check(a Acceptance) error {
	known := subjects.MatchString(a.Subject)
	if name, ok := strings.CutPrefix(a.Subject, "check/"); ok {
		known = slices.ContainsFunc(s.d.Checks, func(c Check) bool { return c.Name == name })
	}
	if !known || !foundWord.MatchString(a.Found) {
		return fault.New(fault.NotFound, "safety.finding_unknown")
	}
	if n := utf8.RuneCountInString(a.Reason); n < leastWords || n > mostWords {
		return fault.New(fault.Invalid, "safety.reason_wrong").WithField("reason", "safety.reason_wrong", fault.Params{"least": leastWords, "most": mostWords})
	}
	return nil
}

// Resume ends an acceptance before its time: the finding calls again.
func (s *Service) Resume(ctx context.Context, who access.Actor, subject string) (err error) {
	defer fault.Wrap(&err, "safety: resume")
	act := audit.Act{Action: "safety.resume", Object: "finding"}
	if err := s.d.Audit.Allow(ctx, who, access.SafetyManage, act); err != nil {
		return err
	}
	return s.d.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := dropAcceptance(tx, subject)
		if err != nil || n == 0 {
			return err
		}
		return s.d.Audit.Record(tx, audit.Entry{Actor: who, Action: act.Action, Object: act.Object, Outcome: audit.Done,
			Facts: []audit.Fact{{Key: "finding", Text: subject}}})
	})
}

// One runs the check of that name for somebody who may see the page.
func (s *Service) One(ctx context.Context, who access.Actor, name string) (f Finding, err error) {
	defer fault.Wrap(&err, "safety: one")
	if err := s.d.Audit.Allow(ctx, who, access.SafetyView, audit.Act{Action: "safety.look", Object: "safety"}); err != nil {
		return f, err
	}
	for _, c := range s.d.Checks {
		if c.Name != name {
			continue
		}
		all, err := s.Acceptances(ctx)
		if err != nil {
			return f, err
		}
		f = Run(ctx, c)
		f.Accepted = holds(all, f, s.d.Clock.Now())
		return f, nil
	}
	return f, fault.New(fault.NotFound, "safety.finding_unknown")
}
