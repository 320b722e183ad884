package payment

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/job"
)

// runLease is how long a comparison whose process says nothing any more keeps others from going on with it: a process
// that was killed says nothing, and one that is at work says so several times in that time, however long a page takes.
const runLease = 20 * time.Second

// errLost says that another process has taken the run over.
var errLost = errors.New("payment: another process goes on with this comparison")

// busy says whether somebody is at work on the run.
func (row runRow) busy(now time.Time) bool { return !row.holder.IsZero() && !row.until.Before(now) }

// errUnderWay refuses whoever comes while another process compares.
func errUnderWay() *fault.Error { return fault.New(fault.Conflict, "payment.reconcile_running") }

// overtaken puts it in the same words when another process has taken over what this one was at.
func overtaken(err error) error {
	if errors.Is(err, errLost) {
		return errUnderWay().Because(err)
	}
	return err
}

// take takes the provider's run: the one that was interrupted, or a new one.
func (r *run) take(ctx context.Context, span Span) (resumed bool, err error) {
	err = r.s.db.Write(ctx, func(tx *db.Tx) error {
		me := tx.NewID()
		ok, err := takeRun(tx, r.at, me, tx.Now().Add(runLease))
		if err != nil {
			return err
		}
		if !ok {
			return errUnderWay()
		}
		row, _, err := readRun(tx, r.at)
		if err != nil {
			return err
		}
		if resumed = row.step != stepDone; !resumed {
			row = runRow{span: span, step: stepFetch, day: span.From, started: tx.Now()}
		}
		row.holder = me
		r.row = row
		return saveRun(tx, r.at, row, tx.Now().Add(runLease))
	})
	return resumed, err
}

// drop leaves an unfinished run to whoever comes next.
func (r *run) drop(ctx context.Context) {
	err := r.s.db.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error { return dropRun(tx, r.at, r.row.holder) })
	if err != nil {
		r.s.log.Warn("a comparison keeps its lease until that ends", "provider", r.provider, "error", err)
	}
}

// held does the work while the lease is kept alive beside it, and stops it when another process has taken the run over.
func (r *run) held(ctx context.Context, work func(ctx context.Context) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	var beside sync.WaitGroup
	holder := r.row.holder // the work changes the row
	beside.Go(func() {
		beat := time.NewTicker(r.s.beat)
		defer beat.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-beat.C:
			}
			err := r.s.db.Write(ctx, func(tx *db.Tx) error { return keepRun(tx, r.at, holder, tx.Now().Add(runLease)) })
			switch {
			case errors.Is(err, errLost):
				stop(errLost)
			case err != nil && ctx.Err() == nil:
				r.s.log.Info("a comparison could not say that it is at work", "provider", r.provider, "error", err)
			}
		}
	})
	err := work(ctx)
	lost := errors.Is(err, errLost) || err != nil && errors.Is(context.Cause(ctx), errLost)
	stop(nil)
	beside.Wait()
	if lost {
		return errLost
	}
	return err
}

// AwaitReconcile waits until no other process compares with the provider any more: until that comparison has come to its
// end, or its process has said nothing for so long that it must be dead.
func (s *Service) AwaitReconcile(ctx context.Context, provider string) (err error) {
	defer fault.Wrap(&err, "payment: await the end of a comparison")
	look := time.NewTicker(s.beat / 5)
	defer look.Stop()
	for {
		var busy bool
		err := s.db.Read(ctx, func(tx *db.Tx) error {
			rows, err := runsAt(tx, provider)
			busy = slices.ContainsFunc(rows, func(row runRow) bool { return row.busy(tx.Now()) })
			return err
		})
		if err != nil || !busy {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
		}
	}
}

// together is what a job says that compared with several providers: what failed, or else to come again soon, when whoever
// is at work on one of them is through or has been found dead.
func together(all []error) error {
	var failed []error
	busy := false
	for _, err := range all {
		if fault.Is(err, fault.Conflict) {
			busy = true
			continue
		}
		failed = append(failed, err)
	}
	if err := errors.Join(failed...); err != nil || !busy {
		return err
	}
	return job.Later(runLease)
}
