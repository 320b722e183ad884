package stripe

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"time"

	api "github.com/stripe/stripe-go/v85"

	"strongroom/base/money"
	"strongroom/shop/payment"
)

var disputeForm = regexp.MustCompile(`^(dp|du)_[A-Za-z0-9_]{1,190}$`)

// longestDispute is how long a dispute may take from its opening to its end, with a margin. Stripe lists disputes by when
// they were opened, not by when they changed.
const longestDispute = 150 * 24 * time.Hour

// disputeStates are Stripe's words. An inquiry that ends without a dispute took no money, so it is won.
var disputeStates = map[api.DisputeStatus]payment.DisputeStatus{
	"warning_needs_response": payment.DisputeInquiry, "warning_under_review": payment.DisputeInquiry, "warning_closed": payment.DisputeWon,
	"needs_response": payment.DisputeOpen, "under_review": payment.DisputeReview,
	"won": payment.DisputeWon, "prevented": payment.DisputeWon, "lost": payment.DisputeLost}

// Dispute asks how one stands.
func (g *Gateway) Dispute(ctx context.Context, ref string) (payment.DisputeAnswer, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	d, err := g.dispute(ctx, ref)
	if err != nil {
		return payment.DisputeAnswer{}, err
	}
	out, err := g.about(d, ref)
	if err == nil && d.PaymentIntent != nil {
		out.Session = g.sessionOf(ctx, d.PaymentIntent.ID)
	}
	return out, err
}

func (g *Gateway) dispute(ctx context.Context, ref string) (*api.Dispute, error) {
	if !disputeForm.MatchString(ref) {
		return nil, refused(payment.ErrNotFound, "no dispute is called so")
	}
	return ask[api.Dispute](ctx, g, http.MethodGet, "/v1/disputes/"+ref, "", &api.DisputeParams{})
}

// about says what an answer means.
func (g *Gateway) about(d *api.Dispute, ref string) (payment.DisputeAnswer, error) {
	var none payment.DisputeAnswer
	if d == nil || !disputeForm.MatchString(d.ID) || ref != "" && d.ID != ref || d.Livemode != g.live() {
		return none, refused(payment.ErrMismatch, "the answer is about another dispute")
	}
	c := currency(d.Currency)
	amount, err := fromStripe(d.Amount, c)
	if err != nil {
		return none, err
	}
	state, ok := disputeStates[d.Status]
	if !ok {
		state = payment.DisputeOpen // a word that we do not know: somebody looks
	}
	if state == payment.DisputeLost && d.Metadata[metaAccepted] != "" {
		state = payment.DisputeAccepted
	}
	out := payment.DisputeAnswer{Ref: d.ID, Status: state, Reason: reason(string(d.Reason)), Amount: amount, Currency: c,
		Account: g.accountID(), Mode: modeOf(d.Livemode), Opened: time.Unix(d.Created, 0).UTC()}
	if d.Charge != nil {
		out.Charge = d.Charge.ID
	}
	if e := d.EvidenceDetails; e != nil && e.DueBy > 0 && (state == payment.DisputeOpen || d.Status == "warning_needs_response") {
		out.Due = time.Unix(e.DueBy, 0).UTC()
	}
	out.Taken, out.Fee, err = taken(d.BalanceTransactions, c, amount)
	return out, err
}

func reason(s string) string {
	if s = word(s); s == "" {
		return "general"
	}
	return s
}

// taken sums up what a dispute took and gave back. Where the account is kept in another currency than the dispute, its lines
// say that the disputed sum was taken or given back, and not how much that is in the currency of the dispute.
func taken(lines []*api.BalanceTransaction, c money.Currency, amount money.Amount) (sum, fee money.Amount, err error) {
	for _, t := range lines {
		switch {
		case t == nil || t.Amount == 0 && t.Fee == 0:
			continue
		case currency(t.Currency) != c && t.Amount < 0:
			sum += amount
			continue
		case currency(t.Currency) != c && t.Amount > 0:
			sum -= amount
			continue
		case currency(t.Currency) != c:
			continue
		}
		var a, f money.Amount
		if a, err = fromStripe(t.Amount, currency(t.Currency)); err == nil {
			f, err = fromStripe(t.Fee, currency(t.Currency))
		}
		if err != nil {
			return 0, 0, err
		}
		sum, fee = sum-a, fee+f
	}
	return sum, fee, nil
}

