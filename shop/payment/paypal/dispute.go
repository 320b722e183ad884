package paypal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"strongroom/base/money"
	"strongroom/shop/payment"
)

type dispute struct {
	ID       string     `json:"dispute_id"`
	Created  time.Time  `json:"create_time"`
	Disputed []disputed `json:"disputed_transactions"`
	Reason   string     `json:"reason"`
	Status   string     `json:"status"`
	Amount   sum        `json:"dispute_amount"`
	Stage    string     `json:"dispute_life_cycle_stage"`
	Due      time.Time  `json:"seller_response_due_date"`
	Outcome  struct {
		Code string `json:"outcome_code"`
	} `json:"dispute_outcome"`
	Moved []struct {
		Party  string `json:"affected_party"`
		Type   string `json:"type"`
		Reason string `json:"reason"`
		Amount sum    `json:"amount"`
	} `json:"money_movements"`
}

// disputed is the transaction that a dispute is about.
type disputed struct {
	Charge string `json:"seller_transaction_id"`
	Custom string `json:"custom"`
	Seller struct {
		Merchant string `json:"merchant_id"`
	} `json:"seller"`
}

var reasons = map[string]string{"MERCHANDISE_OR_SERVICE_NOT_RECEIVED": "not_received",
	"MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED": "not_as_described", "UNAUTHORISED": "fraudulent",
	"CREDIT_NOT_PROCESSED": "credit_not_processed", "DUPLICATE_TRANSACTION": "duplicate", "INCORRECT_AMOUNT": "incorrect_amount",
	"PAYMENT_BY_OTHER_MEANS": "paid_otherwise", "CANCELED_RECURRING_BILLING": "subscription_canceled",
	"PROBLEM_WITH_REMITTANCE": "remittance"}

// Dispute asks how one stands.
func (g *Gateway) Dispute(ctx context.Context, ref string) (payment.DisputeAnswer, error) {
	ctx, done := within(ctx)
	defer done()
	return g.dispute(ctx, ref)
}

func (g *Gateway) dispute(ctx context.Context, ref string) (a payment.DisputeAnswer, err error) {
	if !idForm.MatchString(ref) || strings.ContainsAny(ref, "._") {
		return a, payment.ErrNotFound
	}
	var d dispute
	if err = g.call(ctx, ask{method: http.MethodGet, path: "/v1/customer/disputes/" + ref}, &d); err != nil {
		return a, err
	}
	if d.ID != ref {
		return a, fmt.Errorf("%w: another dispute", payment.ErrMismatch)
	}
	if a, err = g.about(d); err == nil && orderForm.MatchString(a.Charge) {
		a.Session, err = g.orderOf(ctx, a.Charge)
	}
	return a, err
}

// about is a dispute in the seam's words.
func (g *Gateway) about(d dispute) (a payment.DisputeAnswer, err error) {
	a = payment.DisputeAnswer{Ref: d.ID, Reason: reasons[d.Reason], Account: g.o.Account, Mode: g.o.Mode, Opened: d.Created.UTC()}
	if a.Reason == "" {
		a.Reason = "other"
	}
	if a.Amount, a.Currency, err = d.Amount.read(); err != nil {
		return a, err
	}
	if len(d.Disputed) > 0 {
		a.Charge = d.Disputed[0].Charge
		if m := d.Disputed[0].Seller.Merchant; m != "" {
			a.Account = m
		}
	}
	for _, m := range d.Moved {
		sum, err := m.Amount.in(a.Currency)
		if err != nil {
			return a, err
		}
		if m.Type == "CREDIT" {
			sum = -sum
		}
		switch {
		case m.Party != "SELLER":
		case strings.HasSuffix(m.Reason, "_FEE"):
			a.Fee += sum
		default:
			a.Taken += sum
		}
	}
	a.Status = d.standing(a.Taken)
	if a.Status == payment.DisputeOpen || a.Status == payment.DisputeInquiry {
		a.Due = d.Due.UTC()
		if d.Due.IsZero() {
			a.Due = time.Time{}
		}
	}
	return a, nil
}

