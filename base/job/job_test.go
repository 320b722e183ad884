package job_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/id"
	"strongroom/base/job"
)

type args struct{ N int }

var ctx = context.Background()

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func enqueue(t *testing.T, p dbtest.Pair, q *job.Queue, j job.Job) (v id.ID) {
	t.Helper()
	must(t, p.Data.Write(ctx, func(tx *db.Tx) (err error) { v, err = q.Enqueue(tx, j); return err }))
	return v
}

func runDue(t *testing.T, q *job.Queue) int {
	t.Helper()
	n, err := q.RunDue(ctx)
	must(t, err)
	return n
}

func TestSameKeyIsDoneOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		q := job.New(p.Data, nil, 2)
		var ran int
		must(t, job.Handle(q, "count", job.Options{}, func(_ context.Context, a args) error { ran += a.N; return nil }))
		a := enqueue(t, p, q, job.Job{Kind: "count", Key: "k", Args: args{3}})
		b := enqueue(t, p, q, job.Job{Kind: "count", Key: "k", Args: args{4}})
		runDue(t, q)
		c := enqueue(t, p, q, job.Job{Kind: "count", Key: "k", Args: args{5}})
		runDue(t, q)
		if ran != 3 || a != b || b != c {
			t.Fatalf("ran %d, ids %s %s %s", ran, a, b, c)
		}
	})
}

func TestAnUndoneActLeavesNoJob(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		q := job.New(p.Data, nil, 2)
		must(t, job.Handle(q, "x", job.Options{}, func(context.Context, args) error { return nil }))
		err := p.Data.Write(ctx, func(tx *db.Tx) error {
			if _, err := q.Enqueue(tx, job.Job{Kind: "x"}); err != nil {
				return err
			}
			return errors.New("undone")
		})
		if err == nil || runDue(t, q) != 0 {
			t.Fatal("a job of an undone act ran")
		}
	})
}

func TestFailuresPauseThenDieAndCanBeRetried(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		q := job.New(p.Data, nil, 2)
		var tries int
		fail := true
		o := job.Options{Attempts: 3, First: time.Minute}
		must(t, job.Handle(q, "f", o, func(context.Context, args) error {
			tries++
			if fail {
				return errors.New("no luck")
			}
			return nil
		}))
		v := enqueue(t, p, q, job.Job{Kind: "f"})
		runDue(t, q)
		if runDue(t, q); tries != 1 {
			t.Fatalf("%d tries before the pause was over", tries)
		}
		p.Clock.Advance(2 * time.Minute)
		runDue(t, q)
		p.Clock.Advance(5 * time.Minute)
		runDue(t, q)
		p.Clock.Advance(time.Hour)
		runDue(t, q)
		dead, err := q.Dead(ctx, id.ID{})
		must(t, err)
		if tries != 3 || len(dead) != 1 || dead[0].ID != v || dead[0].Error != "no luck" {
			t.Fatalf("%d tries, dead letters %+v", tries, dead)
		}
		fail = false
		must(t, q.Retry(ctx, v))
		runDue(t, q)
		if dead, _ := q.Dead(ctx, id.ID{}); tries != 4 || len(dead) != 0 {
			t.Fatalf("%d tries, dead letters %+v", tries, dead)
		}
	})
}

func TestPermanentFailuresPanicsAndUnknownKindsDieAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		q := job.New(p.Data, nil, 2)
		must(t, job.Handle(q, "never", job.Options{}, func(context.Context, args) error {
			return job.Permanent(errors.New("never"))
		}))
		must(t, job.Handle(q, "panics", job.Options{Attempts: 1}, func(context.Context, args) error { panic("boom") }))
		enqueue(t, p, q, job.Job{Kind: "never"})
		enqueue(t, p, q, job.Job{Kind: "panics"})
		enqueue(t, p, q, job.Job{Kind: "nobody"})
		runDue(t, q)
		dead, err := q.Dead(ctx, id.ID{})
		must(t, err)
		if len(dead) != 3 {
			t.Fatalf("dead letters: %+v", dead)
		}
	})
}