// sessionOf finds the session of a payment; what cannot be had is left out, because the charge leads there too.
func (g *Gateway) sessionOf(ctx context.Context, intent string) string {
	p := &api.CheckoutSessionListParams{PaymentIntent: api.String(intent)}
	p.Limit = api.Int64(1)
	found, err := list[api.CheckoutSessionList](ctx, g, "/v1/checkout/sessions", p)
	if err != nil || len(found.Data) == 0 || found.Data[0] == nil {
		return ""
	}
	return found.Data[0].ID
}

// Disputes lists all that can have changed since a moment: those that were opened a few months before it and later.
func (g *Gateway) Disputes(ctx context.Context, since time.Time, cursor string) (page []payment.DisputeAnswer, next string, err error) {
	ctx, cancel := within(ctx)
	defer cancel()
	p := &api.DisputeListParams{CreatedRange: &api.RangeQueryParams{GreaterThanOrEqual: max(1, seconds(since.Add(-longestDispute)))}}
	p.Limit = api.Int64(pageSize)
	if cursor != "" {
		if !disputeForm.MatchString(cursor) {
			return nil, "", refused(payment.ErrNotFound, "no dispute is called so")
		}
		p.StartingAfter = api.String(cursor)
	}
	found, err := list[api.DisputeList](ctx, g, "/v1/disputes", p)
	if err != nil {
		return nil, "", err
	}
	for _, d := range found.Data {
		a, err := g.about(d, "")
		if err != nil {
			return nil, "", err
		}
		page = append(page, a)
	}
	if n := len(found.Data); found.HasMore && n > 0 {
		next = found.Data[n-1].ID
	}
	return page, next, nil
}

// maxEvidence is what Stripe takes of all texts together.
const maxEvidence = 150_000

// Answer sends evidence. What was submitted goes to the bank and cannot be changed.
func (g *Gateway) Answer(ctx context.Context, key, ref string, e payment.Evidence) (payment.DisputeAnswer, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	if !disputeForm.MatchString(ref) {
		return payment.DisputeAnswer{}, refused(payment.ErrNotFound, "no dispute is called so")
	}
	n := 0
	text := func(s string) *string {
		if n += len(s); strings.TrimSpace(s) == "" {
			return nil
		}
		return &s
	}
	p := &api.DisputeParams{Submit: api.Bool(e.Submit), Evidence: &api.DisputeEvidenceParams{
		ProductDescription: text(e.Product), CustomerName: text(e.Buyer), CustomerEmailAddress: text(e.Email),
		ShippingAddress: text(e.Address), ShippingCarrier: text(e.Carrier), ShippingTrackingNumber: text(e.Tracking),
		RefundPolicyDisclosure: text(e.Policy), UncategorizedText: text(e.Text)}}
	if !e.ShippedAt.IsZero() {
		p.Evidence.ShippingDate = api.String(e.ShippedAt.Format(time.DateOnly))
	}
	if n > maxEvidence {
		return payment.DisputeAnswer{}, refused(payment.ErrRejected, "the evidence is longer than Stripe takes")
	}
	d, err := ask[api.Dispute](ctx, g, http.MethodPost, "/v1/disputes/"+ref, key, p)
	if err != nil {
		return payment.DisputeAnswer{}, err
	}
	return g.about(d, ref)
}

// Accept gives up. Stripe calls the dispute lost then; a mark tells it from one that the bank decided.
func (g *Gateway) Accept(ctx context.Context, key, ref string) (payment.DisputeAnswer, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	if !disputeForm.MatchString(ref) {
		return payment.DisputeAnswer{}, refused(payment.ErrNotFound, "no dispute is called so")
	}
	var r *refusal
	_, err := ask[api.Dispute](ctx, g, http.MethodPost, "/v1/disputes/"+ref, key+"-mark",
		&api.DisputeParams{Submit: api.Bool(false), Metadata: map[string]string{metaAccepted: "1"}})
	if err == nil {
		_, err = ask[api.Dispute](ctx, g, http.MethodPost, "/v1/disputes/"+ref+"/close", key, &api.DisputeParams{})
	}
	if err != nil && (!errors.As(err, &r) || r.status != http.StatusBadRequest) {
		return payment.DisputeAnswer{}, err
	}
	now, ferr := g.Dispute(ctx, ref)
	if ferr == nil && err != nil && now.Status != payment.DisputeLost && now.Status != payment.DisputeAccepted {
		return payment.DisputeAnswer{}, err
	}
	return now, ferr
}
