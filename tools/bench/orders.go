package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"strongroom/base/db"
	"strongroom/tools/shopper"
)

// orders places whole orders, from the product page to the page that says "paid", with one shopper and with sixteen.
func (b *bench) orders(ctx context.Context, span time.Duration) error {
	if err := b.shoppers(ctx, 1, 5*time.Second, 0); err != nil {
		return err
	}
	return b.shoppers(ctx, connections, span, 200)
}

func (b *bench) shoppers(ctx context.Context, n int, span time.Duration, target float64) error {
	net := shopper.NewNetwork(b.store.roots, 2*n)
	defer net.Close()
	before, err := b.usage(ctx)
	if err != nil {
		return err
	}
	start := time.Now()
	run, cancel := context.WithTimeout(ctx, span)
	defer cancel()
	var done, failed atomic.Int64
	var mu sync.Mutex
	var first error
	var lat []time.Duration
	var wg sync.WaitGroup
	for w := range n {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 11))
			for run.Err() == nil {
				t := time.Now()
				s := net.New(visitor())
				o, err := s.Buy(ctx, b.store.shop, "/en/p/"+handle(r.IntN(b.products)), shopper.Somebody(fmt.Sprintf("b%d.%d@buyers.example", w, r.Uint32())), shopper.Paid)
				if err == nil && !strings.Contains(string(o.Last.Body), `class="state done"`) {
					err = fmt.Errorf("the last page does not say that the order is paid: %s", o.Last.Title())
				}
				mu.Lock()
				if err != nil {
					failed.Add(1)
					if first == nil {
						first = err
					}
				} else {
					done.Add(1)
					lat = append(lat, time.Since(t))
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	wall := time.Since(start)
	after, err := b.usage(ctx)
	if err != nil {
		return err
	}
	sort.Slice(lat, func(i, j int) bool { return lat[i] < lat[j] })
	r := result{latency: lat}
	orders := float64(max(done.Load(), 1))
	rate := float64(done.Load()) / wall.Seconds()
	d := after.minus(before)
	per := func(x time.Duration) float64 { return float64(x) / float64(time.Millisecond) / orders }
	b.row(fmt.Sprintf("whole orders, %d shopper(s)", n),
		fmt.Sprintf("%.0f a second, p50 %s, p99 %s; CPU-ms an order: store %.2f, sandbox %.2f, client %.2f; %d failures", rate,
			r.percentile(0.5).Round(time.Millisecond), r.percentile(0.99).Round(time.Millisecond), per(d.store), per(d.sandbox), per(d.client), failed.Load()),
		orNo(target, "at least %.0f a second"), rate >= target && failed.Load() == 0)
	commits := float64(d.commits) / orders
	b.row(fmt.Sprintf("commits an order, %d shopper(s)", n), fmt.Sprintf("%.2f (both databases, letters and jobs included)", commits), "at most 5", commits <= 5)
	if first != nil {
		fmt.Printf("\nfirst failure: %v\n\n", first)
	}
	return nil
}

func orNo(target float64, form string) string {
	if target == 0 {
		return "no target"
	}
	return fmt.Sprintf(form, target)
}

// usage is what all processes have used so far.
type usage struct {
	store, sandbox, client time.Duration
	commits                int64
}

func (u usage) minus(v usage) usage {
	return usage{u.store - v.store, u.sandbox - v.sandbox, u.client - v.client, u.commits - v.commits}
}

func (b *bench) usage(ctx context.Context) (u usage, err error) {
	var e1, e2, e3 error
	u.store, e1 = cpu(b.store.serve.pid())
	u.sandbox, e2 = cpu(b.store.sandbox.pid())
	u.client = own()
	u.commits, e3 = b.store.commits(ctx)
	return u, errors.Join(e1, e2, e3)
}

// race lets a thousand buyers run for a hundred pieces.
func (b *bench) race(ctx context.Context) error {
	file := filepath.Join(b.store.dir, "rare.csv")
	text := "handle,category,title:en,title:de,tax_class,sku,price,weight_g,stock\nrare-bowl,tableware,Rare bowl,Rare Schale,standard,RARE-1,12.00,300,100\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	if _, err := b.store.run("product", "import", file); err != nil {
		return err
	}
	net := shopper.NewNetwork(b.store.roots, 64)
	defer net.Close()
	var bought, soldOut, failed atomic.Int64
	var first atomic.Pointer[error]
	gate := make(chan struct{}, 64)
	start := time.Now()
	var wg sync.WaitGroup
	for i := range 1000 {
		wg.Go(func() {
			gate <- struct{}{}
			defer func() { <-gate }()
			_, err := net.New(visitor()).Buy(ctx, b.store.shop, "/en/p/rare-bowl", shopper.Somebody(fmt.Sprintf("r%d@buyers.example", i)), shopper.Paid)
			switch {
			case err == nil:
				bought.Add(1)
			case errors.Is(err, shopper.ErrSoldOut):
				soldOut.Add(1)
			default:
				failed.Add(1)
				first.CompareAndSwap(nil, &err)
			}
		})
	}
	wg.Wait()
	sold, err := b.store.number(ctx, `SELECT COALESCE(SUM(l.quantity), 0) FROM order_line l JOIN order_head h ON h.id = l.order_id WHERE l.sku = 'RARE-1' AND h.state = 3`)
	if err != nil {
		return err
	}
	b.row("1,000 buyers for 100 pieces", fmt.Sprintf("%d sold, %d buyers finished, %d were told that it is sold out, %d failed, in %s", sold, bought.Load(), soldOut.Load(), failed.Load(), time.Since(start).Round(time.Millisecond)),
		"exactly 100 sold", sold == 100 && bought.Load() == 100)
	if p := first.Load(); p != nil {
		fmt.Printf("\nfirst failure: %v\n\n", *p)
	}
	return nil
}

// number asks the store's database.
func (s *store) number(ctx context.Context, query string) (n int64, err error) {
	d, err := db.Open(ctx, db.Options{DSN: "sqlite:" + filepath.Join(s.dir, "data", "data.db"), Readers: 1})
	if err != nil {
		return 0, err
	}
	defer func() { _ = d.Close() }()
	err = d.Read(ctx, func(tx *db.Tx) error { return tx.QueryRow(query).Scan(&n) })
	return n, err
}
