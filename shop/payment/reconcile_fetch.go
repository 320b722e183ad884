package payment

import (
	"context"
	"fmt"

	"strongroom/base/db"
	"strongroom/base/money"
)

// fetch keeps one page of the provider's account.
func (r *run) fetch(ctx context.Context) error {
	st, ok := r.g.(Statement)
	if !ok { // its sessions alone say what happened, and those are asked about as they move
		return r.page(ctx, func(*db.Tx) (runRow, error) { return r.row.nextStep(stepDispute), nil })
	}
	zone := r.s.zone
	from, to := r.row.day.Begin(zone), (r.row.day + 1).Begin(zone)
	if now := r.s.db.Clock().Now(); to.After(now) {
		to = now
	}
	var list []Movement
	var next string
	if from.Before(to) {
		cctx, cancel := context.WithTimeout(ctx, fetchLimit)
		defer cancel()
		var err error
		if list, next, err = st.Movements(cctx, from, to, r.row.cursor); err != nil {
			return fmt.Errorf("the account of %s cannot be read: %w", r.provider, told(err))
		}
	}
	if next != "" && next == r.row.cursor || len(next) > 500 {
		return fmt.Errorf("the account of %s has no end: %w", r.provider, ErrMismatch)
	}
	rows, err := r.rows(list)
	if err != nil {
		return err
	}
	return r.page(ctx, func(tx *db.Tx) (runRow, error) {
		n, err := insertMovements(tx, rows)
		if err == nil {
			err = linkMovements(tx, r.provider)
		}
		row := r.row
		row.movements, row.cursor = row.movements+n, next
		if next == "" {
			row = row.nextDay(stepDispute)
		}
		return row, err
	})
}

// rows are the lines as they are kept. A line that cannot be true stops the run: what the account says is not guessed.
func (r *run) rows(list []Movement) (out [][]any, err error) {
	now := r.s.db.Clock().Now().UnixMicro()
	for _, m := range list {
		names := []string{m.Ref, m.Session, m.Charge, m.Refund, m.Dispute, m.Payout, m.Reference}
		for _, n := range names {
			if len(n) > 200 {
				return nil, fmt.Errorf("%w: a name of 200 characters in the account of %s", ErrMismatch, r.provider)
			}
		}
		if m.Ref == "" || len(m.Kind) > 30 || len(m.Currency) != 3 || money.Check(m.Amount) != nil || money.Check(m.Fee) != nil || m.At.IsZero() {
			return nil, fmt.Errorf("%w: a line in the account of %s", ErrMismatch, r.provider)
		}
		out = append(out, []any{r.provider, m.Ref, string(m.Kind), int64(DayOf(m.At, r.s.zone)), m.Session, m.Charge, m.Refund, m.Dispute,
			m.Payout, m.Reference, int64(m.Amount), int64(m.Fee), string(m.Currency), 0, m.At.UnixMicro(), now,
			r.at.Account, string(r.at.Mode)})
	}
	return out, nil
}

// book brings a few lines of a day into the ledger: fees together, payouts and what belongs to nothing one by one.
func (r *run) book(ctx context.Context) error {
	return r.page(ctx, func(tx *db.Tx) (runRow, error) {
		n, err := bookFees(tx, r.at, r.row.day)
		if err != nil {
			return r.row, err
		}
		m, err := r.bookLines(tx)
		if err != nil || n+m > 0 {
			return r.row, err
		}
		left, err := unbookedLines(tx, r.at, r.row.day, bookPage)
		for _, l := range left { // a currency that the store does not know
			kind := FeeUnbooked
			if l.kind != MovedFee && l.kind != MovedPayment && l.kind != MovedRefund {
				kind = PayoutUnbooked
			}
			if err == nil {
				err = noteDifference(tx, Difference{Provider: r.provider, Kind: kind, Subject: l.ref, Day: r.row.day, Theirs: l.amount - l.fee, Currency: l.currency})
			}
		}
		return r.row.nextDay(stepCompare), err
	})
}

const bookPage = 2000

// bookLines books payouts, and money that belongs to nothing, and tells of the latter.
func (r *run) bookLines(tx *db.Tx) (n int64, err error) {
	lines, err := loneLines(tx, r.at, r.row.day, 200)
	for _, l := range lines {
		if err != nil {
			return n, err
		}
		if !l.currency.Known() {
			continue
		}
		b := Booking{Key: string(l.kind) + "/" + r.provider + "/" + l.ref, Kind: "unclear", Order: House(), Currency: l.currency,
			Lines: []Line{{clearing + r.provider, l.amount - l.fee}, {Fees, l.fee}, {Unclear, -l.amount}}}
		kind := PaymentUnknown
		switch l.kind {
		case MovedPayout:
			b.Kind, b.Lines[2].Account, kind = "payout", Bank, ""
		case MovedAdjustment:
			kind = Adjustment
		}
		act := tx.NewID()
		if _, err = Post(tx, b); err == nil {
			err = markBooked(tx, r.provider, l.ref, act)
		}
		if err == nil && kind != "" {
			err = noteDifference(tx, Difference{Provider: r.provider, Kind: kind, Subject: l.ref, Day: r.row.day, Theirs: l.amount, Currency: l.currency})
		}
		n++
	}
	return n, err
}

// bookFees books the fees of some lines of a day in one movement for each currency. The lines are marked first and
// summed by the mark, so that none counts twice or is left out.
func bookFees(tx *db.Tx, at till, day Day) (n int64, err error) {
	list, err := unbookedCurrencies(tx, at, day)
	for _, c := range list {
		if err != nil || !c.Known() {
			continue
		}
		act := tx.NewID()
		marked, merr := markFees(tx, at, day, c, act, bookPage)
		if merr != nil {
			return n, merr
		}
		if marked == 0 {
			continue
		}
		n += marked
		sum, serr := sumFees(tx, act)
		if serr != nil {
			return n, serr
		}
		_, err = Post(tx, Booking{Key: "fee/" + act.String(), Kind: "fee", Order: House(), Currency: c,
			Lines: []Line{{Fees, sum}, {clearing + at.Provider, -sum}}})
	}
	return n, err
}