// standing reads state, stage and outcome together. What PayPal pays out of its own pocket costs the store nothing.
func (d dispute) standing(taken money.Amount) payment.DisputeStatus {
	switch {
	case d.Status == "RESOLVED" && d.Outcome.Code == "ACCEPTED":
		return payment.DisputeAccepted
	case d.Status == "RESOLVED" && (d.Outcome.Code == "RESOLVED_BUYER_FAVOUR" || taken > 0):
		return payment.DisputeLost
	case d.Status == "RESOLVED":
		return payment.DisputeWon
	case d.Status == "UNDER_REVIEW" || d.Status == "WAITING_FOR_BUYER_RESPONSE":
		return payment.DisputeReview
	case d.Stage == "INQUIRY":
		return payment.DisputeInquiry
	}
	return payment.DisputeOpen
}

// orderOf finds the order of a capture. One that PayPal does not know any more leads to none.
func (g *Gateway) orderOf(ctx context.Context, charge string) (string, error) {
	var c capture
	err := g.call(ctx, ask{method: http.MethodGet, path: "/v2/payments/captures/" + charge}, &c)
	if errors.Is(err, payment.ErrNotFound) {
		err = nil
	}
	if !orderForm.MatchString(c.Also.Related.Order) {
		return "", err
	}
	return c.Also.Related.Order, err
}

const (
	disputePage = 10                   // each costs two questions
	disputeAge  = 179 * 24 * time.Hour // PayPal lists those of 180 days
	askers      = 4
)

