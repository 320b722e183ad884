package paypal

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"strconv"
	"strings"
	"time"
)

// dispute is a claim of a buyer or her bank.
type dispute struct {
	id, status, stage, outcome string
	order                      *order
	charge                     *capture
	created, changed, due      time.Time
	moved                      []object
	heard                      []string // kinds of evidence
}

// chargeback is what PayPal takes for one.
const chargeback = 1600

// Dispute opens a dispute about a capture. An inquiry takes no money; a claim takes it at once.
func (s *Server) Dispute(capture string, inquiry bool) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.due()
	for _, o := range s.orders {
		for _, c := range o.captures {
			if c.id != capture {
				continue
			}
			d := &dispute{id: "PP-D-" + strconv.Itoa(10_000+len(s.disputes)), status: "WAITING_FOR_SELLER_RESPONSE", stage: "CHARGEBACK",
				order: o, charge: c, created: s.now(), changed: s.now(), due: s.now().Add(10 * 24 * time.Hour)}
			s.disputes = append(s.disputes, d)
			if inquiry {
				d.stage = "INQUIRY"
			} else {
				s.take(d)
			}
			s.tell(o.app, "CUSTOMER.DISPUTE.CREATED", "dispute", "", s.describeDispute(d))
			return d.id
		}
	}
	return ""
}

// take moves the sum and the fee out of the merchant's account.
func (s *Server) take(d *dispute) {
	if len(d.moved) > 0 {
		return
	}
	d.moves("DEBIT", "DISPUTE_SETTLEMENT", d.charge.sum, s.now())
	d.moves("DEBIT", "CHARGEBACK_FEE", cash{chargeback, d.charge.sum.currency}, s.now())
	app := d.order.app
	s.book(line{code: "T1201", id: name(17), above: d.charge.id, sum: cash{-d.charge.sum.n, d.charge.sum.currency}, app: app})
	s.book(line{code: "T0106", id: name(17), above: d.charge.id, sum: cash{-chargeback, d.charge.sum.currency}, app: app})
}

func (d *dispute) moves(way, why string, sum cash, at time.Time) {
	d.moved = append(d.moved, object{"affected_party": "SELLER", "amount": sum.json(), "initiated_time": stamp(at), "type": way, "reason": why})
}

// Decide ends a dispute as the bank does.
func (s *Server) Decide(id string, sellerWins bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.due()
	for _, d := range s.disputes {
		if d.id == id && d.status != "RESOLVED" {
			s.end(d, map[bool]string{true: "RESOLVED_SELLER_FAVOUR", false: "RESOLVED_BUYER_FAVOUR"}[sellerWins])
		}
	}
}

func (s *Server) end(d *dispute, outcome string) {
	d.status, d.outcome, d.changed = "RESOLVED", outcome, s.now()
	if outcome != "RESOLVED_SELLER_FAVOUR" {
		s.take(d)
	} else if len(d.moved) > 0 {
		d.moves("CREDIT", "DISPUTE_SETTLEMENT", d.charge.sum, s.now())
		s.book(line{code: "T1202", id: name(17), above: d.charge.id, sum: d.charge.sum, app: d.order.app})
	}
	s.tell(d.order.app, "CUSTOMER.DISPUTE.RESOLVED", "dispute", "", s.describeDispute(d))
}

func (s *Server) describeDispute(d *dispute) object {
	t := object{"seller_transaction_id": d.charge.id, "create_time": stamp(d.charge.created), "transaction_status": "COMPLETED",
		"gross_amount": d.charge.sum.json(), "seller": object{"merchant_id": d.order.app.Merchant, "name": "The merchant"},
		"buyer": object{"name": "Bella Buyer"}}
	put(t, "custom", d.order.custom)
	put(t, "invoice_number", d.order.invoice)
	o := object{"dispute_id": d.id, "create_time": stamp(d.created), "update_time": stamp(d.changed), "disputed_transactions": []object{t},
		"reason": "UNAUTHORISED", "status": d.status, "dispute_amount": d.charge.sum.json(), "dispute_life_cycle_stage": d.stage,
		"dispute_channel": "EXTERNAL", "links": []object{{"href": s.o.Base + "/v1/customer/disputes/" + d.id, "rel": "self", "method": "GET"}}}
	if d.status == "WAITING_FOR_SELLER_RESPONSE" {
		o["seller_response_due_date"] = stamp(d.due)
	}
	if d.outcome != "" {
		o["dispute_outcome"] = object{"outcome_code": d.outcome}
	}
	if len(d.moved) > 0 {
		o["money_movements"] = d.moved
	}
	return o
}

