package payment

import (
	"context"
	"fmt"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// Reconciling compares four things: the provider's own account, the payments, the ledger and the orders. A run covers
// some days and goes through steps, each in pages whose end is written down with their effect, so that a run that dies
// is gone on with by the next one:
//
//	fetch    the lines of the provider's account are kept, each once
//	dispute  disputes that changed are asked about
//	book     fees, payouts and what belongs to nothing come into the ledger
//	compare  every payment that moved at the provider in these days; what differs is asked about first
//	ledger   every payment that the store booked in these days
//	order    every order of these days that says that it is paid
//	again    every difference that is still open, whatever its day
const (
	stepFetch   = "fetch"
	stepDispute = "dispute"
	stepBook    = "book"
	stepCompare = "compare"
	stepLedger  = "ledger"
	stepHold    = "hold"
	stepOrder   = "order"
	stepAgain   = "again"
	stepDone    = "done"
)

const (
	comparePage  = 500
	askers       = 8
	grace        = 6 * time.Hour // how long a provider's account may lag behind what it says about a session
	lookBack     = 2             // days that are fetched again every night: some lines come late
	firstBack    = 90            // days that the first run covers at most
	maxSpan      = 400
	nightHour    = 3 // of the store's day
	fetchLimit   = 30 * time.Second
	reconcileJob = "payment.reconcile"
)

// OrderMoney is what an order says about its money.
type OrderMoney struct {
	Order    id.ID
	Number   string
	Payment  id.ID
	Paid     bool // it was paid at some time, whatever came later
	Total    money.Amount
	Currency money.Currency
	Placed   time.Time
}

// Orders are asked what they say was paid. The payee fulfils it.
type Orders interface {
	// MoneyOf tells of some orders; what is not known is left out.
	MoneyOf(ctx context.Context, orders []id.ID) (map[id.ID]OrderMoney, error)
	// PaidOrders lists orders that were placed from (inclusive) to (exclusive) and say that they were paid, in the order
	// of their placing; after is the last one of the page before.
	PaidOrders(ctx context.Context, from, to time.Time, after OrderMoney, limit int) ([]OrderMoney, error)
}

// Reconciled is what a run came to.
type Reconciled struct {
	Provider  string
	Account   string
	Span      Span
	Resumed   bool  // an interrupted run was gone on with
	Movements int64 // new lines of the provider's account
	Asked     int64 // payments that the provider was asked about
	Compared  int64 // payments that were compared
	Days      []DaySums
	Open      []Difference // at most 1,000, the oldest first
}

// run is one process at work on one account at a provider.
type run struct {
	s        *Service
	g        Gateway
	at       till
	provider string
	orders   Orders // nil: nobody knows of orders
	row      runRow
}

// Reconcile compares the days of span with every provider, or with all accounts at one. What is under way in another process is a
// conflict; what was interrupted is finished first.
func (s *Service) Reconcile(ctx context.Context, who access.Actor, provider string, span Span) (list []Reconciled, err error) {
	defer fault.Wrap(&err, "payment: reconcile")
	if err := s.audit.Allow(ctx, who, access.PaymentSettle, audit.Act{Action: "payment.reconcile", Object: "provider"}); err != nil {
		return nil, err
	}
	if s.held(ctx) {
		return nil, fault.New(fault.Unavailable, "payment.reconcile_held").Because(errHeld)
	}
	if span.To < span.From || span.To-span.From > maxSpan {
		return nil, fault.New(fault.Invalid, "payment.span_invalid").WithField("from", "payment.span_invalid", fault.Params{"max": maxSpan})
	}
	found := provider == ""
	accounts, err := s.compared(ctx)
	if err != nil {
		return nil, err
	}
	for _, at := range accounts {
		if provider != "" && at.Provider != provider {
			continue
		}
		found = true
		r, err := s.reconcile(ctx, who, at, span)
		if err != nil {
			return list, err
		}
		list = append(list, r)
	}
	if !found {
		return nil, fault.New(fault.NotFound, "payment.provider_unknown")
	}
	return list, nil
}

// due is the span that a run without one covers: from two days before the last one to today.
func (s *Service) due(ctx context.Context, at till) (span Span, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		span.To = DayOf(tx.Now(), s.zone)
		row, ok, err := readRun(tx, at)
		if err != nil {
			return err
		}
		if ok && !row.ended.IsZero() {
			span.From = min(row.span.To, span.To) - lookBack
			return nil
		}
		first, ok, err := firstPayment(tx, at)
		span.From = max(DayOf(first, s.zone), span.To-firstBack)
		if !ok {
			span.From = span.To
		}
		return err
	})
	return span, err
}

