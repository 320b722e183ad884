package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/event"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/base/money"
	"strongroom/schema"
	"strongroom/shop/fraud"
)

const (
	pastOrders = 1_000_000
	pastStep   = 5000 // in a transaction
	assessed   = 20_000
)

// fraud measures one assessment, as each order causes it, in a store with a million past orders: each with its case, and the
// counts of its browser, address and network.
func (b *bench) fraud(ctx context.Context, dir, postgres string) error {
	dsn := "sqlite:" + filepath.Join(dir, "fraud.db")
	if postgres != "" {
		dsn = postgres
	}
	d, err := db.Open(ctx, db.Options{DSN: dsn, Clock: clock.System(), Readers: 4, Migrations: schema.Data()})
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	mac := func(label string, data []byte) []byte {
		m := hmac.New(sha256.New, []byte("key of the bench "+label))
		m.Write(data)
		return m.Sum(nil)
	}
	jobs := job.New(d, nil, 1)
	event.NewBus(d, jobs)
	f, err := fraud.New(fraud.Deps{DB: d, Jobs: jobs, MAC: mac, Sign: mac})
	if err != nil {
		return err
	}
	began := time.Now()
	for from := 0; from < pastOrders; from += pastStep {
		if err := d.Write(ctx, func(tx *db.Tx) error { return past(tx, from, mac) }); err != nil {
			return err
		}
	}
	filled := time.Since(began)
	var all []time.Duration
	for i := range assessed {
		a := visit((i * 7919) % (pastOrders * 11 / 10)) // one of eleven is new
		a.Order = id.New(time.Now(), nil)
		start := time.Now()
		v, err := f.Assess(ctx, a)
		if err != nil {
			return err
		}
		all = append(all, time.Since(start))
		if i == 1 && v.Newcomer {
			return fmt.Errorf("somebody with past orders is taken for new")
		}
	}
	slices.Sort(all)
	p50, p99 := all[len(all)/2], all[len(all)*99/100]
	b.row("assessing an order, "+string(d.Engine())+", 1,000,000 past orders", fmt.Sprintf("p50 %s, p99 %s, longest %s (filled in %s)",
		p50.Round(time.Microsecond), p99.Round(time.Microsecond), all[len(all)-1].Round(time.Microsecond), filled.Round(time.Second)), "p99 below 2 ms", p99 < 2*time.Millisecond)
	return nil
}

// visit is what the n-th buyer brings: a browser, an address, and one of fifty thousand networks.
func visit(n int) fraud.Attempt {
	return fraud.Attempt{Device: id.Token(fmt.Sprintf("device-%d", n)), Email: fmt.Sprintf("buyer.%d@house%d.example", n, n%1000),
		From: netip.AddrFrom4([4]byte{byte(11 + n%200), byte(n / 200 % 250), byte(n % 7), 9}), Delivery: "DE", Total: money.Amount(1000 + n%9000), Goods: []id.ID{{byte(n)}}}
}

// past writes what a span of past orders left behind, over the last 30 days.
func past(tx *db.Tx, from int, mac func(string, []byte) []byte) error {
	now := tx.Now()
	var cases, tallies [][]any
	networks := map[string]bool{}
	for n := from; n < from+pastStep; n++ {
		a := visit(n)
		at := now.Add(-time.Duration(n%(30*24*3600)) * time.Second)
		slot := at.Unix() / (6 * 3600)
		device, contact := mac("fraud.device", []byte(a.Device.Clear()))[:16], mac("fraud.address", []byte(a.Email))[:16]
		p, _ := a.From.Prefix(24)
		network := mac("fraud.network", []byte(p.String()))[:16]
		cases = append(cases, []any{id.New(at, nil), at.UnixMicro(), at.UnixMicro(), 1, 1, 0, "", 1, 0, int64(a.Total), device, contact, network,
			contact, contact[:8], 1, 0, 0, 0, 1, "", nil, 0})
		tallies = append(tallies, []any{1, device, slot, 1, 0, 0, 1, 0, 1, contact}, []any{2, contact, slot, 0, 0, 0, 1, 0, 0, []byte{}})
		if key := string(network) + fmt.Sprint(slot); !networks[key] {
			networks[key] = true
			tallies = append(tallies, []any{3, network, slot, 0, 0, 0, 1, 0, 0, []byte{}})
		}
	}
	err := db.Insert(tx, `INSERT INTO fraud_case (order_id, at, changed_at, outcome, state, score, reasons, newcomer, strict, total, device,
		contact, network, domain, goods, sessions, declines, running, spent, ended, seen, decided_by, decided_at) VALUES `, "", cases)
	if err != nil {
		return err
	}
	return db.Insert(tx, `INSERT INTO fraud_tally (kind, key, slot, opened, declined, abandoned, paid, disputed, names, last) VALUES `,
		` ON CONFLICT (kind, key, slot) DO UPDATE SET paid = fraud_tally.paid + excluded.paid`, tallies)
}
