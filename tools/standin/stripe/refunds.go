package stripe

func createRefund(q *request) (any, *problem) {
	i, ok := q.book.intents[q.form["payment_intent"]]
	if !ok {
		return nil, missing("payment_intent", q.form["payment_intent"])
	}
	c := i.latest
	if c == nil || i.status != "succeeded" {
		return nil, bad("payment_intent_unexpected_state", "", "This payment holds no money; it is "+i.status+".")
	}
	left := c.amount - c.refunded
	amount, p := q.form.number("amount")
	switch {
	case p != nil:
		return nil, p
	case c.disputed:
		return nil, bad("charge_disputed", "", "This payment is disputed.")
	case left == 0:
		return nil, bad("charge_already_refunded", "", "Nothing is left.")
	case q.form["amount"] == "":
		amount = left
	case amount <= 0:
		return nil, bad("parameter_invalid_integer", "amount", "Too little.")
	case amount > left:
		return nil, bad("", "amount", "The refund is greater than what is left.")
	}
	return q.book.refund(q.server.giveBack(q.book, c, amount, q.form.metadata("metadata")), q.expand), nil
}

func (s *Server) giveBack(b *book, c *charge, amount int64, meta map[string]string) *refund {
	r := &refund{id: "re_" + random(12), status: "succeeded", made: s.now(), amount: amount, charge: c, meta: meta}
	if c.method != "card" {
		r.status = "pending"
	}
	r.line = s.enter(b, &line{kind: "refund", category: "refund", currency: c.currency, amount: -amount, source: r, text: "REFUND"})
	c.refunds, c.refunded = append(c.refunds, r), c.refunded+amount
	b.refunds = append(b.refunds, r)
	s.tell(b, "refund.created", b.refund(r, nil))
	s.tell(b, "charge.refunded", b.charge(c, nil))
	return r
}

// DeskRefund gives money of a paid session back as somebody does at Stripe's own desk.
func (s *Server) DeskRefund(session string, amount int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.books {
		if v, ok := lookUp(b.sessions, session); ok && v.intent != nil && v.intent.status == "succeeded" {
			s.giveBack(b, v.intent.latest, amount, map[string]string{})
		}
	}
}

// Sums are what an account captured and gave back, as the witness of tests.
func (s *Server) Sums(account string, live bool) (captured, refunded int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.books[bookName(account, live)].lines {
		switch l.kind {
		case "charge":
			captured += l.amount
		case "refund":
			refunded -= l.amount
		}
	}
	return captured, refunded
}

func listRefunds(q *request) (any, *problem) {
	page, more, p := pageOf(q, q.book.refunds, func(r *refund) bool {
		return (q.form["payment_intent"] == "" || r.charge.intent.id == q.form["payment_intent"]) && (q.form["charge"] == "" || r.charge.id == q.form["charge"])
	})
	var data []any
	for _, r := range page {
		data = append(data, q.book.refund(r, below("data", q.expand)))
	}
	return asList("/v1/refunds", data, more), p
}

func cancelRefund(q *request) (any, *problem) {
	if _, ok := lookUp(q.book.refunds, q.id); !ok {
		return nil, missing("refund", q.id)
	}
	return nil, bad("", "", "This refund cannot be cancelled.")
}

func (b *book) refund(r *refund, expand []string) map[string]any {
	var l any
	if r.line != nil {
		l = part(r.line.id, "balance_transaction", expand, func(e []string) any { return b.line(r.line, e) })
	}
	return map[string]any{"id": r.id, "object": "refund", "amount": r.amount, "balance_transaction": l, "charge": r.charge.id, "created": r.made,
		"currency": r.charge.currency, "metadata": r.meta, "payment_intent": r.charge.intent.id, "reason": nil, "receipt_number": nil,
		"status": r.status}
}
