package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"strongroom/base/db"
	"strongroom/tools/shopper"
)

// The audit log is switched off from outside, for measuring only: a trigger that ignores every new entry. What is left of
// it then is sealing and encoding, some microseconds; gone are the row, its three indexes, its place in the tree, the tiles
// and their share of the commits.
const (
	unlogged = `CREATE TRIGGER unlogged BEFORE INSERT ON audit_entry BEGIN SELECT RAISE(IGNORE); END`
	logged   = `DROP TRIGGER unlogged`
)

const (
	logRounds = 6 // of each sort, by turns, so that what the machine does meanwhile hits both alike
	logSpan   = 5 * time.Second
)

// log measures what the audit log adds to a checkout: whole orders on one store in one run, by turns with and without its
// entries and its sequencer's work.
func (b *bench) log(ctx context.Context) error {
	for _, n := range []int{1, connections} {
		var times, cost [2][]float64
		entries, orders := int64(0), int64(0)
		for round := range 2 * logRounds {
			without := round % 2
			if without == 1 {
				if err := b.store.change(ctx, unlogged); err != nil {
					return err
				}
			}
			before, err := b.store.number(ctx, "SELECT COUNT(*) FROM audit_entry")
			if err != nil {
				return err
			}
			done, took, used, err := b.buying(ctx, n)
			if err != nil {
				return err
			}
			times[without], cost[without] = append(times[without], took), append(cost[without], used)
			after, err := b.store.number(ctx, "SELECT COUNT(*) FROM audit_entry")
			if err != nil {
				return err
			}
			if without == 1 {
				if after != before {
					return fmt.Errorf("%d entries were written without the log", after-before)
				}
				if err := b.store.change(ctx, logged); err != nil {
					return err
				}
				continue
			}
			entries, orders = entries+after-before, orders+done
		}
		add := 100 * (middling(times[0])/middling(times[1]) - 1)
		more := 100 * (middling(cost[0])/middling(cost[1]) - 1)
		b.row(fmt.Sprintf("the log's part of a checkout, %d shopper(s)", n),
			fmt.Sprintf("%+.1f %% of the time (p50 %.2f ms with, %.2f without), %+.1f %% of the store's CPU (%.2f and %.2f ms); %.1f entries an order",
				add, middling(times[0]), middling(times[1]), more, middling(cost[0]), middling(cost[1]), float64(entries)/float64(max(orders, 1))),
			"below 10 % of the time", add < 10)
	}
	return nil
}

// buying has shoppers buy for a while: how many orders, the median time of one and the store's processor time for it, in
// milliseconds.
func (b *bench) buying(ctx context.Context, n int) (done int64, p50, cost float64, err error) {
	net := shopper.NewNetwork(b.store.roots, 2*n)
	defer net.Close()
	before, err := cpu(b.store.serve.pid())
	if err != nil {
		return 0, 0, 0, err
	}
	run, stop := context.WithTimeout(ctx, logSpan)
	defer stop()
	var mu sync.Mutex
	var wg sync.WaitGroup
	var all []float64
	for range n {
		wg.Go(func() {
			for run.Err() == nil {
				start := time.Now()
				_, failed := net.New(visitor()).Buy(ctx, b.store.shop, "/en/p/"+handle(rand.IntN(b.products)),
					shopper.Somebody(fmt.Sprintf("log.%d@buyers.example", rand.Uint32())), shopper.Paid)
				mu.Lock()
				all = append(all, float64(time.Since(start))/float64(time.Millisecond))
				if failed != nil {
					err = failed
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	after, cpuErr := cpu(b.store.serve.pid())
	if err == nil {
		err = cpuErr
	}
	return int64(len(all)), middling(all), float64(after-before) / float64(time.Millisecond) / float64(max(len(all), 1)), err
}

// middling is the median.
func middling(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Sorted(slices.Values(v))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// change runs a statement on the store's data database, beside the running program.
func (s *store) change(ctx context.Context, statement string) error {
	d, err := db.Open(ctx, db.Options{DSN: "sqlite:" + filepath.Join(s.dir, "data", "data.db"), Readers: 1})
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	return d.Write(ctx, func(tx *db.Tx) error { _, err := tx.Exec(statement); return err })
}
