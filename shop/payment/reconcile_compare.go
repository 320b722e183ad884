package payment

import (
	"context"
	"sync"
	"time"

	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/base/money"
)

// truth is what is known about one payment from all sides.
type truth struct {
	id, order id.ID
	number    string
	provider  string
	state     State
	currency  money.Currency
	captured  money.Amount
	refunded  money.Amount
	disputed  money.Amount
	changed   time.Time
	paid      money.Amount // by the provider's account
	back      money.Amount // by the provider's account, above zero
	lost      money.Amount // by the provider's account: taken by disputes and not given back
	foreign   int64        // lines in another currency
	ledger    money.Amount // what the ledger says that the provider holds for it
	outside   []Refund     // made at the provider's own desk
	amount    money.Amount // of the payment
	heldUntil time.Time    // of a held sum: until when it is sure
	acting    time.Time    // since when something is being done with it; zero: nothing is
}

// overdue says whether the sum is held though its time is over, or though something has been done with it for hours.
func (t truth) overdue(now time.Time) bool {
	past := func(at time.Time) bool { return !at.IsZero() && now.Sub(at) > grace }
	return t.state == Authorised && (past(t.heldUntil) || past(t.acting))
}

// doubtful says whether the provider is worth asking: its account shows more than the store knows, or a sum is held for
// too long.
func (t truth) doubtful(now time.Time) bool {
	return t.overdue(now) || t.state != Mismatch && (t.paid > t.captured || t.back > t.refunded || t.lost != t.disputed)
}

// differences are all things in which the sides do not agree. statement says whether the provider's account is known.
func (t truth) differences(now time.Time, statement bool) (out []Difference) {
	add := func(k Kind, ours, theirs money.Amount) {
		out = append(out, Difference{Provider: t.provider, Kind: k, Subject: t.id.String(), Payment: t.id, Order: t.order, Number: t.number,
			Ours: ours, Theirs: theirs, Currency: t.currency})
	}
	late := now.Sub(t.changed) > grace
	switch {
	case !statement:
	case t.paid > 0 && t.captured == 0:
		add(PaidThere, 0, t.paid)
	case t.paid == 0 && t.captured > 0 && late:
		add(PaidHere, t.captured, 0)
	case t.paid != t.captured && (t.paid > t.captured || late), t.foreign > 0:
		add(SumDiffers, t.captured, t.paid)
	}
	switch {
	case !statement:
	case t.back > t.refunded:
		add(RefundThere, t.refunded, t.back)
	case t.back < t.refunded && late:
		add(RefundHere, t.refunded, t.back)
	}
	if statement && t.lost != t.disputed && (t.lost > t.disputed || late) {
		add(DisputeUnbooked, t.disputed, t.lost)
	}
	if held := t.captured - t.refunded; t.ledger != held {
		add(LedgerDiffers, t.ledger, held)
	}
	if t.overdue(now) {
		add(HoldOver, t.amount, 0)
	}
	for _, f := range t.outside {
		add(RefundOutside, 0, f.Amount)
		out[len(out)-1].Subject = f.ID.String()
	}
	return out
}

// orderDifferences are those between the payment and its order.
func (t truth) orderDifferences(now time.Time, o OrderMoney, known bool) (out []Difference) {
	if !known || t.captured == 0 || t.captured == t.refunded || now.Sub(t.changed) <= grace {
		return nil
	}
	d := Difference{Provider: t.provider, Subject: t.id.String(), Payment: t.id, Order: t.order, Number: o.Number, Ours: o.Total,
		Theirs: t.captured, Currency: t.currency}
	switch {
	case !o.Paid:
		d.Kind, d.Ours = OrderBehind, 0
		return []Difference{d}
	case o.Payment == t.id && (o.Total != t.captured || o.Currency != t.currency):
		d.Kind = OrderDiffers
		return []Difference{d}
	}
	return nil
}

// compare looks at a page of the payments that moved at the provider on a day.
func (r *run) compare(ctx context.Context) error {
	after, err := parseCursor(r.row.cursor)
	if err != nil {
		return err
	}
	var list []truth
	err = r.s.db.Read(ctx, func(tx *db.Tx) (err error) {
		list, err = movedTruths(tx, r.at, r.row.day, after, comparePage)
		return err
	})
	if err != nil {
		return err
	}
	next := r.row.nextDay(stepLedger)
	if len(list) == comparePage {
		next = r.row
		next.cursor = list[len(list)-1].id.String()
	}
	return r.check(ctx, list, next)
}

// ledger looks at a page of the payments that the store booked in these days. What moved at the provider in the same
// days has been looked at already, and is looked at again: that costs little and leaves no gap between two days.
func (r *run) ledger(ctx context.Context) error {
	after, err := parseCursor(r.row.cursor)
	if err != nil {
		return err
	}
	from, to := idAt(r.row.span.From.Begin(r.s.zone)), idAt((r.row.span.To + 1).Begin(r.s.zone))
	if !after.IsZero() {
		from = after[:]
	}
	var list []truth
	var last id.ID
	var n int
	err = r.s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if last, n, err = bookedPage(tx, from, to, comparePage); err != nil || n == 0 {
			return err
		}
		list, err = bookedTruths(tx, r.at, from, last, comparePage)
		return err
	})
	if err != nil {
		return err
	}
	next := r.row.nextStep(stepHold)
	if n == comparePage {
		next = r.row
		next.cursor = last.String()
	}
	return r.check(ctx, list, next)
}

