package sandbox

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"strongroom/base/money"
	"strongroom/shop/payment"
)

var (
	_ payment.Statement = (*Gateway)(nil)
	_ payment.Disputer  = (*Gateway)(nil)
)

// movementAnswer is one line of the provider's account.
type movementAnswer struct {
	ID        string `json:"id"`
	Kind      string `json:"kind"`
	Session   string `json:"session"`
	Reference string `json:"reference"`
	Charge    string `json:"charge"`
	Refund    string `json:"refund"`
	Dispute   string `json:"dispute"`
	Payout    string `json:"payout"`
	Amount    int64  `json:"amount"`
	Fee       int64  `json:"fee"`
	Currency  string `json:"currency"`
	At        int64  `json:"at"` // microseconds
}

// movedAs translates the provider's words; what is not in it is an adjustment.
func movedAs(kind string) payment.MovementKind {
	switch k := payment.MovementKind(kind); k {
	case payment.MovedPayment, payment.MovedRefund, payment.MovedPayout, payment.MovedDispute, payment.MovedWon, payment.MovedFee, payment.MovedDisputeFee:
		return k
	}
	return payment.MovedAdjustment
}

// Movements lists what moved on the account.
func (g *Gateway) Movements(ctx context.Context, from, to time.Time, cursor string) (page []payment.Movement, next string, err error) {
	q := url.Values{"from": {strconv.FormatInt(from.UnixMicro(), 10)}, "to": {strconv.FormatInt(to.UnixMicro(), 10)}, "cursor": {cursor}}
	var a struct {
		Movements []movementAnswer `json:"movements"`
		Next      string           `json:"next"`
	}
	if err := g.call(ctx, http.MethodGet, "/v1/movements?"+q.Encode(), "", nil, &a); err != nil {
		return nil, "", err
	}
	for _, m := range a.Movements {
		if m.ID == "" {
			return nil, "", payment.ErrMismatch
		}
		page = append(page, payment.Movement{Ref: m.ID, Kind: movedAs(m.Kind), Session: m.Session, Charge: m.Charge, Refund: m.Refund,
			Dispute: m.Dispute, Payout: m.Payout, Reference: m.Reference, Amount: money.Amount(m.Amount), Fee: money.Amount(m.Fee),
			Currency: money.Currency(m.Currency), At: time.UnixMicro(m.At).UTC()})
	}
	return page, a.Next, nil
}

// disputeAnswer is the provider's description of a dispute.
type disputeAnswer struct {
	ID       string `json:"id"`
	Account  string `json:"account"`
	Mode     string `json:"mode"`
	Session  string `json:"session"`
	Charge   string `json:"charge"`
	Status   string `json:"status"`
	Reason   string `json:"reason"`
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
	Opened   int64  `json:"opened"`
	Due      int64  `json:"due"`
	Taken    int64  `json:"taken"`
	Fee      int64  `json:"fee"`
}

func (a disputeAnswer) answer() payment.DisputeAnswer {
	d := payment.DisputeAnswer{Ref: a.ID, Session: a.Session, Charge: a.Charge, Status: payment.DisputeStatus(a.Status), Reason: a.Reason,
		Amount: money.Amount(a.Amount), Currency: money.Currency(a.Currency), Account: a.Account, Mode: payment.Mode(a.Mode),
		Opened: time.Unix(a.Opened, 0).UTC(), Taken: money.Amount(a.Taken), Fee: money.Amount(a.Fee)}
	if a.Due > 0 {
		d.Due = time.Unix(a.Due, 0).UTC()
	}
	return d
}

func (g *Gateway) dispute(ctx context.Context, method, path, key, ref string, in any) (payment.DisputeAnswer, error) {
	if ref == "" {
		return payment.DisputeAnswer{}, payment.ErrNotFound
	}
	var a disputeAnswer
	if err := g.call(ctx, method, "/v1/disputes/"+url.PathEscape(ref)+path, key, in, &a); err != nil {
		return payment.DisputeAnswer{}, err
	}
	if a.ID != ref {
		return payment.DisputeAnswer{}, payment.ErrMismatch
	}
	return a.answer(), nil
}

// Dispute asks how a dispute stands.
func (g *Gateway) Dispute(ctx context.Context, ref string) (payment.DisputeAnswer, error) {
	return g.dispute(ctx, http.MethodGet, "", "", ref, nil)
}

// Disputes lists those that changed since a moment.
func (g *Gateway) Disputes(ctx context.Context, since time.Time, cursor string) (page []payment.DisputeAnswer, next string, err error) {
	q := url.Values{"since": {strconv.FormatInt(max(since.Unix(), 0), 10)}, "cursor": {cursor}}
	var a struct {
		Disputes []disputeAnswer `json:"disputes"`
		Next     string          `json:"next"`
	}
	if err := g.call(ctx, http.MethodGet, "/v1/disputes?"+q.Encode(), "", nil, &a); err != nil {
		return nil, "", err
	}
	for _, d := range a.Disputes {
		page = append(page, d.answer())
	}
	return page, a.Next, nil
}

type answerRequest struct {
	Fields map[string]string `json:"fields"`
	Submit bool              `json:"submit"`
}

// Answer sends evidence.
func (g *Gateway) Answer(ctx context.Context, key, ref string, e payment.Evidence) (payment.DisputeAnswer, error) {
	f := map[string]string{"product": e.Product, "buyer": e.Buyer, "email": e.Email, "address": e.Address, "carrier": e.Carrier,
		"tracking": e.Tracking, "policy": e.Policy, "text": e.Text}
	if !e.ShippedAt.IsZero() {
		f["shipped_at"] = e.ShippedAt.UTC().Format(time.RFC3339)
	}
	return g.dispute(ctx, http.MethodPost, "/answer", key, ref, answerRequest{f, e.Submit})
}

// Accept gives a dispute up.
func (g *Gateway) Accept(ctx context.Context, key, ref string) (payment.DisputeAnswer, error) {
	return g.dispute(ctx, http.MethodPost, "/accept", key, ref, nil)
}
