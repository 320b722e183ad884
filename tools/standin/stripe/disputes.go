package stripe

import (
	"slices"
	"strings"
)

const disputeFee = 1500

var evidenceFields = []string{"product_description", "customer_name", "customer_email_address", "shipping_address", "shipping_carrier",
	"shipping_tracking_number", "shipping_date", "refund_policy_disclosure", "uncategorized_text"}

func disputeParams() []string {
	list := []string{"submit", "metadata[*]"}
	for _, f := range evidenceFields {
		list = append(list, "evidence["+f+"]")
	}
	return list
}

// Dispute opens a dispute about a paid session, as a shopper's bank does.
func (s *Server) Dispute(session string, inquiry bool) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.books {
		v, ok := lookUp(b.sessions, session)
		if !ok || v.intent == nil || v.intent.latest == nil {
			continue
		}
		c := v.intent.latest
		d := &dispute{id: "du_" + random(12), status: "needs_response", reason: "fraudulent", made: s.now(), amount: c.captured, charge: c,
			due: s.now() + 9*24*3600, evidence: map[string]string{}, meta: map[string]string{}}
		if inquiry {
			d.status = "warning_needs_response"
		} else {
			c.disputed = true
			d.lines = append(d.lines, s.enter(b, &line{kind: "adjustment", category: "dispute", currency: c.currency, amount: -d.amount, fee: disputeFee,
				source: d, text: "Chargeback withdrawal"}))
		}
		b.disputes = append(b.disputes, d)
		s.tell(b, "charge.dispute.created", b.dispute(d))
		return d.id
	}
	return ""
}

// Decide ends a dispute as the bank does.
func (s *Server) Decide(id string, won bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.books {
		if d, ok := lookUp(b.disputes, id); ok {
			s.decide(b, d, won)
		}
	}
}

func (s *Server) decide(b *book, d *dispute, won bool) {
	switch {
	case strings.HasPrefix(d.status, "warning"):
		d.status = "warning_closed"
	case won:
		d.status = "won"
		d.lines = append(d.lines, s.enter(b, &line{kind: "adjustment", category: "dispute_reversal", currency: d.charge.currency, amount: d.amount,
			source: d, text: "Chargeback reversal"}))
		s.tell(b, "charge.dispute.funds_reinstated", b.dispute(d))
	default:
		d.status = "lost"
	}
	s.tell(b, "charge.dispute.closed", b.dispute(d))
}

func listDisputes(q *request) (any, *problem) {
	page, more, p := pageOf(q, q.book.disputes, func(d *dispute) bool {
		return (q.form["payment_intent"] == "" || d.charge.intent.id == q.form["payment_intent"]) && (q.form["charge"] == "" || d.charge.id == q.form["charge"])
	})
	var data []any
	for _, d := range page {
		data = append(data, q.book.dispute(d))
	}
	return asList("/v1/disputes", data, more), p
}

func getDispute(q *request) (any, *problem) {
	d, ok := lookUp(q.book.disputes, q.id)
	if !ok {
		return nil, missing("dispute", q.id)
	}
	return q.book.dispute(d), nil
}

func (d *dispute) answerable() bool {
	return slices.Contains([]string{"needs_response", "warning_needs_response"}, d.status)
}

func updateDispute(q *request) (any, *problem) {
	d, ok := lookUp(q.book.disputes, q.id)
	if !ok {
		return nil, missing("dispute", q.id)
	}
	said := q.form.metadata("evidence")
	submit := q.form["submit"] != "false"
	if !d.answerable() && (len(said) > 0 || submit) {
		return nil, bad("", "", "This dispute takes no more evidence; it is "+d.status+".")
	}
	for k, v := range said {
		d.evidence[k] = v
	}
	for k, v := range q.form.metadata("metadata") {
		d.meta[k] = v
	}
	if submit {
		d.submitted++
		d.status = strings.Replace(d.status, "needs_response", "under_review", 1)
	}
	q.server.tell(q.book, "charge.dispute.updated", q.book.dispute(d))
	return q.book.dispute(d), nil
}

func closeDispute(q *request) (any, *problem) {
	d, ok := lookUp(q.book.disputes, q.id)
	switch {
	case !ok:
		return nil, missing("dispute", q.id)
	case !d.answerable():
		return nil, bad("", "", "This dispute is closed already.")
	}
	q.server.decide(q.book, d, false)
	return q.book.dispute(d), nil
}

func (b *book) dispute(d *dispute) map[string]any {
	lines := []any{}
	for _, l := range d.lines {
		lines = append(lines, b.line(l, nil))
	}
	said := map[string]any{}
	for _, f := range evidenceFields {
		said[f] = nil
		if v := d.evidence[f]; v != "" {
			said[f] = v
		}
	}
	return map[string]any{"id": d.id, "object": "dispute", "amount": d.amount, "balance_transactions": lines, "charge": d.charge.id, "created": d.made,
		"currency": d.charge.currency, "evidence": said, "is_charge_refundable": strings.HasPrefix(d.status, "warning"), "livemode": b.live,
		"evidence_details": map[string]any{"due_by": d.due, "has_evidence": len(d.evidence) > 0, "past_due": false, "submission_count": d.submitted},
		"metadata":         d.meta, "payment_intent": d.charge.intent.id, "reason": d.reason, "status": d.status}
}
