package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

const (
	manyPayments = 100_000
	lostNotices  = 200 // paid at the provider, and the store does not know
	unknownLines = 50  // of no payment of the store
	benchSum     = 4990
	benchFee     = 95
)

// bookkeeping is a store with many payments, and a provider's account that shows them.
type bookkeeping struct {
	store *store
	lines []map[string]any
	said  map[string]map[string]any // sessions that are asked about
}

// reconcile measures the comparison of a hundred thousand payments of one day with the provider's account, which is served
// over TLS by this process. Some payments are only known there, and some lines are nobody's.
func (b *bench) reconcile(ctx context.Context, bin, dir string) (err error) {
	if b.store, err = newStore(bin, dir); err != nil {
		return err
	}
	if b.admin != "" {
		if err := b.store.postgres(ctx, b.admin); err != nil {
			return err
		}
		defer b.store.dropPostgres()
	}
	if _, err := b.store.run("payment", "ledger"); err != nil { // the first command makes the databases
		return err
	}
	k := &bookkeeping{store: b.store, said: map[string]map[string]any{}}
	day := time.Now().UTC().AddDate(0, 0, -1).Truncate(24 * time.Hour).Add(10 * time.Hour)
	if err := k.fill(ctx, day); err != nil {
		return err
	}
	stop, err := k.serve()
	if err != nil {
		return err
	}
	defer stop()
	from, to := day.AddDate(0, 0, -1).Format(time.DateOnly), day.AddDate(0, 0, 1).Format(time.DateOnly)
	for round, name := range []string{"first", "again"} {
		start := time.Now()
		out, err := b.store.outcome("payment", "reconcile", "--from", from, "--to", to, "--json")
		took := time.Since(start)
		var r struct {
			Movements, Asked, Compared int64
			Open                       []struct{ Kind string }
		}
		if jerr := json.Unmarshal([]byte(out), &r); jerr != nil || err != nil {
			return fmt.Errorf("%w\n%s", errors.Join(err, jerr), out)
		}
		whole := len(r.Open) == unknownLines && (round > 0 || r.Asked == lostNotices && r.Movements == int64(len(k.lines)))
		b.row(fmt.Sprintf("reconciliation of %d payments, %s", manyPayments, name),
			fmt.Sprintf("%s: %d new lines, %d compared, %d asked about, %d differences of %d", took.Round(10*time.Millisecond), r.Movements, r.Compared,
				r.Asked, len(r.Open), unknownLines), "under a minute", whole && took < time.Minute)
	}
	out, err := b.store.outcome("payment", "ledger", "--json")
	if err != nil || !strings.Contains(out, `"ok":true`) {
		return fmt.Errorf("the ledger does not agree afterwards: %w\n%s", err, out)
	}
	return nil
}

// outcome is run for a command whose exit code 1 is an answer.
func (s *store) outcome(args ...string) (string, error) {
	cmd := exec.Command(s.bin, append(args, "--config", s.config)...)
	cmd.Env = s.env
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		if err = fmt.Errorf("%w: %s", err, exit.Stderr); exit.ExitCode() == 1 && len(out) > 0 {
			err = nil
		}
	}
	return string(out), err
}

// data is the store's own database.
func (s *store) data() string {
	for _, e := range s.env {
		if dsn, ok := strings.CutPrefix(e, "STRONGROOM_DATA_DATABASE="); ok {
			return dsn
		}
	}
	return "sqlite:" + filepath.Join(s.dir, "data", "data.db")
}

// fill writes orders, payments and their bookings straight into the tables, and the lines of the provider's account.
func (k *bookkeeping) fill(ctx context.Context, day time.Time) error {
	d, err := db.Open(ctx, db.Options{DSN: k.store.data(), Readers: 1})
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	const lot = 5000
	for first := 0; first < manyPayments; first += lot {
		var orders, payments, bookings, entries [][]any
		for i := first; i < first+lot; i++ {
			p := k.one(i, day.Add(time.Duration(i)*300*time.Millisecond))
			orders, payments, bookings, entries = append(orders, p.order), append(payments, p.payment), append(bookings, p.bookings...), append(entries, p.entries...)
		}
		err := d.Write(ctx, func(tx *db.Tx) error {
			return errors.Join(db.Insert(tx, insertOrder, "", orders), db.Insert(tx, insertPayment, "", payments),
				db.Insert(tx, insertLedger, "", bookings), db.Insert(tx, insertEntry, "", entries))
		})
		if err != nil {
			return err
		}
	}
	for i := range unknownLines {
		k.line(day.Add(time.Duration(i)*time.Second), "adjustment", "", int64(-100-i), 0)
	}
	return nil
}

const (
	insertOrder = `INSERT INTO order_head (id, number, state, cart, cart_proof, attempt, shown, subject, language, country, currency, mode,
		goods, discount, shipping, net, tax, total, code, offer, offer_name, pick_up, place, days_min, days_max, payment, generation,
		corrections, told, placed_at, pay_until, paid_at, delivered_at, closed_at, withdrawn_at, refunded) VALUES `
	insertPayment = `INSERT INTO payment_payment (id, order_id, reference, number, provider, account, mode, amount, currency, manual, state,
		late, keys, ref, charge, url, return_url, cancel_url, language, captured, asked, refunded, expires_at, made_at, changed_at, moves,
		polls, next_at) VALUES `
	insertLedger = `INSERT INTO payment_ledger (id, key, kind, order_id, payment_id, currency, made_at) VALUES `
	insertEntry  = `INSERT INTO payment_entry (ledger_id, line, account, order_id, amount) VALUES `
)

