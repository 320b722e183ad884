package paypal

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"strongroom/base/money"
	"strongroom/shop/payment"
)

const (
	pageSize = 100
	span     = 30 * 24 * time.Hour // PayPal searches at most 31 days at a time
)

// line is one entry of PayPal's own account, as its transaction search tells it.
type line struct {
	Info struct {
		ID      string `json:"transaction_id"`
		Above   string `json:"paypal_reference_id"`
		AboveIs string `json:"paypal_reference_id_type"`
		Code    string `json:"transaction_event_code"`
		At      moment `json:"transaction_initiation_date"`
		Amount  sum    `json:"transaction_amount"`
		Fee     sum    `json:"fee_amount"`
		Status  string `json:"transaction_status"`
		Custom  string `json:"custom_field"`
	} `json:"transaction_info"`
}

// moment reads both ways in which PayPal writes the offset of a time.
type moment struct{ at time.Time }

// UnmarshalText reads one.
func (m *moment) UnmarshalText(b []byte) (err error) {
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04:05-0700"} {
		if m.at, err = time.Parse(form, string(b)); err == nil {
			m.at = m.at.UTC()
			return nil
		}
	}
	return fmt.Errorf("%w: a time that cannot be read", payment.ErrMismatch)
}

// Movements lists what moved the balance. PayPal shows a movement up to three hours after it happened. A cursor names
// the beginning of a span of time and a page of it.
func (g *Gateway) Movements(ctx context.Context, from, to time.Time, cursor string) (page []payment.Movement, next string, err error) {
	ctx, done := within(ctx)
	defer done()
	start, n, err := position(from, to, cursor)
	if err != nil || !start.Before(to) {
		return nil, "", err
	}
	end := start.Add(span)
	if end.After(to) {
		end = to
	}
	var a struct {
		Lines []line `json:"transaction_details"`
		Pages int    `json:"total_pages"`
	}
	q := url.Values{"start_date": {start.UTC().Format(time.RFC3339)}, "end_date": {end.UTC().Format(time.RFC3339)},
		"fields": {"transaction_info"}, "balance_affecting_records_only": {"Y"}, "page_size": {strconv.Itoa(pageSize)},
		"page": {strconv.Itoa(n)}}
	if err = g.call(ctx, ask{method: http.MethodGet, path: "/v1/reporting/transactions", query: q}, &a); err != nil {
		return nil, "", err
	}
	for _, l := range a.Lines {
		m, counts, err := l.movement()
		if err != nil {
			return nil, "", err
		}
		if counts && !m.At.Before(start) && m.At.Before(end) {
			page = append(page, m)
		}
	}
	slices.SortStableFunc(page, func(a, b payment.Movement) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Ref, b.Ref)) })
	if err := g.nameDisputes(ctx, page); err != nil {
		return nil, "", err
	}
	switch {
	case n < a.Pages:
		next = fmt.Sprintf("%d.%d", start.Unix(), n+1)
	case end.Before(to):
		next = fmt.Sprintf("%d.1", end.Unix())
	}
	return page, next, nil
}

// position reads a cursor, which never leaves the time that was asked for.
func position(from, to time.Time, cursor string) (start time.Time, page int, err error) {
	if cursor == "" {
		return from, 1, nil
	}
	s, p, _ := strings.Cut(cursor, ".")
	seconds, err := strconv.ParseInt(s, 10, 64)
	if err == nil {
		page, err = strconv.Atoi(p)
	}
	start = time.Unix(seconds, 0).UTC()
	if start.Unix() == from.Unix() {
		start = from
	}
	if err != nil || page < 1 || page > 100_000 || start.Before(from) || !start.Before(to) {
		return start, 0, fmt.Errorf("%w: no place in the statement", payment.ErrRejected)
	}
	return start, page, nil
}

