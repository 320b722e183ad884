package pagewatch

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// Outcome is how a look ended.
type Outcome string

// The outcomes.
const (
	Same      Outcome = "same"
	Different Outcome = "different"
	Unseen    Outcome = "unseen" // nobody could look
)

// Looked is one look.
type Looked struct {
	ID      id.ID
	At, End time.Time
	Outcome Outcome
	Pages   int    // that were seen
	Things  int    // that were compared
	Short   bool   // nothing could be bought, so that the cart's pages were not seen
	Trouble string // why nobody could look
}

// Result is what a look from outside found, for who only wants to know.
type Result struct {
	Looked
	Differences []Difference
}

// Survey walks and compares, and keeps nothing: for a machine that is not the shop's.
func Survey(ctx context.Context, public string, way http.RoundTripper, source Source, languages []string) (r Result, err error) {
	own, err := url.Parse(public)
	if err != nil {
		return r, err
	}
	r.Outcome = Same
	for i, agent := range agents {
		inv, err := source(ctx, languages[i%len(languages)])
		if err != nil {
			return r, err
		}
		s := newStranger(own, agent, way)
		err = s.walk(ctx, inv.Route)
		var unseen errUnseen
		switch {
		case errors.As(err, &unseen):
			r.Trouble = clip(unseen.cause.Error(), 200)
		case errors.Is(err, errNothing):
			r.Short = true
		case err != nil:
			return r, err
		}
		r.Pages, r.Things = max(r.Pages, len(s.found)), r.Things+count(s.found)
		r.Differences = append(r.Differences, against(inv, s.found)...)
		if ctx.Err() != nil {
			return r, ctx.Err()
		}
	}
	r.Differences = unique(r.Differences)
	switch {
	case len(r.Differences) > 0:
		r.Outcome = Different
	case r.Trouble != "":
		r.Outcome = Unseen
	}
	return r, nil
}

func count(found map[string][]Thing) (n int) {
	for _, list := range found {
		n += len(list)
	}
	return n
}

// against compares every page that was seen.
func against(inv Inventory, found map[string][]Thing) (out []Difference) {
	for _, p := range inv.Pages {
		if things, ok := found[p.Name]; ok {
			out = append(out, Compare(p, things)...)
		}
	}
	return out
}

var system = access.System("pagewatch")

// Look looks once, keeps what it found, and raises the alarm where it is due.
func (s *Service) Look(ctx context.Context) (r Result, err error) {
	defer fault.Wrap(&err, "pagewatch: look")
	began := s.d.DB.Clock().Now()
	if r, err = Survey(ctx, s.d.Public, s.d.Way, s.d.Source, s.d.Languages); err != nil {
		return r, err
	}
	accepted, err := s.d.Accepted(ctx)
	if err != nil {
		return r, err
	}
	err = s.d.DB.Write(ctx, func(tx *db.Tx) error {
		r.ID, r.At, r.End = tx.NewID(), began, tx.Now()
		if err := putLook(tx, r.Looked); err != nil {
			return err
		}
		if r.Outcome == Unseen {
			return s.unseen(tx, r)
		}
		return s.keep(tx, r, accepted)
	})
	if err == nil && r.Outcome != Same {
		s.d.Log.WarnContext(ctx, "the pages around payment were looked at from outside", "result", string(r.Outcome), "count", len(r.Differences))
	}
	return r, err
}

// keep writes down what differs and what does no more, and tells of what is new.
func (s *Service) keep(tx *db.Tx, r Result, accepted map[string]time.Time) error {
	tell := 0
	for _, d := range r.Differences {
		told, first, err := putDifference(tx, d)
		if err != nil {
			return err
		}
		if first {
			if err := s.record(tx, "pagewatch.differs", d); err != nil {
				return err
			}
		}
		if tx.Now().Before(accepted[Subject(d.Mark)]) {
			continue
		}
		if told.IsZero() || tx.Now().Sub(told) >= Again {
			tell++
			if err := markTold(tx, d.Mark); err != nil {
				return err
			}
		}
	}
	if r.Trouble == "" {
		if err := s.settle(tx, r); err != nil {
			return err
		}
	}
	if tell > 0 {
		if err := s.tell(tx, Letter{Look: r.ID}, Differs{Count: tell}); err != nil {
			return err
		}
	}
	return forget(tx, tx.Now().Add(-keepLooks))
}

// settle ends differences that are gone. Those of pages that were not seen stay.
func (s *Service) settle(tx *db.Tx, r Result) error {
	open, err := openDifferences(tx)
	if err != nil {
		return err
	}
	still := map[string]bool{}
	for _, d := range r.Differences {
		still[d.Mark] = true
	}
	for _, d := range open {
		if still[d.Mark] || r.Short && (d.Page == "details" || d.Page == "check" || d.Page == "cart") {
			continue
		}
		if err := endDifference(tx, d.Mark); err != nil {
			return err
		}
		if err := s.record(tx, "pagewatch.restored", d.Difference); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) record(tx *db.Tx, action string, d Difference) error {
	return s.d.Audit.Record(tx, audit.Entry{Actor: system, Action: action, Object: "page", Outcome: audit.Done,
		Facts: []audit.Fact{{Key: "page", Text: d.Page}, {Key: "sort", Text: string(d.Kind)}, {Key: "what", Text: d.What}, {Key: "mark", Text: d.Mark}}})
}

// unseen counts the looks in a row that reached nobody, and tells when there are too many.
func (s *Service) unseen(tx *db.Tx, r Result) error {
	n, err := unseenInARow(tx, Blind+1)
	if err != nil || n != Blind {
		return err
	}
	if err := s.d.Audit.Record(tx, audit.Entry{Actor: system, Action: "pagewatch.blind", Object: "page", Outcome: audit.Failed}); err != nil {
		return err
	}
	return s.tell(tx, Letter{Look: r.ID, Blind: true}, Blinded{})
}

func (s *Service) tell(tx *db.Tx, l Letter, e interface{ EventName() string }) error {
	if err := tx.Emit(e); err != nil {
		return err
	}
	_, err := s.d.Jobs.Enqueue(tx, job.Job{Kind: LetterKind, Args: l})
	return err
}

// Differs is that pages around payment are not as declared.
type Differs struct{ Count int }

// EventName implements event.Event.
func (Differs) EventName() string { return "pagewatch.differs" }

// Blinded is that nobody could look for some time.
type Blinded struct{}

// EventName implements event.Event.
func (Blinded) EventName() string { return "pagewatch.blind" }

// Subject is how a difference is called where it is accepted.
func Subject(mark string) string { return "page/" + mark }