// holds looks at a page of the held sums whose time is over, or with which something has been done for hours: they stand
// in no account and in no ledger, and nobody else would miss them.
func (r *run) holds(ctx context.Context) error {
	after, err := parseCursor(r.row.cursor)
	if err != nil {
		return err
	}
	var list []truth
	err = r.s.db.Read(ctx, func(tx *db.Tx) (err error) {
		list, err = overdueTruths(tx, r.provider, tx.Now().Add(-grace), after, comparePage)
		return err
	})
	if err != nil {
		return err
	}
	next := r.row.nextStep(stepOrder)
	if len(list) == comparePage {
		next = r.row
		next.cursor = list[len(list)-1].id.String()
	}
	return r.check(ctx, list, next)
}

func parseCursor(s string) (id.ID, error) {
	if s == "" {
		return id.ID{}, nil
	}
	return id.Parse(s)
}

// check compares a page, having asked the provider about what looks odd, and writes down what differs.
func (r *run) check(ctx context.Context, list []truth, next runRow) error {
	asked, err := r.ask(ctx, list)
	if err != nil {
		return err
	}
	found, err := r.differences(ctx, list, r.s.db.Clock().Now())
	if err != nil {
		return err
	}
	return r.page(ctx, func(tx *db.Tx) (runRow, error) {
		for _, d := range found {
			if d.Day == 0 {
				d.Day = r.row.day
			}
			if err := noteDifference(tx, d); err != nil {
				return next, err
			}
		}
		next.asked, next.compared = r.row.asked+asked, r.row.compared+int64(len(list))
		return next, nil
	})
}

// differences are those of some payments at a moment: what moved here shortly before it may yet come there.
func (r *run) differences(ctx context.Context, list []truth, now time.Time) (found []Difference, err error) {
	orders := map[id.ID]OrderMoney{}
	if r.orders != nil && len(list) > 0 {
		ids := make([]id.ID, 0, len(list))
		for _, t := range list {
			ids = append(ids, t.order)
		}
		if orders, err = r.orders.MoneyOf(ctx, ids); err != nil {
			return nil, err
		}
	}
	_, statement := r.g.(Statement)
	for _, t := range list {
		o, known := orders[t.order]
		found = append(append(found, t.differences(now, statement)...), t.orderDifferences(now, o, known)...)
	}
	return found, nil
}

// ask asks the provider about the doubtful payments of a page, some at a time, and puts what is then known into the list.
// Who does not answer is asked again by the next run; the difference stands until then.
func (r *run) ask(ctx context.Context, list []truth) (asked int64, err error) {
	now := r.s.db.Clock().Now()
	slots := make(chan struct{}, askers)
	var all sync.WaitGroup
	for i := range list {
		if !list[i].doubtful(now) {
			continue
		}
		asked++
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			if err := r.s.askAgain(ctx, list[i]); err != nil && ctx.Err() == nil {
				r.s.log.Info("a payment that differs was not answered for", "payment", list[i].id, "error", err)
			}
		})
	}
	all.Wait()
	if asked == 0 {
		return 0, ctx.Err()
	}
	err = r.s.db.Read(ctx, func(tx *db.Tx) error {
		for i := range list {
			if list[i].doubtful(now) {
				if list[i], _, err = oneTruth(tx, list[i].id); err != nil {
					return err
				}
			}
		}
		return ctx.Err()
	})
	return asked, err
}

// askAgain asks how the payment stands, and how its disputes do.
func (s *Service) askAgain(ctx context.Context, t truth) error {
	p, err := s.Get(ctx, t.id)
	if err != nil {
		return err
	}
	if askable(p) {
		if p, err = s.ask(ctx, p, "reconcile", jobLimit); err != nil {
			return err
		}
	}
	if t.lost == t.disputed {
		return nil
	}
	var refs []string
	if err = s.db.Read(ctx, func(tx *db.Tx) (err error) { refs, err = disputeRefs(tx, p.ID); return err }); err != nil {
		return err
	}
	for _, ref := range refs {
		if err := s.askDispute(ctx, p.till(), ref, "reconcile"); err != nil {
			return err
		}
	}
	return nil
}

// orderPage looks at a page of the orders of these days that say that they are paid.
func (r *run) orderPage(ctx context.Context) error {
	if r.orders == nil {
		return r.page(ctx, func(*db.Tx) (runRow, error) { return r.row.nextStep(stepAgain), nil })
	}
	after, err := readMark(r.row.cursor)
	if err != nil {
		return err
	}
	list, err := r.orders.PaidOrders(ctx, r.row.span.From.Begin(r.s.zone), (r.row.span.To + 1).Begin(r.s.zone), after, comparePage)
	if err != nil {
		return err
	}
	next := r.row.nextStep(stepAgain)
	if len(list) == comparePage {
		next = r.row
		next.cursor = markOf(list[len(list)-1])
	}
	return r.page(ctx, func(tx *db.Tx) (runRow, error) {
		unpaid, err := withoutMoney(tx, r.provider, list)
		for _, o := range unpaid {
			if err == nil {
				err = noteDifference(tx, unpaidDifference(r.provider, o, DayOf(o.Placed, r.s.zone)))
			}
		}
		return next, err
	})
}

func unpaidDifference(provider string, o OrderMoney, day Day) Difference {
	return Difference{Provider: provider, Kind: OrderUnpaid, Subject: o.Order.String(), Order: o.Order, Number: o.Number, Day: day,
		Ours: o.Total, Currency: o.Currency}
}