// movement is a line in the seam's words. Denied and pending lines moved nothing.
func (l line) movement() (m payment.Movement, counts bool, err error) {
	i := l.Info
	if i.Status == "D" || i.Status == "P" {
		return m, false, nil
	}
	m = payment.Movement{Ref: i.ID, Reference: ours(i.Custom), At: i.At.at}
	if m.Amount, m.Currency, err = i.Amount.read(); err != nil {
		return m, false, err
	}
	fee, err := i.Fee.maybe(m.Currency)
	if err != nil || m.Ref == "" || len(m.Ref) > 200 || m.At.IsZero() {
		return m, false, fmt.Errorf("%w: a line that cannot be read", payment.ErrMismatch)
	}
	m.Fee, m.Kind = -fee, sort(i.Code, m.Amount)
	switch m.Kind {
	case payment.MovedPayment:
		m.Charge = i.ID
	case payment.MovedRefund:
		m.Refund = i.ID
	case payment.MovedPayout:
		m.Payout = i.ID
	}
	if m.Charge == "" && i.AboveIs == "TXN" {
		m.Charge = i.Above
	}
	return m, true, nil
}

// sort says what a code of PayPal means for the books. Its first three letters are the group.
func sort(code string, amount money.Amount) payment.MovementKind {
	switch {
	case code == "T1107":
		return payment.MovedRefund
	case slices.Contains([]string{"T1106", "T1110", "T1201"}, code) && amount < 0:
		return payment.MovedDispute
	case slices.Contains([]string{"T1106", "T1110", "T1111", "T1201", "T1202"}, code):
		return payment.MovedWon
	case code == "T0106" || code == "T0114":
		return payment.MovedDisputeFee
	case strings.HasPrefix(code, "T00") && amount > 0:
		return payment.MovedPayment
	case strings.HasPrefix(code, "T01") || code == "T1108" || code == "T1109":
		return payment.MovedFee
	case strings.HasPrefix(code, "T04"):
		return payment.MovedPayout
	}
	return payment.MovedAdjustment
}

// nameDisputes finds the disputes behind a page's lines, which name only the money. They are few.
func (g *Gateway) nameDisputes(ctx context.Context, page []payment.Movement) error {
	known := map[string]string{}
	for i, m := range page {
		about := m.Kind == payment.MovedDispute || m.Kind == payment.MovedWon || m.Kind == payment.MovedDisputeFee
		if !about || !orderForm.MatchString(m.Charge) {
			continue
		}
		ref, asked := known[m.Charge]
		if !asked {
			list, _, err := g.listed(ctx, url.Values{"disputed_transaction_id": {m.Charge}})
			if err != nil {
				return err
			}
			if len(list) > 0 {
				ref = list[0].ID
			}
			known[m.Charge] = ref
		}
		page[i].Dispute = ref
	}
	return nil
}

// MovementsOf lists what moved for one order, with the fees that PayPal took and gave back: for sessions that are
// known this needs no search and no waiting.
func (g *Gateway) MovementsOf(ctx context.Context, ref string) ([]payment.Movement, error) {
	ctx, done := within(ctx)
	defer done()
	o, s, err := g.paidOrder(ctx, ref)
	if err != nil {
		return nil, err
	}
	var list []payment.Movement
	base := payment.Movement{Session: s.Ref, Reference: s.Reference, Currency: s.Currency}
	for _, c := range o.Units[0].Payments.Captures {
		if !slices.Contains([]string{"COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"}, c.Status) {
			continue
		}
		m := base
		m.Ref, m.Kind, m.Charge, m.At = c.ID, payment.MovedPayment, c.ID, c.Created.UTC()
		if m.Amount, err = c.Amount.in(s.Currency); err == nil {
			m.Fee, err = c.Share.Fee.maybe(s.Currency)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	for _, r := range o.Units[0].Payments.Refunds {
		if r.Status != "COMPLETED" {
			continue
		}
		m := base
		m.Ref, m.Kind, m.Charge, m.Refund, m.At = r.ID, payment.MovedRefund, s.Charge, r.ID, r.Created.UTC()
		amount, err := r.Amount.in(s.Currency)
		if err != nil {
			return nil, err
		}
		fee, err := r.Share.Fee.maybe(s.Currency)
		if err != nil {
			return nil, err
		}
		m.Amount, m.Fee = -amount, -fee
		list = append(list, m)
	}
	slices.SortStableFunc(list, func(a, b payment.Movement) int { return a.At.Compare(b.At) })
	return list, nil
}