func TestLaterIsNoFailure(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		q := job.New(p.Data, nil, 2)
		var tries int
		must(t, job.Handle(q, "poll", job.Options{Attempts: 2}, func(context.Context, args) error {
			if tries++; tries < 6 {
				return job.Later(time.Minute)
			}
			return nil
		}))
		enqueue(t, p, q, job.Job{Kind: "poll"})
		for range 10 {
			runDue(t, q)
			p.Clock.Advance(61 * time.Second)
		}
		if c, err := q.Counts(ctx); err != nil || tries != 6 || c["dead"]+c["ready"] != 0 {
			t.Fatalf("%d tries, %v, %v", tries, c, err)
		}
	})
}

// Many processes on one database share the work: each job runs once (V15.4.1, V15.4.2).
func TestProcessesShareTheWork(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		var ran sync.Map
		var total atomic.Int64
		queues := make([]*job.Queue, 3)
		for i := range queues {
			queues[i] = job.New(p.Data, nil, 4)
			must(t, job.Handle(queues[i], "n", job.Options{}, func(_ context.Context, a args) error {
				if _, twice := ran.LoadOrStore(a.N, true); twice {
					t.Errorf("job %d ran twice", a.N)
				}
				total.Add(1)
				return nil
			}))
		}
		for i := range 100 {
			enqueue(t, p, queues[0], job.Job{Kind: "n", Key: fmt.Sprint(i), Args: args{i}})
		}
		var wg sync.WaitGroup
		for _, q := range queues {
			wg.Go(func() { _, _ = q.RunDue(ctx) })
		}
		wg.Wait()
		if total.Load() != 100 {
			t.Fatalf("%d of 100 jobs ran", total.Load())
		}
	})
}

// A process that dies with a lease leaves its jobs to the others once the lease is over.
func TestADeadProcessLosesItsLease(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		dying := job.New(p.Data, nil, 1)
		started, hang := make(chan struct{}), make(chan struct{})
		must(t, job.Handle(dying, "j", job.Options{}, func(context.Context, args) error { close(started); <-hang; return nil }))
		v := enqueue(t, p, dying, job.Job{Kind: "j"})
		over := make(chan struct{})
		go func() { defer close(over); _ = dying.RunNow(ctx, v) }()
		<-started

		heir := job.New(p.Data, nil, 1)
		done := make(chan struct{})
		must(t, job.Handle(heir, "j", job.Options{}, func(context.Context, args) error { close(done); return nil }))
		if runDue(t, heir) != 0 {
			t.Fatal("a leased job was taken")
		}
		p.Clock.Advance(10 * time.Minute)
		heir.Start(ctx)
		<-done
		close(hang)
		<-over // its late end must not disturb the heir's
		must(t, heir.Drain(ctx))
		if c, err := heir.Counts(ctx); err != nil || len(c) != 0 {
			t.Fatalf("left over: %v, %v", c, err)
		}
	})
}

func TestHeldBackWhileACopyIsNotReleased(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		q := job.New(p.Data, nil, 1)
		held, ran := true, 0
		q.HoldOutside(func(context.Context) bool { return held })
		must(t, job.Handle(q, "mail", job.Options{Outside: true, Attempts: 1}, func(context.Context, args) error { ran++; return nil }))
		enqueue(t, p, q, job.Job{Kind: "mail"})
		for range 3 {
			runDue(t, q)
			p.Clock.Advance(2 * time.Minute)
		}
		if ran != 0 {
			t.Fatal("a copy reached outside")
		}
		held = false
		if runDue(t, q); ran != 1 {
			t.Fatalf("ran %d times after the release", ran)
		}
	})
}

func TestPeriodsRunOnceInEachPeriodAcrossProcesses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		var ran atomic.Int64
		queues := []*job.Queue{job.New(p.Data, nil, 1), job.New(p.Data, nil, 1)}
		for _, q := range queues {
			must(t, job.Every(q, "sweep", time.Hour, func(context.Context) error { ran.Add(1); return nil }))
		}
		for range 4 {
			for _, q := range queues {
				runDue(t, q)
			}
			p.Clock.Advance(31 * time.Minute)
		}
		if ran.Load() != 2 {
			t.Fatalf("ran %d times in two hours", ran.Load())
		}
	})
}
