package fraud

import (
	"context"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// Effect is what rules would have done in the last days.
type Effect struct {
	Days   int
	Orders int64
	// By outcome (Allow, Step, Hold, Refuse): how many orders it met, how many of them were paid in the end, and how many
	// ended with declined cards.
	Met, Paid, Declined [5]int64
	Cut                 bool // there were more than are looked at
}

// Bothered is how many orders that were paid would have met more than nothing.
func (e Effect) Bothered() int64 { return e.Paid[Step] + e.Paid[Hold] + e.Paid[Refuse] }

const (
	effectDays   = 30
	effectOrders = 50_000
)

// Compare shows the effect of the present rules and of others over the last 30 days. What was decided is computed anew
// from the points that were kept; whether a strange crowd would have made the store strict earlier is not.
func (s *Service) Compare(ctx context.Context, who access.Actor, r Rules) (now, then Effect, err error) {
	defer fault.Wrap(&err, "fraud: compare")
	if err := s.d.Audit.Allow(ctx, who, access.FraudRules, audit.Act{Action: "fraud.compare", Object: "store"}); err != nil {
		return now, then, err
	}
	if err := r.Check(); err != nil {
		return now, then, err
	}
	var list []past
	var m Mode
	err = s.d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if m, err = modeOf(tx); err != nil {
			return err
		}
		list, err = pasts(tx, tx.Now().Add(-effectDays*24*time.Hour), effectOrders)
		return err
	})
	return effect(list, m.Rules), effect(list, r), err
}

// past is what is kept of a decision, as far as rules act on it.
type past struct {
	score, declines int64
	ended           End
	newcomer        bool
	strict          bool
}

func effect(list []past, r Rules) (e Effect) {
	e.Days, e.Cut = effectDays, len(list) == effectOrders
	for _, p := range list {
		o := r.outcome(p.score)
		if p.strict && p.newcomer {
			o = max(o, Step)
		}
		if o == Allow && p.declines >= r.Tries {
			o = Step
		}
		e.Orders++
		e.Met[o]++
		switch {
		case p.ended == Paid:
			e.Paid[o]++
		case p.declines > 0:
			e.Declined[o]++
		}
	}
	return e
}

// SetRules saves rules. Their effect was shown before; the page sends along which rules it was shown against.
func (s *Service) SetRules(ctx context.Context, who access.Actor, r Rules) (err error) {
	defer fault.Wrap(&err, "fraud: set rules")
	if err := s.d.Audit.AllowFresh(ctx, who, access.FraudRules, audit.Act{Action: "fraud.rules", Object: "store"}); err != nil {
		return err
	}
	if err := r.Check(); err != nil {
		return err
	}
	return s.d.DB.Write(ctx, func(tx *db.Tx) error {
		if err := setRules(tx, r); err != nil {
			return err
		}
		return s.d.Audit.Record(tx, audit.Entry{Actor: who, Action: "fraud.rules", Object: "store", Outcome: audit.Done, Facts: []audit.Fact{
			{Key: "step", Int: r.Step}, {Key: "hold", Int: r.Hold}, {Key: "refuse", Int: r.Refuse}, {Key: "tries", Int: r.Tries},
			{Key: "alarm", Int: r.Alarm}, {Key: "budget", Int: r.Budget}}})
	})
}
