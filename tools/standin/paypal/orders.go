package paypal

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// cash is an amount in the smallest unit of its currency.
type cash struct {
	n        int64
	currency string
}

type amount struct {
	Currency string `json:"currency_code"`
	Value    string `json:"value"`
}

var valueForm = regexp.MustCompile(`^[0-9]{1,12}(\.[0-9]{1,2})?$`)

// digits are the decimals that PayPal takes of a currency.
func digits(currency string) (int, bool) {
	switch currency {
	case "HUF", "JPY", "TWD":
		return 0, true
	case "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "ILS", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN",
		"SEK", "SGD", "THB", "USD":
		return 2, true
	}
	return 0, false
}

func (a amount) read() (c cash, issue string) {
	d, known := digits(a.Currency)
	whole, frac, _ := strings.Cut(a.Value, ".")
	switch {
	case !known:
		return c, "INVALID_CURRENCY_CODE"
	case !valueForm.MatchString(a.Value):
		return c, "CANNOT_BE_ZERO_OR_NEGATIVE"
	case len(frac) > d:
		return c, "DECIMAL_PRECISION"
	}
	n, err := strconv.ParseInt(whole+frac+strings.Repeat("0", d-len(frac)), 10, 64)
	if err != nil || n <= 0 {
		return c, "CANNOT_BE_ZERO_OR_NEGATIVE"
	}
	return cash{n, a.Currency}, ""
}

func (c cash) json() object {
	d, _ := digits(c.currency)
	n, sign := c.n, ""
	if n < 0 {
		n, sign = -n, "-"
	}
	s := strconv.FormatInt(n, 10)
	for len(s) <= d {
		s = "0" + s
	}
	if d > 0 {
		s = s[:len(s)-d] + "." + s[len(s)-d:]
	}
	return object{"currency_code": c.currency, "value": sign + s}
}

// order is what a shopper approves.
type order struct {
	id, intent, status        string
	app                       App
	sum                       cash
	custom, invoice           string
	returnURL, cancelURL      string
	created, changed, expires time.Time
	funding                   string
	hold                      *hold
	captures                  []*capture
	refunds                   []*refund
}

type hold struct {
	id, status    string
	created, ends time.Time
}

type capture struct {
	id, status string
	sum        cash
	fee        int64
	final      bool
	created    time.Time
}

type refund struct {
	id, status, custom string
	of                 *capture
	sum                cash
	created            time.Time
}

func (s *Server) create(c call) (int, any) {
	var in struct {
		Intent string `json:"intent"`
		Units  []struct {
			Amount  amount `json:"amount"`
			Custom  string `json:"custom_id"`
			Invoice string `json:"invoice_id"`
		} `json:"purchase_units"`
		Context struct {
			Return string `json:"return_url"`
			Cancel string `json:"cancel_url"`
		} `json:"application_context"`
	}
	if !c.read(&in) {
		return malformed("MALFORMED_REQUEST_JSON")
	}
	if in.Intent != "CAPTURE" && in.Intent != "AUTHORIZE" || len(in.Units) != 1 {
		return malformed("INVALID_PARAMETER_VALUE")
	}
	sum, issue := in.Units[0].Amount.read()
	if issue != "" {
		return unprocessable(issue)
	}
	now := s.now()
	o := &order{id: name(17), intent: in.Intent, status: "CREATED", app: c.app, sum: sum, custom: in.Units[0].Custom,
		invoice: in.Units[0].Invoice, returnURL: in.Context.Return, cancelURL: in.Context.Cancel, created: now, changed: now,
		expires: now.Add(3 * time.Hour)}
	s.orders[o.id] = o
	return 201, s.describe(o)
}

// order finds an order of the app that PayPal still knows: one that led to no money is forgotten after some hours.
func (s *Server) order(c call) *order {
	o := s.orders[c.id]
	if o == nil || o.app.Merchant != c.app.Merchant || o.status != "COMPLETED" && s.now().After(o.expires) {
		return nil
	}
	return o
}

func (s *Server) show(c call) (int, any) {
	o := s.order(c)
	if o == nil {
		return missing()
	}
	return 200, s.describe(o)
}

func (s *Server) describe(o *order) object {
	unit := object{"reference_id": "default", "amount": o.sum.json(),
		"payee": object{"merchant_id": o.app.Merchant, "email_address": o.app.Email}}
	put(unit, "custom_id", o.custom)
	put(unit, "invoice_id", o.invoice)
	if p := s.payments(o); len(p) > 0 {
		unit["payments"] = p
	}
	self := s.o.Base + "/v2/checkout/orders/" + o.id
	links := []object{{"href": self, "rel": "self", "method": "GET"}}
	switch o.status {
	case "CREATED":
		links = append(links, object{"href": s.o.Page + "/checkoutnow?token=" + o.id, "rel": "approve", "method": "GET"},
			object{"href": self, "rel": "update", "method": "PATCH"}, object{"href": self + "/" + verb(o.intent), "rel": verb(o.intent), "method": "POST"})
	case "APPROVED":
		links = append(links, object{"href": self, "rel": "update", "method": "PATCH"},
			object{"href": self + "/" + verb(o.intent), "rel": verb(o.intent), "method": "POST"})
	}
	d := object{"id": o.id, "intent": o.intent, "status": o.status, "purchase_units": []object{unit}, "links": links,
		"create_time": stamp(o.created), "update_time": stamp(o.changed)}
	if o.status == "APPROVED" || o.status == "COMPLETED" {
		d["payer"] = object{"payer_id": "QYR5Z8XDVJNXQ", "email_address": "buyer@example.com",
			"name": object{"given_name": "Bella", "surname": "Buyer"}, "address": object{"country_code": "AT"}}
		d["payment_source"] = object{"paypal": object{"email_address": "buyer@example.com", "account_id": "QYR5Z8XDVJNXQ",
			"account_status": "VERIFIED", "name": object{"given_name": "Bella", "surname": "Buyer"}, "address": object{"country_code": "AT"}}}
	}
	return d
}

