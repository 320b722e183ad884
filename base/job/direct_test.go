package job_test

import (
	"context"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/job"
)

// A job of a running store costs no commit of its own: the act leases it, and its end shares the next commit.
func TestAJobCostsNoCommit(t *testing.T) {
	d := dbtest.Patient(t, time.Hour).Data
	q := job.New(d, nil, 2)
	ran := make(chan int, 10)
	must(t, job.Handle(q, "n", job.Options{}, func(_ context.Context, a args) error { ran <- a.N; return nil }))
	q.Start(ctx)
	// The first poll enqueues nothing, for there are no periods; what is counted from here on are acts alone.
	_, before := d.Counts()
	for i := range 3 {
		must(t, d.Write(ctx, func(tx *db.Tx) error {
			for _, n := range []int{2 * i, 2*i + 1} {
				if _, err := q.Enqueue(tx, job.Job{Kind: "n", Args: args{n}}); err != nil {
					return err
				}
			}
			return nil
		}))
		<-ran
		<-ran
	}
	if _, after := d.Counts(); after-before != 3 {
		t.Errorf("%d commits for three acts with six jobs", after-before)
	}
	end := make(chan error, 1)
	go func() { end <- q.Drain(ctx) }()
	must(t, d.Write(ctx, func(*db.Tx) error { return nil })) // the commit that the last ends share
	for {
		c, err := q.Counts(ctx)
		must(t, err)
		if c["leased"] == 0 {
			break
		}
		must(t, d.Write(ctx, func(*db.Tx) error { return nil }))
	}
	must(t, <-end)
}

// Whoever asks for a job that waits in this process runs it; whoever asks for one that runs here waits for its end.
func TestRunNowKnowsWhatThisProcessHolds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		q := job.New(p.Data, nil, 1)
		began, goOn := make(chan int, 4), make(chan bool)
		must(t, job.Handle(q, "n", job.Options{}, func(_ context.Context, a args) error {
			if began <- a.N; a.N == 1 {
				<-goOn
			}
			return nil
		}))
		q.Start(ctx)
		first := enqueue(t, p, q, job.Job{Kind: "n", Args: args{1}})
		if n := <-began; n != 1 {
			t.Fatalf("job %d began", n)
		}
		second := enqueue(t, p, q, job.Job{Kind: "n", Args: args{2}}) // the one worker is busy
		must(t, q.RunNow(ctx, second))
		if n := <-began; n != 2 {
			t.Fatalf("job %d began", n)
		}
		over := make(chan error)
		go func() { over <- q.RunNow(ctx, first) }()
		close(goOn)
		must(t, <-over)
		must(t, q.Drain(ctx))
		if c, err := q.Counts(ctx); err != nil || len(c) != 0 {
			t.Fatalf("left over: %v, %v", c, err)
		}
	})
}

// What waits in memory when the store stops is there for the next one at once.
func TestDrainGivesBackWhatWaits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		q := job.New(p.Data, nil, 1)
		began, goOn := make(chan bool, 1), make(chan bool)
		must(t, job.Handle(q, "slow", job.Options{}, func(context.Context, args) error { began <- true; <-goOn; return nil }))
		q.Start(ctx)
		enqueue(t, p, q, job.Job{Kind: "slow"})
		<-began
		enqueue(t, p, q, job.Job{Kind: "slow"}) // leased, in the queue of the one worker
		end := make(chan error)
		go func() { end <- q.Drain(ctx) }()
		heir, ran := job.New(p.Data, nil, 1), 0
		must(t, job.Handle(heir, "slow", job.Options{}, func(context.Context, args) error { ran++; return nil }))
		close(goOn)
		must(t, <-end)
		for range 2 {
			runDue(t, heir)
		}
		c, err := heir.Counts(ctx)
		must(t, err)
		if ran+len(began) != 1 || len(c) != 0 {
			t.Fatalf("%d ran with the heir, %d with the old one; left over: %v", ran, len(began), c)
		}
	})
}
