package paypal

import (
	"strconv"
	"time"
)

// line is one movement of a merchant's balance.
type line struct {
	code, id, above, custom, invoice string
	sum                              cash
	fee                              int64 // below zero
	at                               time.Time
	app                              App
}

func (s *Server) book(l line) {
	l.at = s.now()
	s.lines = append(s.lines, l)
}

// PayOut sends what a merchant has to her bank.
func (s *Server) PayOut(merchant string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.due()
	sums, app := map[string]int64{}, App{}
	for _, l := range s.lines {
		if l.app.Merchant == merchant {
			sums[l.sum.currency] += l.sum.n + l.fee
			app = l.app
		}
	}
	for currency, n := range sums {
		if n > 0 {
			s.book(line{code: "T0400", id: name(17), sum: cash{-n, currency}, app: app})
		}
	}
}

// report is the transaction search. Its shape is not among PayPal's published descriptions that the tests have.
func (s *Server) report(c call) (int, any) {
	q := c.r.URL.Query()
	from, ferr := time.Parse(time.RFC3339, q.Get("start_date"))
	to, terr := time.Parse(time.RFC3339, q.Get("end_date"))
	size, serr := strconv.Atoi(q.Get("page_size"))
	page, perr := strconv.Atoi(q.Get("page"))
	if ferr != nil || terr != nil || serr != nil || perr != nil || to.Before(from) || to.Sub(from) > 31*24*time.Hour || size < 1 || size > 500 || page < 1 {
		return malformed("INVALID_PARAMETER_VALUE")
	}
	var found []line
	for _, l := range s.lines {
		if l.app.Merchant == c.app.Merchant && !l.at.Before(from) && !l.at.After(to) {
			found = append(found, l)
		}
	}
	pages := (len(found) + size - 1) / size
	all := []object{}
	for _, l := range found[min((page-1)*size, len(found)):min(page*size, len(found))] {
		all = append(all, object{"transaction_info": l.json()})
	}
	return 200, object{"transaction_details": all, "account_number": c.app.Merchant, "start_date": reported(from), "end_date": reported(to),
		"last_refreshed_datetime": reported(s.now()), "page": page, "total_items": len(found), "total_pages": pages}
}

func reported(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05-0700") }

func (l line) json() object {
	o := object{"transaction_id": l.id, "transaction_event_code": l.code, "transaction_initiation_date": reported(l.at),
		"transaction_updated_date": reported(l.at), "transaction_amount": l.sum.json(), "transaction_status": "S"}
	if l.fee != 0 {
		o["fee_amount"] = cash{l.fee, l.sum.currency}.json()
	}
	put(o, "custom_field", l.custom)
	put(o, "invoice_id", l.invoice)
	if l.above != "" {
		o["paypal_reference_id"], o["paypal_reference_id_type"] = l.above, "TXN"
	}
	return o
}