type rows struct {
	order, payment    []any
	bookings, entries [][]any
}

// one is an order with its payment, paid at a moment; some are paid at the provider alone.
func (k *bookkeeping) one(i int, at time.Time) (r rows) {
	order, pay, us := id.New(at, nil), id.New(at, nil), clock.Micros(at)
	ref, reference, number := fmt.Sprintf("ses_%032d", i), fmt.Sprintf("%032d", i), fmt.Sprintf("B%04d-%05d", i/100_000, i%100_000)
	state, word, captured, paidAt, moves := 3, "paid", benchSum, us, 3
	if lost := i%(manyPayments/lostNotices) == 7; lost {
		state, word, captured, paidAt = 5, "expired", 0, int64(0)
		k.said[ref] = map[string]any{"id": ref, "account": "test", "mode": "test", "reference": reference, "status": "paid", "amount": benchSum,
			"currency": "EUR", "charge": "chg_" + reference, "captured": benchSum, "refunded": 0, "expires": at.Unix()}
	}
	r.order = []any{order, number, state, id.New(at, nil), []byte{1}, id.New(at, nil), []byte{1}, id.New(at, nil), "en", "DE", "EUR", "inclusive",
		benchSum, 0, 0, 4193, 797, benchSum, "", "standard", "Standard", 0, "", 1, 3, pay, 1, 0, 1, us, us, paidAt, 0, 0, 0, 0}
	r.payment = []any{pay, order, reference, number, "sandbox", "test", "test", benchSum, "EUR", 0, word, 0, 1, ref, "", "", "https://shop.localhost/r",
		"https://shop.localhost/c", "en", captured, 0, 0, us, us, us, moves, 0, 0}
	book := func(key, kind string, lines ...any) {
		v := id.New(at, nil)
		r.bookings = append(r.bookings, []any{v, key + order.String(), kind, order, pay, "EUR", us})
		for n := 0; n < len(lines); n += 2 {
			r.entries = append(r.entries, []any{v, n/2 + 1, lines[n], order, lines[n+1]})
		}
	}
	book("sale/", "sale", "receivable", benchSum, "sales", -4193, "tax", -797)
	if captured == 0 {
		book("reversal/", "reversal", "receivable", -benchSum, "sales", 4193, "tax", 797)
	} else {
		book("payment/", "payment", "provider.sandbox", benchSum, "receivable", -benchSum)
	}
	k.line(at, "payment", reference, benchSum, benchFee)
	return r
}

func (k *bookkeeping) line(at time.Time, kind, reference string, amount, fee int64) {
	k.lines = append(k.lines, map[string]any{"id": fmt.Sprintf("mov_%08d", len(k.lines)), "kind": kind, "reference": reference, "amount": amount,
		"fee": fee, "currency": "EUR", "at": at.UnixMicro()})
}

// serve answers as the provider does, for what a comparison asks.
func (k *bookkeeping) serve() (stop func(), err error) {
	give := func(w http.ResponseWriter, v any) { _ = json.NewEncoder(w).Encode(v) }
	m := http.NewServeMux()
	m.HandleFunc("GET /v1/movements", func(w http.ResponseWriter, r *http.Request) {
		from, _ := strconv.ParseInt(r.URL.Query().Get("from"), 10, 64)
		to, _ := strconv.ParseInt(r.URL.Query().Get("to"), 10, 64)
		start, _ := strconv.Atoi(r.URL.Query().Get("cursor"))
		page, next := []map[string]any{}, ""
		for i := start; i < len(k.lines); i++ {
			if at := k.lines[i]["at"].(int64); at < from || at >= to {
				continue
			}
			if len(page) == 400 {
				next = strconv.Itoa(i)
				break
			}
			page = append(page, k.lines[i])
		}
		give(w, map[string]any{"movements": page, "next": next})
	})
	m.HandleFunc("GET /v1/disputes", func(w http.ResponseWriter, _ *http.Request) { give(w, map[string]any{"disputes": []any{}, "next": ""}) })
	m.HandleFunc("GET /v1/sessions/{id}", func(w http.ResponseWriter, r *http.Request) {
		if s := k.said[r.PathValue("id")]; s != nil {
			give(w, s)
			return
		}
		http.NotFound(w, r)
	})
	certs := filepath.Join(k.store.dir, "certs")
	srv := &http.Server{Addr: k.store.payListen(), Handler: m, ReadHeaderTimeout: 5 * time.Second}
	failed := make(chan error, 1)
	go func() {
		failed <- srv.ListenAndServeTLS(filepath.Join(certs, "pay.localhost.pem"), filepath.Join(certs, "pay.localhost-key.pem"))
	}()
	select {
	case err := <-failed:
		return nil, err
	case <-time.After(300 * time.Millisecond):
		return func() { _ = srv.Close() }, nil
	}
}
