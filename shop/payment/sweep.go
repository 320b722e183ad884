package payment

import (
	"context"
	"errors"
	"sync"
	"time"

	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/base/job"
)

const (
	sweepEvery  = 10 * time.Second
	sweepBatch  = 100
	sweepRounds = 20              // bounds one sweep
	sweepers    = 8               // questions under way at once
	claimTime   = 2 * time.Minute // a claimed payment is left alone by other processes
	keepNotices = 90 * 24 * time.Hour
)

// register puts the service's jobs on the queue.
func (s *Service) register() error {
	if s.jobs == nil {
		return errors.New("payment: no job queue")
	}
	o := job.Options{Outside: true}
	return errors.Join(
		job.Handle(s.jobs, "payment.refund", o, s.runRefund),
		job.Handle(s.jobs, "payment.notice", o, s.lateNotice),
		job.Handle(s.jobs, holdJob, o, s.runHold),
		job.Handle(s.jobs, "payment.dispute", o, s.lateDispute),
		job.Handle(s.jobs, compareJob, job.Options{Outside: true, Attempts: 3, Timeout: 10 * time.Minute}, s.compareAll),
		job.Every(s.jobs, "payment.sweep", sweepEvery, s.Sweep),
		job.Every(s.jobs, reconcileJob, time.Hour, s.nightly),
		job.Every(s.jobs, "payment.tidy", time.Hour, s.tidy),
	)
}

// nextPoll says when the provider is asked again by itself; the zero time: not any more. Notices make most of these
// questions needless; they are for the notices that were lost.
func nextPoll(p Payment, now time.Time) time.Time {
	double := func(first, longest time.Duration) time.Time {
		d := longest
		if p.Polls < 16 {
			d = min(first<<p.Polls, longest)
		}
		return now.Add(d)
	}
	switch p.State {
	case Prepared:
		return double(15*time.Second, 5*time.Minute)
	case Open:
		next := double(time.Minute, 15*time.Minute)
		if now.Before(p.Expires) && p.Expires.Before(next) {
			return p.Expires
		}
		return next
	case Pending:
		return double(30*time.Second, time.Hour)
	case Authorised:
		next := double(time.Minute, 4*time.Hour) // a sum may be held for weeks
		if now.Before(p.HeldUntil) && p.HeldUntil.Before(next) {
			return p.HeldUntil
		}
		return next
	case Expired, Declined: // late money whose notice was lost
		waits := []time.Duration{5 * time.Minute, time.Hour, 24 * time.Hour, 7 * 24 * time.Hour}
		if p.Polls < int64(len(waits)) && p.Ref != "" {
			return now.Add(waits[p.Polls])
		}
	}
	return time.Time{}
}

// Sweep asks about every payment whose time has come, and has expired ones closed. It is a periodic job; tests call it.
func (s *Service) Sweep(ctx context.Context) error {
	if s.held(ctx) {
		return nil
	}
	for range sweepRounds {
		due, err := s.claim(ctx)
		if err != nil || len(due) == 0 {
			return err
		}
		s.sweep(ctx, due)
		if len(due) < sweepBatch {
			return nil
		}
	}
	return nil
}

func (s *Service) claim(ctx context.Context) (due []id.ID, err error) {
	var any bool
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) { any, err = anyDue(tx); return err })
	if err != nil || !any {
		return nil, err
	}
	err = s.db.Write(ctx, func(tx *db.Tx) (err error) { due, err = claimDue(tx, claimTime, sweepBatch); return err })
	return due, err
}

func (s *Service) sweep(ctx context.Context, due []id.ID) {
	slots := make(chan struct{}, sweepers)
	var all sync.WaitGroup
	for _, v := range due {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			if err := s.poll(ctx, v); err != nil && ctx.Err() == nil {
				s.log.Info("a payment's question was not answered and is asked again", "payment", v, "error", err)
			}
		})
	}
	all.Wait()
}

// poll asks about one payment and plans the next question if nothing moved.
func (s *Service) poll(ctx context.Context, v id.ID) error {
	p, err := s.Get(ctx, v)
	if err != nil || !askable(p) {
		return err
	}
	var q Payment
	if p.State.Active() && p.State != Authorised && !s.db.Clock().Now().Before(p.Expires) && !s.waitsAtCounter(p) {
		q, err = s.expire(ctx, p, jobLimit)
	} else {
		q, err = s.ask(ctx, p, "poll", jobLimit)
	}
	if errors.Is(err, ErrNotFound) && !p.State.Active() {
		err = nil // what the provider has forgotten brings no late money
	}
	if err == nil && q.State != p.State {
		return nil
	}
	werr := s.db.Write(ctx, func(tx *db.Tx) error {
		later := p
		later.Polls++
		next := nextPoll(later, tx.Now())
		if err != nil && next.IsZero() {
			next = tx.Now().Add(time.Hour)
		}
		return reschedule(tx, p, next)
	})
	return errors.Join(err, werr)
}

// waitsAtCounter says that a payment is made where the goods are handed over. Whoever holds the goods ends the wait.
func (s *Service) waitsAtCounter(p Payment) bool {
	d, ok := s.Described(p.Provider)
	return ok && d.Counter && p.State == Pending
}

// tidy forgets old notices and takes up refunds, and acts on held sums, whose job was buried.
func (s *Service) tidy(ctx context.Context) error {
	for range sweepRounds {
		var n int64
		err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
			n, err = purgeNotices(tx, tx.Now().Add(-keepNotices), 1000)
			return err
		})
		if err != nil {
			return err
		}
		if n < 1000 {
			break
		}
	}
	var old []id.ID
	s.pollDisputes(ctx)
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) { old, err = oldRefunds(tx, tx.Now().Add(-12*time.Hour), 50); return err })
	for _, v := range old {
		if rerr := s.runRefund(ctx, refundArgs{v}); rerr != nil {
			s.log.Warn("an old refund is still open", "refund", v, "error", rerr)
		}
	}
	return errors.Join(err, s.tidyHolds(ctx))
}