func (s *Server) dispute(c call) *dispute {
	for _, d := range s.disputes {
		if d.id == c.id && d.order.app.Merchant == c.app.Merchant {
			return d
		}
	}
	return nil
}

func (s *Server) showDispute(c call) (int, any) {
	d := s.dispute(c)
	if d == nil {
		return missing()
	}
	return 200, s.describeDispute(d)
}

func (s *Server) listDisputes(c call) (int, any) {
	q := c.r.URL.Query()
	size, err := strconv.Atoi(q.Get("page_size"))
	if err != nil || size < 1 || size > 50 {
		size = 10
	}
	after, _ := time.Parse(time.RFC3339, q.Get("update_time_after"))
	skip := 0
	if raw, err := base64.StdEncoding.DecodeString(q.Get("next_page_token")); err == nil {
		skip, _ = strconv.Atoi(string(raw))
	}
	var found []*dispute
	for _, d := range s.disputes {
		about := q.Get("disputed_transaction_id")
		if d.order.app.Merchant == c.app.Merchant && !d.changed.Before(after) && (about == "" || about == d.charge.id) {
			found = append(found, d)
		}
	}
	here := s.o.Base + "/v1/customer/disputes"
	out := object{"links": []object{{"href": here, "rel": "self", "method": "GET"}}}
	found = found[min(skip, len(found)):]
	if len(found) > size {
		q.Set("next_page_token", base64.StdEncoding.EncodeToString([]byte(strconv.Itoa(skip+size))))
		out["links"] = append(list(out["links"]), object{"href": here + "?" + q.Encode(), "rel": "next", "method": "GET"})
		found = found[:size]
	}
	for _, d := range found {
		whole := s.describeDispute(d)
		part := object{}
		for _, k := range []string{"dispute_id", "create_time", "update_time", "reason", "status", "dispute_amount", "dispute_life_cycle_stage", "dispute_channel", "links"} {
			part[k] = whole[k]
		}
		out["items"] = append(list(out["items"]), part)
	}
	return 200, out
}

// input reads the JSON part of a form.
func (c call) input(v any) bool {
	kind, params, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return false
	}
	m := multipart.NewReader(strings.NewReader(string(c.body)), params["boundary"])
	for {
		p, err := m.NextPart()
		if err != nil {
			return false
		}
		if p.FormName() == "input" && p.Header.Get("Content-Type") == "application/json" {
			raw, err := io.ReadAll(p)
			return err == nil && json.Unmarshal(raw, v) == nil
		}
	}
}

func (s *Server) evidence(c call) (int, any) {
	var in struct {
		Evidences []struct {
			Type string `json:"evidence_type"`
		} `json:"evidences"`
	}
	d := s.dispute(c)
	switch {
	case d == nil:
		return missing()
	case !c.input(&in) || len(in.Evidences) == 0:
		return 400, problem("VALIDATION_ERROR", "")
	case d.status != "WAITING_FOR_SELLER_RESPONSE":
		return 422, problem("UNPROCESSABLE_ENTITY", "ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE")
	}
	for _, e := range in.Evidences {
		d.heard = append(d.heard, e.Type)
	}
	d.status, d.changed = "UNDER_REVIEW", s.now()
	s.tell(d.order.app, "CUSTOMER.DISPUTE.UPDATED", "dispute", "", s.describeDispute(d))
	return 200, s.linked(d)
}

func (s *Server) accept(c call) (int, any) {
	var in struct {
		Note string `json:"note"`
	}
	d := s.dispute(c)
	switch {
	case d == nil:
		return missing()
	case !c.input(&in) || in.Note == "":
		return 400, problem("VALIDATION_ERROR", "")
	case d.status == "RESOLVED":
		return 422, problem("UNPROCESSABLE_ENTITY", "ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE")
	}
	s.end(d, "ACCEPTED")
	return 200, s.linked(d)
}

func (s *Server) linked(d *dispute) object {
	return object{"links": []object{{"href": s.o.Base + "/v1/customer/disputes/" + d.id, "rel": "self", "method": "GET"}}}
}

// Heard are the kinds of evidence that a dispute was answered with.
func (s *Server) Heard(id string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.disputes {
		if d.id == id {
			return append([]string(nil), d.heard...)
		}
	}
	return nil
}
