package stripe

// PayOut pays out what every account holds, as Stripe does by itself.
func (s *Server) PayOut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.books {
		sums := map[string]int64{}
		for _, l := range b.lines[b.paidOut:] {
			sums[l.currency] += l.amount - l.fee
		}
		for currency, sum := range sums {
			if sum <= 0 {
				continue
			}
			p := &payout{id: "po_" + random(12), made: s.now(), amount: sum, currency: currency}
			p.line = s.enter(b, &line{kind: "payout", category: "payout", currency: currency, amount: -sum, source: p, text: "PAYOUT"})
			b.payouts = append(b.payouts, p)
		}
		b.paidOut = len(b.lines)
	}
}

// Fee takes a fee that belongs to no payment.
func (s *Server) Fee(account string, live bool, currency string, amount int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.enter(s.books[bookName(account, live)], &line{kind: "stripe_fee", category: "fee", currency: currency, amount: -amount, text: "Radar"})
}

func getBalance(q *request) (any, *problem) {
	sums := map[string]int64{}
	for _, l := range q.book.lines {
		sums[l.currency] += l.amount - l.fee
	}
	available := []any{}
	for c, n := range sums {
		available = append(available, map[string]any{"amount": n, "currency": c, "source_types": map[string]any{"card": n}})
	}
	return map[string]any{"object": "balance", "available": available, "pending": []any{}, "livemode": q.book.live}, nil
}

func getAccount(q *request) (any, *problem) {
	a := q.book.account
	return map[string]any{"id": a.ID, "object": "account", "business_profile": map[string]any{"name": a.Name}, "country": "AT", "charges_enabled": true,
		"default_currency": "eur", "settings": map[string]any{"dashboard": map[string]any{"display_name": a.Name}}, "type": "standard"}, nil
}

func listLines(q *request) (any, *problem) {
	page, more, p := pageOf(q, q.book.lines, func(l *line) bool {
		return (q.form["type"] == "" || l.kind == q.form["type"]) && (q.form["currency"] == "" || l.currency == q.form["currency"])
	})
	var data []any
	for _, l := range page {
		data = append(data, q.book.line(l, below("data", q.expand)))
	}
	return asList("/v1/balance_transactions", data, more), p
}

func (b *book) line(l *line, expand []string) map[string]any {
	var source any
	if l.source != nil {
		source = part(l.source.name(), "source", expand, func(e []string) any { return b.any(l.source, e) })
	}
	details := []any{}
	if l.fee != 0 {
		details = append(details, map[string]any{"amount": l.fee, "application": nil, "currency": l.currency, "description": "Processing fees", "type": "stripe_fee"})
	}
	return map[string]any{"id": l.id, "object": "balance_transaction", "amount": l.amount, "available_on": l.made + 2*24*3600, "created": l.made,
		"currency": l.currency, "description": l.text, "exchange_rate": nil, "fee": l.fee, "fee_details": details, "net": l.amount - l.fee,
		"reporting_category": l.category, "source": source, "status": "available", "type": l.kind}
}

// any renders what a line is about.
func (b *book) any(v item, expand []string) any {
	switch v := v.(type) {
	case *charge:
		return b.charge(v, expand)
	case *refund:
		return b.refund(v, expand)
	case *dispute:
		return b.dispute(v)
	case *payout:
		return map[string]any{"id": v.id, "object": "payout", "amount": v.amount, "arrival_date": v.made, "automatic": true,
			"balance_transaction": v.line.id, "created": v.made, "currency": v.currency, "livemode": b.live, "metadata": map[string]string{},
			"method": "standard", "status": "paid", "type": "bank_account"}
	}
	return nil
}
