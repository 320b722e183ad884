package stripe

func getIntent(q *request) (any, *problem) {
	i, ok := q.book.intents[q.id]
	if !ok {
		return nil, missing("payment_intent", q.id)
	}
	return q.book.intent(i, q.expand), nil
}

func unexpected(i *intent) *problem {
	return bad("payment_intent_unexpected_state", "", "This payment is "+i.status+".")
}

func captureIntent(q *request) (any, *problem) {
	i, ok := q.book.intents[q.id]
	if !ok {
		return nil, missing("payment_intent", q.id)
	}
	if i.status != "requires_capture" {
		return nil, unexpected(i)
	}
	amount, p := q.form.number("amount_to_capture")
	switch {
	case p != nil:
		return nil, p
	case q.form["amount_to_capture"] == "":
		amount = i.capturable
	case amount <= 0:
		return nil, bad("parameter_invalid_integer", "amount_to_capture", "Too little.")
	case amount > i.capturable:
		return nil, bad("amount_too_large", "amount_to_capture", "More than is held.")
	}
	q.server.capture(q.book, i, amount)
	return q.book.intent(i, q.expand), nil
}

// capture moves money. What was held beyond it is let go, and stands among the refunds without a line of the balance.
func (s *Server) capture(b *book, i *intent, amount int64) {
	c := i.latest
	c.captured, i.received, i.capturable, i.status = amount, amount, 0, "succeeded"
	if rest := c.amount - amount; rest > 0 {
		s.release(b, c, rest)
	}
	c.line = s.enter(b, &line{kind: "charge", category: "charge", currency: c.currency, amount: amount, fee: feeOf(amount), source: c, text: c.description})
	if i.session != nil {
		i.session.paid = "paid"
	}
	s.tell(b, "charge.captured", b.charge(c, nil))
	s.tell(b, "payment_intent.succeeded", b.intent(i, nil))
}

func (s *Server) release(b *book, c *charge, amount int64) {
	r := &refund{id: "re_" + random(12), status: "succeeded", made: s.now(), amount: amount, charge: c, meta: map[string]string{}}
	c.refunds, c.refunded = append(c.refunds, r), c.refunded+amount
	b.refunds = append(b.refunds, r)
	s.tell(b, "charge.refunded", b.charge(c, nil))
}

func cancelIntent(q *request) (any, *problem) {
	i, ok := q.book.intents[q.id]
	if !ok {
		return nil, missing("payment_intent", q.id)
	}
	switch i.status {
	case "succeeded", "canceled", "processing":
		return nil, unexpected(i)
	}
	q.server.letGo(q.book, i, q.form["cancellation_reason"])
	return q.book.intent(i, q.expand), nil
}

func (s *Server) letGo(b *book, i *intent, reason string) {
	held := i.status == "requires_capture"
	i.status, i.capturable, i.canceled, i.reason = "canceled", 0, s.now(), reason
	if held {
		s.release(b, i.latest, i.latest.amount)
	}
	s.tell(b, "payment_intent.canceled", b.intent(i, nil))
}

func (b *book) intent(i *intent, expand []string) map[string]any {
	var latest, failed, canceled, reason any
	if i.latest != nil {
		latest = part(i.latest.id, "latest_charge", expand, func(e []string) any { return b.charge(i.latest, e) })
	}
	if i.failed != nil {
		failed = map[string]any{"type": "card_error", "code": "card_declined", "decline_code": "generic_decline", "charge": i.failed.id,
			"message": "The card was declined."}
	}
	if i.canceled > 0 {
		canceled, reason = i.canceled, nil
		if i.reason != "" {
			reason = i.reason
		}
	}
	method := "automatic"
	if i.manual {
		method = "manual"
	}
	return map[string]any{"id": i.id, "object": "payment_intent", "amount": i.amount, "amount_capturable": i.capturable,
		"amount_received": i.received, "canceled_at": canceled, "cancellation_reason": reason, "capture_method": method,
		"confirmation_method": "automatic", "created": i.made, "currency": i.currency, "description": i.description,
		"last_payment_error": failed, "latest_charge": latest, "livemode": b.live, "metadata": i.meta,
		"payment_method_types": []string{i.method}, "status": i.status}
}

func listCharges(q *request) (any, *problem) {
	page, more, p := pageOf(q, q.book.charges, func(c *charge) bool {
		return q.form["payment_intent"] == "" || c.intent.id == q.form["payment_intent"]
	})
	var data []any
	for _, c := range page {
		data = append(data, q.book.charge(c, below("data", q.expand)))
	}
	return asList("/v1/charges", data, more), p
}

func (b *book) charge(c *charge, expand []string) map[string]any {
	m := map[string]any{"id": c.id, "object": "charge", "amount": c.amount, "amount_captured": c.captured, "amount_refunded": c.refunded,
		"captured": c.captured > 0, "created": c.made, "currency": c.currency, "description": c.description, "disputed": c.disputed,
		"failure_code": nil, "failure_message": nil, "livemode": b.live, "metadata": c.meta, "paid": c.status == "succeeded",
		"payment_intent": c.intent.id, "payment_method_details": c.details(), "refunded": c.refunded == c.amount, "status": c.status,
		"balance_transaction": nil}
	if c.line != nil {
		m["balance_transaction"] = part(c.line.id, "balance_transaction", expand, func(e []string) any { return b.line(c.line, e) })
	}
	if c.status == "failed" {
		m["failure_code"], m["failure_message"] = "card_declined", "The card was declined."
	}
	for _, e := range expand {
		if e != "refunds" {
			continue
		}
		var data []any
		for n := len(c.refunds) - 1; n >= 0 && len(data) < 10; n-- {
			data = append(data, b.refund(c.refunds[n], nil))
		}
		m["refunds"] = asList("/v1/charges/"+c.id+"/refunds", data, len(c.refunds) > 10)
	}
	return m
}

func (c *charge) details() map[string]any {
	if c.method != "card" {
		return map[string]any{"type": c.method, c.method: map[string]any{}}
	}
	card := map[string]any{"brand": "visa", "country": c.country, "exp_month": 12, "exp_year": 2031, "funding": "credit", "last4": "4242",
		"checks":         map[string]any{"address_line1_check": nil, "address_postal_code_check": c.postcode, "cvc_check": "pass"},
		"three_d_secure": nil}
	if c.secured {
		card["three_d_secure"] = map[string]any{"result": "authenticated", "version": "2.2.0", "authentication_flow": "challenge"}
	}
	if c.intent != nil && c.intent.status == "requires_capture" {
		card["capture_before"] = c.made + 7*24*3600
	}
	return map[string]any{"type": "card", "card": card}
}
