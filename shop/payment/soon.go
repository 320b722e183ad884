package payment

import (
	"context"
	"fmt"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/job"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// compareJob is the kind of the comparison that somebody asked for at the desk.
const compareJob = "payment.compare"

// Comparison is the last comparison with a provider, or the one under way.
type Comparison struct {
	Provider string
	Account  string
	Span     Span
	Ended    time.Time // zero while it runs, or has never come to its end
	Running  bool
}

// Comparisons lists the last comparison with each account, those that are on first.
func (s *Service) Comparisons(ctx context.Context, who access.Actor) (list []Comparison, err error) {
	defer fault.Wrap(&err, "payment: comparisons")
	if err := s.audit.Allow(ctx, who, access.PaymentView, audit.Act{Action: "payment.differences", Object: "payment"}); err != nil {
		return nil, err
	}
	accounts, err := s.compared(ctx)
	if err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		list = list[:0]
		for _, at := range accounts {
			row, ok, err := readRun(tx, at)
			if err != nil {
				return err
			}
			if ok {
				list = append(list, Comparison{at.Provider, at.Account, row.span, row.ended, row.busy(tx.Now())})
			}
		}
		return nil
	})
	return list, err
}

// CompareSoon has everything compared that is due, by a job: that may take longer than a page waits.
func (s *Service) CompareSoon(ctx context.Context, who access.Actor) (err error) {
	defer fault.Wrap(&err, "payment: compare soon")
	if err := s.audit.Allow(ctx, who, access.PaymentSettle, audit.Act{Action: "payment.reconcile", Object: "provider"}); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		key := fmt.Sprint(tx.Now().Unix() / 60) // twice in a minute is once
		if _, err := s.jobs.Enqueue(tx, job.Job{Kind: compareJob, Key: key}); err != nil {
			return err
		}
		return s.audit.Record(tx, audit.Entry{Actor: who, Action: "payment.reconcile_ask", Object: "provider", Outcome: audit.Done})
	})
}

func (s *Service) compareAll(ctx context.Context, _ struct{}) error {
	accounts, err := s.compared(ctx)
	if err != nil {
		return err
	}
	var all []error
	for _, at := range accounts {
		_, err := s.reconcile(ctx, s.actor, at, Span{})
		all = append(all, err)
	}
	return together(all)
}
