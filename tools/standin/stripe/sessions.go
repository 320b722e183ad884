package stripe

import (
	"net/url"
	"slices"
	"strings"
)

var sessionParams = []string{"mode", "submit_type", "locale", "client_reference_id", "metadata[*]", "success_url", "cancel_url",
	"expires_at", "adaptive_pricing[enabled]", "line_items[][quantity]", "line_items[][price_data][currency]",
	"line_items[][price_data][unit_amount]", "line_items[][price_data][product_data][name]", "payment_intent_data[description]",
	"payment_intent_data[metadata][*]", "payment_intent_data[capture_method]", "payment_method_types[]",
	"payment_method_options[card][request_three_d_secure]"}

// late are the methods whose money comes later.
var late = []string{"sepa_debit", "bacs_debit", "us_bank_account"}

const (
	shortest = 30 * 60
	longest  = 24 * 3600
)

func createSession(q *request) (any, *problem) {
	f, now := q.form, q.server.now()
	s := &session{made: now, status: "open", paid: "unpaid", reference: f["client_reference_id"], success: f["success_url"], cancel: f["cancel_url"],
		locale: f["locale"], currency: f["line_items[0][price_data][currency]"], title: f["line_items[0][price_data][product_data][name]"],
		description: f["payment_intent_data[description]"], methods: f.list("payment_method_types"),
		manual: f["payment_intent_data[capture_method]"] == "manual", meta: f.metadata("metadata"),
		intentMeta: f.metadata("payment_intent_data[metadata]"), secure: f["payment_method_options[card][request_three_d_secure]"] != ""}
	unit, p := f.number("line_items[0][price_data][unit_amount]")
	if p != nil {
		return nil, p
	}
	quantity, p := f.number("line_items[0][quantity]")
	if p != nil {
		return nil, p
	}
	if s.amount = unit * quantity; s.expires == 0 {
		s.expires = now + longest
	}
	if v, ok := f["expires_at"]; ok {
		if s.expires, p = f.number("expires_at"); p != nil {
			return nil, p
		}
		if s.expires < now+shortest || s.expires > now+longest {
			return nil, bad("", "expires_at", "The end must be 30 minutes to 24 hours away; it is "+v+".")
		}
	}
	if p := s.refuse(f); p != nil {
		return nil, p
	}
	s.id = "cs_" + q.book.mode() + "_" + random(24)
	s.url = q.server.c.PageOrigin + "/c/pay/" + s.id
	q.book.sessions = append(q.book.sessions, s)
	return q.book.session(s, q.expand), nil
}

// refuse looks for what Stripe would not take.
func (s *session) refuse(f form) *problem {
	switch {
	case f["mode"] != "payment":
		return bad("parameter_missing", "mode", "The mode is missing.")
	case s.success == "" || !webAddress(s.success):
		return bad("url_invalid", "success_url", "Not a valid URL")
	case s.cancel != "" && !webAddress(s.cancel):
		return bad("url_invalid", "cancel_url", "Not a valid URL")
	case len(s.currency) != 3 || strings.ToLower(s.currency) != s.currency:
		return bad("", "currency", "Invalid currency: "+s.currency)
	case s.title == "":
		return bad("parameter_missing", "line_items[0][price_data][product_data][name]", "The name is missing.")
	case s.amount < 50:
		return bad("amount_too_small", "", "The total must be at least 50.")
	case s.amount > 99_999_999:
		return bad("amount_too_large", "", "The total must be no more than 99999999.")
	case len(s.reference) > 200:
		return bad("parameter_invalid", "client_reference_id", "Too long.")
	case len(s.methods) == 0:
		s.methods = []string{"card"}
	}
	if s.manual && slices.ContainsFunc(s.methods, func(m string) bool { return m != "card" }) {
		return bad("", "payment_method_types", "A method cannot hold sums.")
	}
	return nil
}

func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}