func (s *Service) reconcile(ctx context.Context, who access.Actor, at till, span Span) (out Reconciled, err error) {
	ctx = db.Patient(ctx) // pages of a long account may take longer than a shopper would wait
	if span == (Span{}) {
		if span, err = s.due(ctx, at); err != nil {
			return out, err
		}
	}
	g, err := s.at(ctx, at)
	if err != nil {
		return out, err
	}
	r := &run{s: s, g: g, at: at, provider: at.Provider}
	r.orders, _ = s.payee.(Orders)
	for {
		resumed, err := r.take(ctx, span)
		if err != nil {
			return out, err
		}
		out.Resumed = out.Resumed || resumed
		if err = r.held(ctx, r.all); err == nil {
			err = r.finish(ctx, who) // which gives the lease back: nothing may renew it meanwhile
		}
		if err != nil {
			r.drop(ctx)
			return out, overtaken(err)
		}
		if r.row.span.holds(span) {
			break
		}
	}
	out.Provider, out.Account, out.Span = at.Provider, at.Account, r.row.span
	out.Movements, out.Asked, out.Compared = r.row.movements, r.row.asked, r.row.compared
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if out.Days, err = daySums(tx, at, out.Span, s.zone); err != nil {
			return err
		}
		out.Open, err = openOf(tx, at.Provider, id.ID{}, 1000)
		return err
	})
	return out, err
}

// engine finds a gateway by its name.
func (s *Service) engine(provider string) (Gateway, error) {
	if provider != "" {
		for _, o := range s.offers() {
			if o.On && o.Describe().Name == provider {
				return o.Gateway, nil
			}
		}
	}
	if old := s.called(provider); len(old) > 0 {
		return old[0], nil // switched off: its account is compared all the same
	}
	return nil, fault.New(fault.NotFound, "payment.provider_unknown")
}

// all goes through what is left of the run.
func (r *run) all(ctx context.Context) error {
	steps := map[string]func(context.Context) error{stepFetch: r.fetch, stepDispute: r.disputes, stepBook: r.book, stepCompare: r.compare,
		stepLedger: r.ledger, stepHold: r.holds, stepOrder: r.orderPage, stepAgain: r.again}
	for r.row.step != stepDone {
		if err := ctx.Err(); err != nil {
			return err
		}
		step, ok := steps[r.row.step]
		if !ok {
			return fmt.Errorf("payment: %q is no step of a comparison", r.row.step)
		}
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// save writes how far the run has come, with the effect of the page.
func (r *run) save(tx *db.Tx, next runRow) error {
	return saveRun(tx, r.at, next, tx.Now().Add(runLease))
}

// nextDay goes on to the next day, or to the next step after the last one.
func (row runRow) nextDay(step string) runRow {
	row.cursor = ""
	if row.day++; row.day > row.span.To {
		row.day, row.step = row.span.From, step
	}
	return row
}

func (row runRow) nextStep(step string) runRow {
	row.cursor, row.day, row.step = "", row.span.From, step
	return row
}

// page runs one page in a transaction and remembers where it ended.
func (r *run) page(ctx context.Context, fn func(tx *db.Tx) (runRow, error)) error {
	var next runRow
	err := r.s.db.Write(ctx, func(tx *db.Tx) (err error) {
		if next, err = fn(tx); err != nil {
			return err
		}
		return r.save(tx, next)
	})
	if err == nil {
		r.row = next
	}
	return err
}

func (r *run) finish(ctx context.Context, who access.Actor) error {
	return r.s.db.Write(ctx, func(tx *db.Tx) error {
		row := r.row
		row.ended = tx.Now()
		if err := endRun(tx, r.at, row); err != nil {
			return err
		}
		n, err := countDifferences(tx)
		if err != nil {
			return err
		}
		fresh, err := foundSince(tx, r.provider, row.started)
		if err != nil {
			return err
		}
		if fresh > 0 {
			if err := r.s.tellOwner(tx, Letter{Kind: LetterDifferences, Provider: r.provider, Key: row.holder.String()}); err != nil {
				return err
			}
		}
		r.row = row
		return r.s.audit.Record(tx, audit.Entry{Actor: who, Action: "payment.reconcile", Object: "provider", Outcome: audit.Done,
			Facts: []audit.Fact{{Key: "provider", Text: r.provider}, {Key: "movements", Int: row.movements}, {Key: "asked", Int: row.asked},
				{Key: "compared", Int: row.compared}, {Key: "found", Int: fresh}, {Key: "open", Int: n}}})
	})
}

// nightly is the periodic job: once in each night of the store, and again every hour while that has not come to its end.
func (s *Service) nightly(ctx context.Context) error {
	now := s.db.Clock().Now()
	if s.held(ctx) || now.In(s.zone).Hour() < nightHour {
		return nil
	}
	accounts, err := s.compared(ctx)
	if err != nil {
		return err
	}
	var all []error
	for _, at := range accounts {
		var row runRow
		err := s.db.Read(ctx, func(tx *db.Tx) (err error) { row, _, err = readRun(tx, at); return err })
		if err == nil && !row.ended.IsZero() && row.step == stepDone && DayOf(row.ended, s.zone) >= DayOf(now, s.zone) {
			continue
		}
		if err == nil {
			_, err = s.reconcile(ctx, s.actor, at, Span{})
		}
		all = append(all, err)
	}
	return together(all)
}
