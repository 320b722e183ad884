package staff

import (
	"context"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

type executeArgs struct{ Approval id.ID }

// executeJob carries an approved act out, at most once: what was begun and not ended (the process died in it) is left to
// a person, because nobody knows how far it came.
func (s *Service) executeJob(ctx context.Context, args executeArgs) (err error) {
	defer fault.Wrap(&err, "staff: carry out")
	var a Approval
	err = s.write(ctx, func(tx *db.Tx) error {
		if a, err = s.approvalByID(tx, args.Approval); err != nil {
			return err
		}
		if !s.intact(a) {
			return fault.New(fault.Conflict, "staff.altered")
		}
		return setState(tx, a.ID, Approved, Running)
	})
	if fault.Is(err, fault.Conflict) {
		return job.Permanent(err)
	}
	if err != nil {
		return err
	}
	fn := s.executors[a.Kind]
	if fn == nil {
		return job.Permanent(fault.New(fault.Internal, "staff.ask_invalid"))
	}
	by := access.Approve(a.Kind, a.ID, a.AskedBy, a.DecidedBy)
	done := fn(ctx, a.params, by)
	to, word := Carried, ""
	if done != nil {
		to, word = Failed, "failed"
		if f := fault.As(done); f != nil {
			word = f.Key
		}
		s.log.ErrorContext(ctx, "an approved act failed", "approval", a.ID, "kind", a.Kind, "error", done)
	}
	return s.write(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		if err := setDone(tx, a.ID, to, word); err != nil {
			return err
		}
		outcome := audit.Done
		if to == Failed {
			outcome = audit.Failed
		}
		return s.d.Audit.Record(tx, audit.Entry{Actor: access.System("staff"), Action: "staff.carry_out", Object: "approval", ObjectID: a.ID,
			Outcome: outcome, Reason: word, Facts: append(bothFacts(by), audit.Fact{Key: "kind", Text: string(a.Kind)})})
	})
}

// tendApprovals has acts of somebody alone happen after their day, and lets the rest expire.
func (s *Service) tendApprovals(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "staff: acts that wait")
	var list []Approval
	err = s.read(ctx, func(tx *db.Tx) error { list, err = approvals(tx, Waiting); return err })
	for _, a := range list {
		if err == nil {
			err = s.write(ctx, func(tx *db.Tx) error { return s.tendOne(tx, s.opened(a)) })
		}
	}
	return err
}

func (s *Service) tendOne(tx *db.Tx, a Approval) error {
	system := access.System("staff")
	switch {
	case a.Alone && !tx.Now().Before(a.Ready):
		if !s.stillAsks(tx, a) || !s.intact(a) {
			if err := setState(tx, a.ID, Waiting, Cancelled); err != nil {
				return err
			}
			return s.decided(tx, system, a, Cancelled)
		}
		if err := setDecided(tx, a.ID, Approved, id.ID{}); err != nil {
			return err
		}
		if err := s.decided(tx, system, a, Approved); err != nil {
			return err
		}
		_, err := s.d.Jobs.Enqueue(tx, job.Job{Kind: "staff.execute", Key: a.ID.String(), Args: executeArgs{a.ID}})
		return err
	case !a.Alone && !tx.Now().Before(a.Ends):
		if err := setState(tx, a.ID, Waiting, Expired); err != nil {
			return err
		}
		return s.decided(tx, system, a, Expired)
	}
	return nil
}

// Behind says who stands behind an act that is carried out or is being carried out, for work that goes on in the
// background and through restarts. It looks at the frozen act once more.
func (s *Service) Behind(ctx context.Context, request id.ID, kind access.Danger) (by access.Approved, err error) {
	defer fault.Wrap(&err, "staff: behind an act")
	err = s.read(ctx, func(tx *db.Tx) error {
		a, err := s.approvalByID(tx, request)
		if err != nil {
			return err
		}
		if a.Kind != kind || !s.intact(a) || a.State != Running && a.State != Carried {
			return fault.New(fault.Forbidden, "access.not_approved").With("act", kind.Key())
		}
		by = access.Approve(a.Kind, a.ID, a.AskedBy, a.DecidedBy)
		return nil
	})
	return by, err
}