func getSession(q *request) (any, *problem) {
	s, ok := lookUp(q.book.sessions, q.id)
	if !ok {
		return nil, missing("checkout.session", q.id)
	}
	return q.book.session(s, q.expand), nil
}

func listSessions(q *request) (any, *problem) {
	page, more, p := pageOf(q, q.book.sessions, func(s *session) bool {
		return (q.form["payment_intent"] == "" || s.intent != nil && s.intent.id == q.form["payment_intent"]) && (q.form["status"] == "" || s.status == q.form["status"])
	})
	var data []any
	for _, s := range page {
		data = append(data, q.book.session(s, below("data", q.expand)))
	}
	return asList("/v1/checkout/sessions", data, more), p
}

func expireSession(q *request) (any, *problem) {
	s, ok := lookUp(q.book.sessions, q.id)
	switch {
	case !ok:
		return nil, missing("checkout.session", q.id)
	case s.status != "open":
		return nil, bad("", "", "Only sessions that are open can be expired; this one is "+s.status+".")
	}
	q.server.end(q.book, s)
	return q.book.session(s, q.expand), nil
}

// end closes a session that nobody paid; a payment that was begun ends with it.
func (s *Server) end(b *book, v *session) {
	v.status, v.url = "expired", ""
	if v.intent != nil {
		v.intent.status, v.intent.canceled, v.intent.reason = "canceled", s.now(), "automatic"
	}
	s.tell(b, "checkout.session.expired", b.session(v, nil))
}

// due has happen what the time brings.
func (s *Server) due() {
	now := s.now()
	for _, b := range s.books {
		for _, v := range b.sessions {
			if v.status == "open" && v.expires <= now {
				s.end(b, v)
			}
			if v.plan != nil && v.plan.at <= now {
				done := v.plan.succeed
				v.plan = nil
				s.settle(b, v, done)
			}
		}
		for _, r := range b.refunds {
			if r.status == "pending" && r.made+30 <= now {
				r.status = "succeeded"
				s.tell(b, "refund.updated", b.refund(r, nil))
			}
		}
	}
}

func (b *book) session(s *session, expand []string) map[string]any {
	var pi any
	if s.intent != nil {
		pi = part(s.intent.id, "payment_intent", expand, func(e []string) any { return b.intent(s.intent, e) })
	}
	var page any
	if s.url != "" && s.status == "open" {
		page = s.url
	}
	options := map[string]any{}
	if s.secure {
		options["card"] = map[string]any{"request_three_d_secure": "challenge"}
	}
	return map[string]any{"id": s.id, "object": "checkout.session", "adaptive_pricing": map[string]any{"enabled": false},
		"amount_subtotal": s.amount, "amount_total": s.amount, "cancel_url": s.cancel, "client_reference_id": s.reference, "created": s.made,
		"currency": s.currency, "customer": nil, "customer_details": nil, "expires_at": s.expires, "livemode": b.live, "locale": s.locale,
		"metadata": s.meta, "mode": "payment", "payment_intent": pi, "payment_method_options": options, "payment_method_types": s.methods,
		"payment_status": s.paid, "status": s.status, "submit_type": "pay", "success_url": s.success,
		"total_details": map[string]any{"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0}, "url": page}
}

// part is a name, or what it names if that was asked for.
func part(id, field string, expand []string, full func(expand []string) any) any {
	if !slices.ContainsFunc(expand, func(e string) bool { return e == field || strings.HasPrefix(e, field+".") }) {
		return id
	}
	return full(below(field, expand))
}

// below are the expansions inside a field.
func below(field string, expand []string) (inside []string) {
	for _, e := range expand {
		if rest, ok := strings.CutPrefix(e, field+"."); ok {
			inside = append(inside, rest)
		}
	}
	return inside
}

// Sessions is how many an account has, as the witness of tests.
func (s *Server) Sessions(account string, live bool) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.books[bookName(account, live)].sessions)
}
