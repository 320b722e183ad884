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
	r := &refund{id: "re_" + random(12), status: "succeeded", made: q.server.now(), amount: amount, charge: c, meta: q.form.metadata("metadata")}
	if c.method != "card" {
		r.status = "pending"
	}
	r.line = q.server.enter(q.book, &line{kind: "refund", category: "refund", currency: c.currency, amount: -amount, source: r, text: "REFUND"})
	c.refunds, c.refunded = append(c.refunds, r), c.refunded+amount
	q.book.refunds = append(q.book.refunds, r)
	q.server.tell(q.book, "refund.created", q.book.refund(r, nil))
	q.server.tell(q.book, "charge.refunded", q.book.charge(c, nil))
	return q.book.refund(r, q.expand), nil
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
