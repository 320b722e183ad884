package sandbox

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"strongroom/base/money"
	"strongroom/shop/payment"
)

// sessionAnswer is the provider's description of a session.
type sessionAnswer struct {
	ID        string         `json:"id"`
	Account   string         `json:"account"`
	Mode      string         `json:"mode"`
	Reference string         `json:"reference"`
	Status    string         `json:"status"`
	Amount    int64          `json:"amount"`
	Currency  string         `json:"currency"`
	Charge    string         `json:"charge"`
	Captured  int64          `json:"captured"`
	Refunded  int64          `json:"refunded"`
	Refunds   []refundAnswer `json:"refunds"`
	URL       string         `json:"url"`
	Expires   int64          `json:"expires"`
	HeldUntil int64          `json:"held_until"` // seconds; 0 when nothing is held
	Declines  int64          `json:"declines"`
	Secured   bool           `json:"secured"`
	Dispute   string         `json:"dispute"`
}

type refundAnswer struct {
	ID     string `json:"id"`
	Key    string `json:"key"`
	Status string `json:"status"`
	Amount int64  `json:"amount"`
}

func (a sessionAnswer) session() payment.Session {
	s := payment.Session{Ref: a.ID, Charge: a.Charge, Status: payment.Status(a.Status), Amount: money.Amount(a.Amount),
		Currency: money.Currency(a.Currency), Reference: a.Reference, Account: a.Account, Mode: payment.Mode(a.Mode),
		Captured: money.Amount(a.Captured), Refunded: money.Amount(a.Refunded), URL: a.URL, Expires: time.Unix(a.Expires, 0).UTC(),
		Signals: payment.Signals{Declines: a.Declines, Secured: a.Secured, Dispute: a.Dispute}}
	if a.HeldUntil > 0 {
		s.HeldUntil = time.Unix(a.HeldUntil, 0).UTC()
	}
	for i, r := range a.Refunds {
		if i < payment.MaxRefunds {
			s.Refunds = append(s.Refunds, r.answer())
		}
	}
	return s
}

func (r refundAnswer) answer() payment.RefundAnswer {
	return payment.RefundAnswer{Ref: r.ID, Key: r.Key, Status: payment.RefundStatus(r.Status), Amount: money.Amount(r.Amount)}
}

// known says whether the answer is complete and, if it names a hosted page, whether that stands where it must: a
// shopper is never sent to another host.
func (g *Gateway) known(a sessionAnswer, ref string) (payment.Session, error) {
	if a.ID == "" || (ref != "" && a.ID != ref) || len(a.ID) > 200 {
		return payment.Session{}, payment.ErrMismatch
	}
	if a.URL != "" {
		u, err := url.Parse(a.URL)
		if err != nil || u.User != nil || u.Scheme+"://"+u.Host != g.c.Origin {
			return payment.Session{}, payment.ErrMismatch
		}
	}
	return a.session(), nil
}

type startRequest struct {
	Reference string `json:"reference"`
	Order     string `json:"order"`
	Amount    int64  `json:"amount"`
	Currency  string `json:"currency"`
	Manual    bool   `json:"manual,omitempty"`
	Secure    bool   `json:"secure,omitempty"`
	ReturnURL string `json:"return_url"`
	CancelURL string `json:"cancel_url"`
	Language  string `json:"language"`
	Expires   int64  `json:"expires"`
}

// Start makes a session, or finds the one that the key made.
func (g *Gateway) Start(ctx context.Context, r payment.StartRequest) (payment.Session, error) {
	var a sessionAnswer
	err := g.call(ctx, http.MethodPost, "/v1/sessions", r.Key, startRequest{r.Reference, r.Order, int64(r.Amount),
		string(r.Currency), r.Manual, r.Secure, r.ReturnURL, r.CancelURL, r.Language, r.Expires.Unix()}, &a)
	if err != nil {
		return payment.Session{}, err
	}
	return g.known(a, "")
}

// Fetch asks how a session stands.
func (g *Gateway) Fetch(ctx context.Context, ref string) (payment.Session, error) {
	return g.about(ctx, http.MethodGet, "", "", ref, nil)
}

// Expire closes an open session.
func (g *Gateway) Expire(ctx context.Context, key, ref string) (payment.Session, error) {
	return g.about(ctx, http.MethodPost, "/expire", key, ref, nil)
}

type amountRequest struct {
	Amount int64 `json:"amount"`
	More   bool  `json:"more,omitempty"`
}

// Capture takes a held sum.
func (g *Gateway) Capture(ctx context.Context, key, ref string, amount money.Amount) (payment.Session, error) {
	return g.about(ctx, http.MethodPost, "/capture", key, ref, amountRequest{Amount: int64(amount)})
}

// CapturePart takes a part of a held sum; unless it is the last, the rest stays held.
func (g *Gateway) CapturePart(ctx context.Context, key, ref string, amount money.Amount, last bool) (payment.Session, error) {
	return g.about(ctx, http.MethodPost, "/capture", key, ref, amountRequest{Amount: int64(amount), More: !last})
}

// Void lets a held sum go.
func (g *Gateway) Void(ctx context.Context, key, ref string) (payment.Session, error) {
	return g.about(ctx, http.MethodPost, "/void", key, ref, nil)
}

// Refund gives money back.
func (g *Gateway) Refund(ctx context.Context, key, ref string, amount money.Amount) (payment.RefundAnswer, error) {
	var a refundAnswer
	if err := g.call(ctx, http.MethodPost, "/v1/sessions/"+url.PathEscape(ref)+"/refunds", key, amountRequest{Amount: int64(amount)}, &a); err != nil {
		return payment.RefundAnswer{}, err
	}
	if a.ID == "" {
		return payment.RefundAnswer{}, payment.ErrMismatch
	}
	return a.answer(), nil
}

func (g *Gateway) about(ctx context.Context, method, verb, key, ref string, in any) (payment.Session, error) {
	if ref == "" {
		return payment.Session{}, payment.ErrNotFound
	}
	var a sessionAnswer
	if err := g.call(ctx, method, "/v1/sessions/"+url.PathEscape(ref)+verb, key, in, &a); err != nil {
		return payment.Session{}, err
	}
	return g.known(a, ref)
}