// Disputes lists those that changed. PayPal's list has summaries only, so each is asked for.
func (g *Gateway) Disputes(ctx context.Context, since time.Time, cursor string) (page []payment.DisputeAnswer, next string, err error) {
	ctx, done := within(ctx)
	defer done()
	if oldest := g.o.Clock.Now().Add(-disputeAge); since.Before(oldest) {
		since = oldest
	}
	q := url.Values{"update_time_after": {since.UTC().Format("2006-01-02T15:04:05.000Z")}, "page_size": {strconv.Itoa(disputePage)}}
	if cursor != "" {
		q.Set("next_page_token", cursor)
	}
	list, next, err := g.listed(ctx, q)
	if err != nil {
		return nil, "", err
	}
	page = make([]payment.DisputeAnswer, len(list))
	errs := make([]error, len(list))
	slots := make(chan struct{}, askers)
	var all sync.WaitGroup
	for i, d := range list {
		slots <- struct{}{}
		all.Go(func() {
			page[i], errs[i] = g.dispute(ctx, d.ID)
			<-slots
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, "", err
	}
	return page, next, nil
}

// listed is a page of the list, and the name of the next one, which stands in its links.
func (g *Gateway) listed(ctx context.Context, q url.Values) (list []dispute, next string, err error) {
	var a struct {
		Items []dispute `json:"items"`
		Links []link    `json:"links"`
	}
	err = g.call(ctx, ask{method: http.MethodGet, path: "/v1/customer/disputes", query: q}, &a)
	for _, l := range a.Links {
		if u, perr := url.Parse(l.Href); perr == nil && l.Rel == "next" {
			next = u.Query().Get("next_page_token")
		}
	}
	if len(next) > 255 || !printable(next) {
		next = ""
	}
	return a.Items, next, err
}

type evidence struct {
	Type  string        `json:"evidence_type"`
	Info  *evidenceInfo `json:"evidence_info,omitempty"`
	Notes string        `json:"notes,omitempty"`
}

type evidenceInfo struct {
	Tracking []tracking `json:"tracking_info"`
}

type tracking struct {
	Carrier string `json:"carrier_name"`
	Other   string `json:"carrier_name_other,omitempty"`
	Number  string `json:"tracking_number"`
}

// Answer sends evidence. PayPal keeps no drafts and takes one answer: without Submit nothing is sent, and of an answered
// dispute only the state is told.
func (g *Gateway) Answer(ctx context.Context, _, ref string, e payment.Evidence) (payment.DisputeAnswer, error) {
	ctx, done := within(ctx)
	defer done()
	d, err := g.dispute(ctx, ref)
	switch {
	case err != nil:
		return payment.DisputeAnswer{}, err
	case d.Status == payment.DisputeReview || !e.Submit && (d.Status == payment.DisputeOpen || d.Status == payment.DisputeInquiry):
		return d, nil
	case d.Status != payment.DisputeOpen && d.Status != payment.DisputeInquiry:
		return payment.DisputeAnswer{}, fmt.Errorf("%w: the dispute is over", payment.ErrDeclined)
	}
	in := map[string]any{"evidences": proofs(e)}
	if err := g.form(ctx, "/v1/customer/disputes/"+ref+"/provide-evidence", in); err != nil {
		return payment.DisputeAnswer{}, err
	}
	return g.dispute(ctx, ref)
}

// carriers are those that PayPal knows by a short name of their own; others are named in words.
var carriers = []string{"DHL", "UPS", "FEDEX", "TNT", "USPS", "GLS", "HERMES", "DPD", "YODEL", "BPOST", "POSTNL"}

// proofs is evidence in PayPal's kinds.
func proofs(e payment.Evidence) []evidence {
	var list []evidence
	shipped := e.Address
	if !e.ShippedAt.IsZero() {
		shipped = e.ShippedAt.UTC().Format(time.DateOnly) + " " + shipped
	}
	to := strings.TrimSpace(strings.Join([]string{e.Buyer, e.Email, shipped}, ", "))
	if e.Tracking != "" {
		t := tracking{Carrier: strings.ToUpper(e.Carrier), Number: cut(e.Tracking, 255)}
		if !slices.Contains(carriers, t.Carrier) {
			t.Carrier, t.Other = "OTHER", cut(e.Carrier, 2000)
			if t.Other == "" {
				t.Other = "unknown"
			}
		}
		list = append(list, evidence{"PROOF_OF_FULFILLMENT", &evidenceInfo{[]tracking{t}}, cut(to, 2000)})
	} else if strings.Trim(to, ", ") != "" {
		list = append(list, evidence{Type: "DELIVERY_ADDRESS", Notes: cut(to, 2000)})
	}
	for _, p := range []evidence{{Type: "ITEM_DESCRIPTION", Notes: e.Product}, {Type: "RETURN_POLICY", Notes: e.Policy}, {Type: "OTHER", Notes: e.Text}} {
		if p.Notes = cut(p.Notes, 2000); p.Notes != "" {
			list = append(list, p)
		}
	}
	return list
}

// cut shortens a text to what PayPal takes, at the end of a letter.
func cut(s string, most int) string {
	s = strings.TrimSpace(s)
	for i := range s {
		if most--; most < 0 {
			return s[:i]
		}
	}
	return s
}

// Accept gives up: PayPal refunds the buyer out of the store's account.
func (g *Gateway) Accept(ctx context.Context, _, ref string) (payment.DisputeAnswer, error) {
	ctx, done := within(ctx)
	defer done()
	d, err := g.dispute(ctx, ref)
	switch {
	case err != nil:
		return payment.DisputeAnswer{}, err
	case d.Status == payment.DisputeAccepted || d.Status == payment.DisputeLost:
		return d, nil
	case d.Status == payment.DisputeWon:
		return payment.DisputeAnswer{}, fmt.Errorf("%w: the dispute is won", payment.ErrDeclined)
	}
	in := map[string]any{"note": "The store accepts the claim.", "accept_claim_type": "REFUND"}
	if err := g.form(ctx, "/v1/customer/disputes/"+ref+"/accept-claim", in); err != nil {
		return payment.DisputeAnswer{}, err
	}
	return g.dispute(ctx, ref)
}

// form sends JSON as the one part of a form, which is how disputes are answered. It is not repeated: the dispute itself
// tells whether it was heard.
func (g *Gateway) form(ctx context.Context, path string, in any) error {
	raw, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("%w: %w", payment.ErrRejected, err)
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="input"`}, "Content-Type": {"application/json"}})
	if err == nil {
		_, err = part.Write(raw)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return fmt.Errorf("%w: %w", payment.ErrRejected, err)
	}
	return g.call(ctx, ask{method: http.MethodPost, path: path, body: b.Bytes(), form: w.FormDataContentType(), once: true}, nil)
}