func put(o object, key, value string) {
	if value != "" {
		o[key] = value
	}
}

func verb(intent string) string { return strings.ToLower(intent) }

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func (s *Server) payments(o *order) object {
	p := object{}
	if o.hold != nil {
		p["authorizations"] = []object{s.describeHold(o)}
	}
	for _, c := range o.captures {
		p["captures"] = append(list(p["captures"]), s.describeCapture(o, c))
	}
	for _, r := range o.refunds {
		p["refunds"] = append(list(p["refunds"]), s.describeRefund(o, r))
	}
	return p
}

func list(v any) []object { l, _ := v.([]object); return l }

func (s *Server) describeHold(o *order) object {
	h := object{"id": o.hold.id, "status": o.hold.status, "amount": o.sum.json(), "create_time": stamp(o.hold.created),
		"update_time": stamp(o.hold.created), "expiration_time": stamp(o.hold.ends), "links": s.self("authorizations", o.hold.id)}
	put(h, "custom_id", o.custom)
	put(h, "invoice_id", o.invoice)
	return h
}

func (s *Server) self(kind, id string) []object {
	return []object{{"href": s.o.Base + "/v2/payments/" + kind + "/" + id, "rel": "self", "method": "GET"}}
}

func (s *Server) describeCapture(o *order, c *capture) object {
	d := object{"id": c.id, "status": c.status, "amount": c.sum.json(), "final_capture": c.final, "create_time": stamp(c.created),
		"update_time": stamp(c.created), "links": append(s.self("captures", c.id),
			object{"href": s.o.Base + "/v2/checkout/orders/" + o.id, "rel": "up", "method": "GET"})}
	put(d, "custom_id", o.custom)
	put(d, "invoice_id", o.invoice)
	if c.status == "PENDING" {
		d["status_details"] = object{"reason": "ECHECK"}
	} else if c.status != "DECLINED" {
		d["seller_receivable_breakdown"] = object{"gross_amount": c.sum.json(), "paypal_fee": cash{c.fee, c.sum.currency}.json(),
			"net_amount": cash{c.sum.n - c.fee, c.sum.currency}.json()}
	}
	return d
}

func (s *Server) describeRefund(o *order, r *refund) object {
	d := object{"id": r.id, "status": r.status, "amount": r.sum.json(), "create_time": stamp(r.created), "update_time": stamp(r.created),
		"seller_payable_breakdown": object{"gross_amount": r.sum.json(), "paypal_fee": cash{0, r.sum.currency}.json(),
			"net_amount": r.sum.json()},
		"links": append(s.self("refunds", r.id),
			object{"href": s.o.Base + "/v2/payments/captures/" + r.of.id, "rel": "up", "method": "GET"})}
	put(d, "custom_id", r.custom)
	put(d, "invoice_id", o.invoice)
	return d
}

type change struct {
	Op    string          `json:"op"`
	Path  string          `json:"path"`
	Value json.RawMessage `json:"value"`
}

// patch changes an order in all the asked ways or in none.
func (s *Server) patch(c call) (int, any) {
	o := s.order(c)
	var changes []change
	switch {
	case o == nil:
		return missing()
	case !c.read(&changes) || len(changes) == 0:
		return malformed("INVALID_PARAMETER_SYNTAX")
	case o.status == "COMPLETED":
		return unprocessable("ORDER_ALREADY_COMPLETED")
	case o.status != "CREATED" && o.status != "APPROVED":
		return unprocessable("NOT_PATCHABLE")
	}
	next := *o
	for _, p := range changes {
		var v string
		if json.Unmarshal(p.Value, &v) != nil || p.Op != "replace" {
			return unprocessable("UNSUPPORTED_PATCH_PARAMETER_VALUE")
		}
		switch p.Path {
		case "/intent":
			if v != "CAPTURE" && v != "AUTHORIZE" {
				return unprocessable("UNSUPPORTED_INTENT")
			}
			next.intent = v
		case "/purchase_units/@reference_id=='default'/custom_id":
			next.custom = v
		default:
			return unprocessable("NOT_PATCHABLE")
		}
	}
	next.changed = s.now()
	*o = next
	return http.StatusNoContent, nil
}
